//! The wheel that runs over the modelled rail: profile, roughness, out-of-roundness, flat.

use std::f64::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Consist;
use crate::track::cosines::{WAVES, Wave, add_waves};
use crate::track::{
    ROUGHNESS_LONGEST_M, ROUGHNESS_SHORTEST_M, contact_filter, iso3095_level_db, level_to_rms_m,
};

/// A wheel flat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WheelFlat {
    /// Length L along the tread, m.
    pub length_m: f64,
    /// Whether its edges have been rolled round.
    pub worn: bool,
    /// Place on the tread, m from the wheel's zero mark.
    pub at_m: f64,
}

impl WheelFlat {
    /// Depth of the wheel centre's path, m: `L^2 / 8R` fresh, `L^2 / 16R` worn.
    pub fn depth_m(&self, radius_m: f64) -> f64 {
        let fresh = self.length_m * self.length_m / (8.0 * radius_m);
        if self.worn { 0.5 * fresh } else { fresh }
    }

    /// Drop of the wheel centre at distance `q_m` of travel from the middle of the flat, m,
    /// positive down.
    ///
    /// Fresh: the wheel pivots about one edge of the chord, then about the other,
    /// `(L/2 - |q|)^2 / 2R`: a cusp of angle L/R. Worn: `d/2 (1 - cos(2 pi q' / L))` with `q'` from
    /// its end.
    fn drop(&self, q_m: f64, radius_m: f64) -> f64 {
        let rest = 0.5 * self.length_m - q_m.abs();
        if rest <= 0.0 {
            return 0.0;
        }
        if self.worn {
            let depth = self.depth_m(radius_m);
            0.5 * depth * (1.0 - libm::cos(TAU * rest / self.length_m))
        } else {
            rest * rest / (2.0 * radius_m)
        }
    }
}

/// One harmonic of a wheel's radius deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harmonic {
    /// Periods per revolution, at least 1.
    pub order: u32,
    /// Amplitude, m.
    pub amplitude_m: f64,
    /// Phase at the zero mark, rad.
    pub phase_rad: f64,
}

/// One wheel.
#[derive(Debug, Clone, PartialEq)]
pub struct Wheel {
    /// Nominal radius, m.
    pub radius_m: f64,
    /// Effective conicity on the wing rail, dimensionless.
    pub conicity: f64,
    /// Deviation of the radius: out-of-roundness and roughness, positive where material is missing.
    pub harmonics: Vec<Harmonic>,
    /// Flat, if any.
    pub flat: Option<WheelFlat>,
    /// Place on the tread that touches the rail at track coordinate 0, m from the zero mark.
    pub start_m: f64,
}

/// State of the tread profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TreadState {
    New,
    Worn,
    Hollow,
}

/// What the wheels of a fleet are like.
///
/// Conicity: a bogie's wheelsets run the same distance between turnings, so most of the scatter is
/// common to the bogie. The state of the tread and a common part are drawn per bogie, the rest per
/// wheel, in such proportion that the impacts of a bogie's two axles at a crossing correlate as they were
/// measured to do (0.83-0.89). Roughness and out-of-roundness take their part of the scatter between the two: without
/// them the correlation is 0.04 higher (`tests/gates/facts.rs`). Out-of-roundness falls with the order as order^-1.5,
/// typical of turned wheels. **Shares and medians are textbook-typical assumptions.**
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WheelFleet {
    /// Share of bogies with new, and with hollow treads; the rest is worn.
    pub new_share: f64,
    /// Share of bogies with hollow treads.
    pub hollow_share: f64,
    /// Mean roughness level relative to the EN ISO 3095 rail limit, dB (disc-braked about 0,
    /// cast-iron tread brakes about +10).
    pub roughness_offset_db: f64,
    /// Standard deviation of the roughness level from wheel to wheel, dB.
    pub roughness_scatter_db: f64,
    /// Median amplitude of the first order (eccentricity), m.
    pub eccentricity_m: f64,
    /// Multiplies all roughness and out-of-roundness; 0 gives perfectly round wheels.
    pub deviation_factor: f64,
}

impl Default for WheelFleet {
    fn default() -> Self {
        Self {
            new_share: 0.37,
            hollow_share: 0.05,
            roughness_offset_db: 0.0,
            roughness_scatter_db: 3.0,
            eccentricity_m: 60e-6,
            deviation_factor: 1.0,
        }
    }
}

/// Standard deviation of ln(conicity): common to a bogie, and of each wheel by itself.
const CONICITY_LN_BOGIE: f64 = 0.18;
const CONICITY_LN_WHEEL: f64 = 0.105;
/// Limits of effective conicity.
const CONICITY_RANGE: (f64, f64) = (0.02, 0.30);
/// Highest order of out-of-roundness; roughness goes on from there.
const OUT_OF_ROUND_ORDERS: u32 = 20;
/// Scatter of ln(amplitude) of out-of-roundness per order.
const OUT_OF_ROUND_LN_SD: f64 = 0.5;
/// Points of a sampled revolution.
const REVOLUTION_POINTS: usize = 4096;

impl WheelFleet {
    /// Draws the wheels of a train, a pair for each axle from front to rear.
    pub fn draw(&self, consist: &Consist, rng: &mut ChaCha8Rng) -> Vec<[Wheel; 2]> {
        let mut wheels = Vec::new();
        for placed in &consist.vehicles {
            for bogie in &placed.vehicle.bogies {
                let state = self.draw_state(rng);
                let common: f64 = StandardNormal.sample(rng);
                for _ in &bogie.axles_m {
                    wheels.push(std::array::from_fn(|_| {
                        let own: f64 = StandardNormal.sample(rng);
                        let scatter = CONICITY_LN_BOGIE * common + CONICITY_LN_WHEEL * own;
                        let conicity = median_conicity(state) * libm::exp(scatter);
                        self.draw_wheel(placed.vehicle.wheel_radius_m, conicity, rng)
                    }));
                }
            }
        }
        wheels
    }

    /// Gives one wheelset of the train, drawn at random, a flat of `length_m` on both wheels: a wheelset slides as
    /// a whole, so both flats have the same length and strike together. Returns the axle, counted from 0 at the
    /// front. `None` for a train without wheels.
    pub fn add_flat(
        wheels: &mut [[Wheel; 2]],
        length_m: f64,
        worn: bool,
        rng: &mut ChaCha8Rng,
    ) -> Option<usize> {
        let axle = (rng.random::<f64>() * wheels.len() as f64) as usize;
        let pair = wheels.get_mut(axle)?;
        let turn: f64 = rng.random();
        for wheel in pair {
            wheel.flat = Some(WheelFlat {
                length_m,
                worn,
                at_m: wheel.start_m + wheel.circumference_m() * turn,
            });
        }
        Some(axle)
    }

    /// Gives one wheelset of the train, drawn at random, a polygon: `order` corners of `amplitude_m`, on both wheels in
    /// phase, as it is found on wheelsets. Returns the axle, counted from 0 at the front. `None` for a train without wheels.
    pub fn add_polygon(
        wheels: &mut [[Wheel; 2]],
        order: u32,
        amplitude_m: f64,
        rng: &mut ChaCha8Rng,
    ) -> Option<usize> {
        let axle = (rng.random::<f64>() * wheels.len() as f64) as usize;
        let pair = wheels.get_mut(axle)?;
        let turn = TAU * rng.random::<f64>();
        for wheel in pair {
            // The same phase relative to the rail, wherever the wheel's zero mark is.
            let start = f64::from(order) * wheel.start_m / wheel.radius_m;
            wheel.harmonics.push(Harmonic {
                order,
                amplitude_m,
                phase_rad: turn - start,
            });
        }
        Some(axle)
    }

    fn draw_state(&self, rng: &mut ChaCha8Rng) -> TreadState {
        let draw: f64 = rng.random();
        if draw < self.new_share {
            TreadState::New
        } else if draw < self.new_share + self.hollow_share {
            TreadState::Hollow
        } else {
            TreadState::Worn
        }
    }

    fn draw_wheel(&self, radius_m: f64, conicity: f64, rng: &mut ChaCha8Rng) -> Wheel {
        let circumference = TAU * radius_m;
        let deviate: f64 = StandardNormal.sample(rng);
        let offset_db = self.roughness_offset_db + self.roughness_scatter_db * deviate;
        let orders = (circumference / ROUGHNESS_SHORTEST_M) as u32;
        let mut harmonics = Vec::with_capacity(orders as usize);
        for order in 1..=orders {
            let wavelength = circumference / f64::from(order);
            let mut mean_square = 0.0;
            if order <= OUT_OF_ROUND_ORDERS {
                let deviate: f64 = StandardNormal.sample(rng);
                let n = f64::from(order);
                let amplitude =
                    self.eccentricity_m / (n * n.sqrt()) * libm::exp(OUT_OF_ROUND_LN_SD * deviate);
                mean_square += 0.5 * amplitude * amplitude;
            }
            if wavelength <= ROUGHNESS_LONGEST_M {
                mean_square += roughness_share(order, wavelength, offset_db);
            }
            let filter = contact_filter(TAU / wavelength);
            harmonics.push(Harmonic {
                order,
                amplitude_m: self.deviation_factor * filter * (2.0 * mean_square).sqrt(),
                phase_rad: TAU * rng.random::<f64>(),
            });
        }
        Wheel {
            radius_m,
            conicity: conicity.clamp(CONICITY_RANGE.0, CONICITY_RANGE.1),
            harmonics,
            flat: None,
            start_m: circumference * rng.random::<f64>(),
        }
    }
}

/// Median effective conicity of a tread state.
fn median_conicity(state: TreadState) -> f64 {
    match state {
        TreadState::New => 0.045,
        TreadState::Worn => 0.075,
        TreadState::Hollow => 0.13,
    }
}

/// Mean square that one order carries of the third octave around it, m2: the band holds
/// `n (2^(1/6) - 2^(-1/6))` orders, at least one.
fn roughness_share(order: u32, wavelength_m: f64, offset_db: f64) -> f64 {
    let rms = level_to_rms_m(iso3095_level_db(wavelength_m) + offset_db);
    let orders = f64::from(order) * 0.231_563_8;
    rms * rms / orders.max(1.0)
}

impl Wheel {
    /// A perfectly round wheel of the given radius and conicity.
    pub fn round(radius_m: f64, conicity: f64) -> Self {
        Self {
            radius_m,
            conicity,
            harmonics: Vec::new(),
            flat: None,
            start_m: 0.0,
        }
    }

    /// Circumference, m.
    pub fn circumference_m(&self) -> f64 {
        TAU * self.radius_m
    }

    /// The drop of the wheel over one revolution, ready to be looked up along the track.
    pub fn revolution(&self) -> Revolution {
        let mut drops = vec![0.0; REVOLUTION_POINTS + 1];
        let step = TAU / REVOLUTION_POINTS as f64;
        for harmonics in self.harmonics.chunks(WAVES) {
            let mut waves = [Wave::default(); WAVES];
            for (wave, harmonic) in waves.iter_mut().zip(harmonics) {
                let angle = step * f64::from(harmonic.order);
                *wave = Wave {
                    turn: 2.0 * libm::cos(angle),
                    now: harmonic.amplitude_m * libm::cos(harmonic.phase_rad),
                    next: harmonic.amplitude_m * libm::cos(harmonic.phase_rad + angle),
                };
            }
            add_waves(waves, &mut drops);
        }
        Revolution {
            drops,
            circumference_m: self.circumference_m(),
            start_m: self.start_m,
        }
    }

    /// Drop by the flat at `x_m` of track, m, for a wheel that turns with `sign` (+1 facing).
    pub fn flat_drop(&self, x_m: f64, sign: f64) -> f64 {
        self.flat.map_or(0.0, |flat| {
            let around = self.circumference_m();
            let from = self.start_m + sign * x_m - flat.at_m;
            let turns = (from / around).round();
            flat.drop(from - turns * around, self.radius_m)
        })
    }
}

/// One revolution of a wheel, sampled finely enough for roughness of 20 mm wavelength.
#[derive(Debug, Clone, PartialEq)]
pub struct Revolution {
    drops: Vec<f64>,
    circumference_m: f64,
    start_m: f64,
}

impl Revolution {
    /// Adds the wheel's drop to samples at `first_m + i * step_m` of track, for a wheel that turns
    /// with `sign` (+1 facing, -1 trailing).
    pub fn add_to(&self, first_m: f64, step_m: f64, sign: f64, heights: &mut [f64]) {
        let scale = REVOLUTION_POINTS as f64 / self.circumference_m;
        for (i, height) in heights.iter_mut().enumerate() {
            let x = first_m + i as f64 * step_m;
            let turns = (self.start_m + sign * x) / self.circumference_m;
            let place = (turns - turns.floor()) * self.circumference_m * scale;
            let index = (place as usize).min(REVOLUTION_POINTS - 1);
            let part = place - index as f64;
            if let (Some(a), Some(b)) = (self.drops.get(index), self.drops.get(index + 1)) {
                *height += a + part * (b - a);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::train::catalogue;

    fn wheels(seed: u64, fleet: &WheelFleet, coaches: usize) -> Vec<Wheel> {
        let train = catalogue::consist(&[format!("manchester-passenger x {coaches}")]).unwrap();
        let pairs = fleet.draw(&train, &mut stream(seed, 0, Purpose::Wheels, 0));
        pairs.into_iter().map(|[left, _]| left).collect()
    }

    /// Pearson correlation.
    fn correlation(pairs: &[(f64, f64)]) -> f64 {
        let n = pairs.len() as f64;
        let (ma, mb) = pairs
            .iter()
            .fold((0.0, 0.0), |m, p| (m.0 + p.0 / n, m.1 + p.1 / n));
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (a, b) in pairs {
            ab += (a - ma) * (b - mb);
            aa += (a - ma) * (a - ma);
            bb += (b - mb) * (b - mb);
        }
        ab / (aa * bb).sqrt()
    }

    /// Of treads in one state, bogies share `B^2 / (B^2 + W^2)` of the variance of ln(conicity).
    #[test]
    fn wheels_of_a_bogie_share_their_part_of_the_scatter() {
        let worn = WheelFleet {
            new_share: 0.0,
            hollow_share: 0.0,
            ..WheelFleet::default()
        };
        let mut pairs = Vec::new();
        for seed in 0..60 {
            let drawn = wheels(seed, &worn, 12);
            let logs: Vec<f64> = drawn.iter().map(|w| libm::log(w.conicity)).collect();
            pairs.extend(logs.chunks(2).map(|pair| (pair[0], pair[1])));
        }
        let (b2, w2) = (CONICITY_LN_BOGIE.powi(2), CONICITY_LN_WHEEL.powi(2));
        let (r, wanted) = (correlation(&pairs), b2 / (b2 + w2));
        assert!((r - wanted).abs() < 0.04, "{r} for {wanted}");
    }

    #[test]
    fn roughness_of_a_wheel_has_the_level_asked_for() {
        let fleet = WheelFleet {
            roughness_scatter_db: 0.0,
            eccentricity_m: 0.0,
            ..WheelFleet::default()
        };
        let wheel = &wheels(3, &fleet, 1)[0];
        for centre in [0.1, 0.063, 0.04, 0.025] {
            let (low, high) = (
                centre * libm::exp2(-1.0 / 6.0),
                centre * libm::exp2(1.0 / 6.0),
            );
            let mean_square: f64 = wheel
                .harmonics
                .iter()
                .filter(|h| (low..high).contains(&(wheel.circumference_m() / f64::from(h.order))))
                .map(|h| {
                    let k = f64::from(h.order) / wheel.radius_m;
                    let unfiltered = h.amplitude_m / contact_filter(k);
                    0.5 * unfiltered * unfiltered
                })
                .sum();
            let level = 10.0 * libm::log10(mean_square / 1e-12);
            assert!(
                (level - iso3095_level_db(centre)).abs() < 1.0,
                "{centre} m: {level} dB"
            );
        }
    }

    #[test]
    fn wheels_repeat_every_revolution_and_turn_with_the_train() {
        let wheel = &wheels(5, &WheelFleet::default(), 1)[0];
        let revolution = wheel.revolution();
        let around = wheel.circumference_m();
        let sample = |x: f64, sign: f64| {
            let mut one = [0.0];
            revolution.add_to(x, 1.0, sign, &mut one);
            one[0]
        };
        for i in 0..50 {
            let x = 0.31 * f64::from(i) - 4.0;
            let exact: f64 = wheel
                .harmonics
                .iter()
                .map(|h| {
                    let angle = f64::from(h.order) * (x + wheel.start_m) / wheel.radius_m;
                    h.amplitude_m * libm::cos(angle + h.phase_rad)
                })
                .sum();
            assert!(
                (sample(x, 1.0) - exact).abs() < 1e-7,
                "{x}: {} vs {exact}",
                sample(x, 1.0)
            );
            assert!((sample(x, 1.0) - sample(x + around, 1.0)).abs() < 1e-12);
            assert!((sample(x, 1.0) - sample(-x, -1.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn wheels_differ_and_are_reproducible() {
        let drawn = wheels(1, &WheelFleet::default(), 2);
        assert_eq!(drawn, wheels(1, &WheelFleet::default(), 2));
        assert_eq!(drawn.len(), 8);
        assert!(drawn.windows(2).all(|w| w[0].harmonics != w[1].harmonics));
        assert!(drawn.iter().all(|w| (0.02..=0.3).contains(&w.conicity)));
    }

    #[test]
    fn one_wheelset_of_a_train_gets_the_flat() {
        let train = catalogue::consist(&["manchester-passenger x 3".to_owned()]).unwrap();
        let mut drawn = WheelFleet::default().draw(&train, &mut stream(1, 0, Purpose::Wheels, 0));
        let mut rng = stream(9, 0, Purpose::Wheels, 1);
        let axle = WheelFleet::add_flat(&mut drawn, 0.04, false, &mut rng).unwrap();
        let has = |i: &usize| drawn[*i].iter().all(|wheel| wheel.flat.is_some());
        let flats: Vec<usize> = (0..12).filter(has).collect();
        assert_eq!(flats, [axle]);
        let count = drawn.iter().flatten().filter(|w| w.flat.is_some()).count();
        assert_eq!(count, 2);
        // Both strike at the same places.
        let [left, right] = &drawn[axle];
        let most = |sign: f64| {
            (0..40_000)
                .map(|i| 1e-4 * f64::from(i))
                .map(|x| left.flat_drop(x, sign) - right.flat_drop(x, sign))
                .fold(0.0, |m: f64, d| m.max(d.abs()))
        };
        assert!(most(1.0) < 1e-12 && most(-1.0) < 1e-12);
        assert_eq!(WheelFleet::add_flat(&mut [], 0.04, false, &mut rng), None);
    }

    #[test]
    fn a_polygon_rises_on_both_wheels_at_once() {
        let train = catalogue::consist(&["manchester-passenger".to_owned()]).unwrap();
        let fleet = WheelFleet {
            deviation_factor: 0.0,
            ..WheelFleet::default()
        };
        let mut drawn = fleet.draw(&train, &mut stream(1, 0, Purpose::Wheels, 0));
        let mut rng = stream(2, 0, Purpose::Wheels, 0);
        let axle = WheelFleet::add_polygon(&mut drawn, 20, 30e-6, &mut rng).unwrap();
        let trace = |wheel: &Wheel| {
            let mut heights = vec![0.0; 2000];
            wheel.revolution().add_to(0.0, 0.002, 1.0, &mut heights);
            heights
        };
        let [left, right] = &drawn[axle];
        let (a, b) = (trace(left), trace(right));
        assert!(a.iter().zip(&b).all(|(x, y)| (x - y).abs() < 1e-8));
        let most = a.iter().copied().fold(0.0, f64::max);
        assert!((most / 30e-6 - 1.0).abs() < 0.01, "{most}");
        // 20 corners on 2.89 m: one every 144.5 mm.
        let crossings = a.windows(2).filter(|w| w[0] <= 0.0 && w[1] > 0.0).count();
        assert!((27..=28).contains(&crossings), "{crossings}");
    }

    #[test]
    fn flats_have_their_depth_and_strike_once_per_revolution() {
        let mut wheel = Wheel::round(0.46, 0.05);
        wheel.flat = Some(WheelFlat {
            length_m: 0.05,
            worn: false,
            at_m: 0.4,
        });
        let fresh = 0.05 * 0.05 / (8.0 * 0.46);
        assert!((wheel.flat_drop(0.4, 1.0) - fresh).abs() < 1e-12);
        assert!((wheel.flat_drop(0.4 + wheel.circumference_m(), 1.0) - fresh).abs() < 1e-9);
        assert!((wheel.flat_drop(-0.4, -1.0) - fresh).abs() < 1e-12);
        assert!(wheel.flat_drop(0.43, 1.0).abs() < 1e-15);
        let cusp = (wheel.flat_drop(0.4, 1.0) - wheel.flat_drop(0.4 + 1e-7, 1.0)) / 1e-7;
        assert!(
            (2.0 * cusp - 0.05 / 0.46).abs() < 1e-5,
            "angle L/R at the cusp"
        );
        wheel.flat = Some(WheelFlat {
            length_m: 0.05,
            worn: true,
            at_m: 0.4,
        });
        assert!((wheel.flat_drop(0.4, 1.0) - fresh / 2.0).abs() < 1e-12);
    }
}
