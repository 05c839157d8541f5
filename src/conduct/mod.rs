//! The firmware's conduct: what a device sent by radio against what its sensor delivered.
//!
//! Every score of this kind bounds what **any** sensor must get right, from the truth (trains, time,
//! temperature, the damage done to the link) or from the very counts that it was given, never from what
//! one firmware happens to answer. One [`Conduct`] follows one device from window to window.

mod counts;
mod facts;
mod heartbeat;
mod passage;
mod stream;
mod wheels;

pub use facts::Facts;
pub use stream::Conduct;
