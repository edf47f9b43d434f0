//! The typed script.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::Matcher;
use crate::event::UseCase;
use crate::http::{StatusPattern, UrlTemplate, method};
use crate::span::{Source, Span, Spanned};
use crate::yaml::{Comment, SpanRun};
use hookctl_twig::{Error, Host, Template};

/// One script file, as far as it could be read: what is missing or wrong is `None` here, and reported as a problem.
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
    /// `triggers`; if there are some but none could be read, a single one without events.
    pub triggers: Vec<Trigger>,
    /// `expect`
    pub expect: Expect,
    /// All comments of the file, for those that silence findings.
    pub comments: Vec<Comment>,
}

impl Script {
    /// The events of all its triggers, in the order written.
    pub fn events(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.triggers.iter().flat_map(|trigger| &trigger.events)
    }
}

impl Trigger {
    /// Whether it has this event.
    pub fn has(&self, event: &str) -> bool {
        self.events.iter().any(|own| own.value == event)
    }
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

impl Request {
    /// The URL, split.
    pub fn url_parts(&self) -> Option<UrlTemplate<'_>> {
        self.url.as_ref().map(|url| UrlTemplate::new(&url.text))
    }

    /// The params that are sent.
    pub fn sent_params(&self) -> impl Iterator<Item = &Pair> {
        self.params.iter().filter(|pair| pair.enabled)
    }

    /// The headers that are sent.
    pub fn sent_headers(&self) -> impl Iterator<Item = &Pair> {
        self.headers.iter().filter(|pair| pair.enabled)
    }

    /// The Content-Type header, where one is sent.
    pub fn content_type(&self) -> Option<&Pair> {
        self.sent_headers().find(|header| header.name.value.eq_ignore_ascii_case("content-type"))
    }

    /// Where params go (assumed: by the method); none while the method is not known.
    pub fn place_of_params(&self) -> Option<ParamsIn> {
        let by_method = |method: &str| if method::carries_body(method) { ParamsIn::Body } else { ParamsIn::Query };
        let written = self.params_in.as_ref().map(|place| place.value);
        written.or_else(|| self.method.as_ref().map(|method| by_method(&method.value)))
    }
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

/// A scalar that is a template: its text, and where each byte of the text is in the file.
#[derive(Debug)]
pub struct Text {
    /// The text that YAML gives, scalars as they were written (`00123` stays `00123`).
    pub text: String,
    /// The scalar in the file, quotes included.
    pub span: Span,
    /// Where the pieces of the text are in the file, ascending. Escapes, folds and indentation end a run.
    pub runs: Vec<SpanRun>,
    /// The parsed template or condition, made on first use.
    parsed: OnceLock<Result<Template, Vec<Error>>>,
}

/// What templates are part of, in the words of the dialect's messages.
const HOST: Host =
    Host { place: "a webhook script", environment: "write `{{ env.NAME }}`: hookctl's own, from the env_file" };

impl Text {
    /// A text at a place; `runs` as [`crate::yaml::runs`] gives them.
    pub fn new(text: impl Into<String>, span: Span, runs: Vec<SpanRun>) -> Self {
        Self { text: text.into(), span, runs, parsed: OnceLock::new() }
    }

    /// The text as a template.
    ///
    /// # Errors
    /// Everything that is wrong with it, at spans of the text.
    pub fn template(&self) -> Result<&Template, &[Error]> {
        self.parsed.get_or_init(|| Template::parse_in(&self.text, HOST)).as_ref().map_err(Vec::as_slice)
    }

    /// The text as an expression, which `when:` is. A text is either this or a template.
    ///
    /// # Errors
    /// Everything that is wrong with it, at spans of the text.
    pub fn condition(&self) -> Result<&Template, &[Error]> {
        self.parsed.get_or_init(|| Template::expression_in(&self.text, HOST)).as_ref().map_err(Vec::as_slice)
    }

    /// The place in the file of a piece of the text (byte offsets in the text).
    pub fn place(&self, span: Span) -> Span {
        let start = self.start(span.start);
        let end = if span.end > span.start { self.end(span.end) } else { start };
        Span::new(start, end.max(start))
    }

    fn start(&self, at: usize) -> usize {
        let next = self.runs.partition_point(|run| run.text <= at);
        let Some(run) = next.checked_sub(1).and_then(|i| self.runs.get(i)) else {
            return self.runs.first().map_or(self.span.start, |run| run.file.start);
        };
        (run.file.start + (at - run.text)).min(run.file.end)
    }

    fn end(&self, at: usize) -> usize {
        let next = self.runs.partition_point(|run| run.text < at);
        let Some(run) = next.checked_sub(1).and_then(|i| self.runs.get(i)) else { return self.start(at) };
        let run_ends = self.runs.get(next).map_or(self.text.len(), |run| run.text);
        // The last character of a run may be an escape, longer in the file than in the text.
        if at >= run_ends { run.file.end } else { (run.file.start + (at - run.text)).min(run.file.end) }
    }
}

/// One entry of `triggers:`.
#[derive(Debug)]
pub struct Trigger {
    /// hookctl's names of its events, such as `contact.created`: an automation rule has one or more (published). Empty where
    /// none could be read.
    pub events: Vec<Spanned<String>>,
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
    /// How long the whole response may take.
    pub within: Option<Spanned<Duration>>,
    /// Headers of the response, names in any case.
    pub headers: Vec<(String, ExpectedValue)>,
    /// The body of the response.
    pub body: Option<ExpectedBody>,
}

/// `expect.body`
#[derive(Debug, Clone)]
pub enum ExpectedBody {
    /// The body as a whole.
    Whole(Matcher),
    /// Values in a JSON body by their dotted paths.
    Members(Vec<(String, ExpectedValue)>),
}

/// What is expected of a header, or at a path of a JSON body.
#[derive(Debug, Clone)]
pub enum ExpectedValue {
    /// `null`: there is no such header; there is nothing at the path, or JSON's null.
    Nothing,
    /// The value's text: a JSON string's own, any other JSON value as JSON writes it.
    Text(Matcher),
}
