//! The pipeline from messages to events.

use super::*;
use crate::pipeline::uplink::{AxisFeatures, AxleReport, AxlesReport, Heartbeat};
use proptest::prelude::*;

/// A locomotive and four coaches at a speed; all levels scaled by the two factors.
fn passage(number: u16, speed_m_s: f64, impact: f64, support: f64) -> PassageReport {
    let mut place = 0.0;
    let mut axles = vec![0.0];
    let coach = [4.5, 2.5, 16.5, 2.5];
    let gaps = [2.8, 8.2, 2.8]
        .into_iter()
        .chain(coach.into_iter().cycle().take(16));
    for gap in gaps {
        place += gap;
        axles.push(place / speed_m_s);
    }
    // A repeatable scatter of the trains, +-15 %.
    let scatter = 1.0 + 0.3 * (f64::from(number % 1_000 * 7 % 11) / 10.0 - 0.5);
    let level = impact * scatter * speed_m_s / 30.0;
    PassageReport {
        sequence: number,
        passage: number,
        onset_us: u64::from(number) * 60_000_000,
        duration_s: 5.0,
        axle_count: 20,
        speed_m_s: Some(1.03 * speed_m_s),
        speed_quality: 2,
        flags: PassageFlags::default(),
        rate_hz: 4012.0,
        temperature_c: 11.0,
        axes: [AxisFeatures::default(); 3],
        band_rms_m_s2: [
            Some(0.4 * support * scatter),
            Some(0.8 * support * scatter),
            Some(2.0 * level),
            Some(4.0 * level),
            Some(3.0 * level),
            None,
        ],
        impact_kurtosis: 12.0 * scatter,
        displacement_pp_m: 5e-4 * support * scatter,
        axles: axles
            .into_iter()
            .map(|time_s| AxleReport {
                time_s,
                peak_m_s2: 40.0 * level,
            })
            .collect(),
    }
}

fn speed_of(number: u16) -> f64 {
    28.0 + f64::from(number * 13 % 17) / 3.0
}

struct Bench {
    pipeline: Pipeline,
    now_us: u64,
    next: u16,
}

impl Bench {
    fn new() -> Self {
        let pipeline = Pipeline::new(PipelineSettings::default()).unwrap();
        Self {
            pipeline,
            now_us: 0,
            next: 0,
        }
    }

    fn send(&mut self, message: Uplink) -> Vec<PipelineEvent> {
        self.now_us += 1_000_000;
        self.pipeline.push_message(self.now_us, message).unwrap()
    }

    /// Sends `count` trains at the levels given.
    fn trains(&mut self, count: u16, impact: f64, support: f64) -> Vec<PipelineEvent> {
        let mut events = Vec::new();
        for _ in 0..count {
            let report = passage(self.next, speed_of(self.next), impact, support);
            self.next += 1;
            events.extend(self.send(Uplink::Passage(report)));
        }
        events
    }
}

fn problems(events: &[PipelineEvent]) -> Vec<DeviceProblem> {
    events
        .iter()
        .filter_map(|event| match event {
            PipelineEvent::DeviceProblem { problem, .. } => Some(problem.clone()),
            _ => None,
        })
        .collect()
}

fn trains(events: &[PipelineEvent]) -> Vec<TrainEvent> {
    events
        .iter()
        .filter_map(|event| match event {
            PipelineEvent::Train(train) => Some((**train).clone()),
            _ => None,
        })
        .collect()
}

fn alarms(events: &[PipelineEvent]) -> Vec<(FeatureGroup, &'static str)> {
    events
        .iter()
        .filter_map(|event| match event {
            PipelineEvent::AlarmRaised {
                group,
                diagnosis,
                score,
                change,
                ..
            } => {
                assert!(score.is_finite() && change.is_finite());
                Some((*group, diagnosis.label()))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn a_train_is_told_with_class_and_corrected_speed() {
    let mut bench = Bench::new();
    let events = bench.send(Uplink::Passage(passage(0, 35.0, 1.0, 1.0)));
    let [train] = &trains(&events)[..] else {
        panic!("{events:?}")
    };
    assert_eq!(train.class, TrainClass::HauledPassenger);
    assert_eq!(train.speed_source, SpeedSource::Pattern);
    assert!(
        (train.speed_m_s.unwrap() / 35.0 - 1.0).abs() < 0.01,
        "{train:?}"
    );
    assert_eq!(train.judged_as, JudgedAs::Baseline);
    assert_eq!(problems(&events), []);
}

#[test]
fn the_baseline_is_announced_once_and_healthy_trains_raise_nothing() {
    let mut bench = Bench::new();
    let events = bench.trains(200, 1.0, 1.0);
    let learned: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            PipelineEvent::BaselineLearned {
                passages, unusable, ..
            } => Some((*passages, unusable.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(learned, [(30, vec![])]);
    assert_eq!(alarms(&events), []);
}

#[test]
fn a_faster_train_is_not_a_fault() {
    let mut bench = Bench::new();
    bench.trains(30, 1.0, 1.0);
    let mut events = Vec::new();
    for _ in 0..40 {
        let report = passage(bench.next, 44.0, 1.0, 1.0);
        bench.next += 1;
        events.extend(bench.send(Uplink::Passage(report)));
    }
    assert_eq!(alarms(&events), []);
}

#[test]
fn a_worn_crossing_alarms_by_its_impacts_and_clears_when_it_is_ground() {
    let mut bench = Bench::new();
    bench.trains(60, 1.0, 1.0);
    let worn = bench.trains(40, 1.8, 1.0);
    assert_eq!(alarms(&worn), [(FeatureGroup::Impact, "crossing-geometry")]);
    assert!(bench.pipeline.alarm_is_on(FeatureGroup::Impact));
    let ground = bench.trains(60, 1.0, 1.0);
    let cleared = ground
        .iter()
        .filter(|e| matches!(e, PipelineEvent::AlarmCleared { .. }))
        .count();
    assert_eq!((cleared, alarms(&ground)), (1, vec![]));
    assert!(!bench.pipeline.alarm_is_on(FeatureGroup::Impact));
}

#[test]
fn a_hanging_bearer_alarms_by_its_movement() {
    let mut bench = Bench::new();
    bench.trains(60, 1.0, 1.0);
    let hanging = bench.trains(40, 1.0, 2.5);
    assert_eq!(
        alarms(&hanging),
        [(FeatureGroup::Support, "hanging-bearer")]
    );
    assert!(!bench.pipeline.alarm_is_on(FeatureGroup::Impact));
}

#[test]
fn a_hanging_bearer_that_hammers_is_not_called_a_worn_crossing() {
    let mut bench = Bench::new();
    bench.trains(60, 1.0, 1.0);
    let hanging = alarms(&bench.trains(40, 2.0, 3.0));
    assert!(
        hanging
            .iter()
            .all(|(_, diagnosis)| *diagnosis == "hanging-bearer"),
        "{hanging:?}"
    );
    assert_eq!(hanging.len(), 2);
}

#[test]
fn one_train_with_wheel_flats_is_no_alarm() {
    let mut bench = Bench::new();
    bench.trains(60, 1.0, 1.0);
    let mut events = bench.trains(1, 6.0, 1.0);
    events.extend(bench.trains(30, 1.0, 1.0));
    assert_eq!(alarms(&events), []);
}

#[test]
fn flagged_passages_are_reported_and_do_not_teach() {
    let mut bench = Bench::new();
    let mut send = |set: fn(&mut PassageFlags)| {
        let mut report = passage(bench.next, 30.0, 1.0, 1.0);
        bench.next += 1;
        set(&mut report.flags);
        let events = bench.send(Uplink::Passage(report));
        (trains(&events)[0].judged_as, problems(&events))
    };
    assert_eq!(
        send(|f| f.clipped = true),
        (
            JudgedAs::ClippedWhileLearning,
            vec![DeviceProblem::Clipped { passage: 0 }]
        )
    );
    assert_eq!(
        send(|f| f.sample_gap = true),
        (
            JudgedAs::Incomplete,
            vec![DeviceProblem::SampleGap { passage: 1 }]
        )
    );
    assert_eq!(
        send(|f| f.ring_overflow = true),
        (
            JudgedAs::Incomplete,
            vec![DeviceProblem::RingOverflow { passage: 2 }]
        )
    );
    assert_eq!(
        send(|f| f.truncated = true),
        (
            JudgedAs::Incomplete,
            vec![DeviceProblem::Truncated { passage: 3 }]
        )
    );
    assert_eq!(bench.pipeline.learned_from(), 0);
}

#[test]
fn clipping_does_not_hide_a_fault_once_there_is_a_baseline() {
    let mut bench = Bench::new();
    bench.trains(60, 1.0, 1.0);
    let mut events = Vec::new();
    for _ in 0..40 {
        let mut report = passage(bench.next, speed_of(bench.next), 2.0, 1.0);
        report.flags.clipped = true;
        bench.next += 1;
        events.extend(bench.send(Uplink::Passage(report)));
    }
    assert_eq!(alarms(&events).len(), 1);
}

#[test]
fn footsteps_are_disregarded_and_said_so() {
    let mut bench = Bench::new();
    let mut report = passage(0, 30.0, 1.0, 1.0);
    for (index, axle) in report.axles.iter_mut().enumerate() {
        axle.time_s = 0.5 * index as f64;
    }
    let events = bench.send(Uplink::Passage(report));
    assert!(
        matches!(
            events[..],
            [PipelineEvent::Disregarded {
                reason: Disregarded::NoAxlePattern,
                ..
            }]
        ),
        "{events:?}"
    );
    let mut short = passage(1, 30.0, 1.0, 1.0);
    short.axle_count = 2;
    short.axles.truncate(2);
    let events = bench.send(Uplink::Passage(short));
    assert!(
        matches!(
            events[..],
            [PipelineEvent::Disregarded {
                reason: Disregarded::TooFewAxles,
                ..
            }]
        ),
        "{events:?}"
    );
}

/// Splits a passage into its PASSAGE message and AXLES continuations of seven axles.
fn split(report: &PassageReport) -> Vec<Uplink> {
    let mut first = report.clone();
    let rest = first.axles.split_off(7);
    let mut messages = vec![Uplink::Passage(first)];
    for (index, axles) in rest.chunks(7).enumerate() {
        let index = index as u16;
        messages.push(Uplink::Axles(AxlesReport {
            sequence: report.sequence + 1 + index,
            passage: report.passage,
            first_axle: 7 * (index + 1),
            axles: axles.to_vec(),
        }));
    }
    messages
}

#[test]
fn continuations_are_joined() {
    let report = passage(0, 30.0, 1.0, 1.0);
    let mut bench = Bench::new();
    let events: Vec<_> = split(&report)
        .into_iter()
        .flat_map(|m| bench.send(m))
        .collect();
    assert_eq!(problems(&events), []);
    assert_eq!(trains(&events)[0].axle_times_s.len(), 20);
}

#[test]
fn a_lost_continuation_is_reported_and_the_train_still_counts() {
    let mut bench = Bench::new();
    let mut messages = split(&passage(0, 30.0, 1.0, 1.0));
    messages.remove(1);
    let mut events: Vec<_> = messages.into_iter().flat_map(|m| bench.send(m)).collect();
    events.extend(bench.pipeline.finish(bench.now_us).unwrap());
    assert_eq!(
        problems(&events),
        [
            DeviceProblem::UplinksLost { count: 1 },
            DeviceProblem::AxlesMissing {
                passage: 0,
                expected: 20,
                got: 13
            },
        ]
    );
    assert_eq!(trains(&events)[0].axle_count, 20);
}

fn heartbeat(sequence: u16, boot_count: u16, lost_samples: u32) -> Heartbeat {
    Heartbeat {
        sequence,
        device_time_us: 0,
        rate_hz: 4012.0,
        temperature_c: 10.0,
        mean_m_s2: [0.0, 0.0, 9.81],
        noise_rms_m_s2: [0.01; 3],
        flags: PassageFlags::default(),
        wakeups: 0,
        passages: 0,
        lost_samples,
        clipped_samples: 0,
        boot_count,
    }
}

#[test]
fn heartbeats_tell_of_new_losses_restarts_and_a_bad_sensor_once() {
    let mut bench = Bench::new();
    let mut send = |sequence, boot, lost, bad| {
        let mut beat = heartbeat(sequence, boot, lost);
        beat.flags.bad_sensor = bad;
        problems(&bench.send(Uplink::Heartbeat(beat)))
    };
    assert_eq!(send(0, 1, 0, false), []);
    assert_eq!(
        send(1, 1, 5, false),
        [DeviceProblem::SamplesLost { count: 5 }]
    );
    assert_eq!(send(2, 1, 5, true), [DeviceProblem::BadSensor]);
    assert_eq!(
        send(3, 1, 7, true),
        [DeviceProblem::SamplesLost { count: 2 }]
    );
    assert_eq!(
        send(0, 2, 1, false),
        [
            DeviceProblem::Restarted,
            DeviceProblem::SamplesLost { count: 1 }
        ]
    );
    assert_eq!(send(1, 2, 1, false), []);
}

#[test]
fn axles_of_a_closed_passage_are_orphans() {
    let mut bench = Bench::new();
    let mut messages = split(&passage(0, 30.0, 1.0, 1.0));
    messages.remove(0);
    let events: Vec<_> = messages.into_iter().flat_map(|m| bench.send(m)).collect();
    assert_eq!(
        problems(&events),
        [(); 2].map(|()| DeviceProblem::OrphanAxles { passage: 0 })
    );
}

#[test]
fn losses_repeats_and_restarts_are_told_apart() {
    let mut bench = Bench::new();
    let mut send = |sequence: u16, reset: bool| {
        let mut report = passage(0, 30.0, 1.0, 1.0);
        report.sequence = sequence;
        report.flags.reset = reset;
        let events = bench.send(Uplink::Passage(report));
        (problems(&events), trains(&events).len())
    };
    assert_eq!(send(65_534, true), (vec![], 1));
    assert_eq!(send(65_535, false), (vec![], 1));
    assert_eq!(send(0, false), (vec![], 1), "the counter wraps");
    assert_eq!(
        send(0, false),
        (vec![DeviceProblem::OutOfSequence { sequence: 0 }], 0)
    );
    assert_eq!(
        send(4, false),
        (vec![DeviceProblem::UplinksLost { count: 3 }], 1)
    );
    assert_eq!(
        send(2, false),
        (vec![DeviceProblem::OutOfSequence { sequence: 2 }], 0)
    );
    assert_eq!(send(0, true), (vec![DeviceProblem::Restarted], 1));
    assert_eq!(send(1, false), (vec![], 1));
}

#[test]
fn a_bad_message_is_an_event_and_silence_is_noticed_once() {
    let settings = PipelineSettings {
        max_silence_s: Some(3600.0),
        ..Default::default()
    };
    let mut pipeline = Pipeline::new(settings).unwrap();
    let events = pipeline.push(0, &[0xFF; 5]).unwrap();
    assert!(matches!(
        problems(&events)[..],
        [DeviceProblem::Undecodable { bytes: 5, .. }]
    ));
    assert_eq!(pipeline.advance(3_600_000_000).unwrap(), []);
    let silent = pipeline.advance(7_200_000_000).unwrap();
    assert_eq!(problems(&silent), [DeviceProblem::Silent { for_s: 7200.0 }]);
    assert_eq!(pipeline.advance(7_300_000_000).unwrap(), []);
}

#[test]
fn time_may_not_run_backwards() {
    let mut pipeline = Pipeline::new(PipelineSettings::default()).unwrap();
    pipeline.push(10, &[]).unwrap();
    let error = pipeline.push(9, &[]).unwrap_err();
    assert_eq!(
        error,
        PipelineError::TimeReversed {
            got_us: 9,
            last_us: 10
        }
    );
}

#[test]
fn settings_out_of_range_are_refused() {
    let settings = PipelineSettings {
        baseline_passages: 2,
        ..Default::default()
    };
    let error = Pipeline::new(settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        "pipeline setting baseline_passages is 2, but must be 8 to 100000"
    );
}

fn any_report() -> impl Strategy<Value = PassageReport> {
    let axle = (prop::num::f64::ANY, prop::num::f64::ANY)
        .prop_map(|(time_s, peak_m_s2)| AxleReport { time_s, peak_m_s2 });
    let bands = prop::array::uniform6(prop::option::of(prop::num::f64::ANY));
    let head = (
        any::<u16>(),
        any::<u16>(),
        any::<u64>(),
        any::<u16>(),
        any::<bool>(),
    );
    let levels = (
        prop::num::f64::ANY,
        prop::num::f64::ANY,
        prop::option::of(prop::num::f64::ANY),
    );
    (
        head,
        levels,
        bands,
        prop::collection::vec(axle, 0..12),
        any::<bool>(),
    )
        .prop_map(|(head, levels, bands, axles, sane)| {
            let mut report = passage(head.0, 30.0, 1.0, 1.0);
            report.onset_us = head.2;
            report.flags.clipped = head.4;
            (
                report.impact_kurtosis,
                report.displacement_pp_m,
                report.speed_m_s,
            ) = levels;
            report.band_rms_m_s2 = bands;
            if !sane {
                (report.passage, report.axle_count, report.axles) = (head.1, head.3, axles);
            }
            report
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_survived(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..260), 0..40),
    ) {
        let mut pipeline = Pipeline::new(PipelineSettings::default()).unwrap();
        for (index, bytes) in messages.iter().enumerate() {
            // A message that is not an event is a message lost.
            let events = pipeline.push(index as u64, bytes).unwrap();
            prop_assert!(decode(bytes).is_ok() || !events.is_empty());
        }
    }

    #[test]
    fn no_report_whatever_its_numbers_makes_a_score_that_is_not_finite(
        reports in prop::collection::vec(any_report(), 20..60),
    ) {
        let settings = PipelineSettings { baseline_passages: 8, ..Default::default() };
        let mut pipeline = Pipeline::new(settings).unwrap();
        for (index, mut report) in reports.into_iter().enumerate() {
            report.sequence = index as u16;
            let events = pipeline.push_message(index as u64, Uplink::Passage(report)).unwrap();
            for train in trains(&events) {
                for score in train.scores {
                    prop_assert!(score.score.is_finite() && score.change.is_finite());
                }
                prop_assert!(train.speed_m_s.is_none_or(|v| v.is_finite() && v > 0.0));
            }
        }
    }
}

#[test]
fn the_same_messages_give_the_same_events() {
    let run = || {
        let mut bench = Bench::new();
        let mut events = bench.trains(60, 1.0, 1.0);
        events.extend(bench.trains(40, 1.9, 1.3));
        events
    };
    assert_eq!(run(), run());
}
