//! Device stage: counts into the device under test, bytes by radio out of it.

use std::collections::BTreeMap;
use std::time::Instant;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::batching::BatchingStrategy;
use bevy_ecs::prelude::*;

use super::app::{RunOptions, Setting, TurnoutIndex};
use super::error::RunError;
use super::resources;
use super::stage::{Failure, FailureList, Stage, healthy};
use super::turnout::Instrument;
use super::window::{Radio, Reading, Window};
use crate::device::{
    DeviceError, LinkFault, LinkFaultKind, LinkRecord, Session, SessionOptions, StreamConfig,
    UplinkMessage,
};
use crate::scenario::{FaultKind, Scenario};
use crate::score::ResourceRow;

/// Feeds the devices.
pub(super) struct DevicePlugin;

impl Plugin for DevicePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, feed_devices.in_set(Stage::Device).run_if(healthy));
    }
}

/// A device under test, listening to one turnout.
#[derive(Component, Debug)]
pub(super) struct Device {
    /// The turnout entity whose sensor it reads.
    pub(super) turnout: Entity,
    pub(super) session: Session,
    /// Simulated time at the end of what it has seen, us since 1970.
    end_us: u64,
    nominal_rate_hz: f64,
    /// Sample frames sent so far.
    frames: u64,
    /// Samples at the end of the range sent so far.
    pub(super) clipped_samples: u64,
    /// Uplinks of this batch: window entity, arrival, message.
    inbox: Vec<(Entity, u64, UplinkMessage)>,
    /// What crossed the line in each window of this batch, if the run keeps a log.
    log: Vec<(Entity, Vec<LinkRecord>)>,
    /// What the device needed in each window of this batch, where its tier can tell.
    resources: Vec<(Entity, ResourceRow)>,
}

impl Device {
    /// Opens the device of one turnout.
    pub(super) fn open(
        options: &RunOptions,
        turnout: Entity,
        index: TurnoutIndex,
        config: &StreamConfig,
        log_since: Option<Instant>,
    ) -> Result<Self, RunError> {
        let session_options = SessionOptions {
            hello_timeout: options.hello_timeout,
            log_since,
            ..SessionOptions::default()
        };
        let session =
            Session::open(&options.device, config, session_options).map_err(|source| {
                RunError::Device {
                    turnout: index.0,
                    source,
                }
            })?;
        Ok(Self {
            turnout,
            session,
            end_us: config.epoch_us,
            nominal_rate_hz: config.nominal_rate_hz,
            frames: 0,
            clipped_samples: 0,
            inbox: Vec::new(),
            log: Vec::new(),
            resources: Vec::new(),
        })
    }

    /// One window, and what crossed the line meanwhile: also when the device fails in it.
    fn observe(
        &mut self,
        scenario: &Scenario,
        entity: Entity,
        window: &Window,
        reading: &Reading,
    ) -> Result<(), DeviceError> {
        let observed = self.converse(scenario, entity, window, reading);
        let observed = observed.and_then(|()| self.ask_for_resources(entity, window, reading));
        self.log.push((entity, self.session.take_log()));
        observed
    }

    fn ask_for_resources(
        &mut self,
        entity: Entity,
        window: &Window,
        reading: &Reading,
    ) -> Result<(), DeviceError> {
        let own = self.inbox.iter().filter(|(of, ..)| *of == entity);
        let messages = own.map(|(_, _, message)| message);
        let row = resources::of_window(&mut self.session, window, reading, messages)?;
        self.resources.extend(row.map(|row| (entity, row)));
        Ok(())
    }

    /// Skip to the beginning of a window, feed it, and after quiet ask for the device's state.
    fn converse(
        &mut self,
        scenario: &Scenario,
        entity: Entity,
        window: &Window,
        reading: &Reading,
    ) -> Result<(), DeviceError> {
        let Some(measured) = &reading.measured else {
            return Ok(());
        };
        let temperature_cdeg = libm::round(reading.temperature_c * 100.0) as i16;
        let begin_us = reading.start_us.max(self.end_us);
        let skipped = (begin_us - self.end_us) as f64 * 1e-6 * self.nominal_rate_hz;
        // Sample numbers wrap, as they do in the device.
        let next_t0 = self
            .session
            .next_t0()
            .wrapping_add(libm::round(skipped) as u64 as u32);
        let early = self
            .session
            .skip(next_t0, begin_us, temperature_cdeg, false)?;
        self.inbox
            .extend(early.into_iter().map(|message| (entity, begin_us, message)));

        self.session
            .inject(link_faults_of(scenario, window.index, self.frames));
        let messages = self.session.feed(&measured.counts, &measured.stamps)?;
        let arrival = |message: &UplinkMessage| {
            let after = message
                .t0
                .wrapping_sub(next_t0)
                .wrapping_add(u32::from(message.n));
            begin_us + libm::round(f64::from(after) / measured.true_rate_hz * 1e6) as u64
        };
        self.inbox.extend(
            messages
                .into_iter()
                .map(|message| (entity, arrival(&message), message)),
        );
        self.frames += measured.stamps.len() as u64;
        self.clipped_samples += measured.clipped_samples;
        let seconds = measured.counts.len() as f64 / measured.true_rate_hz;
        self.end_us = begin_us + libm::round(seconds * 1e6) as u64;

        if reading.quiet {
            let now = self.session.next_t0();
            let state = self
                .session
                .skip(now, self.end_us, temperature_cdeg, true)?;
            let end_us = self.end_us;
            self.inbox
                .extend(state.into_iter().map(|message| (entity, end_us, message)));
        }
        Ok(())
    }
}

fn feed_devices(
    setting: Res<'_, Setting>,
    mut failure: ResMut<'_, Failure>,
    mut devices: Query<'_, '_, (&mut Device, &TurnoutIndex)>,
    mut windows: ParamSet<
        '_,
        '_,
        (
            Query<'_, '_, (Entity, &Window, &Reading)>,
            Query<'_, '_, &mut Radio>,
        ),
    >,
) {
    let failures = FailureList::default();
    {
        let readings = windows.p0();
        let mut by_turnout: BTreeMap<(Entity, u32), (Entity, &Window, &Reading)> = BTreeMap::new();
        for (entity, window, reading) in &readings {
            by_turnout.insert((window.turnout, window.index), (entity, window, reading));
        }
        devices
            .par_iter_mut()
            .batching_strategy(BatchingStrategy::fixed(1))
            .for_each(|(mut device, turnout)| {
                let own = device.turnout;
                for (entity, window, reading) in by_turnout
                    .range((own, 0)..=(own, u32::MAX))
                    .map(|(_, value)| *value)
                {
                    if let Err(source) =
                        device.observe(&setting.loaded.scenario, entity, window, reading)
                    {
                        let turnout = turnout.0;
                        failures.push(
                            (turnout, window.index),
                            RunError::Device { turnout, source },
                        );
                        return;
                    }
                }
            });
    }
    let mut radios = windows.p1();
    for (mut device, _) in &mut devices {
        for (entity, arrival_us, message) in device.inbox.drain(..) {
            if let Ok(mut radio) = radios.get_mut(entity) {
                radio.messages.push((arrival_us, message));
            }
        }
        for (entity, row) in device.resources.drain(..) {
            if let Ok(mut radio) = radios.get_mut(entity) {
                radio.resources = Some(row);
            }
        }
        for (entity, records) in device.log.drain(..) {
            if let Ok(mut radio) = radios.get_mut(entity) {
                radio.log.extend(records);
            }
        }
    }
    failure.first_of(failures);
}

/// What a device is told of the stream of one turnout's sensor.
pub(super) fn stream_config(
    setting: &Setting,
    index: TurnoutIndex,
    instrument: &Instrument,
) -> Result<StreamConfig, RunError> {
    let setup = &instrument.setup;
    let range = setup.range()?;
    Ok(StreamConfig {
        nominal_rate_hz: setup.output_rate_hz,
        axes: 3,
        bits: setup.part.link_bits,
        scale_m_s2_per_lsb: range.scale_g_per_lsb * crate::sensor::G_M_S2,
        range_m_s2: range.range_g * crate::sensor::G_M_S2,
        timestamp_tick_ns: libm::round(setup.part.stamp_tick_s * 1e9) as u32,
        fifo_batch: u8::try_from(setup.fifo_batch).unwrap_or(u8::MAX),
        epoch_us: setting.time_us(0.0),
        run_id: setting.loaded.scenario.seed as u32 ^ index.0,
    })
}

/// The link faults of a scenario that hit `window`, which begins with frame `first` of the session.
///
/// The scenario counts frames within a window, the session from its start.
fn link_faults_of(scenario: &Scenario, window: u32, first: u64) -> Vec<LinkFault> {
    let here = scenario.fault.iter().filter(|fault| fault.window == window);
    here.filter_map(|fault| {
        let kind = match fault.kind {
            FaultKind::LinkDrop => LinkFaultKind::Drop,
            FaultKind::LinkDuplicate => LinkFaultKind::Duplicate,
            FaultKind::LinkCorrupt => LinkFaultKind::Corrupt,
            _ => return None,
        };
        let begin = first + u64::from(fault.frame.unwrap_or(0));
        let count = u64::from(fault.count.unwrap_or(1));
        Some((begin..begin + count).map(move |frame| LinkFault { frame, kind }))
    })
    .flatten()
    .collect()
}
