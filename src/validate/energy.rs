//! Once the load is gone the energy of the track can only fall.

use super::case::{STATIC_N, STEP_S, reference_track};
use super::oracle::doubled;
use super::{Gates, ValidateError, max};
use crate::passage::{
    MovingForces, ReferenceRun, Rider, run_moving_forces_and_rest, run_reference,
};
use crate::track::{BallastLaw, BeamTheory, GapProfile, TwoRailTrack};

const THEORY: &str = "average acceleration on dampers that only take energy";

pub(super) fn gates(gates: &mut Gates) -> Result<(), ValidateError> {
    for (name, law, gravity_m_s2, gaps) in [
        ("linear", BallastLaw::Linear, 0.0, false),
        ("linear with weight", BallastLaw::Linear, 9.81, false),
        ("unilateral", BallastLaw::Unilateral, 9.81, false),
        ("unilateral with voids", BallastLaw::Unilateral, 9.81, true),
        (
            "unclipped with voids",
            BallastLaw::UnilateralUnclipped,
            9.81,
            true,
        ),
    ] {
        for beam in [BeamTheory::EulerBernoulli, BeamTheory::Timoshenko] {
            let mut track = reference_track();
            track.ballast = law;
            track.gravity_m_s2 = gravity_m_s2;
            track.beam = beam;
            if gaps {
                for (sleeper, gap_m) in [(49, 0.5e-3), (50, 1e-3), (51, 0.5e-3)] {
                    track.supports[sleeper].gap_m = gap_m;
                }
            }
            let record = run_reference(&ReferenceRun {
                track: &track,
                rider: Rider::Force {
                    force_n: STATIC_N,
                    ramp_s: 0.05,
                },
                cusp: None,
                speed_m_s: 40.0,
                start_m: 25.0,
                end_m: 30.0,
                unloaded_s: 0.5,
                step_s: STEP_S,
                sleepers: &[],
                energy: true,
            })?;
            let growth = growth(&record.energy_j[record.unloaded_from - 1..]);
            let theory = match beam {
                BeamTheory::EulerBernoulli => "Euler-Bernoulli",
                BeamTheory::Timoshenko => "Timoshenko",
            };
            let text = format!("{name} ballast, {theory}: largest growth in a step over the loss");
            gates.at_most(text, "1", growth, 1e-9, THEORY);
        }
    }
    Ok(())
}

/// Largest growth of the energy in a step, as a share of what is lost in all. A load that left nothing
/// behind would prove nothing.
fn growth(energy_j: &[f64]) -> f64 {
    let lost = energy_j[0] - energy_j[energy_j.len() - 1];
    let growth = max(energy_j.windows(2).map(|e| e[1] - e[0]));
    if lost > 10.0 { growth / lost } else { f64::NAN }
}

/// The same on two rails and flexible bearers, under forces that differ; gaps along bearers too, and
/// bearers that never touch their ballast.
pub(super) fn two_rails(gates: &mut Gates) -> Result<(), ValidateError> {
    let none = GapProfile::default();
    let wedge = GapProfile {
        points: vec![(-1.3, 0.0), (0.3, 0.0), (1.3, 1.5e-3)],
    };
    let hanging = GapProfile::uniform(20e-3);
    let even = GapProfile::uniform(1e-3);
    for (name, law, gravity_m_s2, gap) in [
        ("linear", BallastLaw::Linear, 0.0, &none),
        ("linear with weight", BallastLaw::Linear, 9.81, &none),
        ("unilateral", BallastLaw::Unilateral, 9.81, &none),
        ("unilateral with voids", BallastLaw::Unilateral, 9.81, &even),
        (
            "unilateral with a void under one end",
            BallastLaw::Unilateral,
            9.81,
            &wedge,
        ),
        (
            "unilateral with hanging bearers",
            BallastLaw::Unilateral,
            9.81,
            &hanging,
        ),
        (
            "unclipped with voids",
            BallastLaw::UnilateralUnclipped,
            9.81,
            &even,
        ),
    ] {
        let mut track = flexible_pair();
        track.ballast = law;
        track.gravity_m_s2 = gravity_m_s2;
        for bearer in &mut track.bearers[19..=21] {
            bearer.gap = gap.clone();
        }
        let run = MovingForces {
            track: &track,
            force_n: [0.6 * STATIC_N, STATIC_N],
            start_m: [9.0; 2],
            speed_m_s: 40.0,
            ramp_s: 0.025,
            steps: 1500,
            step_s: STEP_S,
            points: &[],
        };
        let (_, energy_j) = run_moving_forces_and_rest(&run, 6000)?;
        let text = format!("two rails, {name} ballast: largest growth in a step over the loss");
        gates.at_most(text, "1", growth(&energy_j), 1e-9, THEORY);
    }
    Ok(())
}

/// 40 bays of the reference track as a pair of rails on bearers that bend like sleepers.
fn flexible_pair() -> TwoRailTrack {
    let mut one = reference_track();
    one.beam = BeamTheory::Timoshenko;
    one.rail.truncate(40);
    one.supports.truncate(41);
    let mut pair = doubled(&one);
    for bearer in &mut pair.bearers {
        bearer.bending_stiffness_n_m2 = 6e6;
    }
    pair
}
