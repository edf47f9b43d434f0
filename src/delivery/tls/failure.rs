//! Messages about TLS failures: what happened, and what to do.

use std::io;

use rustls::Error::{
    AlertReceived, InvalidCertificate, InvalidMessage, NoApplicationProtocol, NoCertificatesPresented,
    PeerIncompatible, PeerMisbehaved,
};
use rustls::PeerIncompatible as Incompatible;
use rustls::{AlertDescription as Alert, CertificateError as Certificate};

use super::ClientCertificate;
use crate::text::list;

/// Why a handshake with `to` (`host:port`) failed. `first` is how the peer's answer begins.
pub(in crate::delivery) fn in_handshake(error: &io::Error, to: &str, own: ClientCertificate, first: &[u8]) -> String {
    match tls_cause(error) {
        Some(InvalidMessage(_)) if first.starts_with(b"HTTP/") => {
            format!("{to} speaks plain HTTP, not TLS: use `http://` in its URL, or the port that speaks TLS")
        }
        Some(tls) => tls_failure(tls, to, own),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("{to} closed the connection during the TLS handshake{}", without_certificate(own))
        }
        None => {
            let why = error.to_string();
            let why = why.split(" (os error").next().unwrap_or(&why);
            format!("the TLS handshake with {to} failed: {why}{}", without_certificate(own))
        }
    }
}

/// The message for an open connection that failed in TLS; none if TLS is not the cause.
pub(in crate::delivery) fn in_use(error: &io::Error, to: &str, own: ClientCertificate) -> Option<String> {
    if let Some(tls) = tls_cause(error) {
        return Some(tls_failure(tls, to, own));
    }
    // Nothing else reports the end of a connection as an error.
    (error.kind() == io::ErrorKind::UnexpectedEof).then(|| {
        format!(
            "{to} closed the TLS connection without announcing it (no close_notify), so what it sent may be incomplete: \
             end it with a TLS shutdown, or send a Content-Length{}",
            without_certificate(own)
        )
    })
}

fn tls_cause(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn without_certificate(own: ClientCertificate) -> String {
    match own {
        ClientCertificate::Missing => {
            format!("; it asks for a client certificate, and none was presented: {PRESENT_ONE}")
        }
        ClientCertificate::NotAsked | ClientCertificate::Presented => String::new(),
    }
}

const PRESENT_ONE: &str = "present one with --client-cert FILE, or with --cert FILE and --key FILE";

const IN_COMMON: &str = "hookctl speaks TLS 1.2 and 1.3 with ECDHE (X25519, P-256 or P-384) and certificates for RSA keys (2048 \
bits or more), ECDSA keys (P-256 or P-384) or Ed25519 keys: allow one of each on the server, which may be limited to DHE, to \
RSA key exchange or to P-521";

const VERSIONS: &str = "supports no TLS version that hookctl speaks: allow TLS 1.2 or 1.3 on the server";

/// Why TLS with `to` failed.
fn tls_failure(error: &rustls::Error, to: &str, own: ClientCertificate) -> String {
    match error {
        InvalidCertificate(why) => certificate(why, to),
        AlertReceived(alert) => refused(*alert, to, own),
        InvalidMessage(_) => format!("{to} does not speak TLS: its answer is not a TLS record; check scheme and port"),
        NoApplicationProtocol => no_http_version(to),
        NoCertificatesPresented => format!("{to} presented no certificate"),
        PeerIncompatible(why) => incompatible(why, to),
        PeerMisbehaved(why) => {
            format!("{to} violates the TLS protocol ({}): this is a bug in the server", spaced(&format!("{why:?}")))
        }
        _ => format!("TLS with {to} failed: {error}"),
    }
}

fn incompatible(why: &Incompatible, to: &str) -> String {
    match why {
        Incompatible::ServerDoesNotSupportTls12Or13
        | Incompatible::ServerTlsVersionIsDisabledByOurConfig
        | Incompatible::Tls12NotOffered
        | Incompatible::Tls12NotOfferedOrEnabled => format!("{to} {VERSIONS}"),
        Incompatible::NoCertificateRequestSignatureSchemesInCommon => {
            format!("{to} asks for a client certificate with a signature that hookctl can't make")
        }
        Incompatible::NoCipherSuitesInCommon
        | Incompatible::NoKxGroupsInCommon
        | Incompatible::NoSignatureSchemesInCommon
        | Incompatible::NoEcPointFormatsInCommon => nothing_in_common(to),
        _ => format!("{to} and hookctl can't agree on TLS ({}): {IN_COMMON}", spaced(&format!("{why:?}"))),
    }
}

fn nothing_in_common(to: &str) -> String {
    format!("{to} has no key exchange, cipher suite or kind of certificate in common with hookctl: {IN_COMMON}")
}

/// The peer ended it with an alert.
fn refused(alert: Alert, to: &str, own: ClientCertificate) -> String {
    let named = match alert {
        Alert::Unknown(number) => number.to_string(),
        known => spaced(&format!("{known:?}")),
    };
    let about_certificates = matches!(
        alert,
        Alert::CertificateRequired
            | Alert::HandshakeFailure
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError
    );
    match (alert, own) {
        (Alert::CertificateRequired, _) | (_, ClientCertificate::Missing) if about_certificates => {
            format!("{to} requires a client certificate (its alert: {named}): {PRESENT_ONE}")
        }
        (_, ClientCertificate::Presented) if about_certificates => format!(
            "{to} does not accept the client certificate (its alert: {named}): check that it is one that the server trusts, \
             that it has not expired, and that the file holds its intermediate certificates"
        ),
        (Alert::HandshakeFailure | Alert::InsufficientSecurity, _) => nothing_in_common(to),
        (Alert::ProtocolVersion, _) => format!("{to} {VERSIONS}"),
        (Alert::NoApplicationProtocol, _) => no_http_version(to),
        (Alert::UnrecognisedName, _) => format!("{to} has no certificate for that host name (its alert: {named})"),
        (Alert::InternalError, _) => {
            format!("{to} had an internal TLS error (its alert: {named}): see the server's log")
        }
        _ => format!("{to} ended TLS with the alert: {named}"),
    }
}

fn no_http_version(to: &str) -> String {
    format!("{to} speaks none of the HTTP versions offered: leave out --http2 or --http1.1")
}

fn certificate(why: &Certificate, to: &str) -> String {
    let of = format!("the certificate of {to}");
    match why {
        Certificate::ExpiredContext { not_after, .. } => {
            format!("{of} has expired{}", day(not_after.as_secs()))
        }
        Certificate::Expired => format!("{of} has expired"),
        Certificate::NotValidYetContext { not_before, .. } => {
            format!("{of} is not valid yet{}: check the clocks", day(not_before.as_secs()))
        }
        Certificate::NotValidYet => format!("{of} is not valid yet: check the clocks"),
        Certificate::NotValidForNameContext { expected, presented } => {
            let expected = expected.to_str();
            format!("{of} is for another name: it {}, not `{expected}`", names(presented))
        }
        Certificate::NotValidForName => format!("{of} is for another name"),
        Certificate::UnknownIssuer => {
            format!("{of} is self-signed or from an untrusted issuer; --cacert FILE trusts it")
        }
        Certificate::Revoked => format!("{of} has been revoked"),
        Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => not_for_servers(&of),
        Certificate::BadEncoding => format!("{of} is not encoded as X.509 requires"),
        Certificate::UnhandledCriticalExtension => format!("{of} has a critical extension that hookctl does not know"),
        Certificate::BadSignature => {
            format!(
                "{of} has a signature that can't be verified: an untrusted issuer has the name of a trusted one, or an RSA \
                 key has less than 2048 bits; --cacert FILE trusts another certificate"
            )
        }
        Certificate::Other(why) => other(&why.to_string(), &of),
        _ if format!("{why:?}").starts_with("UnsupportedSignatureAlgorithm") => {
            format!("{of} uses a signature algorithm that hookctl does not support: {IN_COMMON}")
        }
        _ => format!("{of} is not valid ({})", spaced(&format!("{why:?}"))),
    }
}

fn not_for_servers(of: &str) -> String {
    format!("{of} is not for servers: its extended key usage lacks serverAuth")
}

/// Certificate errors that only the platform's verifier has.
fn other(why: &str, of: &str) -> String {
    match why {
        "CaUsedAsEndEntity" => format!("{of} is self-signed and not trusted; --cacert FILE trusts it"),
        "certificate had invalid extensions" => not_for_servers(of),
        "UnsupportedCertVersion" => format!(
            "{of} is of X.509 version 1, which hookctl can't check, not even with --insecure: issue one of version 3 \
             (with a subjectAltName extension, openssl makes one)"
        ),
        _ => format!("{of} is not trusted ({}); --cacert FILE trusts it", spaced(why)),
    }
}

/// The names that a certificate has, given as `DnsName("a.example.com")`.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 5;
    let name = |text: &String| match text.split_once('(') {
        Some((_, inner)) => format!("`{}`", inner.trim_end_matches(')').trim_matches('"')),
        None => format!("`{text}`"),
    };
    let more = presented.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("{more} more"));
    match presented {
        [] => "has no name in its subjectAltName extension".into(),
        _ => format!("names {}", list::and(presented.iter().take(SHOWN).map(name).chain(more))),
    }
}

/// ` (2026-11-28)`: the day of a moment in seconds since 1970; nothing where there is no such day.
fn day(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.map(|moment| format!(" ({})", moment.strftime("%Y-%m-%d"))).unwrap_or_default()
}

/// A library's name for an error, as words: `HandshakeFailure` as `handshake failure`, `UnknownCA` as `unknown CA`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    let mut letters = name.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let begins = letter.is_uppercase() && before.is_some_and(|before: char| !before.is_uppercase());
        if begins {
            words.push(' ');
        }
        let alone = !letters.peek().is_some_and(|next| next.is_uppercase());
        if (begins || before.is_none()) && alone {
            words.extend(letter.to_lowercase())
        } else {
            words.push(letter)
        }
        before = Some(letter);
    }
    words
}

#[cfg(test)]
mod tests {
    use ClientCertificate::{Missing, NotAsked, Presented};

    use super::*;

    fn said(error: rustls::Error, own: ClientCertificate) -> String {
        in_use(&io::Error::new(io::ErrorKind::InvalidData, error), "api.example.com:443", own).expect("TLS")
    }

    #[test]
    fn alerts() {
        let alerts = [
            (Alert::HandshakeFailure, NotAsked),
            (Alert::HandshakeFailure, Missing),
            (Alert::BadCertificate, Missing),
            (Alert::CertificateRequired, NotAsked),
            (Alert::UnknownCA, Presented),
            (Alert::UnknownCA, NotAsked),
            (Alert::ProtocolVersion, NotAsked),
            (Alert::NoApplicationProtocol, Missing),
            (Alert::UnrecognisedName, NotAsked),
            (Alert::InternalError, NotAsked),
            (Alert::Unknown(200), NotAsked),
        ];
        let told = alerts.map(|(alert, own)| format!("{alert:?}, {own:?}: {}", said(AlertReceived(alert), own)));
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn peers_and_certificates() {
        let other = |why: &'static str| {
            let why: Box<dyn std::error::Error + Send + Sync> = why.into();
            InvalidCertificate(Certificate::Other(rustls::OtherError(std::sync::Arc::from(why))))
        };
        let errors = [
            InvalidMessage(rustls::InvalidMessage::InvalidContentType),
            PeerIncompatible(Incompatible::ServerDoesNotSupportTls12Or13),
            PeerIncompatible(Incompatible::NoKxGroupsInCommon),
            PeerMisbehaved(rustls::PeerMisbehaved::SelectedUnofferedCipherSuite),
            InvalidCertificate(Certificate::BadSignature),
            InvalidCertificate(Certificate::ApplicationVerificationFailure),
            other("CaUsedAsEndEntity"),
            other("UnsupportedCertVersion"),
            other("NameConstraintViolation"),
        ];
        insta::assert_snapshot!(errors.map(|error| said(error, NotAsked)).join("\n"));
    }

    #[test]
    fn an_end_without_close_notify() {
        let error = io::Error::new(io::ErrorKind::UnexpectedEof, "… https://docs.rs/rustls/…");
        let told = in_use(&error, "h:443", NotAsked).expect("TLS");
        assert!(told.starts_with("h:443 closed the TLS connection") && !told.contains("http"), "{told}");
        assert_eq!(in_use(&io::ErrorKind::ConnectionReset.into(), "h:443", NotAsked), None);
    }

    #[test]
    fn names_as_words() {
        for (name, words) in
            [("HandshakeFailure", "handshake failure"), ("UnknownCA", "unknown CA"), ("Other", "other")]
        {
            assert_eq!(spaced(name), words);
        }
    }

    #[test]
    fn names_of_a_certificate() {
        let presented = |names: &[&str]| names.iter().map(|name| format!("DnsName({name:?})")).collect::<Vec<_>>();
        assert_eq!(names(&presented(&["a.test", "*.b.test"])), "names `a.test` and `*.b.test`");
        assert_eq!(names(&[]), "has no name in its subjectAltName extension");
        assert_eq!(names(&presented(&["a"; 9])), "names `a`, `a`, `a`, `a`, `a` and 4 more");
        assert_eq!(names(&["IpAddress(127.0.0.1)".into()]), "names `127.0.0.1`");
    }
}
