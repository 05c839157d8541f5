//! `frogbench validate` through the real binary.

#![allow(clippy::unwrap_used)] // helpers of tests are not marked as tests themselves

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

fn validate() -> Command {
    let mut command = Command::cargo_bin("frogbench").unwrap();
    command.env("NO_COLOR", "1").arg("validate");
    command
}

#[test]
fn json_has_the_documented_shape() {
    let output = validate()
        .args([
            "--section",
            "statics",
            "--section",
            "moving-load",
            "--format",
            "json",
        ])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let report: Value = serde_json::from_slice(&output).unwrap();
    let gates = report["gates"].as_array().unwrap();
    assert!(gates.len() > 10);
    for gate in gates {
        let keys: Vec<&str> = gate
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            keys,
            [
                "name",
                "reference",
                "got",
                "unit",
                "tolerance",
                "source",
                "pass"
            ]
        );
        assert!(gate["reference"].is_number() && gate["got"].is_number());
        assert!(gate["tolerance"].is_number() && gate["pass"] == true);
        assert!(gate["source"].as_str().is_some_and(|text| text.len() > 3));
    }
}

#[test]
fn table_names_reference_source_and_verdict() {
    validate()
        .args(["--section", "statics"])
        .assert()
        .success()
        .stdout(
            predicate::str::contains("Zimmermann w0")
                .and(predicate::str::contains("0.905420"))
                .and(predicate::str::contains("OpenSeesPy"))
                .and(predicate::str::contains("all passed")),
        );
}

/// The exit code says whether every gate holds: here one does not, by a reference of our own.
#[test]
fn a_gate_that_fails_is_named_and_exits_with_100() {
    let failing = |format: &str| {
        validate()
            .args(["--section", "statics", "--reference", "Zimmermann w0=0.91"])
            .args(["--format", format])
            .assert()
            .code(100)
    };
    failing("human").stdout(
        predicate::str::contains("FAIL     0.910000    0.905418")
            .and(predicate::str::contains("1 of 13 gates failed")),
    );
    let output = failing("json").get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&output).unwrap();
    let gates = report["gates"].as_array().unwrap();
    let failed: Vec<&Value> = gates.iter().filter(|g| g["pass"] == false).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["name"], "Zimmermann w0");
    // Within the tolerance of 1e-4 it still passes, just beyond it does not.
    for (value, code) in [("0.90550", 0), ("0.90552", 100), ("nan", 100)] {
        validate()
            .args(["--section", "statics", "--reference"])
            .arg(format!("Zimmermann w0={value}"))
            .assert()
            .code(code);
    }
    validate()
        .args(["--section", "statics", "--reference", "Zimmermann w1=0.91"])
        .assert()
        .code(2);
}

#[test]
fn an_unknown_section_is_a_usage_error_that_lists_the_known_ones() {
    validate()
        .args(["--section", "dynamics"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("moving-load"));
}
