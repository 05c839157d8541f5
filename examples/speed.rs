//! Processor time of the passage engines on the cases of `BENCHMARKS.md`.
//!
//! `cargo run --release --example speed` prints
//! `{"cases": [{"name", "passages", "us_per_step", "times_real_time", "peer"}]}`: microseconds of
//! processor time per time step and passage, the least of several runs, on one core. Last comes the memory of one
//! passage: what the process came to hold while the 12-coach train ran.

use std::error::Error;
use std::hint::black_box;

use frogbench::passage::{
    FastTrack, PreparedTrack, run_forces_side_by_side, run_moving_forces_side_by_side,
};
use frogbench::track::{Track, TwoRailTrack};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

#[path = "../benches/cases/mod.rs"]
mod cases;

use cases::{STEP_S, TWO_FORCES_STEPS};

fn main() -> Result<(), Box<dyn Error>> {
    // First, while nothing else has been in memory.
    let memory = memory(&cases::turnout_track())?;
    let mut results = Vec::new();
    let (reference, voids) = (cases::reference(), cases::voids());
    for passages in [1, 4] {
        results.push(forces("one rail, reference", "one", &reference, passages)?);
        let name = "one rail, A_5sleepers_40";
        results.push(forces(name, "voids", &voids, passages)?);
    }
    let track = cases::two_rail_reference();
    results.push(two_forces::<1>(&track)?);
    results.push(two_forces::<2>(&track)?);
    results.push(two_forces::<4>(&track)?);
    let (healthy, void, turnout) = (
        cases::train_track(),
        cases::void_track(),
        cases::turnout_track(),
    );
    results.push(preparation("changed condition (60 bays)", &healthy)?);
    results.push(preparation("changed condition (60 bays, void)", &void)?);
    let name = "changed condition (60 bays, every bearer another one)";
    results.push(preparation(name, &turnout)?);
    results.extend(trains("train, healthy", &healthy)?);
    results.extend(trains("train, void of 1 mm", &void)?);
    results.extend(trains("train, turnout", &turnout)?);
    results.push(fast_train("train by the fast engine, healthy", &healthy)?);
    results.push(fast_train("train by the fast engine, turnout", &turnout)?);
    results.push(memory);
    println!(
        "{}",
        serde_json::to_string_pretty(&json!({ "cases": results }))?
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

/// One simulated second of a force over one rail.
fn forces(name: &str, peer: &str, track: &Track, passages: usize) -> Result<Value, Box<dyn Error>> {
    let runs = vec![cases::force(track); passages];
    let cpu_s = least(7, || run_forces_side_by_side(&runs))?;
    Ok(case(name, Some(peer), passages, 20_000.0, cpu_s))
}

/// Half a simulated second of two forces over two rails.
fn two_forces<const P: usize>(track: &TwoRailTrack) -> Result<Value, Box<dyn Error>> {
    let runs = [cases::two_forces(track); P];
    let cpu_s = least(5, || run_moving_forces_side_by_side(&runs))?;
    let steps = TWO_FORCES_STEPS as f64;
    Ok(case(
        "two rails, moving forces",
        Some("two"),
        P,
        steps,
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
    let train = cases::train();
    let profiles = cases::dip(train.axle_count());
    let input = cases::passage(track, &train, &profiles);
    let prepared = PreparedTrack::new(track, STEP_S)?;
    let steps = prepared.simulate(&input)?.counters.steps as f64;
    let mut results = Vec::new();
    for passages in [1, 4] {
        let inputs = vec![input; passages];
        let cpu_s = least(3, || {
            prepared
                .simulate_all(&inputs)
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
        })?;
        results.push(case(name, None, passages, steps, cpu_s));
    }
    Ok(results)
}

/// The same train by the fast engine, for the same record.
fn fast_train(name: &str, track: &TwoRailTrack) -> Result<Value, Box<dyn Error>> {
    let train = cases::train();
    let profiles = cases::dip(train.axle_count());
    let input = cases::passage(track, &train, &profiles);
    let prepared = FastTrack::new(track, input.points, STEP_S)?;
    let once = prepared.simulate(&input)?;
    let record_s = once.passage.points[0].displacement_m.len() as f64 * STEP_S;
    let cpu_s = least(3, || prepared.simulate(&input))?;
    let figures = once.figures;
    Ok(json!({
        "name": name,
        "units": figures.units,
        "unique": figures.unique,
        "left_to_full": figures.fallback.map(|why| why.to_string()),
        "us_per_step": cpu_s / once.passage.counters.steps as f64 * 1e6,
        "times_real_time": record_s / cpu_s,
    }))
}

/// Largest memory that this process has had, kB.
fn peak_kb() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next());
    Ok(kb.ok_or("no VmHWM in /proc/self/status")?.parse()?)
}

/// What the process grows by for one passage of the train over a turnout: track, profiles of all wheels, state and record.
fn memory(track: &TwoRailTrack) -> Result<Value, Box<dyn Error>> {
    let before = peak_kb()?;
    let train = cases::train();
    let profiles = cases::dip(train.axle_count());
    let prepared = PreparedTrack::new(track, STEP_S)?;
    let passage = prepared.simulate(&cases::passage(track, &train, &profiles))?;
    let steps = passage.counters.steps;
    let mb = (peak_kb()? - before) / 1024.0;
    Ok(json!({ "name": "memory of one passage, train over a turnout", "mb": mb, "steps": steps }))
}
