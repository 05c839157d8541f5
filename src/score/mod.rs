//! Scores against the truth, one file per family of metrics.

pub mod axle;
pub mod decision;
pub mod event;
pub mod interval;
pub mod matching;
pub mod points;
pub mod signal;
pub mod sum;
mod value;

pub use value::Score;
