//! Places in a text: byte spans, and the source file that turns them into lines and columns.

use std::borrow::Cow;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A half-open range of **byte** offsets into one text, always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to and without `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The same span, `by` bytes further on.
    pub fn shifted(self, by: usize) -> Span {
        Span::new(self.start + by, self.end + by)
    }
}

/// A value together with the place where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// A line and column as people and editors count them: both from 1, the column in Unicode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in Unicode characters.
    pub column: usize,
}

/// A file's text with the name that messages call it by.
#[derive(Debug)]
pub struct Source {
    /// Path relative to the working directory, with `/` everywhere; `<stdin>` for standard input.
    pub path: String,
    /// The text, as read (line ends and a byte order mark included).
    pub text: String,
    lines: OnceLock<Vec<usize>>,
    hidden: Mutex<Vec<Span>>,
}

impl Source {
    /// A source of that name and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new(), hidden: Mutex::default() }
    }

    /// From now on, whatever shows lines of this source shows stars for a piece of it: a credential that somebody wrote there.
    pub fn hide(&self, span: Span) {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }

    /// The text as it may be shown: of the same length, with stars for what is hidden.
    pub fn shown(&self) -> Cow<'_, str> {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        if hidden.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let is_hidden = |at: usize| hidden.iter().any(|span| (span.start..span.end).contains(&at));
        let star = |(at, c): (usize, char)| if is_hidden(at) && c.is_ascii_graphic() { '*' } else { c };
        Cow::Owned(self.text.char_indices().map(star).collect())
    }

    /// Byte offsets at which each line starts.
    pub fn line_starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            std::iter::once(0)
                .chain(self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
                .collect()
        })
    }

    /// The position of a byte offset; an offset past the end is the end. A byte order mark has no column.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let starts = self.line_starts();
        let line = starts.partition_point(|&s| s <= offset);
        let before = &self.text[starts[line - 1]..offset];
        let column = before.strip_prefix('\u{feff}').unwrap_or(before).chars().count() + 1;
        Position { line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_shown_as_stars_of_the_same_length() {
        let source = Source::new("a", "é: secret\n  more\nrest");
        assert_eq!(source.shown(), source.text);
        source.hide(Span::new(6, 17));
        assert_eq!(source.shown(), "é: se****\n  ****\nrest");
    }
}
