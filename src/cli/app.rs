//! The arguments of the whole command, and the way from them to an exit code.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use super::check::CheckArgs;
use super::completions::CompletionsArgs;
use super::devices::DevicesArgs;
use super::doctor::DoctorArgs;
use super::export::ExportArgs;
use super::new::NewArgs;
use super::passage::PassageArgs;
use super::validate::ValidateArgs;
use super::{CliError, ColorChoice, ReplayArgs, RunArgs, Terminal};
use crate::exit;

const EXIT_CODES: &str = "\
Exit codes:
    0  every expectation held
    1  internal error: a defect of frogbench
    2  usage: the command line could not be understood
    3  a scenario or another input file is invalid: never retry
    4  nothing was selected
   75  the environment failed (disk full, resource busy): retrying may help
  100  an expectation failed
  101  the device could not be reached, or stopped answering
  102  the link between bench and device was violated: the run is invalid
Of several scenarios the gravest counts, in the order 1, 75, 3, 101, 102, 100, 0.";

/// Simulates trains over a railway turnout, feeds real sensor firmware with what an accelerometer would see, and
/// scores what comes out.
#[derive(Debug, Parser)]
#[command(name = "frogbench", version, about, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// When to use colour; `NO_COLOR` is respected
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "FROGBENCH_COLOR",
        help_heading = "Output"
    )]
    color: ColorChoice,
    /// Only data and errors, no progress
    #[arg(
        short,
        long,
        global = true,
        env = "FROGBENCH_QUIET",
        help_heading = "Output",
        conflicts_with = "verbose"
    )]
    quiet: bool,
    /// More detail on standard error; twice for debugging
    #[arg(short, long, global = true, action = clap::ArgAction::Count, env = "FROGBENCH_VERBOSE", help_heading = "Output")]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios and judge them
    #[command(after_help = EXIT_CODES, after_long_help = metrics_help())]
    Run(RunArgs),
    /// Feed a recording of accelerations, or the session log of a run, into device and pipeline
    #[command(after_help = EXIT_CODES)]
    Replay(ReplayArgs),
    /// Simulate one passage from a case file
    #[command(after_help = EXIT_CODES)]
    Passage(PassageArgs),
    /// Write what the sensor measured in a window of a run for another simulator
    Export(ExportArgs),
    /// Hold the physics to its references: closed forms and independent codes
    #[command(after_help = EXIT_CODES)]
    Validate(ValidateArgs),
    /// Run the qualification suite against the reference firmware and its seeded defects, or against yours
    #[command(after_help = EXIT_CODES)]
    Qualify(super::QualifyArgs),
    /// Check scenario files without running them
    Check(CheckArgs),
    /// Write a commented scenario to start from
    New(NewArgs),
    /// Write the JSON Schema of scenario files
    Schema,
    /// List serial ports that a device may be on
    Devices(DevicesArgs),
    /// Find what is missing on this machine and say how to mend it
    Doctor(DoctorArgs),
    /// Write a completion script for a shell
    Completions(CompletionsArgs),
    /// The reference firmware on standard input and output; started by the native device
    #[command(name = crate::device::NATIVE_SUBCOMMAND, hide = true)]
    NativeDevice,
}

fn metrics_help() -> String {
    let mut text = "Metrics for `expect`:\n".to_owned();
    for line in crate::scenario::metric_lines() {
        text.push_str("  ");
        text.push_str(&line);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(EXIT_CODES);
    text
}

/// Parses the arguments, runs the subcommand and maps its outcome to a documented exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help that nobody reads to its end is no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                exit::USAGE
            } else {
                exit::PASS
            });
        }
    };
    let terminal = Terminal::new(cli.color, cli.quiet, cli.verbose);
    log(&terminal);
    let outcome = dispatch(&cli.command, &terminal);
    ExitCode::from(outcome.unwrap_or_else(|error| {
        terminal.report(&error);
        error.exit()
    }))
}

fn dispatch(command: &Command, terminal: &Terminal) -> Result<u8, CliError> {
    match command {
        Command::Run(args) => super::run::run(args, terminal),
        Command::Replay(args) => super::replay::replay(args, terminal),
        Command::Passage(args) => super::passage::passage(args, terminal),
        Command::Export(args) => super::export::export(args, terminal),
        Command::Validate(args) => super::validate::validate(args, terminal),
        Command::Qualify(args) => super::qualify::run(args, terminal),
        Command::Check(args) => super::check::check(args, terminal),
        Command::New(args) => super::new::new(args, terminal),
        Command::Schema => super::schema::schema(terminal),
        Command::Devices(args) => super::devices::devices(args, terminal),
        Command::Doctor(args) => super::doctor::doctor(args, terminal),
        Command::Completions(args) => super::completions::completions(args, terminal),
        Command::NativeDevice => Ok(crate::device::native_device_main()),
    }
}

/// Log lines go to standard error; `FROGBENCH_LOG` refines what `-v` asks for.
fn log(terminal: &Terminal) {
    let level = match terminal.verbose() {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("FROGBENCH_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    // Fails only where a test has set a subscriber of its own.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(terminal.color_err())
        .without_time()
        .try_init();
}
