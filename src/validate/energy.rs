//! Once the load is gone the energy of the track can only fall.

use super::case::{STATIC_N, STEP_S, reference_track};
use super::{Gates, ValidateError, max};
use crate::passage::{ReferenceRun, Rider, run_reference};
use crate::track::{BallastLaw, BeamTheory};

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
            let energy = &record.energy_j[record.unloaded_from - 1..];
            let lost = energy[0] - energy[energy.len() - 1];
            let growth = max(energy.windows(2).map(|e| e[1] - e[0]));
            // A load that left nothing behind would prove nothing.
            let growth = if lost > 10.0 { growth / lost } else { f64::NAN };
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
