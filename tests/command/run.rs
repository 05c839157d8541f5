//! Runs that come to a verdict: what they show, and that they show the same every time.

use crate::support::{Ran, command, folder_with, frogbench, without_figures};

/// Everything that a run leaves behind, except host times.
const FILES: [&str; 5] = [
    "truth.csv",
    "output.csv",
    "ledger.csv",
    "result.json",
    "session.jsonl.zst",
];

#[test]
fn a_pass_exits_0_and_says_so_first() {
    let folder = folder_with(&["pair.toml"]);
    let ran = frogbench(folder.path(), &["run", "pair.toml"]);
    ran.expect(0, &["pair: 3 of 3 windows", "pair: tables in runs/pair"]);
    insta::assert_snapshot!(without_figures(&ran.out));
    for file in FILES {
        assert!(
            folder.path().join("runs/pair").join(file).is_file(),
            "{file}"
        );
    }
}

#[test]
fn json_of_a_quiet_run() {
    let folder = folder_with(&["calm.toml"]);
    let ran = frogbench(
        folder.path(),
        &["-q", "run", "calm.toml", "--format", "json"],
    );
    ran.expect(0, &[]);
    assert_eq!(ran.err, "", "quiet means quiet");
    let result = std::fs::read_to_string(folder.path().join("runs/calm/result.json")).unwrap();
    assert_eq!(ran.out, result);
    insta::assert_snapshot!(without_figures(&ran.out));
}

#[test]
fn an_impossible_expectation_exits_100_and_leads_to_the_passage() {
    let folder = folder_with(&["impossible.toml"]);
    let ran = frogbench(folder.path(), &["run", "impossible.toml"]);
    assert_eq!(ran.code, Some(100), "{}", ran.err);
    insta::assert_snapshot!(without_figures(&ran.out));

    // The place that is named is that of the passage: same window, same row of the truth.
    let json = std::fs::read_to_string(folder.path().join("runs/impossible/result.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let place = &json["scenarios"][0]["expectations"][1]["where"];
    let truth = std::fs::read_to_string(folder.path().join("runs/impossible/truth.csv")).unwrap();
    let row = place["truth_row"].as_u64().unwrap() as usize;
    let row: Vec<&str> = truth.lines().nth(row).unwrap().split(',').collect();
    assert_eq!(row[3], place["window"].to_string());
    assert_eq!((row[4], row[7]), ("train", "multiple-unit"));
    assert!(
        ran.out.contains(&format!("at window {}", row[3])),
        "{}",
        ran.out
    );
}

#[test]
fn the_line_that_reproduces_a_run_does() {
    let folder = folder_with(&["impossible.toml"]);
    let args = [
        "run",
        "impossible.toml",
        "--seed",
        "5",
        "--set",
        "observe.quiet_windows=2",
    ];
    let first = frogbench(folder.path(), &args);
    let again = first
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("again"))
        .unwrap();
    let words: Vec<&str> = again.split_whitespace().collect();
    assert_eq!(words[0], "frogbench");
    let second = frogbench(folder.path(), &words[1..]);
    assert_eq!((second.code, &second.out), (first.code, &first.out));
    assert!(first.out.contains("1 train in 3 windows"), "{}", first.out);
}

#[test]
fn every_scenario_of_a_folder_has_its_turn_and_the_gravest_code_wins() {
    let folder = folder_with(&["calm.toml", "impossible.toml", "lossy.toml"]);
    std::fs::write(folder.path().join("broken.toml"), "format = 1\nsead = 3\n").unwrap();
    let ran = frogbench(folder.path(), &["run", ".", "--junit", "report.xml"]);
    ran.expect(
        3,
        &[
            "broken.toml",
            "sead",
            "calm: pass",
            "impossible: fail",
            "lossy: fail",
        ],
    );
    insta::assert_snapshot!(without_figures(&ran.out));
    let junit = std::fs::read_to_string(folder.path().join("report.xml")).unwrap();
    insta::assert_snapshot!("junit_of_a_folder", without_figures(&junit));
    let ran = frogbench(
        folder.path(),
        &["-q", "run", "calm.toml", "impossible.toml", "lossy.toml"],
    );
    ran.expect(100, &[]);
}

#[test]
fn equal_runs_give_equal_bytes_for_any_number_of_threads() {
    let folder = folder_with(&["several.toml"]);
    let run = |out: &str, threads: &str| {
        let args = [
            "-q",
            "run",
            "several.toml",
            "--format",
            "json",
            "--out",
            out,
            "--threads",
            threads,
        ];
        let ran = frogbench(folder.path(), &args);
        ran.expect(0, &[]);
        let file =
            |name: &str| std::fs::read(folder.path().join(out).join("several").join(name)).unwrap();
        (ran.out, FILES.map(file))
    };
    let first = run("a", "1");
    for (out, threads) in [("b", "1"), ("c", "2"), ("d", "4")] {
        let next = run(out, threads);
        assert!(first.0 == next.0, "JSON with {threads} threads");
        for (index, name) in FILES.iter().enumerate() {
            assert!(
                first.1[index] == next.1[index],
                "{name} with {threads} threads"
            );
        }
    }
    let other = frogbench(
        folder.path(),
        &[
            "-q",
            "run",
            "several.toml",
            "--format",
            "json",
            "--seed",
            "4",
        ],
    );
    assert!(other.out != first.0, "the seed matters");
}

#[test]
fn a_session_log_is_kept_when_it_is_wanted() {
    let folder = folder_with(&["calm.toml", "lossy.toml"]);
    let kept = |when: &str, name: &str| {
        let file = format!("{name}.toml");
        let ran = frogbench(folder.path(), &["-q", "run", &file, "--session-log", when]);
        let log = folder
            .path()
            .join("runs")
            .join(name)
            .join("session.jsonl.zst");
        assert_eq!(
            ran.out.contains("session.jsonl.zst"),
            log.is_file(),
            "{}",
            ran.out
        );
        log.is_file()
    };
    assert!(kept("always", "calm"));
    assert!(!kept("never", "calm"), "that of the run before is gone");
    assert!(!kept("failure", "calm"));
    assert!(kept("failure", "lossy"));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let folder = folder_with(&["calm.toml"]);
    let plain = frogbench(folder.path(), &["-q", "run", "calm.toml"]);
    assert!(!plain.out.contains('\u{1b}'));
    let args = ["-q", "--color", "always", "run", "calm.toml"];
    let coloured = Ran::of(&command(folder.path()).args(args).output().unwrap());
    assert!(coloured.out.contains('\u{1b}'));
}
