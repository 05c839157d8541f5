//! Snapshots of everything that a run shows.

use super::*;
use crate::scenario::Expectation;
use crate::score::scorecard_tests::run;

fn info(name: &str) -> ScenarioInfo {
    ScenarioInfo {
        name: name.to_owned(),
        description: "The kink angle grows over a hundred days.".to_owned(),
        seed: 20_260_105,
        device: DeviceInfo {
            tier: "native".to_owned(),
            name: "frogbench-reference".to_owned(),
            build: "0.1.0".to_owned(),
        },
        counts: Counts {
            turnouts: 2,
            days: 100.0,
            windows: 7,
            trains: 6,
            signal_s: 84.0,
            samples: 64_000,
        },
        resources: None,
        notes: vec!["7 windows stand for a period of 100 days".to_owned()],
        reproduce: format!("frogbench run scenarios/{name}.toml --seed 20260105"),
        files: vec![
            format!("out/{name}/truth.csv"),
            format!("out/{name}/ledger.csv"),
        ],
    }
}

fn clauses(expressions: &[&str]) -> Vec<Expectation> {
    expressions
        .iter()
        .map(|text| Expectation::parse(text).unwrap())
        .collect()
}

fn failed() -> ScenarioResult {
    let expect = [
        "train_f1 >= 0.99",
        "axle_count_exact >= 0.95",
        "speed_mape <= 0.10",
        "speed_mape <= 0.001",
        "false_alarms == 0",
        "warned_in_time == 1",
    ];
    ScenarioResult::judge(info("worn-crossing"), &run().score(), &clauses(&expect))
}

fn passed() -> ScenarioResult {
    let expect = ["train_f1 >= 0.8", "frames_lost == 0"];
    ScenarioResult::judge(info("healthy-crossing"), &run().score(), &clauses(&expect))
}

fn invalid() -> ScenarioResult {
    let mut run = run();
    run.link[1].frames_lost = 2;
    run.link[1].samples_lost = 64;
    ScenarioResult::judge(
        info("broken-link"),
        &run.score(),
        &clauses(&["train_f1 >= 0.8"]),
    )
}

fn undefined() -> ScenarioResult {
    let mut run = run();
    run.truth.clear();
    run.output.clear();
    let mut info = info("quiet-night");
    info.notes.clear();
    info.counts.trains = 0;
    let expect = clauses(&["train_recall >= 0.8", "false_trains == 0", "alarms >= 1"]);
    ScenarioResult::judge(info, &run.score(), &expect)
}

fn all() -> RunResult {
    RunResult::new(vec![passed(), failed(), invalid(), undefined()])
}

#[test]
fn summary_of_several_scenarios() {
    insta::assert_snapshot!(summary(&all(), SummaryOptions { colour: false }));
}

#[test]
fn summary_of_one_scenario_with_colour() {
    let text = summary(
        &RunResult::new(vec![failed()]),
        SummaryOptions { colour: true },
    );
    insta::assert_snapshot!(text.replace('\u{1b}', "<ESC>"));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = summary(&all(), SummaryOptions { colour: true });
    let mut plain = String::new();
    for (index, part) in coloured.split('\u{1b}').enumerate() {
        plain.push_str(if index == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        });
    }
    let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let without = summary(&all(), SummaryOptions { colour: false });
    assert_eq!(trimmed, without.lines().collect::<Vec<_>>());
}

#[test]
fn json_of_a_run() {
    insta::assert_snapshot!(RunResult::new(vec![failed(), invalid()]).to_json().unwrap());
}

#[test]
fn junit_of_a_run() {
    insta::assert_snapshot!(junit(&all()).unwrap());
}

#[test]
fn equal_runs_give_equal_bytes() {
    for _ in 0..3 {
        assert_eq!(all().to_json().unwrap(), all().to_json().unwrap());
        assert_eq!(junit(&all()).unwrap(), junit(&all()).unwrap());
    }
}

#[test]
fn json_reads_back_as_written() {
    let run = all();
    let text = run.to_json().unwrap();
    let back: RunResult = serde_json::from_str(&text).unwrap();
    assert_eq!(back.to_json().unwrap(), text);
    assert_eq!((back.format, back.scenarios.len()), (1, 4));
    assert_eq!(
        back.scenarios[1].expectations,
        run.scenarios[1].expectations
    );
}

#[test]
fn the_gravest_verdict_gives_the_exit_code() {
    let code = |scenarios| RunResult::new(scenarios).exit_code();
    assert_eq!(code(vec![]), 4);
    assert_eq!(code(vec![passed()]), 0);
    assert_eq!(code(vec![passed(), failed()]), 100);
    assert_eq!(code(vec![failed(), invalid(), passed()]), 102);
}

#[test]
fn an_invalid_run_says_nothing_of_the_device() {
    let result = invalid();
    assert_eq!(result.verdict, Verdict::Invalid);
    assert!(result.scores.value("train_f1").is_none() && result.scores.l2.is_empty());
    assert!(
        result
            .expectations
            .iter()
            .all(|e| !e.pass && e.got.is_none())
    );
}

#[test]
fn an_undefined_score_fails_its_expectation_with_the_reason() {
    let result = undefined();
    assert_eq!(result.verdict, Verdict::Fail);
    let recall = &result.expectations[0];
    assert_eq!((recall.pass, recall.got), (false, None));
    assert_eq!(recall.reason.as_deref(), Some("no train passed"));
}
