//! One rail in motion with its contacts, on the kernel; `2 K` passages side by side.

use super::contact::{ContactLaw, hertz_force_n};
use super::kernel::rails::Spot;
use super::kernel::stepper::{TrackFactor, TrackMotion};
use crate::track::assembly::{Assembly, Place, interpolate};
use crate::track::two_rail_model::Probe;
use crate::track::{BallastLaw, StaticState, TrackError};

/// One wheel or force within a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Contact {
    /// Where it is; `None` before and behind the modelled track.
    pub(crate) place: Option<Place>,
    /// Share of the force that the modelled track carries, and of its deflection that the wheel
    /// sees: 1 except where wheels enter and leave.
    pub(crate) weight: f64,
    /// Law of the force.
    pub(crate) law: ContactLaw,
    /// In: force of the last step, or the prescribed one. Out: force at the end of this step, N.
    pub(crate) force_n: f64,
    /// Overlap of wheel and rail at the end of the step, for the force that came in, if the modelled
    /// track did not move at all, m.
    pub(crate) overlap_m: f64,
    /// Compliance of everything but the modelled track over one step, m/N.
    pub(crate) compliance_m_n: f64,
    /// Out: deflection of the modelled rail under it, m.
    pub(crate) rail_m: f64,
}

/// What happened in a step; a bit for each passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct StepReport {
    /// Some ballast took up or let go of its sleeper.
    pub(crate) bearing_changed: u32,
    /// Rails and ballast found no consistent state.
    pub(crate) unresolved: u32,
}

/// Displacement, velocity and acceleration of a sleeper.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct SleeperState {
    pub(crate) displacement_m: f64,
    pub(crate) velocity_m_s: f64,
    pub(crate) acceleration_m_s2: f64,
}

/// A track in motion: one rail, `2 K` passages.
#[derive(Debug, Clone)]
pub(crate) struct OneRail<const K: usize> {
    pub(crate) model: Assembly,
    factor: TrackFactor<1>,
    motion: TrackMotion<1, K>,
    rest: StaticState,
    /// Forces that the initial state carries and that are not there any more, with their places.
    gone: Vec<(Spot, f64)>,
    spots: Vec<Vec<Option<Spot>>>,
    /// Every sleeper as a point to look at.
    probes: Vec<Probe>,
}

impl<const K: usize> OneRail<K> {
    /// A track at rest in a static state, under `loads` (place in m, force in N) that are part of
    /// the state and no more there from the first step on.
    pub(crate) fn new(
        model: Assembly,
        rest: StaticState,
        loads: &[(f64, f64)],
        step_s: f64,
    ) -> Result<Self, TrackError> {
        let factor = TrackFactor::one_rail(&model, &rest, step_s)?;
        let mut gone = Vec::with_capacity(loads.len());
        for &(x_m, force_n) in loads {
            let place = model.place_inside(x_m)?;
            let spot = factor.rails.spot(0, place.element, &model.shape(place));
            gone.push((spot, force_n));
        }
        let probes = model.supports.iter().enumerate();
        let probes = probes.map(|(bearer, s)| Probe {
            bearer,
            shape: vec![1.0 / s.sleeper_mass_kg.sqrt()],
            residual_m_n: [0.0; 2],
        });
        let probes = probes.collect();
        Ok(Self {
            motion: TrackMotion::at_rest(&factor),
            model,
            factor,
            rest,
            gone,
            spots: vec![Vec::new(); 2 * K],
            probes,
        })
    }

    /// One time step.
    ///
    /// The step is first solved with each contact force of the last step. The compliance of the
    /// rail under each wheel over one step then gives the true force in closed loop with Hertz' law,
    /// and the difference of forces is solved for and added. Over one step a force is felt only near
    /// it: the one-step response falls by 1/e in 0.13 m, so wheels 1.5 m apart see less than 1e-5 of the
    /// *change* of each other's force, less than 1e-10 of the deflection; that coupling is left out of
    /// the contact law (not of the motion).
    ///
    /// `contacts` are those of each passage; fewer passages than there is room for are allowed.
    pub(crate) fn step_all(&mut self, contacts: &mut [Vec<Contact>]) -> StepReport {
        self.motion.begin(&self.factor);
        for (p, contacts) in contacts.iter().enumerate() {
            self.load(p, contacts);
        }
        self.motion.solve(&self.factor);
        let mut change = false;
        for (p, contacts) in contacts.iter_mut().enumerate() {
            for (index, contact) in contacts.iter_mut().enumerate() {
                change |= self.solve_contact(p, contact, self.spots[p][index]);
            }
        }
        if change {
            self.motion.solve_change(&self.factor);
        }
        StepReport {
            unresolved: self.motion.settle(&self.factor),
            bearing_changed: self.motion.bearers.touched(),
        }
    }

    /// Puts the forces of the last step on the rail of a passage.
    fn load(&mut self, p: usize, contacts: &[Contact]) {
        for (spot, force_n) in &self.gone {
            self.motion.rails.load(spot, p, -force_n);
        }
        self.spots[p].clear();
        for contact in contacts {
            let spot = contact.place.map(|place| {
                let shape = self.model.shape(place);
                self.factor.rails.spot(0, place.element, &shape)
            });
            if let Some(spot) = &spot {
                let force_n = contact.weight * contact.force_n;
                self.motion.rails.load(spot, p, force_n);
            }
            self.spots[p].push(spot);
        }
    }

    /// The force of a contact at the end of the step; true if the rail has to hear of a change.
    fn solve_contact(&mut self, p: usize, contact: &mut Contact, spot: Option<Spot>) -> bool {
        let (given, w) = (contact.force_n, contact.weight);
        let (mut rail_m, mut compliance, mut local) = (0.0, 0.0, 0.0);
        if let (Some(place), Some(spot)) = (contact.place, &spot) {
            let shape = self.model.shape(place);
            rail_m = interpolate(&self.rest.rail, place.element, &shape)
                + self.motion.rails.displacement(spot, p);
            local = self.model.local_compliance(place);
            compliance = 0.25 * self.factor.rails.compliance(spot) + local;
        }
        if let ContactLaw::Hertz(hertz) = contact.law {
            let seen = w * (rail_m + local * w * given);
            let total = contact.compliance_m_n + w * w * compliance;
            let overlap = contact.overlap_m - seen;
            let gap = overlap + total * given;
            contact.force_n = hertz_force_n(hertz, total, gap, overlap);
        }
        let change = w * (contact.force_n - given);
        contact.rail_m = rail_m + local * w * given + compliance * change;
        contact.overlap_m -= contact.compliance_m_n * (contact.force_n - given);
        match &spot {
            Some(spot) if change != 0.0 => {
                self.motion.rails.load_change(spot, p, change);
                true
            }
            _ => false,
        }
    }

    /// A sleeper at the end of the step.
    pub(crate) fn sleeper(&self, p: usize, support: usize) -> SleeperState {
        let (bearers, rails) = (&self.factor.bearers, &self.motion.rails);
        let state = self
            .motion
            .bearers
            .point(bearers, rails, &self.probes[support], p);
        SleeperState {
            displacement_m: self.rest.sleeper_m[support] + state.displacement_m,
            velocity_m_s: state.velocity_m_s,
            acceleration_m_s2: state.acceleration_m_s2,
        }
    }

    /// Force of the ballast on a sleeper in a state, N.
    pub(crate) fn ballast_force_n(&self, support: usize, state: &SleeperState) -> f64 {
        crate::track::ballast::force_n(
            self.model.law,
            &self.model.supports[support],
            state.displacement_m,
            state.velocity_m_s,
        )
    }

    /// Largest ballast force of every sleeper in passage 0 so far, N.
    pub(crate) fn peak_ballast_forces_n(&self) -> Vec<f64> {
        let mut peaks = self.motion.bearers.peaks_n(&self.factor.bearers, 0);
        peaks.truncate(self.model.supports.len());
        peaks
    }

    /// Deflection of the rail over a support at the end of the step, m.
    pub(crate) fn rail_m(&self, p: usize, support: usize) -> f64 {
        self.node(p, self.model.node_of(support)).0[0]
    }

    /// Displacement and velocity of a rail node at the end of the step.
    fn node(&self, p: usize, node: usize) -> ([f64; 2], [f64; 2]) {
        let (u, v) = self
            .motion
            .rails
            .node(&self.factor.rails, (p, 0), node, self.factor.step_s);
        let rest = self.rest.rail[node];
        ([rest[0] + u[0], rest[1] + u[1]], v)
    }

    /// Energy of the track of passage 0: kinetic, rail and pad strain, ballast compression, and the potential of
    /// the dead weight, J. Without a load it can only fall.
    pub(crate) fn energy_j(&self) -> f64 {
        let model = &self.model;
        let (displacement, velocity): (Vec<[f64; 2]>, Vec<[f64; 2]>) =
            (0..model.nodes()).map(|node| self.node(0, node)).unzip();
        let mut energy = 0.5
            * (model.mass.quadratic_form(&velocity)
                + model.stiffness.quadratic_form(&displacement));
        for (u, weight) in displacement.iter().zip(&model.rail_weight) {
            energy -= u[0] * weight[0] + u[1] * weight[1];
        }
        for (i, s) in model.supports.iter().enumerate() {
            let state = self.sleeper(0, i);
            let (u, v) = (state.displacement_m, state.velocity_m_s);
            let pad = displacement[model.node_of(i)][0] - u;
            let compression = match model.law {
                BallastLaw::Linear => u - s.gap_m,
                _ => (u - s.gap_m).max(0.0),
            };
            energy += 0.5
                * (s.sleeper_mass_kg * v * v
                    + s.pad_stiffness_n_m * pad * pad
                    + s.ballast_stiffness_n_m * compression * compression)
                - s.sleeper_mass_kg * model.gravity_m_s2 * u;
        }
        energy
    }

    /// The first place where the rail is not where a rail can be, and its displacement there, m.
    pub(crate) fn out_of_range(&self, p: usize, limit_m: f64) -> Option<(f64, f64)> {
        let (node, right, value) = self.motion.rails.out_of_range(p, limit_m)?;
        let node = self.factor.rails.global_node(node, right);
        Some((self.model.node_x_m(node), value))
    }
}
