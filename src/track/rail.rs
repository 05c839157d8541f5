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

/// Young's modulus of rail steel, Pa (EN 13674-1 rails are calculated with 2.1e11 Pa).
const RAIL_STEEL_MODULUS_PA: f64 = 2.1e11;

impl RailSection {
    /// Shear stiffness kappa G A, N.
    pub fn shear_stiffness_n(&self) -> f64 {
        self.shear_coefficient * self.shear_modulus_pa * self.area_m2
    }

    /// Second moment of area, m4: the bending stiffness over the modulus of rail steel. Used for the
    /// rotary inertia of Timoshenko elements.
    pub fn second_moment_m4(&self) -> f64 {
        self.bending_stiffness_n_m2 / RAIL_STEEL_MODULUS_PA
    }
}
