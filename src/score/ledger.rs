//! The ledger: one row per match, miss and false alarm. Every headline is computed from it alone.

use super::row::{Row, optional, text};

/// Level of the scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Facts of the truth that an expectation may name.
    Truth,
    /// Link between bench and device.
    Link,
    /// Signal that the firmware saw, and features that it reported.
    Signal,
    /// Trains, axles, speed.
    Event,
    /// Alarms against developing faults.
    Detection,
}

impl Level {
    /// The word in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Truth => "truth",
            Self::Link => "l0",
            Self::Signal => "l1",
            Self::Event => "l2",
            Self::Detection => "l3",
        }
    }
}

macro_rules! families {
    ($($variant:ident, $level:ident, $name:literal, $unit:literal, $doc:literal;)*) => {
        /// What a row of the ledger measures.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Family { $(#[doc = $doc] $variant,)* }

        impl Family {
            /// Every family, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in the table.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Unit of `expected`, `got` and `error`; `1` for ratios and counts.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)* }
            }

            /// The level it belongs to.
            pub fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)* }
            }
        }
    };
}

families! {
    ContactLoss, Truth, "contact_loss", "1", "1 if a wheel lost contact in this passage, else 0.";
    LeftToFullEngine, Truth, "left_to_full_engine", "1", "1 if the fast engine left this passage to the full one, else 0; absent by the full engine.";
    FramesSent, Link, "frames_sent", "1", "Sample frames sent to one device.";
    FramesDamaged, Link, "frames_damaged", "1", "Sample frames that the bench damaged on purpose.";
    FramesLost, Link, "frames_lost", "1", "Sample frames that the device never accepted.";
    FramesDuplicated, Link, "frames_duplicated", "1", "Frames that arrived twice, either way.";
    FramesCorrupt, Link, "frames_corrupt", "1", "Frames with a wrong checksum or length, either way.";
    FramesReordered, Link, "frames_reordered", "1", "Frames that overtook another, either way.";
    SamplesSent, Link, "samples_sent", "1", "Samples sent to one device.";
    SamplesLost, Link, "samples_lost", "1", "Samples that the firmware itself reports as lost.";
    ReplayJitter, Link, "replay_jitter", "s", "How long after its due time a frame was sent: median, 99th percentile, latest; absent in lockstep.";
    ClockDrift, Link, "clock_drift", "ppm", "Deviation of the sample rate that the device measured from the true one.";
    Nrmse, Signal, "nrmse", "1", "RMS error over standard deviation of the true signal, one window and axis.";
    Snr, Signal, "snr", "dB", "True over error energy, one window and axis.";
    BestLag, Signal, "best_lag", "samples", "Lag of the largest cross-correlation, one window and axis.";
    Correlation, Signal, "correlation", "1", "Pearson's correlation, one window and axis.";
    ClippedSamples, Signal, "clipped_samples", "1", "Samples at the end of the sensor's range, one device.";
    Rms, Signal, "rms", "m/s^2", "Reported RMS of a passage.";
    Peak, Signal, "peak", "m/s^2", "Reported peak of a passage.";
    Crest, Signal, "crest", "1", "Reported crest factor of a passage.";
    Kurtosis, Signal, "kurtosis", "1", "Reported kurtosis of a passage.";
    BandRms, Signal, "band_rms", "m/s^2", "Reported band RMS of a passage.";
    Displacement, Signal, "displacement", "m", "Reported peak-to-peak displacement of a passage, quasi-static band.";
    Train, Event, "train", "us", "Onset of a train: matched, missed or false.";
    AxleCount, Event, "axle_count", "1", "Number of axles of a true train.";
    Axle, Event, "axle", "us", "Time of an axle: matched, missed or false.";
    Speed, Event, "speed", "m/s", "Speed of a matched train.";
    UplinkBytes, Event, "uplink_bytes", "B", "Bytes by radio for a reported train.";
    MessagesUndecodable, Link, "messages_undecodable", "1", "Messages by radio that are no message of the layout.";
    SequenceErrors, Link, "sequence_errors", "1", "Messages whose number does not follow the one before.";
    PassageNumberErrors, Link, "passage_number_errors", "1", "Reports and heartbeats whose passage number does not follow.";
    HeartbeatsMissing, Link, "heartbeats_missing", "1", "Heartbeats that the bench asked for and did not get.";
    HeartbeatsSurplus, Link, "heartbeats_surplus", "1", "Windows with more heartbeats that nobody asked for than one and one per minute.";
    BootErrors, Link, "boot_errors", "1", "Boot counts that are not those of HELLO, and reset flags missing or out of place.";
    LostSamplesErrorMax, Link, "lost_samples_error_max", "1", "Largest difference between the samples that a heartbeat reports as lost and those that were.";
    GapFlagErrors, Link, "gap_flag_errors", "1", "Messages without the gap flag after a loss, or with it where nothing was lost.";
    LinkCounterErrors, Link, "link_counter_errors", "1", "Frames by which the device's link counters differ from the damage that was done.";
    ClockErrorMaxS, Link, "clock_error_max_s", "s", "Largest error of the device's millisecond clock, its wrap allowed for.";
    TimeErrorMaxS, Link, "time_error_max_s", "s", "Largest error of the device time in heartbeats.";
    RateErrorMax, Link, "rate_error_max", "1", "Largest relative error of the sample rate that the firmware measured.";
    TemperatureErrorMaxK, Link, "temperature_error_max_k", "K", "Largest error of a reported temperature.";
    ClipFlagErrors, Signal, "clip_flag_errors", "1", "Passages that clipped without the flag, or have it without clipping.";
    ClippedCountErrorMax, Signal, "clipped_count_error_max", "1", "Largest difference between clipped samples reported and counted, relative to those counted (at least 20).";
    SensorFlagErrors, Signal, "sensor_flag_errors", "1", "Messages that do not tell a stuck axis, or tell one that is not.";
    MeanErrorMaxMS2, Signal, "mean_error_max_m_s2", "m/s^2", "Largest error of the mean acceleration in a heartbeat against the counts.";
    NoiseErrorMax, Signal, "noise_error_max", "1", "Largest relative error of the noise in a heartbeat against the counts of the quiet window.";
    PeakErrorMax, Signal, "peak_error_max", "1", "Largest relative error of a reported peak against the counts, over passages and axes.";
    RmsErrorMax, Signal, "rms_error_max", "1", "Largest relative error of a reported RMS against the counts, over passages and axes.";
    CrestErrorMax, Signal, "crest_error_max", "1", "Largest relative difference between a reported crest factor and peak over RMS.";
    KurtosisErrorMax, Signal, "kurtosis_error_max", "1", "Largest relative error of a reported kurtosis against the counts.";
    ImpactKurtosisErrorMax, Signal, "impact_kurtosis_error_max", "1", "Largest relative error of a reported impact kurtosis against the counts around the axles.";
    BandErrorMax, Signal, "band_error_max", "1", "Largest relative error of a reported band RMS against the counts.";
    DisplacementErrorMax, Signal, "displacement_error_max", "1", "Largest relative error of a reported displacement against the truth.";
    OnsetErrorMaxS, Event, "onset_error_max_s", "s", "Largest difference between the reported onset and the first axle.";
    DurationErrorMaxS, Event, "duration_error_max_s", "s", "Largest difference between the reported duration and the time from first to last axle.";
    AxleCountErrorMax, Event, "axle_count_error_max", "1", "Most axles by which a reported train is wrong.";
    SpeedErrorMax, Event, "speed_error_max", "1", "Largest relative error of a reported speed; 1 if none is reported.";
    SpeedQualityErrors, Event, "speed_quality_errors", "1", "Reports whose speed, its quality and its flag contradict each other or the axles.";
    AxlePlaceErrorMaxM, Event, "axle_place_error_max_m", "m", "Largest distance of a reported axle, of those counted right, from its place in the train.";
    AxlePeakErrorMax, Event, "axle_peak_error_max", "1", "Largest relative error of an axle's peak, and of the loudest one's, against the counts above 60 Hz.";
    CompletenessFlagErrors, Event, "completeness_flag_errors", "1", "Reports that are flagged as incomplete and are complete, or the reverse.";
    FalseWakeupErrors, Event, "false_wakeup_errors", "1", "Heartbeats whose number of false wake-ups does not fit what shook the sensor.";
    ReportDelayMaxS, Event, "report_delay_max_s", "s", "Longest time from the last axle to the report.";
    Exposure, Detection, "exposure", "years", "Observed period of one turnout, in years of 365.25 days.";
    Alarm, Detection, "alarm", "us", "An alarm that was raised: a fault's first, a repeat or false.";
    Fault, Detection, "fault", "us", "Onset of a developing fault against its first alarm.";
}

impl Family {
    /// The family of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|family| family.name() == name)
    }

    /// How the rows of a family about the firmware's conduct make the score of the same name; `None` for
    /// the others.
    pub fn conduct(self) -> Option<Conduct> {
        match self {
            Self::MessagesUndecodable
            | Self::SequenceErrors
            | Self::PassageNumberErrors
            | Self::HeartbeatsMissing
            | Self::BootErrors
            | Self::GapFlagErrors
            | Self::ClipFlagErrors
            | Self::SensorFlagErrors
            | Self::HeartbeatsSurplus
            | Self::SpeedQualityErrors
            | Self::CompletenessFlagErrors
            | Self::FalseWakeupErrors => Some(Conduct::Misses),
            Self::LinkCounterErrors => Some(Conduct::Total),
            Self::LostSamplesErrorMax
            | Self::ClockErrorMaxS
            | Self::TimeErrorMaxS
            | Self::RateErrorMax
            | Self::TemperatureErrorMaxK
            | Self::ClippedCountErrorMax
            | Self::MeanErrorMaxMS2
            | Self::NoiseErrorMax
            | Self::PeakErrorMax
            | Self::RmsErrorMax
            | Self::CrestErrorMax
            | Self::KurtosisErrorMax
            | Self::ImpactKurtosisErrorMax
            | Self::BandErrorMax
            | Self::DisplacementErrorMax
            | Self::OnsetErrorMaxS
            | Self::DurationErrorMaxS
            | Self::AxleCountErrorMax
            | Self::SpeedErrorMax
            | Self::AxlePlaceErrorMaxM
            | Self::AxlePeakErrorMax
            | Self::ReportDelayMaxS => Some(Conduct::Largest),
            _ => None,
        }
    }
}

/// How rows about the firmware's conduct make a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    /// Number of rows that are wrong.
    Misses,
    /// Sum of the sizes of all errors.
    Total,
    /// Size of the largest error.
    Largest,
}

/// How a row of the ledger counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Truth and output agree within the tolerance of the family.
    Match,
    /// True, but not reported, or reported wrongly.
    Miss,
    /// Reported, but not true.
    False,
    /// Reported, but too late to be of use.
    Late,
    /// Reported once more.
    Repeat,
    /// A measured value that is neither right nor wrong.
    Value,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Match,
        Self::Miss,
        Self::False,
        Self::Late,
        Self::Repeat,
        Self::Value,
    ];

    /// The word in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Miss => "miss",
            Self::False => "false",
            Self::Late => "late",
            Self::Repeat => "repeat",
            Self::Value => "value",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerRow {
    /// Name of the scenario.
    pub scenario: String,
    /// What is measured.
    pub family: Family,
    /// How it counts.
    pub kind: Kind,
    /// Index of the turnout.
    pub turnout: u32,
    /// Index of the observed window, if bound to one.
    pub window: Option<u32>,
    /// Axis, band or number of the axle; empty where there is only one.
    pub channel: String,
    /// When, in microseconds since 1970-01-01T00:00:00Z, if bound to a time.
    pub time_us: Option<i64>,
    /// Row of the truth table, counted from 1 below its header.
    pub truth_row: Option<u64>,
    /// Row of the output table, counted from 1 below its header.
    pub output_row: Option<u64>,
    /// True value in the family's unit.
    pub expected: Option<f64>,
    /// Reported value in the family's unit.
    pub got: Option<f64>,
    /// `got` minus `expected` in the family's unit.
    pub error: Option<f64>,
    /// Train name, fault label or the reason of a gap.
    pub note: String,
}

impl LedgerRow {
    /// A row without a value.
    pub(crate) fn new(scenario: &str, family: Family, kind: Kind, turnout: u32) -> Self {
        Self {
            scenario: scenario.to_owned(),
            family,
            kind,
            turnout,
            window: None,
            channel: String::new(),
            time_us: None,
            truth_row: None,
            output_row: None,
            expected: None,
            got: None,
            error: None,
            note: String::new(),
        }
    }

    /// Reads a row back from the cells of [`LedgerRow::cells`].
    pub fn parse(cells: &[&str]) -> Result<Self, LedgerError> {
        let cell = |index: usize| cells.get(index).copied().unwrap_or_default();
        if cells.len() != Self::COLUMNS.len() {
            return Err(LedgerError::Columns {
                got: cells.len(),
                want: Self::COLUMNS.len(),
            });
        }
        let bad = |index: usize| LedgerError::Cell {
            column: Self::COLUMNS[index],
            text: cell(index).to_owned(),
        };
        let real = |index: usize| {
            maybe::<f64>(cell(index))
                .ok()
                .filter(|value| value.is_none_or(f64::is_finite))
                .ok_or_else(|| bad(index))
        };
        Ok(Self {
            scenario: cell(0).to_owned(),
            family: Family::parse(cell(2)).ok_or_else(|| bad(2))?,
            kind: Kind::parse(cell(3)).ok_or_else(|| bad(3))?,
            turnout: cell(4).parse().map_err(|_| bad(4))?,
            window: maybe(cell(5)).map_err(|()| bad(5))?,
            channel: cell(6).to_owned(),
            time_us: maybe(cell(7)).map_err(|()| bad(7))?,
            truth_row: maybe(cell(8)).map_err(|()| bad(8))?,
            output_row: maybe(cell(9)).map_err(|()| bad(9))?,
            expected: real(10)?,
            got: real(11)?,
            error: real(12)?,
            note: cell(14).to_owned(),
        })
    }
}

/// An empty cell is an unknown value.
fn maybe<T: std::str::FromStr>(text: &str) -> Result<Option<T>, ()> {
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some).map_err(|_| ())
    }
}

/// Why a row of a ledger cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The row has another number of cells.
    #[error("a ledger row has {want} cells, this one {got}")]
    Columns {
        /// Cells found.
        got: usize,
        /// Cells wanted.
        want: usize,
    },
    /// A cell cannot be understood.
    #[error("column {column} holds `{text}`")]
    Cell {
        /// Name of the column.
        column: &'static str,
        /// Its text.
        text: String,
    },
}

impl Row for LedgerRow {
    const FILE: &'static str = "ledger.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "level",
        "family",
        "kind",
        "turnout",
        "window",
        "channel",
        "time_us",
        "truth_row",
        "output_row",
        "expected",
        "got",
        "error",
        "unit",
        "note",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.scenario.clone(),
            self.family.level().name().to_owned(),
            self.family.name().to_owned(),
            self.kind.name().to_owned(),
            self.turnout.to_string(),
            text(self.window),
            self.channel.clone(),
            text(self.time_us),
            text(self.truth_row),
            text(self.output_row),
            optional(self.expected),
            optional(self.got),
            optional(self.error),
            self.family.unit().to_owned(),
            self.note.clone(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_as_written() {
        for (family, kind) in Family::ALL
            .iter()
            .flat_map(|family| Kind::ALL.map(|kind| (*family, kind)))
        {
            let mut row = LedgerRow::new("worn", family, kind, 3);
            row.window = Some(17);
            row.time_us = Some(1_767_571_200_000_001);
            row.truth_row = Some(18);
            row.expected = Some(0.1 + 0.2);
            row.got = Some(1e-300);
            row.error = Some(-1.5);
            row.channel = "z".to_owned();
            row.note = "freight, \"long\"".to_owned();
            let cells = row.cells();
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            assert_eq!(LedgerRow::parse(&cells).unwrap(), row);
        }
    }

    #[test]
    fn a_damaged_row_names_its_column() {
        let cells = LedgerRow::new("worn", Family::Train, Kind::Miss, 0).cells();
        let mut cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        cells[10] = "NaN";
        let error = LedgerRow::parse(&cells).unwrap_err();
        assert_eq!(error.to_string(), "column expected holds `NaN`");
        assert!(matches!(
            LedgerRow::parse(&cells[1..]),
            Err(LedgerError::Columns { .. })
        ));
    }
}
