//! Comma-separated values (RFC 4180, with plain newlines): a header, a row for each delivery when it ends.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use super::OutputFormat;
use crate::delivery::{Band, Delivery, Phases, Run, Tally};
use crate::text::duration::millis;

/// `--format csv`
#[derive(Debug, Default)]
pub struct Csv;

const COLUMNS: &str = "script,trigger,outcome,band,attempts,status,latency_ms,elapsed_ms,dns_ms,connect_ms,tls_ms,\
    wait_ms,download_ms,fixed_in_time,legacy_in_time,in_time_up_to_load_rate,expect_passed,error,duplicate,queued_ms,\
    method,url,started_at,callback_error";

impl OutputFormat for Csv {
    fn start(&mut self, out: &mut dyn Write, _: &Run) -> io::Result<()> {
        writeln!(out, "{COLUMNS}")
    }

    fn delivery(&mut self, out: &mut dyn Write, _: &Run, delivery: &Delivery) -> io::Result<()> {
        let last = delivery.attempts.last();
        let none = Phases::default();
        let phases = last.map_or(&none, |last| &last.phases);
        let sent = last.is_some();
        let row = [
            field(&delivery.script),
            delivery.trigger.to_string(),
            delivery.outcome.name().to_owned(),
            delivery.band.map(Band::name).unwrap_or_default().to_owned(),
            delivery.attempts.len().to_string(),
            word(&last.and_then(|last| last.status)),
            ms(delivery.latency),
            ms(Some(delivery.elapsed)),
            ms(phases.dns),
            ms(phases.connect),
            ms(phases.tls),
            ms(phases.wait),
            ms(phases.download),
            word(&delivery.fixed.in_time),
            word(&delivery.legacy.in_time),
            word(&delivery.legacy.in_time_up_to_load_rate),
            if sent { word(&delivery.expect.passed) } else { String::new() },
            field(last.and_then(|last| last.error.as_deref()).unwrap_or_default()),
            word(&delivery.duplicate),
            ms(delivery.queued),
            field(&delivery.method),
            field(&delivery.url),
            format!("{:.3}", delivery.started_at),
            field(delivery.callback_error.as_deref().unwrap_or_default()),
        ];
        writeln!(out, "{}", row.join(","))
    }

    fn finish(&mut self, _: &mut dyn Write, _: &Run, _: &Tally) -> io::Result<()> {
        Ok(())
    }
}

fn ms(time: Option<Duration>) -> String {
    time.map(|time| ((millis(time) * 1000.0).round() / 1000.0).to_string()).unwrap_or_default()
}

/// The JSON word for a value, nothing for null.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}

/// Text, quoted if necessary. A leading `=`, `+`, `-` or `@` gets a `'` before it, since spreadsheets run those; a tab and
/// a carriage return too, since some leave them out and run what follows.
fn field(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    #[test]
    fn fields() {
        let cases = [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("\t=1+1", "'\t=1+1"),
            ("\r=1+1", "\"'\r=1+1\""),
        ];
        for (text, expected) in cases {
            assert_eq!(super::field(text), expected);
        }
    }
}
