//! `frogbench check`: is a scenario file right?

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{CliError, Format, FormatOption, Terminal, builtin};
use crate::exit;
use crate::scenario::{Loaded, ScenarioError, load};

/// Check scenario files without running them
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Replace a field before checking, such as `seed=7` or `traffic.train.0.share=0.5`
    #[arg(
        long = "set",
        value_name = "KEY=VALUE",
        env = "FROGBENCH_SET",
        help_heading = "Scenario"
    )]
    set: Vec<String>,
    #[command(flatten)]
    format: FormatOption,
}

pub(super) fn check(args: &CheckArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let catalogue = builtin();
    let results: Vec<_> = args
        .files
        .iter()
        .map(|file| (file, load(file, &args.set, &catalogue)))
        .collect();
    if args.format.format == Format::Json {
        let files: Vec<Value> = results
            .iter()
            .map(|(file, result)| file_json(&file.display().to_string(), result.as_ref()))
            .collect();
        let valid = results.iter().all(|(_, result)| result.is_ok());
        terminal.data(&format!(
            "{:#}\n",
            json!({ "format_version": 1, "valid": valid, "files": files })
        ))?;
        return Ok(if valid {
            exit::PASS
        } else {
            exit::SCENARIO_INVALID
        });
    }
    let mut errors = Vec::new();
    for (file, result) in results {
        match result {
            Ok(loaded) => terminal.data(&summary(&file.display().to_string(), &loaded))?,
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(exit::PASS)
    } else {
        Err(CliError::scenarios(errors))
    }
}

fn summary(file: &str, loaded: &Loaded) -> String {
    let observe = &loaded.scenario.observe;
    let mut text = format!(
        "{file}: ok ({} passages and {} quiet windows on {} turnout{}, {} expectation{})\n",
        observe.passages.saturating_mul(observe.repeat),
        observe.quiet_windows,
        loaded.scenario.turnout.count,
        if loaded.scenario.turnout.count == 1 {
            ""
        } else {
            "s"
        },
        loaded.expectations.len(),
        if loaded.expectations.len() == 1 {
            ""
        } else {
            "s"
        },
    );
    if loaded.expectations.is_empty() {
        text.push_str("  note: without `expect` clauses every valid run passes\n");
    }
    text
}

fn file_json(file: &str, result: Result<&Loaded, &ScenarioError>) -> Value {
    let Err(error) = result else {
        return json!({ "file": file, "valid": true, "problems": [] });
    };
    let problems: Vec<Value> = error
        .problems()
        .iter()
        .map(|problem| {
            let (line, column) = problem.line_column();
            json!({
                "file": problem.file(), "line": line, "column": column, "field": problem.field(),
                "text": problem.offending_text(), "message": problem.message(), "hint": problem.advice(),
            })
        })
        .collect();
    json!({ "file": file, "valid": false, "error": error.to_string(), "problems": problems })
}
