//! TLS as the client speaks it: rustls with ring, the platform's roots, and the three things a user can change about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::Error::InvalidCertificate;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Resumption, verify_server_name};
use rustls::client::{Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, NamedGroup, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::trace::Trace;
use crate::diagnostic::{Diagnostic, Problems};

/// What `--insecure`, `--cacert` and `--client-cert` say.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    /// Accept any certificate.
    pub insecure: bool,
    /// PEM files with certificates to trust besides the platform's.
    pub cacert: Vec<PathBuf>,
    /// A PEM file with the client's own certificate chain and private key.
    pub client_cert: Option<PathBuf>,
}

/// The files of [`TlsOptions`], read.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    roots: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Certificates {
    /// Reads every file, or says of each what is wrong with it.
    pub fn read(options: &TlsOptions) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut certificates = Self::default();
        for path in &options.cacert {
            match chain(path, "--cacert") {
                Ok(chain) => certificates.roots.extend(chain),
                Err(diagnostic) => problems.push(diagnostic),
            }
        }
        if let Some(path) = &options.client_cert {
            match chain(path, "--client-cert").and_then(|chain| Ok((chain, private_key(path)?))) {
                Ok(identity) => certificates.identity = Some(identity),
                Err(diagnostic) => problems.push(diagnostic),
            }
        }
        if problems.is_empty() { Ok(certificates) } else { Err(Problems(problems)) }
    }
}

fn chain(path: &Path, flag: &str) -> Result<Vec<CertificateDer<'static>>, Diagnostic> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|e| Diagnostic::error(format!("{flag}: can't read `{shown}`: {e}")))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|e| Diagnostic::error(format!("{flag}: `{shown}` is not a PEM file: {e}")))?;
    if chain.is_empty() {
        return Err(Diagnostic::error(format!("{flag}: `{shown}` holds no certificate"))
            .help("a certificate in PEM form begins with `-----BEGIN CERTIFICATE-----`"));
    }
    Ok(chain)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Diagnostic> {
    PrivateKeyDer::from_pem_file(path).map_err(|e| {
        Diagnostic::error(format!("--client-cert: no private key in `{}`: {e}", path.display()))
            .help("put the certificate chain and its private key into one PEM file")
    })
}

/// The client's TLS settings, ALPN for h2 and HTTP/1.1 included.
pub(super) fn config(certificates: &Certificates, insecure: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = if insecure {
        Arc::new(AcceptAny(Arc::clone(&provider)))
    } else {
        let roots = Verifier::new_with_extra_roots(certificates.roots.iter().cloned(), Arc::clone(&provider))?;
        Arc::new(Trusting { roots, own: certificates.roots.clone() })
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &certificates.identity {
        Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key())?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = Resumption::store(Arc::new(MarkingSessions(ClientSessionMemoryCache::new(256))));
    Ok(config)
}

/// The platform's roots and `--cacert`'s. A certificate that is itself in `--cacert` will do for its own server too, as it
/// does for other clients: `openssl req -x509` makes an authority of every self-signed one, which no server should be.
#[derive(Debug)]
struct Trusting {
    roots: Verifier,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.roots.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // Neither expired, which has its own error, nor from an unknown issuer.
            Err(InvalidCertificate(CertificateError::Other(_))) if self.own.contains(certificate) => {
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
        self.roots.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.roots.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.roots.supported_verify_schemes()
    }
}

/// `--insecure`: any certificate will do, but the handshake's signatures still have to hold.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// rustls asks its session store for a hint as it makes the ClientHello: the moment at which TCP stands and TLS begins.
#[derive(Debug)]
struct MarkingSessions(ClientSessionMemoryCache);

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
