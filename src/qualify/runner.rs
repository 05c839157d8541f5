//! Plays the taped suite to every build, on all cores.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::maker::{Build, Maker};
use super::matrix::{Cell, DefectRow, Qualification};
use super::play::play;
use super::tapes::{samples, taped};
use super::{Defect, QualifyError, defects, defects_of, suite, suite_of};
use crate::scenario::{Catalogue, Loaded};
use crate::session_log::RunLog;

/// Seeds of the good firmware beyond the scenario's own start here.
const FIRST_SEED: u64 = 1;

/// Where firmware is qualified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum QualifyTier {
    /// Built for this host, as its own process.
    Native,
    /// Built for a Cortex-M4F, in QEMU.
    Qemu,
}

impl QualifyTier {
    fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Qemu => "qemu",
        }
    }
}

/// What to qualify, and how thoroughly.
#[derive(Debug, Clone, Default)]
pub struct QualifyOptions {
    /// Where the firmware runs; `None`: where the folder's `device.toml` says, else native.
    pub tier: Option<QualifyTier>,
    /// A user's firmware folder: judged instead of the reference firmware, with the defects that its own
    /// `defects.toml` lists.
    pub firmware: Option<PathBuf>,
    /// A folder of scenarios instead of the suite that the program carries.
    pub suite: Option<PathBuf>,
    /// A folder in which computed scenarios are kept and found again.
    pub tapes: Option<PathBuf>,
    /// Runs of the good firmware with other seeds than the scenarios' own.
    pub seeds: u64,
    /// Short form: each further seed runs one scenario, in turn, instead of all.
    pub short: bool,
    /// Play a defect no further once a scenario has caught it.
    pub until_caught: bool,
    /// Only these scenarios; all if empty.
    pub scenarios: Vec<String>,
    /// Only these defects; all if `None`.
    pub defects: Option<Vec<String>>,
    /// Scenarios or builds that are run side by side.
    pub threads: usize,
    /// What vehicles and sensor parts exist, for the scenarios.
    pub catalogue: Catalogue,
}

/// Told of every piece of work that is done: how many of how many, and its name.
pub type QualifyProgress<'a> = &'a (dyn Fn(usize, usize, &str) + Sync);

/// Qualifies: builds, tapes, plays and judges.
///
/// # Errors
/// [`QualifyError`]: what stopped it. Whatever a device does is a result, not an error.
pub fn qualify(
    options: &QualifyOptions,
    progress: QualifyProgress<'_>,
) -> Result<Qualification, QualifyError> {
    let maker = Maker::new(options.firmware.as_deref(), options.tier)?;
    let builds = maker.builds(chosen_defects(options)?)?;
    let own = chosen_suite(options, None)?;
    let further = further(options)?;
    let tapes_in = options.tapes.as_deref();
    let counter = Counter {
        done: AtomicUsize::new(0),
        total: own.len() + builds.len() + further.len(),
        progress,
    };

    let tapes = side_by_side(options.threads, &own, |loaded| {
        let log = taped(loaded, tapes_in, options.threads);
        counter.done(&loaded.name);
        log
    })?;
    let mut rows = side_by_side(options.threads, &builds, |build| {
        let row = play_all(build, &own, &tapes, options);
        counter.done(build.defect.as_ref().map_or("good firmware", |d| &d.name));
        row
    })?;
    let mut good = rows.remove(0).cells;
    good.extend(side_by_side(options.threads, &further, |loaded| {
        let log = taped(loaded, tapes_in, options.threads)?;
        let caught_by = match builds.first() {
            Some(build) => play(loaded, log, build, options.threads)?,
            None => Vec::new(),
        };
        counter.done(&loaded.name);
        Ok(Cell::new(loaded, caught_by))
    })?);
    let scenarios = own.into_iter().map(|loaded| loaded.name).collect();
    let seeds = 1 + options.seeds;
    Ok(Qualification::new(
        maker.tier.name(),
        scenarios,
        seeds,
        good,
        rows,
    ))
}

/// One build in every scenario; or, the cheapest first, up to the one that catches it.
fn play_all(
    build: &Build,
    suite: &[Loaded],
    tapes: &[RunLog],
    options: &QualifyOptions,
) -> Result<DefectRow, QualifyError> {
    let mut row = DefectRow {
        defect: build
            .defect
            .as_ref()
            .map_or_else(String::new, |defect| defect.name.clone()),
        caught: false,
        cells: Vec::new(),
    };
    let mut order: Vec<(&Loaded, &RunLog)> = suite.iter().zip(tapes).collect();
    if options.until_caught && build.defect.is_some() {
        // What is quickly played first: most defects show in several scenarios.
        order.sort_by_key(|(_, log)| samples(log));
    }
    for (loaded, log) in order {
        let caught_by = play(loaded, log.clone(), build, options.threads)?;
        row.caught |= !caught_by.is_empty();
        row.cells.push(Cell::new(loaded, caught_by));
        if row.caught && options.until_caught && build.defect.is_some() {
            break;
        }
    }
    Ok(row)
}

fn chosen_defects(options: &QualifyOptions) -> Result<Vec<Defect>, QualifyError> {
    let all = match &options.firmware {
        None => defects()?,
        Some(folder) => defects_of(folder)?,
    };
    let Some(names) = &options.defects else {
        return Ok(all);
    };
    for name in names.iter().filter(|name| *name != "none") {
        if !all.iter().any(|defect| defect.name == *name) {
            return Err(QualifyError::NoSuch {
                what: "defect",
                name: name.clone(),
                known: all.into_iter().map(|defect| defect.name).collect(),
            });
        }
    }
    Ok(all
        .into_iter()
        .filter(|defect| names.contains(&defect.name))
        .collect())
}

fn chosen_suite(options: &QualifyOptions, seed: Option<u64>) -> Result<Vec<Loaded>, QualifyError> {
    let all = match &options.suite {
        None => suite(seed, &options.catalogue)?,
        Some(folder) => suite_of(folder, seed, &options.catalogue)?,
    };
    for name in &options.scenarios {
        if !all.iter().any(|loaded| loaded.name == *name) {
            return Err(QualifyError::NoSuch {
                what: "scenario",
                name: name.clone(),
                known: all.into_iter().map(|loaded| loaded.name).collect(),
            });
        }
    }
    let chosen =
        |loaded: &Loaded| options.scenarios.is_empty() || options.scenarios.contains(&loaded.name);
    Ok(all.into_iter().filter(chosen).collect())
}

/// The suite with the further seeds, for the good firmware alone.
fn further(options: &QualifyOptions) -> Result<Vec<Loaded>, QualifyError> {
    let mut further = Vec::new();
    for number in 0..options.seeds {
        let seeded = chosen_suite(options, Some(FIRST_SEED + number))?;
        let count = seeded.len();
        let turn = (number as usize).checked_rem(count).unwrap_or(0);
        let here = seeded.into_iter().enumerate();
        let here = here.filter(|(index, _)| !options.short || *index == turn);
        further.extend(here.map(|(_, loaded)| loaded));
    }
    Ok(further)
}

struct Counter<'a> {
    done: AtomicUsize,
    total: usize,
    progress: QualifyProgress<'a>,
}

impl Counter<'_> {
    fn done(&self, name: &str) {
        let so_far = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(so_far, self.total, name);
    }
}

/// `work` on every item, on so many threads; the outcome, in order, depends on neither their number nor
/// their pace. The first error in order is the one that is told.
fn side_by_side<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> Result<R, QualifyError> + Sync,
) -> Result<Vec<R>, QualifyError> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        let items: Vec<u64> = (0..50).collect();
        for threads in [1, 2, 7, 100] {
            let doubled = side_by_side(threads, &items, |item| Ok(2 * item)).unwrap();
            assert_eq!(doubled, (0..50).map(|i| 2 * i).collect::<Vec<_>>());
        }
        let failed = side_by_side(4, &items, |item| {
            if item % 20 == 19 {
                Err(QualifyError::Defects(item.to_string()))
            } else {
                Ok(())
            }
        });
        assert!(matches!(failed, Err(QualifyError::Defects(which)) if which == "19"));
    }

    #[test]
    fn the_short_form_plays_one_scenario_per_seed_in_turn() {
        let options = QualifyOptions {
            seeds: 3,
            short: true,
            scenarios: vec!["loss".to_owned(), "wraps".to_owned()],
            catalogue: crate::cli::builtin(),
            ..QualifyOptions::default()
        };
        let named: Vec<(String, u64)> = further(&options)
            .unwrap()
            .into_iter()
            .map(|loaded| (loaded.name, loaded.scenario.seed))
            .collect();
        let want = [("loss", 1), ("wraps", 2), ("loss", 3)];
        assert_eq!(named, want.map(|(name, seed)| (name.to_owned(), seed)));
    }
}
