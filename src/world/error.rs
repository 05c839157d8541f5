//! Why a run could not be finished.

use crate::device::DeviceError;
use crate::exit;
use crate::passage::PassageError;
use crate::pipeline::PipelineError;
use crate::score::signal::SignalError;
use crate::sensor::SensorError;
use crate::session_log::SessionLogError;
use crate::site::SiteError;
use crate::train::axle_times::AxleTimesError;

/// A run that ended before its last window.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The device under test failed, or the link to it.
    #[error("turnout {turnout}: {source}")]
    Device {
        /// Index of the turnout.
        turnout: u32,
        /// What happened.
        source: DeviceError,
    },
    /// A passage could not be simulated.
    #[error("turnout {turnout}, window {window}: the passage cannot be simulated: {source}")]
    Passage {
        /// Index of the turnout.
        turnout: u32,
        /// Index of the window.
        window: u32,
        /// What happened.
        source: PassageError,
    },
    /// The sensor set-up is impossible.
    #[error("[sensor]: {0}")]
    Sensor(#[from] SensorError),
    /// A file of measured axle times is unusable.
    #[error("[traffic] measured: {0}")]
    AxleTimes(#[from] AxleTimesError),
    /// The scenario asks for something that its parts do not allow.
    #[error("{field}: {reason}")]
    Scenario {
        /// The field of the scenario file.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The session log cannot be written.
    #[error(transparent)]
    Log(#[from] SessionLogError),
    /// The pipeline refused its input.
    #[error("turnout {turnout}: pipeline: {source}")]
    Pipeline {
        /// Index of the turnout.
        turnout: u32,
        /// What happened.
        source: PipelineError,
    },
    /// True and measured signal could not be compared.
    #[error("turnout {turnout}, window {window}: {source}")]
    Signal {
        /// Index of the turnout.
        turnout: u32,
        /// Index of the window.
        window: u32,
        /// What happened.
        source: SignalError,
    },
}

impl RunError {
    /// A site that cannot be built, or a train that cannot run over it.
    pub(super) fn of_site(turnout: u32, window: u32, error: SiteError) -> Self {
        match error {
            SiteError::Passage(source) => Self::Passage {
                turnout,
                window,
                source,
            },
            SiteError::PlaceOutside { .. } => Self::Scenario {
                field: "[sensor] position_m",
                reason: error.to_string(),
            },
            error => Self::Scenario {
                field: "[turnout]",
                reason: error.to_string(),
            },
        }
    }

    /// The documented exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Device { source, .. } => source.exit_code(),
            Self::Sensor(_) | Self::AxleTimes(_) | Self::Scenario { .. } | Self::Passage { .. } => {
                exit::SCENARIO_INVALID
            }
            Self::Log(source) => source.exit_code(),
            Self::Pipeline { .. } | Self::Signal { .. } => exit::INTERNAL,
        }
    }

    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Device { source, .. } => source.hint(),
            Self::Log(source) => source.hint(),
            _ => None,
        }
    }
}
