//! A constant force over the reference track.

use super::case::{STATIC_N, STEP_S, reference_track};
use super::{Gates, ValidateError, max, min};
use crate::passage::{ReferenceRun, Rider, run_reference};

const FE: &str = "OpenSeesPy 3.7.1.2 and a separate banded Newmark code";

pub(super) fn gates(gates: &mut Gates) -> Result<(), ValidateError> {
    let record = run_reference(&ReferenceRun {
        track: &reference_track(),
        rider: Rider::Force {
            force_n: STATIC_N,
            ramp_s: 0.1,
        },
        cusp: None,
        speed_m_s: 40.0,
        start_m: 10.0,
        end_m: 50.0,
        unloaded_s: 0.0,
        step_s: STEP_S,
        sleepers: &[50],
        energy: false,
    })?;
    let sleeper = &record.sleepers[0];
    let window: Vec<usize> = (0..record.position_m.len())
        .filter(|&i| record.position_m[i] > 27.0 && record.position_m[i] < 33.0)
        .collect();
    let under = || window.iter().map(|&i| record.under_load_m[i] * 1e3);
    let mean = under().sum::<f64>() / window.len() as f64;
    let rail = max(sleeper.rail_m.iter().map(|u| u * 1e3));
    let peak = max(sleeper.displacement_m.iter().map(|u| u * 1e3));
    let acceleration = max(window.iter().map(|&i| sleeper.acceleration_m_s2[i].abs()));
    for (name, reference, got) in [
        ("rail peak at 30 m", 0.90453, rail),
        ("sleeper peak at 30 m", 0.64789, peak),
        ("under the load, mean", 0.90891, mean),
        ("under the load, least", 0.90432, min(under())),
        ("under the load, most", 0.91323, max(under())),
    ] {
        gates.relative(
            format!("moving load: {name}"),
            "mm",
            (reference, got),
            1e-3,
            FE,
        );
    }
    let name = "moving load: peak sleeper acceleration";
    gates.relative(name, "m/s2", (3.086, acceleration), 0.01, FE);
    Ok(())
}
