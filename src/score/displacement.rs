//! The displacement of a bearer under a train, as it is scored.
//!
//! What counts as *the* displacement must be said, for the raw motion of a bearer holds more than its support shows: slower
//! than a bogie the sinking of the whole track, which no accelerometer can tell from its drift, and at some 60 Hz the
//! ringing of wheel and track on the ballast. Displacements had from accelerations are therefore band-limited (Milne and
//! others 2018, doi 10.1177/0954409718762172; Infrastructures 2024, 9(6), 91). Here it is the **quasi-static band**, for any firmware:
//! from [`LONG_M`] of travel per cycle, but no slower than [`SLOWEST_HZ`], to [`SHORT_M`] per cycle, where the
//! quasi-static response of a crossing's bearers ends (Milosevic et al., Sensors 2022, 22(3), 1012). Second-order
//! Butterworth filters, forwards and backwards: no phase, half the amplitude at the corners.

use crate::biquad::Biquad;

/// Longest wavelength, m of travel: about two vehicles.
pub const LONG_M: f64 = 40.0;
/// Shortest wavelength, m of travel.
pub const SHORT_M: f64 = 1.0;
/// Below this the noise of a MEMS accelerometer, integrated twice, is as large as the displacement, Hz.
pub const SLOWEST_HZ: f64 = 0.5;
/// Axles closer than this are one group, m.
const GROUP_M: f64 = 4.0;
/// Rest before and after the trace, s: the filters come to rest there.
const REST_S: f64 = 4.0;

/// Median over the groups of axles (closer than 4 m) of the peak-to-peak displacement, m, in the quasi-static band.
///
/// `displacement_m` is sampled at `rate_hz` and at rest at both ends; `axle_times_s` count from its first sample. A group
/// is looked at from 2 m before its first to 2 m after its last axle. `None` without an axle or a trace, or without a
/// speed.
pub fn quasi_static_pp_m(
    displacement_m: &[f64],
    rate_hz: f64,
    axle_times_s: &[f64],
    speed_m_s: f64,
) -> Option<f64> {
    if !(speed_m_s > 0.0 && rate_hz > 0.0) {
        return None;
    }
    let banded = quasi_static(displacement_m, rate_hz, speed_m_s);
    let apart_s = GROUP_M / speed_m_s;
    let index = |time_s: f64| ((time_s * rate_hz).max(0.0) as usize).min(banded.len());
    let groups = axle_times_s.chunk_by(|a, b| b - a < apart_s);
    let mut spans: Vec<f64> = groups
        .filter_map(|group| {
            let from = index(group.first()? - 0.5 * apart_s);
            let to = index(group.last()? + 0.5 * apart_s);
            let part = banded.get(from..to)?;
            let highest = part.iter().copied().reduce(f64::max)?;
            let lowest = part.iter().copied().reduce(f64::min)?;
            Some(highest - lowest)
        })
        .collect();
    spans.sort_by(f64::total_cmp);
    let middle = spans.len() / 2;
    if spans.len().is_multiple_of(2) {
        Some(0.5 * (spans.get(middle.checked_sub(1)?)? + spans.get(middle)?))
    } else {
        spans.get(middle).copied()
    }
}

/// A trace in the quasi-static band.
fn quasi_static(trace: &[f64], rate_hz: f64, speed_m_s: f64) -> Vec<f64> {
    let low_hz = (speed_m_s / LONG_M).max(SLOWEST_HZ);
    // A band that reaches above what the trace holds ends there.
    let high_hz = (speed_m_s / SHORT_M).min(0.45 * rate_hz);
    let (Some(first), Some(last)) = (trace.first(), trace.last()) else {
        return Vec::new();
    };
    let rest = (REST_S * rate_hz) as usize;
    let mut padded = vec![0.0; rest];
    padded.extend(trace.iter().map(|value| value - first));
    padded.resize(padded.len() + rest, last - first);
    for _ in 0..2 {
        let mut high = Biquad::high_pass(low_hz, rate_hz);
        let mut low = Biquad::low_pass(high_hz, rate_hz);
        let end = padded.first().copied().unwrap_or_default();
        for value in &mut padded {
            *value = low.step(high.step(*value - end));
        }
        padded.reverse();
    }
    padded.drain(..rest);
    padded.truncate(trace.len());
    padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const RATE_HZ: f64 = 2_000.0;

    /// A tone that fades in and out, a metre of amplitude.
    fn tone(frequency_hz: f64) -> Vec<f64> {
        let seconds = 20.0;
        (0..(seconds * RATE_HZ) as usize)
            .map(|i| {
                let t = i as f64 / RATE_HZ;
                let fade = libm::sin(0.5 * TAU * t / seconds);
                fade * fade * libm::sin(TAU * frequency_hz * t)
            })
            .collect()
    }

    fn span(frequency_hz: f64, speed_m_s: f64) -> f64 {
        // One group of axles in the middle, long enough for a cycle of the slowest tone.
        let axles: Vec<f64> = (0..41)
            .map(|i| 9.0 + 0.05 * f64::from(i) * 30.0 / speed_m_s)
            .collect();
        quasi_static_pp_m(&tone(frequency_hz), RATE_HZ, &axles, speed_m_s).unwrap()
    }

    #[test]
    fn the_band_keeps_what_is_in_it_and_halves_at_its_corners() {
        // 30 m/s: 0.75 to 30 Hz. A pair of zero-phase second-order Butterworth filters passes 1/(1 + r^4).
        for (frequency_hz, passes) in [
            (5.0, 1.0),
            (0.75, 0.5),
            (30.0, 0.5),
            (60.0, 1.0 / 17.0),
            (0.375, 1.0 / 17.0),
        ] {
            let got = span(frequency_hz, 30.0) / 2.0;
            assert!(
                (got - passes).abs() < 0.03,
                "{frequency_hz} Hz: {got} instead of {passes}"
            );
        }
    }

    #[test]
    fn a_slow_train_is_not_followed_below_half_a_hertz() {
        let got = span(0.5, 6.0) / 2.0;
        assert!((got - 0.5).abs() < 0.03, "{got}");
    }

    #[test]
    fn nothing_to_look_at_is_none_and_a_resting_trace_is_still() {
        assert_eq!(quasi_static_pp_m(&[], RATE_HZ, &[1.0], 30.0), None);
        assert_eq!(quasi_static_pp_m(&[0.0; 100], RATE_HZ, &[], 30.0), None);
        assert_eq!(quasi_static_pp_m(&[0.0; 100], RATE_HZ, &[0.0], 0.0), None);
        let still = vec![1e-3; 4_000];
        assert_eq!(quasi_static_pp_m(&still, RATE_HZ, &[1.0], 30.0), Some(0.0));
    }
}
