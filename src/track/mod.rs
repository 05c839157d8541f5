//! Rails, supports, turnouts and crossings, as plain data.

mod cosines;
mod crossing;
mod irregularity;
mod joint;
mod profile;
mod rail;
mod roughness;
mod support;
mod turnout;

pub use cosines::{Cosine, CosineSum};
pub use crossing::{Crossing, CrossingCondition, CrossingError, CrossingPath, NOMINAL_CONICITY};
pub use irregularity::{IRREGULARITY_WAVELENGTHS_M, IrregularityLevel};
pub use joint::{Joint, JointShape};
pub use profile::Profile;
pub use rail::{BeamTheory, RailSection};
pub use roughness::{ROUGHNESS_LONGEST_M, ROUGHNESS_SHORTEST_M, iso3095_level_db, rail_roughness};
pub(crate) use roughness::{contact_filter, level_to_rms_m};
pub use support::{BallastLaw, Support, Track};
pub use turnout::{CrossingTrack, Direction, Route, TURNOUT_TYPES, Turnout, TurnoutError, Void};
