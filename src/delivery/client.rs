//! The HTTP client, as production's would be: HTTP/1.1 and h2 by ALPN, compressed bodies, proxies, and the means to send a
//! request somewhere else than its URL says.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::attempt::BODY_KEPT;
use super::proxy::Proxies;
use super::tls::{self, Certificates, TlsOptions};
use super::trace::{Trace, TraceLayer};
use crate::diagnostic::{Diagnostic, Problems};
use crate::request::Resolved;

/// How to reach endpoints.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// Certificates.
    pub tls: TlsOptions,
    /// Where a proxy comes from.
    pub proxy: ProxyChoice,
    /// `--resolve host:port:addr`.
    pub resolve: Vec<ResolveOverride>,
    /// Everything goes through this socket; hosts are only names then.
    pub unix_socket: Option<PathBuf>,
}

/// Where a proxy comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the small letters.
    #[default]
    Environment,
    /// None at all.
    Direct,
    /// This one, for everything.
    Url(String),
}

/// One `--resolve`: what the resolver answers for a host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOverride {
    /// The host, in small letters.
    pub host: String,
    /// The port of the URL.
    pub port: u16,
    /// Where it leads.
    pub address: std::net::IpAddr,
}

impl std::str::FromStr for ResolveOverride {
    type Err = String;

    /// `host:port:addr`; an IPv6 address may stand in brackets.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not HOST:PORT:ADDRESS, such as `api.example.com:443:127.0.0.1`");
        let (host, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (port, address) = rest.split_once(':').ok_or_else(wrong)?;
        let address = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
        if host.is_empty() {
            return Err(wrong());
        }
        if host.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(format!("`{host}` is an address, which nothing resolves: `--to` sends elsewhere"));
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port: port.parse().map_err(|_| wrong())?,
            address: address.parse().map_err(|_| wrong())?,
        })
    }
}

/// Sends attempts. Connections are kept and reused.
#[derive(Debug)]
pub struct Client {
    means: Arc<Means>,
    plain: reqwest::Client,
    tls: OnceLock<Result<reqwest::Client, String>>,
    stays_local: bool,
}

/// What all clients of a run connect by.
#[derive(Debug)]
struct Means {
    options: ClientOptions,
    certificates: Certificates,
    proxies: Proxies,
    no_tls: rustls::ClientConfig,
    /// Made when first needed: reading the platform's roots takes milliseconds.
    tls: OnceLock<Result<rustls::ClientConfig, String>>,
}

impl Client {
    /// A client, or what is wrong with the options: unreadable certificates, a proxy that is no URL.
    pub fn new(options: ClientOptions) -> Result<Self, Problems> {
        let certificates = Certificates::read(&options.tls)?;
        let proxies = Proxies::new(&options.proxy)?;
        let no_tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| Diagnostic::error(format!("can't set up the client: {e}")))?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let means = Means { options, certificates, proxies, no_tls, tls: OnceLock::new() };
        Ok(Self::connecting_by(Arc::new(means), false)?)
    }

    /// The same, with connections of its own.
    pub(super) fn twin(&self) -> Result<Self, Diagnostic> {
        Self::connecting_by(Arc::clone(&self.means), self.stays_local)
    }

    fn connecting_by(means: Arc<Means>, stays_local: bool) -> Result<Self, Diagnostic> {
        let plain = build(&means.options, means.no_tls.clone())?;
        Ok(Self { means, plain, tls: OnceLock::new(), stays_local })
    }

    /// Makes ready for `https`, so that the first attempt's time is the endpoint's alone.
    pub fn prepare_tls(&self) -> Result<(), Problems> {
        self.for_scheme("https").map(|_| ()).map_err(|message| Diagnostic::error(message).into())
    }

    /// What stands between here and an endpoint, in words.
    pub(super) fn way_to(&self, url: &Url) -> Option<String> {
        if let Some(path) = &self.means.options.unix_socket {
            return Some(format!("the Unix socket `{}`", path.display()));
        }
        self.means.proxies.between(url).map(|proxy| format!("the proxy {proxy}"))
    }

    /// Follows no redirect from this machine to another from now on.
    pub fn stay_local(&mut self) {
        self.stays_local = true;
    }

    pub(super) fn stays_local(&self) -> bool {
        self.stays_local
    }

    /// The client for `http` or `https`; why there is none.
    pub(super) fn for_scheme(&self, scheme: &str) -> Result<&reqwest::Client, String> {
        if scheme != "https" {
            return Ok(&self.plain);
        }
        let made = self.tls.get_or_init(|| {
            let config = self.means.tls().map_err(Clone::clone)?.clone();
            build(&self.means.options, config).map_err(|d| d.message)
        });
        made.as_ref().map_err(Clone::clone)
    }
}

impl Means {
    fn tls(&self) -> Result<&rustls::ClientConfig, &String> {
        let made = self.tls.get_or_init(|| {
            tls::config(&self.certificates, self.options.tls.insecure).map_err(|e| format!("can't set up TLS: {e}"))
        });
        made.as_ref()
    }
}

fn build(options: &ClientOptions, tls: rustls::ClientConfig) -> Result<reqwest::Client, Diagnostic> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        // That it may never be sent again, so that reqwest need not keep a copy of each request either.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .http1_title_case_headers()
        .pool_max_idle_per_host(usize::MAX)
        .dns_resolver(Resolver::new(&options.resolve))
        .connector_layer(TraceLayer);
    builder = match &options.proxy {
        ProxyChoice::Environment => builder,
        ProxyChoice::Direct => builder.no_proxy(),
        ProxyChoice::Url(url) => builder.proxy(
            reqwest::Proxy::all(url)
                .map_err(|e| Diagnostic::error(format!("--proxy: that is not a proxy's URL: {}", innermost(&e))))?,
        ),
    };
    #[cfg(unix)]
    if let Some(path) = &options.unix_socket {
        builder = builder.unix_socket(path.clone());
    }
    builder.build().map_err(|e| Diagnostic::error(format!("can't set up the client: {}", innermost(&e))))
}

/// The last of an error's causes: the one that says something.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// The system's resolver, with overrides, marking the trace.
struct Resolver {
    overrides: Arc<HashMap<(String, u16), SocketAddr>>,
}

impl Resolver {
    fn new(overrides: &[ResolveOverride]) -> Self {
        let entry = |o: &ResolveOverride| ((o.host.clone(), o.port), SocketAddr::new(o.address, o.port));
        Self { overrides: Arc::new(overrides.iter().map(entry).collect()) }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let trace = Trace::current();
        let host = name.as_str().to_ascii_lowercase();
        let port = trace.as_ref().map_or(0, |t| t.port);
        if let Some(address) = self.overrides.get(&(host.clone(), port)) {
            let addresses: Addrs = Box::new(std::iter::once(*address));
            return Box::pin(std::future::ready(Ok(addresses)));
        }
        Box::pin(async move {
            if let Some(trace) = &trace {
                trace.dns_started(&host);
            }
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            if let Some(trace) = &trace {
                trace.dns_ended();
            }
            let addresses: Addrs = Box::new(found.collect::<Vec<_>>().into_iter());
            Ok(addresses)
        })
    }
}

/// A request ready to be sent any number of times: the bytes of a [`Resolved`].
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    /// So much of the response's body is kept, bytes; [`BODY_KEPT`] unless something reads more.
    pub(super) keep_body: usize,
    /// The address that answered it first, and its text: most often it answers all the others, too.
    pub(super) answered: OnceLock<(SocketAddr, String)>,
}

impl Outgoing {
    /// The request as it will be sent; why it can't be.
    pub fn new(request: &Resolved) -> Result<Self, Problems> {
        let refused = |what: String| Diagnostic::error(format!("`{}` can't be sent: {what}", request.script));
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| refused(format!("`{}` is not a method", request.method)))?;
        let mut headers = HeaderMap::with_capacity(request.headers.len());
        for header in &request.headers {
            let name = HeaderName::from_bytes(header.name.as_bytes())
                .map_err(|_| refused(format!("`{}` is not a header name", header.name)))?;
            let mut value = HeaderValue::from_bytes(header.value.as_bytes()).map_err(|_| {
                refused(format!("the value of `{}` has a character that no header may hold", header.name))
            })?;
            value.set_sensitive(header.secret);
            headers.append(name, value);
        }
        let body = request.body.as_ref().map(|body| Bytes::from(body.bytes.clone()));
        Ok(Self { method, url: request.url.clone(), headers, body, keep_body: BODY_KEPT, answered: OnceLock::new() })
    }

    /// Sends it to the scheme, host and port of `target`. `keep_host` names the script's host in `Host` all the same.
    pub fn aim_at(&mut self, target: &Url, keep_host: bool) {
        let mut url = target.clone();
        url.set_path(self.url.path());
        url.set_query(self.url.query());
        let host = authority(if keep_host { &self.url } else { &url });
        if let Ok(host) = HeaderValue::from_str(&host) {
            self.headers.insert(http::header::HOST, host);
        }
        self.url = url;
    }

    /// The same for reqwest, with the body shared.
    pub(super) fn to_reqwest(&self) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.headers.clone();
        *request.body_mut() = self.body.clone().map(reqwest::Body::from);
        request
    }

    /// The text of an address that answered it.
    pub(super) fn remote(&self, address: SocketAddr) -> String {
        let (first, text) = self.answered.get_or_init(|| (address, address.to_string()));
        if *first == address { text.clone() } else { address.to_string() }
    }

    /// Its method, in capitals.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Keeps so much of the response's body, bytes, for whoever reads more than a report shows.
    pub fn keep_body(&mut self, bytes: usize) {
        self.keep_body = bytes;
    }

    /// The URL it goes to.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// `host` or `host:port` where the port is not the scheme's own.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Does the URL lead to this machine, by a loopback address or a name that stands for one?
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

/// `host:port`, as messages name an endpoint.
pub(super) fn endpoint(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
