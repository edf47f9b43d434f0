//! One request and its response over an open connection, in HTTP/1.1 or HTTP/2. The request goes out byte for byte as it was
//! resolved, and the response is reported as it was received.
//!
//! HTTP/1.1 is written and read here, since no client library sends header names as they are written, keeps those of the
//! response in their order, and tells whether a request that failed can have been processed; its parser is `httparse`. HTTP/2
//! is the `h2` crate's.

mod framing;
mod http1;
mod http2;

use std::io;
use std::time::Instant;

use super::Headers;
use super::connect::Connection;
use super::outgoing::Outgoing;
use super::tls::ClientCertificate;

pub(super) use http1::Http1;
pub(super) use http2::{Http2, Http2Exchange};

/// The longest accepted response head, bytes, as in curl.
pub(super) const LONGEST_HEAD: usize = 300 * 1024;

/// A response without its body.
#[derive(Debug)]
pub(super) struct Head {
    /// 200 to 999.
    pub status: u16,
    /// As messages call it.
    pub version: &'static str,
    /// As received.
    pub headers: Headers,
    /// The bytes of `Location`, which may be no text.
    pub location: Option<Vec<u8>>,
    /// What `Content-Length` announces of a body that follows.
    pub announced: Option<u64>,
}

/// How far an exchange has come, kept where a limit that passes can still read it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Transfer {
    /// Bytes of the request written; for HTTP/2, of its body.
    pub written: usize,
    /// Bytes of the request in all.
    pub to_write: usize,
    /// The first bytes of the request went out, so that it may be processed.
    pub sent: bool,
    /// The first byte of the response came.
    pub answered: Option<Instant>,
}

/// Why an exchange failed.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection ended before the first byte of the response.
    HungUp(Option<io::Error>),
    /// The connection ended within the response's head.
    WithinHead(Option<io::Error>),
    /// The server says that it did not process the request, so that it can be sent again: why.
    Unprocessed(String),
    /// What came is not HTTP: why.
    NotHttp(String),
    /// What came is not HTTP/2, which was only assumed to be spoken.
    NotHttp2,
    /// The response's head is longer than [`LONGEST_HEAD`], or has too many headers.
    HeadTooLarge,
    /// The response's head breaks HTTP's rules: how.
    BadHead(String),
    /// The body's framing breaks HTTP's rules: how.
    BadBody(String),
    /// The connection ended within the body.
    WithinBody(Option<io::Error>),
    /// The peer broke HTTP/2's rules or reset the stream: how.
    Http2(String),
}

/// One exchange under way.
#[derive(Debug)]
pub(super) enum Exchange {
    /// Over a connection of its own.
    Http1(Box<Http1>),
    /// Over a connection that others share.
    Http2(Box<Http2Exchange>),
}

impl Exchange {
    /// Sends the request and reads the response's head; interim responses are skipped.
    ///
    /// # Errors
    /// The exchange is over.
    pub(super) async fn send(&mut self, request: &Outgoing, transfer: &mut Transfer) -> Result<Head, Broken> {
        match self {
            Self::Http1(connection) => connection.send(request, transfer).await,
            Self::Http2(exchange) => exchange.send(request, transfer).await,
        }
    }

    /// The next piece of the body, as it was sent; none at its end.
    ///
    /// # Errors
    /// The exchange is over.
    pub(super) async fn chunk(&mut self) -> Result<Option<&[u8]>, Broken> {
        match self {
            Self::Http1(connection) => connection.chunk().await,
            Self::Http2(exchange) => exchange.chunk().await,
        }
    }

    /// Whether it is certain that the server has not processed the failed request.
    pub(super) async fn is_unread(&self, broken: &Broken) -> bool {
        match (self, broken) {
            (_, Broken::Unprocessed(_)) => true,
            (Self::Http1(connection), Broken::HungUp(error)) => connection.is_unread(error.as_ref()).await,
            _ => false,
        }
    }

    /// A server that closes an idle connection may announce that with a 408 (RFC 9110, 15.5.9), which may cross with
    /// the next request then.
    pub(super) fn gave_up_idle(&self, head: &Head) -> bool {
        matches!(self, Self::Http1(connection) if head.status == 408 && connection.closes())
    }

    /// Whether the server asked for a client's certificate, for what TLS may still say of it.
    pub(super) fn client_certificate(&self) -> ClientCertificate {
        match self {
            Self::Http1(connection) => connection.client_certificate(),
            Self::Http2(exchange) => exchange.client_certificate(),
        }
    }

    /// The other end.
    pub(super) fn remote(&self) -> Option<std::net::SocketAddr> {
        match self {
            Self::Http1(connection) => connection.remote(),
            Self::Http2(exchange) => exchange.remote(),
        }
    }
}

/// An open connection speaks HTTP/1.1 or HTTP/2.
pub(super) enum Opened {
    /// HTTP/1.1
    Http1(Box<Http1>),
    /// HTTP/2
    Http2(Http2),
}

impl Opened {
    /// Makes ready what was connected.
    ///
    /// # Errors
    /// The HTTP/2 preface could not be sent.
    pub(super) async fn new(connection: Connection) -> Result<Self, Broken> {
        match connection.http2 {
            true => Http2::open(connection).await.map(Self::Http2),
            false => Ok(Self::Http1(Box::new(Http1::new(connection)))),
        }
    }
}
