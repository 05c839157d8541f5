//! The true rate of a recording, from its own time stamps.

use super::error::RecordingErrorKind;

/// A stretch without samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Index of the last sample before the gap.
    pub after_sample: usize,
    /// Samples that are missing at the steady rate.
    pub missing: u64,
}

/// What the time stamps of a recording say.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// True mean sample rate, Hz: number over sum of the *regular* intervals, those within half a
    /// median interval of the median. Gaps and a late first stamp (as a FIFO being started leaves)
    /// do not bias it. Where fewer than half of the intervals are regular, as with stamps per batch,
    /// it is intervals over span instead.
    pub rate_hz: f64,
    /// RMS deviation of the regular intervals from their mean, s.
    pub interval_deviation_s: f64,
    /// Intervals longer than 1.5 periods.
    pub gaps: Vec<Gap>,
    /// Intervals shorter than half a period, other than zero.
    pub short_intervals: u64,
    /// Stamps equal to the one before.
    pub duplicate_stamps: u64,
}

impl Timing {
    /// From stamps that never decrease, in seconds.
    ///
    /// # Errors
    /// [`RecordingErrorKind::TooShort`] under two stamps, [`RecordingErrorKind::NoDuration`] if all
    /// are equal.
    pub(crate) fn of(times_s: &[f64]) -> Result<Self, RecordingErrorKind> {
        let n = times_s.len();
        if n < 2 {
            return Err(RecordingErrorKind::TooShort {
                samples: n,
                needed: 2,
            });
        }
        let intervals: Vec<f64> = times_s.windows(2).map(|w| w[1] - w[0]).collect();
        let mut moving: Vec<f64> = intervals.iter().copied().filter(|d| *d > 0.0).collect();
        if moving.is_empty() {
            return Err(RecordingErrorKind::NoDuration);
        }
        moving.sort_by(f64::total_cmp);
        let median = moving[moving.len() / 2];
        let is_regular = |d: &f64| (0.5 * median..=1.5 * median).contains(d);
        let regular: Vec<f64> = intervals.iter().copied().filter(is_regular).collect();
        let (count, span) = if 2 * regular.len() >= intervals.len() {
            (regular.len(), regular.iter().sum::<f64>())
        } else {
            (intervals.len(), times_s[n - 1] - times_s[0])
        };
        let period = span / count as f64;
        let spread = regular
            .iter()
            .map(|d| (d - period) * (d - period))
            .sum::<f64>();
        let gaps = intervals
            .iter()
            .enumerate()
            .filter(|(_, d)| **d > 1.5 * period);
        Ok(Self {
            rate_hz: 1.0 / period,
            interval_deviation_s: (spread / regular.len().max(1) as f64).sqrt(),
            gaps: gaps
                .map(|(after_sample, d)| Gap {
                    after_sample,
                    missing: ((d / period).round() as u64).saturating_sub(1),
                })
                .collect(),
            short_intervals: intervals
                .iter()
                .filter(|d| **d > 0.0 && **d < 0.5 * period)
                .count() as u64,
            duplicate_stamps: (intervals.len() - moving.len()) as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticked(rate: f64, n: usize, tick: f64) -> Vec<f64> {
        (0..n)
            .map(|i| (i as f64 / rate / tick).floor() * tick + 100.0)
            .collect()
    }

    #[test]
    fn whole_ticks_do_not_hide_the_rate() {
        let timing = Timing::of(&ticked(1687.2, 2000, 62.5e-6)).unwrap();
        assert!(
            (timing.rate_hz / 1687.2 - 1.0).abs() < 1e-4,
            "{}",
            timing.rate_hz
        );
        assert!((25e-6..35e-6).contains(&timing.interval_deviation_s));
        assert!(timing.gaps.is_empty());
        assert_eq!((timing.short_intervals, timing.duplicate_stamps), (0, 0));
    }

    #[test]
    fn gaps_duplicates_and_a_late_start_are_counted_and_leave_the_rate_alone() {
        let mut times = ticked(1000.0, 500, 1e-6);
        times[0] += 0.8e-3;
        times[50] = times[49];
        for t in &mut times[300..] {
            *t += 5e-3;
        }
        let timing = Timing::of(&times).unwrap();
        assert!(
            (timing.rate_hz / 1000.0 - 1.0).abs() < 1e-4,
            "{}",
            timing.rate_hz
        );
        assert_eq!(timing.duplicate_stamps, 1);
        assert_eq!(timing.short_intervals, 1);
        // The sample after the duplicate is two periods on, the pause holds five samples.
        let found: Vec<(usize, u64)> = timing
            .gaps
            .iter()
            .map(|g| (g.after_sample, g.missing))
            .collect();
        assert_eq!(found, [(50, 1), (299, 5)]);
    }

    #[test]
    fn stamps_per_batch_give_the_mean_rate() {
        let times: Vec<f64> = (0..3200).map(|i| f64::from(i / 32) * 0.008).collect();
        let timing = Timing::of(&times).unwrap();
        assert!(
            (timing.rate_hz / 4000.0 - 1.0).abs() < 0.02,
            "{}",
            timing.rate_hz
        );
    }

    #[test]
    fn no_duration_is_an_error() {
        assert!(matches!(
            Timing::of(&[1.0, 1.0]),
            Err(RecordingErrorKind::NoDuration)
        ));
        assert!(matches!(
            Timing::of(&[1.0]),
            Err(RecordingErrorKind::TooShort { .. })
        ));
    }
}
