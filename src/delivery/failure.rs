//! What went wrong on the wire: an outcome and a sentence that says what happened, at which stage, with whom.

use std::error::Error;
use std::io;

use super::attempt::Failure;
use super::trace::{Marks, Stage};
use crate::policy::AttemptOutcome;

/// A request that got no response.
pub(super) fn before_response(error: &reqwest::Error, marks: &Marks, to: &str) -> Failure {
    let stage = if error.is_dns() { Stage::Resolving } else { marks.stage() };
    if let Some(tls) = cause::<rustls::Error>(error) {
        return failure(AttemptOutcome::TlsError, tls_message(tls, to));
    }
    if !error.is_connect() {
        return broken(error, marks, to);
    }
    match stage {
        Stage::Resolving => {
            let host = marks.name().or(to.rsplit_once(':').map(|(host, _)| host)).unwrap_or(to);
            failure(AttemptOutcome::ConnectError, format!("can't resolve the host `{host}`: {}", reason(error)))
        }
        Stage::Handshake => {
            let why = format!("the TLS handshake with {to} failed: {}", reason(error));
            failure(AttemptOutcome::TlsError, why)
        }
        Stage::Connecting | Stage::Waiting if is_out_of_sockets(error) => {
            let why = format!("no socket is left to connect to {to} with: {}", reason(error));
            let help = "raise the limit of open files (`ulimit -n`), or lower --concurrency";
            failure(AttemptOutcome::ConnectError, format!("{why}; {help}"))
        }
        Stage::Connecting | Stage::Waiting => {
            failure(AttemptOutcome::ConnectError, format!("can't connect to {to}: {}", reason(error)))
        }
    }
}

/// A connection that stood, and broke before a response's head was whole.
fn broken(error: &reqwest::Error, marks: &Marks, to: &str) -> Failure {
    let why = reason(error);
    let why = why.strip_suffix(" parsed").unwrap_or(&why);
    let mut message = match cause::<hyper::Error>(error) {
        Some(hyper) if hyper.is_incomplete_message() => {
            format!("{to} closed the connection before a whole response head had come")
        }
        Some(hyper) if hyper.is_parse_too_large() => {
            format!("{to} sends a response head that is too large: more than 100 headers or about 400 KiB")
        }
        Some(hyper) if hyper.is_parse() && why.contains("HTTP version") => format!("{to} does not speak HTTP: {why}"),
        Some(hyper) if hyper.is_parse() => format!("{to} sends a response head that is not HTTP: {why}"),
        Some(_) if why.contains("unexpected message") => {
            format!("{to} speaks before it is asked, as no HTTP server does")
        }
        _ => format!("{to} broke off before its response: {why}"),
    };
    if marks.is_reused() && is_hang_up(error) {
        message.push_str(
            " (the connection had been kept open after an earlier response; \
             an endpoint that closes it should say `Connection: close`)",
        );
    }
    failure(AttemptOutcome::ProtocolError, message)
}

/// The peer closed or reset the connection before it answered.
pub(super) fn is_hang_up(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    let closed = |io: &io::Error| matches!(io.kind(), BrokenPipe | ConnectionAborted | ConnectionReset);
    cause::<hyper::Error>(error).is_some_and(|hyper| hyper.is_incomplete_message() || hyper.is_closed())
        || cause::<io::Error>(error).is_some_and(closed)
}

/// This process may not open more files: `EMFILE`, and what Windows calls it. No `ErrorKind` says so.
fn is_out_of_sockets(error: &reqwest::Error) -> bool {
    cause::<io::Error>(error).is_some_and(|io| matches!(io.raw_os_error(), Some(24 | 10024)))
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
        InvalidCertificate(Certificate::UnknownIssuer) => {
            format!(
                "the certificate of {to} is not from an issuer that is trusted ({error}); --cacert FILE trusts one more"
            )
        }
        InvalidCertificate(Certificate::Other(why)) if why.to_string() == "CaUsedAsEndEntity" => {
            format!("the certificate of {to} is self-signed and not trusted; --cacert FILE trusts it")
        }
        InvalidCertificate(Certificate::Other(why)) => {
            format!("the certificate of {to} is not one that is trusted ({why}); --cacert FILE trusts one more")
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
