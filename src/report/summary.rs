//! The terminal summary: verdict first, then what failed and where to look.

use anstyle::{AnsiColor, Style};

use super::format::{self, grouped, percent, plural, value};
use super::result::{ExpectationResult, RunResult, ScenarioResult, Verdict};
use crate::score::{Resources, Score, Scorecard};

/// How the summary is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SummaryOptions {
    /// Whether colour may be used; everything can be read without.
    pub colour: bool,
}

/// The run as text for a person: one block per scenario, then a table if there are several.
pub fn summary(run: &RunResult, options: SummaryOptions) -> String {
    let mut out = Text {
        text: String::new(),
        colour: options.colour,
    };
    if run.scenarios.is_empty() {
        out.line("no scenario was run");
    }
    for (index, scenario) in run.scenarios.iter().enumerate() {
        if index > 0 {
            out.line("");
        }
        out.scenario(scenario);
    }
    if run.scenarios.len() > 1 {
        out.line("");
        out.table(&run.scenarios);
    }
    out.text
}

/// Columns of a list of scores; with its indent it stays below 100.
const LIST_WIDTH: usize = 84;
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => GOOD,
        Verdict::Fail => BAD,
        Verdict::Invalid => WARN,
    }
}

struct Text {
    text: String,
    colour: bool,
}

impl Text {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn scenario(&mut self, scenario: &ScenarioResult) {
        let word = scenario.verdict.name().to_uppercase();
        let word = self.paint(verdict_style(scenario.verdict), &word);
        let name = self.paint(BOLD, &scenario.name);
        self.line(&format!("{word}  {name}  {}", headline(scenario)));
        if !scenario.description.is_empty() {
            let description = self.paint(DIM, &scenario.description);
            self.line(&format!("  {description}"));
        }
        if scenario.verdict == Verdict::Invalid {
            self.list("because", &scenario.invalid);
        }
        if scenario.verdict == Verdict::Fail {
            self.line("");
            for expectation in &scenario.expectations {
                self.expectation(expectation);
            }
        }
        if scenario.counts.windows > 0 {
            self.line("");
        }
        self.levels(scenario);
        if let Some(resources) = &scenario.resources {
            self.list("needs", &needs(resources));
        }
        for note in &scenario.notes {
            self.field("note", note);
        }
        self.line("");
        if !scenario.files.is_empty() {
            self.field("tables", &scenario.files.join("  "));
        }
        self.field("again", &scenario.reproduce);
    }

    /// A failed expectation with its place; a held one in a line.
    fn expectation(&mut self, expectation: &ExpectationResult) {
        let got = match (expectation.got, &expectation.reason) {
            (Some(got), _) => format!("got {}", value(got)),
            (None, Some(reason)) => format!("undefined: {reason}"),
            (None, None) => "undefined".to_owned(),
        };
        let clause = format!("{:<32}", expectation.expression);
        if expectation.pass {
            let line = self.paint(DIM, &format!("{clause}  {got}"));
            let word = self.paint(GOOD, "held  ");
            self.line(&format!("  {word}  {line}"));
            return;
        }
        let word = self.paint(BAD, "FAILED");
        let clause = self.paint(BOLD, &clause);
        self.line(&format!("  {word}  {clause}  {got}"));
        let Some(place) = &expectation.place else {
            return;
        };
        let others = match place.alike {
            0 => " (nothing is wrong there, it is only the weakest)".to_owned(),
            1 => String::new(),
            n => format!(" (the worst of {})", grouped(n as f64)),
        };
        self.line(&format!("          {}{others}", place.what));
        self.line(&format!("          at {}", format::place(place)));
        let rows = self.paint(DIM, &format!("see {}", format::rows(place)));
        self.line(&format!("          {rows}"));
    }

    fn field(&mut self, name: &str, text: &str) {
        let name = self.paint(DIM, &format!("{name:<9}"));
        self.line(&format!("  {name}  {text}"));
    }

    /// Parts separated by commas, broken between parts where the line gets long.
    fn list(&mut self, name: &str, parts: &[String]) {
        let mut name = name;
        let mut line = String::new();
        for part in parts {
            let comma = if line.is_empty() { "" } else { ", " };
            if line.chars().count() + comma.len() + part.chars().count() > LIST_WIDTH {
                if !line.is_empty() {
                    self.field(name, &format!("{line},"));
                    name = "";
                }
                line.clone_from(part);
            } else {
                line.push_str(comma);
                line.push_str(part);
            }
        }
        if !line.is_empty() {
            self.field(name, &line);
        }
    }

    fn levels(&mut self, scenario: &ScenarioResult) {
        let scores = &scenario.scores;
        self.list("link", &link(scores));
        self.list("signal", &signal(scores));
        self.list("event", &event(scores));
        self.list("detection", &detection(scores));
    }

    fn table(&mut self, scenarios: &[ScenarioResult]) {
        let width = scenarios
            .iter()
            .map(|s| s.name.chars().count())
            .max()
            .unwrap_or(0)
            .max(8);
        let head = format!(
            "{:<7}  {:<width$}  {:>12}  {:>8}  {:>7}  {:>10}  {:>6}  {:>5}",
            "verdict", "scenario", "expectations", "trains", "F1", "axles", "alarms", "false"
        );
        let head = self.paint(DIM, &head);
        self.line(&head);
        for scenario in scenarios {
            let word = format!("{:<7}", scenario.verdict.name());
            let word = self.paint(verdict_style(scenario.verdict), &word);
            let held = scenario.expectations.iter().filter(|e| e.pass).count();
            let held = format!("{held} of {}", scenario.expectations.len());
            let cell = |name: &str| {
                scenario
                    .scores
                    .value(name)
                    .map_or_else(|| "-".to_owned(), value)
            };
            self.line(&format!(
                "{word}  {:<width$}  {held:>12}  {:>8}  {:>7}  {:>10}  {:>6}  {:>5}",
                scenario.name,
                cell("trains_true"),
                cell("train_f1"),
                cell("axle_count_exact"),
                cell("alarms"),
                cell("false_alarms"),
            ));
        }
        let count = |verdict| scenarios.iter().filter(|s| s.verdict == verdict).count() as u64;
        let mut parts = vec![plural(scenarios.len() as u64, "scenario")];
        for (verdict, word) in [
            (Verdict::Pass, "passed"),
            (Verdict::Fail, "failed"),
            (Verdict::Invalid, "invalid"),
        ] {
            let n = count(verdict);
            if n > 0 {
                parts.push(self.paint(verdict_style(verdict), &format!("{n} {word}")));
            }
        }
        self.line("");
        self.line(&parts.join(", "));
    }
}

/// What the verdict rests on, beside the name.
/// What the device needed, as parts of a sentence.
fn needs(resources: &Resources) -> Vec<String> {
    let mut parts = Vec::new();
    if resources.instructions_per_passage > 0.0 {
        parts.push(format!(
            "{} instructions per passage",
            grouped(resources.instructions_per_passage)
        ));
    }
    parts.push(format!(
        "{} bytes by radio per passage",
        value(resources.radio_bytes_per_passage)
    ));
    if let Some(energy) = resources.energy_per_passage_mj {
        parts.push(format!("{} mJ per passage (estimate)", value(energy)));
    }
    parts.push(format!(
        "{} of {} bytes of stack",
        grouped(f64::from(resources.stack_peak_bytes)),
        grouped(f64::from(resources.stack_bytes))
    ));
    parts
}

fn headline(scenario: &ScenarioResult) -> String {
    let held = scenario.expectations.iter().filter(|e| e.pass).count();
    let all = scenario.expectations.len();
    let verdict = match scenario.verdict {
        Verdict::Invalid => "the run is invalid, nothing is said of the device".to_owned(),
        _ if all == 0 => "nothing was expected".to_owned(),
        Verdict::Pass => format!("{} held", plural(all as u64, "expectation")),
        Verdict::Fail => format!(
            "{} of {} failed",
            all - held,
            plural(all as u64, "expectation")
        ),
    };
    let counts = &scenario.counts;
    if counts.windows == 0 {
        return verdict;
    }
    let days = if value(counts.days) == "1" {
        "day"
    } else {
        "days"
    };
    format!(
        "{verdict} ({} in {} of {} {days}, device {})",
        plural(counts.trains, "train"),
        plural(counts.windows, "window"),
        value(counts.days),
        scenario.device.tier,
    )
}

/// The text of a score, if it is defined.
fn part(scores: &Scorecard, name: &str, text: impl Fn(f64, &Score) -> String) -> Option<String> {
    let score = scores.score(name)?;
    score.value.map(|value| text(value, score))
}

fn link(scores: &Scorecard) -> Vec<String> {
    let of = |what: &'static str| {
        move |lost: f64, score: &Score| {
            format!("{} of {} {what}", grouped(lost), grouped(score.n as f64))
        }
    };
    let extra = |what: &'static str| move |v: f64, _: &Score| format!("{} {what}", grouped(v));
    let mut parts: Vec<String> = [
        part(scores, "frames_lost", of("frames lost")),
        part(scores, "samples_lost", of("samples lost")),
    ]
    .into_iter()
    .flatten()
    .collect();
    for (name, what) in [
        ("frames_duplicated", "duplicated"),
        ("frames_corrupt", "corrupt"),
        ("frames_reordered", "out of order"),
    ] {
        if scores.value(name).is_some_and(|count| count > 0.0) {
            parts.extend(part(scores, name, extra(what)));
        }
    }
    parts.extend(part(scores, "clock_drift_ppm", |v, _| {
        format!("clock {v:+.0} ppm")
    }));
    let late = ["replay_jitter_p50_s", "replay_jitter_p99_s"].map(|name| scores.value(name));
    if let [Some(p50), Some(p99)] = late {
        parts.push(format!(
            "frames late by {:.1} ms (p50), {:.1} ms (p99)",
            1e3 * p50,
            1e3 * p99
        ));
    }
    parts
}

fn signal(scores: &Scorecard) -> Vec<String> {
    let error = |what: &'static str| move |v: f64, _: &Score| format!("{what} {}", percent(v));
    let mut parts: Vec<String> = [
        part(scores, "nrmse_max", |v, _| {
            format!("NRMSE at most {}", value(v))
        }),
        part(scores, "snr_min_db", |v, _| {
            format!("SNR at least {v:.1} dB")
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let errors: Vec<String> = [
        part(scores, "rms_error", error("RMS")),
        part(scores, "peak_error", error("peak")),
        part(scores, "displacement_error", error("displacement")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !errors.is_empty() {
        parts.push(format!("off by: {}", errors.join(", ")));
    }
    parts.extend(part(scores, "clipped_samples", |v, _| {
        plural(v as u64, "clipped sample")
    }));
    parts
}

fn event(scores: &Scorecard) -> Vec<String> {
    let mut parts = Vec::new();
    if let (Some(found), Some(passed)) = (scores.score("train_recall"), scores.value("trains_true"))
    {
        let matched = found.value.map_or(0.0, |share| (share * passed).round());
        parts.push(format!(
            "{} of {} trains found",
            grouped(matched),
            grouped(passed)
        ));
    }
    parts.extend(part(scores, "false_trains", |v, _| {
        format!("{} false", grouped(v))
    }));
    parts.extend(part(scores, "train_f1", |v, _| format!("F1 {}", value(v))));
    parts.extend(part(scores, "axle_count_exact", |v, score| {
        let exact = (v * score.n as f64).round();
        format!(
            "axle count exact in {} of {}",
            grouped(exact),
            grouped(score.n as f64)
        )
    }));
    parts.extend(part(scores, "speed_mape", |v, _| {
        format!("speed off by {}", percent(v))
    }));
    parts.extend(part(scores, "onset_latency_p95_s", |v, _| {
        format!("onset p95 {v:+.2} s")
    }));
    parts.extend(part(scores, "uplink_bytes_per_train", |v, _| {
        format!("{v:.0} bytes per train")
    }));
    parts
}

fn detection(scores: &Scorecard) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(part(scores, "alarms", |v, _| plural(v as u64, "alarm")));
    parts.extend(part(scores, "false_alarms", |v, _| {
        format!("{} false", grouped(v))
    }));
    parts.extend(part(scores, "false_alarms_per_switch_year", |v, score| {
        let (low, high) = score.interval.unwrap_or((v, v));
        format!(
            "{} false per switch-year ({} to {})",
            value(v),
            value(low),
            value(high)
        )
    }));
    if scores.value("faults_true").is_some_and(|n| n > 0.0) {
        parts.extend(part(scores, "faults_detected", |v, score| {
            format!("{} of {} detected", grouped(v), plural(score.n, "fault"))
        }));
        parts.extend(part(scores, "detection_delay_days", |v, _| {
            format!("after {v:.1} days")
        }));
        parts.extend(part(scores, "warned_in_time", |v, score| {
            format!(
                "{} of {} in time",
                grouped((v * score.n as f64).round()),
                score.n
            )
        }));
    }
    parts
}
