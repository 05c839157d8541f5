//! Passage stage: the motion of the sensor's bearer in every window of the batch.

use bevy_app::{App, Plugin, Update};
use bevy_ecs::batching::BatchingStrategy;
use bevy_ecs::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::app::Setting;
use super::error::RunError;
use super::stage::{Failure, FailureList, Stage, healthy};
use super::turnout::{Installation, Streams};
use super::window::{BearerMotion, Happening, Plan, TrainPlan, Window};
use crate::random::Purpose;
use crate::scenario::{DisturbanceKind as DisturbanceName, DisturbanceSpec, Observation, Scenario};
use crate::score::displacement::quasi_static_pp_m;
use crate::sensor::{Disturbance, DisturbanceKind, ground_vibration, horizontal_from_vertical};
use crate::site::{Condition, SitePassage, TrainRun};
use crate::train::{Wheel, WheelFleet};

/// Steps per second of the passage model and samples per second of a bearer's motion.
pub(super) const MOTION_RATE_HZ: f64 = 20_000.0;
/// Simulated before the first and after the last axle, s.
const MARGIN_S: f64 = 1.0;
/// Ground vibration at the site, RMS on z, m/s2: an ordinary track side.
const GROUND_M_S2: f64 = 2e-3;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Simulates passages and disturbances.
pub(super) struct PassagePlugin;

impl Plugin for PassagePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, move_bearers.in_set(Stage::Passage).run_if(healthy));
    }
}

fn move_bearers(
    setting: Res<'_, Setting>,
    mut failure: ResMut<'_, Failure>,
    sites: Query<'_, '_, (&Installation, &Streams)>,
    mut windows: Query<'_, '_, (&Window, &Plan, &mut BearerMotion)>,
) {
    let failures = FailureList::default();
    windows
        .par_iter_mut()
        .batching_strategy(BatchingStrategy::fixed(1))
        .for_each(|(window, plan, mut motion)| {
            if plan.again() {
                return;
            }
            let Ok((installed, streams)) = sites.get(window.turnout) else {
                return;
            };
            match bearer_motion(window, plan, installed, *streams, &setting.loaded.scenario) {
                Ok(moved) => *motion = moved,
                Err(error) => failures.push((window.turnout_index, window.index), error),
            }
        });
    failure.first_of(failures);
}

/// The motion of the sensor's bearer in one window.
fn bearer_motion(
    window: &Window,
    plan: &Plan,
    installed: &Installation,
    streams: Streams,
    scenario: &Scenario,
) -> Result<BearerMotion, RunError> {
    let day = plan.at_s / SECONDS_PER_DAY;
    let condition = installed.site.on_day(day, &scenario.wear);
    let mut motion = match &plan.happening {
        Happening::Train(train) => train_motion(
            window,
            train,
            installed,
            &condition,
            (streams, &scenario.observe),
        )?,
        Happening::Quiet { seconds, .. } => {
            let samples = (seconds * MOTION_RATE_HZ).round() as usize;
            BearerMotion {
                acceleration_m_s2: std::array::from_fn(|_| vec![0.0; samples]),
                ..BearerMotion::default()
            }
        }
    };
    motion.condition = condition.named;
    let mut rng = streams.open(Purpose::Disturbance, u64::from(window.index));
    let samples = motion.acceleration_m_s2[0].len();
    let ground = ground_vibration(samples, MOTION_RATE_HZ, GROUND_M_S2, &mut rng);
    for (axis, vibration) in motion.acceleration_m_s2.iter_mut().zip(&ground) {
        for (value, ground) in axis.iter_mut().zip(vibration) {
            *value += ground;
        }
    }
    if let Happening::Quiet { ordinal, .. } = plan.happening {
        let here = scenario.disturbance.iter().filter(|d| d.window == ordinal);
        for spec in here {
            disturbance(spec).add_to(&mut motion.acceleration_m_s2, MOTION_RATE_HZ, &mut rng);
            let (name, end_s) = (kind_name(spec.kind), spec.at_s + spec.duration_s);
            motion
                .disturbances
                .push((name.to_owned(), spec.at_s, end_s));
        }
    }
    Ok(motion)
}

fn disturbance(spec: &DisturbanceSpec) -> Disturbance {
    Disturbance {
        kind: match spec.kind {
            DisturbanceName::Footsteps => DisturbanceKind::Footsteps,
            DisturbanceName::TampingHammer => DisturbanceKind::TampingHammer,
            DisturbanceName::RoadVehicle => DisturbanceKind::RoadVehicle,
        },
        at_s: spec.at_s,
        duration_s: spec.duration_s,
        peak_m_s2: spec.peak_m_s2,
    }
}

fn kind_name(kind: DisturbanceName) -> &'static str {
    match kind {
        DisturbanceName::Footsteps => "footsteps",
        DisturbanceName::TampingHammer => "tamping-hammer",
        DisturbanceName::RoadVehicle => "road-vehicle",
    }
}

/// A passage: the simulated motion between quiet lead and tail.
fn train_motion(
    window: &Window,
    train: &TrainPlan,
    installed: &Installation,
    condition: &Condition,
    (streams, observe): (Streams, &Observation),
) -> Result<BearerMotion, RunError> {
    let mut rng = streams.open(Purpose::Wheels, u64::from(window.index));
    let wheels = wheels(train, &mut rng);
    let wheel_load = train.wheels.draw_loads(&train.consist, &mut rng);
    let run = TrainRun {
        consist: &train.consist,
        wheels: &wheels,
        wheel_load: &wheel_load,
        speed_m_s: train.speed_m_s,
        direction: train.direction,
        route: train.route,
        margin_s: MARGIN_S,
        step_s: 1.0 / MOTION_RATE_HZ,
    };
    let passage = installed
        .site
        .run(condition, &run, &[installed.output])
        .map_err(|error| RunError::of_site(window.turnout_index, window.index, error))?;
    Ok(embed(&passage, train.speed_m_s, observe))
}

/// The wheels of a train, a wheelset of it with flats where the plan says so.
fn wheels(train: &TrainPlan, rng: &mut ChaCha8Rng) -> Vec<[Wheel; 2]> {
    let mut wheels = train.wheels.draw_wheels(&train.consist, rng);
    if let Some(length_m) = train.wheel_flat_m {
        WheelFleet::add_flat(&mut wheels, length_m, train.flat_worn, rng);
    }
    if let Some(polygon) = &train.wheels.polygon
        && rng.random::<f64>() < polygon.share
    {
        let amplitude_m = polygon.amplitude_um * 1e-6;
        WheelFleet::add_polygon(&mut wheels, polygon.order, amplitude_m, rng);
    }
    wheels
}

/// Puts the simulated stretch between quiet lead and tail, z up.
fn embed(passage: &SitePassage, speed_m_s: f64, observe: &Observation) -> BearerMotion {
    let lead_s = observe.lead_s;
    let lead = (lead_s * MOTION_RATE_HZ) as usize;
    let tail = (observe.tail_s * MOTION_RATE_HZ) as usize;
    let point = passage.points.first();
    let down = point.map_or(&[][..], |point| &point.acceleration_m_s2);
    let mut up = vec![0.0; lead];
    up.extend(down.iter().map(|value| -value));
    up.resize(lead + down.len() + tail, 0.0);
    let [x, y] = horizontal_from_vertical(&up, MOTION_RATE_HZ);
    let event_after_s = lead_s - passage.start_s;
    let axle_times_s: Vec<f64> = passage
        .axle_times_s
        .iter()
        .map(|time| event_after_s + time)
        .collect();
    let from_start = passage.axle_times_s.iter();
    let axles_of_trace_s: Vec<f64> = from_start.map(|time| time - passage.start_s).collect();
    let displacement = point.map_or(&[][..], |point| &point.displacement_m);
    BearerMotion {
        displacement_pp_m: quasi_static_pp_m(
            displacement,
            MOTION_RATE_HZ,
            &axles_of_trace_s,
            speed_m_s,
        ),
        acceleration_m_s2: [x, y, up],
        event_after_s,
        axle_times_s,
        left_to_full_engine: passage.fast.map(|fast| fast.fallback.is_some()),
        contact_loss: Some(
            passage
                .contact_loss_s
                .iter()
                .flatten()
                .any(|loss| *loss > 0.0),
        ),
        ..BearerMotion::default()
    }
}
