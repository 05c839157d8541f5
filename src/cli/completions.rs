//! `frogbench completions`: a completion script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, CliError, Terminal};
use crate::exit;

/// Write a completion script for a shell
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(args: &CompletionsArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "frogbench", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))?;
    Ok(exit::PASS)
}
