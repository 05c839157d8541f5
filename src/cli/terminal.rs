//! Standard output for data, standard error for progress and errors.

use std::io::{IsTerminal, Write};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

use super::CliError;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Width of reports where the terminal does not say, characters.
const WIDTH: usize = 100;

/// The two output streams and how to write to them.
#[derive(Debug, Clone)]
pub struct Terminal {
    color_out: bool,
    color_err: bool,
    quiet: bool,
    verbose: u8,
}

impl Terminal {
    /// Decides about colour and verbosity.
    pub fn new(color: ColorChoice, quiet: bool, verbose: u8) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let wanted = |terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !no_color && !dumb,
        };
        Self {
            color_out: wanted(std::io::stdout().is_terminal()),
            color_err: wanted(std::io::stderr().is_terminal()),
            quiet,
            verbose,
        }
    }

    /// Whether data on standard output may be coloured.
    pub fn color_out(&self) -> bool {
        self.color_out
    }

    /// Whether standard error may be coloured.
    pub fn color_err(&self) -> bool {
        self.color_err
    }

    /// Whether progress is to be left out.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// How often `-v` was given.
    pub fn verbose(&self) -> u8 {
        self.verbose
    }

    /// Writes data to standard output as it is. A reader that went away is no error: the verdict stands without it.
    pub fn data(&self, text: &str) -> Result<(), CliError> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(CliError::write("standard output", &error))
            }
            _ => Ok(()),
        }
    }

    /// Writes a line of progress to standard error unless quiet.
    pub fn progress(&self, line: &str) {
        if !self.quiet {
            // Progress that nobody can read is not worth failing for.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }

    /// Shows a failure on standard error.
    pub fn report(&self, error: &CliError) {
        for diagnostic in error.diagnostics() {
            let _ = write!(std::io::stderr().lock(), "{}", self.render(diagnostic));
        }
    }

    /// A diagnostic as text for standard error.
    fn render(&self, diagnostic: &dyn Diagnostic) -> String {
        let theme = if self.color_err {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(WIDTH)
            .with_links(false)
            .with_context_lines(1)
            .without_syntax_highlighting();
        let mut text = String::new();
        match handler.render_report(&mut text, diagnostic) {
            Ok(()) => text,
            Err(_) => format!("error: {diagnostic}\n"),
        }
    }
}
