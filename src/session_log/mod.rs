//! The session log: everything that a run sent to its devices and got back, beside the run.
//!
//! `session.jsonl.zst` holds one JSON object per line, compressed by Zstandard (`zstdcat` and `jq` read
//! it). Its first field, `record`, says what it is, in this order:
//!
//! | `record` | what |
//! |---|---|
//! | `run` | once, first: format, version, the whole scenario, the device, the line that reproduces it |
//! | `device` | once per turnout: stream settings, name and build that the device gave; frames of the greeting follow |
//! | `window` | one observed stretch of time: counts and time stamps sent, truth and signal fidelity; its frames follow, those to the device first |
//! | `frame` | one frame on the link: direction (`down` is to the device), sample time, message type, sequence number, payload in hexadecimal |
//! | `end` | once, last: windows observed, or the error that ended the run |
//!
//! The payload of a SAMPLES frame is its head only (first sample, number, time stamp): its counts are
//! those of the window. A frame that the bench damages on purpose is followed by `damaged`, the bytes as
//! sent. [`SESSION_LOG_FORMAT`] is the version of all of this.
//!
//! Host times stand apart in `session-times.csv.zst` (line of the log, microseconds since the run's
//! start), so that equal runs give equal logs. Only a bench that had to ask a slow device whether it is
//! alive, or a real device, makes two logs differ.

mod error;
mod read;
mod record;
mod write;

pub use error::SessionLogError;
pub use read::{RunLog, read_session_log};
pub use record::{
    DeviceRecord, EndRecord, FrameRecord, LogRecord, RunRecord, SESSION_LOG_FORMAT, WindowRecord,
};
pub use write::{LOG_FILE, SessionLog, TIMES_FILE};
