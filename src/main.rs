//! The `frogbench` command.
fn main() -> std::process::ExitCode {
    frogbench::cli::main()
}
