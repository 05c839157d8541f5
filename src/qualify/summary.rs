//! The matrix for people.

use std::fmt::Write;

use super::matrix::{Cell, Qualification};

/// The matrix, what was missed, the false alarms and the kill rate, in plain text.
pub fn qualification_summary(q: &Qualification) -> String {
    let mut text = String::new();
    if !q.matrix.is_empty() {
        let _ = writeln!(text, "Scenarios:");
        for (number, name) in q.scenarios.iter().enumerate() {
            let _ = writeln!(text, "  {:>2}  {name}", number + 1);
        }
        matrix(&mut text, q);
    }
    alarms(&mut text, q);
    let _ = writeln!(
        text,
        "Kill rate {:.0} % ({} of {} defects); {} false alarms in {} runs of good firmware, {} seeds",
        100.0 * q.kill_rate(),
        q.caught,
        q.defects,
        q.false_alarms,
        q.good_runs,
        q.seeds
    );
    text
}

fn matrix(text: &mut String, q: &Qualification) {
    let width = q
        .matrix
        .iter()
        .map(|row| row.defect.len())
        .max()
        .unwrap_or(0);
    let _ = write!(text, "\n{:width$} ", "defect");
    for number in 1..=q.scenarios.len() {
        let _ = write!(text, " {number:>2}");
    }
    let _ = writeln!(text, "  caught by");
    for row in &q.matrix {
        let _ = write!(text, "{:width$} ", row.defect);
        for cell in &row.cells {
            let mark = if cell.caught_by.is_empty() { '.' } else { 'X' };
            let _ = write!(text, "  {mark}");
        }
        let by = row.cells.iter().find_map(|cell| cell.caught_by.first());
        let by = by.map_or("MISSED", |by| by.by.as_str());
        let _ = writeln!(text, "  {by}");
    }
    let _ = writeln!(text, "\nX caught, . not seen in that scenario\n");
}

fn alarms(text: &mut String, q: &Qualification) {
    let alarmed = |cell: &&Cell| !cell.caught_by.is_empty();
    for cell in q.good.iter().filter(alarmed) {
        let _ = writeln!(
            text,
            "good firmware, {} (seed {}):",
            cell.scenario, cell.seed
        );
        for by in &cell.caught_by {
            let got = by
                .got
                .map_or_else(|| "undefined".to_owned(), |got| format!("{got:.4}"));
            let _ = writeln!(text, "  {}: {got}  {}", by.by, by.place);
        }
    }
}
