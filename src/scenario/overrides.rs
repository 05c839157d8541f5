//! `--set key.path=value`: changes of the document before it is checked.

use super::error::Problem;
use super::source::{Source, Sources, Span};
use super::tree::{Entry, Node, Value, parse_value};

/// Longest path that an override may have; the format itself is four levels deep.
const DEPTH_MAX: usize = 16;

struct Segment {
    text: String,
    span: Span,
}

/// Applies one override, whose text becomes a source of its own.
pub(crate) fn apply(root: &mut Node, text: &str, sources: &mut Sources) -> Result<(), Problem> {
    let index = sources.len();
    let source = Source {
        name: "--set".into(),
        text: text.into(),
        is_file: false,
    };
    let result = parse(&source, index).and_then(|(path, node)| {
        let mut segments = path.iter();
        match segments.next() {
            Some(first) => insert(root, first, segments.as_slice(), node, &source),
            None => Ok(()),
        }
    });
    sources.push(source);
    result
}

/// Splits `path=value` into the path's segments and the value.
fn parse(source: &Source, index: usize) -> Result<(Vec<Segment>, Node), Problem> {
    let text = &*source.text;
    let whole = Span::new(index, 0..text.len());
    let usage =
        "write --set KEY.PATH=VALUE, such as --set seed=7 or --set traffic.train.0.share=0.5";
    let Some((path, value)) = text.split_once('=') else {
        return Err(Problem::new(source, whole, "", "an override needs a `=`").hint(usage));
    };
    let mut segments = Vec::new();
    let mut at = 0;
    for piece in path.split(['.', '[']) {
        let name = piece.trim().trim_end_matches(']');
        let start = at + piece.len() - piece.trim_start().len();
        let span = Span::new(index, start..start + name.len());
        at += piece.len() + 1;
        if name.is_empty() {
            return Err(Problem::new(
                source,
                Span::new(index, 0..path.len()),
                "",
                "the override names no field",
            )
            .hint(usage));
        }
        segments.push(Segment {
            text: name.to_owned(),
            span,
        });
    }
    if segments.len() > DEPTH_MAX {
        let message = format!("the override's path is more than {DEPTH_MAX} levels deep");
        return Err(Problem::new(source, Span::new(index, 0..path.len()), "", message).hint(usage));
    }
    let offset = path.len() + 1;
    Ok((segments, value_node(source, index, value, offset)?))
}

/// A TOML value, or a bare string where the text is no TOML and does not begin like a quoted or compound value.
fn value_node(source: &Source, index: usize, value: &str, offset: usize) -> Result<Node, Problem> {
    let trimmed = value.trim();
    let offset = offset + value.len() - value.trim_start().len();
    let span = Span::new(index, offset..offset + trimmed.len());
    match parse_value(trimmed, index, offset) {
        Ok(node) => Ok(node),
        Err(error) if trimmed.starts_with(['[', '{', '"', '\'']) => {
            let place = error.span().map_or(span, |range| {
                Span::new(index, range.start + offset..range.end + offset)
            });
            Err(Problem::new(
                source,
                place,
                "",
                format!("the override's value is no TOML: {}", error.message()),
            ))
        }
        Err(_) => Ok(Node {
            span,
            value: Value::String(trimmed.to_owned()),
        }),
    }
}

fn insert(
    target: &mut Node,
    segment: &Segment,
    rest: &[Segment],
    node: Node,
    source: &Source,
) -> Result<(), Problem> {
    let place = match &mut target.value {
        Value::Table(entries) => table_slot(entries, segment),
        Value::Array(items) => array_slot(items, segment, source)?,
        other => {
            let message = format!(
                "`{}` is inside {}, which has no fields",
                segment.text,
                other.describe()
            );
            return Err(Problem::new(source, segment.span, "", message).label("no such field"));
        }
    };
    match rest.split_first() {
        None => {
            *place = node;
            Ok(())
        }
        Some((next, rest)) => {
            if matches!(&place.value, Value::Table(entries) if entries.is_empty())
                && next.text.parse::<usize>().is_ok()
                && place.span == segment.span
            {
                place.value = Value::Array(Vec::new());
            }
            insert(place, next, rest, node, source)
        }
    }
}

/// An empty table in the place of a segment.
fn empty(segment: &Segment) -> Node {
    Node {
        span: segment.span,
        value: Value::Table(Vec::new()),
    }
}

fn table_slot<'a>(entries: &'a mut Vec<Entry>, segment: &Segment) -> &'a mut Node {
    let found = entries.iter().position(|entry| entry.key == segment.text);
    let at = found.unwrap_or_else(|| {
        entries.push(Entry {
            key: segment.text.clone(),
            key_span: segment.span,
            node: empty(segment),
        });
        entries.len() - 1
    });
    &mut entries[at].node
}

fn array_slot<'a>(
    items: &'a mut Vec<Node>,
    segment: &Segment,
    source: &Source,
) -> Result<&'a mut Node, Problem> {
    let length = items.len();
    let Some(at) = segment
        .text
        .parse::<usize>()
        .ok()
        .filter(|at| *at <= length)
    else {
        let message = format!("`{}` is no index into an array of {length}", segment.text);
        return Err(Problem::new(source, segment.span, "", message)
            .label("not in the array")
            .hint(format!(
                "indices are 0 to {}; {length} appends",
                length.saturating_sub(1)
            )));
    };
    if at == length {
        items.push(empty(segment));
    }
    Ok(&mut items[at])
}
