//! Files that the binary carries: an installed bench builds its firmware anywhere.

use std::path::Path;

use super::QualifyError;
use crate::scenario::{Catalogue, Loaded, parse};

/// Sources of the reference firmware: path below the firmware folder, and text.
pub(super) static FIRMWARE: &[(&str, &str)] =
    include!(concat!(env!("OUT_DIR"), "/native_sources.rs"));
/// Scenarios of the qualification suite, by name.
static SUITE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/qualification_suite.rs"));

/// The scenarios of a folder, instead of those that the binary carries.
///
/// # Errors
/// [`QualifyError`] if the folder cannot be read, holds none, or one is invalid.
pub fn suite_of(
    folder: &Path,
    seed: Option<u64>,
    catalogue: &Catalogue,
) -> Result<Vec<Loaded>, QualifyError> {
    let failed = |what, path: &Path, source| QualifyError::File {
        what,
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| failed("cannot list", folder, e))? {
        let path = entry.map_err(|e| failed("cannot list", folder, e))?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text =
                std::fs::read_to_string(&path).map_err(|e| failed("cannot read", &path, e))?;
            files.push((path, text));
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(QualifyError::Suite {
            name: folder.display().to_string(),
            reason: "there is no scenario in it".to_owned(),
        });
    }
    files
        .iter()
        .map(|(path, text)| scenario(path, text, seed, catalogue))
        .collect()
}

fn scenario(
    path: &Path,
    text: &str,
    seed: Option<u64>,
    catalogue: &Catalogue,
) -> Result<Loaded, QualifyError> {
    let overrides: Vec<String> = seed.iter().map(|seed| format!("seed={seed}")).collect();
    parse(path, text, &overrides, catalogue).map_err(|error| QualifyError::Suite {
        name: path.display().to_string(),
        reason: error.to_string(),
    })
}

/// The scenarios of the suite by name, with `seed` in place of their own where one is given.
///
/// # Errors
/// [`QualifyError::Suite`] if a scenario is invalid.
pub fn suite(seed: Option<u64>, catalogue: &Catalogue) -> Result<Vec<Loaded>, QualifyError> {
    SUITE
        .iter()
        .map(|(name, text)| {
            let path = Path::new("scenarios/qualification").join(name);
            scenario(&path, text, seed, catalogue)
        })
        .collect()
}
