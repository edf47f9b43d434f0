//! What an attempt's connection tells about itself while it is made: when the name was resolved, when TCP stood, when TLS
//! began and ended. reqwest keeps all of it to itself, so the resolver, a layer around the connector and the TLS session
//! store each leave a mark in the trace of the attempt whose task they run in.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use rustls::NamedGroup;
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use tower::{Layer, Service, ServiceExt};

tokio::task_local! {
    static TRACE: Arc<Trace>;
}

/// One request's marks; shared with the connection that is being made for it.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Port of the URL, for overrides that name one.
    pub port: u16,
    marks: Mutex<Marks>,
}

/// Moments of one connection's making, each where it happened.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    /// The name that was asked for: the endpoint's, or its proxy's.
    name: Option<String>,
    dns_started: Option<Instant>,
    dns_ended: Option<Instant>,
    started: Option<Instant>,
    tls_started: Option<Instant>,
    ended: Option<Instant>,
    /// The local end, which tells whether a response came over this connection.
    local: Option<SocketAddr>,
}

/// How far an attempt had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Resolving,
    Connecting,
    Handshake,
    Waiting,
}

impl Trace {
    /// A trace for one request to that port.
    pub fn new(port: u16) -> Arc<Self> {
        Arc::new(Self { port, marks: Mutex::default() })
    }

    /// Runs `future` so that the connection it makes leaves its marks here.
    pub fn scope<F: Future>(self: &Arc<Self>, future: F) -> impl Future<Output = F::Output> {
        TRACE.scope(Arc::clone(self), future)
    }

    /// The trace of the running attempt; none where a connection is finished in the background for a later one.
    pub fn current() -> Option<Arc<Self>> {
        TRACE.try_with(Arc::clone).ok()
    }

    pub fn marks(&self) -> Marks {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn dns_started(&self, name: &str) {
        let mut marks = self.lock();
        marks.name = Some(name.to_owned());
        marks.dns_started = Some(Instant::now());
    }

    pub fn dns_ended(&self) {
        self.lock().dns_ended = Some(Instant::now());
    }

    /// The ClientHello is about to be made.
    pub fn tls_started(&self) {
        self.lock().tls_started = Some(Instant::now());
    }
}

impl Marks {
    /// Where the making of the connection stands, or stood when it failed.
    pub fn stage(&self) -> Stage {
        match self {
            Marks { ended: Some(_), .. } | Marks { started: None, .. } => Stage::Waiting,
            Marks { tls_started: Some(_), .. } => Stage::Handshake,
            Marks { dns_started: Some(_), dns_ended: None, .. } => Stage::Resolving,
            _ => Stage::Connecting,
        }
    }

    /// No connection was begun: the request went over one that was there already.
    pub fn is_reused(&self) -> bool {
        self.started.is_none()
    }

    /// Was the connection with that local end the one made here? Where an end is unknown (a Unix socket): was one made?
    pub fn made(&self, local: Option<SocketAddr>) -> bool {
        self.ended.is_some() && (local.is_none() || self.local.is_none() || self.local == local)
    }

    /// The name that the resolver was asked for last.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Time in the resolver; none where it was not asked.
    pub fn dns(&self) -> Option<Duration> {
        Some(self.dns_ended?.duration_since(self.dns_started?))
    }

    /// Time from there to an open TCP (or Unix) connection.
    pub fn connect(&self) -> Option<Duration> {
        let from = self.dns_ended.or(self.started)?;
        Some(self.tls_started.or(self.ended)?.saturating_duration_since(from))
    }

    /// Time of the TLS handshake.
    pub fn tls(&self) -> Option<Duration> {
        Some(self.ended?.duration_since(self.tls_started?))
    }

    /// When the connection was ready for the request.
    pub fn ready(&self) -> Option<Instant> {
        self.ended
    }
}

/// The connector layer that marks the start and the end of connecting.
#[derive(Debug, Clone, Copy)]
pub(super) struct TraceLayer;

/// The connector inside [`TraceLayer`]. It is shared: reqwest clones it for every request, and calls it for few of them.
#[derive(Debug)]
pub(super) struct Traced<S> {
    inner: Arc<S>,
}

impl<S> Clone for Traced<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Traced { inner: Arc::new(inner) }
    }
}

impl<S, R> Service<R> for Traced<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Response: Connection,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Each call makes its own clone ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: R) -> Self::Future {
        let trace = Trace::current();
        if let Some(trace) = &trace {
            trace.lock().started = Some(Instant::now());
        }
        let connecting = S::clone(&self.inner).oneshot(target);
        Box::pin(async move {
            let connection = connecting.await?;
            if let Some(trace) = trace {
                let mut extensions = http::Extensions::new();
                connection.connected().get_extras(&mut extensions);
                let mut marks = trace.lock();
                marks.local = extensions.get::<HttpInfo>().map(HttpInfo::local_addr);
                marks.ended = Some(Instant::now());
            }
            Ok(connection)
        })
    }
}

/// rustls asks its session store for a hint as it makes the ClientHello: the moment at which TCP stands and TLS begins.
#[derive(Debug)]
pub(super) struct MarkingSessions(pub ClientSessionMemoryCache);

impl ClientSessionStore for MarkingSessions {
    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        if let Some(trace) = Trace::current() {
            trace.tls_started();
        }
        self.0.kx_hint(server)
    }

    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(server)
    }
}
