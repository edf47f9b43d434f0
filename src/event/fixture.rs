//! An event's data from a file or standard input: `{"event": "contact.created", "contact": {…}, …}`, where `event` is optional
//! and every other key is a variable.

use std::io;
use std::path::Path;
use std::sync::Arc;

use hookctl_twig::{Array, Key, Value};
use serde_json::Value as Json;

use super::json::{self, EXAMPLE};
use super::{Catalogue, UseCase};
use crate::diagnostic::{Diagnostic, Problems};
use crate::file;
use crate::span::{Source, Span};
use crate::yaml;

use crate::text::list;
use crate::text::suggest::nearest;

/// So deep is data at most, as JSON is read.
const DEEPEST: usize = 127;

/// An event with its data.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The file; `<stdin>` for standard input.
    pub source: Arc<Source>,
    /// The event's name; none in a bare fixture, whose use case decides what it fits.
    pub event: Option<String>,
    /// The variables.
    pub data: Array,
}

impl Fixture {
    /// Reads a fixture file, or standard input for `-`. `name` is what messages call the file.
    ///
    /// # Errors
    /// A file that can't be read, is not JSON, not an object, or has an event that does not exist.
    pub fn read(path: &Path, name: &str) -> Result<Fixture, Problems> {
        let name = if file::is_stdin(path) { "<stdin>" } else { name };
        let text = file::read_text(path, name, file::LARGEST, |error| unreadable(name, error))?;
        Fixture::parse(Arc::new(Source::new(name, text)))
    }

    /// Reads a fixture's text.
    ///
    /// # Errors
    /// Text that is not JSON, not an object, or has an event that does not exist.
    pub fn parse(source: Arc<Source>) -> Result<Fixture, Problems> {
        let mut variables = match json::read(&source)? {
            Json::Object(variables) => variables,
            other => {
                let text = source.text.trim_start_matches('\u{feff}').trim_start();
                let start = source.text.len() - text.len();
                let span = Span::new(start, source.text.trim_end().len());
                let message = format!("a fixture is an object, not {}", kind(&other));
                return Err(Diagnostic::error(message).at(&source, span, "").help(EXAMPLE).into());
            }
        };
        let event = match variables.shift_remove("event") {
            None | Some(Json::Null) => None,
            Some(Json::String(event)) => Some(event),
            Some(other) => {
                let message = format!("`event` is the name of an event, not {}", kind(&other));
                let span = value_span(&source, "event");
                return Err(Diagnostic::error(message).at(&source, span, "").help(EXAMPLE).into());
            }
        };
        if let Some(event) = &event {
            known(event).map_err(|error| error.at(&source, value_span(&source, "event"), ""))?;
        }
        let data = variables.iter().map(|(name, value)| (Key::from_str(name), Value::from_json(value))).collect();
        Ok(Fixture { source, event, data })
    }

    /// Applies `--set path=value`: the value is JSON if it parses as such, otherwise a string.
    ///
    /// # Errors
    /// No `=`, an empty step in the path, or an event that does not exist.
    pub fn set(&mut self, assignment: &str) -> Result<(), Diagnostic> {
        let Some((path, text)) = assignment.split_once('=') else {
            return Err(Diagnostic::error(format!("`--set {assignment}` has no `=`"))
                .help("write a path and a value, as in `--set contact.first_name=Ann`"));
        };
        let path = path.trim();
        if path.split('.').any(str::is_empty) {
            return Err(Diagnostic::error(format!("`--set {assignment}`: `{path}` is not a path"))
                .help("separate names with dots, as in `contact.first_name`"));
        }
        let steps = path.split('.').count();
        if steps > DEEPEST {
            let root = path.split('.').next().unwrap_or_default();
            return Err(Diagnostic::error(format!("`--set {root}.…`: the path has {steps} names"))
                .help(format!("write at most {DEEPEST} names with dots between them")));
        }
        let json = serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()));
        if path == "event" {
            known(text)?;
            self.event = Some(text.to_owned());
            return Ok(());
        }
        self.check_path(path)
            .map_err(|error| Diagnostic { message: format!("`--set {assignment}`: {}", error.message), ..error })?;
        self.data.set_path(path, Value::from_json(&json));
        Ok(())
    }

    /// Checks that a path can be set: what is missing or null may become an object, nothing else may.
    fn check_path(&self, path: &str) -> Result<(), Diagnostic> {
        let mut above = &self.data;
        let mut end = 0;
        for step in path.split('.') {
            if step.contains(['[', ']']) {
                let dotted = path.replace('[', ".").replace(']', "");
                return Err(Diagnostic::error(format!("`{step}` is not a name")).help(format!("write `{dotted}=…`")));
            }
            let parent = &path[..end.max(1) - 1];
            let place = step.parse().is_ok_and(|place: usize| place <= above.len() && place.to_string() == step);
            if above.is_list() && !above.is_empty() && !place {
                let last = above.len() - 1;
                return Err(Diagnostic::error(format!("`{parent}` is a list, and `{step}` is not an index in it"))
                    .help(format!("its indexes are 0 to {last}; `{parent}.{}=…` appends to it", last + 1)));
            }
            end += step.len() + 1;
            match above.get_name(step) {
                Some(Value::Array(inner)) => above = inner,
                None | Some(Value::Null) => break,
                Some(_) if end > path.len() => break,
                Some(other) => {
                    let name = &path[..end - 1];
                    let message = format!("`{name}` is {}, which has no fields", other.shown());
                    return Err(
                        Diagnostic::error(message).help(format!("set `{name}` itself, to an object for example"))
                    );
                }
            }
        }
        Ok(())
    }

    /// The use case whose data it is: the event's, else that of the variables. None where neither tells.
    pub fn use_case(&self) -> Option<UseCase> {
        let event = self.event.as_ref().and_then(|event| Catalogue::builtin().event(event));
        if let Some([use_case]) = event.map(|event| event.use_cases.as_slice()) {
            return Some(*use_case);
        }
        // Data of any use case may include a linked contact, so that is checked last.
        let by_variable = |use_case: &UseCase| self.data.get_name(use_case.name()).is_some();
        UseCase::ALL.into_iter().rev().find(by_variable)
    }

    /// Whether it has the data that scripts of this use case read. An action node runs scripts of any use case; then it depends on
    /// whether the use case's variable is there.
    pub fn has_data_of(&self, use_case: UseCase) -> bool {
        match self.use_case() {
            Some(own) if own == use_case => true,
            Some(_) => self.event.as_deref() == Some(super::ACTION) && self.data.get_name(use_case.name()).is_some(),
            None => true,
        }
    }

    /// Whether a script of a use case can be fired with it.
    ///
    /// # Errors
    /// Names both use cases where it can't.
    pub fn fits(&self, script: &str, use_case: UseCase) -> Result<(), Diagnostic> {
        let action = self.event.as_deref() == Some(super::ACTION);
        match self.use_case() {
            Some(own) if own != use_case && !action => {
                let (what, span) = match &self.event {
                    Some(event) => (format!("the event `{event}`"), value_span(&self.source, "event")),
                    None => ("this data".to_owned(), key_span(&self.source, own.name())),
                };
                let path = &self.source.path;
                Err(Diagnostic::error(format!(
                    "`{path}` is a fixture of the use case `{own}`, but the script `{script}` has the use case `{use_case}`"
                ))
                .at(&self.source, span, format!("{what} belongs to `{own}`"))
                .help(format!("use a fixture with `{use_case}` data")))
            }
            _ => Ok(()),
        }
    }
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    match error.kind() {
        io::ErrorKind::NotFound => Diagnostic::error(format!("there is no fixture `{name}`"))
            .help("write the path of a JSON file, or `-` for standard input"),
        io::ErrorKind::IsADirectory => {
            Diagnostic::error(format!("`{name}` is a folder, not a fixture")).help("pass a JSON file in it")
        }
        _ => Diagnostic::error(format!("can't read the fixture `{name}`: {error}")),
    }
}

fn known(event: &str) -> Result<(), Diagnostic> {
    let catalogue = Catalogue::builtin();
    if catalogue.event(event).is_some() {
        return Ok(());
    }
    let names = || catalogue.events().map(|(name, _)| name);
    let help = match nearest(event, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the events are {}", list::and(list::quoted(names()))),
    };
    Err(Diagnostic::error(format!("there is no event `{event}`")).help(help))
}

fn kind(json: &Json) -> String {
    match json {
        Json::Null => "null".into(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => format!("the number {number}"),
        Json::String(_) => "a string".into(),
        Json::Array(_) => "a list".into(),
        Json::Object(_) => "an object".into(),
    }
}

/// The span of a top-level key's value. JSON is YAML, whose reader keeps spans.
fn value_span(source: &Arc<Source>, key: &str) -> Span {
    entry_spans(source, key).map_or(Span::default(), |(_, value)| value)
}

fn key_span(source: &Arc<Source>, key: &str) -> Span {
    entry_spans(source, key).map_or(Span::default(), |(key, _)| key)
}

fn entry_spans(source: &Arc<Source>, key: &str) -> Option<(Span, Span)> {
    let document = yaml::read(source, &source.text);
    let yaml::Kind::Mapping(mapping) = document.root?.kind else { return None };
    let entry = mapping.entries.into_iter().find(|entry| entry.key == key)?;
    Some((entry.key_span, entry.value.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Fixture, Problems> {
        Fixture::parse(Arc::new(Source::new("fixtures/a.json", text)))
    }

    #[test]
    fn envelope_and_bare_are_read_with_every_digit() {
        let fixture =
            parse(r#"{"event": "contact.created", "contact": {"id": 9007199254740993, "big": 18446744073709551617}}"#)
                .expect("valid");
        assert_eq!(fixture.event.as_deref(), Some("contact.created"));
        assert_eq!(fixture.use_case(), Some(UseCase::Contact));
        assert_eq!(fixture.data.get_path("contact.id"), Some(&Value::Int(9_007_199_254_740_993)));
        assert_eq!(fixture.data.get_path("contact.big"), Some(&Value::str("18446744073709551617")));
        assert!(fixture.data.get_name("event").is_none());
        for (text, use_case) in [
            (r#"{"ticket": {}, "contact": {}}"#, Some(UseCase::Ticket)),
            ("\u{feff}{\"contact\": {}}", Some(UseCase::Contact)),
            (
                r#"{"event": "conversation_script.action", "conversation": {}, "contact": {}}"#,
                Some(UseCase::Conversation),
            ),
            (r#"{"event": null, "x": 1}"#, None),
            ("{}", None),
        ] {
            assert_eq!(parse(text).expect(text).use_case(), use_case, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_shown_at_its_place() {
        for (text, words, place) in [
            ("{\"a\": nope}", "`fixtures/a.json` is not JSON: expected a value", "nope"),
            (r#"{"a": "hello \ud83d"}"#, "half of a surrogate pair", r"\ud83d"),
            (r#"{"a": "\ud83d\u0041"}"#, "half of a surrogate pair", r"\ud83d"),
            ("[1, 2]", "an object, not a list", "[1, 2]"),
            ("\u{feff} 3 ", "an object, not the number 3", "3"),
            ("{\"event\": 5}", "not the number 5", "5"),
            ("{\"event\": \"contact.craeted\"}", "no event `contact.craeted`", "\"contact.craeted\""),
        ] {
            let Problems(problems) = parse(text).expect_err(text);
            let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
            assert!(problem.message.contains(words), "{text}: {}", problem.message);
            let span = problem.labels[0].span;
            assert_eq!(&text[span.start..span.end], place, "{text}: {}", problem.message);
        }
    }

    #[test]
    fn a_path_is_as_deep_as_data_can_be() {
        let mut fixture = parse("{}").expect("a fixture");
        let path = |steps: usize| format!("{}b=1", "a.".repeat(steps - 1));
        fixture.set(&path(DEEPEST)).expect("deep, and not too deep");
        let error = fixture.set(&path(40_000)).expect_err("too deep");
        assert_eq!(error.message, "`--set a.…`: the path has 40000 names");
    }

    #[test]
    fn values_are_set_by_path() {
        let mut fixture = parse(r#"{"contact": {"first_name": "Ann", "age": 3}}"#).expect("valid");
        for assignment in [
            "contact.first_name=Bob",
            "contact.age=42",
            "contact.note=a=b",
            "contact.tags=[\"x\"]",
            "contact.gone=null",
        ] {
            fixture.set(assignment).expect(assignment);
        }
        assert_eq!(
            Value::array(fixture.data.clone()).to_json().to_string(),
            r#"{"contact":{"first_name":"Bob","age":42,"note":"a=b","tags":["x"],"gone":null}}"#
        );
        fixture.set("contact.tags.1=y").expect("the place behind the last");
        fixture.set("contact.gone.deep.er=1").expect("null may become an object");
        assert_eq!(Value::array(fixture.data.clone()).to_json()["contact"]["tags"].to_string(), r#"["x","y"]"#);
        fixture.set("event=contact.updated").expect("an event");
        assert_eq!(fixture.event.as_deref(), Some("contact.updated"));
        for (assignment, words) in [
            ("contact.age", "no `=`"),
            ("=3", "not a path"),
            ("a..b=1", "not a path"),
            ("event=x", "no event `x`"),
            ("contact.age.x=1", "`contact.age` is 42, which has no fields"),
            ("contact.tags.x=1", "`contact.tags` is a list, and `x` is not an index in it"),
            ("contact.tags.3=1", "`3` is not an index in it"),
            ("contact.tags[0]=1", "`tags[0]` is not a name"),
        ] {
            assert!(fixture.set(assignment).expect_err(assignment).message.contains(words), "{assignment}");
        }
    }

    #[test]
    fn a_fixture_of_another_use_case_is_refused() {
        for (text, use_case, fits) in [
            (r#"{"event": "contact.created"}"#, UseCase::Contact, true),
            (r#"{"event": "contact.created"}"#, UseCase::Ticket, false),
            (r#"{"ticket": {}, "contact": {}}"#, UseCase::Contact, false),
            (r#"{"event": "conversation_script.action", "contact": {}}"#, UseCase::Ticket, true),
            (r#"{"x": 1}"#, UseCase::File, true),
        ] {
            let result = parse(text).expect(text).fits("a", use_case);
            assert_eq!(result.is_ok(), fits, "{text}");
            if let Err(error) = result {
                assert!(error.message.contains(&format!("`{use_case}`")), "{}", error.message);
            }
        }
    }
}
