//! Horizontal bearer motion, derived from the vertical one.
//!
//! **A substitute, not physics.** The passage model is vertical only. Sensors on bearers do read
//! lateral and longitudinal motion, though, and firmware that looks at all axes must not find
//! zeros. What is kept: horizontal motion is weaker than vertical, has no share in the quasi-static
//! bending under each bogie, is excited by the same impacts at the same instants, and rings in
//! its own rocking modes, so it is correlated with the vertical but no copy of it.
//! **Do not** draw conclusions about lateral track behaviour from it.

use std::f64::consts::PI;

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

/// One second-order filter, direct form II transposed.
#[derive(Debug, Clone)]
pub(crate) struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    fn new(b: [f64; 3], a: [f64; 2], norm: f64) -> Self {
        Self {
            b: b.map(|v| v / norm),
            a: a.map(|v| v / norm),
            state: [0.0; 2],
        }
    }

    /// Butterworth high-pass, corner kept by the bilinear transform.
    pub(crate) fn high_pass(corner_hz: f64, rate_hz: f64) -> Self {
        let w = libm::tan(PI * corner_hz / rate_hz);
        let d = w * 2.0_f64.sqrt();
        Self::new(
            [1.0, -2.0, 1.0],
            [2.0 * (w * w - 1.0), 1.0 - d + w * w],
            1.0 + d + w * w,
        )
    }

    /// Butterworth low-pass.
    pub(crate) fn low_pass(corner_hz: f64, rate_hz: f64) -> Self {
        let w = libm::tan(PI * corner_hz / rate_hz);
        let d = w * 2.0_f64.sqrt();
        let a = [2.0 * (w * w - 1.0), 1.0 - d + w * w];
        Self::new([w * w, 2.0 * w * w, w * w], a, 1.0 + d + w * w)
    }

    /// Band-pass with unit gain at `mid_hz`.
    pub(crate) fn band_pass(mid_hz: f64, q: f64, rate_hz: f64) -> Self {
        let w = libm::tan(PI * mid_hz / rate_hz);
        let d = w / q;
        Self::new(
            [d, 0.0, -d],
            [2.0 * (w * w - 1.0), 1.0 - d + w * w],
            1.0 + d + w * w,
        )
    }

    pub(crate) fn step(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
