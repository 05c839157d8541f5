//! A TOML document in which every key and value knows where it was written.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::source::Span;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

/// A TOML value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    String(String),
    Integer(i64),
    /// An integer that does not fit 64 bits.
    HugeInteger,
    Float(f64),
    Boolean(bool),
    Datetime(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) node: Node,
}

impl Value {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Integer(_) | Self::HugeInteger => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Datetime(_) => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }
}

impl Node {
    /// The entry of a table.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Place of the value at a dotted path (indices as numbers), or of its nearest ancestor that was written.
    pub(crate) fn locate(&self, path: &str) -> Span {
        let mut node = self;
        let mut span = self.span;
        for segment in path.split('.').filter(|segment| !segment.is_empty()) {
            let next = match &node.value {
                Value::Table(_) => node.entry(segment).map(|entry| {
                    let scalar = !matches!(entry.node.value, Value::Table(_));
                    (
                        &entry.node,
                        if scalar {
                            entry.node.span
                        } else {
                            entry.key_span
                        },
                    )
                }),
                Value::Array(items) => segment
                    .parse()
                    .ok()
                    .and_then(|i: usize| items.get(i))
                    .map(|item| (item, item.span)),
                _ => None,
            };
            let Some((next, next_span)) = next else { break };
            (node, span) = (next, next_span);
        }
        span
    }

    /// The same data as JSON, for deserialising; floats must be finite.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::String(text) | Value::Datetime(text) => text.clone().into(),
            Value::Integer(number) => (*number).into(),
            Value::HugeInteger => serde_json::Value::Null,
            Value::Float(number) => (*number).into(),
            Value::Boolean(flag) => (*flag).into(),
            Value::Array(items) => items.iter().map(Self::to_json).collect(),
            Value::Table(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.to_json()))
                    .collect(),
            ),
        }
    }
}

/// Parses a document; the errors are every syntax error that could be told apart.
pub(crate) fn parse_document(text: &str, source: usize) -> (Node, Vec<Error>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let span = Span::new(source, table.span());
    (
        Node {
            span,
            value: Value::Table(entries(table.get_ref(), source, 0)),
        },
        errors,
    )
}

/// Parses a single value, such as the right side of an override, that starts at byte `offset` of its source.
pub(crate) fn parse_value(text: &str, source: usize, offset: usize) -> Result<Node, Error> {
    DeValue::parse(text).map(|value| node(&value, source, offset))
}

fn entries(table: &DeTable<'_>, source: usize, offset: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: span(key, source, offset),
            node: node(value, source, offset),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    entries
}

fn span<T>(spanned: &Spanned<T>, source: usize, offset: usize) -> Span {
    let range = spanned.span();
    Span::new(source, range.start + offset..range.end + offset)
}

fn node(spanned: &Spanned<DeValue<'_>>, source: usize, offset: usize) -> Node {
    let value = match spanned.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::HugeInteger, Value::Integer),
        // A literal too large for a double reads as infinity and is refused like one.
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(date) => Value::Datetime(date.to_string()),
        DeValue::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| node(item, source, offset))
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(entries(table, source, offset)),
    };
    Node {
        span: span(spanned, source, offset),
        value,
    }
}
