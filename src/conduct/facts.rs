//! What is known of a window from the outside.

use crate::score::{TruthKind, TruthRow, VERTICAL};
use crate::sensor::Measured;

/// A bearer trembles so long before and after what the truth calls its cause, s.
const AROUND_S: f64 = 4.0;
/// What shakes harder wakes every sensor that is to notice trains, m/s2: the weakest wheels of the built-in trains at
/// walking pace.
const HARD_M_S2: f64 = 2.5;

/// A wheel is felt this far from where it is, m.
const NEAR_GAP_M: f64 = 1.0;

/// What one window gave a device, and what was done to it on the way.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each true or not"
)]
pub struct Facts<'a> {
    /// What the sensor delivered.
    pub measured: &'a Measured,
    /// True time of sample 0, us since 1970.
    pub start_us: u64,
    /// Temperature of the sensor, degrees Celsius.
    pub temperature_c: f64,
    /// What happened.
    pub truth: &'a [TruthRow],
    /// Whether the device was asked for a heartbeat at the end.
    pub asked: bool,
    /// Stretches of samples that never reached the firmware: first and one past the last, from sample 0.
    pub lost: &'a [(u64, u64)],
    /// Frames were damaged on purpose in this window, with or without loss.
    pub disturbed_link: bool,
    /// Sample from which an axis was stuck.
    pub stuck_from: Option<u64>,
    /// The offset or the range moved on purpose: features cannot be compared.
    pub moved: bool,
    /// Sample 0 is garbage.
    pub first_sample: bool,
    /// Heartbeats that the device was asked for after the one at the end.
    pub polls: u32,
    /// Heartbeats that it was asked for before.
    pub polls_within: u32,
}

impl Facts<'_> {
    /// The train of this window.
    pub(super) fn train(&self) -> Option<&TruthRow> {
        self.truth.iter().find(|row| row.kind == TruthKind::Train)
    }

    /// Whether anything shook the sensor.
    pub(super) fn disturbed(&self) -> bool {
        self.truth
            .iter()
            .any(|row| matches!(row.kind, TruthKind::Disturbance | TruthKind::Train))
    }

    /// Whether something that is no train shook the sensor.
    pub(super) fn disturbed_by_others(&self) -> bool {
        self.truth
            .iter()
            .any(|row| row.kind == TruthKind::Disturbance)
    }

    /// Sample number of a time in us since 1970, from sample 0, within the window.
    pub(super) fn sample_at(&self, time_us: f64) -> usize {
        let after_s = (time_us - self.start_us as f64) * 1e-6;
        let sample = (after_s * self.measured.true_rate_hz).max(0.0) as usize;
        sample.min(self.measured.counts.len())
    }

    /// Whether samples of a wheel that was over the sensor at `us` since 1970 were lost: nobody can know where it was then.
    pub(super) fn lost_at(&self, us: i64, speed_m_s: f64) -> bool {
        let margin = (self.measured.true_rate_hz * NEAR_GAP_M / speed_m_s) as u64;
        let at = self.sample_at(us as f64) as u64;
        let within = |(from, to): &(u64, u64)| at + margin >= *from && at < to + margin;
        self.lost.iter().any(within)
    }

    /// Length of the window, s.
    pub(super) fn seconds(&self) -> f64 {
        self.measured.counts.len() as f64 / self.measured.true_rate_hz
    }

    /// For how long something shook the sensor, s.
    pub(super) fn shaken_s(&self) -> f64 {
        let shakes = |row: &&TruthRow| row.kind != TruthKind::Quiet;
        let seconds = |row: &TruthRow| (row.end_us - row.onset_us) as f64 * 1e-6 + AROUND_S;
        self.truth.iter().filter(shakes).map(seconds).sum()
    }

    /// Whether something that is no train shook the vertical axis as hard as one.
    pub(super) fn shaken_hard(&self) -> bool {
        if !self.disturbed_by_others() {
            return false;
        }
        let limit = HARD_M_S2 / self.measured.scale_m_s2_per_lsb;
        let vertical = || self.measured.counts.iter().map(|c| f64::from(c[VERTICAL]));
        let mean = vertical().sum::<f64>() / self.measured.counts.len().max(1) as f64;
        vertical().any(|z| (z - mean).abs() > limit)
    }
}
