//! Builds the tree from the parser's events: anchors resolved, merge keys applied, duplicate keys removed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};

use super::{Comment, Duplicate, Entry, Kind, Mapping, Node, Scalar, Style, limits};
use crate::diagnostic::{Diagnostic, ProblemKind};
use crate::span::{Source, Span, line_around};

/// What came of one pass over the text.
pub(super) struct Built<'s> {
    /// The first document's root, as far as it was read.
    pub root: Option<Node<'s>>,
    /// All comments that were passed.
    pub comments: Vec<Comment>,
    /// Errors that did not stop the pass: unknown anchors, too many repetitions.
    pub errors: Vec<Diagnostic>,
    /// The error that stopped it.
    pub stopped: Option<Stop>,
}

/// Where and why the parser stopped.
pub(super) struct Stop {
    /// The parser's error.
    pub error: ScanError,
    /// Start of the outermost `[` or `{` that was open.
    pub open_flow: Option<usize>,
}

/// Reads `text`, in which some of `original` may be overwritten, byte for byte; its errors point into `source`. A scalar that
/// starts in one of `masked` (ascending) is unreadable.
pub(super) fn build<'s>(source: &Arc<Source>, text: &'s str, original: &str, masked: &[Span]) -> Built<'s> {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: limits::DEPTH,
        block_nesting_limit: limits::DEPTH,
    };
    let mut builder = Builder {
        source,
        text,
        original,
        masked,
        frames: Vec::new(),
        anchors: HashMap::new(),
        aliased: 0,
        documents: 0,
        built: Built { root: None, comments: Vec::new(), errors: Vec::new(), stopped: None },
    };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                if !builder.take(event, span) {
                    break;
                }
            }
            Err(error) => {
                builder.built.stopped = Some(Stop { error, open_flow: builder.open_flow() });
                break;
            }
        }
    }
    builder.finish()
}

struct Builder<'s, 'm> {
    source: &'m Arc<Source>,
    text: &'s str,
    /// The text that all places are in.
    original: &'m str,
    masked: &'m [Span],
    frames: Vec<Frame<'s>>,
    anchors: HashMap<usize, (Node<'s>, usize)>,
    aliased: usize,
    documents: usize,
    built: Built<'s>,
}

/// A collection that is still open.
struct Frame<'s> {
    open: Open<'s>,
    span: Span,
    flow: bool,
    anchor: usize,
    foreign_tag: Option<Span>,
}

enum Open<'s> {
    Sequence(Vec<Node<'s>>),
    Mapping(Box<OpenMapping<'s>>),
}

#[derive(Default)]
struct OpenMapping<'s> {
    mapping: Mapping<'s>,
    /// The key whose value comes next.
    key: Option<Key<'s>>,
    /// What `<<` brought, for the keys that are not written out.
    merged: Vec<Entry<'s>>,
    /// Position by key, once there are more than [`SMALL`].
    index: HashMap<Cow<'s, str>, usize>,
}

enum Key<'s> {
    Text(Cow<'s, str>, Span, bool),
    Bad(Span),
}

/// Mappings up to this size are searched one by one for a key; larger ones by a table.
const SMALL: usize = 16;

impl<'s> Builder<'s, '_> {
    /// Takes one event; false ends the pass.
    fn take(&mut self, event: Event<'s>, at: granit_parser::Span) -> bool {
        let span = self.span(&at);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.error(span, "a second document in one file", "one script per file: move it to its own file");
                    return false;
                }
            }
            Event::Comment(..) => {
                let line = line_around(self.text, span.start);
                let before = self.text[line.start..span.start].trim_start_matches('\u{feff}');
                self.built.comments.push(Comment { span, alone: before.trim().is_empty() });
            }
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                // The parser gives `~` for what is not there.
                let text = if span.start == span.end && style == Style::Plain { Cow::Borrowed("") } else { text };
                let masked = self.masked.binary_search_by_key(&span.start, |m| m.start).is_ok();
                let kind = if masked { Kind::Unreadable } else { Kind::Scalar(Scalar { text, style }) };
                let node = Node { kind, span, foreign_tag: foreign(self.text, tag.as_deref(), &at) };
                self.node(node, anchor);
            }
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                self.error(
                    span,
                    format!("`*{name}` has no anchor: there is no `&{name}` before it"),
                    format!("put `&{name}` before the value to repeat, or quote the string"),
                );
                self.node(Node { kind: Kind::Unreadable, span, foreign_tag: None }, 0);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let foreign_tag = foreign(self.text, tag.as_deref(), &at);
                let flow = style == StructureStyle::Flow;
                self.frames.push(Frame { open: Open::Sequence(Vec::new()), span, flow, anchor, foreign_tag });
            }
            Event::MappingStart(style, anchor, tag) => {
                let foreign_tag = foreign(self.text, tag.as_deref(), &at);
                let flow = style == StructureStyle::Flow;
                let open = Open::Mapping(Box::default());
                self.frames.push(Frame { open, span, flow, anchor, foreign_tag });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(span)),
            _ => {}
        }
        true
    }

    /// The parser's span in bytes, inside the original text and on its character boundaries: what is overwritten has others.
    fn span(&self, at: &granit_parser::Span) -> Span {
        let offset = |marker: &granit_parser::Marker| {
            self.original.floor_char_boundary(marker.byte_offset().unwrap_or(self.original.len()))
        };
        let start = offset(&at.start);
        Span::new(start, offset(&at.end).max(start))
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.built.errors.push(Diagnostic::new(ProblemKind::Syntax, self.source, span, message).help(help));
    }

    /// A whole value: goes into the innermost open collection.
    fn node(&mut self, node: Node<'s>, anchor: usize) {
        if anchor != 0 {
            let size = size(&node);
            // A value too large to be repeated even once is not kept, whatever its anchors.
            let kept = if size > limits::ALIASED { Kind::Unreadable } else { node.kind.clone() };
            let kept = Node { kind: kept, span: node.span, foreign_tag: node.foreign_tag };
            self.anchors.insert(anchor, (kept, size));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.built.root.get_or_insert(node);
            return;
        };
        // A block collection ends where its last value ends.
        frame.span.end = frame.span.end.max(node.span.end);
        match &mut frame.open {
            Open::Sequence(items) => items.push(node),
            Open::Mapping(open) => match open.key.take() {
                None => open.key = Some(as_key(node)),
                Some(Key::Bad(span)) => open.mapping.bad_keys.push(span),
                Some(Key::Text(text, _, true)) if text == "<<" => open.merge(node),
                Some(Key::Text(text, span, _)) => open.insert(Entry { key: text, key_span: span, value: node }),
            },
        }
    }

    /// A collection ends; `end` is none where the text broke off.
    fn close(&mut self, end: Option<Span>) {
        let Some(frame) = self.frames.pop() else { return };
        let mut span = frame.span;
        if let Some(end) = end.filter(|_| frame.flow) {
            span.end = span.end.max(end.end);
        }
        let kind = match frame.open {
            Open::Sequence(items) => Kind::Sequence(items),
            Open::Mapping(open) => Kind::Mapping(open.finish()),
        };
        self.node(Node { kind, span, foreign_tag: frame.foreign_tag }, frame.anchor);
    }

    /// `*name`: repeats the value of `&name`, within limits.
    fn alias(&mut self, id: usize, span: Span) {
        let unreadable = Node { kind: Kind::Unreadable, span, foreign_tag: None };
        let name = self.text[span.start..span.end].to_owned();
        let node = match self.anchors.get(&id) {
            None => {
                self.error(span, format!("`{name}` repeats the value it is part of"), "a value can't contain itself");
                unreadable
            }
            Some((_, size)) if self.aliased + size > limits::ALIASED => {
                if self.aliased <= limits::ALIASED {
                    let message = format!(
                        "`{name}` makes the file too large: aliases repeat more than {} values",
                        limits::ALIASED
                    );
                    self.error(span, message, "write the values out, or repeat less");
                    self.aliased = limits::ALIASED + 1;
                }
                unreadable
            }
            Some((node, size)) => {
                self.aliased += size;
                node.clone()
            }
        };
        self.node(node, 0);
    }

    fn open_flow(&self) -> Option<usize> {
        self.frames.iter().find(|frame| frame.flow).map(|frame| frame.span.start)
    }

    fn finish(mut self) -> Built<'s> {
        while !self.frames.is_empty() {
            self.close(None);
        }
        self.built
    }
}

fn as_key(node: Node<'_>) -> Key<'_> {
    match node.kind {
        Kind::Scalar(scalar) => Key::Text(scalar.text, node.span, scalar.style == Style::Plain),
        _ => Key::Bad(node.span),
    }
}

impl<'s> OpenMapping<'s> {
    fn find(&mut self, key: &str) -> Option<usize> {
        let entries = &self.mapping.entries;
        if entries.len() <= SMALL {
            return entries.iter().position(|entry| entry.key == key);
        }
        for (position, entry) in entries.iter().enumerate().skip(self.index.len()) {
            self.index.insert(entry.key.clone(), position);
        }
        self.index.get(key).copied()
    }

    fn insert(&mut self, entry: Entry<'s>) {
        match self.find(&entry.key) {
            Some(first) => {
                let first = self.mapping.entries[first].key_span;
                self.mapping.duplicates.push(Duplicate { key: entry.key, again: entry.key_span, first });
            }
            None => self.mapping.entries.push(entry),
        }
    }

    /// `<<: *base` or `<<: [*a, *b]`
    fn merge(&mut self, node: Node<'s>) {
        match node.kind {
            Kind::Mapping(mapping) => self.merged.extend(mapping.entries),
            Kind::Sequence(items) => items.into_iter().for_each(|item| self.merge(item)),
            Kind::Unreadable => {}
            Kind::Scalar(_) => self.mapping.bad_merges.push(node.span),
        }
    }

    /// Written keys win over merged ones, and the first merged one over the next.
    fn finish(mut self) -> Mapping<'s> {
        for entry in std::mem::take(&mut self.merged) {
            if self.find(&entry.key).is_none() {
                self.mapping.entries.push(entry);
            }
        }
        self.mapping
    }
}

fn size(node: &Node<'_>) -> usize {
    1 + match &node.kind {
        Kind::Sequence(items) => items.iter().map(size).sum(),
        Kind::Mapping(mapping) => mapping.entries.iter().map(|entry| size(&entry.value)).sum(),
        Kind::Scalar(_) | Kind::Unreadable => 0,
    }
}

/// The span of a tag that is not one of YAML's own.
fn foreign(text: &str, tag: Option<&Tag>, at: &granit_parser::Span) -> Option<Span> {
    let tag = tag.filter(|tag| tag.core_suffix().is_none())?;
    let range = at.tag_span().and_then(|span| span.byte_range())?;
    let span = Span::new(range.start, range.end);
    let written = text.get(range)?;
    (written != "!" && tag.suffix_in_namespace("tag:yaml.org,2002:").is_none()).then_some(span)
}
