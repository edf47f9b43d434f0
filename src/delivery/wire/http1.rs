//! HTTP/1.1 over one connection.

use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::framing::{Framing, Piece};
use super::{Broken, Head, LONGEST_HEAD, Transfer};
use crate::delivery::Headers;
use crate::delivery::connect::{Connection, Stream};
use crate::delivery::outgoing::{Message, Outgoing};
use crate::delivery::tls::ClientCertificate;

/// Headers parsed without allocating a list.
const MANY_HEADERS: usize = 64;
/// The most headers a response may have, as in curl.
const MOST_HEADERS: usize = 5_000;
/// Bytes read at once: at first, and when the peer keeps filling the buffer.
const SMALL_BUFFER: usize = 8 * 1024;
const LARGE_BUFFER: usize = 64 * 1024;
/// How often, and with which pauses, to check for a reset after the end of a stream.
const RESET_LOOKS: u32 = 10;
const RESET_LOOK: Duration = Duration::from_millis(2);

/// A connection, and the exchange that it is in.
#[derive(Debug)]
pub(in crate::delivery) struct Http1 {
    stream: Stream,
    remote: Option<SocketAddr>,
    client_certificate: ClientCertificate,
    /// It leads to a proxy that is asked with whole URLs.
    to_proxy: bool,
    proxy_authorization: Option<String>,
    read: Buffer,
    write: Write,
    framing: Framing,
    /// The server will keep the connection open.
    keeps: bool,
}

/// Bytes that were read but not processed yet.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// The request on its way out.
#[derive(Debug, Default)]
struct Write {
    message: Message,
    written: usize,
    flushed: bool,
    failed: bool,
}

impl Http1 {
    /// A connection on which nothing has been asked yet.
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            stream: connection.stream,
            remote: connection.remote,
            client_certificate: connection.client_certificate,
            to_proxy: connection.absolute_form,
            proxy_authorization: connection.proxy_authorization,
            read: Buffer::default(),
            write: Write::default(),
            framing: Framing::Ended,
            keeps: true,
        }
    }

    pub(crate) fn remote(&self) -> Option<SocketAddr> {
        self.remote
    }

    pub(crate) fn client_certificate(&self) -> ClientCertificate {
        self.client_certificate
    }

    /// Can another request be sent? The exchange has ended cleanly, and the server has not closed the connection meanwhile.
    pub(crate) fn is_reusable(&mut self) -> bool {
        self.keeps && self.framing.has_ended() && self.read.is_empty() && self.write.is_done() && self.is_open()
    }

    /// The server says that the connection ends with the response.
    pub(crate) fn closes(&self) -> bool {
        !self.keeps
    }

    /// Has the server closed the connection without reading the request? Then its system answers the request with a reset, which
    /// comes right after the end of the stream.
    pub(crate) async fn is_unread(&self, error: Option<&io::Error>) -> bool {
        let is_reset =
            |error: &io::Error| matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe);
        if error.is_some_and(is_reset) {
            return true;
        }
        for _ in 0..RESET_LOOKS {
            if self.stream.take_error().is_some_and(|error| is_reset(&error)) {
                return true;
            }
            tokio::time::sleep(RESET_LOOK).await;
        }
        false
    }

    /// Nothing has come: neither an end nor something that was not asked for.
    fn is_open(&mut self) -> bool {
        let mut context = Context::from_waker(std::task::Waker::noop());
        self.read.poll_fill(&mut self.stream, &mut context).is_pending()
    }

    /// See [`Exchange::send`](super::Exchange::send).
    pub(crate) async fn send(&mut self, request: &Outgoing, transfer: &mut Transfer) -> Result<Head, Broken> {
        let message = match self.to_proxy {
            false => request.message().clone(),
            true => request.message_to_proxy(self.proxy_authorization.as_deref()),
        };
        transfer.to_write = message.len();
        self.write = Write { message, ..Write::default() };
        let mut searched = 0;
        let mut is_first = true;
        loop {
            if let Some(head) = self.parse_head(&mut searched, request.method == http::Method::HEAD)? {
                if head.status >= 200 {
                    return Ok(head);
                }
                if head.status == 101 {
                    return Err(Broken::BadHead(
                        "of status 101: it switches to a protocol that was not requested".into(),
                    ));
                }
                // Endless interim responses must not block other tasks.
                tokio::task::yield_now().await;
                (searched, is_first) = (0, true);
                continue;
            }
            let had = self.read.len();
            let result = std::future::poll_fn(|cx| self.poll_exchange(cx, transfer)).await;
            match result {
                Ok(0) if had == 0 => return Err(Broken::HungUp(None)),
                Ok(0) => return Err(Broken::WithinHead(None)),
                Err(error) if had == 0 => return Err(Broken::HungUp(Some(error))),
                Err(error) => return Err(Broken::WithinHead(Some(error))),
                Ok(_) if is_first => {
                    transfer.answered = Some(Instant::now());
                    is_first = false;
                }
                Ok(_) => {}
            }
        }
    }

    /// See [`Exchange::chunk`](super::Exchange::chunk).
    pub(crate) async fn chunk(&mut self) -> Result<Option<&[u8]>, Broken> {
        loop {
            if self.framing.has_ended() {
                // The rest of the request will not be sent, so the connection can't be used again.
                self.keeps &= self.write.is_done();
                return Ok(None);
            }
            match self.framing.advance(self.read.filled()).map_err(Broken::BadBody)? {
                Piece::Body(length) => return Ok(Some(self.read.take(length))),
                Piece::Framing(length) => self.read.skip(length),
                Piece::Incomplete => {
                    let mut transfer = Transfer::default();
                    match std::future::poll_fn(|cx| self.poll_exchange(cx, &mut transfer)).await {
                        Ok(0) if self.framing == Framing::UntilClose => self.framing = Framing::Ended,
                        Ok(0) => return Err(Broken::WithinBody(None)),
                        // A body that comes as fast as it is read, in tiny chunks, must not block other tasks.
                        Ok(_) if self.read.is_full() => tokio::task::yield_now().await,
                        Ok(_) => {}
                        Err(error) => return Err(Broken::WithinBody(Some(error))),
                    }
                }
            }
        }
    }

    /// Writes what is left of the request, and reads: a server may answer before it has read all, and may stop reading then.
    fn poll_exchange(&mut self, cx: &mut Context<'_>, transfer: &mut Transfer) -> Poll<io::Result<usize>> {
        self.write.poll(&mut self.stream, cx);
        if self.write.written > 0 {
            transfer.written = self.write.written;
            transfer.sent = true;
        }
        self.read.poll_fill(&mut self.stream, cx)
    }

    /// The head that the buffer begins with, if it is whole. The first `searched` bytes are known not to have its end.
    fn parse_head(&mut self, searched: &mut usize, to_head: bool) -> Result<Option<Head>, Broken> {
        let there = self.read.filled();
        if there.is_empty() {
            return Ok(None);
        }
        let prefix = there.len().min(5);
        if there.get(..prefix) != b"HTTP/".get(..prefix) && (there.len() >= 10 || there.contains(&b'\n')) {
            return Err(Broken::NotHttp(stranger(there)));
        }
        let Some(length) = end_of_head(there, searched) else {
            return if there.len() > LONGEST_HEAD { Err(Broken::HeadTooLarge) } else { Ok(None) };
        };
        if length > LONGEST_HEAD {
            return Err(Broken::HeadTooLarge);
        }
        let (mut head, is_old) = parse(there.get(..length).unwrap_or_default())?;
        self.read.skip(length);
        if head.status < 200 {
            return Ok(Some(head));
        }
        self.framing = Framing::of(head.status, to_head, &head.headers).map_err(Broken::BadHead)?;
        if let Framing::Length(length) = self.framing {
            head.announced = Some(length);
        }
        let connection = |wanted: &str| {
            let tokens = head.headers.all("connection").flat_map(|value| value.split(','));
            tokens.map(str::trim).any(|token| token.eq_ignore_ascii_case(wanted))
        };
        let stays = if is_old { connection("keep-alive") } else { !connection("close") };
        self.keeps = stays && self.framing != Framing::UntilClose;
        Ok(Some(head))
    }
}

impl Buffer {
    fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.end - self.start
    }

    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// There is more than it holds, as far as can be told.
    fn is_full(&self) -> bool {
        self.end == self.bytes.len()
    }

    /// Takes the next bytes.
    fn take(&mut self, length: usize) -> &[u8] {
        let from = self.start;
        self.skip(length);
        self.bytes.get(from..from + length).unwrap_or_default()
    }

    fn skip(&mut self, length: usize) {
        self.start = (self.start + length).min(self.end);
    }

    /// Reads more: how many bytes, 0 at the end of the stream.
    fn poll_fill(&mut self, stream: &mut Stream, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.make_room();
        let mut room = ReadBuf::new(self.bytes.get_mut(self.end..).unwrap_or_default());
        ready!(Pin::new(stream).poll_read(cx, &mut room))?;
        let read = room.filled().len();
        self.end += read;
        Poll::Ready(Ok(read))
    }

    fn make_room(&mut self) {
        if self.is_empty() {
            // Full last time: there is more than it holds.
            if self.is_full() && self.end < LARGE_BUFFER {
                let larger = (self.bytes.len() * 2).clamp(SMALL_BUFFER, LARGE_BUFFER);
                self.bytes.resize(larger, 0);
            }
            (self.start, self.end) = (0, 0);
        } else if self.is_full() {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            if self.is_full() {
                self.bytes.resize(self.bytes.len() * 2, 0);
            }
        }
    }
}

impl Write {
    fn is_done(&self) -> bool {
        self.flushed && self.written == self.message.len()
    }

    /// Writes as much as is taken. What can't be written does not matter by itself: the answer may be there already.
    fn poll(&mut self, stream: &mut Stream, cx: &mut Context<'_>) {
        if self.failed || self.is_done() {
            return;
        }
        while self.written < self.message.len() {
            match Pin::new(&mut *stream).poll_write(cx, self.message.after(self.written)) {
                Poll::Ready(Ok(0) | Err(_)) => return self.failed = true,
                Poll::Ready(Ok(written)) => self.written += written,
                Poll::Pending => return,
            }
        }
        match Pin::new(stream).poll_flush(cx) {
            Poll::Ready(Ok(())) => self.flushed = true,
            Poll::Ready(Err(_)) => self.failed = true,
            Poll::Pending => {}
        }
    }
}

/// The length of a head up to and with its empty line.
fn end_of_head(bytes: &[u8], searched: &mut usize) -> Option<usize> {
    let mut at = *searched;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
        let after = at + found + 1;
        match bytes.get(after..) {
            Some([b'\n', ..]) => return Some(after + 1),
            Some([b'\r', b'\n', ..]) => return Some(after + 2),
            // The line break may be of the empty line to come.
            Some([] | [b'\r']) => {
                *searched = at + found;
                return None;
            }
            _ => at = after,
        }
    }
    *searched = bytes.len();
    None
}

/// A whole head, and whether it is of a version before 1.1.
fn parse(bytes: &[u8]) -> Result<(Head, bool), Broken> {
    let mut few = [const { MaybeUninit::uninit() }; MANY_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    match config().parse_response_with_uninit_headers(&mut response, bytes, &mut few) {
        Err(httparse::Error::TooManyHeaders) => {
            let mut many = vec![httparse::EMPTY_HEADER; MOST_HEADERS];
            let mut response = httparse::Response::new(&mut many);
            config().parse_response(&mut response, bytes).map_err(refusal)?;
            Ok(head(&response, bytes.len()))
        }
        Err(error) => Err(refusal(error)),
        Ok(_) => Ok(head(&response, bytes.len())),
    }
}

fn config() -> httparse::ParserConfig {
    let mut config = httparse::ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    config.allow_spaces_after_header_name_in_responses(true);
    config
}

fn head(response: &httparse::Response<'_, '_>, length: usize) -> (Head, bool) {
    let mut headers = Headers::with_capacity(length);
    let mut location = None;
    for header in response.headers.iter() {
        headers.push_bytes(header.name.as_bytes(), header.value);
        if location.is_none() && header.name.eq_ignore_ascii_case("location") {
            location = Some(header.value.to_vec());
        }
    }
    let is_old = response.version == Some(0);
    let version = if is_old { "HTTP/1.0" } else { "HTTP/1.1" };
    let status = response.code.unwrap_or_default();
    (Head { status, version, headers, location, announced: None }, is_old)
}

fn refusal(error: httparse::Error) -> Broken {
    use httparse::Error;
    let how = match error {
        Error::TooManyHeaders => return Broken::HeadTooLarge,
        Error::Version => return Broken::NotHttp("its answer names an unknown version of HTTP".into()),
        Error::Status => "whose status is not a number of three digits",
        Error::HeaderName => "with a header name that HTTP does not allow",
        Error::HeaderValue => "with a control character in a header's value",
        Error::NewLine | Error::Token => "with a line that is neither a status line nor a header",
    };
    Broken::BadHead(how.into())
}

/// What the peer speaks, if not HTTP/1.1.
fn stranger(bytes: &[u8]) -> String {
    match bytes {
        // The frame of HTTP/2 that every server begins with: SETTINGS, on stream 0.
        [0, _, _, 4, _, 0, 0, 0, 0, ..] => "it speaks HTTP/2 without negotiating it: add --http2".to_owned(),
        // An alert of TLS, on a port that expects its handshake.
        [21, 3, _, ..] => "it speaks TLS: write https:// in the URL".to_owned(),
        _ => format!("its answer begins with {}", beginning(bytes)),
    }
}

/// What a message that is not HTTP begins with, for people.
fn beginning(bytes: &[u8]) -> String {
    const SHOWN: usize = 20;
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let shown: String = line.iter().take(SHOWN).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    format!("`{shown}{}`", if bytes.len() > SHOWN { "…" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_in_whatever_pieces_it_comes() {
        for text in ["HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\n\n", "HTTP/1.1 200 OK\nA: b\n\nbody\r\n\r\n"] {
            let expected = text.find("body").expect("a body");
            for step in 1..text.len() {
                let (mut searched, mut there) = (0, step);
                let found = loop {
                    if let Some(found) = end_of_head(&text.as_bytes()[..there.min(text.len())], &mut searched) {
                        break found;
                    }
                    there += step;
                };
                assert_eq!(found, expected, "in steps of {step}");
            }
        }
    }

    #[test]
    fn heads() {
        let (head, is_old) =
            parse(b"HTTP/1.1 200\r\nX-A : 1\r\nfolded: a\r\n b\r\nLocation: /\xe9\r\nx-a: 2\r\n\r\n").expect("a head");
        assert_eq!((head.status, head.version, is_old), (200, "HTTP/1.1", false));
        let expected = [("X-A", "1"), ("folded", "a b"), ("Location", "/é"), ("x-a", "2")];
        assert_eq!(head.headers.iter().collect::<Vec<_>>(), expected);
        assert_eq!(head.location.as_deref(), Some(&b"/\xe9"[..]));
        let many = format!("HTTP/1.0 404 No\r\n{}\r\n", "X: y\r\n".repeat(MOST_HEADERS));
        let (head, is_old) = parse(many.as_bytes()).expect("a head");
        assert_eq!(
            (head.status, head.version, is_old, head.headers.iter().count()),
            (404, "HTTP/1.0", true, MOST_HEADERS)
        );
    }

    #[test]
    fn heads_that_are_none() {
        let too_many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(MOST_HEADERS + 1));
        assert!(matches!(parse(too_many.as_bytes()), Err(Broken::HeadTooLarge)));
        assert!(matches!(parse(b"HTTP/3.0 200 OK\r\n\r\n"), Err(Broken::NotHttp(_))));
        for (text, word) in [
            (&b"HTTP/1.1 1000 X\r\n\r\n"[..], "three digits"),
            (b"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\n\r\n", "control character"),
            (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header name"),
        ] {
            match parse(text) {
                Err(Broken::BadHead(how)) => assert!(how.contains(word), "{how}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_a_stranger_says_is_shown_in_part() {
        assert_eq!(beginning(b"SSH-2.0-OpenSSH_9.9\r\n"), "`SSH-2.0-OpenSSH_9.9…`");
        assert_eq!(beginning(b"\x00\x01"), "`\\x00\\x01`");
        assert!(stranger(b"\x15\x03\x01\0").contains("write https://"));
        assert!(stranger(b"\0\0\x12\x04\0\0\0\0\0\0").contains("--http2"));
    }
}
