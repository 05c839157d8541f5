//! A case of one rail on two rails: rigid bearers of twice the sleeper, equal forces.

use crate::passage::{
    MovingForces, MovingForcesRecord, PassageError, ReferenceRecord, SleeperRecord,
    run_moving_forces,
};
use crate::track::{
    Bearer, BearerPoint, GapProfile, Pad, Support, Track, TwoRailTrack, ballast, sections_of_bays,
};

/// Length of a bearer and distance of its seats, m; neither matters while it is rigid and loaded
/// equally.
const LENGTH_M: f64 = 2.6;
const SEATS_Y_M: [f64; 2] = [0.75, -0.75];
/// First bending frequency above 15 kHz.
const RIGID_N_M2: f64 = 1e11;

/// A force on each rail.
pub(super) struct Load {
    pub(super) force_n: f64,
    pub(super) ramp_s: f64,
    pub(super) speed_m_s: f64,
    pub(super) start_m: f64,
    pub(super) steps: usize,
    pub(super) step_s: f64,
}

/// Bearer of twice a support.
fn rigid_bearer(s: &Support) -> Bearer {
    Bearer {
        left_end_y_m: 0.5 * LENGTH_M,
        right_end_y_m: -0.5 * LENGTH_M,
        bending_stiffness_n_m2: RIGID_N_M2,
        mass_kg_m: 2.0 * s.sleeper_mass_kg / LENGTH_M,
        ballast_stiffness_n_m2: 2.0 * s.ballast_stiffness_n_m / LENGTH_M,
        ballast_damping_n_s_m2: 2.0 * s.ballast_damping_n_s_m / LENGTH_M,
        gap: GapProfile::uniform(s.gap_m),
        pads: [Pad {
            stiffness_n_m: s.pad_stiffness_n_m,
            damping_n_s_m: s.pad_damping_n_s_m,
        }; 2],
    }
}

/// Two copies of a track, side by side.
pub(in crate::validate) fn doubled(track: &Track) -> TwoRailTrack {
    let rail = sections_of_bays(&track.rail, track.elements_per_bay);
    TwoRailTrack {
        rails: [rail.clone(), rail],
        beam: track.beam,
        rotary_second_moment_m4: None,
        bay_m: track.bay_m,
        elements_per_bay: track.elements_per_bay,
        seats_y_m: SEATS_Y_M,
        bearers: track.supports.iter().map(rigid_bearer).collect(),
        ballast: track.ballast,
        gravity_m_s2: track.gravity_m_s2,
    }
}

/// Runs it on two rails; the record is that of one of them, with the rail over the middle one of the
/// `sleepers`.
pub(super) fn run(
    track: &Track,
    sleepers: &[usize],
    load: &Load,
) -> Result<ReferenceRecord, PassageError> {
    // The rails are recorded over the bearer of the first point.
    let middle = sleepers[sleepers.len() / 2];
    let points: Vec<BearerPoint> = std::iter::once(&middle)
        .chain(sleepers)
        .map(|&bearer| BearerPoint { bearer, y_m: 0.0 })
        .collect();
    let record = run_moving_forces(&MovingForces {
        track: &doubled(track),
        force_n: [load.force_n; 2],
        start_m: [load.start_m; 2],
        speed_m_s: load.speed_m_s,
        ramp_s: load.ramp_s,
        steps: load.steps,
        step_s: load.step_s,
        points: &points,
    })?;
    Ok(one_of(record, track, sleepers, load.step_s))
}

fn one_of(
    mut record: MovingForcesRecord,
    track: &Track,
    sleepers: &[usize],
    step_s: f64,
) -> ReferenceRecord {
    let rail_m = std::mem::take(&mut record.rail_m[0]);
    let motions = record.points.split_off(1);
    let sleepers = sleepers.iter().zip(motions).map(|(&sleeper, motion)| {
        let support = &track.supports[sleeper];
        let states = motion.displacement_m.iter().zip(&motion.velocity_m_s);
        SleeperRecord {
            ballast_force_n: states
                .map(|(u, v)| ballast::force_n(track.ballast, support, *u, *v))
                .collect(),
            displacement_m: motion.displacement_m,
            velocity_m_s: motion.velocity_m_s,
            acceleration_m_s2: motion.acceleration_m_s2,
            rail_m: rail_m.clone(),
        }
    });
    let [position_m, _] = record.position_m;
    let [under_load_m, _] = record.under_load_m;
    ReferenceRecord {
        step_s,
        unloaded_from: position_m.len(),
        position_m,
        under_load_m,
        sleepers: sleepers.collect(),
        unresolved_steps: record.unresolved_steps,
        ..ReferenceRecord::default()
    }
}
