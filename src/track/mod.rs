//! Rails, supports, turnouts and crossings, as plain data; and the static and harmonic track.

pub(crate) mod assembly;
pub(crate) mod ballast;
pub(crate) mod band;
pub(crate) mod block;
pub(crate) mod check;
mod cosines;
mod crossing;
pub(crate) mod element;
mod irregularity;
mod joint;
mod profile;
mod rail;
mod receptance;
mod roughness;
pub(crate) mod statics;
mod support;
mod turnout;
mod two_rails;

pub use check::TrackError;
pub use cosines::{Cosine, CosineSum};
pub use crossing::{Crossing, CrossingCondition, CrossingError, CrossingPath, NOMINAL_CONICITY};
pub use irregularity::{IRREGULARITY_WAVELENGTHS_M, IrregularityLevel};
pub use joint::{Joint, JointShape};
pub use profile::Profile;
pub use rail::{BeamTheory, RailSection};
pub use receptance::{Receptance, Zimmermann, pinned_pinned_hz, receptance};
pub use roughness::{ROUGHNESS_LONGEST_M, ROUGHNESS_SHORTEST_M, iso3095_level_db, rail_roughness};
pub(crate) use roughness::{contact_filter, level_to_rms_m};
pub use statics::{StaticState, statics};
pub use support::{BallastLaw, Support, Track};
pub use turnout::{CrossingTrack, Direction, Route, TURNOUT_TYPES, Turnout, TurnoutError, Void};
pub use two_rails::{
    Bearer, BearerPoint, GapProfile, Pad, RailForce, Side, TwoRailTrack, sections_of_bays,
};
