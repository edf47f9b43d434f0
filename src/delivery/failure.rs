//! What went wrong on the wire: an outcome, and a message that says what happened, at which stage, with which peer.

use std::io;

use super::attempt::{BODY_MAX, Failure};
use super::coding::CodingError;
use super::tls::{self, ClientCertificate};
use super::wire::{Broken, LONGEST_HEAD, Transfer};
use crate::policy::AttemptOutcome;

/// An exchange that ended before its response's head was whole. `is_kept`: over a connection that had been used before.
pub(super) fn before_body(broken: Broken, is_kept: bool, own: ClientCertificate, to: &str) -> Failure {
    let broken = broken.with_plain_ends(own);
    if let Some(message) = io_error(&broken).and_then(|error| tls::in_use(error, to, own)) {
        return Failure { outcome: AttemptOutcome::TlsError, message };
    }
    let message = match broken {
        Broken::HungUp(error) => {
            let mut message = match error {
                Some(error) => format!("{to} dropped the connection before its response: {}", reason(&error)),
                None => format!("{to} closed the connection before sending a complete response head"),
            };
            if is_kept {
                message.push_str(
                    " (the connection had been kept open after an earlier response; \
                     an endpoint that closes it should say `Connection: close`)",
                );
            }
            message
        }
        Broken::WithinHead(Some(error)) => {
            format!("{to} dropped the connection within its response head: {}", reason(&error))
        }
        Broken::WithinHead(None) => format!("{to} closed the connection before sending a complete response head"),
        Broken::Unprocessed(why) => format!("{to} did not process the request: {why}"),
        Broken::NotHttp(why) => format!("{to} does not speak HTTP: {why}"),
        Broken::NotHttp2 => format!("{to} does not speak HTTP/2: leave out --http2"),
        Broken::HeadTooLarge => {
            format!(
                "{to} sent a response head that is too large: more than {} KiB or 5000 headers",
                LONGEST_HEAD / 1024
            )
        }
        Broken::BadHead(how) => format!("{to} sent a response head {how}"),
        Broken::Http2(how) => format!("the HTTP/2 exchange with {to} failed: {how}"),
        broken @ (Broken::BadBody(_) | Broken::WithinBody(_)) => return in_body(broken, 0, own, to),
    };
    Failure { outcome: AttemptOutcome::ProtocolError, message }
}

/// A response whose body ended early, after `bytes` bytes.
pub(super) fn in_body(broken: Broken, bytes: u64, own: ClientCertificate, to: &str) -> Failure {
    let how = match broken {
        Broken::WithinBody(Some(error)) => tls::in_use(&error, to, own).unwrap_or_else(|| reason(&error)),
        Broken::WithinBody(None) => "the connection was closed".to_owned(),
        Broken::BadBody(how) => how,
        other => return before_body(other, false, own, to),
    };
    let message = format!("the body from {to} ended early, after {bytes} bytes: {how}");
    Failure { outcome: AttemptOutcome::ProtocolError, message }
}

/// A body that its `Content-Encoding` does not fit.
pub(super) fn undecodable(error: &CodingError, bytes: u64, to: &str) -> Failure {
    if matches!(error, CodingError::TooLong(_)) {
        return body_too_long(to);
    }
    let message = format!("the body from {to} can't be decompressed (after {bytes} bytes): {error}");
    Failure { outcome: AttemptOutcome::ProtocolError, message }
}

/// A body over [`BODY_MAX`].
pub(super) fn body_too_long(to: &str) -> Failure {
    let most = BODY_MAX / (1024 * 1024);
    let message =
        format!("{to} sent more than {most} MiB of body (counted after decompression); reading stopped there");
    Failure { outcome: AttemptOutcome::ProtocolError, message }
}

/// Why a request was sent again within an attempt.
pub(super) fn why_resent(broken: &Broken, to: &str) -> String {
    match broken {
        Broken::Unprocessed(why) => format!("{to} did not process the request: {why}"),
        _ => format!("{to} had closed the kept connection before it answered"),
    }
}

/// What an exchange was doing when its limit passed.
pub(super) fn pending(transfer: &Transfer, to: &str) -> String {
    let Transfer { written, to_write, .. } = *transfer;
    if written < to_write {
        return format!("{to} had accepted {written} of {to_write} bytes of the request but sent no response head");
    }
    format!("{to} accepted the request but sent no response head")
}

impl Broken {
    /// TLS that ends unannounced where nothing has come is the end of a connection like any other; unless the server wanted a
    /// certificate, and ended it for want of one.
    fn with_plain_ends(self, own: ClientCertificate) -> Self {
        let is_plain =
            |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof && own != ClientCertificate::Missing;
        match self {
            Self::HungUp(Some(error)) if is_plain(&error) => Self::HungUp(None),
            Self::WithinHead(Some(error)) if is_plain(&error) => Self::WithinHead(None),
            other => other,
        }
    }
}

fn io_error(broken: &Broken) -> Option<&io::Error> {
    match broken {
        Broken::HungUp(error) | Broken::WithinHead(error) | Broken::WithinBody(error) => error.as_ref(),
        _ => None,
    }
}

/// An I/O error in the system's words, without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
