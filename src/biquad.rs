//! Second-order filters (bilinear transform, corner kept exact).

use std::f64::consts::{FRAC_1_SQRT_2, PI};

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
        Self::high_pass_of(corner_hz, rate_hz, FRAC_1_SQRT_2)
    }

    /// High-pass of quality `q`: a section of a higher order.
    pub(crate) fn high_pass_of(corner_hz: f64, rate_hz: f64, q: f64) -> Self {
        let w = libm::tan(PI * corner_hz / rate_hz);
        let d = w / q;
        Self::new(
            [1.0, -2.0, 1.0],
            [2.0 * (w * w - 1.0), 1.0 - d + w * w],
            1.0 + d + w * w,
        )
    }

    /// Butterworth low-pass.
    pub(crate) fn low_pass(corner_hz: f64, rate_hz: f64) -> Self {
        Self::low_pass_of(corner_hz, rate_hz, FRAC_1_SQRT_2)
    }

    /// Low-pass of quality `q`: a section of a higher order.
    pub(crate) fn low_pass_of(corner_hz: f64, rate_hz: f64, q: f64) -> Self {
        let w = libm::tan(PI * corner_hz / rate_hz);
        let d = w / q;
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

    /// One sample through the filter.
    pub(crate) fn step(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}
