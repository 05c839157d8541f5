//! The command line, one file per subcommand.

mod app;
mod catalogue;
mod check;
mod completions;
mod devices;
mod doctor;
mod error;
mod export;
mod new;
mod options;
mod outcome;
mod passage;
mod qualify;
mod replay;
mod replay_run;
mod run;
mod schema;
mod terminal;
mod validate;

pub use app::{Cli, main};
pub use catalogue::builtin;
pub use error::CliError;
pub use options::{DeviceOptions, Format, FormatOption};
pub use qualify::QualifyArgs;
pub use replay::ReplayArgs;
pub use run::{KeepLog, RunArgs};
pub use terminal::{ColorChoice, Terminal};
