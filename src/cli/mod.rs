//! The command line, one file per subcommand.

/// Parses the arguments, runs the subcommand and maps its outcome to a documented exit code.
pub fn main() -> std::process::ExitCode {
    // Before anything else: this process may be the device instead of the bench.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|a| a == crate::device::NATIVE_SUBCOMMAND)
    {
        return std::process::ExitCode::from(crate::device::native_device_main());
    }
    std::process::ExitCode::from(crate::exit::USAGE)
}
