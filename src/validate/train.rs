//! A coach over a dip on two rails: the one-rail model on rigid bearers, convergence.

use super::case::{HERTZ_N_M15, STEP_S, rail_60e1, reference_track};
use super::oracle::doubled;
use super::{Gates, ValidateError, max};
use crate::passage::{PassageInput, TwoRailInput, TwoRailPassage, simulate, simulate_two_rails};
use crate::track::{
    BallastLaw, BeamTheory, BearerPoint, Direction, GapProfile, Profile, Track, TwoRailTrack,
    sections_of_bays,
};
use crate::train::catalogue::manchester_passenger;
use crate::train::{Consist, PlacedVehicle};

const ONE_RAIL: &str = "own, one-rail model";
const OWN: &str = "own convergence";
/// Bays of the track, and the bearer at the dip.
const BAYS: usize = 50;
const MIDDLE: usize = BAYS / 2;
const SPEED_M_S: f64 = 30.0;

/// The reference track with a shear-flexible rail, dead weight and ballast that only pushes.
fn track() -> Track {
    let mut track = reference_track();
    track.beam = BeamTheory::Timoshenko;
    track.ballast = BallastLaw::Unilateral;
    track.gravity_m_s2 = 9.81;
    track.rail.truncate(BAYS);
    track.supports.truncate(BAYS + 1);
    track
}

/// A dip of 10 mrad over the bearer in the middle.
fn dip() -> Profile {
    let (step_m, at_m) = (0.002, 0.6 * MIDDLE as f64);
    let depth = |i: usize| {
        let inside = (1.0 - (i as f64 * step_m - at_m).abs()).max(0.0);
        0.0025 * inside * inside
    };
    Profile {
        start_m: 0.0,
        step_m,
        height_m: (0..=15_000).map(depth).collect(),
    }
}

fn coach() -> Consist {
    Consist {
        vehicles: vec![PlacedVehicle {
            vehicle: manchester_passenger(),
            first_axle_m: 0.0,
        }],
    }
}

fn pair(track: &TwoRailTrack, step_s: f64) -> Result<TwoRailPassage, ValidateError> {
    Ok(simulate_two_rails(&TwoRailInput {
        track,
        consist: &coach(),
        speed_m_s: SPEED_M_S,
        direction: Direction::Facing,
        excitation: &vec![[dip(), dip()]; 4],
        wheel_load: &[],
        hertz_n_m15: HERTZ_N_M15,
        points: &[BearerPoint {
            bearer: MIDDLE,
            y_m: 0.75,
        }],
        before_s: 0.1,
        after_s: 0.1,
        step_s,
    })?)
}

pub(super) fn gates(gates: &mut Gates) -> Result<(), ValidateError> {
    rigid_bearers(gates)?;
    convergence(gates)
}

/// Root of the mean square of the difference over that of the reference.
fn relative_rms(got: &[f64], reference: &[f64]) -> f64 {
    if got.len() != reference.len() {
        return f64::NAN;
    }
    let sum = |f: &dyn Fn(usize) -> f64| (0..got.len()).map(|i| f(i) * f(i)).sum::<f64>();
    (sum(&|i| got[i] - reference[i]) / sum(&|i| reference[i])).sqrt()
}

/// A coach over a dip and voids: two rails on rigid bearers are two copies of one rail.
fn rigid_bearers(gates: &mut Gates) -> Result<(), ValidateError> {
    let mut one = track();
    for (sleeper, gap_m) in [(MIDDLE - 1, 0.5e-3), (MIDDLE, 1e-3), (MIDDLE + 1, 0.5e-3)] {
        one.supports[sleeper].gap_m = gap_m;
    }
    let single = simulate(&PassageInput {
        track: &one,
        consist: &coach(),
        speed_m_s: SPEED_M_S,
        direction: Direction::Facing,
        excitation: &vec![dip(); 4],
        hertz_n_m15: HERTZ_N_M15,
        sleepers: &[MIDDLE],
        before_s: 0.1,
        after_s: 0.1,
        step_s: STEP_S,
    })?;
    let both = pair(&doubled(&one), STEP_S)?;
    let (a, b) = (&both.points[0], &single.sleepers[0]);
    let name = "coach over voids, rigid bearers";
    let moved = relative_rms(&a.displacement_m, &b.displacement_m);
    gates.at_most(
        format!("{name}: sleeper displacement, RMS of the difference"),
        "1",
        moved,
        1e-4,
        ONE_RAIL,
    );
    let shaken = relative_rms(&a.acceleration_m_s2, &b.acceleration_m_s2);
    gates.at_most(
        format!("{name}: sleeper acceleration, RMS of the difference"),
        "1",
        shaken,
        5e-3,
        ONE_RAIL,
    );
    let forces = both
        .peak_contact_force_n
        .iter()
        .zip(&single.peak_contact_force_n);
    for (axle, (pair, single)) in forces.enumerate() {
        for (got, side) in pair.iter().zip(["left", "right"]) {
            let name = format!(
                "{name}: largest force of the {side} wheel of axle {}",
                axle + 1
            );
            let values = (single / 1e3, got / 1e3);
            gates.relative(name, "kN", values, 2e-4, ONE_RAIL);
        }
    }
    let values = (
        2e-3 * single.peak_ballast_force_n[MIDDLE - 1],
        1e-3 * both.peak_ballast_force_n[MIDDLE - 1],
    );
    let name = format!("{name}: largest ballast force beside the void");
    gates.relative(name, "kN", values, 1e-3, ONE_RAIL);
    Ok(())
}

/// The coach over flexible bearers, one of which hangs at one end.
fn convergence(gates: &mut Gates) -> Result<(), ValidateError> {
    let mut pairs = doubled(&track());
    for bearer in &mut pairs.bearers {
        bearer.bending_stiffness_n_m2 = 6e6;
    }
    pairs.bearers[MIDDLE + 1].gap = GapProfile {
        points: vec![(0.0, 0.0), (1.3, 1e-3)],
    };
    let p1_kn = |track: &TwoRailTrack, step_s: f64| -> Result<f64, ValidateError> {
        let passage = pair(track, step_s)?;
        Ok(max(passage.peak_contact_force_n.into_iter().flatten()) / 1e3)
    };
    let usual = p1_kn(&pairs, STEP_S)?;
    let halved = p1_kn(&pairs, 0.5 * STEP_S)?;
    let name = "coach over flexible bearers: P1 against half the time step";
    gates.relative(name, "kN", (halved, usual), 0.002, OWN);
    let rail = sections_of_bays(&[rail_60e1(); BAYS], 8);
    pairs.rails = [rail.clone(), rail];
    pairs.elements_per_bay = 8;
    let finer = p1_kn(&pairs, STEP_S)?;
    let name = "coach over flexible bearers: P1 against half the element length";
    gates.relative(name, "kN", (finer, usual), 0.01, OWN);
    Ok(())
}
