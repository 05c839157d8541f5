//! Zimmermann, static deflections, receptance, pinned-pinned frequencies.

use super::case::{STATIC_N, rail_60e1, reference_track};
use super::{Gates, ValidateError};
use crate::track::{BeamTheory, Zimmermann, pinned_pinned_hz, receptance, statics};

const FE: &str = "OpenSeesPy 3.7.1.2 and a separate banded FE code";
const THEORY: &str = "Zimmermann 1888: beam on elastic foundation";
const PINNED: &str = "closed form of the pinned beam";

pub(super) fn deflections(gates: &mut Gates) -> Result<(), ValidateError> {
    let track = reference_track();
    let z = Zimmermann::new(&track)?;
    let w0_mm = z.deflection_m(STATIC_N) * 1e3;
    gates.relative(
        "Zimmermann beta",
        "1/m",
        (1.29345, z.beta_1_m),
        1e-4,
        THEORY,
    );
    gates.relative("Zimmermann w0", "mm", (0.90542, w0_mm), 1e-4, THEORY);
    let over = statics(&track, &[(30.0, STATIC_N)])?;
    let between = statics(&track, &[(30.3, STATIC_N)])?;
    let mm = |m: f64| m * 1e3;
    let (rail, midspan) = (mm(over.under_load_m[0]), mm(between.under_load_m[0]));
    gates.relative(
        "static, rail over a sleeper",
        "mm",
        (0.90236, rail),
        1e-4,
        FE,
    );
    gates.relative(
        "static, rail at midspan",
        "mm",
        (0.91102, midspan),
        1e-4,
        FE,
    );
    let (sleeper, seat) = (mm(over.sleeper_m[50]), over.seat_force_n[50] / 1e3);
    gates.relative("static, sleeper", "mm", (0.64455, sleeper), 1e-3, FE);
    gates.relative("static, seat load", "kN", (38.67, seat), 1e-3, FE);
    // With the local compliance of the element a Timoshenko rail of coarse elements gives the
    // deflection of a fine mesh under a load anywhere.
    let mut coarse = reference_track();
    coarse.beam = BeamTheory::Timoshenko;
    let mut fine = coarse.clone();
    fine.elements_per_bay = 32;
    for x_m in [30.0, 30.05, 30.075, 30.1, 30.15, 30.2, 30.3] {
        let reference = mm(statics(&fine, &[(x_m, STATIC_N)])?.under_load_m[0]);
        let got = mm(statics(&coarse, &[(x_m, STATIC_N)])?.under_load_m[0]);
        let name = format!("static, Timoshenko rail at {x_m} m");
        gates.relative(
            name,
            "mm",
            (reference, got),
            1e-9,
            "own, 32 elements per bay",
        );
    }
    Ok(())
}

pub(super) fn frequencies(gates: &mut Gates) -> Result<(), ValidateError> {
    for (name, reference, low, high, sign) in [
        (
            "receptance at midspan: ballast peak",
            72.0,
            40.0,
            120.0,
            1.0,
        ),
        ("receptance at midspan: dip", 198.0, 120.0, 300.0, -1.0),
        ("receptance at midspan: pad peak", 348.0, 250.0, 600.0, 1.0),
        (
            "receptance at midspan: pinned-pinned peak (Euler-Bernoulli)",
            1420.0,
            1200.0,
            1600.0,
            1.0,
        ),
    ] {
        let got = extreme_hz(low, high, sign)?;
        gates.relative(name, "Hz", (reference, got), 0.02, FE);
    }
    let rail = rail_60e1();
    let eb = pinned_pinned_hz(&rail, BeamTheory::EulerBernoulli, 0.6, 16)?;
    let timoshenko = pinned_pinned_hz(&rail, BeamTheory::Timoshenko, 0.6, 16)?;
    gates.relative(
        "pinned-pinned, Euler-Bernoulli",
        "Hz",
        (1420.0, eb),
        0.01,
        PINNED,
    );
    gates.relative(
        "pinned-pinned, Timoshenko",
        "Hz",
        (1072.0, timoshenko),
        0.01,
        PINNED,
    );
    Ok(())
}

/// Frequency at which the receptance of the reference track at midspan is largest (`sign` 1) or
/// smallest (-1), in steps of 0.5 Hz.
fn extreme_hz(low_hz: f64, high_hz: f64, sign: f64) -> Result<f64, ValidateError> {
    let track = reference_track();
    let mut best = (f64::NEG_INFINITY, f64::NAN);
    for i in 0..=((high_hz - low_hz) / 0.5) as usize {
        let hz = low_hz + 0.5 * i as f64;
        let size = sign * receptance(&track, 30.3, 30.3, hz)?.magnitude_m_n();
        if size > best.0 {
            best = (size, hz);
        }
    }
    Ok(best.1)
}
