//! Why a recording cannot be used.

use thiserror::Error;

/// A recording that cannot be used: which file, and why.
#[derive(Debug, Error)]
#[error("recording {file}: {kind}")]
pub struct RecordingError {
    /// The file as named by the caller.
    pub file: String,
    /// What is wrong with it.
    #[source]
    pub kind: RecordingErrorKind,
}

impl RecordingError {
    pub(crate) fn new(file: &str, kind: RecordingErrorKind) -> Self {
        Self {
            file: file.to_owned(),
            kind,
        }
    }
}

/// What is wrong with a recording. Lines and columns count from 1; the header is a line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordingErrorKind {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Io(#[source] std::io::Error),
    /// More bytes than the reader accepts.
    #[error("holds {bytes} bytes; at most {limit} are read, so cut it into parts")]
    TooLarge {
        /// Size.
        bytes: u64,
        /// Limit.
        limit: u64,
    },
    /// No samples.
    #[error("holds {samples} samples; at least {needed} are needed")]
    TooShort {
        /// Samples found.
        samples: usize,
        /// Samples needed.
        needed: usize,
    },
    /// No column looks like an acceleration.
    #[error(
        "has no acceleration column (columns: {columns}): name columns like ax_g, ay_mg, az_m_s2 or \
         az_lsb, or say which to use"
    )]
    NoAxis {
        /// Header as found.
        columns: String,
    },
    /// A column asked for is not there.
    #[error("has no column \"{name}\" (columns: {columns})")]
    NoColumn {
        /// As asked for.
        name: String,
        /// Header as found.
        columns: String,
    },
    /// Two columns fit the same axis or the time.
    #[error("columns \"{first}\" and \"{second}\" both fit {role}: say which to use")]
    Ambiguous {
        /// x, y, z or the time.
        role: &'static str,
        /// First column.
        first: String,
        /// Second column.
        second: String,
    },
    /// The unit of a column cannot be told from its name.
    #[error("column \"{name}\" names no unit: end it in {expected}")]
    NoUnit {
        /// Column name.
        name: String,
        /// Suffixes that are understood.
        expected: &'static str,
    },
    /// Neither a time column nor a rate.
    #[error("has no time column (t_s, t_ms, t_us): say its sample rate")]
    NoRate,
    /// A row with more or fewer fields than the header.
    #[error("line {line} has {fields} fields, the header has {expected}")]
    Ragged {
        /// Line.
        line: u64,
        /// Fields found.
        fields: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// A field that is not a finite number.
    #[error("line {line}, column {column} ({name}): \"{text}\" is not a finite number")]
    NotANumber {
        /// Line.
        line: u64,
        /// Column.
        column: usize,
        /// Column name.
        name: String,
        /// The field, shortened.
        text: String,
    },
    /// A value that no accelerometer delivers, or counts beyond 24 bits.
    #[error(
        "line {line}, column {column} ({name}): {value} is beyond {limit}: wrong unit or scale?"
    )]
    TooLargeValue {
        /// Line.
        line: u64,
        /// Column.
        column: usize,
        /// Column name.
        name: String,
        /// The value.
        value: f64,
        /// The limit in words.
        limit: &'static str,
    },
    /// Counts with a fraction.
    #[error("line {line}, column {column} ({name}): {value} is no whole count")]
    NotWhole {
        /// Line.
        line: u64,
        /// Column.
        column: usize,
        /// Column name.
        name: String,
        /// The value.
        value: f64,
    },
    /// Time runs backwards.
    #[error("line {line}: time {now_s} s comes after {before_s} s: sort or split the recording")]
    TimeRunsBack {
        /// Line.
        line: u64,
        /// Time before, s.
        before_s: f64,
        /// Time here, s.
        now_s: f64,
    },
    /// Every time stamp is the same.
    #[error("all time stamps are equal, so it has no sample rate")]
    NoDuration,
    /// An option or a derived quantity is out of range.
    #[error("{what} is {value}, which is not {expected}")]
    OutOfRange {
        /// What.
        what: &'static str,
        /// Value.
        value: f64,
        /// What is accepted.
        expected: &'static str,
    },
    /// The CSV syntax is broken.
    #[error("is not readable as CSV: {0}")]
    Csv(#[source] csv::Error),
    /// The WAV file is broken or of an unsupported kind.
    #[error("is not readable as WAV: {0}")]
    Wav(#[source] hound::Error),
    /// A WAV file with a number of channels that has no natural order of axes.
    #[error("has {channels} channels: 1 (z) and 3 (x, y, z) are understood, else say the channels")]
    Channels {
        /// Channels found.
        channels: u16,
    },
    /// A sample of a WAV file is NaN or infinite.
    #[error("sample {sample} of channel {channel} is not a finite number")]
    WavNotFinite {
        /// Sample index from 0.
        sample: usize,
        /// Channel from 0.
        channel: u16,
    },
}
