//! Reading numbers out of a case, strictly.

use serde_json::Value;

/// What went wrong, with where.
pub type Failure = Box<dyn std::error::Error>;

/// A part of the file with its path, for messages.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    value: &'a Value,
    place: &'a str,
}

impl<'a> Part<'a> {
    pub(super) fn new(value: &'a Value, place: &'a str) -> Self {
        Self { value, place }
    }

    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    fn missing(&self, key: &str, what: &str) -> Failure {
        format!("{}: `{key}` has to be {what}", self.place).into()
    }

    /// A group.
    pub(super) fn part(&self, key: &'a str) -> Result<Part<'a>, Failure> {
        match self.value.get(key) {
            Some(value) if value.is_object() => Ok(Part { value, place: key }),
            _ => Err(self.missing(key, "a group of values")),
        }
    }

    /// A number.
    pub(super) fn number(&self, key: &str) -> Result<f64, Failure> {
        let number = self.value.get(key).and_then(Value::as_f64);
        number.ok_or_else(|| self.missing(key, "a number"))
    }

    /// A number or the default where it is absent or null.
    pub(super) fn number_or(&self, key: &str, default: f64) -> Result<f64, Failure> {
        match self.value.get(key) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => value.as_f64().ok_or_else(|| self.missing(key, "a number")),
        }
    }

    /// A whole number.
    pub(super) fn count(&self, key: &str) -> Result<usize, Failure> {
        let number = self.number(key)?;
        if number >= 0.0 && number.fract() == 0.0 && number < 1e9 {
            Ok(number as usize)
        } else {
            Err(self.missing(key, "a whole number"))
        }
    }

    /// A list of numbers.
    pub(super) fn numbers(&self, key: &str) -> Result<Vec<f64>, Failure> {
        let list = self.value.get(key).and_then(Value::as_array);
        let list = list.ok_or_else(|| self.missing(key, "a list of numbers"))?;
        list.iter()
            .map(|v| {
                v.as_f64()
                    .ok_or_else(|| self.missing(key, "a list of numbers"))
            })
            .collect()
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Result<&'a str, Failure> {
        let text = self.value.get(key).and_then(Value::as_str);
        text.ok_or_else(|| self.missing(key, "a text"))
    }
}

/// Names every key of `expected` that `got` lacks; `{value, ...}` counts as one number.
pub(super) fn missing_keys(expected: &Value, got: &Value, path: &str, missing: &mut Vec<String>) {
    let Some(keys) = expected.as_object() else {
        return;
    };
    if keys.contains_key("value") {
        return;
    }
    for (key, value) in keys {
        let path = format!("{path}/{key}");
        match got.get(key) {
            None => missing.push(path),
            Some(got) => missing_keys(value, got, &path, missing),
        }
    }
}
