//! Texts that a scenario is made of, and places in them.

use std::sync::Arc;

/// A text that problems may point into: a scenario file or one `--set` option.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// File path as given, or `--set`.
    pub(crate) name: Arc<str>,
    /// The text.
    pub(crate) text: Arc<str>,
    /// Whether it is the scenario file; otherwise it is an override.
    pub(crate) is_file: bool,
}

/// The scenario file (index 0) and its overrides.
pub(crate) type Sources = Vec<Source>;

/// Byte range in one of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    /// Index into [`Sources`].
    pub(crate) source: usize,
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

impl Span {
    /// A span from a range.
    pub(crate) fn new(source: usize, range: std::ops::Range<usize>) -> Self {
        Self {
            source,
            start: range.start,
            end: range.end.max(range.start),
        }
    }

    /// The part of this span from `start` to `end`, both relative to it.
    pub(crate) fn part(self, start: usize, end: usize) -> Self {
        Self {
            start: (self.start + start).min(self.end),
            end: (self.start + end).min(self.end),
            ..self
        }
    }

    /// The same place cut down to its first line and to character boundaries, so that an underline stays readable.
    pub(crate) fn on_one_line(self, text: &str) -> Self {
        let mut start = self.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = self.end.clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let end = text
            .get(start..end)
            .and_then(|part| part.find(['\n', '\r']))
            .map_or(end, |line_end| start + line_end);
        Self { start, end, ..self }
    }
}

/// Line and column (both from 1, columns in characters) of a byte offset.
pub(crate) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "a = 1\nµ = 'ü'\n";
        assert_eq!(line_column(text, 0), (1, 1));
        assert_eq!(line_column(text, 6), (2, 1));
        assert_eq!(line_column(text, 8), (2, 2));
        assert_eq!(
            line_column(text, 7),
            (2, 1),
            "inside a character: its start"
        );
        assert_eq!(line_column(text, 999), (3, 1));
    }

    #[test]
    fn a_span_is_cut_to_its_first_line() {
        let text = "[[a]]\r\nb = 1";
        assert_eq!(Span::new(0, 0..12).on_one_line(text), Span::new(0, 0..5));
        assert_eq!(Span::new(0, 40..50).on_one_line(text), Span::new(0, 12..12));
    }
}
