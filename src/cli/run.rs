//! `frogbench run`: scenarios from wheel to verdict.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::outcome::{
    Finished, Outcome, Shown, print, remove_log, run_error, verdict_exit, write_error,
    write_unfinished,
};
use super::{CliError, DeviceOptions, FormatOption, Terminal, builtin};
use crate::device::{DeviceSpec, DeviceSpecError};
use crate::exit;
use crate::report::{
    DeviceInfo, RunResult, ScenarioInfo, ScenarioResult, Verdict, junit, write_file,
};
use crate::scenario::{Loaded, ScenarioError, load};
use crate::world::{LogOptions, RunError, RunOptions, observe};

/// Run scenarios and judge them
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Scenario files, or folders of them
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
    /// Directory for tables, result and session log, one directory per scenario; `runs` by default
    #[arg(
        long,
        value_name = "DIR",
        env = "FROGBENCH_OUT",
        help_heading = "Output"
    )]
    pub out: Option<PathBuf>,
    /// When to keep a session log, for `frogbench replay`
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        env = "FROGBENCH_SESSION_LOG",
        help_heading = "Output"
    )]
    pub session_log: KeepLog,
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

    /// The scenario files that were asked for: of a folder, its `.toml` files by name.
    fn selected(&self) -> Result<Vec<PathBuf>, CliError> {
        let mut selected = Vec::new();
        for path in &self.files {
            if !path.is_dir() {
                selected.push(path.clone());
                continue;
            }
            let unreadable = |error: std::io::Error| {
                let message = format!("folder {} cannot be read: {error}", path.display());
                CliError::user(exit::SCENARIO_INVALID, message)
            };
            let mut files = Vec::new();
            for entry in std::fs::read_dir(path).map_err(unreadable)? {
                files.push(entry.map_err(unreadable)?.path());
            }
            files.retain(|file| file.extension().is_some_and(|e| e == "toml") && file.is_file());
            files.sort();
            selected.append(&mut files);
        }
        if selected.is_empty() {
            let message = "no scenario was selected: the folder holds no .toml file";
            return Err(CliError::user(exit::NOTHING_SELECTED, message)
                .hint("`frogbench new NAME` writes a scenario to start from"));
        }
        let mut names: Vec<String> = selected.iter().map(|file| stem(file)).collect();
        names.sort();
        let twice = names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b);
        if let Some((name, _)) = twice {
            let message = format!("two of the scenarios are called `{name}`");
            return Err(CliError::user(exit::USAGE, message).hint(
                "their results would overwrite each other: run them one by one, with --out",
            ));
        }
        Ok(selected)
    }

    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from("runs"))
    }
}

/// When a session log is kept beside the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum KeepLog {
    /// Always.
    #[default]
    Always,
    /// Only of a run that does not pass.
    Failure,
    /// Never.
    Never,
}

/// Runs every scenario, whatever becomes of the others, and ends with the gravest exit code.
pub(super) fn run(args: &RunArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let (catalogue, overrides) = (builtin(), args.overrides());
    let mut outcomes = Vec::new();
    for file in args.selected()? {
        outcomes.push(match load(&file, &overrides, &catalogue) {
            Ok(loaded) => run_one(args, &loaded, terminal).unwrap_or_else(|error| {
                terminal.report(&error);
                stopped(args, &file, vec![error.to_string()], error.exit())
            }),
            Err(error) => unusable(args, &file, error, terminal),
        });
    }
    let code = exit::gravest(outcomes.iter().map(|outcome| outcome.exit));
    let run = RunResult::new(outcomes.into_iter().map(|o| o.result).collect());
    print(args.format.format, &run, Some(&args.out()), terminal)?;
    if let Some(path) = &args.junit {
        let xml = junit(&run).map_err(|error| CliError::internal(error.to_string()))?;
        write_file(path, xml.as_bytes()).map_err(|error| write_error(&error))?;
    }
    Ok(code)
}

/// A scenario that cannot be run is shown at once, and stands among the results as invalid.
fn unusable(args: &RunArgs, file: &Path, error: ScenarioError, terminal: &Terminal) -> Outcome {
    let mut reasons = vec![error.to_string()];
    reasons.extend(error.problems().iter().map(|problem| {
        let (line, column) = problem.line_column();
        format!("{}:{line}:{column}: {}", problem.file(), problem.message())
    }));
    terminal.report(&CliError::scenarios(vec![error]));
    stopped(args, file, reasons, exit::SCENARIO_INVALID)
}

/// The outcome of a scenario of which nothing is known but why it did not run.
fn stopped(args: &RunArgs, file: &Path, reasons: Vec<String>, exit: u8) -> Outcome {
    let info = ScenarioInfo {
        name: stem(file),
        reproduce: reproduce(args, file, args.seed),
        ..ScenarioInfo::default()
    };
    let mut result = ScenarioResult::unfinished(info, "", &[]);
    result.invalid = reasons;
    Outcome { result, exit }
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn run_one(args: &RunArgs, loaded: &Loaded, terminal: &Terminal) -> Result<Outcome, CliError> {
    let device = device(args, loaded)?;
    let info = info(args, loaded, &device);
    let folder = args.out().join(&loaded.name);
    remove_log(&folder);
    let log = (args.session_log != KeepLog::Never).then(|| LogOptions {
        folder: folder.clone(),
        reproduce: info.reproduce.clone(),
    });
    let options = RunOptions {
        device,
        hello_timeout: args.device.hello_timeout,
        threads: threads(args.threads),
        log,
    };
    let mut progress = Shown::new(terminal, &loaded.name);
    let observed = observe(loaded, &options, &mut |done, total| {
        progress.show(done, total);
    });
    let observations = match observed {
        Ok(observations) => observations,
        Err(error) => {
            progress.finish(None);
            return unfinished(loaded, info, &error, &folder, terminal);
        }
    };
    let mut finished = Finished {
        loaded,
        info,
        observations,
        logged: args.session_log == KeepLog::Always,
    };
    let (mut result, mut scored) = finished.judge()?;
    if args.session_log == KeepLog::Failure {
        if result.verdict == Verdict::Pass {
            remove_log(&folder);
        } else {
            finished.logged = true;
            (result, scored) = finished.judge()?;
        }
    }
    progress.finish(Some(result.verdict));
    finished.write(&folder, &scored, &result)?;
    terminal.progress(&format!("{}: tables in {}", loaded.name, folder.display()));
    Ok(Outcome {
        exit: verdict_exit(result.verdict),
        result,
    })
}

/// A run that stopped is shown at once; its result says why, and what is known is kept.
fn unfinished(
    loaded: &Loaded,
    info: ScenarioInfo,
    error: &RunError,
    folder: &Path,
    terminal: &Terminal,
) -> Result<Outcome, CliError> {
    terminal.report(&run_error(&loaded.name, error));
    let result = ScenarioResult::unfinished(info, &error.to_string(), &loaded.expectations);
    // A disk that is full for the log has no room for this either.
    if !matches!(error, RunError::Log(_)) {
        write_unfinished(folder, &result)?;
    }
    Ok(Outcome {
        result,
        exit: error.exit_code(),
    })
}

/// The device of the command line, else that of the scenario. A scenario is data: what would run a
/// program or firmware that it names needs leave.
fn device(args: &RunArgs, loaded: &Loaded) -> Result<DeviceSpec, CliError> {
    let tier = &loaded.scenario.device.tier;
    let invalid =
        |error: String| CliError::user(exit::SCENARIO_INVALID, format!("[device] tier: {error}"));
    let chosen = match &args.device.device {
        Some(device) => device.clone(),
        None => tier
            .parse()
            .map_err(|error: DeviceSpecError| invalid(error.to_string()))?,
    };
    let own = args.device.device.is_some() || args.device.allow_device_files;
    if !own && chosen.names_a_program() {
        let scenario = loaded.path.display();
        return Err(invalid(format!(
            "scenario {scenario} names `{tier}`, which runs what it says"
        ))
        .hint(format!(
            "if you trust it: --device {}, or --allow-device-files",
            quoted(tier)
        )));
    }
    // A path in a scenario is relative to the scenario, one on the command line to where the user is.
    let chosen = match chosen {
        DeviceSpec::File(path) if args.device.device.is_none() => {
            let folder = loaded.path.parent().map(Path::to_owned).unwrap_or_default();
            DeviceSpec::File(folder.join(path))
        }
        other => other,
    };
    chosen
        .resolve()
        .map_err(|error| CliError::user(exit::SCENARIO_INVALID, error.to_string()))
}

/// Threads asked for, else one per core.
pub(super) fn threads(asked: Option<u16>) -> usize {
    let available = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    asked.map_or_else(available, usize::from)
}

/// What is known of a scenario before it runs.
fn info(args: &RunArgs, loaded: &Loaded, device: &DeviceSpec) -> ScenarioInfo {
    ScenarioInfo {
        name: loaded.name.clone(),
        description: loaded.scenario.description.clone(),
        seed: loaded.scenario.seed,
        device: DeviceInfo {
            tier: device.to_string(),
            ..DeviceInfo::default()
        },
        reproduce: reproduce(args, &loaded.path, Some(loaded.scenario.seed)),
        ..ScenarioInfo::default()
    }
}

/// The one line that runs a scenario again.
fn reproduce(args: &RunArgs, file: &Path, seed: Option<u64>) -> String {
    let mut line = format!("frogbench run {}", quoted(&file.display().to_string()));
    for set in &args.set {
        let _ = write!(line, " --set {}", quoted(set));
    }
    if let Some(seed) = seed {
        let _ = write!(line, " --seed {seed}");
    }
    if let Some(device) = &args.device.device {
        let _ = write!(line, " --device {}", quoted(&device.to_string()));
    }
    line
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
