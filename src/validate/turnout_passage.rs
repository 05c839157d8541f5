//! Stated passages over a turnout with two rails: what the gates of the fast engine and of the signals
//! share.

use super::ValidateError;
use super::case::STEP_S;
use crate::passage::TwoRailInput;
use crate::random::{Purpose, stream};
use crate::track::{
    BearerPlace, BearerPoint, CrossingCondition, Direction, IrregularityLevel, Profile, Route,
    RouteTrack, Side, Turnout, Void, rail_roughness,
};
use crate::train::{
    Consist, ProfileGrid, RailSurface, WheelFleet, WheelLoadScatter, catalogue::consist,
};

/// Bays of the modelled track.
const BAYS: usize = 60;
/// Recorded before the first and after the last axle, s.
const MARGIN_S: f64 = 0.4;

/// One passage over the through route of a 60E1-R760-1:15 turnout: supports scattered by 10 %,
/// irregularity of the low German level and EN ISO 3095 roughness on both rails, a fleet of wheels of which
/// each has its own tread, roundness, roughness and load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stated {
    pub(super) train: &'static [&'static str],
    pub(super) speed_m_s: f64,
    pub(super) direction: Direction,
    pub(super) condition: CrossingCondition,
    /// Gap under the bearer at the theoretical point, m.
    pub(super) void_m: f64,
    /// Draws track and train.
    pub(super) seed: u64,
    /// Vehicles of a type that differ in wheels and loads; `None`: all.
    pub(super) variants: Option<usize>,
}

/// A passage ready to be run.
pub(super) struct Built {
    pub(super) route: RouteTrack,
    pub(super) consist: Consist,
    excitation: Vec<[Profile; 2]>,
    wheel_load: Vec<[f64; 2]>,
    speed_m_s: f64,
    direction: Direction,
}

impl Stated {
    pub(super) fn build(&self) -> Result<Built, ValidateError> {
        let wrong = |problem: String| ValidateError::Oracle {
            case: format!("stated passage of {:?}", self.train),
            problem,
        };
        let turnout = || -> Result<_, crate::track::TurnoutError> {
            let mut turnout = Turnout::by_name("60E1-R760-1:15")?;
            turnout.set_condition(self.condition);
            if self.void_m > 0.0 {
                turnout.voids = vec![Void {
                    bearer: 0,
                    gap_m: self.void_m,
                    far_gap_m: None,
                }];
            }
            let mut rng = stream(self.seed, 0, Purpose::Supports, 0);
            let route = turnout.build_route(Route::Through, BAYS, &mut rng)?;
            Ok((turnout, route))
        };
        let (turnout, route) = turnout().map_err(|e| wrong(e.to_string()))?;
        let entries: Vec<String> = self.train.iter().map(|e| (*e).to_owned()).collect();
        let consist = consist(&entries).map_err(|e| wrong(e.to_string()))?;
        let grid = ProfileGrid::over(route.track.length_m());
        let mut rng = stream(self.seed, 0, Purpose::Irregularity, 0);
        let surfaces = Side::BOTH.map(|_| {
            let waves = IrregularityLevel::Low.realise(&mut rng);
            let rough = rail_roughness(0.0, true, &mut rng);
            RailSurface::new(grid, &[(1.0, &waves), (1.0, &rough)], &[])
        });
        let mut rng = stream(self.seed, 0, Purpose::Wheels, 0);
        let mut wheels = WheelFleet::default().draw(&consist, &mut rng);
        let mut wheel_load = WheelLoadScatter::default().draw(&consist, &mut rng);
        if let Some(variants) = self.variants {
            consist.take_turns(variants, &mut wheels);
            consist.take_turns(variants, &mut wheel_load);
        }
        let excitation = wheels
            .iter()
            .map(|pair| {
                Side::BOTH.map(|side| {
                    let crossing = (side == route.crossing_side)
                        .then_some((turnout.crossing(Route::Through), route.crossing_m));
                    let wheel = &pair[side.index()];
                    surfaces[side.index()].under(wheel, crossing, self.direction)
                })
            })
            .collect();
        Ok(Built {
            route,
            consist,
            excitation,
            wheel_load,
            speed_m_s: self.speed_m_s,
            direction: self.direction,
        })
    }
}

impl Built {
    /// A place on the bearer so many bearers from the theoretical point.
    pub(super) fn point(
        &self,
        bearer: i32,
        place: BearerPlace,
    ) -> Result<BearerPoint, ValidateError> {
        let point = self.route.point(bearer, place);
        point.ok_or_else(|| ValidateError::Oracle {
            case: "stated passage".to_owned(),
            problem: format!("no such place on bearer {bearer}"),
        })
    }

    pub(super) fn input<'a>(&'a self, points: &'a [BearerPoint]) -> TwoRailInput<'a> {
        TwoRailInput {
            track: &self.route.track,
            consist: &self.consist,
            speed_m_s: self.speed_m_s,
            direction: self.direction,
            excitation: &self.excitation,
            wheel_load: &self.wheel_load,
            hertz_n_m15: 9.37e10,
            points,
            before_s: MARGIN_S,
            after_s: MARGIN_S,
            step_s: STEP_S,
        }
    }

    /// When each bogie is near the points: from the first of its axles `reach_m` before them to the last as far
    /// behind, as samples of a record that starts at `start_s`.
    pub(super) fn bogie_windows(&self, start_s: f64, reach_m: f64) -> Vec<std::ops::Range<usize>> {
        let mut windows = Vec::new();
        for placed in &self.consist.vehicles {
            for bogie in &placed.vehicle.bogies {
                let (Some(first), Some(last)) = (bogie.axles_m.first(), bogie.axles_m.last())
                else {
                    continue;
                };
                let sample = |at_m: f64| {
                    let time_s = (placed.first_axle_m + at_m) / self.speed_m_s;
                    ((time_s - start_s) / STEP_S).max(0.0) as usize
                };
                windows.push(sample(first - reach_m)..sample(last + reach_m));
            }
        }
        windows
    }
}
