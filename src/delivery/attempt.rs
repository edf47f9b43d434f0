//! One attempt: from before DNS to the body's last byte, redirects included, all inside one limit.

use std::borrow::Cow;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode, Version};
use hyper_util::client::legacy::connect::HttpInfo;
use url::Url;

use super::client::{Client, Outgoing, endpoint};
use super::failure;
use super::headers::Headers;
use super::redirect;
use super::result::{Attempt, Phases, Redirect, Response};
use super::trace::Trace;
use crate::duration::{millis, show};
use crate::media_type::parameter;
use crate::policy::AttemptOutcome;

/// So much of a response's body is kept, bytes; the rest is counted.
pub const BODY_KEPT: usize = 64 * 1024;

/// So much of a response's body is read by a callback and by `expect.body`, bytes.
pub const BODY_READ: usize = 1024 * 1024;

/// A response's body, decompressed, may be so long, bytes: far more than a webhook has to say, and a bound for bombs.
pub const BODY_MAX: u64 = 64 * 1024 * 1024;

/// What an attempt has seen so far, kept where a limit that passes can still read it.
#[derive(Debug)]
struct Seen {
    phases: Phases,
    redirects: Vec<Redirect>,
    head: Option<Head>,
    body: Body,
    /// The request had a connection, so that it may have been carried out.
    sent: bool,
}

#[derive(Debug)]
struct Head {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    remote: Option<String>,
    /// What `Content-Length` announces.
    announced: Option<u64>,
    arrived: Instant,
}

#[derive(Debug)]
struct Body {
    kept: Vec<u8>,
    /// So much of it is kept at most, bytes.
    keep: usize,
    bytes: u64,
}

impl Body {
    fn keeping(keep: usize) -> Self {
        Self { kept: Vec::new(), keep, bytes: 0 }
    }
}

/// How a request failed: what the attempt's outcome and sentence are.
#[derive(Debug)]
pub(super) struct Failure {
    pub outcome: AttemptOutcome,
    pub message: String,
}

/// An attempt with what only the delivery needs to know. Nothing in it is redacted yet.
#[derive(Debug)]
pub struct Attempted {
    /// Number 1 and no wait before it, until the delivery says otherwise.
    pub attempt: Attempt,
    /// The request had a connection, so that the endpoint may have carried it out.
    pub sent: bool,
    /// The body's text up to [`Outgoing::keep_body`] bytes, where the response holds only the beginning of that.
    pub long_body: Option<String>,
}

/// What rings when an attempt's limit passes. One serves all attempts of a worker: to put it off costs next to nothing, while
/// every new one would have to be entered into the list that all workers share.
#[derive(Debug)]
pub struct Alarm(Pin<Box<tokio::time::Sleep>>);

impl Alarm {
    /// One that is set for no time yet. Only inside of the runtime that the attempts run on.
    pub fn new() -> Self {
        Self(Box::pin(tokio::time::sleep(Duration::ZERO)))
    }

    /// What `future` gives, or nothing once that moment is there.
    async fn by<T>(&mut self, moment: Instant, future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        self.0.as_mut().reset(moment.into());
        // Also where the future has used up all that a task may do in one go.
        until(pin!(tokio::task::unconstrained(self.0.as_mut())), future).await
    }
}

/// What `future` gives, or nothing once `end` is there. It is polled where it stands: to move the state of a whole exchange
/// about costs more than to read the response.
pub(super) async fn until<T>(
    end: Pin<&mut impl Future<Output = ()>>,
    future: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    tokio::select! {
        biased;
        output = future => Some(output),
        () = end => None,
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// Sends the request once. Ends by `limit` at the latest, whatever the endpoint does; follows at most `redirects`
    /// redirects.
    pub async fn attempt(&self, request: &Outgoing, limit: Duration, redirects: u32, alarm: &mut Alarm) -> Attempted {
        let started = Instant::now();
        let mut seen = Seen {
            phases: Phases::default(),
            redirects: Vec::new(),
            head: None,
            body: Body::keeping(request.keep_body),
            sent: false,
        };
        let mut hop = Hop { request: Cow::Borrowed(request), trace: Trace::new(0), started };
        let ended = {
            let exchange = pin!(self.exchange(&mut hop, &mut seen, redirects));
            alarm.by(started + limit, exchange).await
        };
        let took = started.elapsed();
        let late = took > limit;
        let (outcome, error) = match ended {
            Some(Err(failure)) if !late => (failure.outcome, Some(failure.message)),
            Some(Ok(())) if !late => judged(&seen),
            _ => {
                hop.account(&mut seen);
                (AttemptOutcome::TimedOut, Some(seen.cut_off(&hop, limit)))
            }
        };
        let complete = matches!(outcome, AttemptOutcome::Success | AttemptOutcome::HttpError)
            || (outcome == AttemptOutcome::TooManyRedirects && !late);
        let attempt = Attempt {
            number: 1,
            outcome,
            status: seen.head.as_ref().map(|head| head.status.as_u16()),
            latency_ms: complete.then(|| millis(took)),
            limit_ms: millis(limit),
            wait_before_ms: 0.0,
            phases: seen.phases.clone(),
            error,
            retry_after_ms: seen.head.as_ref().and_then(|head| retry_after(&head.headers)).map(millis),
            remote: seen.head.as_ref().and_then(|head| head.remote.clone()),
            http_version: seen.head.as_ref().map(|head| version(head.version)),
            redirects: std::mem::take(&mut seen.redirects),
            response: None,
        };
        let (response, long_body) = seen.response().unzip();
        Attempted { attempt: Attempt { response, ..attempt }, sent: seen.sent, long_body: long_body.flatten() }
    }

    async fn exchange(&self, hop: &mut Hop<'_>, seen: &mut Seen, redirects: u32) -> Result<(), Failure> {
        loop {
            self.hop(hop, seen).await?;
            let Some(head) = &seen.head else { return Ok(()) };
            let next = redirect::next(&hop.request, head.status, &head.headers, self.stays_local());
            let refused = |why| Failure {
                outcome: AttemptOutcome::HttpError,
                message: format!("{}, {why}", answered(head.status)),
            };
            let Some((request, redirect)) = next.map_err(refused)? else { return Ok(()) };
            if seen.redirects.len() >= redirects as usize {
                return Err(Failure {
                    outcome: AttemptOutcome::TooManyRedirects,
                    message: format!(
                        "{} redirects already followed, and {} redirects again, to {}",
                        seen.redirects.len(),
                        endpoint(&hop.request.url),
                        redirect.url
                    ),
                });
            }
            hop.request = Cow::Owned(request);
            seen.redirects.push(redirect);
            seen.head = None;
            seen.body = Body::keeping(seen.body.keep);
        }
    }

    /// One request and its whole response.
    async fn hop(&self, hop: &mut Hop<'_>, seen: &mut Seen) -> Result<(), Failure> {
        hop.started = Instant::now();
        let mut response = match self.send(hop, seen).await? {
            Ok(response) => response,
            Err(error) => {
                let url = &hop.request.url;
                let mut failure = failure::before_response(&error, &hop.trace.marks(), &endpoint(url));
                if let (AttemptOutcome::ConnectError, Some(way)) = (failure.outcome, self.way_to(url)) {
                    failure.message.push_str(&format!(" (by way of {way})"));
                }
                hop.account(seen);
                return Err(failure);
            }
        };
        let arrived = Instant::now();
        hop.arrived(seen, &response, arrived);
        seen.head = Some(Head {
            status: response.status(),
            version: response.version(),
            remote: response.remote_addr().map(|address| hop.request.remote(address)),
            announced: response.content_length(),
            headers: std::mem::take(response.headers_mut()),
            arrived,
        });
        let read = seen.body.read(response, &hop.request.url).await;
        add(&mut seen.phases.download_ms, Some(arrived.elapsed()));
        read
    }

    /// Sends a hop's request. Endpoints that close the connection behind a redirect without saying so are common, and may
    /// do it under the next request: that one goes out again, over another connection.
    async fn send(&self, hop: &mut Hop<'_>, seen: &Seen) -> Result<reqwest::Result<reqwest::Response>, Failure> {
        let client = self
            .for_scheme(hop.request.url.scheme())
            .map_err(|message| Failure { outcome: AttemptOutcome::TlsError, message })?;
        loop {
            hop.trace = Trace::new(hop.request.url.port_or_known_default().unwrap_or_default());
            let sent = hop.trace.scope(client.execute(hop.request.to_reqwest())).await;
            match &sent {
                Err(error)
                    if !seen.redirects.is_empty() && hop.trace.marks().is_reused() && failure::is_hang_up(error) => {}
                _ => return Ok(sent),
            }
        }
    }
}

impl Body {
    async fn read(&mut self, mut response: reqwest::Response, url: &Url) -> Result<(), Failure> {
        loop {
            match response.chunk().await {
                Ok(None) => return Ok(()),
                Ok(Some(chunk)) => self.take(&chunk),
                Err(error) => return Err(failure::in_body(&error, self.bytes, &endpoint(url))),
            }
            if self.bytes > BODY_MAX {
                return Err(Failure {
                    outcome: AttemptOutcome::ProtocolError,
                    message: format!(
                        "{} sends more than {} MiB of body (counted after decompression); reading stopped there",
                        endpoint(url),
                        BODY_MAX / (1024 * 1024)
                    ),
                });
            }
        }
    }

    fn take(&mut self, chunk: &Bytes) {
        self.bytes += chunk.len() as u64;
        let room = self.keep.saturating_sub(self.kept.len()).min(chunk.len());
        self.kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
}

/// One request of an attempt: the first, or the one after a redirect.
struct Hop<'a> {
    request: Cow<'a, Outgoing>,
    trace: Arc<Trace>,
    started: Instant,
}

impl Hop<'_> {
    /// Adds up the phases once the response's head is there.
    fn arrived(&self, seen: &mut Seen, response: &reqwest::Response, arrived: Instant) {
        let local = response.extensions().get::<HttpInfo>().map(HttpInfo::local_addr);
        let marks = self.trace.marks();
        seen.sent = true;
        // A connection made for this request may have lost against one that fell free; then it is not the one that counts.
        let waited_from = if marks.made(local) {
            add(&mut seen.phases.dns_ms, marks.dns());
            add(&mut seen.phases.connect_ms, marks.connect());
            add(&mut seen.phases.tls_ms, marks.tls());
            marks.ready().unwrap_or(self.started)
        } else {
            self.started
        };
        add(&mut seen.phases.wait_ms, Some(arrived.saturating_duration_since(waited_from)));
    }

    /// Adds up what is known where the response's head never came, or its body never ended.
    fn account(&self, seen: &mut Seen) {
        if let Some(head) = &seen.head {
            if seen.phases.download_ms.is_none() {
                seen.phases.download_ms = Some(millis(head.arrived.elapsed()));
            }
            return;
        }
        let marks = self.trace.marks();
        seen.sent |= marks.stage() == super::trace::Stage::Waiting;
        add(&mut seen.phases.dns_ms, marks.dns());
        add(&mut seen.phases.connect_ms, marks.connect());
        add(&mut seen.phases.tls_ms, marks.tls());
        // Over a connection that was there already the wait begins with the attempt.
        let waited_from = marks.ready().or(marks.is_reused().then_some(self.started));
        add(&mut seen.phases.wait_ms, waited_from.map(|from| from.elapsed()));
    }
}

fn add(phase: &mut Option<f64>, time: Option<Duration>) {
    if let Some(time) = time {
        *phase = Some(phase.unwrap_or_default() + millis(time));
    }
}

/// The outcome of a response that came whole and in time.
fn judged(seen: &Seen) -> (AttemptOutcome, Option<String>) {
    match &seen.head {
        Some(head) if head.status.is_success() => (AttemptOutcome::Success, None),
        Some(head) => (AttemptOutcome::HttpError, Some(answered(head.status))),
        None => (AttemptOutcome::ProtocolError, Some("the endpoint sent no response".to_owned())),
    }
}

/// What a status says: many that are in use (520, say) have no name in the standard.
fn answered(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(name) => format!("the endpoint answered {} {name}", status.as_u16()),
        None => format!("the endpoint answered {}", status.as_u16()),
    }
}

impl Seen {
    /// What was going on when the limit passed.
    fn cut_off(&self, hop: &Hop<'_>, limit: Duration) -> String {
        let to = endpoint(&hop.request.url);
        let limit = show(limit);
        match &self.head {
            None => format!("no response within {limit}: {}", failure::pending(hop.trace.marks().stage(), &to)),
            Some(head) => {
                let of = head.announced.map(|n| format!(" of {n}")).unwrap_or_default();
                let status = head.status.as_u16();
                format!(
                    "no whole response within {limit}: {to} answered {status}, then sent {}{of} bytes of body",
                    self.body.bytes
                )
            }
        }
    }

    /// The response, and its body's text as far as it was kept where that is more than the response has.
    fn response(&mut self) -> Option<(Response, Option<String>)> {
        let head = self.head.as_ref()?;
        let mut kept = std::mem::take(&mut self.body.kept);
        let long_body =
            (kept.len() > BODY_KEPT).then(|| decoded(kept.clone(), self.body.bytes > kept.len() as u64, &head.headers));
        kept.truncate(BODY_KEPT);
        let truncated = self.body.bytes > kept.len() as u64;
        let response = Response {
            headers: Headers::of(&head.headers),
            body: decoded(kept, truncated, &head.headers),
            bytes: self.body.bytes,
            truncated,
        };
        Some((response, long_body))
    }
}

/// The body's text by the charset of its `Content-Type`, else UTF-8. A character that the bound cut in two is left out.
fn decoded(bytes: Vec<u8>, truncated: bool, headers: &HeaderMap) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let label =
        content_type.and_then(|value| parameter(value, "charset")).filter(|label| !label.eq_ignore_ascii_case("utf-8"));
    let encoding = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = encoding.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        return encoding.decode(&bytes).0.into_owned();
    }
    String::from_utf8(bytes).unwrap_or_else(|broken| {
        let reason = broken.utf8_error();
        let cut_in_two = truncated && reason.error_len().is_none();
        let whole = if cut_in_two { broken.as_bytes().get(..reason.valid_up_to()) } else { None };
        String::from_utf8_lossy(whole.unwrap_or(broken.as_bytes())).into_owned()
    })
}

/// `Retry-After` in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let ahead = date.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(ahead).unwrap_or_default())
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}
