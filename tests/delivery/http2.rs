//! HTTP/2, by prior knowledge: what is sent, connections that die, and requests that a server leaves alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use hookctl::delivery::{
    Attempt, AttemptOutcome, Client, ClientOptions, Deadline, HttpVersions, Outgoing, ProxyChoice,
};
use hookctl::policy::Resend;
use hookctl::request::{Header, HeaderSource, Resolved};
use http::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{frame, read_head, request, serve};

const AMPLE: Duration = Duration::from_secs(20);

fn client(resend: Resend) -> Client {
    let versions = HttpVersions::Http2;
    let options = ClientOptions { proxy: ProxyChoice::Direct, versions, resend, ..Default::default() };
    Client::new(options).expect("a client")
}

async fn send(client: &Client, resolved: &Resolved, limit: Duration) -> Attempt {
    let outgoing = Outgoing::new(resolved).expect("a request that can be sent");
    client.attempt(&outgoing, limit, 5, &mut Deadline::new()).await.attempt
}

/// A server that gives each request, with its body, to `answer`; `settings` are its own.
async fn h2_server<A>(settings: h2::server::Builder, answer: A) -> (String, Arc<AtomicUsize>)
where
    A: Fn(Request<Vec<u8>>, SendResponse<Bytes>) + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/path?q=1", listener.local_addr().expect("an address"));
    let connections = Arc::new(AtomicUsize::new(0));
    let (counted, answer) = (Arc::clone(&connections), Arc::new(answer));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            let (settings, answer) = (settings.clone(), Arc::clone(&answer));
            tokio::spawn(async move {
                let Ok(mut connection) = settings.handshake::<_, Bytes>(stream).await else { return };
                while let Some(Ok((request, respond))) = connection.accept().await {
                    let answer = Arc::clone(&answer);
                    tokio::spawn(async move {
                        let (head, mut body) = request.into_parts();
                        let mut bytes = Vec::new();
                        while let Some(Ok(piece)) = body.data().await {
                            let _ = body.flow_control().release_capacity(piece.len());
                            bytes.extend(piece);
                        }
                        answer(Request::from_parts(head, bytes), respond);
                    });
                }
            });
        }
    });
    (url, connections)
}

fn respond(mut to: SendResponse<Bytes>, response: Response<()>, body: &str) {
    let mut stream = to.send_response(response, false).expect("a response");
    stream.send_data(Bytes::copy_from_slice(body.as_bytes()), true).expect("a body");
}

#[tokio::test]
async fn the_host_is_the_authority_alone_and_names_are_small() {
    let (url, _) = h2_server(h2::server::Builder::new(), |request, to| {
        let mut shown = format!("{} {} {:?}\n", request.method(), request.uri(), request.version());
        for (name, value) in request.headers() {
            shown.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        shown.push_str(&String::from_utf8_lossy(request.body()));
        respond(to, Response::new(()), &shown);
    })
    .await;
    let mut resolved = request("POST", &url);
    for (name, value) in [("Host", "shop.example.com"), ("SOAPAction", "urn:a"), ("Connection", "close"), ("X-A", "ä")]
    {
        let (name, value) = (name.to_owned(), value.to_owned());
        resolved.headers.push(Header { name, value, from: HeaderSource::Script, secret: false });
    }
    let attempt = send(&client(Resend::Always), &resolved, AMPLE).await;
    assert_eq!(
        (attempt.outcome, attempt.http_version),
        (AttemptOutcome::Success, Some("HTTP/2")),
        "{:?}",
        attempt.error
    );
    assert_eq!(
        attempt.response.expect("a response").body,
        "POST http://shop.example.com/path?q=1 HTTP/2.0\naccept: */*\nauthorization: Bearer abc\n\
         content-type: text/plain\nsoapaction: urn:a\nx-a: ä\ncontent-length: 5\nhello"
    );
}

#[tokio::test]
async fn long_bodies_go_both_ways_and_one_connection_serves_many() {
    let (url, connections) = h2_server(h2::server::Builder::new(), |request, mut to| {
        let length = request.body().len();
        tokio::spawn(async move {
            let mut stream = to.send_response(Response::new(()), false).expect("a response");
            stream.send_data(Bytes::from(vec![b'x'; length]), true).expect("a body");
        });
    })
    .await;
    let client = client(Resend::Always);
    let mut resolved = request("POST", &url);
    resolved.body.as_mut().expect("a body").bytes = vec![b'x'; 3_000_000];
    for _ in 0..3 {
        let attempt = send(&client, &resolved, AMPLE).await;
        assert_eq!(attempt.outcome, AttemptOutcome::Success, "{:?}", attempt.error);
        assert_eq!(attempt.response.expect("a response").bytes, 3_000_000);
    }
    assert_eq!(connections.load(SeqCst), 1);
}

#[tokio::test]
async fn a_server_with_room_for_one_request_gets_a_connection_for_each() {
    let mut settings = h2::server::Builder::new();
    settings.max_concurrent_streams(1);
    let (url, connections) = h2_server(settings, |_, to| {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            respond(to, Response::new(()), "ok");
        });
    })
    .await;
    let (client, resolved) = (client(Resend::Always), request("GET", &url));
    // The first tells how much room there is.
    send(&client, &resolved, AMPLE).await;
    let both = tokio::join!(send(&client, &resolved, AMPLE), send(&client, &resolved, AMPLE));
    assert!(both.0.outcome == AttemptOutcome::Success && both.1.outcome == AttemptOutcome::Success);
    assert_eq!(connections.load(SeqCst), 2);
}

#[tokio::test]
async fn a_connection_on_which_a_request_timed_out_is_not_used_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let (url, connections) = h2_server(h2::server::Builder::new(), move |_, to| {
        if asked.fetch_add(1, SeqCst) == 0 {
            tokio::spawn(async move {
                tokio::time::sleep(AMPLE).await;
                drop(to);
            });
        } else {
            respond(to, Response::new(()), "ok");
        }
    })
    .await;
    let (client, resolved) = (client(Resend::Always), request("POST", &url));
    let late = send(&client, &resolved, Duration::from_millis(60)).await;
    assert_eq!(late.outcome, AttemptOutcome::TimedOut, "{:?}", late.error);
    let retried = send(&client, &resolved, AMPLE).await;
    assert_eq!(retried.outcome, AttemptOutcome::Success, "{:?}", retried.error);
    assert_eq!(connections.load(SeqCst), 2, "the one that timed out is dropped");
}

#[tokio::test]
async fn long_headers_are_read_and_endless_ones_are_not() {
    for (length, outcome) in [(100_000, AttemptOutcome::Success), (600_000, AttemptOutcome::ProtocolError)] {
        let (url, _) = h2_server(h2::server::Builder::new(), move |_, to| {
            let response = Response::builder().header("x-long", "a".repeat(length)).body(()).expect("a response");
            respond(to, response, "ok");
        })
        .await;
        let attempt = send(&client(Resend::Always), &request("GET", &url), AMPLE).await;
        assert_eq!(attempt.outcome, outcome, "{length}: {:?}", attempt.error);
        match outcome {
            AttemptOutcome::Success => {
                let headers = attempt.response.expect("a response").headers;
                assert_eq!(headers.get("X-Long").map(str::len), Some(length));
            }
            _ => assert!(attempt.error.is_some_and(|error| error.contains("too large"))),
        }
    }
}

/// What a server's first connection does after its frames.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Ends,
    Stays,
}

/// A server whose first connection answers a request with these frames, and whose later ones answer 200.
async fn at_first(frames: Vec<u8>, then: Then) -> String {
    let frames = Arc::new(frames);
    let connections = Arc::new(AtomicUsize::new(0));
    let address = serve(move |mut stream: TcpStream| {
        let (frames, number) = (Arc::clone(&frames), connections.fetch_add(1, SeqCst));
        async move {
            stream.write_all(&frame(4, 0, 0, &[])).await?;
            if !read_head(&mut stream).await? {
                return Ok(());
            }
            let mut buffer = [0; 4096];
            let answer = if number == 0 { frames.to_vec() } else { frame(1, 5, 1, &[0x88]) };
            stream.write_all(&answer).await?;
            if number == 0 && then == Then::Ends {
                return stream.shutdown().await;
            }
            while stream.read(&mut buffer).await? > 0 {}
            Ok(())
        }
    })
    .await;
    format!("http://{address}/")
}

fn goaway(last: u32, code: u32) -> Vec<u8> {
    frame(7, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

#[tokio::test]
async fn what_the_server_leaves_alone_is_sent_again_within_the_attempt() {
    for (name, frames, why) in [
        ("graceful GOAWAY", goaway(0, 0), "NO_ERROR"),
        ("calm down", goaway(0, 11), "ENHANCE_YOUR_CALM"),
        ("refused stream", frame(3, 0, 1, &7u32.to_be_bytes()), "REFUSED_STREAM"),
    ] {
        let url = at_first(frames.clone(), Then::Ends).await;
        let attempt = send(&client(Resend::Idempotent), &request("POST", &url), AMPLE).await;
        assert_eq!(attempt.outcome, AttemptOutcome::Success, "{name}: {:?}", attempt.error);
        assert_eq!(attempt.resent.len(), 1, "{name}");
        assert!(
            attempt.resent[0].contains("did not process") && attempt.resent[0].contains(why),
            "{:?}",
            attempt.resent
        );

        let url = at_first(frames, Then::Ends).await;
        let attempt = send(&client(Resend::Never), &request("POST", &url), AMPLE).await;
        assert_eq!((attempt.outcome, attempt.resent.len()), (AttemptOutcome::ProtocolError, 0), "{name}");
    }
}

#[tokio::test]
async fn what_may_have_been_processed_is_not() {
    for (name, frames) in [
        ("GOAWAY after it", goaway(1, 0)),
        ("a reset stream", frame(3, 0, 1, &2u32.to_be_bytes())),
        ("a closed connection", Vec::new()),
    ] {
        let url = at_first(frames, Then::Ends).await;
        let attempt = send(&client(Resend::Always), &request("POST", &url), AMPLE).await;
        assert_eq!(
            (attempt.outcome, attempt.resent.len()),
            (AttemptOutcome::ProtocolError, 0),
            "{name}: {:?}",
            attempt.error
        );
    }
}

#[tokio::test]
async fn an_answer_before_the_request_is_read() {
    // 413 with a body, then the stream is reset with NO_ERROR: the request's body is not wanted (RFC 9113, 8.1).
    let status = [&[0x08, 0x03][..], b"413"].concat();
    let frames = [frame(1, 4, 1, &status), frame(0, 1, 1, b"big"), frame(3, 0, 1, &[0; 4])].concat();
    let url = at_first(frames, Then::Stays).await;
    let mut resolved = request("POST", &url);
    resolved.body.as_mut().expect("a body").bytes = vec![b'x'; 4_000_000];
    let attempt = send(&client(Resend::Always), &resolved, AMPLE).await;
    assert_eq!((attempt.outcome, attempt.status), (AttemptOutcome::HttpError, Some(413)), "{:?}", attempt.error);
    assert_eq!(attempt.response.expect("a response").body, "big");
}

#[tokio::test]
async fn the_end_of_a_connection_is_told_by_its_reason() {
    let head = frame(1, 4, 1, &[0x88]);
    let cut_short = frame(0, 0, 1, b"half of it");
    for (name, frames, words) in [
        ("calm down, after reading it", goaway(1, 11), "it closed the HTTP/2 connection with ENHANCE_YOUR_CALM"),
        ("closed", Vec::new(), "closed the connection before sending a complete response head"),
        ("closed within the body", head.clone(), "ended early, after 0 bytes: the connection was closed"),
        (
            "closed within a frame",
            [&head, &cut_short[..12]].concat(),
            "ended early, after 0 bytes: the connection was closed",
        ),
        (
            "HTTP/1.1 wanted",
            frame(3, 0, 1, &13u32.to_be_bytes()),
            "HTTP_1_1_REQUIRED (endpoint requires HTTP/1.1): write --http1.1",
        ),
        ("headers that no one can read", frame(1, 4, 1, &[0xff; 4]), "hookctl closed the HTTP/2 connection with"),
    ] {
        let attempt = send(&client(Resend::Always), &request("POST", &at_first(frames, Then::Ends).await), AMPLE).await;
        let error = attempt.error.expect(name);
        assert_eq!(attempt.outcome, AttemptOutcome::ProtocolError, "{name}: {error}");
        assert!(error.contains(words), "{name}: {error}");
        for raw in ["pipe", "stream closed", "remaining on stream", "leave out --http2"] {
            assert!(!error.contains(raw), "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn a_server_of_another_protocol_is_told_so() {
    for greeting in
        ["HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH_9.9\r\n", "220 mail ESMTP\r\n"]
    {
        let address = crate::server::answering(greeting).await;
        let attempt = send(&client(Resend::Always), &request("POST", &format!("http://{address}/")), AMPLE).await;
        assert_eq!(attempt.outcome, AttemptOutcome::ProtocolError, "{greeting}");
        let expected = format!("{address} does not speak HTTP/2: leave out --http2");
        assert_eq!(attempt.error, Some(expected), "{greeting}");
    }
}
