//! Unilateral ballast under one bearer: which pieces carry, and the forces that cancel the linear
//! ballast where they do not.

use super::bearer_factor::Mode;
use crate::track::BallastLaw;
use crate::track::two_rail_model::BallastPoint;

/// Rounds of the iteration for the pseudo-forces of one bearer; the law jumps at touchdown, so that
/// a step may have no solution.
const ROUNDS_MAX: usize = 24;
/// Change of a pseudo-force that counts as none, N.
const SETTLED_N: f64 = 1e-4;
/// Room for the modes of a bearer.
const MODES_MAX: usize = 16;

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
#[derive(Debug, Clone)]
pub(super) struct Pieces {
    /// Modes that the law sees.
    modes: usize,
    /// Shapes: mode by mode, then fours.
    shapes: Vec<[f64; 4]>,
    stiffness: Vec<[f64; 4]>,
    damping: Vec<[f64; 4]>,
    compression_m: Vec<[f64; 4]>,
    static_n: Vec<[f64; 4]>,
}

/// What a round of the iteration saw.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Largest change of a pseudo-force.
    largest_n: f64,
    touched: bool,
}

/// State of a bearer's modes within a step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    pub(super) q: [f64; MODES_MAX],
    pub(super) v: [f64; MODES_MAX],
    /// `b` without pseudo-forces, and what they add.
    pub(super) b: [f64; MODES_MAX],
    pub(super) extra: [f64; MODES_MAX],
    /// A piece took up or let go.
    pub(super) touched: bool,
}

impl Pieces {
    pub(super) fn new(pieces: &[Piece], modes: usize) -> Self {
        let fours = pieces.len().div_ceil(4);
        let of = |f: &dyn Fn(&Piece) -> f64| -> Vec<[f64; 4]> {
            (0..fours)
                .map(|four| [0, 1, 2, 3].map(|i| pieces.get(4 * four + i).map_or(0.0, f)))
                .collect()
        };
        let mut compression_m = of(&|p| p.compression_m);
        // Empty places carry nothing and never lift.
        for i in pieces.len()..4 * fours {
            compression_m[i / 4][i % 4] = 1.0;
        }
        let modes = pieces.first().map_or(0, |p| p.shape.len().min(modes));
        Self {
            modes,
            shapes: (0..modes).flat_map(|j| of(&|p| p.shape[j])).collect(),
            stiffness: of(&|p| p.stiffness),
            damping: of(&|p| p.damping),
            compression_m,
            static_n: of(&|p| p.static_n),
        }
    }

    pub(super) fn fours(&self) -> usize {
        self.stiffness.len()
    }

    pub(super) fn static_n(&self) -> &[[f64; 4]] {
        &self.static_n
    }

    /// Iterates on the pseudo-forces with the state at the end of the step. Whether they settled, and
    /// their sum beyond that of the start.
    pub(super) fn settle(
        &self,
        modes: &[Mode],
        law: BallastLaw,
        work: &mut Work,
        pseudo: &mut [[f64; 4]],
    ) -> (bool, f64) {
        let mut sum = 0.0;
        let modes = &modes[..self.modes];
        for _ in 0..ROUNDS_MAX {
            let (mut end_u, mut end_v) = ([0.0; MODES_MAX], [0.0; MODES_MAX]);
            for j in 0..modes.len() {
                let b = work.b[j] + work.extra[j];
                end_u[j] = work.q[j] + 0.25 * b;
                end_v[j] = work.v[j] + 0.5 * b;
            }
            let mut push = [[0.0; 4]; MODES_MAX];
            let mut seen = Seen::default();
            let mut beyond_any = false;
            sum = 0.0;
            for (four, pseudo) in pseudo.iter_mut().enumerate() {
                let beyond =
                    self.round(four, modes.len(), law, (&end_u, &end_v), pseudo, &mut seen);
                if beyond.iter().all(|n| *n == 0.0) {
                    continue;
                }
                beyond_any = true;
                sum += (beyond[0] + beyond[1]) + (beyond[2] + beyond[3]);
                for (j, push) in push.iter_mut().enumerate().take(modes.len()) {
                    let shape = &self.shapes[j * self.fours() + four];
                    for i in 0..4 {
                        push[i] += shape[i] * beyond[i];
                    }
                }
            }
            for (j, mode) in modes.iter().enumerate() {
                let p = push[j];
                work.extra[j] = if beyond_any {
                    mode.answer * ((p[0] + p[1]) + (p[2] + p[3]))
                } else {
                    0.0
                };
            }
            work.touched |= seen.touched;
            if seen.largest_n <= SETTLED_N {
                return (true, sum);
            }
        }
        (false, sum)
    }

    /// One look at four pieces; their pseudo-forces beyond those of the start.
    #[inline]
    fn round(
        &self,
        four: usize,
        modes: usize,
        law: BallastLaw,
        (end_u, end_v): (&[f64; MODES_MAX], &[f64; MODES_MAX]),
        pseudo: &mut [f64; 4],
        seen: &mut Seen,
    ) -> [f64; 4] {
        let (mut u, mut v) = (self.compression_m[four], [0.0; 4]);
        for j in 0..modes {
            let shape = &self.shapes[j * self.fours() + four];
            for i in 0..4 {
                u[i] += shape[i] * end_u[j];
                v[i] += shape[i] * end_v[j];
            }
        }
        let mut beyond = [0.0; 4];
        for i in 0..4 {
            let linear = self.stiffness[four][i] * u[i] + self.damping[four][i] * v[i];
            let clipped = law == BallastLaw::Unilateral && linear <= 0.0;
            let next = if u[i] > 0.0 && !(clipped && self.stiffness[four][i] > 0.0) {
                0.0
            } else {
                linear
            };
            seen.largest_n = seen.largest_n.max((next - pseudo[i]).abs());
            seen.touched |= (next == 0.0) != (pseudo[i] == 0.0);
            pseudo[i] = next;
            beyond[i] = next - self.static_n[four][i];
        }
        beyond
    }
}
