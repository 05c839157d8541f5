//! One passage over both rails in progress: where its wheels are, what they press with, what is recorded.

use super::approach::Approach;
use super::contact::hertz_forces_n;
use super::error::PassageError;
use super::kernel::rails::Spot;
use super::kernel::stepper::TrackMotion;
use super::output::Counters;
use super::running_vehicle::{Axle, RunningVehicle, settle_vehicles, vehicles_of};
use super::two_rail_check::check;
use super::two_rail_train::{Placed, PreparedTrack};
use super::two_rails::{PointMotion, TwoRailInput, TwoRailPassage};
use super::vehicle_pair::VehicleFactor;
use crate::track::Side;
use crate::track::assembly::Place;
use crate::track::two_rail_model::{Probe, interpolate};

/// Displacement beyond which a track is broken, m.
const TRACK_LIMIT_M: f64 = 0.1;
/// Contact force beyond any wheel, N.
const FORCE_LIMIT_N: f64 = 2e7;
/// Steps between two looks at the whole track.
const LOOK_EVERY: u64 = 64;

/// A wheel within a step.
#[derive(Clone, Copy)]
struct Contact {
    vehicle: usize,
    axle: usize,
    side: usize,
    q_m: f64,
    weight: f64,
    /// Where it is on the rail, unless it is before or behind the modelled track.
    spot: Option<Spot>,
    /// Deflection of the rail there in the initial state, m.
    rest_m: f64,
    local_m_n: f64,
    /// Overlap of wheel and rail for the given force if the modelled track did not move, m.
    overlap_m: f64,
    compliance_m_n: f64,
    /// Approach under it: deflection is `offset + compliance F`.
    bed_offset_m: f64,
    bed_compliance_m_n: f64,
}

/// An axle within a step.
struct AxlePlace {
    q_m: f64,
    /// On the modelled track.
    x_m: f64,
    /// Share of the modelled track, and of the excitation.
    weight: f64,
    excitation_weight: f64,
    /// The approach under it is that of the entry.
    is_entry: bool,
    place: Option<Place>,
}

/// A contact force within a step.
#[derive(Clone, Copy)]
struct Solved {
    /// Of the last step, N.
    given_n: f64,
    /// At the end of this one, N.
    force_n: f64,
    /// Change of the force with the overlap, N/m.
    slope_n_m: f64,
}

impl Solved {
    fn change(&self) -> f64 {
        self.force_n - self.given_n
    }
}

/// One passage.
pub(super) struct Run<'a> {
    prepared: &'a PreparedTrack,
    input: &'a TwoRailInput<'a>,
    /// Where the track begins in the coordinate of the excitation, m.
    shift_m: f64,
    approaches: [Approach; 2],
    factors: Vec<VehicleFactor>,
    vehicles: Vec<RunningVehicle>,
    contacts: Vec<Contact>,
    probes: Vec<(Probe, f64)>,
    /// `q` of the first axle at time zero, m.
    origin_m: f64,
    /// The step at work, relative to the first recorded one, and the number of samples.
    index: i64,
    samples: i64,
    pub(super) passage: TwoRailPassage,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        prepared: &'a PreparedTrack,
        input: &'a TwoRailInput<'a>,
        placed: Placed,
    ) -> Result<Self, PassageError> {
        check(input)?;
        prepared.check_prepared(input)?;
        let (factors, mut vehicles) = vehicles_of(input)?;
        let wheel_count = 2 * input.consist.axle_count();
        let total: f64 = vehicles
            .iter()
            .flat_map(|v| &v.forces_n)
            .map(|f| f[0] + f[1])
            .sum();
        let near = placed.way_in.rest_bays + placed.way_in.fade_bays;
        let mean_n = total / wheel_count as f64;
        let left = prepared.bed(near, mean_n)?;
        let right = prepared.bed(input.track.bays() - near - 1, mean_n)?;
        let forward = input.direction.sign() > 0.0;
        let (entry, exit) = if forward {
            (left, right)
        } else {
            (right, left)
        };
        let length_m = prepared.model.length_m();
        let approaches = [0, 1].map(|i| {
            Approach::new(length_m, input.track.bay_m, entry[i], exit[i]).by(placed.way_in)
        });
        settle_vehicles(&mut vehicles, &approaches, input.hertz_n_m15, input.step_s);
        let output_x = input.points[0].bearer as f64 * input.track.bay_m;
        let origin_m = if forward {
            output_x
        } else {
            length_m - output_x
        };
        let probes = prepared.probes(input.points)?;
        let (passage, samples) = empty_passage(input);
        let mut run = Self {
            prepared,
            input,
            shift_m: placed.shift_m,
            approaches,
            factors,
            vehicles,
            contacts: Vec::new(),
            probes,
            origin_m,
            index: 0,
            samples,
            passage,
        };
        let start_s = (run.approaches[0].start_m() - origin_m) / input.speed_m_s;
        run.index = ((start_s + input.before_s) / input.step_s).floor() as i64;
        run.record_rest_before();
        Ok(run)
    }

    /// Samples before the first vehicle starts: the track is at rest.
    fn record_rest_before(&mut self) {
        for (out, (_, rest_m)) in self.passage.points.iter_mut().zip(&self.probes) {
            for _ in 0..self.index.clamp(0, self.samples) {
                out.acceleration_m_s2.push(0.0);
                out.displacement_m.push(*rest_m);
            }
        }
    }

    pub(super) fn goes_on(&self) -> bool {
        self.index < self.samples
    }

    /// Its first wheel is on the modelled track in this step, or was before.
    pub(super) fn touches_track(&self) -> bool {
        self.approaches[0].touches(self.origin_m + self.input.speed_m_s * self.time_s())
    }

    fn time_s(&self) -> f64 {
        self.passage.start_s + self.index as f64 * self.input.step_s
    }

    /// Where every wheel is at the end of the step; loads the track with the forces of the last one.
    pub(super) fn place_wheels<const P: usize>(
        &mut self,
        motion: &mut TrackMotion<2, P>,
        p: usize,
    ) {
        self.contacts.clear();
        let q_first = self.origin_m + self.input.speed_m_s * self.time_s();
        let end_m = self.approaches[0].end_m();
        let start_m = self.approaches[0].start_m();
        for number in 0..self.vehicles.len() {
            let vehicle = &mut self.vehicles[number];
            let behind = |axle: Option<&Axle>| axle.map_or(0.0, |a| a.behind_m);
            let near = q_first - behind(vehicle.axles.first()) >= start_m
                && q_first - behind(vehicle.axles.last()) <= end_m;
            if !near {
                continue;
            }
            vehicle.step(&self.factors[vehicle.factor]);
            for axle in 0..vehicle.axles.len() {
                let at = self.axle_place(q_first - self.vehicles[number].axles[axle].behind_m);
                let vehicle = &self.vehicles[number];
                let factor = &self.factors[vehicle.factor];
                let wheels_m = vehicle.pair.wheel_m(factor, axle);
                for (side, wheel_m) in wheels_m.into_iter().enumerate() {
                    let contact = self.contact((number, axle, side), &at, wheel_m);
                    if let Some(spot) = &contact.spot {
                        let force = self.vehicles[number].forces_n[axle][side];
                        motion.rails.load(spot, p, contact.weight * force);
                    }
                    self.contacts.push(contact);
                }
            }
        }
    }

    /// What both wheels of an axle at `q` have in common.
    fn axle_place(&self, q_m: f64) -> AxlePlace {
        let model = &self.prepared.model;
        let x_m = if self.input.direction.sign() > 0.0 {
            q_m
        } else {
            model.length_m() - q_m
        };
        // Approaches of both rails differ in stiffness alone.
        let approach = &self.approaches[0];
        let weight = approach.weight(q_m);
        AxlePlace {
            q_m,
            x_m,
            weight,
            excitation_weight: approach.excitation_weight(q_m),
            is_entry: approach.is_entry(q_m),
            place: (weight > 0.0).then(|| model.place(x_m)),
        }
    }

    fn contact(
        &self,
        (number, axle, side): (usize, usize, usize),
        at: &AxlePlace,
        wheel_m: f64,
    ) -> Contact {
        let vehicle = &self.vehicles[number];
        let factor = &self.factors[vehicle.factor];
        let wheel = &vehicle.axles[axle].wheels[side];
        let approach = &self.approaches[side];
        let weight = at.weight;
        let (bed, rate) = if at.is_entry {
            (&approach.entry, &vehicle.beds[side][0])
        } else {
            (&approach.exit, &vehicle.beds[side][1])
        };
        let step = rate.step(weight, wheel.approach_m);
        let given = vehicle.forces_n[axle][side];
        let profile = &self.input.excitation[vehicle.first_axle + axle][side];
        let excitation = at.excitation_weight * profile.at(at.x_m + self.shift_m);
        let mut contact = Contact {
            vehicle: number,
            axle,
            side,
            q_m: at.q_m,
            weight,
            spot: None,
            rest_m: 0.0,
            local_m_n: 0.0,
            overlap_m: wheel_m + wheel.static_m
                - excitation
                - (1.0 - weight) * bed.rest_m
                - step.offset_m
                - step.compliance_m_n * given,
            compliance_m_n: factor.compliance_m_n(axle) + step.compliance_m_n,
            bed_offset_m: step.offset_m,
            bed_compliance_m_n: step.compliance_m_n,
        };
        if let Some(place) = at.place {
            let model = &self.prepared.model;
            let rail = Side::BOTH[side];
            let shape = model.shape(rail, place);
            contact.spot = Some(self.prepared.factor.rails.spot(side, place.element, &shape));
            contact.rest_m = interpolate(&self.prepared.rest.rails, rail, place.element, &shape);
            contact.local_m_n = model.local_compliance(rail, place);
        }
        contact
    }

    /// Contact forces in equilibrium with Hertz' law; their changes go to track and vehicles. True if
    /// there is one.
    pub(super) fn solve_contacts<const P: usize>(
        &mut self,
        motion: &mut TrackMotion<2, P>,
        p: usize,
    ) -> bool {
        let mut any = false;
        // The wheels of an axle follow one another.
        let contacts = std::mem::take(&mut self.contacts);
        for pair in contacts.as_chunks::<2>().0 {
            let solved = self.solve_pair(motion, p, pair);
            let vehicle = &mut self.vehicles[pair[0].vehicle];
            let (factor, axle) = (&self.factors[vehicle.factor], pair[0].axle);
            // A change of one force moves the other wheel too, a little: less than 1e-4 of what Hertz'
            // law would make of it, so that one correction to first order is enough.
            let cross = factor.cross_compliance_m_n(axle);
            let change = [0, 1].map(|side: usize| {
                let (own, other) = (&solved[side], &solved[1 - side]);
                own.change() - own.slope_n_m * cross * other.change()
            });
            vehicle.changes_n[axle] = change.map(|n| -n);
            for (side, contact) in pair.iter().enumerate() {
                let force = solved[side].given_n + change[side];
                vehicle.forces_n[axle][side] = force;
                let wheel = &mut vehicle.axles[axle].wheels[side];
                wheel.force_n = force;
                wheel.approach_m = contact.bed_offset_m + contact.bed_compliance_m_n * force;
                if change[side] != 0.0
                    && let Some(spot) = &contact.spot
                {
                    motion
                        .rails
                        .load_change(spot, p, contact.weight * change[side]);
                    any = true;
                }
            }
        }
        // The axles of a vehicle follow one another.
        for group in contacts.chunk_by(|a, b| a.vehicle == b.vehicle) {
            let vehicle = &mut self.vehicles[group[0].vehicle];
            vehicle
                .pair
                .push(&self.factors[vehicle.factor], &vehicle.changes_n);
        }
        self.contacts = contacts;
        any
    }

    /// The forces of the contacts of an axle, each as if the other wheel kept its force.
    fn solve_pair<const P: usize>(
        &self,
        motion: &TrackMotion<2, P>,
        p: usize,
        pair: &[Contact; 2],
    ) -> [Solved; 2] {
        let given = &self.vehicles[pair[0].vehicle].forces_n[pair[0].axle];
        let (mut overlap, mut gap, mut total) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        for (side, contact) in pair.iter().enumerate() {
            let w = contact.weight;
            let (mut rail_m, mut compliance) = (0.0, 0.0);
            if let Some(spot) = &contact.spot {
                rail_m = contact.rest_m + motion.rails.displacement(spot, p);
                compliance = 0.25 * self.prepared.factor.rails.compliance(spot) + contact.local_m_n;
            }
            let seen = w * (rail_m + contact.local_m_n * w * given[side]);
            total[side] = contact.compliance_m_n + w * w * compliance;
            overlap[side] = contact.overlap_m - seen;
            gap[side] = overlap[side] + total[side] * given[side];
        }
        let forces = hertz_forces_n(self.input.hertz_n_m15, total, gap, overlap);
        [0, 1].map(|side: usize| {
            let (force, total) = (forces[side], total[side]);
            let approach_m = gap[side] - total * force;
            Solved {
                given_n: given[side],
                force_n: force,
                // Of Hertz' law, 3/2 F/d, in series with all that gives way.
                slope_n_m: if force > 0.0 {
                    1.5 * force / (approach_m + 1.5 * force * total)
                } else {
                    0.0
                },
            }
        })
    }

    /// Notes what happened and looks for divergence.
    pub(super) fn end_step<const P: usize>(
        &mut self,
        motion: &TrackMotion<2, P>,
        p: usize,
        unresolved: bool,
    ) -> Result<(), PassageError> {
        for contact in &self.contacts {
            let vehicle = &self.vehicles[contact.vehicle];
            let wheel = &vehicle.axles[contact.axle].wheels[contact.side];
            let axle = vehicle.first_axle + contact.axle;
            let force = wheel.force_n;
            if !(force <= FORCE_LIMIT_N && contact.overlap_m.is_finite()) {
                let what = "contact force (N), coordinate in running direction";
                return Err(self.diverged(contact.q_m, what, force));
            }
            if contact.weight >= 1.0 {
                let peak = &mut self.passage.peak_contact_force_n[axle][contact.side];
                *peak = peak.max(force);
                if force <= 0.0 {
                    self.passage.contact_loss_s[axle][contact.side] += self.input.step_s;
                }
            }
        }
        let counters = &mut self.passage.counters;
        counters.steps += 1;
        counters.bearing_changes += u64::from(motion.bearers.touched() >> p & 1);
        counters.unresolved_steps += u64::from(unresolved);
        if counters.steps.is_multiple_of(LOOK_EVERY)
            && let Some((at_m, value)) = self.out_of_range(motion, p)
        {
            return Err(self.diverged(at_m, "rail displacement (m)", value));
        }
        if self.index >= 0 {
            let bearers = &self.prepared.factor.bearers;
            for (out, (probe, rest_m)) in self.passage.points.iter_mut().zip(&self.probes) {
                let state = motion.bearers.point(bearers, &motion.rails, probe, p);
                out.acceleration_m_s2.push(state.acceleration_m_s2);
                out.displacement_m.push(rest_m + state.displacement_m);
            }
        }
        self.index += 1;
        Ok(())
    }

    fn out_of_range<const P: usize>(
        &self,
        motion: &TrackMotion<2, P>,
        p: usize,
    ) -> Option<(f64, f64)> {
        let (node, right, value) = motion.rails.out_of_range(p, TRACK_LIMIT_M)?;
        let node = self.prepared.factor.rails.global_node(node, right);
        Some((self.prepared.model.node_x_m(node), value))
    }

    fn diverged(&self, at_m: f64, what: &'static str, value: f64) -> PassageError {
        PassageError::Diverged {
            time_s: self.time_s() - self.passage.start_s,
            at_m,
            what,
            value,
        }
    }
}

/// A passage of which nothing is recorded yet, and the number of its samples.
pub(super) fn empty_passage(input: &TwoRailInput<'_>) -> (TwoRailPassage, i64) {
    let axles_m = input.consist.axles_m();
    let train_s = axles_m.last().copied().unwrap_or(0.0) / input.speed_m_s;
    let samples = ((input.before_s + train_s + input.after_s) / input.step_s) as usize + 1;
    let empty = PointMotion {
        acceleration_m_s2: Vec::with_capacity(samples),
        displacement_m: Vec::with_capacity(samples),
    };
    let passage = TwoRailPassage {
        step_s: input.step_s,
        start_s: -input.before_s,
        points: vec![empty; input.points.len()],
        axle_times_s: axles_m.iter().map(|m| m / input.speed_m_s).collect(),
        peak_contact_force_n: vec![[0.0; 2]; axles_m.len()],
        contact_loss_s: vec![[0.0; 2]; axles_m.len()],
        peak_ballast_force_n: Vec::new(),
        counters: Counters::default(),
    };
    (passage, i64::try_from(samples).unwrap_or(i64::MAX))
}
