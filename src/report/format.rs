//! Numbers and times as people read them.

use jiff::Timestamp;

use crate::score::Place;

/// Three significant digits where that is enough, whole numbers in full.
pub(crate) fn value(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if value.fract() == 0.0 && size < 1e15 {
        grouped(value)
    } else if size >= 1000.0 {
        grouped(value.round())
    } else if size >= 100.0 {
        format!("{value:.1}")
    } else if size >= 10.0 {
        format!("{value:.2}")
    } else if size >= 0.001 {
        // A share of 0.9996 must not read as 1.
        let text = format!("{value:.3}");
        if size < 1.0 && text.trim_start_matches('-') == "1.000" {
            format!("{value:.5}")
        } else {
            text
        }
    } else {
        format!("{value:.2e}")
    }
}

/// A whole number with a thin group every three digits.
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    if value < 0.0 {
        format!("-{text}")
    } else {
        text
    }
}

/// A share as per cent.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 10.0 {
        format!("{percent:.0} %")
    } else {
        format!("{percent:.1} %")
    }
}

/// `n` with its noun in the right number.
pub(crate) fn plural(n: u64, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", grouped(n as f64))
}

/// A time in UTC to the second.
pub(super) fn time(microseconds: i64) -> String {
    Timestamp::from_microsecond(microseconds).map_or_else(
        |_| format!("{microseconds} us"),
        |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// Window, time, turnout and train of a place.
pub(super) fn place(place: &Place) -> String {
    let mut parts = Vec::new();
    if let Some(window) = place.window {
        parts.push(format!("window {window}"));
    }
    if let Some(microseconds) = place.time_us {
        parts.push(time(microseconds));
    }
    parts.push(format!("turnout {}", place.turnout));
    if !place.name.is_empty() {
        parts.push(place.name.clone());
    }
    parts.join(", ")
}

/// The rows of the tables that tell of a place.
pub(super) fn rows(place: &Place) -> String {
    let mut parts = Vec::new();
    let row = |file: &str, row: u64| format!("{file} row {row}");
    parts.extend(place.truth_row.map(|r| row("truth.csv", r)));
    parts.extend(place.output_row.map(|r| row("output.csv", r)));
    parts.push(row("ledger.csv", place.ledger_row));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (number, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.957_446, "0.957"),
            (0.999_6, "0.99960"),
            (12.345, "12.35"),
            (1_234_567.0, "1 234 567"),
            (-1_234.5, "-1 235"),
            (4.2e-6, "4.20e-6"),
        ] {
            assert_eq!(value(number), text);
        }
        assert_eq!(percent(0.021), "2.1 %");
        assert_eq!(plural(1, "train"), "1 train");
        assert_eq!(plural(0, "train"), "0 trains");
    }

    #[test]
    fn times_are_utc_and_never_panic() {
        assert_eq!(time(1_767_571_200_000_000), "2026-01-05 00:00:00 UTC");
        assert_eq!(time(i64::MAX), format!("{} us", i64::MAX));
    }
}
