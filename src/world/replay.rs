//! A run from its session log: the same devices, pipelines and records, without the physics.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::prelude::*;

use super::app::{
    Progress, RunOptions, Setting, TurnoutIndex, build_app, drive, listen_plugins, single_device,
};
use super::device::Device;
use super::error::RunError;
use super::log::Logbook;
use super::observation::Observations;
use super::pipeline::Judge;
use super::plan::BATCH;
use super::record::Recorded;
use super::stage::{Stage, healthy};
use super::window::{Radio, Reading, Window};
use crate::device::StreamConfig;
use crate::scenario::{Expectation, Loaded};
use crate::sensor::Measured;
use crate::session_log::{RunLog, WindowRecord};

/// Hands out the windows of a session log, a batch at a time.
struct ReplayPlugin;

impl Plugin for ReplayPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, begin_batch.in_set(Stage::Sense).run_if(healthy));
    }
}

/// The logged windows of one turnout that are still to come.
#[derive(Component, Debug)]
struct LoggedAgenda {
    windows: VecDeque<WindowRecord>,
    stream: StreamConfig,
}

fn begin_batch(
    mut commands: Commands<'_, '_>,
    mut turnouts: Query<'_, '_, (Entity, &TurnoutIndex, &mut LoggedAgenda)>,
) {
    for (turnout, index, mut agenda) in &mut turnouts {
        // The same batches as in the run, so that every row comes in the same order.
        let size = agenda.windows.len().min(BATCH);
        let batch: Vec<WindowRecord> = agenda.windows.drain(..size).collect();
        for record in batch {
            let window = Window {
                turnout,
                turnout_index: index.0,
                index: record.window,
            };
            let reading = reading(record, &agenda.stream);
            commands.spawn((window, reading, Radio::default()));
        }
    }
}

fn reading(record: WindowRecord, stream: &StreamConfig) -> Reading {
    let counts = record.x.iter().zip(&record.y).zip(&record.z);
    let measured = Measured {
        counts: counts.map(|((x, y), z)| [*x, *y, *z]).collect(),
        stamps: record.stamps,
        fifo_batch: u16::from(stream.fifo_batch),
        stamp_tick_s: f64::from(stream.timestamp_tick_ns) * 1e-9,
        nominal_rate_hz: stream.nominal_rate_hz,
        true_rate_hz: record.true_rate_hz,
        scale_m_s2_per_lsb: stream.scale_m_s2_per_lsb,
        range_m_s2: stream.range_m_s2,
        bits: stream.bits,
        senses: [true; 3],
        truth_m_s2: Vec::new(),
        gravity_m_s2: [0.0; 3],
        clipped_samples: record.clipped_samples,
        silent_from: None,
    };
    Reading {
        measured: Some(measured),
        temperature_c: record.temperature_c,
        start_us: record.start_us,
        quiet: record.quiet,
        truth: record.truth,
        signal: record.signal,
    }
}

/// The scenario that a log was made from.
///
/// # Errors
/// [`RunError::Scenario`] for an expectation that this release does not know.
pub(crate) fn logged_scenario(log: &RunLog) -> Result<Loaded, RunError> {
    let scenario = log.run.scenario.clone();
    let parse = |clause: &String| {
        Expectation::parse(clause).map_err(|error| RunError::Scenario {
            field: "expect",
            reason: error.to_string(),
        })
    };
    Ok(Loaded {
        name: log.run.name.clone(),
        path: PathBuf::from(&log.run.path),
        expectations: scenario
            .expect
            .iter()
            .map(parse)
            .collect::<Result<_, _>>()?,
        scenario,
        measured: None,
        overrides: Vec::new(),
    })
}

/// Runs a session log: the logged counts through devices and pipelines, as in the run that it is of.
///
/// With the same device the observations are those of that run, whatever host and number of threads.
///
/// # Errors
/// [`RunError`], as for a run; a log of a run that was not finished ends with its last window.
pub fn observe_log(
    log: RunLog,
    options: &RunOptions,
    progress: Progress<'_>,
) -> Result<(Loaded, Observations), RunError> {
    let loaded = logged_scenario(&log)?;
    single_device(log.devices.len() as u32, options)?;
    let mut app = build_app(options.threads);
    app.add_plugins(ReplayPlugin);
    listen_plugins(&mut app);
    let mut logbook = Logbook::begin(options.log_folder())?;
    let total = log
        .windows
        .values()
        .map(|windows| windows.len() as u64)
        .sum();
    let streams = populate(&mut app, &loaded, log, options, &logbook)?;
    logbook.head(
        &mut app,
        || options.run_record(&loaded, total, &[]),
        &streams,
    )?;
    let observations = drive(app, &loaded, total, logbook, progress)?;
    Ok((loaded, observations))
}

fn populate(
    app: &mut App,
    loaded: &Loaded,
    mut log: RunLog,
    options: &RunOptions,
    logbook: &Logbook,
) -> Result<BTreeMap<u32, StreamConfig>, RunError> {
    let world = app.world_mut();
    let mut streams = BTreeMap::new();
    for (number, device) in log.devices {
        let index = TurnoutIndex(number);
        let windows = log.windows.remove(&number).unwrap_or_default();
        let stream = device.stream;
        let judge = Judge::new(&loaded.scenario.pipeline)?;
        let agenda = LoggedAgenda {
            windows,
            stream: stream.clone(),
        };
        let turnout = world.spawn((index, judge, agenda)).id();
        let device = Device::open(
            options,
            turnout,
            index,
            &stream,
            logbook.since(),
            (&loaded.name, &loaded.scenario),
        )?;
        world.spawn((index, device));
        streams.insert(number, stream);
    }
    world.insert_resource(Setting::new(loaded));
    let observations = &mut world.resource_mut::<Recorded>().observations;
    observations.truth.extend(super::app::faults(loaded));
    observations.notes = log.run.notes;
    if let Some(error) = log
        .end
        .map_or(Some("the log has no end".to_owned()), |end| end.error)
    {
        let note = format!("the logged run was not finished: {error}");
        observations.notes.push(note);
    }
    Ok(streams)
}
