//! Device stage: counts into the device under test, bytes by radio out of it.

use std::collections::BTreeMap;
use std::time::Instant;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::batching::BatchingStrategy;
use bevy_ecs::prelude::*;

use super::app::{RunOptions, Setting, TurnoutIndex};
use super::damage::{Damage, Turn, TurnKind, garbage};
use super::error::RunError;
use super::resources;
use super::stage::{Failure, FailureList, Stage, healthy};
use super::turnout::Instrument;
use super::window::{Radio, Reading, Window};
use crate::conduct::Conduct;
use crate::device::{
    DeviceError, LinkRecord, Session, SessionOptions, StreamConfig, UplinkMessage,
};
use crate::scenario::Scenario;
use crate::score::ResourceRow;
use crate::sensor::Measured;

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
    /// What it was told of the stream at the last HELLO.
    config: StreamConfig,
    options: RunOptions,
    log_since: Option<Instant>,
    /// Starts of the device that the bench has brought about, the first included.
    starts: u32,
    /// What the device says against what is true.
    pub(super) conduct: Conduct,
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
        (name, scenario): (&str, &Scenario),
    ) -> Result<Self, RunError> {
        let session_options = SessionOptions {
            hello_timeout: options.hello_timeout,
            log_since,
            garbage: garbage(scenario),
            ..SessionOptions::default()
        };
        let session =
            Session::open(&options.device, config, session_options).map_err(|source| {
                RunError::Device {
                    turnout: index.0,
                    source,
                }
            })?;
        let boots = session.identity().boot_count;
        Ok(Self {
            turnout,
            session,
            end_us: config.epoch_us,
            config: config.clone(),
            options: options.clone(),
            log_since,
            starts: 1,
            conduct: Conduct::new(name, index.0, boots, config.epoch_us),
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
        let damage = Damage::of(scenario, window.index, measured);
        let facts = damage.facts(measured, reading);
        self.conduct.begin(window.index);
        let temperature_cdeg = libm::round(reading.temperature_c * 100.0) as i16;
        let begin_us = reading.start_us.max(self.end_us);
        let skipped = (begin_us - self.end_us) as f64 * 1e-6 * self.config.nominal_rate_hz;
        // Sample numbers wrap, as they do in the device.
        let next_t0 = damage.first_number.unwrap_or_else(|| {
            let next = self.session.next_t0();
            next.wrapping_add(libm::round(skipped) as u64 as u32)
        });
        let early = self
            .session
            .skip(next_t0, begin_us, temperature_cdeg, false)?;
        self.hear(entity, early, |_| begin_us);
        self.session
            .inject(damage.frames(self.session.frames_sent()));
        self.feed_with(entity, measured, &damage, begin_us, temperature_cdeg)?;
        self.clipped_samples += measured.clipped_samples;
        let seconds = measured.counts.len() as f64 / measured.true_rate_hz;
        self.end_us = begin_us + libm::round(seconds * 1e6) as u64;

        // What the device has to say of this window it says now: a passage that has not ended is not the next
        // window's.
        let now = self.session.next_t0();
        let state = self
            .session
            .skip(now, self.end_us, temperature_cdeg, reading.quiet)?;
        let end_us = self.end_us;
        self.hear(entity, state, |_| end_us);
        if damage.polls > 0 {
            self.conduct.be_terse();
        }
        for _ in 0..damage.polls {
            let state = self.session.skip(now, end_us, temperature_cdeg, true)?;
            self.hear(entity, state, |_| end_us);
        }
        self.conduct.end(&facts);
        Ok(())
    }

    fn hear(
        &mut self,
        entity: Entity,
        messages: Vec<UplinkMessage>,
        arrival: impl Fn(&UplinkMessage) -> u64,
    ) {
        for message in messages {
            let arrival_us = arrival(&message);
            self.conduct.hear(arrival_us, &message);
            self.inbox.push((entity, arrival_us, message));
        }
    }

    /// Feeds a window, with what happens to sensor and device on the way.
    fn feed_with(
        &mut self,
        entity: Entity,
        measured: &Measured,
        damage: &Damage,
        begin_us: u64,
        temperature_cdeg: i16,
    ) -> Result<(), DeviceError> {
        let batch = usize::from(measured.fifo_batch.max(1));
        let batches = measured.stamps.len();
        let stamps: Vec<u32> = measured
            .stamps
            .iter()
            .map(|stamp| stamp.wrapping_add(damage.stamp_offset))
            .collect();
        let mut from = 0;
        let end = Turn {
            batch: batches,
            skipped: 0,
            kind: TurnKind::Overrun,
        };
        for turn in damage.turns.iter().chain([&end]) {
            let to = turn.batch.clamp(from, batches);
            let samples = from * batch..(to * batch).min(measured.counts.len());
            let first = self.session.next_t0();
            let begin = begin_us + sample_us(samples.start, measured);
            let counts = measured.counts.get(samples).unwrap_or_default();
            let messages = self.session.feed(counts, &stamps[from..to])?;
            self.hear(entity, messages, |message| {
                let after = message.t0.wrapping_sub(first) as usize + usize::from(message.n);
                begin + sample_us(after, measured)
            });
            from = (to + turn.skipped).min(batches);
            let now_us = begin_us + sample_us(from * batch, measured);
            match turn.kind {
                TurnKind::Overrun => self.session.overrun((turn.skipped * batch) as u32),
                TurnKind::Poll(count) => {
                    for _ in 0..count {
                        let beat = self.session.ask_for_heartbeat(now_us, temperature_cdeg)?;
                        self.hear(entity, beat, |_| now_us);
                    }
                }
                // The next call tells what has become of it.
                TurnKind::Provoke(what) if !what.starts_again() => self.session.provoke(what)?,
                kind => {
                    self.start_again(kind, now_us)?;
                    let early = self.session.skip(0, now_us, temperature_cdeg, false)?;
                    self.hear(entity, early, |_| now_us);
                }
            }
        }
        Ok(())
    }

    /// A start of the device, or of the session with it, at `now_us`.
    fn start_again(&mut self, kind: TurnKind, now_us: u64) -> Result<(), DeviceError> {
        self.config.epoch_us = now_us;
        if let TurnKind::Provoke(what) = kind {
            self.starts += 1;
            self.session.provoke(what)?;
        } else if kind == TurnKind::Reset {
            self.starts += 1;
            let options = SessionOptions {
                hello_timeout: self.options.hello_timeout,
                log_since: self.log_since,
                boot_count: self.starts,
                ..SessionOptions::default()
            };
            self.session
                .restart(&self.options.device, &self.config, options)?;
        } else {
            self.session
                .reconnect(&self.config, self.options.hello_timeout)?;
        }
        let boots = self.session.identity().boot_count;
        self.conduct.restarted(boots, now_us);
        Ok(())
    }
}

/// Time of a sample after the first of its window, us.
fn sample_us(index: usize, measured: &Measured) -> u64 {
    libm::round(index as f64 / measured.true_rate_hz * 1e6) as u64
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
