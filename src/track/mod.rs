//! Rails, supports, turnouts and crossings, as plain data.

mod profile;
mod rail;
mod support;

pub use profile::Profile;
pub use rail::{BeamTheory, RailSection};
pub use support::{BallastLaw, Support, Track};
