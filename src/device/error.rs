//! Everything that can go wrong between bench and device.

use std::io;

use super::file::DeviceFileError;
use super::firmware::FirmwareError;
use super::last_words::LastWords;
use crate::exit;

/// A device that cannot be reached, or a link that was violated. [`DeviceError::exit_code`] tells the
/// two apart.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The terminal does not exist or may not be opened.
    #[error("cannot open device {device}: {source}")]
    Open {
        /// The device as the user named it.
        device: String,
        /// What the system says.
        source: io::Error,
    },
    /// The path is no terminal.
    #[error("cannot open device {device}: it is {found}, not a serial terminal")]
    NotATerminal {
        /// The device as the user named it.
        device: String,
        /// What is there.
        found: &'static str,
    },
    /// Another program holds the terminal.
    #[error("cannot open device {device}: another program is using it")]
    Busy {
        /// The device as the user named it.
        device: String,
    },
    /// The firmware process could not be started.
    #[error("cannot start the firmware process {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// Reading or writing the line failed.
    #[error("the line to device {device} failed at sample {sample}: {source}")]
    Line {
        /// The device as the user named it.
        device: String,
        /// First sample not answered yet.
        sample: u32,
        /// What the system says.
        source: io::Error,
    },
    /// No HELLO came.
    #[error("device {device} did not answer HELLO within {waited_s:.1} s{seen}")]
    NoHello {
        /// The device as the user named it.
        device: String,
        /// How long the bench waited, in seconds.
        waited_s: f64,
        /// What came instead, as the end of a sentence; empty if nothing.
        seen: String,
    },
    /// The device stopped answering.
    #[error(
        "device {device} stopped answering at sample {sample}: nothing for {waited_s:.1} s after \
         frame {last_sent}; its last answer was {last_answer}{last}"
    )]
    Silent {
        /// The device as the user named it.
        device: String,
        /// First sample not answered.
        sample: u32,
        /// How long the bench waited, in seconds.
        waited_s: f64,
        /// Sequence number of the last frame sent.
        last_sent: u16,
        /// In words.
        last_answer: String,
        /// When, and what went before.
        last: Box<LastWords>,
    },
    /// The firmware process ended, or the line was unplugged.
    #[error(
        "device {device} went away at sample {sample}: {status}; its last answer was \
         {last_answer}{said}{last}"
    )]
    Died {
        /// The device as the user named it.
        device: String,
        /// First sample not answered.
        sample: u32,
        /// Exit status or what happened to the line.
        status: String,
        /// In words.
        last_answer: String,
        /// End of what the process wrote to its standard error, as the end of a sentence.
        said: String,
        /// When, and what went before.
        last: Box<LastWords>,
    },
    /// The device started anew in the middle of a session.
    #[error(
        "device {device} restarted in mid-run at sample {sample}: {evidence}; its last answer was \
         {last_answer}"
    )]
    Restarted {
        /// The device as the user named it.
        device: String,
        /// First sample not answered.
        sample: u32,
        /// How the bench knows.
        evidence: String,
        /// In words.
        last_answer: String,
    },
    /// The device answered HELLO with a FAULT.
    #[error("device {device} refused the session: fault {code}, {text}")]
    Refused {
        /// The device as the user named it.
        device: String,
        /// FAULT code.
        code: u16,
        /// FAULT text.
        text: String,
    },
    /// The device speaks another major version.
    #[error("device {device} speaks bench link {theirs}, this bench {ours}")]
    Version {
        /// The device as the user named it.
        device: String,
        /// Major and minor of the bench.
        ours: String,
        /// Major and minor of the device.
        theirs: String,
    },
    /// The device's HELLO does not fit the stream.
    #[error("device {device} cannot take this stream: {reason}")]
    Incompatible {
        /// The device as the user named it.
        device: String,
        /// In words.
        reason: String,
    },
    /// The device answers, but the line changes bytes.
    #[error(
        "device {device} answers HELLO but not an ECHO of all byte values: the line alters bytes"
    )]
    NotTransparent {
        /// The device as the user named it.
        device: String,
    },
    /// A control message was not answered although the device is alive.
    #[error("device {device} did not answer {message}, although it answers otherwise")]
    Unanswered {
        /// The device as the user named it.
        device: String,
        /// TIMESYNC, STATS or BYE.
        message: &'static str,
    },
    /// The session went through, but frames were lost or damaged.
    #[error("the link to device {device} was not clean: {summary}")]
    NotClean {
        /// The device as the user named it.
        device: String,
        /// Every count that is not zero.
        summary: String,
    },
    /// The device file cannot be used.
    #[error(transparent)]
    File(#[from] DeviceFileError),
    /// The tier cannot be used on this machine or in this release.
    #[error("device {device} is not available: {reason}")]
    NotAvailable {
        /// The device as the user named it.
        device: String,
        /// In words.
        reason: String,
    },
    /// A firmware image that cannot be used.
    #[error("cannot use the firmware image {path}: {reason}")]
    Image {
        /// Path of the image.
        path: String,
        /// In words.
        reason: String,
    },
    /// Unmodified firmware that no longer turns to its sensor.
    #[error(
        "device {device} made no SPI transfer for {waited_s:.1} s at sample {sample}: it is in {place}; \
         its last transfer was {last_transfer}{said}"
    )]
    Stuck {
        /// The device as the user named it.
        device: String,
        /// First sample not taken.
        sample: u32,
        /// How long the bench waited, in seconds.
        waited_s: f64,
        /// Function and address of the program counter.
        place: String,
        /// In words.
        last_transfer: String,
        /// The last console line, as the end of a sentence.
        said: String,
    },
    /// The device's processor faulted.
    #[error("device {device} crashed at sample {sample} {place}\n  registers: {registers}{last}")]
    Crashed {
        /// The device as the user named it.
        device: String,
        /// First sample not answered.
        sample: u32,
        /// `in FUNCTION (FILE:LINE)`, callers included, or what is known.
        place: String,
        /// Program counter and fault registers, as the device told them, and what they mean.
        registers: String,
        /// When, and what went before.
        last: Box<LastWords>,
    },
    /// The firmware could not be built.
    #[error("device {device}: {source}")]
    Build {
        /// The device as the user named it.
        device: String,
        /// What happened.
        source: FirmwareError,
    },
    /// The caller's stream cannot be sent: a mistake of the scenario or of frogbench.
    #[error("the sample stream cannot be sent: {reason}")]
    Stream {
        /// In words.
        reason: String,
    },
}

impl DeviceError {
    /// The documented process exit code: [`exit::DEVICE_UNREACHABLE`], [`exit::PROTOCOL_ERROR`], or
    /// [`exit::INTERNAL`] for a stream that frogbench itself must not have asked for.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Open { .. }
            | Self::NotAvailable { .. }
            | Self::Build { .. }
            | Self::Crashed { .. }
            | Self::NotATerminal { .. }
            | Self::Busy { .. }
            | Self::Start { .. }
            | Self::Line { .. }
            | Self::NoHello { .. }
            | Self::Silent { .. }
            | Self::Died { .. }
            | Self::Restarted { .. }
            | Self::Image { .. }
            | Self::Stuck { .. } => exit::DEVICE_UNREACHABLE,
            Self::Refused { .. }
            | Self::Version { .. }
            | Self::Incompatible { .. }
            | Self::NotTransparent { .. }
            | Self::Unanswered { .. }
            | Self::NotClean { .. } => exit::PROTOCOL_ERROR,
            Self::File(_) => exit::SCENARIO_INVALID,
            Self::Stream { .. } => exit::INTERNAL,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Open { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => {
                    "plug the device in and look for its terminal in /dev/serial/by-id"
                }
                io::ErrorKind::PermissionDenied => {
                    "add yourself to the group that owns the terminal (`sudo usermod -a -G dialout \
                     $USER`) and log in again"
                }
                _ => return None,
            },
            Self::Start { program, source }
                if program.starts_with("qemu") && source.kind() == io::ErrorKind::NotFound =>
            {
                "install QEMU for Arm (`apt install qemu-system-arm`)"
            }
            Self::Stuck { .. } => {
                "it may wait for an interrupt that the bench does not raise: name the function that waits \
                 as `wait_symbol` in the device file"
            }
            Self::NotATerminal { .. } => "name a terminal, such as serial:/dev/ttyACM0",
            Self::Busy { .. } => "close the terminal program or the other run that holds it",
            Self::Build {
                source: FirmwareError::NoCompiler { .. },
                ..
            } => {
                "apt install gcc-arm-none-eabi; or use --device native, which needs no cross-compiler"
            }
            Self::NotAvailable { .. } => "`frogbench doctor` says what is missing",
            Self::NoHello { .. } => {
                "check that firmware with the bench-link shim runs on it, the path, and the baud rate \
                 (serial:PATH@BAUD)"
            }
            Self::NotTransparent { .. } => {
                "check for XON/XOFF, 7-bit or newline translation on the device's side"
            }
            Self::Version { .. } => "build the firmware with the shim of this frogbench version",
            Self::NotClean { .. } => {
                "nothing was sent twice: look at the cable, the baud rate and the device's receive \
                 buffer, which must hold as many frames as it gives credits"
            }
            _ => return None,
        })
    }
}
