//! Recovery after a syntax error: the faulty line is overwritten with spaces, byte for byte, and the text is read again.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use super::build::{Built, Stop, build};
use super::{Document, Node, limits};
use crate::diagnostic::{Diagnostic, Edit, ProblemKind};
use crate::span::{LINE_ENDS, Source, Span, line_around};

/// How often a text is read again at most.
const ROUNDS: usize = 16;

/// Reads a file's text, or one that replaces it byte for byte; errors point into `source`. Every value that could be read is
/// in the tree, also after an error.
pub fn read<'t>(source: &Arc<Source>, text: &'t str) -> Document<'t> {
    if text.len() > limits::FILE {
        let message = format!("the file is too large: {} bytes, at most {} are read", text.len(), limits::FILE);
        let error = Diagnostic::new(ProblemKind::Syntax, source, Span::new(0, 0), message);
        return Document { root: None, comments: Vec::new(), errors: vec![error] };
    }
    if control_characters(text).next().is_none() {
        let built = build(source, text, text, &[]);
        if built.stopped.is_none() {
            return Document { root: built.root, comments: built.comments, errors: built.errors };
        }
    }
    Recovery::new(source, text).run()
}

/// Characters that YAML does not allow anywhere.
fn control_characters(text: &str) -> impl Iterator<Item = (usize, char)> {
    let bytes = text.bytes().enumerate();
    bytes.filter(|(_, b)| (*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) || *b == 0x7f).map(|(i, b)| (i, b as char))
}

struct Recovery<'t> {
    source: &'t Arc<Source>,
    text: &'t str,
    /// The text with the faulty parts overwritten, byte for byte.
    masked: Vec<u8>,
    /// Values overwritten by a word, ascending: present, but unreadable.
    values: Vec<Span>,
    errors: Vec<Diagnostic>,
    /// Starts of the top-level entries that have an error already: further errors there may follow from it.
    reported: Vec<usize>,
}

impl<'t> Recovery<'t> {
    fn new(source: &'t Arc<Source>, text: &'t str) -> Self {
        let masked = text.as_bytes().to_vec();
        Self { source, text, masked, values: Vec::new(), errors: Vec::new(), reported: Vec::new() }
    }

    fn run(mut self) -> Document<'static> {
        for (at, character) in control_characters(self.text) {
            self.masked[at] = b' ';
            if self.errors.len() < ROUNDS {
                let message = format!("YAML can't contain the control character U+{:04X}", u32::from(character));
                let help = format!("in double quotes, write it as \\x{:02x}", u32::from(character));
                self.error(Span::new(at, at + character.len_utf8()), message, Some(help));
            }
        }
        for _ in 0..ROUNDS {
            let current = String::from_utf8_lossy(&self.masked).into_owned();
            let mut built = build(self.source, &current, self.text, &self.values);
            match built.stopped.take() {
                Some(stop) => self.step(&stop),
                None => return self.document(built),
            }
        }
        let current = String::from_utf8_lossy(&self.masked).into_owned();
        let built = build(self.source, &current, self.text, &self.values);
        self.document(built)
    }

    fn document(mut self, built: Built<'_>) -> Document<'static> {
        self.errors.extend(built.errors);
        self.errors.sort_by_key(Diagnostic::span);
        Document { root: built.root.map(Node::into_owned), comments: built.comments, errors: self.errors }
    }

    /// Records one error and overwrites the faulty part.
    fn step(&mut self, stop: &Stop) {
        let mut at = place(self.text, &stop.error);
        let quote = self.open_quote(at, &stop.error);
        if let Some(better) = quote.or_else(|| self.lone_word(at, &stop.error)) {
            at = better;
        }
        if let Some(template) = self.unquoted_template(at) {
            let end = template.span.end;
            self.masked[template.span.start..end].fill(b'x');
            let position = self.values.partition_point(|value| value.start < template.span.start);
            self.values.insert(position, template.span);
            let message = "this template needs quotes: YAML reads `{` as the start of a mapping";
            let mut error = Diagnostic::new(ProblemKind::WrongType, self.source, template.span, message);
            error.help.push(write(&template.text));
            error.edits.push(template);
            self.errors.push(error);
            return;
        }
        let unclosed = matches!(stop.error.kind(), ErrorKind::UnclosedFlowCollection { .. });
        let opener = stop.open_flow.filter(|open| unclosed || self.line(*open) != self.line(at));
        let line = self.line(opener.unwrap_or(at));
        self.report(at, opener, &stop.error, quote.is_some());
        let blank = self.masked[line.start..line.end].iter().all(u8::is_ascii_whitespace);
        // Where that line is blank already, the fault lies deeper: the rest of the entry goes.
        let region = if blank { Span::new(line.start, self.next_entry(line.end.max(at))) } else { line };
        for byte in &mut self.masked[region.start..region.end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    /// Where text follows a closing quote that was meant to open a string: the unclosed quote before it.
    fn open_quote(&self, at: usize, error: &ScanError) -> Option<usize> {
        let quote = match error.kind() {
            ErrorKind::InvalidTrailingSingleQuotedScalar => '\'',
            ErrorKind::InvalidTrailingDoubleQuotedScalar => '"',
            _ => return None,
        };
        let line = self.line(at);
        let odd = |text: &str| text.matches(quote).count() % 2 == 1;
        if !odd(&self.text[line.start..at]) {
            return None;
        }
        let mut above = line;
        while above.start > 0 {
            above = self.line(above.start - 1);
            let text = &self.text[above.start..above.end];
            if odd(text) {
                return text.find(quote).map(|column| above.start + column);
            }
        }
        None
    }

    /// Where a line without a colon is right above the `:` that the parser complains about: that line is at fault.
    fn lone_word(&self, at: usize, error: &ScanError) -> Option<usize> {
        if !matches!(error.kind(), ErrorKind::MappingValueNotAllowed) {
            return None;
        }
        let line = self.line(at);
        let above = self.line(line.start.checked_sub(1)?);
        let indent = |line: Span| {
            let text = &self.text[line.start..line.end];
            text.len() - text.trim_start().len()
        };
        let text = &self.text[above.start..above.end];
        let lone = !text.trim().is_empty() && !text.contains(':') && !text.trim_start().starts_with(['#', '-']);
        (lone && indent(line) == indent(above) && self.masked[above.start + indent(above)] != b' ')
            .then_some(above.start + indent(above))
    }

    fn report(&mut self, at: usize, opener: Option<usize>, error: &ScanError, open_quote: bool) {
        let entry = self.entry(at);
        if self.reported.contains(&entry) {
            return;
        }
        self.reported.push(entry);
        if let Some(opener) = opener {
            self.reported.push(self.entry(opener));
            let bracket = self.text[opener..].chars().next().unwrap_or('[');
            self.error(
                Span::new(opener, opener + bracket.len_utf8()),
                format!("this `{bracket}` is not closed"),
                Some("close it, or quote the string if the bracket is part of it".into()),
            );
            return;
        }
        let span = self.word(at);
        let (message, help) = match open_quote {
            true => open_quote_words(),
            false => words(error, &self.text[span.start..span.end]),
        };
        self.error(span, message, help);
    }

    fn error(&mut self, span: Span, message: String, help: Option<String>) {
        let mut error = Diagnostic::new(ProblemKind::Syntax, self.source, span, message);
        error.help.extend(help);
        self.errors.push(error);
    }

    /// The word at `at`, on one line; at a line's end, the last character before it.
    fn word(&self, at: usize) -> Span {
        let line = self.line(at);
        let rest = &self.text[at..line.end];
        if rest.starts_with('\t') {
            return Span::new(at, at + 1);
        }
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        if word > 0 {
            return Span::new(at, at + word);
        }
        let before = self.text[line.start..at].trim_end();
        let last = before.chars().next_back().map_or(0, char::len_utf8);
        Span::new(line.start + before.len() - last, line.start + before.len())
    }

    /// The line around `at`, without its end.
    fn line(&self, at: usize) -> Span {
        line_around(self.text, at)
    }

    /// Start of the top-level entry around `at`.
    fn entry(&self, at: usize) -> usize {
        let mut start = self.line(at).start;
        while start > 0 && !starts_entry(&self.text[start..]) {
            start = self.line(start - 1).start;
        }
        start
    }

    /// Start of the first top-level entry after `at`, or the end.
    fn next_entry(&self, at: usize) -> usize {
        let starts = self.text[at..].match_indices(LINE_ENDS).map(|(i, _)| at + i + 1);
        starts.into_iter().find(|start| starts_entry(&self.text[*start..])).unwrap_or(self.text.len())
    }

    /// Whether what starts there can be a value: a line of its own is one only below a key or a dash.
    fn is_value(&self, line: Span, start: usize) -> bool {
        let above = self.text[..line.start].trim_end();
        !self.text[line.start..start].trim().is_empty() || above.is_empty() || above.ends_with([':', '-'])
    }

    /// A value on the line of `at`, or a little above it, that begins as a template and is not overwritten yet: from `{` to the
    /// end of the line, and the same in quotes.
    fn unquoted_template(&self, at: usize) -> Option<Edit> {
        let mut line = self.line(at);
        for _ in 0..4 {
            let start = template_start(&self.text[line.start..line.end]).map(|start| line.start + start);
            if let Some(start) = start.filter(|start| self.masked[*start] == b'{' && self.is_value(line, *start)) {
                let written = written(&self.text[start..line.end]);
                let span = Span::new(start, start + written.len());
                return Some(Edit::new(span, quoted(written)));
            }
            if line.start == 0 {
                break;
            }
            line = self.line(line.start - 1);
        }
        None
    }
}

/// Where the parser stopped, or the tab it complains about.
fn place(text: &str, error: &ScanError) -> usize {
    let at = text.floor_char_boundary(error.marker().byte_offset().unwrap_or(text.len()));
    let tab = matches!(
        error.kind(),
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    );
    if tab {
        let line = line_around(text, at).start;
        let indent = text[line..].len() - text[line..].trim_start_matches([' ', '\t']).len();
        let from = if text[line..line + indent].contains('\t') { line } else { at };
        return text[from..].find('\t').map_or(at, |i| from + i);
    }
    at
}

fn starts_entry(line: &str) -> bool {
    line.starts_with(|c: char| !c.is_whitespace() && c != '#' && c != '}' && c != ']')
}

/// Where in a line a value begins that is a template without quotes.
fn template_start(line: &str) -> Option<usize> {
    let pairs = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
    let template = |rest: &str| pairs.iter().any(|(open, close)| rest.starts_with(open) && rest.contains(close));
    let mut start = line.len() - line.trim_start().len();
    while line[start..].starts_with("- ") {
        let rest = line[start + 2..].trim_start();
        start = line.len() - rest.len();
    }
    if template(&line[start..]) {
        return Some(start);
    }
    let colon = line[start..].find(": ")?;
    let rest = line[start + colon + 2..].trim_start();
    template(rest).then(|| line.len() - rest.len())
}

/// The value from its start to the end of its line, without a comment after its last brace.
fn written(rest: &str) -> &str {
    let last = rest.rfind('}').map_or(0, |i| i + 1);
    let comment = rest[last..].find(" #").map_or(rest.len(), |i| last + i);
    rest[..comment].trim_end()
}

/// A string in quotes that need no escapes.
pub fn quoted(text: &str) -> String {
    if text.contains('"') || text.contains('\\') {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// The help for a value that needs quotes: the quoted value, if it is short enough to read.
pub fn write(quoted: &str) -> String {
    if quoted.len() <= 200 { format!("write {quoted}") } else { "quote the whole value".into() }
}

fn open_quote_words() -> (String, Option<String>) {
    ("this quote is never closed".into(), Some("close it, or use the other kind of quotes".into()))
}

/// The parser's error in a user's words.
fn words(error: &ScanError, word: &str) -> (String, Option<String>) {
    let (message, help) = match error.kind() {
        ErrorKind::UnclosedQuotedScalar => return open_quote_words(),
        ErrorKind::ExpectedBlockMappingKey => (
            format!("expected a key here, found `{word}`"),
            "indent all keys of a mapping equally; quote a value that has more than one part",
        ),
        ErrorKind::MappingValueNotAllowed if word.starts_with(':') => (
            "`:` starts a mapping, which isn't allowed here".into(),
            "quote the string if the colon is part of it, or check the indentation",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::MappingValueNotAllowed => {
            (format!("expected `key: value`, found `{word}`"), "a key is followed by a colon and a space")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => ("YAML can't be indented with tabs".into(), "indent with spaces"),
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("an unquoted string can't begin with `{character}`"), "put it in quotes")
        }
        ErrorKind::RecursionLimitExceeded => {
            (format!("nested too deeply: more than {} levels", limits::DEPTH), "a script needs only four")
        }
        _ => return (error.info(), None),
    };
    (message, Some(help.to_owned()))
}
