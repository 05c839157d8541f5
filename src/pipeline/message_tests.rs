//! Messages that are split, lost, repeated, broken or nonsense.

use proptest::prelude::*;

use super::test_bench::{Bench, passage, problems, trains};
use super::*;

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
fn a_repeated_first_message_is_not_a_restart_but_a_second_start_is() {
    let mut bench = Bench::new();
    let mut send = |onset_us: u64| {
        let mut report = passage(0, 30.0, 1.0, 1.0);
        report.flags.reset = true;
        report.onset_us = onset_us;
        let events = bench.send(Uplink::Passage(report));
        (problems(&events), trains(&events).len())
    };
    assert_eq!(send(5), (vec![], 1));
    assert_eq!(
        send(5),
        (vec![DeviceProblem::OutOfSequence { sequence: 0 }], 0)
    );
    assert_eq!(send(7), (vec![DeviceProblem::Restarted], 1));
}

/// Bytes that the C encoder sent right after its start (as in the decoder's test).
#[test]
fn a_heartbeat_of_the_c_encoder_is_no_problem() {
    let mut bytes = [0_u8; 58];
    bytes[..18].copy_from_slice(&[
        3, 1, 0, 0, 0x40, 0x4b, 0x4c, 0, 0, 0, 0, 0, 0, 0x09, 0x3d, 0, 0xd0, 0x07,
    ]);
    bytes[43] = 0x02;
    assert!(
        matches!(decode(&bytes), Ok(Uplink::Heartbeat(_))),
        "{:?}",
        decode(&bytes)
    );
    let mut pipeline = Pipeline::new(PipelineSettings::default()).unwrap();
    assert_eq!(pipeline.push(0, &bytes).unwrap(), []);
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
