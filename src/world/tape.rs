//! What the sensors of a scenario deliver, computed once, to be played to any number of devices.

use std::collections::{BTreeMap, VecDeque};

use bevy_ecs::prelude::*;

use super::app::{Setting, TurnoutIndex, build_app};
use super::device::stream_config;
use super::error::RunError;
use super::log::window_record;
use super::passage::PassagePlugin;
use super::plan::{NextWindow, PlanPlugin, Trains, agenda};
use super::sense::SensePlugin;
use super::stage::Failure;
use super::turnout::{Installation, Instrument, Streams};
use super::window::{Reading, Window};
use crate::scenario::Loaded;
use crate::session_log::{DeviceRecord, RunLog, RunRecord, SESSION_LOG_FORMAT, WindowRecord};

/// Runs a scenario up to its sensors: a log as a run without a device would leave it.
///
/// [`super::observe_log`] plays it to a device. The physics is deterministic, so the outcome is that of a
/// whole run with that device.
///
/// # Errors
/// [`RunError`]: what stopped it.
pub fn tape(loaded: &Loaded, threads: usize) -> Result<RunLog, RunError> {
    let mut app = build_app(threads);
    app.add_plugins((PlanPlugin, PassagePlugin, SensePlugin));
    let scenario = &loaded.scenario;
    let setting = Setting::new(loaded);
    let trains = Trains::new(loaded)?;
    let mut devices = BTreeMap::new();
    let mut total = 0;
    for number in 0..scenario.turnout.count {
        let index = TurnoutIndex(number);
        let streams = Streams::new(scenario.seed, number);
        let site = Installation::new(loaded, streams)?;
        let instrument = Instrument::new(scenario, streams)?;
        let agenda = agenda(loaded, &trains, &site, streams)?;
        total += agenda.windows.len();
        let stream = stream_config(&setting, index, &instrument)?;
        devices.insert(number, DeviceRecord::unheard(number, &stream));
        let turnout = (index, streams, site, agenda, NextWindow::default());
        app.world_mut().spawn(turnout).insert(instrument);
    }
    app.world_mut().insert_resource(setting);
    let mut windows: BTreeMap<u32, VecDeque<WindowRecord>> = BTreeMap::new();
    let mut taken = 0;
    while taken < total {
        app.update();
        if let Some(error) = app.world_mut().resource_mut::<Failure>().0.take() {
            return Err(error);
        }
        let batch = take_batch(app.world_mut());
        if batch.is_empty() {
            break;
        }
        taken += batch.len();
        for record in batch {
            windows.entry(record.turnout).or_default().push_back(record);
        }
    }
    Ok(RunLog {
        run: RunRecord {
            format: SESSION_LOG_FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: loaded.name.clone(),
            path: loaded.path.display().to_string(),
            device: String::new(),
            reproduce: String::new(),
            windows: total as u64,
            notes: Vec::new(),
            scenario: scenario.clone(),
        },
        devices,
        windows,
        end: Some(crate::session_log::EndRecord {
            windows: taken as u64,
            error: None,
        }),
    })
}

/// The windows of this batch in order, removed from the world.
fn take_batch(world: &mut World) -> Vec<WindowRecord> {
    let mut done: Vec<(Entity, WindowRecord)> = world
        .query::<(Entity, &Window, &Reading)>()
        .iter(world)
        .filter_map(|(entity, window, reading)| Some((entity, window_record(window, reading)?)))
        .collect();
    done.sort_by_key(|(_, record)| (record.turnout, record.window));
    done.into_iter()
        .map(|(entity, record)| {
            world.despawn(entity);
            record
        })
        .collect()
}
