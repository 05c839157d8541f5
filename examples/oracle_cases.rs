//! Our solution of the cases of a file of reference solutions.
//!
//! `cargo run --release --example oracle_cases -- tests/data/two-rails.json` prints
//! `{"cases": [{"name", "got"}]}`, `got` in the shape of `expected` with plain numbers. The file has the
//! schema of `tests/data/two-rails.json` or `tests/data/voids.json`.

use std::process::ExitCode;

use frogbench::validate::oracle;
use serde_json::{Value, json};

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<String, oracle::Failure> {
    let path = std::env::args()
        .nth(1)
        .ok_or("give a file of reference solutions (JSON)")?;
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let file: Value = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    let solved: Result<Vec<Value>, _> = oracle::cases_of(&file)?
        .into_iter()
        .map(oracle::solve)
        .collect();
    Ok(serde_json::to_string_pretty(
        &json!({ "cases": solved.map_err(|error| format!("{path}: {error}"))? }),
    )?)
}
