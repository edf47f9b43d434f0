//! The typed script.

use std::sync::{Arc, OnceLock};

use crate::event::UseCase;
use crate::span::{Source, Span, Spanned};

/// One script file, as far as it could be read: what is missing or wrong is `None` here and a problem beside it.
#[derive(Debug)]
pub struct Script {
    /// The path below `scripts/` without the extension, with `/`.
    pub id: String,
    /// The file.
    pub source: Arc<Source>,
    /// `name`
    pub name: Option<Spanned<String>>,
    /// `use_case`
    pub use_case: Option<Spanned<UseCase>>,
    /// `request`
    pub request: Request,
    /// `callback`: a template over the response.
    pub callback: Option<Text>,
    /// `triggers`
    pub triggers: Vec<Trigger>,
    /// `expect`
    pub expect: Expect,
}

/// `request:`
#[derive(Debug, Default)]
pub struct Request {
    /// The key `request` itself.
    pub span: Span,
    /// An HTTP method, in capitals.
    pub method: Option<Spanned<String>>,
    /// The URL, a template.
    pub url: Option<Text>,
    /// In the order written, repeats included.
    pub params: Vec<Pair>,
    /// In the order written, repeats included.
    pub headers: Vec<Pair>,
    /// Written `params_in`; none: by method.
    pub params_in: Option<Spanned<ParamsIn>>,
}

/// A param or a header.
#[derive(Debug)]
pub struct Pair {
    /// The name; never a template.
    pub name: Spanned<String>,
    /// The value, a template.
    pub value: Text,
    /// `enabled: false` in the list form keeps it out of the request.
    pub enabled: bool,
    /// All of the entry, for a fix that removes it.
    pub span: Span,
}

/// Where params go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamsIn {
    /// The URL's query string.
    Query,
    /// The body.
    Body,
}

/// A scalar that is a template: its text, and where each byte of the text stands in the file.
#[derive(Debug)]
pub struct Text {
    /// The text that YAML gives, scalars as they were written (`00123` stays `00123`).
    pub text: String,
    /// The scalar in the file, quotes included.
    pub span: Span,
    /// Start of runs that are copied byte for byte: (offset in text, offset in file), ascending. Escapes, folds and
    /// indentation end a run.
    pub runs: Vec<(usize, usize)>,
    /// The parsed template, made on first use.
    pub template: OnceLock<()>,
}

/// One entry of `triggers:`.
#[derive(Debug)]
pub struct Trigger {
    /// hookctl's event name, such as `contact.created`.
    pub event: Option<Spanned<String>>,
    /// A template expression; the rule fires where it is true.
    pub when: Option<Text>,
    /// Only with `conversation_script.action`.
    pub node: Option<Spanned<String>>,
    /// The entry.
    pub span: Span,
}

/// `expect:`
#[derive(Debug, Default)]
pub struct Expect {
    /// Statuses that pass; empty: 2xx.
    pub status: Vec<Spanned<StatusPattern>>,
    /// Milliseconds.
    pub within_ms: Option<Spanned<f64>>,
}

/// `200` or `2xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    /// One status.
    Code(u16),
    /// A class, 1 to 5.
    Class(u8),
}
