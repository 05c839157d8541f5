//! The reference firmware, in its own process, on trains and pauses of which everything is known.
//!
//! The trains are closed forms: every wheel is the deflection bowl of a beam on an elastic foundation, as in
//! Zimmermann's formula, and a decaying blow where it meets a fault of the rail, some way behind the sensor.
#![allow(clippy::unwrap_used, clippy::cast_possible_wrap)] // helpers of tests, too, may panic
#[allow(dead_code)] // other tests use the rest
mod device_support;

use std::f64::consts::TAU;

use device_support::{config, reference, stamps};
use frogbench::device::{Session, SessionOptions, UplinkMessage};
use frogbench::pipeline::{Heartbeat, PassageReport, Uplink, decode};
use frogbench::score::displacement::quasi_static_pp_m;

const RATE_HZ: f64 = 4_000.0;
const G_M_S2: f64 = 9.806_65;
/// Where wheels meet the fault of the rail, m behind the sensor.
const FAULT_M: f64 = 0.4;

/// Wheels of a train of equal vehicles, m behind the first: two bogies of two axles each.
fn wheels(vehicles: u32, wheelbase_m: f64, inner_m: f64, coupling_m: f64) -> Vec<f64> {
    let length = 2.0 * wheelbase_m + inner_m + coupling_m;
    (0..vehicles)
        .flat_map(|i| {
            let front = f64::from(i) * length;
            let rear = front + wheelbase_m + inner_m;
            [front, front + wheelbase_m, rear, rear + wheelbase_m]
        })
        .collect()
}

struct Train {
    speed_m_s: f64,
    wheels_m: Vec<f64>,
    /// Blow of every wheel, m/s2.
    blow_m_s2: Vec<f64>,
    /// Depth of every wheel's bowl, m.
    depth_m: Vec<f64>,
}

/// When the first wheel stands over the sensor.
const FIRST_S: f64 = 4.0;

impl Train {
    fn new(speed_m_s: f64, wheels_m: Vec<f64>) -> Self {
        Self {
            speed_m_s,
            blow_m_s2: vec![40.0; wheels_m.len()],
            depth_m: vec![0.6e-3; wheels_m.len()],
            wheels_m,
        }
    }

    fn axle_times_s(&self) -> Vec<f64> {
        let times = self.wheels_m.iter().map(|x| FIRST_S + x / self.speed_m_s);
        times.collect()
    }

    fn seconds(&self) -> f64 {
        self.axle_times_s().last().unwrap() + 7.0
    }

    /// Sum over the wheels' bowls of a function of the distance to the sensor, in characteristic lengths.
    fn sum(&self, time_s: f64, bowl: impl Fn(f64) -> f64) -> f64 {
        let beta_1_m = 1.25;
        let at = |x: f64| beta_1_m * (self.speed_m_s * (time_s - FIRST_S) - x);
        let wheels = self.wheels_m.iter().zip(&self.depth_m);
        wheels.map(|(x, depth)| depth * bowl(at(*x).abs())).sum()
    }

    /// Up positive.
    fn displacement_m(&self) -> Vec<f64> {
        let bowl = |u: f64| -libm::exp(-u) * (libm::cos(u) + libm::sin(u));
        self.trace(|t| self.sum(t, bowl))
    }

    fn acceleration_m_s2(&self) -> Vec<f64> {
        let bowl = |u: f64| 2.0 * libm::exp(-u) * (libm::cos(u) - libm::sin(u));
        let scale = (1.25 * self.speed_m_s) * (1.25 * self.speed_m_s);
        let blows = self.axle_times_s();
        self.trace(|t| {
            let pairs = blows.iter().zip(&self.blow_m_s2);
            let blow: f64 = pairs
                .map(|(axle, size)| {
                    let after = t - axle - FAULT_M / self.speed_m_s;
                    if !(0.0..0.1).contains(&after) {
                        return 0.0;
                    }
                    size * libm::exp(-after / 0.006) * libm::sin(TAU * 250.0 * after)
                })
                .sum();
            scale * self.sum(t, bowl) + blow
        })
    }

    fn trace(&self, value: impl Fn(f64) -> f64) -> Vec<f64> {
        let samples = (self.seconds() * RATE_HZ) as usize;
        (0..samples).map(|i| value(i as f64 / RATE_HZ)).collect()
    }
}

/// Reproducible noise of some 4 mg, uniform.
fn noise(state: &mut u64) -> f64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5) * 0.14
}

/// Counts of a vertical acceleration with gravity, noise and an offset on all axes.
fn counts(vertical_m_s2: &[f64], offset_m_s2: f64, scale: f64, state: &mut u64) -> Vec<[i32; 3]> {
    let mut count = |value: f64| libm::round((value + offset_m_s2 + noise(state)) / scale) as i32;
    let samples = vertical_m_s2.iter();
    samples
        .map(|z| [count(0.1 * z), count(0.1 * z), count(G_M_S2 + z)])
        .collect()
}

/// A device that hears one stretch of signal after the other.
struct Listener {
    session: Session,
    state: u64,
    now_us: u64,
}

impl Listener {
    fn open() -> Self {
        let session = Session::open(&reference(), &config(16, 32), SessionOptions::default());
        Self {
            session: session.unwrap(),
            state: 7,
            now_us: config(16, 32).epoch_us,
        }
    }

    fn feed(&mut self, vertical_m_s2: &[f64], offset_m_s2: f64) -> Vec<Uplink> {
        let config = config(16, 32);
        let scale = config.scale_m_s2_per_lsb;
        let samples = counts(vertical_m_s2, offset_m_s2, scale, &mut self.state);
        let stamps = stamps(self.session.next_t0(), samples.len(), &config);
        self.now_us += (vertical_m_s2.len() as f64 / RATE_HZ * 1e6) as u64;
        read(&self.session.feed(&samples, &stamps).unwrap())
    }

    /// Hours in which nothing is sent; the device is told of them.
    fn pause(&mut self, hours: u64, temperature_cdeg: i16) {
        self.now_us += hours * 3_600_000_000;
        let next = self.session.next_t0().wrapping_add(1_000_000);
        let early = self
            .session
            .skip(next, self.now_us, temperature_cdeg, false);
        assert!(early.unwrap().is_empty());
    }

    fn heartbeat(&mut self) -> Heartbeat {
        let next = self.session.next_t0();
        let state = self.session.skip(next, self.now_us, 0, true).unwrap();
        let Some(Uplink::Heartbeat(beat)) = read(&state).pop() else {
            panic!("{state:?}")
        };
        beat
    }
}

fn read(messages: &[UplinkMessage]) -> Vec<Uplink> {
    let messages = messages.iter();
    messages.map(|m| decode(&m.bytes).unwrap()).collect()
}

/// The one passage among the uplinks of a train, with all its axles, s after the first.
fn report(train: &Train) -> (PassageReport, Vec<f64>) {
    let mut listener = Listener::open();
    listener.feed(&vec![0.0; 20_000], 0.0);
    let mut passages = Vec::new();
    for uplink in listener.feed(&train.acceleration_m_s2(), 0.0) {
        match uplink {
            Uplink::Passage(passage) => passages.push(passage),
            Uplink::Axles(more) => passages.last_mut().unwrap().axles.extend(more.axles),
            Uplink::Heartbeat(_) => {}
        }
    }
    let [passage] = &passages[..] else {
        panic!("{} passages", passages.len())
    };
    let times = passage.axles.iter().map(|axle| axle.time_s).collect();
    (passage.clone(), times)
}

/// Largest error of the axle times, m of travel, after their common shift is taken off; and the shift.
fn misplaced_m(times_s: &[f64], train: &Train) -> (f64, f64) {
    let pairs = times_s.iter().zip(&train.wheels_m);
    let errors: Vec<f64> = pairs.map(|(t, x)| t * train.speed_m_s - x).collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let worst = errors.iter().map(|e| (e - mean).abs()).fold(0.0, f64::max);
    (worst, mean)
}

fn coaches(speed_m_s: f64) -> Train {
    Train::new(speed_m_s, wheels(5, 2.56, 16.44, 4.84))
}

fn wagons(speed_m_s: f64) -> Train {
    Train::new(speed_m_s, wheels(9, 1.8, 8.4, 4.44))
}

/// Every axle in its place, and the speed within 3 %.
fn is_found(train: &Train) {
    let (passage, times) = report(train);
    let v = train.speed_m_s;
    assert_eq!(
        usize::from(passage.axle_count),
        train.wheels_m.len(),
        "{v} m/s"
    );
    let speed = passage.speed_m_s.unwrap();
    assert!((speed / v - 1.0).abs() < 0.03, "{speed} instead of {v} m/s");
    let (worst, _) = misplaced_m(&times, train);
    assert!(worst < 0.2, "{worst} m at {v} m/s");
}

#[test]
fn every_axle_is_found_in_its_place_and_the_pattern_tells_the_speed() {
    for train in [coaches(25.0), coaches(38.0), wagons(16.0), wagons(25.0)] {
        is_found(&train);
    }
}

/// Away from crossings and joints there are no blows, and bowls have to do.
#[test]
fn without_blows_the_bowls_have_to_do() {
    for mut train in [coaches(20.0), coaches(38.0), wagons(22.0)] {
        train.blow_m_s2.fill(0.0);
        is_found(&train);
    }
}

/// A round wheel on a smooth rail hardly strikes: its bowl still shows it.
#[test]
fn a_wheel_that_does_not_strike_is_found_by_its_bowl() {
    let mut train = coaches(33.0);
    train.blow_m_s2[6] = 0.0;
    train.blow_m_s2[19] = 0.0;
    let (passage, _) = report(&train);
    assert_eq!(usize::from(passage.axle_count), train.wheels_m.len());
}

/// Empty wagons weigh a quarter of loaded ones; of one wheel there is the blow alone.
#[test]
fn light_axles_behind_heavy_ones_are_counted() {
    for speed_m_s in [22.5, 24.3, 25.2, 27.5] {
        let mut train = wagons(speed_m_s);
        let first_empty = 6 * 4;
        for depth in &mut train.depth_m[first_empty..] {
            *depth *= 0.25;
        }
        for blow in &mut train.blow_m_s2[first_empty..] {
            *blow *= 0.5;
        }
        train.depth_m[first_empty + 6] *= 0.1;
        is_found(&train);
    }
}

#[test]
fn the_displacement_is_that_of_the_quasi_static_band() {
    for mut train in [coaches(20.0), coaches(38.0), wagons(25.0)] {
        let v = train.speed_m_s;
        train.blow_m_s2.fill(0.0); // their displacement is not in the closed form
        let (passage, _) = report(&train);
        let axles = train.axle_times_s();
        let want = quasi_static_pp_m(&train.displacement_m(), RATE_HZ, &axles, v).unwrap();
        let got = passage.displacement_pp_m;
        assert!(
            (got / want - 1.0).abs() < 0.08,
            "{:.3} instead of {:.3} mm at {v} m/s",
            got * 1e3,
            want * 1e3
        );
    }
}

/// Over a cold night the offset of a MEMS part moves by tens of mg. That is no vibration.
#[test]
fn an_offset_that_has_moved_during_a_pause_wakes_nothing_up() {
    let mut listener = Listener::open();
    let quiet = vec![0.0; 40_000];
    assert!(listener.feed(&quiet, 0.0).is_empty());
    assert_eq!(listener.heartbeat().wakeups, 0);
    for offset_m_s2 in [0.4, -0.1, 0.7] {
        listener.pause(6, -800);
        for uplink in listener.feed(&quiet, offset_m_s2) {
            // The hourly heartbeat is due after a pause.
            let Uplink::Heartbeat(beat) = uplink else {
                panic!("{uplink:?}")
            };
            assert_eq!(beat.wakeups, 0, "offset {offset_m_s2} m/s2");
        }
        let beat = listener.heartbeat();
        assert_eq!(beat.wakeups, 0, "offset {offset_m_s2} m/s2");
        let z = beat.mean_m_s2[2];
        assert!((z - G_M_S2 - offset_m_s2).abs() < 0.01, "{z}");
    }
    // And a train right after the pause is still found.
    listener.pause(6, 1500);
    let uplinks = listener.feed(&coaches(30.0).acceleration_m_s2(), 0.3);
    let axles: Vec<u16> = uplinks
        .iter()
        .filter_map(|uplink| match uplink {
            Uplink::Passage(passage) => Some(passage.axle_count),
            _ => None,
        })
        .collect();
    assert_eq!(axles, [20]);
}
