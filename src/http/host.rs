//! Hosts, and which of them mean something only inside one machine or network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host without placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// An address, whatever its spelling.
    Address(IpAddr),
    /// A name, in lower case and punycode, without a trailing dot.
    Name(String),
}

/// Why a host can't be, or should not be, reached from production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Internal {
    /// The local machine by definition: loopback addresses, `localhost` and the names below it (RFC 6761).
    Loopback,
    /// The local machine according to DNS: public names that resolve to it today, and IPv4 loopback in IPv6 that a
    /// gateway translates.
    LeadsToLoopback,
    /// A private network (RFC 1918, RFC 6598, RFC 4193).
    Private,
    /// One link only (RFC 3927, RFC 4291).
    LinkLocal,
    /// A cloud provider's metadata service.
    Metadata,
    /// No host at all: unspecified, multicast, broadcast or reserved.
    Special,
    /// A name that only an internal resolver knows.
    InternalName,
}

/// Addresses at which cloud providers serve instance metadata.
const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 0, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254)];
const METADATA_NAMES: [&str; 6] = [
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Top-level names that are never public: reserved (RFC 2606, RFC 6761, RFC 6762, RFC 8375) or customary inside
/// networks.
const INTERNAL_SUFFIXES: [&str; 10] =
    ["local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain", "private", "svc"];
/// Names that resolve to loopback, because those who own them, or a machine's own list of hosts, say so.
const LOOPBACK_NAMES: [&str; 5] = ["localhost.localdomain", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com"];
/// Public names that resolve to the address written before them.
const ADDRESS_NAMES: [&str; 2] = ["nip.io", "sslip.io"];

impl Host {
    /// Reads a host as a URL's parser does, which is how resolvers do.
    pub fn parse(text: &str) -> Option<Host> {
        url::Host::parse(text).ok().map(Self::from)
    }

    /// The host of a URL.
    pub fn of(url: &url::Url) -> Option<Host> {
        url.host().map(Self::from)
    }

    /// What kind of internal host this is, if it is one.
    pub fn internal(&self) -> Option<Internal> {
        match self {
            Host::Address(address) => internal_address(*address),
            Host::Name(name) => internal_name(name),
        }
    }
}

impl<S: AsRef<str>> From<url::Host<S>> for Host {
    fn from(host: url::Host<S>) -> Self {
        match host {
            url::Host::Ipv4(address) => Host::Address(IpAddr::V4(address)),
            url::Host::Ipv6(address) => Host::Address(IpAddr::V6(address)),
            url::Host::Domain(name) => {
                let name = name.as_ref();
                Host::Name(name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase())
            }
        }
    }
}

/// Whether the URL leads to this machine, by a loopback address or a reserved name. Public names that resolve to
/// loopback don't count: they may lead elsewhere tomorrow.
pub fn is_loopback(url: &url::Url) -> bool {
    Host::of(url).is_some_and(|host| host.internal() == Some(Internal::Loopback))
}

/// Whether that name is this machine without asking a resolver (RFC 6761, 6.3).
pub fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn internal_address(address: IpAddr) -> Option<Internal> {
    match address.to_canonical() {
        IpAddr::V4(v4) => internal_v4(v4),
        IpAddr::V6(v6) => match translated_v4(v6).and_then(internal_v4) {
            Some(Internal::Loopback) => Some(Internal::LeadsToLoopback),
            internal => internal.or_else(|| internal_v6(v6)),
        },
    }
}

fn internal_v4(v4: Ipv4Addr) -> Option<Internal> {
    let [a, b, ..] = v4.octets();
    if METADATA_V4.contains(&v4) {
        Some(Internal::Metadata)
    } else if v4.is_loopback() {
        Some(Internal::Loopback)
    } else if v4.is_private() || (a == 100 && (64..128).contains(&b)) {
        Some(Internal::Private)
    } else if v4.is_link_local() {
        Some(Internal::LinkLocal)
    } else if a == 0 || a >= 224 || (a == 198 && (b == 18 || b == 19)) {
        Some(Internal::Special)
    } else {
        None
    }
}

fn internal_v6(v6: Ipv6Addr) -> Option<Internal> {
    let s = v6.segments();
    if METADATA_V6.contains(&v6) {
        Some(Internal::Metadata)
    } else if v6.is_loopback() {
        Some(Internal::Loopback)
    } else if v6.is_unique_local() || s[0] & 0xffc0 == 0xfec0 || s[..3] == [0x64, 0xff9b, 1] {
        // Also the site-local addresses of old (RFC 3879), and a network's own NAT64 (RFC 8215).
        Some(Internal::Private)
    } else if v6.is_unicast_link_local() {
        Some(Internal::LinkLocal)
    } else if v6.is_unspecified() || v6.is_multicast() {
        Some(Internal::Special)
    } else {
        None
    }
}

/// The IPv4 address that an IPv6 one is translated to on the way: compatible (RFC 4291), NAT64 (RFC 6052) and 6to4 (RFC
/// 3056).
fn translated_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = v6.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

fn internal_name(name: &str) -> Option<Internal> {
    if is_localhost(name) {
        return Some(Internal::Loopback);
    }
    if name.split('.').any(str::is_empty) {
        return None;
    }
    let under = |suffix: &str| name == suffix || name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    if METADATA_NAMES.contains(&name) {
        return Some(Internal::Metadata);
    }
    if LOOPBACK_NAMES.into_iter().any(under) {
        return Some(Internal::LeadsToLoopback);
    }
    if let Some(address) = ADDRESS_NAMES.into_iter().find_map(|suffix| name.strip_suffix(suffix)) {
        return match written_address(address.trim_end_matches('.')).and_then(internal_v4) {
            Some(Internal::Loopback) => Some(Internal::LeadsToLoopback),
            internal => internal,
        };
    }
    (INTERNAL_SUFFIXES.into_iter().any(under) || !name.contains('.')).then_some(Internal::InternalName)
}

/// The address that ends a wildcard DNS name: `app.10.0.0.1`, `app-10-0-0-1` or `app-0a000001`.
fn written_address(name: &str) -> Option<Ipv4Addr> {
    let last = name.rsplit(['.', '-']).next().filter(|last| last.len() == 8);
    if let Some(number) = last.and_then(|last| u32::from_str_radix(last, 16).ok()) {
        return Some(Ipv4Addr::from(number));
    }
    let mut numbers: Vec<u8> = name.rsplit(['.', '-']).map_while(|part| part.parse().ok()).take(4).collect();
    numbers.reverse();
    <[u8; 4]>::try_from(numbers).ok().map(Ipv4Addr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_hosts_in_every_spelling() {
        use Internal::*;
        for (host, expected) in [
            ("example.com", None),
            ("8.8.8.8", None),
            ("[2606:4700::1111]", None),
            ("localhost.example.com", None),
            ("mylocal.com", None),
            ("10.example.com", None),
            ("localhost", Some(Loopback)),
            ("LOCALHOST.", Some(Loopback)),
            ("api.localhost", Some(Loopback)),
            ("127.0.0.1", Some(Loopback)),
            ("127.1", Some(Loopback)),
            ("2130706433", Some(Loopback)),
            ("0x7f000001", Some(Loopback)),
            ("0177.0.0.1", Some(Loopback)),
            ("127.0.0.1.", Some(Loopback)),
            ("%31%32%37.0.0.1", Some(Loopback)),
            ("１２７.0.0.1", Some(Loopback)),
            ("[::1]", Some(Loopback)),
            ("[::ffff:127.0.0.1]", Some(Loopback)),
            ("[::ffff:7f00:1]", Some(Loopback)),
            ("[64:ff9b::7f00:1]", Some(LeadsToLoopback)),
            ("[::127.0.0.1]", Some(LeadsToLoopback)),
            ("[::ffff:10.0.0.1]", Some(Private)),
            ("localhost.localdomain", Some(LeadsToLoopback)),
            ("app.127.0.0.1.nip.io", Some(LeadsToLoopback)),
            ("app-10-0-0-1.sslip.io", Some(Private)),
            ("8.8.8.8.nip.io", None),
            ("lvh.me", Some(LeadsToLoopback)),
            ("10.0.0.1", Some(Private)),
            ("172.31.255.255", Some(Private)),
            ("172.32.0.1", None),
            ("192.168.1.1", Some(Private)),
            ("100.64.0.1", Some(Private)),
            ("[fd12::1]", Some(Private)),
            ("[fec0::1]", Some(Private)),
            ("[64:ff9b:1::a00:1]", Some(Private)),
            ("app-0a000001.nip.io", Some(Private)),
            ("08080808.nip.io", None),
            ("[2002:c0a8:0101::]", Some(Private)),
            ("169.254.1.1", Some(LinkLocal)),
            ("[fe80::1]", Some(LinkLocal)),
            ("169.254.169.254", Some(Metadata)),
            ("2852039166", Some(Metadata)),
            ("[::ffff:a9fe:a9fe]", Some(Metadata)),
            ("[fd00:ec2::254]", Some(Metadata)),
            ("[fd20:ce::254]", Some(Metadata)),
            ("168.63.129.16", Some(Metadata)),
            ("metadata.tencentyun.com", Some(Metadata)),
            ("metadata.google.internal", Some(Metadata)),
            ("100.100.100.200", Some(Metadata)),
            ("0.0.0.0", Some(Special)),
            ("0", Some(Special)),
            ("[::]", Some(Special)),
            ("255.255.255.255", Some(Special)),
            ("crm", Some(InternalName)),
            ("crm.internal", Some(InternalName)),
            ("kubernetes.default.svc", Some(InternalName)),
            ("..", None),
            ("203.0.113.7", None),
            ("printer.local", Some(InternalName)),
            ("bücher.example", None),
        ] {
            assert_eq!(Host::parse(host).and_then(|h| h.internal()), expected, "{host}");
        }
    }
}
