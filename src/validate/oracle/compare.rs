//! Our solution of a case against what its file expects.

use serde_json::{Map, Value};

use super::super::Gates;

const SPARSE: &str = "two-rails.json: sparse FE and OpenSeesPy 3.7.1.2";
const STEPPED: &str = "voids.json: Newmark at 5e-6 s, checked by RK4 and OpenSeesPy";
const COARSE: &str = "voids.json: the same code at 5e-5 s";
const STATIC: &str = "voids.json: active-set statics";

/// Below this share of the largest value of the same quantity in a group, a value is small.
const SMALL: f64 = 0.02;
/// Absolute tolerance of small values, of that largest value.
const SMALL_TOLERANCE: f64 = 1e-3;

/// Adds the gates of one case; on error what is missing.
pub(super) fn judge(
    file: &Value,
    case: &Value,
    solved: &Value,
    gates: &mut Gates,
) -> Result<(), String> {
    let name = solved["name"].as_str().unwrap_or("unnamed");
    let expected = case["expected"]
        .as_object()
        .ok_or_else(|| format!("case `{name}` expects nothing"))?;
    if case["parameters"].get("bearer").is_some() {
        two_rails(name, expected, &solved["got"], &file["tolerances"], gates)
    } else {
        voids(name, case, expected, &solved["got"], gates)
    }
}

/// A group of `two-rails.json`: tolerances by kind of quantity, relative to the value, or to the
/// largest of its kind in the group where the value is small.
fn two_rails(
    path: &str,
    group: &Map<String, Value>,
    got: &Value,
    tolerances: &Value,
    gates: &mut Gates,
) -> Result<(), String> {
    for (key, expected) in group {
        let path = format!(
            "{path}{}{key}",
            if path.contains(": ") { "/" } else { ": " }
        );
        if let Some(inner) = expected.as_object() {
            two_rails(&path, inner, &got[key], tolerances, gates)?;
            continue;
        }
        let key_of_tolerance = tolerance_key(&path);
        let relative = tolerances[key_of_tolerance]
            .as_f64()
            .ok_or_else(|| format!("no tolerance `{key_of_tolerance}`"))?;
        let scale = scale_of(group, key);
        let allowed = |value: f64| {
            if value.abs() < SMALL * scale {
                SMALL_TOLERANCE * scale
            } else {
                relative * value.abs()
            }
        };
        let pair = Pair::new(&path, key, expected, &got[key])?;
        pair.judge(relative, &allowed, SPARSE, gates);
    }
    Ok(())
}

/// The quantities of a case of `voids.json`; each states its tolerance, absolute or relative to the
/// largest value. Ours run at 5e-5 s and are held to the converged value and to that at 5e-5 s.
fn voids(
    name: &str,
    case: &Value,
    group: &Map<String, Value>,
    got: &Value,
    gates: &mut Gates,
) -> Result<(), String> {
    for (key, expected) in group {
        let references = match expected.get("value") {
            Some(value) => vec![
                (String::new(), value, STEPPED),
                (
                    ", reference at 5e-5 s".to_owned(),
                    &expected["value_at_dt_5e_5"],
                    COARSE,
                ),
            ],
            None => vec![(String::new(), expected, STATIC)],
        };
        for (which, reference, source) in references {
            let path = format!("{name}: {key}{which}");
            let pair = Pair::new(&path, key, reference, &got[key])?;
            let largest = pair.largest();
            let relative = expected["tolerance_rel_of_max"]
                .as_f64()
                .or_else(|| case["tolerance_rel_of_max"].as_f64());
            let allowed = match (expected["tolerance_abs"].as_f64(), relative) {
                (Some(allowed), _) => allowed,
                (None, Some(relative)) => relative * largest,
                (None, None) => return Err(format!("{path} states no tolerance")),
            };
            let relative = if largest > 0.0 {
                allowed / largest
            } else {
                allowed
            };
            pair.judge(relative, &|_| allowed, source, gates);
        }
    }
    Ok(())
}

/// One or several numbers of the reference and ours.
struct Pair<'a> {
    path: &'a str,
    unit: &'static str,
    reference: Vec<f64>,
    got: Vec<f64>,
}

impl<'a> Pair<'a> {
    fn new(path: &'a str, key: &str, reference: &Value, got: &Value) -> Result<Self, String> {
        let pair = Self {
            path,
            unit: unit_of(key),
            reference: numbers(reference).ok_or_else(|| format!("{path} is no number"))?,
            got: numbers(got).ok_or_else(|| format!("{path}: ours is no number"))?,
        };
        if pair.reference.len() == pair.got.len() && !pair.got.is_empty() {
            Ok(pair)
        } else {
            Err(format!(
                "{path}: {} values, ours {}",
                pair.reference.len(),
                pair.got.len()
            ))
        }
    }

    fn largest(&self) -> f64 {
        self.reference.iter().fold(0.0, |m: f64, v| m.max(v.abs()))
    }

    /// One number as it is; of a list the worst deviation, in shares of what each value allows, times
    /// the `relative` tolerance of the list.
    fn judge(&self, relative: f64, allowed: &dyn Fn(f64) -> f64, source: &str, gates: &mut Gates) {
        if let ([reference], [got]) = (&self.reference[..], &self.got[..]) {
            gates.absolute(
                self.path,
                self.unit,
                (*reference, *got),
                allowed(*reference),
                source,
            );
            return;
        }
        let mut worst = 0.0;
        for (reference, got) in self.reference.iter().zip(&self.got) {
            let deviation = (got - reference).abs();
            let allowed = allowed(*reference);
            let used = match (deviation > 0.0, allowed > 0.0) {
                (_, true) => deviation / allowed,
                (true, false) => f64::INFINITY,
                (false, false) => deviation,
            };
            if used > worst || used.is_nan() {
                worst = used;
            }
        }
        let name = format!("{} ({} values, worst deviation)", self.path, self.got.len());
        gates.at_most(name, "1", worst * relative, relative, source);
    }
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value.as_array() {
        Some(list) => list.iter().map(Value::as_f64).collect(),
        None => value.as_f64().map(|number| vec![number]),
    }
}

fn tolerance_key(path: &str) -> &'static str {
    if path.contains("1ms_mean_acceleration") {
        "mean_1ms_acceleration_rel"
    } else if path.contains("raw_newmark") {
        "raw_newmark_acceleration_rel"
    } else if path.contains("bearer_frequencies") {
        "frequencies_rel"
    } else if path.contains("receptance") {
        "receptance_magnitude_rel"
    } else {
        "static_and_displacements_rel"
    }
}

/// Largest value of the same unit in a group.
fn scale_of(group: &Map<String, Value>, key: &str) -> f64 {
    let unit = |key: &str| key.rsplit('_').next().unwrap_or_default().to_owned();
    group
        .iter()
        .filter(|(other, _)| unit(other) == unit(key))
        .filter_map(|(_, value)| numbers(value))
        .flatten()
        .fold(0.0, |m: f64, v| m.max(v.abs()))
}

fn unit_of(key: &str) -> &'static str {
    for (ending, unit) in [
        ("_m_per_s2", "m/s2"),
        ("_m_s2", "m/s2"),
        ("_mm_s", "mm/s"),
        ("_mm", "mm"),
        ("_ms", "ms"),
        ("_kN", "kN"),
        ("_N", "N"),
        ("_Hz", "Hz"),
        ("_rad", "rad"),
        ("_m", "m"),
    ] {
        if key.ends_with(ending) {
            return unit;
        }
    }
    "1"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Gate;
    use serde_json::json;

    fn gates(expected: &Value, got: &Value) -> Vec<Gate> {
        let case = json!({ "expected": expected, "parameters": {} });
        let solved = json!({ "name": "case", "got": got });
        let mut gates = Gates::default();
        judge(&Value::Null, &case, &solved, &mut gates).unwrap();
        gates.into_inner()
    }

    #[test]
    fn one_wrong_value_of_a_list_fails() {
        let quantity = json!({ "force_kN": {
            "value": [1.0, 100.0], "value_at_dt_5e_5": [1.0, 100.0], "tolerance_rel_of_max": 0.01
        }});
        assert!(
            gates(&quantity, &json!({ "force_kN": [1.9, 100.9] }))
                .iter()
                .all(|g| g.pass)
        );
        assert!(
            gates(&quantity, &json!({ "force_kN": [2.1, 100.0] }))
                .iter()
                .all(|g| !g.pass)
        );
        assert!(
            gates(&quantity, &json!({ "force_kN": [1.0, 98.9] }))
                .iter()
                .all(|g| !g.pass)
        );
    }

    #[test]
    fn a_missing_quantity_is_an_error() {
        let case = json!({ "expected": { "force_kN": 1.0 }, "parameters": {}, "tolerance_rel_of_max": 0.1 });
        let solved = json!({ "name": "case", "got": {} });
        let error = judge(&Value::Null, &case, &solved, &mut Gates::default()).unwrap_err();
        assert!(error.contains("case: force_kN"), "{error}");
    }
}
