//! Small dense symmetric systems.

/// A symmetric positive definite matrix with its Cholesky factor.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    n: usize,
    matrix: Vec<f64>,
    /// Lower factor, row by row.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factorises the matrix, given by rows; `None` if it is not positive definite.
    pub(crate) fn new(matrix: Vec<f64>, n: usize) -> Option<Self> {
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let (row_i, row_j) = (&lower[i * n..i * n + j], &lower[j * n..j * n + j]);
                let sum: f64 = row_i.iter().zip(row_j).map(|(a, b)| a * b).sum();
                let rest = matrix[i * n + j] - sum;
                lower[i * n + j] = if i == j {
                    if !(rest > f64::EPSILON * matrix[i * n + i] && rest.is_finite()) {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / lower[j * n + j]
                };
            }
        }
        Some(Self { n, matrix, lower })
    }

    /// Solves in place.
    pub(crate) fn solve(&self, x: &mut [f64]) {
        let n = self.n;
        for i in 0..n {
            let row = &self.lower[i * n..i * n + i];
            let sum: f64 = row.iter().zip(&*x).map(|(a, b)| a * b).sum();
            x[i] = (x[i] - sum) / self.lower[i * n + i];
        }
        for i in (0..n).rev() {
            x[i] /= self.lower[i * n + i];
            let value = x[i];
            for (k, x_k) in x.iter_mut().enumerate().take(i) {
                *x_k -= self.lower[i * n + k] * value;
            }
        }
    }

    /// `y -= A x`.
    pub(crate) fn subtract_product(&self, x: &[f64], y: &mut [f64]) {
        for (y, row) in y.iter_mut().zip(self.matrix.chunks_exact(self.n)) {
            *y -= row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cholesky;

    #[test]
    fn solution_satisfies_the_equations() {
        let a = vec![4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 2.0];
        let factor = Cholesky::new(a, 3).unwrap();
        let b = [1.0, -2.0, 0.3];
        let mut x = b;
        factor.solve(&mut x);
        let mut rest = b;
        factor.subtract_product(&x, &mut rest);
        assert!(rest.iter().all(|r| r.abs() < 1e-15));
    }

    #[test]
    fn indefinite_matrix_is_refused() {
        assert!(Cholesky::new(vec![1.0, 2.0, 2.0, 1.0], 2).is_none());
    }
}
