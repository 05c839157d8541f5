//! `frogbench passage`: one passage from a case file.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rustix::time::{ClockId, clock_gettime};

use super::{CliError, Format, FormatOption, Terminal, builtin};
use crate::case::{
    Case, ReferenceCase, ReferenceResult, TurnoutCase, TurnoutCaseError, TurnoutResult,
    WAV_FULL_SCALE_M_S2, Waveform, WaveformError, WaveformFormat, load,
};
use crate::exit;
use crate::passage::PassageError;
use crate::site::SiteError;

/// Simulate one passage
#[derive(Debug, Args)]
pub(super) struct PassageArgs {
    /// Case file: a train over a turnout, or a reference case
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// Write the waveform to a `.parquet`, `.csv` or `.wav` file
    #[arg(long, value_name = "FILE", value_parser = waveform_path, help_heading = "Output")]
    out: Option<PathBuf>,
    /// Replace a field before checking, such as `run.speed_m_s=60`
    #[arg(long = "set", value_name = "KEY=VALUE", help_heading = "Case")]
    set: Vec<String>,
    #[command(flatten)]
    format: FormatOption,
}

fn waveform_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match WaveformFormat::of(&path) {
        Some(_) => Ok(path),
        None => Err("the name has to end in .parquet, .csv or .wav".to_owned()),
    }
}

pub(super) fn passage(args: &PassageArgs, terminal: &Terminal) -> Result<u8, CliError> {
    match load(&args.case, &args.set, &builtin())? {
        Case::Reference(case) => reference(&case, args, terminal)?,
        Case::Turnout(case) => turnout(&case, args, terminal)?,
    }
    Ok(exit::PASS)
}

fn reference(
    case: &ReferenceCase,
    args: &PassageArgs,
    terminal: &Terminal,
) -> Result<(), CliError> {
    for note in case.notes() {
        terminal.progress(&format!("note: {note}"));
    }
    let before = cpu_time();
    let record = case.run().map_err(|error| failed(&args.case, &error))?;
    let cpu_s = (cpu_time().saturating_sub(before)).as_secs_f64();
    let mut result = case
        .evaluate(&record)
        .map_err(|error| failed(&args.case, &error))?;
    result.cpu_s = cpu_s;
    if let Some(path) = &args.out {
        write(path, &case.waveform(&record), terminal)?;
    }
    match args.format.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&result)
                .map_err(|error| CliError::internal(error.to_string()))?;
            terminal.data(&format!("{text}\n"))
        }
        Format::Human => terminal.data(&table(&args.case, &result)),
    }
}

fn turnout(case: &TurnoutCase, args: &PassageArgs, terminal: &Terminal) -> Result<(), CliError> {
    let before = cpu_time();
    let passage = case.run().map_err(|error| match error {
        TurnoutCaseError::Site(SiteError::Passage(error)) => failed(&args.case, &error),
        error => CliError::user(
            exit::SCENARIO_INVALID,
            format!("{}: {error}", args.case.display()),
        )
        .hint("change the value in the case file"),
    })?;
    let cpu_s = (cpu_time().saturating_sub(before)).as_secs_f64();
    let mut result = case.evaluate(&passage);
    result.cpu_s = cpu_s;
    if let Some(path) = &args.out {
        write(path, &case.waveform(&passage), terminal)?;
    }
    match args.format.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&result)
                .map_err(|error| CliError::internal(error.to_string()))?;
            terminal.data(&format!("{text}\n"))
        }
        Format::Human => terminal.data(&train_table(&args.case, &result)),
    }
}

fn train_table(path: &Path, result: &TurnoutResult) -> String {
    let mut text = format!("{}\n", path.display());
    for output in &result.outputs {
        let place = &output.output;
        let along = place
            .position_m
            .map_or_else(|| place.position.name().to_owned(), |m| format!("{m} m"));
        let _ = writeln!(
            text,
            "  bearer {:>3}, {:<10} acceleration {:>8.2} m/s2 peak, {:>7.3} RMS; displacement {:>6.3} mm peak to peak",
            place.bearer,
            along,
            output.acceleration_peak_m_s2,
            output.acceleration_rms_m_s2,
            output.displacement_peak_to_peak_mm
        );
    }
    let _ = writeln!(
        text,
        "  axle      time s    left kN   right kN   without contact ms"
    );
    for (index, axle) in result.axles.iter().enumerate() {
        let ([left, right], [lost_left, lost_right]) =
            (axle.contact_force_peak_kn, axle.contact_loss_ms);
        let _ = writeln!(
            text,
            "  {:>4} {:>11.4} {left:>10.1} {right:>10.1}   {lost_left:.2} {lost_right:.2}",
            index + 1,
            axle.time_s
        );
    }
    let _ = writeln!(
        text,
        "  ballast force {:.1} kN at most, under bearer {}",
        result.ballast_force_peak_kn, result.ballast_force_bearer
    );
    let _ = writeln!(
        text,
        "  {:.2} s simulated in {:.2} s of processor time, {} steps",
        result.simulated_s, result.cpu_s, result.steps
    );
    if let Some(fast) = &result.fast {
        let _ = match &fast.left_to_full {
            None => writeln!(
                text,
                "  fast engine: {} of {} units of bogies simulated",
                fast.unique, fast.units
            ),
            Some(why) => writeln!(text, "  fast engine: left to the full engine, {why}"),
        };
    }
    text
}

/// Processor time of this process so far.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A case that could not be simulated: its file is at fault, with everything that the error knows.
pub(super) fn failed(path: &Path, error: &PassageError) -> CliError {
    let mut text = format!("{}: {error}", path.display());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    let hint = match error {
        PassageError::Diverged { .. } => {
            "nothing was written; a shorter time step, or less extreme values in the case, may help"
        }
        _ => "change the value in the case file",
    };
    CliError::user(exit::SCENARIO_INVALID, text).hint(hint)
}

pub(super) fn write(path: &Path, waveform: &Waveform, terminal: &Terminal) -> Result<(), CliError> {
    let Some(format) = WaveformFormat::of(path) else {
        return Err(CliError::internal("the form of the output is not known"));
    };
    let shown = path.display();
    waveform.write(path, format).map_err(|error| match error {
        WaveformError::Rate { .. } => {
            CliError::user(exit::SCENARIO_INVALID, format!("{shown}: {error}"))
                .hint("choose a step whose inverse is a whole number, or write .csv or .parquet")
        }
        WaveformError::NotFinite { .. } => CliError::internal(format!("{shown}: {error}")),
        error => CliError::user(
            exit::RETRYABLE,
            format!("{shown} cannot be written: {error}"),
        )
        .hint("check the path, free space and permissions, then run the same command again"),
    })?;
    let scale = match format {
        WaveformFormat::Wav => {
            format!(
                "; digital full scale (1.0) is {WAV_FULL_SCALE_M_S2} m/s2 (replay with --scale {WAV_FULL_SCALE_M_S2})"
            )
        }
        _ => String::new(),
    };
    terminal.progress(&format!("waveform written to {shown}{scale}"));
    Ok(())
}

fn table(path: &Path, result: &ReferenceResult) -> String {
    let mut text = format!("{}\n", path.display());
    let mut line = |name: &str, value: Option<f64>, digits: usize, unit: &str| {
        if let Some(value) = value {
            let _ = writeln!(text, "  {name:<38} {value:>12.digits$} {unit}");
        }
    };
    line(
        "rail, peak over the sleeper",
        Some(result.rail_peak_mm),
        5,
        "mm",
    );
    line("sleeper, peak", Some(result.sleeper_peak_mm), 5, "mm");
    line(
        "under the load, mean",
        Some(result.under_load_mm.mean),
        5,
        "mm",
    );
    line(
        "under the load, least",
        Some(result.under_load_mm.min),
        5,
        "mm",
    );
    line(
        "under the load, most",
        Some(result.under_load_mm.max),
        5,
        "mm",
    );
    let acceleration = result.sleeper_acceleration_peak_m_s2;
    line("sleeper acceleration, peak", Some(acceleration), 4, "m/s2");
    line(
        "static, over the sleeper",
        Some(result.static_over_sleeper_mm),
        5,
        "mm",
    );
    line(
        "static, half a bay further",
        Some(result.static_midspan_mm),
        5,
        "mm",
    );
    line("static, sleeper", Some(result.static_sleeper_mm), 5, "mm");
    line("P1", result.p1_kn, 3, "kN");
    line("P2 (low-passed at 90 Hz)", result.p2_kn, 3, "kN");
    line("processor time", Some(result.cpu_s), 4, "s");
    line("steps", Some(result.steps as f64), 0, "");
    text
}
