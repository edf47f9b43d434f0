//! A request ready to be sent any number of times: the bytes of a [`Resolved`], put together once.

use std::net::SocketAddr;
use std::sync::OnceLock;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use url::{Position, Url};

use super::attempt::BODY_KEPT;
use crate::diagnostic::{Diagnostic, Problems};
use crate::http::authority;
use crate::request::{Header, HeaderSource, Resolved};

/// A body of up to this many bytes is written together with the head: one packet, one system call.
const JOINED: usize = 16 * 1024;

/// A request ready to be sent any number of times: the bytes of a [`Resolved`].
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    /// In the order sent, names as written; `Host` and `Content-Length` are among them.
    pub(super) headers: Vec<Header>,
    pub(super) body: Option<Bytes>,
    pub(super) origin: Origin,
    /// How many bytes of the response's body are kept; [`BODY_KEPT`] unless something reads more.
    pub(super) keep_body: usize,
    message: OnceLock<Message>,
    /// The address that answered it first, and its text: usually all the others answer from there too.
    answered: OnceLock<(SocketAddr, String)>,
}

/// Where a connection leads: requests of one origin can share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    /// `scheme://host:port`
    text: String,
}

/// A request in HTTP/1.1: the pieces to write, one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    /// The head, and the body as well where it is short.
    pub head: Bytes,
    /// The body where it is long, else empty.
    pub body: Bytes,
}

impl Message {
    /// Bytes in all.
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// What comes after the first `written` bytes.
    pub(super) fn after(&self, written: usize) -> &[u8] {
        match self.head.get(written..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => self.body.get(written.saturating_sub(self.head.len())..).unwrap_or_default(),
        }
    }
}

impl Outgoing {
    /// The request as it will be sent.
    ///
    /// # Errors
    /// A method or a header that HTTP does not allow.
    pub fn new(request: &Resolved) -> Result<Self, Problems> {
        let refused = |what: String| Diagnostic::error(format!("`{}` can't be sent: {what}", request.script));
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| refused(format!("`{}` is not a method", request.method)))?;
        for header in &request.headers {
            if HeaderName::from_bytes(header.name.as_bytes()).is_err() {
                return Err(refused(format!("`{}` is not a header name", header.name)).into());
            }
            if HeaderValue::from_bytes(header.value.as_bytes()).is_err() {
                let what = format!("the value of `{}` has a character that headers can't contain", header.name);
                return Err(refused(what).into());
            }
        }
        let body = request.body.as_ref().map(|body| Bytes::from(body.bytes.clone()));
        Ok(Self::assemble(method, request.url.clone(), request.headers.clone(), body))
    }

    /// A request of these parts; `Host` and `Content-Length` are added where they are missing.
    pub(super) fn assemble(method: Method, url: Url, mut headers: Vec<Header>, body: Option<Bytes>) -> Self {
        let client =
            |name: &str, value| Header { name: name.to_owned(), value, from: HeaderSource::Client, secret: false };
        if find(&headers, "host").is_none() {
            headers.insert(0, client("Host", authority(&url).to_owned()));
        }
        if let Some(body) = &body
            && find(&headers, "content-length").is_none()
        {
            headers.push(client("Content-Length", body.len().to_string()));
        }
        let origin = Origin::of(&url);
        let (message, answered) = (OnceLock::new(), OnceLock::new());
        Self { method, url, headers, body, origin, keep_body: BODY_KEPT, message, answered }
    }

    /// Sends it to the scheme, host and port of `target`. `keep_host` names the script's host in `Host` all the same.
    pub fn aim_at(&mut self, target: &Url, keep_host: bool) {
        let mut url = target.clone();
        url.set_path(self.url.path());
        url.set_query(self.url.query());
        let host = authority(if keep_host { &self.url } else { &url }).to_owned();
        let mut headers = std::mem::take(&mut self.headers);
        set_host(&mut headers, host);
        let aimed = Self::assemble(self.method.clone(), url, headers, self.body.take());
        *self = Self { keep_body: self.keep_body, ..aimed };
    }

    /// The message in HTTP/1.1, as an origin server is asked.
    pub(super) fn message(&self) -> &Message {
        self.message.get_or_init(|| self.write_message(&self.url[Position::BeforePath..Position::AfterQuery], &[]))
    }

    /// The message as a proxy is asked: with the whole URL, and what is meant for the proxy alone.
    pub(super) fn message_to_proxy(&self, authorization: Option<&str>) -> Message {
        let authorization = authorization.map(|value| ("Proxy-Authorization", value));
        self.write_message(&self.url[..Position::AfterQuery], authorization.as_slice())
    }

    fn write_message(&self, target: &str, more: &[(&str, &str)]) -> Message {
        let headers = self.headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
        let mut text = format!("{} {target} HTTP/1.1\r\n", self.method).into_bytes();
        for (name, value) in headers.chain(more.iter().copied()) {
            for piece in [name, ": ", value, "\r\n"] {
                text.extend_from_slice(piece.as_bytes());
            }
        }
        text.extend_from_slice(b"\r\n");
        let mut body = self.body.clone().unwrap_or_default();
        if body.len() <= JOINED {
            text.extend_from_slice(&std::mem::take(&mut body));
        }
        Message { head: text.into(), body }
    }

    /// The first value of that header; the name is in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name).map(|header| header.value.as_str())
    }

    /// The text of an address that answered it.
    pub(super) fn remote(&self, address: SocketAddr) -> String {
        let (first, text) = self.answered.get_or_init(|| (address, address.to_string()));
        if *first == address { text.clone() } else { address.to_string() }
    }

    /// Its method, in capitals.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Keeps this many bytes of the response's body, for callbacks and expectations that read more than a report shows.
    pub fn keep_body(&mut self, bytes: usize) {
        self.keep_body = bytes;
    }

    /// The URL it goes to.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl Origin {
    fn of(url: &Url) -> Self {
        Self { text: format!("{}://{}", url.scheme(), endpoint(url)) }
    }
}

fn find<'h>(headers: &'h [Header], name: &str) -> Option<&'h Header> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))
}

/// Names another host in `Host`.
pub(super) fn set_host(headers: &mut Vec<Header>, host: String) {
    match headers.iter_mut().find(|header| header.name.eq_ignore_ascii_case("host")) {
        Some(header) => header.value = host,
        None => {
            headers.insert(0, Header { name: "Host".into(), value: host, from: HeaderSource::Client, secret: false });
        }
    }
}

/// `host:port`, as messages name an endpoint.
pub(super) fn endpoint(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(body: &str) -> Outgoing {
        let header = |name: &str, value: &str| Header {
            name: name.into(),
            value: value.into(),
            from: HeaderSource::Script,
            secret: false,
        };
        let headers =
            vec![header("SOAPAction", "urn:a#b"), header("x-lower", "ä"), header("X-A", ""), header("x-a", "2")];
        let url = "http://h.example:8080/a?b=c".parse().expect("a URL");
        Outgoing::assemble(Method::POST, url, headers, Some(Bytes::copy_from_slice(body.as_bytes())))
    }

    fn text(message: &Message) -> String {
        String::from_utf8([&message.head[..], &message.body[..]].concat()).expect("text")
    }

    #[test]
    fn header_names_go_out_as_written_and_in_their_order() {
        let expected = "POST /a?b=c HTTP/1.1\r\nHost: h.example:8080\r\nSOAPAction: urn:a#b\r\nx-lower: ä\r\nX-A: \r\n\
            x-a: 2\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(text(outgoing("hi").message()), expected);
    }

    #[test]
    fn a_proxy_is_asked_with_the_whole_url() {
        let message = text(&outgoing("hi").message_to_proxy(Some("Basic eA==")));
        assert!(
            message.starts_with("POST http://h.example:8080/a?b=c HTTP/1.1\r\nHost: h.example:8080\r\n"),
            "{message}"
        );
        assert!(message.contains("\r\nProxy-Authorization: Basic eA==\r\n\r\nhi"), "{message}");
    }

    #[test]
    fn what_is_left_to_write() {
        for body in ["short", &"long".repeat(JOINED)] {
            let outgoing = outgoing(body);
            let (message, whole) = (outgoing.message(), text(outgoing.message()));
            let mut written = 0;
            while written < message.len() {
                let rest = message.after(written);
                assert!(whole.as_bytes()[written..].starts_with(rest) && !rest.is_empty());
                written += rest.len().min(1_000);
            }
            assert_eq!(message.after(written), b"");
        }
    }

    #[test]
    fn another_target_is_another_origin_and_names_its_own_host() {
        let target = "https://staging.example".parse().expect("a URL");
        let mut moved = outgoing("hi");
        moved.aim_at(&target, false);
        assert_eq!(
            (moved.url.as_str(), moved.header("host")),
            ("https://staging.example/a?b=c", Some("staging.example"))
        );
        let mut kept = outgoing("hi");
        kept.aim_at(&target, true);
        assert_eq!(kept.header("host"), Some("h.example:8080"));
        assert_eq!(kept.origin, moved.origin);
        assert_ne!(kept.origin, outgoing("hi").origin);
    }
}
