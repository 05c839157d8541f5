//! A track in one condition, factorised, and passages in motion on it.

use pulp::{Simd, f64x4};

use super::agreement::Agreement;
use super::bearer_factor::{BearerFactor, StaticBearer};
use super::bearers::BearerMotion;
use super::lanes::{Kernel, Level, Ops};
use super::rail_factor::{RailFactor, RailLine};
use super::rails::RailMotion;
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
pub(crate) struct TrackFactor<const R: usize> {
    pub(crate) rails: RailFactor<R>,
    pub(crate) bearers: BearerFactor<R>,
    pub(crate) step_s: f64,
}

impl TrackFactor<2> {
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

impl TrackFactor<1> {
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

impl<const R: usize> TrackFactor<R> {
    /// The same with ballast and rails in another agreement.
    pub(crate) fn in_agreement(mut self, agreement: Agreement) -> Self {
        self.bearers.agreement = agreement;
        self
    }

    fn build(
        mut lines: [RailLine; R],
        bearers: &[ModalBearer],
        statics: &[StaticBearer<'_>],
        law: BallastLaw,
        per_bay: usize,
        step_s: f64,
    ) -> Result<Self, TrackError> {
        // The chains need a middle node. Where there is none, one more bay is added behind the right
        // end, without any connection.
        let padding = if lines[0].support.len().is_multiple_of(2) {
            per_bay
        } else {
            0
        };
        let (mut bearers, mut statics) = (bearers.to_vec(), statics.to_vec());
        if padding > 0 {
            bearers.extend(bearers.last().cloned());
            statics.extend(statics.last().copied());
            for line in &mut lines {
                line.pad(padding);
            }
        }
        let nodes = lines[0].support.len();
        let bearers = BearerFactor::new(&bearers, &statics, law, per_bay, nodes / 2, step_s);
        for (node, link) in bearers.links() {
            for (rail, line) in lines.iter_mut().enumerate() {
                line.support[node] = link[2 * rail];
                line.support[nodes - 1 - node] = link[2 * rail + 1];
            }
        }
        Ok(Self {
            rails: RailFactor::new(&lines, padding, step_s)?,
            bearers,
            step_s,
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
pub(crate) struct TrackMotion<const R: usize, const K: usize> {
    pub(crate) rails: RailMotion<R, K>,
    pub(crate) bearers: BearerMotion<R, K>,
    level: Level,
}

/// Parts of a step, compiled once for each instruction set.
struct Begin<'a, const R: usize, const K: usize>(&'a mut TrackMotion<R, K>, &'a TrackFactor<R>);
struct Solve<'a, const R: usize, const K: usize>(&'a mut RailMotion<R, K>, &'a TrackFactor<R>);
struct Change<'a, const R: usize, const K: usize>(&'a mut RailMotion<R, K>, &'a TrackFactor<R>);
struct Check<'a, const R: usize, const K: usize> {
    motion: &'a mut TrackMotion<R, K>,
    factor: &'a TrackFactor<R>,
    asked: u32,
    failed: &'a mut u32,
    again: &'a mut u32,
}

impl<const R: usize, const K: usize> Kernel for Begin<'_, R, K> {
    #[inline(always)]
    fn run<S: Simd<f64s = f64x4>>(self, o: Ops<S>) {
        let motion = self.0;
        motion
            .bearers
            .advance(o, &self.1.bearers, &mut motion.rails);
    }
}

impl<const R: usize, const K: usize> Kernel for Solve<'_, R, K> {
    #[inline(always)]
    fn run<S: Simd<f64s = f64x4>>(self, o: Ops<S>) {
        self.0.step(o, &self.1.rails);
    }
}

impl<const R: usize, const K: usize> Kernel for Change<'_, R, K> {
    #[inline(always)]
    fn run<S: Simd<f64s = f64x4>>(self, o: Ops<S>) {
        self.0.solve_change(o, &self.1.rails);
    }
}

impl<const R: usize, const K: usize> Kernel for Check<'_, R, K> {
    #[inline(always)]
    fn run<S: Simd<f64s = f64x4>>(self, o: Ops<S>) {
        let TrackMotion { rails, bearers, .. } = self.motion;
        *self.again = bearers.check(o, &self.factor.bearers, rails, self.asked, self.failed);
    }
}

impl<const R: usize, const K: usize> TrackMotion<R, K> {
    pub(crate) fn at_rest(factor: &TrackFactor<R>) -> Self {
        Self::at_rest_on(factor, Level::best())
    }

    /// The same on a given instruction set.
    pub(crate) fn at_rest_on(factor: &TrackFactor<R>, level: Level) -> Self {
        Self {
            rails: RailMotion::at_rest(factor.rails.half()),
            bearers: BearerMotion::at_rest(&factor.bearers),
            level,
        }
    }

    /// Makes the predictors of the next step and the forces of the supports. Loads come next.
    pub(crate) fn begin(&mut self, factor: &TrackFactor<R>) {
        self.level.run(Begin(self, factor));
    }

    /// Solves with the loads given.
    pub(crate) fn solve(&mut self, factor: &TrackFactor<R>) {
        self.level.run(Solve(&mut self.rails, factor));
        self.rails.clear_loads();
    }

    /// Adds what a change of loads does, see [`RailMotion::load_change`].
    pub(crate) fn solve_change(&mut self, factor: &TrackFactor<R>) {
        self.level.run(Change(&mut self.rails, factor));
    }

    /// Brings ballast and rails into agreement; the bits of passages that did not get there.
    pub(crate) fn settle(&mut self, factor: &TrackFactor<R>) -> u32 {
        let mut unresolved = 0;
        if factor.bearers.law == BallastLaw::Linear {
            return unresolved;
        }
        let mut asked = u32::MAX;
        for _ in 0..ROUNDS_MAX {
            let (mut failed, mut again) = (0, 0);
            let level = self.level;
            level.run(Check {
                motion: self,
                factor,
                asked,
                failed: &mut failed,
                again: &mut again,
            });
            // Failing to settle counts where it is final.
            unresolved |= failed & !again;
            if again == 0 {
                return unresolved;
            }
            self.solve_change(factor);
            asked = again;
        }
        unresolved | asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{
        BeamTheory, Bearer, GapProfile, RailSection, Side, TwoRailTrack, sections_of_bays,
        two_rail_statics_of,
    };

    const STEP_S: f64 = 5e-5;

    fn model(bays: usize, elements_per_bay: usize) -> TwoRailModel {
        let section = RailSection {
            bending_stiffness_n_m2: 6.3798e6,
            mass_kg_m: 60.21,
            area_m2: 76.70e-4,
            shear_modulus_pa: 8.08e10,
            shear_coefficient: 0.41,
        };
        let pad = Pad {
            stiffness_n_m: 150e6,
            damping_n_s_m: 30e3,
        };
        let bearer = |index: usize| Bearer {
            left_end_y_m: 1.3,
            right_end_y_m: -1.3 - 0.05 * index as f64,
            bending_stiffness_n_m2: 6e6,
            mass_kg_m: 115.0,
            ballast_stiffness_n_m2: 46e6,
            ballast_damping_n_s_m2: 61e3,
            gap: GapProfile::uniform(if index == 5 { 0.5e-3 } else { 0.0 }),
            pads: [pad; 2],
        };
        let rail = sections_of_bays(&vec![section; bays], elements_per_bay);
        let track = TwoRailTrack {
            rails: [rail.clone(), rail],
            beam: BeamTheory::EulerBernoulli,
            rotary_second_moment_m4: None,
            bay_m: 0.6,
            elements_per_bay,
            seats_y_m: [0.75, -0.75],
            bearers: (0..=bays).map(bearer).collect(),
            ballast: BallastLaw::Unilateral,
            gravity_m_s2: 9.81,
        };
        TwoRailModel::new(&track, 14).unwrap()
    }

    /// Displacements of the rail under a force that passes over, in `K` passages at different places.
    fn run<const K: usize>(model: &TwoRailModel, level: Level, from_m: [f64; K]) -> Vec<Vec<u64>> {
        let rest = two_rail_statics_of(model, &[]).unwrap();
        let factor = TrackFactor::two_rails(model, &rest, STEP_S).unwrap();
        let mut motion = TrackMotion::<2, K>::at_rest_on(&factor, level);
        let mut out = vec![Vec::new(); K];
        for n in 0..1500_u32 {
            motion.begin(&factor);
            let spots = from_m.map(|from_m| {
                let place = model.place(from_m + 40.0 * f64::from(n) * STEP_S);
                let shape = model.shape(Side::Right, place);
                factor.rails.spot(1, place.element, &shape)
            });
            for (p, spot) in spots.iter().enumerate() {
                motion.rails.load(spot, p, 1e5);
            }
            motion.solve(&factor);
            motion.settle(&factor);
            for (p, spot) in spots.iter().enumerate() {
                out[p].push(motion.rails.displacement(spot, p).to_bits());
            }
        }
        out
    }

    /// The same bits on every instruction set, alone and side by side. On a processor without AVX2
    /// both levels are the same and the test says nothing about it.
    #[test]
    fn instruction_sets_and_neighbours_do_not_change_a_bit() {
        let model = model(10, 4);
        let alone = run(&model, Level::best(), [1.0]);
        let portable = run(&model, Level::Portable, [1.0]);
        assert!(alone == portable);
        let together = run(&model, Level::best(), [2.0, 1.0, 0.5]);
        assert!(together[1] == alone[0]);
        assert!(together[0] != alone[0]);
    }

    /// A track without a middle node is continued by a bay that nothing touches.
    #[test]
    fn an_odd_number_of_elements_makes_no_difference() {
        let refined = |bays: usize, per_bay: usize| {
            let bits = run(&model(bays, per_bay), Level::best(), [1.0]);
            bits[0]
                .iter()
                .map(|b| f64::from_bits(*b))
                .collect::<Vec<f64>>()
        };
        // 45 elements against 54: the meshes differ, the deflections by less than a thousandth.
        let (odd, even) = (refined(9, 5), refined(9, 6));
        let largest = even.iter().fold(0.0, |m: f64, u| m.max(u.abs()));
        for (a, b) in odd.iter().zip(&even) {
            assert!((a - b).abs() < 2e-3 * largest, "{a} {b}");
        }
    }
}
