//! Robust statistics over small samples, deterministic and free of NaN.

/// Median; the mean of the middle two for an even count; `None` for an empty slice.
/// The input must be free of NaN (it is ordered with `total_cmp`).
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some(0.5 * (sorted[middle - 1] + sorted[middle])),
    }
}

/// Factor that makes the median absolute deviation an estimate of a Gaussian's standard deviation,
/// 1/Phi^-1(3/4).
const MAD_TO_SIGMA: f64 = 1.482_602_218_505_602;

/// Standard deviation of the bulk of `residuals` (about zero) by the median absolute deviation, with
/// `parameters` fitted parameters allowed for by n/(n - p); `None` if there are not more residuals
/// than parameters.
pub(crate) fn robust_sigma(residuals: &[f64], parameters: f64) -> Option<f64> {
    let n = residuals.len() as f64;
    if n <= parameters {
        return None;
    }
    let sizes: Vec<f64> = residuals.iter().map(|r| r.abs()).collect();
    median(&sizes).map(|mad| MAD_TO_SIGMA * mad * libm::sqrt(n / (n - parameters)))
}

/// Weight of a residual `z` (in standard deviations) in Huber's M-estimator; tuning constant 1.345:
/// 95 % efficiency on Gaussian data (Huber, Robust Statistics, 1981).
pub(crate) fn huber_weight(z: f64) -> f64 {
    const K: f64 = 1.345;
    if z.abs() <= K { 1.0 } else { K / z.abs() }
}

/// Inverse of a symmetric positive definite matrix of order `N` by Gauss-Jordan elimination without
/// pivoting (stable for this class); `None` if a pivot is not positive.
pub(crate) fn invert_spd<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut a = *matrix;
    let mut inverse = [[0.0; N]; N];
    for (i, row) in inverse.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    for k in 0..N {
        let pivot = a[k][k];
        if !(pivot.is_finite() && pivot > 0.0) {
            return None;
        }
        for j in 0..N {
            a[k][j] /= pivot;
            inverse[k][j] /= pivot;
        }
        let (row_a, row_inverse) = (a[k], inverse[k]);
        for i in (0..N).filter(|&i| i != k) {
            let factor = a[i][k];
            for j in 0..N {
                a[i][j] -= factor * row_a[j];
                inverse[i][j] -= factor * row_inverse[j];
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_even_odd_and_nothing() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn one_wild_value_barely_moves_the_scatter() {
        let mut residuals: Vec<f64> = (-50..=50).map(|i| f64::from(i) / 25.0).collect();
        let before = robust_sigma(&residuals, 0.0).unwrap();
        residuals.push(1e9);
        let after = robust_sigma(&residuals, 0.0).unwrap();
        assert!((after / before - 1.0).abs() < 0.03, "{before} {after}");
        assert_eq!(robust_sigma(&[1.0, 2.0], 2.0), None);
    }

    #[test]
    fn inverse_times_matrix_is_identity_and_a_singular_matrix_is_refused() {
        let a = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]];
        let b = invert_spd(&a).unwrap();
        for (i, row) in a.iter().enumerate() {
            for j in 0..3 {
                let sum: f64 = row.iter().zip(&b).map(|(a, b)| a * b[j]).sum();
                assert!((sum - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
        assert_eq!(invert_spd(&[[1.0, 1.0], [1.0, 1.0]]), None);
        assert_eq!(invert_spd(&[[f64::NAN]]), None);
    }
}
