//! One attempt: from before DNS to the body's last byte, redirects included, all inside one limit.

use std::borrow::Cow;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use http::StatusCode;

use super::client::Client;
use super::coding::Decoder;
use super::connect::Trace;
use super::failure;
use super::headers::Headers;
use super::outgoing::{Outgoing, endpoint};
use super::proxy::Proxy;
use super::redirect;
use super::result::{Attempt, Phases, Redirect, Response};
use super::wire::{Broken, Exchange, Head, Opened, Transfer};
use crate::http::StatusPattern;
use crate::http::media_type::parameter;
use crate::policy::{AttemptOutcome, Resend};
use crate::text::duration::show;

/// Bytes kept of a response's body; the rest is only counted.
pub const BODY_KEPT: usize = 64 * 1024;

/// Bytes of a response's body that a callback and `expect.body` can read.
pub const BODY_READ: usize = 1024 * 1024;

/// The longest accepted response body, in bytes after decompression: a bound against decompression bombs.
pub const BODY_MAX: u64 = 64 * 1024 * 1024;

/// How often a request is sent again within an attempt at most, however often servers say that they did not process it.
const MOST_RESENDS: u32 = 3;

/// What an attempt has seen so far, kept so that it can still be read after its limit has passed.
#[derive(Debug, Default)]
struct Seen {
    phases: Phases,
    redirects: Vec<Redirect>,
    resent: Vec<String>,
    remote: Option<String>,
    head: Option<Head>,
    body: Body,
    /// Bytes of the request were sent, and the server has not said that it ignored them.
    sent: bool,
    /// How often a request was lost with its connection, though the server may have read it.
    lost: u32,
}

#[derive(Debug, Default)]
struct Body {
    kept: Vec<u8>,
    /// How many bytes of it are kept at most.
    keep: usize,
    bytes: u64,
    /// Why its `Content-Encoding` could not be decoded.
    not_decoded: Option<String>,
}

impl Body {
    fn keeping(keep: usize) -> Self {
        Self { keep, ..Self::default() }
    }
}

/// How a request failed: the attempt's outcome and message.
#[derive(Debug)]
pub(super) struct Failure {
    pub outcome: AttemptOutcome,
    pub message: String,
}

/// An attempt with what only the delivery needs to know. Nothing in it is redacted yet.
#[derive(Debug)]
pub struct Attempted {
    /// The attempt; its number (1) and wait (none) are set by the delivery.
    pub attempt: Attempt,
    /// How often the endpoint may have processed the request: not where no byte of it went out, nor where it is known that the
    /// endpoint left it unread.
    pub sent: u32,
    /// The body's text up to [`Outgoing::keep_body`] bytes, where the response holds only the beginning of that.
    pub long_body: Option<String>,
}

/// The timer of an attempt's limit. A worker uses one for all of its attempts: resetting it costs next to nothing, while each
/// new one would have to be registered with the runtime.
#[derive(Debug)]
pub struct Deadline(Pin<Box<tokio::time::Sleep>>);

impl Deadline {
    /// A timer that is not set yet. To be called inside the runtime that the attempts run on.
    pub fn new() -> Self {
        Self(Box::pin(tokio::time::sleep(Duration::ZERO)))
    }

    /// The result of `future`, or none once that moment has come.
    async fn by<T>(&mut self, moment: Instant, future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        self.0.as_mut().reset(moment.into());
        // The timer fires even if the future has used up its task's budget.
        until(pin!(tokio::task::unconstrained(self.0.as_mut())), future).await
    }
}

/// The result of `future`, or none once `end` completes. The future is polled in place, because moving the state of a whole
/// exchange costs more than reading the response.
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

impl Default for Deadline {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// Sends the request once. Ends by `limit` at the latest, whatever the endpoint does; follows at most `redirects`
    /// redirects.
    pub async fn attempt(
        &self,
        request: &Outgoing,
        limit: Duration,
        redirects: u32,
        deadline: &mut Deadline,
    ) -> Attempted {
        let started = Instant::now();
        let mut seen = Seen { body: Body::keeping(request.keep_body), ..Seen::default() };
        let mut hop = Hop::new(Cow::Borrowed(request));
        let ended = {
            let exchange = pin!(self.exchange(&mut hop, &mut seen, redirects));
            deadline.by(started + limit, exchange).await
        };
        let took = started.elapsed();
        let late = took > limit;
        let (outcome, error) = match ended {
            Some(Err(failure)) if !late => (failure.outcome, Some(failure.message)),
            Some(Ok(())) if !late => judged(&seen, || self.connector().forwarder(&hop.request.url)),
            Some(_) => (AttemptOutcome::TimedOut, Some(seen.cut_off(&hop, limit))),
            None => {
                hop.account(&mut seen);
                (AttemptOutcome::TimedOut, Some(seen.cut_off(&hop, limit)))
            }
        };
        let complete = matches!(outcome, AttemptOutcome::Success | AttemptOutcome::HttpError)
            || (outcome == AttemptOutcome::TooManyRedirects && !late);
        let attempt = Attempt {
            number: 1,
            outcome,
            status: seen.head.as_ref().map(|head| head.status),
            latency: complete.then_some(took),
            limit,
            wait_before: Duration::ZERO,
            phases: seen.phases.clone(),
            error,
            retry_after: seen.head.as_ref().and_then(|head| retry_after(&head.headers)),
            proxy: self.connector().proxy_in_use(&hop.request.url),
            remote: seen.remote.take(),
            http_version: seen.head.as_ref().map(|head| head.version),
            redirects: std::mem::take(&mut seen.redirects),
            resent: std::mem::take(&mut seen.resent),
            response: None,
        };
        let sent = u32::from(seen.sent) + seen.lost;
        let (response, long_body) = seen.response().unzip();
        Attempted { attempt: Attempt { response, ..attempt }, sent, long_body: long_body.flatten() }
    }

    async fn exchange(&self, hop: &mut Hop<'_>, seen: &mut Seen, redirects: u32) -> Result<(), Failure> {
        loop {
            let ended = self.hop(hop, seen).await;
            hop.account(seen);
            ended?;
            let Some(head) = &seen.head else { return Ok(()) };
            let next = redirect::next(&hop.request, head.status, head.location.as_deref(), self.stays_local());
            let refused = |why| Failure {
                outcome: AttemptOutcome::HttpError,
                message: format!("{}, {why}", answered(head.status, None)),
            };
            let Some((request, redirect)) = next.map_err(refused)? else { return Ok(()) };
            if seen.redirects.len() >= redirects as usize {
                return Err(Failure {
                    outcome: AttemptOutcome::TooManyRedirects,
                    message: format!(
                        "{} redirects were followed, and {} redirects again, to {}",
                        seen.redirects.len(),
                        endpoint(&hop.request.url),
                        redirect.url
                    ),
                });
            }
            *hop = Hop::new(Cow::Owned(request));
            seen.redirects.push(redirect);
            seen.head = None;
            seen.body = Body::keeping(seen.body.keep);
        }
    }

    /// One request and its whole response.
    async fn hop(&self, hop: &mut Hop<'_>, seen: &mut Seen) -> Result<(), Failure> {
        let to = endpoint(&hop.request.url);
        let mut exchange = self.send(hop, seen, &to).await?;
        seen.body.read(&mut exchange, seen.head.as_ref(), &to).await?;
        if !self.opens_anew() {
            self.pool().put(&hop.request.origin, exchange);
        }
        Ok(())
    }

    /// Sends a hop's request and reads the response's head. Sends again over a new connection if the request was lost with the
    /// old one or not processed by the server.
    async fn send(&self, hop: &mut Hop<'_>, seen: &mut Seen, to: &str) -> Result<Exchange, Failure> {
        loop {
            let kept = match self.opens_anew() || hop.resends > 0 {
                true => None,
                false => self.pool().take(&hop.request.origin),
            };
            let is_kept = kept.is_some();
            let mut exchange = match kept {
                Some(exchange) => exchange,
                None => self.open(hop, to).await?,
            };
            hop.ready = Some(Instant::now());
            seen.remote = exchange.remote().map(|address| hop.request.remote(address));
            let broken = match exchange.send(&hop.request, &mut hop.transfer).await {
                Ok(head) if is_kept && exchange.gave_up_idle(&head) && self.resend() != Resend::Never => {
                    Broken::Unprocessed("it answered 408 Request Timeout on a connection that was kept open".into())
                }
                Ok(head) => {
                    seen.head = Some(head);
                    return Ok(exchange);
                }
                Err(broken) => broken,
            };
            if hop.resends >= MOST_RESENDS || !may_resend(&broken, is_kept, &hop.request.method, self.resend()) {
                return Err(failure::before_body(broken, is_kept, exchange.client_certificate(), to));
            }
            seen.resent.push(failure::why_resent(&broken, to));
            seen.lost += u32::from(!exchange.is_unread(&broken).await);
            hop.start_again();
        }
    }

    async fn open(&self, hop: &mut Hop<'_>, to: &str) -> Result<Exchange, Failure> {
        let connection = self.connector().connect(&hop.request.url, &hop.trace).await;
        let connection = connection.map_err(|error| Failure { outcome: error.outcome, message: error.message })?;
        hop.is_connected = true;
        let own = connection.client_certificate;
        let opened = Opened::new(connection).await.map_err(|broken| failure::before_body(broken, false, own, to))?;
        Ok(self.pool().begin(&hop.request.origin, opened, !self.opens_anew()))
    }
}

/// Whether the request may be sent again within the attempt (RFC 9110, 9.2.2; RFC 9113, 8.7). Yes if the server says that it
/// did not process it. If it was lost with a reused connection, the server most likely closed that at the same moment and never
/// saw the request, but this can't be known: idempotent methods are safe to repeat, others are repeated as browsers and curl do.
fn may_resend(broken: &Broken, is_kept: bool, method: &http::Method, resend: Resend) -> bool {
    match (broken, resend) {
        (_, Resend::Never) => false,
        (Broken::Unprocessed(_), _) => true,
        (Broken::HungUp(_), Resend::Always) => is_kept,
        (Broken::HungUp(_), Resend::Idempotent) => is_kept && method.is_idempotent(),
        _ => false,
    }
}

impl Body {
    /// Reads the body to its end, decoded by its `Content-Encoding`.
    async fn read(&mut self, exchange: &mut Exchange, head: Option<&Head>, to: &str) -> Result<(), Failure> {
        let codings = head.into_iter().flat_map(|head| head.headers.all("content-encoding")).map(str::as_bytes);
        let mut decoder = match Decoder::new(codings, BODY_MAX) {
            Ok(decoder) => decoder,
            Err(unsupported) => {
                self.not_decoded = Some(unsupported.to_string());
                None
            }
        };
        loop {
            let chunk = match exchange.chunk().await {
                Ok(chunk) => chunk,
                Err(broken) => {
                    let own = exchange.client_certificate();
                    return Err(failure::in_body(broken, self.bytes, own, to));
                }
            };
            match (&mut decoder, chunk) {
                (None, None) => return Ok(()),
                (None, Some(chunk)) => self.take(chunk),
                (Some(decoder), Some(chunk)) => decoder
                    .write(chunk, &mut |piece| self.take(piece))
                    .map_err(|error| failure::undecodable(&error, self.bytes, to))?,
                (Some(decoder), None) => {
                    return decoder.finish().map_err(|error| failure::undecodable(&error, self.bytes, to));
                }
            }
            if self.bytes > BODY_MAX {
                return Err(failure::body_too_long(to));
            }
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        let room = self.keep.saturating_sub(self.kept.len()).min(chunk.len());
        self.kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
}

/// One request of an attempt: the first, or the one after a redirect.
struct Hop<'a> {
    request: Cow<'a, Outgoing>,
    /// The trace of the connection that is opened for it.
    trace: Trace,
    /// A connection was opened for it, rather than used again.
    is_connected: bool,
    /// When it got its connection.
    ready: Option<Instant>,
    transfer: Transfer,
    /// How often it was sent again, over a new connection.
    resends: u32,
}

impl<'a> Hop<'a> {
    fn new(request: Cow<'a, Outgoing>) -> Self {
        let (trace, transfer) = (Trace::default(), Transfer::default());
        Self { request, trace, is_connected: false, ready: None, transfer, resends: 0 }
    }

    /// Time spent on the connection that failed, counted as waiting.
    fn start_again(&mut self) {
        (self.trace, self.transfer) = (Trace::default(), Transfer::default());
        (self.is_connected, self.ready) = (false, None);
        self.resends += 1;
    }

    /// Adds up the phases once the exchange is over, however it ended.
    fn account(&self, seen: &mut Seen) {
        let phases = &mut seen.phases;
        seen.sent |= self.transfer.sent;
        if self.is_connected || self.ready.is_none() {
            let marks = self.trace.marks();
            add(&mut phases.dns, marks.dns());
            add(&mut phases.connect, marks.connect());
            add(&mut phases.tls, marks.tls());
        }
        let now = Instant::now();
        let answered = self.transfer.answered;
        add(&mut phases.wait, self.ready.map(|ready| answered.unwrap_or(now).saturating_duration_since(ready)));
        add(&mut phases.download, answered.map(|answered| now.saturating_duration_since(answered)));
    }
}

fn add(phase: &mut Option<Duration>, time: Option<Duration>) {
    if let Some(time) = time {
        *phase = Some(phase.unwrap_or_default() + time);
    }
}

/// The outcome of a complete response. `forwarder`: the proxy that forwards requests and responses.
fn judged<'p>(seen: &Seen, forwarder: impl FnOnce() -> Option<&'p Proxy>) -> (AttemptOutcome, Option<String>) {
    match &seen.head {
        Some(head) if StatusPattern::SUCCESS.covers(head.status) => (AttemptOutcome::Success, None),
        Some(head) => (AttemptOutcome::HttpError, Some(answered(head.status, forwarder()))),
        None => (AttemptOutcome::ProtocolError, Some("the endpoint sent no response".to_owned())),
    }
}

/// A status in words, and whose it is: some are a proxy's own. Many that are in use, such as 520, have no standard name.
fn answered(status: u16, forwarder: Option<&Proxy>) -> String {
    let name = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let status_line = name.map_or_else(|| status.to_string(), |name| format!("{status} {name}"));
    match (status, forwarder) {
        (407, Some(proxy)) => format!("the proxy {proxy} answered {status_line}: {}", proxy.wanted_credentials()),
        (502..=504, Some(proxy)) => format!("the endpoint or the proxy {proxy} answered {status_line}"),
        _ => format!("the endpoint answered {status_line}"),
    }
}

impl Seen {
    /// What was going on when the limit passed.
    fn cut_off(&self, hop: &Hop<'_>, limit: Duration) -> String {
        let to = endpoint(&hop.request.url);
        let limit = show(limit);
        match &self.head {
            None => {
                let connecting = hop.trace.marks().pending(&to);
                let what = connecting.unwrap_or_else(|| failure::pending(&hop.transfer, &to));
                format!("no response within {limit}: {what}")
            }
            Some(head) => {
                let of = head.announced.map(|n| format!(" of {n}")).unwrap_or_default();
                let (status, bytes) = (head.status, self.body.bytes);
                format!(
                    "no complete response within {limit}: {to} answered {status}, then sent {bytes}{of} bytes of body"
                )
            }
        }
    }

    /// The response, and its body's text as far as it was kept where that is more than the response has.
    fn response(&mut self) -> Option<(Response, Option<String>)> {
        let head = self.head.as_mut()?;
        let headers = std::mem::take(&mut head.headers);
        let mut kept = std::mem::take(&mut self.body.kept);
        let long_body =
            (kept.len() > BODY_KEPT).then(|| decoded(kept.clone(), self.body.bytes > kept.len() as u64, &headers));
        kept.truncate(BODY_KEPT);
        let truncated = self.body.bytes > kept.len() as u64;
        let response = Response {
            body: decoded(kept, truncated, &headers),
            headers,
            bytes: self.body.bytes,
            truncated,
            not_decoded: self.body.not_decoded.take(),
        };
        Some((response, long_body))
    }
}

/// The body's text in the charset of its `Content-Type`, by default UTF-8, without a byte order mark or a character that the
/// bound cut in two.
fn decoded(bytes: Vec<u8>, truncated: bool, headers: &Headers) -> String {
    let label = headers
        .get("content-type")
        .and_then(|value| parameter(value, "charset"))
        .filter(|label| !label.eq_ignore_ascii_case("utf-8"));
    let encoding = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = encoding.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        return encoding.decode(&bytes).0.into_owned();
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|broken| {
        let reason = broken.utf8_error();
        let cut_in_two = truncated && reason.error_len().is_none();
        let whole = if cut_in_two { broken.as_bytes().get(..reason.valid_up_to()) } else { None };
        String::from_utf8_lossy(whole.unwrap_or(broken.as_bytes())).into_owned()
    });
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

/// `Retry-After` in seconds or as a date.
fn retry_after(headers: &Headers) -> Option<Duration> {
    let text = headers.get("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let ahead = date.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(ahead).unwrap_or_default())
}
