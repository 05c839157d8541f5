//! The seeded defects, as `firmware-fixtures/defects.toml` lists them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::QualifyError;

/// A bug that a real driver or product had or could have, behind one define.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// Short name; the define is `FB_DEFECT_` and this in capitals with underscores.
    pub name: String,
    /// What the firmware does wrong.
    pub what: String,
    /// Where such a bug was real, or why it is likely.
    #[serde(default)]
    pub source: String,
    /// When it shows.
    #[serde(default)]
    pub shows: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    defect: Vec<Defect>,
}

impl Defect {
    /// The define that builds it in.
    pub fn define(&self) -> String {
        let name = self.name.to_uppercase().replace('-', "_");
        format!("FB_DEFECT_{name}")
    }
}

/// All seeded defects.
///
/// # Errors
/// [`QualifyError::Defects`] if the list cannot be read.
pub fn defects() -> Result<Vec<Defect>, QualifyError> {
    let text = include_str!("../../firmware-fixtures/defects.toml");
    parse(text)
}

/// The defects that a firmware folder lists in `defects.toml`; none without that file.
///
/// # Errors
/// [`QualifyError`] if the list cannot be read.
pub fn defects_of(folder: &Path) -> Result<Vec<Defect>, QualifyError> {
    let path = folder.join("defects.toml");
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path).map_err(|source| QualifyError::File {
        what: "cannot read",
        path: path.clone(),
        source,
    })?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Defect>, QualifyError> {
    let list: List = toml::from_str(text).map_err(|e| QualifyError::Defects(e.to_string()))?;
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    // The name becomes a define and a file name.
    match list
        .defect
        .iter()
        .find(|d| d.name.is_empty() || !d.name.chars().all(name))
    {
        Some(defect) => Err(QualifyError::Defects(format!(
            "`{}` is no name: lower-case letters, digits and hyphens",
            defect.name
        ))),
        None => Ok(list.defect),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::embedded::FIRMWARE;
    use super::*;

    #[test]
    fn the_list_and_the_sources_name_the_same_defects() {
        let listed: BTreeSet<String> = defects().unwrap().iter().map(Defect::define).collect();
        let word = |c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let seeded: BTreeSet<String> = FIRMWARE
            .iter()
            .flat_map(|(_, text)| text.split(word))
            .filter(|word| word.starts_with("FB_DEFECT_"))
            .map(str::to_owned)
            .collect();
        assert_eq!(listed, seeded);
        assert!(listed.len() >= 24);
    }
}
