//! SOCKS 4, 4a and 5 (RFC 1928, user name and password by RFC 1929): a proxy is asked for a connection to the endpoint.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::Host;

use super::words::reason;
use crate::delivery::proxy::{Credentials, Protocol, Proxy};

/// Where to connect to.
#[derive(Debug, Clone)]
pub(super) enum Destination {
    /// An address that was resolved here.
    Address(SocketAddr),
    /// A name that the proxy resolves, and a port.
    Name(String, u16),
}

/// Why a proxy gave no connection.
enum Fault {
    Broken(io::Error),
    Told(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Broken(error)
    }
}

impl Destination {
    /// The host where the proxy resolves names or where it is an address; none where it has to be resolved here first.
    pub(super) fn of(host: &Host<String>, port: u16, protocol: Protocol) -> Option<Self> {
        let proxy_resolves = matches!(protocol, Protocol::Socks4a | Protocol::Socks5h);
        match host {
            Host::Ipv4(address) => Some(Self::Address((*address, port).into())),
            Host::Ipv6(address) => Some(Self::Address((*address, port).into())),
            Host::Domain(name) if proxy_resolves => Some(Self::Name(name.clone(), port)),
            Host::Domain(_) => None,
        }
    }
}

/// Asks the SOCKS proxy at the other end for a connection to `destination`, which messages call `target`.
///
/// # Errors
/// A sentence that names the proxy and what it answered.
pub(super) async fn open<S>(
    stream: &mut S,
    destination: &Destination,
    target: &str,
    proxy: &Proxy,
) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let opened = match proxy.protocol {
        Protocol::Socks4 | Protocol::Socks4a => socks4(stream, destination, proxy).await,
        _ => socks5(stream, destination, proxy).await,
    };
    opened.map_err(|fault| match fault {
        Fault::Told(why) => format!("the proxy {proxy} did not connect to {target}: {why}"),
        Fault::Broken(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("the proxy {proxy} closed the connection when asked to connect to {target}")
        }
        Fault::Broken(error) => {
            format!("the proxy {proxy} dropped the connection when asked to connect to {target}: {}", reason(&error))
        }
    })
}

async fn socks4<S>(stream: &mut S, destination: &Destination, proxy: &Proxy) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// The address that means "a name follows" in SOCKS 4a.
    const NAME_FOLLOWS: Ipv4Addr = Ipv4Addr::new(0, 0, 0, 1);
    let (address, port, name) = match destination {
        Destination::Address(SocketAddr::V4(address)) => (*address.ip(), address.port(), None),
        Destination::Address(SocketAddr::V6(_)) => {
            return Err(Fault::Told("SOCKS 4 doesn't support IPv6: use a `socks5://` proxy".into()));
        }
        Destination::Name(name, port) => (NAME_FOLLOWS, *port, Some(name)),
    };
    let mut request = vec![4, 1];
    request.extend(port.to_be_bytes());
    request.extend(address.octets());
    request.extend(proxy.credentials.iter().flat_map(|known| &known.user));
    request.push(0);
    if let Some(name) = name {
        request.extend(name.as_bytes());
        request.push(0);
    }
    stream.write_all(&request).await?;
    stream.flush().await?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).await?;
    match answer {
        [0, 90, ..] => Ok(()),
        [0, 91, ..] => Err(Fault::Told("it refused or could not reach it".into())),
        [0, 92 | 93, ..] => Err(Fault::Told("it requires identd, which hookctl doesn't support".into())),
        _ => Err(not_socks(4)),
    }
}

async fn socks5<S>(stream: &mut S, destination: &Destination, proxy: &Proxy) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const NO_AUTHENTICATION: u8 = 0;
    const PASSWORD: u8 = 2;
    let methods: &[u8] =
        if proxy.credentials.is_some() { &[NO_AUTHENTICATION, PASSWORD] } else { &[NO_AUTHENTICATION] };
    let mut greeting = vec![5];
    push_counted(&mut greeting, methods)?;
    stream.write_all(&greeting).await?;
    stream.flush().await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match (chosen, &proxy.credentials) {
        ([5, NO_AUTHENTICATION], _) => {}
        ([5, PASSWORD], Some(known)) => authenticate(stream, known).await?,
        ([5, _], Some(_)) => {
            return Err(Fault::Told("it accepts neither a user name and password nor anonymous access".into()));
        }
        ([5, _], None) => {
            let example = format!("`socks5h://user:password@{proxy}`");
            return Err(Fault::Told(format!("it requires a user name and password, as in {example}")));
        }
        _ => return Err(not_socks(5)),
    }
    let mut request = vec![5, 1, 0];
    push_destination(&mut request, destination)?;
    stream.write_all(&request).await?;
    stream.flush().await?;
    read_reply(stream).await
}

async fn authenticate<S>(stream: &mut S, known: &Credentials) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = vec![1];
    push_counted(&mut request, &known.user)?;
    push_counted(&mut request, &known.password)?;
    stream.write_all(&request).await?;
    stream.flush().await?;
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await?;
    match answer {
        [_, 0] => Ok(()),
        _ => Err(Fault::Told("it does not accept the user name and password in its URL".into())),
    }
}

/// Bytes after a byte that says how many.
fn push_counted(request: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Fault> {
    let length = u8::try_from(bytes.len()).map_err(|_| Fault::Told("SOCKS can't send more than 255 bytes".into()))?;
    request.push(length);
    request.extend(bytes);
    Ok(())
}

fn push_destination(request: &mut Vec<u8>, destination: &Destination) -> Result<(), Fault> {
    let port = match destination {
        Destination::Address(address) => {
            match address.ip() {
                IpAddr::V4(ip) => {
                    request.push(1);
                    request.extend(ip.octets());
                }
                IpAddr::V6(ip) => {
                    request.push(4);
                    request.extend(ip.octets());
                }
            }
            address.port()
        }
        Destination::Name(name, port) => {
            request.push(3);
            push_counted(request, name.as_bytes())?;
            *port
        }
    };
    request.extend(port.to_be_bytes());
    Ok(())
}

async fn read_reply<S: AsyncRead + Unpin>(stream: &mut S) -> Result<(), Fault> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [version, reply, _, kind] = head;
    if version != 5 {
        return Err(not_socks(5));
    }
    if reply != 0 {
        return Err(Fault::Told(refusal(reply)));
    }
    let length = match kind {
        1 => 4,
        3 => usize::from(stream.read_u8().await?),
        4 => 16,
        _ => return Err(not_socks(5)),
    };
    // Skips the address and port that the proxy connects from.
    stream.read_exact(&mut vec![0; length + 2]).await?;
    Ok(())
}

fn refusal(reply: u8) -> String {
    match reply {
        1 => "it failed".into(),
        2 => "its rules do not allow it".into(),
        3 => "network unreachable".into(),
        4 => "host unreachable".into(),
        5 => "connection refused".into(),
        6 => "TTL expired".into(),
        7 => "it does not support CONNECT".into(),
        8 => "it does not support this type of address".into(),
        other => format!("it answered {other}"),
    }
}

fn not_socks(version: u8) -> Fault {
    Fault::Told(format!("it does not speak SOCKS {version}; check the scheme and the port of its URL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "api.example.com";

    /// What a proxy that answers these bytes is sent, and what becomes of it.
    async fn opened(proxy: &str, destination: Destination, answer: &[u8]) -> (Vec<u8>, Result<(), String>) {
        let proxy = Proxy::parse(proxy, "--proxy").expect("a proxy");
        let (mut ours, mut theirs) = tokio::io::duplex(4096);
        theirs.write_all(answer).await.expect("memory");
        theirs.shutdown().await.expect("memory");
        let opened = open(&mut ours, &destination, "api.example.com:443", &proxy).await;
        drop(ours);
        let mut asked = Vec::new();
        theirs.read_to_end(&mut asked).await.expect("memory");
        (asked, opened)
    }

    fn name() -> Destination {
        Destination::Name(NAME.into(), 443)
    }

    fn address(text: &str) -> Destination {
        Destination::Address(text.parse().expect("an address"))
    }

    #[tokio::test]
    async fn what_each_protocol_sends() {
        let granted = [0, 90, 0, 0, 0, 0, 0, 0];
        let (asked, done) = opened("socks4://bob@p", address("1.2.3.4:443"), &granted).await;
        assert_eq!((asked.as_slice(), done), (&b"\x04\x01\x01\xbb\x01\x02\x03\x04bob\0"[..], Ok(())));
        let (asked, done) = opened("socks4a://p", name(), &granted).await;
        assert_eq!((asked.as_slice(), done), (&b"\x04\x01\x01\xbb\0\0\0\x01\0api.example.com\0"[..], Ok(())));

        let granted = b"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x09";
        let (asked, done) = opened("socks5h://p", name(), granted).await;
        assert_eq!((asked.as_slice(), done), (&b"\x05\x01\0\x05\x01\0\x03\x0fapi.example.com\x01\xbb"[..], Ok(())));
        let (asked, done) = opened("socks5://p", address("1.2.3.4:443"), b"\x05\0\x05\0\0\x03\x02hi\0\x09").await;
        assert_eq!((asked.as_slice(), done), (&b"\x05\x01\0\x05\x01\0\x01\x01\x02\x03\x04\x01\xbb"[..], Ok(())));
        let (asked, done) =
            opened("socks5://bob:hi@p", address("[::1]:1"), b"\x05\x02\x01\0\x05\0\0\x01\0\0\0\0\0\0").await;
        let ipv6 = [&[4][..], &[0; 15], &[1, 0, 1]].concat();
        assert_eq!((asked, done), ([&b"\x05\x02\0\x02\x01\x03bob\x02hi\x05\x01\0"[..], &ipv6].concat(), Ok(())));
    }

    #[test]
    fn who_resolves() {
        let host = Host::parse(NAME).expect("a host");
        for (protocol, theirs) in
            [(Protocol::Socks4, false), (Protocol::Socks4a, true), (Protocol::Socks5, false), (Protocol::Socks5h, true)]
        {
            assert_eq!(Destination::of(&host, 443, protocol).is_some(), theirs, "{protocol:?}");
        }
    }

    #[tokio::test]
    async fn what_refuses() {
        let mut told = Vec::new();
        for (proxy, destination, answer) in [
            ("socks4://p:1080", address("1.2.3.4:443"), &[0, 91, 0, 0, 0, 0, 0, 0][..]),
            ("socks4://p:1080", address("1.2.3.4:443"), &[0, 93, 0, 0, 0, 0, 0, 0]),
            ("socks4://p:1080", address("1.2.3.4:443"), b"HTTP/1.1 400"),
            ("socks4://p:1080", address("[::1]:443"), b""),
            ("socks5h://p:1080", name(), b"\x05\x00\x05\x05\x00\x01"),
            ("socks5h://p:1080", name(), b"\x05\x00\x05\x02\x00\x01"),
            ("socks5h://p:1080", name(), b"\x05\x00\x05\x63\x00\x01"),
            ("socks5h://p:1080", name(), b"\x05\xff"),
            ("socks5h://bob:hunter2@p:1080", name(), b"\x05\xff"),
            ("socks5h://bob:hunter2@p:1080", name(), b"\x05\x02\x01\x01"),
            ("socks5h://p:1080", name(), b"HTTP/1.1 400"),
            ("socks5h://p:1080", name(), b"\x05"),
            ("socks5h://p:1080", Destination::Name("x".repeat(256), 1), b"\x05\x00"),
        ] {
            told.push(opened(proxy, destination, answer).await.1.expect_err("refused"));
        }
        let told = told.join("\n");
        assert!(!told.contains("hunter2"), "{told}");
        insta::assert_snapshot!(told);
    }
}
