//! Trains, baseline and alarms of the pipeline.

use super::*;
use crate::pipeline::test_bench::{Bench, alarms, passage, problems, speed_of, trains};

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
    // Of a clipped passage nobody can tell the axles apart: the device's word stands.
    let mut clipped = passage(1, 30.0, 1.0, 1.0);
    clipped.flags.clipped = true;
    for (index, axle) in clipped.axles.iter_mut().enumerate() {
        axle.time_s = 0.5 * index as f64;
    }
    let events = bench.send(Uplink::Passage(clipped));
    let train = |event: &PipelineEvent| matches!(event, PipelineEvent::Train(_));
    assert!(events.iter().any(train), "{events:?}");
    let mut short = passage(2, 30.0, 1.0, 1.0);
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
