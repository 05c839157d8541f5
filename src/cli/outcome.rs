//! From observations to a verdict, tables and exit code: what `run` and `replay` share.

use std::path::{Path, PathBuf};

use super::{CliError, Format, Terminal};
use crate::exit;
use crate::random::{Purpose, stream};
use crate::report::{
    Counts, Progress, ProgressMode, RunResult, ScenarioInfo, ScenarioResult, SummaryOptions,
    Verdict, WriteError, summary, write_file, write_table,
};
use crate::scenario::Loaded;
use crate::score::{LedgerRow, OutputRow, ResourceRow, Resources, Row, Scored, TruthRow, score};
use crate::session_log::{LOG_FILE, TIMES_FILE};
use crate::world::{Observations, RunError};

/// The result of one scenario, beside the tables.
pub(super) const RESULT_FILE: &str = "result.json";

/// Tables and result of a scenario, in its own directory.
const TABLES: [&str; 4] = [
    TruthRow::FILE,
    OutputRow::FILE,
    LedgerRow::FILE,
    RESULT_FILE,
];

/// One scenario and what became of it.
pub(super) struct Outcome {
    pub(super) result: ScenarioResult,
    /// Exit code of this scenario alone.
    pub(super) exit: u8,
}

/// A run that went to its end: scored, judged and written to `folder`.
pub(super) struct Finished<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) info: ScenarioInfo,
    pub(super) observations: Observations,
    /// Whether a session log stands in the folder.
    pub(super) logged: bool,
}

impl Finished<'_> {
    /// Scores the observations and judges the expectations.
    pub(super) fn judge(&mut self) -> Result<(ScenarioResult, Scored), CliError> {
        self.describe();
        let (loaded, observations) = (self.loaded, &self.observations);
        let input = observations.score_input(&loaded.name);
        let bootstrap = stream(loaded.scenario.seed, 0, Purpose::Bootstrap, 0);
        let scored =
            score(&input, &bootstrap).map_err(|error| CliError::internal(error.to_string()))?;
        let result = ScenarioResult::judge(self.info.clone(), &scored, &loaded.expectations);
        Ok((result, scored))
    }

    /// What is known after it ran.
    fn describe(&mut self) {
        let (info, observations) = (&mut self.info, &self.observations);
        if let Some(identity) = observations.identities.first() {
            info.device.name.clone_from(&identity.name);
            info.device.build.clone_from(&identity.build);
        }
        info.counts = Counts {
            turnouts: self.loaded.scenario.turnout.count,
            days: self.loaded.scenario.time.days,
            windows: observations.windows,
            trains: observations.trains,
            signal_s: observations.signal_s,
            samples: observations.samples,
        };
        info.notes.clone_from(&observations.notes);
        let source = observations.energy_source.as_deref();
        info.resources = Resources::of(&observations.resources, source);
        let resources = info.resources.as_ref().map(|_| ResourceRow::FILE);
        let log = self.logged.then_some(LOG_FILE);
        info.files = TABLES
            .into_iter()
            .chain(resources)
            .chain(log)
            .map(|file| format!("{}/{file}", self.loaded.name))
            .collect();
    }

    /// Writes the tables and the result.
    pub(super) fn write(
        &self,
        folder: &Path,
        scored: &Scored,
        result: &ScenarioResult,
    ) -> Result<(), CliError> {
        make(folder)?;
        write_table(&folder.join(TruthRow::FILE), &self.observations.truth)
            .and_then(|()| write_table(&folder.join(OutputRow::FILE), &self.observations.output))
            .and_then(|()| write_table(&folder.join(LedgerRow::FILE), &scored.ledger))
            .and_then(|()| self.write_resources(folder))
            .map_err(|error| write_error(&error))?;
        write_result(folder, result)
    }

    /// The table of a tier that can tell; none of an earlier run stays otherwise.
    fn write_resources(&self, folder: &Path) -> Result<(), WriteError> {
        let path = folder.join(ResourceRow::FILE);
        if self.observations.resources.is_empty() {
            let _ = std::fs::remove_file(path);
            return Ok(());
        }
        write_table(&path, &self.observations.resources)
    }
}

/// Writes the result of a run that was not finished. Tables of an earlier run would belie it.
pub(super) fn write_unfinished(folder: &Path, result: &ScenarioResult) -> Result<(), CliError> {
    make(folder)?;
    for table in TABLES.into_iter().chain([ResourceRow::FILE]) {
        // Most often there is none.
        let _ = std::fs::remove_file(folder.join(table));
    }
    write_result(folder, result)
}

/// Removes the session log of an earlier run, so that none stands beside the tables of another.
pub(super) fn remove_log(folder: &Path) {
    for file in [LOG_FILE, TIMES_FILE] {
        // Most often there is none.
        let _ = std::fs::remove_file(folder.join(file));
    }
}

fn make(folder: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| CliError::write(&format!("folder {}", folder.display()), &error))
}

fn write_result(folder: &Path, result: &ScenarioResult) -> Result<(), CliError> {
    let json = RunResult::new(vec![result.clone()])
        .to_json()
        .map_err(|error| CliError::internal(error.to_string()))?;
    write_file(&folder.join(RESULT_FILE), json.as_bytes()).map_err(|error| write_error(&error))
}

/// The exit code of a verdict.
pub(super) fn verdict_exit(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => exit::PASS,
        Verdict::Fail => exit::EXPECTATION_FAILED,
        Verdict::Invalid => exit::PROTOCOL_ERROR,
    }
}

/// Shows the results on standard output. `out` is the folder that holds those of the scenarios.
pub(super) fn print(
    format: Format,
    run: &RunResult,
    out: Option<&Path>,
    terminal: &Terminal,
) -> Result<(), CliError> {
    match format {
        Format::Json => {
            let json = run
                .to_json()
                .map_err(|error| CliError::internal(error.to_string()))?;
            terminal.data(&json)
        }
        Format::Human => {
            let colour = terminal.color_out();
            let shown = located(run, out);
            terminal.data(&summary(&shown, SummaryOptions { colour }))
        }
    }
}

/// The results with their files where a person finds them; JSON has them relative to `--out`, so that
/// equal runs give equal bytes.
fn located(run: &RunResult, out: Option<&Path>) -> RunResult {
    let mut run = run.clone();
    for scenario in &mut run.scenarios {
        let prefix = format!("{}/", scenario.name);
        let names: Vec<&str> = scenario
            .files
            .iter()
            .map(|file| file.strip_prefix(&prefix).unwrap_or(file))
            .collect();
        scenario.files = match out {
            Some(out) if !names.is_empty() => {
                let folder: PathBuf = out.join(&scenario.name);
                vec![format!("{}/  {}", folder.display(), names.join("  "))]
            }
            _ => Vec::new(),
        };
    }
    run
}

/// Progress on stderr, made when the number of windows is known.
pub(super) struct Shown<'a> {
    name: &'a str,
    mode: ProgressMode,
    bar: Option<Progress>,
    done: u64,
}

impl<'a> Shown<'a> {
    pub(super) fn new(terminal: &Terminal, name: &'a str) -> Self {
        let mode = if terminal.quiet() {
            ProgressMode::Off
        } else {
            ProgressMode::detect()
        };
        Self {
            name,
            mode,
            bar: None,
            done: 0,
        }
    }

    pub(super) fn show(&mut self, done: u64, total: u64) {
        let bar = self
            .bar
            .get_or_insert_with(|| Progress::new(self.mode, self.name, total));
        while self.done < done {
            self.done += 1;
            bar.step(&format!("window {}", self.done));
        }
    }

    pub(super) fn finish(&self, verdict: Option<Verdict>) {
        if let Some(bar) = &self.bar {
            bar.finish(verdict);
        }
    }
}

pub(super) fn write_error(error: &WriteError) -> CliError {
    let source = std::error::Error::source(error).map_or_else(String::new, |s| format!(": {s}"));
    CliError::user(error.exit_code(), format!("{error}{source}"))
}

pub(super) fn run_error(name: &str, error: &RunError) -> CliError {
    let user = CliError::user(error.exit_code(), format!("{name}: {error}"));
    match error.hint() {
        Some(hint) => user.hint(hint),
        None => user,
    }
}
