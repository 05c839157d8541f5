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
use super::pseudo::Free;
use super::rail_factor::lane_of;
use super::rails::RailMotion;
use crate::track::BallastLaw;
use crate::track::two_rail_model::Probe;

/// Bearers in motion, measured from the initial static state.
#[derive(Debug, Clone)]
pub(crate) struct BearerMotion<const R: usize, const K: usize> {
    modes: Vec<ModeMotion<K>>,
    supports: Vec<SupportMotion<K>>,
    /// Pseudo-forces of the pieces of bearers that are looked at piece by piece, in fours.
    pseudo: Vec<Four>,
    fours: usize,
    /// Pieces of each bearer at the end of the step, for the pad forces expected.
    free: Vec<Free>,
    /// What the pseudo-forces of each bearer move at its seats, as `b`.
    moved: Vec<[f64; 2]>,
    touched: u32,
}

/// A vector of modes in motion: predictors, what holds them back, and what pseudo-forces add to `b`.
#[derive(Debug, Clone, Copy)]
struct ModeMotion<const K: usize> {
    q: [Four; K],
    v: [Four; K],
    held: [Four; K],
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
    /// Bearers looked at piece by piece in this step: bit `2 passage + side`.
    watch: u32,
    /// Bearers whose pieces all carry, without pseudo-forces; and by how much at least the least loaded
    /// piece does so with the pad forces expected, N.
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

impl<const R: usize, const K: usize> BearerMotion<R, K> {
    /// Passages side by side.
    const PASSAGES: usize = if R == 2 { K } else { 2 * K };
    /// A bit for every bearer of a support.
    const ALL: u32 = ((1_u64 << (2 * Self::PASSAGES)) - 1) as u32;

    /// Bearers at rest.
    pub(crate) fn at_rest(factor: &BearerFactor<R>) -> Self {
        let zero = [Four::ZERO; K];
        let supports = factor
            .supports
            .iter()
            .map(|s| {
                // Pieces that are open at the start have pseudo-forces from there on.
                let mut open = 0;
                for (side, half) in s.halves.iter().enumerate() {
                    if factor.law != BallastLaw::Linear && half.closed_m <= 0.0 {
                        for p in 0..Self::PASSAGES {
                            open |= 1 << (2 * p + side);
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
                    watch: open,
                    clean: Self::ALL & !open,
                    spare_n: zero,
                }
            })
            .collect();
        let modes = ModeMotion {
            q: zero,
            v: zero,
            held: zero,
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
            free: vec![Free::CLOSED; factor.supports.len() * 2 * Self::PASSAGES],
            moved: vec![[0.0; 2]; factor.supports.len() * 2 * Self::PASSAGES],
            touched: 0,
        }
    }

    /// Index of a bearer of a support in a passage.
    #[inline(always)]
    fn bearer_at(s: usize, side: usize, p: usize) -> usize {
        (s * 2 + side) * Self::PASSAGES + p
    }

    #[inline(always)]
    fn pseudo_at(&self, s: usize, side: usize, p: usize) -> std::ops::Range<usize> {
        let start = Self::bearer_at(s, side, p) * self.fours;
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
        self.touched = 0;
        let n = factor.vectors;
        let unilateral = factor.law != BallastLaw::Linear;
        let lanes = factor.lanes.chunks_exact(n);
        for (s, (support, lanes)) in factor.supports.iter().zip(lanes).enumerate() {
            let node = support.node;
            for k in 0..K {
                let b = rails.b[node].w[k].0;
                let seats = self.end_step(o, s, k, support, lanes, b);
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
                motion.answer[k] = Four(o.sub(answer, seats));
            }
            if unilateral {
                self.watch(o, s, support, lanes);
                if self.supports[s].watch != 0 {
                    self.predict_pseudo(o, s, factor, lanes);
                }
            }
            let motion = &self.supports[s];
            for k in 0..K {
                let answer = o.mul(support.link.0, motion.answer[k].0);
                rails.force[node].w[k] = Four(o.sub(answer, motion.force[k].0));
            }
        }
    }

    /// Modes and seats of one support, vector `k`, at the end of a step: the answer of the seats to the
    /// predictors of the next one.
    #[inline(always)]
    fn end_step<S: Simd<f64s = f64x4>>(
        &mut self,
        o: Ops<S>,
        s: usize,
        k: usize,
        support: &Support,
        lanes: &[ModeLanes<R>],
        b: f64x4,
    ) -> f64x4 {
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
        let n = lanes.len();
        let modes = &mut self.modes[s * n..(s + 1) * n];
        for (m, (lane, mode)) in lanes.iter().zip(modes).enumerate() {
            let (q, v) = (mode.q[k].0, mode.v[k].0);
            let mut drive = o.mul(lane.drive[0].0, drives[0]);
            if R == 2 {
                drive = o.add(drive, o.mul(lane.drive[R - 1].0, drives[1]));
            }
            let mut b = o.sub(drive, mode.held[k].0);
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
            mode.held[k] = Four(o.add(o.mul(lane.stiff.0, q), o.mul(lane.damp.0, v)));
            for rail in 0..R {
                let (stiff, damp) = seen[rail];
                seen[rail] = (
                    o.add(stiff, o.mul(lane.seat_stiff[rail].0, q)),
                    o.add(damp, o.mul(lane.seat_damp[rail].0, v)),
                );
            }
        }
        let first = o.add(seen[0].0, seen[0].1);
        if R == 2 {
            let a = first;
            let b = o.add(seen[R - 1].0, seen[R - 1].1);
            o.add(f64x4(a.0, a.1, b.0, b.1), f64x4(a.2, a.3, b.2, b.3))
        } else {
            first
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
