//! `frogbench replay`: a recording of accelerations, or a run, through the same device and pipeline.

use std::path::{Path, PathBuf};

use clap::Args;

use super::options::positive;
use super::replay_run::{is_session_log, replay_run};
use super::{CliError, DeviceOptions, Format, FormatOption, Terminal};
use crate::exit;
use crate::recording::{CsvOptions, Recording, WavOptions, read_csv, read_wav};
use crate::replay::{ListenOptions, ReplayError, listen, recording_summary};
use crate::report::SummaryOptions;
use crate::sensor::{G_M_S2, Range, part};

/// Feed a recording of accelerations, or the session log of a run, into the device and the pipeline
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A recording, `.csv` or `.wav`; or the folder of a run, such as `runs/healthy-crossing`
    #[arg(value_name = "RECORDING|RUN")]
    pub recording: PathBuf,
    /// Device options
    #[command(flatten)]
    pub device: DeviceOptions,
    /// CSV columns (WAV: channels from 0) of the x, y and z axis, `-` for a missing one; found by name by
    /// default
    #[arg(
        long,
        value_name = "X,Y,Z",
        value_delimiter = ',',
        env = "FROGBENCH_COLUMNS",
        help_heading = "Recording"
    )]
    pub columns: Vec<String>,
    /// CSV column of the time; found by name by default
    #[arg(
        long,
        value_name = "NAME",
        env = "FROGBENCH_TIME_COLUMN",
        help_heading = "Recording"
    )]
    pub time_column: Option<String>,
    /// Unit of CSV columns without a unit suffix
    #[arg(
        long,
        value_name = "UNIT",
        value_parser = ["lsb", "g", "mg", "m_s2"],
        env = "FROGBENCH_UNIT",
        help_heading = "Recording"
    )]
    pub unit: Option<String>,
    /// Nominal sample rate that the device is told, Hz; the recording's own by default
    #[arg(long, value_name = "HZ", value_parser = positive, env = "FROGBENCH_RATE", help_heading = "Recording")]
    pub rate: Option<f64>,
    /// CSV: g per count; WAV: m/s2 at digital full scale
    #[arg(long, value_name = "SCALE", value_parser = positive, env = "FROGBENCH_SCALE", help_heading = "Recording")]
    pub scale: Option<f64>,
    /// Sensor part that recorded it: gives the scale of counts where `--scale` does not
    #[arg(
        long,
        value_name = "PART",
        env = "FROGBENCH_PART",
        help_heading = "Recording"
    )]
    pub part: Option<String>,
    /// Measuring range that the device is told, g; also the full scale of a WAV file without `--scale`
    #[arg(long, value_name = "G", value_parser = positive, env = "FROGBENCH_RANGE_G", help_heading = "Recording")]
    pub range_g: Option<f64>,
    /// Directory for tables, result and session log of a replayed run; none are written by default
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
}

pub(super) fn replay(args: &ReplayArgs, terminal: &Terminal) -> Result<u8, CliError> {
    if args.recording.is_dir() || is_session_log(&args.recording) {
        return replay_run(args, terminal);
    }
    let range = part_range(args)?;
    let recording = read(args, range)?;
    let options = ListenOptions {
        device: args.device.device.clone().unwrap_or_default(),
        hello_timeout: args.device.hello_timeout,
        range_m_s2: args
            .range_g
            .or(range.map(|range| range.range_g))
            .map(|range_g| range_g * G_M_S2),
    };
    let report = listen(&recording, &options).map_err(|error| replay_error(&error))?;
    match args.format.format {
        Format::Json => {
            let json = report
                .to_json()
                .map_err(|error| CliError::internal(error.to_string()))?;
            terminal.data(&json)?;
        }
        Format::Human => {
            let colour = terminal.color_out();
            terminal.data(&recording_summary(&report, SummaryOptions { colour }))?;
        }
    }
    Ok(if report.is_valid() {
        exit::PASS
    } else {
        exit::PROTOCOL_ERROR
    })
}

/// The range of `--part` that `--range-g` names, else its smallest.
fn part_range(args: &ReplayArgs) -> Result<Option<Range>, CliError> {
    let Some(name) = &args.part else {
        return Ok(None);
    };
    let usage = |message: String| CliError::user(exit::USAGE, message);
    let ranges = part(name).map_err(|error| usage(error.to_string()))?.ranges;
    let wanted = match args.range_g {
        None => ranges.iter().min_by(|a, b| a.range_g.total_cmp(&b.range_g)),
        Some(range_g) => ranges
            .iter()
            .find(|range| (range.range_g / range_g - 1.0).abs() < 1e-6),
    };
    wanted.copied().map(Some).ok_or_else(|| {
        let offered: Vec<String> = ranges.iter().map(|r| r.range_g.to_string()).collect();
        usage(format!("{name} has no range of the given --range-g"))
            .hint(format!("it has +-{} g", offered.join(", ")))
    })
}

fn read(args: &ReplayArgs, range: Option<Range>) -> Result<Recording, CliError> {
    let path = &args.recording;
    if !args.columns.is_empty() && args.columns.len() != 3 {
        let message = format!("--columns names {} axes, not 3", args.columns.len());
        return Err(CliError::user(exit::USAGE, message)
            .hint("give x, y and z, `-` for one that is not there: --columns -,-,acc"));
    }
    match extension(path).as_str() {
        "csv" | "tsv" | "txt" => read_csv(path, &csv_options(args, range)),
        "wav" => {
            let mut recording = read_wav(path, &wav_options(args)?);
            if let (Ok(recording), Some(rate_hz)) = (&mut recording, args.rate) {
                recording.nominal_rate_hz = rate_hz;
            }
            recording
        }
        other => {
            let message = format!(
                "recording {}: what kind of file `{other}` is cannot be told",
                path.display()
            );
            return Err(CliError::user(exit::SCENARIO_INVALID, message)
                .hint("name recordings .csv (.tsv, .txt) or .wav"));
        }
    }
    .map_err(|error| replay_error(&error.into()))
}

fn extension(path: &Path) -> String {
    path.extension()
        .map_or_else(String::new, |e| e.to_string_lossy().to_lowercase())
}

fn csv_options(args: &ReplayArgs, range: Option<Range>) -> CsvOptions {
    let column = |index: usize| {
        let name = args.columns.get(index).map(|name| name.trim());
        name.filter(|name| *name != "-").map(str::to_owned)
    };
    CsvOptions {
        time_column: args.time_column.clone(),
        axis_columns: [0, 1, 2].map(column),
        unit: args.unit.clone(),
        scale_g_per_lsb: args.scale.or(range.map(|range| range.scale_g_per_lsb)),
        rate_hz: args.rate,
    }
}

fn wav_options(args: &ReplayArgs) -> Result<WavOptions, CliError> {
    let full_scale = args.scale.or(args.range_g.map(|range_g| range_g * G_M_S2));
    let full_scale_m_s2 = full_scale.ok_or_else(|| {
        let message = format!(
            "recording {}: a WAV file does not say what its full scale is",
            args.recording.display()
        );
        CliError::user(exit::USAGE, message)
            .hint("give it in m/s2 with --scale, or in g with --range-g")
    })?;
    let channel = |name: &String| match name.trim() {
        "-" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            CliError::user(exit::USAGE, format!("--columns: `{text}` is no channel"))
                .hint("channels of a WAV file are numbers from 0, `-` for a missing one")
        }),
    };
    let channels: Vec<Option<u16>> = args
        .columns
        .iter()
        .map(channel)
        .collect::<Result<_, CliError>>()?;
    Ok(WavOptions {
        full_scale_m_s2,
        channels: <[Option<u16>; 3]>::try_from(channels).ok(),
    })
}

fn replay_error(error: &ReplayError) -> CliError {
    let user = CliError::user(error.exit_code(), error.to_string());
    match error.hint() {
        Some(hint) => user.hint(hint),
        None => user,
    }
}
