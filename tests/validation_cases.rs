//! The cases under `scenarios/validation` through the real binary, held to the reference values that
//! the header of each file states: lines of key, reference and tolerance, such as
//!
//! ```text
//! #   p1_kn                           184.8      2 %
//! ```

#![allow(clippy::unwrap_used)] // helpers of tests are not marked as tests themselves

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// What section 5 of the physics reference demands, to which no header may do less.
const DEMANDED: &[(&str, &str, f64, f64)] = &[
    ("moving-load", "rail_peak_mm", 0.90453, 1e-3),
    ("moving-load", "sleeper_peak_mm", 0.64789, 1e-3),
    ("moving-load", "under_load_mm.mean", 0.90891, 1e-3),
    ("moving-load", "under_load_mm.min", 0.90432, 1e-3),
    ("moving-load", "under_load_mm.max", 0.91323, 1e-3),
    ("moving-load", "sleeper_acceleration_peak_m_s2", 3.086, 1e-2),
    ("moving-load", "static_over_sleeper_mm", 0.90236, 1e-4),
    ("moving-load", "static_midspan_mm", 0.91102, 1e-4),
    ("moving-load", "static_sleeper_mm", 0.64455, 1e-3),
    ("dip-10-mrad-40-m-s", "p1_kn", 184.8, 0.02),
    ("dip-10-mrad-40-m-s", "p2_kn", 149.5, 0.02),
    (
        "dip-10-mrad-40-m-s",
        "sleeper_acceleration_peak_m_s2",
        19.4 * 9.81,
        0.05,
    ),
    ("dip-10-mrad-20-m-s", "p1_kn", 143.1, 0.02),
    (
        "dip-10-mrad-20-m-s",
        "sleeper_acceleration_peak_m_s2",
        9.8 * 9.81,
        0.05,
    ),
    ("dip-5-mrad-40-m-s", "p1_kn", 141.4, 0.02),
    (
        "dip-5-mrad-40-m-s",
        "sleeper_acceleration_peak_m_s2",
        9.5 * 9.81,
        0.05,
    ),
    ("no-dip-40-m-s", "contact_force_kn.min", 99.25, 0.01),
    ("no-dip-40-m-s", "contact_force_kn.max", 100.76, 0.01),
];

#[derive(Debug, PartialEq)]
struct Stated {
    key: String,
    reference: f64,
    tolerance: f64,
}

/// The reference values in the header of a case file.
fn stated(text: &str) -> Vec<Stated> {
    let header = text.lines().take_while(|line| line.starts_with('#'));
    header
        .filter_map(|line| {
            let words: Vec<&str> = line.trim_start_matches('#').split_whitespace().collect();
            let [key, reference, percent, "%"] = words[..] else {
                return None;
            };
            Some(Stated {
                key: key.to_owned(),
                reference: reference.parse().unwrap(),
                tolerance: percent.parse::<f64>().unwrap() / 100.0,
            })
        })
        .collect()
}

/// Results of a case by key, those in groups as `group.key`; and the range of the contact force in the
/// window of the report, from the waveform.
fn results(path: &Path) -> BTreeMap<String, f64> {
    let directory = tempfile::tempdir().unwrap();
    let waveform = directory.path().join("waveform.csv");
    let output = Command::cargo_bin("frogbench")
        .unwrap()
        .args(["passage", "--format", "json", "--out"])
        .arg(&waveform)
        .arg(path)
        .assert()
        .success();
    let json: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let mut results = BTreeMap::new();
    for (key, value) in json.as_object().unwrap() {
        if let Some(number) = value.as_f64() {
            results.insert(key.clone(), number);
        }
        for (part, value) in value.as_object().into_iter().flatten() {
            results.insert(format!("{key}.{part}"), value.as_f64().unwrap());
        }
    }
    let [first, last] = window(path);
    let forces = column(&waveform, "position_m")
        .into_iter()
        .zip(column(&waveform, "contact_force_n"))
        .filter(|(x, _)| (first..=last).contains(x))
        .map(|(_, force)| force / 1e3);
    let (low, high) = forces.fold((f64::MAX, f64::MIN), |(low, high), f| {
        (low.min(f), high.max(f))
    });
    results.insert("contact_force_kn.min".to_owned(), low);
    results.insert("contact_force_kn.max".to_owned(), high);
    results
}

fn window(path: &Path) -> [f64; 2] {
    let case: toml::Value = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let places = case["report"]["window_m"].as_array().unwrap();
    [0, 1].map(|i| places[i].as_float().unwrap())
}

fn column(path: &Path, name: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names = lines.next().unwrap().split(',');
    let index = names.into_iter().position(|n| n == name).unwrap();
    lines
        .map(|line| line.split(',').nth(index).unwrap().parse().unwrap())
        .collect()
}

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/validation");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    cases.sort();
    cases
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn headers_state_what_is_demanded_and_their_command() {
    let cases = cases();
    for path in &cases {
        let text = std::fs::read_to_string(path).unwrap();
        let command = format!("frogbench passage scenarios/validation/{}.toml", stem(path));
        assert!(text.contains(&command), "{}: no command", path.display());
        assert!(text.contains("Reference:"), "{}", path.display());
        assert!(!stated(&text).is_empty(), "{}: no value", path.display());
    }
    for (name, key, reference, tolerance) in DEMANDED {
        let path = cases.iter().find(|path| stem(path) == *name);
        let path = path.unwrap_or_else(|| panic!("{name} is not there"));
        let stated = stated(&std::fs::read_to_string(path).unwrap());
        let line = stated.iter().find(|s| s.key == *key);
        let line = line.unwrap_or_else(|| panic!("{name} does not state {key}"));
        assert!(
            (line.reference / reference - 1.0).abs() < 1e-9,
            "{name} {key}"
        );
        assert!(line.tolerance <= tolerance * (1.0 + 1e-9), "{name} {key}");
    }
}

#[test]
fn every_case_meets_its_header() {
    let mut failed = Vec::new();
    for path in cases() {
        let results = results(&path);
        for stated in stated(&std::fs::read_to_string(&path).unwrap()) {
            let got = results.get(&stated.key).copied().unwrap_or(f64::NAN);
            let deviation = (got / stated.reference - 1.0).abs();
            let line = format!(
                "{} {}: reference {}, ours {got}, off by {deviation:.1e} of {:.0e}",
                stem(&path),
                stated.key,
                stated.reference,
                stated.tolerance
            );
            println!("{line}");
            // Not `>`: no number is within no tolerance.
            let met = deviation <= stated.tolerance;
            if !met {
                failed.push(line);
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
