//! YAML as a tree with spans. Takes text; gives nodes with their spans, the comments, and every syntax error.
//!
//! Scalars keep the text that was written, anchors are resolved and merge keys applied, both within limits.

mod build;
mod recover;
mod runs;

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::span::Span;

pub use recover::{quoted, read, write};
pub use runs::{SpanRun, runs};

/// Bounds on what a file may hold.
pub mod limits {
    /// Bytes of a file.
    pub const FILE: usize = 16 << 20;
    /// Levels of nesting.
    pub const DEPTH: usize = 64;
    /// Nodes that aliases may add by repeating their anchors' values.
    pub const ALIASED: usize = 10_000;
}

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node<'s> {
    /// What it is.
    pub kind: Kind<'s>,
    /// All of it, quotes and brackets included; empty, where the value is missing.
    pub span: Span,
    /// A tag such as `!secret` that is none of YAML's own.
    pub foreign_tag: Option<Span>,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Kind<'s> {
    /// A scalar.
    Scalar(Scalar<'s>),
    /// `[…]` or a list of `- …`
    Sequence(Vec<Node<'s>>),
    /// `{…}` or lines of `key: value`
    Mapping(Mapping<'s>),
    /// Something unreadable that has been reported already.
    Unreadable,
}

/// A scalar.
#[derive(Debug, Clone)]
pub struct Scalar<'s> {
    /// As it was written (`00123` and `yes` stay), escapes and folds resolved.
    pub text: Cow<'s, str>,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|` or `>`
    Block,
}

/// A mapping's entries in order, each key once.
#[derive(Debug, Clone, Default)]
pub struct Mapping<'s> {
    /// The entries, merged ones last.
    pub entries: Vec<Entry<'s>>,
    /// Duplicate keys, with the span of the first.
    pub duplicates: Vec<Duplicate<'s>>,
    /// Keys that are not scalars.
    pub bad_keys: Vec<Span>,
    /// Values of `<<` that are not mappings.
    pub bad_merges: Vec<Span>,
}

impl Mapping<'_> {
    fn into_owned(self) -> Mapping<'static> {
        let entry = |e: Entry<'_>| Entry {
            key: Cow::Owned(e.key.into_owned()),
            key_span: e.key_span,
            value: e.value.into_owned(),
        };
        let duplicate =
            |d: Duplicate<'_>| Duplicate { key: Cow::Owned(d.key.into_owned()), again: d.again, first: d.first };
        Mapping {
            entries: self.entries.into_iter().map(entry).collect(),
            duplicates: self.duplicates.into_iter().map(duplicate).collect(),
            bad_keys: self.bad_keys,
            bad_merges: self.bad_merges,
        }
    }
}

/// `key: value`
#[derive(Debug, Clone)]
pub struct Entry<'s> {
    /// The key's text.
    pub key: Cow<'s, str>,
    /// The key as written.
    pub key_span: Span,
    /// The value.
    pub value: Node<'s>,
}

/// A key's second appearance.
#[derive(Debug, Clone)]
pub struct Duplicate<'s> {
    /// The key's text.
    pub key: Cow<'s, str>,
    /// The second appearance.
    pub again: Span,
    /// The first appearance.
    pub first: Span,
}

impl<'s> Node<'s> {
    /// `key:` without a value, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(s) if s.style == Style::Plain && matches!(&*s.text, "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The same node, owning its strings.
    fn into_owned(self) -> Node<'static> {
        let kind = match self.kind {
            Kind::Scalar(s) => Kind::Scalar(Scalar { text: Cow::Owned(s.text.into_owned()), style: s.style }),
            Kind::Sequence(items) => Kind::Sequence(items.into_iter().map(Node::into_owned).collect()),
            Kind::Mapping(mapping) => Kind::Mapping(mapping.into_owned()),
            Kind::Unreadable => Kind::Unreadable,
        };
        Node { kind, span: self.span, foreign_tag: self.foreign_tag }
    }

    /// What it is, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            _ if self.is_null() => "nothing",
            Kind::Scalar(_) => "a string",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
            Kind::Unreadable => "unreadable",
        }
    }
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Only spaces precede it on its line.
    pub alone: bool,
}

/// What was read of a file.
#[derive(Debug)]
pub struct Document<'s> {
    /// The first document's root; none in an empty file.
    pub root: Option<Node<'s>>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// What could not be read, and what needs quotes ([`WrongType`](crate::diagnostic::ProblemKind::WrongType)), with the edit
    /// that puts it in quotes.
    pub errors: Vec<Diagnostic>,
}

#[cfg(test)]
mod tests;
