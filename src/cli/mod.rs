//! The command line, one file per subcommand.

/// Parses the arguments, runs the subcommand and maps its outcome to a documented exit code.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(crate::exit::USAGE)
}
