//! The output table: what device and pipeline said.

use super::features::Features;
use super::row::{Row, list, optional, text};
use super::truth::feature_cells;

/// What a row of the output is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// A train was reported.
    Train,
    /// An alarm was raised.
    AlarmRaised,
    /// An alarm was cleared.
    AlarmCleared,
    /// The device sent its state.
    Heartbeat,
    /// The device reported a passage that the pipeline did not take for a train.
    Disregarded,
    /// Something was wrong with the device or its messages.
    Problem,
}

impl OutputKind {
    /// The word in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::AlarmRaised => "alarm-raised",
            Self::AlarmCleared => "alarm-cleared",
            Self::Heartbeat => "heartbeat",
            Self::Disregarded => "disregarded",
            Self::Problem => "problem",
        }
    }
}

/// One report of the device or the pipeline. All times are microseconds since
/// 1970-01-01T00:00:00Z, by the device's own clock as set by the bench.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputRow {
    /// Name of the scenario.
    pub scenario: String,
    /// Index of the turnout.
    pub turnout: u32,
    /// Index of the window in which it was reported, if known.
    pub window: Option<u32>,
    /// What the row is about.
    pub kind: OutputKind,
    /// When. Of a train: the reported onset.
    pub time_us: i64,
    /// Reported duration of the passage in seconds.
    pub duration_s: Option<f64>,
    /// Reported number of axles, which may exceed the length of the list.
    pub axle_count: Option<u32>,
    /// Reported times of the axles.
    pub axle_times_us: Vec<i64>,
    /// Reported speed in m/s; `None` if the device could not tell.
    pub speed_m_s: Option<f64>,
    /// Fault flags by name.
    pub flags: Vec<String>,
    /// Reported temperature in degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Sample rate in Hz as the device measured it.
    pub rate_hz: Option<f64>,
    /// Bytes that would have gone out by radio for this row.
    pub uplink_bytes: Option<u32>,
    /// Of an alarm: what it is about.
    pub label: String,
    /// Of an alarm: the health feature's distance from its baseline in standard deviations.
    pub deviation_sigma: Option<f64>,
    /// Reported features of the passage.
    pub features: Option<Features>,
}

impl OutputRow {
    /// A row of `kind` at `time_us`, with everything else unknown.
    pub fn new(scenario: &str, turnout: u32, kind: OutputKind, time_us: i64) -> Self {
        Self {
            scenario: scenario.to_owned(),
            turnout,
            window: None,
            kind,
            time_us,
            duration_s: None,
            axle_count: None,
            axle_times_us: Vec::new(),
            speed_m_s: None,
            flags: Vec::new(),
            temperature_c: None,
            rate_hz: None,
            uplink_bytes: None,
            label: String::new(),
            deviation_sigma: None,
            features: None,
        }
    }
}

impl Row for OutputRow {
    const FILE: &'static str = "output.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "turnout",
        "window",
        "kind",
        "time_us",
        "duration_s",
        "axles",
        "axle_times_from_onset_us",
        "speed_m_s",
        "flags",
        "temperature_c",
        "rate_hz",
        "uplink_bytes",
        "label",
        "deviation_sigma",
        Features::COLUMNS[0],
        Features::COLUMNS[1],
        Features::COLUMNS[2],
        Features::COLUMNS[3],
        Features::COLUMNS[4],
        Features::COLUMNS[5],
        Features::COLUMNS[6],
        Features::COLUMNS[7],
        Features::COLUMNS[8],
        Features::COLUMNS[9],
        Features::COLUMNS[10],
        Features::COLUMNS[11],
        Features::COLUMNS[12],
        Features::COLUMNS[13],
        Features::COLUMNS[14],
        Features::COLUMNS[15],
        Features::COLUMNS[16],
        Features::COLUMNS[17],
        Features::COLUMNS[18],
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.scenario.clone(),
            self.turnout.to_string(),
            text(self.window),
            self.kind.name().to_owned(),
            self.time_us.to_string(),
            optional(self.duration_s),
            text(self.axle_count),
            list(
                self.axle_times_us
                    .iter()
                    .map(|time| time.saturating_sub(self.time_us)),
            ),
            optional(self.speed_m_s),
            self.flags.join(" "),
            optional(self.temperature_c),
            optional(self.rate_hz),
            text(self.uplink_bytes),
            self.label.clone(),
            optional(self.deviation_sigma),
        ];
        cells.extend(feature_cells(self.features.as_ref()));
        cells
    }
}
