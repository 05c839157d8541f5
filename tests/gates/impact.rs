//! A wheel over a dip: P1, P2, sleeper acceleration, Jenkins, convergence, condition indicator.

use crate::support::{Gates, SUPPORT, max, min, rail_60e1, reference_track};
use frogbench::passage::{
    Band, Cusp, ReferenceRecord, ReferenceRun, Rider, run_reference, zero_phase,
};
use frogbench::track::{BeamTheory, Track, Zimmermann};

const FE: &str = "separate banded Newmark code with Hertz contact at 1/50 000 s";
const HERTZ: f64 = 9.37e10;
const WHEEL_KG: f64 = 600.0;
const DIP_M: f64 = 30.0;
const STEP_S: f64 = 5e-5;

/// Wheel of 600 kg and 100 kN from 24 m to 33 m over a dip at 30 m.
fn over_dip(track: &Track, speed_m_s: f64, angle_rad: f64, step_s: f64) -> ReferenceRecord {
    run_reference(&ReferenceRun {
        track,
        rider: Rider::Wheel {
            mass_kg: WHEEL_KG,
            static_n: 1e5,
            hertz_n_m15: HERTZ,
            suspension: None,
        },
        cusp: (angle_rad > 0.0).then_some(Cusp {
            at_m: DIP_M,
            total_angle_rad: angle_rad,
            half_length_m: 1.0,
        }),
        speed_m_s,
        start_m: 24.0,
        end_m: 33.0,
        unloaded_s: 0.0,
        step_s,
        sleepers: &[50],
        energy: false,
    })
    .unwrap()
}

/// Samples from `from_s` to `to_s` after the wheel is over the dip.
fn window<'a>(
    record: &'a ReferenceRecord,
    values: &'a [f64],
    speed_m_s: f64,
    from_s: f64,
    to_s: f64,
) -> impl Iterator<Item = f64> + 'a {
    record
        .position_m
        .iter()
        .zip(values)
        .filter_map(move |(x, v)| {
            let time_s = (x - DIP_M) / speed_m_s;
            (time_s > from_s && time_s < to_s).then_some(*v)
        })
}

fn p1_kn(record: &ReferenceRecord, speed_m_s: f64) -> f64 {
    max(window(record, &record.force_n, speed_m_s, -0.0005, 0.0025)) / 1e3
}

/// `order` of the 90 Hz Butterworth filter, run forward and backward.
fn p2_kn(record: &ReferenceRecord, speed_m_s: f64, order: usize) -> f64 {
    let filtered = zero_phase(
        &record.force_n,
        1.0 / record.step_s,
        90.0,
        Band::LowPass,
        order,
    );
    max(window(record, &filtered, speed_m_s, -0.0005, 0.03)) / 1e3
}

fn sleeper_g(record: &ReferenceRecord, speed_m_s: f64) -> f64 {
    let acceleration = &record.sleepers[0].acceleration_m_s2;
    max(window(record, acceleration, speed_m_s, -0.0005, 0.05).map(f64::abs)) / 9.81
}

#[test]
fn p1_p2_and_sleeper_acceleration_over_a_dip() {
    let track = reference_track();
    let mut gates = Gates::default();
    let at_40 = over_dip(&track, 40.0, 0.010, STEP_S);
    gates.relative(
        "dip 10 mrad, 40 m/s: P1 (kN)",
        184.8,
        p1_kn(&at_40, 40.0),
        0.02,
        FE,
    );
    gates.relative(
        "dip 10 mrad, 40 m/s: P2 (kN)",
        149.5,
        p2_kn(&at_40, 40.0, 4),
        0.02,
        FE,
    );
    let second = p2_kn(&at_40, 40.0, 2);
    gates.relative(
        "the same, second-order filter: P2 (kN)",
        149.5,
        second,
        0.02,
        FE,
    );
    gates.relative(
        "dip 10 mrad, 40 m/s: sleeper (g)",
        19.4,
        sleeper_g(&at_40, 40.0),
        0.05,
        FE,
    );
    let at_20 = over_dip(&track, 20.0, 0.010, STEP_S);
    gates.relative(
        "dip 10 mrad, 20 m/s: P1 (kN)",
        143.1,
        p1_kn(&at_20, 20.0),
        0.02,
        FE,
    );
    gates.relative(
        "dip 10 mrad, 20 m/s: sleeper (g)",
        9.8,
        sleeper_g(&at_20, 20.0),
        0.05,
        FE,
    );
    let small = over_dip(&track, 40.0, 0.005, STEP_S);
    gates.relative(
        "dip 5 mrad, 40 m/s: P1 (kN)",
        141.4,
        p1_kn(&small, 40.0),
        0.02,
        FE,
    );
    gates.relative(
        "dip 5 mrad, 40 m/s: sleeper (g)",
        9.5,
        sleeper_g(&small, 40.0),
        0.05,
        FE,
    );
    gates.verdict();
}

#[test]
fn force_on_smooth_rail_stays_in_its_band() {
    let track = reference_track();
    let record = over_dip(&track, 40.0, 0.0, STEP_S);
    let force = || {
        record
            .force_n
            .iter()
            .zip(&record.position_m)
            .filter(|(_, x)| **x > 27.0)
    };
    let mut gates = Gates::default();
    let least = min(force().map(|(f, _)| f / 1e3));
    let most = max(force().map(|(f, _)| f / 1e3));
    gates.relative(
        "smooth rail, 40 m/s: least force (kN)",
        99.25,
        least,
        0.01,
        FE,
    );
    gates.relative(
        "smooth rail, 40 m/s: largest force (kN)",
        100.76,
        most,
        0.01,
        FE,
    );
    gates.verdict();
}

/// The production rail (Timoshenko, 4 elements per bay) adds no wave of its own: its force on smooth
/// rail varies no more than that of a mesh four times as fine.
#[test]
fn timoshenko_mesh_adds_no_wave_to_the_contact_force() {
    let mut track = reference_track();
    track.beam = BeamTheory::Timoshenko;
    let spread = |track: &Track| {
        let record = over_dip(track, 40.0, 0.0, STEP_S);
        let force: Vec<f64> = record
            .force_n
            .iter()
            .zip(&record.position_m)
            .filter(|(_, x)| **x > 27.0)
            .map(|(f, _)| *f)
            .collect();
        (max(force.iter().copied()) - min(force.iter().copied())) / 1e3
    };
    let coarse = spread(&track);
    track.elements_per_bay = 16;
    let fine = spread(&track);
    let mut gates = Gates::default();
    gates.absolute(
        "Timoshenko, smooth rail: force range (kN)",
        fine,
        coarse,
        0.15,
        "16 elements",
    );
    gates.verdict();
}

/// Jenkins, Stephenson, Clayton, Morland, Lyon 1974: P1 and P2 of a mass over a dip of angle `2a`.
struct Jenkins {
    static_n: f64,
    angle_rad: f64,
    speed_m_s: f64,
    wheel_kg: f64,
}

impl Jenkins {
    fn p1_n(&self, hertz_n_m: f64, rail_kg: f64) -> f64 {
        let stiffness = hertz_n_m * rail_kg / (1.0 + rail_kg / self.wheel_kg);
        self.static_n + self.angle_rad * self.speed_m_s * stiffness.sqrt()
    }

    fn p2_n(&self, kt: f64, mt: f64, ct: f64) -> f64 {
        let mu = self.wheel_kg;
        let damping = 1.0 - std::f64::consts::PI * ct / (4.0 * (kt * (mu + mt)).sqrt());
        self.static_n
            + self.angle_rad * self.speed_m_s * (mu / (mu + mt)).sqrt() * damping * (kt * mu).sqrt()
    }
}

#[test]
fn jenkins_formulae_bound_the_model() {
    let mut gates = Gates::default();
    let example = Jenkins {
        static_n: 1e5,
        angle_rad: 0.020,
        speed_m_s: 44.7,
        wheel_kg: 600.0,
    };
    let p2 = example.p2_n(62e6, 245.0, 55.4e3) / 1e3;
    gates.relative(
        "Jenkins P2, worked example (kN)",
        217.7,
        p2,
        1e-3,
        "GM/TT0088",
    );
    let track = reference_track();
    let z = Zimmermann::new(&track).unwrap();
    let kt = z.point_stiffness_n_m;
    let mt = 1.5 * (rail_60e1().mass_kg_m + SUPPORT.sleeper_mass_kg / 0.6) / z.beta_1_m;
    // Damping of pad and ballast in series at low frequency.
    let (kp, kb) = (SUPPORT.pad_stiffness_n_m, SUPPORT.ballast_stiffness_n_m);
    let (pad, bed) = (kb / (kp + kb), kp / (kp + kb));
    let c =
        (SUPPORT.pad_damping_n_s_m * pad * pad + SUPPORT.ballast_damping_n_s_m * bed * bed) / 0.6;
    let ct = 1.5 * c / z.beta_1_m;
    // Effective rail mass: rail on pads.
    let on_pads = (kp / 0.6 / (4.0 * rail_60e1().bending_stiffness_n_m2))
        .sqrt()
        .sqrt();
    let rail_kg = 1.5 * rail_60e1().mass_kg_m / on_pads;
    let hertz = 1.5 * libm::pow(HERTZ, 2.0 / 3.0) * libm::cbrt(1e5);
    for (speed_m_s, angle_rad) in [(20.0, 0.010), (40.0, 0.010), (40.0, 0.005)] {
        let formula = Jenkins {
            static_n: 1e5,
            angle_rad,
            speed_m_s,
            wheel_kg: WHEEL_KG,
        };
        let record = over_dip(&track, speed_m_s, angle_rad, STEP_S);
        let p1 = p1_kn(&record, speed_m_s) * 1e3 / formula.p1_n(hertz, rail_kg);
        let p2 = p2_kn(&record, speed_m_s, 4) * 1e3 / formula.p2_n(kt, mt, ct);
        let name = format!("model / Jenkins P1 at {speed_m_s} m/s, {angle_rad} rad");
        gates.between(&name, 0.80, 1.05, p1, "Jenkins et al. 1974");
        let name = format!("model / Jenkins P2 at {speed_m_s} m/s, {angle_rad} rad");
        gates.between(&name, 0.80, 1.05, p2, "Jenkins et al. 1974");
    }
    gates.verdict();
}

#[test]
fn p1_converges_with_time_step_and_element_size() {
    let mut gates = Gates::default();
    for beam in [BeamTheory::EulerBernoulli, BeamTheory::Timoshenko] {
        let mut track = reference_track();
        track.beam = beam;
        let coarse = p1_kn(&over_dip(&track, 40.0, 0.010, STEP_S), 40.0);
        let halved = p1_kn(&over_dip(&track, 40.0, 0.010, STEP_S / 2.0), 40.0);
        let name = format!("{beam:?}: P1 with the step halved (kN)");
        gates.relative(&name, halved, coarse, 0.002, "own convergence");
        track.elements_per_bay = 8;
        let finer = p1_kn(&over_dip(&track, 40.0, 0.010, STEP_S), 40.0);
        let name = format!("{beam:?}: P1 with elements halved (kN)");
        gates.relative(&name, finer, coarse, 0.01, "own convergence");
    }
    gates.verdict();
}

/// Milosevic et al., Sensors 2022, 22(3), 1012: RMS of the sleeper response between v / 1.0 m and
/// v / 0.2 m tells the crossing's geometry.
#[test]
fn condition_indicator_rises_with_the_kink_angle() {
    let mut track = reference_track();
    track.beam = BeamTheory::Timoshenko;
    let speed_m_s = 40.0;
    let indicator = |angle_rad: f64| -> f64 {
        let record = over_dip(&track, speed_m_s, angle_rad, STEP_S);
        let response = &record.sleepers[0].acceleration_m_s2;
        let rate_hz = 1.0 / STEP_S;
        let low = zero_phase(response, rate_hz, speed_m_s / 0.2, Band::LowPass, 4);
        let band = zero_phase(&low, rate_hz, speed_m_s / 1.0, Band::HighPass, 4);
        let around: Vec<f64> = window(&record, &band, speed_m_s, -0.05, 0.07).collect();
        (around.iter().map(|a| a * a).sum::<f64>() / around.len() as f64).sqrt()
    };
    let values: Vec<f64> = [0.0, 0.005, 0.010, 0.015, 0.020]
        .into_iter()
        .map(indicator)
        .collect();
    println!("condition indicator (m/s2) at 0, 5, 10, 15, 20 mrad: {values:.3?}");
    assert!(
        values.windows(2).all(|pair| pair[1] > pair[0]),
        "{values:?}"
    );
}
