//! Rails as chains of beam elements: residual, substitution, contact compliance.

use crate::track::TrackError;
use crate::track::block::{Block, inverse, product, transpose};

/// A value of every chain in every passage.
pub(crate) type Lanes<const C: usize, const P: usize> = [[f64; P]; C];

/// The matrices of one rail in global coordinates, node by node.
pub(crate) struct RailLine {
    /// Diagonal and lower blocks of mass and stiffness.
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
struct NodeFactor<const C: usize> {
    strain: [[f64; C]; 2],
    /// Inverse pivot: entries 00, 01, 11.
    pivot: [[f64; C]; 3],
    /// `D^-1 A_{i,next}`: entries 00, 01, 10, 11.
    coupling: [[f64; C]; 4],
}

/// Inverse of the step matrix near an element, for contacts: `G_kk` and `G_{k,k+1}`.
#[derive(Debug, Clone, Copy)]
struct NodeInverse<const C: usize> {
    own: [Block<2>; C],
    next: [Block<2>; C],
}

/// Factorised step matrix of all rails of a track in one condition.
#[derive(Debug, Clone)]
pub(crate) struct RailFactor<const C: usize> {
    nodes: Vec<NodeFactor<C>>,
    inverse: Vec<NodeInverse<C>>,
    /// Inverse pivot of the middle node of each rail, in lane `2 rail`.
    middle: [Block<2>; C],
    element_m: f64,
}

impl<const C: usize> RailFactor<C> {
    /// Factorises `M/h^2 + K/4` with the supports. The number of nodes has to be odd.
    pub(crate) fn new(rails: &[RailLine], step_s: f64) -> Result<Self, TrackError> {
        let count = rails[0].support.len();
        let half = count / 2;
        let element_m = rails[0].element_m;
        let empty = NodeFactor {
            strain: [[0.0; C]; 2],
            pivot: [[0.0; C]; 3],
            coupling: [[0.0; C]; 4],
        };
        let zero = [[[0.0; 2]; 2]; C];
        let mut factor = Self {
            nodes: vec![empty; half],
            inverse: vec![
                NodeInverse {
                    own: zero,
                    next: zero
                };
                half + 1
            ],
            middle: zero,
            element_m,
        };
        for (index, rail) in rails.iter().enumerate() {
            factor.eliminate(rail, index, step_s, half)?;
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
            let chain = 2 * index + side;
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
                let element = if side == 0 { node } else { node - 1 };
                let at = &mut self.nodes[k];
                at.strain[0][chain] = rail.strain[element][0];
                at.strain[1][chain] = rail.strain[element][1];
                at.pivot[0][chain] = inverse_pivot[0][0];
                at.pivot[1][chain] = inverse_pivot[0][1];
                at.pivot[2][chain] = inverse_pivot[1][1];
                for (n, value) in coupling.iter().flatten().enumerate() {
                    at.coupling[n][chain] = *value;
                }
            }
            // Seen from the other side, rotations change sign.
            into_middle = add(
                &into_middle,
                &[
                    [schur[0][0], sign * schur[0][1]],
                    [sign * schur[1][0], schur[1][1]],
                ],
            );
        }
        let pivot = subtract(
            &scaled(&rail.diagonal(half, step_s), rail, 1.0),
            &into_middle,
        );
        let middle = inverse(&pivot).ok_or_else(|| singular(half))?;
        self.middle[2 * index] = middle;
        self.invert(index, half, &middle);
        Ok(())
    }

    /// Blocks of the inverse on and beside the diagonal (Takahashi's recursion).
    fn invert(&mut self, rail: usize, half: usize, middle: &Block<2>) {
        for side in 0..2 {
            let chain = 2 * rail + side;
            let sign = if side == 0 { 1.0 } else { -1.0 };
            let mut next = [
                [middle[0][0], sign * middle[0][1]],
                [sign * middle[1][0], middle[1][1]],
            ];
            self.inverse[half].own[chain] = next;
            for k in (0..half).rev() {
                let at = &self.nodes[k];
                let coupling = [
                    [at.coupling[0][chain], at.coupling[1][chain]],
                    [at.coupling[2][chain], at.coupling[3][chain]],
                ];
                let cross = product(&coupling, &next);
                let pivot = [
                    [at.pivot[0][chain], at.pivot[1][chain]],
                    [at.pivot[1][chain], at.pivot[2][chain]],
                ];
                let own = add(&pivot, &product(&cross, &transpose(&coupling)));
                self.inverse[k].own[chain] = own;
                self.inverse[k].next[chain] = subtract(&[[0.0; 2]; 2], &cross);
                next = own;
            }
        }
    }

    /// Number of nodes of a chain, the middle node not counted.
    pub(crate) fn half(&self) -> usize {
        self.nodes.len()
    }

    /// The place of global element `element` of a rail for the kernel, with shape functions of its
    /// unknowns `(w, theta)` of the left and the right node.
    #[inline]
    pub(crate) fn spot(&self, rail: usize, element: usize, shape: &[[f64; 2]; 2]) -> Spot {
        let half = self.half();
        let scale = 2.0 / self.element_m;
        if element < half {
            Spot {
                chain: 2 * rail,
                node: element,
                shape: [
                    [shape[0][0], shape[0][1] * scale],
                    [shape[1][0], shape[1][1] * scale],
                ],
            }
        } else {
            Spot {
                chain: 2 * rail + 1,
                node: 2 * half - 1 - element,
                shape: [
                    [shape[1][0], -shape[1][1] * scale],
                    [shape[0][0], -shape[0][1] * scale],
                ],
            }
        }
    }

    /// Change of `b` at a spot for a unit force there, m/N.
    #[inline]
    pub(crate) fn compliance(&self, spot: &Spot) -> f64 {
        let (here, after) = (&self.inverse[spot.node], &self.inverse[spot.node + 1]);
        let c = spot.chain;
        let [a, b] = spot.shape;
        quadratic(&a, &here.own[c], &a)
            + 2.0 * quadratic(&a, &here.next[c], &b)
            + quadratic(&b, &after.own[c], &b)
    }
}

#[inline]
fn quadratic(a: &[f64; 2], m: &Block<2>, b: &[f64; 2]) -> f64 {
    a[0] * (m[0][0] * b[0] + m[0][1] * b[1]) + a[1] * (m[1][0] * b[0] + m[1][1] * b[1])
}

impl RailLine {
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

/// A place on a rail as the kernel counts: chain, outer node, shape functions of the outer and the
/// inner node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) chain: usize,
    pub(crate) node: usize,
    pub(crate) shape: [[f64; 2]; 2],
}

/// `(w, t)` of a node in all lanes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeVector<const C: usize, const P: usize> {
    pub(crate) w: Lanes<C, P>,
    pub(crate) t: Lanes<C, P>,
}

impl<const C: usize, const P: usize> NodeVector<C, P> {
    pub(crate) const ZERO: Self = Self {
        w: [[0.0; P]; C],
        t: [[0.0; P]; C],
    };

    /// Value at a spot whose outer node this is.
    #[inline(always)]
    fn dot(&self, after: &Self, spot: &Spot, passage: usize) -> f64 {
        let (c, [a, b]) = (spot.chain, spot.shape);
        a[0] * self.w[c][passage]
            + a[1] * self.t[c][passage]
            + b[0] * after.w[c][passage]
            + b[1] * after.t[c][passage]
    }
}

/// Rails in motion, measured from the static state in which they start.
///
/// Index `half` is the middle node; its odd lanes mirror its even ones.
#[derive(Debug, Clone)]
pub(crate) struct RailMotion<const C: usize, const P: usize> {
    /// Predictors `u*` and `V`.
    pub(crate) u: Vec<NodeVector<C, P>>,
    pub(crate) v: Vec<NodeVector<C, P>>,
    /// `b` after a solution; intermediate results within one.
    pub(crate) b: Vec<NodeVector<C, P>>,
    /// Forces on the nodes; those of the supports are set by [`super::bearers`].
    pub(crate) force: Vec<NodeVector<C, P>>,
    /// Change of `b` from a change of forces.
    change: Vec<NodeVector<C, P>>,
    /// Loaded nodes, to be cleared.
    loaded: Vec<usize>,
}

/// `a += k x` in all lanes, `k` per chain.
#[inline(always)]
fn scale_add<const C: usize, const P: usize>(
    mut a: Lanes<C, P>,
    k: &[f64; C],
    x: &Lanes<C, P>,
) -> Lanes<C, P> {
    for c in 0..C {
        for p in 0..P {
            a[c][p] += k[c] * x[c][p];
        }
    }
    a
}

/// `a -= k x`.
#[inline(always)]
fn scale_subtract<const C: usize, const P: usize>(
    mut a: Lanes<C, P>,
    k: &[f64; C],
    x: &Lanes<C, P>,
) -> Lanes<C, P> {
    for c in 0..C {
        for p in 0..P {
            a[c][p] -= k[c] * x[c][p];
        }
    }
    a
}

#[inline(always)]
fn scale<const C: usize, const P: usize>(k: &[f64; C], x: &Lanes<C, P>) -> Lanes<C, P> {
    let mut a = [[0.0; P]; C];
    for c in 0..C {
        for p in 0..P {
            a[c][p] = k[c] * x[c][p];
        }
    }
    a
}

#[inline(always)]
fn plus<const C: usize, const P: usize>(mut a: Lanes<C, P>, b: &Lanes<C, P>) -> Lanes<C, P> {
    for c in 0..C {
        for p in 0..P {
            a[c][p] += b[c][p];
        }
    }
    a
}

#[inline(always)]
fn minus<const C: usize, const P: usize>(mut a: Lanes<C, P>, b: &Lanes<C, P>) -> Lanes<C, P> {
    for c in 0..C {
        for p in 0..P {
            a[c][p] -= b[c][p];
        }
    }
    a
}

impl<const C: usize> NodeFactor<C> {
    /// Forward step: the solution so far, and what the next node gets.
    #[inline(always)]
    fn forward<const P: usize>(
        &self,
        right: &NodeVector<C, P>,
    ) -> (NodeVector<C, P>, NodeVector<C, P>) {
        let [p00, p01, p11] = &self.pivot;
        let [c00, c01, c10, c11] = &self.coupling;
        let kept = NodeVector {
            w: scale_add(scale(p00, &right.w), p01, &right.t),
            t: scale_add(scale(p01, &right.w), p11, &right.t),
        };
        let carried = NodeVector {
            w: scale_add(scale(c00, &right.w), c10, &right.t),
            t: scale_add(scale(c01, &right.w), c11, &right.t),
        };
        (kept, carried)
    }

    /// Backward step.
    #[inline(always)]
    fn backward<const P: usize>(
        &self,
        kept: &NodeVector<C, P>,
        next: &NodeVector<C, P>,
    ) -> NodeVector<C, P> {
        let [c00, c01, c10, c11] = &self.coupling;
        NodeVector {
            w: scale_subtract(scale_subtract(kept.w, c00, &next.w), c01, &next.t),
            t: scale_subtract(scale_subtract(kept.t, c10, &next.w), c11, &next.t),
        }
    }
}

impl<const C: usize, const P: usize> RailMotion<C, P> {
    /// Rails at rest.
    pub(crate) fn at_rest(half: usize) -> Self {
        let zero = vec![NodeVector::ZERO; half + 1];
        Self {
            u: zero.clone(),
            v: zero.clone(),
            b: zero.clone(),
            force: zero.clone(),
            change: zero,
            loaded: Vec::new(),
        }
    }

    /// Adds a force at a spot to this step.
    #[inline]
    pub(crate) fn load(&mut self, spot: &Spot, passage: usize, force_n: f64) {
        add_at(&mut self.force, spot, passage, force_n);
        self.loaded.push(spot.node);
    }

    /// Adds a change of force at a spot, for [`Self::solve_change`].
    #[inline]
    pub(crate) fn load_change(&mut self, spot: &Spot, passage: usize, force_n: f64) {
        add_at(&mut self.change, spot, passage, force_n);
    }

    /// Adds a change of force to the `w` of a node, for [`Self::solve_change`].
    #[inline]
    pub(crate) fn push_node(&mut self, node: usize, chain: usize, passage: usize, force_n: f64) {
        let last = self.change.len() - 1;
        let chain = if node == last { chain & !1 } else { chain };
        self.change[node].w[chain][passage] += force_n;
    }

    /// Displacement at a spot at the end of the step, from the initial static state, m.
    #[inline]
    pub(crate) fn displacement(&self, spot: &Spot, passage: usize) -> f64 {
        let k = spot.node;
        self.u[k].dot(&self.u[k + 1], spot, passage)
            + 0.25 * self.b[k].dot(&self.b[k + 1], spot, passage)
    }

    /// The first node of a passage that is not where a rail can be: its index from the nearer end,
    /// whether that is the right one, and its displacement.
    pub(crate) fn out_of_range(&self, passage: usize, limit_m: f64) -> Option<(usize, bool, f64)> {
        self.u.iter().enumerate().find_map(|(node, u)| {
            let bad = |c: &usize| !(u.w[*c][passage].abs() <= limit_m);
            let chain = (0..C).find(bad)?;
            Some((node, chain % 2 == 1, u.w[chain][passage]))
        })
    }

    /// Takes the last step's `b` over into the predictors of the next and solves for its `b` with
    /// the forces as they are.
    #[inline(always)]
    pub(crate) fn step(&mut self, factor: &RailFactor<C>) {
        let half = factor.half();
        let mut carried = NodeVector::<C, P>::ZERO;
        // Moments of the element before: its end forces on this node.
        let (mut bend, mut shear) = ([[0.0; P]; C], [[0.0; P]; C]);
        let mut here = self.advance(0);
        for k in 0..half {
            let at = &factor.nodes[k];
            let after = self.advance(k + 1);
            let next_bend = scale(&at.strain[0], &minus(after.t, &here.t));
            let strain = plus(plus(here.t, &after.t), &minus(here.w, &after.w));
            let next_shear = scale(&at.strain[1], &strain);
            let force = &self.force[k];
            let right = NodeVector {
                w: minus(minus(plus(force.w, &shear), &next_shear), &carried.w),
                t: minus(
                    plus(
                        minus(force.t, &plus(shear, &bend)),
                        &minus(next_bend, &next_shear),
                    ),
                    &carried.t,
                ),
            };
            let (kept, passed) = at.forward(&right);
            self.b[k] = kept;
            carried = passed;
            (bend, shear, here) = (next_bend, next_shear, after);
        }
        let incoming = NodeVector {
            w: minus(shear, &carried.w),
            t: minus(minus([[0.0; P]; C], &plus(shear, &bend)), &carried.t),
        };
        let middle = middle_node(factor, &self.force[half], &incoming);
        self.b[half] = middle;
        let mut next = middle;
        for k in (0..half).rev() {
            next = factor.nodes[k].backward(&self.b[k], &next);
            self.b[k] = next;
        }
    }

    /// Predictors of the next step at a node.
    #[inline(always)]
    fn advance(&mut self, node: usize) -> NodeVector<C, P> {
        let b = &self.b[node];
        let v = &mut self.v[node];
        v.w = plus(v.w, &b.w);
        v.t = plus(v.t, &b.t);
        let u = &mut self.u[node];
        u.w = plus(u.w, &v.w);
        u.t = plus(u.t, &v.t);
        *u
    }

    /// Solves for the change of `b` from [`Self::load_change`] and [`Self::push_node`], adds it and
    /// clears it.
    #[inline(always)]
    pub(crate) fn solve_change(&mut self, factor: &RailFactor<C>) {
        let half = factor.half();
        let mut carried = NodeVector::<C, P>::ZERO;
        for k in 0..half {
            let right = NodeVector {
                w: minus(self.change[k].w, &carried.w),
                t: minus(self.change[k].t, &carried.t),
            };
            let (kept, passed) = factor.nodes[k].forward(&right);
            self.change[k] = kept;
            carried = passed;
        }
        let incoming = NodeVector {
            w: minus([[0.0; P]; C], &carried.w),
            t: minus([[0.0; P]; C], &carried.t),
        };
        let mut next = middle_node(factor, &self.change[half], &incoming);
        self.add_change(half, &next);
        for k in (0..half).rev() {
            next = factor.nodes[k].backward(&self.change[k], &next);
            self.add_change(k, &next);
        }
    }

    #[inline(always)]
    fn add_change(&mut self, node: usize, change: &NodeVector<C, P>) {
        let b = &mut self.b[node];
        b.w = plus(b.w, &change.w);
        b.t = plus(b.t, &change.t);
        self.change[node] = NodeVector::ZERO;
    }

    /// Removes the forces that [`Self::load`] added. Forces of supports are set anew each step.
    #[inline]
    pub(crate) fn clear_loads(&mut self) {
        for node in self.loaded.drain(..) {
            self.force[node] = NodeVector::ZERO;
            self.force[node + 1] = NodeVector::ZERO;
        }
    }
}

#[inline]
fn add_at<const C: usize, const P: usize>(
    to: &mut [NodeVector<C, P>],
    spot: &Spot,
    passage: usize,
    force_n: f64,
) {
    let (c, k) = (spot.chain, spot.node);
    let [a, b] = spot.shape;
    to[k].w[c][passage] += force_n * a[0];
    to[k].t[c][passage] += force_n * a[1];
    // The middle node takes loads in its even lanes only.
    let (c, sign) = if k + 2 == to.len() && c % 2 == 1 {
        (c - 1, -1.0)
    } else {
        (c, 1.0)
    };
    to[k + 1].w[c][passage] += force_n * b[0];
    to[k + 1].t[c][passage] += sign * force_n * b[1];
}

/// Solution at the middle node from its own load and what both chains bring; odd lanes mirror even
/// ones.
#[inline(always)]
fn middle_node<const C: usize, const P: usize>(
    factor: &RailFactor<C>,
    load: &NodeVector<C, P>,
    incoming: &NodeVector<C, P>,
) -> NodeVector<C, P> {
    let mut x = NodeVector::ZERO;
    for c in (0..C).step_by(2) {
        let m = &factor.middle[c];
        for p in 0..P {
            let w = load.w[c][p] + (incoming.w[c][p] + incoming.w[c + 1][p]);
            let t = load.t[c][p] + (incoming.t[c][p] - incoming.t[c + 1][p]);
            let (x_w, x_t) = (m[0][0] * w + m[0][1] * t, m[1][0] * w + m[1][1] * t);
            x.w[c][p] = x_w;
            x.t[c][p] = x_t;
            x.w[c + 1][p] = x_w;
            x.t[c + 1][p] = -x_t;
        }
    }
    x
}
