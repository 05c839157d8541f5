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
use crate::train::traffic::{SpeedLaw, Traffic, TrainKind, keep_apart};
use crate::train::{MeasuredTrain, axle_times};

/// Windows of one turnout that go through the stages together. Fixed: it must not depend on the
/// number of threads.
pub(super) const BATCH: usize = 8;
/// A quiet window keeps this far from trains, s.
const QUIET_CLEARANCE_S: f64 = 120.0;
/// Between two showings of one passage, s, if no other passage is in the way.
const REPEAT_S: f64 = 600.0;
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
    let period_s = loaded.scenario.time.days * SECONDS_PER_DAY;
    Ok(repeated(windows, loaded.scenario.observe.repeat, period_s))
}

/// Every passage as often as it is shown, a headway or more from every other and within the period.
fn repeated(passages: impl Iterator<Item = Plan>, times: u32, period_s: f64) -> Vec<Plan> {
    let passages: Vec<Plan> = passages.collect();
    if times <= 1 {
        return passages;
    }
    let mut wished: Vec<(f64, usize, u32)> = passages
        .iter()
        .enumerate()
        .flat_map(|(passage, plan)| {
            (0..times).map(move |number| {
                let later_s = f64::from(number) * REPEAT_S;
                (plan.at_s + later_s, passage, number)
            })
        })
        .collect();
    wished.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut starts: Vec<f64> = wished.iter().map(|wish| wish.0).collect();
    keep_apart(&mut starts, period_s);
    let mut first_s = vec![0.0; passages.len()];
    let mut shown = Vec::with_capacity(starts.len());
    for (at_s, (_, passage, number)) in starts.into_iter().zip(wished) {
        let (Some(plan), Some(first_s)) = (passages.get(passage), first_s.get_mut(passage)) else {
            continue;
        };
        if number == 0 {
            *first_s = at_s;
        }
        // Whole seconds, so that the same samples come at the same fractions of a microsecond.
        let later_s = libm::round((at_s - *first_s).max(0.0));
        shown.push(Plan {
            at_s: *first_s + later_s,
            showing: Some(Showing {
                passage,
                number,
                later_us: later_s as u64 * 1_000_000,
                more: number + 1 < times,
            }),
            ..plan.clone()
        });
    }
    shown
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::traffic::HEADWAY_S;

    fn quiet(at_s: f64) -> Plan {
        Plan {
            at_s,
            happening: Happening::Quiet {
                ordinal: 0,
                seconds: 1.0,
            },
            showing: None,
        }
    }

    #[test]
    fn showings_keep_apart_and_within_the_period() {
        let day = SECONDS_PER_DAY;
        // The second passage falls between showings of the first, the last one starts ten minutes before the end.
        let passages = [1000.25, 1605.5, day - 600.0];
        let shown = repeated(passages.into_iter().map(quiet), 20, day);
        assert_eq!(shown.len(), 60);
        for pair in shown.windows(2) {
            assert!(pair[1].at_s - pair[0].at_s >= HEADWAY_S - 1.0, "{pair:?}");
        }
        assert!(shown[59].at_s <= day - HEADWAY_S + 1.0);
        for passage in 0..3 {
            let own: Vec<(&Plan, &Showing)> = shown
                .iter()
                .filter_map(|plan| Some((plan, plan.showing.as_ref()?)))
                .filter(|(_, showing)| showing.passage == passage)
                .collect();
            assert_eq!(own.len(), 20);
            for (number, (plan, showing)) in own.iter().enumerate() {
                assert_eq!(showing.number as usize, number);
                assert_eq!(showing.more, number < 19);
                let later_s = plan.at_s - own[0].0.at_s;
                assert!((later_s - showing.later_us as f64 * 1e-6).abs() < 1e-6);
            }
        }
        // Where nothing is in the way a passage comes every ten minutes.
        let alone = repeated(std::iter::once(quiet(10.0)), 3, day);
        let starts: Vec<f64> = alone.iter().map(|plan| plan.at_s).collect();
        assert_eq!(starts, [10.0, 610.0, 1210.0]);
    }
}
