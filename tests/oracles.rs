//! Reference solutions by independent codes (`tests/data/two-rails.json`, `tests/data/voids.json`;
//! sparse FE and `OpenSeesPy`, Newmark at 5e-6 s and RK4): every quantity of every case within the
//! tolerances of the files, computed by the code of the example `oracle_cases`.

use serde_json::Value;

#[path = "../examples/oracle_cases/cases.rs"]
mod cases;

fn file(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().map_or_else(
        || vec![value.as_f64().unwrap()],
        |list| list.iter().map(|v| v.as_f64().unwrap()).collect(),
    )
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m: f64, v| m.max(v.abs()))
}

/// What is out of tolerance, with how many numbers were looked at.
#[derive(Default)]
struct Judge {
    looked_at: usize,
    failed: Vec<String>,
}

impl Judge {
    fn judge(&mut self, path: &str, expected: &[f64], got: &[f64], tolerance: impl Fn(f64) -> f64) {
        assert_eq!(expected.len(), got.len(), "{path}");
        for (e, g) in expected.iter().zip(got) {
            self.looked_at += 1;
            let allowed = tolerance(*e);
            if !((g - e).abs() <= allowed) {
                self.failed.push(format!(
                    "{path}: reference {e}, ours {g}, allowed {allowed:.2e}"
                ));
            }
        }
    }

    fn finish(self, least: usize) {
        assert!(self.looked_at >= least, "only {} numbers", self.looked_at);
        let list = self.failed.join("\n");
        assert!(
            self.failed.is_empty(),
            "{} failed:\n{list}",
            self.failed.len()
        );
    }
}

/// Relative tolerance of a key of `two-rails.json`, from the file.
fn tolerance_of(path: &str, tolerances: &Value) -> f64 {
    let key = if path.contains("1ms_mean_acceleration") {
        "mean_1ms_acceleration_rel"
    } else if path.contains("raw_newmark") {
        "raw_newmark_acceleration_rel"
    } else if path.contains("bearer_frequencies") {
        "frequencies_rel"
    } else if path.contains("receptance") {
        "receptance_magnitude_rel"
    } else {
        "static_and_displacements_rel"
    };
    tolerances[key].as_f64().unwrap()
}

/// Largest value of the same quantity in the case: the same unit in the same group.
fn scale_of(group: &serde_json::Map<String, Value>, key: &str) -> f64 {
    let unit = |key: &str| key.rsplit('_').next().unwrap().to_owned();
    group
        .iter()
        .filter(|(other, value)| {
            unit(other) == unit(key) && (value.is_number() || value.is_array())
        })
        .map(|(_, value)| largest(&numbers(value)))
        .fold(0.0, f64::max)
}

fn walk_two_rails(
    expected: &Value,
    got: &Value,
    path: &str,
    tolerances: &Value,
    judge: &mut Judge,
) {
    let group = expected.as_object().unwrap();
    for (key, value) in group {
        let path = format!("{path}/{key}");
        if value.is_object() {
            walk_two_rails(value, &got[key], &path, tolerances, judge);
            continue;
        }
        let relative = tolerance_of(&path, tolerances);
        let scale = scale_of(group, key);
        judge.judge(&path, &numbers(value), &numbers(&got[key]), |e| {
            if e.abs() < 0.02 * scale {
                relative * scale
            } else {
                relative * e.abs()
            }
        });
    }
}

#[test]
fn two_rails_on_flexible_bearers() {
    let file = file(include_str!("data/two-rails.json"));
    let mut judge = Judge::default();
    for case in cases::cases_of(&file).unwrap() {
        let got = cases::solve(case).unwrap();
        walk_two_rails(
            &case["expected"],
            &got["got"],
            "",
            &file["tolerances"],
            &mut judge,
        );
    }
    judge.finish(300);
}

#[test]
fn voids_dead_weight_and_wheel_flats() {
    let file = file(include_str!("data/voids.json"));
    let mut judge = Judge::default();
    let all = cases::cases_of(&file).unwrap();
    assert_eq!(all.len(), 23);
    for case in all {
        let solved = cases::solve(case).unwrap();
        let name = solved["name"].as_str().unwrap();
        for (key, expected) in case["expected"].as_object().unwrap() {
            let got = numbers(&solved["got"][key]);
            let references = if expected.is_object() {
                vec!["value", "value_at_dt_5e_5"]
            } else {
                vec![""]
            };
            for which in references {
                let reference = if which.is_empty() {
                    expected
                } else {
                    &expected[which]
                };
                let reference = numbers(reference);
                let tolerance = expected["tolerance_abs"].as_f64().unwrap_or_else(|| {
                    let relative = expected["tolerance_rel_of_max"]
                        .as_f64()
                        .or_else(|| case["tolerance_rel_of_max"].as_f64());
                    relative.unwrap() * largest(&reference)
                });
                judge.judge(&format!("{name}/{key} {which}"), &reference, &got, |_| {
                    tolerance
                });
            }
        }
    }
    judge.finish(500);
}

/// The parts of a case that unknown files may have in another form.
#[test]
fn other_forms_of_a_case_are_read_and_wrong_ones_refused() {
    let mut file = file(include_str!("data/two-rails.json"));
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
    let solved = cases::solve(case).unwrap();
    let length = solved["got"]["output_bearer"]["length_m"].as_f64().unwrap();
    assert!((length - 3.1).abs() < 1e-12, "{length}");
    case["parameters"]["bearer"]["taper"] = serde_json::json!({ "colour": 5 });
    let error = cases::solve(case).unwrap_err().to_string();
    assert!(
        error.contains("public_standard") && error.contains("colour"),
        "{error}"
    );
}
