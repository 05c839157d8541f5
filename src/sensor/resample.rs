//! Sample-rate change by any ratio: a Kaiser-windowed sinc, evaluated at the exact instant.

use super::filter::Lanes;
use std::f64::consts::PI;

/// A linear-phase low-pass that can be evaluated between the input samples.
///
/// One row of taps per sub-sample phase, linear interpolation between rows. With 512 rows per
/// cut-off period the interpolation error stays below -105 dB. Every row sums to one, so a constant
/// (gravity) passes exactly.
#[derive(Debug, Clone)]
pub(crate) struct Sinc {
    phases: usize,
    taps: usize,
    rows: Vec<f64>,
}

impl Sinc {
    /// Flat up to `pass_hz`, at least `attenuation_db` (50 or more) down from `stop_hz` on, for
    /// input at `rate_hz`. Length and shape by Kaiser's formulas (Kaiser 1974).
    pub(crate) fn low_pass(pass_hz: f64, stop_hz: f64, attenuation_db: f64, rate_hz: f64) -> Self {
        let cutoff = (pass_hz + stop_hz) / rate_hz; // twice the mid frequency over the rate
        let width = 2.0 * PI * (stop_hz - pass_hz) / rate_hz;
        let half = ((attenuation_db - 7.95) / (2.285 * width) / 2.0)
            .ceil()
            .max(2.0);
        let beta = 0.1102 * (attenuation_db - 8.7);
        let phases = (512.0 * cutoff).ceil().max(16.0) as usize;
        let taps = 2 * half as usize;
        let mut rows = vec![0.0; (phases + 1) * taps];
        for phase in 0..=phases {
            let row = &mut rows[phase * taps..(phase + 1) * taps];
            let fraction = phase as f64 / phases as f64;
            let mut sum = 0.0;
            for (j, tap) in row.iter_mut().enumerate() {
                let t = j as f64 - (half - 1.0) - fraction;
                *tap = sinc(cutoff * t) * kaiser(t / half, beta);
                sum += *tap;
            }
            for tap in row {
                *tap /= sum;
            }
        }
        Self { phases, taps, rows }
    }

    /// Length in input samples.
    pub(crate) fn taps(&self) -> usize {
        self.taps
    }

    /// `n` outputs at input positions `start + i * step` (in input samples, position 0 the first).
    ///
    /// Beyond its ends the input, which must not be empty, is taken to hold its end value.
    pub(crate) fn resample(&self, input: &[Lanes], start: f64, step: f64, n: usize) -> Vec<Lanes> {
        let mut row = vec![0.0; self.taps];
        (0..n)
            .map(|i| self.at(input, start + i as f64 * step, &mut row))
            .collect()
    }

    fn at(&self, input: &[Lanes], position: f64, row: &mut [f64]) -> Lanes {
        let base = position.floor();
        let phase = (position - base) * self.phases as f64;
        let index = (phase as usize).min(self.phases - 1);
        let share = phase - index as f64;
        let low = &self.rows[index * self.taps..(index + 1) * self.taps];
        let high = &self.rows[(index + 1) * self.taps..(index + 2) * self.taps];
        for ((tap, l), h) in row.iter_mut().zip(low).zip(high) {
            *tap = l + share * (h - l);
        }
        let lead = (self.taps / 2 - 1) as f64;
        let mut sum = [0.0; 4];
        if base >= lead && base - lead + self.taps as f64 <= input.len() as f64 {
            let first = (base - lead) as usize;
            for (tap, x) in row.iter().zip(&input[first..first + self.taps]) {
                for k in 0..4 {
                    sum[k] += tap * x[k];
                }
            }
        } else {
            let last = (input.len() - 1) as f64;
            for (j, tap) in row.iter().enumerate() {
                let x = input[(base - lead + j as f64).clamp(0.0, last) as usize];
                for k in 0..4 {
                    sum[k] += tap * x[k];
                }
            }
        }
        sum
    }
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        1.0
    } else {
        libm::sin(PI * x) / (PI * x)
    }
}

/// Kaiser window at `x` in -1..1.
fn kaiser(x: f64, beta: f64) -> f64 {
    let inside = 1.0 - x * x;
    if inside <= 0.0 {
        0.0
    } else {
        bessel_i0(beta * inside.sqrt()) / bessel_i0(beta)
    }
}

/// Modified Bessel function I0 by its power series, which converges quickly for the x < 20 here.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-17 * sum {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(f: f64, rate: f64, n: usize) -> Vec<Lanes> {
        (0..n)
            .map(|i| [libm::sin(2.0 * PI * f * i as f64 / rate), 0.0, 0.0, 1.0])
            .collect()
    }

    fn peak_db(samples: &[Lanes]) -> f64 {
        let mid = &samples[samples.len() / 4..3 * samples.len() / 4];
        let power = mid.iter().map(|s| s[0] * s[0]).sum::<f64>() / mid.len() as f64;
        10.0 * libm::log10(2.0 * power + 1e-30)
    }

    #[test]
    fn pass_band_is_flat_and_stop_band_is_eighty_decibels_down() {
        let (rate, out) = (80_000.0 / 3.0, 4000.0);
        let fir = Sinc::low_pass(0.4 * out, 0.5 * out, 80.0, rate);
        let run = |f: f64| peak_db(&fir.resample(&tone(f, rate, 30_000), 0.0, rate / out, 4000));
        for f in [10.0, 333.0, 900.0, 1500.0, 1600.0] {
            assert!(run(f).abs() < 0.005, "{f} Hz: {} dB", run(f));
        }
        for f in [2000.0, 2011.0, 2400.0, 3990.0, 4100.0, 7777.0, 12_000.0] {
            assert!(run(f) < -78.0, "{f} Hz: {} dB", run(f));
        }
    }

    #[test]
    fn any_ratio_reproduces_a_tone_at_the_exact_instants() {
        let rate = 20_000.0;
        let fir = Sinc::low_pass(0.4 * rate, 0.6 * rate, 80.0, rate);
        let step = 0.734_512_389;
        let out = fir.resample(&tone(1234.5, rate, 8000), 3.25, step, 10_000);
        for (i, y) in out.iter().enumerate().skip(100).take(9800) {
            let t = (3.25 + i as f64 * step) / rate;
            let x = libm::sin(2.0 * PI * 1234.5 * t);
            assert!(
                (y[0] - x).abs() < 2e-4,
                "sample {i}: {} instead of {x}",
                y[0]
            );
            assert!((y[3] - 1.0).abs() < 1e-12);
        }
    }
}
