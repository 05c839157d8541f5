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

use super::rails::{Lanes, RailMotion};
use crate::track::BallastLaw;
use crate::track::two_rail_model::{ModalBearer, Probe};

/// Rounds of the iteration for the pseudo-forces of one bearer; the law jumps at touchdown, so that
/// a step may have no solution.
const ROUNDS_MAX: usize = 24;
/// Change of a pad force that asks for another solution of the rails, N.
const PAD_TOLERANCE_N: f64 = 0.1;
/// Distance from lifting off below which a bearer is looked at piece by piece, m, besides a
/// multiple of its velocity.
const WATCH_M: f64 = 2e-6;

/// Constants of one support.
#[derive(Debug, Clone)]
struct Support<const C: usize> {
    /// Node of the chains.
    node: usize,
    pad_stiffness: [f64; C],
    /// Damping over the step.
    pad_damping: [f64; C],
    /// `e/(1 + e G)`.
    link: [f64; C],
    /// `G` of the own pad and of the other rail's.
    own: [f64; C],
    cross: [f64; C],
    halves: [Half; 2],
}

/// Constants of one bearer.
#[derive(Debug, Clone)]
struct Half {
    /// Index of the bearer in the track.
    bearer: usize,
    /// Root of the mass, and ballast stiffness and damping per mass.
    root_mass: f64,
    ballast: f64,
    damping: f64,
    /// Ballast force in the initial state.
    static_n: f64,
    /// Smallest compression of a piece of the ballast in the initial state, m.
    closed_m: f64,
    /// Pieces of the ballast.
    points: Vec<Piece>,
}

/// A piece of ballast.
#[derive(Debug, Clone)]
struct Piece {
    shape: Vec<f64>,
    stiffness: f64,
    damping: f64,
    /// Displacement in the initial state less the gap, m.
    compression_m: f64,
    /// Pseudo-force in the initial state, N.
    static_n: f64,
}

/// Constants of one mode.
#[derive(Debug, Clone, Copy)]
struct Mode<const C: usize> {
    /// Answer to a pad force.
    drive: [f64; C],
    /// Answer to displacement and velocity, per half.
    stiff: [f64; 2],
    damp: [f64; 2],
    /// The same, seen at the seats.
    seat_stiff: [f64; C],
    seat_damp: [f64; C],
    /// Answer to a unit modal force.
    answer: [f64; 2],
    /// Shape at the seats.
    seat: [f64; C],
}

/// Where a bearer and its pads stand at the start, for the constants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StaticBearer<'a> {
    pub(crate) modes: &'a [f64],
    pub(crate) open: &'a [bool],
    pub(crate) ballast_force_n: f64,
}

/// Constants of all supports for a track in one condition.
#[derive(Debug, Clone)]
pub(crate) struct BearerFactor<const C: usize> {
    supports: Vec<Support<C>>,
    modes: Vec<Mode<C>>,
    count: usize,
    law: BallastLaw,
    step_s: f64,
    /// Half and support of each bearer of the track.
    place: Vec<(usize, usize)>,
}

impl<const C: usize> BearerFactor<C> {
    /// Supports lie at every `per_bay`-th node; bearers number from left to right.
    pub(crate) fn new(
        bearers: &[ModalBearer],
        statics: &[StaticBearer<'_>],
        law: BallastLaw,
        per_bay: usize,
        half: usize,
        step_s: f64,
    ) -> Self {
        let count = bearers[0].omega2.len();
        let last = bearers.len() - 1;
        let mut factor = Self {
            supports: Vec::new(),
            modes: Vec::new(),
            count,
            law,
            step_s,
            place: vec![(0, 0); bearers.len()],
        };
        for s in 0..=half / per_bay {
            let index = [s, last - s];
            for side in [1, 0] {
                factor.place[index[side]] = (side, s);
            }
            let pair = index.map(|i| &bearers[i]);
            factor.add_modes(pair);
            let halves = index.map(|i| half_of(&bearers[i], &statics[i], i, step_s));
            factor.add_support(s * per_bay, pair, halves);
        }
        factor
    }

    fn add_modes(&mut self, pair: [&ModalBearer; 2]) {
        let h = self.step_s;
        for j in 0..self.count {
            let mut mode = Mode {
                drive: [0.0; C],
                stiff: [0.0; 2],
                damp: [0.0; 2],
                seat_stiff: [0.0; C],
                seat_damp: [0.0; C],
                answer: [0.0; 2],
                seat: [0.0; C],
            };
            for (side, bearer) in pair.iter().enumerate() {
                let k = bearer.omega2[j] + bearer.ballast_1_s2;
                let d = bearer.damping_1_s;
                let answer = 1.0 / (1.0 / (h * h) + 0.5 * d / h + 0.25 * k);
                mode.answer[side] = answer;
                mode.stiff[side] = answer * k;
                mode.damp[side] = answer * d / h;
                for rail in 0..C / 2 {
                    let c = 2 * rail + side;
                    let shape = bearer.seats[rail][j];
                    mode.seat[c] = shape;
                    mode.drive[c] = answer * shape;
                    mode.seat_stiff[c] = shape * mode.stiff[side];
                    mode.seat_damp[c] = shape * mode.damp[side];
                }
            }
            self.modes.push(mode);
        }
    }

    fn add_support(&mut self, node: usize, pair: [&ModalBearer; 2], halves: [Half; 2]) {
        let modes = &self.modes[self.modes.len() - self.count..];
        let (mut own, mut cross) = ([0.0; C], [0.0; C]);
        for mode in modes {
            for c in 0..C {
                own[c] += mode.drive[c] * mode.seat[c];
                if C == 4 {
                    cross[c] += mode.drive[c] * mode.seat[(c + 2) % C];
                }
            }
        }
        let mut support = Support {
            node,
            pad_stiffness: [0.0; C],
            pad_damping: [0.0; C],
            link: [0.0; C],
            own,
            cross,
            halves,
        };
        for c in 0..C {
            let pad = pair[c % 2].pads[c / 2];
            let (k, d) = (pad.stiffness_n_m, pad.damping_n_s_m / self.step_s);
            let e = 0.25 * k + 0.5 * d;
            support.pad_stiffness[c] = k;
            support.pad_damping[c] = d;
            support.link[c] = e / (1.0 + e * own[c]);
        }
        self.supports.push(support);
    }

    /// What the rails of chain `chain` feel at each support: node and stiffness-like entry.
    pub(crate) fn links(&self) -> impl Iterator<Item = (usize, &[f64; C])> {
        self.supports.iter().map(|s| (s.node, &s.link))
    }
}

fn half_of(bearer: &ModalBearer, state: &StaticBearer<'_>, index: usize, step_s: f64) -> Half {
    let points: Vec<Piece> = bearer
        .points
        .iter()
        .zip(state.open)
        .map(|(point, open)| {
            let u: f64 = point
                .shape
                .iter()
                .zip(state.modes)
                .map(|(a, b)| a * b)
                .sum();
            let compression_m = u - point.gap_m;
            let static_n = if *open {
                point.stiffness_n_m * compression_m
            } else {
                0.0
            };
            Piece {
                shape: point.shape.clone(),
                stiffness: point.stiffness_n_m,
                damping: point.damping_n_s_m / step_s,
                compression_m,
                static_n,
            }
        })
        .collect();
    Half {
        bearer: index,
        root_mass: 1.0 / bearer.seats[0][0],
        ballast: bearer.ballast_1_s2,
        damping: bearer.damping_1_s / step_s,
        static_n: state.ballast_force_n,
        closed_m: points
            .iter()
            .map(|p| p.compression_m)
            .fold(f64::INFINITY, f64::min),
        points,
    }
}

/// Bearers in motion, measured from the initial static state.
#[derive(Debug, Clone)]
pub(crate) struct BearerMotion<const C: usize, const P: usize> {
    /// Predictors of the modes.
    q: Vec<[[f64; P]; 2]>,
    v: Vec<[[f64; P]; 2]>,
    /// What pseudo-forces add to the modes' `b`.
    extra: Vec<[[f64; P]; 2]>,
    supports: Vec<SupportMotion<C, P>>,
    /// Pseudo-forces of the pieces of bearers that are looked at piece by piece.
    pseudo: Vec<f64>,
    points: usize,
    /// Supports with such a bearer.
    watched: Vec<usize>,
}

/// One support in motion.
#[derive(Debug, Clone)]
struct SupportMotion<const C: usize, const P: usize> {
    /// Predictors of the seats.
    y: Lanes<C, P>,
    y_v: Lanes<C, P>,
    /// Pad force with the predictors, and the seat's answer to it.
    force: Lanes<C, P>,
    answer: Lanes<C, P>,
    /// Change of the pad force in the last step.
    last: Lanes<C, P>,
    /// Pad forces at the end of the last step and of the one before it.
    past: [Lanes<C, P>; 2],
    /// What pseudo-forces moved at the seats since `answer` was set.
    late: Lanes<C, P>,
    /// Sum of the pseudo-forces beyond the static ones.
    pseudo_n: [[f64; P]; 2],
    /// Bearers looked at piece by piece.
    watch: [[bool; P]; 2],
    any: bool,
    /// Largest ballast force so far.
    peak_n: [[f64; P]; 2],
}

/// Displacement, velocity and acceleration of a point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct PointState {
    pub(crate) displacement_m: f64,
    pub(crate) velocity_m_s: f64,
    pub(crate) acceleration_m_s2: f64,
}

impl<const C: usize, const P: usize> BearerMotion<C, P> {
    /// Bearers at rest.
    pub(crate) fn at_rest(factor: &BearerFactor<C>) -> Self {
        let modes = vec![[[0.0; P]; 2]; factor.modes.len()];
        let unilateral = factor.law != BallastLaw::Linear;
        let supports = factor
            .supports
            .iter()
            .map(|s| {
                let watch = [0, 1].map(|side| {
                    let open = s.halves[side].points.iter().any(|p| p.compression_m <= 0.0);
                    [unilateral && open; P]
                });
                SupportMotion {
                    y: [[0.0; P]; C],
                    y_v: [[0.0; P]; C],
                    force: [[0.0; P]; C],
                    answer: [[0.0; P]; C],
                    last: [[0.0; P]; C],
                    past: [[[0.0; P]; C]; 2],
                    late: [[0.0; P]; C],
                    pseudo_n: [[0.0; P]; 2],
                    any: watch.iter().flatten().any(|w| *w),
                    watch,
                    peak_n: [0, 1].map(|side| [s.halves[side].static_n; P]),
                }
            })
            .collect();
        let points = factor.supports[0].halves[0].points.len();
        let mut motion = Self {
            q: modes.clone(),
            v: modes.clone(),
            extra: modes,
            supports,
            pseudo: vec![0.0; factor.supports.len() * 2 * P * points],
            points,
            watched: Vec::new(),
        };
        for (s, support) in factor.supports.iter().enumerate() {
            for (side, half) in support.halves.iter().enumerate() {
                for p in 0..P {
                    let at = motion.pseudo_at(s, side, p);
                    for (value, piece) in motion.pseudo[at].iter_mut().zip(&half.points) {
                        *value = piece.static_n;
                    }
                }
            }
        }
        motion
    }

    #[inline]
    fn pseudo_at(&self, s: usize, side: usize, p: usize) -> std::ops::Range<usize> {
        let start = ((s * 2 + side) * P + p) * self.points;
        start..start + self.points
    }

    /// Ends the last step, whose `b` the rails hold, makes the predictors of the next one and sets
    /// the forces of the supports on the rails.
    #[inline(always)]
    pub(crate) fn advance(&mut self, factor: &BearerFactor<C>, rails: &mut RailMotion<C, P>) {
        self.watched.clear();
        let n = factor.count;
        for (s, support) in factor.supports.iter().enumerate() {
            let modes = &factor.modes[s * n..(s + 1) * n];
            let node = support.node;
            let seen = self.end_step(s, support, modes, &rails.b[node].w);
            let (b, u, v) = (&rails.b[node].w, &rails.u[node].w, &rails.v[node].w);
            let motion = &mut self.supports[s];
            let mut pad = [[0.0; P]; C];
            for c in 0..C {
                let (k, d) = (support.pad_stiffness[c], support.pad_damping[c]);
                for p in 0..P {
                    let next_v = v[c][p] + b[c][p];
                    let next_u = u[c][p] + next_v;
                    pad[c][p] = k * (next_u - motion.y[c][p]) + d * (next_v - motion.y_v[c][p]);
                }
            }
            motion.force = pad;
            motion.late = [[0.0; P]; C];
            let mut answer = [[0.0; P]; C];
            for c in 0..C {
                let other = if C == 4 { (c + 2) % C } else { c };
                let cross = if C == 4 { support.cross[c] } else { 0.0 };
                for p in 0..P {
                    answer[c][p] = support.own[c] * pad[c][p] + cross * pad[other][p] - seen[c][p];
                }
            }
            motion.answer = answer;
            if factor.law != BallastLaw::Linear {
                self.watch(s, factor);
                if self.supports[s].any {
                    self.watched.push(s);
                    self.predict_pseudo(s, factor);
                }
            }
            let motion = &self.supports[s];
            let force = &mut rails.force[node].w;
            for c in 0..C {
                for p in 0..P {
                    force[c][p] = support.link[c] * motion.answer[c][p] - motion.force[c][p];
                }
            }
        }
    }

    /// Modes and seats of one support at the end of a step; what their new predictors make the seats
    /// feel.
    #[inline(always)]
    fn end_step(
        &mut self,
        s: usize,
        support: &Support<C>,
        modes: &[Mode<C>],
        b: &Lanes<C, P>,
    ) -> Lanes<C, P> {
        let motion = &mut self.supports[s];
        let mut change = [[0.0; P]; C];
        let mut total = [[0.0; P]; C];
        for c in 0..C {
            for p in 0..P {
                change[c][p] = support.link[c] * (b[c][p] - motion.answer[c][p]);
                total[c][p] = motion.force[c][p] + change[c][p];
            }
        }
        for c in 0..C {
            let other = if C == 4 { (c + 2) % C } else { c };
            let cross = if C == 4 { support.cross[c] } else { 0.0 };
            for p in 0..P {
                let seat = motion.answer[c][p]
                    + motion.late[c][p]
                    + (support.own[c] * change[c][p] + cross * change[other][p]);
                motion.y_v[c][p] += seat;
                motion.y[c][p] += motion.y_v[c][p];
            }
        }
        motion.last = change;
        motion.past = [total, motion.past[0]];
        let mut seen = [[0.0; P]; C];
        let range = s * modes.len()..(s + 1) * modes.len();
        let state = self.q[range.clone()]
            .iter_mut()
            .zip(&mut self.v[range.clone()])
            .zip(&self.extra[range]);
        for (j, (mode, ((q, v), extra))) in modes.iter().zip(state).enumerate() {
            let mut b = [[0.0; P]; 2];
            for side in 0..2 {
                for p in 0..P {
                    let mut drive = mode.drive[side] * total[side][p];
                    if C == 4 {
                        drive += mode.drive[2 + side] * total[2 + side][p];
                    }
                    b[side][p] =
                        (drive - mode.stiff[side] * q[side][p]) - mode.damp[side] * v[side][p];
                    if motion.any {
                        b[side][p] += extra[side][p];
                    }
                }
            }
            if j == 0 {
                note_peak(motion, support, q, v, &b);
            }
            for side in 0..2 {
                for p in 0..P {
                    v[side][p] += b[side][p];
                    q[side][p] += v[side][p];
                }
            }
            for c in 0..C {
                let side = c % 2;
                for p in 0..P {
                    seen[c][p] += mode.seat_stiff[c] * q[side][p] + mode.seat_damp[c] * v[side][p];
                }
            }
        }
        seen
    }

    /// Which bearers of a support have to be looked at piece by piece: those whose modes, taken at
    /// their worst, could lift a piece.
    #[inline(always)]
    fn watch(&mut self, s: usize, factor: &BearerFactor<C>) {
        let n = factor.count;
        let support = &factor.supports[s];
        let (mut down, mut moved) = ([[0.0; P]; 2], [[0.0; P]; 2]);
        for j in 0..n {
            let (q, v) = (&self.q[s * n + j], &self.v[s * n + j]);
            // Largest value of a shape times the root of the mass.
            let bound = [1.0, 1.7321, 2.0][j.min(2)];
            for side in 0..2 {
                for p in 0..P {
                    let part = if j == 0 {
                        q[side][p]
                    } else {
                        -bound * q[side][p].abs()
                    };
                    down[side][p] += part;
                    moved[side][p] += bound * v[side][p].abs();
                }
            }
        }
        let motion = &mut self.supports[s];
        let before = motion.watch;
        motion.any = false;
        for (side, half) in support.halves.iter().enumerate() {
            let per_root = 1.0 / half.root_mass;
            let reach = 4.0 + half.damping / half.ballast;
            for p in 0..P {
                let least =
                    half.closed_m + per_root * (down[side][p] - reach * moved[side][p]) - WATCH_M;
                motion.watch[side][p] = !(least > 0.0);
                motion.any |= motion.watch[side][p];
            }
        }
        if !motion.any && !before.iter().flatten().any(|w| *w) {
            return;
        }
        for side in 0..2 {
            for p in 0..P {
                if before[side][p] && !self.supports[s].watch[side][p] {
                    self.clear_pseudo(s, side, p, factor);
                }
            }
        }
    }

    /// A bearer that lies in its bed again: no pseudo-forces, except to undo those of the start.
    fn clear_pseudo(&mut self, s: usize, side: usize, p: usize, factor: &BearerFactor<C>) {
        let half = &factor.supports[s].halves[side];
        if half.points.iter().any(|piece| piece.static_n != 0.0) {
            // Pieces open at the start stay in the books.
            self.supports[s].watch[side][p] = true;
            self.supports[s].any = true;
            return;
        }
        let at = self.pseudo_at(s, side, p);
        self.pseudo[at].fill(0.0);
        self.supports[s].pseudo_n[side][p] = 0.0;
        for j in 0..factor.count {
            self.extra[s * factor.count + j][side][p] = 0.0;
        }
    }

    /// Pseudo-forces before the rails are solved, for the pad forces expected.
    fn predict_pseudo(&mut self, s: usize, factor: &BearerFactor<C>) {
        for side in 0..2 {
            for p in 0..P {
                if self.supports[s].watch[side][p] {
                    let mut forces = [0.0; 2];
                    for rail in 0..C / 2 {
                        let c = 2 * rail + side;
                        let motion = &self.supports[s];
                        forces[rail] = motion.force[c][p] + motion.last[c][p];
                    }
                    self.settle(s, side, p, factor, forces);
                    for rail in 0..C / 2 {
                        let c = 2 * rail + side;
                        let moved = self.extra_at_seat(s, c, p, factor);
                        self.supports[s].answer[c][p] += moved;
                    }
                }
            }
        }
    }

    /// What the pseudo-forces add to `b` at a seat.
    fn extra_at_seat(&self, s: usize, c: usize, p: usize, factor: &BearerFactor<C>) -> f64 {
        let range = s * factor.count..(s + 1) * factor.count;
        factor.modes[range.clone()]
            .iter()
            .zip(&self.extra[range])
            .map(|(mode, extra)| mode.seat[c] * extra[c % 2][p])
            .sum()
    }

    /// Iterates on the pseudo-forces of one bearer for given pad forces. False if they did not
    /// settle.
    fn settle(
        &mut self,
        s: usize,
        side: usize,
        p: usize,
        factor: &BearerFactor<C>,
        forces: [f64; 2],
    ) -> bool {
        let n = factor.count;
        let half = &factor.supports[s].halves[side];
        let at = self.pseudo_at(s, side, p);
        let modes = &factor.modes[s * n..(s + 1) * n];
        let mut settled = false;
        let mut sum = 0.0;
        let mut end_u = [0.0; 64];
        let mut end_v = [0.0; 64];
        let mut push = [0.0; 64];
        for _ in 0..ROUNDS_MAX {
            for (j, mode) in modes.iter().enumerate() {
                let (q, v) = (self.q[s * n + j][side][p], self.v[s * n + j][side][p]);
                let mut drive = mode.drive[side] * forces[0];
                if C == 4 {
                    drive += mode.drive[2 + side] * forces[1];
                }
                let b = drive - mode.stiff[side] * q - mode.damp[side] * v
                    + self.extra[s * n + j][side][p];
                end_u[j] = q + 0.25 * b;
                end_v[j] = v + 0.5 * b;
                push[j] = 0.0;
            }
            let mut largest: f64 = 0.0;
            sum = 0.0;
            for (piece, pseudo) in half.points.iter().zip(&mut self.pseudo[at.clone()]) {
                let (mut u, mut v) = (piece.compression_m, 0.0);
                for ((shape, end_u), end_v) in piece.shape.iter().zip(&end_u).zip(&end_v) {
                    u += shape * end_u;
                    v += shape * end_v;
                }
                let linear = piece.stiffness * u + piece.damping * v;
                let bearing =
                    u > 0.0 && (factor.law == BallastLaw::UnilateralUnclipped || linear > 0.0);
                let next = if bearing { 0.0 } else { linear };
                largest = largest.max((next - *pseudo).abs());
                *pseudo = next;
                let beyond = next - piece.static_n;
                sum += beyond;
                if beyond != 0.0 {
                    for (push, shape) in push.iter_mut().zip(&piece.shape) {
                        *push += shape * beyond;
                    }
                }
            }
            for (j, mode) in modes.iter().enumerate() {
                self.extra[s * n + j][side][p] = mode.answer[side] * push[j];
            }
            if largest <= 1e-6 {
                settled = true;
                break;
            }
        }
        self.supports[s].pseudo_n[side][p] = sum;
        settled
    }

    /// Pseudo-forces for the pad forces that the rails' solution gives. Where they move a pad force
    /// by more than the tolerance the change goes to the rails and the answer is true: solve again.
    /// Looks at the passages `asked` only, so that none is iterated on for its neighbour's sake.
    pub(crate) fn check(
        &mut self,
        factor: &BearerFactor<C>,
        rails: &mut RailMotion<C, P>,
        asked: &[bool; P],
        unresolved: &mut [bool; P],
    ) -> [bool; P] {
        let mut again = [false; P];
        for index in 0..self.watched.len() {
            let s = self.watched[index];
            let support = &factor.supports[s];
            for side in 0..2 {
                // The middle bearer is in both halves.
                let twin = side == 1 && support.halves[0].bearer == support.halves[1].bearer;
                for p in 0..P {
                    if !(asked[p] && self.supports[s].watch[side][p]) {
                        continue;
                    }
                    let mut forces = [0.0; 2];
                    let mut before = [0.0; 2];
                    for rail in 0..C / 2 {
                        let c = 2 * rail + side;
                        let motion = &self.supports[s];
                        let b = rails.b[support.node].w[c][p];
                        forces[rail] =
                            motion.force[c][p] + support.link[c] * (b - motion.answer[c][p]);
                        before[rail] = self.extra_at_seat(s, c, p, factor);
                    }
                    unresolved[p] |= !self.settle(s, side, p, factor, forces);
                    for rail in 0..C / 2 {
                        let c = 2 * rail + side;
                        let moved = self.extra_at_seat(s, c, p, factor) - before[rail];
                        let motion = &mut self.supports[s];
                        if (support.link[c] * moved).abs() > PAD_TOLERANCE_N {
                            motion.answer[c][p] += moved;
                            again[p] = true;
                            if !twin {
                                let push = support.link[c] * moved;
                                rails.push_node(support.node, c, p, push);
                            }
                        } else {
                            motion.late[c][p] += moved;
                        }
                    }
                }
            }
        }
        again
    }

    /// State of a point of a bearer at the end of the step that was solved, from the initial state.
    pub(crate) fn point(
        &self,
        factor: &BearerFactor<C>,
        rails: &RailMotion<C, P>,
        probe: &Probe,
        p: usize,
    ) -> PointState {
        let (side, s) = factor.place[probe.bearer];
        let support = &factor.supports[s];
        let motion = &self.supports[s];
        let mut forces = [0.0; 2];
        // What the modes left out add, as if they were springs.
        let (mut u, mut v, mut a) = (0.0, 0.0, 0.0);
        for rail in 0..C / 2 {
            let c = 2 * rail + side;
            let b = rails.b[support.node].w[c][p];
            let force = motion.force[c][p] + support.link[c] * (b - motion.answer[c][p]);
            let [last, before] = [motion.past[0][c][p], motion.past[1][c][p]];
            let residual = probe.residual_m_n[rail];
            u += residual * force;
            v += residual * (force - last);
            a += residual * ((force - last) - (last - before));
            forces[rail] = force;
        }
        for (j, shape) in probe.shape.iter().enumerate() {
            let mode = &factor.modes[s * factor.count + j];
            let (q, q_v) = (
                self.q[s * factor.count + j][side][p],
                self.v[s * factor.count + j][side][p],
            );
            let mut b = mode.drive[side] * forces[0];
            if C == 4 {
                b += mode.drive[2 + side] * forces[1];
            }
            b -= mode.stiff[side] * q + mode.damp[side] * q_v;
            if motion.any {
                b += self.extra[s * factor.count + j][side][p];
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
    pub(crate) fn peaks_n(&self, factor: &BearerFactor<C>, p: usize) -> Vec<f64> {
        factor
            .place
            .iter()
            .map(|&(side, s)| self.supports[s].peak_n[side][p])
            .collect()
    }

    /// Ballast does not carry some piece of a bearer that it carried at the start, or the other way
    /// round.
    pub(crate) fn any_open(&self, p: usize) -> bool {
        let open = |s: &usize| self.supports[*s].pseudo_n.iter().any(|n| n[p] != 0.0);
        self.watched.iter().any(open)
    }

    /// Some bearer is looked at piece by piece in this step.
    pub(crate) fn any_watched(&self) -> bool {
        !self.watched.is_empty()
    }
}

/// Ballast force at the end of a step: that of mode 0 in the linear bed, less the pseudo-forces.
#[inline(always)]
fn note_peak<const C: usize, const P: usize>(
    motion: &mut SupportMotion<C, P>,
    support: &Support<C>,
    q: &[[f64; P]; 2],
    v: &[[f64; P]; 2],
    b: &[[f64; P]; 2],
) {
    for (side, half) in support.halves.iter().enumerate() {
        for p in 0..P {
            let u = q[side][p] + 0.25 * b[side][p];
            let v = v[side][p] + 0.5 * b[side][p];
            let linear = half.root_mass * (half.ballast * u + half.damping * v);
            let force = half.static_n + linear - motion.pseudo_n[side][p];
            if force > motion.peak_n[side][p] {
                motion.peak_n[side][p] = force;
            }
        }
    }
}
