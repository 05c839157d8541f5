//! Reference case of two rails: constant forces moving over them.

use std::f64::consts::PI;

use super::error::{PassageError, finite, not_negative, positive};
use super::kernel::bearers::PointState;
use super::kernel::stepper::{TrackFactor, TrackMotion};
use super::two_rail_energy::Energy;
use crate::track::two_rail_model::{Probe, TwoRailModel, interpolate};
use crate::track::{BearerPoint, Side, TwoRailState, TwoRailTrack, two_rail_statics_of};

/// Modes of a bearer in time steps: the rigid ones and twelve in bending, up to 8 kHz for a sleeper.
pub(crate) const MODES: usize = 14;
/// Displacement beyond which a track is broken, m.
const TRACK_LIMIT_M: f64 = 1.0;

/// Two constant forces, one on each rail, on a track that rests under its own weight.
#[derive(Debug, Clone, Copy)]
pub struct MovingForces<'a> {
    /// The track; rail ends are free.
    pub track: &'a TwoRailTrack,
    /// Forces on the left and the right rail, N, raised as `P/2 (1 - cos(pi t / ramp))`.
    pub force_n: [f64; 2],
    /// Places at time zero, m.
    pub start_m: [f64; 2],
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Time of the ramp, s; 0 for none.
    pub ramp_s: f64,
    /// Time steps.
    pub steps: usize,
    /// Time step, s.
    pub step_s: f64,
    /// Points of bearers to record; the rails are recorded over the bearer of the first.
    pub points: &'a [BearerPoint],
}

/// Result; entry `n` (from 0) is the state at time `(n + 1) step_s`, positive down.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MovingForcesRecord {
    /// Places of the forces, m.
    pub position_m: [Vec<f64>; 2],
    /// Deflection of each rail under its force, m.
    pub under_load_m: [Vec<f64>; 2],
    /// Deflection of the rails over the bearer of the first point, m.
    pub rail_m: [Vec<f64>; 2],
    /// Motion of the points.
    pub points: Vec<PointRecord>,
    /// Steps without a consistent state of the ballast.
    pub unresolved_steps: u64,
}

/// Motion of a point, positive down.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PointRecord {
    /// Displacement, m.
    pub displacement_m: Vec<f64>,
    /// Velocity, m/s.
    pub velocity_m_s: Vec<f64>,
    /// Acceleration, m/s2.
    pub acceleration_m_s2: Vec<f64>,
}

/// Runs the case, takes the forces away and lets the track move on for `unloaded` steps: the record
/// of all steps, and the energy of the track (J) at the end of the last loaded one and of each of these.
pub fn run_moving_forces_and_rest(
    run: &MovingForces<'_>,
    unloaded: usize,
) -> Result<(MovingForcesRecord, Vec<f64>), PassageError> {
    let (mut records, energy_j) = run_group::<1>(&[*run], unloaded)?;
    Ok((records.pop().unwrap_or_default(), energy_j))
}

/// Runs the case.
pub fn run_moving_forces(run: &MovingForces<'_>) -> Result<MovingForcesRecord, PassageError> {
    let mut records = run_moving_forces_side_by_side::<1>(&[*run])?;
    Ok(records.pop().unwrap_or_default())
}

/// Runs `P` cases on one track side by side. Each gets the bits that it gets alone.
///
/// All must have the track, the points and the times of the first.
pub fn run_moving_forces_side_by_side<const P: usize>(
    runs: &[MovingForces<'_>; P],
) -> Result<Vec<MovingForcesRecord>, PassageError> {
    Ok(run_group(runs, 0)?.0)
}

/// Records, and energies of the first case while nothing loads its track any more.
type Group = (Vec<MovingForcesRecord>, Vec<f64>);

fn run_group<const P: usize>(
    runs: &[MovingForces<'_>; P],
    unloaded: usize,
) -> Result<Group, PassageError> {
    for run in runs {
        check(run)?;
    }
    let track = runs[0].track;
    let model = TwoRailModel::new(track, MODES)?;
    let rest = two_rail_statics_of(&model, &[])?;
    let mut probes = Vec::with_capacity(runs[0].points.len());
    let mut rest_points = Vec::with_capacity(runs[0].points.len());
    for point in runs[0].points {
        let probe = model.probe(track, *point)?;
        let (modes, seats) = (&rest.modes[point.bearer], rest.seat_force_n[point.bearer]);
        rest_points.push(probe.rest_m(modes, seats));
        probes.push(probe);
    }
    let case = Case::<P> {
        runs,
        model: &model,
        rest: &rest,
        rest_points,
        probes: &probes,
        factor: &TrackFactor::two_rails(&model, &rest, runs[0].step_s)?,
        unloaded,
    };
    case.run()
}

struct Case<'a, const P: usize> {
    runs: &'a [MovingForces<'a>; P],
    model: &'a TwoRailModel,
    rest: &'a TwoRailState,
    rest_points: Vec<f64>,
    probes: &'a [Probe],
    factor: &'a TrackFactor<2>,
    /// Steps without the forces, at the end.
    unloaded: usize,
}

impl<const P: usize> Case<'_, P> {
    fn run(&self) -> Result<Group, PassageError> {
        let mut motion = TrackMotion::<2, P>::at_rest(self.factor);
        let mut records: Vec<MovingForcesRecord> = (0..P)
            .map(|_| MovingForcesRecord {
                points: vec![PointRecord::default(); self.probes.len()],
                ..MovingForcesRecord::default()
            })
            .collect();
        let loaded = self.runs[0].steps;
        let sum = (self.unloaded > 0).then(|| Energy::new(self.model, self.rest, self.factor));
        let mut energy_j = Vec::with_capacity(self.unloaded + 1);
        for n in 1..=loaded + self.unloaded {
            motion.begin(self.factor);
            for (p, run) in self.runs.iter().enumerate() {
                for side in Side::BOTH {
                    let force = force_n(run, side, n);
                    if let Some(place) = self.inside(run, side, n) {
                        let shape = self.model.shape(side, place);
                        let spot = self.factor.rails.spot(side.index(), place.element, &shape);
                        motion.rails.load(&spot, p, force);
                    }
                }
            }
            motion.solve(self.factor);
            let unresolved = motion.settle(self.factor);
            for (p, record) in records.iter_mut().enumerate() {
                record.unresolved_steps += u64::from(unresolved >> p & 1);
                self.note(&motion, record, p, n)?;
            }
            if let Some(sum) = sum.as_ref().filter(|_| n >= loaded) {
                energy_j.push(sum.of(&motion));
            }
        }
        Ok((records, energy_j))
    }

    fn inside(
        &self,
        run: &MovingForces<'_>,
        side: Side,
        n: usize,
    ) -> Option<crate::track::assembly::Place> {
        self.model.place_inside(place_m(run, side, n)).ok()
    }

    fn note(
        &self,
        motion: &TrackMotion<2, P>,
        record: &mut MovingForcesRecord,
        p: usize,
        n: usize,
    ) -> Result<(), PassageError> {
        let run = &self.runs[p];
        for side in Side::BOTH {
            let i = side.index();
            let x_m = place_m(run, side, n);
            let place = self.model.place(x_m);
            let mut under = self.rail_m(motion, side, place, p);
            if self.inside(run, side, n).is_some() {
                under += self.model.local_compliance(side, place) * force_n(run, side, n);
            }
            if under.is_nan() || under.abs() > TRACK_LIMIT_M {
                return Err(PassageError::Diverged {
                    time_s: n as f64 * run.step_s,
                    at_m: x_m,
                    what: "rail displacement (m)",
                    value: under,
                });
            }
            record.position_m[i].push(x_m);
            record.under_load_m[i].push(under);
            if let Some(point) = run.points.first() {
                let place = self.model.place(point.bearer as f64 * run.track.bay_m);
                record.rail_m[i].push(self.rail_m(motion, side, place, p));
            }
        }
        for (k, out) in record.points.iter_mut().enumerate() {
            let PointState {
                displacement_m,
                velocity_m_s,
                acceleration_m_s2,
            } = motion
                .bearers
                .point(&self.factor.bearers, &motion.rails, &self.probes[k], p);
            out.displacement_m
                .push(self.rest_points[k] + displacement_m);
            out.velocity_m_s.push(velocity_m_s);
            out.acceleration_m_s2.push(acceleration_m_s2);
        }
        Ok(())
    }

    fn rail_m(
        &self,
        motion: &TrackMotion<2, P>,
        side: Side,
        place: crate::track::assembly::Place,
        p: usize,
    ) -> f64 {
        let shape = self.model.shape(side, place);
        let spot = self.factor.rails.spot(side.index(), place.element, &shape);
        interpolate(&self.rest.rails, side, place.element, &shape)
            + motion.rails.displacement(&spot, p)
    }
}

fn place_m(run: &MovingForces<'_>, side: Side, n: usize) -> f64 {
    run.start_m[side.index()] + run.speed_m_s * (n as f64 * run.step_s)
}

/// Force at the end of step `n`: none once the loaded steps are over.
fn force_n(run: &MovingForces<'_>, side: Side, n: usize) -> f64 {
    if n > run.steps {
        0.0
    } else {
        ramped(run, side, n)
    }
}

fn ramped(run: &MovingForces<'_>, side: Side, n: usize) -> f64 {
    let force = run.force_n[side.index()];
    let time_s = n as f64 * run.step_s;
    if time_s < run.ramp_s {
        force * 0.5 * (1.0 - libm::cos(PI * time_s / run.ramp_s))
    } else {
        force
    }
}

fn check(run: &MovingForces<'_>) -> Result<(), PassageError> {
    positive("speed (m/s)", "the forces", run.speed_m_s)?;
    positive("time step (s)", "the run", run.step_s)?;
    not_negative("ramp (s)", "the forces", run.ramp_s)?;
    for side in Side::BOTH {
        finite("force (N)", "a moving force", run.force_n[side.index()])?;
        finite("start (m)", "a moving force", run.start_m[side.index()])?;
    }
    run.track.check()?;
    super::simulate::check_two_rails(run.track, run.speed_m_s, super::BAND_HZ)
}
