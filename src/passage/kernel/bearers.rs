//! Bearers in their modes, the pads over them and the ballast under them.
//!
//! A bearer's mode of unit mass under forces `f` obeys, with `k` its stiffness and `d` its damping,
//! `(1/h^2 + d/2h + k/4) b = f - k q* - d/h V`. Over one step a seat answers to the force of its pad
//! with `G = sum phi^2/(1/h^2 + d/2h + k/4)`, and a pad with `e = c_p/2h + k_p/4`, so the rail over
//! it feels the mass-like `e/(1 + e G)`, a constant entry of its matrix.
//!
//! **What one seat feels of the other pad within the same step** is left to the next predictor (the
//! bearer itself gets both forces in full, so that action and reaction stay equal). It acts like
//! a mass of `e^2 G_LR h^2`, some milligrams for a sleeper and about a gram for a rigid bearer,
//! between rail nodes of 9 kg.
//!
//! **Unilateral ballast.** A bearer that lies in its bed everywhere follows the linear equations.
//! Where the law says otherwise, at single pieces of the ballast, the linear force is cancelled by
//! a pseudo-force, found by iteration on the state at the end of the step; ballast is weak
//! against mass within a step (1 %), so a few rounds suffice and no matrix changes.

mod lift;

use pulp::{Simd, f64x4};

use super::bearer_factor::{BearerFactor, ModeLanes, Support};
use super::lanes::{Four, Ops};
use super::rail_factor::lane_of;
use super::rails::RailMotion;
use crate::track::BallastLaw;
use crate::track::two_rail_model::Probe;

/// Distance from lifting off below which a bearer is looked at piece by piece, m, besides a
/// multiple of its velocity.
const WATCH_M: f64 = 2e-6;

/// Bearers in motion, measured from the initial static state.
#[derive(Debug, Clone)]
pub(crate) struct BearerMotion<const R: usize, const K: usize> {
    modes: Vec<ModeMotion<K>>,
    supports: Vec<SupportMotion<K>>,
    /// Pseudo-forces of the pieces of bearers that are looked at piece by piece, in fours.
    pseudo: Vec<Four>,
    fours: usize,
    /// Compression and velocity of the pieces at the end of the step without pseudo-forces, for the pad
    /// forces expected; piece by piece for each support.
    free: Vec<[[Four; 2]; K]>,
    /// Supports with such a bearer.
    watched: Vec<usize>,
    touched: u32,
}

/// A vector of modes in motion: predictors, and what pseudo-forces add to `b`.
#[derive(Debug, Clone, Copy)]
struct ModeMotion<const K: usize> {
    q: [Four; K],
    v: [Four; K],
    extra: [Four; K],
}

/// One support in motion.
#[derive(Debug, Clone)]
struct SupportMotion<const K: usize> {
    /// Predictors of the seats.
    y: [Four; K],
    y_v: [Four; K],
    /// Pad force with the predictors, and the seat's answer to it.
    force: [Four; K],
    answer: [Four; K],
    /// Change of the pad force in the last step.
    last: [Four; K],
    /// Pad forces at the end of the last step and of the one before it.
    past: [[Four; K]; 2],
    /// What pseudo-forces moved at the seats since `answer` was set.
    late: [Four; K],
    /// Sum of the pseudo-forces beyond the static ones, in the lanes of mode 0.
    pseudo_n: [Four; K],
    /// Largest ballast force so far, likewise.
    peak_n: [Four; K],
    /// Bearers looked at piece by piece: bit `2 passage + side`.
    watch: u32,
    /// Those of them whose pieces all carry, without pseudo-forces; and by how much the least loaded
    /// piece did so with the pad forces expected, N.
    clean: u32,
    spare_n: [Four; K],
}

/// Displacement, velocity and acceleration of a point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct PointState {
    pub(crate) displacement_m: f64,
    pub(crate) velocity_m_s: f64,
    pub(crate) acceleration_m_s2: f64,
}

/// The other rail's lanes.
#[inline(always)]
fn swapped(a: f64x4) -> f64x4 {
    f64x4(a.2, a.3, a.0, a.1)
}

/// Pad forces of each rail in the lanes of a bearer's modes.
#[inline(always)]
fn drives_of<const R: usize>(f: f64x4) -> [f64x4; 2] {
    if R == 2 {
        [f64x4(f.0, f.1, f.0, f.1), f64x4(f.2, f.3, f.2, f.3)]
    } else {
        [f, Four::ZERO.0]
    }
}

/// What the modes of a support say after a step.
struct Seen {
    /// Answer of the seats to the predictors of displacement and velocity.
    seats: f64x4,
    /// Sums of the moduli of all modes but those of the first vector.
    bend: f64x4,
    bend_v: f64x4,
}

impl<const R: usize, const K: usize> BearerMotion<R, K> {
    /// Passages side by side.
    const PASSAGES: usize = if R == 2 { K } else { 2 * K };

    /// Bearers at rest.
    pub(crate) fn at_rest(factor: &BearerFactor<R>) -> Self {
        let zero = [Four::ZERO; K];
        let supports = factor
            .supports
            .iter()
            .map(|s| {
                let mut watch = 0;
                for (side, half) in s.halves.iter().enumerate() {
                    if factor.law != BallastLaw::Linear && half.closed_m <= 0.0 {
                        for p in 0..Self::PASSAGES {
                            watch |= 1 << (2 * p + side);
                        }
                    }
                }
                SupportMotion {
                    y: zero,
                    y_v: zero,
                    force: zero,
                    answer: zero,
                    last: zero,
                    past: [zero; 2],
                    late: zero,
                    pseudo_n: zero,
                    peak_n: [s.static_n; K],
                    watch,
                    clean: 0,
                    spare_n: zero,
                }
            })
            .collect();
        let modes = ModeMotion {
            q: zero,
            v: zero,
            extra: zero,
        };
        let fours = factor.supports[0].halves[0].pieces.fours();
        let mut pseudo = Vec::new();
        for support in &factor.supports {
            for half in &support.halves {
                for _ in 0..Self::PASSAGES {
                    pseudo.extend_from_slice(half.pieces.static_n());
                }
            }
        }
        Self {
            modes: vec![modes; factor.lanes.len()],
            supports,
            pseudo,
            fours,
            free: vec![
                [[Four::ZERO; 2]; K];
                factor.supports.len() * factor.supports[0].pieces.len()
            ],
            watched: Vec::new(),
            touched: 0,
        }
    }

    #[inline]
    fn pseudo_at(&self, s: usize, side: usize, p: usize) -> std::ops::Range<usize> {
        let start = ((s * 2 + side) * Self::PASSAGES + p) * self.fours;
        start..start + self.fours
    }

    /// Ends the last step, whose `b` the rails hold, makes the predictors of the next one and sets
    /// the forces of the supports on the rails.
    #[inline(always)]
    pub(crate) fn advance<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        factor: &BearerFactor<R>,
        rails: &mut RailMotion<R, K>,
    ) {
        self.watched.clear();
        self.touched = 0;
        let n = factor.vectors;
        let unilateral = factor.law != BallastLaw::Linear;
        let lanes = factor.lanes.chunks_exact(n);
        for (s, (support, lanes)) in factor.supports.iter().zip(lanes).enumerate() {
            let node = support.node;
            let mut bends = [(Four::ZERO.0, Four::ZERO.0); K];
            for k in 0..K {
                let b = rails.b[node].w[k].0;
                let seen = self.end_step(o, s, k, support, lanes, b);
                bends[k] = (seen.bend, seen.bend_v);
                let motion = &mut self.supports[s];
                let next_v = o.add(rails.v[node].w[k].0, b);
                let next_u = o.add(rails.u[node].w[k].0, next_v);
                let pad = o.add(
                    o.mul(support.pad_stiffness.0, o.sub(next_u, motion.y[k].0)),
                    o.mul(support.pad_damping.0, o.sub(next_v, motion.y_v[k].0)),
                );
                motion.force[k] = Four(pad);
                motion.late[k] = Four::ZERO;
                let mut answer = o.mul(support.own.0, pad);
                if R == 2 {
                    answer = o.add(answer, o.mul(support.cross.0, swapped(pad)));
                }
                motion.answer[k] = Four(o.sub(answer, seen.seats));
            }
            if unilateral {
                self.watch(s, factor, &bends);
                if self.supports[s].watch != 0 {
                    self.watched.push(s);
                    self.look_at_pieces(o, s, factor, lanes);
                    self.predict_pseudo(o, s, factor);
                }
            }
            let motion = &self.supports[s];
            for k in 0..K {
                let answer = o.mul(support.link.0, motion.answer[k].0);
                rails.force[node].w[k] = Four(o.sub(answer, motion.force[k].0));
            }
        }
    }

    /// Modes and seats of one support, vector `k`, at the end of a step.
    #[inline(always)]
    fn end_step<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        s: usize,
        k: usize,
        support: &Support,
        lanes: &[ModeLanes<R>],
        b: f64x4,
    ) -> Seen {
        let zero = Four::ZERO.0;
        let motion = &mut self.supports[s];
        let change = o.mul(support.link.0, o.sub(b, motion.answer[k].0));
        let total = o.add(motion.force[k].0, change);
        let mut seat = o.add(motion.answer[k].0, motion.late[k].0);
        seat = o.add(seat, o.mul(support.own.0, change));
        if R == 2 {
            seat = o.add(seat, o.mul(support.cross.0, swapped(change)));
        }
        let y_v = o.add(motion.y_v[k].0, seat);
        motion.y_v[k] = Four(y_v);
        motion.y[k] = Four(o.add(motion.y[k].0, y_v));
        motion.last[k] = Four(change);
        motion.past[1][k] = motion.past[0][k];
        motion.past[0][k] = Four(total);
        let any = motion.watch != 0;
        // The forces of each rail in the lanes of its modes.
        let f = total;
        let drives = drives_of::<R>(f);
        let mut seen = [(zero, zero); R];
        let (mut bend, mut bend_v) = (zero, zero);
        let n = lanes.len();
        let modes = &mut self.modes[s * n..(s + 1) * n];
        for (m, (lane, mode)) in lanes.iter().zip(modes).enumerate() {
            let (q, v) = (mode.q[k].0, mode.v[k].0);
            let mut drive = o.mul(lane.drive[0].0, drives[0]);
            if R == 2 {
                drive = o.add(drive, o.mul(lane.drive[R - 1].0, drives[1]));
            }
            let held = o.add(o.mul(lane.stiff.0, q), o.mul(lane.damp.0, v));
            let mut b = o.sub(drive, held);
            if any {
                b = o.add(b, mode.extra[k].0);
            }
            if m == 0 {
                note_peak(o, &mut self.supports[s], support, k, (q, v, b));
            }
            let v = o.add(v, b);
            let q = o.add(q, v);
            mode.v[k] = Four(v);
            mode.q[k] = Four(q);
            for rail in 0..R {
                let (stiff, damp) = seen[rail];
                seen[rail] = (
                    o.add(stiff, o.mul(lane.seat_stiff[rail].0, q)),
                    o.add(damp, o.mul(lane.seat_damp[rail].0, v)),
                );
            }
            if m > 0 {
                bend = o.add(bend, o.abs(q));
                bend_v = o.add(bend_v, o.abs(v));
            }
        }
        let first = o.add(seen[0].0, seen[0].1);
        let seats = if R == 2 {
            let a = first;
            let b = o.add(seen[R - 1].0, seen[R - 1].1);
            o.add(f64x4(a.0, a.1, b.0, b.1), f64x4(a.2, a.3, b.2, b.3))
        } else {
            first
        };
        Seen {
            seats,
            bend,
            bend_v,
        }
    }

    /// Which bearers of a support have to be looked at piece by piece: those whose modes, taken at
    /// their worst, could lift a piece. `bends` are the sums of the moduli of all modes but the
    /// first two.
    #[inline(always)]
    fn watch(&mut self, s: usize, factor: &BearerFactor<R>, bends: &[(f64x4, f64x4); K]) {
        let support = &factor.supports[s];
        let first = &self.modes[s * factor.vectors];
        let before = self.supports[s].watch;
        let mut watch = 0;
        for p in 0..Self::PASSAGES {
            for (side, half) in support.halves.iter().enumerate() {
                let (_, k, lane) = BearerFactor::<R>::mode_lane(0, side, p);
                let mut down = first.q[k].get(lane);
                let mut moved = first.v[k].get(lane).abs();
                if R == 2 {
                    // Largest values of the shapes: root 3 for pitch, 2 for bending.
                    let (bend, bend_v) = (Four(bends[k].0), Four(bends[k].1));
                    let pitch = 1.7321 * first.q[k].get(2 + side).abs();
                    down -= pitch + 2.0 * (bend.get(side) + bend.get(2 + side));
                    let pitch = 1.7321 * first.v[k].get(2 + side).abs();
                    moved += pitch + 2.0 * (bend_v.get(side) + bend_v.get(2 + side));
                }
                let reach = (4.0 + half.memory) * moved;
                let least = half.closed_m + (down - reach) / half.root_mass - WATCH_M;
                if least.is_nan() || least <= 0.0 {
                    watch |= 1 << (2 * p + side);
                }
            }
        }
        let mut left = before & !watch;
        while left != 0 {
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            let (side, p) = (bit % 2, bit / 2);
            if support.halves[side].closed_m <= 0.0 {
                // Pieces open at the start stay in the books.
                watch |= 1 << bit;
            } else {
                self.clear_pseudo(s, side, p, factor);
            }
        }
        // A bearer that was not looked at has no pseudo-forces.
        let motion = &mut self.supports[s];
        motion.clean |= watch & !before;
        motion.watch = watch;
    }

    /// A bearer that lies in its bed again has no pseudo-forces.
    fn clear_pseudo(&mut self, s: usize, side: usize, p: usize, factor: &BearerFactor<R>) {
        let at = self.pseudo_at(s, side, p);
        self.pseudo[at].fill(Four::ZERO);
        let (_, k, lane) = BearerFactor::<R>::mode_lane(0, side, p);
        *self.supports[s].pseudo_n[k].at(lane) = 0.0;
        for j in 0..factor.modes[s][side].len() {
            let (m, k, lane) = BearerFactor::<R>::mode_lane(j, side, p);
            *self.modes[s * factor.vectors + m].extra[k].at(lane) = 0.0;
        }
    }

    /// Pad forces on a bearer: `f(chain)` for each rail.
    #[inline(always)]
    fn pad_forces(side: usize, f: impl Fn(usize) -> f64) -> [f64; 2] {
        if R == 2 {
            [f(side), f(2 + side)]
        } else {
            [f(side), 0.0]
        }
    }

    /// Pad forces on a bearer at the end of the step.
    #[inline(always)]
    fn end_forces(
        &self,
        s: usize,
        side: usize,
        p: usize,
        support: &Support,
        rails: &RailMotion<R, K>,
    ) -> [f64; 2] {
        let motion = &self.supports[s];
        Self::pad_forces(side, |c| {
            let (k, lane) = lane_of::<R>(c, p);
            let b = rails.b_at(support.node, c, p);
            motion.force[k].get(lane) + support.link.get(lane) * (b - motion.answer[k].get(lane))
        })
    }

    /// State of a point of a bearer at the end of the step that was solved, from the initial state.
    pub(crate) fn point(
        &self,
        factor: &BearerFactor<R>,
        rails: &RailMotion<R, K>,
        probe: &Probe,
        p: usize,
    ) -> PointState {
        let (side, s) = factor.place[probe.bearer];
        let support = &factor.supports[s];
        let motion = &self.supports[s];
        let forces = self.end_forces(s, side, p, support, rails);
        // What the modes left out add, as if they were springs.
        let (mut u, mut v, mut a) = (0.0, 0.0, 0.0);
        for rail in 0..R {
            let (k, lane) = lane_of::<R>(2 * rail + side, p);
            let [last, before] = motion.past.map(|past| past[k].get(lane));
            let residual = probe.residual_m_n[rail];
            u += residual * forces[rail];
            v += residual * (forces[rail] - last);
            a += residual * ((forces[rail] - last) - (last - before));
        }
        let modes = factor.modes[s][side].iter();
        for (j, (mode, shape)) in modes.zip(&probe.shape).enumerate() {
            let (m, k, lane) = BearerFactor::<R>::mode_lane(j, side, p);
            let state = &self.modes[s * factor.vectors + m];
            let (q, q_v) = (state.q[k].get(lane), state.v[k].get(lane));
            let mut drive = mode.drive[0] * forces[0];
            if R == 2 {
                drive += mode.drive[1] * forces[1];
            }
            let mut b = drive - (mode.stiff * q + mode.damp * q_v);
            if motion.watch != 0 {
                b += state.extra[k].get(lane);
            }
            u += shape * (q + 0.25 * b);
            v += shape * (q_v + 0.5 * b);
            a += shape * b;
        }
        let h = factor.step_s;
        PointState {
            displacement_m: u,
            velocity_m_s: v / h,
            acceleration_m_s2: a / (h * h),
        }
    }

    /// Largest ballast force of every bearer so far, N.
    pub(crate) fn peaks_n(&self, factor: &BearerFactor<R>, p: usize) -> Vec<f64> {
        let places = factor.place.iter();
        places
            .map(|&(side, s)| {
                let (_, k, lane) = BearerFactor::<R>::mode_lane(0, side, p);
                self.supports[s].peak_n[k].get(lane)
            })
            .collect()
    }

    /// Passages, as bits, in which a piece of ballast took up or let go of a bearer in this step.
    pub(crate) fn touched(&self) -> u32 {
        self.touched
    }

    /// Some bearer is looked at piece by piece in this step.
    pub(crate) fn any_watched(&self) -> bool {
        !self.watched.is_empty()
    }
}

/// Ballast force at the end of a step: that of mode 0 in the linear bed, less the pseudo-forces.
#[inline(always)]
fn note_peak<S: Simd<f64s = f64x4>, const K: usize>(
    o: Ops<S>,
    motion: &mut SupportMotion<K>,
    support: &Support,
    k: usize,
    (q, v, b): (f64x4, f64x4, f64x4),
) {
    let quarter = f64x4(0.25, 0.25, 0.25, 0.25);
    let half = f64x4(0.5, 0.5, 0.5, 0.5);
    let u = o.add(q, o.mul(quarter, b));
    let v = o.add(v, o.mul(half, b));
    let linear = o.add(o.mul(support.bed[0].0, u), o.mul(support.bed[1].0, v));
    let force = o.sub(o.add(support.static_n.0, linear), motion.pseudo_n[k].0);
    motion.peak_n[k] = Four(o.max(motion.peak_n[k].0, force));
}
