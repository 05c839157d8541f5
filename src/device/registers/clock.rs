//! From the samples that a part has taken to the time that firmware reads from its clock.

/// The time stamps of one stretch of samples.
///
/// The bench knows the FIFO time stamp of the last sample of each batch, as the device's crystal takes it.
/// Firmware with its own driver reads its clock at instants of its own choice, so the time at any
/// sample is interpolated between them.
#[derive(Debug, Clone, Default)]
pub(in crate::device) struct SampleClock {
    /// Time of the first sample, us since 1970.
    origin_us: u64,
    /// Samples that had gone by at the origin.
    origin_taken: u64,
    tick_ns: u32,
    batch: u64,
    period_us: f64,
    /// Stamps of the batches since the origin.
    stamps: Vec<u32>,
    samples: u64,
    /// Time spent outside of the sample grid, us.
    idle_us: u64,
}

impl SampleClock {
    pub(in crate::device) fn new(epoch_us: u64, tick_ns: u32, batch: u8, rate_hz: f64) -> Self {
        Self {
            origin_us: epoch_us,
            tick_ns,
            batch: u64::from(batch.max(1)),
            period_us: 1e6 / rate_hz,
            ..Self::default()
        }
    }

    /// The sample after the first `taken` is at `time_us`.
    pub(in crate::device) fn set(&mut self, taken: u64, time_us: u64) {
        self.origin_us = time_us;
        self.origin_taken = taken;
        self.stamps.clear();
        self.samples = 0;
        self.idle_us = 0;
    }

    /// The stamps of samples that follow what has come so far; whole batches but for the last.
    pub(in crate::device) fn extend(&mut self, samples: usize, stamps: &[u32]) {
        if !self.samples.is_multiple_of(self.batch) {
            // After a short batch the grid of batches begins anew.
            let (taken, now) = (
                self.origin_taken + self.samples,
                self.time_us(self.origin_taken + self.samples),
            );
            self.set(taken, now + libm::round(self.period_us) as u64);
        }
        self.samples += samples as u64;
        self.stamps.extend_from_slice(stamps);
    }

    /// Time passes without a sample.
    pub(in crate::device) fn idle(&mut self, us: u64) {
        self.idle_us += us;
    }

    /// Time when `taken` samples have gone by: that of the last of them, us since 1970.
    pub(in crate::device) fn time_us(&self, taken: u64) -> u64 {
        let count = taken.saturating_sub(self.origin_taken).min(self.samples);
        let Some(last) = count.checked_sub(1) else {
            return self.origin_us + self.idle_us;
        };
        let index = last / self.batch;
        let batch_us = self.batch as f64 * self.period_us;
        // A short last batch ends where its last sample is.
        let end = ((index + 1) * self.batch).min(self.samples);
        let size = end - index * self.batch;
        let stamp = |index: u64| self.stamps.get(index as usize).copied().unwrap_or(0);
        let since_first = |index: u64| {
            f64::from(stamp(index).wrapping_sub(stamp(0))) * f64::from(self.tick_ns) * 1e-3
        };
        let first_us = (self.batch.min(self.samples) - 1) as f64 * self.period_us;
        let until = first_us + since_first(index);
        let from = if index == 0 {
            first_us - batch_us.min(size as f64 * self.period_us)
        } else {
            first_us + since_first(index - 1)
        };
        let part = (last - index * self.batch + 1) as f64 / size as f64;
        let since = (from + (until - from) * part).max(0.0);
        self.origin_us + libm::round(since) as u64 + self.idle_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_ends_have_their_stamps_and_what_is_between_is_interpolated() {
        // 1000 Hz, batches of 4, ticks of 100 us; the true rate is 2 % slow.
        let mut clock = SampleClock::new(5_000_000, 100_000, 4, 1000.0);
        assert_eq!(clock.time_us(0), 5_000_000);
        clock.set(10, 7_000_000);
        clock.extend(10, &[u32::MAX, 40, 60]);
        assert_eq!(clock.time_us(11), 7_000_000);
        assert_eq!(clock.time_us(14), 7_003_000);
        assert_eq!(clock.time_us(18), 7_003_000 + 4_100);
        assert_eq!(clock.time_us(16), 7_003_000 + 2_050);
        assert_eq!(clock.time_us(20), 7_003_000 + 6_100);
        assert_eq!(clock.time_us(99), clock.time_us(20));
        clock.idle(1000);
        assert_eq!(clock.time_us(20), 7_003_000 + 7_100);
    }

    #[test]
    fn feeding_goes_on_behind_a_short_batch() {
        let mut clock = SampleClock::new(0, 1_000_000, 4, 1000.0);
        clock.extend(6, &[3, 5]);
        assert_eq!(clock.time_us(6), 5000);
        clock.extend(4, &[9]);
        assert_eq!(clock.time_us(7), 6000);
        assert_eq!(clock.time_us(10), 9000);
    }
}
