//! The notation of flags that hold several values: `key=value`, separated by `;`, such as `delay=6s;status=500,200`.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::span::{Source, Span};
use crate::text::suggest;

/// What is wrong with a value: the message and the help.
pub(crate) type Wrong = (String, String);

/// The keys with their spans, and all problems.
#[derive(Debug)]
pub(crate) struct Pairs {
    pub keys: Vec<(&'static str, Span)>,
    pub problems: Vec<Diagnostic>,
}

impl Pairs {
    /// Reads a part of the source and passes each pair to `set`; a key without `=` has no value. `\;` is a semicolon in a
    /// value. `noun` is what messages call a key.
    pub(crate) fn read(
        source: &Arc<Source>,
        span: Span,
        noun: &str,
        keys: &[&'static str],
        mut set: impl FnMut(&'static str, Option<&str>) -> Result<(), Wrong>,
    ) -> Self {
        let mut pairs = Self { keys: Vec::new(), problems: Vec::new() };
        for piece in pieces(&source.text, span) {
            let text = &source.text[piece.start..piece.end];
            let (key, value) = match text.find('=') {
                Some(at) => (trimmed(text, Span::new(0, at)), Some(Span::new(at + 1, text.len()))),
                None => (trimmed(text, Span::new(0, text.len())), None),
            };
            let key_text = &text[key.start..key.end];
            let key = key.shifted(piece.start);
            let Some(known) = keys.iter().find(|known| **known == key_text) else {
                let message = format!("there is no {noun} `{key_text}`");
                pairs
                    .problems
                    .push(Diagnostic::error(message).at(source, key, "").help(suggest::instead_of(key_text, keys)));
                continue;
            };
            if let Some(first) = pairs.place(known) {
                let problem = Diagnostic::error(format!("`{known}` is given twice"));
                pairs.problems.push(problem.at(source, key, "again here").at(source, first, "first here"));
                continue;
            }
            pairs.keys.push((known, key));
            let value_text = value.map(|v| text[v.start..v.end].replace("\\;", ";"));
            if let Err((message, help)) = set(known, value_text.as_deref()) {
                let place = value.map_or(key, |v| trimmed(text, v).shifted(piece.start));
                pairs.problems.push(Diagnostic::error(message).at(source, place, "").help(help));
            }
        }
        pairs
    }

    /// The span of a key.
    pub(crate) fn place(&self, key: &str) -> Option<Span> {
        self.keys.iter().find(|(known, _)| *known == key).map(|(_, span)| *span)
    }
}

/// The parts between unescaped semicolons, without blank ones.
fn pieces(text: &str, span: Span) -> Vec<Span> {
    let mut pieces = Vec::new();
    let mut start = span.start;
    let inside = text.get(span.start..span.end).unwrap_or_default();
    let ends = inside.match_indices(';').map(|(at, _)| span.start + at).filter(|at| !text[..*at].ends_with('\\'));
    for end in ends.chain([span.end]) {
        if !text[start..end].trim().is_empty() {
            pieces.push(Span::new(start, end));
        }
        start = end + 1;
    }
    pieces
}

/// The span without white space at its ends.
pub(crate) fn trimmed(text: &str, span: Span) -> Span {
    let inside = &text[span.start..span.end];
    let start = span.start + (inside.len() - inside.trim_start().len());
    Span::new(start, start.max(span.start + inside.trim_end().len()))
}

/// Splits `NAME: REST` at the first colon followed by a space, else at the first colon: the trimmed name, and the rest.
pub(crate) fn named(text: &str) -> Option<(Span, Span)> {
    let colon = text.find(": ").or_else(|| text.find(':'))?;
    Some((trimmed(text, Span::new(0, colon)), Span::new(colon + 1, text.len())))
}
