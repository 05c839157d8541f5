//! Compensated sums and order statistics: the same bits for any split of the work, as long as the
//! order of the values is the same.

/// A running sum with Neumaier's compensation.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54
/// (1974): the error no longer grows with the number of terms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    sum: f64,
    compensation: f64,
}

impl Sum {
    /// An empty sum, which is 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one term.
    pub fn add(&mut self, term: f64) {
        let total = self.sum + term;
        // The larger operand keeps its digits: what was lost comes from the smaller one.
        self.compensation += if self.sum.abs() >= term.abs() {
            (self.sum - total) + term
        } else {
            (term - total) + self.sum
        };
        self.sum = total;
    }

    /// The sum of everything added so far.
    pub fn value(self) -> f64 {
        self.sum + self.compensation
    }
}

/// The compensated sum of `terms`, in their order.
pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut total = Sum::new();
    for term in terms {
        total.add(term);
    }
    total.value()
}

/// The arithmetic mean, `None` for no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values.iter().copied()) / values.len() as f64)
}

/// The quantile `p` in 0..=1 with linear interpolation between order statistics (Hyndman and Fan,
/// definition 7), `None` for no values.
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = p.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (position - below as f64) * (sorted[above] - sorted[below]))
}

/// The median (mean of the middle two for an even number), `None` for no values.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_terms_beside_a_large_one_are_kept() {
        let terms = [1.0, 1e100, 1.0, -1e100];
        let naive: f64 = terms.iter().sum();
        assert_eq!(
            naive.to_bits(),
            0.0_f64.to_bits(),
            "the naive sum loses both ones"
        );
        assert_eq!(sum(terms).to_bits(), 2.0_f64.to_bits());
    }

    #[test]
    fn ten_million_tenths_are_a_million() {
        let total = sum(std::iter::repeat_n(0.1, 10_000_000));
        assert!((total - 1e6).abs() < 1e-9, "{total}");
    }

    #[test]
    fn quantiles_interpolate_between_order_statistics() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(median(&values), Some(2.5));
        assert_eq!(quantile(&values, 0.0), Some(1.0));
        assert_eq!(quantile(&values, 1.0), Some(4.0));
        let p95 = quantile(&values, 0.95).unwrap();
        assert!((p95 - 3.85).abs() < 1e-12);
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(mean(&[]), None);
    }
}
