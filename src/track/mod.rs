//! Rails, supports, turnouts and crossings, as plain data; and the static and harmonic track.

pub(crate) mod assembly;
pub(crate) mod ballast;
pub(crate) mod band;
mod bearer_modes;
pub(crate) mod block;
pub(crate) mod check;
mod complex;
mod cosines;
mod crossing;
mod dense;
pub(crate) mod element;
mod irregularity;
mod joint;
mod profile;
mod quadrature;
mod rail;
mod receptance;
mod roughness;
pub(crate) mod statics;
mod support;
mod turnout;
mod turnout_layout;
mod turnout_two_rails;
pub(crate) mod two_rail_model;
mod two_rail_receptance;
pub(crate) mod two_rail_statics;
mod two_rails;

pub use bearer_modes::{BearerSupport, bearer_frequencies_hz};
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
pub use turnout_layout::{BearerPlace, crossing_side};
pub use turnout_two_rails::{BearerSection, RouteTrack};
pub use two_rail_receptance::two_rail_receptance;
pub(crate) use two_rail_statics::solve as two_rail_statics_of;
pub use two_rail_statics::{TwoRailState, two_rail_statics};
pub use two_rails::{
    Bearer, BearerPoint, GapProfile, Pad, RailForce, Side, TwoRailTrack, sections_of_bays,
};
