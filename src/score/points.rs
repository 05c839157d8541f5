//! Errors of scalar estimates (speed, features, axle times) against their true values.

use super::sum::{mean, median, sum};

/// Errors of a set of estimates; the unit is that of the quantity unless stated.
#[derive(Debug, Clone, PartialEq)]
pub struct PointErrors {
    /// Number of pairs.
    pub n: u64,
    /// Root mean square error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Median absolute error.
    pub median_abs: f64,
    /// Largest absolute error.
    pub max_abs: f64,
    /// Mean of estimate minus truth.
    pub bias: f64,
    /// Mean absolute relative error (dimensionless) over the pairs whose true value is not zero;
    /// `None` if there is no such pair.
    pub mape: Option<f64>,
    /// Number of pairs that `mape` rests on.
    pub mape_n: u64,
    /// Coefficient of determination; `None` for fewer than two pairs or a constant truth that was
    /// not met exactly.
    pub r2: Option<f64>,
}

/// Why a set of estimates is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointError {
    /// There is no pair.
    #[error("there is no estimate to compare with the truth")]
    Empty,
    /// A value is NaN or infinite.
    #[error("pair {index} holds a value that is not a finite number")]
    NotFinite {
        /// Index of the first such pair.
        index: usize,
    },
}

/// The errors of `pairs` of (truth, estimate).
pub fn point_errors(pairs: &[(f64, f64)]) -> Result<PointErrors, PointError> {
    if pairs.is_empty() {
        return Err(PointError::Empty);
    }
    if let Some(index) = pairs
        .iter()
        .position(|(t, p)| !t.is_finite() || !p.is_finite())
    {
        return Err(PointError::NotFinite { index });
    }
    let n = pairs.len() as f64;
    let errors: Vec<f64> = pairs.iter().map(|(t, p)| p - t).collect();
    let absolute: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    let relative: Vec<f64> = pairs
        .iter()
        .filter(|(t, _)| *t != 0.0)
        .map(|(t, p)| ((p - t) / t).abs())
        .collect();
    let squares = sum(errors.iter().map(|e| e * e));
    let truth_mean = sum(pairs.iter().map(|(t, _)| *t)) / n;
    let spread = sum(pairs
        .iter()
        .map(|(t, _)| (t - truth_mean) * (t - truth_mean)));
    let r2 = if pairs.len() < 2 {
        None
    } else if spread > 0.0 {
        Some(1.0 - squares / spread)
    } else {
        (squares == 0.0).then_some(1.0)
    };
    Ok(PointErrors {
        n: pairs.len() as u64,
        rmse: (squares / n).sqrt(),
        mae: sum(absolute.iter().copied()) / n,
        median_abs: median(&absolute).unwrap_or(0.0),
        max_abs: absolute.iter().fold(0.0, |max, e| e.max(max)),
        bias: sum(errors.iter().copied()) / n,
        mape: mean(&relative),
        mape_n: relative.len() as u64,
        r2,
    })
}
