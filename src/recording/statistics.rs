//! What is in a recording: means, noise, density.

use super::replay::Recording;
use std::f64::consts::PI;

/// Figures of one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxisStatistics {
    /// Mean, m/s2 (gravity and offset).
    pub mean_m_s2: f64,
    /// RMS about the best straight line, m/s2: noise and vibration, without slow drift.
    pub noise_rms_m_s2: f64,
    /// Largest deviation from that line, m/s2.
    pub peak_m_s2: f64,
    /// Noise density, m/s2/sqrt(Hz): root of the median over frequency of Welch's power spectral
    /// density (Hann, half overlapping segments of up to 256 samples, Welch 1967) between 0.1 and
    /// 0.4 of the rate. The median ignores lines, which vibration makes. `None` under 64 samples.
    pub density_m_s2_rt_hz: Option<f64>,
}

/// Figures of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Per axis; `None` where the recording has no such axis.
    pub axes: [Option<AxisStatistics>; 3],
    /// Length of the vector of means, m/s2: near 9.81 for a sensor at rest with three axes.
    pub mean_magnitude_m_s2: f64,
    /// Samples.
    pub samples: usize,
    /// Duration at the true rate, s.
    pub duration_s: f64,
}

/// Longest segment, samples.
const SEGMENT: usize = 256;
/// More segments than this are thinned out evenly.
const SEGMENTS_MAX: usize = 200;

impl Recording {
    /// Means and noise of every axis.
    pub fn statistics(&self) -> Statistics {
        let axes = [0, 1, 2].map(|axis| {
            self.present[axis].then(|| axis_statistics(&self.axes_m_s2[axis], self.rate_hz))
        });
        let square = axes
            .iter()
            .flatten()
            .map(|a| a.mean_m_s2 * a.mean_m_s2)
            .sum::<f64>();
        Statistics {
            axes,
            mean_magnitude_m_s2: square.sqrt(),
            samples: self.samples(),
            duration_s: self.samples().saturating_sub(1) as f64 / self.rate_hz,
        }
    }
}

fn axis_statistics(signal: &[f64], rate_hz: f64) -> AxisStatistics {
    let n = signal.len().max(1) as f64;
    let mean = signal.iter().sum::<f64>() / n;
    let middle = 0.5 * (n - 1.0);
    let at = |i: usize| i as f64 - middle;
    let weight = signal
        .iter()
        .enumerate()
        .map(|(i, _)| at(i) * at(i))
        .sum::<f64>();
    let product = signal
        .iter()
        .enumerate()
        .map(|(i, a)| at(i) * (a - mean))
        .sum::<f64>();
    let slope = if weight > 0.0 { product / weight } else { 0.0 };
    let rest: Vec<f64> = signal
        .iter()
        .enumerate()
        .map(|(i, a)| a - mean - slope * at(i))
        .collect();
    AxisStatistics {
        mean_m_s2: mean,
        noise_rms_m_s2: (rest.iter().map(|a| a * a).sum::<f64>() / n).sqrt(),
        peak_m_s2: rest.iter().fold(0.0, |m, a| m.max(a.abs())),
        density_m_s2_rt_hz: density(&rest, rate_hz),
    }
}

/// Root of the median power spectral density; a plain transform at the few frequencies needed.
fn density(signal: &[f64], rate_hz: f64) -> Option<f64> {
    let length = SEGMENT.min(signal.len() / 4 * 2);
    if length < 32 {
        return None;
    }
    let window: Vec<f64> = (0..length)
        .map(|i| 0.5 - 0.5 * libm::cos(2.0 * PI * (i as f64 + 0.5) / length as f64))
        .collect();
    let window_power = window.iter().map(|w| w * w).sum::<f64>();
    let starts: Vec<usize> = (0..=signal.len() - length).step_by(length / 2).collect();
    let thinned: Vec<usize> = starts
        .iter()
        .copied()
        .step_by(starts.len().div_ceil(SEGMENTS_MAX))
        .collect();
    let mut spectrum: Vec<f64> = (length / 10..=length * 4 / 10)
        .map(|bin| {
            let wave: Vec<(f64, f64)> = (0..length)
                .map(|i| {
                    // The phase is reduced in whole numbers, so that it stays exact.
                    let turn = (bin * i % length) as f64 / length as f64;
                    let (s, c) = libm::sincos(2.0 * PI * turn);
                    (window[i] * c, window[i] * s)
                })
                .collect();
            let power = thinned.iter().map(|start| {
                let segment = &signal[*start..*start + length];
                let (re, im) = segment
                    .iter()
                    .zip(&wave)
                    .fold((0.0, 0.0), |(re, im), (a, (c, s))| (re + a * c, im + a * s));
                re * re + im * im
            });
            2.0 * power.sum::<f64>() / (thinned.len() as f64 * window_power * rate_hz)
        })
        .collect();
    spectrum.sort_by(f64::total_cmp);
    Some(spectrum[spectrum.len() / 2].sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn white_noise_on_a_drifting_offset_with_a_line_gives_its_own_figures() {
        let mut rng = stream(1, 0, Purpose::SensorNoise, 0);
        let rate = 1687.0;
        let (sigma, n) = (0.02, 20_000);
        let signal: Vec<f64> = (0..n)
            .map(|i| {
                let z: f64 = StandardNormal.sample(&mut rng);
                let t = f64::from(i) / rate;
                9.7 + 0.05 * t + sigma * z + 0.02 * libm::sin(2.0 * PI * 400.0 * t)
            })
            .collect();
        let got = axis_statistics(&signal, rate);
        let rms = (sigma * sigma + 0.02 * 0.02 / 2.0_f64).sqrt();
        assert!((got.noise_rms_m_s2 / rms - 1.0).abs() < 0.02, "{got:?}");
        let density = sigma / (rate / 2.0).sqrt();
        let found = got.density_m_s2_rt_hz.unwrap();
        assert!(
            (found / density - 1.0).abs() < 0.03,
            "{found} instead of {density}"
        );
        assert!((got.mean_m_s2 - 9.7 - 0.05 * 0.5 * f64::from(n) / rate).abs() < 1e-3);
    }

    #[test]
    fn short_and_constant_signals_are_no_trouble() {
        let got = axis_statistics(&[1.0, 1.0], 100.0);
        assert!((got.mean_m_s2 - 1.0).abs() < 1e-15 && got.noise_rms_m_s2 < 1e-15);
        assert_eq!(got.density_m_s2_rt_hz, None);
        let flat = axis_statistics(&[2.5; 500], 100.0);
        assert_eq!(flat.density_m_s2_rt_hz, Some(0.0));
        assert!(axis_statistics(&[], 100.0).peak_m_s2 < 1e-15);
    }
}
