//! The server: connections of this machine, one task each.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{JoinHandle, JoinSet};

use super::answer::{DelayedBody, Record};
use super::behaviour::Reply;
use super::{Ending, Fault, Received, Routes};

/// A receiver at work. It ends when this is dropped, with every connection that it holds.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Where it listens, with the port that the system chose where port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the beginning of a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a receiver on the running tokio runtime. Each request is sent to `log`, where there is one, when it has ended.
///
/// # Errors
/// The address can't be listened on.
pub async fn start(listen: SocketAddr, routes: Routes, log: Option<UnboundedSender<Received>>) -> io::Result<Receiver> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared { routes, log, count: AtomicU64::new(0) });
    Ok(Receiver { address, task: tokio::spawn(accept(listener, shared)) })
}

#[derive(Debug)]
struct Shared {
    routes: Routes,
    log: Option<UnboundedSender<Received>>,
    count: AtomicU64,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&shared)));
                }
                // For example out of file descriptors; some will be freed.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { stream, reset: Arc::clone(&reset) };
    let service = service_fn(|request| answer(request, &shared, &reset));
    // An error here is an error for the client too, which reports it.
    let _ = http1::Builder::new().header_read_timeout(None).serve_connection(TokioIo::new(socket), service).await;
}

async fn answer(request: Request<Incoming>, shared: &Shared, reset: &AtomicBool) -> io::Result<Response<DelayedBody>> {
    let playing = shared.routes.at(request.uri().path());
    let received = Received {
        number: shared.count.fetch_add(1, Ordering::Relaxed) + 1,
        method: request.method().to_string(),
        path: shown(request.uri()),
        body_bytes: 0,
        ending: Ending::ClientLeft,
        status: None,
        elapsed: Duration::ZERO,
    };
    let head = request.method() == Method::HEAD;
    let mut record = Record::new(received, shared.log.clone());
    let authorized = playing.behaviour().token.as_ref().is_none_or(|token| brings(&request, token));
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        // A body that breaks off is no request to answer.
        let frame = frame.map_err(io::Error::other)?;
        record.received.body_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
    let turn = playing.next(authorized);
    if !turn.delay.is_zero() {
        tokio::time::sleep(turn.delay).await;
    }
    match turn.reply {
        Reply::Fault(Fault::Hang) => std::future::pending().await,
        Reply::Fault(Fault::Reset) => {
            record.received.ending = Ending::Reset;
            reset.store(true, Ordering::Relaxed);
            Err(io::ErrorKind::ConnectionReset.into())
        }
        Reply::Answer { status, body, body_delay } => {
            record.received.status = Some(status);
            if head {
                // The server never asks for the body of an answer to HEAD.
                record.received.ending = Ending::Answered;
            }
            Ok(response(status, body, body_delay, record))
        }
    }
}

fn response(status: u16, body: Bytes, body_delay: Duration, record: Record) -> Response<DelayedBody> {
    // These statuses have no body by definition.
    let body = if matches!(status, 204 | 205 | 304) { Bytes::new() } else { body };
    let kind = match body.first() {
        None => None,
        Some(b'{' | b'[' | b'"') => Some("application/json"),
        Some(_) => Some("text/plain; charset=utf-8"),
    };
    let mut response = Response::new(DelayedBody::new(body, body_delay, record));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    if let Some(kind) = kind {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if status == 401 {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn brings(request: &Request<Incoming>, token: &str) -> bool {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let query = request.uri().query().unwrap_or_default().as_bytes();
    bearer == Some(token.as_bytes())
        || url::form_urlencoded::parse(query).any(|(name, value)| name == "token" && value == token)
}

/// Path and query, with the value of a `token` blanked out.
fn shown(uri: &Uri) -> String {
    let Some(query) = uri.query() else { return uri.path().to_owned() };
    let blank = |pair: &str| match pair.split_once('=') {
        Some(("token", _)) => "token=«redacted»".to_owned(),
        _ => pair.to_owned(),
    };
    format!("{}?{}", uri.path(), query.split('&').map(blank).collect::<Vec<_>>().join("&"))
}

/// A connection that can end in a reset.
#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;
    use crate::receiver::{Behaviour, Route};

    const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
    const GET: &str = "GET / HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n";

    async fn running(spec: &str, routes: &[&str]) -> (Receiver, UnboundedReceiver<Received>) {
        let (log, received) = unbounded_channel();
        let routes = routes.iter().map(|route| Route::parse("--route", route).expect("a route")).collect();
        let routes = Routes::new(Behaviour::parse("--behaviour", spec).expect("a behaviour"), routes);
        (start(LOCAL, routes, Some(log)).await.expect("a free port"), received)
    }

    /// Sends bytes and gives all that comes back.
    async fn exchange(receiver: &Receiver, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(receiver.address()).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        Ok(response)
    }

    #[tokio::test]
    async fn a_request_is_answered_and_recorded() {
        let (receiver, mut log) = running("status=500,201;body={\"id\": 7}", &[]).await;
        let post = "POST /users?a=b&token=s3cret HTTP/1.1\r\nHost: mock\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
        let first = exchange(&receiver, post).await.expect("an answer");
        assert!(first.starts_with("HTTP/1.1 500 ") && first.ends_with("{\"id\": 7}"), "{first}");
        assert!(first.contains("content-type: application/json\r\n") && first.contains("content-length: 9"), "{first}");
        assert!(exchange(&receiver, GET).await.expect("an answer").starts_with("HTTP/1.1 201 "));
        let received = log.recv().await.expect("a record");
        assert_eq!((received.number, received.method.as_str(), received.body_bytes), (1, "POST", 5));
        assert_eq!((received.path.as_str(), received.status), ("/users?a=b&token=«redacted»", Some(500)));
        assert_eq!((received.ending, log.recv().await.map(|r| r.number)), (Ending::Answered, Some(2)));
    }

    #[tokio::test]
    async fn routes_and_answers_without_a_body() {
        let (receiver, mut log) = running("", &["/gone/*: status=404;body=no", "/empty: status=204"]).await;
        let get = |path: &str| GET.replace("GET /", &format!("GET {path}"));
        assert!(exchange(&receiver, &get("/gone/7?x=1")).await.expect("an answer").ends_with("\r\n\r\nno"));
        assert!(exchange(&receiver, &get("/empty")).await.expect("an answer").starts_with("HTTP/1.1 204 "));
        assert!(exchange(&receiver, &get("/")).await.expect("an answer").ends_with("\r\n\r\nok"));
        assert!(exchange(&receiver, &GET.replace("GET", "HEAD")).await.expect("an answer").ends_with("\r\n\r\n"));
        for _ in 0..4 {
            assert_eq!(log.recv().await.map(|r| r.ending), Some(Ending::Answered));
        }
    }

    #[tokio::test]
    async fn the_token_is_asked_for() {
        let (receiver, _log) = running("token=s3 cret", &[]).await;
        for (request, status) in [
            (GET.to_owned(), 401),
            (GET.replace("Host:", "Authorization: Bearer s3 cret\r\nHost:"), 200),
            (GET.replace("Host:", "Authorization: Bearer other\r\nHost:"), 401),
            (GET.replace("GET /", "GET /?token=s3%20cret"), 200),
        ] {
            let response = exchange(&receiver, &request).await.expect("an answer");
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {response}");
        }
    }

    #[tokio::test]
    async fn a_reset_is_a_reset() {
        let (receiver, mut log) = running("reset", &[]).await;
        let error = exchange(&receiver, GET).await.expect_err("no answer");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        let received = log.recv().await.expect("a record");
        assert_eq!((received.ending, received.status), (Ending::Reset, None));
    }

    #[tokio::test]
    async fn a_client_that_leaves_a_hanging_request_is_recorded() {
        for spec in ["hang", "delay=1h", "body-delay=1h"] {
            let (receiver, mut log) = running(spec, &[]).await;
            let mut stream = TcpStream::connect(receiver.address()).await.expect("a connection");
            stream.write_all(GET.as_bytes()).await.expect("sent");
            if spec == "body-delay=1h" {
                let mut head = [0; 12];
                stream.read_exact(&mut head).await.expect("the head comes at once");
                assert_eq!(&head, b"HTTP/1.1 200");
            }
            drop(stream);
            let received = log.recv().await.expect("a record");
            assert_eq!(received.ending, Ending::ClientLeft, "{spec}");
            assert_eq!(received.status, (spec == "body-delay=1h").then_some(200), "{spec}");
        }
    }

    #[tokio::test]
    async fn delays_are_kept() {
        let (receiver, mut log) = running("delay=30ms;body-delay=20ms", &[]).await;
        assert!(exchange(&receiver, GET).await.expect("an answer").ends_with("ok"));
        assert!(log.recv().await.expect("a record").elapsed >= Duration::from_millis(50));
    }

    #[tokio::test]
    async fn dropping_the_receiver_ends_its_connections() {
        let (receiver, _log) = running("hang", &[]).await;
        let mut stream = TcpStream::connect(receiver.address()).await.expect("a connection");
        stream.write_all(GET.as_bytes()).await.expect("sent");
        drop(receiver);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
    }
}
