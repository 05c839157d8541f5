//! The walk over a document against the schema: every unknown, missing, mistyped or out-of-range field in one go.

use serde_json::Value as Json;

use super::catalogue::Catalogue;
use super::error::Problem;
use super::format;
use super::source::{Sources, Span};
use super::suggest::closest;
use super::tree::{Entry, Node, Value};

/// Walks documents and collects what is wrong with them.
pub(crate) struct Checker<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) catalogue: &'a Catalogue,
    /// Schema of the file format.
    pub(crate) schema: &'a Json,
    pub(crate) problems: Vec<Problem>,
}

/// Reports what is wrong across fields that are each right.
pub(crate) struct Across<'a, 'b> {
    pub(crate) checker: &'a mut Checker<'b>,
    pub(crate) root: &'a Node,
}

impl Across<'_, '_> {
    /// Adds a problem at the field `path`.
    pub(crate) fn add(
        &mut self,
        path: &str,
        message: impl Into<String>,
        label: &str,
        hint: impl Into<String>,
    ) {
        let problem = self
            .checker
            .problem(self.root.locate(path), path, message)
            .label(label)
            .hint(hint);
        self.checker.problems.push(problem);
    }
}

impl Checker<'_> {
    /// Adds a problem at a place.
    pub(crate) fn problem(&self, span: Span, field: &str, message: impl Into<String>) -> Problem {
        Problem::new(&self.sources[span.source], span, field, message)
    }

    /// Checks the whole document.
    pub(crate) fn document(&mut self, root: &Node) {
        self.value(root, Span::new(root.span.source, 0..0), self.schema, "");
    }

    /// Checks a value; `place` is where its table was opened or its key stands.
    fn value(&mut self, node: &Node, place: Span, schema: &Json, field: &str) {
        if let Some(names) = alternatives(schema) {
            self.name(node, &names, schema, field);
            return;
        }
        match (schema["type"].as_str().unwrap_or_default(), &node.value) {
            ("object", Value::Table(entries)) => self.table(entries, place, schema, field),
            ("array", Value::Array(items)) => self.array(node, items, schema, field),
            ("string", Value::String(text)) => self.string(node, text, schema, field),
            ("string", Value::Datetime(text)) if schema["format"] == "date-time" => {
                self.string(node, text, schema, field);
            }
            ("number" | "integer", Value::Integer(number)) => {
                self.number(node, *number as f64, schema, field);
            }
            ("number", Value::Float(number)) => self.number(node, *number, schema, field),
            ("boolean", Value::Boolean(_)) => {}
            ("number" | "integer", Value::HugeInteger) => {
                let problem =
                    self.problem(node.span, field, format!("`{field}` is too large a number"));
                self.problems.push(
                    problem
                        .label("does not fit 64 bits")
                        .hint_if(meaning(schema)),
                );
            }
            (wanted, _) => self.wrong_type(node, place, wanted, schema, field),
        }
    }

    fn wrong_type(&mut self, node: &Node, place: Span, wanted: &str, schema: &Json, field: &str) {
        let article = match wanted {
            "object" => "a table",
            "array" if schema["items"]["type"] == "object" => "an array of tables",
            "array" => "an array",
            "integer" => "a whole number",
            "number" => "a number",
            "string" => "a string",
            _ => "a boolean",
        };
        let got = node.value.describe();
        let hint = match (wanted, &node.value) {
            ("array", Value::Table(_)) => Some(format!(
                "write `[[{}]]` with double brackets",
                dotless(field)
            )),
            ("number" | "integer", Value::String(text)) if text.trim().parse::<f64>().is_ok() => {
                Some("remove the quotes".to_owned())
            }
            ("string", Value::Table(_) | Value::Array(_)) => meaning(schema),
            ("string", _) => Some("put the value in quotes".to_owned()),
            ("array", _) if schema["items"]["type"] == "string" => {
                Some("put the value in brackets".to_owned())
            }
            ("object", _) => Some(format!("fields: {}", field_names(schema).join(", "))),
            _ => meaning(schema),
        };
        let span = if matches!(node.value, Value::Table(_)) {
            place
        } else {
            node.span
        };
        let message = format!("`{field}` is {got}, but must be {article}");
        let problem = self
            .problem(span, field, message)
            .label(format!("{article} is wanted here"));
        self.problems.push(problem.hint_if(hint));
    }

    fn table(&mut self, entries: &[Entry], place: Span, schema: &Json, field: &str) {
        for entry in entries {
            let path = join(field, &entry.key);
            match schema["properties"].get(&entry.key) {
                Some(property) => self.value(&entry.node, entry.key_span, property, &path),
                None => self.unknown_field(entry, schema, field, &path),
            }
        }
        for required in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
        {
            if entries.iter().any(|entry| entry.key == required) {
                continue;
            }
            let path = join(field, required);
            let hint = match path.as_str() {
                "format" => Some("begin the file with `format = 1`".to_owned()),
                _ => meaning(&schema["properties"][required]),
            };
            let message = if field.is_empty() {
                format!("`{required}` is missing")
            } else {
                format!("`{required}` is missing in `{field}`")
            };
            let problem = self
                .problem(place, &path, message)
                .label(format!("`{required}` is wanted here"));
            self.problems.push(problem.hint_if(hint));
        }
    }

    fn unknown_field(&mut self, entry: &Entry, schema: &Json, field: &str, path: &str) {
        let names = field_names(schema);
        let hint = closest(&entry.key, names.iter().copied())
            .map(|name| format!("did you mean `{name}`?"))
            .or_else(|| {
                home_of(self.schema, &entry.key, "")
                    .map(|home| format!("`{}` belongs to {home}", entry.key))
            })
            .unwrap_or_else(|| format!("fields here: {}", names.join(", ")));
        let message = if field.is_empty() {
            format!("unknown field `{}`", entry.key)
        } else {
            format!("unknown field `{}` in `{field}`", entry.key)
        };
        let problem = self
            .problem(entry.key_span, path, message)
            .label("not a field of this format")
            .hint(hint);
        self.problems.push(problem);
    }

    fn array(&mut self, node: &Node, items: &[Node], schema: &Json, field: &str) {
        let count = items.len() as u64;
        let (least, most) = (
            schema["minItems"].as_u64().unwrap_or(0),
            schema["maxItems"].as_u64(),
        );
        if count < least || most.is_some_and(|most| count > most) {
            let most = most.map_or(String::new(), |most| format!(" to {most}"));
            let problem = self.problem(
                node.span,
                field,
                format!("`{field}` has {count} entries, but needs {least}{most}"),
            );
            self.problems.push(
                problem
                    .label("wrong number of entries")
                    .hint_if(meaning(schema)),
            );
            if count > least {
                return;
            }
        }
        for (index, item) in items.iter().enumerate() {
            self.value(
                item,
                item.span,
                &schema["items"],
                &format!("{field}[{index}]"),
            );
        }
    }

    fn name(&mut self, node: &Node, names: &[&str], schema: &Json, field: &str) {
        match &node.value {
            Value::String(text) if names.contains(&text.as_str()) => {}
            Value::String(text) => {
                let list = names
                    .iter()
                    .map(|name| format!("\"{name}\""))
                    .collect::<Vec<_>>()
                    .join(", ");
                let hint = match closest(text, names.iter().copied()) {
                    Some(name) => format!("did you mean \"{name}\"? known: {list}"),
                    None => format!("known: {list}"),
                };
                let problem = self.problem(
                    node.span,
                    field,
                    format!("`{field}` has the unknown value \"{text}\""),
                );
                self.problems.push(problem.label("not known").hint(hint));
            }
            _ => self.wrong_type(node, node.span, "string", schema, field),
        }
    }

    fn string(&mut self, node: &Node, text: &str, schema: &Json, field: &str) {
        let count = text.chars().count() as u64;
        let (least, most) = (
            schema["minLength"].as_u64().unwrap_or(0),
            schema["maxLength"].as_u64(),
        );
        if count < least || most.is_some_and(|most| count > most) {
            let most = most.map_or(String::new(), |most| format!(" to {most}"));
            let message = format!("`{field}` has {count} characters, but needs {least}{most}");
            let problem = self
                .problem(node.span, field, message)
                .hint_if(meaning(schema));
            self.problems.push(problem);
            return;
        }
        if let Some(complaint) = schema["format"]
            .as_str()
            .and_then(|kind| format::complaint(kind, text, self.catalogue))
        {
            // The complaint's place is relative to the text, which starts behind the opening quote.
            let raw = self.sources[node.span.source]
                .text
                .get(node.span.start..node.span.end)
                .unwrap_or_default();
            let span = match (complaint.place, raw.find(text)) {
                (Some((start, end)), Some(quote)) => node.span.part(quote + start, quote + end),
                _ => node.span,
            };
            let problem = self
                .problem(span, field, complaint.message)
                .label(complaint.label);
            self.problems
                .push(problem.hint_if(complaint.hint.or_else(|| meaning(schema))));
        }
    }

    fn number(&mut self, node: &Node, number: f64, schema: &Json, field: &str) {
        let raw = self.sources[node.span.source]
            .text
            .get(node.span.start..node.span.end)
            .unwrap_or_default()
            .trim();
        if !number.is_finite() {
            let problem = self.problem(
                node.span,
                field,
                format!("`{field}` is {raw}, which is not a finite number"),
            );
            self.problems
                .push(problem.label("not finite").hint_if(meaning(schema)));
            return;
        }
        let least = schema["minimum"].as_f64();
        let above = schema["exclusiveMinimum"].as_f64();
        let most = schema["maximum"].as_f64();
        if least.is_some_and(|least| number < least)
            || above.is_some_and(|above| number <= above)
            || most.is_some_and(|most| number > most)
        {
            let range = match (least, above, most) {
                (_, Some(above), Some(most)) => format!("more than {above} and at most {most}"),
                (_, Some(above), None) => format!("more than {above}"),
                (Some(least), None, Some(most)) if least.total_cmp(&most).is_eq() => {
                    format!("{least}")
                }
                (Some(least), None, Some(most)) => format!("{least} to {most}"),
                (Some(least), None, None) => format!("at least {least}"),
                (None, None, most) => format!("at most {}", most.unwrap_or_default()),
            };
            let problem = self.problem(
                node.span,
                field,
                format!("`{field}` is {raw}, but must be {range}"),
            );
            self.problems
                .push(problem.label("out of range").hint_if(meaning(schema)));
        }
    }
}

/// The names that a closed list allows.
fn alternatives(schema: &Json) -> Option<Vec<&str>> {
    if let Some(list) = schema["enum"].as_array() {
        return Some(list.iter().filter_map(Json::as_str).collect());
    }
    let variants = schema["oneOf"].as_array()?;
    Some(
        variants
            .iter()
            .flat_map(|variant| {
                let listed = variant["enum"]
                    .as_array()
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                variant["const"]
                    .as_str()
                    .into_iter()
                    .chain(listed.iter().filter_map(Json::as_str))
            })
            .collect(),
    )
}

fn field_names(schema: &Json) -> Vec<&str> {
    schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// What a field means, from its description.
fn meaning(schema: &Json) -> Option<String> {
    schema["description"]
        .as_str()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The table that has a field of this name, for "belongs to".
fn home_of(schema: &Json, key: &str, path: &str) -> Option<String> {
    let properties = schema["properties"].as_object()?;
    if properties.contains_key(key) {
        return Some(if path.is_empty() {
            "the top of the file".to_owned()
        } else {
            format!("`{path}`")
        });
    }
    properties.iter().find_map(|(name, property)| {
        let item = if property["type"] == "array" {
            &property["items"]
        } else {
            property
        };
        home_of(item, key, &join(path, name))
    })
}

fn join(field: &str, key: &str) -> String {
    if field.is_empty() {
        key.to_owned()
    } else {
        format!("{field}.{key}")
    }
}

/// A field's path without indices, as in a table header.
fn dotless(field: &str) -> String {
    field
        .split('.')
        .map(|part| part.split('[').next().unwrap_or(part))
        .collect::<Vec<_>>()
        .join(".")
}
