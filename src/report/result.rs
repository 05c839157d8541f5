//! The result of a run, as JSON shows it. No times of day, no absolute paths: equal runs give equal
//! bytes.

use serde::{Deserialize, Serialize};

use crate::exit;
use crate::scenario::Expectation;
use crate::score::{Place, Resources, ScoreList, Scorecard, Scored, worst};

/// Version of the JSON that this release writes.
pub const FORMAT: u32 = 1;

/// How a scenario ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every expectation held.
    Pass,
    /// At least one expectation did not hold.
    Fail,
    /// The link was violated, or the run could not be finished: nothing can be said of the device.
    Invalid,
}

impl Verdict {
    /// The word in JSON and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Invalid => "invalid",
        }
    }
}

/// The device under test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// `native` or `serial:PATH` as given.
    pub tier: String,
    /// Name that the firmware gave.
    pub name: String,
    /// Build that the firmware gave.
    pub build: String,
}

/// How much was simulated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Turnouts, each with its own sensor and device.
    pub turnouts: u32,
    /// Length of the period in days.
    pub days: f64,
    /// Observed windows.
    pub windows: u64,
    /// Trains in them.
    pub trains: u64,
    /// Seconds of signal sent to the devices.
    pub signal_s: f64,
    /// Samples sent to the devices.
    pub samples: u64,
}

/// What is known of a scenario besides its scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScenarioInfo {
    /// Name: the file's stem.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// The device under test.
    pub device: DeviceInfo,
    /// How much was simulated.
    pub counts: Counts,
    /// What the device needed, where its tier can tell.
    pub resources: Option<Resources>,
    /// Remarks that a reader must know (settings ignored, samples drawn).
    pub notes: Vec<String>,
    /// The one line that runs it again, paths as the user gave them.
    pub reproduce: String,
    /// Files that were written, paths as the user gave them.
    pub files: Vec<String>,
}

/// One expectation and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectationResult {
    /// The clause as written.
    pub expression: String,
    /// The score; null if it is undefined.
    pub got: Option<f64>,
    /// Whether it held.
    pub pass: bool,
    /// Why there is no score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where to look, if it did not hold.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// The result of one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioResult {
    /// Name: the file's stem.
    pub name: String,
    /// How it ended.
    pub verdict: Verdict,
    /// What it is about.
    pub description: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Version of frogbench.
    pub version: String,
    /// The device under test.
    pub device: DeviceInfo,
    /// How much was simulated.
    pub counts: Counts,
    /// What the device needed; absent where its tier cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// Why the run is invalid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid: Vec<String>,
    /// Expectations in the order of the scenario.
    pub expectations: Vec<ExpectationResult>,
    /// Scores by level; only the link's for an invalid run.
    pub scores: Scorecard,
    /// Remarks that a reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Files that were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The one line that runs it again.
    pub reproduce: String,
}

impl ScenarioResult {
    /// Judges the expectations by the scores. A violated link makes the run invalid: then nothing is
    /// said of the device, neither good nor bad.
    pub fn judge(info: ScenarioInfo, scored: &Scored, expectations: &[Expectation]) -> Self {
        let invalid = scored.scorecard.invalid_reasons();
        let valid = invalid.is_empty();
        let expectations: Vec<ExpectationResult> = expectations
            .iter()
            .map(|clause| {
                if valid {
                    check(clause, scored)
                } else {
                    unjudged(clause)
                }
            })
            .collect();
        let verdict = if !valid {
            Verdict::Invalid
        } else if expectations.iter().all(|clause| clause.pass) {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        let mut scores = scored.scorecard.clone();
        if !valid {
            for list in [
                &mut scores.truth,
                &mut scores.l1,
                &mut scores.l2,
                &mut scores.l3,
            ] {
                *list = ScoreList::default();
            }
        }
        Self {
            name: info.name,
            verdict,
            description: info.description,
            seed: info.seed,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: info.device,
            counts: info.counts,
            resources: info.resources,
            invalid,
            expectations,
            scores,
            notes: info.notes,
            files: info.files,
            reproduce: info.reproduce,
        }
    }
}

impl ScenarioResult {
    /// The result of a scenario that could not be finished, for the `reason` given.
    pub fn unfinished(info: ScenarioInfo, reason: &str, expectations: &[Expectation]) -> Self {
        let mut result = Self::judge(info, &Scored::default(), &[]);
        result.verdict = Verdict::Invalid;
        result.invalid = vec![reason.to_owned()];
        result.expectations = expectations.iter().map(unjudged).collect();
        result.files.clear();
        result
    }
}

fn check(clause: &Expectation, scored: &Scored) -> ExpectationResult {
    let metric_name = clause.metric.name();
    let score = scored.scorecard.score(metric_name);
    let got = score.and_then(|score| score.value);
    let pass = clause.holds(got);
    let reason = match score {
        Some(score) => score.undefined.clone(),
        None => Some(format!("this run has no score named {metric_name}")),
    };
    let place = if pass {
        None
    } else {
        worst(&scored.ledger, metric_name)
    };
    ExpectationResult {
        expression: clause.text.clone(),
        got,
        pass,
        reason,
        place,
    }
}

fn unjudged(clause: &Expectation) -> ExpectationResult {
    ExpectationResult {
        expression: clause.text.clone(),
        got: None,
        pass: false,
        reason: Some("not judged: the run is invalid".to_owned()),
        place: None,
    }
}

/// The results of all scenarios of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// Version of this format.
    pub format: u32,
    /// Version of frogbench.
    pub version: String,
    /// One result per scenario, in the order given.
    pub scenarios: Vec<ScenarioResult>,
}

impl RunResult {
    /// The results of this release.
    pub fn new(scenarios: Vec<ScenarioResult>) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenarios,
        }
    }

    /// The process exit code: the gravest verdict counts.
    pub fn exit_code(&self) -> u8 {
        let any = |verdict| {
            self.scenarios
                .iter()
                .any(|scenario| scenario.verdict == verdict)
        };
        if self.scenarios.is_empty() {
            exit::NOTHING_SELECTED
        } else if any(Verdict::Invalid) {
            exit::PROTOCOL_ERROR
        } else if any(Verdict::Fail) {
            exit::EXPECTATION_FAILED
        } else {
            exit::PASS
        }
    }

    /// JSON with a newline at its end.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}
