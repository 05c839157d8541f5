//! Expectation clauses: `metric op number`.

use std::cmp::Ordering;

use thiserror::Error;

use super::Metric;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

impl Operator {
    /// Every operator, the two-character ones first so that a prefix search is right.
    pub const ALL: [Self; 6] = [
        Self::AtLeast,
        Self::AtMost,
        Self::Equal,
        Self::NotEqual,
        Self::Above,
        Self::Below,
    ];

    /// As written in an expectation.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::Below => "<",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// Whether `got op bound`. Equality is exact: it is meant for counts.
    pub fn holds(self, got: f64, bound: f64) -> bool {
        match self {
            Self::AtLeast => got >= bound,
            Self::AtMost => got <= bound,
            Self::Above => got > bound,
            Self::Below => got < bound,
            Self::Equal => got.partial_cmp(&bound).is_some_and(Ordering::is_eq),
            Self::NotEqual => got.partial_cmp(&bound).is_some_and(Ordering::is_ne),
        }
    }
}

impl std::fmt::Display for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.symbol())
    }
}

/// A condition on a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// The clause as written, without outer blanks.
    pub text: String,
    /// The score.
    pub metric: Metric,
    /// The comparison.
    pub op: Operator,
    /// The bound, in the metric's unit; finite.
    pub value: f64,
}

/// Why a clause is no expectation. Spans are byte ranges within the clause.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExpectationError {
    /// No comparison was found.
    #[error("expectation `{text}` has no comparison")]
    NoOperator {
        /// The clause.
        text: String,
    },
    /// The left side names no metric.
    #[error("unknown metric `{name}`")]
    UnknownMetric {
        /// The name as written.
        name: String,
        /// Where it stands in the clause.
        span: (usize, usize),
    },
    /// The right side is no finite number.
    #[error("`{number}` is not a finite number")]
    BadNumber {
        /// The right side as written.
        number: String,
        /// Where it stands in the clause.
        span: (usize, usize),
    },
}

impl Expectation {
    /// Parses `metric op number`, such as `train_f1 >= 0.99`.
    pub fn parse(clause: &str) -> Result<Self, ExpectationError> {
        let (at, op) = clause
            .char_indices()
            .find_map(|(at, _)| {
                let rest = clause.get(at..)?;
                Operator::ALL
                    .into_iter()
                    .find(|op| rest.starts_with(op.symbol()))
                    .map(|op| (at, op))
            })
            .ok_or_else(|| ExpectationError::NoOperator {
                text: clause.trim().to_owned(),
            })?;
        let (left, rest) = clause.split_at(at);
        let right = rest.strip_prefix(op.symbol()).unwrap_or(rest);
        let name = left.trim();
        let metric = Metric::parse(name).ok_or_else(|| ExpectationError::UnknownMetric {
            name: name.to_owned(),
            span: span_in(clause, name),
        })?;
        let number = right.trim();
        let value = number.parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.ok_or_else(|| ExpectationError::BadNumber {
            number: number.to_owned(),
            span: span_in(clause, number),
        })?;
        Ok(Self {
            text: clause.trim().to_owned(),
            metric,
            op,
            value,
        })
    }

    /// Whether the score holds; an undefined score never does.
    pub fn holds(&self, got: Option<f64>) -> bool {
        got.is_some_and(|got| self.op.holds(got, self.value))
    }
}

impl std::fmt::Display for Expectation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Byte range of `part`, a slice of `whole`.
fn span_in(whole: &str, part: &str) -> (usize, usize) {
    let start = (part.as_ptr() as usize)
        .saturating_sub(whole.as_ptr() as usize)
        .min(whole.len());
    (start, start + part.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_parses_and_compares() {
        let cases = [
            ("train_f1 >= 0.99", [true, false, true]),
            ("train_f1<=0.99", [true, true, false]),
            ("train_f1 > 0.99", [false, false, true]),
            ("train_f1 < 0.99", [false, true, false]),
            ("train_f1 == 0.99", [true, false, false]),
            ("train_f1 != 0.99", [false, true, true]),
        ];
        for (text, want) in cases {
            let clause = Expectation::parse(text).unwrap();
            assert_eq!(clause.metric, Metric::TrainF1);
            assert_eq!(
                [0.99, 0.5, 1.0].map(|got| clause.holds(Some(got))),
                want,
                "{text}"
            );
            assert!(
                !clause.holds(None),
                "{text} must not hold for an undefined score"
            );
        }
    }

    #[test]
    fn nan_satisfies_nothing_but_zero_signs_are_equal() {
        for op in Operator::ALL {
            assert!(!op.holds(f64::NAN, 1.0), "{op}");
        }
        assert!(Operator::Equal.holds(-0.0, 0.0));
    }

    #[test]
    fn errors_point_at_the_part() {
        assert!(matches!(
            Expectation::parse("train_f1 0.9"),
            Err(ExpectationError::NoOperator { .. })
        ));
        assert_eq!(
            Expectation::parse(" trainf1 >= 1"),
            Err(ExpectationError::UnknownMetric {
                name: "trainf1".into(),
                span: (1, 8)
            })
        );
        for bad in ["nan", "inf", "", "1.0.0", "0.9 or so", "=1"] {
            let error = Expectation::parse(&format!("train_f1 > {bad}")).unwrap_err();
            assert!(
                matches!(error, ExpectationError::BadNumber { .. }),
                "{bad}: {error}"
            );
        }
    }
}
