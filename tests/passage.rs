//! `frogbench passage` through the real binary and, for its numbers, through the library.

#![allow(clippy::unwrap_used)] // helpers of tests are not marked as tests themselves

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use frogbench::case::{Case, ReferenceResult, load, parse};
use frogbench::cli::builtin;
use predicates::prelude::*;
use serde_json::Value;

/// Text in a message, wherever the terminal's width broke its lines.
fn says(text: &str) -> impl Predicate<str> + use<> {
    let text = text.to_owned();
    predicate::function(move |message: &str| {
        let words = message.split_whitespace().filter(|word| *word != "│");
        words.collect::<Vec<_>>().join(" ").contains(&text)
    })
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn validation(name: &str) -> PathBuf {
    root().join("scenarios/validation").join(name)
}

fn frogbench() -> Command {
    let mut command = Command::cargo_bin("frogbench").unwrap();
    command.env("NO_COLOR", "1");
    command
}

fn solve(path: &Path) -> ReferenceResult {
    let Case::Reference(case) = load(path, &[], &builtin()).unwrap() else {
        panic!("{} is no reference case", path.display());
    };
    case.evaluate(&case.run().unwrap()).unwrap()
}

/// Twelve drawn cases (beam theory, mesh, bay, supports, speed, load, dip on and off a sleeper, step)
/// against `tests/peers/one_rail.py`, which solves the same equations on its own: they differ by
/// rounding only, far inside the tolerances for references made with other meshes and steps.
#[test]
fn drawn_cases_agree_with_an_independent_code() {
    let directory = root().join("tests/data/passage");
    let text = std::fs::read_to_string(directory.join("peer.json")).unwrap();
    let peer: Value = serde_json::from_str(&text).unwrap();
    let cases = peer["cases"].as_object().unwrap();
    assert_eq!(cases.len(), 12);
    for (name, expected) in cases {
        let got = serde_json::to_value(solve(&directory.join(name))).unwrap();
        for (key, reference) in expected.as_object().unwrap() {
            let pairs: Vec<(String, &Value, &Value)> = match reference.as_object() {
                Some(parts) => parts
                    .iter()
                    .map(|(part, value)| (format!("{key}.{part}"), value, &got[key][part]))
                    .collect(),
                None => vec![(key.clone(), reference, &got[key])],
            };
            for (key, reference, got) in pairs {
                let (reference, got) = (reference.as_f64().unwrap(), got.as_f64().unwrap());
                // P2 also carries the ends of two implementations of one filter.
                let tolerance = if key == "p2_kn" { 1e-3 } else { 1e-7 };
                let deviation = (got / reference - 1.0).abs();
                assert!(
                    deviation <= tolerance,
                    "{name} {key}: peer {reference}, ours {got}, off by {deviation:.1e}"
                );
            }
        }
    }
}

/// Thirty cases drawn to the edges of what a case may be, against `tests/peers/edge_cases.py`, a second
/// code of its own.
#[test]
fn edge_cases_agree_with_a_second_independent_code() {
    let text = std::fs::read_to_string(root().join("tests/data/passage/edge.json")).unwrap();
    let cases: Value = serde_json::from_str(&text).unwrap();
    let cases = cases.as_object().unwrap();
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    for (name, entry) in cases {
        let path = Path::new(name);
        let text = entry["case"].as_str().unwrap();
        let Case::Reference(case) = parse(path, text, &[], &builtin()).unwrap() else {
            panic!("{name} is not a reference case");
        };
        let got = case.evaluate(&case.run().unwrap()).unwrap();
        let got = serde_json::to_value(got).unwrap();
        for (key, reference) in entry["expected"].as_object().unwrap() {
            let ours = key.split('.').fold(&got, |value, part| &value[part]);
            let (reference, ours) = (reference.as_f64().unwrap(), ours.as_f64().unwrap());
            let off = (ours - reference).abs();
            assert!(
                off <= 1e-7 * reference.abs(),
                "{name} {key}: peer {reference}, ours {ours}, off by {off:.1e}"
            );
        }
    }
}

#[test]
fn json_has_every_key_and_the_reference_values() {
    let output = frogbench()
        .args(["passage", "--format", "json"])
        .arg(validation("moving-load.toml"))
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let got: Value = serde_json::from_slice(&output).unwrap();
    let keys: Vec<&str> = got
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "rail_peak_mm",
            "sleeper_peak_mm",
            "under_load_mm",
            "sleeper_acceleration_peak_m_s2",
            "static_over_sleeper_mm",
            "static_midspan_mm",
            "static_sleeper_mm",
            "p1_kn",
            "p2_kn",
            "cpu_s",
            "steps"
        ]
    );
    assert_eq!(got["steps"], 20_000);
    assert!(got["p1_kn"].is_null() && got["p2_kn"].is_null());
    assert!(got["cpu_s"].as_f64().unwrap() > 0.0);
    let mean = got["under_load_mm"]["mean"].as_f64().unwrap();
    assert!((mean / 0.90891 - 1.0).abs() < 1e-3, "{mean}");
}

#[test]
fn every_shipped_case_runs() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("scenarios/validation")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            count += 1;
            frogbench().arg("passage").arg(&path).assert().success();
        }
    }
    assert!(count >= 2, "only {count} cases");
}

#[test]
fn waveform_is_written_and_its_scale_stated() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dip.wav");
    frogbench()
        .arg("passage")
        .arg(validation("dip-10-mrad-40-m-s.toml"))
        .arg("--out")
        .arg(&path)
        .assert()
        .success()
        .stderr(says("full scale (1.0) is 1000 m/s2"));
    let reader = hound::WavReader::open(&path).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.len()), (20_000, 4500));
}

/// Each with the field that is at fault and the reason.
#[test]
fn bad_input_is_refused_with_field_and_reason() {
    for (set, field, reason) in [
        (
            "track.mass_kg_m=-60.21",
            "track.mass_kg_m",
            "must be more than 0",
        ),
        (
            "track.sleeper_mass_kg=-1.0",
            "track.sleeper_mass_kg",
            "must be more than 0",
        ),
        ("track.bay_m=0.0", "track.bay_m", "must be more than 0"),
        (
            "track.pad_stiffness_n_m=nan",
            "track.pad_stiffness_n_m",
            "not a finite number",
        ),
        ("load.force_n=inf", "load.force_n", "not a finite number"),
        ("run.speed_m_s=400.0", "run.speed_m_s", "critical speed"),
        (
            "track.elements_per_bay=2",
            "track.elements_per_bay",
            "cannot carry 2000 Hz",
        ),
        (
            "run.bandwidth_hz=20000.0",
            "track.elements_per_bay",
            "cannot carry 20000 Hz",
        ),
        ("report.at_m=30.1", "report.at_m", "no sleeper at 30.1 m"),
        ("report.at_m=60.6", "report.at_m", "no sleeper at 60.6 m"),
        ("run.end_m=60.5", "run.end_m", "outside the track of 60 m"),
        ("run.end_m=9.0", "run.end_m", "not beyond its start"),
        (
            "report.window_m=[33.0, 27.0]",
            "report.window_m",
            "is empty",
        ),
        (
            "report.window_m=[5.0, 9.9]",
            "report.window_m",
            "no time step of the run",
        ),
        (
            "report.window_m=[30.0004, 30.0006]",
            "report.window_m",
            "no time step of the run",
        ),
        ("track.bays=1000000000", "track.bays", "must be 4 to 2000"),
        ("run.step_s=5e-4", "run.step_s", "at most 0.0002"),
        ("run.step_s=0.0", "run.step_s", "must be more than 0"),
        ("run.step_s=1e-9", "run.step_s", "steps, more than"),
        ("load.kind=\"wheel\"", "load.mass_kg", "is missing"),
        (
            "track.rail=\"timoshenko\"",
            "track.rail",
            "needs its shear area",
        ),
        ("track.rail=\"bernoulli\"", "track.rail", "unknown value"),
        ("run.velocity=3.0", "run.velocity", "unknown field"),
    ] {
        frogbench()
            .arg("passage")
            .arg(validation("moving-load.toml"))
            .args(["--set", set])
            .assert()
            .code(3)
            .stdout("")
            .stderr(says(reason).and(says(field.rsplit('.').next().unwrap())));
    }
}

/// A window that reaches beyond the run counts as far as the run goes, and this is said.
#[test]
fn a_window_beyond_the_run_is_cut_with_a_note() {
    let run = |window: &str| -> Value {
        let output = frogbench()
            .args(["passage", "--format", "json", "--set"])
            .arg(format!("report.window_m={window}"))
            .arg(validation("moving-load.toml"))
            .assert()
            .success();
        let output = output.get_output();
        let cut = String::from_utf8_lossy(&output.stderr).contains("reaches beyond the run");
        assert_eq!(cut, window.starts_with("[5"), "{window}");
        let mut json: Value = serde_json::from_slice(&output.stdout).unwrap();
        json["cpu_s"].take();
        json
    };
    assert_eq!(run("[5.0, 33.0]"), run("[10.0, 33.0]"));
}

/// Every size within its range, but the work of days: refused at once.
#[test]
fn a_run_that_takes_days_is_refused() {
    frogbench()
        .arg("passage")
        .arg(validation("moving-load.toml"))
        .args([
            "--set",
            "track.bays=2000",
            "--set",
            "track.elements_per_bay=64",
        ])
        .args(["--set", "run.step_s=1e-5", "--set", "run.end_m=1190.0"])
        .assert()
        .code(3)
        .stdout("")
        .stderr(says("rail nodes, more than 1e11").and(says("run.step_s")));
}

#[test]
fn all_problems_come_at_once_with_file_line_and_column() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bad.toml");
    let good = std::fs::read_to_string(validation("moving-load.toml")).unwrap();
    let bad = good
        .replace("mass_kg_m = 60.21", "mass_kg_m = -60.21")
        .replace("bay_m = 0.6", "bay_m = 0")
        .replace("[report]", "[report]\ncolour = 3");
    std::fs::write(&path, &bad).unwrap();
    let line = |text: &str| 1 + bad.lines().position(|l| l.starts_with(text)).unwrap();
    let output = frogbench().arg("passage").arg(&path).assert().code(3);
    let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(text.contains("3 problems"), "{text}");
    for (place, column) in [("mass_kg_m", 13), ("bay_m", 9), ("colour", 1)] {
        let place = format!("bad.toml:{}:{column}", line(place));
        assert!(text.contains(&place), "{place} not in {text}");
    }
}

/// A force that no track carries: the run stops, says when and where, and writes nothing.
#[test]
fn a_diverging_solution_names_time_and_place_and_writes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.csv");
    frogbench()
        .arg("passage")
        .arg(validation("moving-load.toml"))
        .args([
            "--set",
            "load.force_n=1e7",
            "--set",
            "track.ballast_stiffness_n_m=1e6",
            "--out",
        ])
        .arg(&path)
        .assert()
        .code(3)
        .stdout("")
        .stderr(says("the solution diverged 0.1").and(says("the start at x = 15.")));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_name_that_says_no_format_is_a_usage_error() {
    frogbench()
        .arg("passage")
        .arg(validation("moving-load.toml"))
        .args(["--out", "x.xlsx"])
        .assert()
        .code(2)
        .stderr(says(".parquet, .csv or .wav"));
}

/// A coach over a crossing: short enough for a test.
const TURNOUT: &str = r#"
format = 1
seed = 3
[turnout]
type = "60E1-R760-1:15"
[turnout.crossing]
condition = "worn"
[passage]
model = "two-rails"
[train]
vehicles = ["manchester-passenger"]
speed_km_h = 144.0
[run]
margin_s = 0.3
[[output]]
[[output]]
position = "middle"
[[output]]
position = "end"
"#;

/// Runs a turnout case with overrides through the real binary.
fn turnout_case(overrides: &[&str], out: Option<&Path>) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("case.toml");
    std::fs::write(&path, TURNOUT).unwrap();
    let mut command = frogbench();
    command.args(["passage", "--format", "json"]).arg(&path);
    for text in overrides {
        command.args(["--set", text]);
    }
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    let output = command.assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

fn forces(result: &Value) -> Vec<[f64; 2]> {
    let axles = result["axles"].as_array().unwrap();
    let force = |axle: &Value, side: usize| axle["contact_force_peak_kn"][side].as_f64().unwrap();
    axles.iter().map(|a| [force(a, 0), force(a, 1)]).collect()
}

/// The crossing is in the right rail of the straight and in the left one of the branch: there are the impacts. The
/// bearer bends, so its places move differently.
#[test]
fn a_train_over_a_turnout_strikes_the_rail_with_the_crossing() {
    let directory = tempfile::tempdir().unwrap();
    let csv = directory.path().join("passage.csv");
    let through = turnout_case(&[], Some(&csv));
    let forces_through = forces(&through);
    assert_eq!(forces_through.len(), 4);
    for [left, right] in &forces_through {
        assert!(right > &(1.3 * left), "{forces_through:?}");
    }
    let branch = turnout_case(&["train.route=diverging", "train.speed_km_h=79"], None);
    for [left, right] in forces(&branch) {
        assert!(left > 1.2 * right, "{left} {right}");
    }
    let peak = |i: usize| {
        through["outputs"][i]["acceleration_peak_m_s2"]
            .as_f64()
            .unwrap()
    };
    let (seat, middle, end) = (peak(0), peak(1), peak(2));
    assert!(seat > 5.0 && end < 0.9 * seat, "{seat} {middle} {end}");
    let gaps: Vec<f64> = through["axles"]
        .as_array()
        .unwrap()
        .windows(2)
        .map(|pair| pair[1]["time_s"].as_f64().unwrap() - pair[0]["time_s"].as_f64().unwrap())
        .collect();
    assert!((gaps[0] - 2.56 / 40.0).abs() < 1e-9, "{gaps:?}");
    let text = std::fs::read_to_string(&csv).unwrap();
    let header = text.lines().next().unwrap();
    assert_eq!(
        header,
        "time_s,a_z_1_m_s2,bearer_1_m,a_z_2_m_s2,bearer_2_m,a_z_3_m_s2,bearer_3_m"
    );
    assert!(text.lines().count() > 10_000);
}

/// Conditions reach the passage: each of them changes the motion at the sensor in the direction that it must.
#[test]
fn conditions_of_a_turnout_reach_the_passage() {
    let smooth = [
        "track.irregularity=none",
        "track.roughness=none",
        "train.wheels.deviation_factor=0",
    ];
    let run = |more: &[&str]| {
        let all: Vec<&str> = smooth.iter().chain(more).copied().collect();
        let result = turnout_case(&all, None);
        let of = |key: &str| result["outputs"][0][key].as_f64().unwrap();
        (
            of("acceleration_peak_m_s2"),
            of("displacement_peak_to_peak_mm"),
        )
    };
    let worn = run(&[]);
    let new = run(&["turnout.crossing.condition=new"]);
    let repaired = run(&["turnout.crossing.condition=repaired"]);
    assert!(
        worn.0 > repaired.0 && repaired.0 > new.0,
        "{worn:?} {repaired:?} {new:?}"
    );
    let quiet = run(&["turnout.crossing.kink_angle_mrad=0"]);
    let bed = |state: &str| run(&["turnout.crossing.kink_angle_mrad=0", state]).1;
    let (frozen, fouled) = (bed("track.ballast.frost=1"), bed("track.ballast.fouling=1"));
    assert!(
        frozen < 0.8 * quiet.1 && fouled > 1.2 * quiet.1,
        "{frozen} {fouled} {quiet:?}"
    );
    let struck = |more: &str| run(&["turnout.crossing.kink_angle_mrad=0", more]).0;
    for change in [
        "track.joint=[{ at_m = 0.0, depth_mm = 1.0 }]",
        r#"track.joint=[{ at_m = 0.0, depth_mm = 1.0, width_m = 0.3, shape = "weld" }]"#,
        "track.squat=[{ at_m = 0.1, depth_mm = 0.5 }]",
        "track.corrugation=[{ from_m = -3.0, to_m = 3.0, wavelength_mm = 60.0, depth_mm = 0.1 }]",
        "track.switch_transfer={ at_m = 0.0 }",
        "train.wheel_flat_mm=60",
        "train.wheels.polygon={ order = 20, amplitude_um = 60 }",
    ] {
        let peak = struck(change);
        assert!(peak > 1.2 * quiet.0, "{change}: {peak} against {}", quiet.0);
    }
    let hanging = run(&["track.void=[{ bearer = 0, gap_mm = 1.0 }]"]);
    // The neighbours bridge a part of the gap: the bearer moves further by less than the millimetre.
    let further_mm = hanging.1 - worn.1;
    assert!(
        further_mm > 0.25 && further_mm < 1.0,
        "{hanging:?} {worn:?}"
    );
}

#[test]
fn a_turnout_case_with_errors_names_them_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("case.toml");
    let text = TURNOUT
        .replace("format = 1", "format = 1\nsped = 3")
        .replace("\"manchester-passenger\"", "\"manchester-pasenger\"");
    std::fs::write(&path, text).unwrap();
    frogbench()
        .arg("passage")
        .arg(&path)
        .assert()
        .code(3)
        .stderr(says("sped").and(says("manchester-passenger")));
    std::fs::write(&path, TURNOUT).unwrap();
    frogbench()
        .args([
            "passage",
            "--set",
            "output=[{ bearer = 0, position_m = 4.9 }]",
        ])
        .arg(&path)
        .assert()
        .code(3)
        .stderr(says("has no place 4.9 m from its end"));
}
