//! Why a site cannot be built or run over.

use crate::passage::PassageError;
use crate::track::TurnoutError;

/// A site that cannot be built, or a train that cannot run over it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// The turnout makes no track.
    #[error(transparent)]
    Turnout(#[from] TurnoutError),
    /// A bearer outside the modelled track.
    #[error(
        "bearer {bearer} is outside the modelled track, which reaches {reach} bearers to either side of the theoretical point"
    )]
    BearerOutside {
        /// Bearer, counted from the theoretical point.
        bearer: i32,
        /// Bearers on either side.
        reach: usize,
    },
    /// A place beyond the end of its bearer.
    #[error("bearer {bearer} has no place {along_m} m from its end: it is {length_m:.2} m long")]
    PlaceOutside {
        /// Bearer, counted from the theoretical point.
        bearer: i32,
        /// The place, m.
        along_m: f64,
        /// Length of the bearer, m.
        length_m: f64,
    },
    /// The passage could not be simulated.
    #[error(transparent)]
    Passage(#[from] PassageError),
}
