//! Once the load is gone the energy of the track can only fall.

use crate::support::reference_track;
use frogbench::passage::{ReferenceRun, Rider, run_reference};
use frogbench::track::{BallastLaw, BeamTheory};

#[test]
fn energy_never_grows_without_load() {
    for (law, gravity_m_s2, gaps) in [
        (BallastLaw::Linear, 0.0, false),
        (BallastLaw::Linear, 9.81, false),
        (BallastLaw::Unilateral, 9.81, false),
        (BallastLaw::Unilateral, 9.81, true),
        (BallastLaw::UnilateralUnclipped, 9.81, true),
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
                    force_n: 1e5,
                    ramp_s: 0.05,
                },
                cusp: None,
                speed_m_s: 40.0,
                start_m: 25.0,
                end_m: 30.0,
                unloaded_s: 0.5,
                step_s: 5e-5,
                sleepers: &[],
                energy: true,
            })
            .unwrap();
            let energy = &record.energy_j[record.unloaded_from - 1..];
            let lost = energy[0] - energy[energy.len() - 1];
            let growth = energy
                .windows(2)
                .map(|e| e[1] - e[0])
                .fold(f64::NEG_INFINITY, f64::max);
            println!(
                "{law:?} {beam:?} g {gravity_m_s2} gaps {gaps}: lost {lost:.3} J, largest growth in a step {growth:.2e} J"
            );
            assert!(lost > 10.0, "{law:?}: the load left {lost} J");
            assert!(
                growth <= 1e-9 * lost,
                "{law:?} {beam:?}: {growth} J of {lost} J"
            );
        }
    }
}
