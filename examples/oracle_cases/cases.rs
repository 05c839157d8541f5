//! Solves the cases of a file of reference solutions.

use serde_json::{Value, json};

#[path = "read.rs"]
mod read;
#[path = "taper.rs"]
mod taper;
#[path = "two_rail_case.rs"]
mod two_rail_case;
#[path = "void_case.rs"]
mod void_case;

pub use read::Failure;

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
