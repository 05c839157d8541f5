//! Pseudo-forces of bearers that may lift from their ballast, piece by piece.

use pulp::{Simd, f64x4};

use super::super::bearer_factor::{BearerFactor, ModeLanes};
use super::super::lanes::{Four, Ops};
use super::super::pseudo::{Asked, EXPECTED_N, FOURS_MAX, Free, MODES_MAX, SETTLED_N, Settled};
use super::super::rail_factor::lane_of;
use super::super::rails::RailMotion;
use super::{BearerMotion, drives_of, swapped};

/// Change of a pad force that asks for another solution of the rails, N.
const PAD_TOLERANCE_N: f64 = 0.1;
/// Least force on a piece of ballast, less what a change of pad forces may take from it, above which it
/// carries for sure, N: far above rounding.
const SPARE_N: f64 = 1e-6;

impl<const R: usize, const K: usize> BearerMotion<R, K> {
    /// How far the least loaded piece of each bearer of a support is from letting go, for the pad forces
    /// expected: that of all bearers at a time, so that only those of which a piece lifts need more.
    #[inline(always)]
    pub(super) fn look_at_pieces<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        s: usize,
        factor: &BearerFactor<R>,
        lanes: &[ModeLanes<R>],
    ) {
        let support = &factor.supports[s];
        let quarter = Four::splat(0.25).0;
        let half = Four::splat(0.5).0;
        let n = lanes.len();
        // Vectors of modes that the law sees.
        let held = support.shapes.len() / support.pieces.len();
        for k in 0..K {
            let motion = &self.supports[s];
            let f = o.add(motion.force[k].0, motion.last[k].0);
            let drives = drives_of::<R>(f);
            let mut end = [(Four::ZERO.0, Four::ZERO.0); MODES_MAX];
            let modes = &self.modes[s * n..(s + 1) * n];
            for ((end, lane), mode) in end.iter_mut().zip(lanes).zip(modes).take(held) {
                let (q, v) = (mode.q[k].0, mode.v[k].0);
                let mut drive = o.mul(lane.drive[0].0, drives[0]);
                if R == 2 {
                    drive = o.add(drive, o.mul(lane.drive[R - 1].0, drives[1]));
                }
                let b = o.sub(drive, o.add(o.mul(lane.stiff.0, q), o.mul(lane.damp.0, v)));
                *end = (o.add(q, o.mul(quarter, b)), o.add(v, o.mul(half, b)));
            }
            let mut least = Four::splat(f64::INFINITY).0;
            let pieces = support.pieces.len();
            let free = &mut self.free[s * pieces..(s + 1) * pieces];
            let pieces = support.pieces.iter().zip(support.shapes.chunks_exact(held));
            for ((piece, shapes), free) in pieces.zip(free) {
                let (mut u, mut v) = (Four::ZERO.0, Four::ZERO.0);
                for (shape, end) in shapes.iter().zip(&end) {
                    u = o.add(u, o.mul(shape.0, end.0));
                    v = o.add(v, o.mul(shape.0, end.1));
                }
                if R == 2 {
                    u = o.add(u, swapped(u));
                    v = o.add(v, swapped(v));
                }
                u = o.add(piece.compression_m.0, u);
                free[k] = [Four(u), Four(v)];
                let spring = o.mul(piece.stiffness.0, u);
                let total = o.add(spring, o.mul(piece.damping.0, v));
                least = o.min(least, o.min(spring, total));
            }
            self.supports[s].spare_n[k] = Four(least);
        }
    }

    /// Whether all pieces of a bearer carry for sure if its pad forces differ from those expected by
    /// `changes_n`. Needs [`Self::look_at_pieces`].
    #[inline(always)]
    fn carries(
        &self,
        s: usize,
        (side, p): (usize, usize),
        factor: &BearerFactor<R>,
        changes_n: [f64; 2],
    ) -> bool {
        let motion = &self.supports[s];
        let (_, k, lane) = BearerFactor::<R>::mode_lane(0, side, p);
        let relief = factor.supports[s].halves[side].relief;
        motion.clean >> (2 * p + side) & 1 == 1
            && motion.spare_n[k].get(lane)
                > SPARE_N + relief[0] * changes_n[0].abs() + relief[1] * changes_n[1].abs()
    }

    /// Pseudo-forces before the rails are solved, for the pad forces expected.
    #[inline(always)]
    pub(super) fn predict_pseudo<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        s: usize,
        factor: &BearerFactor<R>,
    ) {
        let mut left = self.supports[s].watch;
        while left != 0 {
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            let (side, p) = (bit % 2, bit / 2);
            if self.carries(s, (side, p), factor, [0.0; 2]) {
                continue;
            }
            let moved = self
                .settle(o, s, (side, p), factor, EXPECTED_N, [0.0; 2])
                .after;
            for (rail, moved) in moved.iter().enumerate().take(R) {
                let (k, lane) = lane_of::<R>(2 * rail + side, p);
                *self.supports[s].answer[k].at(lane) += moved;
            }
        }
    }

    /// Finds the pseudo-forces of one bearer, to `settled_n`, for pad forces that differ from those
    /// expected by `changes_n`.
    #[inline(always)]
    fn settle<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        s: usize,
        (side, p): (usize, usize),
        factor: &BearerFactor<R>,
        settled_n: f64,
        changes_n: [f64; 2],
    ) -> Settled {
        let support = &factor.supports[s];
        let pieces = &support.halves[side].pieces;
        let (_, k, lane) = BearerFactor::<R>::mode_lane(0, side, p);
        // Empty places stay closed.
        let mut free = Free {
            u: [Four::splat(1.0); FOURS_MAX],
            v: [Four::ZERO; FOURS_MAX],
        };
        let count = support.pieces.len();
        for (i, at) in self.free[s * count..(s + 1) * count].iter().enumerate() {
            *free.u[i / 4].at(i % 4) = at[k][0].get(lane);
            *free.v[i / 4].at(i % 4) = at[k][1].get(lane);
        }
        pieces.add_pads(o, &mut free, changes_n);
        let at = self.pseudo_at(s, side, p);
        let mut extra = [0.0; MODES_MAX];
        let asked = Asked {
            law: factor.law,
            settled_n,
            free: &free,
        };
        let result = pieces.settle(o, &asked, &mut self.pseudo[at], &mut extra);
        self.touched |= u32::from(result.touched) << p;
        let state = &mut self.modes[s * factor.vectors..(s + 1) * factor.vectors];
        for (j, extra) in extra.iter().enumerate().take(factor.modes[s][side].len()) {
            let (m, k, lane) = BearerFactor::<R>::mode_lane(j, side, p);
            *state[m].extra[k].at(lane) = *extra;
        }
        let motion = &mut self.supports[s];
        *motion.pseudo_n[k].at(lane) = result.sum_n;
        let bit = 1 << (2 * p + side);
        // Pieces open at the start have pseudo-forces from there on, also when they carry.
        if result.lifted || support.halves[side].closed_m <= 0.0 {
            motion.clean &= !bit;
        } else {
            motion.clean |= bit;
        }
        result
    }

    /// Pseudo-forces for the pad forces that the rails' solution gives. Where they move a pad force
    /// by more than the tolerance the change goes to the rails and the passage's bit in the answer
    /// is set: solve again. Looks at the passages `asked` only, so that none is iterated on for its
    /// neighbour's sake; sets the bit in `failed` of those that did not settle.
    #[inline(always)]
    pub(in super::super) fn check<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        factor: &BearerFactor<R>,
        rails: &mut RailMotion<R, K>,
        asked: u32,
        failed: &mut u32,
    ) -> u32 {
        let mut again = 0;
        for index in 0..self.watched.len() {
            let s = self.watched[index];
            let support = &factor.supports[s];
            let mut left = self.supports[s].watch;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                let (side, p) = (bit % 2, bit / 2);
                if asked & (1 << p) == 0 {
                    continue;
                }
                let forces = self.end_forces(s, side, p, support, rails);
                let motion = &self.supports[s];
                let expected = Self::pad_forces(side, |c| {
                    let (k, lane) = lane_of::<R>(c, p);
                    motion.force[k].get(lane) + motion.last[k].get(lane)
                });
                let changes = [forces[0] - expected[0], forces[1] - expected[1]];
                if self.carries(s, (side, p), factor, changes) {
                    continue;
                }
                let result = self.settle(o, s, (side, p), factor, SETTLED_N, changes);
                if !result.converged {
                    *failed |= 1 << p;
                }
                // The middle bearer is in both halves.
                let twin = side == 1 && support.halves[0].bearer == support.halves[1].bearer;
                for rail in 0..R {
                    let c = 2 * rail + side;
                    let (k, lane) = lane_of::<R>(c, p);
                    let moved = result.after[rail] - result.before[rail];
                    let push = support.link.get(lane) * moved;
                    let motion = &mut self.supports[s];
                    if push.abs() > PAD_TOLERANCE_N {
                        *motion.answer[k].at(lane) += moved;
                        again |= 1 << p;
                        if !twin {
                            rails.push_node(support.node, c, p, push);
                        }
                    } else {
                        *motion.late[k].at(lane) += moved;
                    }
                }
            }
        }
        again
    }
}
