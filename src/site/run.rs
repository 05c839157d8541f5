//! A train over a site in one condition, by either passage model.

use super::{Condition, Site, SiteError};
use crate::passage::{
    FastFigures, FastTrack, PassageInput, PointMotion, PreparedTrack, TwoRailInput, simulate,
};
use crate::scenario::{PassageEngine, PassageModel};
use crate::track::{
    Bearer, BearerPlace, BearerPoint, Crossing, Direction, Profile, Route, RouteTrack, Side,
    crossing_side,
};
use crate::train::{Consist, Wheel};

/// Hertz constant of a 0.46 m wheel on 60E1, N/m^1.5; other radii change it by a few percent.
const HERTZ_N_M15: f64 = 9.37e10;

/// A train and how it runs.
#[derive(Debug, Clone, Copy)]
pub struct TrainRun<'a> {
    /// Vehicles from front to rear.
    pub consist: &'a Consist,
    /// Wheels `[left, right]` of each axle; left and right are those of the track.
    pub wheels: &'a [[Wheel; 2]],
    /// Load of each wheel relative to that of its vehicle type, without the shift by cant deficiency; empty means
    /// 1 everywhere. The one-rail model does without.
    pub wheel_load: &'a [[f64; 2]],
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Direction.
    pub direction: Direction,
    /// Route.
    pub route: Route,
    /// Simulated time before the first and after the last axle is over the first output, s.
    pub margin_s: f64,
    /// Time step and interval of the samples, s.
    pub step_s: f64,
}

/// A place to be recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Output {
    /// Bearer, counted from the theoretical point.
    pub bearer: i32,
    /// Place on it. The one-rail model has none: its bearers are rigid.
    pub place: BearerPlace,
}

/// What a passage gives, by either model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SitePassage {
    /// Time between samples, s.
    pub step_s: f64,
    /// Time of sample 0, s; zero is when the first axle is over the first output.
    pub start_s: f64,
    /// Motion of the outputs, positive down.
    pub points: Vec<PointMotion>,
    /// When each axle is over the first output, s.
    pub axle_times_s: Vec<f64>,
    /// Largest contact force `[left, right]` of each axle, N; of one rail, on both.
    pub peak_contact_force_n: Vec<[f64; 2]>,
    /// Time without contact `[left, right]` of each axle, s; of one rail, on both.
    pub contact_loss_s: Vec<[f64; 2]>,
    /// Largest force between each bearer of the track and its ballast, N; with one rail that of its share.
    pub peak_ballast_force_n: Vec<f64>,
    /// Time steps.
    pub steps: u64,
    /// What the fast engine did, if it ran.
    pub fast: Option<FastFigures>,
}

impl Site {
    /// Runs a train over the site in a condition and records the motion of `outputs`.
    pub fn run(
        &self,
        condition: &Condition,
        train: &TrainRun<'_>,
        outputs: &[Output],
    ) -> Result<SitePassage, SiteError> {
        match self.passage.model {
            PassageModel::TwoRails => self.run_two_rails(condition, train, outputs),
            PassageModel::OneRail => self.run_one_rail(condition, train, outputs),
        }
    }

    fn run_two_rails(
        &self,
        condition: &Condition,
        train: &TrainRun<'_>,
        outputs: &[Output],
    ) -> Result<SitePassage, SiteError> {
        let built = self.route_track(train.route, condition)?;
        let points: Vec<BearerPoint> = outputs
            .iter()
            .map(|output| self.point(&built, *output))
            .collect::<Result<_, _>>()?;
        let excitation: Vec<[Profile; 2]> = train
            .wheels
            .iter()
            .map(|pair| {
                Side::BOTH.map(|side| {
                    self.profile(
                        condition,
                        train,
                        &pair[side.index()],
                        side,
                        built.crossing_m,
                    )
                })
            })
            .collect();
        let input = TwoRailInput {
            track: &built.track,
            consist: train.consist,
            speed_m_s: train.speed_m_s,
            direction: train.direction,
            excitation: &excitation,
            wheel_load: &wheel_loads(condition, train),
            hertz_n_m15: HERTZ_N_M15,
            points: &points,
            before_s: train.margin_s,
            after_s: train.margin_s,
            step_s: train.step_s,
        };
        let (passage, fast) = match self.passage.engine {
            PassageEngine::Full => {
                let prepared = PreparedTrack::new(input.track, input.step_s)?;
                (prepared.simulate(&input)?, None)
            }
            PassageEngine::Fast => {
                let prepared = FastTrack::new(input.track, input.points, input.step_s)?;
                let fast = prepared.simulate(&input)?;
                (fast.passage, Some(fast.figures))
            }
        };
        Ok(SitePassage {
            step_s: passage.step_s,
            start_s: passage.start_s,
            points: passage.points,
            axle_times_s: passage.axle_times_s,
            peak_contact_force_n: passage.peak_contact_force_n,
            contact_loss_s: passage.contact_loss_s,
            peak_ballast_force_n: passage.peak_ballast_force_n,
            steps: passage.counters.steps,
            fast,
        })
    }

    /// The rail with the crossing alone; cant deficiency is a factor on the bodies, which carry most of the weight.
    fn run_one_rail(
        &self,
        condition: &Condition,
        train: &TrainRun<'_>,
        outputs: &[Output],
    ) -> Result<SitePassage, SiteError> {
        let built = self.one_rail_track(condition)?;
        let sleepers: Vec<usize> = outputs
            .iter()
            .map(|output| {
                let support = built.support_of(output.bearer);
                support.ok_or_else(|| self.outside(output.bearer))
            })
            .collect::<Result<_, _>>()?;
        let side = crossing_side(train.route);
        let excitation: Vec<Profile> = train
            .wheels
            .iter()
            .map(|pair| {
                self.profile(
                    condition,
                    train,
                    &pair[side.index()],
                    side,
                    built.crossing_m,
                )
            })
            .collect();
        let mut consist = train.consist.clone();
        let factor = condition.turnout.load_factor(train.route, train.speed_m_s);
        for placed in &mut consist.vehicles {
            placed.vehicle.body_mass_kg *= factor;
        }
        let passage = simulate(&PassageInput {
            track: &built.track,
            consist: &consist,
            speed_m_s: train.speed_m_s,
            direction: train.direction,
            excitation: &excitation,
            hertz_n_m15: HERTZ_N_M15,
            sleepers: &sleepers,
            before_s: train.margin_s,
            after_s: train.margin_s,
            step_s: train.step_s,
        })?;
        let both = |values: &[f64]| values.iter().map(|value| [*value; 2]).collect();
        Ok(SitePassage {
            step_s: passage.step_s,
            start_s: passage.start_s,
            peak_contact_force_n: both(&passage.peak_contact_force_n),
            contact_loss_s: both(&passage.contact_loss_s),
            points: passage
                .sleepers
                .into_iter()
                .map(|sleeper| PointMotion {
                    acceleration_m_s2: sleeper.acceleration_m_s2,
                    displacement_m: sleeper.displacement_m,
                })
                .collect(),
            axle_times_s: passage.axle_times_s,
            peak_ballast_force_n: passage.peak_ballast_force_n,
            steps: passage.counters.steps,
            fast: None,
        })
    }

    fn point(&self, built: &RouteTrack, output: Output) -> Result<BearerPoint, SiteError> {
        let index = built
            .index_of(output.bearer)
            .ok_or_else(|| self.outside(output.bearer))?;
        built
            .point(output.bearer, output.place)
            .ok_or_else(|| SiteError::PlaceOutside {
                bearer: output.bearer,
                along_m: match output.place {
                    BearerPlace::Along(along_m) => along_m,
                    _ => f64::NAN,
                },
                length_m: built.track.bearers.get(index).map_or(0.0, Bearer::length_m),
            })
    }

    /// What one wheel meets: the crossing only if its rail has it.
    fn profile(
        &self,
        condition: &Condition,
        train: &TrainRun<'_>,
        wheel: &Wheel,
        side: Side,
        crossing_m: f64,
    ) -> Profile {
        let crossing: &Crossing = condition.turnout.crossing(train.route);
        if side == crossing_side(train.route) {
            self.surface
                .crossing
                .under(wheel, Some((crossing, crossing_m)), train.direction)
        } else {
            self.surface.check.under(wheel, None, train.direction)
        }
    }
}

/// Relative wheel loads with the shift from the inner to the outer rail by cant deficiency.
fn wheel_loads(condition: &Condition, train: &TrainRun<'_>) -> Vec<[f64; 2]> {
    let factor = condition.turnout.load_factor(train.route, train.speed_m_s);
    let outer = crossing_side(train.route).index();
    let mut shift = [2.0 - factor; 2];
    shift[outer] = factor;
    (0..train.consist.axle_count())
        .map(|axle| {
            let own = train.wheel_load.get(axle).copied().unwrap_or([1.0; 2]);
            [own[0] * shift[0], own[1] * shift[1]]
        })
        .collect()
}
