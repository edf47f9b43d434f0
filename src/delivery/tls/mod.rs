//! TLS as the client speaks it: rustls with ring, the platform's roots, and what a user can change about it.

mod certificates;
mod failure;

pub(super) use certificates::Certificates;
pub(super) use failure::{in_handshake, in_use};

use std::cell::Cell;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::Error::InvalidCertificate;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// What `--insecure`, `--cacert`, `--client-cert`, `--cert` and `--key` say.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    /// Accept any certificate.
    pub insecure: bool,
    /// PEM files with certificates to trust in addition to the platform's.
    pub cacert: Vec<PathBuf>,
    /// A PEM file with the client's own certificate chain and private key.
    pub client_cert: Option<PathBuf>,
    /// A PEM file with the client's own certificate chain, and its private key unless `key` is given.
    pub cert: Option<PathBuf>,
    /// A PEM file with that certificate's private key.
    pub key: Option<PathBuf>,
}

/// Whether a client certificate was requested and presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientCertificate {
    /// The server asked for none.
    NotAsked,
    /// The server asked for one, and there was none to present.
    Missing,
    /// The server asked for one, and got it.
    Presented,
}

/// How many servers' sessions are kept for resumption.
const SESSIONS: usize = 256;

/// The client's TLS settings, with its own certificate or without, and with the protocols to offer by ALPN.
///
/// # Errors
/// A sentence: why there can be no TLS.
pub(super) fn config(
    certificates: &Certificates,
    own_certificate: bool,
    insecure: bool,
    alpn: &[&str],
) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trust = if insecure {
        Trust::Any
    } else {
        let roots = Verifier::new_with_extra_roots(certificates.roots.iter().cloned(), Arc::clone(&provider));
        Trust::Known { roots: roots.map_err(|error| no_tls(&error))?, own: certificates.roots.clone() }
    };
    let verifier = Arc::new(ServerVerifier { trust, algorithms: provider.signature_verification_algorithms });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| no_tls(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let own = OwnCertificate(certificates.identity.clone().filter(|_| own_certificate));
    let mut config = builder.with_client_cert_resolver(Arc::new(own));
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config.resumption = Resumption::in_memory_sessions(SESSIONS);
    Ok(config)
}

fn no_tls(error: &rustls::Error) -> String {
    match error {
        // The platform's verifier has no error of its own for it.
        rustls::Error::General(why) if why.starts_with("No CA certificates") => {
            "can't set up TLS: this system has no CA certificates to verify servers with: install them (the package \
             `ca-certificates`), or name some with --cacert FILE"
                .into()
        }
        _ => format!("can't set up TLS: {error}"),
    }
}

/// Verifies a server's certificate as far as `trust` asks, and always the signatures of its handshake.
#[derive(Debug)]
struct ServerVerifier {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
}

/// Which servers' certificates are accepted.
#[derive(Debug)]
enum Trust {
    /// `--insecure`: any.
    Any,
    /// Those by the platform's roots and `--cacert`'s. A certificate that is itself in `--cacert` will do for its own server
    /// too, as it does for other clients: `openssl req -x509` makes an authority of every self-signed one, which no server
    /// should be.
    Known { roots: Verifier, own: Vec<CertificateDer<'static>> },
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Trust::Known { roots, own } = &self.trust else { return Ok(ServerCertVerified::assertion()) };
        match roots.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // Neither expired, which has its own error, nor from an unknown issuer.
            Err(InvalidCertificate(CertificateError::Other(_))) if own.contains(certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

tokio::task_local! {
    /// Did the server of the handshake under way ask for a client certificate?
    static ASKED: Cell<bool>;
}

/// Runs a handshake, and tells whether the server asked for a client certificate meanwhile.
pub(super) async fn noticing_requests<F: Future>(handshake: F) -> (F::Output, bool) {
    ASKED
        .scope(Cell::new(false), async {
            let output = handshake.await;
            (output, ASKED.with(Cell::get))
        })
        .await
}

/// The client's own certificate, presented to every server that asks for one.
#[derive(Debug)]
struct OwnCertificate(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for OwnCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // Ignored outside of a watched handshake.
        let _ = ASKED.try_with(|asked| asked.set(true));
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}
