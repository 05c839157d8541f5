//! Rails as chains of beam elements: residual, substitution, contact compliance.

use pulp::{Simd, f64x4};

use super::lanes::{Four, Ops};
use super::rail_factor::{NodeFactor, RailFactor, lane_of};

/// A place on a rail as the kernel counts: chain, outer node, shape functions of the outer and the
/// inner node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) chain: usize,
    pub(crate) node: usize,
    pub(crate) shape: [[f64; 2]; 2],
}

/// `(w, t)` of a node in `K` vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<const K: usize> {
    pub(crate) w: [Four; K],
    pub(crate) t: [Four; K],
}

impl<const K: usize> Node<K> {
    pub(crate) const ZERO: Self = Self {
        w: [Four::ZERO; K],
        t: [Four::ZERO; K],
    };

    /// Value at a spot whose outer node this is.
    #[inline(always)]
    fn dot<const R: usize>(&self, after: &Self, spot: &Spot, passage: usize) -> f64 {
        let [a, b] = spot.shape;
        let (k, lane) = lane_of::<R>(spot.chain, passage);
        a[0] * self.w[k].get(lane)
            + a[1] * self.t[k].get(lane)
            + b[0] * after.w[k].get(lane)
            + b[1] * after.t[k].get(lane)
    }
}

/// Rails in motion, measured from the static state in which they start.
///
/// Index `half` is the middle node; lanes of right halves mirror those of left ones there.
#[derive(Debug, Clone)]
pub(crate) struct RailMotion<const R: usize, const K: usize> {
    /// Predictors `u*` and `V`.
    pub(crate) u: Vec<Node<K>>,
    pub(crate) v: Vec<Node<K>>,
    /// `b` after a solution; intermediate results within one.
    pub(crate) b: Vec<Node<K>>,
    /// Forces on the nodes; those of the supports are set by [`super::bearers`].
    pub(crate) force: Vec<Node<K>>,
    /// Change of `b` from a change of forces.
    change: Vec<Node<K>>,
    /// Loaded nodes, to be cleared.
    loaded: Vec<usize>,
}

/// `(w, t)` of one vector in registers.
type Pair = (f64x4, f64x4);

impl NodeFactor {
    /// Forward step: the solution so far, and what the next node loses.
    #[inline(always)]
    fn forward<S: Simd<f64s = f64x4>>(&self, o: Ops<S>, (w, t): Pair) -> (Pair, Pair) {
        let [p00, p01, p11] = self.pivot;
        let [c00, c01, c10, c11] = self.coupling;
        let kept = (
            o.add(o.mul(p00.0, w), o.mul(p01.0, t)),
            o.add(o.mul(p01.0, w), o.mul(p11.0, t)),
        );
        let passed = (
            o.add(o.mul(c00.0, w), o.mul(c10.0, t)),
            o.add(o.mul(c01.0, w), o.mul(c11.0, t)),
        );
        (kept, passed)
    }

    /// Backward step.
    #[inline(always)]
    fn backward<S: Simd<f64s = f64x4>>(&self, o: Ops<S>, kept: Pair, (w, t): Pair) -> Pair {
        let [c00, c01, c10, c11] = self.coupling;
        (
            o.sub(kept.0, o.add(o.mul(c00.0, w), o.mul(c01.0, t))),
            o.sub(kept.1, o.add(o.mul(c10.0, w), o.mul(c11.0, t))),
        )
    }
}

impl<const R: usize, const K: usize> RailMotion<R, K> {
    /// Rails at rest.
    pub(crate) fn at_rest(half: usize) -> Self {
        let zero = vec![Node::ZERO; half + 1];
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
        add_at::<R, K>(&mut self.force, spot, passage, force_n);
        self.loaded.push(spot.node);
    }

    /// Adds a change of force at a spot, for [`Self::solve_change`].
    #[inline]
    pub(crate) fn load_change(&mut self, spot: &Spot, passage: usize, force_n: f64) {
        add_at::<R, K>(&mut self.change, spot, passage, force_n);
    }

    /// Adds a change of force to the `w` of a node, for [`Self::solve_change`].
    #[inline]
    pub(crate) fn push_node(&mut self, node: usize, chain: usize, passage: usize, force_n: f64) {
        let last = self.change.len() - 1;
        let chain = if node == last { chain & !1 } else { chain };
        let (k, lane) = lane_of::<R>(chain, passage);
        *self.change[node].w[k].at(lane) += force_n;
    }

    /// Displacement at a spot at the end of the step, from the initial static state, m.
    #[inline]
    pub(crate) fn displacement(&self, spot: &Spot, passage: usize) -> f64 {
        let k = spot.node;
        self.u[k].dot::<R>(&self.u[k + 1], spot, passage)
            + 0.25 * self.b[k].dot::<R>(&self.b[k + 1], spot, passage)
    }

    /// Displacement and velocity `(w, theta)` of a node of the first rail, counted from the left end, at the end of the
    /// step and from the initial state, in m and s.
    pub(crate) fn node(
        &self,
        factor: &RailFactor<R>,
        (passage, rail): (usize, usize),
        node: usize,
        step_s: f64,
    ) -> ([f64; 2], [f64; 2]) {
        let half = factor.half();
        let (chain, at, sign) = if node <= half {
            (0, node, 1.0)
        } else {
            (1, 2 * half - node, -1.0)
        };
        let (k, lane) = lane_of::<R>(2 * rail + chain, passage);
        let scale = sign * 2.0 / factor.element_m;
        let pick = |n: &Node<K>| [n.w[k].get(lane), scale * n.t[k].get(lane)];
        let (u, v, b) = (pick(&self.u[at]), pick(&self.v[at]), pick(&self.b[at]));
        (
            [u[0] + 0.25 * b[0], u[1] + 0.25 * b[1]],
            [(v[0] + 0.5 * b[0]) / step_s, (v[1] + 0.5 * b[1]) / step_s],
        )
    }

    /// `b` of the `w` of a node.
    #[inline]
    pub(crate) fn b_at(&self, node: usize, chain: usize, passage: usize) -> f64 {
        let (k, lane) = lane_of::<R>(chain, passage);
        self.b[node].w[k].get(lane)
    }

    /// The first node of a passage that is not where a rail can be: its index from the nearer end,
    /// whether that is the right one, and its displacement.
    pub(crate) fn out_of_range(&self, passage: usize, limit_m: f64) -> Option<(usize, bool, f64)> {
        self.u.iter().enumerate().find_map(|(node, u)| {
            let value = |chain: usize| {
                let (k, lane) = lane_of::<R>(chain, passage);
                u.w[k].get(lane)
            };
            let chain = (0..2 * R).find(|c| value(*c).is_nan() || value(*c).abs() > limit_m)?;
            Some((node, chain % 2 == 1, value(chain)))
        })
    }

    /// Takes the last step's `b` over into the predictors of the next and solves for its `b` with
    /// the forces as they are.
    #[inline(always)]
    pub(crate) fn step<S: Simd<f64s = f64x4>>(&mut self, o: Ops<S>, factor: &RailFactor<R>) {
        let half = factor.half();
        let zero = Four::ZERO.0;
        let mut passed = [(zero, zero); K];
        // End moments of the element before: bending and shear part.
        let mut ends = [(zero, zero); K];
        let mut here = [(zero, zero); K];
        let (u, v) = (&mut self.u[..=half], &mut self.v[..=half]);
        let (b, force) = (&mut self.b[..=half], &self.force[..=half]);
        for (k, here) in here.iter_mut().enumerate() {
            *here = advance(o, &mut u[0], &mut v[0], &b[0], k);
        }
        for (i, at) in factor.nodes.iter().enumerate() {
            for k in 0..K {
                let after = advance(o, &mut u[i + 1], &mut v[i + 1], &b[i + 1], k);
                let (w, t) = here[k];
                let bend = o.mul(at.strain[0].0, o.sub(after.1, t));
                let strain = o.add(o.add(t, after.1), o.sub(w, after.0));
                let shear = o.mul(at.strain[1].0, strain);
                let (last_bend, last_shear) = ends[k];
                let right = (
                    o.sub(
                        o.sub(o.add(force[i].w[k].0, last_shear), shear),
                        passed[k].0,
                    ),
                    o.sub(
                        o.add(
                            o.sub(force[i].t[k].0, o.add(last_shear, last_bend)),
                            o.sub(bend, shear),
                        ),
                        passed[k].1,
                    ),
                );
                let (kept, next) = at.forward(o, right);
                b[i].w[k] = Four(kept.0);
                b[i].t[k] = Four(kept.1);
                passed[k] = next;
                ends[k] = (bend, shear);
                here[k] = after;
            }
        }
        let mut x = [(zero, zero); K];
        for k in 0..K {
            let (bend, shear) = ends[k];
            let incoming = (
                o.sub(shear, passed[k].0),
                o.sub(o.sub(zero, o.add(shear, bend)), passed[k].1),
            );
            let load = (force[half].w[k].0, force[half].t[k].0);
            x[k] = middle_node(factor, load, incoming);
            b[half].w[k] = Four(x[k].0);
            b[half].t[k] = Four(x[k].1);
        }
        for (at, b) in factor.nodes.iter().zip(b).rev() {
            for k in 0..K {
                x[k] = at.backward(o, (b.w[k].0, b.t[k].0), x[k]);
                b.w[k] = Four(x[k].0);
                b.t[k] = Four(x[k].1);
            }
        }
    }

    /// Solves for the change of `b` from [`Self::load_change`] and [`Self::push_node`], adds it and
    /// clears it.
    #[inline(always)]
    pub(crate) fn solve_change<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        factor: &RailFactor<R>,
    ) {
        let half = factor.half();
        let zero = Four::ZERO.0;
        let mut passed = [(zero, zero); K];
        for (at, change) in factor.nodes.iter().zip(&mut self.change) {
            for k in 0..K {
                let right = (
                    o.sub(change.w[k].0, passed[k].0),
                    o.sub(change.t[k].0, passed[k].1),
                );
                let (kept, next) = at.forward(o, right);
                change.w[k] = Four(kept.0);
                change.t[k] = Four(kept.1);
                passed[k] = next;
            }
        }
        let mut x = [(zero, zero); K];
        for k in 0..K {
            let incoming = (o.sub(zero, passed[k].0), o.sub(zero, passed[k].1));
            let load = (self.change[half].w[k].0, self.change[half].t[k].0);
            x[k] = middle_node(factor, load, incoming);
            let b = &mut self.b[half];
            b.w[k] = Four(o.add(b.w[k].0, x[k].0));
            b.t[k] = Four(o.add(b.t[k].0, x[k].1));
        }
        self.change[half] = Node::ZERO;
        let nodes = factor.nodes.iter().zip(&mut self.change).zip(&mut self.b);
        for ((at, change), b) in nodes.rev() {
            for k in 0..K {
                x[k] = at.backward(o, (change.w[k].0, change.t[k].0), x[k]);
                b.w[k] = Four(o.add(b.w[k].0, x[k].0));
                b.t[k] = Four(o.add(b.t[k].0, x[k].1));
            }
            *change = Node::ZERO;
        }
    }

    /// Removes the forces that [`Self::load`] added. Forces of supports are set anew each step.
    #[inline]
    pub(crate) fn clear_loads(&mut self) {
        for node in self.loaded.drain(..) {
            self.force[node] = Node::ZERO;
            self.force[node + 1] = Node::ZERO;
        }
    }
}

/// Predictors of the next step at a node, vector `k`.
#[inline(always)]
fn advance<S: Simd<f64s = f64x4>, const K: usize>(
    o: Ops<S>,
    u: &mut Node<K>,
    v: &mut Node<K>,
    b: &Node<K>,
    k: usize,
) -> Pair {
    let next_v = (o.add(v.w[k].0, b.w[k].0), o.add(v.t[k].0, b.t[k].0));
    let next_u = (o.add(u.w[k].0, next_v.0), o.add(u.t[k].0, next_v.1));
    v.w[k] = Four(next_v.0);
    v.t[k] = Four(next_v.1);
    u.w[k] = Four(next_u.0);
    u.t[k] = Four(next_u.1);
    next_u
}

#[inline]
fn add_at<const R: usize, const K: usize>(
    to: &mut [Node<K>],
    spot: &Spot,
    passage: usize,
    force_n: f64,
) {
    let [a, b] = spot.shape;
    let (k, lane) = lane_of::<R>(spot.chain, passage);
    let outer = &mut to[spot.node];
    *outer.w[k].at(lane) += force_n * a[0];
    *outer.t[k].at(lane) += force_n * a[1];
    // The middle node takes loads in the lanes of left halves only.
    let (lane, sign) = if spot.node + 2 == to.len() && lane % 2 == 1 {
        (lane - 1, -1.0)
    } else {
        (lane, 1.0)
    };
    let inner = &mut to[spot.node + 1];
    *inner.w[k].at(lane) += force_n * b[0];
    *inner.t[k].at(lane) += sign * force_n * b[1];
}

/// Solution at the middle node from its own load and what both chains bring; lanes of right halves
/// mirror those of left ones.
#[inline(always)]
fn middle_node<const R: usize>(factor: &RailFactor<R>, load: Pair, incoming: Pair) -> Pair {
    let arrays = |p: Pair| (Four(p.0).to_array(), Four(p.1).to_array());
    let ((load_w, load_t), (in_w, in_t)) = (arrays(load), arrays(incoming));
    let (mut x_w, mut x_t) = ([0.0; 4], [0.0; 4]);
    for pair in 0..2 {
        let (a, b) = (2 * pair, 2 * pair + 1);
        let m = &factor.middle[pair % R];
        let w = load_w[a] + (in_w[a] + in_w[b]);
        let t = load_t[a] + (in_t[a] - in_t[b]);
        let (w, t) = (m[0][0] * w + m[0][1] * t, m[1][0] * w + m[1][1] * t);
        (x_w[a], x_w[b]) = (w, w);
        (x_t[a], x_t[b]) = (t, -t);
    }
    (Four::from_array(x_w).0, Four::from_array(x_t).0)
}
