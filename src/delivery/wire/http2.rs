//! HTTP/2 over a connection that several exchanges share.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::header::{CONTENT_LENGTH, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};

use super::{Broken, Head, LONGEST_HEAD, Transfer};
use crate::delivery::Headers;
use crate::delivery::connect::{Connection, Stream};
use crate::delivery::outgoing::Outgoing;
use crate::delivery::tls::ClientCertificate;
use crate::http::authority;
use crate::http::header::{ManagedBy, managed};

/// What the peer may send ahead of our reading it, bytes: of one response, and of all of a connection's.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;

/// A handle on a connection.
#[derive(Debug, Clone)]
pub(in crate::delivery) struct Http2 {
    sender: SendRequest<Bytes>,
    shared: Arc<Shared>,
    remote: Option<SocketAddr>,
    client_certificate: ClientCertificate,
}

#[derive(Debug, Default)]
struct Shared {
    /// Takes no more requests: it has ended, or an exchange over it failed.
    closed: AtomicBool,
    /// Exchanges under way.
    active: AtomicUsize,
    /// Why the connection ended, where an error ended it.
    end: OnceLock<String>,
    /// That the server speaks HTTP/2 is known, by TLS or by a response.
    is_known: AtomicBool,
}

impl Http2 {
    /// Sends the preface. The connection is driven by a task of its own from now on.
    ///
    /// # Errors
    /// It broke at once.
    pub(crate) async fn open(connection: Connection) -> Result<Self, Broken> {
        let is_known = AtomicBool::new(matches!(connection.stream, Stream::Tls(_)));
        let handshake = h2::client::Builder::new()
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(LONGEST_HEAD as u32)
            .handshake(connection.stream);
        let shared = Arc::new(Shared { is_known, ..Shared::default() });
        let (sender, driver) = handshake.await.map_err(|error| shared.before_response(&error))?;
        let closing = Arc::clone(&shared);
        tokio::spawn(async move {
            // Its exchanges learn that it ended, but not always why.
            if let Err(error) = driver.await
                && error.is_go_away()
            {
                let _ = closing.end.set(words(&error));
            }
            closing.closed.store(true, Ordering::Relaxed);
        });
        Ok(Self { sender, shared, remote: connection.remote, client_certificate: connection.client_certificate })
    }

    /// It takes no more requests.
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Relaxed)
    }

    /// The server takes another request at once.
    pub(crate) fn has_room(&self) -> bool {
        self.shared.active.load(Ordering::Relaxed) < self.sender.current_max_send_streams()
    }

    /// An exchange over it. One that does not end well closes it for others: whatever has become of the connection, nobody else
    /// should wait for it as well.
    pub(crate) fn exchange(&self) -> Http2Exchange {
        self.shared.active.fetch_add(1, Ordering::Relaxed);
        Http2Exchange { connection: self.clone(), upload: None, body: None, piece: Bytes::new(), has_ended: false }
    }
}

/// One exchange.
#[derive(Debug)]
pub(in crate::delivery) struct Http2Exchange {
    connection: Http2,
    upload: Option<Upload>,
    body: Option<RecvStream>,
    piece: Bytes,
    has_ended: bool,
}

impl Drop for Http2Exchange {
    fn drop(&mut self) {
        self.connection.shared.active.fetch_sub(1, Ordering::Relaxed);
        if !self.has_ended {
            self.connection.shared.closed.store(true, Ordering::Relaxed);
        }
    }
}

impl Http2Exchange {
    pub(crate) fn remote(&self) -> Option<SocketAddr> {
        self.connection.remote
    }

    pub(crate) fn client_certificate(&self) -> ClientCertificate {
        self.connection.client_certificate
    }

    /// See [`Exchange::send`](super::Exchange::send).
    pub(crate) async fn send(&mut self, request: &Outgoing, transfer: &mut Transfer) -> Result<Head, Broken> {
        let message = message(request)?;
        let body = request.body.clone().unwrap_or_default();
        transfer.to_write = body.len();
        let mut sender = self.connection.sender.clone();
        std::future::poll_fn(|cx| sender.poll_ready(cx)).await.map_err(|error| not_sent(&error))?;
        let (response, stream) = sender.send_request(message, body.is_empty()).map_err(|error| not_sent(&error))?;
        transfer.sent = true;
        if !body.is_empty() {
            self.upload = Some(Upload { stream, rest: body });
        }
        let mut response = response;
        let head = std::future::poll_fn(|cx| self.poll_head(&mut response, transfer, cx)).await;
        let (head, body) = head.map_err(|error| self.connection.shared.before_response(&error))?.into_parts();
        self.connection.shared.is_known.store(true, Ordering::Relaxed);
        transfer.answered = Some(Instant::now());
        let announced = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        self.body = Some(body);
        Ok(Head {
            status: head.status.as_u16(),
            version: "HTTP/2",
            headers: received(&head.headers),
            location: head.headers.get(LOCATION).map(|value| value.as_bytes().to_vec()),
            announced,
        })
    }

    /// The response's head; meanwhile the request's body goes out.
    fn poll_head(
        &mut self,
        response: &mut ResponseFuture,
        transfer: &mut Transfer,
        cx: &mut Context<'_>,
    ) -> Poll<Result<http::Response<RecvStream>, h2::Error>> {
        self.poll_upload(cx);
        transfer.written = transfer.to_write - self.upload.as_ref().map_or(0, |upload| upload.rest.len());
        std::pin::Pin::new(response).poll(cx)
    }

    /// What can't be uploaded does not matter by itself: the answer may be there already.
    fn poll_upload(&mut self, cx: &mut Context<'_>) {
        if let Some(upload) = &mut self.upload
            && upload.poll(cx).is_ready()
        {
            self.upload = None;
        }
    }

    /// See [`Exchange::chunk`](super::Exchange::chunk).
    pub(crate) async fn chunk(&mut self) -> Result<Option<&[u8]>, Broken> {
        match std::future::poll_fn(|cx| self.poll_chunk(cx)).await {
            Some(Ok(piece)) => {
                self.piece = piece;
                Ok(Some(&self.piece))
            }
            // The server has answered in full, and wants no more of the request.
            Some(Err(error)) if error.is_reset() && error.reason() == Some(Reason::NO_ERROR) => self.ended(),
            Some(Err(error)) => Err(self.connection.shared.within_body(&error)),
            None => self.ended(),
        }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, h2::Error>>> {
        self.poll_upload(cx);
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let piece = ready!(body.poll_data(cx));
        if let Some(Ok(piece)) = &piece {
            // Fails only where the stream has ended.
            let _ = body.flow_control().release_capacity(piece.len());
        }
        Poll::Ready(piece)
    }

    fn ended(&mut self) -> Result<Option<&[u8]>, Broken> {
        self.has_ended = true;
        Ok(None)
    }
}

/// A request's body on its way out.
#[derive(Debug)]
struct Upload {
    stream: SendStream<Bytes>,
    rest: Bytes,
}

impl Upload {
    /// Sends as much as the peer has room for; done when all is sent, or nothing more can be.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.stream.reserve_capacity(self.rest.len());
            let room = match ready!(self.stream.poll_capacity(cx)) {
                Some(Ok(room)) => room.min(self.rest.len()),
                Some(Err(_)) | None => return Poll::Ready(()),
            };
            let piece = self.rest.split_to(room);
            if self.stream.send_data(piece, self.rest.is_empty()).is_err() || self.rest.is_empty() {
                return Poll::Ready(());
            }
        }
    }
}

/// The request in HTTP/2: names in lower case, and the host only as `:authority`.
fn message(request: &Outgoing) -> Result<Request<()>, Broken> {
    let unsendable = |_| Broken::Http2("it can't be expressed in HTTP/2".into());
    let host = request.header("host").unwrap_or_else(|| authority(&request.url));
    let uri = Uri::builder()
        .scheme(request.url.scheme())
        .authority(host)
        .path_and_query(&request.url[url::Position::BeforePath..url::Position::AfterQuery])
        .build()
        .map_err(unsendable)?;
    let mut message = Request::builder().method(request.method.clone()).uri(uri).version(http::Version::HTTP_2);
    for header in &request.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|error| unsendable(error.into()))?;
        if managed(&header.name).is_none_or(ManagedBy::exists_in_http2) {
            let mut value =
                HeaderValue::from_bytes(header.value.as_bytes()).map_err(|error| unsendable(error.into()))?;
            value.set_sensitive(header.secret);
            message = message.header(name, value);
        }
    }
    message.body(()).map_err(unsendable)
}

fn received(headers: &HeaderMap) -> Headers {
    let length = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum();
    let mut all = Headers::with_capacity(length);
    headers.iter().for_each(|(name, value)| all.push_bytes(name.as_str().as_bytes(), value.as_bytes()));
    all
}

/// The server has closed the connection for new requests: nothing of this one went out.
fn not_sent(error: &h2::Error) -> Broken {
    match error.is_io() {
        true => Broken::HungUp(cause(error)),
        false => Broken::Unprocessed(words(error)),
    }
}

impl Shared {
    fn before_response(&self, error: &h2::Error) -> Broken {
        // A GOAWAY reaches only exchanges that came after the last one that the server looks at (RFC 9113, 6.8).
        let left_alone = error.is_go_away() || (error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM));
        if error.is_remote() && left_alone {
            return Broken::Unprocessed(words(error));
        }
        match (error.is_io(), self.end.get()) {
            (true, Some(end)) => Broken::Http2(end.clone()),
            (true, None) => Broken::HungUp(cause(error)),
            _ if is_head_refused(error) => Broken::BadHead(format!(
                "that is too large (more than {} KiB) or breaks the rules of HTTP/2",
                LONGEST_HEAD / 1024
            )),
            _ if is_unframed(error) && !self.is_known.load(Ordering::Relaxed) => Broken::NotHttp2,
            _ => Broken::Http2(words(error)),
        }
    }

    fn within_body(&self, error: &h2::Error) -> Broken {
        match (error.is_io(), self.end.get()) {
            (true, Some(end)) => Broken::BadBody(end.clone()),
            (true, None) => Broken::WithinBody(cause(error)),
            _ => Broken::BadBody(words(error)),
        }
    }
}

/// What the system or TLS says; nothing where the connection merely ended, for which h2 has words of its own.
fn cause(error: &h2::Error) -> Option<io::Error> {
    let error = copy(error.get_io()?);
    (!matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::Other)).then_some(error)
}

/// What came can't be a frame: text, in whatever protocol, begins like one that is far too long.
fn is_unframed(error: &h2::Error) -> bool {
    error.is_library() && error.is_go_away() && error.reason() == Some(Reason::FRAME_SIZE_ERROR)
}

/// h2 refuses a head over the bound, or with what HTTP/2 does not allow, by a reset of its own.
fn is_head_refused(error: &h2::Error) -> bool {
    error.is_library() && error.is_reset() && error.reason() == Some(Reason::PROTOCOL_ERROR)
}

fn copy(error: &io::Error) -> io::Error {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (error.raw_os_error(), tls) {
        (Some(code), _) => io::Error::from_raw_os_error(code),
        (None, Some(tls)) => io::Error::new(error.kind(), tls.clone()),
        (None, None) => io::Error::new(error.kind(), error.to_string()),
    }
}

/// Who ended what, and why, in the terms of RFC 9113.
fn words(error: &h2::Error) -> String {
    let who = if error.is_remote() { "it" } else { "hookctl" };
    let reason = error.reason().map_or_else(|| error.to_string(), name);
    match (error.is_go_away(), error.is_reset()) {
        (true, _) => format!("{who} closed the HTTP/2 connection with {reason}"),
        (_, true) => format!("{who} reset the HTTP/2 stream with {reason}"),
        _ => reason,
    }
}

/// The code as RFC 9113 writes it, with what it means.
fn name(reason: Reason) -> String {
    let advice = if reason == Reason::HTTP_1_1_REQUIRED { ": write --http1.1" } else { "" };
    format!("{reason:?} ({}){advice}", reason.description())
}
