//! Findings and errors as rustc draws them: the source line, an underline, help.

use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};

/// Draws one diagnostic, without a trailing newline. `width` is the terminal's, in columns.
pub fn draw(diagnostic: &Diagnostic, colour: bool, width: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut title = level.primary_title(&diagnostic.message);
    if let Some(code) = diagnostic.code {
        title = title.id(code);
    }
    let mut group = Group::with_title(title);
    let mut first = true;
    let by_file = diagnostic.labels.chunk_by(|one, other| Arc::ptr_eq(&one.source, &other.source));
    let shown: Vec<_> = by_file.map(|labels| (labels, labels[0].source.shown())).collect();
    for (labels, shown) in &shown {
        let source = &labels[0].source;
        // A byte order mark takes no column.
        let text = shown.strip_prefix('\u{feff}').unwrap_or(shown);
        let mark = shown.len() - text.len();
        let annotations = labels.iter().map(|label| {
            let kind = if std::mem::take(&mut first) { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(label.span.start.saturating_sub(mark)..label.span.end.saturating_sub(mark));
            if label.text.is_empty() { annotation } else { annotation.label(&label.text) }
        });
        let annotations: Vec<_> = annotations.collect();
        group = group.element(Snippet::source(text).path(&source.path).annotations(annotations));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(width).render(&[group])
}
