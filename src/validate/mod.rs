//! The gates: every reference that the model is held to, in one place.
//!
//! `frogbench validate` prints them and the tests in `tests/gates` judge them: each gate is defined
//! once, here. To add one, write a function `fn(&mut Gates) -> Result<(), ValidateError>` and list it
//! in [`SECTIONS`].
//!
//! | what is demanded | tolerance | section |
//! |---|---|---|
//! | Zimmermann beam: beta, deflection | 1e-4 | `statics` |
//! | static deflection of the rail over a sleeper and at midspan; sleeper and seat load | 1e-4; 1e-3 | `statics` |
//! | receptance at midspan: three peaks and the dip | 2 % in frequency | `receptance` |
//! | pinned-pinned frequency, Euler-Bernoulli and Timoshenko | 1 % | `receptance` |
//! | moving load: peaks of rail and sleeper, mean, least and most under the load | 1e-3 | `moving-load` |
//! | moving load: sleeper acceleration | 1 % | `moving-load` |
//! | wheel over a dip, 40 m/s 10 mrad, 20 m/s 10 mrad, 40 m/s 5 mrad: P1 (and P2 of the first) | 2 % | `impact` |
//! | the same: sleeper acceleration | 5 % | `impact` |
//! | no dip, 40 m/s: least and largest force | 1 % | `impact` |
//! | model over formula of Jenkins, P1 and P2; worked example | 0.80 to 1.05; 1e-3 | `jenkins` |
//! | P1 with half the time step; with half the element length | 0.2 %; 1 % | `convergence`, `trains` |
//! | indicator of Milosevic at 0, 5, 10, 15, 20 mrad | strictly rising | `indicator` |
//! | energy without a load, all ballast laws, gaps, both models | 1e-9 of the loss | `energy`, `energy-two-rails` |
//! | 23 cases of voids, dead weight, dips and flats | as in the file | `voids` |
//! | the cases of moving forces over voids, on two rails with rigid bearers | as in the file | `rigid-bearers` |
//! | a coach over a dip and voids, on two rails with rigid bearers: as on one | 1e-4 to 5e-3 | `trains` |
//! | two rails on flexible bearers: frequencies, statics, receptance, moving forces | as in the file | `two-rails` |
//! | fast engine against the full one, bogie by bogie up to 1 kHz: RMS of the error; peak | 3 %; 5 % | `fast-engine` |

mod case;
mod energy;
mod fast_engine;
mod gate;
mod impact;
mod jenkins;
mod moving_load;
pub mod oracle;
mod statics;
mod train;

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
        name: "energy-two-rails",
        title: "Energy without a load, two rails on flexible bearers",
        by_case: false,
        judge: energy::two_rails,
    },
    Section {
        name: "voids",
        title: "Voids, dead weight, wheel flats: 23 cases",
        by_case: true,
        judge: oracle::voids_gates,
    },
    Section {
        name: "rigid-bearers",
        title: "Two rails on rigid bearers under equal loads: the one-rail values, over voids too",
        by_case: true,
        judge: oracle::rigid_bearers_gates,
    },
    Section {
        name: "trains",
        title: "A coach on two rails: rigid bearers, convergence",
        by_case: false,
        judge: train::gates,
    },
    Section {
        name: "two-rails",
        title: "Two rails on flexible bearers",
        by_case: false,
        judge: oracle::two_rails_gates,
    },
    Section {
        name: "fast-engine",
        title: "The fast engine against the full one, bogie by bogie",
        by_case: false,
        judge: fast_engine::gates,
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
