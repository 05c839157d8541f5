//! How fast the passage model runs, on one core.
//!
//! `cargo bench --bench passage` prints the time per case, and beside it time steps per second (`items`), of all passages
//! together where several run side by side. 20 000 steps are one simulated second.

#![allow(clippy::expect_used)] // a benchmark that cannot run has to stop

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use frogbench::passage::{
    FastTrack, PreparedTrack, run_forces_side_by_side, run_moving_forces_side_by_side,
};
use frogbench::track::{Track, TwoRailTrack};

mod cases;

use cases::{STEP_S, TWO_FORCES_STEPS};

fn main() {
    divan::main();
}

fn forces(bencher: Bencher<'_, '_>, track: &Track, passages: usize) {
    let runs = vec![cases::force(track); passages];
    bencher
        .counter(ItemsCount::new(20_000 * passages))
        .bench_local(|| run_forces_side_by_side(black_box(&runs)));
}

/// One simulated second of the reference case: 903 unknowns, constant moving load. OpenSeesPy 3.7.1.2 needs 17 to 31 s of
/// processor time for it.
#[divan::bench(args = [1, 4], sample_count = 10, sample_size = 1)]
fn one_rail_reference_1_s(bencher: Bencher<'_, '_>, side_by_side: usize) {
    forces(bencher, &cases::reference(), side_by_side);
}

/// The same over the gaps of `A_5sleepers_40`.
#[divan::bench(args = [1, 4], sample_count = 10, sample_size = 1)]
fn one_rail_voids_1_s(bencher: Bencher<'_, '_>, side_by_side: usize) {
    forces(bencher, &cases::voids(), side_by_side);
}

/// Half a simulated second of two forces over two rails on flexible bearers.
#[divan::bench(consts = [1, 2, 4], sample_count = 10, sample_size = 1)]
fn two_rails_reference_half_s<const P: usize>(bencher: Bencher<'_, '_>) {
    let track = cases::two_rail_reference();
    let runs = [cases::two_forces(&track); P];
    bencher
        .counter(ItemsCount::new(TWO_FORCES_STEPS * P))
        .bench_local(|| run_moving_forces_side_by_side(black_box(&runs)));
}

fn trains(bencher: Bencher<'_, '_>, track: &TwoRailTrack, passages: usize) {
    let train = cases::train();
    let profiles = cases::dip(train.axle_count());
    let inputs = vec![cases::passage(track, &train, &profiles); passages];
    let prepared = PreparedTrack::new(track, STEP_S).expect("the track is sound");
    let once = prepared.simulate(&inputs[0]).expect("the train runs");
    bencher
        .counter(ItemsCount::new(once.counters.steps * passages as u64))
        .bench_local(|| prepared.simulate_all(black_box(&inputs)));
}

/// A locomotive and 12 coaches at 140 km/h over 60 bays of plain track, two rails.
#[divan::bench(args = [1, 4], sample_count = 3, sample_size = 1)]
fn twelve_coaches(bencher: Bencher<'_, '_>, side_by_side: usize) {
    trains(bencher, &cases::train_track(), side_by_side);
}

/// The same with a 1 mm void under the sensor.
#[divan::bench(args = [1, 4], sample_count = 3, sample_size = 1)]
fn twelve_coaches_over_a_void(bencher: Bencher<'_, '_>, side_by_side: usize) {
    trains(bencher, &cases::void_track(), side_by_side);
}

/// The same over a turnout with scattered supports.
#[divan::bench(args = [1, 4], sample_count = 3, sample_size = 1)]
fn twelve_coaches_over_a_turnout(bencher: Bencher<'_, '_>, side_by_side: usize) {
    trains(bencher, &cases::turnout_track(), side_by_side);
}

/// The same by the fast engine, on plain track and over the turnout. All coaches are equal, so three units of bogies run.
#[divan::bench(args = ["plain track", "turnout"], sample_count = 3, sample_size = 1)]
fn twelve_coaches_by_the_fast_engine(bencher: Bencher<'_, '_>, over: &str) {
    let track = match over {
        "turnout" => cases::turnout_track(),
        _ => cases::train_track(),
    };
    let train = cases::train();
    let profiles = cases::dip(train.axle_count());
    let input = cases::passage(&track, &train, &profiles);
    let prepared = FastTrack::new(&track, input.points, STEP_S).expect("the track is sound");
    bencher.bench_local(|| prepared.simulate(black_box(&input)));
}

/// A changed condition of the track: assembly, equilibrium, factors.
#[divan::bench(args = ["healthy", "void", "every bearer another one"], sample_count = 20, sample_size = 1)]
fn changed_condition(bencher: Bencher<'_, '_>, condition: &str) {
    let track = match condition {
        "healthy" => cases::train_track(),
        "void" => cases::void_track(),
        _ => cases::turnout_track(),
    };
    bencher.bench_local(|| PreparedTrack::new(black_box(&track), STEP_S));
}
