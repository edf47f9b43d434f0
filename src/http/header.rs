//! Header names: who writes which, and which must not reach another host.

/// What decides a header's value, where that is not the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedBy {
    /// The URL. A script's own value overrides it, to address one of several hosts on a server.
    Url,
    /// The body as it is sent. A script's value is dropped: one that differs breaks the request.
    Body,
    /// The connection, and what the client can do on it. A script's value is dropped; HTTP/2 has no such headers (RFC
    /// 9113, 8.2.2).
    Connection,
}

/// The headers that no script needs to write (RFC 9110, RFC 9112): lint reports them (HK205), render and fire treat
/// them as [`ManagedBy`] says.
const MANAGED: [(&str, ManagedBy); 11] = [
    ("host", ManagedBy::Url),
    ("content-length", ManagedBy::Body),
    ("connection", ManagedBy::Connection),
    // The client does not wait for a `100 Continue`.
    ("expect", ManagedBy::Connection),
    ("http2-settings", ManagedBy::Connection),
    ("keep-alive", ManagedBy::Connection),
    ("proxy-connection", ManagedBy::Connection),
    ("te", ManagedBy::Connection),
    ("trailer", ManagedBy::Connection),
    ("transfer-encoding", ManagedBy::Connection),
    ("upgrade", ManagedBy::Connection),
];

/// Headers that are made for one host.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

impl ManagedBy {
    /// Whether a header that a script writes is sent all the same.
    pub fn sends_scripts(self) -> bool {
        self == Self::Url
    }

    /// Whether HTTP/2 has such a header: the host is in `:authority` there.
    pub fn exists_in_http2(self) -> bool {
        self == Self::Body
    }
}

/// What manages that header, if something does.
pub fn managed(name: &str) -> Option<ManagedBy> {
    MANAGED.iter().find(|(managed, _)| managed.eq_ignore_ascii_case(name)).map(|(_, by)| *by)
}

/// Whether that header is made for one host, and must not follow a redirect to another.
pub fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|credential| credential.eq_ignore_ascii_case(name))
}

/// What a header's value can't have, in words; none where it is fine. Bytes beyond ASCII are (they go out as UTF-8).
pub fn flaw(value: &str) -> Option<String> {
    value.chars().find(|c| !is_value_char(*c)).map(|control| match control {
        '\n' | '\r' => "a line break".into(),
        '\0' => "a NUL character".into(),
        other => format!("the control character U+{:04X}", u32::from(other)),
    })
}

/// Whether a header's value can have this character.
pub fn is_value_char(c: char) -> bool {
    !c.is_ascii_control() || c == '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_which() {
        for (name, by, sent, http2) in [
            ("Host", Some(ManagedBy::Url), true, false),
            ("Content-length", Some(ManagedBy::Body), false, true),
            ("EXPECT", Some(ManagedBy::Connection), false, false),
            ("HTTP2-Settings", Some(ManagedBy::Connection), false, false),
            ("TE", Some(ManagedBy::Connection), false, false),
            ("X-Host", None, true, true),
        ] {
            let found = managed(name);
            assert_eq!(found, by, "{name}");
            assert_eq!(found.is_none_or(ManagedBy::sends_scripts), sent, "{name}");
            assert_eq!(found.is_none_or(ManagedBy::exists_in_http2), http2, "{name}");
        }
    }

    #[test]
    fn values_are_one_line() {
        for (value, expected) in [
            ("plain, \"quoted\"; ä\t", None),
            ("a\nb", Some("a line break")),
            ("a\r", Some("a line break")),
            ("\0", Some("a NUL character")),
            ("\u{7f}", Some("the control character U+007F")),
        ] {
            assert_eq!(flaw(value).as_deref(), expected, "{value:?}");
        }
    }

    #[test]
    fn credentials_are_made_for_one_host() {
        assert!(is_credential("COOKIE") && is_credential("authorization") && !is_credential("Accept"));
    }
}
