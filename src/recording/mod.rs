//! Recordings of real accelerations (CSV, WAV), to replay into a device.
//!
//! [`read_csv`] and [`read_wav`] give a [`Recording`] in m/s2 with the file's own timing;
//! [`Recording::statistics`] says what noise is in it, and [`Recording::to_measured`] turns it into
//! what the bench sends to a device.

mod error;
mod numbers;
mod options;
mod replay;
mod resd;
mod statistics;
mod table;
mod timing;
mod wav;

pub use error::{RecordingError, RecordingErrorKind};
pub use options::{CsvOptions, WavOptions};
pub use replay::{RawCounts, Recording};
pub use resd::{ResdStretch, encode_resd};
pub use statistics::{AxisStatistics, Statistics};
pub use table::{read_csv, read_csv_bytes};
pub use timing::{Gap, Timing};
pub use wav::{read_wav, read_wav_bytes};
