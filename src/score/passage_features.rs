//! True features of a passage, from the noise-free motion, in the definition of the reported ones.

use super::features::{Features, VERTICAL};
use super::signal::moments;
use crate::biquad::Biquad;

/// Edges of the bands, Hz: see [`super::BANDS`].
const EDGES_HZ: [f64; 7] = [5.0, 20.0, 60.0, 150.0, 350.0, 700.0, 1500.0];
/// A band is measured if it ends below this fraction of the sample rate.
const HIGHEST: f64 = 0.45;

/// Features of `truth_m_s2` (x, y, z with gravity, sampled at `rate_hz`).
///
/// Peak, RMS, crest and kurtosis are those of the signal without `gravity_m_s2`; a band's RMS is that of
/// the vertical axis behind a second-order Butterworth high-pass and low-pass at the band's edges. The
/// displacement is handed through: it comes from the passage model itself. `None` if there is no
/// signal, or none that has moments.
pub fn passage_features(
    truth_m_s2: &[[f64; 3]],
    gravity_m_s2: [f64; 3],
    rate_hz: f64,
    displacement_pp_m: Option<f64>,
) -> Option<Features> {
    let mut features = Features {
        displacement_pp_m,
        ..Features::default()
    };
    for (axis, gravity) in gravity_m_s2.into_iter().enumerate() {
        let trace = without(truth_m_s2, axis, gravity);
        let moments = moments(&trace).ok()?;
        features.peak_m_s2[axis] = moments.peak;
        features.rms_m_s2[axis] = moments.rms;
        features.crest[axis] = moments.crest.unwrap_or_default();
        features.kurtosis[axis] = moments.kurtosis.unwrap_or_default();
    }
    let vertical = without(truth_m_s2, VERTICAL, gravity_m_s2[VERTICAL]);
    for (band, edges) in features.band_rms_m_s2.iter_mut().zip(EDGES_HZ.windows(2)) {
        if let [low, high] = *edges
            && high <= HIGHEST * rate_hz
        {
            *band = Some(band_rms(&vertical, low, high, rate_hz));
        }
    }
    Some(features)
}

fn without(signal: &[[f64; 3]], axis: usize, offset: f64) -> Vec<f64> {
    signal.iter().map(|sample| sample[axis] - offset).collect()
}

fn band_rms(signal: &[f64], low_hz: f64, high_hz: f64, rate_hz: f64) -> f64 {
    let mut high_pass = Biquad::high_pass(low_hz, rate_hz);
    let mut low_pass = Biquad::low_pass(high_hz, rate_hz);
    let square = |value: &f64| {
        let filtered = low_pass.step(high_pass.step(*value));
        filtered * filtered
    };
    let sum: f64 = signal.iter().map(square).sum();
    (sum / signal.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_tone_shows_in_its_band_with_its_own_rms() {
        let rate_hz = 4000.0;
        let tone = |i: usize| 3.0 * libm::sin(TAU * 95.0 * i as f64 / rate_hz);
        let signal: Vec<[f64; 3]> = (0..40_000).map(|i| [0.0, 0.0, 9.8 + tone(i)]).collect();
        let features = passage_features(&signal, [0.0, 0.0, 9.8], rate_hz, None).unwrap();
        let rms = 3.0 / 2.0_f64.sqrt();
        assert!((features.rms_m_s2[VERTICAL] - rms).abs() < 1e-6);
        // At the geometric middle each Butterworth section passes 1/sqrt(1 + r^2), r = 60/150.
        let band = features.band_rms_m_s2[2].unwrap();
        assert!(
            (band / rms - 1.0 / (1.0 + 0.16)).abs() < 0.005,
            "{}",
            band / rms
        );
        assert!(features.band_rms_m_s2[0].unwrap() < 0.05 * rms);
        assert!(features.band_rms_m_s2[5].is_some());
    }

    #[test]
    fn a_band_above_the_rate_is_not_measured_and_no_signal_has_no_features() {
        let signal = vec![[1.0, -1.0, 0.5]; 100];
        let features = passage_features(&signal, [0.0; 3], 1600.0, Some(1e-3)).unwrap();
        assert!(features.band_rms_m_s2[4].is_some());
        assert_eq!(features.band_rms_m_s2[5], None);
        assert_eq!(passage_features(&[], [0.0; 3], 4000.0, None), None);
    }
}
