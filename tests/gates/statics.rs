//! Zimmermann, static deflections, receptance, pinned-pinned frequencies.

use crate::support::{Gates, rail_60e1, reference_track};
use frogbench::track::{BeamTheory, Zimmermann, pinned_pinned_hz, receptance, statics};

const FE: &str = "OpenSeesPy 3.7.1.2 and a separate banded FE code";
const THEORY: &str = "Zimmermann 1888: beam on elastic foundation";
const BEAM: &str = "closed form of the pinned beam";

#[test]
fn zimmermann_and_static_deflections() {
    let mut gates = Gates::default();
    let track = reference_track();
    let z = Zimmermann::new(&track).unwrap();
    gates.relative("Zimmermann beta (1/m)", 1.29345, z.beta_1_m, 1e-4, THEORY);
    gates.relative(
        "Zimmermann w0 (mm)",
        0.90542,
        z.deflection_m(1e5) * 1e3,
        1e-4,
        THEORY,
    );
    let over = statics(&track, &[(30.0, 1e5)]).unwrap();
    let between = statics(&track, &[(30.3, 1e5)]).unwrap();
    gates.relative(
        "static, over a sleeper (mm)",
        0.90236,
        over.under_load_m[0] * 1e3,
        1e-4,
        FE,
    );
    gates.relative(
        "static, midspan (mm)",
        0.91102,
        between.under_load_m[0] * 1e3,
        1e-4,
        FE,
    );
    gates.relative(
        "static, sleeper (mm)",
        0.64455,
        over.sleeper_m[50] * 1e3,
        1e-3,
        FE,
    );
    gates.relative(
        "static, seat load (kN)",
        38.67,
        over.seat_force_n[50] / 1e3,
        1e-3,
        FE,
    );
    gates.verdict();
}

/// With the local compliance of the element, a Timoshenko rail of coarse elements gives the
/// deflection of a fine mesh under a load anywhere.
#[test]
fn timoshenko_deflection_does_not_depend_on_the_place_within_an_element() {
    let mut coarse = reference_track();
    coarse.beam = BeamTheory::Timoshenko;
    let mut fine = coarse.clone();
    fine.elements_per_bay = 32;
    let mut gates = Gates::default();
    for x in [30.0, 30.05, 30.075, 30.1, 30.15, 30.2, 30.3] {
        let reference = statics(&fine, &[(x, 1e5)]).unwrap().under_load_m[0];
        let got = statics(&coarse, &[(x, 1e5)]).unwrap().under_load_m[0];
        let name = format!("Timoshenko static at {x} m (mm)");
        gates.relative(
            &name,
            reference * 1e3,
            got * 1e3,
            1e-9,
            "32 elements per bay",
        );
    }
    gates.verdict();
}

#[test]
fn receptance_peaks_and_dip_at_midspan() {
    let track = reference_track();
    let magnitude = |f: f64| receptance(&track, 30.3, 30.3, f).unwrap().magnitude_m_n();
    let extreme = |low: f64, high: f64, sign: f64| -> f64 {
        let steps = ((high - low) / 0.5) as usize;
        let best = (0..=steps)
            .map(|i| low + 0.5 * i as f64)
            .max_by(|a, b| (sign * magnitude(*a)).total_cmp(&(sign * magnitude(*b))));
        best.unwrap()
    };
    let mut gates = Gates::default();
    gates.relative(
        "receptance: ballast peak (Hz)",
        72.0,
        extreme(40.0, 120.0, 1.0),
        0.02,
        FE,
    );
    gates.relative(
        "receptance: dip (Hz)",
        198.0,
        extreme(120.0, 300.0, -1.0),
        0.02,
        FE,
    );
    gates.relative(
        "receptance: pad peak (Hz)",
        348.0,
        extreme(250.0, 600.0, 1.0),
        0.02,
        FE,
    );
    gates.relative(
        "receptance: pinned-pinned (Hz)",
        1420.0,
        extreme(1200.0, 1600.0, 1.0),
        0.02,
        FE,
    );
    gates.verdict();
}

#[test]
fn pinned_pinned_frequencies() {
    let mut gates = Gates::default();
    let rail = rail_60e1();
    let eb = pinned_pinned_hz(&rail, BeamTheory::EulerBernoulli, 0.6, 16).unwrap();
    let timoshenko = pinned_pinned_hz(&rail, BeamTheory::Timoshenko, 0.6, 16).unwrap();
    gates.relative(
        "pinned-pinned, Euler-Bernoulli (Hz)",
        1420.0,
        eb,
        0.01,
        BEAM,
    );
    gates.relative(
        "pinned-pinned, Timoshenko (Hz)",
        1072.0,
        timoshenko,
        0.01,
        BEAM,
    );
    let coarse = pinned_pinned_hz(&rail, BeamTheory::Timoshenko, 0.6, 4).unwrap();
    gates.relative(
        "the same with 4 elements per bay (Hz)",
        1072.0,
        coarse,
        0.02,
        BEAM,
    );
    gates.verdict();
}
