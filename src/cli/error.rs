//! How a subcommand ends when it does not succeed.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::exit;
use crate::scenario::ScenarioError;

/// A failure with its exit code. A user's error says what to do; an internal one asks for a report.
#[derive(Debug)]
pub struct CliError {
    exit: u8,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Scenarios that cannot be used.
    Scenarios(Vec<ScenarioError>),
    /// Anything else that the user or the environment can mend.
    User {
        message: String,
        hint: Option<String>,
    },
    /// A defect of frogbench.
    Internal(String),
}

impl CliError {
    /// A failure that the user can mend.
    pub fn user(exit: u8, message: impl Into<String>) -> Self {
        Self {
            exit,
            kind: Kind::User {
                message: message.into(),
                hint: None,
            },
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        if let Kind::User { hint, .. } = &mut self.kind {
            *hint = Some(text.into());
        }
        self
    }

    /// A defect of frogbench itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self {
            exit: exit::INTERNAL,
            kind: Kind::Internal(message.into()),
        }
    }

    /// Scenarios that cannot be used.
    pub fn scenarios(errors: Vec<ScenarioError>) -> Self {
        Self {
            exit: exit::SCENARIO_INVALID,
            kind: Kind::Scenarios(errors),
        }
    }

    /// A file that could not be written: retrying may help.
    pub fn write(what: &str, error: &std::io::Error) -> Self {
        Self::user(
            exit::RETRYABLE,
            format!("{what} cannot be written: {error}"),
        )
        .hint("check free space and permissions, then run the same command again")
    }

    /// The exit code.
    pub fn exit(&self) -> u8 {
        self.exit
    }

    /// What to show, one after the other.
    pub(crate) fn diagnostics(&self) -> Vec<&dyn Diagnostic> {
        match &self.kind {
            Kind::Scenarios(errors) => errors
                .iter()
                .map(|error| error as &dyn Diagnostic)
                .collect(),
            Kind::User { .. } | Kind::Internal(_) => vec![self],
        }
    }
}

impl From<ScenarioError> for CliError {
    fn from(error: ScenarioError) -> Self {
        Self::scenarios(vec![error])
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Scenarios(errors) => write!(f, "{} unusable scenario(s)", errors.len()),
            Kind::User { message, .. } => f.write_str(message),
            Kind::Internal(message) => write!(f, "internal error: {message}"),
        }
    }
}

impl std::error::Error for CliError {}

impl Diagnostic for CliError {
    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        match &self.kind {
            Kind::User { hint, .. } => hint
                .as_ref()
                .map(|hint| Box::new(hint) as Box<dyn fmt::Display>),
            Kind::Internal(_) => Some(Box::new(
                "this is a defect of frogbench: please report it with the command line, the scenario and `frogbench --version`",
            )),
            Kind::Scenarios(_) => None,
        }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        None
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        None
    }
}
