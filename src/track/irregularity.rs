//! Vertical track irregularity as a realisation of a power spectral density.

use std::f64::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::cosines::{Cosine, CosineSum};

/// Level of the German irregularity spectra (ORE B176, 1989).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IrregularityLevel {
    /// Low disturbance, A = 4.032e-7 m2 rad/m.
    Low,
    /// High disturbance, A = 1.08e-6 m2 rad/m.
    High,
}

/// Break frequency `W_c` of the German spectra, rad/m.
const CUT_RAD_M: f64 = 0.8246;
/// Lower break frequency `W_r`, rad/m.
const REFERENCE_RAD_M: f64 = 0.0206;
/// Break frequency `W_s` of the cross level, rad/m.
const CROSS_LEVEL_RAD_M: f64 = 0.4380;
/// Wavelengths of the realisations, m: below 3 m other sources (welds, roughness) take over, above
/// 60 m neither vehicle nor sleeper answers and the modelled track is too short.
pub const IRREGULARITY_WAVELENGTHS_M: (f64, f64) = (3.0, 60.0);
/// Number of cosines.
const LINES: u32 = 160;

impl IrregularityLevel {
    /// One-sided spectral density at `w_rad_m`, m2/(rad/m):
    /// `S = A Wc^2 / ((W^2 + Wr^2)(W^2 + Wc^2))`.
    pub fn density(self, w_rad_m: f64) -> f64 {
        let a = match self {
            Self::Low => 4.032e-7,
            Self::High => 1.08e-6,
        };
        let w2 = w_rad_m * w_rad_m;
        let c2 = CUT_RAD_M * CUT_RAD_M;
        a * c2 / ((w2 + REFERENCE_RAD_M * REFERENCE_RAD_M) * (w2 + c2))
    }

    /// One-sided spectral density of half the cross level, m2/(rad/m): what the left rail lies below the mean of
    /// both, and the right one above.
    ///
    /// The spectra give the cross level as an angle, `S_c = A/b^2 W^2 Wc^2 / ((W^2 + Wr^2)(W^2 + Wc^2)(W^2 + Ws^2))` with
    /// `2 b` the distance of the rails; `b^2 S_c` is the vertical density times `W^2 / (W^2 + Ws^2)`. So rails rise and
    /// fall together in long waves, and each by itself in short ones.
    pub fn cross_level_density(self, w_rad_m: f64) -> f64 {
        let w2 = w_rad_m * w_rad_m;
        self.density(w_rad_m) * w2 / (w2 + CROSS_LEVEL_RAD_M * CROSS_LEVEL_RAD_M)
    }

    /// A realisation of the mean of both rails: the band is cut into logarithmic strata, each of which gives one
    /// cosine of random wavenumber and phase that carries the stratum's share of the variance.
    pub fn realise(self, rng: &mut ChaCha8Rng) -> CosineSum {
        realise(rng, |w| self.density(w))
    }

    /// A realisation of half the cross level.
    pub fn realise_cross_level(self, rng: &mut ChaCha8Rng) -> CosineSum {
        realise(rng, |w| self.cross_level_density(w))
    }
}

fn realise(rng: &mut ChaCha8Rng, density: impl Fn(f64) -> f64) -> CosineSum {
    let low = libm::log(TAU / IRREGULARITY_WAVELENGTHS_M.1);
    let high = libm::log(TAU / IRREGULARITY_WAVELENGTHS_M.0);
    let width = (high - low) / f64::from(LINES);
    let lines = (0..LINES).map(|i| {
        let left = low + width * f64::from(i);
        let wavenumber_rad_m = libm::exp(left + width * rng.random::<f64>());
        let phase_rad = TAU * rng.random::<f64>();
        let variance = band_variance(&density, libm::exp(left), libm::exp(left + width));
        Cosine {
            wavenumber_rad_m,
            phase_rad,
            amplitude_m: (2.0 * variance).sqrt(),
        }
    });
    CosineSum::new(lines.collect())
}

/// Variance of the wavenumbers between `a` and `b`, m2, by Simpson's rule (narrow bands).
fn band_variance(density: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let middle = 0.5 * (a + b);
    (b - a) / 6.0 * (density(a) + 4.0 * density(middle) + density(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    /// Closed integral of the density: partial fractions give a difference of two arctangents.
    fn integral(level: IrregularityLevel, a: f64, b: f64) -> f64 {
        let (c2, r2) = (CUT_RAD_M * CUT_RAD_M, REFERENCE_RAD_M * REFERENCE_RAD_M);
        let amplitude = level.density(0.0) * r2;
        let primitive = |w: f64| {
            libm::atan(w / REFERENCE_RAD_M) / REFERENCE_RAD_M
                - libm::atan(w / CUT_RAD_M) / CUT_RAD_M
        };
        amplitude * c2 / (c2 - r2) * (primitive(b) - primitive(a))
    }

    #[test]
    fn rms_of_a_long_realisation_is_the_integral_of_the_density() {
        for (level, seed) in [(IrregularityLevel::Low, 1), (IrregularityLevel::High, 2)] {
            let sum = level.realise(&mut stream(seed, 0, Purpose::Irregularity, 0));
            let heights = sum.sample(0.0, 0.5, 100_000);
            let mean_square = heights.iter().map(|h| h * h).sum::<f64>() / heights.len() as f64;
            let wanted = integral(level, TAU / 60.0, TAU / 3.0);
            assert!(
                (mean_square / wanted - 1.0).abs() < 0.02,
                "{mean_square} vs {wanted}"
            );
        }
        let low = integral(IrregularityLevel::Low, TAU / 60.0, TAU / 3.0).sqrt();
        assert!(
            (1.0e-3..3.0e-3).contains(&low),
            "low-disturbance RMS {low} m"
        );
    }

    #[test]
    fn the_spectrum_has_the_shape_of_the_density() {
        // Variance per octave of wavelength, from the lines themselves.
        let level = IrregularityLevel::Low;
        let sum = level.realise(&mut stream(3, 0, Purpose::Irregularity, 0));
        for (short, long) in [(3.0, 6.0), (6.0, 12.0), (12.0, 24.0), (24.0, 48.0)] {
            let (a, b) = (TAU / long, TAU / short);
            let got: f64 = sum
                .lines()
                .iter()
                .filter(|line| (a..b).contains(&line.wavenumber_rad_m))
                .map(|line| 0.5 * line.amplitude_m * line.amplitude_m)
                .sum();
            let wanted = integral(level, a, b);
            assert!(
                (got / wanted - 1.0).abs() < 0.1,
                "{short}-{long} m: {got} vs {wanted}"
            );
        }
    }

    /// Rails share the long waves and part in the short ones: their correlation is `(1 - g)/(1 + g)` with
    /// `g = W^2 / (W^2 + Ws^2)`.
    #[test]
    fn rails_are_alike_in_long_waves_only() {
        let level = IrregularityLevel::Low;
        let mut rng = stream(4, 0, Purpose::Irregularity, 0);
        let (mean, half) = (level.realise(&mut rng), level.realise_cross_level(&mut rng));
        let variance = |sum: &CosineSum, a: f64, b: f64| -> f64 {
            let band = sum
                .lines()
                .iter()
                .filter(|l| (a..b).contains(&l.wavenumber_rad_m));
            band.map(|l| 0.5 * l.amplitude_m * l.amplitude_m).sum()
        };
        for (short, long) in [(3.0, 4.0), (8.0, 10.0), (40.0, 55.0)] {
            let (a, b) = (TAU / long, TAU / short);
            let (m, h) = (variance(&mean, a, b), variance(&half, a, b));
            let w2 = a * b;
            let g = w2 / (w2 + CROSS_LEVEL_RAD_M * CROSS_LEVEL_RAD_M);
            let (got, wanted) = ((m - h) / (m + h), (1.0 - g) / (1.0 + g));
            assert!(
                (got - wanted).abs() < 0.1,
                "{short}-{long} m: {got} vs {wanted}"
            );
        }
    }
}
