//! Vibration of a bearer that no train causes.
//!
//! Levels and shapes are engineering choices with the reasons beside them, not measurements of one
//! site. Each kind must resemble what makes a train detector fail: footsteps are impulsive and
//! regular, hammer blows are as strong as wheels, a road vehicle swells and fades like a train.

use super::lateral::HorizontalTransfer;
use crate::biquad::Biquad;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::PI;

/// What disturbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisturbanceKind {
    /// Maintenance workers walking past along the track.
    Footsteps,
    /// A hand-held tamping hammer (vibrating tool with a pneumatic or petrol drive) at work nearby.
    TampingHammer,
    /// A heavy road vehicle on a parallel road or a level crossing.
    RoadVehicle,
}

/// One disturbance within a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disturbance {
    /// What disturbs.
    pub kind: DisturbanceKind,
    /// Beginning after the window's start, s.
    pub at_s: f64,
    /// Length, s.
    pub duration_s: f64,
    /// Largest vertical acceleration of the bearer, m/s2.
    pub peak_m_s2: f64,
}

/// Vibration of the ground at a quiet site: three independent axes (x, y, z), m/s2.
///
/// Noise between 5 and 100 Hz (traffic, machines and wind far away; ballast and bearer carry little
/// above) with an RMS of `rms_m_s2` on z and 0.7 of it on x and y. 1e-3 to 5e-3 m/s2 is a quiet
/// track side near a road; below, a MEMS sensor hears only itself.
pub fn ground_vibration(
    samples: usize,
    rate_hz: f64,
    rms_m_s2: f64,
    rng: &mut ChaCha8Rng,
) -> [Vec<f64>; 3] {
    [0.7, 0.7, 1.0].map(|share| {
        let raw = band_noise(samples, rate_hz, [5.0, 100.0], rng);
        scaled(raw, rms_m_s2 * share, rms)
    })
}

impl Disturbance {
    /// Add this disturbance to a bearer's motion (x, y, z in m/s2, without gravity).
    ///
    /// What lies outside the window is cut off. Horizontal parts follow from the vertical one by
    /// [`HorizontalTransfer`], twice as strong as under trains: these sources also push sideways.
    pub fn add_to(&self, motion: &mut [Vec<f64>; 3], rate_hz: f64, rng: &mut ChaCha8Rng) {
        let sound = [self.at_s, self.duration_s, self.peak_m_s2]
            .iter()
            .all(|v| v.is_finite());
        let window = motion.iter().map(Vec::len).min().unwrap_or(0);
        let first = if sound {
            (self.at_s.max(0.0) * rate_hz) as usize
        } else {
            window
        };
        let length = (self.duration_s.max(0.0) * rate_hz) as usize;
        // Drawn in full even where the window cuts it, but never longer than the window.
        let samples = length.min(window);
        if first >= window || samples == 0 {
            return;
        }
        let vertical = match self.kind {
            DisturbanceKind::Footsteps => footsteps(samples, rate_hz, rng),
            DisturbanceKind::TampingHammer => hammer(samples, rate_hz, rng),
            DisturbanceKind::RoadVehicle => road_vehicle(samples, rate_hz, rng),
        };
        let vertical = scaled(vertical, self.peak_m_s2, peak);
        let x = HorizontalTransfer::LONGITUDINAL.apply(&vertical, rate_hz);
        let y = HorizontalTransfer::LATERAL.apply(&vertical, rate_hz);
        for (axis, (part, gain)) in motion.iter_mut().zip([(x, 2.0), (y, 2.0), (vertical, 1.0)]) {
            for (to, from) in axis[first..].iter_mut().zip(part) {
                *to += gain * from;
            }
        }
    }
}

/// Two workers, about 1.8 steps per second each (ordinary walking), each step a heel strike and a
/// weaker push-off 0.25 s to 0.35 s later, so the familiar double peak. A blow rings in the band of a bearer
/// in its bed (10-40 Hz, with a short click above from stones). The amplitude falls with distance
/// as 1/(1 + d/3 m) while they walk past at 1.2 m/s, nearest in the middle.
fn footsteps(samples: usize, rate_hz: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let duration = samples as f64 / rate_hz;
    let mut out = vec![0.0; samples];
    for worker in 0..2 {
        let pace = 1.8 * (1.0 + 0.05 * normal(rng));
        let beside_m = 0.5 + rng.random::<f64>();
        let lead_s = 1.5 * f64::from(worker) + 0.3 * rng.random::<f64>();
        let mut t = lead_s.min(0.2 * duration);
        while t < duration {
            let along_m = 1.2 * (t - lead_s - 0.5 * duration);
            let distance = (along_m * along_m + beside_m * beside_m).sqrt();
            let strength = (1.0 + 0.2 * normal(rng)).max(0.2) / (1.0 + distance / 3.0);
            let ring = 10.0 + 30.0 * rng.random::<f64>();
            blow(&mut out, rate_hz, t, strength, ring);
            blow(&mut out, rate_hz, t + 0.002, 0.3 * strength, 180.0);
            let push_off = t + 0.25 + 0.1 * rng.random::<f64>();
            blow(&mut out, rate_hz, push_off, 0.6 * strength, ring);
            t += (1.0 + 0.04 * normal(rng)).max(0.5) / pace;
        }
    }
    out
}

/// Blows at about 27 per second (hand-held tampers strike 1500 to 1700 times a minute), in bursts of
/// 3 to 6 s per sleeper side with pauses to step on; each blow excites 60-250 Hz.
fn hammer(samples: usize, rate_hz: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let duration = samples as f64 / rate_hz;
    let mut out = vec![0.0; samples];
    let mut t = 0.0;
    while t < duration {
        let end = t + 3.0 + 3.0 * rng.random::<f64>();
        let near = 0.4 + 0.6 * rng.random::<f64>();
        let rate = 27.0 * (1.0 + 0.03 * normal(rng));
        while t < end.min(duration) {
            let strength = near * (1.0 + 0.15 * normal(rng)).max(0.3);
            blow(
                &mut out,
                rate_hz,
                t,
                strength,
                60.0 + 190.0 * rng.random::<f64>(),
            );
            t += (1.0 + 0.02 * normal(rng)).max(0.5) / rate;
        }
        t = t.max(end) + 1.0 + 2.0 * rng.random::<f64>();
    }
    out
}

/// Ground-borne noise of a lorry: 8-16 Hz (wheel hop on an uneven road) over a weaker floor to 60 Hz,
/// swelling and fading as it passes (bell over the duration). No single axles can be told apart.
fn road_vehicle(samples: usize, rate_hz: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let hop = scaled(band_noise(samples, rate_hz, [8.0, 16.0], rng), 1.0, rms);
    let floor = scaled(band_noise(samples, rate_hz, [5.0, 60.0], rng), 0.4, rms);
    hop.iter()
        .zip(floor)
        .enumerate()
        .map(|(i, (a, b))| {
            let x = (i as f64 + 0.5) / samples as f64 - 0.5;
            (a + b) * libm::exp(-x * x / (2.0 * 0.18 * 0.18))
        })
        .collect()
}

/// Add one blow at `at_s`: a decaying ring of 20 % damping that begins with a smooth rise.
fn blow(out: &mut [f64], rate_hz: f64, at_s: f64, strength: f64, ring_hz: f64) {
    const DAMPING: f64 = 0.2;
    let w = 2.0 * PI * ring_hz;
    let first = (at_s * rate_hz).max(0.0).ceil() as usize;
    let length = (6.0 / (DAMPING * w) * rate_hz) as usize;
    for (i, sample) in out.iter_mut().enumerate().skip(first).take(length) {
        let t = i as f64 / rate_hz - at_s;
        let rise = 1.0 - libm::exp(-t * 4.0 * w);
        *sample += strength * rise * libm::exp(-DAMPING * w * t) * libm::sin(w * t);
    }
}

/// White noise through a high-pass and two low-passes; level arbitrary.
fn band_noise(samples: usize, rate_hz: f64, band: [f64; 2], rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut high = Biquad::high_pass(band[0], rate_hz);
    let mut low = [
        Biquad::low_pass(band[1], rate_hz),
        Biquad::low_pass(band[1], rate_hz),
    ];
    let settle = (rate_hz * 0.5) as usize;
    let mut out = Vec::with_capacity(samples);
    for i in 0..samples + settle {
        let mut x = high.step(normal(rng));
        for filter in &mut low {
            x = filter.step(x);
        }
        if i >= settle {
            out.push(x);
        }
    }
    out
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn rms(signal: &[f64]) -> f64 {
    (signal.iter().map(|a| a * a).sum::<f64>() / signal.len().max(1) as f64).sqrt()
}

fn peak(signal: &[f64]) -> f64 {
    signal.iter().fold(0.0, |m, a| m.max(a.abs()))
}

/// Scale so that `level` of the signal becomes `target`; silence stays silence.
fn scaled(mut signal: Vec<f64>, target: f64, level: fn(&[f64]) -> f64) -> Vec<f64> {
    let now = level(&signal);
    if now > 0.0 {
        for a in &mut signal {
            *a *= target / now;
        }
    }
    signal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const RATE: f64 = 20_000.0;

    fn window(kind: DisturbanceKind, seed: u64) -> [Vec<f64>; 3] {
        let mut motion = [const { Vec::new() }; 3].map(|_: Vec<f64>| vec![0.0; 400_000]);
        let event = Disturbance {
            kind,
            at_s: 4.0,
            duration_s: 12.0,
            peak_m_s2: 1.5,
        };
        event.add_to(
            &mut motion,
            RATE,
            &mut stream(seed, 0, Purpose::Disturbance, 0),
        );
        motion
    }

    fn power_share(signal: &[f64], below_hz: f64) -> f64 {
        let mut low = [
            Biquad::low_pass(below_hz, RATE),
            Biquad::low_pass(below_hz, RATE),
        ];
        let passed: Vec<f64> = signal
            .iter()
            .map(|a| low.iter_mut().fold(*a, |x, f| f.step(x)))
            .collect();
        (rms(&passed) / rms(signal)).powi(2)
    }

    #[test]
    fn ground_vibration_has_the_stated_level_and_band() {
        let mut rng = stream(1, 0, Purpose::Disturbance, 0);
        let ground = ground_vibration(200_000, RATE, 3e-3, &mut rng);
        assert!((rms(&ground[2]) / 3e-3 - 1.0).abs() < 1e-9);
        assert!((rms(&ground[0]) / 2.1e-3 - 1.0).abs() < 1e-9);
        assert!(power_share(&ground[2], 200.0) > 0.95);
        assert!(power_share(&ground[2], 5.0) < 0.15);
    }

    #[test]
    fn every_kind_reaches_its_peak_within_its_span_and_repeats_by_seed() {
        use DisturbanceKind::{Footsteps, RoadVehicle, TampingHammer};
        for kind in [Footsteps, TampingHammer, RoadVehicle] {
            let motion = window(kind, 5);
            assert!((peak(&motion[2]) - 1.5).abs() < 1e-9, "{kind:?}");
            assert!(
                motion[2][..80_000].iter().all(|a| *a == 0.0),
                "{kind:?} begins early"
            );
            assert!(
                motion[2][320_000..].iter().all(|a| *a == 0.0),
                "{kind:?} ends late"
            );
            assert!(
                rms(&motion[1]) > 0.02 * rms(&motion[2]),
                "{kind:?} has no lateral part"
            );
            assert_eq!(motion, window(kind, 5));
            assert_ne!(motion, window(kind, 6));
        }
    }

    #[test]
    fn footsteps_are_impulsive_and_low_hammers_are_regular_and_high() {
        let steps = window(DisturbanceKind::Footsteps, 5);
        let blows = window(DisturbanceKind::TampingHammer, 5);
        let active = |m: &[Vec<f64>; 3]| m[2][80_000..320_000].to_vec();
        let crest = |s: &[f64]| peak(s) / rms(s);
        assert!(crest(&active(&steps)) > 5.0, "{}", crest(&active(&steps)));
        assert!(power_share(&active(&steps), 60.0) > 0.7);
        assert!(power_share(&active(&blows), 60.0) < 0.3);
    }

    #[test]
    fn odd_input_leaves_the_motion_finite() {
        for (at_s, duration_s) in [(19.9, 12.0), (-3.0, 2.0), (50.0, 1.0), (f64::NAN, 1.0)] {
            let mut motion = [const { Vec::new() }; 3].map(|_: Vec<f64>| vec![0.0; 40_000]);
            let event = Disturbance {
                kind: DisturbanceKind::Footsteps,
                at_s,
                duration_s,
                peak_m_s2: 1.0,
            };
            event.add_to(
                &mut motion,
                RATE,
                &mut stream(1, 0, Purpose::Disturbance, 0),
            );
            assert!(motion.iter().flatten().all(|a| a.is_finite()));
        }
    }
}
