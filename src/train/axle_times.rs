//! Files of measured axle times: real trains that drive the simulation.
//!
//! A file is a JSON list of passes, each an object with these fields:
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `train` | whole number | identification of the train |
//! | `type` | text | kind of train, e.g. `IC`, `Regio`, `freight`; chooses the vehicle data |
//! | `section` | text | where it was measured |
//! | `n_axles` | whole number | number of axles, a multiple of 4 (vehicles on two bogies) |
//! | `axle_times_s` | list of numbers | time of every axle at one place, s, ascending |
//! | `speed_kmh` | list of numbers | speed of each bogie: `axle_distance_ref_m` over its time, km/h |
//! | `axle_distance_ref_m` | number | wheelbase that was assumed for `speed_kmh`, m |
//! | `dv_kmh` | number, optional | change of speed by the source; **not used**, see below |
//! | `synthetic` | true or false, optional | true marks data that were made up, not measured |
//! | `note` | text, optional | anything a reader should know |
//!
//! Nothing else is accepted. The change of speed along a pass is found from the bogie speeds
//! themselves; published files of this format state a `dv_kmh` that is not the difference of their
//! own speeds.

use serde_json::{Map, Value};

use super::catalogue::AXLES_MAX;
use super::measured_train::{self, MeasuredTrain};

/// Largest accepted file, bytes.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most passes in a file.
pub const PASSES_MAX: usize = 10_000;

/// One pass as the file states it, in SI units.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredPass {
    /// Identification of the train.
    pub train: i64,
    /// Kind of train, as in the file.
    pub kind: String,
    /// Where it was measured.
    pub section: String,
    /// Axle times after the first axle, s, ascending from 0.
    pub axle_times_s: Vec<f64>,
    /// Speed of each bogie, m/s, under the assumption of the reference wheelbase.
    pub bogie_speeds_m_s: Vec<f64>,
    /// Reference wheelbase, m.
    pub reference_wheelbase_m: f64,
    /// Change of speed stated by the source, m/s; not used.
    pub stated_change_m_s: Option<f64>,
    /// Whether the data were made up.
    pub synthetic: bool,
}

/// A file that is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{file}: {kind}")]
pub struct AxleTimesError {
    /// Name of the file.
    pub file: String,
    /// What is wrong.
    pub kind: AxleTimesErrorKind,
}

/// What is wrong with a file of axle times.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AxleTimesErrorKind {
    /// More bytes than any real file has.
    #[error("the file has {bytes} bytes, at most {FILE_BYTES_MAX} are read")]
    TooLarge {
        /// Size of the text.
        bytes: usize,
    },
    /// Not JSON.
    #[error("not valid JSON at line {line}, column {column}: {message}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's words.
        message: String,
    },
    /// Not a list of passes.
    #[error("expected a list of passes, `[ {{ \"train\": ... }}, ... ]`, found {found}")]
    NotAList {
        /// What the outermost value is.
        found: &'static str,
    },
    /// Nothing in the list, or too much.
    #[error("the file holds {passes} passes; from 1 to {PASSES_MAX} are accepted")]
    PassCount {
        /// Number of passes.
        passes: usize,
    },
    /// A field of a pass.
    #[error("pass {pass} (counted from 0), field `{field}`: {problem}")]
    Field {
        /// Index of the pass, from 0.
        pass: usize,
        /// Field name as in the file.
        field: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
}

/// A field and what is wrong with it.
pub(super) type FieldProblem = (&'static str, String);

/// Reads a file of axle times; `file` names it in errors, `text` is its content.
///
/// Every pass is made into a train, so a file that is accepted can be simulated.
pub fn parse(file: &str, text: &str) -> Result<Vec<MeasuredTrain>, AxleTimesError> {
    let fail = |kind| AxleTimesError {
        file: file.to_owned(),
        kind,
    };
    let passes = parse_list(text).map_err(fail)?;
    let mut trains = Vec::with_capacity(passes.len());
    for (pass, value) in passes.iter().enumerate() {
        let train = parse_pass(value).and_then(|pass| {
            measured_train::build(&pass).map_err(|(field, problem)| (field.to_owned(), problem))
        });
        trains.push(train.map_err(|(field, problem)| {
            fail(AxleTimesErrorKind::Field {
                pass,
                field,
                problem,
            })
        })?);
    }
    Ok(trains)
}

fn parse_list(text: &str) -> Result<Vec<Value>, AxleTimesErrorKind> {
    if text.len() > FILE_BYTES_MAX {
        return Err(AxleTimesErrorKind::TooLarge { bytes: text.len() });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text).map_err(|error| AxleTimesErrorKind::Json {
        line: error.line(),
        column: error.column(),
        message: json_message(&error),
    })?;
    match value {
        Value::Array(passes) if passes.is_empty() || passes.len() > PASSES_MAX => {
            Err(AxleTimesErrorKind::PassCount {
                passes: passes.len(),
            })
        }
        Value::Array(passes) => Ok(passes),
        other => Err(AxleTimesErrorKind::NotAList {
            found: kind_of(&other),
        }),
    }
}

/// The parser's message without its own position, with a hint at what it cannot say.
fn json_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    if text.starts_with("expected value") || text.starts_with("expected ident") {
        format!("{text} (NaN and Infinity are not JSON numbers)")
    } else {
        text.to_owned()
    }
}

const FIELDS: [&str; 10] = [
    "train",
    "type",
    "section",
    "n_axles",
    "axle_times_s",
    "speed_kmh",
    "axle_distance_ref_m",
    "dv_kmh",
    "synthetic",
    "note",
];

fn parse_pass(value: &Value) -> Result<MeasuredPass, (String, String)> {
    let Value::Object(fields) = value else {
        return Err((
            String::new(),
            format!("expected an object, found {}", kind_of(value)),
        ));
    };
    if let Some(unknown) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        let problem = format!("unknown field; known are {}", FIELDS.join(", "));
        return Err((unknown.clone(), problem));
    }
    read_fields(fields).map_err(|(field, problem)| (field.to_owned(), problem))
}

fn read_fields(fields: &Map<String, Value>) -> Result<MeasuredPass, FieldProblem> {
    let n_axles = integer(fields, "n_axles")?;
    let count = usize::try_from(n_axles).unwrap_or(0);
    if !(4..=AXLES_MAX).contains(&count) || !count.is_multiple_of(4) {
        let problem = format!(
            "{n_axles} axles: expected a multiple of 4 from 4 to {AXLES_MAX} (vehicles on two \
             bogies of two axles; shared bogies and single axles are not supported)"
        );
        return Err(("n_axles", problem));
    }
    let n_axles = count;
    let times = numbers(fields, "axle_times_s", n_axles)?;
    let speeds = numbers(fields, "speed_kmh", n_axles / 2)?;
    if let Some(i) = (1..times.len()).find(|&i| times[i] <= times[i - 1]) {
        let problem = format!(
            "time {i} is {}, which does not come after {}",
            times[i],
            times[i - 1]
        );
        return Err(("axle_times_s", problem));
    }
    for (i, speed) in speeds.iter().enumerate() {
        if !(*speed >= 1.0 && *speed <= 400.0) {
            let problem = format!("speed {i} is {speed} km/h, expected from 1 to 400");
            return Err(("speed_kmh", problem));
        }
    }
    let reference_wheelbase_m = number(fields, "axle_distance_ref_m")?;
    if !(1.0..=4.5).contains(&reference_wheelbase_m) {
        let problem =
            format!("{reference_wheelbase_m} m, expected a bogie wheelbase of 1 to 4.5 m");
        return Err(("axle_distance_ref_m", problem));
    }
    let stated_change_m_s = match fields.get("dv_kmh") {
        None | Some(Value::Null) => None,
        Some(_) => Some(number(fields, "dv_kmh")? / 3.6),
    };
    let synthetic = match fields.get("synthetic") {
        None => false,
        Some(Value::Bool(flag)) => *flag,
        Some(other) => return Err(("synthetic", expected("true or false", other))),
    };
    if fields.contains_key("note") {
        text(fields, "note")?;
    }
    let start = times.first().copied().unwrap_or(0.0);
    Ok(MeasuredPass {
        train: integer(fields, "train")?,
        kind: text(fields, "type")?,
        section: text(fields, "section")?,
        axle_times_s: times.iter().map(|time| time - start).collect(),
        bogie_speeds_m_s: speeds.iter().map(|speed| speed / 3.6).collect(),
        reference_wheelbase_m,
        stated_change_m_s,
        synthetic,
    })
}

fn field<'a>(
    fields: &'a Map<String, Value>,
    name: &'static str,
) -> Result<&'a Value, FieldProblem> {
    fields.get(name).ok_or_else(|| (name, "missing".to_owned()))
}

fn number(fields: &Map<String, Value>, name: &'static str) -> Result<f64, FieldProblem> {
    let value = field(fields, name)?;
    value
        .as_f64()
        .filter(|v| v.is_finite())
        .ok_or_else(|| (name, expected("a number", value)))
}

fn integer(fields: &Map<String, Value>, name: &'static str) -> Result<i64, FieldProblem> {
    let value = field(fields, name)?;
    value
        .as_i64()
        .ok_or_else(|| (name, expected("a whole number", value)))
}

fn text(fields: &Map<String, Value>, name: &'static str) -> Result<String, FieldProblem> {
    let value = field(fields, name)?;
    let text = value
        .as_str()
        .ok_or_else(|| (name, expected("text", value)))?;
    Ok(text.chars().take(200).collect())
}

fn numbers(
    fields: &Map<String, Value>,
    name: &'static str,
    count: usize,
) -> Result<Vec<f64>, FieldProblem> {
    let value = field(fields, name)?;
    let Value::Array(items) = value else {
        return Err((name, expected("a list of numbers", value)));
    };
    if items.len() != count {
        let problem = format!("{} values, `n_axles` asks for {count}", items.len());
        return Err((name, problem));
    }
    let number = |(i, item): (usize, &Value)| {
        item.as_f64()
            .filter(|v| v.is_finite())
            .ok_or_else(|| (name, format!("value {i}: {}", expected("a number", item))))
    };
    items.iter().enumerate().map(number).collect()
}

fn expected(wanted: &str, found: &Value) -> String {
    match found {
        Value::Number(number) => format!("expected {wanted}, found {number}"),
        other => format!("expected {wanted}, found {}", kind_of(other)),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn pass() -> Value {
        json!({
            "train": 1, "type": "IC", "section": "A", "axle_distance_ref_m": 2.5, "n_axles": 4,
            "axle_times_s": [0.0, 0.0625, 0.475, 0.5375], "speed_kmh": [144.0, 144.0], "dv_kmh": 0.0
        })
    }

    fn with(field: &str, value: Value) -> String {
        let mut changed = pass();
        changed[field] = value;
        json!([pass(), changed]).to_string()
    }

    fn message(text: &str) -> String {
        parse("trains.json", text).unwrap_err().to_string()
    }

    #[test]
    fn a_good_file_is_read() {
        let trains = parse("trains.json", &json!([pass()]).to_string()).unwrap();
        assert_eq!(trains.len(), 1);
        assert_eq!(trains[0].pass.train, 1);
        assert!((trains[0].speed_m_s - 40.0).abs() < 1e-9);
        assert!(!trains[0].pass.synthetic);
        let marked = with("synthetic", json!(true));
        assert!(parse("trains.json", &marked).unwrap()[1].pass.synthetic);
    }

    #[test]
    fn every_fault_names_file_pass_and_field() {
        for (field, value, words) in [
            ("n_axles", json!(5), "multiple of 4"),
            ("n_axles", json!(6), "multiple of 4"),
            ("n_axles", json!(8), "4 values"),
            ("n_axles", json!(100_000), "to 512"),
            ("n_axles", json!(4.5), "whole number"),
            (
                "axle_times_s",
                json!([0.0, 0.06, 0.05, 0.5]),
                "time 2 is 0.05",
            ),
            (
                "axle_times_s",
                json!([0.0, 0.06, 0.06, 0.5]),
                "does not come after",
            ),
            (
                "axle_times_s",
                json!([0.0, null, 0.4, 0.5]),
                "value 1: expected a number",
            ),
            ("axle_times_s", json!("0 1 2 3"), "list of numbers"),
            ("axle_times_s", json!([0.0, 0.5, 0.6, 0.7]), "axles 0 and 1"),
            ("speed_kmh", json!([144.0]), "1 values"),
            ("speed_kmh", json!([144.0, 0.0]), "speed 1 is 0 km/h"),
            ("speed_kmh", json!([-3.0, 144.0]), "speed 0 is -3 km/h"),
            ("axle_distance_ref_m", json!(25.0), "wheelbase"),
            ("dv_kmh", json!("much"), "expected a number, found text"),
            ("synthetic", json!(1), "true or false"),
            ("type", json!(3), "expected text"),
            ("speed", json!(3), "unknown field"),
        ] {
            let text = message(&with(field, value));
            let place = format!("trains.json: pass 1 (counted from 0), field `{field}`");
            // A wrong number of axles shows in the list that does not match it.
            let place = if words == "4 values" {
                place.replace("n_axles", "axle_times_s")
            } else {
                place
            };
            assert!(text.starts_with(&place) && text.contains(words), "{text}");
        }
        let mut missing = pass();
        missing.as_object_mut().unwrap().remove("section");
        assert!(message(&json!([missing]).to_string()).contains("`section`: missing"));
    }

    #[test]
    fn faults_of_the_file_itself() {
        assert!(message("[{\"train\": NaN}]").contains("NaN and Infinity are not JSON numbers"));
        assert!(message("[{\"train\": 1e999}]").contains("line 1"));
        assert!(message("{}").contains("found an object"));
        assert!(message("[]").contains("0 passes"));
        assert!(message("[3]").contains("expected an object, found a number"));
        assert!(message(&" ".repeat(FILE_BYTES_MAX + 1)).contains("bytes"));
        let deep = "[".repeat(100_000);
        assert!(message(&deep).contains("not valid JSON"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = parse("any", &text);
        }

        #[test]
        fn no_numbers_make_it_panic(
            times in prop::collection::vec(-1.0e3..1.0e6, 8),
            speeds in prop::collection::vec(-10.0..500.0, 4),
            reference in 0.0..6.0,
        ) {
            let mut any = pass();
            let mut sorted: Vec<f64> = times;
            sorted.sort_by(f64::total_cmp);
            any["n_axles"] = json!(8);
            any["axle_times_s"] = json!(sorted);
            any["speed_kmh"] = json!(speeds);
            any["axle_distance_ref_m"] = json!(reference);
            if let Ok(trains) = parse("any", &json!([any]).to_string()) {
                prop_assert!(trains[0].consist.axles_m().iter().all(|x| x.is_finite()));
            }
        }
    }
}
