//! A constant force over the reference track.

use crate::support::{Gates, max, min, reference_track};
use frogbench::passage::{ReferenceRun, Rider, run_reference};

const FE: &str = "OpenSeesPy 3.7.1.2 and a separate banded Newmark code";

#[test]
fn moving_load_on_linear_ballast() {
    let track = reference_track();
    let record = run_reference(&ReferenceRun {
        track: &track,
        rider: Rider::Force {
            force_n: 1e5,
            ramp_s: 0.1,
        },
        cusp: None,
        speed_m_s: 40.0,
        start_m: 10.0,
        end_m: 50.0,
        unloaded_s: 0.0,
        step_s: 5e-5,
        sleepers: &[50],
        energy: false,
    })
    .unwrap();
    let sleeper = &record.sleepers[0];
    let window: Vec<usize> = (0..record.position_m.len())
        .filter(|&i| record.position_m[i] > 27.0 && record.position_m[i] < 33.0)
        .collect();
    let under = || window.iter().map(|&i| record.under_load_m[i] * 1e3);
    let mut gates = Gates::default();
    let rail = max(sleeper.rail_m.iter().map(|u| u * 1e3));
    gates.relative(
        "moving load: rail peak at 30 m (mm)",
        0.90453,
        rail,
        1e-3,
        FE,
    );
    let sleeper_peak = max(sleeper.displacement_m.iter().map(|u| u * 1e3));
    gates.relative(
        "moving load: sleeper peak at 30 m (mm)",
        0.64789,
        sleeper_peak,
        1e-3,
        FE,
    );
    let mean = under().sum::<f64>() / window.len() as f64;
    gates.relative(
        "moving load: mean under the load (mm)",
        0.90891,
        mean,
        1e-3,
        FE,
    );
    gates.relative(
        "moving load: least under the load (mm)",
        0.90432,
        min(under()),
        1e-3,
        FE,
    );
    gates.relative(
        "moving load: most under the load (mm)",
        0.91323,
        max(under()),
        1e-3,
        FE,
    );
    let peak = max(window.iter().map(|&i| sleeper.acceleration_m_s2[i].abs()));
    gates.relative(
        "moving load: peak sleeper acceleration (m/s2)",
        3.086,
        peak,
        0.01,
        FE,
    );
    gates.verdict();
}
