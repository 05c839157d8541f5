//! Scores against the truth, one file per family of metrics.
