//! Strings with a meaning of their own: instants, expectations, vehicles, devices.

use super::catalogue::Catalogue;
use super::suggest::closest;
use super::{Expectation, ExpectationError, Metric, split_repeat};
use crate::device::DeviceSpec;

/// What is wrong with a string, and where in it.
pub(crate) struct Complaint {
    pub(crate) message: String,
    pub(crate) label: &'static str,
    pub(crate) hint: Option<String>,
    /// Byte range in the string; the whole of it if absent.
    pub(crate) place: Option<(usize, usize)>,
}

/// Checks a string against a format of the schema; `None` if it is right.
pub(crate) fn complaint(format: &str, text: &str, catalogue: &Catalogue) -> Option<Complaint> {
    match format {
        "date-time" => instant(text),
        "expectation" => expectation(text),
        "vehicles" => vehicles(text, catalogue),
        "device" => device(text),
        _ => None,
    }
}

fn instant(text: &str) -> Option<Complaint> {
    let error = text.parse::<jiff::Timestamp>().err()?;
    Some(Complaint {
        message: format!("\"{text}\" is not an instant: {error}"),
        label: "not an instant",
        hint: Some("write date, time and offset, such as \"2026-01-05T00:00:00Z\"".to_owned()),
        place: None,
    })
}

fn device(text: &str) -> Option<Complaint> {
    text.parse::<DeviceSpec>().err().map(|error| Complaint {
        message: format!("\"{text}\" is not a device"),
        label: "not a device",
        hint: Some(error.to_string()),
        place: None,
    })
}

fn expectation(text: &str) -> Option<Complaint> {
    let error = Expectation::parse(text).err()?;
    let (label, hint, place) = match &error {
        ExpectationError::NoOperator { .. } => (
            "no comparison",
            "write METRIC OP NUMBER with >=, <=, >, <, == or !=".to_owned(),
            None,
        ),
        ExpectationError::UnknownMetric { name, span } => {
            let names = || Metric::ALL.iter().map(|metric| metric.name());
            let hint = match closest(name, names()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("metrics: {}", names().collect::<Vec<_>>().join(", ")),
            };
            ("not a metric", hint, Some(*span))
        }
        ExpectationError::BadNumber { span, .. } => (
            "not a finite number",
            "write METRIC OP NUMBER, such as \"train_f1 >= 0.99\"".to_owned(),
            Some(*span),
        ),
    };
    Some(Complaint {
        message: error.to_string(),
        label,
        hint: Some(hint),
        place,
    })
}

fn vehicles(text: &str, catalogue: &Catalogue) -> Option<Complaint> {
    let Some((name, _)) = split_repeat(text) else {
        return Some(Complaint {
            message: format!("\"{text}\" is not a vehicle with a count"),
            label: "not a vehicle",
            hint: Some("write \"NAME\" or \"NAME x N\" with N from 1 to 100".to_owned()),
            place: None,
        });
    };
    if catalogue.vehicles.iter().any(|known| known.name == name) {
        return None;
    }
    let known = || catalogue.vehicles.iter().map(|known| known.name.as_str());
    let list = known().collect::<Vec<_>>().join(", ");
    let hint = match closest(name, known()) {
        Some(close) => format!("did you mean `{close}`? known: {list}"),
        None => format!("known: {list}"),
    };
    let start = text.find(name).unwrap_or(0);
    Some(Complaint {
        message: format!("unknown vehicle `{name}`"),
        label: "not in the catalogue",
        hint: Some(hint),
        place: Some((start, start + name.len())),
    })
}
