//! L0 link: what the bench counted between itself and one device.

use super::ledger::{Family, Kind, LedgerRow};

/// Counts of the link to one device over a whole run, both directions together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LinkSummary {
    /// Index of the turnout that the device listens to.
    pub turnout: u32,
    /// Sample frames that the bench damaged on purpose. So many losses do not make the run invalid: what
    /// the device makes of them is part of the test.
    pub frames_damaged: u64,
    /// Sample frames sent.
    pub frames_sent: u64,
    /// Samples sent (each with all its axes).
    pub samples_sent: u64,
    /// Sample frames that the device never accepted, and replies that never came.
    pub frames_lost: u64,
    /// Frames that arrived twice.
    pub frames_duplicated: u64,
    /// Frames with a wrong checksum or length.
    pub frames_corrupt: u64,
    /// Frames that overtook another.
    pub frames_reordered: u64,
    /// Samples that the firmware itself reports as lost.
    pub samples_lost: u64,
    /// Samples at the end of the sensor's range, as the bench sent them (no failure of the link).
    pub clipped_samples: u64,
    /// How late frames were sent; `None` in lockstep.
    pub replay_jitter: Option<ReplayJitter>,
    /// Deviation of the sample rate that the device measured from the true one, in parts per
    /// million; `None` if it measured none.
    pub clock_drift_ppm: Option<f64>,
}

/// How long after their due times, by the host's clock, frames were sent, s.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ReplayJitter {
    /// Median.
    pub p50_s: f64,
    /// 99th percentile.
    pub p99_s: f64,
    /// The latest of all.
    pub max_s: f64,
}

impl ReplayJitter {
    /// The figures with their names, as channels of the ledger.
    pub(crate) const CHANNELS: [&str; 3] = ["p50", "p99", "max"];

    const fn values(self) -> [f64; 3] {
        [self.p50_s, self.p99_s, self.max_s]
    }
}

impl LinkSummary {
    /// The failures, each of which makes the run invalid.
    pub fn failures(&self) -> [(Family, u64); 5] {
        [
            (Family::FramesLost, self.frames_lost),
            (Family::FramesDuplicated, self.frames_duplicated),
            (Family::FramesCorrupt, self.frames_corrupt),
            (Family::FramesReordered, self.frames_reordered),
            (Family::SamplesLost, self.samples_lost),
        ]
    }

    /// The rows of the ledger.
    pub(crate) fn rows(&self, scenario: &str) -> Vec<LedgerRow> {
        let row = |family, kind| LedgerRow::new(scenario, family, kind, self.turnout);
        let mut rows = Vec::new();
        for (family, count) in [
            (Family::FramesSent, self.frames_sent),
            (Family::SamplesSent, self.samples_sent),
            (Family::ClippedSamples, self.clipped_samples),
        ] {
            rows.push(LedgerRow {
                got: Some(count as f64),
                ..row(family, Kind::Value)
            });
        }
        if self.frames_damaged > 0 {
            rows.push(LedgerRow {
                got: Some(self.frames_damaged as f64),
                ..row(Family::FramesDamaged, Kind::Value)
            });
        }
        for (family, count) in self.failures() {
            rows.push(LedgerRow {
                expected: Some(0.0),
                got: Some(count as f64),
                error: Some(count as f64),
                ..row(family, if count == 0 { Kind::Match } else { Kind::Miss })
            });
        }
        if let Some(jitter) = self.replay_jitter {
            let named = ReplayJitter::CHANNELS.into_iter().zip(jitter.values());
            rows.extend(named.map(|(channel, value)| LedgerRow {
                channel: channel.to_owned(),
                got: Some(value),
                ..row(Family::ReplayJitter, Kind::Value)
            }));
        }
        if self.clock_drift_ppm.is_some() {
            rows.push(LedgerRow {
                got: self.clock_drift_ppm,
                ..row(Family::ClockDrift, Kind::Value)
            });
        }
        rows
    }
}
