//! Redirects: the request that follows one, and why there is none.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::{CONTROLS, percent_encode};

use super::client::{Outgoing, authority, is_loopback};
use super::result::Redirect;

/// The request that a redirect asks for: 303 is fetched by GET, 301 and 302 turn a POST into a GET, 307 and 308 keep
/// method and body, as browsers and HTTP libraries do. Credentials don't go to another host. Where `stay` says so, nothing
/// goes from this machine to another. None where the response is no redirect.
///
/// # Errors
/// Why it can't be followed: the end of a sentence about the answer.
pub(super) fn next(
    request: &Outgoing,
    status: StatusCode,
    headers: &HeaderMap,
    stay: bool,
) -> Result<Option<(Outgoing, Redirect)>, String> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = text(headers.get(LOCATION).ok_or("without a Location to follow")?);
    let mut url = match request.url.join(&location) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        Ok(_) => return Err(format!("to `{location}`, which is neither http nor https")),
        Err(error) => return Err(format!("to `{location}`, which is no URL: {error}")),
    };
    if stay && is_loopback(&request.url) && !is_loopback(&url) {
        let host = url.host_str().unwrap_or_default();
        return Err(format!("to `{host}`, which is not this machine; --yes follows many of them there"));
    }
    // Neither can fail on a URL with a host; a script's own credentials are in its headers.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);

    let mut next = Outgoing::clone(request);
    let to_get = match status.as_u16() {
        303 => next.method != Method::GET && next.method != Method::HEAD,
        301 | 302 => next.method == Method::POST,
        _ => false,
    };
    if to_get {
        next.method = Method::GET;
        next.body = None;
        next.headers = without(&next.headers, |name, _| name.as_str().starts_with("content-"));
    }
    let held = next.headers.len();
    let same = url.host_str() == request.url.host_str()
        && url.port_or_known_default() == request.url.port_or_known_default()
        && (url.scheme() == request.url.scheme() || url.scheme() == "https");
    if !same {
        next.headers = without(&next.headers, is_credential);
    }
    let credentials_dropped = next.headers.len() < held;
    if authority(&url) != authority(&request.url)
        && let Ok(host) = authority(&url).parse()
    {
        next.headers.insert(HOST, host);
    }
    let (method, status) = (next.method.to_string(), status.as_u16());
    let redirect = Redirect { status, method, url: url.to_string(), credentials_dropped };
    next.url = url;
    Ok(Some((next, redirect)))
}

/// A Location as text: one that is not UTF-8 by its bytes, as browsers read it.
fn text(location: &HeaderValue) -> Cow<'_, str> {
    std::str::from_utf8(location.as_bytes())
        .map_or_else(|_| percent_encode(location.as_bytes(), CONTROLS).into(), Cow::Borrowed)
}

/// What must not reach another host: the headers made for it, and those that a script fills from `env.*`.
fn is_credential(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
}

fn without(headers: &HeaderMap, drop: impl Fn(&HeaderName, &HeaderValue) -> bool) -> HeaderMap {
    let kept = headers.iter().filter(|(name, value)| !drop(name, value));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Next = Result<Option<(Outgoing, Redirect)>, String>;

    fn request(method: Method) -> Outgoing {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "a.example"),
            ("authorization", "Bearer x"),
            ("cookie", "a=b"),
            ("content-type", "text/plain"),
            ("accept", "*/*"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let mut key = HeaderValue::from_static("k3y");
        key.set_sensitive(true);
        headers.insert("x-api-key", key);
        let url = "https://a.example/one/two?q=1".parse().expect("a URL");
        Outgoing { method, url, headers, body: Some("hello".into()), keep_body: 0, answered: Default::default() }
    }

    fn after(request: &Outgoing, status: u16, location: &[u8], stay: bool) -> Next {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_bytes(location).expect("a value"));
        next(request, StatusCode::from_u16(status).expect("a status"), &headers, stay)
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
            assert_eq!(outgoing.headers.contains_key("content-type"), body, "{status} after {method}");
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
                assert_eq!(outgoing.headers.contains_key(name), !dropped, "{name} to {}", redirect.url);
            }
            assert!(outgoing.headers.contains_key("accept"));
            assert_eq!(outgoing.headers.get("host").map(|h| h.as_bytes()), Some(authority(&outgoing.url).as_bytes()));
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
        assert_eq!(refused(next(&get, StatusCode::FOUND, &HeaderMap::new(), false)), "without a Location to follow");
        assert!(refused(after(&get, 302, b"ftp://b.example/x", false)).contains("neither http nor https"));
        assert!(refused(after(&get, 302, b"https://[::1", false)).contains("which is no URL: invalid IPv6 address"));
        // Away from this machine only if that is wanted; what did not start here was asked about.
        let local = Outgoing { url: "http://127.0.0.1:8080/".parse().expect("a URL"), ..request(Method::GET) };
        assert!(
            refused(after(&local, 302, b"https://a.example/x", true)).contains("to `a.example`, which is not this")
        );
        followed(after(&local, 302, b"http://localhost/x", true));
        followed(after(&local, 302, b"https://a.example/x", false));
        followed(after(&get, 302, b"https://b.example/x", true));
    }
}
