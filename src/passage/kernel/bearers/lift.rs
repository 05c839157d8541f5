//! Pseudo-forces of bearers that may lift from their ballast, piece by piece.

use pulp::{Simd, f64x4};

use super::super::agreement::EXPECTED_N;
use super::super::bearer_factor::{BearerFactor, ModeLanes, Support};
use super::super::lanes::{Four, Ops};
use super::super::pseudo::{Asked, MODES_MAX, Settled};
use super::super::rail_factor::lane_of;
use super::super::rails::RailMotion;
use super::{BearerMotion, drives_of, swapped};

/// Least force on a piece of ballast, less what a change of pad forces may take from it, above which it
/// carries for sure, N: far above rounding.
const SPARE_N: f64 = 1e-6;

impl<const R: usize, const K: usize> BearerMotion<R, K> {
    /// Which bearers of a support have to be looked at piece by piece: those with pseudo-forces, and those
    /// whose modes, taken at their worst, could lift a piece with the pad forces expected.
    #[inline(always)]
    pub(super) fn watch<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        s: usize,
        support: &Support,
        lanes: &[ModeLanes<R>],
    ) {
        let mut sure = 0;
        for k in 0..K {
            let spare = self.least_possible(o, s, k, support, lanes);
            sure |= sure_bits::<R>(spare, k);
            self.supports[s].spare_n[k] = Four(spare);
        }
        let motion = &mut self.supports[s];
        motion.watch = Self::ALL & !(motion.clean & sure);
    }

    /// Least force that any piece can have at the end of the step with the pad forces expected, N, by
    /// the largest values of the shapes; below zero where that may be a pull.
    #[inline(always)]
    fn least_possible<S: Simd<f64s = f64x4>>(
        &self,
        o: Ops<S>,
        s: usize,
        k: usize,
        support: &Support,
        lanes: &[ModeLanes<R>],
    ) -> f64x4 {
        let (quarter, half) = (Four::splat(0.25).0, Four::splat(0.5).0);
        let (bound, motion) = (&support.bound, &self.supports[s]);
        let drives = drives_of::<R>(o.add(motion.force[k].0, motion.last[k].0));
        let modes = &self.modes[s * lanes.len()..(s + 1) * lanes.len()];
        // Compression, and the same with the damper in it as what spring would push as hard.
        let (mut low, mut low_damped) = (Four::ZERO.0, Four::ZERO.0);
        let ranges = bound.range.iter().zip(lanes).zip(modes);
        for (m, ((range, lane), mode)) in ranges.enumerate() {
            let mut drive = o.mul(lane.drive[0].0, drives[0]);
            if R == 2 {
                drive = o.add(drive, o.mul(lane.drive[R - 1].0, drives[1]));
            }
            let b = o.sub(drive, mode.held[k].0);
            let u = o.add(mode.q[k].0, o.mul(quarter, b));
            let v = o.add(mode.v[k].0, o.mul(half, b));
            let damped = o.add(u, o.mul(bound.memory.0, v));
            low = o.sub(low, o.mul(range.0, o.abs(u)));
            low_damped = o.sub(low_damped, o.mul(range.0, o.abs(damped)));
            if m == 0 {
                low = o.add(low, o.mul(bound.rigid.0, u));
                low_damped = o.add(low_damped, o.mul(bound.rigid.0, damped));
            }
        }
        if R == 2 {
            low = o.add(low, swapped(low));
            low_damped = o.add(low_damped, swapped(low_damped));
        }
        let least = o.add(bound.closed_m.0, o.min(low, low_damped));
        o.mul(bound.stiffness.0, least)
    }

    /// How far the least loaded piece of a bearer is from letting go, for the pad forces expected.
    #[inline(always)]
    fn look_at_pieces<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        s: usize,
        (side, p): (usize, usize),
        factor: &BearerFactor<R>,
        lanes: &[ModeLanes<R>],
    ) {
        let (quarter, half) = (Four::splat(0.25).0, Four::splat(0.5).0);
        let pieces = &factor.supports[s].halves[side].pieces;
        let (_, k, lane) = BearerFactor::<R>::mode_lane(0, side, p);
        let motion = &self.supports[s];
        let drives = drives_of::<R>(o.add(motion.force[k].0, motion.last[k].0));
        let modes = &self.modes[s * lanes.len()..(s + 1) * lanes.len()];
        let (mut q, mut v) = ([0.0; MODES_MAX], [0.0; MODES_MAX]);
        // Vectors of modes that the law sees.
        let seen = pieces.modes().div_ceil(R);
        for (m, (lanes, mode)) in lanes.iter().zip(modes).enumerate().take(seen) {
            let mut drive = o.mul(lanes.drive[0].0, drives[0]);
            if R == 2 {
                drive = o.add(drive, o.mul(lanes.drive[R - 1].0, drives[1]));
            }
            let b = o.sub(drive, mode.held[k].0);
            let end_q = Four(o.add(mode.q[k].0, o.mul(quarter, b)));
            let end_v = Four(o.add(mode.v[k].0, o.mul(half, b)));
            for j in 0..R {
                q[(R * m + j) % MODES_MAX] = end_q.get(lane + 2 * j);
                v[(R * m + j) % MODES_MAX] = end_v.get(lane + 2 * j);
            }
        }
        let free = &mut self.free[Self::bearer_at(s, side, p)];
        let spare_n = pieces.look(o, &q, &v, free);
        let known_n = self.supports[s].spare_n[k].at(lane);
        debug_assert!(*known_n <= 0.0 || *known_n <= spare_n + SPARE_N);
        *known_n = spare_n;
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
        lanes: &[ModeLanes<R>],
    ) {
        let mut left = self.supports[s].watch;
        while left != 0 {
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            let (side, p) = (bit % 2, bit / 2);
            self.look_at_pieces(o, s, (side, p), factor, lanes);
            if self.carries(s, (side, p), factor, [0.0; 2]) {
                continue;
            }
            if factor.agreement.expect {
                self.settle(o, s, (side, p), factor, EXPECTED_N, [0.0; 2]);
            }
            let moved = self.moved[Self::bearer_at(s, side, p)];
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
        let mut free = self.free[Self::bearer_at(s, side, p)];
        pieces.add_pads(o, &mut free, changes_n);
        let at = self.pseudo_at(s, side, p);
        let asked = Asked {
            law: factor.law,
            settled_n,
            free: &free,
        };
        let pseudo = &mut self.pseudo[at];
        let result = pieces.settle(o, &asked, pseudo);
        self.touched |= u32::from(result.touched) << p;
        let bit = 1 << (2 * p + side);
        // Pieces open at the start have pseudo-forces from there on, also when they carry.
        let clean = !result.lifted && support.halves[side].closed_m > 0.0;
        let motion = &mut self.supports[s];
        motion.watch |= bit;
        motion.clean = if clean {
            motion.clean | bit
        } else {
            motion.clean & !bit
        };
        let sums = pieces.sums(o, pseudo);
        self.moved[Self::bearer_at(s, side, p)] = sums.seats;
        // What is not clean is settled once more after the rails are solved.
        if clean || settled_n < EXPECTED_N {
            *motion.pseudo_n[k].at(lane) = sums.total_n;
            let extra = pieces.extra(o, pseudo);
            let state = &mut self.modes[s * factor.vectors..(s + 1) * factor.vectors];
            for (j, extra) in extra.iter().enumerate().take(pieces.modes()) {
                let (m, k, lane) = BearerFactor::<R>::mode_lane(j, side, p);
                *state[m].extra[k].at(lane) = *extra;
            }
        }
        result
    }

    /// Bearers of a support that may not carry everywhere with the pad forces that the rails' solution gives.
    #[inline(always)]
    fn suspects<S: Simd<f64s = f64x4>>(
        &self,
        o: Ops<S>,
        s: usize,
        support: &Support,
        rails: &RailMotion<R, K>,
    ) -> u32 {
        let motion = &self.supports[s];
        let mut sure = 0;
        for k in 0..K {
            let b = rails.b[support.node].w[k].0;
            let change = o.mul(support.link.0, o.sub(b, motion.answer[k].0));
            let surprise = o.abs(o.sub(change, motion.last[k].0));
            let mut relief = o.mul(support.bound.relief.0, surprise);
            if R == 2 {
                relief = o.add(relief, swapped(relief));
            }
            sure |= sure_bits::<R>(o.sub(motion.spare_n[k].0, relief), k);
        }
        Self::ALL & !(motion.clean & sure)
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
        let lanes = factor.lanes.chunks_exact(factor.vectors);
        for (s, (support, lanes)) in factor.supports.iter().zip(lanes).enumerate() {
            let mut left = self.suspects(o, s, support, rails);
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                let (side, p) = (bit % 2, bit / 2);
                if asked & (1 << p) == 0 {
                    continue;
                }
                if self.supports[s].watch >> bit & 1 == 0 {
                    self.look_at_pieces(o, s, (side, p), factor, lanes);
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
                let before = self.moved[Self::bearer_at(s, side, p)];
                let result =
                    self.settle(o, s, (side, p), factor, factor.agreement.settled_n, changes);
                let after = self.moved[Self::bearer_at(s, side, p)];
                if !result.converged {
                    *failed |= 1 << p;
                }
                // The middle bearer is in both halves.
                let twin = side == 1 && support.halves[0].bearer == support.halves[1].bearer;
                for rail in 0..R {
                    let c = 2 * rail + side;
                    let (k, lane) = lane_of::<R>(c, p);
                    let moved = after[rail] - before[rail];
                    let push = support.link.get(lane) * moved;
                    let motion = &mut self.supports[s];
                    if push.abs() > factor.agreement.pad_n {
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

/// Bearers of which no piece can let go, as bits: those in whose lanes of vector `k` there is a force to spare.
#[inline(always)]
fn sure_bits<const R: usize>(spare_n: f64x4, k: usize) -> u32 {
    let bit = |spare_n: f64, bit: usize| u32::from(spare_n > 2.0 * SPARE_N) << bit;
    let first = bit(spare_n.0, 0) | bit(spare_n.1, 1);
    if R == 2 {
        first << (2 * k)
    } else {
        (first | bit(spare_n.2, 2) | bit(spare_n.3, 3)) << (4 * k)
    }
}
