//! Small dense blocks: the unit of storage of the banded solver.

/// A `B` x `B` matrix, row by row.
pub(crate) type Block<const B: usize> = [[f64; B]; B];
/// A vector of `B` components.
pub(crate) type Vector<const B: usize> = [f64; B];

/// `y - a x`, component by component.
#[inline]
pub(crate) fn subtract_product<const B: usize>(
    y: &mut Vector<B>,
    columns: &Block<B>,
    x: &Vector<B>,
) {
    for (column, &x_k) in columns.iter().zip(x) {
        for (y_i, &c) in y.iter_mut().zip(column) {
            *y_i -= c * x_k;
        }
    }
}

/// `y + a x`, component by component, with `a` stored by rows.
#[inline]
pub(crate) fn add_product<const B: usize>(y: &mut Vector<B>, rows: &Block<B>, x: &Vector<B>) {
    for (y_i, row) in y.iter_mut().zip(rows) {
        for (&r, &x_k) in row.iter().zip(x) {
            *y_i += r * x_k;
        }
    }
}

/// Scalar product.
#[inline]
pub(crate) fn dot<const B: usize>(a: &Vector<B>, b: &Vector<B>) -> f64 {
    let mut sum = 0.0;
    for (&a_i, &b_i) in a.iter().zip(b) {
        sum += a_i * b_i;
    }
    sum
}

/// Matrix product `a b`.
pub(crate) fn product<const B: usize>(a: &Block<B>, b: &Block<B>) -> Block<B> {
    let mut c = [[0.0; B]; B];
    for (c_row, a_row) in c.iter_mut().zip(a) {
        for (&a_ik, b_row) in a_row.iter().zip(b) {
            for (c_ij, &b_kj) in c_row.iter_mut().zip(b_row) {
                *c_ij += a_ik * b_kj;
            }
        }
    }
    c
}

/// Transpose.
pub(crate) fn transpose<const B: usize>(a: &Block<B>) -> Block<B> {
    let mut t = [[0.0; B]; B];
    for (i, row) in a.iter().enumerate() {
        for (j, &value) in row.iter().enumerate() {
            t[j][i] = value;
        }
    }
    t
}

/// `a - b`.
pub(crate) fn difference<const B: usize>(a: &Block<B>, b: &Block<B>) -> Block<B> {
    let mut c = *a;
    for (c_row, b_row) in c.iter_mut().zip(b) {
        for (c_ij, &b_ij) in c_row.iter_mut().zip(b_row) {
            *c_ij -= b_ij;
        }
    }
    c
}

/// Inverse by Gauss-Jordan elimination with row pivoting; `None` when a pivot vanishes against
/// the largest entry or is not finite.
pub(crate) fn inverse<const B: usize>(a: &Block<B>) -> Option<Block<B>> {
    let mut left = *a;
    let mut right = [[0.0; B]; B];
    for (i, row) in right.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    let scale = largest(a);
    for column in 0..B {
        let pivot_row =
            (column..B).max_by(|&i, &j| left[i][column].abs().total_cmp(&left[j][column].abs()))?;
        let pivot = left[pivot_row][column];
        if !pivot.is_finite() || pivot.abs() <= f64::EPSILON * f64::EPSILON * scale {
            return None;
        }
        left.swap(column, pivot_row);
        right.swap(column, pivot_row);
        for j in 0..B {
            left[column][j] /= pivot;
            right[column][j] /= pivot;
        }
        for i in 0..B {
            let factor = left[i][column];
            if i == column || factor == 0.0 {
                continue;
            }
            for j in 0..B {
                left[i][j] -= factor * left[column][j];
                right[i][j] -= factor * right[column][j];
            }
        }
    }
    Some(right)
}

fn largest<const B: usize>(a: &Block<B>) -> f64 {
    a.iter().flatten().fold(0.0, |m: f64, v| m.max(v.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_times_matrix_is_identity() {
        let a = [[0.0, 2.0, 1.0], [1.0, -3.0, 4.0], [5.0, 0.5, 1.0e-3]];
        let identity = product(&inverse(&a).unwrap(), &a);
        for (i, row) in identity.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((value - expected).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn singular_block_has_no_inverse() {
        assert!(inverse(&[[1.0, 2.0], [2.0, 4.0]]).is_none());
        assert!(inverse(&[[f64::NAN, 0.0], [0.0, 1.0]]).is_none());
    }
}
