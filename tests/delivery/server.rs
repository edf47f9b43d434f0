//! Servers for tests, each on a port of its own, and requests to them.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hookctl::event::UseCase;
use hookctl::request::{Body, Header, HeaderSource, Resolved};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that gives each connection to `answer`, on a port of its own.
pub(crate) async fn serve<F, A>(answer: A) -> SocketAddr
where
    A: Fn(TcpStream) -> F + Send + Sync + 'static,
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

/// A server that reads the request's head and answers with these bytes, then closes.
pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> SocketAddr {
    let bytes: Arc<Vec<u8>> = Arc::new(bytes.into());
    serve(move |mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            head(&mut stream).await?;
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
    })
    .await
}

/// Reads up to the end of a request's head and gives it.
pub(crate) async fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut read = Vec::new();
    let mut byte = [0; 1];
    while !read.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await? == 1 {
        read.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&read).into_owned())
}

/// A request to that URL, with credentials; a POST has a body.
pub(crate) fn request(method: &str, url: &str) -> Resolved {
    let body = (method == "POST").then(|| Body { content_type: "text/plain".into(), bytes: b"hello".to_vec() });
    let header = |name: &str, value: &str| Header {
        name: name.into(),
        value: value.into(),
        from: HeaderSource::Client,
        secret: false,
    };
    Resolved {
        script: "s".into(),
        name: "S".into(),
        path: "scripts/s.yaml".into(),
        use_case: UseCase::Contact,
        method: method.into(),
        url: url.parse().expect("a URL"),
        params: Vec::new(),
        headers: vec![
            header("Accept", "*/*"),
            header("Authorization", "Bearer abc"),
            header("Content-Type", "text/plain"),
        ],
        body,
        warnings: Vec::new(),
        assumed: Vec::new(),
        redactor: Default::default(),
        varies: false,
    }
}

/// A frame of h2: type, flags, stream, payload.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Reads an HTTP/2 client's preface, then its frames up to the request's head. False: the client closed before.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<bool> {
    let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
    while !has_headers(read.get(24..).unwrap_or_default()) {
        match stream.read(&mut buffer).await? {
            0 => return Ok(false),
            n => read.extend(&buffer[..n]),
        }
    }
    Ok(true)
}

/// A whole HEADERS frame is among these.
fn has_headers(mut bytes: &[u8]) -> bool {
    while bytes.len() >= 9 {
        if bytes[3] == 1 {
            return true;
        }
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        bytes = bytes.get(9 + length..).unwrap_or_default();
    }
    false
}
