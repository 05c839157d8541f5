//! Discrete supports of one rail: pad, sleeper share, ballast.

use super::{BeamTheory, RailSection};

/// One support of one rail: rail pad, the rail's share of the sleeper, ballast under it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Support {
    /// Rail pad stiffness, N/m.
    pub pad_stiffness_n_m: f64,
    /// Rail pad damping, N s/m.
    pub pad_damping_n_s_m: f64,
    /// Sleeper (bearer) mass carried by this rail, kg.
    pub sleeper_mass_kg: f64,
    /// Ballast stiffness under this share, N/m.
    pub ballast_stiffness_n_m: f64,
    /// Ballast damping under this share, N s/m.
    pub ballast_damping_n_s_m: f64,
    /// Gap between the unloaded sleeper and the ballast (void), m, not negative.
    pub gap_m: f64,
}

/// How ballast answers to the sleeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BallastLaw {
    /// Spring and damper in both directions: verification option. Gaps are not allowed.
    Linear,
    /// No tension, and a gap that has to close first; gravity is then part of the model.
    /// The force of spring and damper together never pulls: `N = max(0, k d + c v)` while `d > 0`.
    #[default]
    Unilateral,
    /// Verification option, the law of the `ViscoelasticGap` material of `OpenSees`: `N = k d + c v` while `d > 0`,
    /// so that the damper may pull just before the sleeper lifts.
    UnilateralUnclipped,
}

/// One rail on discrete supports.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Rail section of each bay (length = number of bays).
    pub rail: Vec<RailSection>,
    /// Beam theory of the rail elements.
    pub beam: BeamTheory,
    /// Sleeper spacing, m.
    pub bay_m: f64,
    /// Rail elements in each bay, at least 4 for results up to 2 kHz.
    pub elements_per_bay: usize,
    /// Supports at x = i * bay (length = number of bays + 1).
    pub supports: Vec<Support>,
    /// Ballast law.
    pub ballast: BallastLaw,
    /// Gravity acting on rail and sleepers, m/s2; 0 only in verification cases.
    pub gravity_m_s2: f64,
}
