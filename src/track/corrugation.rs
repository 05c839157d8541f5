//! Corrugation: a stretch of nearly periodic wear.

use std::f64::consts::{PI, TAU};

use super::contact_filter;

/// A corrugated stretch: `d/2 (1 - cos(2 pi x / l))` below the uncorrugated rail, grown over one wavelength at either end.
///
/// Depth from crest to trough as measured with a straight edge; wavelengths of 20-100 mm are short-pitch, up to 300 mm
/// long-pitch corrugation (EN 13231-3 measures in these ranges). The contact patch averages over it, see
/// `rail_roughness`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrugation {
    /// Where it begins, m.
    pub from_m: f64,
    /// Where it ends, m.
    pub to_m: f64,
    /// Wavelength, m.
    pub wavelength_m: f64,
    /// Depth from crest to trough, m.
    pub depth_m: f64,
}

impl Corrugation {
    /// Drop as the contact patch feels it at `x_m`, m, positive down.
    pub fn drop(&self, x_m: f64) -> f64 {
        let inward = (x_m - self.from_m).min(self.to_m - x_m);
        if inward <= 0.0 {
            return 0.0;
        }
        let grown = (inward / self.wavelength_m).min(1.0);
        let weight = 0.5 * (1.0 - libm::cos(PI * grown));
        let wave = libm::cos(TAU * (x_m - self.from_m) / self.wavelength_m);
        let felt = contact_filter(TAU / self.wavelength_m);
        0.5 * self.depth_m * weight * (1.0 - felt * wave)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_from_crest_to_trough_and_no_step_at_the_ends() {
        let long = Corrugation {
            from_m: 1.0,
            to_m: 3.0,
            wavelength_m: 0.25,
            depth_m: 0.2e-3,
        };
        let inside: Vec<f64> = (0..1000)
            .map(|i| long.drop(1.5 + 1e-3 * f64::from(i)))
            .collect();
        let (low, high) = inside
            .iter()
            .fold((f64::MAX, f64::MIN), |m, d| (m.0.min(*d), m.1.max(*d)));
        assert!(((high - low) / 0.2e-3 - 1.0).abs() < 0.01, "{}", high - low);
        assert!(long.drop(1.0).abs() < 1e-15 && long.drop(3.0).abs() < 1e-15);
        assert!(long.drop(1.001) < 1e-8 && long.drop(2.999) < 1e-8);
        let short = Corrugation {
            wavelength_m: 0.02,
            ..long
        };
        let swing = (0..100).map(|i| short.drop(2.0 + 1e-3 * f64::from(i)));
        let (low, high) = swing.fold((f64::MAX, f64::MIN), |m, d| (m.0.min(d), m.1.max(d)));
        assert!(high - low < 0.5 * 0.2e-3, "the patch averages short waves");
    }
}
