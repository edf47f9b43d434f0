//! What went wrong on the wire: an outcome and a sentence that says what happened, at which stage, with whom.

use std::error::Error;
use std::io;

use super::attempt::Failure;
use super::result::AttemptOutcome;
use super::trace::{Marks, Stage};

/// A request that got no response.
pub(super) fn before_response(error: &reqwest::Error, marks: &Marks, to: &str) -> Failure {
    let stage = if error.is_dns() { Stage::Resolving } else { marks.stage() };
    if let Some(tls) = cause::<rustls::Error>(error) {
        return failure(AttemptOutcome::TlsError, tls_message(tls, to));
    }
    if !error.is_connect() {
        return broken(error, to);
    }
    match stage {
        Stage::Resolving => {
            let host = to.rsplit_once(':').map_or(to, |(host, _)| host);
            failure(AttemptOutcome::ConnectError, format!("can't resolve the host `{host}`: {}", reason(error)))
        }
        Stage::Handshake => {
            let why = format!("the TLS handshake with {to} failed: {}", reason(error));
            failure(AttemptOutcome::TlsError, why)
        }
        Stage::Connecting | Stage::Waiting => {
            failure(AttemptOutcome::ConnectError, format!("can't connect to {to}: {}", reason(error)))
        }
    }
}

/// A connection that stood, and broke before a response's head was whole.
fn broken(error: &reqwest::Error, to: &str) -> Failure {
    let message = match cause::<hyper::Error>(error) {
        Some(hyper) if hyper.is_incomplete_message() => {
            format!("{to} closed the connection before a whole response head had come")
        }
        Some(hyper) if hyper.is_parse() => format!("{to} does not speak HTTP: {}", reason(error)),
        _ => format!("{to} broke off before its response: {}", reason(error)),
    };
    failure(AttemptOutcome::ProtocolError, message)
}

/// A response whose body broke after so many bytes.
pub(super) fn in_body(error: &reqwest::Error, bytes: u64, to: &str) -> Failure {
    if let Some(tls) = cause::<rustls::Error>(error) {
        return failure(AttemptOutcome::TlsError, tls_message(tls, to));
    }
    let what = match cause::<hyper::Error>(error) {
        Some(_) => format!("the body from {to} broke off after {bytes} bytes"),
        None => format!("the body from {to} can't be decompressed (after {bytes} bytes)"),
    };
    failure(AttemptOutcome::ProtocolError, format!("{what}: {}", reason(error)))
}

/// What an attempt was doing when its limit passed.
pub(super) fn pending(stage: Stage, to: &str) -> String {
    match stage {
        Stage::Resolving => format!("the name of {to} was still being resolved"),
        Stage::Connecting => format!("still connecting to {to}"),
        Stage::Handshake => format!("the TLS handshake with {to} was not over"),
        Stage::Waiting => format!("{to} took the request and sent no response head"),
    }
}

fn failure(outcome: AttemptOutcome, message: String) -> Failure {
    Failure { outcome, message }
}

fn tls_message(error: &rustls::Error, to: &str) -> String {
    use rustls::CertificateError as Certificate;
    use rustls::Error::{InvalidCertificate, InvalidMessage};
    match error {
        InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            format!("the certificate of {to} has expired ({error})")
        }
        InvalidCertificate(Certificate::NotValidForName | Certificate::NotValidForNameContext { .. }) => {
            format!("the certificate of {to} is for another name ({error})")
        }
        InvalidCertificate(Certificate::UnknownIssuer | Certificate::Other(_)) => {
            format!(
                "the certificate of {to} is not from an issuer that is trusted ({error}); --cacert FILE trusts one more"
            )
        }
        InvalidCertificate(_) => format!("the certificate of {to} is not valid ({error})"),
        InvalidMessage(_) => format!("{to} does not speak TLS ({error})"),
        _ => format!("the TLS handshake with {to} failed: {error}"),
    }
}

/// The first cause of that type, looked for inside I/O errors too.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        // An I/O error hides what it wraps from `source`, and shows only that one's own source.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The innermost cause in its own words, without the errno.
fn reason(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    loop {
        let next = match innermost.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => innermost.source(),
        };
        match next {
            Some(next) => innermost = next,
            None => break,
        }
    }
    let text = innermost.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.strip_prefix("failed to lookup address information: ").unwrap_or(text).to_owned()
}
