//! Places in a text: byte spans, and the source file that turns them into lines and columns.

use std::borrow::Cow;
use std::sync::{Mutex, OnceLock, PoisonError};

pub use hookctl_twig::Span;

/// What ends a line, as YAML 1.2 has it: a line feed, a carriage return, or both in this order.
pub const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// The line of `text` around a byte offset, without its end.
pub fn line_around(text: &str, at: usize) -> Span {
    // Between the two characters of one line end, the line is the one that they end.
    let between = text[..at].ends_with('\r') && text[at..].starts_with('\n');
    let at = at - usize::from(between);
    let start = text[..at].rfind(LINE_ENDS).map_or(0, |end| end + 1);
    Span::new(start, text[at..].find(LINE_ENDS).map_or(text.len(), |end| at + end))
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
    redacted: Mutex<Vec<Span>>,
}

impl Source {
    /// A source of that name and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new(), redacted: Mutex::default() }
    }

    /// Redacts a piece of this source, a hard-coded credential: wherever its lines are displayed, it is replaced by
    /// stars.
    pub fn redact(&self, span: Span) {
        self.redacted.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }

    /// The redacted pieces.
    pub fn redacted(&self) -> Vec<&str> {
        let hidden = self.redacted.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.iter().filter_map(|span| self.text.get(span.start..span.end)).collect()
    }

    /// Whole lines of the text for display: of the same length, with stars for redacted pieces.
    pub fn shown(&self, lines: Span) -> Cow<'_, str> {
        let text = self.text.get(lines.start..lines.end).unwrap_or_default();
        let hidden = self.redacted.lock().unwrap_or_else(PoisonError::into_inner);
        let hidden: Vec<Span> =
            hidden.iter().copied().filter(|span| span.start < lines.end && lines.start < span.end).collect();
        if hidden.is_empty() {
            return Cow::Borrowed(text);
        }
        let is_redacted = |at: usize| hidden.iter().any(|span| (span.start..span.end).contains(&(lines.start + at)));
        let star = |(at, c): (usize, char)| if is_redacted(at) && c.is_ascii_graphic() { '*' } else { c };
        Cow::Owned(text.char_indices().map(star).collect())
    }

    /// The lines that a span touches, whole, with the number of the first (from 1).
    pub fn lines_of(&self, span: Span) -> (Span, usize) {
        let starts = self.line_starts();
        let first = starts.partition_point(|start| *start <= span.start);
        let after = starts.partition_point(|start| *start <= span.end);
        let begin = first.checked_sub(1).and_then(|index| starts.get(index)).copied().unwrap_or_default();
        let end = starts.get(after).copied().unwrap_or(self.text.len());
        (Span::new(begin, end), first.max(1))
    }

    /// Byte offsets at which each line starts.
    pub fn line_starts(&self) -> &[usize] {
        let bytes = self.text.as_bytes();
        let ends = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = || (0..bytes.len()).filter(|at| ends(*at)).map(|at| at + 1);
        self.lines.get_or_init(|| std::iter::once(0).chain(starts()).collect())
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
        let whole = Span::new(0, source.text.len());
        assert_eq!(source.shown(whole), source.text);
        source.redact(Span::new(6, 17));
        assert_eq!(source.shown(whole), "é: se****\n  ****\nrest");
        assert_eq!(source.shown(Span::new(11, 18)), "  ****\n");
    }

    #[test]
    fn a_span_is_in_whole_lines() {
        let source = Source::new("a", "one\ntwö\n\nfour");
        for ((start, end), lines, first) in [
            ((0, 0), "one\n", 1),
            ((1, 3), "one\n", 1),
            ((4, 4), "twö\n", 2),
            ((5, 9), "twö\n\n", 2),
            ((9, 9), "\n", 3),
            ((10, 14), "four", 4),
            ((2, 14), source.text.as_str(), 1),
            ((14, 14), "four", 4),
        ] {
            let lone = Source::new("a", source.text.replace('\n', "\r"));
            assert_eq!(lone.lines_of(Span::new(start, end)), source.lines_of(Span::new(start, end)), "{start}..{end}");
            let (span, line) = source.lines_of(Span::new(start, end));
            assert_eq!((&source.text[span.start..span.end], line), (lines, first), "{start}..{end}");
        }
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let source = Source::new("a", "one\r\ntwo\rthree\n\r\rsix\r");
        for (at, line, column, around) in [
            (0, 1, 1, "one"),
            (3, 1, 4, "one"),
            (4, 1, 5, "one"),
            (5, 2, 1, "two"),
            (8, 2, 4, "two"),
            (9, 3, 1, "three"),
            (15, 4, 1, ""),
            (16, 5, 1, ""),
            (17, 6, 1, "six"),
            (21, 7, 1, ""),
        ] {
            assert_eq!(source.position(at), Position { line, column }, "{at}");
            let span = line_around(&source.text, at);
            assert_eq!(&source.text[span.start..span.end], around, "{at}");
        }
    }
}
