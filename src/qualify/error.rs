//! Why a qualification could not be made.

use std::path::PathBuf;

use crate::device::{DeviceFileError, FirmwareError};
use crate::exit;
use crate::session_log::SessionLogError;
use crate::world::RunError;

/// A qualification that ended before its verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QualifyError {
    /// A scenario of the suite is invalid.
    #[error("qualification scenario {name}: {reason}")]
    Suite {
        /// File name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The list of defects is invalid.
    #[error("the list of defects: {0}")]
    Defects(String),
    /// A scenario or defect was named that does not exist.
    #[error("there is no {what} `{name}`: known are {}", known.join(", "))]
    NoSuch {
        /// Scenario or defect.
        what: &'static str,
        /// The name.
        name: String,
        /// Those that exist.
        known: Vec<String>,
    },
    /// The device file of a firmware folder is invalid.
    #[error(transparent)]
    DeviceFile(DeviceFileError),
    /// The device file names a tier on which firmware cannot be qualified.
    #[error("{}: qualify runs firmware natively or in QEMU, not as {tier}", path.display())]
    Tier {
        /// The file.
        path: PathBuf,
        /// What it names.
        tier: String,
    },
    /// Defects cannot be built into a program that the device file names.
    #[error("defects need sources, but device.toml names a program that is already built")]
    Prebuilt,
    /// A folder or file cannot be used.
    #[error("{what} {}: {source}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The firmware folder has no C sources.
    #[error("{} holds no firmware: expected C sources in {}/core", path.display(), path.display())]
    NoSources {
        /// The folder.
        path: PathBuf,
    },
    /// There is no C compiler.
    #[error("the C compiler `{compiler}` cannot be started: {source}")]
    NoCompiler {
        /// The command.
        compiler: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The firmware does not compile.
    #[error("{file} does not compile{variant}:\n{output}")]
    Compile {
        /// Source file.
        file: String,
        /// With which defect.
        variant: String,
        /// What the compiler said.
        output: String,
    },
    /// The firmware cannot be built for the emulator.
    #[error(transparent)]
    Cross(#[from] FirmwareError),
    /// A scenario could not be computed.
    #[error("scenario {name}: {source}")]
    Scenario {
        /// Its name.
        name: String,
        /// Why not.
        source: Box<RunError>,
    },
    /// A computed scenario could not be kept.
    #[error(transparent)]
    Tape(SessionLogError),
    /// Scores could not be computed.
    #[error("scenario {name}: {reason}")]
    Score {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },
}

impl QualifyError {
    /// Process exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::File { .. } | Self::Tape(_) => exit::RETRYABLE,
            Self::NoSources { .. }
            | Self::Compile { .. }
            | Self::DeviceFile(_)
            | Self::Tier { .. }
            | Self::Prebuilt
            | Self::Suite { .. }
            | Self::Defects(_) => exit::SCENARIO_INVALID,
            Self::NoSuch { .. } => exit::USAGE,
            Self::NoCompiler { .. } | Self::Cross(_) => exit::DEVICE_UNREACHABLE,
            Self::Scenario { source, .. } => source.exit_code(),
            Self::Score { .. } => exit::INTERNAL,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoCompiler { .. } => {
                Some("install a C compiler (Debian: apt-get install gcc), or name one in CC")
            }
            Self::NoSources { .. } => {
                Some("firmware-fixtures/README.md describes the folder's shape")
            }
            _ => None,
        }
    }
}
