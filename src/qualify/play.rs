//! Plays one taped scenario to one build and judges it.

use std::time::Duration;

use super::QualifyError;
use super::maker::Build;
use super::matrix::Catch;
use crate::random::{Purpose, stream};
use crate::report::{ScenarioInfo, ScenarioResult};
use crate::scenario::Loaded;
use crate::score::score;
use crate::session_log::RunLog;
use crate::world::{Observations, RunOptions, observe_log};

/// What speaks against the build in this scenario; empty if nothing does.
pub(super) fn play(
    loaded: &Loaded,
    log: RunLog,
    build: &Build,
    threads: usize,
) -> Result<Vec<Catch>, QualifyError> {
    let options = RunOptions {
        device: build.device.clone(),
        hello_timeout: Duration::from_secs(3),
        threads,
        log: None,
    };
    match observe_log(log, &options, &mut |_, _| {}) {
        Ok((_, observations)) => verdict(loaded, &observations),
        // A device that dies, hangs or cannot be talked to is caught.
        Err(error) => Ok(vec![Catch {
            by: first_line(&error.to_string()),
            got: None,
            place: String::new(),
        }]),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn verdict(loaded: &Loaded, observations: &Observations) -> Result<Vec<Catch>, QualifyError> {
    let input = observations.score_input(&loaded.name);
    let bootstrap = stream(loaded.scenario.seed, 0, Purpose::Bootstrap, 0);
    let scored = score(&input, &bootstrap).map_err(|error| QualifyError::Score {
        name: loaded.name.clone(),
        reason: error.to_string(),
    })?;
    let result = ScenarioResult::judge(ScenarioInfo::default(), &scored, &loaded.expectations);
    let invalid = result.invalid.iter().map(|reason| Catch {
        by: format!("link: {reason}"),
        got: None,
        place: String::new(),
    });
    let valid = result.invalid.is_empty();
    let failed = result
        .expectations
        .iter()
        .filter(|clause| valid && !clause.pass);
    let failed = failed.map(|clause| Catch {
        by: clause.expression.clone(),
        got: clause.got,
        place: clause
            .place
            .as_ref()
            .map_or_else(String::new, |place| match place.window {
                Some(window) => format!("window {window}: {}", place.what),
                None => place.what.clone(),
            }),
    });
    Ok(invalid.chain(failed).collect())
}
