//! Checks a response against a script's `expect:`.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value as Json;

use super::plan::latency;
use super::result::{Attempt, DeliveryOutcome, ExpectResult, Response};
use crate::http::StatusPattern;
use crate::policy::{AttemptOutcome, Latency};
use crate::script::{ExpectedBody, ExpectedValue, Matcher};
use crate::secret::Redactor;
use crate::text::duration::show;
use crate::text::list;
use crate::text::quantity;

/// How many characters of an unexpected value are quoted.
const QUOTED: usize = 120;

/// A script's `expect:`.
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    /// Statuses that pass; empty: 2xx.
    pub status: Vec<StatusPattern>,
    /// The longest latency that passes.
    pub within: Option<Duration>,
    /// What headers have to be; names in any case.
    pub headers: Vec<(String, ExpectedValue)>,
    /// What the body has to be.
    pub body: Option<ExpectedBody>,
}

/// A whole response, secrets and all, as `callback` and `expect` read it.
#[derive(Debug)]
pub(super) struct Received<'a> {
    /// Its headers, and the beginning of its body.
    pub response: &'a Response,
    /// Its body as far as it is read.
    pub body: &'a str,
    /// How many bytes of it were read, if not all.
    pub read_up_to: Option<u64>,
}

impl Expectation {
    /// Whether anything but status and latency is asked for.
    pub(super) fn reads_response(&self) -> bool {
        !self.headers.is_empty() || self.body.is_some()
    }

    /// Checks the last attempt; `received` is its response if it is complete. Failures never contain secrets.
    pub(super) fn check(
        &self,
        outcome: DeliveryOutcome,
        last: Option<&Attempt>,
        received: Option<&Received<'_>>,
        redactor: &Redactor,
    ) -> ExpectResult {
        let Some(attempt) = last else {
            let failures = match outcome {
                DeliveryOutcome::Throttled => Vec::new(),
                _ => vec!["nothing was received".to_owned()],
            };
            return ExpectResult { passed: failures.is_empty(), failures };
        };
        let mut failures = Vec::new();
        failures.extend(self.status_failure(attempt.status));
        failures.extend(self.latency_failure(attempt));
        match received {
            Some(received) => {
                let quote = |value: &str| quoted(&redactor.redact(value));
                failures.extend(self.headers.iter().filter_map(|(name, value)| header(name, value, received, &quote)));
                failures.extend(self.body.iter().flat_map(|body| in_body(body, received, &quote)));
            }
            None if self.reads_response() => {
                failures.push("expected a complete response, but there was none".to_owned())
            }
            None => {}
        }
        ExpectResult { passed: failures.is_empty(), failures }
    }

    fn status_failure(&self, status: Option<u16>) -> Option<String> {
        let wanted = if self.status.is_empty() { &[StatusPattern::SUCCESS][..] } else { &self.status };
        match status {
            Some(status) if wanted.iter().any(|pattern| pattern.covers(status)) => None,
            Some(status) => Some(format!("expected status {}, got {status}", list::or(wanted))),
            None => Some(format!("expected status {}, got no response", list::or(wanted))),
        }
    }

    fn latency_failure(&self, attempt: &Attempt) -> Option<String> {
        let within = self.within?;
        match latency(attempt) {
            Latency::Complete(took) if took <= within => None,
            Latency::Complete(took) => {
                Some(format!("expected an answer within {}, but it took {}", show(within), show(took)))
            }
            Latency::CutOff(after) => {
                Some(format!("expected an answer within {}, but there was none within {}", show(within), show(after)))
            }
            Latency::Broken | Latency::Nothing => {
                Some(format!("expected an answer within {}, but there was none", show(within)))
            }
        }
    }
}

impl<'a> Received<'a> {
    /// The response of an attempt that ended in one; `body` is as much of it as was read.
    pub(super) fn of(attempt: &'a Attempt, long_body: Option<&'a str>, read: usize) -> Option<Self> {
        let answered = matches!(attempt.outcome, AttemptOutcome::Success | AttemptOutcome::HttpError);
        let response = attempt.response.as_ref().filter(|_| answered)?;
        let read_up_to = (response.bytes > read as u64).then_some(read as u64);
        Some(Self { response, body: long_body.unwrap_or(&response.body), read_up_to })
    }
}

/// What is wrong with a header. One of several of that name is enough.
fn header(
    name: &str,
    expected: &ExpectedValue,
    received: &Received<'_>,
    quote: &impl Fn(&str) -> String,
) -> Option<String> {
    let values: Vec<&str> = received
        .response
        .headers
        .iter()
        .filter_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value.trim()))
        .collect();
    let got = || list::and(values.iter().map(|value| quote(value)));
    match expected {
        ExpectedValue::Nothing if values.is_empty() => None,
        ExpectedValue::Nothing => Some(format!("expected no header `{name}`, got {}", got())),
        ExpectedValue::Text(matcher) => {
            let mut mismatches = values.iter().map(|value| mismatch(matcher, value));
            if values.is_empty() {
                return Some(format!("expected header `{name}` to {}, but it is missing", asked(matcher)));
            }
            match mismatches.by_ref().find(Option::is_none) {
                Some(_) => None,
                None => Some(format!("expected header `{name}` to {}, got {}", asked(matcher), got())),
            }
        }
    }
}

/// What is wrong with the body.
fn in_body(expected: &ExpectedBody, received: &Received<'_>, quote: &impl Fn(&str) -> String) -> Vec<String> {
    let cut = received.read_up_to.map(|read| {
        let (read, all) = (quantity::thousands(read), quantity::thousands(received.response.bytes));
        format!(" (only the first {read} of {all} bytes of the body are checked)")
    });
    let cut = cut.unwrap_or_default();
    match expected {
        ExpectedBody::Whole(matcher) => {
            let body = received.body.trim_end();
            let wrong = mismatch(matcher, body)
                .map(|why| format!("expected the body to {}, got {}{why}{cut}", asked(matcher), quote(body)));
            wrong.into_iter().collect()
        }
        ExpectedBody::Members(members) => match serde_json::from_str::<Json>(received.body) {
            Ok(body) => members.iter().filter_map(|(path, expected)| member(path, expected, &body, quote)).collect(),
            Err(_) if !cut.is_empty() => vec![format!("expected a JSON body, but it is cut short{cut}")],
            Err(_) => vec![format!("expected a JSON body, got {}", quote(received.body.trim_end()))],
        },
    }
}

/// What is wrong at a path of a JSON body.
fn member(path: &str, expected: &ExpectedValue, body: &Json, quote: &impl Fn(&str) -> String) -> Option<String> {
    let found = at(body, path);
    match (expected, found) {
        (ExpectedValue::Nothing, None | Some(Json::Null)) => None,
        (ExpectedValue::Nothing, Some(value)) => {
            Some(format!("expected no `{path}` in the body, got {}", quote(&text(value))))
        }
        (ExpectedValue::Text(matcher), None) => {
            Some(format!("expected `{path}` of the body to {}, but it is missing", asked(matcher)))
        }
        (ExpectedValue::Text(matcher), Some(value)) => {
            let value = text(value);
            let why = mismatch(matcher, &value)?;
            Some(format!("expected `{path}` of the body to {}, got {}{why}", asked(matcher), quote(&value)))
        }
    }
}

/// The value at a dotted path. A key that has dots itself is found, too.
fn at<'j>(value: &'j Json, path: &str) -> Option<&'j Json> {
    if let Some(found) = step(value, path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(dot, _)| at(step(value, path.get(..dot)?)?, path.get(dot + 1..)?))
}

fn step<'j>(value: &'j Json, key: &str) -> Option<&'j Json> {
    match value {
        Json::Object(members) => members.get(key),
        Json::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

fn text(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// None if the value matches; otherwise what to add to the failure.
fn mismatch(matcher: &Matcher, value: &str) -> Option<String> {
    match matcher.matches(value) {
        Ok(true) => None,
        Ok(false) => Some(String::new()),
        Err(why) => Some(format!(" ({why})")),
    }
}

fn asked(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Text(text) => format!("be {}", quoted(text)),
        Matcher::Regex { written, .. } => format!("match `{written}`"),
    }
}

/// A value between backticks, cut where it is long.
fn quoted(value: &str) -> String {
    match value.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("`{}…`", value.get(..end).unwrap_or(value)),
        None => format!("`{value}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(status: u16, headers: &[(&str, &str)], body: &str) -> Attempt {
        Attempt {
            response: Some(Response {
                headers: headers.iter().copied().collect(),
                body: body.to_owned(),
                bytes: body.len() as u64,
                truncated: false,
                not_decoded: None,
            }),
            ..Attempt::answered(status, Duration::from_millis(12), Duration::from_secs(10))
        }
    }

    fn text_or_regex(text: &str) -> Matcher {
        Matcher::parse(text).expect(text)
    }

    fn failures(expectation: &Expectation, attempt: &Attempt) -> Vec<String> {
        let received = Received::of(attempt, None, 1024);
        let redactor = Redactor::new(["s3cret-value"]);
        expectation.check(DeliveryOutcome::Delivered, Some(attempt), received.as_ref(), &redactor).failures
    }

    #[test]
    fn headers_in_any_case_one_of_several_is_enough() {
        let headers =
            [("content-type", "application/json"), ("X-Token", "s3cret-value"), ("x-many", "a"), ("x-many", "b")];
        let attempt = attempt(200, &headers, "");
        for (name, expected, failure) in [
            ("Content-Type", Some("/JSON/i"), None),
            ("CONTENT-TYPE", Some("application/json"), None),
            (
                "Content-Type",
                Some("text/html"),
                Some("expected header `Content-Type` to be `text/html`, got `application/json`"),
            ),
            ("X-Many", Some("b"), None),
            ("X-Many", Some("c"), Some("expected header `X-Many` to be `c`, got `a` and `b`")),
            ("X-None", Some("/./"), Some("expected header `X-None` to match `/./`, but it is missing")),
            ("X-None", None, None),
            ("x-token", None, Some("expected no header `x-token`, got `«redacted»`")),
        ] {
            let value = expected.map_or(ExpectedValue::Nothing, |text| ExpectedValue::Text(text_or_regex(text)));
            let expectation = Expectation { headers: vec![(name.to_owned(), value)], ..Expectation::default() };
            assert_eq!(failures(&expectation, &attempt), Vec::from_iter(failure), "{name} {expected:?}");
        }
    }

    #[test]
    fn members_of_a_json_body_by_their_paths() {
        let body =
            r#"{"status": "ok", "items": [{"id": 12345678901234567890, "ok": true}], "a.b": {"c": null}, "e": {}}"#;
        let attempt = attempt(200, &[], body);
        for (path, expected, failure) in [
            ("status", Some("ok"), None),
            ("items.0.id", Some("/^\\d+$/"), None),
            ("items.0.id", Some("12345678901234567890"), None),
            ("items.0.ok", Some("true"), None),
            ("a.b.c", None, None),
            ("e", Some("{}"), None),
            ("status", Some("done"), Some("expected `status` of the body to be `done`, got `ok`")),
            ("items.1.id", Some("/./"), Some("expected `items.1.id` of the body to match `/./`, but it is missing")),
            ("status.deeper", Some("x"), Some("expected `status.deeper` of the body to be `x`, but it is missing")),
            ("missing", None, None),
            ("status", None, Some("expected no `status` in the body, got `ok`")),
        ] {
            let value = expected.map_or(ExpectedValue::Nothing, |text| ExpectedValue::Text(text_or_regex(text)));
            let body = Some(ExpectedBody::Members(vec![(path.to_owned(), value)]));
            let expectation = Expectation { body, ..Expectation::default() };
            assert_eq!(failures(&expectation, &attempt), Vec::from_iter(failure), "{path} {expected:?}");
        }
    }

    #[test]
    fn bodies_as_a_whole() {
        let whole =
            |text| Expectation { body: Some(ExpectedBody::Whole(text_or_regex(text))), ..Expectation::default() };
        assert_eq!(failures(&whole("OK"), &attempt(200, &[], "OK\n")), Vec::<String>::new());
        let wrong = failures(&whole("/^done/"), &attempt(200, &[], "token s3cret-value"));
        assert_eq!(wrong, ["expected the body to match `/^done/`, got `token «redacted»`"]);
        let long = failures(&whole("/z$/"), &attempt(200, &[], &"a".repeat(2_000)));
        assert!(long[0].ends_with("…` (only the first 1,024 of 2,000 bytes of the body are checked)"), "{long:?}");
        let members = Some(ExpectedBody::Members(vec![("a".to_owned(), ExpectedValue::Nothing)]));
        let members = Expectation { body: members, ..Expectation::default() };
        assert_eq!(failures(&members, &attempt(200, &[], "<html>")), ["expected a JSON body, got `<html>`"]);
    }

    #[test]
    fn a_response_that_never_came_whole_has_nothing_to_look_into() {
        let cut_off = Attempt { outcome: AttemptOutcome::TimedOut, latency: None, ..attempt(200, &[], "{") };
        let headers = vec![("A".to_owned(), ExpectedValue::Nothing)];
        let expectation = Expectation { headers, ..Expectation::default() };
        assert_eq!(failures(&expectation, &cut_off), ["expected a complete response, but there was none"]);
    }
}
