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
    check(run, band_hz)?;
    let model = Assembly::new(run.track)?;
    model.place_inside(run.start_m)?;
    model.place_inside(run.end_m)?;
    if let Some(&sleeper) = run.sleepers.iter().find(|s| **s >= model.supports.len()) {
        let at_m = sleeper as f64 * run.track.bay_m;
        return Err(TrackError::Outside {
            at_m,
            length_m: model.length_m(),
        }
        .into());
    }
    let (loads, mut wheel) = start(run)?;
    let state = statics::solve(&model, &loads)?;
    if let Some(wheel) = &mut wheel {
        wheel.static_m =
            state.under_load_m[0] + static_approach_m(wheel.hertz_n_m15, wheel.force_n);
    }
    let mut track = OneRail::new(model, state, &loads, run.step_s)?;
    let loaded = ((run.end_m - run.start_m) / run.speed_m_s / run.step_s).round() as usize;
    let unloaded = (run.unloaded_s / run.step_s).round() as usize;
    let mut record = ReferenceRecord {
        step_s: run.step_s,
        sleepers: vec![SleeperRecord::default(); run.sleepers.len()],
        unloaded_from: loaded,
        ..ReferenceRecord::default()
    };
    for n in 1..=loaded + unloaded {
        let time_s = n as f64 * run.step_s;
        let x_m = run.start_m + run.speed_m_s * time_s;
        let contact = if n <= loaded {
            advance(run, &mut track, wheel.as_mut(), time_s, x_m, &mut record)?
        } else {
            record.unresolved_steps += u64::from(track.step(&mut []).unresolved);
            None
        };
        look(&track, contact.as_ref(), time_s, x_m)?;
        note(run, &track, contact.as_ref(), x_m, &mut record);
    }
    Ok(record)
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

/// One step with the load on the track.
fn advance(
    run: &ReferenceRun<'_>,
    track: &mut OneRail,
    wheel: Option<&mut MovingWheel>,
    time_s: f64,
    x_m: f64,
    record: &mut ReferenceRecord,
) -> Result<Option<Contact>, PassageError> {
    let mut contact = [Contact {
        place: Some(track.model.place(x_m)),
        weight: 1.0,
        law: ContactLaw::Prescribed,
        force_n: 0.0,
        overlap_m: 0.0,
        compliance_m_n: 0.0,
        rail_m: 0.0,
    }];
    if let Some(wheel) = wheel {
        wheel.dynamics.predict(&[wheel.force_n]);
        contact[0].law = ContactLaw::Hertz(wheel.hertz_n_m15);
        contact[0].force_n = wheel.force_n;
        contact[0].overlap_m = wheel.static_m + wheel.dynamics.wheel_m(0)
            - run.cusp.map_or(0.0, |cusp| cusp.depth_m(x_m));
        contact[0].compliance_m_n = wheel.dynamics.wheel_compliance_m_n(0);
        let report = track.step(&mut contact);
        record.unresolved_steps += u64::from(report.unresolved);
        wheel
            .dynamics
            .correct(&[contact[0].force_n - wheel.force_n]);
        wheel.force_n = contact[0].force_n;
    } else {
        contact[0].force_n = ramped(run.rider, time_s);
        record.unresolved_steps += u64::from(track.step(&mut contact).unresolved);
    }
    Ok(Some(contact[0]))
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

fn look(
    track: &OneRail,
    contact: Option<&Contact>,
    time_s: f64,
    x_m: f64,
) -> Result<(), PassageError> {
    if let Some((at_m, value)) = track.out_of_range(TRACK_LIMIT_M) {
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

fn note(
    run: &ReferenceRun<'_>,
    track: &OneRail,
    contact: Option<&Contact>,
    x_m: f64,
    record: &mut ReferenceRecord,
) {
    record.position_m.push(x_m);
    record.force_n.push(contact.map_or(0.0, |c| c.force_n));
    record.under_load_m.push(contact.map_or(0.0, |c| c.rail_m));
    for (out, &sleeper) in record.sleepers.iter_mut().zip(run.sleepers) {
        let state = track.sleeper(sleeper);
        out.displacement_m.push(state.displacement_m);
        out.velocity_m_s.push(state.velocity_m_s);
        out.acceleration_m_s2.push(state.acceleration_m_s2);
        out.ballast_force_n.push(track.ballast_force_n(sleeper));
        out.rail_m.push(track.rail_m(sleeper));
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
