//! Reference cases: one moving force or one wheel over the track, with everything recorded.
//!
//! They run on the same kernel as trains do, start and stop inside the track and are compared with
//! independent solutions (`tests/gates.rs`).

use std::f64::consts::PI;

use super::contact::{ContactLaw, static_approach_m};
use super::error::{PassageError, finite, not_negative, positive};
use super::one_rail::{Contact, OneRail};
use super::vehicle_dynamics::VehicleDynamics;
use crate::track::assembly::Assembly;
use crate::track::{Track, TrackError, statics};

/// Displacement beyond which a reference case is broken, m. (Weightless unilateral track, a case
/// kept for comparison, flies up by centimetres.)
const TRACK_LIMIT_M: f64 = 1.0;
const FORCE_LIMIT_N: f64 = 2e7;
/// Steps between two looks at the whole track.
const LOOK_EVERY: usize = 8;

/// A mass on a spring and damper above the wheel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suspension {
    /// Mass carried, kg.
    pub mass_kg: f64,
    /// Stiffness, N/m.
    pub stiffness_n_m: f64,
    /// Damping, N s/m.
    pub damping_n_s_m: f64,
}

/// What moves over the track.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rider {
    /// A constant force on a track that rests under its own weight, raised as
    /// `P/2 (1 - cos(pi t / ramp))`.
    Force {
        /// Force, N.
        force_n: f64,
        /// Time of the ramp, s; 0 for none.
        ramp_s: f64,
    },
    /// A wheel that starts in static equilibrium where it is.
    Wheel {
        /// Unsprung mass, kg.
        mass_kg: f64,
        /// Static wheel load, N.
        static_n: f64,
        /// Hertz constant, N/m^1.5.
        hertz_n_m15: f64,
        /// Suspended mass; its weight is part of `static_n`.
        suspension: Option<Suspension>,
    },
}

/// A quadratic cusp in the running surface: depth `angle half_length / 4` at its centre, slope
/// `angle / 2` on either side of it, zero at the ends.
///
/// A dipped joint; or a fresh wheel flat of length `l` on radius `R` with `angle = l / R` and
/// `half_length = l / 2`, striking once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cusp {
    /// Place of the cusp, m.
    pub at_m: f64,
    /// Total angle, rad.
    pub total_angle_rad: f64,
    /// Half its length, m.
    pub half_length_m: f64,
}

impl Cusp {
    /// Depth at `x_m`, m, positive down.
    pub fn depth_m(&self, x_m: f64) -> f64 {
        let inside = 1.0 - (x_m - self.at_m).abs() / self.half_length_m;
        if inside > 0.0 {
            0.25 * self.total_angle_rad * self.half_length_m * inside * inside
        } else {
            0.0
        }
    }
}

/// One reference run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReferenceRun<'a> {
    /// The track; both ends free.
    pub track: &'a Track,
    /// What moves.
    pub rider: Rider,
    /// A dip or flat in its way.
    pub cusp: Option<Cusp>,
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Place at time zero, m.
    pub start_m: f64,
    /// Place where the run ends, m.
    pub end_m: f64,
    /// Time after the end during which the track moves on without any load, s.
    pub unloaded_s: f64,
    /// Time step, s.
    pub step_s: f64,
    /// Sleepers to record.
    pub sleepers: &'a [usize],
    /// Also record the energy of the track (costs about one step more per step).
    pub energy: bool,
}

/// One sleeper and the rail over it; one value per step, positive down.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SleeperRecord {
    /// Sleeper displacement, m.
    pub displacement_m: Vec<f64>,
    /// Sleeper velocity, m/s.
    pub velocity_m_s: Vec<f64>,
    /// Sleeper acceleration, m/s2.
    pub acceleration_m_s2: Vec<f64>,
    /// Ballast force on the sleeper (up), N.
    pub ballast_force_n: Vec<f64>,
    /// Displacement of the rail over it, m.
    pub rail_m: Vec<f64>,
}

/// Result of a reference run; step `n` (from 0) ends at time `(n + 1) step_s`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReferenceRecord {
    /// Time step, s.
    pub step_s: f64,
    /// Place of the load at the end of each step, m.
    pub position_m: Vec<f64>,
    /// Force on the rail, N.
    pub force_n: Vec<f64>,
    /// Deflection of the rail under the load, m.
    pub under_load_m: Vec<f64>,
    /// Recorded sleepers.
    pub sleepers: Vec<SleeperRecord>,
    /// Energy of the track, J; empty unless asked for.
    pub energy_j: Vec<f64>,
    /// Index of the first step without the load.
    pub unloaded_from: usize,
    /// Steps without a consistent set of sleepers in bearing.
    pub unresolved_steps: u64,
}

/// Runs a reference case whose rail elements carry 2 kHz.
pub fn run_reference(run: &ReferenceRun<'_>) -> Result<ReferenceRecord, PassageError> {
    run_reference_to(run, super::BAND_HZ)
}

/// Runs a reference case whose rail elements carry `band_hz`.
pub fn run_reference_to(
    run: &ReferenceRun<'_>,
    band_hz: f64,
) -> Result<ReferenceRecord, PassageError> {
    let mut records = run_group::<1>(std::slice::from_ref(run), band_hz)?;
    Ok(records.pop().unwrap_or_default())
}

/// Runs forces over one track side by side, each as it would run alone, to the last bit: up to eight
/// runs that have the track, the distance, the speed and the step of the first, and no energy record.
pub fn run_forces_side_by_side(
    runs: &[ReferenceRun<'_>],
) -> Result<Vec<ReferenceRecord>, PassageError> {
    let Some(first) = runs.first() else {
        return Ok(Vec::new());
    };
    let alike = |run: &ReferenceRun<'_>| {
        matches!(run.rider, Rider::Force { .. })
            && run.track == first.track
            && run.step_s.to_bits() == first.step_s.to_bits()
            && steps_of(run) == steps_of(first)
            && !run.energy
    };
    if runs.len() > 8 || !runs.iter().all(alike) {
        return Err(PassageError::OtherTrack);
    }
    match runs.len() {
        1 | 2 => run_group::<1>(runs, super::BAND_HZ),
        3 | 4 => run_group::<2>(runs, super::BAND_HZ),
        _ => run_group::<4>(runs, super::BAND_HZ),
    }
}

/// Steps with the load and without.
fn steps_of(run: &ReferenceRun<'_>) -> (usize, usize) {
    (
        ((run.end_m - run.start_m) / run.speed_m_s / run.step_s).round() as usize,
        (run.unloaded_s / run.step_s).round() as usize,
    )
}

/// Runs side by side; wheels only alone.
fn run_group<const K: usize>(
    runs: &[ReferenceRun<'_>],
    band_hz: f64,
) -> Result<Vec<ReferenceRecord>, PassageError> {
    let first = &runs[0];
    let model = Assembly::new(first.track)?;
    for run in runs {
        check(run, band_hz)?;
        check_places(run, &model)?;
    }
    let (loads, mut wheel) = start(first)?;
    let state = statics::solve(&model, &loads)?;
    if let Some(wheel) = &mut wheel {
        wheel.static_m =
            state.under_load_m[0] + static_approach_m(wheel.hertz_n_m15, wheel.force_n);
    }
    let mut track = OneRail::<K>::new(model, state, &loads, first.step_s)?;
    let (loaded, unloaded) = steps_of(first);
    let mut records: Vec<ReferenceRecord> = runs
        .iter()
        .map(|run| ReferenceRecord {
            step_s: run.step_s,
            sleepers: vec![SleeperRecord::default(); run.sleepers.len()],
            unloaded_from: loaded,
            ..ReferenceRecord::default()
        })
        .collect();
    let mut contacts: Vec<Vec<Contact>> = vec![Vec::new(); runs.len()];
    for n in 1..=loaded + unloaded {
        let time_s = n as f64 * first.step_s;
        for (run, contacts) in runs.iter().zip(&mut contacts) {
            contacts.clear();
            if n <= loaded {
                let x_m = run.start_m + run.speed_m_s * time_s;
                contacts.push(contact_of(run, &track.model, wheel.as_mut(), time_s, x_m));
            }
        }
        let report = track.step_all(&mut contacts);
        for (p, (run, record)) in runs.iter().zip(&mut records).enumerate() {
            let x_m = run.start_m + run.speed_m_s * time_s;
            let contact = contacts[p].first();
            if let (Some(wheel), Some(contact)) = (&mut wheel, contact) {
                wheel.dynamics.correct(&[contact.force_n - wheel.force_n]);
                wheel.force_n = contact.force_n;
            }
            record.unresolved_steps += u64::from(report.unresolved >> p & 1);
            if n % LOOK_EVERY == 0 || n == loaded + unloaded {
                look(&track, p, contact, time_s, x_m)?;
            }
            note(run, &track, p, contact, x_m, record);
        }
    }
    Ok(records)
}

fn check_places(run: &ReferenceRun<'_>, model: &Assembly) -> Result<(), PassageError> {
    model.place_inside(run.start_m)?;
    model.place_inside(run.end_m)?;
    match run.sleepers.iter().find(|s| **s >= model.supports.len()) {
        Some(&sleeper) => Err(TrackError::Outside {
            at_m: sleeper as f64 * run.track.bay_m,
            length_m: model.length_m(),
        }
        .into()),
        None => Ok(()),
    }
}

struct MovingWheel {
    dynamics: VehicleDynamics,
    hertz_n_m15: f64,
    force_n: f64,
    static_m: f64,
}

/// Static loads (place in m, force in N) at the start and the wheel, if it is one.
type Start = (Vec<(f64, f64)>, Option<MovingWheel>);

fn start(run: &ReferenceRun<'_>) -> Result<Start, PassageError> {
    match run.rider {
        Rider::Force { force_n, ramp_s } => {
            finite("force (N)", "the moving load", force_n)?;
            not_negative("ramp (s)", "the moving load", ramp_s)?;
            Ok((Vec::new(), None))
        }
        Rider::Wheel {
            mass_kg,
            static_n,
            hertz_n_m15,
            suspension,
        } => {
            positive("Hertz constant (N/m^1.5)", "the contact", hertz_n_m15)?;
            let dynamics =
                VehicleDynamics::single_wheel(mass_kg, static_n, suspension.as_ref(), run.step_s)?;
            let wheel = MovingWheel {
                dynamics,
                hertz_n_m15,
                force_n: static_n,
                static_m: 0.0,
            };
            Ok((vec![(run.start_m, static_n)], Some(wheel)))
        }
    }
}

/// The load at the end of a step.
fn contact_of(
    run: &ReferenceRun<'_>,
    model: &Assembly,
    wheel: Option<&mut MovingWheel>,
    time_s: f64,
    x_m: f64,
) -> Contact {
    let mut contact = Contact {
        place: Some(model.place(x_m)),
        weight: 1.0,
        law: ContactLaw::Prescribed,
        force_n: ramped(run.rider, time_s),
        overlap_m: 0.0,
        compliance_m_n: 0.0,
        rail_m: 0.0,
    };
    if let Some(wheel) = wheel {
        wheel.dynamics.predict(&[wheel.force_n]);
        contact.law = ContactLaw::Hertz(wheel.hertz_n_m15);
        contact.force_n = wheel.force_n;
        contact.overlap_m = wheel.static_m + wheel.dynamics.wheel_m(0)
            - run.cusp.map_or(0.0, |cusp| cusp.depth_m(x_m));
        contact.compliance_m_n = wheel.dynamics.wheel_compliance_m_n(0);
    }
    contact
}

fn ramped(rider: Rider, time_s: f64) -> f64 {
    match rider {
        Rider::Force { force_n, ramp_s } if time_s < ramp_s => {
            force_n * 0.5 * (1.0 - libm::cos(PI * time_s / ramp_s))
        }
        Rider::Force { force_n, .. } => force_n,
        Rider::Wheel { static_n, .. } => static_n,
    }
}

fn look<const K: usize>(
    track: &OneRail<K>,
    p: usize,
    contact: Option<&Contact>,
    time_s: f64,
    x_m: f64,
) -> Result<(), PassageError> {
    if let Some((at_m, value)) = track.out_of_range(p, TRACK_LIMIT_M) {
        let what = "rail displacement (m)";
        return Err(PassageError::Diverged {
            time_s,
            at_m,
            what,
            value,
        });
    }
    if let Some(c) = contact
        && (c.force_n.is_nan() || c.force_n.abs() > FORCE_LIMIT_N)
    {
        let what = "contact force (N)";
        return Err(PassageError::Diverged {
            time_s,
            at_m: x_m,
            what,
            value: c.force_n,
        });
    }
    Ok(())
}

fn note<const K: usize>(
    run: &ReferenceRun<'_>,
    track: &OneRail<K>,
    p: usize,
    contact: Option<&Contact>,
    x_m: f64,
    record: &mut ReferenceRecord,
) {
    record.position_m.push(x_m);
    record.force_n.push(contact.map_or(0.0, |c| c.force_n));
    record.under_load_m.push(contact.map_or(0.0, |c| c.rail_m));
    for (out, &sleeper) in record.sleepers.iter_mut().zip(run.sleepers) {
        let state = track.sleeper(p, sleeper);
        out.displacement_m.push(state.displacement_m);
        out.velocity_m_s.push(state.velocity_m_s);
        out.acceleration_m_s2.push(state.acceleration_m_s2);
        out.ballast_force_n
            .push(track.ballast_force_n(sleeper, &state));
        out.rail_m.push(track.rail_m(p, sleeper));
    }
    if run.energy {
        record.energy_j.push(track.energy_j());
    }
}

fn check(run: &ReferenceRun<'_>, band_hz: f64) -> Result<(), PassageError> {
    run.track.check()?;
    positive("speed (m/s)", "the load", run.speed_m_s)?;
    positive("time step (s)", "the run", run.step_s)?;
    positive("distance to run (m)", "the run", run.end_m - run.start_m)?;
    not_negative("time without the load (s)", "the run", run.unloaded_s)?;
    if let Some(cusp) = run.cusp {
        positive("half length (m)", "the dip", cusp.half_length_m)?;
        finite("total angle (rad)", "the dip", cusp.total_angle_rad)?;
        finite("place (m)", "the dip", cusp.at_m)?;
    }
    super::simulate::check_speed_and_elements(run.track, run.speed_m_s, band_hz)
}
