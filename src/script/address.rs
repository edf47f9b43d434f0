//! A URL as a script writes it: split into its parts with their places, placeholders kept as holes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// A URL with holes. All places are byte ranges of the text.
#[derive(Debug, Clone)]
pub struct Address<'a> {
    /// The URL as written.
    pub text: &'a str,
    /// Its placeholders, tags and template comments.
    pub holes: Vec<Range<usize>>,
    /// Before `://`; none where that is missing.
    pub scheme: Option<Range<usize>>,
    /// `user:password`, without the `@`.
    pub userinfo: Option<Range<usize>>,
    /// Without the port; an IPv6 address with its brackets. Empty where there is none.
    pub host: Range<usize>,
    /// Digits, without the colon.
    pub port: Option<Range<usize>>,
    /// From the first `/`; may be empty.
    pub path: Range<usize>,
    /// Behind the `?`.
    pub query: Option<Range<usize>>,
}

impl<'a> Address<'a> {
    /// Splits a URL. Never fails: what is not there is empty.
    pub fn new(text: &'a str) -> Self {
        let holes = holes(text);
        let find = |from: usize, to: usize, wanted: &[char]| {
            text[from..to]
                .char_indices()
                .map(|(at, c)| (from + at, c))
                .find(|(at, c)| wanted.contains(c) && !inside(&holes, *at))
                .map(|(at, _)| at)
        };
        let first = find(0, text.len(), &[':', '/', '?', '#']);
        let scheme = first.filter(|&at| text[at..].starts_with("://")).map(|at| 0..at);
        let start = scheme.as_ref().map_or(0, |s| s.end + 3);
        let end = find(start, text.len(), &['/', '?', '#', '\\']).unwrap_or(text.len());
        let at = text[start..end].rfind('@').map(|at| start + at).filter(|&at| !inside(&holes, at));
        let userinfo = at.map(|at| start..at);
        let from = at.map_or(start, |at| at + 1);
        let bracket = text[from..end].starts_with('[').then(|| text[from..end].find(']')).flatten();
        let colon = find(bracket.map_or(from, |b| from + b), end, &[':']);
        let fragment = find(end, text.len(), &['#']).unwrap_or(text.len());
        let question = find(end, fragment, &['?']);
        Address {
            host: from..colon.unwrap_or(end),
            port: colon.map(|colon| colon + 1..end),
            path: end..question.unwrap_or(fragment),
            query: question.map(|question| question + 1..fragment),
            text,
            holes,
            scheme,
            userinfo,
        }
    }

    /// The text of a part.
    pub fn part(&self, part: &Range<usize>) -> &'a str {
        &self.text[part.clone()]
    }

    /// Whether a placeholder stands in that part.
    pub fn has_hole(&self, part: &Range<usize>) -> bool {
        self.holes.iter().any(|hole| hole.start < part.end && part.start < hole.end)
    }

    /// The host in lower case, without a trailing dot, as a resolver would read it (numbers in every spelling are addresses);
    /// none where it holds a placeholder or is none.
    pub fn known_host(&self) -> Option<Host> {
        if self.host.is_empty() || self.has_hole(&self.host) {
            return None;
        }
        match url::Host::parse(self.part(&self.host)).ok()? {
            url::Host::Ipv4(address) => Some(Host::Address(IpAddr::V4(address))),
            url::Host::Ipv6(address) => Some(Host::Address(IpAddr::V6(address))),
            url::Host::Domain(name) => Some(Host::Name(name.trim_end_matches('.').to_owned())),
        }
    }

    /// The query's pairs: decoded name, place of the name, place of the value. A name that holds a placeholder is left out.
    pub fn query_pairs(&self) -> Vec<(String, Range<usize>, Range<usize>)> {
        let Some(query) = &self.query else { return Vec::new() };
        let mut pairs = Vec::new();
        let mut start = query.start;
        for (at, c) in
            self.text[query.clone()].char_indices().map(|(at, c)| (query.start + at, c)).chain([(query.end, '&')])
        {
            if c != '&' || (at < query.end && inside(&self.holes, at)) {
                continue;
            }
            let pair = start..at;
            start = at + 1;
            let equals = self.text[pair.clone()].find('=').map_or(pair.end, |equals| pair.start + equals);
            let name = pair.start..equals;
            if name.is_empty() || self.has_hole(&name) {
                continue;
            }
            let decoded = url::form_urlencoded::parse(self.part(&name).as_bytes()).next();
            let decoded = decoded.map(|(name, _)| name.into_owned()).unwrap_or_default();
            pairs.push((decoded, name, (equals + 1).min(pair.end)..pair.end));
        }
        pairs
    }

    /// The path's segments, empty ones left out.
    pub fn segments(&self) -> Vec<Range<usize>> {
        let mut segments = Vec::new();
        let mut start = self.path.start;
        for (at, c) in self.text[self.path.clone()]
            .char_indices()
            .map(|(at, c)| (self.path.start + at, c))
            .chain([(self.path.end, '/')])
        {
            if (c == '/' || c == '\\') && (at == self.path.end || !inside(&self.holes, at)) {
                if start < at {
                    segments.push(start..at);
                }
                start = at + 1;
            }
        }
        segments
    }
}

fn inside(holes: &[Range<usize>], at: usize) -> bool {
    holes.iter().any(|hole| hole.contains(&at))
}

/// The places of `{{ … }}`, `{% … %}` and `{# … #}`, delimiters included. One that is never closed reaches to the end.
pub fn holes(text: &str) -> Vec<Range<usize>> {
    let mut holes = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find('{').map(|at| from + at) {
        let close = match text.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                from = start + 1;
                continue;
            }
        };
        let end = end_of_tag(text, start + 2, close);
        holes.push(start..end);
        from = end;
    }
    holes
}

/// Where a tag ends, passing over its quoted strings.
fn end_of_tag(text: &str, from: usize, close: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text[from..].char_indices().map(|(at, c)| (from + at, c)) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if close != "#}" && (c == '"' || c == '\'') => quote = Some(c),
            None if text[at..].starts_with(close) => return at + close.len(),
            None => {}
        }
    }
    text.len()
}

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
    /// This machine itself.
    Loopback,
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
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254);
const METADATA_NAMES: [&str; 4] =
    ["metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

/// Top-level names that are never public: reserved (RFC 2606, RFC 6761, RFC 6762, RFC 8375) or customary inside networks.
const INTERNAL_SUFFIXES: [&str; 9] =
    ["local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain", "private"];
/// Public names that always resolve to loopback.
const LOOPBACK_NAMES: [&str; 4] = ["localtest.me", "lvh.me", "vcap.me", "lacolhost.com"];
/// Public names that resolve to the address written before them.
const ADDRESS_NAMES: [&str; 2] = ["nip.io", "sslip.io"];

impl Host {
    /// What kind of internal host this is, if it is one.
    pub fn internal(&self) -> Option<Internal> {
        match self {
            Host::Address(address) => internal_address(*address),
            Host::Name(name) => internal_name(name),
        }
    }

    /// This machine itself: an address of 127.0.0.0/8, `::1`, or a name of it.
    pub fn is_loopback(&self) -> bool {
        self.internal() == Some(Internal::Loopback)
    }
}

fn internal_address(address: IpAddr) -> Option<Internal> {
    match address {
        IpAddr::V4(v4) => internal_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => internal_v4(v4),
            None => internal_v6(v6),
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
    if v6 == METADATA_V6 {
        Some(Internal::Metadata)
    } else if v6.is_loopback() {
        Some(Internal::Loopback)
    } else if v6.is_unique_local() {
        Some(Internal::Private)
    } else if v6.is_unicast_link_local() {
        Some(Internal::LinkLocal)
    } else if v6.is_unspecified() || v6.is_multicast() {
        Some(Internal::Special)
    } else {
        None
    }
}

/// The IPv4 address inside an IPv6 one: mapped, compatible (RFC 4291), NAT64 (RFC 6052) and 6to4 (RFC 3056).
fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = v6.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

fn internal_name(name: &str) -> Option<Internal> {
    let under = |suffix: &str| name == suffix || name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    if METADATA_NAMES.contains(&name) {
        return Some(Internal::Metadata);
    }
    if under("localhost") || under("localhost.localdomain") || LOOPBACK_NAMES.into_iter().any(under) {
        return Some(Internal::Loopback);
    }
    if let Some(address) = ADDRESS_NAMES.into_iter().find_map(|suffix| name.strip_suffix(suffix)) {
        return written_address(address.trim_end_matches('.')).and_then(internal_v4);
    }
    (INTERNAL_SUFFIXES.into_iter().any(under) || !name.contains('.')).then_some(Internal::InternalName)
}

/// The address that ends a wildcard DNS name: `app.10.0.0.1` or `app-10-0-0-1`.
fn written_address(name: &str) -> Option<Ipv4Addr> {
    let mut numbers: Vec<u8> = name.rsplit(['.', '-']).map_while(|part| part.parse().ok()).take(4).collect();
    numbers.reverse();
    <[u8; 4]>::try_from(numbers).ok().map(Ipv4Addr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_with_its_holes() {
        let text = "https://u:p@{{ env.HOST ?? 'a/b?c' }}.example.com:8443/api/{{ contact.id }}/x?a=1&b={{ '&' }}&c#f";
        let a = Address::new(text);
        assert_eq!(a.scheme.as_ref().map(|s| a.part(s)), Some("https"));
        assert_eq!(a.userinfo.as_ref().map(|u| a.part(u)), Some("u:p"));
        assert_eq!(a.part(&a.host), "{{ env.HOST ?? 'a/b?c' }}.example.com");
        assert_eq!(a.port.as_ref().map(|p| a.part(p)), Some("8443"));
        assert_eq!(a.segments().iter().map(|s| a.part(s)).collect::<Vec<_>>(), ["api", "{{ contact.id }}", "x"]);
        let pairs = a.query_pairs();
        let names: Vec<_> = pairs.iter().map(|(name, _, value)| (name.as_str(), a.part(value))).collect();
        assert_eq!(names, [("a", "1"), ("b", "{{ '&' }}"), ("c", "")]);
        assert_eq!(a.known_host(), None);
    }

    #[test]
    fn what_is_missing_is_empty() {
        for (text, scheme, host, path) in [
            ("", None, "", ""),
            ("https://", Some("https"), "", ""),
            ("example.com/x", None, "example.com", "/x"),
            ("/x", None, "", "/x"),
            ("https:///x", Some("https"), "", "/x"),
            ("https://[::1]:80/x", Some("https"), "[::1]", "/x"),
            ("https://[::1/x", Some("https"), "[", "/x"),
            ("{{ env.BASE }}/x", None, "{{ env.BASE }}", "/x"),
            ("https://a?b", Some("https"), "a", ""),
            ("{{", None, "{{", ""),
        ] {
            let a = Address::new(text);
            assert_eq!(
                (a.scheme.as_ref().map(|s| a.part(s)), a.part(&a.host), a.part(&a.path)),
                (scheme, host, path),
                "{text}"
            );
        }
    }

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
            ("[64:ff9b::7f00:1]", Some(Loopback)),
            ("app.127.0.0.1.nip.io", Some(Loopback)),
            ("app-10-0-0-1.sslip.io", Some(Private)),
            ("8.8.8.8.nip.io", None),
            ("lvh.me", Some(Loopback)),
            ("10.0.0.1", Some(Private)),
            ("172.31.255.255", Some(Private)),
            ("172.32.0.1", None),
            ("192.168.1.1", Some(Private)),
            ("100.64.0.1", Some(Private)),
            ("[fd12::1]", Some(Private)),
            ("[2002:c0a8:0101::]", Some(Private)),
            ("169.254.1.1", Some(LinkLocal)),
            ("[fe80::1]", Some(LinkLocal)),
            ("169.254.169.254", Some(Metadata)),
            ("2852039166", Some(Metadata)),
            ("[::ffff:a9fe:a9fe]", Some(Metadata)),
            ("[fd00:ec2::254]", Some(Metadata)),
            ("metadata.google.internal", Some(Metadata)),
            ("100.100.100.200", Some(Metadata)),
            ("0.0.0.0", Some(Special)),
            ("0", Some(Special)),
            ("[::]", Some(Special)),
            ("255.255.255.255", Some(Special)),
            ("crm", Some(InternalName)),
            ("crm.internal", Some(InternalName)),
            ("printer.local", Some(InternalName)),
            ("bücher.example", None),
        ] {
            let text = format!("http://{host}/");
            assert_eq!(Address::new(&text).known_host().and_then(|h| h.internal()), expected, "{host}");
        }
    }
}
