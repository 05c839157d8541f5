//! One score: a value with what it rests on.

use serde::{Deserialize, Serialize};

/// One number of the scorecard.
///
/// Either `value` is a finite number, or `undefined` says why there is none: a score is never NaN,
/// never infinite and never silently zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The value in the unit that the metric's catalogue entry states.
    pub value: Option<f64>,
    /// How many observations (trains, axles, windows, alarms) the value rests on.
    pub n: u64,
    /// 95 % interval (low, high), in the unit of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// How the interval was found, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_note: Option<String>,
    /// Why the value is undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

impl Score {
    /// A value that rests on `n` observations; a value that is not finite becomes undefined.
    pub fn new(value: f64, n: u64) -> Self {
        if !value.is_finite() {
            return Self::undefined(n, format!("the result is not a finite number ({value})"));
        }
        // -0.0 and 0.0 must print alike.
        let value = if value == 0.0 { 0.0 } else { value };
        Self {
            value: Some(value),
            n,
            interval: None,
            interval_note: None,
            undefined: None,
        }
    }

    /// A count of things, which needs no interval.
    pub fn count(count: u64, n: u64) -> Self {
        Self::new(count as f64, n)
    }

    /// No value, with the reason.
    pub fn undefined(n: u64, reason: impl Into<String>) -> Self {
        Self {
            value: None,
            n,
            interval: None,
            interval_note: None,
            undefined: Some(reason.into()),
        }
    }

    /// `value` where there is one, else undefined for `reason`.
    pub fn from_option(value: Option<f64>, n: u64, reason: &str) -> Self {
        value.map_or_else(|| Self::undefined(n, reason), |value| Self::new(value, n))
    }

    /// Adds an interval and how it was found; ignored where the value is undefined.
    #[must_use]
    pub fn with_interval(mut self, interval: (f64, f64), method: &str) -> Self {
        if self.value.is_some() && interval.0.is_finite() && interval.1.is_finite() {
            self.interval = Some(interval);
            self.interval_note = Some(method.to_owned());
        }
        self
    }

    /// Says why there is no interval; ignored where the value is undefined.
    #[must_use]
    pub fn without_interval(mut self, reason: &str) -> Self {
        if self.value.is_some() {
            self.interval = None;
            self.interval_note = Some(reason.to_owned());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_never_nan() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let score = Score::new(value, 3);
            assert_eq!(score.value, None);
            assert!(score.undefined.unwrap().contains("not a finite number"));
        }
        assert_eq!(
            Score::new(-0.0, 1).value.map(f64::to_bits),
            Some(0.0_f64.to_bits())
        );
    }

    #[test]
    fn an_undefined_score_has_no_interval() {
        let score = Score::undefined(0, "no train passed").with_interval((0.0, 1.0), "Wilson 95 %");
        assert_eq!(score.interval, None);
        assert_eq!(score.interval_note, None);
    }

    #[test]
    fn serialised_scores_say_null_and_why() {
        let text = serde_json::to_string(&Score::undefined(0, "no train passed")).unwrap();
        assert_eq!(
            text,
            r#"{"value":null,"n":0,"undefined":"no train passed"}"#
        );
        assert_eq!(
            serde_json::from_str::<Score>(&text).unwrap(),
            Score::undefined(0, "no train passed")
        );
    }
}
