//! A proxy's URL, read so that no part of its password can get into a message.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use url::Host;

use super::ProxyUrlError;

/// SOCKS has one byte for the length of a user name and of a password.
const SOCKS_MAX: usize = 255;

/// One proxy. It is shown as `host:port`.
#[derive(Debug, Clone)]
pub(in crate::delivery) struct Proxy {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Its host.
    pub host: Host<String>,
    /// Its port.
    pub port: u16,
    /// User name and password.
    pub credentials: Option<Credentials>,
    /// The flag or the variable that names it.
    pub source: &'static str,
}

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::delivery) enum Protocol {
    /// HTTP: `CONNECT` for https, whole URLs for http.
    Http,
    /// The same over TLS.
    Https,
    /// SOCKS 4: an IPv4 address, resolved here.
    Socks4,
    /// SOCKS 4a: the proxy resolves.
    Socks4a,
    /// SOCKS 5: an address, resolved here.
    Socks5,
    /// SOCKS 5: the proxy resolves.
    Socks5h,
}

/// A proxy's credentials. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::delivery) struct Credentials {
    /// The user name.
    pub user: Vec<u8>,
    /// The password.
    pub password: Vec<u8>,
}

impl Credentials {
    /// The value of `Proxy-Authorization`.
    pub(crate) fn basic(&self) -> String {
        format!("Basic {}", BASE64_STANDARD.encode([&self.user[..], b":", &self.password].concat()))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Protocol {
    fn of(scheme: &str) -> Option<Self> {
        Some(match scheme.to_ascii_lowercase().as_str() {
            "http" => Protocol::Http,
            "https" => Protocol::Https,
            "socks4" => Protocol::Socks4,
            "socks4a" => Protocol::Socks4a,
            "socks" | "socks5" => Protocol::Socks5,
            "socks5h" => Protocol::Socks5h,
            _ => return None,
        })
    }

    fn default_port(self) -> u16 {
        match self {
            Protocol::Http => 80,
            Protocol::Https => 443,
            Protocol::Socks4 | Protocol::Socks4a | Protocol::Socks5 | Protocol::Socks5h => 1080,
        }
    }

    fn is_socks(self) -> bool {
        !matches!(self, Protocol::Http | Protocol::Https)
    }
}

impl Proxy {
    /// What is wrong with its credentials where it asks for others: the end of "answered 407: …".
    pub(crate) fn wanted_credentials(&self) -> String {
        match self.credentials {
            Some(_) => "it does not accept the user name and password in its URL".to_owned(),
            None => format!("it requires a user name and password, as in `http://user:password@{self}`"),
        }
    }

    /// Reads `[scheme://][user:password@]host[:port][/]`. The password may hold `@` and `:`, not `/`, `?` or `#`: where one of
    /// these cuts it off, nobody can know whether what follows is a host.
    pub(crate) fn parse(url: &str, source: &'static str) -> Result<Self, ProxyUrlError> {
        let (protocol, rest) = scheme(url.trim())?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if path.contains('@') {
            return Err(ProxyUrlError::helped(
                "its user name or password has a `/`, `?` or `#` that is not percent-encoded",
                "write `/` as `%2F`, `?` as `%3F` and `#` as `%23`",
            ));
        }
        if path.contains(['?', '#']) {
            return Err(ProxyUrlError::new("it has a `?` or `#` after the port"));
        }
        let (userinfo, address) = match authority.rsplit_once('@') {
            Some((userinfo, address)) => (Some(userinfo), address),
            None => (None, authority),
        };
        let (host, port) = host_and_port(address)?;
        let credentials = userinfo.and_then(credentials);
        if let (true, Some(credentials)) = (protocol.is_socks(), &credentials) {
            socks_can_send(credentials)?;
        }
        Ok(Self { protocol, host, port: port.unwrap_or(protocol.default_port()), credentials, source })
    }
}

/// The protocol that a URL's scheme names, and what follows it.
fn scheme(url: &str) -> Result<(Protocol, &str), ProxyUrlError> {
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    match url.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => {
            let help = "hookctl knows http, https, socks4, socks4a, socks5 and socks5h";
            let unknown = || format!("`{}` is not a proxy protocol", scheme.to_ascii_lowercase());
            Ok((Protocol::of(scheme).ok_or_else(|| ProxyUrlError::helped(unknown(), help))?, rest))
        }
        _ => Ok((Protocol::Http, url)),
    }
}

fn host_and_port(address: &str) -> Result<(Host<String>, Option<u16>), ProxyUrlError> {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    };
    if host.is_empty() {
        return Err(ProxyUrlError::new("it has no host"));
    }
    let port = port.filter(|port| !port.is_empty()).map(|port| match port.parse() {
        Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
        _ => Err(ProxyUrlError::new("its last `:` is not followed by a port from 1 to 65535")),
    });
    let host = Host::parse(host).map_err(|_| ProxyUrlError::new("its host is neither a host name nor an address"))?;
    Ok((host, port.transpose()?))
}

fn credentials(userinfo: &str) -> Option<Credentials> {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    (!userinfo.is_empty()).then(|| Credentials { user: decoded(user), password: decoded(password) })
}

fn socks_can_send(credentials: &Credentials) -> Result<(), ProxyUrlError> {
    if credentials.user.len() > SOCKS_MAX || credentials.password.len() > SOCKS_MAX {
        return Err(ProxyUrlError::helped(
            "its user name or password is longer than 255 bytes",
            "SOCKS allows at most 255 bytes: use a shorter one",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Proxy {
        Proxy::parse(url, "--proxy").unwrap_or_else(|error| panic!("{url}: {error:?}"))
    }

    #[test]
    fn urls() {
        use Protocol::{Http, Https, Socks4, Socks4a, Socks5, Socks5h};
        for (url, protocol, address) in [
            ("http://p:8080", Http, "p:8080"),
            ("p:8080", Http, "p:8080"),
            (" p ", Http, "p:80"),
            ("http://p:/", Http, "p:80"),
            ("HTTP://P:8080/some/path", Http, "p:8080"),
            ("https://p", Https, "p:443"),
            ("socks4://1.2.3.4", Socks4, "1.2.3.4:1080"),
            ("socks4a://p:1", Socks4a, "p:1"),
            ("socks5://p:1080", Socks5, "p:1080"),
            ("socks5h://me:pw@p", Socks5h, "p:1080"),
            ("http://[::1]:3128", Http, "[::1]:3128"),
            ("[::1]", Http, "[::1]:80"),
        ] {
            let proxy = parsed(url);
            assert_eq!((proxy.protocol, proxy.to_string().as_str()), (protocol, address), "{url}");
        }
    }

    #[test]
    fn user_names_and_passwords() {
        for (userinfo, user, password) in [
            ("bob:hunter2", "bob", "hunter2"),
            ("bob", "bob", ""),
            (":hunter2", "", "hunter2"),
            ("bob:hun:t@er2", "bob", "hun:t@er2"),
            ("b%40b:%23%2f%3f%40%zz", "b@b", "#/?@%zz"),
            (r"CORP\bob:hunter2", r"CORP\bob", "hunter2"),
        ] {
            let credentials = parsed(&format!("http://{userinfo}@p:1")).credentials.expect("credentials");
            let texts = [credentials.user, credentials.password].map(|bytes| String::from_utf8(bytes).expect("text"));
            assert_eq!(texts, [user, password], "{userinfo}");
        }
        assert!(parsed("http://@p:1").credentials.is_none());
        let credentials = parsed("http://Aladdin:open%20sesame@p").credentials.expect("credentials");
        assert_eq!(credentials.basic(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn no_part_of_a_password_is_told() {
        for url in [
            "http://bob:hunter2#secret@127.0.0.1:9",
            "http://bob:hunter2/secret@127.0.0.1:9",
            "http://bob:hunter2?secret@127.0.0.1:9",
            "http://bob:secret#hunter2",
            "http://bob:hunter2",
            "bob:hunter2",
            "bob:hunter2:secret@:9",
            "bob:hunter2@",
            "http://bob:secret@hun ter2",
            "http://bob:secret@[hunter2",
            "http://bob:secret@p:hunter2",
            "http:/bob:hunter2@p:1",
            "ftp://bob:hunter2@p",
            "bob:secret://hunter2@p:1",
            "socks5://bob:hunter2@p:70000",
        ] {
            let Err(error) = Proxy::parse(url, "--proxy") else { panic!("{url} is a proxy's URL") };
            let told = format!("{error:?}");
            assert!(!told.contains("hunter2") && !told.contains("secret") && !told.contains("bob"), "{url}: {told}");
        }
        let told = format!("{:?}", parsed("http://bob:hun@ter2@p:1"));
        assert!(!told.contains("ter2") && !told.contains("bob"), "{told}");
    }

    #[test]
    fn urls_that_are_none() {
        for url in [
            "",
            " ",
            "::",
            "/p",
            "http://",
            "http://[::bad",
            "http://p:0",
            "http://p:65536",
            "http://p:+1",
            "p?q",
            "p#f",
        ] {
            assert!(Proxy::parse(url, "--proxy").is_err(), "{url}");
        }
        let long = format!("socks5://{}:x@p", "u".repeat(256));
        assert!(Proxy::parse(&long, "--proxy").is_err());
    }
}
