//! Recordings of real accelerations through a device and the pipeline: no physics, no truth.
//!
//! [`listen()`] feeds a [`crate::recording::Recording`] to a device and gathers what device and pipeline
//! made of it; the [`RecordingReport`] is shown by [`recording_summary`] or as JSON.

mod error;
mod listen;
mod report;
mod summary;

pub use error::ReplayError;
pub use listen::{ListenOptions, listen};
pub use report::{
    AxisFigures, DeviceFigures, LinkFigures, RECORDING_FORMAT, RecordingFigures, RecordingReport,
    TrainFigures,
};
pub use summary::recording_summary;
