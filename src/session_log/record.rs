//! The lines of a session log.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::device::{DeviceIdentity, LinkItem, LinkRecord, StreamConfig, Way};
use crate::link::kind;
use crate::scenario::Scenario;
use crate::score::{SignalWindow, TruthRow};

/// Version of the session log that this release writes and reads.
pub const SESSION_LOG_FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LogRecord {
    /// What was run.
    Run(Box<RunRecord>),
    /// A device and its stream.
    Device(DeviceRecord),
    /// An observed stretch of time.
    Window(Box<WindowRecord>),
    /// Something that crossed the line.
    Frame(FrameRecord),
    /// How it ended.
    End(EndRecord),
}

/// What was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SESSION_LOG_FORMAT`].
    pub format: u32,
    /// Version of frogbench.
    pub version: String,
    /// Name of the scenario.
    pub name: String,
    /// Its file as the user named it.
    pub path: String,
    /// The device as the user named it.
    pub device: String,
    /// The one line that runs it again.
    pub reproduce: String,
    /// Windows planned.
    pub windows: u64,
    /// Remarks that a reader must know.
    pub notes: Vec<String>,
    /// The scenario with its overrides applied.
    pub scenario: Scenario,
}

/// A device and its stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// Index of the turnout.
    pub turnout: u32,
    /// Name that the firmware gave.
    pub name: String,
    /// Build that the firmware gave.
    pub build: String,
    /// What it was told of the stream.
    pub stream: StreamConfig,
}

impl DeviceRecord {
    /// A stream that no device has listened to yet.
    pub(crate) fn unheard(turnout: u32, stream: &StreamConfig) -> Self {
        Self {
            turnout,
            name: String::new(),
            build: String::new(),
            stream: stream.clone(),
        }
    }

    pub(crate) fn new(turnout: u32, identity: &DeviceIdentity, stream: &StreamConfig) -> Self {
        Self {
            turnout,
            name: identity.name.clone(),
            build: identity.build.clone(),
            stream: stream.clone(),
        }
    }
}

/// An observed stretch of time: all that device, pipeline and scores need of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowRecord {
    /// Index of the turnout.
    pub turnout: u32,
    /// Index of the window.
    pub window: u32,
    /// Whether the device was asked for its state at the end.
    pub quiet: bool,
    /// Simulated time of the first sample, us since 1970.
    pub start_us: u64,
    /// Temperature of the sensor, degrees Celsius.
    pub temperature_c: f64,
    /// The rate at which samples were taken, Hz.
    pub true_rate_hz: f64,
    /// Samples at the end of the range.
    pub clipped_samples: u64,
    /// FIFO time stamps, one per frame, ticks.
    pub stamps: Vec<u32>,
    /// Counts of x.
    pub x: Vec<i32>,
    /// Counts of y.
    pub y: Vec<i32>,
    /// Counts of z.
    pub z: Vec<i32>,
    /// What happened.
    pub truth: Vec<TruthRow>,
    /// Fidelity of the signal, by axis.
    pub signal: Vec<SignalWindow>,
}

/// Something that crossed the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRecord {
    /// Index of the turnout.
    pub turnout: u32,
    /// `down` to the device, `up` from it.
    pub way: String,
    /// Sample time; see [`LinkRecord::sample`].
    pub sample: u32,
    /// Message type, `damaged` for the bytes that went out instead, `rejected` for what was no frame.
    pub message: String,
    /// Sequence number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u16>,
    /// Payload (of SAMPLES its head), or the damaged bytes, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hex: String,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl FrameRecord {
    pub(crate) fn new(turnout: u32, record: &LinkRecord) -> Self {
        let mut line = Self {
            turnout,
            way: match record.way {
                Way::Down => "down",
                Way::Up => "up",
            }
            .to_owned(),
            sample: record.sample,
            message: String::new(),
            seq: None,
            hex: String::new(),
            reason: String::new(),
        };
        match &record.item {
            LinkItem::Frame {
                kind,
                sequence,
                payload,
            } => {
                line.message = message_name(*kind);
                line.seq = Some(*sequence);
                line.hex = hex(payload);
            }
            LinkItem::Damaged(bytes) => {
                "damaged".clone_into(&mut line.message);
                line.hex = hex(bytes);
            }
            LinkItem::Rejected(words) => {
                "rejected".clone_into(&mut line.message);
                line.reason.clone_from(words);
            }
        }
        line
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndRecord {
    /// Windows in the log.
    pub windows: u64,
    /// Why the run was not finished, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

fn message_name(code: u8) -> String {
    match code {
        kind::HELLO | kind::DEVICE_HELLO => "HELLO",
        kind::SAMPLES => "SAMPLES",
        kind::TIMESYNC | kind::TIMESYNC_ACK => "TIMESYNC",
        kind::ECHO | kind::DEVICE_ECHO => "ECHO",
        kind::STATS_REQUEST | kind::STATS => "STATS",
        kind::BYE | kind::DEVICE_BYE => "BYE",
        kind::RESULT => "RESULT",
        kind::UPLINK => "UPLINK",
        kind::LOG => "LOG",
        kind::FAULT => "FAULT",
        other => return format!("{other:#04x}"),
    }
    .to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
