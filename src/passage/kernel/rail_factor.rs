//! The factorised step matrix of the rails for one condition of the track.

use super::lanes::Four;
use super::rails::Spot;
use crate::track::TrackError;
use crate::track::block::{Block, inverse, product, transpose};

/// Vector and lane of a chain of a passage. With two rails a vector holds the four chains of a
/// passage; with one rail it holds the two chains of two passages.
#[inline(always)]
pub(crate) fn lane_of<const R: usize>(chain: usize, passage: usize) -> (usize, usize) {
    if R == 2 {
        (passage, chain)
    } else {
        (passage / 2, 2 * (passage % 2) + chain)
    }
}

/// A constant of each chain for the lanes of a vector.
pub(crate) fn constants<const R: usize>(of_chain: impl Fn(usize) -> f64) -> Four {
    let chain = |lane: usize| of_chain(lane % (2 * R));
    Four::from_array([chain(0), chain(1), chain(2), chain(3)])
}

/// The matrices of one rail in global coordinates, node by node.
pub(crate) struct RailLine {
    /// Diagonal and lower blocks of mass and of stiffness.
    pub(crate) mass: [Vec<Block<2>>; 2],
    pub(crate) stiffness: [Vec<Block<2>>; 2],
    /// The two strain stiffnesses of each element, see [`crate::track::element::BeamElement`].
    pub(crate) strain: Vec<[f64; 2]>,
    /// Addition to the diagonal `w` entry of a node, kg/s2: its support.
    pub(crate) support: Vec<f64>,
    pub(crate) element_m: f64,
}

/// Factors at one node of every chain, counted from the outer end, and the element towards the
/// middle.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeFactor {
    pub(super) strain: [Four; 2],
    /// Inverse pivot: entries 00, 01, 11.
    pub(super) pivot: [Four; 3],
    /// `D^-1 A_{i,next}`: entries 00, 01, 10, 11.
    pub(super) coupling: [Four; 4],
}

/// The same for one chain.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChainNode {
    pub(super) strain: [f64; 2],
    pub(super) pivot: Block<2>,
    pub(super) coupling: Block<2>,
    /// Inverse of the step matrix near the element, for contacts: `G_kk` and `G_{k,k+1}`.
    pub(super) own: Block<2>,
    pub(super) next: Block<2>,
}

/// Factorised step matrix of `R` rails of a track in one condition.
#[derive(Debug, Clone)]
pub(crate) struct RailFactor<const R: usize> {
    pub(super) nodes: Vec<NodeFactor>,
    /// By chain, the middle node included.
    pub(super) chains: Vec<Vec<ChainNode>>,
    /// Inverse pivot of the middle node of each rail.
    pub(super) middle: [Block<2>; R],
    pub(super) element_m: f64,
    /// Nodes behind the right end that only make the number of nodes odd.
    pub(super) padding: usize,
}

impl<const R: usize> RailFactor<R> {
    /// Factorises `M/h^2 + K/4` with the supports. The number of nodes has to be odd.
    pub(crate) fn new(
        rails: &[RailLine; R],
        padding: usize,
        step_s: f64,
    ) -> Result<Self, TrackError> {
        let half = rails[0].support.len() / 2;
        let mut factor = Self {
            nodes: Vec::with_capacity(half),
            chains: vec![vec![ChainNode::default(); half + 1]; 2 * R],
            middle: [[[0.0; 2]; 2]; R],
            element_m: rails[0].element_m,
            padding,
        };
        for (index, rail) in rails.iter().enumerate() {
            factor.eliminate(rail, index, step_s, half)?;
        }
        let chains = &factor.chains;
        for k in 0..half {
            let entry = |f: &dyn Fn(&ChainNode) -> f64| constants::<R>(|c| f(&chains[c][k]));
            factor.nodes.push(NodeFactor {
                strain: [entry(&|n| n.strain[0]), entry(&|n| n.strain[1])],
                pivot: [
                    entry(&|n| n.pivot[0][0]),
                    entry(&|n| n.pivot[0][1]),
                    entry(&|n| n.pivot[1][1]),
                ],
                coupling: [
                    entry(&|n| n.coupling[0][0]),
                    entry(&|n| n.coupling[0][1]),
                    entry(&|n| n.coupling[1][0]),
                    entry(&|n| n.coupling[1][1]),
                ],
            });
        }
        Ok(factor)
    }

    fn eliminate(
        &mut self,
        rail: &RailLine,
        index: usize,
        step_s: f64,
        half: usize,
    ) -> Result<(), TrackError> {
        let count = rail.support.len();
        let singular = |node: usize| TrackError::NotSupported {
            at_m: node as f64 * rail.element_m,
        };
        let mut into_middle = [[0.0; 2]; 2];
        for side in 0..2 {
            let sign = if side == 0 { 1.0 } else { -1.0 };
            let mut schur = [[0.0; 2]; 2];
            for k in 0..half {
                let node = if side == 0 { k } else { count - 1 - k };
                // Block towards the middle: A_{i,next}.
                let link = if side == 0 {
                    transpose(&rail.entry(1, node, step_s))
                } else {
                    rail.entry(1, node - 1, step_s)
                };
                let pivot = subtract(&scaled(&rail.diagonal(node, step_s), rail, sign), &schur);
                let inverse_pivot = inverse(&pivot).ok_or_else(|| singular(node))?;
                let link = scaled(&link, rail, sign);
                let coupling = product(&inverse_pivot, &link);
                schur = product(&transpose(&link), &coupling);
                let at = &mut self.chains[2 * index + side][k];
                at.strain = rail.strain[if side == 0 { node } else { node - 1 }];
                at.pivot = inverse_pivot;
                at.coupling = coupling;
            }
            into_middle = add(&into_middle, &mirrored(&schur, sign));
        }
        let pivot = subtract(
            &scaled(&rail.diagonal(half, step_s), rail, 1.0),
            &into_middle,
        );
        let middle = inverse(&pivot).ok_or_else(|| singular(half))?;
        self.middle[index] = middle;
        for side in 0..2 {
            let sign = if side == 0 { 1.0 } else { -1.0 };
            invert(&mut self.chains[2 * index + side], mirrored(&middle, sign));
        }
        Ok(())
    }

    /// Number of nodes of a chain, the middle node not counted.
    pub(crate) fn half(&self) -> usize {
        self.nodes.len()
    }

    /// Index from the left end of the rail of a node counted from an outer end.
    pub(crate) fn global_node(&self, node: usize, right: bool) -> usize {
        if right {
            (2 * self.half() - node).min(2 * self.half() - self.padding)
        } else {
            node
        }
    }

    /// The place of global element `element` of a rail for the kernel, with shape functions of its
    /// unknowns `(w, theta)` of the left and the right node.
    #[inline]
    pub(crate) fn spot(&self, rail: usize, element: usize, shape: &[[f64; 2]; 2]) -> Spot {
        let half = self.half();
        let scale = 2.0 / self.element_m;
        let [[a, b], [c, d]] = *shape;
        if element < half {
            Spot {
                chain: 2 * rail,
                node: element,
                shape: [[a, b * scale], [c, d * scale]],
            }
        } else {
            Spot {
                chain: 2 * rail + 1,
                node: 2 * half - 1 - element,
                shape: [[c, -d * scale], [a, -b * scale]],
            }
        }
    }

    /// Change of `b` at a spot for a unit force there, m/N.
    #[inline]
    pub(crate) fn compliance(&self, spot: &Spot) -> f64 {
        let chain = &self.chains[spot.chain];
        let (here, after) = (&chain[spot.node], &chain[spot.node + 1]);
        let [a, b] = spot.shape;
        quadratic(&a, &here.own, &a)
            + 2.0 * quadratic(&a, &here.next, &b)
            + quadratic(&b, &after.own, &b)
    }
}

/// Blocks of the inverse on and beside the diagonal (Takahashi's recursion), from the middle out.
fn invert(chain: &mut [ChainNode], middle: Block<2>) {
    let mut after = middle;
    let Some((last, chain)) = chain.split_last_mut() else {
        return;
    };
    last.own = middle;
    for at in chain.iter_mut().rev() {
        let cross = product(&at.coupling, &after);
        at.next = subtract(&[[0.0; 2]; 2], &cross);
        at.own = add(&at.pivot, &product(&cross, &transpose(&at.coupling)));
        after = at.own;
    }
}

/// A block seen from the other side, where rotations change sign.
fn mirrored(block: &Block<2>, sign: f64) -> Block<2> {
    [
        [block[0][0], sign * block[0][1]],
        [sign * block[1][0], block[1][1]],
    ]
}

#[inline]
fn quadratic(a: &[f64; 2], m: &Block<2>, b: &[f64; 2]) -> f64 {
    a[0] * (m[0][0] * b[0] + m[0][1] * b[1]) + a[1] * (m[1][0] * b[0] + m[1][1] * b[1])
}

impl RailLine {
    /// Adds nodes behind the right end that nothing touches.
    pub(crate) fn pad(&mut self, nodes: usize) {
        let (zero, one) = ([[0.0; 2]; 2], [[1.0, 0.0], [0.0, 1.0]]);
        let grow = |list: &mut Vec<Block<2>>, value: Block<2>| {
            list.extend(std::iter::repeat_n(value, nodes));
        };
        grow(&mut self.mass[0], one);
        grow(&mut self.mass[1], zero);
        grow(&mut self.stiffness[0], zero);
        grow(&mut self.stiffness[1], zero);
        self.strain.extend(std::iter::repeat_n([0.0; 2], nodes));
        self.support.extend(std::iter::repeat_n(0.0, nodes));
    }

    /// Entry of `M/h^2 + K/4`: 0 the diagonal, 1 the lower blocks.
    fn entry(&self, which: usize, node: usize, step_s: f64) -> Block<2> {
        let (m, k) = (&self.mass[which][node], &self.stiffness[which][node]);
        let mut block = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                block[i][j] = m[i][j] / (step_s * step_s) + 0.25 * k[i][j];
            }
        }
        block
    }

    fn diagonal(&self, node: usize, step_s: f64) -> Block<2> {
        let mut block = self.entry(0, node, step_s);
        block[0][0] += self.support[node];
        block
    }
}

/// A block for unknowns `(w, theta L/2)`, the rotation seen from the side `sign`.
fn scaled(block: &Block<2>, rail: &RailLine, sign: f64) -> Block<2> {
    let t = sign * 2.0 / rail.element_m;
    [
        [block[0][0], block[0][1] * t],
        [block[1][0] * t, block[1][1] * t * t],
    ]
}

fn subtract(a: &Block<2>, b: &Block<2>) -> Block<2> {
    crate::track::block::difference(a, b)
}

fn add(a: &Block<2>, b: &Block<2>) -> Block<2> {
    [
        [a[0][0] + b[0][0], a[0][1] + b[0][1]],
        [a[1][0] + b[1][0], a[1][1] + b[1][1]],
    ]
}
