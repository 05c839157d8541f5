//! Heartbeats against the facts.

use super::counts::{Bounds, at_rest};
use super::{Conduct, Facts};
use crate::pipeline::Heartbeat;
use crate::score::{AXES, Family};

/// An axis that has been stuck for so long must have been told, s.
const STUCK_TOLD_S: f64 = 75.0;
/// More than one heartbeat in so many seconds is no schedule but a waste of the battery, s.
const SCHEDULE_S: f64 = 60.0;
/// Clipped samples that are compared at least, so that single ones do not make percents.
const CLIPPED_LEAST: f64 = 20.0;
/// By how much a train's approach may raise the noise figure: what reaches no wake-up threshold, which lie at some
/// five times the noise, has an RMS below three times it.
const APPROACH: f64 = 3.0;
/// From so many trains on not each of them may come with a false wake-up.
const TRAINS_LEAST: f64 = 3.0;

impl Conduct {
    pub(super) fn judge_heartbeats(&mut self, facts: &Facts<'_>) {
        let beats = std::mem::take(&mut self.beats);
        let polls = facts.polls as usize;
        let at_end = usize::from(facts.asked) + polls;
        let asked = at_end + facts.polls_within as usize;
        if asked > 0 {
            let came = beats.len().min(asked) as f64;
            self.counted(Family::HeartbeatsMissing, "", asked as f64, came);
        }
        let surplus = beats.len().saturating_sub(asked);
        let usual = 1 + (facts.seconds() / SCHEDULE_S) as usize;
        self.counted(
            Family::HeartbeatsSurplus,
            "",
            0.0,
            surplus.saturating_sub(usual) as f64,
        );
        // Those that were asked for at the end are the last; others may come by the device's own schedule.
        let first_asked = beats.len().checked_sub(at_end);
        for (index, (arrival_us, beat)) in beats.iter().enumerate() {
            let answer = facts.asked && first_asked == Some(index);
            if first_asked.is_some_and(|first| index > first) {
                continue; // asked again without a sample in between: only the numbers count
            }
            self.figures(facts, *arrival_us, beat, answer);
            self.told_wakeups += f64::from(beat.wakeups);
            self.told.0 |= beat.flags.sample_gap;
            self.told.1 |= beat.flags.clipped;
            // The facts are those at the end of the window.
            if answer {
                self.state(facts, beat);
                self.shaken_s = 0.0;
                self.shaken_hard = false;
                self.undefined_rest = false;
                self.told_wakeups = 0.0;
                self.trains = 0.0;
                self.disturbed = false;
                self.gap = false;
                self.link_disturbed = false;
                self.clip = (false, false);
                self.told = (false, false);
            }
        }
    }

    /// What holds of a heartbeat at any time.
    fn figures(&mut self, facts: &Facts<'_>, arrival_us: u64, beat: &Heartbeat, answer: bool) {
        let measured = facts.measured;
        // A heartbeat by the device's own schedule may be made at any sample of the read-out that it comes
        // with, or of the gap before it; the bench knows only when that ended.
        let batch_us = if answer {
            0.0
        } else {
            let lost = facts.lost.iter().map(|(from, to)| to - from).max();
            let samples = u64::from(measured.fifo_batch) + lost.unwrap_or(0);
            1e6 * samples as f64 / measured.true_rate_hz
        };
        let late_us = (beat.device_time_us as i64 - arrival_us as i64) as f64;
        let error_us = late_us - late_us.clamp(-batch_us, 0.0);
        self.compared(
            Family::TimeErrorMaxS,
            "heartbeat",
            arrival_us as f64 * 1e-6,
            beat.device_time_us as f64 * 1e-6,
            error_us * 1e-6,
        );
        self.rate("heartbeat", facts, beat.rate_hz);
        self.temperature("heartbeat", facts, beat.temperature_c);
    }

    pub(super) fn rate(&mut self, channel: &str, facts: &Facts<'_>, rate_hz: f64) {
        let want = facts.measured.true_rate_hz;
        self.compared(
            Family::RateErrorMax,
            channel,
            want,
            rate_hz,
            rate_hz / want - 1.0,
        );
    }

    pub(super) fn temperature(&mut self, channel: &str, facts: &Facts<'_>, got: f64) {
        let want = facts.temperature_c;
        self.compared(Family::TemperatureErrorMaxK, channel, want, got, got - want);
    }

    /// What a heartbeat at the end of a window says, with those that came by themselves since the last one that
    /// was asked for.
    fn state(&mut self, facts: &Facts<'_>, beat: &Heartbeat) {
        let (want, got) = (self.lost as f64, f64::from(beat.lost_samples));
        self.compared(Family::LostSamplesErrorMax, "", want, got, got - want);
        let flag = |set: bool| f64::from(u8::from(set));
        if self.gap || !self.link_disturbed {
            let told = flag(self.told.0);
            self.counted(Family::GapFlagErrors, "heartbeat", flag(self.gap), told);
        }
        let bounds = Bounds {
            low: self.clipped.0 as f64,
            high: self.clipped.1 as f64,
        };
        let got = f64::from(beat.clipped_samples);
        if !facts.first_sample {
            let error = bounds.error(got, CLIPPED_LEAST);
            self.compared(
                Family::ClippedCountErrorMax,
                "",
                bounds.nearest(got),
                got,
                error,
            );
        }
        if self.clip.0 || !self.clip.1 {
            let told = flag(self.told.1);
            self.counted(Family::ClipFlagErrors, "heartbeat", flag(self.clip.0), told);
        }
        if self.stuck_s > STUCK_TOLD_S || self.stuck_s <= 0.0 {
            let told = flag(beat.flags.bad_sensor);
            let stuck = flag(self.stuck_s > 0.0);
            self.counted(Family::SensorFlagErrors, "heartbeat", stuck, told);
        }
        if !facts.disturbed() && !facts.moved && facts.stuck_from.is_none() {
            self.rest(facts, beat);
        }
        self.wakeups();
    }

    /// What nothing shook wakes up no more than once; what shakes, once a second at most; what shakes as a train
    /// does, at least once. A device may wake up early for a train, but not falsely for every one.
    fn wakeups(&mut self) {
        if self.undefined_rest {
            return;
        }
        if self.trains > 0.0 && !self.disturbed {
            self.trains_told.0 += self.trains;
            self.trains_told.1 += self.told_wakeups;
            let (trains, wakeups) = self.trains_told;
            if trains >= TRAINS_LEAST {
                let fewer = f64::from(u8::from(wakeups < trains));
                self.counted(Family::FalseWakeupErrors, "fewer than trains", 1.0, fewer);
            }
        }
        let bounds = Bounds {
            low: f64::from(u8::from(self.shaken_hard)),
            high: 1.0 + self.shaken_s.ceil(),
        };
        let got = self.told_wakeups;
        let want = bounds.nearest(got);
        self.counted(Family::FalseWakeupErrors, "", want, got);
    }

    fn rest(&mut self, facts: &Facts<'_>, beat: &Heartbeat) {
        let lsb = facts.measured.scale_m_s2_per_lsb;
        for (axis, name) in AXES.iter().enumerate() {
            let (mean, deviation) = at_rest(facts, axis);
            let got = beat.mean_m_s2[axis];
            self.compared(Family::MeanErrorMaxMS2, name, mean, got, got - mean);
            let got = beat.noise_rms_m_s2[axis];
            // A train that came near may count as rest until it woke the device up.
            let approach = if self.shaken_s > 0.0 { APPROACH } else { 1.0 };
            let bounds = Bounds {
                low: deviation,
                high: approach * deviation,
            };
            let error = bounds.error(got, lsb);
            self.compared(Family::NoiseErrorMax, name, deviation, got, error);
        }
    }
}
