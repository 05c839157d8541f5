//! `frogbench export`: what the sensor of a run measured, for other simulators.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CliError, Terminal};
use crate::exit;
use crate::recording::{ResdStretch, encode_resd};
use crate::report::write_file;
use crate::session_log::{RunLog, WindowRecord, read_session_log};

/// Format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExportFormat {
    /// Renode's sensor data, version 1: acceleration and temperature.
    Resd,
}

/// Write what the sensor measured in one window for another simulator
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// Folder of a run (`runs/NAME`) or its session log
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Format
    #[arg(long, value_enum, help_heading = "Output")]
    format: ExportFormat,
    /// File to write
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    /// Turnout, from 0
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        help_heading = "Selection"
    )]
    turnout: u32,
    /// Window of the turnout, from 0 in order of time
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        help_heading = "Selection"
    )]
    window: u32,
    /// Virtual time of the first sample, ns
    #[arg(long, value_name = "NS", default_value_t = 0, help_heading = "Output")]
    start_ns: u64,
    /// Channel of the blocks
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Output")]
    channel: u16,
}

pub(super) fn export(args: &ExportArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let log = read_session_log(&args.run).map_err(|error| {
        let user = CliError::user(error.exit_code(), error.to_string());
        match error.hint() {
            Some(hint) => user.hint(hint),
            None => user,
        }
    })?;
    let window = select(args, &log)?;
    let device = log.devices.get(&args.turnout).ok_or_else(|| {
        let text = format!("the log names no device of turnout {}", args.turnout);
        CliError::user(exit::SCENARIO_INVALID, text)
    })?;
    let scale = device.stream.scale_m_s2_per_lsb;
    let axes = window.x.iter().zip(&window.y).zip(&window.z);
    let samples: Vec<[f64; 3]> = axes
        .map(|((x, y), z)| [x, y, z].map(|count| f64::from(*count) * scale))
        .collect();
    let bytes = match args.format {
        ExportFormat::Resd => encode_resd(&ResdStretch {
            acceleration_m_s2: &samples,
            rate_hz: window.true_rate_hz,
            temperature_c: window.temperature_c,
            start_ns: args.start_ns,
            channel: args.channel,
        }),
    };
    write_file(&args.out, &bytes).map_err(|error| super::outcome::write_error(&error))?;
    terminal.progress(&format!(
        "{}: {} samples at {:.3} Hz, {:.1} degC",
        args.out.display(),
        samples.len(),
        window.true_rate_hz,
        window.temperature_c
    ));
    Ok(exit::PASS)
}

fn select<'a>(args: &ExportArgs, log: &'a RunLog) -> Result<&'a WindowRecord, CliError> {
    let windows = log.windows.get(&args.turnout);
    let found = windows.and_then(|all| all.iter().find(|one| one.window == args.window));
    found.ok_or_else(|| {
        let count = windows.map_or(0, std::collections::VecDeque::len);
        let text = format!(
            "the run has no window {} of turnout {}: {} turnouts, {count} windows of that one",
            args.window,
            args.turnout,
            log.windows.len()
        );
        CliError::user(exit::NOTHING_SELECTED, text)
    })
}
