//! `frogbench new`: a commented scenario to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;

use super::{CliError, Terminal};
use crate::exit;

/// The scenario that `new` writes.
pub(super) const TEMPLATE: &str = include_str!("template.toml");

/// Write a commented scenario to start from
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// Name or path of the new scenario; `.toml` is added
    #[arg(value_name = "NAME")]
    name: PathBuf,
}

pub(super) fn new(args: &NewArgs, terminal: &Terminal) -> Result<u8, CliError> {
    let mut path = args.name.clone();
    if path.extension().is_none_or(|extension| extension != "toml") {
        path.as_mut_os_string().push(".toml");
    }
    let shown = path.display();
    if path.file_stem().is_none_or(std::ffi::OsStr::is_empty) || args.name.file_name().is_none() {
        return Err(CliError::user(
            exit::USAGE,
            format!("`{}` is no name for a scenario", args.name.display()),
        ));
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(CliError::user(
                exit::USAGE,
                format!("{shown} exists already and is left as it is"),
            )
            .hint("choose another name, or remove the file first"));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(CliError::user(
                exit::USAGE,
                format!("the directory of {shown} does not exist"),
            )
            .hint("create it first"));
        }
        Err(error) => return Err(CliError::write(&shown.to_string(), &error)),
    };
    if let Err(error) = file
        .write_all(TEMPLATE.as_bytes())
        .and_then(|()| file.sync_all())
    {
        // A half-written scenario would only confuse; it is ours, as create_new made it.
        let _ = std::fs::remove_file(&path);
        return Err(CliError::write(&shown.to_string(), &error));
    }
    terminal.data(&format!("{shown}\n"))?;
    terminal.progress(&format!(
        "check it with: frogbench check {shown}\nrun it with:   frogbench run {shown}"
    ));
    Ok(exit::PASS)
}
