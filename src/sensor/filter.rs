//! Butterworth low-pass sections on four lanes (x, y, z and a spare).

use std::f64::consts::PI;

/// Three axes and one spare, so that the compiler can work on whole vector registers.
pub(crate) type Lanes = [f64; 4];

/// One second-order section (transposed direct form II), the same for all lanes.
#[derive(Debug, Clone, Copy)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
    state: [Lanes; 2],
}

impl Section {
    fn step(&mut self, x: Lanes) -> Lanes {
        let mut y = [0.0; 4];
        for k in 0..4 {
            y[k] = self.b[0] * x[k] + self.state[0][k];
            self.state[0][k] = self.b[1] * x[k] - self.a[0] * y[k] + self.state[1][k];
            self.state[1][k] = self.b[2] * x[k] - self.a[1] * y[k];
        }
        y
    }
}

/// A Butterworth low-pass of any order up to 8, by the bilinear transform with the corner kept.
#[derive(Debug, Clone)]
pub(crate) struct Butterworth {
    sections: Vec<Section>,
}

impl Butterworth {
    /// `corner_hz` must lie below half of `rate_hz`; at rest (all states zero) to begin with.
    ///
    /// Poles on the unit circle of the left half plane at angles (2k+1) pi / 2n (textbook form);
    /// the bilinear transform keeps the corner exact and falls somewhat faster above it (0.7 dB at
    /// 1.2 times a corner of 3.2 kHz at 25.6 kHz), less than the tolerance of any part's corner.
    pub(crate) fn low_pass(poles: u8, corner_hz: f64, rate_hz: f64) -> Self {
        let w = libm::tan(PI * corner_hz / rate_hz);
        let mut sections = Vec::new();
        for k in 0..poles / 2 {
            let angle = PI * f64::from(2 * k + 1) / (2.0 * f64::from(poles));
            let damping = 2.0 * libm::sin(angle);
            let norm = 1.0 + damping * w + w * w;
            sections.push(Section {
                b: [w * w / norm, 2.0 * w * w / norm, w * w / norm],
                a: [
                    2.0 * (w * w - 1.0) / norm,
                    (1.0 - damping * w + w * w) / norm,
                ],
                state: [[0.0; 4]; 2],
            });
        }
        if poles % 2 == 1 {
            sections.push(Section {
                b: [w / (1.0 + w), w / (1.0 + w), 0.0],
                a: [(w - 1.0) / (w + 1.0), 0.0],
                state: [[0.0; 4]; 2],
            });
        }
        Self { sections }
    }

    /// Next output.
    pub(crate) fn step(&mut self, mut x: Lanes) -> Lanes {
        for section in &mut self.sections {
            x = section.step(x);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(poles: u8, corner: f64, f: f64) -> f64 {
        let rate = 20_000.0;
        let mut filter = Butterworth::low_pass(poles, corner, rate);
        let n = 40_000;
        let mut sum = [0.0, 0.0];
        for i in 0..n {
            let phase = 2.0 * PI * f * f64::from(i) / rate;
            let y = filter.step([libm::sin(phase), 0.0, 0.0, 0.0])[0];
            if i >= n / 2 {
                sum[0] += y * libm::sin(phase);
                sum[1] += y * libm::cos(phase);
            }
        }
        4.0 / f64::from(n) * (sum[0] * sum[0] + sum[1] * sum[1]).sqrt()
    }

    #[test]
    fn the_corner_is_at_minus_three_decibels_and_the_slope_follows_the_poles() {
        for poles in 1..=4_u8 {
            let corner = gain(poles, 500.0, 500.0);
            assert!(
                (corner - 0.5_f64.sqrt()).abs() < 1e-3,
                "{poles} poles: {corner}"
            );
            assert!((gain(poles, 500.0, 20.0) - 1.0).abs() < 2e-3);
            let far = 20.0 * libm::log10(gain(poles, 250.0, 1000.0));
            let ideal = -10.0 * libm::log10(1.0 + libm::pow(4.0, 2.0 * f64::from(poles)));
            assert!(
                (far - ideal).abs() < 1.0,
                "{poles} poles: {far} dB, ideal {ideal} dB"
            );
        }
    }
}
