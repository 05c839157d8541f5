//! The JSON Schema of scenario files, generated from the model. The checker walks the same schema, so the two agree.

use std::sync::LazyLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::{Metric, Scenario};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| schema_of::<Scenario>("frogbench scenario, format 1"));

/// The schema of a file format that the checker can walk: nothing by reference, no null.
pub(crate) fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    tidy(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), title.into());
    }
    schema
}

/// The JSON Schema (draft 2020-12) of scenario files. Formats of its own: `expectation` (`metric op number`),
/// `vehicles` (a catalogue name, with `x N` to repeat), `device` (`native` or `serial:PATH`), `file` (a path).
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// One line per metric, for help texts.
pub fn metric_lines() -> impl Iterator<Item = String> {
    Metric::ALL
        .iter()
        .map(|metric| format!("{:<22} {}", metric.name(), metric.doc()))
}

/// TOML has no null: optional fields are simply absent. Also drops null defaults.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if types.len() == 1 {
                    let only = types.remove(0);
                    object.insert("type".to_owned(), only);
                }
            }
            lift_only_alternative(object);
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Replaces `anyOf: [X, null]` by X, keeping the description of the field over that of X.
fn lift_only_alternative(object: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = object.get_mut("anyOf") else {
        return;
    };
    alternatives.retain(|alternative| alternative.get("type").is_none_or(|name| name != "null"));
    if alternatives.len() != 1 {
        return;
    }
    let only = alternatives.remove(0);
    object.remove("anyOf");
    if let Value::Object(fields) = only {
        for (key, field) in fields {
            object.entry(key).or_insert(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
        match value {
            Value::Object(object) => {
                visit(object);
                object.values().for_each(|value| every(value, visit));
            }
            Value::Array(items) => items.iter().for_each(|value| every(value, visit)),
            _ => {}
        }
    }

    #[test]
    fn every_field_is_described_and_every_number_bounded() {
        let mut fields = 0;
        every(schema(), &mut |object| {
            let Some(Value::Object(properties)) = object.get("properties") else {
                return;
            };
            assert_eq!(
                object.get("additionalProperties"),
                Some(&Value::Bool(false)),
                "{properties:?}"
            );
            for (name, field) in properties {
                fields += 1;
                assert!(
                    field.get("description").is_some_and(Value::is_string),
                    "{name} has no description"
                );
                let number = field
                    .get("type")
                    .is_some_and(|kind| kind == "number" || kind == "integer");
                let bounded = ["minimum", "exclusiveMinimum"]
                    .iter()
                    .any(|key| field.get(key).is_some())
                    && field.get("maximum").is_some();
                // A course's value is bounded by the quantity's own limits, a rule across fields.
                assert!(
                    !number || bounded || name == "value",
                    "{name} has no limits: {field}"
                );
            }
        });
        assert!(fields > 70, "only {fields} fields were seen");
    }

    #[test]
    fn no_null_and_no_reference_is_left() {
        let text = schema().to_string();
        assert!(!text.contains("\"null\"") && !text.contains("$ref"));
    }
}
