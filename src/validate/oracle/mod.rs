//! Files of reference solutions by independent codes, and our solution of their cases.
//!
//! Two schemas: `tests/data/two-rails.json` (two rails on flexible bearers) and `tests/data/voids.json`
//! (one rail on unilateral ballast). The files that the gates use are built into the program; any
//! other file of these schemas can be solved with [`solve`] (example `oracle_cases`).

mod compare;
mod read;
mod rigid_pair;
mod taper;
mod two_rail_case;
mod void_case;

use serde_json::{Value, json};

use super::{Gates, ValidateError};

pub use read::Failure;
pub(super) use rigid_pair::doubled;

pub(super) fn two_rails_gates(gates: &mut Gates) -> Result<(), ValidateError> {
    judge(
        "two-rails.json",
        include_str!("../../../tests/data/two-rails.json"),
        gates,
    )
}

pub(super) fn voids_gates(gates: &mut Gates) -> Result<(), ValidateError> {
    judge(
        "voids.json",
        include_str!("../../../tests/data/voids.json"),
        gates,
    )
}

/// The cases of moving forces over voids, solved on two rails with rigid bearers under equal forces,
/// against the values of one rail.
pub(super) fn rigid_bearers_gates(gates: &mut Gates) -> Result<(), ValidateError> {
    let name = "voids.json on two rails";
    let failed = |problem: String| ValidateError::Oracle {
        case: name.to_owned(),
        problem,
    };
    let text = include_str!("../../../tests/data/voids.json");
    let file: Value = serde_json::from_str(text).map_err(|error| failed(error.to_string()))?;
    for case in cases_of(&file).map_err(|error| failed(error.to_string()))? {
        if !case["kind"].as_str().is_some_and(|k| k.starts_with('A')) {
            continue;
        }
        let got = void_case::solve_on_two_rails(case).map_err(|error| failed(chain(&*error)))?;
        let name = case["name"].as_str().unwrap_or("unnamed");
        let solved = json!({ "name": format!("{name} on two rails"), "got": got });
        compare::judge(&file, case, &solved, gates).map_err(failed)?;
    }
    Ok(())
}

/// Solves every case of a file and compares it with what the file expects, within its tolerances.
fn judge(name: &str, text: &str, gates: &mut Gates) -> Result<(), ValidateError> {
    let failed = |problem: String| ValidateError::Oracle {
        case: name.to_owned(),
        problem,
    };
    let file: Value = serde_json::from_str(text).map_err(|error| failed(error.to_string()))?;
    for case in cases_of(&file).map_err(|error| failed(error.to_string()))? {
        let solved = solve(case).map_err(|error| failed(error.to_string()))?;
        compare::judge(&file, case, &solved, gates).map_err(failed)?;
    }
    Ok(())
}

/// Name and our results of one case; every key of its `expected`, if it has any, is there.
pub fn solve(case: &Value) -> Result<Value, Failure> {
    let parameters = case.get("parameters").ok_or("a case has no `parameters`")?;
    let expected = case.get("expected");
    let name = case.get("name").or_else(|| parameters.get("name"));
    let name = name.and_then(Value::as_str).unwrap_or("unnamed");
    let got = if parameters.get("bearer").is_some() {
        two_rail_case::solve(parameters, expected)
    } else {
        void_case::solve(case)
    }
    .map_err(|error| format!("case `{name}`: {}", chain(&*error)))?;
    let mut missing = Vec::new();
    if let Some(expected) = expected {
        read::missing_keys(expected, &got, "", &mut missing);
    }
    if missing.is_empty() {
        Ok(json!({ "name": name, "got": got }))
    } else {
        Err(format!("case `{name}`: unknown quantities {}", missing.join(", ")).into())
    }
}

/// The cases of a file: its `cases`, or the file itself if it is one.
pub fn cases_of(file: &Value) -> Result<Vec<&Value>, Failure> {
    match file.get("cases").and_then(Value::as_array) {
        Some(list) => Ok(list.iter().collect()),
        None if file.get("parameters").is_some() => Ok(vec![file]),
        None => Err("the file has no list `cases`".into()),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
