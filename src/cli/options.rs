//! Options that several subcommands share.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::device::DeviceSpec;

/// Form of the output on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs; carries a `format_version`.
    Json,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct FormatOption {
    /// Form of the output
    #[arg(
        long,
        value_enum,
        default_value_t,
        env = "FROGBENCH_FORMAT",
        help_heading = "Output"
    )]
    pub format: Format,
}

/// The device and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DeviceOptions {
    /// Device under test: `native`, `qemu`, `qemu-serial`, `qemu-registers:ELF`, `serial:PATH[@BAUD]` or a
    /// device file `FILE.toml`; replaces the scenario's
    #[arg(
        long,
        value_name = "DEVICE",
        env = "FROGBENCH_DEVICE",
        help_heading = "Device"
    )]
    pub device: Option<DeviceSpec>,
    /// Let a scenario name a device file or firmware to run (otherwise only `--device` may)
    #[arg(
        long,
        env = "FROGBENCH_ALLOW_DEVICE_FILES",
        value_parser = clap::builder::BoolishValueParser::new(),
        action = clap::ArgAction::SetTrue,
        help_heading = "Device"
    )]
    pub allow_device_files: bool,
    /// Longest wait for the device's HELLO, s
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = seconds,
        default_value = "5",
        env = "FROGBENCH_HELLO_TIMEOUT",
        help_heading = "Device"
    )]
    pub hello_timeout: Duration,
}

/// A duration of more than 0 and at most 3600 s.
fn seconds(text: &str) -> Result<Duration, String> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|value| *value > 0.0 && *value <= 3600.0)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "give seconds, more than 0 and at most 3600".to_owned())
}

/// A finite number above 0.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|value| *value > 0.0 && value.is_finite())
        .ok_or_else(|| "give a finite number above 0".to_owned())
}
