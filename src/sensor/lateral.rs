//! Horizontal bearer motion, derived from the vertical one.
//!
//! **A substitute, not physics.** The passage model is vertical only. Sensors on bearers do read
//! lateral and longitudinal motion, though, and firmware that looks at all axes must not find
//! zeros. What is kept: horizontal motion is weaker than vertical, has no share in the quasi-static
//! bending under each bogie, is excited by the same impacts at the same instants, and rings in
//! its own rocking modes, so it is correlated with the vertical but no copy of it.
//! **Do not** draw conclusions about lateral track behaviour from it.

use crate::biquad::Biquad;

/// Transfer from vertical to one horizontal direction: `gain` times a second-order high-pass at
/// `corner_hz`, plus a second-order mode at `mode_hz`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizontalTransfer {
    /// Broad-band share of the vertical acceleration.
    pub gain: f64,
    /// Below this the horizontal motion dies out (12 dB per octave), Hz.
    pub corner_hz: f64,
    /// Rocking mode of the bearer in its bed, Hz.
    pub mode_hz: f64,
    /// Quality factor of the mode.
    pub mode_q: f64,
}

impl HorizontalTransfer {
    /// Along the bearer (track lateral, y): it slides and rocks in the ballast. Chosen, not measured.
    pub const LATERAL: Self = Self {
        gain: 0.25,
        corner_hz: 15.0,
        mode_hz: 90.0,
        mode_q: 1.5,
    };
    /// Along the track (x): the bearer tilts about its length. Chosen, not measured.
    pub const LONGITUDINAL: Self = Self {
        gain: 0.15,
        corner_hz: 20.0,
        mode_hz: 140.0,
        mode_q: 2.0,
    };

    /// Horizontal acceleration from the vertical one, both in m/s2, sampled at `rate_hz`.
    pub fn apply(&self, vertical_m_s2: &[f64], rate_hz: f64) -> Vec<f64> {
        let mut high = Biquad::high_pass(self.corner_hz, rate_hz);
        let mut mode = Biquad::band_pass(self.mode_hz, self.mode_q, rate_hz);
        vertical_m_s2
            .iter()
            .map(|a| {
                let x = high.step(*a);
                // The mode lags the impact and opposes its broad-band part above resonance.
                self.gain * (0.4 * x - 1.2 * mode.step(x))
            })
            .collect()
    }
}

/// Longitudinal (x) and lateral (y) acceleration of a bearer from its vertical (z, up) one, by
/// [`HorizontalTransfer::LONGITUDINAL`] and [`HorizontalTransfer::LATERAL`].
pub fn horizontal_from_vertical(vertical_m_s2: &[f64], rate_hz: f64) -> [Vec<f64>; 2] {
    [
        HorizontalTransfer::LONGITUDINAL.apply(vertical_m_s2, rate_hz),
        HorizontalTransfer::LATERAL.apply(vertical_m_s2, rate_hz),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    const RATE: f64 = 20_000.0;

    fn rms(signal: &[f64]) -> f64 {
        (signal.iter().map(|a| a * a).sum::<f64>() / signal.len() as f64).sqrt()
    }

    fn gain(transfer: HorizontalTransfer, f: f64) -> f64 {
        let tone: Vec<f64> = (0..60_000)
            .map(|i| libm::sin(2.0 * PI * f * f64::from(i) / RATE))
            .collect();
        rms(&transfer.apply(&tone, RATE)[20_000..]) / rms(&tone[20_000..])
    }

    #[test]
    fn horizontal_is_weaker_everywhere_and_has_no_quasi_static_part() {
        for transfer in [
            HorizontalTransfer::LATERAL,
            HorizontalTransfer::LONGITUDINAL,
        ] {
            for f in [1.0, 5.0, 30.0, 90.0, 140.0, 400.0, 1500.0] {
                assert!(gain(transfer, f) < 0.5, "{f} Hz");
            }
            assert!(gain(transfer, 1.0) < 0.002);
            assert!(gain(transfer, transfer.mode_hz) > 1.5 * gain(transfer, 1500.0));
        }
    }

    #[test]
    fn an_impact_shows_at_the_same_instant_but_not_as_a_copy() {
        let mut vertical = vec![0.0; 20_000];
        vertical[10_000..10_040].fill(100.0);
        let [x, y] = horizontal_from_vertical(&vertical, RATE);
        assert!(x[..10_000].iter().chain(&y[..10_000]).all(|a| *a == 0.0));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(p, q)| p * q).sum::<f64>();
        for pair in [(&x, &vertical), (&y, &vertical), (&x, &y)] {
            let rho = dot(pair.0, pair.1) / (dot(pair.0, pair.0) * dot(pair.1, pair.1)).sqrt();
            assert!(rho.abs() < 0.95, "{rho}");
        }
        assert!(rms(&x[10_000..]) > 0.0 && rms(&y[10_000..]) > 0.0);
    }
}
