//! `frogbench replay`: a recording of accelerations through the same device and pipeline.

use std::path::PathBuf;

use clap::Args;

use super::options::positive;
use super::{CliError, DeviceOptions, FormatOption, Terminal};

/// Feed a CSV or WAV recording of accelerations into the device and the pipeline
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The recording, `.csv` or `.wav`
    #[arg(value_name = "RECORDING")]
    pub recording: PathBuf,
    /// Device options
    #[command(flatten)]
    pub device: DeviceOptions,
    /// CSV columns of the x, y and z axis, `-` for a missing one; found by name by default
    #[arg(
        long,
        value_name = "X,Y,Z",
        value_delimiter = ',',
        num_args = 3,
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
    /// Nominal sample rate, Hz; that of the recording's own time stamps or header by default
    #[arg(long, value_name = "HZ", value_parser = positive, env = "FROGBENCH_RATE", help_heading = "Recording")]
    pub rate: Option<f64>,
    /// CSV: g per count; WAV: m/s2 at digital full scale
    #[arg(long, value_name = "SCALE", value_parser = positive, env = "FROGBENCH_SCALE", help_heading = "Recording")]
    pub scale: Option<f64>,
    /// Sensor part that the device is told about
    #[arg(
        long,
        value_name = "PART",
        env = "FROGBENCH_PART",
        help_heading = "Recording"
    )]
    pub part: Option<String>,
    /// Its measuring range, g
    #[arg(long, value_name = "G", value_parser = positive, env = "FROGBENCH_RANGE_G", help_heading = "Recording")]
    pub range_g: Option<f64>,
    /// Output form
    #[command(flatten)]
    pub format: FormatOption,
}

pub(super) fn replay(args: &ReplayArgs, _terminal: &Terminal) -> Result<u8, CliError> {
    Err(CliError::internal(format!(
        "replaying {} is not connected yet",
        args.recording.display()
    )))
}
