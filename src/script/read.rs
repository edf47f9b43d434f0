//! A script file, key by key.

use std::sync::Arc;

use super::matcher::Matcher;
use super::model::{Expect, ExpectedBody, ExpectedValue, Pair, ParamsIn, Request, Script, Text, Trigger};
use super::reader::{Keys, Reader, entry, get};
use crate::diagnostic::{Diagnostic, Edit, ProblemKind};
use crate::event::{ACTION, Catalogue, UseCase};
use crate::http::{StatusPattern, is_token, method};
use crate::span::{Source, Span, Spanned};
use crate::text::list;
use crate::text::suggest::nearest;
use crate::yaml::{self, Entry, Kind, Mapping, Node};

const SCRIPT: Keys = Keys {
    known: &["name", "use_case", "description", "request", "callback", "triggers", "expect", "tests"],
    renamed: &[],
    hints: &[
        ("url", "write it under `request:`"),
        ("method", "write it under `request:`"),
        ("params", "write it under `request:`"),
        ("headers", "write it under `request:`"),
        ("body", NO_RAW_BODY),
        ("event", "write it under `triggers:` as `- event: …`"),
        ("on", "events are listed under `triggers:`"),
    ],
};
/// The platform's requests have Params and Headers (published), and nothing else that could be a body.
const NO_RAW_BODY: &str = "the platform has no raw body, it builds the body from Params: write the fields under `params` (`encoding:` in \
     hookctl.yaml sets how they nest)";
const REQUEST: Keys = Keys {
    known: &["method", "url", "params", "headers", "params_in"],
    renamed: &[],
    hints: &[
        ("body", NO_RAW_BODY),
        ("raw", NO_RAW_BODY),
        ("json", NO_RAW_BODY),
        ("data", NO_RAW_BODY),
        ("form", NO_RAW_BODY),
        ("query", "write them under `params`, with `params_in: query`"),
    ],
};
const PAIR: Keys = Keys { known: &["name", "value", "enabled"], renamed: &[("key", "name")], hints: &[] };
const TRIGGER: Keys = Keys { known: &["event", "when", "node"], renamed: &[("if", "when")], hints: &[] };
const EXPECT: Keys = Keys {
    known: &["status", "within", "headers", "body"],
    renamed: &[("timeout", "within"), ("latency", "within"), ("header", "headers")],
    hints: &[("json", "it is called `body` here, with dotted paths such as `items.0.id`")],
};
const TEST: Keys = Keys { known: &["name", "event", "set", "expect"], renamed: &[("fixture", "event")], hints: &[] };

/// Reads a script file. What can't be read is left out of the script and noted as a problem; problems come in the order of
/// their places. `id` is the path below `scripts/` without the extension.
pub fn read(source: Arc<Source>, id: &str) -> (Script, Vec<Diagnostic>) {
    let document = yaml::read(&source, &source.text);
    let mut reader = Reader::new(&source, &source.text, document.errors);
    let mut script = Script {
        id: id.to_owned(),
        source: Arc::clone(&source),
        name: None,
        use_case: None,
        request: Request::default(),
        callback: None,
        triggers: Vec::new(),
        expect: Expect::default(),
        comments: document.comments,
    };
    match &document.root {
        Some(root) if !root.is_null() => reader.script(&mut script, root),
        _ if reader.broken => {}
        _ => {
            let problem = reader.problem(ProblemKind::MissingKey, Span::new(0, 0), "there is no script in this file");
            problem.help.push("a script has `name`, `use_case` and `request`".into());
        }
    }
    let mut problems = reader.problems;
    problems.sort_by_key(Diagnostic::span);
    (script, problems)
}

impl Reader<'_> {
    fn script(&mut self, script: &mut Script, root: &Node<'_>) {
        let Some(mapping) = self.mapping(root, "the script", Some(&SCRIPT)) else { return };
        let top = mapping.entries.first().map_or(root.span, |entry| entry.key_span);
        if self.required(mapping, "name", "the script", top, "Sync new contact to the CRM").is_some() {
            script.name = self.key_word(mapping, "name", "Sync new contact to the CRM");
        }
        if self.required(mapping, "use_case", "the script", top, "contact").is_some() {
            script.use_case = self.key_word(mapping, "use_case", "contact").and_then(|word| self.use_case(word));
        }
        if let Some(description) = get(mapping, "description") {
            self.text(description, "description");
        }
        if let Some(request) = self.required(mapping, "request", "the script", top, "…").and(entry(mapping, "request"))
        {
            self.request(&mut script.request, request);
        }
        script.callback = self.template(mapping, "callback");
        let problems = self.problems.len();
        if let Some(triggers) = get(mapping, "triggers") {
            let use_case = script.use_case.as_ref().map(|use_case| use_case.value);
            script.triggers = self
                .items(triggers, "triggers", "- event: contact.created", |reader, item| reader.trigger(item, use_case));
        }
        if script.triggers.is_empty() && (self.broken || self.problems.len() > problems) {
            script.triggers.push(Trigger { events: Vec::new(), when: None, node: None, span: top });
        }
        if let Some(expect) = get(mapping, "expect").filter(|node| !node.is_null()) {
            self.expect(&mut script.expect, expect);
        }
        if let Some(tests) = get(mapping, "tests") {
            self.items(tests, "tests", "- name: …", |reader, item| {
                reader.test(item);
                None::<()>
            });
        }
    }

    /// A template that may be left out or empty.
    fn template(&mut self, mapping: &Mapping<'_>, key: &str) -> Option<Text> {
        get(mapping, key).and_then(|node| self.text(node, key)).filter(|text| !text.text.is_empty())
    }

    fn use_case(&mut self, word: Spanned<String>) -> Option<Spanned<UseCase>> {
        let names = UseCase::ALL.map(UseCase::name);
        let use_case = UseCase::from_name(&word.value);
        if use_case.is_none() {
            self.unknown(&word, format!("unknown use case `{}`", word.value), &names);
        }
        use_case.map(|value| Spanned { value, span: word.span })
    }

    fn items<T>(
        &mut self,
        node: &Node<'_>,
        name: &str,
        example: &str,
        mut read: impl FnMut(&mut Self, &Node<'_>) -> Option<T>,
    ) -> Vec<T> {
        match &node.kind {
            Kind::Sequence(items) => items.iter().filter_map(|item| read(self, item)).collect(),
            Kind::Unreadable => Vec::new(),
            _ if node.is_null() => Vec::new(),
            _ => {
                let message = format!("`{name}` must be a list, not {}", node.describe());
                self.wrong(node.span, message, format!("write a line `{example}` for each one"));
                Vec::new()
            }
        }
    }

    fn request(&mut self, request: &mut Request, key: &Entry<'_>) {
        request.span = key.key_span;
        let node = &key.value;
        if node.is_null() {
            if !self.broken {
                self.wrong(key.key_span, "`request` is empty", "it needs `method` and `url`");
            }
            return;
        }
        let Some(mapping) = self.mapping(node, "`request`", Some(&REQUEST)) else { return };
        if self.required(mapping, "method", "`request`", key.key_span, "POST").is_some() {
            request.method = self.key_word(mapping, "method", "POST").and_then(|word| self.method(word));
        }
        if let Some(url) = self.required(mapping, "url", "`request`", key.key_span, "https://api.example.com/…") {
            let at = entry(mapping, "url").map_or(url.span, |entry| entry.key_span);
            request.url = self.text(url, "url").filter(|text| {
                let empty = text.text.trim().is_empty();
                if empty {
                    self.wrong(at, "`url` is empty", "write `url: https://api.example.com/…`");
                }
                !empty
            });
        }
        request.params = get(mapping, "params").map(|node| self.pairs(node, "params")).unwrap_or_default();
        request.headers = get(mapping, "headers").map(|node| self.pairs(node, "headers")).unwrap_or_default();
        let places = [("body", ParamsIn::Body), ("query", ParamsIn::Query)];
        request.params_in = self.choice(mapping, "params_in", &places);
    }

    fn method(&mut self, word: Spanned<String>) -> Option<Spanned<String>> {
        if method::ALL.contains(&word.value.as_str()) {
            return Some(word);
        }
        self.unknown(&word, format!("unknown method `{}`", word.value), &method::ALL);
        None
    }

    /// Params or headers: a mapping, or a list of `{name, value, enabled}`.
    fn pairs(&mut self, node: &Node<'_>, name: &str) -> Vec<Pair> {
        match &node.kind {
            _ if node.is_null() => Vec::new(),
            Kind::Sequence(items) => items.iter().filter_map(|item| self.pair(item, name)).collect(),
            _ => {
                let Some(mapping) = self.mapping(node, &format!("`{name}`"), None) else { return Vec::new() };
                let entries = mapping.entries.iter();
                let pair = |entry: &Entry<'_>| {
                    Some(Pair {
                        name: Spanned { value: entry.key.clone().into_owned(), span: entry.key_span },
                        value: self.value(&entry.value, &entry.key, name)?,
                        enabled: true,
                        span: entry.key_span.to(entry.value.span),
                    })
                };
                entries.filter_map(pair).collect()
            }
        }
    }

    fn pair(&mut self, item: &Node<'_>, list: &str) -> Option<Pair> {
        let one = if list == "params" { "a param" } else { "a header" };
        let mapping = self.mapping(item, one, Some(&PAIR))?;
        let at = mapping.entries.first().map_or(item.span, |entry| entry.key_span);
        self.required(mapping, "name", one, at, "first_name")?;
        let name = self.key_word(mapping, "name", "first_name");
        let value = match get(mapping, "value") {
            Some(value) => self.value(value, name.as_ref().map_or("value", |name| &name.value), list)?,
            None => Text::new("", Span::new(item.span.end, item.span.end), Vec::new()),
        };
        let enabled = self.key_bool(mapping, "enabled", "omit it to send the value").unwrap_or(true);
        Some(Pair { name: name?, value, enabled, span: item.span })
    }

    /// The value of a param or a header.
    fn value(&mut self, node: &Node<'_>, name: &str, list: &str) -> Option<Text> {
        let nested = list == "params" && matches!(node.kind, Kind::Mapping(_) | Kind::Sequence(_));
        if !nested {
            return self.written(node, name);
        }
        self.tag(node);
        if !self.unquoted(node.span) {
            let message = format!("`{name}` can't be {}: each param has a single value", node.describe());
            self.wrong(self.trimmed(node.span), message, nested_help(node, name));
        }
        None
    }

    fn trigger(&mut self, item: &Node<'_>, use_case: Option<UseCase>) -> Option<Trigger> {
        let mapping = self.mapping(item, "a trigger", Some(&TRIGGER))?;
        let at = mapping.entries.first().map_or(item.span, |entry| entry.key_span);
        self.required(mapping, "event", "a trigger", at, "contact.created");
        let events = entry(mapping, "event").map(|entry| self.events(entry, use_case)).unwrap_or_default();
        let when = self.template(mapping, "when");
        let node = self.key_word(mapping, "node", "welcome/ask-phone");
        let trigger = Trigger { events, when, node, span: item.span };
        if let (Some(event), Some(key)) = (trigger.events.first(), entry(mapping, "node"))
            && !trigger.has(ACTION)
        {
            let message = format!("`node` has no meaning for the event `{}`", event.value);
            self.problem(ProblemKind::UnknownKey, key.key_span, message)
                .help
                .push(format!("it names the action node of `{ACTION}`"));
        }
        Some(trigger)
    }

    /// One event, or the list of those of one automation rule.
    fn events(&mut self, entry: &Entry<'_>, use_case: Option<UseCase>) -> Vec<Spanned<String>> {
        let Kind::Sequence(items) = &entry.value.kind else {
            let word = self.word(&entry.value, "event", entry.key_span, "contact.created");
            return word.and_then(|word| self.event(word, use_case)).into_iter().collect();
        };
        if items.is_empty() {
            self.wrong(
                entry.value.span,
                "`event` is an empty list",
                "write `event: contact.created`, or a list of several events",
            );
        }
        let words: Vec<_> =
            items.iter().filter_map(|item| self.word(item, "event", item.span, "contact.created")).collect();
        let mut events: Vec<Spanned<String>> = Vec::new();
        for word in words {
            if let Some(first) = events.iter().find(|event| event.value == word.value) {
                let problem =
                    self.wrong(word.span, format!("`{}` is in the list twice", word.value), "remove one of them");
                problem.also_at(first.span, "first here");
            } else {
                events.extend(self.event(word, use_case));
            }
        }
        if let Some(action) = events.iter().find(|event| event.value == ACTION && events.len() > 1) {
            let message = format!("`{ACTION}` is an action node, not an event of an automation rule");
            self.wrong(action.span, message, format!("give it its own trigger: `- event: {ACTION}`"));
        }
        events
    }

    fn event(&mut self, word: Spanned<String>, use_case: Option<UseCase>) -> Option<Spanned<String>> {
        let catalogue = Catalogue::builtin();
        let Some(event) = catalogue.event(&word.value) else {
            let all: Vec<&str> = catalogue.events().map(|(name, _)| name).collect();
            let own = use_case.map(|use_case| catalogue.events_of(use_case).collect::<Vec<_>>());
            // A misspelt event of another use case is best known as that one.
            let names = own.filter(|_| nearest(&word.value, all.iter().copied()).is_none()).unwrap_or(all);
            self.unknown(&word, format!("unknown event `{}`", word.value), &names);
            return None;
        };
        if let Some(use_case) = use_case.filter(|use_case| !event.use_cases.contains(use_case)) {
            let of = list::and(list::quoted(&event.use_cases));
            let message = format!("the event `{}` fires scripts of the use case {of}, not `{use_case}`", word.value);
            let names: Vec<&str> = catalogue.events_of(use_case).collect();
            self.problem(ProblemKind::EventNotInUseCase, word.span, message)
                .help
                .push(format!("the events of `{use_case}` are {}", list::and(list::quoted(&names))));
        }
        Some(word)
    }

    fn expect(&mut self, expect: &mut Expect, node: &Node<'_>) {
        let Some(mapping) = self.mapping(node, "`expect`", Some(&EXPECT)) else { return };
        match get(mapping, "status") {
            Some(node) if matches!(node.kind, Kind::Sequence(_)) => {
                expect.status = self.items(node, "status", "- 200", Self::status);
                if matches!(&node.kind, Kind::Sequence(items) if items.is_empty()) {
                    self.wrong(
                        node.span,
                        "`status` is an empty list",
                        "omit it for `2xx`, or list the statuses that pass",
                    );
                }
            }
            Some(node) => expect.status.extend(self.status(node)),
            None => {}
        }
        if let Some(word) = self.key_word(mapping, "within", "5s") {
            match crate::text::duration::parse(&word.value) {
                Ok(within) if within.is_zero() => {
                    self.wrong(
                        word.span,
                        "`within` must be longer than `0s`",
                        "write how long a response may take, such as `5s`",
                    );
                }
                Ok(within) => {
                    expect.within = Some(Spanned { value: within, span: word.span });
                }
                Err(error) => {
                    self.problem(ProblemKind::WrongType, word.span, error.to_string());
                }
            }
        }
        if let Some(node) = get(mapping, "headers").filter(|node| !node.is_null()) {
            expect.headers = self.expected_headers(node);
        }
        expect.body = get(mapping, "body").filter(|node| !node.is_null()).and_then(|node| self.expected_body(node));
    }

    fn expected_headers(&mut self, node: &Node<'_>) -> Vec<(String, ExpectedValue)> {
        let Some(mapping) = self.mapping(node, "`expect.headers`", None) else { return Vec::new() };
        let mut headers = Vec::new();
        for entry in &mapping.entries {
            if !is_token(&entry.key) {
                let message = format!("`{}` is not a valid header name", entry.key);
                self.wrong(entry.key_span, message, "write a name such as `Content-Type`");
            }
            let value = self.expected_value(entry);
            headers.extend(value.map(|value| (entry.key.clone().into_owned(), value)));
        }
        headers
    }

    fn expected_body(&mut self, node: &Node<'_>) -> Option<ExpectedBody> {
        let Kind::Mapping(_) = &node.kind else { return self.matcher(node, "body").map(ExpectedBody::Whole) };
        let mut members = Vec::new();
        for entry in &self.mapping(node, "`expect.body`", None)?.entries {
            self.body_path(entry);
            let value = self.expected_value(entry);
            members.extend(value.map(|value| (entry.key.clone().into_owned(), value)));
        }
        Some(ExpectedBody::Members(members))
    }

    fn expected_value(&mut self, entry: &Entry<'_>) -> Option<ExpectedValue> {
        if entry.value.is_null() {
            return Some(ExpectedValue::Nothing);
        }
        if let Kind::Mapping(inner) = &entry.value.kind
            && let Some(first) = inner.entries.first()
        {
            let message = format!("`{}` must be a single value, not a mapping", entry.key);
            self.wrong(
                entry.value.span,
                message,
                format!("in a body, write the path with dots: `{}.{}: …`", entry.key, first.key),
            );
            return None;
        }
        self.matcher(&entry.value, &entry.key).map(ExpectedValue::Text)
    }

    /// A dotted path such as `items.0.id`; people know JSONPath's `$.items[0].id` too.
    fn body_path(&mut self, entry: &Entry<'_>) {
        let path = &*entry.key;
        let dotted = path.trim_start_matches('$').replace('[', ".").replace([']', '"', '\''], "");
        let dotted = dotted.trim_start_matches('.');
        if path.starts_with('$') || path.contains('[') {
            let help = format!("write it with dots: `{dotted}`");
            let problem = self.wrong(entry.key_span, format!("`{path}` is not a dotted path"), help);
            if !dotted.split('.').any(str::is_empty) {
                let is_plain = dotted.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
                let written = if is_plain { dotted.to_owned() } else { yaml::quoted(dotted) };
                problem.edits.push(Edit::new(entry.key_span, written));
            }
        } else if path.split('.').any(str::is_empty) {
            let message = format!("the path `{path}` has an empty part");
            self.wrong(entry.key_span, message, "separate the names with single dots, as in `items.0.id`");
        }
    }

    /// A string or `/regex/` that a part of the response must match.
    fn matcher(&mut self, node: &Node<'_>, name: &str) -> Option<Matcher> {
        let text = self.written(node, name)?;
        if text.text.contains("{{") || text.text.contains("{%") {
            let help = "write the literal text, or a regular expression such as `/\\d+/`";
            self.wrong(text.span, "`expect` is compared literally: templates are not rendered here", help);
            return None;
        }
        match Matcher::parse(text.text.trim_end_matches('\n')) {
            Ok(matcher) => Some(matcher),
            Err(message) => {
                self.wrong(text.span, message, "fix the pattern between the slashes; write a literal `(` as `\\(`");
                None
            }
        }
    }

    fn status(&mut self, node: &Node<'_>) -> Option<Spanned<StatusPattern>> {
        let word = self.word(node, "status", node.span, "2xx")?;
        match word.value.parse::<StatusPattern>() {
            Ok(value) => Some(Spanned { value, span: word.span }),
            Err(wrong) => {
                let help = "write a status such as `200`, a class such as `2xx`, or a list such as `[200, 202]`";
                self.wrong(word.span, wrong.to_string(), help);
                None
            }
        }
    }

    /// One of the offline `tests:` cases.
    fn test(&mut self, item: &Node<'_>) {
        let Some(mapping) = self.mapping(item, "a test", Some(&TEST)) else { return };
        let at = mapping.entries.first().map_or(item.span, |entry| entry.key_span);
        self.required(mapping, "name", "a test", at, "no phone number");
        self.key_word(mapping, "name", "no phone number");
        self.key_word(mapping, "event", "contact.created.json");
        for key in ["set", "expect"] {
            if let Some(node) = get(mapping, key).filter(|node| !node.is_null()) {
                self.mapping(node, &format!("`{key}`"), None);
            }
        }
    }
}

/// How to write a nested value of a param.
fn nested_help(node: &Node<'_>, name: &str) -> String {
    const UNPUBLISHED: &str = "the platform doesn't publish how it sends nested values, so try it there";
    let path = first_path(node);
    if path == "[0]" {
        return format!(
            "write the param once per list entry, `- {{name: {name}, value: …}}`, and hookctl sends a list; {UNPUBLISHED}"
        );
    }
    format!(
        "set `encoding: {{names: brackets}}` in hookctl.yaml and write a param for each value, such as `{name}{path}: …`; {UNPUBLISHED}"
    )
}

/// The way to the first value in a node, as brackets: `[details][0][id]`.
fn first_path(mut node: &Node<'_>) -> String {
    let mut path = String::new();
    loop {
        let below = match &node.kind {
            Kind::Mapping(mapping) => {
                let first = mapping.entries.first();
                path += &format!("[{}]", first.map_or("…", |entry| &entry.key));
                first.map(|entry| &entry.value)
            }
            Kind::Sequence(items) => {
                path += "[0]";
                items.first()
            }
            Kind::Scalar(_) | Kind::Unreadable => None,
        };
        match below {
            Some(below) => node = below,
            None => return path,
        }
    }
}

#[cfg(test)]
mod tests;
