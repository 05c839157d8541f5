//! `frogbench completions`: a completion script for a shell.

use clap::{Args, Command, CommandFactory};
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
    clap_complete::generate(args.shell, &mut shown(), "frogbench", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))?;
    Ok(exit::PASS)
}

/// The command without what is hidden: not every generator leaves that out.
fn shown() -> Command {
    let whole = Cli::command();
    let visible = whole
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    Command::new("frogbench")
        .args(whole.get_arguments().cloned())
        .subcommands(visible.cloned())
}
