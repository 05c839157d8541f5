//! The reference pipeline itself.

use thiserror::Error;

use super::alarm::AlarmChange;
use super::assemble::{Assembled, Assembler};
use super::health::{Health, Observation};
use super::pattern::paired_share;
use super::uplink::{PassageFlags, PassageReport, Uplink, decode};
use super::{
    DeviceProblem, Disregarded, FeatureGroup, FeatureValues, JudgedAs, PipelineEvent,
    PipelineSettings, SettingsError, SpeedSource, TrainClass, TrainEvent, recognise,
};

/// Share of the axles that recognised vehicles, or pairs of axles, must cover in a train.
const MIN_EXPLAINED: f64 = 0.5;

/// Why the pipeline refused to go on.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A setting is out of range.
    #[error("pipeline setting {0}")]
    Settings(#[from] SettingsError),
    /// Messages must arrive in the order of time.
    #[error("message received at {got_us} us, before the previous one at {last_us} us")]
    TimeReversed {
        /// Arrival of the message, us.
        got_us: u64,
        /// Arrival of the one before, us.
        last_us: u64,
    },
}

/// The reference pipeline of one sensor.
///
/// Feed it every uplink in the order of arrival with [`Pipeline::push`], end with
/// [`Pipeline::finish`]. It holds a bounded state: the baseline's trains and one open passage.
#[derive(Debug, Clone)]
pub struct Pipeline {
    settings: PipelineSettings,
    assembler: Assembler,
    health: Health,
    last_received_us: Option<u64>,
    silence_reported: bool,
    bad_sensor_reported: bool,
}

impl Pipeline {
    /// A pipeline that knows nothing yet. Fails if a setting is out of range.
    pub fn new(settings: PipelineSettings) -> Result<Self, PipelineError> {
        settings.validate()?;
        Ok(Self {
            health: Health::new(settings.clone()),
            settings,
            assembler: Assembler::default(),
            last_received_us: None,
            silence_reported: false,
            bad_sensor_reported: false,
        })
    }

    /// Takes the bytes of one uplink, received at `received_us` (us, the bench's simulated time).
    /// A message that cannot be decoded is an event, not an error.
    pub fn push(
        &mut self,
        received_us: u64,
        bytes: &[u8],
    ) -> Result<Vec<PipelineEvent>, PipelineError> {
        match decode(bytes) {
            Ok(message) => self.push_message(received_us, message),
            Err(error) => {
                let mut events = self.advance(received_us)?;
                self.received(received_us);
                let problem = DeviceProblem::Undecodable {
                    bytes: bytes.len(),
                    reason: error.to_string(),
                };
                events.push(PipelineEvent::DeviceProblem {
                    time_us: received_us,
                    problem,
                });
                Ok(events)
            }
        }
    }

    /// Takes one decoded uplink; see [`Pipeline::push`].
    pub fn push_message(
        &mut self,
        received_us: u64,
        message: Uplink,
    ) -> Result<Vec<PipelineEvent>, PipelineError> {
        let mut events = self.advance(received_us)?;
        self.received(received_us);
        let bad_sensor = match &message {
            Uplink::Heartbeat(beat) => Some(beat.flags.bad_sensor),
            _ => None,
        };
        let assembled = self.assembler.push(message);
        let accepted = assembled.accepted;
        self.take(received_us, assembled, &mut events);
        if let Some(bad) = bad_sensor.filter(|_| accepted) {
            self.report_bad_sensor(received_us, bad, &mut events);
        }
        Ok(events)
    }

    /// Tells the pipeline that it is `now_us` and nothing has arrived; reports a device that has been
    /// silent for too long, once per silence.
    pub fn advance(&mut self, now_us: u64) -> Result<Vec<PipelineEvent>, PipelineError> {
        let Some(last_us) = self.last_received_us else {
            return Ok(Vec::new());
        };
        if now_us < last_us {
            return Err(PipelineError::TimeReversed {
                got_us: now_us,
                last_us,
            });
        }
        let for_s = (now_us - last_us) as f64 * 1e-6;
        let silent = self
            .settings
            .max_silence_s
            .is_some_and(|longest| for_s > longest);
        if !silent || self.silence_reported {
            return Ok(Vec::new());
        }
        self.silence_reported = true;
        let problem = DeviceProblem::Silent { for_s };
        Ok(vec![PipelineEvent::DeviceProblem {
            time_us: now_us,
            problem,
        }])
    }

    /// Ends the stream: a passage that still waits for axles is given out as it is.
    pub fn finish(&mut self, now_us: u64) -> Result<Vec<PipelineEvent>, PipelineError> {
        let mut events = self.advance(now_us)?;
        let assembled = self.assembler.flush();
        self.take(now_us, assembled, &mut events);
        Ok(events)
    }

    /// Whether the baseline is complete.
    pub fn is_learned(&self) -> bool {
        self.health.is_learned()
    }

    /// Trains in the baseline so far.
    pub fn learned_from(&self) -> usize {
        self.health.learned_from()
    }

    /// Whether the alarm of a feature group is on.
    pub fn alarm_is_on(&self, group: FeatureGroup) -> bool {
        self.health.alarm_is_on(group)
    }

    fn received(&mut self, received_us: u64) {
        self.last_received_us = Some(received_us);
        self.silence_reported = false;
    }

    fn take(&mut self, time_us: u64, assembled: Assembled, events: &mut Vec<PipelineEvent>) {
        let problems = assembled.problems.into_iter();
        events.extend(problems.map(|problem| PipelineEvent::DeviceProblem { time_us, problem }));
        for passage in assembled.passages {
            self.passage(time_us, &passage, events);
        }
    }

    /// Reports a bad sensor when it becomes bad, not with every message.
    fn report_bad_sensor(&mut self, time_us: u64, bad: bool, events: &mut Vec<PipelineEvent>) {
        if bad && !self.bad_sensor_reported {
            let problem = DeviceProblem::BadSensor;
            events.push(PipelineEvent::DeviceProblem { time_us, problem });
        }
        self.bad_sensor_reported = bad;
    }

    fn passage(&mut self, time_us: u64, report: &PassageReport, events: &mut Vec<PipelineEvent>) {
        let problems = flagged(report.passage, report.flags);
        events.extend(
            problems
                .into_iter()
                .map(|problem| PipelineEvent::DeviceProblem { time_us, problem }),
        );
        self.report_bad_sensor(time_us, report.flags.bad_sensor, events);
        let times: Vec<f64> = report.axles.iter().map(|axle| axle.time_s).collect();
        let pattern = recognise(&times).filter(|p| p.explained >= MIN_EXPLAINED);
        let reason = if report.flags.bad_sensor {
            Some(Disregarded::BadSensor)
        } else if usize::from(report.axle_count) < self.settings.min_axles {
            Some(Disregarded::TooFewAxles)
        } else if pattern.is_none()
            && !report.flags.clipped // whose axles nobody can tell apart
            && paired_share(&times) < MIN_EXPLAINED
        {
            Some(Disregarded::NoAxlePattern)
        } else {
            None
        };
        if let Some(reason) = reason {
            events.push(PipelineEvent::Disregarded {
                passage: report.passage,
                onset_us: report.onset_us,
                axle_count: report.axle_count,
                reason,
            });
            return;
        }
        let (speed_m_s, speed_source) = match (&pattern, report.speed_m_s) {
            (Some(pattern), _) => (Some(pattern.speed_m_s), SpeedSource::Pattern),
            (None, Some(speed)) if speed.is_finite() && speed > 0.0 => {
                (Some(speed), SpeedSource::Device)
            }
            (None, _) => (None, SpeedSource::None),
        };
        let mut train = TrainEvent {
            passage: report.passage,
            onset_us: report.onset_us,
            received_us: time_us,
            duration_s: report.duration_s,
            axle_count: report.axle_count,
            axle_times_s: times,
            speed_m_s,
            speed_source,
            device_speed_m_s: report.speed_m_s,
            class: pattern.as_ref().map_or(TrainClass::Unknown, |p| p.class),
            pattern,
            features: FeatureValues::of(report, speed_m_s),
            judged_as: JudgedAs::SpeedUnknown,
            scores: Vec::new(),
        };
        let follow_up = self.judge(time_us, &mut train, report.flags);
        events.push(PipelineEvent::Train(Box::new(train)));
        events.extend(follow_up);
    }

    /// Learns from a train or scores it; gives what follows from that.
    fn judge(
        &mut self,
        time_us: u64,
        train: &mut TrainEvent,
        flags: PassageFlags,
    ) -> Vec<PipelineEvent> {
        let incomplete = flags.sample_gap || flags.ring_overflow || flags.truncated;
        let Some(speed_m_s) = train.speed_m_s else {
            return Vec::new();
        };
        let observation = Observation {
            speed_m_s,
            class: train.class,
            features: train.features,
        };
        if incomplete {
            train.judged_as = JudgedAs::Incomplete;
            return Vec::new();
        }
        if !self.health.is_learned() {
            if flags.clipped {
                train.judged_as = JudgedAs::ClippedWhileLearning;
                return Vec::new();
            }
            train.judged_as = JudgedAs::Baseline;
            let unusable = self.health.learn(observation);
            let passages = self.health.learned_from();
            return unusable
                .map(|unusable| PipelineEvent::BaselineLearned {
                    time_us,
                    passages,
                    unusable,
                })
                .into_iter()
                .collect();
        }
        train.judged_as = JudgedAs::Judged;
        let (scores, changes) = self.health.judge(&observation);
        train.scores = scores;
        let (alarm, clear) = (self.settings.alarm_sigma, self.settings.clear_sigma);
        changes
            .into_iter()
            .map(|change| match change.change {
                AlarmChange::Raised => PipelineEvent::AlarmRaised {
                    time_us,
                    group: change.group,
                    feature: change.leading.feature,
                    diagnosis: change.diagnosis,
                    score: change.leading.score,
                    threshold: alarm,
                    change: change.leading.change,
                },
                AlarmChange::Cleared => PipelineEvent::AlarmCleared {
                    time_us,
                    group: change.group,
                    score: change.leading.score,
                    threshold: clear,
                },
            })
            .collect()
    }
}

/// The problems that a passage's flags tell of.
fn flagged(passage: u16, flags: PassageFlags) -> Vec<DeviceProblem> {
    [
        (flags.clipped, DeviceProblem::Clipped { passage }),
        (flags.sample_gap, DeviceProblem::SampleGap { passage }),
        (flags.ring_overflow, DeviceProblem::RingOverflow { passage }),
        (
            flags.truncated || flags.axle_list_truncated,
            DeviceProblem::Truncated { passage },
        ),
    ]
    .into_iter()
    .filter_map(|(set, problem)| set.then_some(problem))
    .collect()
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
