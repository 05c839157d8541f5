//! `frogbench replay RUN`: a run from its session log, without the physics.

use std::path::Path;

use super::outcome::{Finished, RESULT_FILE, Shown, print, remove_log, run_error, verdict_exit};
use super::run::threads;
use super::{CliError, ReplayArgs, Terminal};
use crate::device::DeviceSpec;
use crate::exit;
use crate::report::{DeviceInfo, RunResult, ScenarioInfo};
use crate::session_log::{LOG_FILE, RunLog, SessionLogError, read_session_log};
use crate::world::{LogOptions, RunOptions, observe_log};

/// Whether a file is a session log by its name.
pub(super) fn is_session_log(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == LOG_FILE)
}

pub(super) fn replay_run(args: &ReplayArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let log = read_session_log(&args.recording).map_err(|error| log_error(&error))?;
    let (name, reproduce) = (log.run.name.clone(), log.run.reproduce.clone());
    let device = device(args, &log)?;
    let mut info = ScenarioInfo {
        name: name.clone(),
        description: log.run.scenario.description.clone(),
        seed: log.run.scenario.seed,
        device: DeviceInfo {
            tier: device.to_string(),
            ..DeviceInfo::default()
        },
        reproduce: reproduce.clone(),
        ..ScenarioInfo::default()
    };
    let folder = args.out.as_ref().map(|out| out.join(&name));
    if let Some(folder) = &folder {
        refuse_own_folder(folder, &args.recording)?;
        remove_log(folder);
    }
    let options = RunOptions {
        device,
        hello_timeout: args.device.hello_timeout,
        threads: threads(None),
        log: folder
            .clone()
            .map(|folder| LogOptions { folder, reproduce }),
    };
    let mut progress = Shown::new(terminal, &name);
    let replayed = observe_log(log, &options, &mut |done, total| progress.show(done, total));
    let (loaded, observations) = replayed.map_err(|error| {
        progress.finish(None);
        run_error(&name, &error)
    })?;
    info.notes.clone_from(&observations.notes);
    let mut finished = Finished {
        loaded: &loaded,
        info,
        observations,
        logged: true,
    };
    let (result, scored) = finished.judge()?;
    progress.finish(Some(result.verdict));
    if let Some(folder) = &folder {
        finished.write(folder, &scored, &result)?;
    }
    let exit = verdict_exit(result.verdict);
    let run = RunResult::new(vec![result]);
    compare(args, &run, &name, terminal)?;
    print(args.format.format, &run, args.out.as_deref(), terminal)?;
    Ok(exit)
}

/// The device of the command line, else that of the run.
fn device(args: &ReplayArgs, log: &RunLog) -> Result<DeviceSpec, CliError> {
    if let Some(device) = &args.device.device {
        return Ok(device.clone());
    }
    let parsed: Result<DeviceSpec, _> = log.run.device.parse();
    parsed
        .ok()
        // A log is data: it starts nothing but what this program brings itself.
        .filter(|device| *device == DeviceSpec::default())
        .ok_or_else(|| {
            let message = format!("the run was made on device `{}`", log.run.device);
            CliError::user(exit::USAGE, message).hint("say which device to use with --device")
        })
}

/// Writing over the log that is being replayed would lose it.
fn refuse_own_folder(folder: &Path, run: &Path) -> Result<(), CliError> {
    let run = if run.is_dir() {
        run
    } else {
        run.parent().unwrap_or(run)
    };
    let (Ok(folder), Ok(run)) = (folder.canonicalize(), run.canonicalize()) else {
        return Ok(());
    };
    if folder != run {
        return Ok(());
    }
    let message = format!("--out would write over the run itself, {}", run.display());
    Err(CliError::user(exit::USAGE, message).hint("choose another folder"))
}

/// Says whether the replay shows what the run showed.
fn compare(
    args: &ReplayArgs,
    run: &RunResult,
    name: &str,
    terminal: &Terminal,
) -> Result<(), CliError> {
    let folder = if args.recording.is_dir() {
        args.recording.as_path()
    } else {
        args.recording.parent().unwrap_or(&args.recording)
    };
    let Ok(before) = std::fs::read_to_string(folder.join(RESULT_FILE)) else {
        return Ok(());
    };
    let now = run
        .to_json()
        .map_err(|error| CliError::internal(error.to_string()))?;
    let differing = before.lines().zip(now.lines()).position(|(a, b)| a != b);
    terminal.progress(&if before == now {
        format!("{name}: the same result as the run, byte for byte")
    } else {
        let line = differing.unwrap_or_else(|| before.lines().count()) + 1;
        format!("{name}: the result differs from {RESULT_FILE} of the run from line {line} on")
    });
    Ok(())
}

fn log_error(error: &SessionLogError) -> CliError {
    let user = CliError::user(error.exit_code(), error.to_string());
    match error.hint() {
        Some(hint) => user.hint(hint),
        None => user,
    }
}
