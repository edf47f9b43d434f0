//! Redirects: the request that follows one, and why there is none.

use std::borrow::Cow;

use http::Method;
use percent_encoding::{CONTROLS, percent_encode};

use super::outgoing::{Outgoing, set_host};
use super::result::Redirect;
use crate::http::{LONGEST_URL, authority, header, is_loopback};
use crate::request::Header;

/// The request that a redirect asks for: 303 is fetched by GET, 301 and 302 turn a POST into a GET, 307 and 308 keep
/// method and body, as browsers and HTTP libraries do. Credentials don't go to another host. Where `stay` says so, nothing
/// goes from this machine to another. None where the response is no redirect.
///
/// # Errors
/// Why it can't be followed: the end of a sentence about the answer.
pub(super) fn next(
    request: &Outgoing,
    status: u16,
    location: Option<&[u8]>,
    stay: bool,
) -> Result<Option<(Outgoing, Redirect)>, String> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = text(location.ok_or("without a Location to follow")?);
    let mut url = match request.url.join(&location) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        Ok(_) => return Err(format!("to `{}`, which is neither http nor https", shown(&location))),
        Err(error) => return Err(format!("to `{}`, which is not a URL: {error}", shown(&location))),
    };
    if url.as_str().len() > LONGEST_URL {
        return Err(format!("to a URL of {} bytes; at most {LONGEST_URL} can be followed", url.as_str().len()));
    }
    if stay && is_loopback(&request.url) && !is_loopback(&url) {
        let host = url.host_str().unwrap_or_default();
        return Err(format!("to `{host}`, which is not this machine; --yes allows that"));
    }
    // Neither can fail on a URL with a host; a script's own credentials are in its headers.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);

    let (mut method, mut headers, mut body) = (request.method.clone(), request.headers.clone(), request.body.clone());
    let to_get = match status {
        303 => method != Method::GET && method != Method::HEAD,
        301 | 302 => method == Method::POST,
        _ => false,
    };
    if to_get {
        (method, body) = (Method::GET, None);
        headers.retain(|header| !header.name.to_ascii_lowercase().starts_with("content-"));
    }
    let held = headers.len();
    let same = url.host_str() == request.url.host_str()
        && url.port_or_known_default() == request.url.port_or_known_default()
        && (url.scheme() == request.url.scheme() || url.scheme() == "https");
    if !same {
        headers.retain(|header| !is_credential(header));
    }
    let credentials_dropped = headers.len() < held;
    if authority(&url) != authority(&request.url) {
        set_host(&mut headers, authority(&url).to_owned());
    }
    let redirect = Redirect { status, method: method.to_string(), url: url.to_string(), credentials_dropped };
    Ok(Some((Outgoing::assemble(method, url, headers, body), redirect)))
}

/// A Location as text: one that is not UTF-8 by its bytes, as browsers read it.
fn text(location: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(location).map_or_else(|_| percent_encode(location, CONTROLS).into(), Cow::Borrowed)
}

/// A location for a message: its beginning where it is long.
fn shown(location: &str) -> Cow<'_, str> {
    const LONG: usize = 200;
    match location.char_indices().nth(LONG) {
        Some((at, _)) => Cow::Owned(format!("{}…", location.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(location),
    }
}

/// What must not reach another host: the headers made for it, and those that a script fills from `env.*`.
fn is_credential(header: &Header) -> bool {
    header.secret || header::is_credential(&header.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::HeaderSource;

    type Next = Result<Option<(Outgoing, Redirect)>, String>;

    fn request(method: Method) -> Outgoing {
        let header = |(name, value): (&str, &str)| Header {
            name: name.into(),
            value: value.into(),
            from: HeaderSource::Script,
            secret: name == "X-Api-Key",
        };
        let headers = [
            ("Host", "a.example"),
            ("Authorization", "Bearer x"),
            ("Cookie", "a=b"),
            ("Content-Type", "text/plain"),
            ("Accept", "*/*"),
            ("X-Api-Key", "k3y"),
        ];
        let url = "https://a.example/one/two?q=1".parse().expect("a URL");
        Outgoing::assemble(method, url, headers.map(header).into(), Some("hello".into()))
    }

    fn after(request: &Outgoing, status: u16, location: &[u8], stay: bool) -> Next {
        next(request, status, Some(location), stay)
    }

    #[track_caller]
    fn followed(next: Next) -> (Outgoing, Redirect) {
        next.expect("a redirect that can be followed").expect("a redirect")
    }

    #[test]
    fn method_and_body_by_the_status() {
        use Method as M;
        for (status, method, then, body) in [
            (301, M::POST, M::GET, false),
            (302, M::POST, M::GET, false),
            (302, M::PUT, M::PUT, true),
            (303, M::PUT, M::GET, false),
            (303, M::HEAD, M::HEAD, true),
            (307, M::POST, M::POST, true),
            (308, M::DELETE, M::DELETE, true),
        ] {
            let (outgoing, redirect) = followed(after(&request(method.clone()), status, b"/x", false));
            assert_eq!((&outgoing.method, outgoing.body.is_some()), (&then, body), "{status} after {method}");
            assert_eq!((redirect.method.as_str(), redirect.status), (then.as_str(), status));
            assert_eq!(outgoing.header("content-type").is_some(), body, "{status} after {method}");
        }
        assert!(matches!(after(&request(M::GET), 304, b"/x", false), Ok(None)));
        assert!(matches!(after(&request(M::GET), 200, b"/x", false), Ok(None)));
    }

    #[test]
    fn credentials_stay_with_their_host() {
        for (location, dropped) in [
            (&b"/x"[..], false),
            (b"https://a.example:443/x", false),
            (b"//a.example/x", false),
            (b"https://b.example/x", true),
            (b"https://a.example.b.example/x", true),
            (b"https://a.example:8443/x", true),
            (b"http://a.example/x", true),
        ] {
            let (outgoing, redirect) = followed(after(&request(Method::GET), 307, location, false));
            assert_eq!(redirect.credentials_dropped, dropped, "{}", redirect.url);
            for name in ["authorization", "cookie", "x-api-key"] {
                assert_eq!(outgoing.header(name).is_some(), !dropped, "{name} to {}", redirect.url);
            }
            assert!(outgoing.header("accept").is_some());
            assert_eq!(outgoing.header("host"), Some(authority(&outgoing.url)));
        }
    }

    #[test]
    fn where_it_leads() {
        for (location, url) in [
            (&b"three"[..], "https://a.example/one/three"),
            (b"?r=2", "https://a.example/one/two?r=2"),
            (b"../x#part", "https://a.example/x"),
            (b"https://bob:hush@b.example/", "https://b.example/"),
            ("/é x".as_bytes(), "https://a.example/%C3%A9%20x"),
            (b"/caf\xe9", "https://a.example/caf%E9"),
        ] {
            let (outgoing, redirect) = followed(after(&request(Method::GET), 302, location, false));
            assert_eq!((outgoing.url.as_str(), redirect.url.as_str()), (url, url));
        }
    }

    #[test]
    fn those_that_lead_nowhere() {
        let refused = |next: Next| next.expect_err("one that can't be followed");
        let get = request(Method::GET);
        assert_eq!(refused(next(&get, 302, None, false)), "without a Location to follow");
        assert!(refused(after(&get, 302, b"ftp://b.example/x", false)).contains("neither http nor https"));
        assert!(refused(after(&get, 302, b"https://[::1", false)).contains("which is not a URL: invalid IPv6 address"));
        // Away from this machine only if that is wanted; what did not start here was asked about.
        let mut local = request(Method::GET);
        local.aim_at(&"http://127.0.0.1:8080/".parse().expect("a URL"), false);
        assert!(
            refused(after(&local, 302, b"https://a.example/x", true)).contains("to `a.example`, which is not this")
        );
        followed(after(&local, 302, b"http://localhost/x", true));
        followed(after(&local, 302, b"https://a.example/x", false));
        followed(after(&get, 302, b"https://b.example/x", true));
    }
}
