//! A delivery as one line of JSON: the very bytes that serde_json writes of it, in less than half the time.
//!
//! In a run at full speed the lines are what costs most beside the requests themselves. So what is the same in all of them,
//! names and punctuation, is put together when compiling, most text is copied as it is, and the rest is left to serde_json.

use std::io::Write;

use serde::Serialize;

use super::headers::Headers;
use super::result::{Attempt, Delivery, ExpectResult, Phases, Redirect, Response, UsedProxy};
use crate::policy::{FixedVerdict, LegacyVerdict};
use crate::text::duration::ms;

type Written = serde_json::Result<()>;

impl Delivery {
    /// Writes it to the end of `out`, without a line's end.
    ///
    /// # Errors
    /// None that is known of: whatever a delivery holds is JSON.
    pub fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.write(out)
    }
}

/// What has its place in the line.
trait Json {
    fn write(&self, out: &mut Vec<u8>) -> Written;
}

/// An object's members in their order; those in brackets are left out where there are none.
macro_rules! object {
    ($out:ident, $first:literal: $value:expr $(, $name:literal: $more:expr)* $(, [$maybe:literal: $option:expr])*) => {{
        $out.extend_from_slice(concat!("{\"", $first, "\":").as_bytes());
        $value.write($out)?;
        $(
            $out.extend_from_slice(concat!(",\"", $name, "\":").as_bytes());
            $more.write($out)?;
        )*
        $(
            if let Some(value) = $option {
                $out.extend_from_slice(concat!(",\"", $maybe, "\":").as_bytes());
                value.write($out)?;
            }
        )*
        $out.push(b'}');
        Ok(())
    }};
}

impl Json for Delivery {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(
            out,
            "script": self.script,
            "trigger": Serde(self.trigger),
            "outcome": Serde(self.outcome),
            "band": self.band.map(Serde),
            "attempts": self.attempts,
            "latency_ms": self.latency_ms.map(Ms),
            "elapsed_ms": Ms(self.elapsed_ms),
            "fixed": self.fixed,
            "legacy": self.legacy,
            "expect": self.expect,
            "callback": self.callback,
            "callback_error": self.callback_error,
            "method": self.method,
            "url": self.url,
            "started_at": Moment(self.started_at),
            "duplicate": self.duplicate,
            ["queued_ms": self.queued_ms.map(Ms)],
            ["body_read_up_to": self.body_read_up_to.map(Serde)]
        )
    }
}

impl Json for Attempt {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(
            out,
            "number": Serde(self.number),
            "outcome": Serde(self.outcome),
            "status": self.status.map(Serde),
            "latency_ms": self.latency_ms.map(Ms),
            "limit_ms": Ms(self.limit_ms),
            "wait_before_ms": Ms(self.wait_before_ms),
            "phases": self.phases,
            "error": self.error,
            "response": self.response,
            ["redirects": Some(&self.redirects).filter(|all| !all.is_empty())],
            ["resent": Some(&self.resent).filter(|all| !all.is_empty())],
            ["retry_after_ms": self.retry_after_ms.map(Ms)],
            ["proxy": &self.proxy],
            ["remote": &self.remote],
            ["http_version": &self.http_version]
        )
    }
}

impl Json for Phases {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(
            out,
            "dns_ms": self.dns_ms.map(Ms),
            "connect_ms": self.connect_ms.map(Ms),
            "tls_ms": self.tls_ms.map(Ms),
            "wait_ms": self.wait_ms.map(Ms),
            "download_ms": self.download_ms.map(Ms)
        )
    }
}

impl Json for UsedProxy {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(out, "address": self.address, "from": self.from)
    }
}

impl Json for Redirect {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(
            out,
            "status": Serde(self.status),
            "method": self.method,
            "url": self.url,
            "credentials_dropped": self.credentials_dropped
        )
    }
}

impl Json for Response {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(
            out,
            "headers": self.headers,
            "body": self.body,
            "bytes": Serde(self.bytes),
            "truncated": self.truncated,
            ["not_decoded": &self.not_decoded]
        )
    }
}

impl Json for FixedVerdict {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(out, "in_time": self.in_time, "limit_ms": Ms(self.limit_ms))
    }
}

impl Json for LegacyVerdict {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(
            out,
            "in_time": self.in_time,
            "limit_ms": Ms(self.limit_ms),
            "in_time_up_to_load_rate": self.in_time_up_to_load_rate.map(Serde)
        )
    }
}

impl Json for ExpectResult {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        object!(out, "passed": self.passed, "failures": self.failures)
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        match self {
            Some(value) => value.write(out),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }
}

impl<T: Json> Json for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        list(self.iter(), out)
    }
}

fn list(items: impl Iterator<Item = impl Json>, out: &mut Vec<u8>) -> Written {
    out.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item.write(out)?;
    }
    out.push(b']');
    Ok(())
}

/// A header: name, value.
impl Json for (&str, &str) {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        out.push(b'[');
        self.0.write(out)?;
        out.push(b',');
        self.1.write(out)?;
        out.push(b']');
        Ok(())
    }
}

impl Json for Headers {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        list(self.iter(), out)
    }
}

/// Most text is written as it is.
impl Json for str {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        // All of it is looked at, since that takes less time than to stop early.
        let escaped = self.bytes().fold(false, |found, byte| found | (byte < b' ') | (byte == b'"') | (byte == b'\\'));
        if escaped {
            return serde_json::to_writer(out, self);
        }
        out.push(b'"');
        out.extend_from_slice(self.as_bytes());
        out.push(b'"');
        Ok(())
    }
}

impl Json for String {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        self.as_str().write(out)
    }
}

impl<T: Json + ?Sized> Json for &T {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        (*self).write(out)
    }
}

impl Json for bool {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
        Ok(())
    }
}

/// A number of milliseconds.
struct Ms(f64);

impl Json for Ms {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        ms::write(self.0, out)
    }
}

/// A point in time, RFC 3339 with milliseconds.
struct Moment(jiff::Timestamp);

impl Json for Moment {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        write!(out, "\"{:.3}\"", self.0).map_err(serde_json::Error::io)
    }
}

/// A number or a word, as serde has it.
struct Serde<T>(T);

impl<T: Serialize> Json for Serde<T> {
    fn write(&self, out: &mut Vec<u8>) -> Written {
        serde_json::to_writer(out, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::delivery::DeliveryOutcome;
    use crate::policy::{AttemptOutcome, Band};

    fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
        let times = (0.0..1e12, option::of(0.0..90_000.0), option::of(0.0..9.0));
        let response = (vec(("[^\n]*", "[^\n]*"), 0..3), any::<String>(), any::<u64>(), any::<bool>());
        let redirect = (any::<u16>(), any::<String>(), any::<bool>());
        let ends = (option::of(any::<String>()), option::of(any::<u16>()), any::<u32>());
        let attempt = (times, option::of(response), vec(redirect, 0..3), ends).prop_map(
            |((limit_ms, latency_ms, dns_ms), response, redirects, (text, status, number))| Attempt {
                number,
                outcome: AttemptOutcome::TooManyRedirects,
                status,
                latency_ms,
                limit_ms,
                wait_before_ms: limit_ms.round(),
                phases: Phases { dns_ms, wait_ms: latency_ms, ..Phases::default() },
                error: text.clone(),
                response: response.map(|(headers, body, bytes, truncated)| Response {
                    headers: headers.into_iter().collect(),
                    body,
                    bytes,
                    truncated,
                    not_decoded: text.clone(),
                }),
                resent: text.iter().cloned().collect(),
                redirects: redirects
                    .into_iter()
                    .map(|(status, url, credentials_dropped)| Redirect {
                        status,
                        method: "GET".to_owned(),
                        url,
                        credentials_dropped,
                    })
                    .collect(),
                retry_after_ms: dns_ms,
                proxy: text.clone().map(|address| UsedProxy { address, from: "HTTP_PROXY" }),
                remote: text,
                http_version: status.map(|_| "HTTP/2"),
            },
        );
        vec(attempt, 0..3)
    }

    proptest! {
        #[test]
        fn as_serde_json_writes_it(
            attempts in attempts(),
            (script, callback, failures) in (any::<String>(), option::of(any::<String>()), vec(any::<String>(), 0..3)),
            (elapsed_ms, latency_ms, rate) in (0.0..1e15, option::of(0.0..90_000.0), option::of(0.0..=1.0)),
            (trigger, passed, in_time) in (any::<u64>(), any::<bool>(), option::of(any::<bool>())),
            (url, callback_error, started_ms) in (any::<String>(), option::of(any::<String>()), -9_000_000_000_000i64..9_000_000_000_000),
        ) {
            let delivery = Delivery {
                script,
                trigger,
                outcome: DeliveryOutcome::Delivered,
                band: in_time.map(|_| Band::AtRisk),
                attempts,
                latency_ms,
                elapsed_ms,
                fixed: FixedVerdict { in_time, limit_ms: 10_000.0 },
                legacy: LegacyVerdict { in_time, limit_ms: elapsed_ms, in_time_up_to_load_rate: rate },
                expect: ExpectResult { passed, failures },
                callback,
                callback_error,
                method: "POST".to_owned(),
                url,
                started_at: jiff::Timestamp::from_millisecond(started_ms).expect("a time"),
                duplicate: !passed,
                queued_ms: rate,
                body_read_up_to: in_time.map(|_| trigger),
            };
            let mut written = Vec::new();
            delivery.write_json(&mut written).expect("JSON");
            prop_assert_eq!(String::from_utf8(written).expect("text"), serde_json::to_string(&delivery).expect("JSON"));
        }
    }
}
