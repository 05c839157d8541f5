//! One train over one turnout: the coupled vehicle-track model in the time domain.
//!
//! Two models. **Two rails** on flexible bearers (`two_rail_train`) is what scenarios run: Timoshenko
//! rails, pads at every seat, bearers that bend, ballast along them that only pushes and may hang over
//! a void; wheels with Hertzian contact that can lift off; vehicles with wheelsets, bogies and body
//! that bounce, pitch and roll. **One rail** on discrete supports (`simulate`, `reference`) is for
//! verification: rigid half sleepers, and beams by Timoshenko or Euler-Bernoulli. Displacements are
//! vertical, positive down.
//!
//! **What both ignore**: everything lateral and longitudinal, ballast that moves as a continuum, and
//! material damping of the rail. One rail also ignores the bending of sleepers and the other rail.

mod approach;
mod contact;
mod error;
mod fast;
mod filter;
mod input;
mod kernel;
mod moving_forces;
mod one_rail;
mod output;
mod reference;
mod running_vehicle;
mod simulate;
mod two_rail_check;
mod two_rail_energy;
mod two_rail_run;
mod two_rail_train;
mod two_rails;
mod vehicle_dynamics;
mod vehicle_pair;

pub use error::PassageError;
pub use fast::{CONTACT_LOSS_S, Fallback, FastFigures, FastPassage, FastTrack, UNIT_GAP_M};
pub use filter::{Band, zero_phase};
pub use input::PassageInput;
pub use moving_forces::{
    MovingForces, MovingForcesRecord, PointRecord, run_moving_forces, run_moving_forces_and_rest,
    run_moving_forces_side_by_side,
};
pub use output::{Counters, Passage, SleeperMotion};
pub use reference::{
    Cusp, ReferenceRecord, ReferenceRun, Rider, SleeperRecord, Suspension, run_forces_side_by_side,
    run_reference, run_reference_to,
};
pub use simulate::{BAND_HZ, longest_element_m, simulate};
pub use two_rail_train::{PreparedTrack, simulate_two_rails};
pub use two_rails::{PointMotion, TwoRailInput, TwoRailPassage};
