//! How fast the passage model runs, on one core.
//!
//! `cargo bench --bench passage` prints the time per case; each case also prints, once, simulated
//! seconds per second of wall-clock time.

use std::time::Instant;

use divan::{Bencher, black_box};
use frogbench::passage::{
    Passage, PassageInput, ReferenceRecord, ReferenceRun, Rider, run_reference, simulate,
};
use frogbench::track::{BallastLaw, BeamTheory, Direction, Profile, RailSection, Support, Track};
use frogbench::train::{Consist, catalogue::consist};

fn main() {
    divan::main();
}

const SUPPORT: Support = Support {
    pad_stiffness_n_m: 150e6,
    pad_damping_n_s_m: 30e3,
    sleeper_mass_kg: 150.0,
    ballast_stiffness_n_m: 60e6,
    ballast_damping_n_s_m: 80e3,
    gap_m: 0.0,
};

fn track(bays: usize, beam: BeamTheory, ballast: BallastLaw, gravity_m_s2: f64) -> Track {
    let rail = RailSection {
        bending_stiffness_n_m2: 6.3798e6,
        mass_kg_m: 60.21,
        area_m2: 76.70e-4,
        shear_modulus_pa: 8.08e10,
        shear_coefficient: 0.41,
    };
    Track {
        rail: vec![rail; bays],
        beam,
        bay_m: 0.6,
        elements_per_bay: 4,
        supports: vec![SUPPORT; bays + 1],
        ballast,
        gravity_m_s2,
    }
}

/// A locomotive and 12 Manchester coaches.
fn train() -> Consist {
    let entries = [
        "locomotive".to_owned(),
        "manchester-passenger x 12".to_owned(),
    ];
    consist(&entries).unwrap_or_default()
}

/// A dip of 10 mrad at the middle of the track and 20 um of wave, under every wheel.
fn excitation(track: &Track, axles: usize) -> Vec<Profile> {
    let length_m = track.length_m();
    let step_m = 0.002;
    let height_m = (0..=(length_m / step_m) as usize)
        .map(|i| {
            let x = i as f64 * step_m;
            let dip = (1.0 - (x - length_m / 2.0).abs()).max(0.0);
            0.0025 * dip * dip + 1e-5 * libm::sin(x / 0.05)
        })
        .collect();
    vec![
        Profile {
            start_m: 0.0,
            step_m,
            height_m
        };
        axles
    ]
}

fn run_train(track: &Track, train: &Consist, profiles: &[Profile]) -> Passage {
    let result = simulate(&PassageInput {
        track,
        consist: train,
        speed_m_s: 140.0 / 3.6,
        direction: Direction::Facing,
        excitation: profiles,
        hertz_n_m15: 9.37e10,
        sleepers: &[track.rail.len() / 2],
        before_s: 0.5,
        after_s: 0.5,
        step_s: 5e-5,
    });
    result.unwrap_or_default()
}

fn bench_train(bencher: Bencher<'_, '_>, void_m: f64) {
    let mut track = track(60, BeamTheory::Timoshenko, BallastLaw::Unilateral, 9.81);
    track.supports[30].gap_m = void_m;
    let train = train();
    let profiles = excitation(&track, train.axles_m().len());
    let started = Instant::now();
    let passage = run_train(&track, &train, &profiles);
    let wall_s = started.elapsed().as_secs_f64();
    let simulated_s = passage.counters.steps as f64 * passage.step_s;
    println!(
        "{} axles, {simulated_s:.2} s simulated: {:.1} x real time, {:.2} us per step, {:?}",
        passage.axle_times_s.len(),
        simulated_s / wall_s,
        wall_s / passage.counters.steps as f64 * 1e6,
        passage.counters
    );
    bencher.bench_local(|| run_train(black_box(&track), &train, &profiles));
}

/// 12 coaches and a locomotive at 140 km/h over 60 bays.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn twelve_coaches_140_km_h(bencher: Bencher<'_, '_>) {
    bench_train(bencher, 0.0);
}

/// The same with a 1 mm void under the sensor.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn twelve_coaches_over_a_void(bencher: Bencher<'_, '_>) {
    bench_train(bencher, 1e-3);
}

fn run_moving_load(track: &Track) -> ReferenceRecord {
    let result = run_reference(&ReferenceRun {
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
        step_s: 5e-5,
        sleepers: &[50],
        energy: false,
    });
    result.unwrap_or_default()
}

/// One simulated second of the reference case: 903 unknowns, 20 000 steps, constant moving load.
/// OpenSeesPy 3.7.1.2 needs 27 to 31 s of processor time for it.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn reference_moving_load_1_s(bencher: Bencher<'_, '_>) {
    let track = track(100, BeamTheory::EulerBernoulli, BallastLaw::Linear, 0.0);
    bencher.bench_local(|| run_moving_load(black_box(&track)));
}
