//! `frogbench qualify`: does the suite catch every seeded defect, and does firmware pass it?

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Format, FormatOption, Terminal};
use crate::qualify::{QualifyError, QualifyOptions, QualifyTier, qualification_summary, qualify};

/// Run the qualification suite against the reference firmware and its seeded defects, or against a firmware folder
#[derive(Debug, Args)]
pub struct QualifyArgs {
    /// Firmware folder to judge instead of the reference firmware: `DIR/core`, `DIR/shim` and `DIR/ports/...`
    /// where they differ, `DIR/device.toml`, and `DIR/defects.toml` for defects of its own. Its sources are
    /// compiled and run
    #[arg(long, value_name = "DIR", help_heading = "Device")]
    pub firmware: Option<PathBuf>,
    /// Tier on which the firmware runs: that of `device.toml` by default, else native
    #[arg(long, value_name = "TIER", value_enum, help_heading = "Device")]
    pub device: Option<QualifyTier>,
    /// Folder of scenarios to play instead of the qualification suite
    #[arg(long, value_name = "DIR", help_heading = "Work")]
    pub suite: Option<PathBuf>,
    /// Folder for what the sensors of the suite deliver, nearly all of the work: kept there, and taken from there when this version
    /// plays the same scenarios again
    #[arg(long, value_name = "DIR", help_heading = "Work")]
    pub tapes: Option<PathBuf>,
    /// Further seeds for the good firmware, beside each scenario's own
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Work")]
    pub seeds: u64,
    /// Each further seed runs one scenario of the suite, in turn, instead of all
    #[arg(long, help_heading = "Work")]
    pub short: bool,
    /// Play a defect no further once a scenario has caught it
    #[arg(long, help_heading = "Work")]
    pub until_caught: bool,
    /// Only this scenario of the suite; may be given several times
    #[arg(long = "scenario", value_name = "NAME", help_heading = "Work")]
    pub scenarios: Vec<String>,
    /// Only this defect; may be given several times; `none` for the good firmware alone
    #[arg(long = "defect", value_name = "NAME", help_heading = "Work")]
    pub defects: Vec<String>,
    /// Output form
    #[command(flatten)]
    pub format: FormatOption,
    /// Threads; all cores by default. The results do not depend on it
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        env = "FROGBENCH_THREADS",
        help_heading = "Work"
    )]
    pub threads: Option<u16>,
}

pub(super) fn run(args: &QualifyArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let options = QualifyOptions {
        tier: args.device,
        firmware: args.firmware.clone(),
        suite: args.suite.clone(),
        tapes: args.tapes.clone(),
        seeds: args.seeds,
        short: args.short,
        until_caught: args.until_caught,
        scenarios: args.scenarios.clone(),
        defects: (!args.defects.is_empty()).then(|| args.defects.clone()),
        threads: super::run::threads(args.threads),
        catalogue: super::builtin(),
    };
    let told = |done: usize, total: usize, name: &str| {
        terminal.progress(&format!("{done}/{total} {name}"));
    };
    let outcome = qualify(&options, &told).map_err(|error| failed(&error))?;
    let text = match args.format.format {
        Format::Json => outcome
            .to_json()
            .map_err(|error| CliError::internal(error.to_string()))?,
        Format::Human => qualification_summary(&outcome),
    };
    terminal.data(&text)?;
    Ok(outcome.exit_code())
}

fn failed(error: &QualifyError) -> CliError {
    let user = CliError::user(error.exit_code(), error.to_string());
    match error.hint() {
        Some(hint) => user.hint(hint),
        None => user,
    }
}
