//! Unilateral ballast under one bearer: which pieces carry, and the forces that cancel the linear
//! ballast where they do not.

use pulp::{Simd, f64x4};

use super::bearer_factor::Mode;
use super::lanes::{Four, Ops};
use crate::track::BallastLaw;
use crate::track::two_rail_model::{BALLAST_POINTS, BallastPoint};

/// Rounds of the iteration for the pseudo-forces of one bearer; the law jumps at touchdown, so that
/// a step may have no solution.
const ROUNDS_MAX: usize = 24;
/// Room for the modes of a bearer.
pub(super) const MODES_MAX: usize = 16;
/// Room for its pieces, in fours.
pub(super) const FOURS_MAX: usize = BALLAST_POINTS.div_ceil(4);

/// Calls the version of a method for the number of fours of the pieces, which is known there where the loops are compiled.
macro_rules! by_fours {
    ($pieces:ident . $method:ident :: <$simd:ty> ($($argument:expr),*)) => {
        match $pieces.fours {
            1 => $pieces.$method::<$simd, 1>($($argument),*),
            2 => $pieces.$method::<$simd, 2>($($argument),*),
            3 => $pieces.$method::<$simd, 3>($($argument),*),
            _ => $pieces.$method::<$simd, FOURS_MAX>($($argument),*),
        }
    };
}

/// A piece of ballast.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    shape: Vec<f64>,
    stiffness: f64,
    damping: f64,
    /// Displacement in the initial state less the gap, m.
    pub(super) compression_m: f64,
    /// Pseudo-force in the initial state, N.
    static_n: f64,
}

impl Piece {
    pub(super) fn new(point: &BallastPoint, modes: &[f64], open: bool, step_s: f64) -> Self {
        let u: f64 = point.shape.iter().zip(modes).map(|(a, b)| a * b).sum();
        let compression_m = u - point.gap_m;
        Self {
            shape: point.shape.clone(),
            stiffness: point.stiffness_n_m,
            damping: point.damping_n_s_m / step_s,
            compression_m,
            static_n: if open {
                point.stiffness_n_m * compression_m
            } else {
                0.0
            },
        }
    }
}

/// The pieces of a bearer, in fours.
///
/// Within a step pieces answer to forces on pieces by a matrix, so the iteration needs no modes.
#[derive(Debug, Clone)]
pub(super) struct Pieces {
    /// What each piece answers to a unit force on each other, as `b`: column by column.
    answer: Vec<Fours>,
    /// The same to a unit force of each rail's pad; and what a unit force on a piece moves at the seats.
    seats: [Fours; 2],
    /// What each mode answers to a unit force on each piece, as `b`.
    modes: Vec<Fours>,
    /// Shape of each mode.
    shapes: Vec<Fours>,
    /// Largest modulus of each.
    largest_shapes: Vec<f64>,
    stiffness: Fours,
    damping: Fours,
    compression_m: Fours,
    static_n: Fours,
    /// One where a piece has a stiffness, so that it lets go of what pulls; else zero.
    opens: Fours,
    /// Minus infinity where there is a piece, infinity in empty places.
    floor_n: Fours,
    least_stiffness: f64,
    fours: usize,
}

/// A value for each piece.
pub(super) type Fours = [Four; FOURS_MAX];

/// The pieces of a bearer at the end of the step if there were no pseudo-forces: compression from
/// the gap on, and velocity times the step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Free {
    pub(super) u: Fours,
    pub(super) v: Fours,
}

impl Free {
    /// Pieces that lie in their bed.
    pub(super) const CLOSED: Self = Self {
        u: [Four(f64x4(1.0, 1.0, 1.0, 1.0)); FOURS_MAX],
        v: [Four::ZERO; FOURS_MAX],
    };
}

/// What the pseudo-forces have to fit, and how closely.
pub(super) struct Asked<'a> {
    pub(super) law: BallastLaw,
    /// Change that counts as none, N.
    pub(super) settled_n: f64,
    pub(super) free: &'a Free,
}

/// What came of an iteration.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settled {
    /// The pseudo-forces agree with the state that they make.
    pub(super) converged: bool,
    /// A piece took up or let go.
    pub(super) touched: bool,
    /// Some piece has a pseudo-force.
    pub(super) lifted: bool,
}

/// What pseudo-forces beyond those of the start do.
pub(super) struct Sums {
    /// Their sum, N.
    pub(super) total_n: f64,
    /// What they move at the seats, as `b`.
    pub(super) seats: [f64; 2],
}

impl Pieces {
    pub(super) fn new(pieces: &[Piece], modes: &[Mode]) -> Self {
        // The law sees the first modes alone.
        let seen = pieces.first().map_or(0, |p| p.shape.len());
        let modes = &modes[..modes.len().min(seen)];
        let of = |f: &dyn Fn(&Piece) -> f64| -> Fours {
            let mut fours = [Four::ZERO; FOURS_MAX];
            for (i, piece) in pieces.iter().enumerate().take(4 * FOURS_MAX) {
                *fours[i / 4].at(i % 4) = f(piece);
            }
            fours
        };
        let mut compression_m = of(&|p| p.compression_m);
        // Empty places carry nothing and never lift.
        for i in pieces.len()..4 * FOURS_MAX {
            *compression_m[i / 4].at(i % 4) = 1.0;
        }
        let mut floor_n = [Four::splat(f64::INFINITY); FOURS_MAX];
        for i in 0..pieces.len().min(4 * FOURS_MAX) {
            *floor_n[i / 4].at(i % 4) = f64::NEG_INFINITY;
        }
        let product = |p: &Piece, to: &dyn Fn(usize) -> f64| -> f64 {
            (0..modes.len()).map(|j| p.shape[j] * to(j)).sum()
        };
        let column = |q: &Piece| of(&|p| product(p, &|j| modes[j].answer * q.shape[j]));
        Self {
            answer: pieces.iter().map(column).collect(),
            seats: [0, 1].map(|rail| of(&|p| product(p, &|j| modes[j].drive[rail]))),
            modes: (0..modes.len())
                .map(|j| of(&|p| modes[j].answer * p.shape[j]))
                .collect(),
            shapes: (0..modes.len()).map(|j| of(&|p| p.shape[j])).collect(),
            largest_shapes: (0..modes.len())
                .map(|j| {
                    pieces
                        .iter()
                        .fold(0.0, |most: f64, p| most.max(p.shape[j].abs()))
                })
                .collect(),
            floor_n,
            least_stiffness: pieces
                .iter()
                .map(|p| p.stiffness)
                .fold(f64::INFINITY, f64::min),
            opens: of(&|p| f64::from(u8::from(p.stiffness > 0.0))),
            stiffness: of(&|p| p.stiffness),
            damping: of(&|p| p.damping),
            compression_m,
            static_n: of(&|p| p.static_n),
            fours: pieces.len().div_ceil(4),
        }
    }

    /// Largest modulus of the shape of a mode at the pieces.
    pub(super) fn largest_shape(&self, mode: usize) -> f64 {
        self.largest_shapes.get(mode).copied().unwrap_or(0.0)
    }

    /// Smallest stiffness of a piece, N/m.
    pub(super) fn least_stiffness(&self) -> f64 {
        self.least_stiffness
    }

    /// Largest force that a unit change of the force of each rail's pad may take from a piece within
    /// a step.
    pub(super) fn relief(&self) -> [f64; 2] {
        self.seats.each_ref().map(|seat| {
            let mut largest: f64 = 0.0;
            for four in 0..self.fours {
                for i in 0..4 {
                    let [stiffness, damping] =
                        [&self.stiffness, &self.damping].map(|v| v[four].get(i));
                    let rate = 0.25 * stiffness + 0.5 * damping;
                    largest = largest.max(rate * seat[four].get(i).abs());
                }
            }
            largest
        })
    }

    pub(super) fn fours(&self) -> usize {
        self.fours
    }

    pub(super) fn static_n(&self) -> &[Four] {
        &self.static_n[..self.fours]
    }

    /// State of the pieces for modes at `q` with velocities `v`, without pseudo-forces, and the least force
    /// on any piece, N.
    #[inline(always)]
    pub(super) fn look<S: Simd<f64s = f64x4>>(
        &self,
        o: Ops<S>,
        q: &[f64; MODES_MAX],
        v: &[f64; MODES_MAX],
        free: &mut Free,
    ) -> f64 {
        by_fours!(self.look_at::<S>(o, q, v, free))
    }

    #[inline(always)]
    fn look_at<S: Simd<f64s = f64x4>, const N: usize>(
        &self,
        o: Ops<S>,
        q: &[f64; MODES_MAX],
        v: &[f64; MODES_MAX],
        free: &mut Free,
    ) -> f64 {
        let (u, v) = (self.at_pieces::<S, N>(o, q), self.at_pieces::<S, N>(o, v));
        let mut least = Four::splat(f64::INFINITY).0;
        for f in 0..N {
            let u = o.add(self.compression_m[f].0, u[f]);
            free.u[f] = Four(u);
            free.v[f] = Four(v[f]);
            let spring = o.mul(self.stiffness[f].0, u);
            let total = o.add(spring, o.mul(self.damping[f].0, v[f]));
            least = o.min(least, o.max(o.min(spring, total), self.floor_n[f].0));
        }
        let [a, b, c, d] = Four(least).to_array();
        a.min(b).min(c.min(d))
    }

    /// Values at the pieces of modes with the coefficients `q`: even and odd modes apart.
    #[inline(always)]
    fn at_pieces<S: Simd<f64s = f64x4>, const N: usize>(
        &self,
        o: Ops<S>,
        q: &[f64; MODES_MAX],
    ) -> [f64x4; N] {
        let zero = Four::ZERO.0;
        let (mut even, mut odd) = ([zero; N], [zero; N]);
        for (shapes, q) in self.shapes.chunks(2).zip(q.chunks(2)) {
            let by = Four::splat(q[0]).0;
            for f in 0..N {
                even[f] = o.add(even[f], o.mul(shapes[0][f].0, by));
            }
            if let Some(shape) = shapes.get(1) {
                let by = Four::splat(q[1]).0;
                for f in 0..N {
                    odd[f] = o.add(odd[f], o.mul(shape[f].0, by));
                }
            }
        }
        for f in 0..N {
            even[f] = o.add(even[f], odd[f]);
        }
        even
    }

    /// Adds what changes of the pad forces do.
    #[inline(always)]
    pub(super) fn add_pads<S: Simd<f64s = f64x4>>(
        &self,
        o: Ops<S>,
        free: &mut Free,
        changes_n: [f64; 2],
    ) {
        let changes = [Four::splat(changes_n[0]).0, Four::splat(changes_n[1]).0];
        for four in 0..self.fours {
            let left = o.mul(self.seats[0][four].0, changes[0]);
            let b = o.add(left, o.mul(self.seats[1][four].0, changes[1]));
            free.u[four] = Four(o.add(free.u[four].0, o.mul(Four::splat(0.25).0, b)));
            free.v[four] = Four(o.add(free.v[four].0, o.mul(Four::splat(0.5).0, b)));
        }
    }

    /// Modes that the law sees.
    pub(super) fn modes(&self) -> usize {
        self.modes.len()
    }

    /// What the pseudo-forces do as a whole.
    #[inline(always)]
    pub(super) fn sums<S: Simd<f64s = f64x4>>(&self, o: Ops<S>, pseudo: &[Four]) -> Sums {
        by_fours!(self.sums_of::<S>(o, pseudo))
    }

    #[inline(always)]
    fn sums_of<S: Simd<f64s = f64x4>, const N: usize>(&self, o: Ops<S>, pseudo: &[Four]) -> Sums {
        let beyond = self.beyond::<S, N>(o, pseudo);
        let mut total_n = 0.0;
        for four in beyond {
            total_n += Four(four).sum();
        }
        Sums {
            total_n,
            seats: [
                sum_of_products(o, &self.seats[0], &beyond),
                sum_of_products(o, &self.seats[1], &beyond),
            ],
        }
    }

    /// What the pseudo-forces add to `b` of each mode.
    #[inline(always)]
    pub(super) fn extra<S: Simd<f64s = f64x4>>(
        &self,
        o: Ops<S>,
        pseudo: &[Four],
    ) -> [f64; MODES_MAX] {
        by_fours!(self.extra_of::<S>(o, pseudo))
    }

    #[inline(always)]
    fn extra_of<S: Simd<f64s = f64x4>, const N: usize>(
        &self,
        o: Ops<S>,
        pseudo: &[Four],
    ) -> [f64; MODES_MAX] {
        let beyond = self.beyond::<S, N>(o, pseudo);
        let mut extra = [0.0; MODES_MAX];
        for (extra, mode) in extra.iter_mut().zip(&self.modes) {
            *extra = sum_of_products(o, mode, &beyond);
        }
        extra
    }

    /// Pseudo-forces less those of the start.
    #[inline(always)]
    fn beyond<S: Simd<f64s = f64x4>, const N: usize>(
        &self,
        o: Ops<S>,
        pseudo: &[Four],
    ) -> [f64x4; N] {
        let mut beyond = [Four::ZERO.0; N];
        for f in 0..N {
            beyond[f] = o.sub(pseudo[f].0, self.static_n[f].0);
        }
        beyond
    }

    /// Iterates on the pseudo-forces with the state at the end of the step, from those of the last one.
    #[inline(always)]
    pub(super) fn settle<S: Simd<f64s = f64x4>>(
        &self,
        o: Ops<S>,
        asked: &Asked<'_>,
        pseudo: &mut [Four],
    ) -> Settled {
        by_fours!(self.iterate::<S>(o, asked, pseudo))
    }

    #[inline(always)]
    fn iterate<S: Simd<f64s = f64x4>, const N: usize>(
        &self,
        o: Ops<S>,
        asked: &Asked<'_>,
        pseudo: &mut [Four],
    ) -> Settled {
        let mut result = Settled::default();
        let zero = Four::ZERO.0;
        // Loops, not closures: those would be compiled without the instruction set.
        let mut beyond = self.beyond::<S, N>(o, pseudo);
        let mut now = [zero; N];
        for f in 0..N {
            now[f] = pseudo[f].0;
        }
        for _ in 0..ROUNDS_MAX {
            let push = self.answer_to(o, &beyond);
            let mut largest_n = zero;
            for f in 0..N {
                let next = self.next(o, asked, f, push[f]);
                largest_n = o.max(largest_n, o.abs(o.sub(next, now[f])));
                now[f] = next;
                beyond[f] = o.sub(next, self.static_n[f].0);
            }
            if !Four(largest_n).any_above(asked.settled_n) {
                result.converged = true;
                break;
            }
        }
        let (mut touched, mut lifted) = (zero, zero);
        for f in 0..N {
            let open = o.above_zero(o.abs(now[f]));
            let was = o.above_zero(o.abs(pseudo[f].0));
            touched = o.add(touched, o.abs(o.sub(open, was)));
            lifted = o.add(lifted, open);
        }
        result.touched = Four(touched).any_above(0.0);
        result.lifted = Four(lifted).any_above(0.0);
        for f in 0..N {
            pseudo[f] = Four(now[f]);
        }
        result
    }

    /// What forces on the pieces make of each, as `b`. Most forces are zero.
    #[inline(always)]
    fn answer_to<S: Simd<f64s = f64x4>, const N: usize>(
        &self,
        o: Ops<S>,
        forces: &[f64x4; N],
    ) -> [f64x4; N] {
        let mut push = [Four::ZERO.0; N];
        for (four, columns) in forces.iter().zip(self.answer.chunks(4)) {
            let four = Four(*four);
            for (i, column) in columns.iter().enumerate() {
                let force = four.get(i);
                if force != 0.0 {
                    let force = Four::splat(force).0;
                    for f in 0..N {
                        push[f] = o.add(push[f], o.mul(column[f].0, force));
                    }
                }
            }
        }
        push
    }

    /// Pseudo-forces by the law in the state that `push` adds to.
    #[inline(always)]
    fn next<S: Simd<f64s = f64x4>>(
        &self,
        o: Ops<S>,
        asked: &Asked<'_>,
        f: usize,
        push: f64x4,
    ) -> f64x4 {
        let zero = Four::ZERO.0;
        let u = o.add(asked.free.u[f].0, o.mul(Four::splat(0.25).0, push));
        let v = o.add(asked.free.v[f].0, o.mul(Four::splat(0.5).0, push));
        let spring = o.mul(self.stiffness[f].0, u);
        let linear = o.add(spring, o.mul(self.damping[f].0, v));
        let off = o.sub(Four::splat(1.0).0, o.above_zero(u));
        if asked.law == BallastLaw::Unilateral {
            // What pulls is cancelled wherever the piece is, what pushes only where it does not touch.
            let pulls = o.mul(o.min(linear, zero), o.max(off, self.opens[f].0));
            o.add(o.mul(o.max(linear, zero), off), pulls)
        } else {
            o.mul(linear, off)
        }
    }
}

#[inline(always)]
fn sum_of_products<S: Simd<f64s = f64x4>, const N: usize>(
    o: Ops<S>,
    a: &Fours,
    b: &[f64x4; N],
) -> f64 {
    let mut sum = Four::ZERO.0;
    for (a, b) in a.iter().zip(b) {
        sum = o.add(sum, o.mul(a.0, *b));
    }
    Four(sum).sum()
}
