//! Files of reference solutions: forms that the files of the gates do not have, and the example.
//! That every quantity of those files is met is a gate (`tests/gates`).

#![allow(clippy::unwrap_used)] // helpers of tests, too, may panic

use frogbench::validate::oracle;
use serde_json::Value;

#[test]
fn every_case_of_the_files_is_found() {
    for (text, count) in [
        (include_str!("data/two-rails.json"), 1),
        (include_str!("data/voids.json"), 23),
    ] {
        let file: Value = serde_json::from_str(text).unwrap();
        assert_eq!(oracle::cases_of(&file).unwrap().len(), count);
    }
}

/// The parts of a case that unknown files may have in another form.
#[test]
fn other_forms_of_a_case_are_read_and_wrong_ones_refused() {
    let mut file: Value = serde_json::from_str(include_str!("data/two-rails.json")).unwrap();
    let case = &mut file["cases"][0];
    let p = &mut case["parameters"];
    p["track"]["n_bays"] = 20.into();
    p["output"]["bearer_index"] = 10.into();
    p["output"]["receptance_frequencies_Hz"] = serde_json::json!([100]);
    p["loads"]["start_x_right_m"] = 2.0.into();
    p["output"]["window_start_x_m"] = 5.0.into();
    p["output"]["window_end_x_m"] = 7.0.into();
    p["rail"]["right_rail_EI_segments"] =
        serde_json::json!([{ "x_start_m": 5.0, "x_end_m": 7.0, "EI_N_m2": 9e6 }]);
    p["bearer"]["taper"] =
        serde_json::json!({ "from_bearer": 5, "to_bearer": 15, "right_end_y_to_m": -2.3 });
    case.as_object_mut().unwrap().remove("expected");
    let solved = oracle::solve(case).unwrap();
    let length = solved["got"]["output_bearer"]["length_m"].as_f64().unwrap();
    assert!((length - 3.1).abs() < 1e-12, "{length}");
    case["parameters"]["bearer"]["taper"] = serde_json::json!({ "colour": 5 });
    let error = oracle::solve(case).unwrap_err().to_string();
    assert!(
        error.contains("public_standard") && error.contains("colour"),
        "{error}"
    );
}

/// Largest modulus in a number or a list.
fn largest(value: &Value) -> f64 {
    numbers(value).iter().fold(0.0, |m: f64, v| m.max(v.abs()))
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(|v| v.as_f64().unwrap()).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// Compares every number below `expected` with ours: `allowed(key, value, scale)` says how far it may
/// be off, where the scale is the largest value of its list.
fn compare(
    path: &str,
    expected: &Value,
    got: &Value,
    allowed: &dyn Fn(&str, f64, f64) -> f64,
    failed: &mut Vec<String>,
) -> usize {
    let mut count = 0;
    for (key, reference) in expected.as_object().unwrap() {
        let path = format!("{path}/{key}");
        if reference.is_object() {
            count += compare(&path, reference, &got[key], allowed, failed);
            continue;
        }
        let (references, ours) = (numbers(reference), numbers(&got[key]));
        assert_eq!(references.len(), ours.len(), "{path}");
        for (reference, ours) in references.iter().zip(&ours) {
            count += 1;
            let off = (ours - reference).abs();
            if off.is_nan() || off > allowed(key, *reference, largest(&expected[key])) {
                failed.push(format!("{path}: reference {reference}, ours {ours}"));
            }
        }
    }
    count
}

/// Cases that the shipped files do not have, by independent codes (`tests/peers/void_cases.py`,
/// `two_rail_cases.py`): other spacings, meshes, gaps, loads, dips, bearers and rail segments.
#[test]
fn varied_cases_agree_with_independent_codes() {
    let mut failed = Vec::new();
    let mut count = 0;
    let file: Value = serde_json::from_str(include_str!("data/voids-varied.json")).unwrap();
    for case in oracle::cases_of(&file).unwrap() {
        let solved = oracle::solve(case).unwrap();
        let name = solved["name"].as_str().unwrap();
        // One law and one time step: what differs is rounding, and steps without a consistent state.
        let same = |_: &str, _: f64, scale: f64| 1e-5 * scale;
        count += compare(name, &case["expected"], &solved["got"], &same, &mut failed);
    }
    let file: Value = serde_json::from_str(include_str!("data/two-rails-varied.json")).unwrap();
    let tolerance = |key: &str| file["tolerances"][key].as_f64().unwrap();
    let by_kind = |key: &str, value: f64, scale: f64| {
        let name = if key.contains("1ms_mean") {
            "mean_1ms_acceleration_rel"
        } else if key.contains("raw_newmark") {
            "raw_newmark_acceleration_rel"
        } else {
            "static_and_displacements_rel"
        };
        // Small values beside large ones: a thousandth of these.
        let scale = match key {
            _ if key.ends_with("_N") => 4e4,
            _ if key.ends_with("_mm") => 1.0,
            _ => scale,
        };
        (tolerance(name) * value.abs()).max(if value.abs() < 0.02 * scale {
            1e-3 * scale
        } else {
            0.0
        })
    };
    for case in oracle::cases_of(&file).unwrap() {
        let solved = oracle::solve(case).unwrap();
        let name = solved["name"].as_str().unwrap();
        count += compare(
            name,
            &case["expected"],
            &solved["got"],
            &by_kind,
            &mut failed,
        );
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(count > 500, "only {count} numbers");
}
