//! From a file to a checked scenario.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::check::Checker;
use super::error::{Problem, ScenarioError, ScenarioErrorKind};
use super::rules;
use super::schema::schema;
use super::source::{Source, Sources, Span, line_column};
use super::tree::{Node, Value, parse_document};
use super::{Expectation, FORMAT, Scenario, overrides};

/// Largest scenario file that is read, bytes. The format's own limits end far below it.
const SIZE_MAX: u64 = 1 << 20;
/// Most problems that one report lists.
const PROBLEMS_MAX: usize = 50;

/// A scenario that passed every check.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Name: the file's, without directory and extension.
    pub name: String,
    /// The file as given.
    pub path: PathBuf,
    /// The scenario with its overrides applied.
    pub scenario: Scenario,
    /// The parsed `expect` clauses, in order.
    pub expectations: Vec<Expectation>,
    /// The file of measured axle times, resolved; it existed when it was checked.
    pub measured: Option<PathBuf>,
    /// The overrides, as given.
    pub overrides: Vec<String>,
}

/// Reads a scenario file, applies overrides (`key.path=value`) and checks the outcome.
pub fn load(
    path: &Path,
    overrides: &[String],
    catalogue: &Catalogue,
) -> Result<Loaded, ScenarioError> {
    let text = read(path).map_err(|kind| ScenarioError::new(path, kind))?;
    parse(path, &text, overrides, catalogue)
}

/// Checks the text of a scenario as if it had been read from `path`, which need not exist.
pub fn parse(
    path: &Path,
    text: &str,
    overrides: &[String],
    catalogue: &Catalogue,
) -> Result<Loaded, ScenarioError> {
    check(path, text, overrides, catalogue)
        .map_err(|problems| ScenarioError::new(path, invalid(problems)))
}

/// Problems in the order of the text, no more than one can read.
pub(crate) fn invalid(mut problems: Vec<Problem>) -> ScenarioErrorKind {
    problems.sort_by_key(Problem::order);
    let omitted = problems.len().saturating_sub(PROBLEMS_MAX);
    problems.truncate(PROBLEMS_MAX);
    ScenarioErrorKind::Invalid { problems, omitted }
}

pub(crate) fn read(path: &Path) -> Result<String, ScenarioErrorKind> {
    let metadata = std::fs::metadata(path).map_err(ScenarioErrorKind::Read)?;
    if !metadata.is_file() {
        return Err(ScenarioErrorKind::NotAFile);
    }
    let file = std::fs::File::open(path).map_err(ScenarioErrorKind::Read)?;
    let mut bytes = Vec::new();
    file.take(SIZE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(ScenarioErrorKind::Read)?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(ScenarioErrorKind::TooLarge { limit: SIZE_MAX });
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let valid = error.as_bytes().get(..offset).unwrap_or_default();
        ScenarioErrorKind::NotUtf8 {
            offset,
            line: valid.split(|byte| *byte == b'\n').count(),
        }
    })
}

/// A document with its overrides applied.
pub(crate) struct Given {
    /// The file and the overrides, for the places of problems.
    pub(crate) sources: Sources,
    pub(crate) root: Node,
    /// What is wrong with the overrides themselves.
    pub(crate) refused: Vec<Problem>,
}

/// Parses a text and applies overrides; a format of the future is refused at once.
pub(crate) fn given(path: &Path, text: &str, overrides: &[String]) -> Result<Given, Vec<Problem>> {
    let name = path.display().to_string();
    let mut sources: Sources = vec![Source {
        name: name.as_str().into(),
        text: text.into(),
        is_file: true,
    }];
    let mut root = document(text, &sources[0])?;
    let refused: Vec<Problem> = overrides
        .iter()
        .filter_map(|text| overrides::apply(&mut root, text, &mut sources).err())
        .collect();
    if let Some(problem) = newer_format(&root, &sources) {
        return Err(vec![problem]);
    }
    Ok(Given {
        sources,
        root,
        refused,
    })
}

fn check(
    path: &Path,
    text: &str,
    overrides: &[String],
    catalogue: &Catalogue,
) -> Result<Loaded, Vec<Problem>> {
    let Given {
        sources,
        root,
        refused,
    } = given(path, text, overrides)?;
    let mut checker = Checker {
        sources: &sources,
        catalogue,
        schema: schema(),
        problems: refused,
    };
    checker.document(&root);
    let measured = measured_file(&mut checker, &root, path);
    if !checker.problems.is_empty() {
        return Err(checker.problems);
    }
    let scenario = match serde_json::from_value::<Scenario>(root.to_json()) {
        Ok(scenario) => scenario,
        Err(error) => {
            let problem = checker.problem(
                Span::new(0, 0..0),
                "",
                format!("the scenario cannot be read: {error}"),
            );
            return Err(vec![problem]);
        }
    };
    rules::check(&mut checker, &scenario, &root);
    if !checker.problems.is_empty() {
        return Err(checker.problems);
    }
    let expectations = scenario
        .expect
        .iter()
        .filter_map(|text| Expectation::parse(text).ok())
        .collect();
    let name = path.file_stem().map_or_else(
        || path.display().to_string(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    Ok(Loaded {
        name,
        path: path.to_owned(),
        scenario,
        expectations,
        measured,
        overrides: overrides.to_vec(),
    })
}

/// The document, or its syntax errors.
pub(crate) fn document(text: &str, source: &Source) -> Result<Node, Vec<Problem>> {
    if text.trim().is_empty() {
        let problem = Problem::new(source, Span::new(0, 0..0), "", "the file is empty")
            .hint("`frogbench new NAME` writes a scenario to start from");
        return Err(vec![problem]);
    }
    if let Some(problem) = nesting(text, source) {
        return Err(vec![problem]);
    }
    let (root, errors) = parse_document(text, 0);
    if errors.is_empty() {
        return Ok(root);
    }
    let problems = errors.iter().map(|error| {
        let span = Span::new(0, error.span().unwrap_or(0..0));
        Problem::new(
            source,
            span,
            "",
            format!("not valid TOML: {}", error.message()),
        )
        .label("here")
    });
    Err(problems.collect())
}

/// A format number above ours: then nothing else in the file can be judged.
pub(crate) fn newer_format(root: &Node, sources: &Sources) -> Option<Problem> {
    let entry = root.entry("format")?;
    let Value::Integer(number) = entry.node.value else {
        return None;
    };
    (number > i64::from(FORMAT)).then(|| {
        let span = entry.node.span;
        let message =
            format!("the file is of format {number}; this frogbench reads up to format {FORMAT}");
        Problem::new(&sources[span.source], span, "format", message)
            .label("newer than this frogbench")
            .hint("update frogbench, or write the file in format 1")
    })
}

/// Resolves the file of measured axle times: beside the scenario, or in the current directory for an override.
fn measured_file(checker: &mut Checker<'_>, root: &Node, path: &Path) -> Option<PathBuf> {
    let node = &root.entry("traffic")?.node.entry("measured")?.node;
    let Value::String(text) = &node.value else {
        return None;
    };
    let in_file = checker.sources[node.span.source].is_file;
    let beside = path.parent().filter(|_| in_file).unwrap_or(Path::new(""));
    let file = beside.join(text);
    let complaint = match std::fs::metadata(&file) {
        Ok(metadata) if metadata.is_file() => return Some(file),
        Ok(_) => "it is not a regular file".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!(
        "the file of measured axle times {} cannot be used: {complaint}",
        file.display()
    );
    let hint = if in_file {
        "a relative path starts at the scenario file's directory"
    } else {
        "a relative path in --set starts at the current directory"
    };
    let problem = checker
        .problem(node.span, "traffic.measured", message)
        .label("no such file")
        .hint(hint);
    checker.problems.push(problem);
    None
}

/// Deepest nesting of keys on one line; the format itself is four levels deep.
const DOTS_MAX: usize = 64;

/// Refuses keys with so many dots that the nested tables they make could exhaust the stack.
fn nesting(text: &str, source: &Source) -> Option<Problem> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.matches('.').count() > DOTS_MAX {
            let (number, _) = line_column(text, offset);
            let message = format!("line {number} has more than {DOTS_MAX} dots");
            let span = Span::new(0, offset..offset + line.trim_end().len());
            return Some(
                Problem::new(source, span, "", message)
                    .hint("break the line; keys are at most a few levels deep"),
            );
        }
        offset += line.len();
    }
    None
}
