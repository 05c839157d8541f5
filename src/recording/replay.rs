//! A recording in memory, and what the bench sends of it.

use super::error::{RecordingError, RecordingErrorKind};
use super::numbers::{COUNT_LIMIT, RATE_LIMITS_HZ};
use super::timing::Timing;
use crate::sensor::Measured;

/// Counts as recorded, with their scale.
#[derive(Debug, Clone, PartialEq)]
pub struct RawCounts {
    /// Counts of x, y, z; axes that are not present hold zero.
    pub counts: Vec<[i32; 3]>,
    /// Acceleration per count, m/s2.
    pub scale_m_s2_per_lsb: f64,
    /// Bits that hold every count: 16 or 24.
    pub bits: u8,
}

/// A recording of accelerations.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The file as named by the caller.
    pub file: String,
    /// Acceleration along x, y, z, m/s2, of equal length; zero where not present.
    pub axes_m_s2: [Vec<f64>; 3],
    /// Which axes the file holds.
    pub present: [bool; 3],
    /// The file's own time stamps, s, never decreasing; `None` where it has none.
    pub times_s: Option<Vec<f64>>,
    /// What the stamps say; `None` without stamps.
    pub timing: Option<Timing>,
    /// True sample rate: from the stamps where there are any, else as stated, Hz.
    pub rate_hz: f64,
    /// Nominal sample rate, Hz: as stated, else the true one.
    pub nominal_rate_hz: f64,
    /// The counts, if the file holds counts.
    pub raw: Option<RawCounts>,
    /// What was assumed or noticed, for the user to read.
    pub notes: Vec<String>,
}

/// Tick of replayed time stamps, s: fine enough to keep any file's own irregularity.
const REPLAY_TICK_S: f64 = 1.0e-6;
/// Finest scale of a replay from physical units, m/s2 per count.
const FINEST_SCALE_M_S2: f64 = 1.0e-5;

impl Recording {
    /// Samples per axis.
    pub fn samples(&self) -> usize {
        self.axes_m_s2[0].len()
    }

    /// Instant of sample `index` after the first one, s, by the file's own stamps if it has any.
    pub fn time_s(&self, index: usize) -> f64 {
        match &self.times_s {
            Some(times) => match (times.get(index), times.first()) {
                (Some(now), Some(first)) => now - first,
                _ => index as f64 / self.rate_hz,
            },
            None => index as f64 / self.rate_hz,
        }
    }

    /// What the bench sends to a device: counts as recorded (or 24-bit counts of physical values)
    /// in batches of `fifo_batch`, each with the file's own time stamp of its last sample in ticks
    /// of 1 us counted from `start_us`.
    ///
    /// Gaps in the file stay visible in the stamps; sample numbers run through (see
    /// [`Timing::gaps`]). No truth is known, so `truth_m_s2` is empty; `clipped_samples` counts samples
    /// at the ends of the bits that the counts need.
    ///
    /// # Errors
    /// [`RecordingErrorKind::OutOfRange`] for a batch of zero or a rate beyond 1 Hz to 1 MHz.
    pub fn to_measured(&self, fifo_batch: u16, start_us: u64) -> Result<Measured, RecordingError> {
        let refuse = |what, value, expected| {
            let kind = RecordingErrorKind::OutOfRange {
                what,
                value,
                expected,
            };
            Err(RecordingError::new(&self.file, kind))
        };
        let batch = usize::from(fifo_batch);
        if batch == 0 {
            return refuse("fifo_batch", 0.0, "at least 1");
        }
        let [slowest, fastest] = RATE_LIMITS_HZ;
        for rate in [self.rate_hz, self.nominal_rate_hz] {
            if !(slowest..=fastest).contains(&rate) {
                return refuse("the sample rate", rate, "between 1 Hz and 1 MHz");
            }
        }
        let raw = self.raw.clone().unwrap_or_else(|| self.quantised());
        let samples = raw.counts.len();
        let stamps = (0..samples.div_ceil(batch))
            .map(|k| {
                let last = ((k + 1) * batch).min(samples) - 1;
                // Rounded: the file's decimals are not exact in binary.
                let since = (self.time_s(last) / REPLAY_TICK_S).round() as u64;
                start_us.wrapping_add(since) as u32
            })
            .collect();
        let end = (1_i32 << (raw.bits - 1)) - 1;
        let at_end = |c: &&[i32; 3]| c.iter().any(|v| *v >= end || *v < -end);
        Ok(Measured {
            stamps,
            clipped_samples: raw.counts.iter().filter(at_end).count() as u64,
            counts: raw.counts,
            fifo_batch,
            stamp_tick_s: REPLAY_TICK_S,
            nominal_rate_hz: self.nominal_rate_hz,
            true_rate_hz: self.rate_hz,
            scale_m_s2_per_lsb: raw.scale_m_s2_per_lsb,
            range_m_s2: f64::from(end) * raw.scale_m_s2_per_lsb,
            bits: raw.bits,
            senses: self.present,
            truth_m_s2: Vec::new(),
            gravity_m_s2: [0.0; 3],
            silent_from: None,
        })
    }

    /// 24-bit counts at a scale of whole 1e-9 m/s2 that just holds the largest value.
    fn quantised(&self) -> RawCounts {
        let peak = self
            .axes_m_s2
            .iter()
            .flatten()
            .fold(0.0_f64, |m, a| m.max(a.abs()));
        let finest = (peak / (COUNT_LIMIT - 1.0) * 1e9).ceil() * 1e-9;
        let scale = finest.max(FINEST_SCALE_M_S2);
        let count = |a: f64| (a / scale).round().clamp(-COUNT_LIMIT, COUNT_LIMIT) as i32;
        let [x, y, z] = &self.axes_m_s2;
        RawCounts {
            counts: (0..x.len())
                .map(|i| [count(x[i]), count(y[i]), count(z[i])])
                .collect(),
            scale_m_s2_per_lsb: scale,
            bits: 24,
        }
    }
}
