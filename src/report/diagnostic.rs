//! Findings and errors as rustc draws them: the source line, an underline, help.

use std::borrow::Cow;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::lint::{Rule, rule_of};
use crate::span::Span;
use crate::text::wrap::paragraph;

/// Spans of one file are drawn in one snippet if they are at most this many lines apart.
const NEAR: usize = 100;

/// The diagnostic with its sentences wrapped to the terminal's width. Elsewhere each stays on one line, so that it can be
/// searched for.
pub fn fitted(mut diagnostic: Diagnostic, width: usize) -> Diagnostic {
    /// The width of the longest prefix: `warning[HK103]: `, or ` = help: ` after a line number of four digits.
    const BEFORE: usize = 16;
    // A few words per line are more readable than one.
    let width = width.saturating_sub(BEFORE).max(20);
    for text in std::iter::once(&mut diagnostic.message).chain(&mut diagnostic.help) {
        *text = paragraph(text, width).trim_end().to_owned();
    }
    diagnostic
}

/// Draws one diagnostic, without a trailing newline. `width` is the terminal's, in columns.
pub fn draw(diagnostic: &Diagnostic, color: bool, width: usize) -> String {
    draw_as(rule_of(diagnostic.kind), diagnostic, color, width)
}

/// Draws what a rule reports, where one does.
pub(super) fn draw_as(rule: Option<&Rule>, diagnostic: &Diagnostic, color: bool, width: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut title = level.primary_title(&diagnostic.message);
    if let Some(rule) = rule {
        title = title.id(rule.id);
    }
    let mut group = Group::with_title(title);
    let mut first = true;
    let line = |label: &Label| label.source.position(label.span.start).line;
    let near = |one: &Label, other: &Label| line(one).abs_diff(line(other)) <= NEAR;
    let by_file = diagnostic.labels.chunk_by(|one, other| Arc::ptr_eq(&one.source, &other.source) && near(one, other));
    // Only the lines that are pointed at: a file may be long, and its findings many.
    let shown: Vec<_> = by_file
        .map(|labels| {
            let source = &labels[0].source;
            let place = labels.iter().map(|label| label.span).reduce(Span::to).unwrap_or_default();
            let (lines, first) = source.lines_of(place);
            (labels, on_lines(source.shown(lines)), lines.start, first)
        })
        .collect();
    for (labels, shown, start, line) in &shown {
        let source = &labels[0].source;
        // A byte order mark takes no column.
        let text = shown.strip_prefix('\u{feff}').unwrap_or(shown);
        let before = start + shown.len() - text.len();
        let annotations = labels.iter().map(|label| {
            let kind = if std::mem::take(&mut first) { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(label.span.start.saturating_sub(before)..label.span.end.saturating_sub(before));
            if label.text.is_empty() { annotation } else { annotation.label(&label.text) }
        });
        let annotations: Vec<_> = annotations.collect();
        group = group.element(Snippet::source(text).line_start(*line).path(&source.path).annotations(annotations));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(width).render(&[group])
}

/// The text, of the same length, with a line feed for each carriage return that ends a line alone.
fn on_lines(text: Cow<'_, str>) -> Cow<'_, str> {
    let lone = |at: usize| !text[at + 1..].starts_with('\n');
    if !text.match_indices('\r').any(|(at, _)| lone(at)) {
        return text;
    }
    text.char_indices().map(|(at, c)| if c == '\r' && lone(at) { '\n' } else { c }).collect::<String>().into()
}
