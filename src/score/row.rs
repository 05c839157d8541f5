//! What the three tables have in common: fixed columns, one text per cell.

/// A row of a table that is written beside a run.
pub trait Row {
    /// Column names, in their fixed order. A unit is the last part of a name.
    const COLUMNS: &'static [&'static str];
    /// File name of the table.
    const FILE: &'static str;

    /// One cell per column. Unknown values are empty cells.
    fn cells(&self) -> Vec<String>;
}

/// The shortest text that reads back as the same number.
pub(crate) fn number(value: f64) -> String {
    // A negative zero would make two equal runs differ in their bytes.
    if value == 0.0 {
        "0".to_owned()
    } else {
        value.to_string()
    }
}

pub(crate) fn optional(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

pub(crate) fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Integers separated by blanks.
pub(crate) fn list(values: impl IntoIterator<Item = i64>) -> String {
    values
        .into_iter()
        .map(|value| value.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}
