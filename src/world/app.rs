//! The app: builds the world of a scenario and runs it to its last window.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy_app::{App, TaskPoolOptions, TaskPoolPlugin, TaskPoolThreadAssignmentPolicy};
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings};

use super::damage::Expected;
use super::device::{Device, DevicePlugin, stream_config};
use super::error::RunError;
use super::log::Logbook;
use super::observation::Observations;
use super::passage::PassagePlugin;
use super::pipeline::{Judge, PipelinePlugin};
use super::plan::{NextWindow, PlanPlugin, Trains, agenda};
use super::record::{RecordPlugin, Recorded};
use super::sense::SensePlugin;
use super::stage::{Failure, chain_stages};
use super::turnout::{Installation, Instrument, Streams};
use crate::device::{DeviceSpec, LatencyFigures, LinkReport, StreamConfig};
use crate::scenario::Loaded;
use crate::score::{
    Exposure, Family, Kind, LedgerRow, LinkSummary, OutputKind, OutputRow, ReplayJitter, TruthKind,
    TruthRow,
};
use crate::session_log::{RunRecord, SESSION_LOG_FORMAT};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Choices of the caller that do not belong to the scenario.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The device under test.
    pub device: DeviceSpec,
    /// How long to wait for a device to say HELLO.
    pub hello_timeout: Duration,
    /// Threads that simulate; results do not depend on it. Counts for the first run of a process only,
    /// since the task pools are the process's.
    pub threads: usize,
    /// The session log; `None` keeps none.
    pub log: Option<LogOptions>,
}

/// Where the session log goes, and what it says of the run.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// Folder of the log.
    pub folder: PathBuf,
    /// The one line that runs it again.
    pub reproduce: String,
}

impl RunOptions {
    pub(super) fn log_folder(&self) -> Option<&Path> {
        self.log.as_ref().map(|log| log.folder.as_path())
    }

    /// The first record of a session log.
    pub(super) fn run_record(&self, loaded: &Loaded, windows: u64, notes: &[String]) -> RunRecord {
        let log = self.log.as_ref();
        RunRecord {
            format: SESSION_LOG_FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: loaded.name.clone(),
            path: loaded.path.display().to_string(),
            device: self.device.to_string(),
            reproduce: log.map_or_else(String::new, |log| log.reproduce.clone()),
            windows,
            notes: notes.to_vec(),
            scenario: loaded.scenario.clone(),
        }
    }
}

/// Told after every batch how many windows are done, of how many.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Index of a turnout.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TurnoutIndex(pub(super) u32);

/// What every stage may read.
#[derive(Resource, Debug)]
pub(super) struct Setting {
    pub(super) loaded: Loaded,
    start_us: i64,
}

impl Setting {
    pub(super) fn new(loaded: &Loaded) -> Self {
        Self {
            loaded: loaded.clone(),
            start_us: loaded.scenario.time.start.as_microsecond(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.loaded.name
    }

    /// Simulated time of `at_s` after the start of the period, us since 1970, not before 1970.
    pub(super) fn time_us(&self, at_s: f64) -> u64 {
        let time = self.start_us + libm::round(at_s * 1e6) as i64;
        u64::try_from(time).unwrap_or(0)
    }
}

/// Runs a scenario: every planned window through every stage.
///
/// # Errors
/// [`RunError`]: what stopped the run.
pub fn observe(
    loaded: &Loaded,
    options: &RunOptions,
    progress: Progress<'_>,
) -> Result<Observations, RunError> {
    let mut app = build_app(options.threads);
    app.add_plugins((PlanPlugin, PassagePlugin, SensePlugin));
    listen_plugins(&mut app);
    let mut logbook = Logbook::begin(options.log_folder())?;
    let (total, streams) = populate(&mut app, loaded, options, &logbook)?;
    let notes = app
        .world()
        .resource::<Recorded>()
        .observations
        .notes
        .clone();
    logbook.head(
        &mut app,
        || options.run_record(loaded, total, &notes),
        &streams,
    )?;
    drive(app, loaded, total, logbook, progress)
}

/// Updates the app until every window has been recorded.
pub(super) fn drive(
    mut app: App,
    loaded: &Loaded,
    total: u64,
    mut logbook: Logbook,
    progress: Progress<'_>,
) -> Result<Observations, RunError> {
    progress(0, total);
    let mut done = 0;
    loop {
        app.update();
        if let Some(error) = app.world_mut().resource_mut::<Failure>().0.take() {
            logbook.abandon(&mut app, &error)?;
            return Err(error);
        }
        logbook.batch(&mut app)?;
        let now = app.world().resource::<Recorded>().observations.windows;
        progress(now, total);
        if now >= total || now == done {
            break; // every update records a batch: one that records none has nothing left to do
        }
        done = now;
    }
    match conclude(&mut app, loaded) {
        Ok(observations) => {
            let reports = observations.link.iter().zip(&observations.link_reports);
            let frames: Vec<_> = reports
                .map(|(link, report)| (link.turnout, report.log.clone()))
                .collect();
            logbook.finish(&frames, None)?;
            Ok(observations)
        }
        Err(error) => {
            logbook.finish(&[], Some(error.to_string()))?;
            Err(error)
        }
    }
}

/// The app without any turnout, and without the stages that make windows.
pub(super) fn build_app(threads: usize) -> App {
    let mut app = App::new();
    app.add_plugins(TaskPoolPlugin {
        task_pool_options: task_pools(threads),
    });
    app.init_resource::<Failure>();
    chain_stages(&mut app);
    // Two systems that touch the same data without a stated order would make results depend on luck.
    app.configure_schedules(ScheduleBuildSettings {
        ambiguity_detection: LogLevel::Error,
        ..ScheduleBuildSettings::default()
    });
    app
}

/// The stages from the device on, which a replay shares.
pub(super) fn listen_plugins(app: &mut App) {
    app.add_plugins((DevicePlugin, PipelinePlugin, RecordPlugin));
}

/// `threads` threads that compute, and one for each of the pools that nobody uses. The defaults would
/// leave a 2-core machine with a single computing thread.
fn task_pools(threads: usize) -> TaskPoolOptions {
    let exactly = |threads: usize| TaskPoolThreadAssignmentPolicy {
        min_threads: threads,
        max_threads: threads,
        percent: 1.0,
        on_thread_spawn: None,
        on_thread_destroy: None,
    };
    TaskPoolOptions {
        min_total_threads: threads + 2,
        max_total_threads: threads + 2,
        io: exactly(1),
        async_compute: exactly(1),
        compute: exactly(threads.max(1)),
    }
}

/// Refuses several turnouts on a device of which there is only one.
pub(super) fn single_device(count: u32, options: &RunOptions) -> Result<(), RunError> {
    if count > 1 && options.device.is_single() {
        return Err(RunError::Scenario {
            field: "[turnout] count",
            reason: format!(
                "{count} turnouts need {count} devices, but one terminal is one device"
            ),
        });
    }
    Ok(())
}

/// Spawns turnouts and devices; gives the number of planned windows and the stream of each device.
fn populate(
    app: &mut App,
    loaded: &Loaded,
    options: &RunOptions,
    logbook: &Logbook,
) -> Result<(u64, BTreeMap<u32, StreamConfig>), RunError> {
    let scenario = &loaded.scenario;
    let count = scenario.turnout.count;
    single_device(count, options)?;
    let setting = Setting::new(loaded);
    let trains = Trains::new(loaded)?;
    let world = app.world_mut();
    let mut total = 0;
    let mut streams_told = BTreeMap::new();
    for number in 0..count {
        let index = TurnoutIndex(number);
        let streams = Streams::new(scenario.seed, number);
        let site = Installation::new(loaded, streams)?;
        let instrument = Instrument::new(scenario, streams)?;
        let agenda = agenda(loaded, &trains, &site, streams)?;
        total += agenda.windows.len() as u64;
        let judge = Judge::new(&scenario.pipeline)?;
        let turnout = world
            .spawn((index, streams, site, agenda, NextWindow::default(), judge))
            .id();
        let stream = stream_config(&setting, index, &instrument)?;
        let device = Device::open(
            options,
            turnout,
            index,
            &stream,
            logbook.since(),
            (&loaded.name, scenario),
        )?;
        world.entity_mut(turnout).insert(instrument);
        world.spawn((index, device));
        streams_told.insert(number, stream);
    }
    world.insert_resource(setting);
    let mut recorded = world.resource_mut::<Recorded>();
    let observations = &mut recorded.observations;
    observations.truth.extend(faults(loaded));
    if let (Trains::Measured(passes), 0..) = (&trains, scenario.observe.passages) {
        observations.notes.push(format!(
            "every one of the {} measured passes runs once; observe.passages does not apply",
            passes.len()
        ));
    }
    Ok((total, streams_told))
}

/// The developing faults that the scenario prescribes, one row per turnout.
pub(super) fn faults(loaded: &Loaded) -> Vec<TruthRow> {
    let scenario = &loaded.scenario;
    let at = |day: f64| {
        scenario.time.start.as_microsecond() + libm::round(day * SECONDS_PER_DAY * 1e6) as i64
    };
    let of_turnout = |turnout: u32| {
        scenario.wear.iter().filter_map(move |wear| {
            let from = wear.fault_from_day?;
            let by = wear.must_warn_by_day.unwrap_or(scenario.time.days);
            Some(TruthRow {
                label: wear.fault_label().to_owned(),
                ..TruthRow::new(&loaded.name, turnout, TruthKind::Fault, at(from), at(by))
            })
        })
    };
    (0..scenario.turnout.count).flat_map(of_turnout).collect()
}

/// Ends the devices and pipelines and gathers what was observed.
fn conclude(app: &mut App, loaded: &Loaded) -> Result<Observations, RunError> {
    let scenario = &loaded.scenario;
    let begin_us = scenario.time.start.as_microsecond();
    let end_us = begin_us + libm::round(scenario.time.days * SECONDS_PER_DAY * 1e6) as i64;
    let world = app.world_mut();
    let mut devices: Vec<(u32, Entity)> = world
        .query_filtered::<(Entity, &TurnoutIndex), With<Device>>()
        .iter(world)
        .map(|(entity, index)| (index.0, entity))
        .collect();
    devices.sort_unstable();
    let mut recorded = std::mem::take(&mut *world.resource_mut::<Recorded>());
    let observations = &mut recorded.observations;
    let injected = Expected::of(scenario);
    for (turnout, entity) in devices {
        let Some(mut device) = world.entity_mut(entity).take::<Device>() else {
            continue;
        };
        observations
            .identities
            .push(device.session.identity().clone());
        let energy = device.session.energy();
        observations.energy_source = energy.map(|spec| spec.source.clone());
        let clipped = device.clipped_samples;
        observations.conduct.extend(device.conduct.take_rows());
        let report = device
            .session
            .finish()
            .map_err(|source| RunError::Device { turnout, source })?;
        let drift = recorded
            .rate_errors
            .get(&turnout)
            .and_then(|errors| mean_ppm(errors));
        observations.link.push(link_summary(
            turnout,
            &report,
            clipped,
            drift,
            injected.frames,
        ));
        if injected != Expected::default() {
            let rows = link_counters(&loaded.name, turnout, injected, &report);
            observations.conduct.extend(rows);
        }
        observations.link_reports.push(report);
        observations.exposure.push(Exposure {
            turnout,
            begin_us,
            end_us,
        });
    }
    finish_pipelines(world, loaded, observations, end_us)?;
    Ok(recorded.observations)
}

/// A passage that still waits for axles at the end is given out as it is.
fn finish_pipelines(
    world: &mut World,
    loaded: &Loaded,
    observations: &mut Observations,
    end_us: i64,
) -> Result<(), RunError> {
    let mut judges = world.query::<(&TurnoutIndex, &mut Judge)>();
    for (index, mut judge) in judges.iter_mut(world) {
        let turnout = index.0;
        let now = u64::try_from(end_us).unwrap_or(0);
        let events = judge
            .pipeline
            .finish(now)
            .map_err(|source| RunError::Pipeline { turnout, source })?;
        let rows = events.iter().filter_map(|event| match event {
            crate::pipeline::PipelineEvent::Train(train) => Some(OutputRow {
                axle_count: Some(u32::from(train.axle_count)),
                speed_m_s: train.speed_m_s,
                ..OutputRow::new(
                    &loaded.name,
                    turnout,
                    OutputKind::Train,
                    train.onset_us as i64,
                )
            }),
            _ => None,
        });
        observations.output.extend(rows);
    }
    Ok(())
}

fn mean_ppm(errors: &[f64]) -> Option<f64> {
    let sum: f64 = errors.iter().sum();
    (!errors.is_empty()).then(|| 1e6 * sum / errors.len() as f64)
}

/// The device's counters of the link against the damage that was done.
fn link_counters(
    scenario: &str,
    turnout: u32,
    injected: Expected,
    report: &LinkReport,
) -> [LedgerRow; 3] {
    let down = &report.down;
    [
        ("missing", injected.missing, down.missing),
        ("corrupt", injected.corrupt, down.corrupt),
        ("duplicated", injected.duplicated, down.duplicated),
    ]
    .map(|(channel, want, got)| {
        let (want, got) = (want as f64, got as f64);
        LedgerRow {
            channel: channel.to_owned(),
            expected: Some(want),
            got: Some(got),
            error: Some(got - want),
            ..LedgerRow::new(scenario, Family::LinkCounterErrors, Kind::Value, turnout)
        }
    })
}

fn link_summary(
    turnout: u32,
    report: &LinkReport,
    clipped_samples: u64,
    clock_drift_ppm: Option<f64>,
    frames_damaged: u64,
) -> LinkSummary {
    LinkSummary {
        turnout,
        frames_damaged,
        frames_sent: report.frames_sent,
        samples_sent: report.samples_sent,
        frames_lost: report.lost,
        frames_duplicated: report.duplicated(),
        frames_corrupt: report.corrupt(),
        frames_reordered: report.reordered(),
        samples_lost: report.device_lost_samples,
        clipped_samples,
        replay_jitter: replay_jitter(&report.jitter),
        clock_drift_ppm,
    }
}

fn replay_jitter(late: &LatencyFigures) -> Option<ReplayJitter> {
    let seconds = |us: u64| us as f64 * 1e-6;
    Some(ReplayJitter {
        p50_s: seconds(late.quantile_us(0.5)?),
        p99_s: seconds(late.quantile_us(0.99)?),
        max_s: seconds(late.max_us()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_app::Update;

    #[test]
    fn no_two_systems_conflict_without_an_order() {
        let mut app = build_app(2);
        app.add_plugins((PlanPlugin, PassagePlugin, SensePlugin));
        listen_plugins(&mut app);
        let world = app.world_mut();
        let result = world.schedule_scope(Update, |world, schedule| schedule.initialize(world));
        assert!(result.map(|_| ()).is_ok());
    }
}
