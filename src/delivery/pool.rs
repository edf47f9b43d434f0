//! Connections that are kept open between exchanges, by where they lead.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::outgoing::Origin;
use super::wire::{Exchange, Http1, Http2, Opened};

/// A connection that was idle for this long is not used again: a NAT or firewall in between may have dropped it silently.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// The connections of one thread.
#[derive(Debug, Default)]
pub(super) struct Pool {
    kept: Mutex<HashMap<Origin, Kept, foldhash::fast::RandomState>>,
}

/// Those to one origin.
#[derive(Debug, Default)]
struct Kept {
    /// Idle since then; the one used last is at the end, and used first.
    http1: Vec<(Box<Http1>, Instant)>,
    http2: Vec<Http2>,
}

impl Pool {
    /// An exchange over a connection that is open already, if there is one.
    pub(super) fn take(&self, origin: &Origin) -> Option<Exchange> {
        let mut kept = self.lock();
        let kept = kept.get_mut(origin)?;
        kept.http2.retain(|connection| !connection.is_closed());
        if let Some(connection) = kept.http2.iter().find(|connection| connection.has_room()) {
            return Some(Exchange::Http2(Box::new(connection.exchange())));
        }
        while let Some((mut connection, since)) = kept.http1.pop() {
            if since.elapsed() < LONGEST_IDLE && connection.is_reusable() {
                return Some(Exchange::Http1(connection));
            }
        }
        None
    }

    /// The first exchange over a new connection; others can share it if it is one for several.
    pub(super) fn begin(&self, origin: &Origin, opened: Opened, keep: bool) -> Exchange {
        match opened {
            Opened::Http1(connection) => Exchange::Http1(connection),
            Opened::Http2(connection) => {
                let exchange = connection.exchange();
                if keep {
                    self.lock().entry(origin.clone()).or_default().http2.push(connection);
                }
                Exchange::Http2(Box::new(exchange))
            }
        }
    }

    /// Keeps the connection of an exchange that has ended well.
    pub(super) fn put(&self, origin: &Origin, exchange: Exchange) {
        let Exchange::Http1(mut connection) = exchange else { return };
        if !connection.is_reusable() {
            return;
        }
        let idle = (connection, Instant::now());
        let mut kept = self.lock();
        match kept.get_mut(origin) {
            Some(kept) => kept.http1.push(idle),
            None => kept.entry(origin.clone()).or_default().http1.push(idle),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Origin, Kept, foldhash::fast::RandomState>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
