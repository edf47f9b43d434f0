//! The results of an earlier run, read delivery by delivery from `--format json` or `jsonl`: in memory that does not grow
//! with their number.

use std::fmt;
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::{DeliveryOutcome, PreviousPolicy};
use crate::diagnostic::{Diagnostic, Problems};
use crate::file;
use crate::policy::{AttemptOutcome, TimeoutRule};
use crate::text::duration::ms::{self, Ms};

/// What is taken from a delivery.
#[derive(Debug, Default, Deserialize)]
pub struct ReadDelivery {
    /// The script's id.
    pub script: String,
    /// How it ended; none where the results do not say.
    #[serde(default)]
    pub outcome: Option<DeliveryOutcome>,
    /// The last attempt's latency.
    #[serde(default, rename = "latency_ms", deserialize_with = "ms::read_optional")]
    pub latency: Option<Duration>,
    /// From the first attempt's start to the end; none where the results do not say.
    #[serde(default, rename = "elapsed_ms", deserialize_with = "ms::read_optional")]
    pub elapsed: Option<Duration>,
    /// The endpoint was sent the same request more than once.
    #[serde(default)]
    pub duplicate: bool,
    /// In order.
    #[serde(default)]
    pub attempts: Vec<ReadAttempt>,
    /// Whether the script's expectations were met.
    #[serde(default)]
    pub expect: Option<ReadExpect>,
}

/// What is taken from `policy`.
#[derive(Deserialize)]
struct ReadPolicy {
    name: TimeoutRule,
    limit_ms: Ms,
    load_rate: f64,
    /// Earlier versions did not write it.
    #[serde(default)]
    retries: Option<u32>,
}

impl From<ReadPolicy> for PreviousPolicy {
    fn from(policy: ReadPolicy) -> Self {
        let ReadPolicy { name, limit_ms: Ms(limit), load_rate, retries } = policy;
        Self { name, limit, load_rate, retries }
    }
}

/// What is taken from an attempt.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ReadAttempt {
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The final response's status.
    pub status: Option<u16>,
    /// To the last byte of the body.
    #[serde(default, rename = "latency_ms", deserialize_with = "ms::read_optional")]
    pub latency: Option<Duration>,
    /// What it ran under.
    #[serde(default, rename = "limit_ms", deserialize_with = "ms::read")]
    pub limit: Duration,
}

/// What is taken from `expect`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ReadExpect {
    /// All of it was met.
    pub passed: bool,
}

impl ReadAttempt {
    /// The limit that cut it off, where one did.
    pub fn cut_off_at(&self) -> Option<Duration> {
        (self.outcome == AttemptOutcome::TimedOut && self.latency.is_none()).then_some(self.limit)
    }
}

/// Opens a results file, `-` for standard input; gives the name that messages call it by.
///
/// # Errors
/// It can't be read.
pub fn open(path: &Path) -> Result<(String, Box<dyn Read>), Problems> {
    let name = file::name(path);
    let results =
        file::open(path).map_err(|error| Diagnostic::error(format!("can't read the results `{name}`: {error}")))?;
    Ok((name, results))
}

/// Hands each delivery of the results to `take`; gives what they were judged by, where that is said. The line of a delivery
/// that was being written when its run was killed is left out.
///
/// # Errors
/// They are not JSON, are of another version, or hold no deliveries.
pub fn read(
    name: &str,
    results: impl Read,
    mut take: impl FnMut(ReadDelivery),
) -> Result<Option<PreviousPolicy>, Problems> {
    let mut reading = Reading { policy: None, found: false, take: &mut take };
    let mut entries = serde_json::Deserializer::from_reader(BufReader::new(results));
    let mut whole = 0;
    loop {
        match Entry(&mut reading).deserialize(&mut entries) {
            Ok(()) => whole += 1,
            Err(error) if error.is_eof() && whole > 0 => break,
            Err(error) => return Err(refused(name, &unreadable(&error)).into()),
        }
        if entries.end().is_ok() {
            break;
        }
    }
    match reading.found {
        true => Ok(reading.policy),
        false => Err(refused(name, "it has no `deliveries`").into()),
    }
}

/// What is wrong with JSON that can't be read; its position where there is one.
fn unreadable(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Eof if error.line() == 1 && error.column() == 0 => "it is empty".to_owned(),
        Category::Eof => format!("it is incomplete, ending at line {}", error.line()),
        Category::Syntax => format!("it is not JSON at line {}, column {}", error.line(), error.column()),
        Category::Data | Category::Io => error.to_string(),
    }
}

fn refused(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(format!("`{name}` is not a results file of `hookctl fire`: {why}"))
        .help("write them with `hookctl fire --format json --output FILE`, or `--format jsonl`")
}

struct Reading<'a> {
    policy: Option<PreviousPolicy>,
    found: bool,
    take: &'a mut dyn FnMut(ReadDelivery),
}

impl Reading<'_> {
    fn add(&mut self, delivery: ReadDelivery) {
        self.found = true;
        (self.take)(delivery);
    }
}

/// A whole document, a delivery's line, or the last line of a `jsonl` file.
struct Entry<'a, 'b>(&'a mut Reading<'b>);

impl<'de> DeserializeSeed<'de> for Entry<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with `deliveries`, or one for each delivery")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut script = None;
        let mut delivery = ReadDelivery::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => match map.next_value::<u32>()? {
                    1 => {}
                    other => {
                        return Err(A::Error::custom(format!("this hookctl can't read version {other}")));
                    }
                },
                "policy" => self.0.policy = Some(map.next_value::<ReadPolicy>()?.into()),
                "deliveries" => map.next_value_seed(Deliveries(self.0))?,
                "script" => script = Some(map.next_value()?),
                "outcome" => delivery.outcome = map.next_value()?,
                "attempts" if script.is_some() => delivery.attempts = map.next_value()?,
                "latency_ms" if script.is_some() => {
                    delivery.latency = map.next_value::<Option<Ms>>()?.map(|Ms(latency)| latency)
                }
                "elapsed_ms" if script.is_some() => {
                    delivery.elapsed = map.next_value::<Option<Ms>>()?.map(|Ms(elapsed)| elapsed)
                }
                "duplicate" if script.is_some() => delivery.duplicate = map.next_value()?,
                "expect" => delivery.expect = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if let Some(script) = script {
            self.0.add(ReadDelivery { script, ..delivery });
        }
        Ok(())
    }
}

/// The list of a document, or the count on a `jsonl` file's last line.
struct Deliveries<'a, 'b>(&'a mut Reading<'b>);

impl<'de> DeserializeSeed<'de> for Deliveries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Deliveries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of deliveries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut deliveries: A) -> Result<(), A::Error> {
        self.0.found = true;
        while let Some(delivery) = deliveries.next_element()? {
            self.0.add(delivery);
        }
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.found = true;
        Ok(())
    }

    /// A number too, since numbers keep all their digits.
    fn visit_map<A: MapAccess<'de>>(self, mut number: A) -> Result<(), A::Error> {
        self.0.found = true;
        while number.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(text: &str) -> Result<Vec<String>, String> {
        let mut scripts = Vec::new();
        let read = read("F", text.as_bytes(), |delivery| scripts.push(delivery.script));
        read.map(|_| scripts).map_err(|problems| problems.0[0].message.clone())
    }

    #[test]
    fn a_line_that_was_cut_short_is_left_out() {
        let lines = "{\"script\":\"a\",\"attempts\":[]}\n{\"script\":\"b\",\"at";
        assert_eq!(scripts(lines), Ok(vec!["a".to_owned()]));
    }

    #[test]
    fn what_is_no_result_is_said_in_words() {
        for (text, words) in [
            ("", "it is empty"),
            ("hello", "it is not JSON at line 1, column 1"),
            ("[1]", "a JSON object with `deliveries`"),
            ("{}", "it has no `deliveries`"),
            (r#"{"version": 2, "deliveries": []}"#, "version 2"),
            (r#"{"version": 1, "deliveries": [{"script": 5}]}"#, "expected a string at line 1"),
            (r#"{"version": 1, "deliveries": [{}]}"#, "missing field `script`"),
            (r#"{"version": 1, "deliveries": [{"script": "é", "attempts": 5}]}"#, "invalid type"),
            (r#"{"version": 1, "deliveries": [{"script": "a", "latency_ms": -1}]}"#, "expected a time in milliseconds"),
            (r#"{"script": "a", "elapsed_ms": 1e300}"#, "expected a time in milliseconds"),
            (r#"{"version": 1, "deliveries": ["#, "it is incomplete, ending at line 1"),
            (r#"{"version": 1, "deliveries": []} x"#, "it is not JSON at line 1, column 34"),
        ] {
            let error = scripts(text).expect_err(text);
            assert!(
                error.starts_with("`F` is not a results file of `hookctl fire`: ") && error.contains(words),
                "{error}"
            );
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        use AttemptOutcome::{ConnectError, HttpError, ProtocolError, Success, TimedOut, TlsError, TooManyRedirects};
        for outcome in [Success, HttpError, TimedOut, ConnectError, TlsError, ProtocolError, TooManyRedirects] {
            assert_eq!(serde_json::from_value::<AttemptOutcome>(outcome.name().into()).ok(), Some(outcome));
        }
        use DeliveryOutcome::{Delivered, Failed, Interrupted, Throttled};
        for outcome in [Delivered, Failed, Throttled, Interrupted] {
            assert_eq!(serde_json::from_value::<DeliveryOutcome>(outcome.name().into()).ok(), Some(outcome));
        }
        for rule in [TimeoutRule::Fixed, TimeoutRule::Legacy, TimeoutRule::Both] {
            assert_eq!(serde_json::from_value::<TimeoutRule>(rule.name().into()).ok(), Some(rule));
        }
    }
}
