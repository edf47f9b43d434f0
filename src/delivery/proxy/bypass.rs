//! `NO_PROXY`: the hosts that are reached directly. Everything that curl understands, and what is written for other clients:
//! ports, brackets around IPv6 addresses, `*.` before a domain.

use std::net::IpAddr;

use url::{Host, Url};

/// Which hosts are reached without a proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bypass(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    hosts: Hosts,
    /// Only this port of them.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// The domain and everything below it, in lower case.
    Domain(String),
    /// What is below the domain only: `*.example.com`.
    Subdomains(String),
    /// The addresses that share this many leading bits with this one.
    Network(IpAddr, u32),
}

impl Bypass {
    /// Reads a list; commas and white space separate its entries. An entry that can't be read matches nothing.
    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(Entry::parse).collect())
    }

    /// Is a request to that URL sent directly?
    pub(super) fn covers(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        url.host().is_some_and(|host| {
            let host = Subject::of(&host);
            self.0.iter().any(|entry| (entry.port.is_none() || entry.port == port) && entry.hosts.cover(&host))
        })
    }
}

/// A host that is looked for in the list.
enum Subject {
    Name(String),
    Address(IpAddr),
}

impl Subject {
    fn of(host: &Host<&str>) -> Self {
        match host {
            Host::Domain(name) => Self::Name(without_dots(name)),
            Host::Ipv4(address) => Self::Address((*address).into()),
            Host::Ipv6(address) => Self::Address((*address).into()),
        }
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if let Some(hosts) = Hosts::network(text) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (text, None),
        };
        Some(Self { hosts: Hosts::parse(host)?, port })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        if let Some(domain) = text.strip_prefix("*.") {
            return Some(Self::Subdomains(without_dots(domain)))
                .filter(|hosts| *hosts != Self::Subdomains(String::new()));
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Some(network) = Self::network(bare) {
            return Some(network);
        }
        let domain = without_dots(text);
        (!domain.is_empty()).then_some(Self::Domain(domain))
    }

    /// An address, or several as `10.0.0.0/8`.
    fn network(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        (bits <= width).then_some(Self::Network(address, bits))
    }

    fn cover(&self, host: &Subject) -> bool {
        match (self, host) {
            (Self::All, _) => true,
            (Self::Domain(domain), Subject::Name(name)) => name == domain || is_below(name, domain),
            (Self::Subdomains(domain), Subject::Name(name)) => is_below(name, domain),
            (Self::Network(network, bits), Subject::Address(address)) => share_bits(*network, *address, *bits),
            _ => false,
        }
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn share_bits(one: IpAddr, other: IpAddr, bits: u32) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits,
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits,
        _ => false,
    }
}

/// A name for comparison: in lower case, without surrounding dots.
fn without_dots(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.strip_prefix('.').unwrap_or(name).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_reached_directly() {
        for (list, url) in [
            // As curl has them.
            ("*", "http://127.0.0.1/"),
            ("*", "http://api.example.com/"),
            ("*", "http://[::1]/"),
            ("example.com", "http://example.com/"),
            ("example.com", "http://api.example.com/"),
            ("Example.COM.", "http://api.example.com./"),
            (".example.com", "http://api.example.com/"),
            (".example.com", "http://example.com/"),
            ("a.test,example.com , b.test", "http://example.com/"),
            ("a b 127.0.0.1", "http://127.0.0.1/"),
            ("127.0.0.1", "http://127.0.0.1:8080/"),
            ("127.0.0.0/8", "http://127.1.2.3/"),
            ("0.0.0.0/0", "http://127.1.2.3/"),
            ("::1", "http://[::1]/"),
            ("fe80::/10", "http://[fe80::1]/"),
            // As it is written for other clients.
            ("a.test, *", "http://127.0.0.1/"),
            ("[::1]", "http://[::1]/"),
            ("[::1]:8080", "http://[::1]:8080/"),
            ("0:0::1", "http://[::1]/"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("example.com:443", "https://api.example.com/"),
            ("*.example.com", "http://api.example.com/"),
            ("*.example.com:80", "http://api.example.com/"),
            ("*:8080", "http://api.example.com:8080/"),
        ] {
            assert!(Bypass::parse(list).covers(&url.parse().expect("a URL")), "{list} {url}");
        }
    }

    #[test]
    fn hosts_reached_through_the_proxy() {
        for (list, url) in [
            ("", "http://127.0.0.1/"),
            (" , ", "http://example.com/"),
            (".", "http://example.com/"),
            ("*.", "http://example.com/"),
            ("ample.com", "http://example.com/"),
            ("api.example.com", "http://example.com/"),
            ("*.example.com", "http://example.com/"),
            ("*.example.com", "http://badexample.com/"),
            ("example.com:8080", "http://example.com/"),
            ("example.com:none", "http://example.com/"),
            ("127.0.0.1:8080", "http://127.0.0.1/"),
            ("[::1]:8080", "http://[::1]/"),
            ("127.0.0.0/33", "http://127.0.0.1/"),
            ("127.0.0.0/x", "http://127.0.0.1/"),
            ("10.0.0.0/8", "http://127.0.0.1/"),
            ("::/0", "http://127.0.0.1/"),
            ("0.0.0.1", "http://10.0.0.1/"),
        ] {
            assert!(!Bypass::parse(list).covers(&url.parse().expect("a URL")), "{list} {url}");
        }
    }
}
