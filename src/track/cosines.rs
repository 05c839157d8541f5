//! Sums of cosines along the track: the common form of irregularity and roughness.

/// One cosine `a cos(k x + phase)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cosine {
    /// Wavenumber k, rad/m.
    pub wavenumber_rad_m: f64,
    /// Phase at x = 0, rad.
    pub phase_rad: f64,
    /// Amplitude a, m.
    pub amplitude_m: f64,
}

/// A realisation of a surface as a finite sum of cosines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CosineSum {
    lines: Vec<Cosine>,
}

/// Samples between two exact evaluations of the recurrence, so that rounding does not build up.
const RESTART: usize = 1024;

impl CosineSum {
    /// The sum of `lines`.
    pub fn new(lines: Vec<Cosine>) -> Self {
        Self { lines }
    }

    /// The cosines.
    pub fn lines(&self) -> &[Cosine] {
        &self.lines
    }

    /// `count` samples at `start_m + i * step_m`, m.
    pub fn sample(&self, start_m: f64, step_m: f64, count: usize) -> Vec<f64> {
        let mut heights = vec![0.0; count];
        self.add_to(1.0, start_m, step_m, &mut heights);
        heights
    }

    /// Adds `factor` times the sum to `heights`.
    ///
    /// Each cosine runs on the recurrence `y[i+1] = 2 cos(k h) y[i] - y[i-1]`, restarted from
    /// `libm` every 1024 samples: one multiplication and subtraction per sample instead of a
    /// cosine.
    pub fn add_to(&self, factor: f64, start_m: f64, step_m: f64, heights: &mut [f64]) {
        for lines in self.lines.chunks(WAVES) {
            let mut waves = [Wave::default(); WAVES];
            for (wave, line) in waves.iter_mut().zip(lines) {
                wave.turn = 2.0 * libm::cos(line.wavenumber_rad_m * step_m);
            }
            for (block, chunk) in heights.chunks_mut(RESTART).enumerate() {
                for (wave, line) in waves.iter_mut().zip(lines) {
                    let value = |i: usize| {
                        let x = start_m + i as f64 * step_m;
                        let angle = line.wavenumber_rad_m * x + line.phase_rad;
                        factor * line.amplitude_m * libm::cos(angle)
                    };
                    wave.now = value(block * RESTART);
                    wave.next = value(block * RESTART + 1);
                }
                add_waves(waves, chunk);
            }
        }
    }
}

/// Waves that run side by side: each is a chain of operations that wait for one another.
pub(crate) const WAVES: usize = 4;

/// A cosine by its recurrence; nothing by default.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wave {
    /// Twice the cosine of the angle from one sample to the next.
    pub(crate) turn: f64,
    /// Value at this sample and at the next.
    pub(crate) now: f64,
    pub(crate) next: f64,
}

/// Adds waves to heights, one after the other.
pub(crate) fn add_waves(mut waves: [Wave; WAVES], heights: &mut [f64]) {
    for height in heights {
        let mut sum = *height;
        for wave in &mut waves {
            sum += wave.now;
            (wave.now, wave.next) = (wave.next, wave.turn * wave.next - wave.now);
        }
        *height = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recurrence_agrees_with_the_direct_sum() {
        let lines = vec![
            Cosine {
                wavenumber_rad_m: 0.11,
                phase_rad: 0.3,
                amplitude_m: 2e-3,
            },
            Cosine {
                wavenumber_rad_m: 310.0,
                phase_rad: 5.0,
                amplitude_m: 1e-6,
            },
        ];
        let sum = CosineSum::new(lines.clone());
        let got = sum.sample(-3.0, 0.002, 30_000);
        for (i, height) in got.iter().enumerate().step_by(97) {
            let x = -3.0 + i as f64 * 0.002;
            let exact: f64 = lines
                .iter()
                .map(|l| l.amplitude_m * libm::cos(l.wavenumber_rad_m * x + l.phase_rad))
                .sum();
            assert!(
                (height - exact).abs() < 1e-11,
                "sample {i}: {height} vs {exact}"
            );
        }
    }
}
