//! `frogbench run`: scenarios from wheel to verdict.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, DeviceOptions, FormatOption, Terminal, builtin};
use crate::scenario::{Loaded, load};

/// Run scenarios and judge them
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Replace a field, such as `seed=7` or `traffic.measured=FILE`; may be given several times
    #[arg(
        long = "set",
        value_name = "KEY=VALUE",
        env = "FROGBENCH_SET",
        help_heading = "Scenario"
    )]
    pub set: Vec<String>,
    /// Seed of every random stream; replaces the scenario's
    #[arg(
        long,
        value_name = "N",
        env = "FROGBENCH_SEED",
        help_heading = "Scenario"
    )]
    pub seed: Option<u64>,
    /// Device options
    #[command(flatten)]
    pub device: DeviceOptions,
    /// Directory for the tables `truth`, `output` and `ledger`, one directory per scenario
    #[arg(
        long,
        value_name = "DIR",
        env = "FROGBENCH_OUT",
        help_heading = "Output"
    )]
    pub out: Option<PathBuf>,
    /// Output form
    #[command(flatten)]
    pub format: FormatOption,
    /// Also write the verdicts as JUnit XML
    #[arg(
        long,
        value_name = "FILE",
        env = "FROGBENCH_JUNIT",
        help_heading = "Output"
    )]
    pub junit: Option<PathBuf>,
    /// Threads for the physics; all cores by default. The results do not depend on it
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        env = "FROGBENCH_THREADS",
        help_heading = "Work"
    )]
    pub threads: Option<u16>,
}

impl RunArgs {
    /// The overrides in force: those of `--set`, then `--seed`.
    pub fn overrides(&self) -> Vec<String> {
        let seed = self.seed.map(|seed| format!("seed={seed}"));
        self.set.iter().cloned().chain(seed).collect()
    }

    /// All scenarios, or everything that is wrong with any of them.
    pub fn load(&self) -> Result<Vec<Loaded>, CliError> {
        let (catalogue, overrides) = (builtin(), self.overrides());
        let mut loaded = Vec::new();
        let mut errors = Vec::new();
        for file in &self.files {
            match load(file, &overrides, &catalogue) {
                Ok(scenario) => loaded.push(scenario),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(loaded)
        } else {
            Err(CliError::scenarios(errors))
        }
    }
}

pub(super) fn run(args: &RunArgs, _terminal: &Terminal) -> Result<u8, CliError> {
    let scenarios = args.load()?;
    Err(CliError::internal(format!(
        "running {} scenario(s) is not connected yet",
        scenarios.len()
    )))
}
