//! What is refused before anything is scored.

use super::features::Features;
use super::judge::ScoreInput;
use super::truth::TruthKind;

/// Why something cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// A value is NaN or infinite.
    #[error("row {row} of the {table} table: {column} is not a finite number")]
    NotFinite {
        /// `truth` or `output`.
        table: &'static str,
        /// Row, counted from 1.
        row: usize,
        /// Column.
        column: &'static str,
    },
    /// An event ends before it begins.
    #[error("row {row} of the truth table: it ends before it begins")]
    Reversed {
        /// Row, counted from 1.
        row: usize,
    },
    /// A true speed is not positive.
    #[error("row {row} of the truth table: a train needs a speed above zero")]
    Speed {
        /// Row, counted from 1.
        row: usize,
    },
    /// A tolerance cannot be used.
    #[error("the axle tolerance of {metres} m is not a positive number")]
    Tolerance {
        /// The value as text.
        metres: String,
    },
}

/// Refuses numbers that would poison a score, naming the row.
pub(super) fn validate(input: &ScoreInput<'_>) -> Result<(), ScoreError> {
    let metres = input.settings.axle_tolerance_m;
    if !(metres.is_finite() && metres > 0.0) {
        return Err(ScoreError::Tolerance {
            metres: metres.to_string(),
        });
    }
    let bad = |value: Option<f64>| value.is_some_and(|value| !value.is_finite());
    for (index, truth) in input.truth.iter().enumerate() {
        let row = index + 1;
        let not_finite = |column| ScoreError::NotFinite {
            table: "truth",
            row,
            column,
        };
        if truth.end_us < truth.onset_us {
            return Err(ScoreError::Reversed { row });
        }
        if bad(truth.speed_m_s) {
            return Err(not_finite("speed_m_s"));
        }
        if truth.kind == TruthKind::Train && truth.speed_m_s.is_none_or(|speed| speed <= 0.0) {
            return Err(ScoreError::Speed { row });
        }
        if bad(truth.temperature_c) {
            return Err(not_finite("temperature_c"));
        }
        if truth.condition.iter().any(|(_, value)| !value.is_finite()) {
            return Err(not_finite("condition"));
        }
        if let Some(column) = truth.features.as_ref().and_then(Features::not_finite) {
            return Err(not_finite(column));
        }
    }
    for (index, output) in input.output.iter().enumerate() {
        let values = [
            (output.speed_m_s, "speed_m_s"),
            (output.duration_s, "duration_s"),
            (output.temperature_c, "temperature_c"),
            (output.rate_hz, "rate_hz"),
            (output.deviation_sigma, "deviation_sigma"),
        ];
        let column = values
            .into_iter()
            .find(|(value, _)| bad(*value))
            .map(|(_, name)| name);
        if let Some(column) = column.or_else(|| output.features.as_ref()?.not_finite()) {
            return Err(ScoreError::NotFinite {
                table: "output",
                row: index + 1,
                column,
            });
        }
    }
    Ok(())
}
