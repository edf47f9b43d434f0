//! The result of a delivery: the shapes of `fire --format json`, exactly as the contract has them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use super::Headers;
use crate::http::StatusPattern;
use crate::policy::{AttemptOutcome, Band, FixedVerdict, LegacyVerdict};
use crate::text::duration::ms;

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// The last attempt succeeded in time.
    Delivered,
    /// Every attempt that the plan allows failed.
    Failed,
    /// Over the per-minute trigger limit, not sent.
    Throttled,
    /// Ctrl-C came first.
    Interrupted,
}

/// One delivery: a script fired once, with its retries.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// The script's id.
    pub script: String,
    /// The number of the trigger in this run, from 1.
    pub trigger: u64,
    /// How it ended.
    pub outcome: DeliveryOutcome,
    /// By the last attempt's latency; null where nothing was received and no limit was passed.
    pub band: Option<Band>,
    /// In order; empty when throttled.
    pub attempts: Vec<Attempt>,
    /// The last attempt's, ms; null where it ended without one.
    #[serde(serialize_with = "ms::optional")]
    pub latency_ms: Option<f64>,
    /// From the first attempt's start to the end, waits included, ms.
    #[serde(serialize_with = "ms::exact")]
    pub elapsed_ms: f64,
    /// Judged by the fixed limit.
    pub fixed: FixedVerdict,
    /// Judged by the legacy wait.
    pub legacy: LegacyVerdict,
    /// The script's own expectations.
    pub expect: ExpectResult,
    /// The rendered `callback`, where the script has one, there is a response, and it could be rendered.
    pub callback: Option<String>,
    /// Why the `callback` could not be rendered over the response, a sentence; null where it could, or there was nothing to
    /// render.
    pub callback_error: Option<String>,
    /// The request's method, in capitals.
    pub method: String,
    /// Where the first attempt's request went, with the query; secrets redacted.
    pub url: String,
    /// When the first attempt started, UTC; of a throttled delivery, when it was turned away.
    #[serde(serialize_with = "rfc_3339")]
    pub started_at: Timestamp,
    /// The endpoint was sent the same request more than once, so it may have executed it more than once: an earlier
    /// attempt got as far as a connection.
    pub duplicate: bool,
    /// Under `--rate`: from the intended start to the first attempt's, ms. The latency from the intended start, which hides
    /// no queueing, is this plus `latency_ms`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "ms::optional")]
    pub queued_ms: Option<f64>,
    /// How many bytes of the body `callback` and `expect.body` read; left out if they read all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_read_up_to: Option<u64>,
}

impl Delivery {
    /// Counts against the run: it failed, and not in the way that its script expects; or it was delivered, and not as its
    /// script expects.
    pub fn is_failure(&self) -> bool {
        match self.outcome {
            DeliveryOutcome::Failed => !self.failed_as_expected(),
            DeliveryOutcome::Delivered => !self.expect.passed,
            DeliveryOutcome::Throttled | DeliveryOutcome::Interrupted => false,
        }
    }

    /// Production counts it as failed for its status, and that status is what the script's `expect` names.
    pub fn failed_as_expected(&self) -> bool {
        let last = self.attempts.last().map(|last| last.outcome);
        self.outcome == DeliveryOutcome::Failed && failed_as_expected(last, self.expect.passed)
    }

    /// A 2xx in time that the script's `expect` does not accept.
    pub fn delivered_unexpectedly(&self) -> bool {
        self.outcome == DeliveryOutcome::Delivered && !self.expect.passed
    }

    /// The last answer was a 2xx, in time or not.
    pub fn is_accepted(&self) -> bool {
        self.attempts.last().and_then(|last| last.status).is_some_and(|status| StatusPattern::SUCCESS.covers(status))
    }

    /// It took a retry: production resent a request that may already have been executed.
    pub fn delivered_on_retry(&self) -> bool {
        self.outcome == DeliveryOutcome::Delivered && self.attempts.len() > 1
    }

    /// The last attempt was cut off by its limit (ms), so that its latency is only known to be longer than that.
    pub fn cut_off_at(&self) -> Option<f64> {
        self.attempts.last().and_then(Attempt::cut_off_at)
    }
}

/// Whether a failed delivery, by how its last attempt ended, failed as its script expects. Only a status can be expected: no
/// script asks for a timeout or a broken connection.
pub(super) fn failed_as_expected(last: Option<AttemptOutcome>, passed: bool) -> bool {
    passed && last == Some(AttemptOutcome::HttpError)
}

fn rfc_3339<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

impl Attempt {
    /// The limit (ms) that cut it off, where one did: the latency is only known to be longer than that.
    pub fn cut_off_at(&self) -> Option<f64> {
        (self.outcome == AttemptOutcome::TimedOut && self.latency_ms.is_none()).then_some(self.limit_ms)
    }
}

/// The script's `expect:` held against the last attempt.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExpectResult {
    /// All held.
    pub passed: bool,
    /// A sentence each.
    pub failures: Vec<String>,
}

/// One attempt.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The final response's status.
    pub status: Option<u16>,
    /// From the start (DNS included) to the last byte of the body, ms; null where it was cut off or failed.
    #[serde(serialize_with = "ms::optional")]
    pub latency_ms: Option<f64>,
    /// The limit it ran under, ms.
    #[serde(serialize_with = "ms::exact")]
    pub limit_ms: f64,
    /// The retry wait before it, ms.
    #[serde(serialize_with = "ms::exact")]
    pub wait_before_ms: f64,
    /// Where the time went.
    pub phases: Phases,
    /// What went wrong, a sentence; secrets redacted.
    pub error: Option<String>,
    /// What came back, as far as it did.
    pub response: Option<Response>,
    /// Redirects followed within the attempt, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<Redirect>,
    /// Why the request went out again within the attempt, a sentence each time: the server had closed the kept connection
    /// before it answered, or said that it did not process the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resent: Vec<String>,
    /// What the response's `Retry-After` asks for, ms from its arrival.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "ms::optional")]
    pub retry_after_ms: Option<f64>,
    /// The proxy that it went through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<UsedProxy>,
    /// The address that answered; the proxy's where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_version: Option<&'static str>,
}

/// The proxy that an attempt went through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsedProxy {
    /// `host:port`.
    pub address: String,
    /// The flag or the variable that names it, such as `HTTPS_PROXY`.
    pub from: &'static str,
}

/// One redirect that was followed.
#[derive(Debug, Clone, Serialize)]
pub struct Redirect {
    /// The status that redirected.
    pub status: u16,
    /// The method of the request that followed.
    pub method: String,
    /// Where it went, secrets redacted.
    pub url: String,
    /// Another host: `Authorization`, cookies and headers filled from `env.*` were dropped.
    pub credentials_dropped: bool,
}

/// Where an attempt's time went, ms; null: that phase did not happen (a reused connection, plain HTTP, an address).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Phases {
    /// Name resolution.
    #[serde(serialize_with = "ms::optional")]
    pub dns_ms: Option<f64>,
    /// TCP connect.
    #[serde(serialize_with = "ms::optional")]
    pub connect_ms: Option<f64>,
    /// TLS handshake.
    #[serde(serialize_with = "ms::optional")]
    pub tls_ms: Option<f64>,
    /// From the request's first byte out to the response's first byte in.
    #[serde(serialize_with = "ms::optional")]
    pub wait_ms: Option<f64>,
    /// From there to the body's last byte.
    #[serde(serialize_with = "ms::optional")]
    pub download_ms: Option<f64>,
}

/// What came back.
#[derive(Debug, Clone, Serialize)]
pub struct Response {
    /// In the order received.
    pub headers: Headers,
    /// Decoded text, at most 64 KiB, secrets redacted.
    pub body: String,
    /// Bytes of the (decoded) body, all of it.
    pub bytes: u64,
    /// `body` is not all of it.
    pub truncated: bool,
    /// Why the body is shown as it came, though it has a `Content-Encoding`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_decoded: Option<String>,
}
