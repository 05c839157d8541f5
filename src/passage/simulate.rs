//! A whole train over a modelled stretch of track.

use super::approach::{Approach, Bed, FADE_BAYS, OUTPUT_MARGIN_BAYS, REST_BAYS};
use super::contact::{ContactLaw, static_approach_m};
use super::error::{PassageError, finite, not_negative, positive};
use super::input::PassageInput;
use super::one_rail::{Contact, OneRail, StepReport};
use super::output::{Counters, Passage, SleeperMotion};
use super::vehicle_dynamics::VehicleDynamics;
use crate::track::assembly::Assembly;
use crate::track::{RailSection, Track, TwoRailTrack, statics};

/// Displacement beyond which a track is broken, m.
const TRACK_LIMIT_M: f64 = 0.1;
/// Contact force beyond any wheel, N.
const FORCE_LIMIT_N: f64 = 2e7;
/// Steps between two looks at the whole track.
const LOOK_EVERY: u64 = 64;
/// Bandwidth that rail elements must be able to carry, Hz.
pub const BAND_HZ: f64 = 2000.0;

/// Simulates a train over a stretch of track and records some sleepers.
///
/// Every vehicle starts in static equilibrium 30 m before the modelled track; see the module
/// `approach` for how wheels enter and leave it. The result does not depend on anything but the
/// input.
pub fn simulate(input: &PassageInput<'_>) -> Result<Passage, PassageError> {
    check(input)?;
    let mut run = Run::new(input)?;
    let first = run.first_step();
    run.record_rest_before(first);
    let last = run.samples - 1;
    for index in first..=last {
        run.step(index)?;
        if index >= 0 {
            run.record();
        }
    }
    run.passage.peak_ballast_force_n = run.track.peak_ballast_forces_n();
    Ok(run.passage)
}

/// One vehicle of the train.
struct RunningVehicle {
    dynamics: VehicleDynamics,
    wheels: Vec<RunningWheel>,
    /// Contact forces, and their change within a step.
    forces_n: Vec<f64>,
    changes_n: Vec<f64>,
}

struct RunningWheel {
    /// Index of the axle in the train.
    axle: usize,
    /// Distance behind the first axle of the train, m.
    behind_m: f64,
    mass_kg: f64,
    /// Wheel position in static equilibrium on the approach, m.
    static_m: f64,
    /// Deflection of the approach under it, m.
    approach_m: f64,
    /// The wheel is fully on the modelled track.
    on_track: bool,
}

struct Run<'a> {
    input: &'a PassageInput<'a>,
    track: OneRail<1>,
    approach: Approach,
    vehicles: Vec<RunningVehicle>,
    /// `q` of the first axle at time zero, m.
    origin_m: f64,
    length_m: f64,
    samples: i64,
    contacts: [Vec<Contact>; 1],
    passage: Passage,
}

impl<'a> Run<'a> {
    fn new(input: &'a PassageInput<'a>) -> Result<Self, PassageError> {
        let model = Assembly::new(input.track)?;
        let rest = statics::solve(&model, &[])?;
        let length_m = model.length_m();
        let axles_m = input.consist.axles_m();
        let (vehicles, mean_load_n) = vehicles(input)?;
        let bed = |bay: usize| -> Result<Bed, PassageError> {
            let x = bay as f64 * input.track.bay_m;
            let mut stiffness = 0.0;
            for x in [x, x + 0.5 * input.track.bay_m] {
                let unloaded = statics::solve(&model, &[(x, 0.0)])?.under_load_m[0];
                let loaded = statics::solve(&model, &[(x, mean_load_n)])?.under_load_m[0];
                stiffness += 0.5 * mean_load_n / (loaded - unloaded);
            }
            let rest_m = statics::solve(&model, &[(x, 0.0)])?.under_load_m[0];
            Ok(Bed {
                stiffness_n_m: stiffness,
                rest_m,
            })
        };
        let near = REST_BAYS + FADE_BAYS;
        let (left, right) = (bed(near)?, bed(input.track.rail.len() - near - 1)?);
        let towards_right = input.direction.sign() > 0.0;
        let (entry, exit) = if towards_right {
            (left, right)
        } else {
            (right, left)
        };
        let approach = Approach::new(length_m, input.track.bay_m, entry, exit);
        let output_x = input.sleepers[0] as f64 * input.track.bay_m;
        let origin_m = if towards_right {
            output_x
        } else {
            length_m - output_x
        };
        let speed = input.speed_m_s;
        let train_s = axles_m.last().copied().unwrap_or(0.0) / speed;
        let samples = ((input.before_s + train_s + input.after_s) / input.step_s) as usize + 1;
        let empty = SleeperMotion {
            acceleration_m_s2: Vec::with_capacity(samples),
            displacement_m: Vec::with_capacity(samples),
        };
        let passage = Passage {
            step_s: input.step_s,
            start_s: -input.before_s,
            sleepers: vec![empty; input.sleepers.len()],
            axle_times_s: axles_m.iter().map(|behind| behind / speed).collect(),
            peak_contact_force_n: vec![0.0; axles_m.len()],
            contact_loss_s: vec![0.0; axles_m.len()],
            peak_ballast_force_n: rest.ballast_force_n.clone(),
            counters: Counters::default(),
        };
        let track = OneRail::<1>::new(model, rest, &[], input.step_s)?;
        let mut run = Self {
            input,
            track,
            approach,
            vehicles,
            origin_m,
            length_m,
            samples: i64::try_from(samples).unwrap_or(i64::MAX),
            contacts: [Vec::new()],
            passage,
        };
        run.settle_vehicles();
        Ok(run)
    }

    /// Puts every wheel in static equilibrium on the approach.
    fn settle_vehicles(&mut self) {
        let bed = self.approach.entry;
        for vehicle in &mut self.vehicles {
            for (wheel, force) in vehicle.wheels.iter_mut().zip(&vehicle.forces_n) {
                wheel.approach_m = force / bed.stiffness_n_m;
                wheel.static_m = bed.rest_m
                    + wheel.approach_m
                    + static_approach_m(self.input.hertz_n_m15, *force);
            }
        }
    }

    fn time_s(&self, index: i64) -> f64 {
        self.passage.start_s + index as f64 * self.input.step_s
    }

    /// The step at which the first vehicle starts, relative to the first recorded one.
    fn first_step(&self) -> i64 {
        let start_s = (self.approach.start_m() - self.origin_m) / self.input.speed_m_s;
        ((start_s + self.input.before_s) / self.input.step_s).floor() as i64
    }

    /// Samples before the first vehicle starts: the track is at rest.
    fn record_rest_before(&mut self, first: i64) {
        for _ in 0..first.clamp(0, self.samples) {
            self.record();
        }
    }

    fn record(&mut self) {
        for (motion, &sleeper) in self.passage.sleepers.iter_mut().zip(self.input.sleepers) {
            let state = self.track.sleeper(0, sleeper);
            motion.acceleration_m_s2.push(state.acceleration_m_s2);
            motion.displacement_m.push(state.displacement_m);
        }
    }

    /// One step of track and all vehicles that are near.
    fn step(&mut self, index: i64) -> Result<(), PassageError> {
        let time_s = self.time_s(index);
        let start_s = self.passage.start_s;
        let q_first = self.origin_m + self.input.speed_m_s * time_s;
        let near = |vehicle: &RunningVehicle, approach: &Approach| {
            let front = vehicle.wheels.first().map_or(0.0, |w| w.behind_m);
            let rear = vehicle.wheels.last().map_or(0.0, |w| w.behind_m);
            q_first - front >= approach.start_m() && q_first - rear <= approach.end_m()
        };
        self.contacts[0].clear();
        for vehicle in self.vehicles.iter_mut().filter(|v| near(v, &self.approach)) {
            vehicle.dynamics.predict(&vehicle.forces_n);
            for k in 0..vehicle.wheels.len() {
                let q_m = q_first - vehicle.wheels[k].behind_m;
                let contact = place_wheel(
                    vehicle,
                    k,
                    q_m,
                    self.input,
                    &self.approach,
                    &self.track,
                    self.length_m,
                );
                self.contacts[0].push(contact);
            }
        }
        let report = self.track.step_all(&mut self.contacts);
        let mut contacts = self.contacts[0].iter();
        for vehicle in self.vehicles.iter_mut().filter(|v| near(v, &self.approach)) {
            for k in 0..vehicle.wheels.len() {
                let Some(contact) = contacts.next() else {
                    break;
                };
                finish_wheel(
                    vehicle,
                    k,
                    contact,
                    q_first,
                    &self.approach,
                    self.input,
                    &mut self.passage,
                )
                .map_err(|what| diverged(time_s - start_s, what))?;
            }
            vehicle.dynamics.correct(&vehicle.changes_n);
        }
        self.count(report, index)
    }

    fn count(&mut self, report: StepReport, index: i64) -> Result<(), PassageError> {
        let counters = &mut self.passage.counters;
        counters.steps += 1;
        counters.bearing_changes += u64::from(report.bearing_changed & 1);
        counters.unresolved_steps += u64::from(report.unresolved & 1);
        if self.passage.counters.steps.is_multiple_of(LOOK_EVERY)
            && let Some((at_m, value)) = self.track.out_of_range(0, TRACK_LIMIT_M)
        {
            let time_s = self.time_s(index) - self.time_s(0);
            return Err(diverged(time_s, (at_m, "rail displacement (m)", value)));
        }
        Ok(())
    }
}

fn diverged(time_s: f64, (at_m, what, value): (f64, &'static str, f64)) -> PassageError {
    PassageError::Diverged {
        time_s,
        at_m,
        what,
        value,
    }
}

/// The contact of wheel `k` at the end of this step, and the approach under it.
fn place_wheel(
    vehicle: &RunningVehicle,
    k: usize,
    q_m: f64,
    input: &PassageInput<'_>,
    approach: &Approach,
    track: &OneRail<1>,
    length_m: f64,
) -> Contact {
    let wheel = &vehicle.wheels[k];
    let x_m = if input.direction.sign() > 0.0 {
        q_m
    } else {
        length_m - q_m
    };
    let weight = approach.weight(q_m);
    let bed = approach.bed(q_m);
    let step = bed.step(weight, wheel.mass_kg, wheel.approach_m, input.step_s);
    let excitation = approach.excitation_weight(q_m) * input.excitation[wheel.axle].at(x_m);
    let given = vehicle.forces_n[k];
    Contact {
        place: (weight > 0.0).then(|| track.model.place(x_m)),
        weight,
        law: ContactLaw::Hertz(input.hertz_n_m15),
        force_n: given,
        overlap_m: vehicle.dynamics.wheel_m(k) + wheel.static_m
            - excitation
            - (1.0 - weight) * bed.rest_m
            - step.offset_m
            - step.compliance_m_n * given,
        compliance_m_n: vehicle.dynamics.wheel_compliance_m_n(k) + step.compliance_m_n,
        rail_m: 0.0,
    }
}

/// Takes the contact force over; on error the place, what went wrong and its value.
fn finish_wheel(
    vehicle: &mut RunningVehicle,
    k: usize,
    contact: &Contact,
    q_first_m: f64,
    approach: &Approach,
    input: &PassageInput<'_>,
    passage: &mut Passage,
) -> Result<(), (f64, &'static str, f64)> {
    let wheel = &mut vehicle.wheels[k];
    let q_m = q_first_m - wheel.behind_m;
    let force = contact.force_n;
    if !(force <= FORCE_LIMIT_N && contact.overlap_m.is_finite()) {
        return Err((
            q_m,
            "contact force (N), coordinate in running direction",
            force,
        ));
    }
    let bed = approach.bed(q_m).step(
        contact.weight,
        wheel.mass_kg,
        wheel.approach_m,
        input.step_s,
    );
    wheel.approach_m = bed.offset_m + bed.compliance_m_n * force;
    vehicle.changes_n[k] = force - vehicle.forces_n[k];
    vehicle.forces_n[k] = force;
    wheel.on_track = contact.weight >= 1.0;
    if wheel.on_track {
        let peak = &mut passage.peak_contact_force_n[wheel.axle];
        *peak = peak.max(force);
        if force <= 0.0 {
            passage.contact_loss_s[wheel.axle] += input.step_s;
        }
    }
    Ok(())
}

/// Vehicles at their static loads, and the mean static wheel load, N.
fn vehicles(input: &PassageInput<'_>) -> Result<(Vec<RunningVehicle>, f64), PassageError> {
    let mut running = Vec::with_capacity(input.consist.vehicles.len());
    let mut axle = 0;
    for placed in &input.consist.vehicles {
        let dynamics = VehicleDynamics::from_vehicle(&placed.vehicle, input.step_s)?;
        let mut wheels = Vec::new();
        for axle_m in placed.vehicle.bogies.iter().flat_map(|b| &b.axles_m) {
            wheels.push(RunningWheel {
                axle,
                behind_m: placed.first_axle_m + axle_m,
                mass_kg: placed.vehicle.wheelset_mass_kg / 2.0,
                static_m: 0.0,
                approach_m: 0.0,
                on_track: false,
            });
            axle += 1;
        }
        let forces_n = dynamics.static_loads_n().to_vec();
        let changes_n = vec![0.0; forces_n.len()];
        running.push(RunningVehicle {
            dynamics,
            wheels,
            forces_n,
            changes_n,
        });
    }
    let sum: f64 = running.iter().flat_map(|v| &v.forces_n).sum();
    Ok((running, sum / axle.max(1) as f64))
}

fn check(input: &PassageInput<'_>) -> Result<(), PassageError> {
    input.track.check()?;
    positive("speed (m/s)", "the train", input.speed_m_s)?;
    positive("Hertz constant (N/m^1.5)", "the contact", input.hertz_n_m15)?;
    not_negative(
        "recorded time before the train (s)",
        "the passage",
        input.before_s,
    )?;
    not_negative(
        "recorded time after the train (s)",
        "the passage",
        input.after_s,
    )?;
    check_step(input.step_s)?;
    check_speed_and_elements(input.track, input.speed_m_s, BAND_HZ)?;
    check_train(input)?;
    check_outputs(input)
}

/// The time step resolves impacts.
pub(crate) fn check_step(step_s: f64) -> Result<(), PassageError> {
    positive("time step (s)", "the passage", step_s)?;
    if step_s > 2e-4 {
        return Err(PassageError::NotPhysical {
            what: "time step (s)",
            place: "the passage".into(),
            value: step_s,
            needed: "at most 2e-4 s resolves wheel impacts; 5e-5 s is usual",
        });
    }
    Ok(())
}

/// There is an axle, the first is the origin, and the others follow.
pub(crate) fn check_axles(axles_m: &[f64]) -> Result<(), PassageError> {
    if axles_m.is_empty() {
        return Err(PassageError::EmptyTrain("the train has no vehicle".into()));
    }
    if axles_m[0].abs() > 1e-9 {
        finite(
            "place of the first axle (m), which is the origin,",
            "the train",
            f64::NAN,
        )?;
    }
    for pair in axles_m.windows(2) {
        positive(
            "distance from one axle to the next (m)",
            "the train",
            pair[1] - pair[0],
        )?;
    }
    Ok(())
}

/// The speed is below the critical one and the rail elements are short enough.
pub(crate) fn check_speed_and_elements(
    track: &Track,
    speed_m_s: f64,
    band_hz: f64,
) -> Result<(), PassageError> {
    check_limits(
        (speed_m_s, track.critical_speed_m_s()),
        track.bay_m / track.elements_per_bay as f64,
        &track.rail,
        band_hz,
    )
}

/// The same for two rails.
pub(crate) fn check_two_rails(
    track: &TwoRailTrack,
    speed_m_s: f64,
    band_hz: f64,
) -> Result<(), PassageError> {
    let element_m = track.bay_m / track.elements_per_bay as f64;
    let speeds = (speed_m_s, track.critical_speed_m_s());
    track
        .rails
        .iter()
        .try_for_each(|rail| check_limits(speeds, element_m, rail, band_hz))
}

fn check_limits(
    (speed_m_s, critical_m_s): (f64, f64),
    element_m: f64,
    rail: &[RailSection],
    band_hz: f64,
) -> Result<(), PassageError> {
    if speed_m_s >= critical_m_s {
        return Err(PassageError::AboveCriticalSpeed {
            speed_m_s,
            critical_m_s,
        });
    }
    let longest_m = longest_of(rail, band_hz);
    if element_m > longest_m {
        return Err(PassageError::ElementTooLong {
            element_m,
            band_hz,
            longest_m,
        });
    }
    Ok(())
}

/// Longest rail element that carries bending waves of `band_hz`, m: a quarter of the wave of the softest
/// section.
pub fn longest_element_m(track: &Track, band_hz: f64) -> f64 {
    longest_of(&track.rail, band_hz)
}

fn longest_of(rail: &[RailSection], band_hz: f64) -> f64 {
    let omega = 2.0 * std::f64::consts::PI * band_hz;
    rail.iter()
        .map(|s| {
            let wave = (s.bending_stiffness_n_m2 / s.mass_kg_m).sqrt().sqrt() / omega.sqrt();
            2.0 * std::f64::consts::PI * wave / 4.0
        })
        .fold(f64::MAX, f64::min)
}

fn check_train(input: &PassageInput<'_>) -> Result<(), PassageError> {
    let axles_m = input.consist.axles_m();
    check_axles(&axles_m)?;
    if input.excitation.len() != axles_m.len() {
        return Err(PassageError::ExcitationCount {
            profiles: input.excitation.len(),
            axles: axles_m.len(),
        });
    }
    for (axle, profile) in input.excitation.iter().enumerate() {
        let place = format!("the excitation of axle {axle}");
        if !profile.height_m.is_empty() {
            positive("step (m)", &place, profile.step_m)?;
            finite("start (m)", &place, profile.start_m)?;
        }
        for height in &profile.height_m {
            finite("height (m)", &place, *height)?;
        }
    }
    Ok(())
}

fn check_outputs(input: &PassageInput<'_>) -> Result<(), PassageError> {
    let bays = input.track.rail.len();
    let needed = 2 * OUTPUT_MARGIN_BAYS + 4;
    if bays < needed {
        return Err(PassageError::TooShort { bays, needed });
    }
    if input.sleepers.is_empty() {
        return Err(PassageError::NoOutput);
    }
    let (first, last) = (OUTPUT_MARGIN_BAYS, bays - OUTPUT_MARGIN_BAYS);
    for &sleeper in input.sleepers {
        if sleeper < first || sleeper > last {
            return Err(PassageError::OutputSleeper {
                sleeper,
                first,
                last,
            });
        }
    }
    Ok(())
}
