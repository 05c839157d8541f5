//! Modes of a free-free beam: the unknowns of a bearer.
//!
//! A bearer of uniform bending stiffness and mass has the modes of a free-free Euler-Bernoulli beam
//! (Blevins, *Formulas for Natural Frequency and Mode Shape*, 1979, table 8-1): two rigid ones and
//! bending modes with `cos(l) cosh(l) = 1`. Uniform ballast under it leaves the modes as they are
//! and adds `k/m` to each squared frequency and `c/m` to each damping term. With unit modal mass
//! the equations of a bearer are therefore diagonal, and a seat or any other point sees the sum of
//! the modes with their shapes there.

use std::f64::consts::PI;
use std::sync::LazyLock;

use super::two_rails::Bearer;

/// Largest number of modes of a bearer that is asked for.
pub(crate) const MODES_MAX: usize = 60;

/// Constants of the shape of a mode: they do not depend on the bearer, and every bearer of a turnout is another.
#[derive(Debug, Clone, Copy)]
struct ModeShape {
    /// Wave number times length.
    l: f64,
    s: f64,
    /// `(1 - s)/2 e^l`.
    growing: f64,
}

static MODE_SHAPES: LazyLock<[ModeShape; MODES_MAX]> =
    LazyLock::new(|| std::array::from_fn(ModeShape::new));

impl ModeShape {
    fn new(index: usize) -> Self {
        let l = solve_wave_number(index);
        // cosh - s sinh = (1+s)/2 e^-bx + (1-s)/2 e^bx, with 1 - s free of cancellation.
        let decay = libm::exp(-l);
        let (sin, cos) = (libm::sin(l), libm::cos(l));
        let scale = 1.0 - decay * decay - 2.0 * decay * sin;
        Self {
            l,
            s: 1.0 - 2.0 * decay * (cos - sin - decay) / scale,
            growing: (cos - sin - decay) / scale,
        }
    }
}

/// Wave number times length of mode `index` (0 and 1 are rigid).
fn wave_number(index: usize) -> f64 {
    MODE_SHAPES
        .get(index)
        .map_or_else(|| solve_wave_number(index), |shape| shape.l)
}

fn solve_wave_number(index: usize) -> f64 {
    if index < 2 {
        return 0.0;
    }
    // Newton on cos l - 1/cosh l from (n + 1/2) pi, n = index - 1; quadratic at once.
    let mut l = (index as f64 - 0.5) * PI;
    for _ in 0..6 {
        let cosh = libm::cosh(l);
        let f = libm::cos(l) - 1.0 / cosh;
        let df = -libm::sin(l) + libm::sinh(l) / (cosh * cosh);
        l -= f / df;
    }
    l
}

/// Shape of mode `index` at fraction `x` (0..1) of the length; its mean square is one.
fn shape(index: usize, x: f64) -> f64 {
    match index {
        0 => 1.0,
        1 => 12f64.sqrt() * (x - 0.5),
        _ => {
            let known = MODE_SHAPES.get(index).copied();
            let ModeShape { l, s, growing } = known.unwrap_or_else(|| ModeShape::new(index));
            let bx = l * x;
            // (1 - s)/2 e^bx, as one exponential that cannot overflow.
            let growing = growing * libm::exp(bx - l);
            0.5 * (1.0 + s) * libm::exp(-bx) + growing + libm::cos(bx) - s * libm::sin(bx)
        }
    }
}

/// Squared circular frequency of mode `index` without ballast, 1/s2.
pub(crate) fn omega_squared(bearer: &Bearer, index: usize) -> f64 {
    let l = wave_number(index) / bearer.length_m();
    bearer.bending_stiffness_n_m2 / bearer.mass_kg_m * l * l * l * l
}

/// Shape of mode `index` at `y_m`, normalised to unit modal mass, kg^-1/2.
pub(crate) fn modal_shape(bearer: &Bearer, index: usize, y_m: f64) -> f64 {
    let x = (bearer.left_end_y_m - y_m) / bearer.length_m();
    shape(index, x) / bearer.mass_kg().sqrt()
}

/// What holds a bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerSupport {
    /// Nothing: free-free.
    Free,
    /// Its ballast, without gaps.
    Ballast,
    /// Its ballast, and its pads against rails that stand still.
    BallastAndPads,
}

/// The lowest `count` natural frequencies of a bearer, Hz, ascending; rigid modes included (zero
/// when free).
///
/// With pads the bearer's modes couple: the eigenvalues are those of the modal stiffness matrix of
/// `count + 30` modes.
pub fn bearer_frequencies_hz(
    bearer: &Bearer,
    seats_y_m: [f64; 2],
    support: BearerSupport,
    count: usize,
) -> Vec<f64> {
    let modes = (count + 30).min(MODES_MAX);
    let ballast = match support {
        BearerSupport::Free => 0.0,
        _ => bearer.ballast_stiffness_n_m2 / bearer.mass_kg_m,
    };
    let mut matrix = vec![vec![0.0; modes]; modes];
    for (j, row) in matrix.iter_mut().enumerate() {
        row[j] = omega_squared(bearer, j) + ballast;
    }
    if support == BearerSupport::BallastAndPads {
        for (pad, y) in bearer.pads.iter().zip(seats_y_m) {
            let seat: Vec<f64> = (0..modes).map(|j| modal_shape(bearer, j, y)).collect();
            for (row, a) in matrix.iter_mut().zip(&seat) {
                for (value, b) in row.iter_mut().zip(&seat) {
                    *value += pad.stiffness_n_m * a * b;
                }
            }
        }
    }
    let mut squares = eigenvalues(matrix);
    squares.sort_by(f64::total_cmp);
    squares
        .iter()
        .take(count)
        .map(|w2| w2.max(0.0).sqrt() / (2.0 * PI))
        .collect()
}

/// Eigenvalues of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, *Matrix
/// Computations*, section 8.5).
fn eigenvalues(mut a: Vec<Vec<f64>>) -> Vec<f64> {
    let n = a.len();
    for _ in 0..60 {
        let mut changed = false;
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q].abs() <= 1e-15 * (a[p][p] * a[q][q]).abs().sqrt() {
                    continue;
                }
                changed = true;
                rotate(&mut a, p, q);
            }
        }
        if !changed {
            break;
        }
    }
    (0..n).map(|i| a[i][i]).collect()
}

/// Jacobi rotation that makes `a[p][q]` zero.
fn rotate(a: &mut [Vec<f64>], p: usize, q: usize) {
    let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for row in a.iter_mut() {
        let (x, y) = (row[p], row[q]);
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
    let (upper, lower) = a.split_at_mut(q);
    for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{GapProfile, Pad};

    fn bearer() -> Bearer {
        let pad = Pad {
            stiffness_n_m: 150e6,
            damping_n_s_m: 30e3,
        };
        Bearer {
            left_end_y_m: 1.3,
            right_end_y_m: -1.3,
            bending_stiffness_n_m2: 6e6,
            mass_kg_m: 300.0 / 2.6,
            ballast_stiffness_n_m2: 120e6 / 2.6,
            ballast_damping_n_s_m2: 160e3 / 2.6,
            gap: GapProfile::default(),
            pads: [pad; 2],
        }
    }

    /// Blevins, table 8-1.
    #[test]
    fn wave_numbers_are_the_tabulated_ones() {
        for (index, l) in [
            (2, 4.730_040_74),
            (3, 7.853_204_62),
            (4, 10.995_607_8),
            (5, 14.137_165_5),
        ] {
            assert!((wave_number(index) / l - 1.0).abs() < 1e-8);
        }
    }

    #[test]
    fn shapes_are_orthonormal() {
        let n = 4000_u32;
        for a in [0, 1, 2, 5, 13, 40] {
            for b in [0, 1, 2, 5, 13, 40] {
                let mean: f64 = (0..n)
                    .map(|i| {
                        let x = (f64::from(i) + 0.5) / f64::from(n);
                        shape(a, x) * shape(b, x)
                    })
                    .sum::<f64>()
                    / f64::from(n);
                let expected = f64::from(u8::from(a == b));
                assert!((mean - expected).abs() < 2e-3, "{a} {b} {mean}");
            }
        }
        for index in [2, 7, 30, 59] {
            assert!((shape(index, 0.0) - 2.0).abs() < 1e-9);
            assert!((shape(index, 1.0).abs() - 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn rigid_modes_stay_at_zero_and_ballast_shifts_all_alike() {
        let free = bearer_frequencies_hz(&bearer(), [0.75, -0.75], BearerSupport::Free, 5);
        assert!(free[0] == 0.0 && free[1] == 0.0);
        assert!((free[2] / 120.117_109 - 1.0).abs() < 1e-6);
        let held = bearer_frequencies_hz(&bearer(), [0.75, -0.75], BearerSupport::Ballast, 5);
        assert!((held[1] / 100.658_424 - 1.0).abs() < 1e-6);
        assert!((held[2] / 156.717_064 - 1.0).abs() < 1e-6);
    }
}
