//! Why a recording could not be replayed.

use crate::device::DeviceError;
use crate::exit;
use crate::pipeline::PipelineError;
use crate::recording::RecordingError;

/// A replay that came to no end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The recording cannot be used.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The device under test failed, or the link to it.
    #[error("recording {file}: {source}")]
    Device {
        /// The recording.
        file: String,
        /// What happened.
        source: DeviceError,
    },
    /// The pipeline refused its input.
    #[error("recording {file}: pipeline: {source}")]
    Pipeline {
        /// The recording.
        file: String,
        /// What happened.
        source: PipelineError,
    },
}

impl ReplayError {
    /// The documented exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Recording(_) => exit::SCENARIO_INVALID,
            Self::Device { source, .. } => source.exit_code(),
            Self::Pipeline { .. } => exit::INTERNAL,
        }
    }

    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Device { source, .. } => source.hint(),
            _ => None,
        }
    }
}
