//! What a replayed recording shows, as JSON has it. No times of day: equal recordings and devices give
//! equal bytes.

use serde::{Deserialize, Serialize};

use crate::device::LinkReport;
use crate::pipeline::Heartbeat;
use crate::recording::{AxisStatistics, Recording};
use crate::sensor::{G_M_S2, Measured};

/// Version of the JSON of a replayed recording.
pub const RECORDING_FORMAT: u32 = 1;

/// A recording, and what device and pipeline made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordingReport {
    /// Version of this format.
    pub format: u32,
    /// Version of frogbench.
    pub version: String,
    /// The recording, as the user named it.
    pub file: String,
    /// Its length and timing.
    pub recording: RecordingFigures,
    /// Noise of every axis that it has.
    pub axes: Vec<AxisFigures>,
    /// What the device said of the signal.
    pub device: DeviceFigures,
    /// Trains that device and pipeline found.
    pub trains: Vec<TrainFigures>,
    /// Wake-ups and passages that were no train.
    pub other_passages: u64,
    /// The link between bench and device.
    pub link: LinkFigures,
    /// What was assumed or noticed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Default for RecordingReport {
    fn default() -> Self {
        Self {
            format: RECORDING_FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            file: String::new(),
            recording: RecordingFigures::default(),
            axes: Vec::new(),
            device: DeviceFigures::default(),
            trains: Vec::new(),
            other_passages: 0,
            link: LinkFigures::default(),
            notes: Vec::new(),
        }
    }
}

impl RecordingReport {
    /// Whether the link was intact: else nothing is said of the device.
    pub fn is_valid(&self) -> bool {
        self.link.violated.is_none()
    }

    /// JSON with a newline at its end.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

/// Length and timing of a recording.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordingFigures {
    /// Samples per axis.
    pub samples: u64,
    /// Duration at the true rate, s.
    pub duration_s: f64,
    /// True mean sample rate, Hz: from the file's time stamps if it has any.
    pub rate_hz: f64,
    /// The rate that the device was told, Hz.
    pub nominal_rate_hz: f64,
    /// Whether the true rate comes from time stamps.
    pub has_time_stamps: bool,
    /// RMS deviation of the time stamps' intervals from their mean, s.
    pub interval_deviation_s: Option<f64>,
    /// Stretches without samples.
    pub gaps: u64,
    /// Samples missing in them.
    pub missing_samples: u64,
    /// Acceleration per count as sent to the device, m/s2.
    pub scale_m_s2_per_lsb: f64,
    /// Full scale as told to the device, m/s2.
    pub range_m_s2: f64,
    /// Samples at the end of what the counts can hold.
    pub clipped_samples: u64,
    /// Length of the vector of means, m/s2: near 9.81 for three axes at rest.
    pub mean_magnitude_m_s2: f64,
}

impl RecordingFigures {
    pub(super) fn of(recording: &Recording, measured: &Measured) -> Self {
        let statistics = recording.statistics();
        let timing = recording.timing.as_ref();
        Self {
            samples: statistics.samples as u64,
            duration_s: statistics.duration_s,
            rate_hz: recording.rate_hz,
            nominal_rate_hz: recording.nominal_rate_hz,
            has_time_stamps: timing.is_some(),
            interval_deviation_s: timing.map(|timing| timing.interval_deviation_s),
            gaps: timing.map_or(0, |timing| timing.gaps.len() as u64),
            missing_samples: timing
                .map_or(0, |timing| timing.gaps.iter().map(|gap| gap.missing).sum()),
            scale_m_s2_per_lsb: measured.scale_m_s2_per_lsb,
            range_m_s2: measured.range_m_s2,
            clipped_samples: measured.clipped_samples,
            mean_magnitude_m_s2: statistics.mean_magnitude_m_s2,
        }
    }
}

/// Noise of one axis of the recording; see [`AxisStatistics`] for how it is measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AxisFigures {
    /// `x`, `y` or `z`.
    pub axis: String,
    /// Mean, m/s2 (gravity and offset).
    pub mean_m_s2: f64,
    /// RMS about the best straight line, m/s2.
    pub noise_rms_m_s2: f64,
    /// Largest deviation from that line, m/s2.
    pub peak_m_s2: f64,
    /// Noise density, 1e-6 g per root Hz; null for a recording of less than 64 samples.
    pub density_ug_rt_hz: Option<f64>,
}

impl AxisFigures {
    pub(super) fn of(recording: &Recording) -> Vec<Self> {
        let one = |(name, axis): (&str, Option<AxisStatistics>)| {
            axis.map(|axis| Self {
                axis: name.to_owned(),
                mean_m_s2: axis.mean_m_s2,
                noise_rms_m_s2: axis.noise_rms_m_s2,
                peak_m_s2: axis.peak_m_s2,
                density_ug_rt_hz: axis.density_m_s2_rt_hz.map(|d| d / G_M_S2 * 1e6),
            })
        };
        let axes = recording.statistics().axes;
        ["x", "y", "z"]
            .into_iter()
            .zip(axes)
            .filter_map(one)
            .collect()
    }
}

/// Who the device is and what it measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceFigures {
    /// The device as given.
    pub tier: String,
    /// Name that the firmware gave.
    pub name: String,
    /// Build that the firmware gave.
    pub build: String,
    /// Sample rate that the firmware measured, Hz; null if it sent no heartbeat.
    pub rate_hz: Option<f64>,
    /// RMS of x, y, z at rest that the firmware measured, m/s2.
    pub noise_rms_m_s2: Option<[f64; 3]>,
    /// What the firmware flagged in its last heartbeat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

impl DeviceFigures {
    pub(super) fn describe(&mut self, beat: Option<&Heartbeat>) {
        let Some(beat) = beat else { return };
        self.rate_hz = Some(beat.rate_hz);
        self.noise_rms_m_s2 = Some(beat.noise_rms_m_s2);
        self.flags = beat.flags.names().into_iter().map(str::to_owned).collect();
    }
}

/// A train that was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainFigures {
    /// Onset after the first sample, s.
    pub onset_s: f64,
    /// Duration, s.
    pub duration_s: f64,
    /// Axles.
    pub axles: u16,
    /// Speed, km/h, where it is known.
    pub speed_km_h: Option<f64>,
    /// Class by its axle pattern.
    pub class: String,
}

/// The link between bench and device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkFigures {
    /// SAMPLES frames sent.
    pub frames_sent: u64,
    /// Frames that were not answered.
    pub frames_lost: u64,
    /// Messages that would have gone out by radio.
    pub uplinks: u64,
    /// Their bytes.
    pub uplink_bytes: u64,
    /// What was wrong with the link; absent if nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub violated: Option<String>,
}

impl LinkFigures {
    pub(super) fn of(report: &LinkReport) -> Self {
        Self {
            frames_sent: report.frames_sent,
            frames_lost: report.lost,
            uplinks: report.uplinks,
            uplink_bytes: report.uplink_bytes,
            violated: report.require_clean().err().map(|error| error.to_string()),
        }
    }
}
