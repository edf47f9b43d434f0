//! The HTTP client, as production's would be: HTTP/1.1 and h2 by ALPN, compressed bodies, proxies, and the means to send a
//! request somewhere else than its URL says.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::connect::{Connector, HttpVersions};
use super::pool::Pool;
use super::tls::TlsOptions;
use crate::diagnostic::{Diagnostic, Problems};
use crate::policy::Resend;

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
    /// Which versions of HTTP are spoken.
    pub versions: HttpVersions,
    /// Each exchange opens a connection of its own, as an event in production that comes alone does.
    pub fresh_connections: bool,
    /// When a request that was lost with a kept connection is sent again.
    pub resend: Resend,
}

/// Where a proxy comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or in lower case.
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
    /// The host, in lower case.
    pub host: String,
    /// The port of the URL.
    pub port: u16,
    /// Where it leads.
    pub address: std::net::IpAddr,
}

impl std::str::FromStr for ResolveOverride {
    type Err = String;

    /// `host:port:addr`; an IPv6 address may be in brackets.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not HOST:PORT:ADDRESS, such as `api.example.com:443:127.0.0.1`");
        let (host, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (port, address) = rest.split_once(':').ok_or_else(wrong)?;
        let address = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
        if host.is_empty() {
            return Err(wrong());
        }
        if host.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(format!("`{host}` is already an address: use `--to` to send elsewhere"));
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port: port.parse().map_err(|_| wrong())?,
            address: address.parse().map_err(|_| wrong())?,
        })
    }
}

/// Sends attempts. Connections are kept and used again.
#[derive(Debug)]
pub struct Client {
    connector: Arc<Connector>,
    pool: Pool,
    resend: Resend,
    opens_anew: bool,
    stays_local: bool,
}

impl Client {
    /// A client.
    ///
    /// # Errors
    /// What is wrong with the options: unreadable certificates, a proxy that is not a URL.
    pub fn new(options: ClientOptions) -> Result<Self, Problems> {
        let (resend, opens_anew) = (options.resend, options.fresh_connections);
        let connector = Arc::new(Connector::new(&options)?);
        Ok(Self { connector, pool: Pool::default(), resend, opens_anew, stays_local: false })
    }

    /// The same, with connections of its own.
    pub(super) fn with_own_pool(&self) -> Self {
        Self { connector: Arc::clone(&self.connector), pool: Pool::default(), ..*self }
    }

    /// Makes ready for requests to that URL, so that the first attempt's time is the endpoint's alone.
    ///
    /// # Errors
    /// Why TLS can't be set up.
    pub fn prepare(&self, url: &Url) -> Result<(), Problems> {
        match self.connector.needs_tls(url) {
            true => self.connector.prepare_tls().map_err(|message| Diagnostic::error(message).into()),
            false => Ok(()),
        }
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// When a request that was lost with its connection is sent again.
    pub(super) fn resend(&self) -> Resend {
        self.resend
    }

    /// Every exchange has a connection of its own.
    pub(super) fn opens_anew(&self) -> bool {
        self.opens_anew
    }

    /// Follows no redirect from this machine to another from now on.
    pub fn stay_local(&mut self) {
        self.stays_local = true;
    }

    pub(super) fn stays_local(&self) -> bool {
        self.stays_local
    }
}
