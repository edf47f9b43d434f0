//! Connections: from a URL to an open stream, by way of a proxy or not, with TLS or not. Sends and reads no request.

mod handshake;
mod race;
mod resolve;
mod socks;
mod stream;
mod trace;
mod tunnel;
mod words;

pub(super) use stream::Stream;
pub(super) use trace::Trace;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

use self::handshake::handshake;
use self::resolve::Resolver;
use self::socks::Destination;
use self::stream::{Socket, Transport};
use self::trace::Stage;
use super::client::ClientOptions;
use super::proxy::{Protocol, Proxies, Proxy};
use super::result::UsedProxy;
use super::tls::{self, Certificates, ClientCertificate};
use crate::diagnostic::Problems;
use crate::policy::AttemptOutcome;

/// The versions of HTTP that may be spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HttpVersions {
    /// HTTP/2 where TLS agrees on it, else HTTP/1.1.
    #[default]
    Any,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2; without TLS, too, where it is taken for granted ("prior knowledge").
    Http2,
}

impl HttpVersions {
    /// What is offered by ALPN.
    pub(super) fn alpn(self) -> &'static [&'static str] {
        match self {
            HttpVersions::Any => &["h2", "http/1.1"],
            HttpVersions::Http1 => &["http/1.1"],
            HttpVersions::Http2 => &["h2"],
        }
    }
}

/// Opens connections. One serves all threads of a run.
#[derive(Debug)]
pub(super) struct Connector {
    versions: HttpVersions,
    insecure: bool,
    unix_socket: Option<PathBuf>,
    resolver: Resolver,
    proxies: Proxies,
    certificates: Certificates,
    /// Made when first needed: reading the platform's roots takes milliseconds.
    tls: OnceLock<Result<TlsConfigs, String>>,
}

#[derive(Debug)]
struct TlsConfigs {
    endpoint: Arc<ClientConfig>,
    /// For proxies: HTTP/1.1 without the client's own certificate.
    proxy: Arc<ClientConfig>,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    /// Its bytes.
    pub stream: Stream,
    /// The other end: the endpoint, or its proxy; none for a Unix socket.
    pub remote: Option<SocketAddr>,
    /// Is HTTP/2 spoken on it?
    pub http2: bool,
    /// Does the request name the whole URL, since an HTTP proxy forwards it?
    pub absolute_form: bool,
    /// The value of `Proxy-Authorization` that each request on it needs.
    pub proxy_authorization: Option<String>,
    /// Whether the server asked for a client certificate, for what TLS may still report.
    pub client_certificate: ClientCertificate,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConnectError {
    /// What that makes of the attempt.
    pub outcome: AttemptOutcome,
    /// A sentence.
    pub message: String,
}

impl ConnectError {
    fn new(message: String) -> Self {
        Self { outcome: AttemptOutcome::ConnectError, message }
    }

    fn tls(message: String) -> Self {
        Self { outcome: AttemptOutcome::TlsError, message }
    }
}

/// The endpoint of a URL.
struct Target {
    host: Host<String>,
    port: u16,
    secure: bool,
    /// `host:port`.
    name: String,
}

impl Target {
    fn of(url: &Url) -> Result<Self, ConnectError> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(ConnectError::new(format!("`{}` URLs have no host to connect to", url.scheme())));
        };
        let host = host.to_owned();
        let name = format!("{host}:{port}");
        Ok(Self { host, port, secure: url.scheme() == "https", name })
    }
}

impl Connector {
    /// A connector, or what is wrong with the options: unreadable certificates, a proxy's URL that is not one.
    pub(super) fn new(options: &ClientOptions) -> Result<Self, Problems> {
        let (certificates, proxies) = match (Certificates::read(&options.tls), Proxies::new(&options.proxy)) {
            (Ok(certificates), Ok(proxies)) => (certificates, proxies),
            (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => return Err(problems),
            (Err(Problems(certificates)), Err(Problems(proxies))) => {
                return Err(Problems([certificates, proxies].concat()));
            }
        };
        Ok(Self {
            versions: options.versions,
            insecure: options.tls.insecure,
            unix_socket: options.unix_socket.clone(),
            resolver: Resolver::new(&options.resolve),
            proxies,
            certificates,
            tls: OnceLock::new(),
        })
    }

    /// The proxy that requests to that URL go through.
    pub(super) fn proxy_in_use(&self, url: &Url) -> Option<UsedProxy> {
        let proxy = self.proxy(url)?;
        Some(UsedProxy { address: proxy.to_string(), from: proxy.source })
    }

    /// The proxy that is asked with whole requests to that URL, so that a response can be its own.
    pub(super) fn forwarder(&self, url: &Url) -> Option<&Proxy> {
        let proxy = self.proxy(url)?;
        let target = Target::of(url).ok()?;
        self.is_forwarding(proxy, &target).then_some(proxy)
    }

    fn proxy(&self, url: &Url) -> Option<&Proxy> {
        if self.unix_socket.is_some() { None } else { self.proxies.between(url) }
    }

    /// Does a connection for that URL need TLS, with the endpoint or with a proxy?
    pub(super) fn needs_tls(&self, url: &Url) -> bool {
        url.scheme() == "https" || self.proxy(url).is_some_and(|proxy| proxy.protocol == Protocol::Https)
    }

    /// Makes ready for TLS, so that the first attempt's time is the endpoint's alone.
    ///
    /// # Errors
    /// Why there can be no TLS.
    pub(super) fn prepare_tls(&self) -> Result<(), String> {
        self.tls().map(|_| ()).map_err(Clone::clone)
    }

    fn tls(&self) -> Result<&TlsConfigs, &String> {
        let made = || {
            let config = |own, alpn| tls::config(&self.certificates, own, self.insecure, alpn).map(Arc::new);
            Ok(TlsConfigs { endpoint: config(true, self.versions.alpn())?, proxy: config(false, &["http/1.1"])? })
        };
        self.tls.get_or_init(made).as_ref()
    }

    /// Opens a connection for requests to that URL, and marks in the trace how far it has come.
    ///
    /// # Errors
    /// What failed, with whom, and what to do about it.
    pub(super) async fn connect(&self, url: &Url, trace: &Trace) -> Result<Connection, ConnectError> {
        let target = Target::of(url)?;
        let proxy = self.proxy(url);
        trace.started(proxy.map(ToString::to_string));
        let forwards = proxy.filter(|proxy| self.is_forwarding(proxy, &target));
        let (transport, remote) = match (&self.unix_socket, proxy) {
            (Some(path), _) => (unix_transport(path).await?, None),
            (None, None) => self.transport(&target.host, target.port, target.name.clone(), trace).await?,
            (None, Some(proxy)) => self.through(proxy, forwards.is_some(), &target, trace).await?,
        };
        let connection = if target.secure {
            trace.at(Stage::Handshake);
            let through = proxy.map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
            let to = format!("{}{through}", target.name);
            self.secured(transport, remote, &target.host, &to).await?
        } else {
            Connection {
                stream: Stream::Plain(transport),
                remote,
                http2: self.versions == HttpVersions::Http2,
                absolute_form: forwards.is_some(),
                proxy_authorization: forwards.and_then(|proxy| Some(proxy.credentials.as_ref()?.basic())),
                client_certificate: ClientCertificate::NotAsked,
            }
        };
        trace.ended();
        Ok(connection)
    }

    /// Does that proxy get whole requests, instead of being asked for a connection? HTTP/2 without TLS can't be forwarded.
    fn is_forwarding(&self, proxy: &Proxy, target: &Target) -> bool {
        let speaks_http = matches!(proxy.protocol, Protocol::Http | Protocol::Https);
        speaks_http && !target.secure && self.versions != HttpVersions::Http2
    }

    /// A TCP connection, with the address at its other end.
    async fn transport(
        &self,
        host: &Host<String>,
        port: u16,
        name: String,
        trace: &Trace,
    ) -> Result<(Transport, Option<SocketAddr>), ConnectError> {
        let unresolved = |why| ConnectError::new(format!("can't resolve the host `{host}`: {why}"));
        let addresses = self.resolver.addresses(host, port, trace).await.map_err(unresolved)?;
        let stream = tcp(&addresses, &name, &name, trace).await?;
        let remote = stream.peer_addr().ok();
        Ok((Transport::new(Socket::Tcp(stream)), remote))
    }

    /// A connection to a proxy, and through it unless it forwards requests.
    async fn through(
        &self,
        proxy: &Proxy,
        forwards: bool,
        target: &Target,
        trace: &Trace,
    ) -> Result<(Transport, Option<SocketAddr>), ConnectError> {
        let name = proxy.to_string();
        let unresolved =
            |why| ConnectError::new(format!("can't resolve the host `{}` of the proxy {name}: {why}", proxy.host));
        let addresses = self.resolver.addresses(&proxy.host, proxy.port, trace).await.map_err(unresolved)?;
        if !matches!(proxy.protocol, Protocol::Http | Protocol::Https) {
            return self.through_socks(&addresses, proxy, target, trace).await;
        }
        let stream = tcp(&addresses, &name, &format!("the proxy {name}"), trace).await?;
        let remote = stream.peer_addr().ok();
        let mut socket = Socket::Tcp(stream);
        if proxy.protocol == Protocol::Https {
            trace.at(Stage::ProxyHandshake);
            socket = Socket::SecureProxy(Box::new(self.secure_proxy(Transport::new(socket), proxy).await?));
        }
        let mut transport = Transport::new(socket);
        if !forwards {
            trace.at(Stage::Tunnel);
            let unread = tunnel::open(&mut transport, &target.name, proxy).await.map_err(ConnectError::new)?;
            transport = transport.resumed(unread);
        }
        Ok((transport, remote))
    }

    /// A connection through a SOCKS proxy. Where names are resolved here, each address is asked for in turn.
    async fn through_socks(
        &self,
        addresses: &[SocketAddr],
        proxy: &Proxy,
        target: &Target,
        trace: &Trace,
    ) -> Result<(Transport, Option<SocketAddr>), ConnectError> {
        let name = proxy.to_string();
        let mut failure = None;
        for destination in self.destinations(proxy, target, trace).await? {
            let stream = tcp(addresses, &name, &format!("the proxy {name}"), trace).await?;
            let remote = stream.peer_addr().ok();
            let mut transport = Transport::new(Socket::Tcp(stream));
            trace.at(Stage::Tunnel);
            match socks::open(&mut transport, &destination, &target.name, proxy).await {
                Ok(()) => return Ok((transport.resumed(Vec::new()), remote)),
                Err(why) => failure = Some(why),
            }
        }
        let nowhere = || format!("`{}` has no address that the proxy {name} could connect to", target.host);
        Err(ConnectError::new(failure.unwrap_or_else(nowhere)))
    }

    async fn destinations(
        &self,
        proxy: &Proxy,
        target: &Target,
        trace: &Trace,
    ) -> Result<Vec<Destination>, ConnectError> {
        if let Some(destination) = Destination::of(&target.host, target.port, proxy.protocol) {
            return Ok(vec![destination]);
        }
        let unresolved = |why| ConnectError::new(format!("can't resolve the host `{}`: {why}", target.host));
        let found = self.resolver.addresses(&target.host, target.port, trace).await.map_err(unresolved)?;
        let usable = |address: &SocketAddr| address.is_ipv4() || proxy.protocol != Protocol::Socks4;
        Ok(found.into_iter().filter(usable).map(Destination::Address).collect())
    }

    async fn secure_proxy(&self, transport: Transport, proxy: &Proxy) -> Result<TlsStream<Transport>, ConnectError> {
        let name = proxy.to_string();
        let config = Arc::clone(&self.tls().map_err(|why| ConnectError::tls(why.clone()))?.proxy);
        let (stream, _) = handshake(config, transport, &proxy.host, &format!("the proxy {name}")).await?;
        Ok(stream)
    }

    async fn secured(
        &self,
        transport: Transport,
        remote: Option<SocketAddr>,
        host: &Host<String>,
        to: &str,
    ) -> Result<Connection, ConnectError> {
        let config = Arc::clone(&self.tls().map_err(|why| ConnectError::tls(why.clone()))?.endpoint);
        let (stream, client_certificate) = handshake(config, transport, host, to).await?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        if self.versions == HttpVersions::Http2 && !http2 {
            let message = format!("{to} does not speak HTTP/2 (TLS did not negotiate it): leave out --http2");
            return Err(ConnectError { outcome: AttemptOutcome::ProtocolError, message });
        }
        let stream = Stream::Tls(Box::new(stream));
        Ok(Connection { stream, remote, http2, absolute_form: false, proxy_authorization: None, client_certificate })
    }
}

/// A TCP connection to one of the addresses of `name`, which messages call `shown`.
async fn tcp(addresses: &[SocketAddr], name: &str, shown: &str, trace: &Trace) -> Result<TcpStream, ConnectError> {
    trace.connecting(name.to_owned());
    let connected = race::connect(addresses, trace).await;
    let stream = connected.map_err(|tried| ConnectError::new(words::not_connected(shown, &tried)))?;
    // A request is written at once, and should not wait for an earlier one to be acknowledged. It works without, too.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

#[cfg(unix)]
async fn unix_transport(path: &std::path::Path) -> Result<Transport, ConnectError> {
    let connected = tokio::net::UnixStream::connect(path).await;
    let stream = connected.map_err(|error| {
        let shown = format!("the Unix socket `{}`", path.display());
        ConnectError::new(words::no_unix_socket(&shown, &error))
    })?;
    Ok(Transport::new(Socket::Unix(stream)))
}

#[cfg(not(unix))]
async fn unix_transport(path: &std::path::Path) -> Result<Transport, ConnectError> {
    let message = format!("this system has no Unix sockets: can't connect to `{}`", path.display());
    Err(ConnectError::new(message))
}

#[cfg(test)]
mod tests;
