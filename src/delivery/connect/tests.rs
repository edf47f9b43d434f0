//! Connections to servers and proxies on this machine.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::delivery::{ProxyChoice, ResolveOverride, TlsOptions};

/// A certificate authority that nobody trusts unless told to.
struct Authority {
    key: KeyPair,
    params: CertificateParams,
    folder: tempfile::TempDir,
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("params");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let folder = tempfile::tempdir().expect("a folder");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    std::fs::write(folder.path().join("ca.pem"), pem).expect("a file");
    Authority { key, params, folder }
});

impl Authority {
    fn issue(&self, name: &str, change: fn(&mut CertificateParams)) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("params");
        change(&mut params);
        let issuer = rcgen::Issuer::from_params(&self.params, &self.key);
        (params.signed_by(&key, &issuer).expect("a certificate"), key)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }
}

/// What a server's TLS is made of.
#[derive(Default)]
struct Server {
    alpn: Vec<Vec<u8>>,
    wants_client_certificate: bool,
    versions: Option<&'static SupportedProtocolVersion>,
    change: Option<fn(&mut CertificateParams)>,
    name: Option<&'static str>,
}

impl Server {
    fn acceptor(self) -> TlsAcceptor {
        let (certificate, key) = AUTHORITY.issue(self.name.unwrap_or("localhost"), self.change.unwrap_or(|_| {}));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = self.versions.map_or(rustls::ALL_VERSIONS.to_vec(), |version| vec![version]);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_protocol_versions(&versions).expect("versions");
        let builder = if self.wants_client_certificate {
            let mut roots = rustls::RootCertStore::empty();
            let root = CertificateDer::from_pem_file(AUTHORITY.folder.path().join("ca.pem")).expect("a certificate");
            roots.add(root).expect("a root");
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let mut config = builder.with_single_cert(vec![certificate.der().clone()], key).expect("a server");
        config.alpn_protocols = self.alpn;
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Serves each connection in turn; the port.
async fn serve<F>(mut one: impl FnMut(TcpStream) -> F + 'static) -> u16
where
    F: Future<Output = io::Result<()>> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::task::spawn_local(one(stream));
        }
    });
    port
}

/// Answers what it reads first with the same.
async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer).await?;
    stream.write_all(&buffer[..length]).await?;
    stream.shutdown().await
}

async fn serve_tls(server: Server) -> u16 {
    let acceptor = server.acceptor();
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move { echo(acceptor.accept(stream).await?).await }
    })
    .await
}

fn direct() -> ClientOptions {
    let tls = TlsOptions { cacert: vec![AUTHORITY.folder.path().join("ca.pem")], ..TlsOptions::default() };
    ClientOptions { tls, proxy: ProxyChoice::Direct, ..ClientOptions::default() }
}

fn through(proxy: &str) -> ClientOptions {
    ClientOptions { proxy: ProxyChoice::Url(proxy.into()), ..direct() }
}

async fn connect_traced(options: &ClientOptions, url: &str, trace: &Trace) -> Result<Connection, ConnectError> {
    let connector = Connector::new(options).expect("a connector");
    connector.prepare_tls().expect("TLS");
    let url = url.parse().expect("a URL");
    let connecting = connector.connect(&url, trace);
    tokio::time::timeout(Duration::from_secs(20), connecting).await.expect("in time")
}

async fn connect(options: &ClientOptions, url: &str) -> Result<Connection, ConnectError> {
    connect_traced(options, url, &Trace::default()).await
}

async fn refused(options: &ClientOptions, url: &str) -> ConnectError {
    connect(options, url).await.expect_err("no connection")
}

/// Writes a line and reads it back.
async fn assert_echoes(connection: &mut Connection) {
    connection.stream.write_all(b"hello").await.expect("written");
    connection.stream.flush().await.expect("written");
    let mut read = [0; 5];
    connection.stream.read_exact(&mut read).await.expect("an echo");
    assert_eq!(&read, b"hello");
}

/// Runs a test where servers may be spawned beside it.
fn local<F: Future>(test: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, test)
}

#[test]
fn without_tls() {
    local(async {
        let port = serve(echo).await;
        for host in ["127.0.0.1", "localhost", "shop.localhost"] {
            let trace = Trace::default();
            let url = format!("http://{host}:{port}/");
            let mut connection = connect_traced(&direct(), &url, &trace).await.expect("a connection");
            assert_echoes(&mut connection).await;
            assert_eq!(connection.remote, Some(([127, 0, 0, 1], port).into()));
            assert!(!connection.http2 && !connection.absolute_form && connection.proxy_authorization.is_none());
            let marks = trace.marks();
            assert!(marks.dns().is_none() && marks.connect().is_some() && marks.tls().is_none(), "{marks:?}");
        }
        let prior_knowledge = ClientOptions { versions: HttpVersions::Http2, ..direct() };
        assert!(connect(&prior_knowledge, &format!("http://127.0.0.1:{port}/")).await.expect("a connection").http2);
    });
}

#[test]
fn with_tls() {
    local(async {
        let both = || vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        for (versions, alpn, http2) in [
            (HttpVersions::Any, both(), true),
            (HttpVersions::Http1, both(), false),
            (HttpVersions::Http2, both(), true),
            (HttpVersions::Any, vec![b"http/1.1".to_vec()], false),
            (HttpVersions::Any, vec![], false),
        ] {
            let port = serve_tls(Server { alpn, ..Server::default() }).await;
            let trace = Trace::default();
            let options = ClientOptions { versions, ..direct() };
            let url = format!("https://localhost.:{port}/");
            let mut connection = connect_traced(&options, &url, &trace).await.expect("a connection");
            assert_eq!(connection.http2, http2, "{versions:?}");
            assert_echoes(&mut connection).await;
            assert!(trace.marks().tls().is_some());
        }
    });
}

#[test]
fn versions_that_a_server_does_not_speak() {
    local(async {
        let only_h2 = ClientOptions { versions: HttpVersions::Http2, ..direct() };
        let port = serve_tls(Server::default()).await;
        let error = refused(&only_h2, &format!("https://localhost:{port}/")).await;
        assert_eq!(error.outcome, AttemptOutcome::ProtocolError);
        assert!(error.message.ends_with("does not speak HTTP/2 (TLS did not negotiate it): leave out --http2"));
        let port = serve_tls(Server { alpn: vec![b"http/1.1".to_vec()], ..Server::default() }).await;
        let error = refused(&only_h2, &format!("https://localhost:{port}/")).await;
        assert_eq!(
            error.message,
            format!("localhost:{port} speaks none of the HTTP versions offered: leave out --http2 or --http1.1")
        );
    });
}

#[test]
fn sessions_are_resumed() {
    local(async {
        let acceptor = Server::default().acceptor();
        let (kinds, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let port = serve(move |stream| {
            let (acceptor, kinds) = (acceptor.clone(), kinds.clone());
            async move {
                let stream = acceptor.accept(stream).await?;
                kinds.send(stream.get_ref().1.handshake_kind()).expect("a receiver");
                echo(stream).await
            }
        })
        .await;
        let connector = Connector::new(&direct()).expect("a connector");
        let url = format!("https://localhost:{port}/").parse().expect("a URL");
        for kind in [rustls::HandshakeKind::Full, rustls::HandshakeKind::Resumed] {
            let mut connection = connector.connect(&url, &Trace::default()).await.expect("a connection");
            assert_echoes(&mut connection).await;
            assert_eq!(seen.recv().await.expect("a handshake"), Some(kind));
        }
    });
}

#[test]
fn certificates_that_will_not_do() {
    local(async {
        let expired = |params: &mut CertificateParams| {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 2, 3);
        };
        let future = |params: &mut CertificateParams| params.not_before = date_time_ymd(2099, 4, 5);
        let for_clients = |params: &mut CertificateParams| {
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        };
        let mut told = Vec::new();
        for server in [
            Server { change: Some(expired), ..Server::default() },
            Server { change: Some(future), ..Server::default() },
            Server { change: Some(for_clients), ..Server::default() },
            Server { name: Some("other.example.com"), ..Server::default() },
        ] {
            let port = serve_tls(server).await;
            let url = format!("https://localhost:{port}/");
            let error = refused(&direct(), &url).await;
            assert_eq!(error.outcome, AttemptOutcome::TlsError);
            told.push(error.message.replace(&port.to_string(), "PORT"));
            let insecure = TlsOptions { insecure: true, ..TlsOptions::default() };
            connect(&ClientOptions { tls: insecure, ..direct() }, &url).await.expect("any certificate will do");
        }
        let port = serve_tls(Server::default()).await;
        let trusting_nobody = ClientOptions { tls: TlsOptions::default(), ..direct() };
        let error = refused(&trusting_nobody, &format!("https://localhost:{port}/")).await;
        told.push(error.message.replace(&port.to_string(), "PORT"));
        insta::assert_snapshot!(told.join("\n"));
    });
}

/// The client's own certificate and key, apart.
fn own_certificate() -> TlsOptions {
    let (certificate, key) = AUTHORITY.issue("client", |_| {});
    let cert = Some(AUTHORITY.file("client-cert.pem", &certificate.pem()));
    TlsOptions { cert, key: Some(AUTHORITY.file("client-key.pem", &key.serialize_pem())), ..direct().tls }
}

#[test]
fn a_client_certificate_is_required() {
    local(async {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let server = || Server { wants_client_certificate: true, versions: Some(version), ..Server::default() };
            let url = format!("https://localhost:{}/", serve_tls(server()).await);
            let mut connection =
                connect(&ClientOptions { tls: own_certificate(), ..direct() }, &url).await.expect("a connection");
            assert_eq!(connection.client_certificate, ClientCertificate::Presented);
            assert_echoes(&mut connection).await;

            // In TLS 1.3 the client is done before the server has looked.
            let message = match connect(&direct(), &url).await {
                Err(error) => error.message,
                Ok(mut connection) => {
                    let error = connection.stream.read_u8().await.expect_err("refused");
                    tls::in_use(&error, "localhost:443", connection.client_certificate).expect("TLS")
                }
            };
            assert!(
                message.contains("requires a client certificate") && message.contains("--client-cert FILE"),
                "{message}"
            );
        }
    });
}

#[test]
fn what_does_not_speak_tls() {
    local(async {
        let mut told = Vec::new();
        for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n", ""] {
            let port = serve(move |mut stream| async move {
                stream.read_u8().await?;
                stream.write_all(greeting.as_bytes()).await?;
                // Read the rest, so that closing does not reset.
                let _ = tokio::time::timeout(Duration::from_millis(50), stream.read_to_end(&mut Vec::new())).await;
                Ok(())
            })
            .await;
            let error = refused(&direct(), &format!("https://localhost:{port}/")).await;
            assert_eq!(error.outcome, AttemptOutcome::TlsError);
            told.push(error.message.replace(&port.to_string(), "PORT"));
        }
        insta::assert_snapshot!(told.join("\n"));
    });
}

#[test]
fn closed_without_close_notify() {
    local(async {
        let acceptor = Server::default().acceptor();
        let port = serve(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut stream = acceptor.accept(stream).await?;
                stream.write_all(b"x").await?;
                stream.flush().await?;
                stream.get_mut().0.shutdown().await
            }
        })
        .await;
        let mut connection = connect(&direct(), &format!("https://localhost:{port}/")).await.expect("a connection");
        assert_eq!(connection.stream.read_u8().await.expect("a byte"), b'x');
        let error = connection.stream.read_u8().await.expect_err("cut off");
        let message = tls::in_use(&error, "localhost:443", connection.client_certificate).expect("TLS");
        assert!(message.contains("no close_notify") && !message.contains("http"), "{message}");
    });
}

#[test]
fn nobody_there() {
    local(async {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a listener").local_addr().expect("an address").port();
        let error = refused(&direct(), &format!("http://shop.localhost:{free}/")).await;
        assert_eq!(error.outcome, AttemptOutcome::ConnectError);
        let tried =
            [format!("can't connect to shop.localhost:{free}"), format!("[::1]:{free}"), format!("127.0.0.1:{free}")];
        assert!(tried.iter().all(|part| error.message.contains(part)), "{}", error.message);
        let error = refused(&direct(), &format!("http://127.0.0.1:{free}/")).await;
        assert_eq!(error.message, format!("can't connect to 127.0.0.1:{free}: Connection refused"));
        let error = refused(&direct(), "http://nothing.invalid/").await;
        assert!(error.message.starts_with("can't resolve the host `nothing.invalid`: "), "{}", error.message);
        let error = refused(&direct(), "https://a..localhost:1/").await;
        assert_eq!(error.outcome, AttemptOutcome::ConnectError, "{}", error.message);
    });
}

#[test]
fn a_host_and_port_can_be_sent_elsewhere() {
    local(async {
        let port = serve_tls(Server { name: Some("api.example.com"), ..Server::default() }).await;
        let elsewhere: ResolveOverride = format!("API.example.com:{port}:127.0.0.1").parse().expect("an override");
        let options = ClientOptions { resolve: vec![elsewhere], ..direct() };
        connect(&options, &format!("https://api.example.com:{port}/")).await.expect("a connection");
    });
}

#[cfg(unix)]
#[test]
fn by_unix_socket() {
    local(async {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("socket");
        let listener = tokio::net::UnixListener::bind(&path).expect("a listener");
        tokio::task::spawn_local(async move { echo(listener.accept().await?.0).await });
        let options = ClientOptions { unix_socket: Some(path.clone()), ..through("p:1") };
        let mut connection = connect(&options, "http://api.example.com/").await.expect("a connection");
        assert_echoes(&mut connection).await;
        assert!(connection.remote.is_none() && !connection.absolute_form);
        let none = ClientOptions { unix_socket: Some(folder.path().join("none")), ..direct() };
        let error = refused(&none, "http://api.example.com/").await;
        let shown = folder.path().join("none").display().to_string();
        assert_eq!(error.message, format!("can't connect to the Unix socket `{shown}`: No such file or directory"));
        let connector = Connector::new(&options).expect("a connector");
        let url = "http://api.example.com/".parse().expect("a URL");
        assert_eq!(connector.proxy_in_use(&url), None);
    });
}

/// An HTTP proxy that connects to where it is asked to; what it was asked.
async fn http_proxy(acceptor: Option<TlsAcceptor>) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let (asked, receiver) = tokio::sync::mpsc::unbounded_channel();
    let port = serve(move |stream| {
        let (acceptor, asked) = (acceptor.clone(), asked.clone());
        async move {
            match acceptor {
                Some(acceptor) => tunnelled(acceptor.accept(stream).await?, asked).await,
                None => tunnelled(stream, asked).await,
            }
        }
    })
    .await;
    (port, receiver)
}

async fn tunnelled(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    asked: tokio::sync::mpsc::UnboundedSender<String>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).expect("text");
    let port: u16 = head.lines().next().and_then(|line| line.split([':', ' ']).nth(2)?.parse().ok()).expect("a port");
    asked.send(head).expect("a receiver");
    let mut endpoint = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n").await?;
    tokio::io::copy_bidirectional(&mut stream, &mut endpoint).await.map(|_| ())
}

#[test]
fn through_an_http_proxy() {
    local(async {
        let endpoint = serve_tls(Server { name: Some("api.example.com"), ..Server::default() }).await;
        let secure = Server { name: Some("localhost"), wants_client_certificate: false, ..Server::default() };
        for (scheme, acceptor) in [("http", None), ("https", Some(secure.acceptor()))] {
            let (port, mut asked) = http_proxy(acceptor).await;
            let options = through(&format!("{scheme}://bob:hunter2@localhost:{port}"));
            let url = format!("https://api.example.com:{endpoint}/");
            let mut connection = connect(&options, &url).await.expect("a connection");
            assert_echoes(&mut connection).await;
            assert!(!connection.absolute_form && connection.proxy_authorization.is_none());
            let head = asked.recv().await.expect("a request");
            assert!(head.starts_with(&format!("CONNECT api.example.com:{endpoint} HTTP/1.1\r\n")), "{head}");
            assert!(head.contains("Proxy-Authorization: Basic Ym9iOmh1bnRlcjI=\r\n"), "{head}");

            // Without TLS the request itself goes to the proxy.
            let connection = connect(&options, "http://api.example.com/").await.expect("a connection");
            assert!(connection.absolute_form);
            assert_eq!(connection.proxy_authorization.as_deref(), Some("Basic Ym9iOmh1bnRlcjI="));
            assert_eq!(connection.remote, Some(([127, 0, 0, 1], port).into()));
        }
        let (port, mut asked) = http_proxy(None).await;
        let plain = serve(echo).await;
        let prior_knowledge = ClientOptions { versions: HttpVersions::Http2, ..through(&format!("127.0.0.1:{port}")) };
        let connection = connect(&prior_knowledge, &format!("http://127.0.0.1:{plain}/")).await.expect("a connection");
        assert!(connection.http2 && !connection.absolute_form);
        assert!(asked.recv().await.expect("a request").starts_with(&format!("CONNECT 127.0.0.1:{plain} ")));
    });
}

#[test]
fn proxies_that_fail_are_named() {
    local(async {
        let refusing = serve(|mut stream| async move {
            let _ = stream.read(&mut [0; 1024]).await?;
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await
        })
        .await;
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a listener").local_addr().expect("an address").port();
        let mut told = Vec::new();
        for (proxy, port) in [
            (format!("http://bob:hunter2@127.0.0.1:{refusing}"), refusing),
            (format!("socks5h://bob:hunter2@127.0.0.1:{refusing}"), refusing),
            (format!("http://bob:hunter2@127.0.0.1:{free}"), free),
            (format!("socks5h://bob:hunter2@localhost.:{free}"), free),
            (format!("http://bob:hunter2@nothing.invalid:{free}"), free),
        ] {
            let error = refused(&through(&proxy), "https://api.example.com/").await;
            assert_eq!(error.outcome, AttemptOutcome::ConnectError);
            let message = error.message.split(": Temporary").next().unwrap_or_default();
            told.push(message.split(": Name or").next().unwrap_or_default().replace(&port.to_string(), "PORT"));
        }
        assert!(!told.concat().contains("hunter2"));
        told[3] = told[3].split("([").next().unwrap_or_default().to_owned();
        insta::assert_snapshot!(told.join("\n"));
    });
}

#[test]
fn a_proxy_that_never_answers_is_named() {
    local(async {
        let silent = serve(|mut stream| async move { stream.read_to_end(&mut Vec::new()).await.map(|_| ()) }).await;
        let connector = Connector::new(&through(&format!("http://127.0.0.1:{silent}"))).expect("a connector");
        let (url, trace) = ("https://api.example.com/".parse().expect("a URL"), Trace::default());
        let limit = tokio::time::timeout(Duration::from_millis(100), connector.connect(&url, &trace)).await;
        assert!(limit.is_err());
        let pending = trace.marks().pending("api.example.com:443");
        assert_eq!(pending, Some(format!("the proxy 127.0.0.1:{silent} had not connected to api.example.com:443")));
    });
}

#[test]
fn through_a_socks_proxy() {
    local(async {
        let endpoint = serve_tls(Server { name: Some("localhost"), ..Server::default() }).await;
        let port = serve(|mut stream| async move {
            stream.read_exact(&mut [0; 3]).await?;
            stream.write_all(&[5, 0]).await?;
            let mut head = [0; 4];
            stream.read_exact(&mut head).await?;
            if head[3] == 4 {
                stream.read_exact(&mut [0; 18]).await?;
                return stream.write_all(&[5, 8, 0, 1, 0, 0, 0, 0, 0, 0]).await;
            }
            let length = if head[3] == 1 { 4 } else { usize::from(stream.read_u8().await?) };
            let mut name = vec![0; length];
            stream.read_exact(&mut name).await?;
            let mut endpoint = TcpStream::connect(("127.0.0.1", stream.read_u16().await?)).await?;
            stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 9]).await?;
            tokio::io::copy_bidirectional(&mut stream, &mut endpoint).await.map(|_| ())
        })
        .await;
        // `socks5` resolves here: ::1 is refused by this proxy, 127.0.0.1 is asked for next.
        for scheme in ["socks5", "socks5h"] {
            let options = through(&format!("{scheme}://127.0.0.1:{port}"));
            let mut connection =
                connect(&options, &format!("https://localhost:{endpoint}/")).await.expect("a connection");
            assert_echoes(&mut connection).await;
            assert!(!connection.absolute_form);
        }
    });
}

#[test]
fn the_proxy_in_use() {
    let url = "https://api.example.com/".parse().expect("a URL");
    let connector = Connector::new(&through("http://bob:hunter2@p:8080")).expect("a connector");
    assert_eq!(connector.proxy_in_use(&url), Some(UsedProxy { address: "p:8080".into(), from: "--proxy" }));
    assert!(!format!("{connector:?}").contains("hunter2"));
    let direct = Connector::new(&direct()).expect("a connector");
    assert_eq!(direct.proxy_in_use(&url), None);
}

#[test]
fn what_needs_tls() {
    let needs = |options: &ClientOptions, url: &str| {
        Connector::new(options).expect("a connector").needs_tls(&url.parse().expect("a URL"))
    };
    assert!(needs(&direct(), "https://h/") && !needs(&direct(), "http://h/"));
    assert!(needs(&through("https://p"), "http://h/") && !needs(&through("http://p"), "http://h/"));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let tls = TlsOptions { cacert: vec!["none.pem".into()], ..TlsOptions::default() };
    let Problems(problems) = Connector::new(&ClientOptions { tls, ..through("ftp://p") }).expect_err("two problems");
    let flags: Vec<_> = problems.iter().filter_map(|problem| problem.message.split([' ', ':']).next()).collect();
    assert_eq!(flags, ["--cacert", "--proxy"]);
}
