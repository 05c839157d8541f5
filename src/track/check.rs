//! Refuses tracks that are not physical, with the reason.

use super::{BallastLaw, BeamTheory, RailSection, Support, Track};

/// Why a track cannot be modelled.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrackError {
    /// A number is not finite or out of its physical range.
    #[error("{what} of {place} is {value}: {needed}")]
    NotPhysical {
        /// Quantity, with its unit.
        what: &'static str,
        /// Where: track, bay or support and its index.
        place: String,
        /// The value found.
        value: f64,
        /// What it has to be.
        needed: &'static str,
    },
    /// The lists of bays and supports do not fit together.
    #[error(
        "the track has {bays} bays and {supports} supports: give at least 2 bays and one support more than bays"
    )]
    Shape {
        /// Length of [`Track::rail`].
        bays: usize,
        /// Length of [`Track::supports`].
        supports: usize,
    },
    /// Linear ballast cannot have a gap.
    #[error(
        "support {support} has a gap of {gap_m} m under linear ballast: use the unilateral law, or no gap"
    )]
    GapInLinearBallast {
        /// Index of the support.
        support: usize,
        /// Its gap, m.
        gap_m: f64,
    },
    /// The track is not held by anything: no support carries it.
    #[error("the track is not supported at x = {at_m} m: no ballast carries the rail")]
    NotSupported {
        /// Place, m.
        at_m: f64,
    },
    /// The statics found no consistent set of closed gaps.
    #[error(
        "the static equilibrium found no consistent set of closed gaps in {iterations} iterations"
    )]
    NoEquilibrium {
        /// Iterations made.
        iterations: usize,
    },
    /// The list of rail sections does not fit the elements.
    #[error("the {rail} rail has {sections} sections for {elements} elements: give one for each")]
    Sections {
        /// Left or right.
        rail: &'static str,
        /// Sections given.
        sections: usize,
        /// Bays times elements per bay.
        elements: usize,
    },
    /// A point lies beside its bearer.
    #[error("y = {at_m} m lies beside bearer {bearer}, which reaches from {right_m} to {left_m} m")]
    OutsideBearer {
        /// Index of the bearer.
        bearer: usize,
        /// The place asked for, m.
        at_m: f64,
        /// Its right end, m.
        right_m: f64,
        /// Its left end, m.
        left_m: f64,
    },
    /// A load or an output lies outside the track.
    #[error("x = {at_m} m lies outside the track of {length_m} m")]
    Outside {
        /// The place asked for, m.
        at_m: f64,
        /// Track length, m.
        length_m: f64,
    },
}

pub(crate) fn positive(what: &'static str, place: &str, value: f64) -> Result<(), TrackError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(TrackError::NotPhysical {
        what,
        place: place.to_owned(),
        value,
        needed: "it has to be a finite number greater than zero",
    })
}

pub(crate) fn not_negative(what: &'static str, place: &str, value: f64) -> Result<(), TrackError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(TrackError::NotPhysical {
        what,
        place: place.to_owned(),
        value,
        needed: "it has to be a finite number, zero or more",
    })
}

impl Track {
    /// Length of the modelled rail, m.
    pub fn length_m(&self) -> f64 {
        self.bay_m * self.rail.len() as f64
    }

    /// Checks every parameter; the first one that is not physical is the error.
    pub fn check(&self) -> Result<(), TrackError> {
        let (bays, supports) = (self.rail.len(), self.supports.len());
        if bays < 2 || supports != bays + 1 {
            return Err(TrackError::Shape { bays, supports });
        }
        positive("sleeper spacing (m)", "the track", self.bay_m)?;
        positive(
            "number of rail elements per bay",
            "the track",
            self.elements_per_bay as f64,
        )?;
        not_negative("gravity (m/s2)", "the track", self.gravity_m_s2)?;
        for (bay, section) in self.rail.iter().enumerate() {
            check_section(section, self.beam, &format!("bay {bay}"))?;
        }
        for (index, support) in self.supports.iter().enumerate() {
            check_support(support, &format!("support {index}"))?;
            if self.ballast == BallastLaw::Linear && support.gap_m != 0.0 {
                return Err(TrackError::GapInLinearBallast {
                    support: index,
                    gap_m: support.gap_m,
                });
            }
        }
        Ok(())
    }

    /// Critical speed of a moving load on the softest combination of this track's supports and rail,
    /// m/s: `(4 k E I / m^2)^(1/4)` with `k` the support stiffness per length (pad and ballast in
    /// series) and `m` the mass per length of rail and sleepers (Fryba, *Vibration of Solids and
    /// Structures under Moving Loads*, chapter 13).
    pub fn critical_speed_m_s(&self) -> f64 {
        let softest = |f: fn(&Support) -> f64| self.supports.iter().map(f).fold(f64::MAX, f64::min);
        let k = softest(|s| {
            s.pad_stiffness_n_m * s.ballast_stiffness_n_m
                / (s.pad_stiffness_n_m + s.ballast_stiffness_n_m)
        }) / self.bay_m;
        let sleepers = self
            .supports
            .iter()
            .map(|s| s.sleeper_mass_kg)
            .fold(0.0, f64::max)
            / self.bay_m;
        let rail = self.rail.iter().map(|s| s.mass_kg_m).fold(0.0, f64::max);
        let ei = self
            .rail
            .iter()
            .map(|s| s.bending_stiffness_n_m2)
            .fold(f64::MAX, f64::min);
        let m = rail + sleepers;
        (4.0 * k * ei / (m * m)).sqrt().sqrt()
    }
}

pub(crate) fn check_section(
    s: &RailSection,
    theory: BeamTheory,
    place: &str,
) -> Result<(), TrackError> {
    positive(
        "rail bending stiffness (N m2)",
        place,
        s.bending_stiffness_n_m2,
    )?;
    positive("rail mass (kg/m)", place, s.mass_kg_m)?;
    if theory == BeamTheory::Timoshenko {
        positive("rail area (m2)", place, s.area_m2)?;
        positive("rail shear modulus (Pa)", place, s.shear_modulus_pa)?;
        positive("rail shear coefficient", place, s.shear_coefficient)?;
    }
    Ok(())
}

fn check_support(s: &Support, place: &str) -> Result<(), TrackError> {
    positive("pad stiffness (N/m)", place, s.pad_stiffness_n_m)?;
    not_negative("pad damping (N s/m)", place, s.pad_damping_n_s_m)?;
    positive("sleeper mass (kg)", place, s.sleeper_mass_kg)?;
    positive("ballast stiffness (N/m)", place, s.ballast_stiffness_n_m)?;
    not_negative("ballast damping (N s/m)", place, s.ballast_damping_n_s_m)?;
    not_negative("gap under the sleeper (m)", place, s.gap_m)
}
