//! A wheel over a dip: P1, P2, sleeper acceleration, convergence, condition indicator.

use super::case::{STEP_S, WheelOverDip, reference_track};
use super::{Gates, ValidateError, max, min};
use crate::passage::{Band, zero_phase};
use crate::track::{BeamTheory, Track};

const FE: &str = "separate banded Newmark code with Hertz contact at 1/50 000 s";
const OWN: &str = "own convergence";

pub(super) fn dips(gates: &mut Gates) -> Result<(), ValidateError> {
    let track = reference_track();
    for (speed_m_s, angle_rad, p1_kn, sleeper_g) in [
        (40.0, 0.010, 184.8, 19.4),
        (20.0, 0.010, 143.1, 9.8),
        (40.0, 0.005, 141.4, 9.5),
    ] {
        let strike = WheelOverDip::new(speed_m_s, angle_rad).run(&track)?;
        let case = format!("dip {} mrad at {speed_m_s} m/s", angle_rad * 1e3);
        gates.relative(
            format!("{case}: P1"),
            "kN",
            (p1_kn, strike.p1_kn()),
            0.02,
            FE,
        );
        let got = strike.sleeper_g();
        gates.relative(
            format!("{case}: sleeper peak"),
            "g",
            (sleeper_g, got),
            0.05,
            FE,
        );
        if p1_kn > 180.0 {
            let source =
                format!("{FE}; filter of order 4 in each direction, as the reference was made");
            gates.relative(
                format!("{case}: P2"),
                "kN",
                (149.5, strike.p2_kn(4)),
                0.02,
                source,
            );
            let source = format!(
                "{FE}; filter of order 2 in each direction, as `frogbench passage` states P2"
            );
            let name = format!("{case}: P2, second order");
            gates.relative(name, "kN", (149.5, strike.p2_kn(2)), 0.02, source);
        }
    }
    let (least, most) = smooth_range_kn(&track)?;
    gates.relative(
        "smooth rail at 40 m/s: least force",
        "kN",
        (99.25, least),
        0.01,
        FE,
    );
    gates.relative(
        "smooth rail at 40 m/s: largest force",
        "kN",
        (100.76, most),
        0.01,
        FE,
    );
    Ok(())
}

/// Smallest and largest contact force on smooth rail at 40 m/s, once the start has died away, kN.
fn smooth_range_kn(track: &Track) -> Result<(f64, f64), ValidateError> {
    let record = WheelOverDip::new(40.0, 0.0).run(track)?.record;
    let places = record.force_n.iter().zip(&record.position_m);
    let force: Vec<f64> = places
        .filter_map(|(f, x)| (*x > 27.0).then_some(f / 1e3))
        .collect();
    Ok((min(force.iter().copied()), max(force)))
}

pub(super) fn convergence(gates: &mut Gates) -> Result<(), ValidateError> {
    let usual = WheelOverDip::new(40.0, 0.010);
    for (name, beam) in [
        ("Euler-Bernoulli", BeamTheory::EulerBernoulli),
        ("Timoshenko", BeamTheory::Timoshenko),
    ] {
        let mut track = reference_track();
        track.beam = beam;
        let coarse = usual.run(&track)?.p1_kn();
        let halved = WheelOverDip {
            step_s: STEP_S / 2.0,
            ..usual
        };
        let halved = halved.run(&track)?.p1_kn();
        let text = format!("{name}: P1 against half the time step");
        gates.relative(text, "kN", (halved, coarse), 0.002, OWN);
        track.elements_per_bay = 8;
        let finer = usual.run(&track)?.p1_kn();
        let text = format!("{name}: P1 against half the element length");
        gates.relative(text, "kN", (finer, coarse), 0.01, OWN);
    }
    // The production rail adds no wave of its own: its force on smooth rail varies no more than that
    // of a mesh four times as fine.
    let mut track = reference_track();
    track.beam = BeamTheory::Timoshenko;
    let (least, most) = smooth_range_kn(&track)?;
    track.elements_per_bay = 16;
    let (fine_least, fine_most) = smooth_range_kn(&track)?;
    let name = "Timoshenko, smooth rail: range of the force against 16 elements per bay";
    let ranges = (fine_most - fine_least, most - least);
    gates.absolute(name, "kN", ranges, 0.15, OWN);
    Ok(())
}

/// Milosevic et al., Sensors 2022, 22(3), 1012: RMS of the sleeper response between v / 1.0 m and
/// v / 0.2 m tells the crossing's geometry.
pub(super) fn indicator(gates: &mut Gates) -> Result<(), ValidateError> {
    let mut track = reference_track();
    track.beam = BeamTheory::Timoshenko;
    let (speed_m_s, rate_hz) = (40.0, 1.0 / STEP_S);
    let mut values = Vec::new();
    for mrad in [0.0, 5.0, 10.0, 15.0, 20.0] {
        let strike = WheelOverDip::new(speed_m_s, mrad * 1e-3).run(&track)?;
        let response = &strike.record.sleepers[0].acceleration_m_s2;
        let low = zero_phase(response, rate_hz, speed_m_s / 0.2, Band::LowPass, 4);
        let band = zero_phase(&low, rate_hz, speed_m_s / 1.0, Band::HighPass, 4);
        let around: Vec<f64> = strike.window(&band, -0.05, 0.07).collect();
        let square: f64 = around.iter().map(|a| a * a).sum();
        values.push((square / around.len() as f64).sqrt());
    }
    let falls = values
        .windows(2)
        .filter(|pair| pair[1] <= pair[0] || pair[1].is_nan())
        .count();
    let source = format!("Milosevic et al., Sensors 2022, 22(3), 1012; ours {values:.2?} m/s2");
    let name = "indicator at 0, 5, 10, 15, 20 mrad: steps at which it does not rise";
    gates.at_most(name, "1", falls as f64, 0.0, source);
    Ok(())
}
