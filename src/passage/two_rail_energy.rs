//! The energy of two rails on bearers: a gate of the kernel, since without a load it can only fall.

use super::kernel::stepper::{TrackFactor, TrackMotion};
use crate::track::two_rail_model::{ModalBearer, Probe, TwoRailModel};
use crate::track::{BallastLaw, TwoRailState};

/// What it takes to sum up the energy of a track in motion.
pub(super) struct Energy<'a> {
    model: &'a TwoRailModel,
    rest: &'a TwoRailState,
    factor: &'a TrackFactor<2>,
    /// One probe for each mode of each bearer.
    probes: Vec<Vec<Probe>>,
}

impl<'a> Energy<'a> {
    pub(super) fn new(
        model: &'a TwoRailModel,
        rest: &'a TwoRailState,
        factor: &'a TrackFactor<2>,
    ) -> Self {
        let probe = |bearer: usize, mode: usize, modes: usize| Probe {
            bearer,
            shape: (0..modes)
                .map(|j| if j == mode { 1.0 } else { 0.0 })
                .collect(),
            residual_m_n: [0.0; 2],
        };
        let probes = model.bearers.iter().enumerate().map(|(bearer, modal)| {
            let modes = modal.omega2.len();
            (0..modes).map(|mode| probe(bearer, mode, modes)).collect()
        });
        Self {
            model,
            rest,
            factor,
            probes: probes.collect(),
        }
    }

    /// Kinetic energy, strain of rails, bearers and pads, compression of the ballast, and the
    /// potential of the dead weight of passage 0 at the end of the step, J.
    pub(super) fn of<const P: usize>(&self, motion: &TrackMotion<2, P>) -> f64 {
        let (model, factor) = (self.model, self.factor);
        let mut displacement = vec![[0.0; 4]; model.nodes()];
        let mut velocity = displacement.clone();
        for node in 0..model.nodes() {
            for rail in 0..2 {
                let (u, v) = motion
                    .rails
                    .node(&factor.rails, (0, rail), node, factor.step_s);
                for k in 0..2 {
                    let unknown = 2 * rail + k;
                    displacement[node][unknown] = self.rest.rails[node][unknown] + u[k];
                    velocity[node][unknown] = v[k];
                }
            }
        }
        let mut energy = 0.5
            * (model.mass.quadratic_form(&velocity)
                + model.stiffness.quadratic_form(&displacement));
        for (u, weight) in displacement.iter().zip(&model.rail_weight) {
            energy -= u.iter().zip(weight).map(|(u, w)| u * w).sum::<f64>();
        }
        for (i, bearer) in model.bearers.iter().enumerate() {
            let rails = displacement[model.node_of(i)];
            let (q, q_v): (Vec<f64>, Vec<f64>) = self.probes[i]
                .iter()
                .zip(&self.rest.modes[i])
                .map(|(probe, rest)| {
                    let state = motion
                        .bearers
                        .point(&factor.bearers, &motion.rails, probe, 0);
                    (rest + state.displacement_m, state.velocity_m_s)
                })
                .unzip();
            energy += bearer_j(bearer, model.law, [rails[0], rails[2]], &q, &q_v);
        }
        energy
    }
}

/// Energy of a bearer with its pads and ballast, J.
fn bearer_j(
    bearer: &ModalBearer,
    law: BallastLaw,
    rails_m: [f64; 2],
    q: &[f64],
    q_v: &[f64],
) -> f64 {
    let dot = |a: &[f64]| a.iter().zip(q).map(|(a, b)| a * b).sum::<f64>();
    let mut twice = 0.0;
    for ((w2, q), v) in bearer.omega2.iter().zip(q).zip(q_v) {
        twice += v * v + (w2 + bearer.ballast_1_s2) * q * q;
    }
    for ((pad, seat), rail_m) in bearer.pads.iter().zip(&bearer.seats).zip(rails_m) {
        let pressed = rail_m - dot(seat);
        twice += pad.stiffness_n_m * pressed * pressed;
    }
    if law != BallastLaw::Linear {
        // The modes rest on linear ballast: its pieces are taken out and put in as the law has them.
        for point in &bearer.points {
            let u = dot(&point.shape);
            let pressed = (u - point.gap_m).max(0.0);
            twice += point.stiffness_n_m * (pressed * pressed - u * u);
        }
    }
    0.5 * twice - bearer.weight * q[0]
}
