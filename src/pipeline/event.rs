//! What the pipeline reports.

use super::{
    Diagnosis, Feature, FeatureGroup, FeatureScore, FeatureValues, SpeedSource, TrainClass,
    TrainPattern,
};

/// Why a passage did not count as a train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disregarded {
    /// Fewer axles than a train has.
    TooFewAxles,
    /// The axles make neither vehicles nor pairs: footsteps, hammer blows, a road vehicle.
    NoAxlePattern,
    /// The device flagged its sensor as bad.
    BadSensor,
}

impl Disregarded {
    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooFewAxles => "too few axles",
            Self::NoAxlePattern => "no axle pattern",
            Self::BadSensor => "bad sensor",
        }
    }
}

/// What the health monitor did with a train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JudgedAs {
    /// Added to the baseline.
    Baseline,
    /// Compared with the baseline.
    Judged,
    /// Left out: the signal was incomplete (gap, overflow, truncated).
    Incomplete,
    /// Left out of the baseline: the signal was clipped. (A clipped passage is judged once there is
    /// a baseline: its true level is at least what it reports.)
    ClippedWhileLearning,
    /// Left out: nobody knows the speed.
    SpeedUnknown,
}

/// A train.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainEvent {
    /// Device's passage number.
    pub passage: u16,
    /// Onset, device time, us.
    pub onset_us: u64,
    /// When the last message about it arrived, us.
    pub received_us: u64,
    /// Duration, s.
    pub duration_s: f64,
    /// Axles that the device counted.
    pub axle_count: u16,
    /// Axle times from the onset, s; shorter than `axle_count` if some did not arrive.
    pub axle_times_s: Vec<f64>,
    /// Best speed, m/s.
    pub speed_m_s: Option<f64>,
    /// Where it comes from.
    pub speed_source: SpeedSource,
    /// The device's own speed, m/s.
    pub device_speed_m_s: Option<f64>,
    /// Class, [`TrainClass::Unknown`] without a pattern.
    pub class: TrainClass,
    /// Vehicles, if recognised.
    pub pattern: Option<TrainPattern>,
    /// Health features.
    pub features: FeatureValues,
    /// What became of them.
    pub judged_as: JudgedAs,
    /// Scores after this train; empty while learning.
    pub scores: Vec<FeatureScore>,
}

/// Something wrong with the device or its messages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DeviceProblem {
    /// A message could not be decoded.
    Undecodable {
        /// Its length, bytes.
        bytes: usize,
        /// The decoder's words.
        reason: String,
    },
    /// Messages are missing, by the sequence number.
    UplinksLost {
        /// How many.
        count: u16,
    },
    /// A message arrived again, or too late to be placed; it was not used.
    OutOfSequence {
        /// The sequence number it carries.
        sequence: u16,
    },
    /// The device restarted.
    Restarted,
    /// Axles of a passage never arrived.
    AxlesMissing {
        /// Device's passage number.
        passage: u16,
        /// Axles counted by the device.
        expected: u16,
        /// Axles received.
        got: u16,
    },
    /// Axles arrived for a passage that is not open; they were not used.
    OrphanAxles {
        /// Device's passage number.
        passage: u16,
    },
    /// The signal of a passage was clipped.
    Clipped {
        /// Device's passage number.
        passage: u16,
    },
    /// Samples are missing in a passage.
    SampleGap {
        /// Device's passage number.
        passage: u16,
    },
    /// The device's buffer overflowed.
    RingOverflow {
        /// Device's passage number.
        passage: u16,
    },
    /// The passage was cut at its longest length, or its axle list was.
    Truncated {
        /// Device's passage number.
        passage: u16,
    },
    /// The device reports a sensor fault such as a stuck axis.
    BadSensor,
    /// The device reports lost samples between passages.
    SamplesLost {
        /// How many more than the last heartbeat told.
        count: u32,
    },
    /// No message for longer than allowed.
    Silent {
        /// Length of the silence, s.
        for_s: f64,
    },
}

impl std::fmt::Display for DeviceProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Undecodable { bytes, reason } => {
                write!(f, "undecodable message of {bytes} bytes: {reason}")
            }
            Self::UplinksLost { count } => write!(f, "messages lost: {count}"),
            Self::OutOfSequence { sequence } => {
                write!(f, "message out of sequence: {sequence}")
            }
            Self::Restarted => write!(f, "device restarted"),
            Self::AxlesMissing {
                passage,
                expected,
                got,
            } => write!(f, "passage {passage}: {got} of {expected} axles arrived"),
            Self::OrphanAxles { passage } => {
                write!(f, "axles of passage {passage}, which is not open")
            }
            Self::Clipped { passage } => write!(f, "passage {passage}: clipped"),
            Self::SampleGap { passage } => write!(f, "passage {passage}: samples missing"),
            Self::RingOverflow { passage } => write!(f, "passage {passage}: buffer overflowed"),
            Self::Truncated { passage } => write!(f, "passage {passage}: truncated"),
            Self::BadSensor => write!(f, "bad sensor"),
            Self::SamplesLost { count } => write!(f, "samples lost: {count}"),
            Self::Silent { for_s } => write!(f, "silent for {for_s:.0} s"),
        }
    }
}

/// What the pipeline reports.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PipelineEvent {
    /// A train passed.
    Train(Box<TrainEvent>),
    /// A passage that is not a train.
    Disregarded {
        /// Device's passage number.
        passage: u16,
        /// Onset, device time, us.
        onset_us: u64,
        /// Axles that the device counted.
        axle_count: u16,
        /// Why.
        reason: Disregarded,
    },
    /// The baseline is complete; from the next train on the switch is judged.
    BaselineLearned {
        /// When, us (arrival of the message).
        time_us: u64,
        /// Trains in it.
        passages: usize,
        /// Features that could not be learned: too often missing.
        unusable: Vec<Feature>,
    },
    /// A feature group rose above its baseline.
    AlarmRaised {
        /// When, us (arrival of the message).
        time_us: u64,
        /// The group.
        group: FeatureGroup,
        /// Its leading feature.
        feature: Feature,
        /// What the pattern of features suggests.
        diagnosis: Diagnosis,
        /// Score, standard errors.
        score: f64,
        /// Threshold that it passed, standard errors.
        threshold: f64,
        /// Level relative to the baseline, 1 = unchanged.
        change: f64,
    },
    /// The group is back at its baseline.
    AlarmCleared {
        /// When, us (arrival of the message).
        time_us: u64,
        /// The group.
        group: FeatureGroup,
        /// Its highest score, standard errors.
        score: f64,
        /// Threshold that all its features are below, standard errors.
        threshold: f64,
    },
    /// Something is wrong with the device or its messages.
    DeviceProblem {
        /// When, us (arrival of the message).
        time_us: u64,
        /// What.
        problem: DeviceProblem,
    },
}
