//! What the sensors of the suite deliver, computed or read back from a folder of an earlier qualification.

use std::path::Path;

use super::QualifyError;
use crate::scenario::{Loaded, Scenario};
use crate::session_log::{LogRecord, RunLog, SessionLog, SessionLogError, read_session_log};
use crate::world::tape;

/// Stands for the sources of everything that a sensor's signal depends on (`src/build.rs`): what another physics computed is no tape of
/// this one.
const PHYSICS: &str = env!("FROGBENCH_PHYSICS");

/// The tape of a scenario: from `folder` if it has one of this very physics and scenario, else computed, and kept there.
pub(super) fn taped(
    loaded: &Loaded,
    folder: Option<&Path>,
    threads: usize,
) -> Result<RunLog, QualifyError> {
    let compute = || {
        tape(loaded, threads).map_err(|source| QualifyError::Scenario {
            name: loaded.name.clone(),
            source: Box::new(source),
        })
    };
    let Some(folder) = folder else {
        return compute();
    };
    let own = format!("{}-{}", loaded.name, loaded.scenario.seed);
    let own = folder.join(PHYSICS).join(own);
    // One that cannot be read is as good as none.
    if let Some(log) = read_session_log(&own).ok().filter(|log| fits(log, loaded)) {
        return Ok(log);
    }
    let log = compute()?;
    keep(&own, &log).map_err(QualifyError::Tape)?;
    Ok(log)
}

fn fits(log: &RunLog, loaded: &Loaded) -> bool {
    let complete = log.end.as_ref().is_some_and(|end| end.error.is_none());
    complete
        && log.run.version == env!("CARGO_PKG_VERSION")
        && log.run.name == loaded.name
        && heard(&log.run.scenario) == heard(&loaded.scenario)
}

/// What of a scenario makes its signal: all but what is expected of the device, and what it is called.
fn heard(scenario: &Scenario) -> Scenario {
    Scenario {
        expect: Vec::new(),
        description: String::new(),
        ..scenario.clone()
    }
}

fn keep(folder: &Path, log: &RunLog) -> Result<(), SessionLogError> {
    let mut out = SessionLog::create(folder)?;
    out.write(&LogRecord::Run(Box::new(log.run.clone())))?;
    for device in log.devices.values() {
        out.write(&LogRecord::Device(device.clone()))?;
    }
    for window in log.windows.values().flatten() {
        out.write(&LogRecord::Window(Box::new(window.clone())))?;
    }
    if let Some(end) = &log.end {
        out.write(&LogRecord::End(end.clone()))?;
    }
    out.finish()
}

/// Samples in a tape: what it costs to play.
pub(super) fn samples(log: &RunLog) -> usize {
    log.windows.values().flatten().map(|w| w.x.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qualify::suite;

    #[test]
    fn a_kept_tape_is_the_computed_one_and_serves_its_own_scenario_only() {
        let mut suite = suite(None, &crate::cli::builtin()).unwrap();
        suite.retain(|loaded| loaded.name == "rails");
        let mut loaded = suite.remove(0);
        let folder = tempfile::tempdir().unwrap();
        let kept = || taped(&loaded, Some(folder.path()), 1).unwrap();
        let computed = kept();
        assert_eq!(computed.windows, kept().windows);
        assert_eq!(computed.windows, taped(&loaded, None, 1).unwrap().windows);
        assert!(samples(&computed) > 100_000);
        assert!(fits(&computed, &loaded));
        loaded.scenario.expect.clear();
        assert!(fits(&computed, &loaded));
        loaded.scenario.sensor.range_g = Some(4.0);
        assert!(!fits(&computed, &loaded));
    }
}
