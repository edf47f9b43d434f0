//! TLS: certificates that won't do and those that are made to do, handshakes that break, ALPN and h2.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hookctl::delivery::{
    Attempt, AttemptOutcome, Client, ClientOptions, Deadline, Outgoing, ProxyChoice, ResolveOverride, TlsOptions,
};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::server::{frame, read_head, request, serve};
use AttemptOutcome::{HttpError, ProtocolError, Success, TimedOut, TlsError};

const AMPLE: Duration = Duration::from_secs(20);

/// A certificate authority that nobody trusts unless told to.
struct Authority {
    key: KeyPair,
    params: CertificateParams,
    pem: String,
    folder: tempfile::TempDir,
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("params");
    params.distinguished_name.push(rcgen::DnType::CommonName, "An authority of these tests");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).expect("a certificate").pem();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ca.pem"), &pem).expect("a file");
    Authority { key, params, pem, folder }
});

impl Authority {
    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn issue(&self, name: &str, change: fn(&mut CertificateParams)) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("params");
        change(&mut params);
        let issuer = rcgen::Issuer::from_params(&self.params, &self.key);
        (params.signed_by(&key, &issuer).expect("a certificate").der().clone(), key)
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair, alpn: &[&[u8]], client_certs: bool) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = if client_certs {
        let mut roots = rustls::RootCertStore::empty();
        let authority =
            rustls::pki_types::pem::PemObject::from_pem_slice(AUTHORITY.pem.as_bytes()).expect("a certificate");
        roots.add(authority).expect("a root");
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(vec![certificate], key).expect("a server");
    config.alpn_protocols = alpn.iter().map(|p| p.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// A server that answers `ok` over HTTP/1.1 behind this certificate.
async fn secure(certificate: (CertificateDer<'static>, KeyPair), client_certs: bool) -> u16 {
    let acceptor = acceptor(certificate.0, &certificate.1, &[b"http/1.1"], client_certs);
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            let _ = stream.read(&mut [0; 4096]).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
            stream.shutdown().await
        }
    })
    .await
    .port()
}

fn trusting() -> TlsOptions {
    TlsOptions { cacert: vec![AUTHORITY.file()], ..Default::default() }
}

async fn attempt(url: &str, tls: TlsOptions, limit: Duration) -> Attempt {
    let client =
        Client::new(ClientOptions { tls, proxy: ProxyChoice::Direct, ..Default::default() }).expect("a client");
    attempt_by(&client, url, limit).await
}

async fn attempt_by(client: &Client, url: &str, limit: Duration) -> Attempt {
    let outgoing = Outgoing::new(&request("POST", url)).expect("a request that can be sent");
    client.prepare(outgoing.url()).expect("TLS");
    client.attempt(&outgoing, limit, 5, &mut Deadline::new()).await.attempt
}

#[tokio::test]
async fn certificates_that_will_not_do() {
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    };
    let self_signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    for (name, certificate, words) in [
        ("expired", AUTHORITY.issue("localhost", expired), "has expired"),
        ("another name", AUTHORITY.issue("other.example.com", |_| {}), "is for another name"),
        (
            "self-signed",
            (self_signed.cert.der().clone(), self_signed.signing_key),
            "self-signed or from an untrusted issuer",
        ),
    ] {
        let port = secure(certificate, false).await;
        let url = format!("https://localhost:{port}/");
        let refused = attempt(&url, trusting(), AMPLE).await;
        let error = refused.error.clone().unwrap_or_default();
        assert_eq!(refused.outcome, TlsError, "{name}: {error}");
        assert!(error.contains(words) && error.contains(&format!("localhost:{port}")), "{name}: {error}");
        assert!(refused.latency.is_none() && refused.status.is_none());

        let insecure = attempt(&url, TlsOptions { insecure: true, ..Default::default() }, AMPLE).await;
        assert_eq!(insecure.outcome, Success, "{name}: {:?}", insecure.error);
    }
}

#[tokio::test]
async fn a_certificate_that_the_user_trusts_though_it_is_an_authoritys() {
    // What `openssl req -x509` makes.
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(["localhost".to_owned()]).expect("params");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("self-signed.pem");
    std::fs::write(&file, certificate.pem()).expect("a file");
    let port = secure((certificate.der().clone(), key), false).await;
    let url = format!("https://localhost:{port}/");
    let its_own = || TlsOptions { cacert: vec![file.clone()], ..Default::default() };

    let trusted = attempt(&url, its_own(), AMPLE).await;
    assert_eq!(trusted.outcome, Success, "{:?}", trusted.error);
    for (url, tls, words) in [
        (url.clone(), trusting(), "is self-signed and not trusted; --cacert FILE trusts it"),
        (format!("https://127.0.0.1:{port}/"), its_own(), "is for another name"),
    ] {
        let refused = attempt(&url, tls, AMPLE).await;
        assert_eq!(refused.outcome, TlsError, "{words}");
        assert!(refused.error.as_deref().is_some_and(|error| error.contains(words)), "{:?}", refused.error);
    }
}

#[tokio::test]
async fn an_authority_that_the_user_trusts_and_the_phases_of_a_handshake() {
    let port = secure(AUTHORITY.issue("localhost", |_| {}), false).await;
    let attempt = attempt(&format!("https://localhost:{port}/"), trusting(), AMPLE).await;
    assert_eq!(attempt.outcome, Success, "{:?}", attempt.error);
    let phases = attempt.phases;
    assert!(phases.dns.is_none() && phases.connect.is_some() && phases.wait.is_some());
    assert!(phases.tls.is_some_and(|t| !t.is_zero()), "{phases:?}");
    let sum: Duration = [phases.dns, phases.connect, phases.tls, phases.wait].iter().flatten().sum();
    assert!(attempt.latency.is_some_and(|latency| sum <= latency));
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate() {
    let port = secure(AUTHORITY.issue("localhost", |_| {}), true).await;
    let url = format!("https://localhost:{port}/");
    let without = attempt(&url, trusting(), AMPLE).await;
    assert_eq!(without.outcome, TlsError, "{:?}", without.error);
    assert!(without.error.as_deref().is_some_and(|e| e.contains("--client-cert FILE")), "{:?}", without.error);

    let (certificate, key) = AUTHORITY.issue("client", |_| {});
    let identity = AUTHORITY.folder.path().join("client.pem");
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &certificate);
    let chain = format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
    let (cert_file, key_file) = (AUTHORITY.folder.path().join("cert.pem"), AUTHORITY.folder.path().join("key.pem"));
    std::fs::write(&cert_file, &chain).expect("a file");
    std::fs::write(&key_file, key.serialize_pem()).expect("a file");
    std::fs::write(&identity, chain + &key.serialize_pem()).expect("a file");
    let with = attempt(&url, TlsOptions { client_cert: Some(identity), ..trusting() }, AMPLE).await;
    assert_eq!(with.outcome, Success, "{:?}", with.error);
    let apart = TlsOptions { cert: Some(cert_file), key: Some(key_file), ..trusting() };
    let with = attempt(&url, apart, AMPLE).await;
    assert_eq!(with.outcome, Success, "{:?}", with.error);
}

#[test]
fn certificate_files_that_are_none() {
    let options = |cacert: PathBuf| ClientOptions {
        tls: TlsOptions { client_cert: Some(cacert.clone()), cacert: vec![cacert], ..Default::default() },
        ..Default::default()
    };
    let missing = Client::new(options("no/such.pem".into())).expect_err("no such file");
    let messages: Vec<_> = missing.0.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "both flags are named: {messages:?}");
    assert!(messages[0].starts_with("--cacert: can't read `no/such.pem`"), "{messages:?}");
    let file = AUTHORITY.folder.path().join("text.pem");
    std::fs::write(&file, "hello").expect("a file");
    let text = Client::new(options(file)).expect_err("no certificate");
    assert!(text.0[0].message.contains("has no certificate"), "{:?}", text.0);
    // A chain without its key.
    let keyless = TlsOptions { client_cert: Some(AUTHORITY.file()), ..Default::default() };
    let keyless = Client::new(ClientOptions { tls: keyless, ..Default::default() }).expect_err("no key");
    assert!(keyless.0[0].message.contains("no private key"), "{:?}", keyless.0);
}

#[tokio::test]
async fn handshakes_that_break() {
    let plain = serve(|mut stream| async move { stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await }).await;
    let closing = serve(|mut stream| async move {
        let _ = stream.read(&mut [0; 16]).await?;
        stream.set_zero_linger()
    })
    .await;
    let silent = serve(|stream| async move {
        tokio::time::sleep(AMPLE).await;
        drop(stream);
        Ok(())
    })
    .await;
    for (address, limit, outcome, words) in [
        (plain, AMPLE, TlsError, "speaks plain HTTP, not TLS"),
        (closing, AMPLE, TlsError, "the TLS handshake"),
        (silent, Duration::from_millis(80), TimedOut, "the TLS handshake with"),
    ] {
        let attempt =
            attempt(&format!("https://{address}/"), TlsOptions { insecure: true, ..Default::default() }, limit).await;
        let error = attempt.error.unwrap_or_default();
        assert_eq!(attempt.outcome, outcome, "{error}");
        assert!(error.contains(words), "{error}");
        assert!(attempt.phases.connect.is_some() && attempt.phases.wait.is_none(), "{:?}", attempt.phases);
    }
}

#[tokio::test]
async fn a_host_and_port_can_be_sent_elsewhere() {
    let port = secure(AUTHORITY.issue("api.example.com", |_| {}), false).await;
    let resolve = |text: &str| text.parse::<ResolveOverride>();
    let options = ClientOptions {
        tls: trusting(),
        proxy: ProxyChoice::Direct,
        resolve: vec![resolve(&format!("API.example.com:{port}:127.0.0.1")).expect("an override")],
        ..Default::default()
    };
    let client = Client::new(options).expect("a client");
    let attempt = attempt_by(&client, &format!("https://api.example.com:{port}/"), AMPLE).await;
    assert_eq!(attempt.outcome, Success, "{:?}", attempt.error);
    assert_eq!(attempt.phases.dns, None, "nobody was asked");
    for wrong in ["", "host", "host:80", ":80:127.0.0.1", "host:http:127.0.0.1", "host:80:elsewhere"] {
        assert!(resolve(wrong).is_err_and(|e| e.contains("HOST:PORT:ADDRESS")), "{wrong}");
    }
    assert!(resolve("host:80:[::1]").is_ok_and(|o| o.address.is_ipv6()));
}

/// A server that speaks as much h2 as it needs to answer the first request with these frames.
async fn h2(frames: Vec<Vec<u8>>) -> u16 {
    let (certificate, key) = AUTHORITY.issue("localhost", |_| {});
    let acceptor = acceptor(certificate, &key, &[b"h2"], false);
    let frames = Arc::new(frames.concat());
    serve(move |stream: TcpStream| {
        let (acceptor, frames) = (acceptor.clone(), Arc::clone(&frames));
        async move {
            let mut stream: TlsStream<TcpStream> = acceptor.accept(stream).await?;
            stream.write_all(&frame(4, 0, 0, &[])).await?;
            if !read_head(&mut stream).await? {
                return Ok(());
            }
            let mut buffer = [0; 4096];
            stream.write_all(&frames).await?;
            while stream.read(&mut buffer).await? > 0 {}
            Ok(())
        }
    })
    .await
    .port()
}

#[tokio::test]
async fn h2_is_spoken_where_it_is_offered() {
    let port = h2(vec![frame(1, 5, 1, &[0x88])]).await;
    let attempt = attempt(&format!("https://localhost:{port}/"), trusting(), AMPLE).await;
    assert_eq!(attempt.outcome, Success, "{:?}", attempt.error);
    assert_eq!((attempt.http_version, attempt.status), (Some("HTTP/2"), Some(200)));
}

#[tokio::test]
async fn h2_that_stands_still() {
    let no_window = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    for (name, frames, words) in [
        ("no answer", vec![], "sent no response head"),
        ("no window for the request's body", vec![no_window], "sent no response head"),
        ("no body", vec![frame(1, 4, 1, &[0x88])], "answered 200, then sent 0 bytes"),
        ("half a body", vec![frame(1, 4, 1, &[0x88]), frame(0, 0, 1, b"abc")], "then sent 3 bytes"),
        ("pings", vec![frame(6, 0, 0, &[0; 8]).repeat(1000)], "sent no response head"),
    ] {
        let port = h2(frames).await;
        let attempt = attempt(&format!("https://localhost:{port}/"), trusting(), Duration::from_millis(400)).await;
        let error = attempt.error.unwrap_or_default();
        assert_eq!((attempt.outcome, attempt.latency), (TimedOut, None), "{name}: {error}");
        assert!(error.contains(words), "{name}: {error}");
    }
}

#[tokio::test]
async fn h2_that_goes_away() {
    let goaway = |last: u32, code: u32| frame(7, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat());
    for (name, frames, outcome) in [
        ("at once", vec![goaway(0, 0)], ProtocolError),
        ("with an error", vec![goaway(0, 11)], ProtocolError),
        ("in the body", vec![frame(1, 4, 1, &[0x88]), frame(0, 0, 1, b"abc"), goaway(0, 2)], ProtocolError),
        ("stream reset", vec![frame(3, 0, 1, &7u32.to_be_bytes())], ProtocolError),
        ("garbage", vec![vec![0xff; 64]], ProtocolError),
        ("a status", vec![frame(1, 5, 1, &[0x8d]), goaway(1, 0)], HttpError),
    ] {
        let port = h2(frames).await;
        let attempt = attempt(&format!("https://localhost:{port}/"), trusting(), AMPLE).await;
        assert_eq!(attempt.outcome, outcome, "{name}: {:?}", attempt.error);
        assert!(attempt.error.is_some_and(|e| !e.is_empty()), "{name}");
    }
}
