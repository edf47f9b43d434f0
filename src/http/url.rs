//! The one reading of a URL: as a script writes it, with placeholders, and as it is sent when they are filled in.

use std::borrow::Cow;
use std::ops::Range;

use ::url::{ParseError, Position, Url};

use super::host::{Host, Internal};

/// The longest URL that the client can send, bytes.
pub const LONGEST_URL: usize = 65_534;

/// Host and port as a `Host` header has them: without the scheme's own port.
pub fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

/// A URL split into its parts, which may hold placeholders. All places are byte ranges of the text; white space around
/// the URL is in none of them.
#[derive(Debug, Clone)]
pub struct UrlTemplate<'a> {
    /// The URL as written.
    pub text: &'a str,
    /// Its placeholders, tags and template comments.
    pub placeholders: Vec<Range<usize>>,
    /// Before the `:`, or before a mistyped `://`; none if the URL begins with the host.
    pub scheme: Option<Range<usize>>,
    /// Between scheme and host: `://`, or a slip such as `:/`, `//` or `:`. Empty without a scheme.
    pub separator: Range<usize>,
    /// `user:password`, without the `@`.
    pub userinfo: Option<Range<usize>>,
    /// Without the port; an IPv6 address with its brackets. Empty where there is none.
    pub host: Range<usize>,
    /// Digits, without the colon.
    pub port: Option<Range<usize>>,
    /// From the first `/`; may be empty.
    pub path: Range<usize>,
    /// After the `?`.
    pub query: Option<Range<usize>>,
}

impl<'a> UrlTemplate<'a> {
    /// Splits a URL as a script writes it. Never fails: what is not there is empty.
    pub fn new(text: &'a str) -> Self {
        Self::split(text, placeholders(text))
    }

    /// Splits a URL whose placeholders are filled in: braces in it are characters like others.
    pub fn rendered(text: &'a str) -> Self {
        Self::split(text, Vec::new())
    }

    fn split(text: &'a str, placeholders: Vec<Range<usize>>) -> Self {
        let begin = text.len() - text.trim_start().len();
        let finish = text.trim_end().len().max(begin);
        let find = |from: usize, to: usize, wanted: &[char]| {
            text[from..to]
                .char_indices()
                .map(|(at, c)| (from + at, c))
                .find(|(at, c)| wanted.contains(c) && !inside(&placeholders, *at))
                .map(|(at, _)| at)
        };
        let first = find(begin, finish, &[':', '/', '\\', '?', '#']);
        let separator = first.and_then(|at| separator(&text[..finish], begin, at, &placeholders));
        let scheme = separator.as_ref().map(|separator| begin..separator.start);
        let separator = separator.unwrap_or(begin..begin);
        let start = separator.end;
        let end = find(start, finish, &['/', '?', '#', '\\']).unwrap_or(finish);
        let mut ats = text[start..end].rmatch_indices('@').map(|(at, _)| start + at);
        let at = ats.find(|&at| !inside(&placeholders, at));
        let userinfo = at.map(|at| start..at);
        let from = at.map_or(start, |at| at + 1);
        let bracket = text[from..end].starts_with('[').then(|| text[from..end].find(']')).flatten();
        let colon = find(bracket.map_or(from, |b| from + b), end, &[':']);
        let fragment = find(end, finish, &['#']).unwrap_or(finish);
        let question = find(end, fragment, &['?']);
        Self {
            host: from..colon.unwrap_or(end),
            port: colon.map(|colon| colon + 1..end),
            path: end..question.unwrap_or(fragment),
            query: question.map(|question| question + 1..fragment),
            text,
            placeholders,
            scheme,
            separator,
            userinfo,
        }
    }

    /// The text of a part.
    pub fn part(&self, part: &Range<usize>) -> &'a str {
        &self.text[part.clone()]
    }

    /// Whether there is a placeholder in that part.
    pub fn has_placeholder(&self, part: &Range<usize>) -> bool {
        self.placeholders.iter().any(|placeholder| placeholder.start < part.end && part.start < placeholder.end)
    }

    /// The host in lower case, without a trailing dot, as a resolver would read it (numbers in every spelling are
    /// addresses); none where it holds a placeholder or is not a host.
    pub fn known_host(&self) -> Option<Host> {
        (!self.has_placeholder(&self.host)).then(|| Host::parse(self.part(&self.host))).flatten()
    }

    /// A host that begins with placeholders, with [`ANY`] in their place; none where it has none, or ends with one.
    pub fn any_host(&self) -> Option<Host> {
        let in_host =
            |placeholder: &&Range<usize>| placeholder.end > self.host.start && placeholder.start < self.host.end;
        let last = self.placeholders.iter().rev().find(in_host)?;
        let rest = self.text.get(last.end..self.host.end).filter(|rest| rest.starts_with('.'))?;
        Host::parse(&format!("{ANY}{rest}"))
    }

    /// What kind of internal host this is, if it is one. For a host that begins with placeholders, the names after them
    /// decide.
    pub fn internal(&self) -> Option<Internal> {
        if self.has_placeholder(&self.host) {
            return self.any_host()?.internal();
        }
        let host = self.part(&self.host);
        // A zone (`%eth0`) is part of a link-local address, but not allowed in URLs.
        let zone = host.find('%').filter(|_| host.starts_with('['));
        let host = zone.map_or(Cow::Borrowed(host), |zone| Cow::Owned(format!("{}]", &host[..zone])));
        Host::parse(&host)?.internal()
    }

    /// Host and port as written.
    pub fn host_and_port(&self) -> &'a str {
        self.part(&(self.host.start..self.path.start))
    }

    /// The URL that a request goes to. Its host is [`known_host`](Self::known_host) in its normal form, so that no
    /// other parser's reading of a backslash or an `@` can send it elsewhere: a backslash after the host is data, which
    /// nobody who has one in a value means as a slash.
    ///
    /// # Errors
    /// The host, the port or the scheme is not one.
    pub fn to_url(&self) -> Result<Url, ParseError> {
        let host = ::url::Host::parse(self.part(&self.host))?;
        let scheme = self.scheme.as_ref().map_or("", |scheme| self.part(scheme));
        let userinfo = self.userinfo.as_ref().map_or("", |userinfo| &self.text[userinfo.start..=userinfo.end]);
        let port = self.port.as_ref().map_or("", |port| &self.text[port.start - 1..port.end]);
        let rest = self.text[self.path.start..].trim_end().replace('\\', "%5C");
        let slash = if rest.starts_with('%') { "/" } else { "" };
        Url::parse(&format!("{scheme}://{userinfo}{host}{port}{slash}{rest}"))
    }

    /// Whether the URL can lead to that host, whatever its placeholders become. A placeholder outside the host that
    /// brings a `/` or an `@` along makes another host of what surrounds it.
    pub fn can_lead_to(&self, host: &Host) -> bool {
        match (self.known_host(), self.any_host(), host) {
            (Some(known), ..) => known == *host,
            (None, Some(Host::Name(any)), Host::Name(name)) => {
                any.strip_prefix(ANY).is_some_and(|end| name.ends_with(end))
            }
            (None, Some(_), _) => false,
            (None, None, _) => true,
        }
    }

    /// The query's pairs: decoded name, place of the name, place of the value. A name that holds a placeholder is left
    /// out.
    pub fn query_pairs(&self) -> Vec<(String, Range<usize>, Range<usize>)> {
        let Some(query) = &self.query else { return Vec::new() };
        let mut pairs = Vec::new();
        let mut start = query.start;
        for (at, c) in
            self.text[query.clone()].char_indices().map(|(at, c)| (query.start + at, c)).chain([(query.end, '&')])
        {
            if c != '&' || (at < query.end && inside(&self.placeholders, at)) {
                continue;
            }
            let pair = start..at;
            start = at + 1;
            let equals = self.text[pair.clone()].find('=').map_or(pair.end, |equals| pair.start + equals);
            let name = pair.start..equals;
            if name.is_empty() || self.has_placeholder(&name) {
                continue;
            }
            let decoded = ::url::form_urlencoded::parse(self.part(&name).as_bytes()).next();
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
            if (c == '/' || c == '\\') && (at == self.path.end || !inside(&self.placeholders, at)) {
                if start < at {
                    segments.push(start..at);
                }
                start = at + 1;
            }
        }
        segments
    }
}

/// Replaces the unknown beginning of a host.
const ANY: &str = "any";

impl Host {
    /// Reads a host as in a URL: alone, or with a port.
    pub fn named(text: &str) -> Option<Host> {
        UrlTemplate::new(&format!("https://{text}")).known_host()
    }
}

/// The separator between a scheme, which ends at `at`, and the host; none if there is no scheme.
fn separator(text: &str, begin: usize, at: usize, placeholders: &[Range<usize>]) -> Option<Range<usize>> {
    let rest = &text[at..];
    if rest.starts_with("://") {
        return Some(at..at + 3);
    }
    let slips = rest.find(|c| !matches!(c, ':' | '/' | '\\')).unwrap_or(rest.len());
    let web = ["http", "https"].iter().any(|scheme| text[begin..at].eq_ignore_ascii_case(scheme));
    if web && (slips > 1 || rest.starts_with(':')) {
        return Some(at..at + slips);
    }
    // `mailto:` and the like; a port is a number or a placeholder, and what has an `@` is a user and password.
    let scheme = text[begin..at].starts_with(|c: char| c.is_ascii_alphabetic())
        && text[begin..at].chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'));
    let port = rest[1..].starts_with(|c: char| c.is_ascii_digit()) || inside(placeholders, at + 1) || rest.len() == 1;
    (rest.starts_with(':') && scheme && !port && !rest.contains('@')).then_some(at..at + slips)
}

fn inside(placeholders: &[Range<usize>], at: usize) -> bool {
    placeholders.iter().any(|placeholder| placeholder.contains(&at))
}

/// The places of `{{ … }}`, `{% … %}` and `{# … #}`, delimiters included. One that is never closed reaches to the end.
pub fn placeholders(text: &str) -> Vec<Range<usize>> {
    let mut placeholders = Vec::new();
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
        placeholders.push(start..end);
        from = end;
    }
    placeholders
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_around_its_placeholders() {
        let text = "https://u:p@{{ env.HOST ?? 'a/b?c' }}.example.com:8443/api/{{ contact.id }}/x?a=1&b={{ '&' }}&c#f";
        let a = UrlTemplate::new(text);
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
    fn a_slip_in_front_of_the_host_is_no_host() {
        for (text, scheme, separator, host) in [
            ("https://a.example", "https", "://", "a.example"),
            ("https:/a.example", "https", ":/", "a.example"),
            ("HTTPS:a.example:80/x", "HTTPS", ":", "a.example"),
            ("http//a.example/x", "http", "//", "a.example"),
            ("http:\\\\a.example\\x", "http", ":\\\\", "a.example"),
            ("mailto:ann", "mailto", ":", "ann"),
            ("http/x", "", "", "http"),
            ("localhost:8080/x", "", "", "localhost"),
            ("a.example:x", "", "", "a.example"),
            ("host:{{ env.PORT }}/x", "", "", "host"),
            ("user:pw@a.example", "", "", "a.example"),
            ("{{ env.SCHEME }}://a.example", "{{ env.SCHEME }}", "://", "a.example"),
        ] {
            let a = UrlTemplate::new(text);
            let written = a.scheme.as_ref().map_or("", |s| a.part(s));
            assert_eq!((written, a.part(&a.separator), a.part(&a.host)), (scheme, separator, host), "{text}");
        }
    }

    #[test]
    fn an_internal_host_is_known_by_what_is_written_of_it() {
        for (url, internal) in [
            ("https://10.0.0.1:{{ env.PORT }}/", Some(Internal::Private)),
            ("https://{{ env.NAME }}.localhost/", Some(Internal::Loopback)),
            ("https://x{{ env.NAME }}.crm.internal/", Some(Internal::InternalName)),
            ("https://[fe80::1%25eth0]/", Some(Internal::LinkLocal)),
            ("https://[::1%lo]/", Some(Internal::Loopback)),
            ("https://{{ env.NAME }}.example.com/", None),
            ("https://{{ env.NAME }}.0.0.1/", None),
            ("https://{{ env.NAME }}/internal", None),
            ("https://internal{{ env.NAME }}/", None),
        ] {
            assert_eq!(UrlTemplate::new(url).internal(), internal, "{url}");
        }
    }

    #[test]
    fn the_host_header() {
        for (url, expected) in [
            ("https://u:p@api.example.com:8443/a?b=c", "api.example.com:8443"),
            ("https://API.example.com:443", "api.example.com"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ] {
            assert_eq!(authority(&url.parse().expect(url)), expected);
        }
    }

    #[test]
    fn what_is_written_says_where_a_url_can_lead() {
        for (url, host, can) in [
            ("https://a.example/{{ x }}", "a.example", true),
            ("https://{{ x }}@a.example/", "b.example", false),
            ("https://a.example:{{ x }}/", "b.example", false),
            ("https://{{ x }}/", "b.example", true),
            ("https://{{ x }}.a.example/", "eu.a.example", true),
            ("https://{{ x }}.a.example/", "b.example", false),
            ("https://{{ x }}.a.example/", "10.0.0.1", false),
            ("https://{{ x }}.0.0.1/", "10.0.0.1", true),
            ("{{ x }}/users", "b.example", true),
        ] {
            let host = Host::parse(host).expect(host);
            assert_eq!(UrlTemplate::new(url).can_lead_to(&host), can, "{url}");
        }
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
            ("  ", None, "", ""),
            (" https://a.example \n", Some("https"), "a.example", ""),
            ("\thttps://a.example/x?y ", Some("https"), "a.example", "/x"),
            ("https://ann@{{ 'b@c' }}.example/", Some("https"), "{{ 'b@c' }}.example", "/"),
        ] {
            let a = UrlTemplate::new(text);
            assert_eq!(
                (a.scheme.as_ref().map(|s| a.part(s)), a.part(&a.host), a.part(&a.path)),
                (scheme, host, path),
                "{text}"
            );
        }
    }
}
