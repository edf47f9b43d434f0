//! The bytes of a connection: TCP or a Unix socket, through a proxy or not, with TLS or without.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_rustls::client::TlsStream;

/// How many of the peer's first bytes are kept: enough to recognize its protocol.
const BEGINNING: usize = 5;

/// An open connection.
#[derive(Debug)]
pub(in crate::delivery) enum Stream {
    /// Without TLS.
    Plain(Transport),
    /// With TLS up to the endpoint.
    Tls(Box<TlsStream<Transport>>),
}

/// What a connection runs over: a socket, with what is known of its first bytes.
#[derive(Debug)]
pub(in crate::delivery) struct Transport {
    socket: Socket,
    /// Bytes that were already read, to be returned by the next read.
    unread: Vec<u8>,
    beginning: Vec<u8>,
}

/// A socket, and TLS with a proxy where that speaks it.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    SecureProxy(Box<TlsStream<Transport>>),
}

/// The same call on whatever kind of socket it is.
macro_rules! each_socket {
    ($socket:expr, $stream:ident => $call:expr) => {
        match $socket {
            Socket::Tcp($stream) => $call,
            #[cfg(unix)]
            Socket::Unix($stream) => $call,
            Socket::SecureProxy($stream) => $call,
        }
    };
}

/// The same call with TLS or without.
macro_rules! each_stream {
    ($this:expr, $stream:ident => $call:expr) => {
        match $this {
            Stream::Plain($stream) => $call,
            Stream::Tls($stream) => $call,
        }
    };
}

impl Transport {
    pub(super) fn new(socket: Socket) -> Self {
        Self { socket, unread: Vec::new(), beginning: Vec::new() }
    }

    /// The same after a proxy has answered: what it opened begins here, with these bytes that were read already.
    pub(super) fn resumed(self, unread: Vec<u8>) -> Self {
        Self { socket: self.socket, unread, beginning: Vec::new() }
    }

    /// The first bytes that were read.
    pub(super) fn beginning(&self) -> &[u8] {
        &self.beginning
    }

    fn fill(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.unread.is_empty() {
            return each_socket!(&mut self.socket, stream => Pin::new(stream).poll_read(context, buffer));
        }
        let length = self.unread.len().min(buffer.remaining());
        buffer.put_slice(self.unread.get(..length).unwrap_or_default());
        self.unread.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl Socket {
    /// The error that the system has noted for the socket, if there is one.
    fn take_error(&self) -> Option<io::Error> {
        match self {
            Socket::Tcp(stream) => stream.take_error().ok().flatten(),
            #[cfg(unix)]
            Socket::Unix(stream) => stream.take_error().ok().flatten(),
            Socket::SecureProxy(stream) => stream.get_ref().0.socket.take_error(),
        }
    }
}

impl Stream {
    /// The error that the system has noted for the socket, if there is one: a reset that came after the end of the stream.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        match self {
            Stream::Plain(transport) => transport.socket.take_error(),
            Stream::Tls(stream) => stream.get_ref().0.socket.take_error(),
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let filled = self.fill(context, buffer);
        let missing = BEGINNING - self.beginning.len();
        if missing > 0 {
            let arrived = buffer.filled().get(before..).unwrap_or_default();
            self.beginning.extend(arrived.iter().take(missing));
        }
        filled
    }
}

impl AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        each_socket!(&mut self.socket, stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each_socket!(&mut self.socket, stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each_socket!(&mut self.socket, stream => Pin::new(stream).poll_shutdown(context))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each_socket!(&mut self.socket, stream => Pin::new(stream).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        each_socket!(&self.socket, stream => stream.is_write_vectored())
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each_stream!(self.get_mut(), stream => Pin::new(stream).poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        each_stream!(self.get_mut(), stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each_stream!(self.get_mut(), stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each_stream!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(context))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each_stream!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        each_stream!(self, stream => stream.is_write_vectored())
    }
}
