//! Unilateral ballast under one bearer: which pieces carry, and the forces that cancel the linear
//! ballast where they do not.

use super::bearer_factor::Mode;
use crate::track::BallastLaw;
use crate::track::two_rail_model::{BALLAST_POINTS, BallastPoint};

/// Rounds of the iteration for the pseudo-forces of one bearer; the law jumps at touchdown, so that
/// a step may have no solution.
const ROUNDS_MAX: usize = 24;
/// Change of a pseudo-force that counts as none, N.
pub(super) const SETTLED_N: f64 = 1e-4;
/// The same before the rails are solved, N: less than what would ask for another solution.
pub(super) const EXPECTED_N: f64 = 0.05;
/// Room for the modes of a bearer.
pub(super) const MODES_MAX: usize = 16;
/// Room for its pieces, in fours.
pub(super) const FOURS_MAX: usize = BALLAST_POINTS.div_ceil(4);

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
    stiffness: Fours,
    damping: Fours,
    compression_m: Fours,
    static_n: Fours,
    fours: usize,
}

/// A value for each piece.
pub(super) type Fours = [[f64; 4]; FOURS_MAX];

/// The pieces of a bearer at the end of the step if there were no pseudo-forces: compression from
/// the gap on, and velocity times the step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Free {
    pub(super) u: Fours,
    pub(super) v: Fours,
}

/// What came of an iteration.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settled {
    /// The pseudo-forces agree with the state that they make.
    pub(super) converged: bool,
    /// Sum of the pseudo-forces beyond those of the start, N.
    pub(super) sum_n: f64,
    /// A piece took up or let go.
    pub(super) touched: bool,
    /// Some piece has a pseudo-force.
    pub(super) lifted: bool,
    /// What the pseudo-forces moved at the seats, as `b`, before and after.
    pub(super) before: [f64; 2],
    pub(super) after: [f64; 2],
}

impl Pieces {
    pub(super) fn new(pieces: &[Piece], modes: &[Mode]) -> Self {
        // The law sees the first modes alone.
        let seen = pieces.first().map_or(0, |p| p.shape.len());
        let modes = &modes[..modes.len().min(seen)];
        let of = |f: &dyn Fn(&Piece) -> f64| -> Fours {
            let mut fours = Fours::default();
            for (i, piece) in pieces.iter().enumerate().take(4 * FOURS_MAX) {
                fours[i / 4][i % 4] = f(piece);
            }
            fours
        };
        let mut compression_m = of(&|p| p.compression_m);
        // Empty places carry nothing and never lift.
        for i in pieces.len()..4 * FOURS_MAX {
            compression_m[i / 4][i % 4] = 1.0;
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
            stiffness: of(&|p| p.stiffness),
            damping: of(&|p| p.damping),
            compression_m,
            static_n: of(&|p| p.static_n),
            fours: pieces.len().div_ceil(4),
        }
    }

    /// Constants of piece `i`: shape of each mode, stiffness, damping over the step, compression.
    pub(super) fn piece(&self, i: usize) -> (Vec<f64>, [f64; 3]) {
        let at = |values: &Fours| values[i / 4][i % 4];
        let constants = [&self.stiffness, &self.damping, &self.compression_m];
        (self.shapes.iter().map(at).collect(), constants.map(at))
    }

    /// Largest force that a unit change of the force of each rail's pad may take from a piece within
    /// a step.
    pub(super) fn relief(&self) -> [f64; 2] {
        self.seats.each_ref().map(|seat| {
            let mut largest: f64 = 0.0;
            for four in 0..self.fours {
                for i in 0..4 {
                    let rate = 0.25 * self.stiffness[four][i] + 0.5 * self.damping[four][i];
                    largest = largest.max(rate * seat[four][i].abs());
                }
            }
            largest
        })
    }

    pub(super) fn fours(&self) -> usize {
        self.fours
    }

    pub(super) fn static_n(&self) -> &[[f64; 4]] {
        &self.static_n[..self.fours]
    }

    /// Adds what changes of the pad forces do.
    #[inline(always)]
    pub(super) fn add_pads(&self, free: &mut Free, changes_n: [f64; 2]) {
        for four in 0..self.fours {
            for i in 0..4 {
                let b =
                    self.seats[0][four][i] * changes_n[0] + self.seats[1][four][i] * changes_n[1];
                free.u[four][i] += 0.25 * b;
                free.v[four][i] += 0.5 * b;
            }
        }
    }

    /// Iterates on the pseudo-forces with the state at the end of the step, from those of the last
    /// one. `extra` becomes what they add to `b` of each mode.
    #[inline(always)]
    pub(super) fn settle(
        &self,
        law: BallastLaw,
        settled_n: f64,
        free: &Free,
        pseudo: &mut [[f64; 4]],
        extra: &mut [f64; MODES_MAX],
    ) -> Settled {
        let mut result = Settled::default();
        let mut beyond = Fours::default();
        for ((beyond, pseudo), rest) in beyond.iter_mut().zip(pseudo.iter()).zip(&self.static_n) {
            for i in 0..4 {
                beyond[i] = pseudo[i] - rest[i];
            }
        }
        result.before = self.at_seats(&beyond);
        for _ in 0..ROUNDS_MAX {
            let mut push = Fours::default();
            for (j, column) in self.answer.iter().enumerate() {
                let force = beyond[j / 4][j % 4];
                if force != 0.0 {
                    for (push, column) in push.iter_mut().zip(column).take(self.fours) {
                        for i in 0..4 {
                            push[i] += column[i] * force;
                        }
                    }
                }
            }
            let mut largest_n: f64 = 0.0;
            result.lifted = false;
            for (four, pseudo) in pseudo.iter_mut().enumerate() {
                for i in 0..4 {
                    let u = free.u[four][i] + 0.25 * push[four][i];
                    let v = free.v[four][i] + 0.5 * push[four][i];
                    let linear = self.stiffness[four][i] * u + self.damping[four][i] * v;
                    let clipped = law == BallastLaw::Unilateral && linear <= 0.0;
                    let carries = u > 0.0 && !(clipped && self.stiffness[four][i] > 0.0);
                    let next = if carries { 0.0 } else { linear };
                    let change = (next - pseudo[i]).abs();
                    largest_n = if change > largest_n {
                        change
                    } else {
                        largest_n
                    };
                    result.touched |= (next == 0.0) != (pseudo[i] == 0.0);
                    result.lifted |= next != 0.0;
                    pseudo[i] = next;
                    beyond[four][i] = next - self.static_n[four][i];
                }
            }
            if largest_n <= settled_n {
                result.converged = true;
                break;
            }
        }
        for (extra, mode) in extra.iter_mut().zip(&self.modes) {
            *extra = sum_of_products(mode, &beyond);
        }
        for four in beyond {
            result.sum_n += (four[0] + four[1]) + (four[2] + four[3]);
        }
        result.after = self.at_seats(&beyond);
        result
    }

    #[inline(always)]
    fn at_seats(&self, beyond: &Fours) -> [f64; 2] {
        [0, 1].map(|rail| sum_of_products(&self.seats[rail], beyond))
    }
}

#[inline(always)]
fn sum_of_products(a: &Fours, b: &Fours) -> f64 {
    let mut sum = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for i in 0..4 {
            sum[i] += a[i] * b[i];
        }
    }
    (sum[0] + sum[1]) + (sum[2] + sum[3])
}
