//! Source text in, tokens out, as Twig 3 cuts them: whitespace control, `verbatim`, comments, interpolated strings.
//!
//! What cannot be read becomes an error and a [`Kind::Broken`] token; reading continues after that tag.

mod expression;
mod string;

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};
use crate::foreign;
use crate::span::Span;
use crate::token::{Kind, Op, Token};

/// The template with every line end as `\n`, and the offsets (in that text) before which a `\r` was dropped.
pub(crate) fn normalize(source: &str) -> (Cow<'_, str>, Vec<usize>) {
    if !source.contains('\r') {
        return (Cow::Borrowed(source), Vec::new());
    }
    let mut text = String::with_capacity(source.len());
    let mut dropped = Vec::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => dropped.push(text.len()),
            '\r' => text.push('\n'),
            c => text.push(c),
        }
    }
    (Cow::Owned(text), dropped)
}

/// Reads a whole template.
pub(crate) fn template<'s>(code: &'s str, dropped: &'s [usize]) -> (Vec<Token<'s>>, Vec<Error>) {
    let mut lexer = Lexer::new(code, dropped);
    lexer.data();
    lexer.finish()
}

/// Reads an expression alone, as if it stood between `{{` and `}}`.
pub(crate) fn expression<'s>(code: &'s str, dropped: &'s [usize]) -> (Vec<Token<'s>>, Vec<Error>) {
    let mut lexer = Lexer::new(code, dropped);
    lexer.bare();
    lexer.finish()
}

/// What the lexer is inside of, besides brackets.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tag {
    Print,
    Block,
    Bare,
}

struct Lexer<'s> {
    code: &'s str,
    dropped: &'s [usize],
    at: usize,
    tokens: Vec<Token<'s>>,
    errors: Vec<Error>,
    /// Open brackets, strings (`"`) and interpolations (`#`) of the current tag, with their places.
    open: Vec<(u8, usize)>,
}

/// The tag cannot be read further; the error is reported.
struct Stop;

impl<'s> Lexer<'s> {
    fn new(code: &'s str, dropped: &'s [usize]) -> Self {
        let tokens = Vec::with_capacity(8 + code.len() / 8);
        Self { code, dropped, at: 0, tokens, errors: Vec::new(), open: Vec::new() }
    }

    fn finish(mut self) -> (Vec<Token<'s>>, Vec<Error>) {
        self.at = self.code.len();
        self.push(Kind::End, self.at);
        (self.tokens, self.errors)
    }

    /// A span of the normalized text as one of the template as written.
    fn span(&self, start: usize, end: usize) -> Span {
        if self.dropped.is_empty() {
            return Span::new(start, end);
        }
        let back = |offset: usize| offset + self.dropped.partition_point(|&d| d < offset);
        Span::new(back(start), back(end).max(back(start)))
    }

    fn push(&mut self, kind: Kind<'s>, start: usize) {
        let span = self.span(start, self.at);
        self.tokens.push(Token { kind, span });
    }

    fn text(&mut self, text: &'s str, start: usize) {
        if !text.is_empty() {
            let span = self.span(start, start + text.len());
            self.tokens.push(Token { kind: Kind::Text(text), span });
        }
    }

    fn fail(&mut self, start: usize, end: usize, message: impl Into<String>, help: Option<String>) -> Stop {
        let span = self.span(start, end);
        self.errors.push(Error { kind: ErrorKind::Syntax, span, message: message.into(), help, replacement: None });
        Stop
    }

    fn foreign(&mut self, start: usize, end: usize, found: foreign::ForeignSyntax) -> Stop {
        let span = self.span(start, end);
        self.errors.push(found.at(span));
        Stop
    }

    fn rest(&self) -> &'s str {
        &self.code[self.at..]
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.code.as_bytes().get(self.at + offset).copied()
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn eat_while(&mut self, matches: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&matches) {
            self.at += 1;
        }
    }

    /// Text and tags up to the end of the template.
    fn data(&mut self) {
        while self.at < self.code.len() {
            let start = self.at;
            let Some(tag) = tag_start(self.code, start) else {
                self.at = self.code.len();
                self.text(&self.code[start..], start);
                return;
            };
            self.at = tag + 2;
            let text = self.trimmed(&self.code[start..tag]);
            self.text(text, start);
            match self.code.as_bytes()[tag + 1] {
                b'#' => self.comment(tag),
                b'%' => self.block(tag),
                _ => {
                    self.push(Kind::PrintStart, tag);
                    self.tag(Tag::Print, tag);
                }
            }
        }
    }

    /// The text before a tag whose `{{`, `{%` or `{#` was just read, as its `-` or `~` asks.
    fn trimmed(&mut self, text: &'s str) -> &'s str {
        if self.eat("-") {
            text.trim_end_matches([' ', '\n', '\r', '\t', '\x0b', '\0'])
        } else if self.eat("~") {
            text.trim_end_matches([' ', '\t', '\0', '\x0b'])
        } else {
            text
        }
    }

    fn comment(&mut self, start: usize) {
        let Some(found) = self.rest().find("#}") else {
            self.at = self.code.len();
            self.fail(start, start + 2, "this comment is never closed", Some("end it with `#}`".into()));
            return;
        };
        let before = self.code.as_bytes()[..self.at + found].last().copied();
        let control = if found > 0 { before } else { None };
        self.at += found + 2;
        self.after_tag(control, true);
    }

    /// Whitespace after a tag that ended with `control` before its last two characters.
    fn after_tag(&mut self, control: Option<u8>, newline: bool) {
        match control {
            Some(b'-') => self.eat_while(is_space),
            Some(b'~') => self.eat_while(|b| matches!(b, b' ' | b'\t' | 0 | 0x0b)),
            _ if newline => drop(self.eat("\n")),
            _ => {}
        }
    }

    fn block(&mut self, start: usize) {
        let name = self.code[self.at..].trim_start_matches(SPACES);
        if let Some(behind) = name.strip_prefix("verbatim") {
            let before = self.at;
            self.at = self.code.len() - behind.len();
            if self.raw_end() {
                return self.verbatim(start);
            }
            self.at = before;
        }
        if let Some(end) = line_tag(name) {
            self.at = self.code.len() - name.len() + end;
            return;
        }
        self.push(Kind::TagStart, start);
        self.tag(Tag::Block, start);
    }

    /// The end of a `{% verbatim` or `{% endverbatim`, which keep the newline after them.
    fn raw_end(&mut self) -> bool {
        self.eat_while(is_space);
        let control = self.byte(0);
        if self.eat("-%}") || self.eat("~%}") {
            self.after_tag(control, false);
            return true;
        }
        self.eat("%}")
    }

    fn verbatim(&mut self, start: usize) {
        let from = self.at;
        while let Some(found) = self.rest().find("{%") {
            let end = self.at + found;
            self.at = end + 2;
            let text = self.trimmed(&self.code[from..end]);
            self.eat_while(is_space);
            if self.eat("endverbatim") && self.raw_end() {
                return self.text(text, from);
            }
            self.at = end + 2;
        }
        self.at = self.code.len();
        let help = Some("end it with `{% endverbatim %}`".into());
        self.fail(start, start + 2, "this `verbatim` section is never closed", help);
    }

    /// The inside of a tag, and its end; after an error, what follows that tag.
    fn tag(&mut self, tag: Tag, start: usize) {
        self.open.clear();
        if self.inside(tag, start).is_err() {
            let at = self.at;
            self.push(Kind::Broken, at);
            self.skip(tag);
        }
    }

    fn skip(&mut self, tag: Tag) {
        let end = if tag == Tag::Print { "}}" } else { "%}" };
        let close = self.rest().find(end).map(|i| i + self.at);
        let next = tag_start(self.code, self.at);
        let start = self.at;
        match (close, next) {
            (Some(close), next) if next.is_none_or(|next| close < next) => self.at = close + 2,
            (_, Some(next)) => self.at = next,
            _ => self.at = self.code.len(),
        }
        self.push(if tag == Tag::Print { Kind::PrintEnd } else { Kind::TagEnd }, start);
    }

    fn inside(&mut self, tag: Tag, start: usize) -> Result<(), Stop> {
        while self.at < self.code.len() {
            if self.open.is_empty() && self.tag_end(tag) {
                return Ok(());
            }
            self.expression(tag, start)?;
        }
        let (what, end) = if tag == Tag::Print { ("{{", "}}") } else { ("{%", "%}") };
        if let Some(&(bracket, place)) = self.open.last() {
            return Err(self.unclosed(bracket, place));
        }
        Err(self.fail(start, start + 2, format!("this `{what}` is never closed"), Some(format!("end it with `{end}`"))))
    }

    fn bare(&mut self) {
        while self.at < self.code.len() {
            if self.expression(Tag::Bare, 0).is_err() {
                let at = self.at;
                self.push(Kind::Broken, at);
                return;
            }
        }
        if let Some(&(bracket, place)) = self.open.last() {
            self.unclosed(bracket, place);
            self.push(Kind::Broken, self.at);
        }
    }

    fn tag_end(&mut self, tag: Tag) -> bool {
        let before = self.at;
        self.eat_while(is_space);
        let start = self.at;
        let control = self.byte(0).filter(|b| matches!(b, b'-' | b'~'));
        self.at += usize::from(control.is_some());
        let (end, kind) = if tag == Tag::Print { ("}}", Kind::PrintEnd) } else { ("%}", Kind::TagEnd) };
        if !self.eat(end) {
            self.at = before;
            return false;
        }
        self.push(kind, start);
        self.after_tag(control, tag == Tag::Block);
        true
    }

    fn unclosed(&mut self, bracket: u8, place: usize) -> Stop {
        let (text, end) = match bracket {
            b'(' => ("(", ")"),
            b'[' => ("[", "]"),
            b'{' => ("{", "}"),
            b'#' => ("#{", "}"),
            _ => ("\"", "\""),
        };
        let what =
            if bracket == b'"' { "this string is never closed".into() } else { format!("`{text}` is never closed") };
        self.fail(place, place + text.len(), what, Some(format!("close it with `{end}`")))
    }
}

const SPACES: [char; 6] = [' ', '\t', '\n', '\x0b', '\x0c', '\r'];

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// Where the next `{{`, `{%` or `{#` starts.
fn tag_start(code: &str, from: usize) -> Option<usize> {
    let bytes = code.as_bytes();
    let mut at = from;
    while let Some(found) = bytes.get(at..)?.iter().position(|&b| b == b'{') {
        at += found;
        if matches!(bytes.get(at + 1), Some(b'{' | b'%' | b'#')) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The length of a `line 12 %}` at the start of `name`.
fn line_tag(name: &str) -> Option<usize> {
    let number = name.strip_prefix("line")?;
    let digits = number.trim_start_matches(SPACES);
    let behind = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let end = behind.trim_start_matches(SPACES).strip_prefix("%}")?;
    let well_formed = digits.len() < number.len() && behind.len() < digits.len();
    well_formed.then(|| name.len() - end.len())
}
