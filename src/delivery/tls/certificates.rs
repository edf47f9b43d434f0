//! The certificates that a user names, read from PEM files.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::InconsistentKeys::KeyMismatch;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::TlsOptions;
use crate::diagnostic::{Diagnostic, Problems};
use crate::file;

/// The files of [`TlsOptions`], read.
#[derive(Default)]
pub(in crate::delivery) struct Certificates {
    /// Certificates to trust in addition to the platform's roots.
    pub(super) roots: Vec<CertificateDer<'static>>,
    /// The client's own certificate chain and key.
    pub(super) identity: Option<Arc<CertifiedKey>>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("roots", &self.roots.len()).finish_non_exhaustive()
    }
}

impl Certificates {
    /// Reads every file; the error lists what is wrong with each.
    pub(crate) fn read(options: &TlsOptions) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut certificates = Self::default();
        for path in &options.cacert {
            match chain(path, "--cacert") {
                Ok(chain) => certificates.roots.extend(chain),
                Err(diagnostic) => problems.push(diagnostic),
            }
        }
        if let Some(identity) = Identity::named_by(options) {
            match identity.read() {
                Ok(identity) => certificates.identity = Some(Arc::new(identity)),
                Err(diagnostic) => problems.push(diagnostic),
            }
        }
        if problems.is_empty() { Ok(certificates) } else { Err(Problems(problems)) }
    }
}

/// Where the client's own certificate and its key are, with the flags that say so.
struct Identity<'a> {
    certificate: (&'static str, &'a Path),
    key: (&'static str, &'a Path),
}

impl<'a> Identity<'a> {
    fn named_by(options: &'a TlsOptions) -> Option<Self> {
        let certificate = match (&options.client_cert, &options.cert) {
            (Some(path), _) => ("--client-cert", path.as_path()),
            (None, Some(path)) => ("--cert", path.as_path()),
            (None, None) => return None,
        };
        let key = options.key.as_deref().map_or(certificate, |path| ("--key", path));
        Some(Self { certificate, key })
    }

    fn read(&self) -> Result<CertifiedKey, Diagnostic> {
        let (flag, path) = self.certificate;
        let chain = chain(path, flag)?;
        let key = self.private_key()?;
        let (key_flag, key_path) = (self.key.0, self.key.1.display());
        CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(KeyMismatch) => {
                let certificate = path.display();
                let what = format!(
                    "{key_flag}: the private key in `{key_path}` does not match the certificate in `{certificate}`"
                );
                Diagnostic::error(what).help("the first certificate in the file must be the client's own")
            }
            rustls::Error::InvalidCertificate(_) => Diagnostic::error(format!(
                "{flag}: the certificate in `{}` is not an X.509 version 3 certificate",
                path.display()
            )),
            _ => Diagnostic::error(format!(
                "{key_flag}: the private key in `{key_path}` is of a kind that hookctl doesn't support"
            ))
            .help("use an RSA key of 2048 to 4096 bits, an ECDSA key on P-256 or P-384, or an Ed25519 key"),
        })
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, Diagnostic> {
        let (flag, path) = self.key;
        let (shown, bytes) = (path.display(), read(path, flag)?);
        match PrivateKeyDer::from_pem_slice(&bytes) {
            Ok(key) => Ok(key),
            Err(PemError::NoItemsFound) if holds(&bytes, "ENCRYPTED") => {
                Err(Diagnostic::error(format!("{flag}: the private key in `{shown}` is encrypted"))
                    .help(format!("remove its passphrase: `openssl pkey -in {shown} -out key.pem`")))
            }
            Err(PemError::NoItemsFound) if flag == "--key" => {
                Err(Diagnostic::error(format!("{flag}: `{shown}` has no private key")).help(pem_help("PRIVATE KEY")))
            }
            Err(PemError::NoItemsFound) => Err(Diagnostic::error(format!("{flag}: no private key in `{shown}`"))
                .help("name the private key's file with --key, or put the key in the same file as the certificate")),
            Err(error) => Err(not_pem(flag, path, &error)),
        }
    }
}

fn chain(path: &Path, flag: &str) -> Result<Vec<CertificateDer<'static>>, Diagnostic> {
    let bytes = read(path, flag)?;
    let chain = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| not_pem(flag, path, &error))?;
    if chain.is_empty() {
        return Err(
            Diagnostic::error(format!("{flag}: `{}` has no certificate", path.display())).help(pem_help("CERTIFICATE"))
        );
    }
    Ok(chain)
}

fn read(path: &Path, flag: &str) -> Result<Vec<u8>, Diagnostic> {
    file::read(path, file::LARGEST)
        .map_err(|error| Diagnostic::error(format!("{flag}: can't read `{}`: {error}", path.display())))
}

/// A malformed PEM file. The message shows nothing of its content, which may be a private key.
fn not_pem(flag: &str, path: &Path, error: &PemError) -> Diagnostic {
    let why = match error {
        PemError::MissingSectionEnd { .. } => "a section has no `-----END …-----` line",
        PemError::IllegalSectionStart { .. } => "a line that begins with `-----BEGIN` does not end with `-----`",
        PemError::Base64Decode(_) => "a section is not base64",
        _ => "it can't be read as PEM",
    };
    Diagnostic::error(format!("{flag}: `{}` is not a PEM file: {why}", path.display()))
}

fn pem_help(kind: &str) -> String {
    format!(
        "its PEM form begins with `-----BEGIN {kind}-----`; `openssl x509`, `pkey` and `pkcs12` convert other forms to it"
    )
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::generate_simple_self_signed;

    use super::*;

    /// Reads a client's identity from files with these contents.
    fn identity(cert: &str, key: Option<&str>) -> Result<bool, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            path
        };
        let cert = Some(file("cert.pem", cert));
        let key = key.map(|text| file("key.pem", text));
        let options = TlsOptions { cert, key, ..TlsOptions::default() };
        let read = Certificates::read(&options).map(|certificates| certificates.identity.is_some());
        read.map_err(|Problems(problems)| {
            let folder = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
            let told: Vec<_> =
                problems.iter().map(|problem| format!("{} | {}", problem.message, problem.help.join(" | "))).collect();
            told.join("\n").replace(&folder, "")
        })
    }

    #[test]
    fn apart_and_together() {
        let pair = generate_simple_self_signed(["client".to_owned()]).expect("a certificate");
        let (cert, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
        assert_eq!(identity(&cert, Some(&key)), Ok(true));
        assert_eq!(identity(&format!("{cert}{key}"), None), Ok(true));
        assert_eq!(identity(&format!("{key}{cert}"), None), Ok(true));
    }

    #[test]
    fn files_that_will_not_do() {
        let pair = generate_simple_self_signed(["client".to_owned()]).expect("a certificate");
        let other = generate_simple_self_signed(["client".to_owned()]).expect("a certificate");
        let (cert, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
        let refused = |cert: &str, key| identity(cert, key).expect_err("refused");
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let told = [
            refused(&cert, Some(&other.signing_key.serialize_pem())),
            refused(&cert, Some(&cert)),
            refused(&cert, None),
            refused(&key, Some(&cert)),
            refused(&cert, Some(encrypted)),
            refused(&cert, Some("-----BEGIN PRIVATE KEY-----\nAAAA\n")),
            refused(&cert, Some("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")),
            refused("\u{30}\u{82}", Some(&key)),
        ];
        insta::assert_snapshot!(told.join("\n"));
    }
}
