//! From a file to a checked case.

use std::path::Path;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::model::ReferenceCase;
use super::rules;
use super::turnout::TurnoutCase;
use crate::scenario::check::Checker;
use crate::scenario::error::Problem;
use crate::scenario::load::{Given, given, invalid, read};
use crate::scenario::source::Span;
use crate::scenario::tree::Node;
use crate::scenario::{Catalogue, ScenarioError, schema::schema_of};

/// What errors call such a file.
const WHAT: &str = "passage case";

static REFERENCE: LazyLock<Json> =
    LazyLock::new(|| schema_of::<ReferenceCase>("frogbench reference case, format 1"));

static TURNOUT: LazyLock<Json> =
    LazyLock::new(|| schema_of::<TurnoutCase>("frogbench turnout case, format 1"));

/// A case that passed every check.
#[derive(Debug, Clone, PartialEq)]
pub enum Case {
    /// One force or wheel over one rail.
    Reference(Box<ReferenceCase>),
    /// A full train over a turnout.
    Turnout(Box<TurnoutCase>),
}

/// Reads a case file, applies overrides (`key.path=value`) and checks the outcome.
pub fn load(
    path: &Path,
    overrides: &[String],
    catalogue: &Catalogue,
) -> Result<Case, ScenarioError> {
    let text = read(path).map_err(|kind| ScenarioError::new(path, kind).of(WHAT))?;
    parse(path, &text, overrides, catalogue)
}

/// Checks the text of a case as if it had been read from `path`, which need not exist.
pub fn parse(
    path: &Path,
    text: &str,
    overrides: &[String],
    catalogue: &Catalogue,
) -> Result<Case, ScenarioError> {
    check(path, text, overrides, catalogue)
        .map_err(|problems| ScenarioError::new(path, invalid(problems)).of(WHAT))
}

fn check(
    path: &Path,
    text: &str,
    overrides: &[String],
    catalogue: &Catalogue,
) -> Result<Case, Vec<Problem>> {
    let Given {
        sources,
        root,
        refused,
    } = given(path, text, overrides)?;
    // A train or a turnout makes a turnout case; anything else is read as a reference case.
    let of_turnout = root.entry("train").is_some() || root.entry("turnout").is_some();
    let mut checker = Checker {
        sources: &sources,
        catalogue,
        schema: if of_turnout { &TURNOUT } else { &REFERENCE },
        problems: refused,
    };
    let case = if of_turnout {
        let case: TurnoutCase = walk(&mut checker, &root)?;
        rules::turnout(&mut checker, &case, &root);
        Case::Turnout(Box::new(case))
    } else {
        let case: ReferenceCase = walk(&mut checker, &root)?;
        rules::reference(&mut checker, &case, &root);
        Case::Reference(Box::new(case))
    };
    if checker.problems.is_empty() {
        Ok(case)
    } else {
        Err(checker.problems)
    }
}

/// Checks every field against the schema, then reads the model.
fn walk<T: DeserializeOwned>(checker: &mut Checker<'_>, root: &Node) -> Result<T, Vec<Problem>> {
    checker.document(root);
    if !checker.problems.is_empty() {
        return Err(std::mem::take(&mut checker.problems));
    }
    serde_json::from_value(root.to_json()).map_err(|error| {
        let message = format!("the case cannot be read: {error}");
        vec![checker.problem(Span::new(0, 0..0), "", message)]
    })
}
