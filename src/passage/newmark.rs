//! One time step of the track with its contacts: the kernel that all passages share.
//!
//! Newmark's average acceleration (beta 1/4, gamma 1/2) in acceleration form: with the predictors
//! `u* = u + h v + h^2/4 a`, `v* = v + h/2 a` the new acceleration solves
//!
//! ```text
//! (M + h/2 C + h^2/4 K) a = f - C v* - K u*,     u = u* + h^2/4 a,   v = v* + h/2 a.
//! ```
//!
//! Only the stiffness of the rail is multiplied with a vector; the rail has no damping, and pads
//! and ballast are scalars. **Sleepers** are condensed: over a step a pad is the mass-like number
//! `e = h/2 c_p + h^2/4 k_p` and a sleeper on its ballast `g = m + h/2 c_b + h^2/4 k_b`, so the rail
//! node above feels `e g / (e + g)`.
//!
//! **Contacts.** The step is first solved with each contact force of the last step. The compliance
//! of the rail under each wheel over one step, `h^2/4 N^T A^-1 N`, then gives the true force in
//! closed loop with Hertz' law, and the difference of forces is solved for and added. Over one step
//! a force is felt only near it: the one-step response falls by 1/e in 0.13 m, so wheels 1.5 m apart
//! see less than 1e-5 of the *change* of each other's force, less than 1e-10 of the deflection; that
//! coupling is left out of the contact law (not of the motion).
//!
//! **Ballast.** Which sleepers are in bearing is found by iteration on the state at the end of the
//! step. A change alters one diagonal entry of the rail matrix; the factors are updated near it.

use super::contact::{ContactLaw, hertz_force_n};
use crate::track::assembly::{Assembly, Place, add_load, interpolate};
use crate::track::ballast;
use crate::track::band::{BlockTridiagonal, Factor};
use crate::track::{StaticState, TrackError};

/// Iterations on the set of sleepers in bearing; the law jumps at touchdown, so that a step may
/// have no consistent set.
const BEARING_ITERATIONS_MAX: usize = 12;

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

/// What happened in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct StepReport {
    pub(crate) bearing_changed: bool,
    pub(crate) unresolved: bool,
}

/// Motion of the sleepers or of the rail nodes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Motion<T> {
    pub(crate) displacement: Vec<T>,
    pub(crate) velocity: Vec<T>,
    pub(crate) acceleration: Vec<T>,
}

impl<T: Clone + Default> Motion<T> {
    fn at_rest(displacement: Vec<T>) -> Self {
        let zeros = vec![T::default(); displacement.len()];
        Self {
            velocity: zeros.clone(),
            acceleration: zeros,
            displacement,
        }
    }
}

/// A track in motion.
#[derive(Debug, Clone)]
pub(crate) struct TrackStepper {
    pub(crate) model: Assembly,
    step_s: f64,
    pub(crate) rail: Motion<[f64; 2]>,
    pub(crate) sleepers: Motion<f64>,
    bearing: Vec<bool>,
    /// `M + h^2/4 K` of the rail, with the condensed supports.
    matrix: BlockTridiagonal<2>,
    /// Its entries at the support nodes without the supports.
    bare: Vec<f64>,
    factor: Factor<2>,
    /// `e` of each pad.
    pad: Vec<f64>,
    /// `h/2 c_b + h^2/4 k_b` of each ballast.
    bed: Vec<f64>,
    scratch: Scratch,
}

#[derive(Debug, Clone)]
struct Scratch {
    /// Forces on the rail nodes from predictors and weight.
    rail: Vec<[f64; 2]>,
    /// Forces on the sleepers from predictors and weight, without ballast.
    sleepers: Vec<f64>,
    /// Right-hand side and solution.
    right: Vec<[f64; 2]>,
    /// The same for the change of the contact forces.
    change: Vec<[f64; 2]>,
    /// Forces on the sleepers with ballast.
    sleeper_right: Vec<f64>,
    /// Rail nodes whose support changed.
    changed: Vec<usize>,
    shapes: Vec<[[f64; 2]; 2]>,
}

impl TrackStepper {
    /// A track at rest in a static state.
    pub(crate) fn new(
        model: Assembly,
        state: &StaticState,
        step_s: f64,
    ) -> Result<Self, TrackError> {
        let half = step_s / 2.0;
        let quarter = step_s * step_s / 4.0;
        let matrix = model.mass.combine(1.0, &model.stiffness, quarter);
        let supports = &model.supports;
        let bearing: Vec<bool> = supports
            .iter()
            .zip(&state.sleeper_m)
            .map(|(s, &u)| ballast::in_bearing(model.law, s, u, 0.0))
            .collect();
        let pad = supports
            .iter()
            .map(|s| half * s.pad_damping_n_s_m + quarter * s.pad_stiffness_n_m)
            .collect();
        let bed = supports
            .iter()
            .map(|s| half * s.ballast_damping_n_s_m + quarter * s.ballast_stiffness_n_m)
            .collect();
        let bare = (0..supports.len())
            .map(|i| matrix.diagonal[model.node_of(i)][0][0])
            .collect();
        let (nodes, count) = (model.nodes(), supports.len());
        let scratch = Scratch {
            rail: vec![[0.0; 2]; nodes],
            sleepers: vec![0.0; count],
            right: vec![[0.0; 2]; nodes],
            change: vec![[0.0; 2]; nodes],
            sleeper_right: vec![0.0; count],
            changed: Vec::new(),
            shapes: Vec::new(),
        };
        let mut stepper = Self {
            rail: Motion::at_rest(state.rail.clone()),
            sleepers: Motion::at_rest(state.sleeper_m.clone()),
            factor: Factor::new(&matrix).map_err(|s| not_supported(&model, s.0))?,
            model,
            step_s,
            bearing,
            matrix,
            bare,
            pad,
            bed,
            scratch,
        };
        for support in 0..count {
            stepper.condense(support);
        }
        stepper.factor =
            Factor::new(&stepper.matrix).map_err(|s| not_supported(&stepper.model, s.0))?;
        Ok(stepper)
    }

    /// `g` of a sleeper: its mass, and its ballast while it is in bearing.
    #[inline]
    fn below(&self, support: usize) -> f64 {
        let mass = self.model.supports[support].sleeper_mass_kg;
        if self.bearing[support] {
            mass + self.bed[support]
        } else {
            mass
        }
    }

    fn condense(&mut self, support: usize) {
        let (e, g) = (self.pad[support], self.below(support));
        let node = self.model.node_of(support);
        self.matrix.diagonal[node][0][0] = self.bare[support] + e * g / (e + g);
    }

    /// Force of the ballast on a sleeper at the present state, N.
    pub(crate) fn ballast_force_n(&self, support: usize) -> f64 {
        ballast::force_n(
            self.model.law,
            &self.model.supports[support],
            self.sleepers.displacement[support],
            self.sleepers.velocity[support],
        )
    }

    /// One time step.
    pub(crate) fn step(&mut self, contacts: &mut [Contact]) -> Result<StepReport, TrackError> {
        self.predict();
        self.forces_of_predictors();
        self.scratch.shapes.clear();
        for contact in contacts.iter() {
            let shape = contact
                .place
                .map_or([[0.0; 2]; 2], |place| self.model.shape(place));
            self.scratch.shapes.push(shape);
        }
        let mut report = StepReport::default();
        for iteration in 1.. {
            self.solve_with_given_forces(contacts);
            self.solve_contacts(contacts);
            if !self.update_bearing() {
                break;
            }
            report.bearing_changed = true;
            if iteration == BEARING_ITERATIONS_MAX {
                report.unresolved = true;
            }
            let model = &self.model;
            self.factor
                .update(&self.matrix, &self.scratch.changed)
                .map_err(|s| not_supported(model, s.0))?;
            if report.unresolved {
                break;
            }
        }
        self.correct();
        Ok(report)
    }

    fn predict(&mut self) {
        let h = self.step_s;
        let (half, quarter) = (h / 2.0, h * h / 4.0);
        let rail = &mut self.rail;
        for ((u, v), a) in rail
            .displacement
            .iter_mut()
            .zip(&mut rail.velocity)
            .zip(&rail.acceleration)
        {
            for k in 0..2 {
                u[k] += h * v[k] + quarter * a[k];
                v[k] += half * a[k];
            }
        }
        let sleepers = &mut self.sleepers;
        for ((u, v), a) in sleepers
            .displacement
            .iter_mut()
            .zip(&mut sleepers.velocity)
            .zip(&sleepers.acceleration)
        {
            *u += h * *v + quarter * a;
            *v += half * a;
        }
    }

    fn forces_of_predictors(&mut self) {
        let (model, scratch) = (&self.model, &mut self.scratch);
        model.stiffness.residual(
            &self.rail.displacement,
            &model.rail_weight,
            &mut scratch.rail,
        );
        for (i, support) in model.supports.iter().enumerate() {
            let node = model.node_of(i);
            let pad = support.pad_stiffness_n_m
                * (self.rail.displacement[node][0] - self.sleepers.displacement[i])
                + support.pad_damping_n_s_m
                    * (self.rail.velocity[node][0] - self.sleepers.velocity[i]);
            scratch.rail[node][0] -= pad;
            scratch.sleepers[i] = pad + support.sleeper_mass_kg * model.gravity_m_s2;
        }
    }

    /// Accelerations with the contact forces as they came in.
    fn solve_with_given_forces(&mut self, contacts: &[Contact]) {
        let scratch = &mut self.scratch;
        scratch.right.copy_from_slice(&scratch.rail);
        for (contact, shape) in contacts.iter().zip(&scratch.shapes) {
            if let Some(place) = contact.place {
                add_load(
                    &mut scratch.right,
                    place.element,
                    shape,
                    contact.weight * contact.force_n,
                );
            }
        }
        for (i, support) in self.model.supports.iter().enumerate() {
            let mut force = scratch.sleepers[i];
            let mut g = support.sleeper_mass_kg;
            if self.bearing[i] {
                force -= support.ballast_stiffness_n_m
                    * (self.sleepers.displacement[i] - support.gap_m)
                    + support.ballast_damping_n_s_m * self.sleepers.velocity[i];
                g += self.bed[i];
            }
            let e = self.pad[i];
            scratch.sleeper_right[i] = force;
            scratch.right[self.model.node_of(i)][0] += e / (e + g) * force;
        }
        self.factor.solve(&mut scratch.right);
    }

    /// Contact forces, and the accelerations that their change adds.
    fn solve_contacts(&mut self, contacts: &mut [Contact]) {
        let quarter = self.step_s * self.step_s / 4.0;
        let scratch = &mut self.scratch;
        let mut any_change = false;
        for (contact, shape) in contacts.iter_mut().zip(&scratch.shapes) {
            let given = contact.force_n;
            let w = contact.weight;
            let (mut rail_m, mut compliance, mut local) = (0.0, 0.0, 0.0);
            if let Some(place) = contact.place {
                rail_m = interpolate(&self.rail.displacement, place.element, shape)
                    + quarter * interpolate(&scratch.right, place.element, shape);
                local = self.model.local_compliance(place);
                compliance = quarter * self.factor.compliance(place.element, shape) + local;
            }
            if let ContactLaw::Hertz(hertz) = contact.law {
                let seen = w * (rail_m + local * w * given);
                let total = contact.compliance_m_n + w * w * compliance;
                let gap = contact.overlap_m - seen + total * given;
                contact.force_n = hertz_force_n(hertz, total, gap);
            }
            let change = w * (contact.force_n - given);
            contact.rail_m = rail_m + local * w * given + compliance * change;
            contact.overlap_m -= contact.compliance_m_n * (contact.force_n - given);
            if let (Some(place), true) = (contact.place, change != 0.0) {
                if !any_change {
                    scratch.change.fill([0.0; 2]);
                    any_change = true;
                }
                add_load(&mut scratch.change, place.element, shape, change);
            }
        }
        if any_change {
            self.factor.solve(&mut scratch.change);
            for (a, da) in scratch.right.iter_mut().zip(&scratch.change) {
                *a = [a[0] + da[0], a[1] + da[1]];
            }
        }
        self.rail.acceleration.copy_from_slice(&scratch.right);
    }

    /// Sleeper accelerations; then which sleepers are in bearing at the end of the step. True if
    /// one changed.
    fn update_bearing(&mut self) -> bool {
        let half = self.step_s / 2.0;
        let quarter = self.step_s * self.step_s / 4.0;
        self.scratch.changed.clear();
        for i in 0..self.bearing.len() {
            let (e, g) = (self.pad[i], self.below(i));
            let node = self.model.node_of(i);
            let a = (self.scratch.sleeper_right[i] + e * self.rail.acceleration[node][0]) / (e + g);
            self.sleepers.acceleration[i] = a;
            let now = ballast::in_bearing(
                self.model.law,
                &self.model.supports[i],
                self.sleepers.displacement[i] + quarter * a,
                self.sleepers.velocity[i] + half * a,
            );
            if now != self.bearing[i] {
                self.bearing[i] = now;
                self.condense(i);
                self.scratch.changed.push(node);
            }
        }
        !self.scratch.changed.is_empty()
    }

    fn correct(&mut self) {
        let half = self.step_s / 2.0;
        let quarter = self.step_s * self.step_s / 4.0;
        let rail = &mut self.rail;
        for ((u, v), a) in rail
            .displacement
            .iter_mut()
            .zip(&mut rail.velocity)
            .zip(&rail.acceleration)
        {
            for k in 0..2 {
                u[k] += quarter * a[k];
                v[k] += half * a[k];
            }
        }
        let sleepers = &mut self.sleepers;
        for ((u, v), a) in sleepers
            .displacement
            .iter_mut()
            .zip(&mut sleepers.velocity)
            .zip(&sleepers.acceleration)
        {
            *u += quarter * a;
            *v += half * a;
        }
    }

    /// Energy of the track: kinetic, rail and pad strain, ballast compression, and the potential of
    /// the dead weight, J. Without a load it can only fall.
    pub(crate) fn energy_j(&self) -> f64 {
        let model = &self.model;
        let mut energy = 0.5
            * (model.mass.quadratic_form(&self.rail.velocity)
                + model.stiffness.quadratic_form(&self.rail.displacement));
        for (u, weight) in self.rail.displacement.iter().zip(&model.rail_weight) {
            energy -= u[0] * weight[0] + u[1] * weight[1];
        }
        for (i, s) in model.supports.iter().enumerate() {
            let (u, v) = (self.sleepers.displacement[i], self.sleepers.velocity[i]);
            let pad = self.rail.displacement[model.node_of(i)][0] - u;
            let compression = match model.law {
                crate::track::BallastLaw::Linear => u - s.gap_m,
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

    /// The first sleeper or rail node that is not where a track can be: its coordinate and
    /// displacement.
    pub(crate) fn out_of_range(&self, limit_m: f64) -> Option<(f64, f64)> {
        self.rail
            .displacement
            .iter()
            .position(|u| u[0].is_nan() || u[0].abs() > limit_m)
            .map(|node| (self.model.node_x_m(node), self.rail.displacement[node][0]))
    }
}

fn not_supported(model: &Assembly, node: usize) -> TrackError {
    TrackError::NotSupported {
        at_m: model.node_x_m(node),
    }
}
