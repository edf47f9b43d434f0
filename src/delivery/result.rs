//! The result of a delivery, as every report reads it.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::Headers;
use crate::http::StatusPattern;
use crate::policy::{AttemptOutcome, Band, FixedVerdict, LegacyVerdict};

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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

impl DeliveryOutcome {
    /// As results spell it, such as `delivered`.
    pub fn name(self) -> &'static str {
        match self {
            DeliveryOutcome::Delivered => "delivered",
            DeliveryOutcome::Failed => "failed",
            DeliveryOutcome::Throttled => "throttled",
            DeliveryOutcome::Interrupted => "interrupted",
        }
    }
}

/// One delivery: a script fired once, with its retries.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The script's id.
    pub script: String,
    /// The number of the trigger in this run, from 1.
    pub trigger: u64,
    /// How it ended.
    pub outcome: DeliveryOutcome,
    /// By the last attempt's latency; none where nothing was received and no limit was passed.
    pub band: Option<Band>,
    /// In order; empty when throttled.
    pub attempts: Vec<Attempt>,
    /// The last attempt's; none where it ended without one.
    pub latency: Option<Duration>,
    /// From the first attempt's start to the end, waits included.
    pub elapsed: Duration,
    /// Judged by the fixed limit.
    pub fixed: FixedVerdict,
    /// Judged by the legacy wait.
    pub legacy: LegacyVerdict,
    /// The script's own expectations.
    pub expect: ExpectResult,
    /// The rendered `callback`, where the script has one, there is a response, and it could be rendered.
    pub callback: Option<String>,
    /// Why the `callback` could not be rendered over the response, a sentence; none where it could, or there was nothing to
    /// render.
    pub callback_error: Option<String>,
    /// The request's method, in capitals.
    pub method: String,
    /// Where the first attempt's request went, with the query; secrets redacted.
    pub url: String,
    /// When the first attempt started, UTC; of a throttled delivery, when it was turned away.
    pub started_at: Timestamp,
    /// The endpoint was sent the same request more than once, so it may have executed it more than once: an earlier
    /// attempt got as far as a connection.
    pub duplicate: bool,
    /// Under `--rate`: from the intended start to the first attempt's. The latency from the intended start, which hides
    /// no queueing, is this plus `latency`.
    pub queued: Option<Duration>,
    /// How many bytes of the body `callback` and `expect.body` read; none if they read all of it.
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

    /// The last attempt was cut off by its limit, so that its latency is only known to be longer than that.
    pub fn cut_off_at(&self) -> Option<Duration> {
        self.attempts.last().and_then(Attempt::cut_off_at)
    }
}

/// Whether a failed delivery, by how its last attempt ended, failed as its script expects. Only a status can be expected: no
/// script asks for a timeout or a broken connection.
pub(super) fn failed_as_expected(last: Option<AttemptOutcome>, passed: bool) -> bool {
    passed && last == Some(AttemptOutcome::HttpError)
}

impl Attempt {
    /// The limit that cut it off, where one did: the latency is only known to be longer than that.
    pub fn cut_off_at(&self) -> Option<Duration> {
        (self.outcome == AttemptOutcome::TimedOut && self.latency.is_none()).then_some(self.limit)
    }
}

#[cfg(test)]
impl Attempt {
    /// A first attempt that was answered with this status, with nothing more to say of it.
    pub(crate) fn answered(status: u16, latency: Duration, limit: Duration) -> Self {
        let success = (200..300).contains(&status);
        Self {
            number: 1,
            outcome: if success { AttemptOutcome::Success } else { AttemptOutcome::HttpError },
            status: Some(status),
            latency: Some(latency),
            limit,
            wait_before: Duration::ZERO,
            phases: Phases::default(),
            error: None,
            response: None,
            redirects: Vec::new(),
            resent: Vec::new(),
            retry_after: None,
            proxy: None,
            remote: None,
            http_version: None,
        }
    }
}

/// The script's `expect:` held against the last attempt.
#[derive(Debug, Clone, Default)]
pub struct ExpectResult {
    /// All held.
    pub passed: bool,
    /// A sentence each.
    pub failures: Vec<String>,
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The final response's status.
    pub status: Option<u16>,
    /// From the start (DNS included) to the last byte of the body; none where it was cut off or failed.
    pub latency: Option<Duration>,
    /// The limit it ran under.
    pub limit: Duration,
    /// The retry wait before it.
    pub wait_before: Duration,
    /// Where the time went.
    pub phases: Phases,
    /// What went wrong, a sentence; secrets redacted.
    pub error: Option<String>,
    /// What came back, as far as it did.
    pub response: Option<Response>,
    /// Redirects followed within the attempt, in order.
    pub redirects: Vec<Redirect>,
    /// Why the request went out again within the attempt, a sentence each time: the server had closed the kept connection
    /// before it answered, or said that it did not process the request.
    pub resent: Vec<String>,
    /// What the response's `Retry-After` asks for, from its arrival.
    pub retry_after: Option<Duration>,
    /// The proxy that it went through.
    pub proxy: Option<UsedProxy>,
    /// The address that answered; the proxy's where there is one.
    pub remote: Option<String>,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub http_version: Option<&'static str>,
}

/// The proxy that an attempt went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedProxy {
    /// `host:port`.
    pub address: String,
    /// The flag or the variable that names it, such as `HTTPS_PROXY`.
    pub from: &'static str,
}

/// One redirect that was followed.
#[derive(Debug, Clone)]
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

/// Where an attempt's time went; none: that phase did not happen (a reused connection, plain HTTP, an address).
#[derive(Debug, Clone, Default)]
pub struct Phases {
    /// Name resolution.
    pub dns: Option<Duration>,
    /// TCP connect.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// From the request's first byte out to the response's first byte in.
    pub wait: Option<Duration>,
    /// From there to the body's last byte.
    pub download: Option<Duration>,
}

/// What came back.
#[derive(Debug, Clone)]
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
    pub not_decoded: Option<String>,
}
