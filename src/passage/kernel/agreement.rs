//! How closely ballast that lets go and rails agree at the end of a step.

/// Change of a pseudo-force that counts as none before the rails are solved, N: less than what would ask for
/// another solution.
pub(super) const EXPECTED_N: f64 = 0.05;

/// How closely ballast that lets go and rails have to agree within a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Agreement {
    /// Pseudo-forces are settled before the rails are solved too, for the pad forces expected; else those of the last
    /// step are expected.
    pub(crate) expect: bool,
    /// Change of a pseudo-force that counts as none, N.
    pub(crate) settled_n: f64,
    /// Change of a pad force that asks for another solution of the rails, N. A smaller one is left to the next
    /// predictor.
    pub(crate) pad_n: f64,
}

impl Agreement {
    /// That of the full engine.
    pub(crate) const CLOSE: Self = Self {
        expect: true,
        settled_n: 1e-4,
        pad_n: 0.1,
    };
    /// What is enough for less than a thousandth of the accelerations: one settlement for each bearer and step.
    pub(crate) const LOOSE: Self = Self {
        expect: false,
        settled_n: 0.02,
        pad_n: 50.0,
    };
}
