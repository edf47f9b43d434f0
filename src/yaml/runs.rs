//! Where each piece of a scalar's text is in the file.

use super::Style;
use crate::span::{LINE_ENDS, Span};

/// A piece of text that is verbatim in the file, or one escaped character, whose span is the whole escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanRun {
    /// Byte offset in the text.
    pub text: usize,
    /// Place in the file.
    pub file: Span,
}

/// What YAML folds away around a line of a scalar; other white space of Unicode is text to it.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The runs of a scalar: `file` is the file's text, `span` the scalar in it, `text` what YAML makes of it.
pub fn runs(file: &str, span: Span, style: Style, text: &str) -> Vec<SpanRun> {
    let written = file.get(span.start..span.end).unwrap_or_default();
    let quote = usize::from(matches!(style, Style::Single | Style::Double) && !written.is_empty());
    let content = written.get(quote..written.len().saturating_sub(quote)).unwrap_or_default();
    let start = span.start + quote;
    if content == text {
        return vec![SpanRun { text: 0, file: Span::new(start, start + content.len()) }];
    }
    let mut mapper = Mapper { text, at: 0, runs: Vec::new() };
    let mut offset = start;
    for line in content.split_inclusive(LINE_ENDS) {
        match style {
            Style::Plain | Style::Block => mapper.copy(line.trim_matches(BLANKS), offset + indent(line)),
            Style::Single => mapper.single(line, offset),
            Style::Double => mapper.double(line, offset),
        }
        offset += line.len();
    }
    mapper.runs
}

/// Bytes of the spaces that a line begins with.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(BLANKS).len()
}

struct Mapper<'t> {
    text: &'t str,
    at: usize,
    runs: Vec<SpanRun>,
}

impl Mapper<'_> {
    /// A piece of one line that is verbatim in the text, after skipping folded spaces.
    fn copy(&mut self, piece: &str, file: usize) {
        if piece.is_empty() {
            return;
        }
        while !self.text[self.at..].starts_with(piece) {
            match self.text[self.at..].chars().next().filter(|c| c.is_whitespace()) {
                Some(blank) => self.at += blank.len_utf8(),
                None => return,
            }
        }
        self.runs.push(SpanRun { text: self.at, file: Span::new(file, file + piece.len()) });
        self.at += piece.len();
    }

    fn single(&mut self, line: &str, offset: usize) {
        let mut at = indent(line);
        let line = line.trim_end_matches(BLANKS);
        for (index, _) in line.match_indices("''") {
            if index < at {
                continue;
            }
            self.copy(&line[at..index], offset + at);
            self.escape(Span::new(offset + index, offset + index + 2));
            at = index + 2;
        }
        self.copy(line.get(at..).unwrap_or_default(), offset + at);
    }

    fn double(&mut self, line: &str, offset: usize) {
        let mut at = indent(line);
        let line = line.trim_end_matches(LINE_ENDS);
        while let Some(index) = line.get(at..).and_then(|rest| rest.find('\\')).map(|i| at + i) {
            self.copy(&line[at..index], offset + at);
            let length = escape_length(&line[index..]);
            if length > 1 {
                self.escape(Span::new(offset + index, offset + index + length));
            }
            at = index + length;
        }
        self.copy(line.get(at..).unwrap_or_default().trim_end_matches(BLANKS), offset + at);
    }

    /// One character of the text, written as an escape.
    fn escape(&mut self, file: Span) {
        if let Some(character) = self.text[self.at..].chars().next() {
            self.runs.push(SpanRun { text: self.at, file });
            self.at += character.len_utf8();
        }
    }
}

/// Bytes of the escape at the start of `rest`; a lone `\` continues the line. A surrogate pair is one escape.
fn escape_length(rest: &str) -> usize {
    let digits = match rest.as_bytes().get(1) {
        None => return 1,
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(_) => return 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
    };
    let length = (2 + digits).min(rest.len());
    let high = rest.get(2..6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let pair = digits == 4 && high.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
    if pair && rest.get(6..8) == Some("\\u") && rest.len() >= 12 { 12 } else { length }
}
