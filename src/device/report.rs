//! What the link of one session did, and whether the run may count.

use serde::Serialize;

use super::error::DeviceError;
use super::latency::LatencyFigures;
use super::log::LinkRecord;

/// Damage in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct DirectionReport {
    /// Frames that never came, from gaps in the sequence number.
    pub missing: u64,
    /// Frames that came twice or late; the device does not tell the two apart.
    pub duplicated: u64,
    /// Frames that came after a later one (seen only by the bench).
    pub reordered: u64,
    /// Frames with a wrong CRC, cut off, or with a payload that is no message.
    pub corrupt: u64,
    /// Frames longer than agreed, or bytes that came faster than they were taken.
    pub overflows: u64,
}

impl DirectionReport {
    const fn total(&self) -> u64 {
        self.missing + self.duplicated + self.reordered + self.corrupt + self.overflows
    }

    pub(super) const fn add(&mut self, more: &Self) {
        self.missing += more.missing;
        self.duplicated += more.duplicated;
        self.reordered += more.reordered;
        self.corrupt += more.corrupt;
        self.overflows += more.overflows;
    }
}

/// A LOG or FAULT of the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeviceNote {
    /// First sample not answered when it came.
    pub sample: u32,
    /// LOG level (0 error to 3 debugging) or FAULT code.
    pub code: u16,
    /// In words.
    pub text: String,
}

/// Counts of one session, from HELLO to BYE. Everything in it but `latency` is the same on every run
/// with the same input.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct LinkReport {
    /// How the user named the device.
    pub device: String,
    /// SAMPLES frames sent, one per sequence number.
    pub frames_sent: u64,
    /// Samples sent.
    pub samples_sent: u64,
    /// RESULTs that answer a frame.
    pub results: u64,
    /// SAMPLES frames without a RESULT.
    pub lost: u64,
    /// RESULTs and UPLINKs that belong to no frame under way.
    pub stray: u64,
    /// Control messages that were not answered.
    pub unanswered: u64,
    /// Bench to device.
    pub down: DirectionReport,
    /// Device to bench.
    pub up: DirectionReport,
    /// Samples that the firmware itself missed.
    pub device_lost_samples: u64,
    /// FAULTs, at most the first 100.
    pub faults: Vec<DeviceNote>,
    /// FAULTs beyond those kept.
    pub faults_dropped: u64,
    /// LOG lines, at most the first 1000.
    pub logs: Vec<DeviceNote>,
    /// LOG lines beyond those kept.
    pub logs_dropped: u64,
    /// UPLINK frames.
    pub uplinks: u64,
    /// Bytes that the firmware would have sent by radio.
    pub uplink_bytes: u64,
    /// Bytes of the frames to the device (header, payload, CRC; without byte stuffing and without
    /// the probes that a slow host may add).
    pub bytes_down: u64,
    /// Bytes of the frames from the device, counted alike.
    pub bytes_up: u64,
    /// Bytes before the device's first HELLO that were no frame: tolerated.
    pub garbage_before_hello: u64,
    /// Host time of a frame's round trip.
    #[serde(skip)]
    pub latency: LatencyFigures,
    /// Host time between the due time of a SAMPLES frame and its sending; empty in lockstep.
    #[serde(skip)]
    pub jitter: LatencyFigures,
    /// What crossed the line at the end of the session; see [`super::Session::take_log`].
    #[serde(skip)]
    pub log: Vec<LinkRecord>,
}

/// LOG lines kept.
const LOGS_KEPT: usize = 1000;

impl LinkReport {
    /// Adds a LOG line, or counts it where there are too many.
    pub(super) fn note_log(&mut self, sample: u32, level: u16, text: String) {
        if self.logs.len() < LOGS_KEPT {
            self.logs.push(DeviceNote {
                sample,
                code: level,
                text,
            });
        } else {
            self.logs_dropped += 1;
        }
    }

    /// Frames duplicated in both directions.
    pub const fn duplicated(&self) -> u64 {
        self.down.duplicated + self.up.duplicated
    }

    /// Frames damaged in both directions.
    pub const fn corrupt(&self) -> u64 {
        self.down.corrupt + self.up.corrupt
    }

    /// Frames out of order in both directions.
    pub const fn reordered(&self) -> u64 {
        self.down.reordered + self.up.reordered
    }

    /// Overflows in both directions.
    pub const fn overflows(&self) -> u64 {
        self.down.overflows + self.up.overflows
    }

    /// Nothing was lost, damaged, repeated or refused: the run counts.
    pub const fn is_clean(&self) -> bool {
        self.lost == 0
            && self.stray == 0
            && self.unanswered == 0
            && self.down.total() == 0
            && self.up.total() == 0
            && self.device_lost_samples == 0
            && self.faults.is_empty()
    }

    /// The report as an error ([`DeviceError::NotClean`]) unless it is clean.
    pub fn require_clean(&self) -> Result<(), DeviceError> {
        if self.is_clean() {
            return Ok(());
        }
        Err(DeviceError::NotClean {
            device: self.device.clone(),
            summary: self.summary(),
        })
    }

    fn summary(&self) -> String {
        let counts = [
            (self.lost, "SAMPLES frames without RESULT"),
            (self.stray, "answers to no frame"),
            (self.unanswered, "control messages without answer"),
            (self.down.missing, "frames missing at the device"),
            (self.down.duplicated, "frames duplicated at the device"),
            (self.down.corrupt, "frames corrupt at the device"),
            (self.down.overflows, "overflows at the device"),
            (self.up.missing, "frames missing at the bench"),
            (self.up.duplicated, "frames duplicated at the bench"),
            (self.up.reordered, "frames out of order at the bench"),
            (self.up.corrupt, "frames corrupt at the bench"),
            (self.up.overflows, "overlong frames at the bench"),
            (self.device_lost_samples, "samples missed by the firmware"),
        ];
        let mut parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if let Some(first) = self.faults.first() {
            let more = self.faults.len() as u64 + self.faults_dropped;
            parts.push(format!(
                "{more} faults, the first at sample {}: {} ({})",
                first.sample, first.text, first.code
            ));
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_count_of_any_sort_spoils_the_run_and_is_named() {
        type Spoil = fn(&mut LinkReport);
        assert!(LinkReport::default().require_clean().is_ok());
        let spoils: [(Spoil, &str); 9] = [
            (|r| r.lost = 2, "2 SAMPLES frames without RESULT"),
            (|r| r.stray = 1, "1 answers to no frame"),
            (|r| r.unanswered = 1, "control messages"),
            (|r| r.down.corrupt = 1, "corrupt at the device"),
            (|r| r.down.overflows = 1, "overflows at the device"),
            (|r| r.up.missing = 1, "missing at the bench"),
            (|r| r.up.reordered = 1, "out of order"),
            (|r| r.device_lost_samples = 32, "32 samples missed"),
            (
                |r| {
                    r.faults.push(DeviceNote {
                        sample: 64,
                        code: 257,
                        text: "brown-out".into(),
                    });
                },
                "1 faults, the first at sample 64: brown-out (257)",
            ),
        ];
        for (spoil, part) in spoils {
            let mut report = LinkReport::default();
            spoil(&mut report);
            let error = report.require_clean().unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert_eq!(error.exit_code(), crate::exit::PROTOCOL_ERROR);
        }
        let busy = LinkReport {
            frames_sent: 9,
            results: 9,
            logs_dropped: 3,
            ..Default::default()
        };
        assert!(busy.is_clean());
    }
}
