//! Rail sections and the beam theory that carries them.

/// Which beam equation the rail elements use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BeamTheory {
    /// Verification option only: its pinned-pinned mode lies 32 % too high.
    EulerBernoulli,
    /// Shear-flexible, with rotary inertia: the production model.
    #[default]
    Timoshenko,
}

/// Cross section of one rail, with its material.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RailSection {
    /// Vertical bending stiffness E I, N m2.
    pub bending_stiffness_n_m2: f64,
    /// Mass per length, kg/m.
    pub mass_kg_m: f64,
    /// Cross-sectional area, m2.
    pub area_m2: f64,
    /// Shear modulus G, Pa.
    pub shear_modulus_pa: f64,
    /// Timoshenko shear coefficient kappa, dimensionless.
    pub shear_coefficient: f64,
}
