//! The Bevy world: turnouts and devices as entities, one plugin per stage.
//!
//! One `App::update` carries one batch of windows through all stages. The size of a batch is fixed,
//! so that neither the order of events nor any result depends on the number of threads.

// Bevy hands parameters to systems by value, and queries are long types by nature.
#![allow(clippy::needless_pass_by_value, clippy::type_complexity)]

mod app;
mod damage;
mod device;
mod error;
mod log;
mod observation;
mod passage;
mod pipeline;
mod plan;
mod record;
mod replay;
mod resources;
mod sense;
mod stage;
mod tape;
mod truth;
mod turnout;
mod window;

pub use app::{LogOptions, Progress, RunOptions, observe};
pub use error::RunError;
pub use observation::Observations;
pub use replay::observe_log;
pub use tape::tape;
