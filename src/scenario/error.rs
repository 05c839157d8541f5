//! What can be wrong with a scenario file, and how it is shown.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use thiserror::Error;

use super::source::{Source, Span, line_column};

/// A scenario that cannot be used.
#[derive(Debug, Error)]
#[error("{} is not a usable {what}: {kind}", path.display())]
pub struct ScenarioError {
    path: PathBuf,
    what: &'static str,
    kind: ScenarioErrorKind,
}

/// Why a scenario cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScenarioErrorKind {
    /// The file could not be read.
    #[error("it cannot be read: {0}")]
    Read(std::io::Error),
    /// The path is a directory or a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// The file is larger than any scenario.
    #[error("it is larger than {limit} bytes, more than a scenario can need")]
    TooLarge {
        /// Largest size that is read, bytes.
        limit: u64,
    },
    /// The file is not UTF-8.
    #[error("it is not UTF-8 text (byte {offset}, line {line})")]
    NotUtf8 {
        /// Offset of the first wrong byte.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// Its contents are wrong.
    #[error("{} problem{}", problems.len() + omitted, if problems.len() + omitted == 1 { "" } else { "s" })]
    Invalid {
        /// What is wrong, in the order of the text.
        problems: Vec<Problem>,
        /// How many more there are beyond the limit of a report.
        omitted: usize,
    },
}

impl ScenarioError {
    pub(crate) fn new(path: &Path, kind: ScenarioErrorKind) -> Self {
        Self {
            path: path.to_owned(),
            what: "scenario",
            kind,
        }
    }

    /// The same error of another kind of file.
    pub(crate) fn of(mut self, what: &'static str) -> Self {
        self.what = what;
        self
    }

    /// The scenario file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why it cannot be used.
    pub fn kind(&self) -> &ScenarioErrorKind {
        &self.kind
    }

    /// The problems of its contents, in the order of the text; empty if it could not be read at all.
    pub fn problems(&self) -> &[Problem] {
        match &self.kind {
            ScenarioErrorKind::Invalid { problems, .. } => problems,
            _ => &[],
        }
    }

    /// What to do, where the whole file is concerned.
    pub fn hint(&self) -> Option<&'static str> {
        match self.kind {
            ScenarioErrorKind::Read(ref error) if error.kind() == std::io::ErrorKind::NotFound => {
                Some("check the path; `frogbench new NAME` writes a scenario to start from")
            }
            ScenarioErrorKind::NotUtf8 { .. } => Some("save the file as UTF-8"),
            ScenarioErrorKind::NotAFile | ScenarioErrorKind::TooLarge { .. } => {
                Some("name a scenario file (TOML)")
            }
            _ => None,
        }
    }
}

impl Diagnostic for ScenarioError {
    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.hint()
            .map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let problems = self.problems();
        (!problems.is_empty()).then(|| {
            Box::new(problems.iter().map(|problem| problem as &dyn Diagnostic))
                as Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>
        })
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, Error)]
#[error("{message}")]
pub struct Problem {
    message: String,
    label: String,
    hint: Option<String>,
    field: String,
    span: Span,
    name: Arc<str>,
    text: Arc<str>,
    source_code: NamedSource<Arc<str>>,
}

impl Problem {
    /// A problem at a place in a source. `field` is the dotted path of the field, or empty.
    pub(crate) fn new(
        source: &Source,
        span: Span,
        field: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            message: message.into(),
            label: String::new(),
            hint: None,
            field: field.to_owned(),
            span: span.on_one_line(&source.text),
            name: Arc::clone(&source.name),
            text: Arc::clone(&source.text),
            source_code: NamedSource::new(&source.name, Arc::clone(&source.text)),
        }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn hint_if(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    pub(crate) fn order(&self) -> Span {
        self.span
    }

    /// What is wrong, without place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Dotted path of the field; empty where no field can be named.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The file, or `--set`.
    pub fn file(&self) -> &str {
        &self.name
    }

    /// Line and column, both from 1.
    pub fn line_column(&self) -> (usize, usize) {
        line_column(&self.text, self.span.start)
    }

    /// The offending text.
    pub fn offending_text(&self) -> &str {
        self.text
            .get(self.span.start..self.span.end)
            .unwrap_or_default()
    }
}

impl Diagnostic for Problem {
    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.hint
            .as_ref()
            .map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source_code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = if self.label.is_empty() {
            "here"
        } else {
            &self.label
        };
        let length = self.span.end - self.span.start;
        Some(Box::new(std::iter::once(LabeledSpan::new(
            Some(label.to_owned()),
            self.span.start,
            length,
        ))))
    }
}
