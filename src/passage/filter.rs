//! Zero-phase Butterworth filters for evaluating force and acceleration records.

use std::f64::consts::PI;

/// Kind of filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Passes below the corner.
    LowPass,
    /// Passes above the corner.
    HighPass,
}

/// A section of second order, `b` over `a` with `a0 = 1`.
#[derive(Debug, Clone, Copy)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
}

/// Filters a record forward and backward with a Butterworth filter of even `order` per run: no phase
/// shift, twice the attenuation (6 dB at the corner).
///
/// The sections come from the bilinear transform with pre-warped corner. The record is continued
/// at both ends by its odd reflection, and each run starts in the steady state of the first value,
/// so that a record which does not start at zero makes no transient. Gives the record unchanged when
/// the corner is at or above half the sample rate (low pass) or not positive.
pub fn zero_phase(
    record: &[f64],
    rate_hz: f64,
    corner_hz: f64,
    band: Band,
    order: usize,
) -> Vec<f64> {
    if record.len() < 2 || corner_hz <= 0.0 || corner_hz >= rate_hz / 2.0 {
        return record.to_vec();
    }
    let sections = butterworth(rate_hz, corner_hz, band, order);
    // Two periods of the corner outlast the memory of the filter.
    let pad = ((2.0 * rate_hz / corner_hz) as usize).clamp(1, record.len() - 1);
    let (first, last) = (record[0], record[record.len() - 1]);
    let mut work: Vec<f64> = Vec::with_capacity(record.len() + 2 * pad);
    work.extend(record[1..=pad].iter().rev().map(|v| 2.0 * first - v));
    work.extend_from_slice(record);
    let inner = record.len() - 1;
    work.extend(
        record[inner - pad..inner]
            .iter()
            .rev()
            .map(|v| 2.0 * last - v),
    );
    for _ in 0..2 {
        for section in &sections {
            section.run(&mut work);
        }
        work.reverse();
    }
    work[pad..pad + record.len()].to_vec()
}

fn butterworth(rate_hz: f64, corner_hz: f64, band: Band, order: usize) -> Vec<Section> {
    let k = libm::tan(PI * corner_hz / rate_hz);
    (0..order.div_ceil(2))
        .map(|i| {
            // Pole pair i: s^2 + s / Q + 1, 1/Q = 2 sin((2 i + 1) pi / (2 n)).
            let damping = 2.0 * libm::sin((2 * i + 1) as f64 * PI / (2 * order) as f64);
            let norm = 1.0 / (1.0 + damping * k + k * k);
            let a = [
                2.0 * (k * k - 1.0) * norm,
                (1.0 - damping * k + k * k) * norm,
            ];
            let b = match band {
                Band::LowPass => [k * k * norm, 2.0 * k * k * norm, k * k * norm],
                Band::HighPass => [norm, -2.0 * norm, norm],
            };
            Section { b, a }
        })
        .collect()
}

impl Section {
    /// Filters in place (transposed direct form II), from the steady state of the first value.
    fn run(&self, record: &mut [f64]) {
        let Some(&start) = record.first() else { return };
        let gain = (self.b[0] + self.b[1] + self.b[2]) / (1.0 + self.a[0] + self.a[1]);
        let mut s1 = (gain - self.b[0]) * start;
        let mut s2 = (self.b[2] - self.a[1] * gain) * start;
        for value in record {
            let x = *value;
            let y = self.b[0] * x + s1;
            s1 = self.b[1] * x - self.a[0] * y + s2;
            s2 = self.b[2] * x - self.a[1] * y;
            *value = y;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64) -> Vec<f64> {
        (0..8000)
            .map(|i| libm::sin(2.0 * PI * hz * f64::from(i) / 8000.0))
            .collect()
    }

    fn amplitude(record: &[f64]) -> f64 {
        record[3000..5000]
            .iter()
            .fold(0.0, |m: f64, v| m.max(v.abs()))
    }

    #[test]
    fn gain_at_the_corner_is_a_half_without_phase() {
        for (band, order) in [(Band::LowPass, 2), (Band::LowPass, 4), (Band::HighPass, 4)] {
            let input = tone(100.0);
            let output = zero_phase(&input, 8000.0, 100.0, band, order);
            let error = input[3000..5000]
                .iter()
                .zip(&output[3000..5000])
                .fold(0.0, |m: f64, (x, y)| m.max((0.5 * x - y).abs()));
            assert!(error < 1e-6, "{band:?} {order}: {error}");
        }
    }

    #[test]
    fn stop_band_follows_the_butterworth_law() {
        let output = zero_phase(&tone(400.0), 8000.0, 100.0, Band::LowPass, 4);
        let warped = libm::tan(PI * 400.0 / 8000.0) / libm::tan(PI * 100.0 / 8000.0);
        let expected = 1.0 / (1.0 + libm::pow(warped, 8.0));
        assert!((amplitude(&output) / expected - 1.0).abs() < 1e-3);
    }

    #[test]
    fn constant_passes_unchanged() {
        let output = zero_phase(&[3.0; 500], 1000.0, 20.0, Band::LowPass, 4);
        assert!(output.iter().all(|v| (v - 3.0).abs() < 1e-12));
    }
}
