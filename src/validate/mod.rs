//! The gates: every reference that the model is held to, in one place.
//!
//! `frogbench validate` prints them and the tests in `tests/gates` judge them: each gate is defined
//! once, here. To add one, write a function `fn(&mut Gates) -> Result<(), ValidateError>` and list it
//! in [`SECTIONS`].

mod case;
mod energy;
mod gate;
mod impact;
mod jenkins;
mod moving_load;
pub mod oracle;
mod statics;

use thiserror::Error;

pub use case::{SUPPORT, WheelOverDip, rail_60e1, reference_track};
pub use gate::{Gate, Gates};

use crate::passage::PassageError;
use crate::track::TrackError;

/// Gates that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// Short name, for selecting it.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Many gates for each of several cases: a short report shows the worst of each.
    pub by_case: bool,
    /// Computes its gates.
    pub judge: fn(&mut Gates) -> Result<(), ValidateError>,
}

/// All sections, in the order of the report.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "statics",
        title: "Statics of the reference track",
        by_case: false,
        judge: statics::deflections,
    },
    Section {
        name: "receptance",
        title: "Receptance and pinned-pinned frequencies",
        by_case: false,
        judge: statics::frequencies,
    },
    Section {
        name: "moving-load",
        title: "100 kN at 40 m/s over the reference track",
        by_case: false,
        judge: moving_load::gates,
    },
    Section {
        name: "impact",
        title: "A wheel over a dip: P1, P2, sleeper acceleration",
        by_case: false,
        judge: impact::dips,
    },
    Section {
        name: "jenkins",
        title: "P1 and P2 against the formulae of Jenkins",
        by_case: false,
        judge: jenkins::gates,
    },
    Section {
        name: "convergence",
        title: "Convergence with time step and element size",
        by_case: false,
        judge: impact::convergence,
    },
    Section {
        name: "indicator",
        title: "Condition indicator of Milosevic against the kink angle",
        by_case: false,
        judge: impact::indicator,
    },
    Section {
        name: "energy",
        title: "Energy without a load",
        by_case: false,
        judge: energy::gates,
    },
    Section {
        name: "voids",
        title: "Voids, dead weight, wheel flats: 23 cases",
        by_case: true,
        judge: oracle::voids_gates,
    },
    Section {
        name: "two-rails",
        title: "Two rails on flexible bearers",
        by_case: false,
        judge: oracle::two_rails_gates,
    },
];

/// Why gates could not be computed: a defect, or an oracle file that is not of its schema.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ValidateError {
    /// A run failed.
    #[error("a reference run failed: {0}")]
    Passage(#[from] PassageError),
    /// A track failed.
    #[error("a reference track failed: {0}")]
    Track(#[from] TrackError),
    /// An oracle file is not as its schema says.
    #[error("{case}: {problem}")]
    Oracle {
        /// Name of the case, or of the file.
        case: String,
        /// What is wrong.
        problem: String,
    },
}

impl Section {
    /// The gates of this section.
    pub fn gates(&self) -> Result<Vec<Gate>, ValidateError> {
        let mut gates = Gates::default();
        (self.judge)(&mut gates)?;
        Ok(gates.into_inner())
    }
}

fn max(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

fn min(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}
