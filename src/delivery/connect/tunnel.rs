//! `CONNECT`: an HTTP proxy is asked for a connection to the endpoint.

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::words::reason;
use crate::delivery::proxy::Proxy;
use crate::http::USER_AGENT;

/// The longest accepted head of a proxy's answer, bytes.
const HEAD_MAX: usize = 64 * 1024;

/// Asks the proxy at the other end for a connection to `target` (`host:port`). Answers what came after the proxy's head,
/// which is the endpoint's already.
///
/// # Errors
/// A sentence that names the proxy and what it answered.
pub(super) async fn open<S>(stream: &mut S, target: &str, proxy: &Proxy) -> Result<Vec<u8>, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let broken = |error| {
        format!("the proxy {proxy} dropped the connection when asked to connect to {target}: {}", reason(&error))
    };
    stream.write_all(request(target, proxy).as_bytes()).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut received = Vec::new();
    loop {
        let Some((head, rest)) = split_head(&received) else {
            if received.len() > HEAD_MAX {
                return Err(format!("the proxy {proxy} answered CONNECT with a head of more than {HEAD_MAX} bytes"));
            }
            if stream.read_buf(&mut received).await.map_err(broken)? == 0 {
                return Err(format!("the proxy {proxy} closed the connection when asked to connect to {target}"));
            }
            continue;
        };
        match status(head) {
            None => {
                return Err(format!(
                    "the proxy {proxy} does not answer as an HTTP proxy does: check its scheme and port"
                ));
            }
            Some(status) if status.is_success() => return Ok(rest.to_vec()),
            Some(status) if status.is_informational() => received = rest.to_vec(),
            Some(status) => return Err(refused(status, head, target, proxy)),
        }
    }
}

fn request(target: &str, proxy: &Proxy) -> String {
    let authorization = proxy
        .credentials
        .as_ref()
        .map(|known| format!("Proxy-Authorization: {}\r\n", known.basic()))
        .unwrap_or_default();
    format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {USER_AGENT}\r\n{authorization}\r\n")
}

/// The head with its last line's end, and what follows it; none while it is not complete.
fn split_head(received: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut line_starts = received.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let end = line_starts.find(|start| {
        let rest = received.get(*start..).unwrap_or_default();
        rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    })?;
    let rest = received.get(end..)?;
    Some((received.get(..end)?, rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?))
}

fn status(head: &[u8]) -> Option<StatusCode> {
    let digits = head.strip_prefix(b"HTTP/1.")?.get(1..)?.strip_prefix(b" ")?.get(..3)?;
    StatusCode::from_bytes(digits).ok()
}

fn refused(status: StatusCode, head: &[u8], target: &str, proxy: &Proxy) -> String {
    let (number, name) = (status.as_u16(), status.canonical_reason().unwrap_or_default());
    let answer = format!("{number} {name}");
    let answer = answer.trim_end();
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED if !offers_basic(head) => {
            format!(
                "the proxy {proxy} answered CONNECT with {answer}: it does not accept Basic authentication, the only one hookctl has"
            )
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            format!("the proxy {proxy} answered CONNECT with {answer}: {}", proxy.wanted_credentials())
        }
        StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED => {
            format!("the proxy {proxy} answered CONNECT with {answer}: it does not allow connections to {target}")
        }
        _ => format!("the proxy {proxy} answered CONNECT with {answer}: it did not connect to {target}"),
    }
}

/// Does a `Proxy-Authenticate` field name Basic? Where there is no such field, nobody knows what it wants.
fn offers_basic(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let mut fields = head.lines().filter_map(|line| line.strip_prefix("proxy-authenticate:")).peekable();
    fields.peek().is_none() || fields.any(|value| value.split([',', ' ']).any(|word| word == "basic"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(proxy: &str, answer: &[u8]) -> (Result<Vec<u8>, String>, String) {
        let proxy = Proxy::parse(proxy, "--proxy").expect("a proxy");
        let (mut ours, mut theirs) = tokio::io::duplex(1 << 20);
        theirs.write_all(answer).await.expect("memory");
        theirs.shutdown().await.expect("memory");
        let opened = open(&mut ours, "api.example.com:443", &proxy).await;
        drop(ours);
        let mut asked = String::new();
        theirs.read_to_string(&mut asked).await.expect("text");
        (opened, asked)
    }

    #[tokio::test]
    async fn what_is_asked() {
        let (opened, asked) = answered("http://Aladdin:open%20sesame@p:8080", b"HTTP/1.1 200 OK\r\n\r\n").await;
        assert_eq!(opened, Ok(vec![]));
        assert_eq!(
            asked.replace(env!("CARGO_PKG_VERSION"), "X"),
            "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\nUser-Agent: hookctl/X\r\n\
             Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
        );
        assert!(!answered("p:8080", b"HTTP/1.1 200 OK\r\n\r\n").await.1.contains("Authorization"));
    }

    #[tokio::test]
    async fn what_opens_it() {
        for (answer, rest) in [
            (&b"HTTP/1.0 200 Connection established\r\n\r\n"[..], &b""[..]),
            (b"HTTP/1.1 200\r\nVia: x\r\n\r\nSETTINGS", b"SETTINGS"),
            (b"HTTP/1.1 204 No Content\n\nrest", b"rest"),
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n", b"\r\n"),
        ] {
            assert_eq!(answered("p:8080", answer).await.0, Ok(rest.to_vec()), "{}", answer.escape_ascii());
        }
    }

    #[tokio::test]
    async fn what_refuses_it() {
        let mut told = Vec::new();
        for (proxy, answer) in [
            ("p:8080", "HTTP/1.1 403 No way\r\n\r\n<html>"),
            ("p:8080", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\r\n"),
            (
                "bob:hunter2@p:8080",
                "HTTP/1.1 407 X\r\nProxy-Authenticate: Digest a=b\r\nproxy-authenticate: Basic realm=x\r\n\r\n",
            ),
            ("bob:hunter2@p:8080", "HTTP/1.1 407 X\r\nProxy-Authenticate: Negotiate\r\n\r\n"),
            ("p:8080", "HTTP/1.1 502 Bad Gateway\r\n\r\n"),
            ("p:8080", "HTTP/1.1 599 \x1b[1m\r\n\r\n"),
            ("p:8080", "HTTP/1.1 200 OK\r\n"),
            ("p:8080", ""),
            ("p:8080", "SSH-2.0-OpenSSH\r\n\r\n"),
            ("p:8080", "HTTP/1.1 20\r\n\r\n"),
        ] {
            told.push(answered(proxy, answer.as_bytes()).await.0.expect_err("refused"));
        }
        told.push(answered("p:8080", &[b'x'; HEAD_MAX * 2]).await.0.expect_err("endless"));
        let told = told.join("\n");
        assert!(!told.contains("hunter2"), "{told}");
        insta::assert_snapshot!(told);
    }
}
