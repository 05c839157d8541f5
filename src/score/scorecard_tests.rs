//! The scorecard as a whole, on a small run whose every answer is known.

use rand_chacha::ChaCha8Rng;

use super::signal::fidelity;
use super::*;
use crate::random::{Purpose, stream};
use crate::scenario::Metric;

const DAY_US: i64 = 86_400_000_000;
const HOUR_US: i64 = 3_600_000_000;
/// 2026-01-05T00:00:00Z.
const START_US: i64 = 1_767_571_200_000_000;

fn rng() -> ChaCha8Rng {
    stream(1, 0, Purpose::Traffic, 0)
}

/// A run with its tables.
pub(crate) struct Run {
    pub(crate) truth: Vec<TruthRow>,
    pub(crate) output: Vec<OutputRow>,
    pub(crate) link: Vec<LinkSummary>,
    pub(crate) signal: Vec<SignalWindow>,
    pub(crate) exposure: Vec<Exposure>,
}

fn features(scale: f64) -> Features {
    Features {
        peak_m_s2: [10.0 * scale, 8.0 * scale, 40.0 * scale],
        rms_m_s2: [1.0 * scale, 0.8 * scale, 4.0 * scale],
        crest: [10.0; 3],
        kurtosis: [5.0; 3],
        band_rms_m_s2: [Some(0.5), Some(1.0), Some(1.5), Some(2.0), Some(1.0), None],
        displacement_pp_m: Some(1e-3 * scale),
    }
}

fn train(turnout: u32, window: u32, axles: i64) -> TruthRow {
    let onset = START_US + HOUR_US * i64::from(window + 1);
    let last = onset + (axles - 1) * 100_000;
    let mut row = TruthRow::new("sample", turnout, TruthKind::Train, onset, last);
    row.window = Some(window);
    row.label = format!("train-{window}");
    row.axle_times_us = (0..axles).map(|axle| onset + axle * 100_000).collect();
    row.speed_m_s = Some(20.0);
    row.contact_loss = Some(window == 2);
    row.left_to_full_engine = Some(window == 1);
    row.features = Some(features(1.0));
    row
}

fn report(of: &TruthRow, late_us: i64, speed_m_s: f64, scale: f64) -> OutputRow {
    let time = of.onset_us + late_us;
    let mut row = OutputRow::new("sample", of.turnout, OutputKind::Train, time);
    row.window = of.window;
    row.axle_times_us.clone_from(&of.axle_times_us);
    row.axle_count = Some(of.axle_times_us.len() as u32);
    row.speed_m_s = Some(speed_m_s);
    row.uplink_bytes = Some(200);
    row.features = Some(features(scale));
    row
}

fn alarm(turnout: u32, day: f64) -> OutputRow {
    let time_us = START_US + (day * DAY_US as f64) as i64;
    let mut row = OutputRow::new("sample", turnout, OutputKind::AlarmRaised, time_us);
    row.label = "band-150-350".to_owned();
    row
}

/// Two switches over 100 days. Turnout 0: four trains, one missed, one with an axle too few, one
/// false report in a quiet window, a false alarm on day 10, a fault from day 50 alarmed on day 60 and
/// again on day 70. Turnout 1: two trains found perfectly, a fault from day 20 that is never alarmed.
pub(crate) fn run() -> Run {
    let mut truth: Vec<TruthRow> = (0..4).map(|window| train(0, window, 8)).collect();
    truth.extend((0..2).map(|window| train(1, window, 4)));
    let mut output = vec![
        report(&truth[0], 100_000, 21.0, 1.1),
        report(&truth[1], 200_000, 19.0, 0.9),
        report(&truth[2], 300_000, 20.0, 1.0),
        report(&truth[4], 0, 20.0, 1.0),
        report(&truth[5], 0, 20.0, 1.0),
    ];
    output[1].axle_times_us.remove(3);
    output[1].axle_count = Some(7);
    output[2].axle_times_us[0] += 45_000;
    output[2].speed_m_s = None;
    let nine = START_US + 9 * HOUR_US;
    let mut quiet = TruthRow::new("sample", 0, TruthKind::Quiet, nine, nine + HOUR_US);
    quiet.window = Some(4);
    truth.push(quiet);
    output.push(OutputRow::new("sample", 0, OutputKind::Train, nine + 5));
    for (turnout, day) in [(0, 50), (1, 20)] {
        let (onset, end) = (START_US + day * DAY_US, START_US + 90 * DAY_US);
        let mut fault = TruthRow::new("sample", turnout, TruthKind::Fault, onset, end);
        fault.label = "crossing-geometry".to_owned();
        truth.push(fault);
    }
    output.extend([alarm(0, 10.0), alarm(0, 60.0), alarm(0, 70.0)]);
    let link = |turnout| LinkSummary {
        frames_damaged: 0,
        turnout,
        frames_sent: 1000,
        samples_sent: 32_000,
        clipped_samples: u64::from(turnout) * 3,
        replay_jitter: Some(ReplayJitter {
            p50_s: 1e-4,
            p99_s: 2e-3 * f64::from(turnout + 1),
            max_s: 5e-3,
        }),
        clock_drift_ppm: Some(if turnout == 0 { -40.0 } else { 25.0 }),
        ..LinkSummary::default()
    };
    let window = |turnout, window, axis, scale: f64| SignalWindow {
        turnout,
        window,
        axis,
        fidelity: fidelity(&[1.0, -1.0, 1.0, -1.0], &[scale, -scale, scale, -scale], 1).unwrap(),
    };
    Run {
        truth,
        output,
        link: vec![link(0), link(1)],
        signal: vec![
            window(0, 0, 2, 0.9),
            window(0, 1, 2, 0.99),
            window(1, 0, 0, 0.8),
        ],
        exposure: (0..2)
            .map(|turnout| Exposure {
                turnout,
                begin_us: START_US,
                end_us: START_US + 100 * DAY_US,
            })
            .collect(),
    }
}

impl Run {
    pub(crate) fn input(&self) -> ScoreInput<'_> {
        ScoreInput {
            scenario: "sample",
            truth: &self.truth,
            output: &self.output,
            link: &self.link,
            signal: &self.signal,
            exposure: &self.exposure,
            conduct: &[],
            settings: Settings::default(),
        }
    }

    pub(crate) fn score(&self) -> Scored {
        score(&self.input(), &rng()).unwrap()
    }
}

/// The headlines of [`run`], worked out by hand.
const HEADLINES: &[(&str, f64, u64)] = &[
    ("contact_loss", 1.0, 6),
    ("left_to_full_engine", 2.0, 6),
    ("frames_lost", 0.0, 2000),
    ("samples_lost", 0.0, 64_000),
    ("replay_jitter_p50_s", 1e-4, 2),
    ("replay_jitter_p99_s", 4e-3, 2),
    ("replay_jitter_max_s", 5e-3, 2),
    ("clock_drift_ppm", -40.0, 2),
    ("nrmse_max", 0.2, 3),
    ("snr_min_db", 20.0, 2),
    ("clipped_samples", 3.0, 64_000),
    // Errors of 0.1, 0.1, 0, 0, 0.
    ("rms_error", 0.04, 5),
    ("peak_error", 0.04, 5),
    ("displacement_error", 0.04, 5),
    ("band_5_20_hz_error", 0.0, 5),
    ("train_f1", 10.0 / 12.0, 7),
    ("train_precision", 5.0 / 6.0, 6),
    ("train_recall", 5.0 / 6.0, 6),
    ("trains_true", 6.0, 6),
    ("trains_detected", 6.0, 6),
    ("false_trains", 1.0, 6),
    // The train with seven of eight axles and the missed train are not exact.
    ("axle_count_exact", 4.0 / 6.0, 6),
    // 40 axles passed; eight of the missed train, one left out, one 45 ms (0.9 m) off.
    ("axle_recall", 30.0 / 40.0, 40),
    ("axle_false", 1.0, 31),
    // 5 %, 5 %, none reported, 0, 0.
    ("speed_mape", 0.025, 4),
    ("speed_reported", 0.8, 5),
    // 0, 0, 0.1, 0.2, 0.3 s.
    ("onset_latency_p50_s", 0.1, 5),
    ("onset_latency_p95_s", 0.28, 5),
    ("uplink_bytes_per_train", 200.0, 5),
    ("alarms", 3.0, 3),
    ("repeated_alarms", 1.0, 3),
    ("false_alarms", 1.0, 3),
    ("false_alarms_per_switch_year", 365.25 / 200.0, 2),
    ("faults_detected", 1.0, 2),
    ("faults_missed", 1.0, 2),
    ("detection_delay_days", 10.0, 1),
    ("warned_in_time", 0.5, 2),
];

#[test]
fn headlines_agree_with_the_hand_calculation() {
    let card = run().score().scorecard;
    for &(name, want, n) in HEADLINES {
        let score = card
            .score(name)
            .unwrap_or_else(|| panic!("no score {name}"));
        let got = score
            .value
            .unwrap_or_else(|| panic!("{name}: {:?}", score.undefined));
        assert!((got - want).abs() < 1e-9, "{name}: got {got}, want {want}");
        assert_eq!(score.n, n, "{name}");
    }
    assert!(card.invalid_reasons().is_empty());
}

/// Writes the ledger as CSV, reads it back and scores that: nothing but the table is needed.
#[test]
fn every_headline_is_recomputed_from_the_ledger_as_written() {
    let scored = run().score();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(LedgerRow::FILE);
    crate::report::write_table(&path, &scored.ledger).unwrap();
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let rows: Vec<LedgerRow> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            LedgerRow::parse(&record.iter().skip(1).collect::<Vec<_>>()).unwrap()
        })
        .collect();
    assert_eq!(rows, scored.ledger);
    assert_eq!(Scorecard::from_ledger(&rows, &rng()), scored.scorecard);
}

#[test]
fn every_metric_that_a_scenario_may_name_has_a_score_and_a_place() {
    let scored = run().score();
    for metric in Metric::ALL {
        let name = metric.name();
        if Family::parse(name).is_some_and(|family| family.conduct().is_some()) {
            continue; // scored where the firmware says something of it: see the next test
        }
        assert!(scored.scorecard.score(name).is_some(), "no score {name}");
        let needs_none = matches!(name, "trains_true" | "frames_lost" | "samples_lost");
        assert!(
            needs_none || worst(&scored.ledger, name).is_some(),
            "no place for {name}"
        );
    }
}

#[test]
fn the_conduct_of_firmware_is_scored_by_its_errors_and_the_worst_has_a_place() {
    let row = |family, error: f64| LedgerRow {
        error: Some(error),
        channel: "z".to_owned(),
        ..LedgerRow::new(
            "sample",
            family,
            if error == 0.0 {
                Kind::Match
            } else {
                Kind::Miss
            },
            0,
        )
    };
    for family in Family::ALL.iter().filter(|f| f.conduct().is_some()) {
        let name = family.name();
        assert!(Metric::ALL.iter().any(|m| m.name() == name), "{name}");
        let rows = [0.0, -3.0, 1.0].map(|error| row(*family, error));
        let want = match family.conduct() {
            Some(Conduct::Misses) => 2.0,
            Some(Conduct::Total) => 4.0,
            _ => 3.0,
        };
        let card = Scorecard::from_ledger(&rows, &rng());
        assert_eq!(card.value(name), Some(want), "{name}");
        assert!(worst(&rows, name).is_some(), "no place for {name}");
        // Of what was not observed there is no score, and no expectation passes on it.
        assert!(Scorecard::from_ledger(&[], &rng()).score(name).is_none());
    }
}

#[test]
fn losses_are_excused_up_to_the_damage_that_the_bench_did() {
    let reasons = |lost, damaged, samples| {
        let mut run = run();
        run.link[0].frames_lost = lost;
        run.link[0].frames_damaged = damaged;
        run.link[0].samples_lost = samples;
        run.score().scorecard.invalid_reasons()
    };
    assert_eq!(reasons(3, 3, 96), Vec::<String>::new());
    assert_eq!(reasons(3, 0, 0), ["3 frames lost"]);
    assert_eq!(
        reasons(4, 3, 0),
        ["4 frames lost, but only 3 damaged on purpose"]
    );
    assert_eq!(reasons(0, 0, 96), ["96 samples lost in the device"]);
}

#[test]
fn no_score_is_both_or_neither_of_value_and_reason() {
    let nothing = Run {
        truth: Vec::new(),
        output: Vec::new(),
        link: Vec::new(),
        signal: Vec::new(),
        exposure: Vec::new(),
    };
    for scored in [run().score(), nothing.score()] {
        for (level, list) in scored.scorecard.levels() {
            assert!(!list.is_empty(), "{level}");
            for (name, score) in list.iter() {
                assert_ne!(score.value.is_some(), score.undefined.is_some(), "{name}");
                assert!(score.value.is_none_or(f64::is_finite), "{name}");
            }
        }
    }
    let card = nothing.score().scorecard;
    assert_eq!(card.value("train_f1"), None);
    assert_eq!(card.value("false_trains"), Some(0.0));
    let reason = card.score("warned_in_time").unwrap().undefined.clone();
    assert_eq!(reason.as_deref(), Some("no fault developed"));
}

#[test]
fn intervals_say_how_they_were_found() {
    let run = run();
    let card = run.score().scorecard;
    let note = |card: &Scorecard, name: &str| card.score(name).unwrap().interval_note.clone();
    let two = |name| note(&card, name).unwrap();
    assert_eq!(two("train_f1"), "95 %, bootstrap by switch");
    assert_eq!(two("train_recall"), "95 %, bootstrap by switch");
    assert_eq!(two("false_alarms_per_switch_year"), "95 %, exact Poisson");
    assert_eq!(two("nrmse_max"), "an extreme: no interval");
    let one = Run {
        truth: run
            .truth
            .into_iter()
            .filter(|row| row.turnout == 0)
            .collect(),
        output: run
            .output
            .into_iter()
            .filter(|row| row.turnout == 0)
            .collect(),
        link: run.link[..1].to_vec(),
        signal: run.signal[..2].to_vec(),
        exposure: run.exposure[..1].to_vec(),
    };
    let card = one.score().scorecard;
    assert_eq!(note(&card, "train_f1").unwrap(), "one switch: no interval");
    assert_eq!(note(&card, "train_recall").unwrap(), "95 %, Wilson");
}

#[test]
fn places_lead_to_the_right_passage() {
    let ledger = run().score().ledger;
    let place = |name| worst(&ledger, name).unwrap();
    let missed = place("train_recall");
    assert_eq!(
        (missed.window, missed.truth_row, missed.alike),
        (Some(3), Some(4), 1)
    );
    assert_eq!(missed.what, "train not reported");
    let wrong = place("false_trains");
    assert_eq!(
        (wrong.output_row, wrong.name.as_str()),
        (Some(6), "in a quiet window")
    );
    let axles = place("axle_recall");
    assert_eq!(
        axles.what,
        "8 of 8 axles not reported in their place, first axle 1"
    );
    let speed = place("speed_mape");
    assert_eq!(speed.what, "speed 21.00 instead of 20.00 m/s (+5.0 %)");
    assert_eq!(
        place("false_alarms").what,
        "alarm band-150-350 without a fault"
    );
    assert_eq!(
        place("warned_in_time").what,
        "fault crossing-geometry without an alarm"
    );
    for place in ["train_recall", "speed_mape"].map(place) {
        let row = &ledger[place.ledger_row as usize - 1];
        assert_eq!(
            (row.truth_row, row.time_us),
            (place.truth_row, place.time_us)
        );
    }
}

#[test]
fn a_bound_that_nobody_can_meet_shows_the_weakest_row() {
    let mut run = run();
    run.truth.truncate(1);
    run.output.truncate(1);
    let place = worst(&run.score().ledger, "train_f1").unwrap();
    assert_eq!(
        (place.alike, place.what.as_str()),
        (0, "onset +0.100 s off")
    );
}

#[test]
fn a_violated_link_gives_reasons() {
    let mut run = run();
    run.link[1].frames_corrupt = 2;
    run.link[0].samples_lost = 64;
    let reasons = run.score().scorecard.invalid_reasons();
    assert_eq!(
        reasons,
        ["2 frames corrupt", "64 samples lost in the device"]
    );
}

#[test]
fn numbers_that_are_none_are_refused_by_row_and_column() {
    let mut bad = run();
    bad.output[2].features.as_mut().unwrap().rms_m_s2[2] = f64::NAN;
    let error = score(&bad.input(), &rng()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 3 of the output table: rms_z_m_s2 is not a finite number"
    );
    let mut bad = run();
    bad.truth[1].speed_m_s = Some(0.0);
    assert_eq!(
        score(&bad.input(), &rng()),
        Err(ScoreError::Speed { row: 2 })
    );
    let mut bad = run();
    bad.truth[1].end_us = 0;
    assert_eq!(
        score(&bad.input(), &rng()),
        Err(ScoreError::Reversed { row: 2 })
    );
}

/// The order in which turnouts were simulated (threads) must not show.
#[test]
fn the_order_of_reports_within_a_turnout_does_not_matter() {
    let run = run();
    let card = run.score().scorecard;
    let mut turned = self::run();
    turned.output.reverse();
    assert_eq!(turned.score().scorecard, card);
}
