//! One request: how it was answered, and the record of it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Sleep;

/// How a request ended, as the receiver saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The whole response went out.
    Answered,
    /// The connection was reset, as the behaviour says.
    Reset,
    /// The client closed the connection before the response was out.
    ClientLeft,
}

impl Ending {
    /// As results spell it, such as `client_left`.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Answered => "answered",
            Ending::Reset => "reset",
            Ending::ClientLeft => "client_left",
        }
    }
}

/// One request that was received.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// In the order of arrival, from 1.
    pub number: u64,
    /// The method.
    pub method: String,
    /// Path and query; the value of a `token` in the query is blanked out.
    pub path: String,
    /// Bytes of the request's body.
    pub body_bytes: u64,
    /// How it ended.
    pub ending: Ending,
    /// The status that was sent; none where the head of the response did not go out.
    pub status: Option<u16>,
    /// From the head of the request to the end.
    pub elapsed: Duration,
}

/// The record of a request under way; it is sent when dropped, so that a client that leaves is recorded too.
#[derive(Debug)]
pub(super) struct Record {
    pub received: Received,
    start: Instant,
    log: Option<UnboundedSender<Received>>,
}

impl Record {
    pub(super) fn new(received: Received, log: Option<UnboundedSender<Received>>) -> Self {
        Self { received, start: Instant::now(), log }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(log) = self.log.take() {
            let elapsed = self.start.elapsed();
            // The log may be closed; that doesn't affect the request.
            let _ = log.send(Received { elapsed, ..self.received.clone() });
        }
    }
}

/// A response body that comes after a while. The request's record goes along and ends with it.
#[derive(Debug)]
pub(super) struct DelayedBody {
    bytes: Option<Bytes>,
    wait: Option<Pin<Box<Sleep>>>,
    record: Option<Record>,
}

impl DelayedBody {
    pub(super) fn new(bytes: Bytes, wait: Duration, mut record: Record) -> Self {
        if bytes.is_empty() {
            // There is no body to wait for: the head is the whole answer.
            record.received.ending = Ending::Answered;
            return Self { bytes: None, wait: None, record: Some(record) };
        }
        let wait = (!wait.is_zero()).then(|| Box::pin(tokio::time::sleep(wait)));
        Self { bytes: Some(bytes), wait, record: Some(record) }
    }
}

impl Body for DelayedBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(wait) = self.wait.as_mut() {
            ready!(wait.as_mut().poll(context));
            self.wait = None;
        }
        if let Some(mut record) = self.record.take() {
            record.received.ending = Ending::Answered;
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
