//! HTTP/1.1: what is on the wire to the letter, and connections that are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use hookctl::delivery::{Attempt, AttemptOutcome, Attempted, Client, ClientOptions, Deadline, Outgoing, ProxyChoice};
use hookctl::policy::Resend;
use hookctl::request::{Header, HeaderSource, Resolved};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{answering, head, request, serve};

const AMPLE: Duration = Duration::from_secs(20);
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn client(resend: Resend) -> Client {
    let options = ClientOptions { proxy: ProxyChoice::Direct, resend, ..Default::default() };
    Client::new(options).expect("a client")
}

async fn send(client: &Client, resolved: &Resolved) -> Attempted {
    let outgoing = Outgoing::new(resolved).expect("a request that can be sent");
    client.attempt(&outgoing, AMPLE, 5, &mut Deadline::new()).await
}

async fn get(url: &str) -> Attempt {
    send(&client(Resend::Always), &request("GET", url)).await.attempt
}

#[tokio::test]
async fn names_go_out_as_written_in_their_order() {
    let address = serve(|mut stream| async move {
        let head = head(&mut stream).await?;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{head}", head.len());
        stream.write_all(answer.as_bytes()).await
    })
    .await;
    let mut resolved = request("POST", &format!("http://{address}/a?b=c"));
    for (name, value) in [("SOAPAction", "urn:a#b"), ("X-API-KEY", "1"), ("x-lower", "ä"), ("X-api-KEY", "2")] {
        let (name, value) = (name.to_owned(), value.to_owned());
        resolved.headers.push(Header { name, value, from: HeaderSource::Script, secret: false });
    }
    let attempt = send(&client(Resend::Always), &resolved).await.attempt;
    assert_eq!(
        attempt.response.expect("a response").body,
        format!(
            "POST /a?b=c HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nAuthorization: Bearer abc\r\n\
             Content-Type: text/plain\r\nSOAPAction: urn:a#b\r\nX-API-KEY: 1\r\nx-lower: ä\r\nX-api-KEY: 2\r\n\
             Content-Length: 5\r\n\r\n"
        )
    );
}

#[tokio::test]
async fn response_headers_are_told_as_received() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nset-Cookie: a\r\nX-Caf\xc3\xa9: no\r\n"[..24].to_vec();
    bytes.extend(b"Set-Cookie: a\r\nX-One: 1\r\nX-Folded: a\r\n  b\r\nX-Latin: caf\xe9\r\nSET-COOKIE: b\r\n");
    for number in 0..1_000 {
        bytes.extend(format!("X-{number}: {number}\r\n").into_bytes());
    }
    bytes.extend(b"Content-Encoding: identity\r\nContent-Length: 2\r\n\r\nok");
    let bytes = [&b"HTTP/1.1 200 OK\r\n"[..], &bytes[24..]].concat();
    let attempt = get(&format!("http://{}/", answering(bytes).await)).await;
    assert_eq!(attempt.outcome, AttemptOutcome::Success, "{:?}", attempt.error);
    let headers = attempt.response.expect("a response").headers;
    let all: Vec<_> = headers.iter().collect();
    let first = [("Set-Cookie", "a"), ("X-One", "1"), ("X-Folded", "a b"), ("X-Latin", "café"), ("SET-COOKIE", "b")];
    assert_eq!(all[..5], first);
    assert_eq!(all.len(), 1_007);
    assert_eq!(all[1_005..], [("Content-Encoding", "identity"), ("Content-Length", "2")]);
}

#[tokio::test]
async fn a_coding_that_is_not_known_leaves_the_body_as_it_came() {
    let bytes = "HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 5\r\n\r\nuryyb";
    let attempt = get(&format!("http://{}/", answering(bytes).await)).await;
    assert_eq!(attempt.outcome, AttemptOutcome::Success, "{:?}", attempt.error);
    let response = attempt.response.expect("a response");
    assert_eq!(response.body, "uryyb");
    assert!(response.not_decoded.is_some_and(|why| why.contains("rot13")));
}

#[tokio::test]
async fn a_long_location_is_followed_and_one_that_no_client_sends_is_refused() {
    let moved = |length: usize| {
        let path = "a".repeat(length);
        serve(move |mut stream| {
            let answer = match length {
                0 => OK.to_owned(),
                _ => format!("HTTP/1.1 302 Found\r\nLocation: /{path}\r\nContent-Length: 0\r\n\r\n"),
            };
            async move {
                let asked = head(&mut stream).await?;
                let answer = if asked.len() > 1_000 { OK.to_owned() } else { answer };
                stream.write_all(answer.as_bytes()).await
            }
        })
    };
    let followed = get(&format!("http://{}/", moved(60_000).await)).await;
    assert_eq!((followed.outcome, followed.redirects.len()), (AttemptOutcome::Success, 1), "{:?}", followed.error);
    let refused = get(&format!("http://{}/", moved(100_000).await)).await;
    assert_eq!(refused.outcome, AttemptOutcome::HttpError);
    let error = refused.error.expect("a sentence");
    assert!(error.contains("to a URL of 1000") && error.len() < 300, "{error}");
}

#[tokio::test]
async fn an_answer_is_read_where_sending_breaks_off() {
    let address = serve(|mut stream| async move {
        stream.read_u8().await?;
        stream
            .write_all(b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig")
            .await?;
        stream.flush().await?;
        // Closed with most of the request unread: the system resets the connection.
        Ok(())
    })
    .await;
    let mut resolved = request("POST", &format!("http://{address}/"));
    resolved.body.as_mut().expect("a body").bytes = vec![b'x'; 16 * 1024 * 1024];
    let attempt = send(&client(Resend::Always), &resolved).await.attempt;
    assert_eq!((attempt.outcome, attempt.status), (AttemptOutcome::HttpError, Some(413)), "{:?}", attempt.error);
    assert_eq!(attempt.response.expect("a response").body, "big");
}

#[tokio::test]
async fn lengths_that_nobody_can_read() {
    for (answer, words) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx", "which is too large"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 4000000000000\r\n\r\nx",
            "ended early, after 1 bytes: the connection was closed",
        ),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "101"),
    ] {
        let attempt = get(&format!("http://{}/", answering(answer).await)).await;
        let error = attempt.error.expect("a sentence");
        assert_eq!(attempt.outcome, AttemptOutcome::ProtocolError, "{error}");
        assert!(error.contains(words), "{error}");
    }
}

/// A server that answers the first request on each connection, and then closes it: at once, or when it has read the next one.
async fn closing(reads_another: bool) -> (String, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let address = serve(move |mut stream| {
        counted.fetch_add(1, SeqCst);
        async move {
            head(&mut stream).await?;
            let mut body = [0; 5];
            stream.read_exact(&mut body).await?;
            stream.write_all(OK.as_bytes()).await?;
            if reads_another {
                head(&mut stream).await?;
                stream.read_exact(&mut body).await?;
            }
            Ok(())
        }
    })
    .await;
    (format!("http://{address}/"), connections)
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_is_not_used() {
    for resend in [Resend::Always, Resend::Never] {
        let (url, connections) = closing(false).await;
        let (client, resolved) = (client(resend), request("POST", &url));
        for _ in 0..3 {
            let attempted = send(&client, &resolved).await;
            assert_eq!(attempted.attempt.outcome, AttemptOutcome::Success, "{:?}", attempted.attempt.error);
            assert!(attempted.attempt.resent.is_empty() && attempted.sent == 1);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(connections.load(SeqCst), 3);
    }
}

#[tokio::test]
async fn a_request_that_is_lost_with_a_kept_connection_is_sent_again_by_the_rule() {
    for (resend, again) in [(Resend::Always, true), (Resend::Idempotent, false), (Resend::Never, false)] {
        let (url, connections) = closing(true).await;
        let (client, resolved) = (client(resend), request("POST", &url));
        send(&client, &resolved).await;
        let Attempted { attempt, sent, .. } = send(&client, &resolved).await;
        assert_eq!(attempt.outcome == AttemptOutcome::Success, again, "{resend:?}: {:?}", attempt.error);
        assert_eq!(attempt.resent.len(), usize::from(again), "{resend:?}");
        // The server did read it, so it may have processed both.
        assert_eq!(sent, if again { 2 } else { 1 }, "{resend:?}");
        assert_eq!(connections.load(SeqCst), if again { 2 } else { 1 });
        if again {
            assert!(attempt.resent[0].contains("closed the kept connection"), "{:?}", attempt.resent);
        } else {
            assert!(attempt.error.is_some_and(|error| error.contains("kept open")));
        }
    }
}

#[tokio::test]
async fn a_request_that_the_server_left_unread_is_no_duplicate() {
    let address = serve(|mut stream| async move {
        head(&mut stream).await?;
        stream.read_exact(&mut [0; 5]).await?;
        stream.write_all(OK.as_bytes()).await?;
        stream.read_u8().await?;
        // With the rest unread: the system resets the connection.
        Ok(())
    })
    .await;
    let (client, resolved) = (client(Resend::Always), request("POST", &format!("http://{address}/")));
    send(&client, &resolved).await;
    let Attempted { attempt, sent, .. } = send(&client, &resolved).await;
    assert_eq!((attempt.outcome, attempt.resent.len(), sent), (AttemptOutcome::Success, 1, 1), "{:?}", attempt.error);
}

#[tokio::test]
async fn fresh_connections_are_never_used_twice() {
    let (url, connections) = closing(true).await;
    let options = ClientOptions { proxy: ProxyChoice::Direct, fresh_connections: true, ..Default::default() };
    let client = Client::new(options).expect("a client");
    for _ in 0..3 {
        let attempt = send(&client, &request("POST", &url)).await.attempt;
        assert_eq!(attempt.outcome, AttemptOutcome::Success, "{:?}", attempt.error);
        assert!(attempt.phases.connect.is_some());
    }
    assert_eq!(connections.load(SeqCst), 3);
}

/// Keeps its connections after each answer, but answers every request after the first with 408 and ends them.
async fn giving_up() -> (String, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    let address = serve(move |mut stream| {
        let requests = Arc::clone(&counted);
        async move {
            for answer in [OK, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"] {
                head(&mut stream).await?;
                stream.read_exact(&mut [0; 5]).await?;
                requests.fetch_add(1, SeqCst);
                stream.write_all(answer.as_bytes()).await?;
            }
            stream.shutdown().await
        }
    })
    .await;
    (format!("http://{address}/"), requests)
}

#[tokio::test]
async fn a_server_that_gives_up_an_idle_connection_with_a_408_is_asked_again() {
    for (resend, outcome, resent, asked) in
        [(Resend::Idempotent, AttemptOutcome::Success, 1, 3), (Resend::Never, AttemptOutcome::HttpError, 0, 2)]
    {
        let (url, requests) = giving_up().await;
        let client = client(resend);
        let first = send(&client, &request("POST", &url)).await.attempt;
        assert_eq!(first.outcome, AttemptOutcome::Success, "{:?}", first.error);
        let second = send(&client, &request("POST", &url)).await;
        assert_eq!((second.attempt.outcome, second.attempt.resent.len()), (outcome, resent), "{:?}", second.attempt);
        assert_eq!((second.sent, requests.load(SeqCst)), (1, asked), "the server says that it read no request");
    }
}

#[tokio::test]
async fn a_408_that_the_endpoint_means_is_reported() {
    for status in ["Content-Length: 0\r\nConnection: close", "Content-Length: 0"] {
        let address = answering(format!("HTTP/1.1 408 Request Timeout\r\n{status}\r\n\r\n")).await;
        let attempt = get(&format!("http://{address}/")).await;
        assert_eq!((attempt.outcome, attempt.status, attempt.resent.len()), (AttemptOutcome::HttpError, Some(408), 0));
    }
}

#[tokio::test]
async fn a_forwarding_proxys_own_answers_are_not_called_the_endpoints() {
    for (status, credentials, words) in [
        (
            "407 Proxy Authentication Required",
            "",
            "407 Proxy Authentication Required: it requires a user name and password, as in `http://user:password@",
        ),
        ("407 Proxy Authentication Required", "u:secret@", "it does not accept the user name and password in its URL"),
        ("503 Service Unavailable", "", "the endpoint or the proxy "),
        ("404 Not Found", "", "the endpoint answered 404 Not Found"),
    ] {
        let proxy = answering(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")).await;
        let options =
            ClientOptions { proxy: ProxyChoice::Url(format!("http://{credentials}{proxy}")), ..Default::default() };
        let client = Client::new(options).expect("a client");
        let error = send(&client, &request("GET", "http://shop.example/")).await.attempt.error.expect(status);
        assert!(error.contains(words) && !error.contains("secret"), "{status}: {error}");
        assert_eq!(error.contains(&proxy.to_string()), !status.starts_with("404"), "{status}: {error}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_the_text() {
    let body = "\u{feff}{\"id\": 42}";
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let attempt = get(&format!("http://{}/", answering(answer).await)).await;
    let response = attempt.response.expect("a response");
    assert_eq!((response.body.as_str(), response.bytes), ("{\"id\": 42}", body.len() as u64));
}
