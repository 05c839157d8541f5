//! `frogbench validate`: every gate of the physics, with its verdict.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::json;

use super::{CliError, Format, FormatOption, Terminal};
use crate::exit;
use crate::validate::{Gate, SECTIONS, Section, ValidateError};

/// Hold the physics to its references: closed forms and independent codes
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Only these sections; `--section help` lists them
    #[arg(long = "section", value_name = "NAME", value_parser = section, help_heading = "Selection")]
    sections: Vec<&'static Section>,
    /// Judge a gate by another reference, to see it fail: `NAME=VALUE`
    #[arg(long = "reference", value_name = "NAME=VALUE", value_parser = reference, hide = true)]
    references: Vec<(String, f64)>,
    #[command(flatten)]
    format: FormatOption,
}

fn reference(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.rsplit_once('=').ok_or("write NAME=VALUE")?;
    let value = value
        .parse()
        .map_err(|_| format!("`{value}` is no number"))?;
    Ok((name.to_owned(), value))
}

fn section(name: &str) -> Result<&'static Section, String> {
    SECTIONS
        .iter()
        .find(|section| section.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
            format!("sections: {}", names.join(", "))
        })
}

type Judged = (&'static Section, Result<Vec<Gate>, ValidateError>);

pub(super) fn validate(args: &ValidateArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let sections: Vec<&'static Section> = if args.sections.is_empty() {
        SECTIONS.iter().collect()
    } else {
        args.sections.clone()
    };
    let mut judged = Vec::new();
    for (section, result) in judge(&sections, terminal) {
        let gates = result
            .map_err(|error| CliError::internal(format!("section {}: {error}", section.name)))?;
        judged.push((section, gates));
    }
    for (name, value) in &args.references {
        let mut gates = judged.iter_mut().flat_map(|(_, gates)| gates);
        let gate = gates.find(|gate| gate.name == *name).ok_or_else(|| {
            CliError::user(exit::USAGE, format!("no gate is called `{name}`"))
                .hint("`frogbench validate --format json` shows the names")
        })?;
        *gate = gate.clone().with_reference(*value);
    }
    let failed = judged
        .iter()
        .flat_map(|(_, gates)| gates)
        .filter(|gate| !gate.pass)
        .count();
    let text = match args.format.format {
        Format::Json => {
            let gates: Vec<&Gate> = judged.iter().flat_map(|(_, gates)| gates).collect();
            format!("{:#}\n", json!({ "gates": gates }))
        }
        Format::Human => table(&judged, failed, terminal),
    };
    terminal.data(&text)?;
    Ok(if failed == 0 {
        exit::PASS
    } else {
        exit::EXPECTATION_FAILED
    })
}

/// Computes the sections on all cores; the order of the result is that of the sections.
fn judge(sections: &[&'static Section], terminal: &Terminal) -> Vec<Judged> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers.min(sections.len()) {
            scope.spawn(|| {
                while let Some(section) = sections.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let gates = section.gates();
                    terminal.progress(&format!("{}: done", section.name));
                    if let Ok(mut results) = results.lock() {
                        results.push((*section, gates));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(section, _)| sections.iter().position(|s| s.name == section.name));
    results
}

fn table(judged: &[(&'static Section, Vec<Gate>)], failed: usize, terminal: &Terminal) -> String {
    let style = |style: Style| {
        if terminal.color_out() {
            style
        } else {
            Style::new()
        }
    };
    let good = style(AnsiColor::Green.on_default());
    let bad = style(AnsiColor::Red.on_default().bold());
    let mut text = String::new();
    let mut count = 0;
    for (section, gates) in judged {
        count += gates.len();
        let title = style(Style::new().bold());
        let _ = writeln!(
            text,
            "\n{title}{}{title:#} [{}]",
            section.title, section.name
        );
        let _ = writeln!(
            text,
            "      {:>11} {:>11} {:<5} {:>9} {:>9}  gate [source]",
            "reference", "ours", "unit", "deviation", "tolerance"
        );
        for (gate, others) in shown(gates, section.by_case && terminal.verbose() == 0) {
            let (verdict, colour) = if gate.pass {
                ("ok  ", good)
            } else {
                ("FAIL", bad)
            };
            let others = match others {
                0 => String::new(),
                _ => format!(" (worst of {})", others + 1),
            };
            let _ = writeln!(
                text,
                "{colour}{verdict}{colour:#}  {:>11} {:>11} {:<5} {:>9.1e} {:>9.1e}  {}{others} [{}]",
                significant(gate.reference),
                significant(gate.got),
                gate.unit,
                gate.deviation(),
                gate.tolerance,
                gate.name,
                gate.source
            );
        }
    }
    let _ = match failed {
        0 => writeln!(text, "\n{good}{count} gates, all passed{good:#}"),
        _ => writeln!(text, "\n{bad}{failed} of {count} gates failed{bad:#}"),
    };
    text
}

/// The gates to show, and how many others each of them stands for: all of them, or for each case
/// those that failed and the one nearest to its tolerance.
fn shown(gates: &[Gate], by_case: bool) -> Vec<(&Gate, usize)> {
    if !by_case {
        return gates.iter().map(|gate| (gate, 0)).collect();
    }
    let case = |gate: &Gate| gate.name.split(": ").next().unwrap_or_default().to_owned();
    let mut shown = Vec::new();
    for group in gates.chunk_by(|a, b| case(a) == case(b)) {
        shown.extend(group.iter().filter(|gate| !gate.pass).map(|gate| (gate, 0)));
        let passed: Vec<&Gate> = group.iter().filter(|gate| gate.pass).collect();
        let worst = passed.iter().max_by(|a, b| a.used().total_cmp(&b.used()));
        shown.extend(worst.map(|gate| (*gate, passed.len() - 1)));
    }
    shown
}

/// Six significant digits.
fn significant(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e6).contains(&size) {
        let digits = (5.0 - libm::log10(size).floor()).clamp(0.0, 8.0) as usize;
        format!("{value:.digits$}")
    } else {
        format!("{value:.2e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_six_digits() {
        assert_eq!(significant(0.0), "0");
        assert_eq!(significant(0.905_42), "0.905420");
        assert_eq!(significant(1420.0), "1420.00");
        assert_eq!(significant(-3.2e-11), "-3.20e-11");
    }

    #[test]
    fn a_case_is_shown_by_its_worst_and_its_failures() {
        let gate = |name: &str, got: f64, pass: bool| Gate {
            name: name.to_owned(),
            reference: 1.0,
            got,
            unit: "1",
            tolerance: 0.1,
            source: String::new(),
            pass,
        };
        let gates = [
            gate("a: x", 1.01, true),
            gate("a: y", 1.05, true),
            gate("b: x", 1.01, true),
            gate("b: y", 1.5, false),
        ];
        let names: Vec<(&str, usize)> = shown(&gates, true)
            .into_iter()
            .map(|(gate, others)| (gate.name.as_str(), others))
            .collect();
        assert_eq!(names, [("a: y", 1), ("b: y", 0), ("b: x", 0)]);
        assert_eq!(shown(&gates, false).len(), 4);
    }
}
