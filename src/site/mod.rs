//! A turnout site: the turnout with its running surface, its condition at a time, and trains over it.
//!
//! Plain functions between the descriptions in files (`scenario`, `case`) and the passage model. The same site
//! serves both passage models: two rails on flexible bearers, and one rail as a verification option.

mod condition;
mod error;
mod run;
mod surface;
mod turnout_of;

pub use condition::Condition;
pub use error::SiteError;
pub use run::{Output, SitePassage, TrainRun};
pub use surface::TrackSurface;

use crate::random::{Purpose, stream};
use crate::scenario::{PassageSpec, TrackSpec, TurnoutSpec};
use crate::track::{BallastCondition, Turnout};
use crate::train::ProfileGrid;

/// Fewest bays of a modelled track. Bending waves that a wheel sends out have died away after a few metres; the
/// rest lets a wheel settle before it matters.
const BAYS: usize = 60;
/// Bays between the farthest bearer of interest and the end of the track.
const BAYS_BEYOND: usize = 16;

/// What a site is made of.
#[derive(Debug, Clone, Copy)]
pub struct SiteSpec<'a> {
    /// The turnout.
    pub turnout: &'a TurnoutSpec,
    /// The track around it.
    pub track: &'a TrackSpec,
    /// Passage model and engine.
    pub passage: &'a PassageSpec,
    /// Bearer, counted from the theoretical point, from which bearers in the track's description are counted.
    pub reference_bearer: i32,
    /// Seed of the random streams.
    pub seed: u64,
    /// Index of the turnout.
    pub index: u32,
}

/// One turnout with its running surface.
#[derive(Debug, Clone)]
pub struct Site {
    turnout: Turnout,
    surface: TrackSurface,
    /// The ballast before any wear.
    bed: BallastCondition,
    passage: PassageSpec,
    bays: usize,
    reference_bearer: i32,
    seed: u64,
    index: u32,
}

impl Site {
    /// The site before any wear.
    pub fn new(spec: &SiteSpec<'_>) -> Result<Self, SiteError> {
        let turnout = turnout_of::turnout_of(spec.turnout, spec.track, spec.reference_bearer)?;
        let reach = spec.reference_bearer.unsigned_abs() as usize + BAYS_BEYOND;
        let bays = BAYS.max(2 * reach);
        let grid = ProfileGrid::over(bays as f64 * turnout.bay_m);
        let crossing_m = (bays / 2) as f64 * turnout.bay_m;
        let mut rng = stream(spec.seed, spec.index, Purpose::Irregularity, 0);
        let surface = TrackSurface::new(spec.track, grid, crossing_m, &mut rng);
        Ok(Self {
            turnout,
            surface,
            bed: BallastCondition {
                frost: spec.track.ballast.frost,
                fouling: spec.track.ballast.fouling,
            },
            passage: spec.passage.clone(),
            bays,
            reference_bearer: spec.reference_bearer,
            seed: spec.seed,
            index: spec.index,
        })
    }

    /// The turnout before any wear.
    pub fn turnout(&self) -> &Turnout {
        &self.turnout
    }
}
