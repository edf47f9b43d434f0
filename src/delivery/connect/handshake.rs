//! The TLS handshake over a connection, and what is said where TLS fails.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::ConnectError;
use super::stream::Transport;
use crate::delivery::tls::{self, ClientCertificate};

/// A TLS handshake with `host`, which messages call `to`.
pub(super) async fn handshake(
    config: Arc<ClientConfig>,
    transport: Transport,
    host: &Host<String>,
    to: &str,
) -> Result<(TlsStream<Transport>, ClientCertificate), ConnectError> {
    let has_own = config.client_auth_cert_resolver.has_certs();
    let name = server_name(host).ok_or_else(|| {
        ConnectError::tls(format!(
            "`{host}` can't be used with TLS: each part of a host name has 1 to 63 letters, digits, `-` or `_`"
        ))
    })?;
    let connecting = TlsConnector::from(config).connect(name, transport).into_fallible();
    let (connected, asked) = tls::noticing_requests(connecting).await;
    let own = match (asked, has_own) {
        (false, _) => ClientCertificate::NotAsked,
        (true, false) => ClientCertificate::Missing,
        (true, true) => ClientCertificate::Presented,
    };
    match connected {
        Ok(stream) => Ok((stream, own)),
        Err((error, transport)) => Err(ConnectError::tls(tls::in_handshake(&error, to, own, transport.beginning()))),
    }
}

/// The name that a certificate has to be for, without the dot of the root.
fn server_name(host: &Host<String>) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned()).ok(),
        Host::Ipv4(address) => Some(IpAddr::from(*address).into()),
        Host::Ipv6(address) => Some(IpAddr::from(*address).into()),
    }
}
