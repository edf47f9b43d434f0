//! What a connection tells about itself while it is made: its phases, the addresses that were tried, and what it is doing
//! now. The future that makes it may be dropped when a limit passes; the trace stays.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::words;

/// The marks of one connection.
#[derive(Debug, Default)]
pub(in crate::delivery) struct Trace(Mutex<Marks>);

/// Moments of a connection's making.
#[derive(Debug, Clone, Default)]
pub(in crate::delivery) struct Marks {
    stage: Stage,
    /// The proxy it goes through.
    proxy: Option<String>,
    /// The name that was asked for: the endpoint's, or its proxy's.
    name: Option<String>,
    /// Where it connects to, as `host:port`: the endpoint, or its proxy.
    to: Option<String>,
    /// The addresses that are being connected to.
    trying: Vec<SocketAddr>,
    dns_started: Option<Instant>,
    dns_ended: Option<Instant>,
    started: Option<Instant>,
    tls_started: Option<Instant>,
    ended: Option<Instant>,
}

/// What the making of a connection is at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::delivery) enum Stage {
    /// Not begun: a kept connection serves.
    #[default]
    Idle,
    /// Asking for a name's addresses.
    Resolving,
    /// TCP, or a Unix socket.
    Connecting,
    /// The TLS handshake with a proxy.
    ProxyHandshake,
    /// A proxy was asked to connect.
    Tunnel,
    /// The TLS handshake with the endpoint.
    Handshake,
    /// The connection is open.
    Open,
}

impl Trace {
    /// The marks so far.
    pub(crate) fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark(&self, change: impl FnOnce(&mut Marks)) {
        change(&mut self.marks());
    }

    /// The making begins, through that proxy or none.
    pub(super) fn started(&self, proxy: Option<String>) {
        self.mark(|marks| {
            *marks = Marks { proxy, started: Some(Instant::now()), stage: Stage::Connecting, ..Marks::default() };
        });
    }

    /// The resolver is asked for a name.
    pub(super) fn dns_started(&self, name: &str) {
        self.mark(|marks| {
            marks.stage = Stage::Resolving;
            marks.name = Some(name.to_owned());
            marks.dns_started.get_or_insert_with(Instant::now);
        });
    }

    /// The resolver has answered.
    pub(super) fn dns_ended(&self) {
        self.mark(|marks| {
            marks.stage = Stage::Connecting;
            marks.dns_ended = Some(Instant::now());
        });
    }

    /// It connects to that place now, given as `host:port`.
    pub(super) fn connecting(&self, to: String) {
        self.mark(|marks| {
            marks.stage = Stage::Connecting;
            marks.to = Some(to);
            marks.trying.clear();
        });
    }

    /// An address is being tried.
    pub(super) fn trying(&self, address: SocketAddr) {
        self.mark(|marks| marks.trying.push(address));
    }

    /// An address has failed.
    pub(super) fn gave_up(&self, address: SocketAddr) {
        self.mark(|marks| marks.trying.retain(|trying| *trying != address));
    }

    /// TCP is done; this comes next.
    pub(super) fn at(&self, stage: Stage) {
        self.mark(|marks| {
            marks.stage = stage;
            if stage == Stage::Handshake {
                marks.tls_started = Some(Instant::now());
            }
        });
    }

    /// The connection is open.
    pub(super) fn ended(&self) {
        self.mark(|marks| {
            marks.stage = Stage::Open;
            marks.ended = Some(Instant::now());
        });
    }
}

impl Marks {
    /// Time in the resolver; none where it was not asked.
    pub(crate) fn dns(&self) -> Option<Duration> {
        Some(self.dns_ended?.duration_since(self.dns_started?))
    }

    /// Time from there to an open TCP (or Unix) connection, a proxy's part in it included.
    pub(crate) fn connect(&self) -> Option<Duration> {
        let from = self.dns_ended.or(self.started)?;
        Some(self.tls_started.or(self.ended)?.saturating_duration_since(from))
    }

    /// Time of the TLS handshake with the endpoint.
    pub(crate) fn tls(&self) -> Option<Duration> {
        Some(self.ended?.duration_since(self.tls_started?))
    }

    /// What the making of a connection to that endpoint (`host:port`) was at when a limit passed; none where it was open.
    pub(crate) fn pending(&self, endpoint: &str) -> Option<String> {
        let proxy = self.proxy.as_deref();
        let through = proxy.map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
        let proxy = proxy.unwrap_or_default();
        Some(match self.stage {
            Stage::Idle | Stage::Open => return None,
            Stage::Resolving => {
                let name = self.name.as_deref().unwrap_or(endpoint);
                let of =
                    if proxy.rsplit_once(':').is_some_and(|(host, _)| host == name) { " of the proxy" } else { "" };
                format!("the host `{name}`{of} was still being resolved")
            }
            Stage::Connecting => {
                let to = self.to.as_deref().unwrap_or(endpoint);
                let of = if proxy == to { "the proxy " } else { "" };
                format!("still connecting to {of}{to}{}", words::beside(to, &self.trying))
            }
            Stage::ProxyHandshake => format!("the TLS handshake with the proxy {proxy} had not finished"),
            Stage::Tunnel => format!("the proxy {proxy} had not connected to {endpoint}"),
            Stage::Handshake => format!("the TLS handshake with {endpoint}{through} had not finished"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_was_at() {
        let trace = Trace::default();
        let pending = || trace.marks().pending("api.example.com:443");
        assert_eq!(pending(), None);
        trace.started(None);
        trace.dns_started("api.example.com");
        assert_eq!(pending().unwrap(), "the host `api.example.com` was still being resolved");
        trace.dns_ended();
        trace.connecting("api.example.com:443".into());
        for address in ["1.2.3.4:443", "[::1]:443", "1.2.3.5:443"] {
            trace.trying(address.parse().expect("an address"));
        }
        trace.gave_up("1.2.3.5:443".parse().expect("an address"));
        assert_eq!(pending().unwrap(), "still connecting to api.example.com:443 (1.2.3.4:443 and [::1]:443)");
        trace.at(Stage::Handshake);
        assert_eq!(pending().unwrap(), "the TLS handshake with api.example.com:443 had not finished");
        trace.ended();
        assert_eq!(pending(), None);
        let marks = trace.marks();
        assert!(marks.dns().is_some() && marks.connect().is_some() && marks.tls().is_some());
    }

    #[test]
    fn what_it_was_at_through_a_proxy() {
        let trace = Trace::default();
        let pending = || trace.marks().pending("api.example.com:443").expect("something");
        trace.started(Some("p:8080".into()));
        trace.dns_started("p");
        assert_eq!(pending(), "the host `p` of the proxy was still being resolved");
        trace.dns_ended();
        trace.connecting("p:8080".into());
        trace.trying("127.0.0.1:8080".parse().expect("an address"));
        assert_eq!(pending(), "still connecting to the proxy p:8080 (127.0.0.1:8080)");
        trace.at(Stage::ProxyHandshake);
        assert_eq!(pending(), "the TLS handshake with the proxy p:8080 had not finished");
        trace.at(Stage::Tunnel);
        assert_eq!(pending(), "the proxy p:8080 had not connected to api.example.com:443");
        trace.at(Stage::Handshake);
        assert_eq!(pending(), "the TLS handshake with api.example.com:443 through the proxy p:8080 had not finished");
    }
}
