//! Symmetric block-tridiagonal matrices and their twisted `L D L^T` factorisation.
//!
//! A rail on discrete supports, with the sleepers condensed onto the rail nodes above them, couples
//! only neighbouring nodes. Its matrices are block tridiagonal: `B` unknowns per node (two for one
//! rail, four for two rails, twice as many for a harmonic problem written in real numbers).
//!
//! **Twisted factorisation.** Substitution along the track is a chain in which every node waits for
//! the one before it, so its time is set by the latency of a multiplication and two subtractions,
//! not by the number of operations. Eliminating from both ends towards the middle node gives two
//! independent chains of half the length that a processor runs side by side.

use super::block::{
    Block, Vector, add_product, difference, dot, inverse, product, subtract_product, transpose,
};

/// Symmetric matrix with blocks on the diagonal and beside it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BlockTridiagonal<const B: usize> {
    /// Diagonal blocks.
    pub(crate) diagonal: Vec<Block<B>>,
    /// `lower[i]` couples node `i + 1` (row) with node `i` (column).
    pub(crate) lower: Vec<Block<B>>,
}

impl<const B: usize> BlockTridiagonal<B> {
    /// Zero matrix for `nodes` nodes.
    pub(crate) fn zeros(nodes: usize) -> Self {
        Self {
            diagonal: vec![[[0.0; B]; B]; nodes],
            lower: vec![[[0.0; B]; B]; nodes.saturating_sub(1)],
        }
    }

    /// `a self + b other`.
    pub(crate) fn combine(&self, a: f64, other: &Self, b: f64) -> Self {
        let blocks = |x: &[Block<B>], y: &[Block<B>]| -> Vec<Block<B>> {
            x.iter()
                .zip(y)
                .map(|(x, y)| {
                    let mut block = *x;
                    for (row, other_row) in block.iter_mut().zip(y) {
                        for (value, &other_value) in row.iter_mut().zip(other_row) {
                            *value = a * *value + b * other_value;
                        }
                    }
                    block
                })
                .collect()
        };
        Self {
            diagonal: blocks(&self.diagonal, &other.diagonal),
            lower: blocks(&self.lower, &other.lower),
        }
    }

    /// `y += self x`.
    pub(crate) fn multiply_add(&self, x: &[Vector<B>], y: &mut [Vector<B>]) {
        for ((y_i, block), x_i) in y.iter_mut().zip(&self.diagonal).zip(x) {
            add_product(y_i, block, x_i);
        }
        for (i, block) in self.lower.iter().enumerate() {
            add_product(&mut y[i + 1], block, &x[i]);
            let upper = transpose(block);
            add_product(&mut y[i], &upper, &x[i + 1]);
        }
    }

    /// `y = b - self x`.
    pub(crate) fn residual(&self, x: &[Vector<B>], b: &[Vector<B>], y: &mut [Vector<B>]) {
        for (((y_i, block), x_i), b_i) in y.iter_mut().zip(&self.diagonal).zip(x).zip(b) {
            *y_i = *b_i;
            for (out, row) in y_i.iter_mut().zip(block) {
                *out -= dot(row, x_i);
            }
        }
        for ((block, x_pair), i) in self.lower.iter().zip(x.windows(2)).zip(0..) {
            // y[i] -= block^T x[i+1], y[i+1] -= block x[i]
            subtract_product(&mut y[i], block, &x_pair[1]);
            for (out, row) in y[i + 1].iter_mut().zip(block) {
                *out -= dot(row, &x_pair[0]);
            }
        }
    }

    /// `x^T self x`.
    pub(crate) fn quadratic_form(&self, x: &[Vector<B>]) -> f64 {
        let mut y = vec![[0.0; B]; x.len()];
        self.multiply_add(x, &mut y);
        x.iter().zip(&y).map(|(x, y)| dot(x, y)).sum()
    }
}

/// A pivot vanished: the matrix is singular (or not finite) at this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SingularAt(pub(crate) usize);

/// Twisted `L D L^T` factors.
///
/// Node `i` below the middle is eliminated into `i + 1`, node `i` above it into `i - 1`:
/// `L_i = A_{next,i} D_i^-1`, `D_next -= L_i A_{i,next}`; the middle node is last.
#[derive(Debug, Clone)]
pub(crate) struct Factor<const B: usize> {
    middle: usize,
    /// `D_i^-1`, symmetric.
    inverse_pivot: Vec<Block<B>>,
    /// Columns of `L_i` (that is, `L_i^T` by rows).
    coupling: Vec<Block<B>>,
}

impl<const B: usize> Factor<B> {
    /// Factorises a matrix.
    pub(crate) fn new(matrix: &BlockTridiagonal<B>) -> Result<Self, SingularAt> {
        let nodes = matrix.diagonal.len();
        let middle = nodes / 2;
        let mut factor = Self {
            middle,
            inverse_pivot: vec![[[0.0; B]; B]; nodes],
            coupling: vec![[[0.0; B]; B]; nodes],
        };
        factor.eliminate_from(matrix, 0)?;
        factor.eliminate_from(matrix, nodes - 1)?;
        Ok(factor)
    }

    /// Pivots from `start` to the middle.
    fn eliminate_from(
        &mut self,
        matrix: &BlockTridiagonal<B>,
        start: usize,
    ) -> Result<(), SingularAt> {
        let mut node = start;
        loop {
            let pivot = self.pivot_block(matrix, node);
            let inverse_pivot = inverse(&pivot).ok_or(SingularAt(node))?;
            self.inverse_pivot[node] = inverse_pivot;
            if node == self.middle {
                return Ok(());
            }
            // L = A_{next,i} D^-1; D is symmetric, so L^T = D^-1 A_{i,next}.
            let (next, to_next) = if node < self.middle {
                (node + 1, transpose(&matrix.lower[node]))
            } else {
                (node - 1, matrix.lower[node - 1])
            };
            self.coupling[node] = product(&inverse_pivot, &to_next);
            node = next;
        }
    }

    fn pivot_block(&self, matrix: &BlockTridiagonal<B>, node: usize) -> Block<B> {
        let mut pivot = matrix.diagonal[node];
        if node > 0 && node <= self.middle {
            // A_{i,i-1} D_{i-1}^-1 A_{i-1,i} = A_{i,i-1} L^T
            let schur = product(&matrix.lower[node - 1], &self.coupling[node - 1]);
            pivot = difference(&pivot, &schur);
        }
        if node >= self.middle && node + 1 < matrix.diagonal.len() {
            let upper = transpose(&matrix.lower[node]);
            let schur = product(&upper, &self.coupling[node + 1]);
            pivot = difference(&pivot, &schur);
        }
        pivot
    }

    /// Solves in place: right-hand side in, solution out.
    pub(crate) fn solve(&self, b: &mut [Vector<B>]) {
        let nodes = b.len();
        let middle = self.middle;
        let (left, rest) = b.split_at_mut(middle);
        let Some((centre, right)) = rest.split_first_mut() else {
            return;
        };
        // Forward: z = L^-1 b on both chains, and D^-1 z in place, off the critical path.
        let left_factors = self.coupling[..middle]
            .iter()
            .zip(&self.inverse_pivot[..middle]);
        let right_factors = self.coupling[middle + 1..nodes]
            .iter()
            .zip(&self.inverse_pivot[middle + 1..nodes]);
        // The right chain is the shorter one, or as long: it leads the zip, which would otherwise
        // drop an item of the left chain when it ends.
        let mut from_left = [0.0; B];
        let mut from_right = [0.0; B];
        let mut left_chain = left.iter_mut().zip(left_factors.clone());
        let right_chain = right.iter_mut().zip(right_factors.clone()).rev();
        for ((c_i, others), (b_i, factors)) in right_chain.zip(left_chain.by_ref()) {
            from_left = forward(b_i, factors, &from_left);
            from_right = forward(c_i, others, &from_right);
        }
        for (b_i, factors) in left_chain {
            from_left = forward(b_i, factors, &from_left);
        }
        for ((c, l), r) in centre.iter_mut().zip(&from_left).zip(&from_right) {
            *c += l + r;
        }
        *centre = apply(&self.inverse_pivot[middle], centre);
        // Backward: x_i = D_i^-1 z_i - L_i^T x_next.
        let mut left_next = *centre;
        let mut right_next = *centre;
        let mut left_chain = left.iter_mut().zip(&self.coupling[..middle]).rev();
        let right_chain = right.iter_mut().zip(&self.coupling[middle + 1..nodes]);
        for ((c_i, r), (b_i, l)) in right_chain.zip(left_chain.by_ref()) {
            left_next = backward(b_i, l, &left_next);
            right_next = backward(c_i, r, &right_next);
        }
        for (b_i, l) in left_chain {
            left_next = backward(b_i, l, &left_next);
        }
    }
}

#[inline]
fn forward<const B: usize>(
    b: &mut Vector<B>,
    (coupling, inverse_pivot): (&Block<B>, &Block<B>),
    from_last: &Vector<B>,
) -> Vector<B> {
    let mut z = *b;
    add_vector(&mut z, from_last);
    *b = apply(inverse_pivot, &z);
    carry(coupling, &z)
}

#[inline]
fn backward<const B: usize>(b: &mut Vector<B>, coupling: &Block<B>, next: &Vector<B>) -> Vector<B> {
    // Rows of `coupling` are those of L^T.
    for (b_i, row) in b.iter_mut().zip(coupling) {
        for (&l, &x) in row.iter().zip(next) {
            *b_i -= l * x;
        }
    }
    *b
}

/// `- L z`, with `L^T` stored by rows.
#[inline]
fn carry<const B: usize>(coupling: &Block<B>, z: &Vector<B>) -> Vector<B> {
    let mut out = [0.0; B];
    subtract_product(&mut out, coupling, z);
    out
}

#[inline]
fn apply<const B: usize>(matrix: &Block<B>, x: &Vector<B>) -> Vector<B> {
    let mut y = [0.0; B];
    add_product(&mut y, matrix, x);
    y
}

#[inline]
fn add_vector<const B: usize>(a: &mut Vector<B>, b: &Vector<B>) {
    for (a_i, &b_i) in a.iter_mut().zip(b) {
        *a_i += b_i;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(nodes: usize) -> BlockTridiagonal<2> {
        let mut matrix = BlockTridiagonal::zeros(nodes);
        for (i, block) in matrix.diagonal.iter_mut().enumerate() {
            let d = 4.0 + (i % 3) as f64;
            *block = [[d, 0.3], [0.3, d + 1.0]];
        }
        for (i, block) in matrix.lower.iter_mut().enumerate() {
            let s = 1.0 + 0.1 * (i % 5) as f64;
            *block = [[-s, 0.2], [0.4 * s, -0.7]];
        }
        matrix
    }

    fn residual(matrix: &BlockTridiagonal<2>, x: &[[f64; 2]], b: &[[f64; 2]]) -> f64 {
        let mut y = vec![[0.0; 2]; b.len()];
        matrix.multiply_add(x, &mut y);
        y.iter()
            .flatten()
            .zip(b.iter().flatten())
            .fold(0.0, |m: f64, (y, b)| m.max((y - b).abs()))
    }

    #[test]
    fn solution_satisfies_the_equations_for_even_and_odd_sizes() {
        for nodes in [1, 2, 3, 8, 9, 21] {
            let matrix = example(nodes);
            let b: Vec<[f64; 2]> = (0..nodes).map(|i| [i as f64 - 2.0, 1.5]).collect();
            let mut x = b.clone();
            Factor::new(&matrix).unwrap().solve(&mut x);
            assert!(residual(&matrix, &x, &b) < 1e-13, "{nodes} nodes");
        }
    }

    #[test]
    fn singular_matrix_names_the_node() {
        let matrix = BlockTridiagonal::<2>::zeros(3);
        assert_eq!(Factor::new(&matrix).unwrap_err(), SingularAt(0));
    }
}
