//! Processor time of the passage engines on the cases of `BENCHMARKS.md`.
//!
//! `cargo run --release --example speed` prints
//! `{"cases": [{"name", "passages", "us_per_step", "times_real_time", "peer"}]}`: microseconds of
//! processor time per time step and passage, the least of several runs, on one core.

use std::error::Error;
use std::hint::black_box;

use frogbench::passage::{
    MovingForces, PreparedTrack, ReferenceRun, Rider, TwoRailInput, run_forces_side_by_side,
    run_moving_forces_side_by_side,
};
use frogbench::random::{Purpose, stream};
use frogbench::track::{
    BallastLaw, BeamTheory, Bearer, BearerPoint, Direction, GapProfile, Pad, Profile, RailSection,
    Route, Support, Track, Turnout, TwoRailTrack, sections_of_bays,
};
use frogbench::train::catalogue::consist;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

const STEP_S: f64 = 5e-5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut cases = Vec::new();
    let reference = one_rail(BallastLaw::Linear, 0.0, &[]);
    let gaps = [
        (48, 0.5e-3),
        (49, 1.5e-3),
        (50, 2e-3),
        (51, 1.5e-3),
        (52, 0.5e-3),
    ];
    let voids = one_rail(BallastLaw::Unilateral, 9.81, &gaps);
    for passages in [1, 4] {
        cases.push(forces(
            "one rail, reference",
            Some("one"),
            &reference,
            passages,
        )?);
        cases.push(forces("one rail, A_5sleepers_40", None, &voids, passages)?);
    }
    let track = two_rails(100, BeamTheory::EulerBernoulli, BallastLaw::Linear, 0.0);
    cases.push(two_forces::<1>(&track)?);
    cases.push(two_forces::<2>(&track)?);
    cases.push(two_forces::<4>(&track)?);
    let mut track = two_rails(60, BeamTheory::Timoshenko, BallastLaw::Unilateral, 9.81);
    cases.push(preparation("changed condition (60 bays)", &track)?);
    let turnout = Turnout::by_name("60E1-R760-1:15")?;
    let mut rng = stream(1, 0, Purpose::Supports, 0);
    let real = turnout.build_route(Route::Through, 60, &mut rng)?;
    let name = "changed condition (60 bays, every bearer another one)";
    cases.push(preparation(name, &real.track)?);
    cases.extend(trains("train, healthy", &track)?);
    track.bearers[30].gap = GapProfile::uniform(1e-3);
    cases.extend(trains("train, void of 1 mm", &track)?);
    println!(
        "{}",
        serde_json::to_string_pretty(&json!({ "cases": cases }))?
    );
    Ok(())
}

/// Processor time of this thread, s.
fn cpu_s() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// Least processor time of some runs.
fn least<T, E: Into<Box<dyn Error>>>(
    runs: usize,
    mut run: impl FnMut() -> Result<T, E>,
) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let before = cpu_s();
        black_box(run().map_err(Into::into)?);
        best = best.min(cpu_s() - before);
    }
    Ok(best)
}

fn case(name: &str, peer: Option<&str>, passages: usize, steps: f64, cpu_s: f64) -> Value {
    let per_step = cpu_s / steps / passages as f64;
    json!({
        "name": format!("{name}, {passages} at a time"),
        "passages": passages,
        "us_per_step": per_step * 1e6,
        "times_real_time": STEP_S / per_step,
        "peer": peer,
    })
}

fn section() -> RailSection {
    RailSection {
        bending_stiffness_n_m2: 6.3798e6,
        mass_kg_m: 60.21,
        area_m2: 76.70e-4,
        shear_modulus_pa: 8.08e10,
        shear_coefficient: 0.41,
    }
}

fn one_rail(ballast: BallastLaw, gravity_m_s2: f64, gaps: &[(usize, f64)]) -> Track {
    let support = Support {
        pad_stiffness_n_m: 150e6,
        pad_damping_n_s_m: 30e3,
        sleeper_mass_kg: 150.0,
        ballast_stiffness_n_m: 60e6,
        ballast_damping_n_s_m: 80e3,
        gap_m: 0.0,
    };
    let mut supports = vec![support; 101];
    for (index, gap_m) in gaps {
        supports[*index].gap_m = *gap_m;
    }
    Track {
        rail: vec![section(); 100],
        beam: BeamTheory::EulerBernoulli,
        bay_m: 0.6,
        elements_per_bay: 4,
        supports,
        ballast,
        gravity_m_s2,
    }
}

fn two_rails(bays: usize, beam: BeamTheory, ballast: BallastLaw, gravity: f64) -> TwoRailTrack {
    let pad = Pad {
        stiffness_n_m: 150e6,
        damping_n_s_m: 30e3,
    };
    let bearer = Bearer {
        left_end_y_m: 1.3,
        right_end_y_m: -1.3,
        bending_stiffness_n_m2: 6e6,
        mass_kg_m: 300.0 / 2.6,
        ballast_stiffness_n_m2: 120e6 / 2.6,
        ballast_damping_n_s_m2: 160e3 / 2.6,
        gap: GapProfile::default(),
        pads: [pad; 2],
    };
    let rail = sections_of_bays(&vec![section(); bays], 4);
    TwoRailTrack {
        rails: [rail.clone(), rail],
        beam,
        rotary_second_moment_m4: None,
        bay_m: 0.6,
        elements_per_bay: 4,
        seats_y_m: [0.75, -0.75],
        bearers: vec![bearer; bays + 1],
        ballast,
        gravity_m_s2: gravity,
    }
}

/// One simulated second of a force over one rail.
fn forces(
    name: &str,
    peer: Option<&str>,
    track: &Track,
    passages: usize,
) -> Result<Value, Box<dyn Error>> {
    let run = ReferenceRun {
        track,
        rider: Rider::Force {
            force_n: 1e5,
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
    };
    let runs = vec![run; passages];
    let cpu_s = least(7, || run_forces_side_by_side(&runs))?;
    Ok(case(name, peer, passages, 20_000.0, cpu_s))
}

/// Half a simulated second of two forces over two rails.
fn two_forces<const P: usize>(track: &TwoRailTrack) -> Result<Value, Box<dyn Error>> {
    let points = [BearerPoint {
        bearer: 50,
        y_m: -0.75,
    }];
    let run = MovingForces {
        track,
        force_n: [60e3, 100e3],
        start_m: [10.0; 2],
        speed_m_s: 40.0,
        ramp_s: 0.1,
        steps: 10_000,
        step_s: STEP_S,
        points: &points,
    };
    let cpu_s = least(5, || run_moving_forces_side_by_side(&[run; P]))?;
    Ok(case(
        "two rails, moving forces",
        Some("two"),
        P,
        10_000.0,
        cpu_s,
    ))
}

/// What a change of the track's condition costs, in ms.
fn preparation(name: &str, track: &TwoRailTrack) -> Result<Value, Box<dyn Error>> {
    let cpu_s = least(9, || PreparedTrack::new(track, STEP_S))?;
    Ok(json!({ "name": name, "ms": cpu_s * 1e3 }))
}

/// A locomotive and 12 coaches at 140 km/h over a dip of 10 mrad under both rails.
fn trains(name: &str, track: &TwoRailTrack) -> Result<Vec<Value>, Box<dyn Error>> {
    let train = consist(&[
        "locomotive".to_owned(),
        "manchester-passenger x 12".to_owned(),
    ])?;
    let step_m = 0.002;
    let height_m = (0..=18_000_u32)
        .map(|i| {
            let x = f64::from(i) * step_m;
            let inside = (1.0 - (x - 18.0).abs()).max(0.0);
            0.0025 * inside * inside + 1e-5 * libm::sin(x / 0.05)
        })
        .collect();
    let profile = Profile {
        start_m: 0.0,
        step_m,
        height_m,
    };
    let profiles = vec![[profile.clone(), profile]; train.axle_count()];
    let points = [BearerPoint {
        bearer: 30,
        y_m: -1.3,
    }];
    let input = TwoRailInput {
        track,
        consist: &train,
        speed_m_s: 140.0 / 3.6,
        direction: Direction::Facing,
        excitation: &profiles,
        wheel_load: &[],
        hertz_n_m15: 9.37e10,
        points: &points,
        before_s: 0.5,
        after_s: 0.5,
        step_s: STEP_S,
    };
    let prepared = PreparedTrack::new(track, STEP_S)?;
    let steps = prepared.simulate(&input)?.counters.steps as f64;
    let mut cases = Vec::new();
    for passages in [1, 4] {
        let inputs = vec![input; passages];
        let cpu_s = least(3, || {
            prepared
                .simulate_all(&inputs)
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
        })?;
        cases.push(case(name, None, passages, steps, cpu_s));
    }
    Ok(cases)
}
