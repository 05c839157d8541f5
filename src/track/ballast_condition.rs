//! What frost and fouling do to ballast.

/// State of the ballast of a site.
///
/// Frost bonds the stones by ice: stiffer, and less friction to damp. Fouling fills the voids between the stones with
/// fines which, in the wet, lubricate them: softer, and more damping (Selig and Waters, *Track Geotechnology and
/// Substructure Management*, 1994, for the stages of fouling; Tamrakar and Nazarian, Geosynthetics 2019, for the loss of
/// stiffness of wet fouled ballast). **The directions are from there, the sizes are assumptions**: three times the
/// stiffness and 0.6 of the damping when frozen through, 0.5 of the stiffness and 1.5 times the damping when fouled
/// through. Where a site has been measured, prescribe factors instead.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BallastCondition {
    /// Frozen part of the ballast bed, 0 to 1.
    pub frost: f64,
    /// Part of the voids that fines fill, 0 to 1; wet.
    pub fouling: f64,
}

/// Factors when frozen through: stiffness, damping.
const FROZEN: (f64, f64) = (3.0, 0.6);
/// Factors when fouled through: stiffness, damping.
const FOULED: (f64, f64) = (0.5, 1.5);

impl BallastCondition {
    /// Factors on stiffness and damping of clean, thawed ballast.
    ///
    /// Fouling first, and the frozen part on top of it: what is frozen is stiff whatever fills it.
    pub fn factors(&self) -> (f64, f64) {
        let mix = |share: f64, from: f64, to: f64| from + share.clamp(0.0, 1.0) * (to - from);
        let stiffness = mix(self.fouling, 1.0, FOULED.0);
        let damping = mix(self.fouling, 1.0, FOULED.1);
        (
            mix(self.frost, stiffness, FROZEN.0),
            mix(self.frost, damping, FROZEN.1),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frost_stiffens_and_fouling_softens() {
        let factors = |frost: f64, fouling: f64| BallastCondition { frost, fouling }.factors();
        assert_eq!(factors(0.0, 0.0), (1.0, 1.0));
        assert_eq!(factors(1.0, 0.0), FROZEN);
        assert_eq!(factors(0.0, 1.0), FOULED);
        assert_eq!(factors(1.0, 1.0), FROZEN);
        let mut last = f64::INFINITY;
        for i in 0..=10 {
            let (stiffness, _) = factors(0.3, 0.1 * f64::from(i));
            assert!(stiffness < last);
            last = stiffness;
        }
    }
}
