//! Several addresses of one name, tried side by side (RFC 8305, "happy eyeballs"): the families take turns, each address has
//! a head start, and the first that connects wins.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use std::{io, mem};

use tokio::net::TcpStream;

use super::trace::Trace;
use super::words::Tried;

/// How long an address is tried alone; RFC 8305's recommendation.
const HEAD_START: Duration = Duration::from_millis(250);

type Connecting = (SocketAddr, Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>);

/// A connection to the first of these that accepts one; how each failed.
pub(super) async fn connect(addresses: &[SocketAddr], trace: &Trace) -> Result<TcpStream, Vec<Tried>> {
    let mut waiting = interleaved(addresses).into_iter();
    let mut running: Vec<Connecting> = Vec::new();
    let mut failed = Vec::new();
    loop {
        match waiting.next() {
            Some(address) => {
                trace.trying(address);
                running.push((address, Box::pin(TcpStream::connect(address))));
            }
            None if running.is_empty() => return Err(failed),
            None => {}
        }
        let others = waiting.len() > 0;
        tokio::select! {
            (address, connected) = first(&mut running) => match connected {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    trace.gave_up(address);
                    failed.push((address, error));
                }
            },
            () = tokio::time::sleep(HEAD_START), if others => {}
        }
    }
}

/// The first of them that is done, taken out.
async fn first(running: &mut Vec<Connecting>) -> (SocketAddr, io::Result<TcpStream>) {
    poll_fn(|context| {
        let done = running.iter_mut().enumerate().find_map(|(index, (address, connecting))| {
            match connecting.as_mut().poll(context) {
                Poll::Ready(connected) => Some((index, *address, connected)),
                Poll::Pending => None,
            }
        });
        let Some((index, address, connected)) = done else { return Poll::Pending };
        drop(running.swap_remove(index));
        Poll::Ready((address, connected))
    })
    .await
}

/// The addresses with the families taking turns, beginning with the first one's; each once.
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let (mut turn, mut other): (Vec<_>, Vec<_>) =
        addresses.iter().rev().copied().partition(|address| address.is_ipv4() == first.is_ipv4());
    let mut ordered = Vec::with_capacity(addresses.len());
    while let Some(address) = turn.pop().or_else(|| other.pop()) {
        if !ordered.contains(&address) {
            ordered.push(address);
        }
        if !other.is_empty() {
            mem::swap(&mut turn, &mut other);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::net::TcpListener;
    #[cfg(target_os = "linux")]
    use tokio::net::TcpSocket;

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().expect("an address")).collect()
    }

    /// An address on which nobody listens.
    async fn refusing() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.expect("a listener").local_addr().expect("an address")
    }

    #[test]
    fn families_take_turns() {
        let mixed = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1", "[::1]:1"];
        let turns = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"];
        assert_eq!(interleaved(&addresses(&mixed)), addresses(&turns));
        assert_eq!(interleaved(&addresses(&["1.1.1.1:1", "1.1.1.2:1"])), addresses(&["1.1.1.1:1", "1.1.1.2:1"]));
        assert_eq!(
            interleaved(&addresses(&["1.1.1.1:1", "[::1]:1", "[::2]:1"])),
            addresses(&["1.1.1.1:1", "[::1]:1", "[::2]:1"])
        );
        assert!(interleaved(&[]).is_empty());
    }

    #[tokio::test]
    async fn one_that_refuses_makes_way_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let open = listener.local_addr().expect("an address");
        let started = Instant::now();
        let stream =
            connect(&[refusing().await, refusing().await, open], &Trace::default()).await.expect("a connection");
        assert_eq!(stream.peer_addr().expect("an address"), open);
        assert!(started.elapsed() < HEAD_START * 2, "{:?}", started.elapsed());
    }

    /// An address that answers nothing: its listener takes no connection, and its queue is full.
    #[cfg(target_os = "linux")]
    async fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener = socket.listen(1).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let mut queue = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(HEAD_START, TcpStream::connect(address)).await {
            queue.push(stream);
            assert!(queue.len() < 100, "the queue is never full");
        }
        (address, listener, queue)
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn one_that_is_silent_is_overtaken() {
        let (silent, _listener, _queue) = silent().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let open = listener.local_addr().expect("an address");
        let (started, trace) = (Instant::now(), Trace::default());
        trace.started(None);
        let stream = connect(&[silent, refusing().await, refusing().await, refusing().await, open], &trace)
            .await
            .expect("a connection");
        assert_eq!(stream.peer_addr().expect("an address"), open);
        // One head start, though four addresses came before: three of them refuse at once.
        assert!((HEAD_START..HEAD_START * 3).contains(&started.elapsed()), "{:?}", started.elapsed());
        let pending = trace.marks().pending("h:9").expect("something");
        assert_eq!(pending, format!("still connecting to h:9 ({silent} and {open})"));
    }

    #[tokio::test]
    async fn all_that_failed_are_named() {
        let both = [refusing().await, refusing().await];
        let failed = connect(&both, &Trace::default()).await.expect_err("nobody listens");
        assert_eq!(failed.iter().map(|(address, _)| *address).collect::<Vec<_>>(), both);
        assert!(failed.iter().all(|(_, error)| error.kind() == io::ErrorKind::ConnectionRefused));
        assert!(connect(&[], &Trace::default()).await.expect_err("nowhere").is_empty());
    }
}
