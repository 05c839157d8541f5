//! What goes into the session log, and when.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use bevy_app::App;
use bevy_ecs::prelude::*;

use super::app::TurnoutIndex;
use super::device::Device;
use super::error::RunError;
use super::record::Recorded;
use super::window::{Radio, Reading, Window};
use crate::device::{LinkRecord, StreamConfig};
use crate::session_log::{
    DeviceRecord, EndRecord, LogRecord, RunRecord, SessionLog, SessionLogError, WindowRecord,
};

/// A window that has gone through every stage.
#[derive(Debug)]
pub(super) struct LoggedWindow {
    pub(super) window: Window,
    pub(super) reading: Reading,
    pub(super) frames: Vec<LinkRecord>,
}

/// The session log of a run, or nothing if it keeps none.
pub(super) struct Logbook {
    log: Option<SessionLog>,
    since: Instant,
    windows: u64,
}

impl Logbook {
    /// Begins the log in `folder`; `None` keeps none.
    pub(super) fn begin(folder: Option<&Path>) -> Result<Self, SessionLogError> {
        Ok(Self {
            log: folder.map(SessionLog::create).transpose()?,
            since: Instant::now(),
            windows: 0,
        })
    }

    /// The instant that host times count from, if a log is kept.
    pub(super) fn since(&self) -> Option<Instant> {
        self.log.as_ref().map(|_| self.since)
    }

    /// Writes what was run, and the devices that have been opened for it.
    pub(super) fn head(
        &mut self,
        app: &mut App,
        run: impl FnOnce() -> RunRecord,
        streams: &BTreeMap<u32, StreamConfig>,
    ) -> Result<(), SessionLogError> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        log.write(&LogRecord::Run(Box::new(run())))?;
        let world = app.world_mut();
        world.resource_mut::<Recorded>().keep_log = true;
        let mut devices: Vec<_> = world
            .query::<(&TurnoutIndex, &mut Device)>()
            .iter_mut(world)
            .map(|(index, mut device)| {
                let frames = device.session.take_log();
                (index.0, device.session.identity().clone(), frames)
            })
            .collect();
        devices.sort_by_key(|(turnout, ..)| *turnout);
        for (turnout, identity, frames) in devices {
            if let Some(stream) = streams.get(&turnout) {
                let record = DeviceRecord::new(turnout, &identity, stream);
                log.write(&LogRecord::Device(record))?;
                log.frames(turnout, &frames)?;
            }
        }
        Ok(())
    }

    /// Writes the windows that have been recorded since the last call.
    pub(super) fn batch(&mut self, app: &mut App) -> Result<(), SessionLogError> {
        let logged = std::mem::take(&mut app.world_mut().resource_mut::<Recorded>().logged);
        logged.iter().try_for_each(|window| self.window(window))
    }

    /// Ends the log of a run that failed, with the windows that were under way.
    pub(super) fn abandon(
        mut self,
        app: &mut App,
        error: &RunError,
    ) -> Result<(), SessionLogError> {
        self.batch(app)?;
        let world = app.world_mut();
        let mut left: Vec<LoggedWindow> = world
            .query::<(&Window, &mut Reading, &mut Radio)>()
            .iter_mut(world)
            .filter(|(_, reading, _)| reading.measured.is_some())
            .map(|(window, mut reading, mut radio)| LoggedWindow {
                window: *window,
                reading: std::mem::take(&mut reading),
                frames: std::mem::take(&mut radio.log),
            })
            .collect();
        left.sort_by_key(|logged| (logged.window.turnout_index, logged.window.index));
        left.iter().try_for_each(|window| self.window(window))?;
        self.finish(&[], Some(error.to_string()))
    }

    /// Ends the log with what crossed each line after the last window.
    pub(super) fn finish(
        mut self,
        frames: &[(u32, Vec<LinkRecord>)],
        error: Option<String>,
    ) -> Result<(), SessionLogError> {
        let Some(mut log) = self.log.take() else {
            return Ok(());
        };
        for (turnout, records) in frames {
            log.frames(*turnout, records)?;
        }
        let windows = self.windows;
        log.write(&LogRecord::End(EndRecord { windows, error }))?;
        log.finish()
    }

    fn window(&mut self, logged: &LoggedWindow) -> Result<(), SessionLogError> {
        let (Some(log), Some(record)) = (
            &mut self.log,
            window_record(&logged.window, &logged.reading),
        ) else {
            return Ok(());
        };
        self.windows += 1;
        log.write(&LogRecord::Window(Box::new(record)))?;
        log.frames(logged.window.turnout_index, &logged.frames)
    }
}

/// A window as the log keeps it; `None` before it has been sensed.
pub(super) fn window_record(window: &Window, reading: &Reading) -> Option<WindowRecord> {
    let measured = reading.measured.as_ref()?;
    let axis = |axis: usize| measured.counts.iter().map(|counts| counts[axis]).collect();
    Some(WindowRecord {
        turnout: window.turnout_index,
        window: window.index,
        quiet: reading.quiet,
        start_us: reading.start_us,
        temperature_c: reading.temperature_c,
        true_rate_hz: measured.true_rate_hz,
        clipped_samples: measured.clipped_samples,
        stamps: measured.stamps.clone(),
        x: axis(0),
        y: axis(1),
        z: axis(2),
        truth: reading.truth.clone(),
        signal: reading.signal.clone(),
    })
}
