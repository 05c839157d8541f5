//! Why a session log could not be written or read.

use std::path::PathBuf;

use crate::exit;

/// A session log that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionLogError {
    /// The disk is full, or the folder may not be written.
    #[error("cannot write session log {path}: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file cannot be opened or decompressed.
    #[error("cannot read session log {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line is no record.
    #[error("session log {path}, line {line}: {reason}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line of the decompressed text, from 1.
        line: u64,
        /// In words.
        reason: String,
    },
    /// Another version of the format.
    #[error(
        "session log {path} has format {found}; this frogbench reads {ours}",
        path = path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: u64,
        /// Format that is read.
        ours: u32,
    },
}

impl SessionLogError {
    /// The documented exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Write { .. } => exit::RETRYABLE,
            Self::Read { .. } | Self::Line { .. } | Self::Format { .. } => exit::SCENARIO_INVALID,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Write { .. } => {
                "check free space and permissions, or run with --session-log never"
            }
            Self::Read { .. } => "name the folder of a run that was made with --session-log always",
            Self::Line { .. } => "the file is damaged: make the run again",
            Self::Format { .. } => "use the frogbench that wrote it, or make the run again",
        })
    }
}
