//! Plan stage: which windows of a turnout are observed, in order of time.

use std::sync::Arc;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::prelude::*;

use super::error::RunError;
use super::stage::{Stage, healthy};
use super::turnout::{Installation, Streams};
use super::window::{BearerMotion, Happening, Plan, Radio, Reading, Showing, TrainPlan, Window};
use crate::random::Purpose;
use crate::scenario::{FlatState, Loaded, TrafficSpec, WheelsSpec};
use crate::track::{Direction, Route};
use crate::train::Consist;
use crate::train::catalogue;
use crate::train::traffic::{SpeedLaw, Traffic, TrainKind};
use crate::train::{MeasuredTrain, axle_times};

/// Windows of one turnout that go through the stages together. Fixed: it must not depend on the
/// number of threads.
pub(super) const BATCH: usize = 8;
/// A quiet window keeps this far from trains, s.
const QUIET_CLEARANCE_S: f64 = 120.0;
/// Between two showings of one passage, s.
const REPEAT_S: u32 = 600;
const SECONDS_PER_DAY: f64 = 86_400.0;
const KM_H: f64 = 1.0 / 3.6;

/// Hands out the planned windows, a batch at a time.
pub(super) struct PlanPlugin;

impl Plugin for PlanPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, begin_batch.in_set(Stage::Plan).run_if(healthy));
    }
}

/// The windows of one turnout that are still to come, in order of time.
#[derive(Component, Debug, Default)]
pub(super) struct Agenda {
    pub(super) windows: std::collections::VecDeque<Plan>,
}

fn begin_batch(
    mut commands: Commands<'_, '_>,
    mut turnouts: Query<
        '_,
        '_,
        (
            Entity,
            &super::app::TurnoutIndex,
            &mut Agenda,
            &mut NextWindow,
        ),
    >,
) {
    for (turnout, index, mut agenda, mut next) in &mut turnouts {
        let size = agenda.windows.len().min(BATCH);
        for planned in agenda.windows.drain(..size) {
            let window = Window {
                turnout,
                turnout_index: index.0,
                index: next.0,
            };
            next.0 += 1;
            let stages = (
                BearerMotion::default(),
                Reading::default(),
                Radio::default(),
            );
            commands.spawn((window, planned, stages));
        }
    }
}

/// Index of the next window of a turnout.
#[derive(Component, Debug, Default)]
pub(super) struct NextWindow(u32);

/// The trains that a scenario can send, shared by all turnouts.
#[derive(Debug)]
pub(super) enum Trains {
    /// Consists by train kind, drawn from the traffic mix.
    Mix(Vec<(Arc<Consist>, String)>),
    /// Measured passes, each run once and in order.
    Measured(Vec<MeasuredTrain>),
}

impl Trains {
    /// Reads and builds them.
    pub(super) fn new(loaded: &Loaded) -> Result<Self, RunError> {
        if let Some(path) = &loaded.measured {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| RunError::Scenario {
                field: "[traffic] measured",
                reason: format!("{name} cannot be read: {error}"),
            })?;
            return Ok(Self::Measured(axle_times::parse(&name, &text)?));
        }
        let build = |names: &Vec<String>| {
            let consist = catalogue::consist(names).map_err(|error| RunError::Scenario {
                field: "[[traffic.train]] vehicles",
                reason: error.to_string(),
            })?;
            Ok((Arc::new(consist), names.join(" + ")))
        };
        let kinds = &loaded.scenario.traffic.train;
        let mix: Result<_, RunError> = kinds.iter().map(|kind| build(&kind.vehicles)).collect();
        Ok(Self::Mix(mix?))
    }
}

/// All windows of one turnout.
pub(super) fn agenda(
    loaded: &Loaded,
    trains: &Trains,
    site: &Installation,
    streams: Streams,
) -> Result<Agenda, RunError> {
    let mut windows = match trains {
        Trains::Measured(passes) => measured_windows(loaded, passes),
        Trains::Mix(mix) => drawn_windows(loaded, mix, site, streams)?,
    };
    let observe = &loaded.scenario.observe;
    let period_s = loaded.scenario.time.days * SECONDS_PER_DAY;
    for ordinal in 0..observe.quiet_windows {
        let middle = (f64::from(ordinal) + 0.5) / f64::from(observe.quiet_windows) * period_s;
        windows.push(Plan {
            at_s: clear_of_trains(middle, observe.quiet_s, &windows),
            happening: Happening::Quiet {
                ordinal,
                seconds: observe.quiet_s,
            },
            showing: None,
        });
    }
    windows.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    Ok(Agenda {
        windows: windows.into(),
    })
}

/// The first instant from `at_s` on that has no window near.
fn clear_of_trains(at_s: f64, seconds: f64, windows: &[Plan]) -> f64 {
    let mut starts: Vec<f64> = windows.iter().map(|window| window.at_s).collect();
    starts.sort_by(f64::total_cmp);
    starts.into_iter().fold(at_s, |at, taken| {
        let clash = taken > at - QUIET_CLEARANCE_S && taken < at + seconds + QUIET_CLEARANCE_S;
        if clash { taken + QUIET_CLEARANCE_S } else { at }
    })
}

/// Measured passes spread evenly over the period.
fn measured_windows(loaded: &Loaded, passes: &[MeasuredTrain]) -> Vec<Plan> {
    let period_s = loaded.scenario.time.days * SECONDS_PER_DAY;
    let count = passes.len() as f64;
    let window = |(index, pass): (usize, &MeasuredTrain)| Plan {
        at_s: (index as f64 + 0.5) / count * period_s,
        happening: Happening::Train(TrainPlan {
            consist: Arc::new(pass.consist.clone()),
            label: format!(
                "{} {} {}",
                pass.pass.kind, pass.pass.train, pass.pass.section
            ),
            speed_m_s: pass.speed_m_s,
            direction: Direction::Facing,
            route: Route::Through,
            wheel_flat_m: None,
            flat_worn: true,
            wheels: WheelsSpec::default(),
        }),
        showing: None,
    };
    passes.iter().enumerate().map(window).collect()
}

/// A sample of the period's passages, drawn from the traffic mix.
fn drawn_windows(
    loaded: &Loaded,
    mix: &[(Arc<Consist>, String)],
    site: &Installation,
    streams: Streams,
) -> Result<Vec<Plan>, RunError> {
    if loaded.scenario.observe.passages == 0 {
        return Ok(Vec::new());
    }
    let traffic = traffic(loaded, site);
    let sample = traffic
        .sample(&mut streams.open(Purpose::Traffic, 0))
        .map_err(|error| RunError::Scenario {
            field: "[traffic]",
            reason: error.to_string(),
        })?;
    let specs = &loaded.scenario.traffic.train;
    let windows = sample.passages.iter().filter_map(|passage| {
        let (consist, label) = mix.get(passage.kind)?;
        let spec = specs.get(passage.kind)?;
        Some(Plan {
            at_s: passage.at_s,
            happening: Happening::Train(TrainPlan {
                consist: Arc::clone(consist),
                label: label.clone(),
                speed_m_s: passage.speed_m_s,
                direction: passage.direction,
                route: passage.route,
                wheel_flat_m: passage.wheel_flat.then_some(spec.wheel_flat_mm * 1e-3),
                flat_worn: spec.wheel_flat == FlatState::Worn,
                wheels: spec.wheels.clone(),
            }),
            showing: None,
        })
    });
    Ok(repeated(windows, loaded.scenario.observe.repeat))
}

/// Every passage as often as it is shown.
fn repeated(passages: impl Iterator<Item = Plan>, times: u32) -> Vec<Plan> {
    let showings = passages.enumerate().flat_map(|(passage, plan)| {
        (0..times.max(1)).map(move |number| {
            let later_s = number * REPEAT_S;
            Plan {
                at_s: plan.at_s + f64::from(later_s),
                showing: (times > 1).then_some(Showing {
                    passage,
                    number,
                    later_us: u64::from(later_s) * 1_000_000,
                    more: number + 1 < times,
                }),
                ..plan.clone()
            }
        })
    });
    showings.collect()
}

fn traffic(loaded: &Loaded, site: &Installation) -> Traffic {
    let TrafficSpec {
        passages_per_day,
        train,
        ..
    } = &loaded.scenario.traffic;
    let kinds = train.iter().map(|spec| {
        let (min, max) = spec.speed_km_h.bounds_km_h();
        TrainKind {
            share: spec.share,
            speed: SpeedLaw {
                mean_m_s: spec.speed_km_h.mean * KM_H,
                sd_m_s: spec.speed_km_h.sd * KM_H,
                min_m_s: min * KM_H,
                max_m_s: max * KM_H,
            },
            facing_share: spec.facing_share,
            diverging_share: spec.diverging_share,
            wheel_flat_share: spec.wheel_flat_share,
        }
    });
    let start = loaded.scenario.time.start.to_zoned(jiff::tz::TimeZone::UTC);
    Traffic {
        kinds: kinds.collect(),
        passages_per_day: *passages_per_day,
        days: loaded.scenario.time.days,
        start_hour: f64::from(start.hour()) + f64::from(start.minute()) / 60.0,
        observed: loaded.scenario.observe.passages as usize,
        diverging_speed_m_s: site.diverging_speed_m_s(),
    }
}
