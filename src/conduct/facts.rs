//! What is known of a window from the outside.

use crate::score::{TruthKind, TruthRow};
use crate::sensor::Measured;

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
}

impl Facts<'_> {
    /// The train of this window.
    pub(super) fn train(&self) -> Option<&TruthRow> {
        self.truth.iter().find(|row| row.kind == TruthKind::Train)
    }

    /// Whether something that is no train shook the sensor.
    pub(super) fn disturbed(&self) -> bool {
        self.truth
            .iter()
            .any(|row| matches!(row.kind, TruthKind::Disturbance | TruthKind::Train))
    }

    /// Sample number of a time in us since 1970, from sample 0, within the window.
    pub(super) fn sample_at(&self, time_us: f64) -> usize {
        let after_s = (time_us - self.start_us as f64) * 1e-6;
        let sample = (after_s * self.measured.true_rate_hz).max(0.0) as usize;
        sample.min(self.measured.counts.len())
    }
}
