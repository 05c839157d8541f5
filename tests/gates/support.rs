//! What several tests share.

pub(crate) use frogbench::validate::{SUPPORT, rail_60e1};

/// Largest value.
pub(crate) fn max(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NEG_INFINITY, f64::max)
}
