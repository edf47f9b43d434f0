//! The results of an earlier run, read from `--format json` or `jsonl` in memory that does not grow with their number.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Band, DeliveryOutcome, Latencies};
use crate::diagnostic::{Diagnostic, Problems};
use crate::policy::Regime;

/// What an earlier run came to.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The file, as messages call it.
    pub path: String,
    /// What it was judged by.
    pub policy: Option<PastPolicy>,
    /// By the script's id, in the order in which they first ended.
    pub scripts: IndexMap<String, PastScript>,
}

/// What of its policy decides whether two runs can be compared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PastPolicy {
    /// Which wait decided.
    pub name: Regime,
    /// The fixed limit, ms.
    pub limit_ms: f64,
    /// 0 to 1.
    pub load_rate: f64,
}

/// What it measured of one script.
#[derive(Debug, Clone, Default)]
pub struct PastScript {
    /// Deliveries that were sent.
    pub deliveries: u64,
    /// Of those, counted against the run.
    pub failures: u64,
    /// Of their last attempts.
    pub latencies: Latencies,
}

impl Past {
    /// Reads a results file.
    ///
    /// # Errors
    /// It can't be read, is not JSON, is of another version, or holds no deliveries.
    pub fn read(path: &Path) -> Result<Self, Problems> {
        let name = path.display().to_string();
        let file =
            File::open(path).map_err(|error| Diagnostic::error(format!("can't read the results `{name}`: {error}")))?;
        let mut reading = Reading { past: Past { path: name.clone(), ..Past::default() }, found: false };
        let mut entries = serde_json::Deserializer::from_reader(BufReader::new(file));
        loop {
            Entry(&mut reading).deserialize(&mut entries).map_err(|error| refused(&name, &error.to_string()))?;
            if entries.end().is_ok() {
                break;
            }
        }
        if !reading.found {
            return Err(refused(&name, "it has no `deliveries`").into());
        }
        Ok(reading.past)
    }

    /// The ids of the scripts of which a delivery failed.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        self.scripts.iter().filter(|(_, script)| script.failures > 0).map(|(id, _)| id.as_str())
    }
}

fn refused(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(format!("`{name}` holds no results of `hookctl fire`: {why}"))
        .help("write them with `hookctl fire --format json --output FILE`, or `--format jsonl`")
}

struct Reading {
    past: Past,
    found: bool,
}

#[derive(Deserialize)]
struct PastDelivery {
    script: String,
    outcome: DeliveryOutcome,
    band: Option<Band>,
    latency_ms: Option<f64>,
    expect: Option<PastExpect>,
}

#[derive(Deserialize)]
struct PastExpect {
    passed: bool,
}

impl Reading {
    fn add(&mut self, delivery: PastDelivery) {
        self.found = true;
        let script = self.past.scripts.entry(delivery.script).or_default();
        let met = delivery.expect.is_none_or(|expect| expect.passed);
        match delivery.outcome {
            DeliveryOutcome::Delivered => script.failures += u64::from(!met),
            DeliveryOutcome::Failed => script.failures += 1,
            DeliveryOutcome::Throttled | DeliveryOutcome::Interrupted => return,
        }
        script.deliveries += 1;
        match (delivery.latency_ms, delivery.band) {
            (Some(ms), _) => script.latencies.record(ms),
            (None, Some(Band::TimedOut)) => {
                let limit = self.past.policy.as_ref().map_or(0.0, |policy| policy.limit_ms);
                script.latencies.cut_off(limit);
            }
            (None, _) => {}
        }
    }
}

/// A whole document, a delivery's line, or the last line of a `jsonl` file.
struct Entry<'a>(&'a mut Reading);

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with `deliveries`, or one for each delivery")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        use serde::de::Error;
        let (mut script, mut outcome, mut band, mut latency_ms, mut expect) = (None, None, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => match map.next_value::<u32>()? {
                    1 => {}
                    other => {
                        return Err(A::Error::custom(format!("version {other} is not one that this hookctl reads")));
                    }
                },
                "policy" => self.0.past.policy = Some(map.next_value()?),
                "deliveries" => map.next_value_seed(Deliveries(self.0))?,
                "script" => script = Some(map.next_value()?),
                "outcome" => outcome = Some(map.next_value()?),
                "band" => band = map.next_value()?,
                "latency_ms" if script.is_some() => latency_ms = map.next_value()?,
                "expect" => expect = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if let (Some(script), Some(outcome)) = (script, outcome) {
            self.0.add(PastDelivery { script, outcome, band, latency_ms, expect });
        }
        Ok(())
    }
}

/// The list of a document, or the count on a `jsonl` file's last line.
struct Deliveries<'a>(&'a mut Reading);

impl<'de> DeserializeSeed<'de> for Deliveries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Deliveries<'_> {
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
    use crate::delivery::Rank;

    fn read(text: &str) -> Result<Past, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Past::read(file.path())
            .map_err(|problems| problems.0[0].message.replace(&file.path().display().to_string(), "F"))
    }

    const FINE: &str = r#"{"script":"a","trigger":1,"outcome":"delivered","band":"safe","attempts":[{"x":[1]}],
        "latency_ms":12.3,"expect":{"passed":true,"failures":[]}}"#;
    const FAILED: &str = r#"{"script":"b","outcome":"failed","band":"timed_out","attempts":[],"latency_ms":null,"expect":{"passed":false}}"#;
    const POLICY: &str = r#"{"name":"fixed","limit_ms":10000,"load_rate":0.0,"retries":3}"#;

    #[test]
    fn a_document_and_lines_say_the_same() {
        let document =
            format!(r#"{{"version": 1, "policy": {POLICY}, "deliveries": [{FINE}, {FAILED}], "summary": {{}}}}"#);
        let fine = FINE.replace('\n', " ");
        let lines =
            format!("{fine}\n{FAILED}\n{{\"version\":1,\"policy\":{POLICY},\"deliveries\":2,\"latency_ms\":{{}}}}\n");
        for text in [document, lines.clone(), lines.trim_end().to_owned()] {
            let past = read(&text).unwrap();
            assert_eq!(past.scripts["a"].latencies.at(0.5), Rank::Measured(12.3));
            assert_eq!(past.scripts["b"].latencies.cut_off_count(), 1);
            assert_eq!(past.failed().collect::<Vec<_>>(), ["b"]);
            assert_eq!(past.policy.map(|policy| policy.limit_ms), Some(10_000.0));
        }
        assert_eq!(read(r#"{"version":1,"deliveries":[]}"#).unwrap().scripts.len(), 0);
    }

    #[test]
    fn what_is_no_result_is_said_in_words() {
        for (text, words) in [
            ("", "EOF"),
            ("hello", "expected value at line 1 column 1"),
            ("[1]", "a JSON object with `deliveries`"),
            ("{}", "it has no `deliveries`"),
            (r#"{"version": 2, "deliveries": []}"#, "version 2"),
            (r#"{"version": 1, "deliveries": [{"script": 5}]}"#, "expected a string at line 1"),
            (r#"{"version": 1, "deliveries": [{}]}"#, "missing field `script`"),
            (r#"{"version": 1, "deliveries": ["#, "EOF"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with("`F` holds no results of `hookctl fire`: ") && error.contains(words), "{error}");
        }
    }
}
