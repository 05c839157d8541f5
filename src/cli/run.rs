//! `frogbench run`: scenarios from wheel to verdict.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, DeviceOptions, Format, FormatOption, Terminal, builtin};
use crate::device::{DeviceSpec, DeviceSpecError};
use crate::exit;
use crate::random::{Purpose, stream};
use crate::report::{
    Counts, DeviceInfo, Progress, ProgressMode, RunResult, ScenarioInfo, ScenarioResult,
    SummaryOptions, Verdict, WriteError, junit, summary, write_file, write_table,
};
use crate::scenario::{Loaded, load};
use crate::score::{LedgerRow, OutputRow, Row, ScoreInput, Scored, Settings, TruthRow, score};
use crate::world::{Observations, RunError, RunOptions, observe};

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

pub(super) fn run(args: &RunArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let scenarios = args.load()?;
    let mut results = Vec::new();
    let mut failures = Vec::new();
    for loaded in &scenarios {
        match run_one(args, loaded, terminal)? {
            Ok(result) => results.push(result),
            Err((error, result)) => {
                failures.push(error);
                results.push(result);
            }
        }
    }
    let run = RunResult::new(results);
    print(args, &run, terminal)?;
    if let Some(path) = &args.junit {
        let xml = junit(&run).map_err(|error| CliError::internal(error.to_string()))?;
        write_file(path, xml.as_bytes()).map_err(|error| write_error(&error))?;
    }
    // A run that could not be finished outweighs every verdict.
    match failures.into_iter().max_by_key(RunError::exit_code) {
        Some(error) => Err(run_error(&error)),
        None => Ok(run.exit_code()),
    }
}

/// A finished scenario, or why it was not finished and what is known of it all the same.
type Outcome = Result<ScenarioResult, (RunError, ScenarioResult)>;

fn run_one(args: &RunArgs, loaded: &Loaded, terminal: &Terminal) -> Result<Outcome, CliError> {
    let device = device(args, loaded)?;
    let mut info = info(args, loaded, &device);
    let options = RunOptions {
        log: None,
        device,
        hello_timeout: args.device.hello_timeout,
        threads: threads(args),
    };
    let mut progress = Shown::new(terminal, &loaded.name);
    let observed = observe(loaded, &options, &mut |done, total| {
        progress.show(done, total);
    });
    let observations = match observed {
        Ok(observations) => observations,
        Err(error) => {
            progress.finish(None);
            let result = ScenarioResult::unfinished(info, &error.to_string(), &loaded.expectations);
            return Ok(Err((error, result)));
        }
    };
    describe(&mut info, loaded, &observations);
    let input = ScoreInput {
        scenario: &loaded.name,
        truth: &observations.truth,
        output: &observations.output,
        link: &observations.link,
        signal: &observations.signal,
        exposure: &observations.exposure,
        settings: Settings::default(),
    };
    let bootstrap = stream(loaded.scenario.seed, 0, Purpose::Bootstrap, 0);
    let scored =
        score(&input, &bootstrap).map_err(|error| CliError::internal(error.to_string()))?;
    let result = ScenarioResult::judge(info, &scored, &loaded.expectations);
    progress.finish(Some(result.verdict));
    write_tables(args, loaded, &observations, &scored, &result, terminal)?;
    Ok(Ok(result))
}

/// The device of the command line, else that of the scenario.
fn device(args: &RunArgs, loaded: &Loaded) -> Result<DeviceSpec, CliError> {
    match &args.device.device {
        Some(device) => Ok(device.clone()),
        None => loaded
            .scenario
            .device
            .tier
            .parse()
            .map_err(|error: DeviceSpecError| {
                CliError::user(exit::SCENARIO_INVALID, format!("[device] tier: {error}"))
            }),
    }
}

fn threads(args: &RunArgs) -> usize {
    let available = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    args.threads.map_or_else(available, usize::from)
}

/// What is known of a scenario before it runs.
fn info(args: &RunArgs, loaded: &Loaded, device: &DeviceSpec) -> ScenarioInfo {
    let mut reproduce = format!(
        "frogbench run {}",
        quoted(&loaded.path.display().to_string())
    );
    for set in &args.set {
        let _ = write!(reproduce, " --set {}", quoted(set));
    }
    let _ = write!(reproduce, " --seed {}", loaded.scenario.seed);
    if args.device.device.is_some() {
        let _ = write!(reproduce, " --device {}", quoted(&device.to_string()));
    }
    ScenarioInfo {
        name: loaded.name.clone(),
        description: loaded.scenario.description.clone(),
        seed: loaded.scenario.seed,
        device: DeviceInfo {
            tier: device.to_string(),
            ..DeviceInfo::default()
        },
        reproduce,
        ..ScenarioInfo::default()
    }
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// What is known after it ran.
fn describe(info: &mut ScenarioInfo, loaded: &Loaded, observations: &Observations) {
    if let Some(identity) = observations.identities.first() {
        info.device.name.clone_from(&identity.name);
        info.device.build.clone_from(&identity.build);
    }
    info.counts = Counts {
        turnouts: loaded.scenario.turnout.count,
        days: loaded.scenario.time.days,
        windows: observations.windows,
        trains: observations.trains,
        signal_s: observations.signal_s,
        samples: observations.samples,
    };
    info.notes.clone_from(&observations.notes);
    info.files = TABLES
        .map(|table| format!("{}/{table}", loaded.name))
        .to_vec();
}

/// Tables and result of a scenario, in its own directory.
const TABLES: [&str; 4] = [
    TruthRow::FILE,
    OutputRow::FILE,
    LedgerRow::FILE,
    "result.json",
];

fn write_tables(
    args: &RunArgs,
    loaded: &Loaded,
    observations: &Observations,
    scored: &Scored,
    result: &ScenarioResult,
    terminal: &Terminal,
) -> Result<(), CliError> {
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("runs"));
    let folder = out.join(&loaded.name);
    std::fs::create_dir_all(&folder)
        .map_err(|error| CliError::write(&format!("folder {}", folder.display()), &error))?;
    let json = RunResult::new(vec![result.clone()])
        .to_json()
        .map_err(|error| CliError::internal(error.to_string()))?;
    write_table(&folder.join(TruthRow::FILE), &observations.truth)
        .and_then(|()| write_table(&folder.join(OutputRow::FILE), &observations.output))
        .and_then(|()| write_table(&folder.join(LedgerRow::FILE), &scored.ledger))
        .and_then(|()| write_file(&folder.join("result.json"), json.as_bytes()))
        .map_err(|error| write_error(&error))?;
    terminal.progress(&format!("{}: tables in {}", loaded.name, folder.display()));
    Ok(())
}

fn print(args: &RunArgs, run: &RunResult, terminal: &Terminal) -> Result<(), CliError> {
    match args.format.format {
        Format::Json => {
            let json = run
                .to_json()
                .map_err(|error| CliError::internal(error.to_string()))?;
            terminal.data(&json)
        }
        Format::Human => {
            let colour = terminal.color_out();
            terminal.data(&summary(run, SummaryOptions { colour }))
        }
    }
}

/// Progress on stderr, made when the number of windows is known.
struct Shown<'a> {
    name: &'a str,
    mode: ProgressMode,
    bar: Option<Progress>,
    done: u64,
}

impl<'a> Shown<'a> {
    fn new(terminal: &Terminal, name: &'a str) -> Self {
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

    fn show(&mut self, done: u64, total: u64) {
        let bar = self
            .bar
            .get_or_insert_with(|| Progress::new(self.mode, self.name, total));
        while self.done < done {
            self.done += 1;
            bar.step(&format!("window {}", self.done));
        }
    }

    fn finish(&self, verdict: Option<Verdict>) {
        if let Some(bar) = &self.bar {
            bar.finish(verdict);
        }
    }
}

pub(super) fn write_error(error: &WriteError) -> CliError {
    let source = std::error::Error::source(error).map_or_else(String::new, |s| format!(": {s}"));
    CliError::user(error.exit_code(), format!("{error}{source}"))
}

pub(super) fn run_error(error: &RunError) -> CliError {
    let user = CliError::user(error.exit_code(), error.to_string());
    match error.hint() {
        Some(hint) => user.hint(hint),
        None => user,
    }
}
