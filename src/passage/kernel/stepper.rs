//! A track in one condition, factorised, and passages in motion on it.

use super::bearers::{BearerFactor, BearerMotion, StaticBearer};
use super::rails::{RailFactor, RailLine, RailMotion};
use crate::track::assembly::Assembly;
use crate::track::band::BlockTridiagonal;
use crate::track::block::Block;
use crate::track::two_rail_model::{ModalBearer, TwoRailModel};
use crate::track::{BallastLaw, Pad, StaticState, TrackError, TwoRailState};

/// Rounds of the iteration between rails and ballast; the law jumps at touchdown, so that a step may
/// have no consistent state.
const ROUNDS_MAX: usize = 12;

/// Everything of a step that does not move: shared by all passages.
#[derive(Debug, Clone)]
pub(crate) struct TrackFactor<const C: usize> {
    pub(crate) rails: RailFactor<C>,
    pub(crate) bearers: BearerFactor<C>,
}

impl TrackFactor<4> {
    /// Two rails that start in a static state.
    pub(crate) fn two_rails(
        model: &TwoRailModel,
        state: &TwoRailState,
        step_s: f64,
    ) -> Result<Self, TrackError> {
        let statics: Vec<StaticBearer<'_>> = (0..model.bearers.len())
            .map(|i| StaticBearer {
                modes: &state.modes[i],
                open: &state.open[i],
                ballast_force_n: state.ballast_force_n[i],
            })
            .collect();
        let lines = [0, 1].map(|rail| RailLine {
            mass: blocks_of(&model.mass, rail),
            stiffness: blocks_of(&model.stiffness, rail),
            strain: model.elements[rail]
                .iter()
                .map(crate::track::element::BeamElement::strain_stiffness)
                .collect(),
            support: vec![0.0; model.nodes()],
            element_m: model.element_m,
        });
        Self::build(
            lines,
            &model.bearers,
            &statics,
            model.law,
            model.elements_per_bay,
            step_s,
        )
    }
}

impl TrackFactor<2> {
    /// One rail that starts in a static state; a sleeper is a bearer with one mode.
    pub(crate) fn one_rail(
        model: &Assembly,
        state: &StaticState,
        step_s: f64,
    ) -> Result<Self, TrackError> {
        let bearers: Vec<ModalBearer> = model
            .supports
            .iter()
            .map(|s| ModalBearer::rigid_under_one_rail(s, model.law))
            .collect();
        let modes: Vec<[f64; 1]> = bearers
            .iter()
            .zip(&state.sleeper_m)
            .map(|(b, u)| [u / b.seats[0][0]])
            .collect();
        let open: Vec<[bool; 1]> = model
            .supports
            .iter()
            .zip(&state.sleeper_m)
            .map(|(s, u)| [!crate::track::ballast::in_bearing(model.law, s, *u, 0.0)])
            .collect();
        let statics: Vec<StaticBearer<'_>> = (0..bearers.len())
            .map(|i| StaticBearer {
                modes: &modes[i],
                open: &open[i],
                ballast_force_n: state.ballast_force_n[i],
            })
            .collect();
        let blocks = |m: &BlockTridiagonal<2>| [m.diagonal.clone(), m.lower.clone()];
        let line = RailLine {
            mass: blocks(&model.mass),
            stiffness: blocks(&model.stiffness),
            strain: model.strain_stiffness(),
            support: vec![0.0; model.nodes()],
            element_m: model.node_x_m(1),
        };
        Self::build(
            [line],
            &bearers,
            &statics,
            model.law,
            model.elements_per_bay(),
            step_s,
        )
    }
}

impl<const C: usize> TrackFactor<C> {
    fn build<const R: usize>(
        mut lines: [RailLine; R],
        bearers: &[ModalBearer],
        statics: &[StaticBearer<'_>],
        law: BallastLaw,
        per_bay: usize,
        step_s: f64,
    ) -> Result<Self, TrackError> {
        let nodes = lines[0].support.len();
        if nodes.is_multiple_of(2) {
            return Err(TrackError::OddElements {
                elements: nodes - 1,
            });
        }
        let bearers = BearerFactor::new(bearers, statics, law, per_bay, nodes / 2, step_s);
        for (node, link) in bearers.links() {
            for (rail, line) in lines.iter_mut().enumerate() {
                line.support[node] = link[2 * rail];
                line.support[nodes - 1 - node] = link[2 * rail + 1];
            }
        }
        Ok(Self {
            rails: RailFactor::new(&lines, step_s)?,
            bearers,
        })
    }
}

fn blocks_of(matrix: &BlockTridiagonal<4>, rail: usize) -> [Vec<Block<2>>; 2] {
    let o = 2 * rail;
    let part = |blocks: &[Block<4>]| -> Vec<Block<2>> {
        blocks
            .iter()
            .map(|b| [[b[o][o], b[o][o + 1]], [b[o + 1][o], b[o + 1][o + 1]]])
            .collect()
    };
    [part(&matrix.diagonal), part(&matrix.lower)]
}

impl ModalBearer {
    /// A sleeper under one rail, as a bearer with its rigid mode alone.
    fn rigid_under_one_rail(s: &crate::track::Support, law: BallastLaw) -> Self {
        let shape = 1.0 / s.sleeper_mass_kg.sqrt();
        let pad = Pad {
            stiffness_n_m: s.pad_stiffness_n_m,
            damping_n_s_m: s.pad_damping_n_s_m,
        };
        Self::single_mode(shape, s, [pad; 2], law)
    }
}

/// Passages in motion.
#[derive(Debug, Clone)]
pub(crate) struct TrackMotion<const C: usize, const P: usize> {
    pub(crate) rails: RailMotion<C, P>,
    pub(crate) bearers: BearerMotion<C, P>,
}

impl<const C: usize, const P: usize> TrackMotion<C, P> {
    pub(crate) fn at_rest(factor: &TrackFactor<C>) -> Self {
        Self {
            rails: RailMotion::at_rest(factor.rails.half()),
            bearers: BearerMotion::at_rest(&factor.bearers),
        }
    }

    /// Makes the predictors of the next step and the forces of the supports. Loads come next.
    #[inline(always)]
    pub(crate) fn begin(&mut self, factor: &TrackFactor<C>) {
        self.bearers.advance(&factor.bearers, &mut self.rails);
    }

    /// Solves with the loads given.
    #[inline(always)]
    pub(crate) fn solve(&mut self, factor: &TrackFactor<C>) {
        self.rails.step(&factor.rails);
        self.rails.clear_loads();
    }

    /// Brings ballast and rails into agreement; marks the passages that did not get there.
    #[inline(always)]
    pub(crate) fn settle(&mut self, factor: &TrackFactor<C>, unresolved: &mut [bool; P]) {
        if !self.bearers.any_watched() {
            return;
        }
        let mut asked = [true; P];
        for round in 0..ROUNDS_MAX {
            let mut failed = [false; P];
            let again = self
                .bearers
                .check(&factor.bearers, &mut self.rails, &asked, &mut failed);
            let last = round + 1 == ROUNDS_MAX;
            for p in 0..P {
                // Failing to settle counts where it is final.
                unresolved[p] |= asked[p] && if again[p] { last } else { failed[p] };
            }
            if !again.contains(&true) {
                return;
            }
            self.rails.solve_change(&factor.rails);
            asked = again;
        }
    }
}
