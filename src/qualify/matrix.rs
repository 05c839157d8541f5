//! The outcome of a qualification.

use serde::{Deserialize, Serialize};

use crate::exit;
use crate::scenario::Loaded;

/// Version of the JSON that this release writes.
const FORMAT: u32 = 1;

/// Why a run speaks against the firmware.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Catch {
    /// The expectation that failed, or what happened to the link or the device.
    pub by: String,
    /// The score; null if it is undefined or there is none.
    pub got: Option<f64>,
    /// Where to look.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// One firmware in one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Scenario.
    pub scenario: String,
    /// Seed.
    pub seed: u64,
    /// What speaks against the firmware; empty if nothing does.
    pub caught_by: Vec<Catch>,
}

impl Cell {
    pub(super) fn new(loaded: &Loaded, caught_by: Vec<Catch>) -> Self {
        Self {
            scenario: loaded.name.clone(),
            seed: loaded.scenario.seed,
            caught_by,
        }
    }
}

/// One defect in every scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DefectRow {
    /// The defect.
    pub defect: String,
    /// Whether any scenario caught it.
    pub caught: bool,
    /// The scenarios in order; where asked to play no further than to the one that caught it, the cheapest first.
    pub cells: Vec<Cell>,
}

/// The matrix with its headline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Qualification {
    /// Version of this format.
    pub format: u32,
    /// Version of frogbench.
    pub version: String,
    /// The device tier.
    pub device: String,
    /// Scenarios of the suite, in the order of the columns.
    pub scenarios: Vec<String>,
    /// Seeded defects.
    pub defects: u64,
    /// Defects that were caught.
    pub caught: u64,
    /// Runs of good firmware with an alarm.
    pub false_alarms: u64,
    /// Runs of good firmware.
    pub good_runs: u64,
    /// Seeds that the good firmware ran with.
    pub seeds: u64,
    /// The good firmware (or the user's), in every scenario with every seed.
    pub good: Vec<Cell>,
    /// Defect by scenario.
    pub matrix: Vec<DefectRow>,
}

impl Qualification {
    pub(super) fn new(
        device: &str,
        scenarios: Vec<String>,
        seeds: u64,
        good: Vec<Cell>,
        matrix: Vec<DefectRow>,
    ) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: device.to_owned(),
            scenarios,
            defects: matrix.len() as u64,
            caught: matrix.iter().filter(|row| row.caught).count() as u64,
            false_alarms: good
                .iter()
                .filter(|cell| !cell.caught_by.is_empty())
                .count() as u64,
            good_runs: good.len() as u64,
            seeds,
            good,
            matrix,
        }
    }

    /// Whether every defect was caught and no alarm was false.
    pub fn passed(&self) -> bool {
        self.caught == self.defects && self.false_alarms == 0
    }

    /// Share of the defects that were caught; 1 if there was none.
    pub fn kill_rate(&self) -> f64 {
        if self.defects == 0 {
            1.0
        } else {
            self.caught as f64 / self.defects as f64
        }
    }

    /// Process exit code.
    pub fn exit_code(&self) -> u8 {
        if self.passed() {
            exit::PASS
        } else {
            exit::EXPECTATION_FAILED
        }
    }

    /// JSON with a newline at its end.
    ///
    /// # Errors
    /// Those of the serialiser.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}
