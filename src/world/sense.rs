//! Sense stage: from the motion of a bearer to counts.

use std::collections::BTreeMap;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::batching::BatchingStrategy;
use bevy_ecs::prelude::*;

use super::app::Setting;
use super::error::RunError;
use super::passage::MOTION_RATE_HZ;
use super::stage::{Failure, FailureList, Stage, healthy};
use super::truth::Simulated;
use super::turnout::{Installation, Instrument, Streams};
use super::window::{BearerMotion, Happening, Plan, Reading, Window};
use crate::random::Purpose;
use crate::scenario::{Axis, FaultKind, FaultSpec, Scenario};
use crate::sensor::{Conditions, Motion, SensorFault, SensorSetup, SensorUnit, measure};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Measures.
pub(super) struct SensePlugin;

impl Plugin for SensePlugin {
    fn build(&self, app: &mut App) {
        let sense = (read_sensors, show_again).chain();
        app.init_resource::<Shown>()
            .add_systems(Update, sense.in_set(Stage::Sense).run_if(healthy));
    }
}

/// Readings of passages that will be shown again, by turnout and passage.
#[derive(Resource, Debug, Default)]
struct Shown(BTreeMap<(Entity, usize), Reading>);

/// The reading of an earlier window at a later time.
fn show_again(
    mut shown: ResMut<'_, Shown>,
    mut windows: Query<'_, '_, (&Window, &Plan, &mut Reading)>,
) {
    let mut ordered: Vec<_> = windows
        .iter_mut()
        .filter(|(_, plan, _)| plan.showing.is_some())
        .collect();
    ordered.sort_by_key(|(window, ..)| (window.turnout_index, window.index));
    for (window, plan, mut reading) in ordered {
        let Some(showing) = plan.showing else {
            continue;
        };
        let key = (window.turnout, showing.passage);
        if showing.number == 0 {
            shown.0.insert(key, reading.clone());
            continue;
        }
        let Some(first) = shown.0.get(&key) else {
            continue;
        };
        *reading = first.later(showing.later_us, window.index);
        if !showing.more {
            shown.0.remove(&key);
        }
    }
}

impl Reading {
    /// The same, so much later, in another window.
    fn later(&self, later_us: u64, index: u32) -> Self {
        let mut later = self.clone();
        later.start_us += later_us;
        for row in &mut later.truth {
            row.window = Some(index);
            let times = row.axle_times_us.iter_mut();
            for time in times.chain([&mut row.onset_us, &mut row.end_us]) {
                *time += later_us as i64;
            }
        }
        for signal in &mut later.signal {
            signal.window = index;
        }
        later
    }
}

fn read_sensors(
    setting: Res<'_, Setting>,
    mut failure: ResMut<'_, Failure>,
    sites: Query<'_, '_, (&Installation, &Instrument, &Streams)>,
    mut windows: Query<'_, '_, (&Window, &Plan, &mut BearerMotion, &mut Reading)>,
) {
    let failures = FailureList::default();
    windows
        .par_iter_mut()
        .batching_strategy(BatchingStrategy::fixed(1))
        .for_each(|(window, plan, mut motion, mut reading)| {
            if plan.again() {
                return;
            }
            let Ok((site, instrument, streams)) = sites.get(window.turnout) else {
                return;
            };
            match read_sensor(
                (window, plan, &motion),
                site,
                instrument,
                *streams,
                &setting,
            ) {
                Ok(read) => *reading = read,
                Err(error) => failures.push((window.turnout_index, window.index), error),
            }
            // 20 kHz in three axes is the bulk of a batch's memory, and nobody reads it again.
            motion.acceleration_m_s2 = Default::default();
        });
    failure.first_of(failures);
}

fn read_sensor(
    (window, plan, motion): (&Window, &Plan, &BearerMotion),
    site: &Installation,
    instrument: &Instrument,
    streams: Streams,
    setting: &Setting,
) -> Result<Reading, RunError> {
    let scenario = &setting.loaded.scenario;
    let temperature_c = site.temperature_c(plan.at_s / SECONDS_PER_DAY);
    let start_us = setting.time_us(plan.at_s - motion.event_after_s);
    let [x, y, z] = &motion.acceleration_m_s2;
    let faulty = Faulty::new(scenario, window.index, instrument);
    let index = u64::from(window.index);
    let mut measured = measure(
        &faulty.setup,
        &faulty.unit,
        &Motion {
            rate_hz: MOTION_RATE_HZ,
            acceleration_m_s2: [x, y, z],
        },
        &Conditions {
            temperature_c,
            start_us,
            faults: &faulty.faults,
        },
        &mut streams.open(Purpose::SensorNoise, index),
        &mut streams.open(Purpose::TimeStamp, index),
    )?;
    let simulated = Simulated {
        name: setting.name(),
        window,
        plan,
        motion,
        measured: &measured,
        start_us,
        temperature_c,
    };
    let (truth, signal) = (simulated.truth(), simulated.signal()?);
    // The true motion has served: nobody reads it again.
    measured.truth_m_s2 = Vec::new();
    Ok(Reading {
        measured: Some(measured),
        temperature_c,
        start_us,
        quiet: matches!(plan.happening, Happening::Quiet { .. }),
        truth,
        signal,
    })
}

/// The sensor of one window with the faults that the scenario injects.
struct Faulty {
    setup: SensorSetup,
    unit: SensorUnit,
    faults: Vec<SensorFault>,
}

impl Faulty {
    fn new(scenario: &Scenario, window: u32, instrument: &Instrument) -> Self {
        let mut faulty = Self {
            setup: instrument.setup,
            unit: instrument.unit,
            faults: Vec::new(),
        };
        for fault in scenario.fault.iter().filter(|f| f.window == window) {
            faulty.add(fault);
        }
        faulty
    }

    fn add(&mut self, fault: &FaultSpec) {
        let rate_hz = self.setup.output_rate_hz;
        let from = (fault.at_s.unwrap_or(0.0) * rate_hz) as u64;
        let axis = fault.axis.unwrap_or(Axis::Z).index();
        let value = fault.value.unwrap_or(0.0);
        let resonance = &mut self.setup.mounting.resonance;
        match fault.kind {
            FaultKind::SensorRateError => {
                self.unit.rate_error = value;
                self.unit.rate_drift_per_k = 0.0;
            }
            FaultKind::MountLoose => self.setup.mounting.looseness = value,
            FaultKind::MountResonance => resonance
                .iter_mut()
                .flatten()
                .for_each(|resonance| resonance.frequency_hz = value),
            _ => {}
        }
        self.faults.extend(match fault.kind {
            FaultKind::StuckAxis => Some(SensorFault::StuckAxis { axis, from }),
            FaultKind::SensorSilent => Some(SensorFault::DeadBus { from }),
            FaultKind::SensorOffset => Some(SensorFault::OffsetJump {
                axis,
                from,
                jump_m_s2: value,
            }),
            FaultKind::SensorDrift => Some(SensorFault::OffsetDrift {
                axis,
                from,
                step_m_s2: value / 60.0 / rate_hz,
            }),
            FaultKind::SensorClipping => Some(SensorFault::Saturation {
                from,
                limit_m_s2: value,
            }),
            FaultKind::SensorFirstSample => Some(SensorFault::CorruptFirst),
            _ => None,
        });
    }
}
