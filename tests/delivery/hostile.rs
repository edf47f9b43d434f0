//! Servers that do everything wrong, each over a real socket: every attempt ends within its limit, with the outcome and the
//! sentence that fit.

use std::time::{Duration, Instant};

use crate::server::{answering, head, request, serve};
use hookctl::delivery::{Attempt, AttemptOutcome, Client, ClientOptions, Deadline, Outgoing, ProxyChoice};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use AttemptOutcome::{ConnectError, HttpError, ProtocolError, Success, TimedOut, TooManyRedirects};

/// Long enough for anything that is not meant to time out, on a busy machine.
const AMPLE: Duration = Duration::from_secs(20);
/// For what is meant to.
const SHORT: Duration = Duration::from_millis(60);

fn client() -> Client {
    Client::new(ClientOptions { proxy: ProxyChoice::Direct, ..Default::default() }).expect("a client")
}

async fn attempt(method: &str, url: &str, limit: Duration) -> Attempt {
    attempt_by(&client(), method, url, limit).await
}

async fn attempt_by(client: &Client, method: &str, url: &str, limit: Duration) -> Attempt {
    let outgoing = Outgoing::new(&request(method, url)).expect("a request that can be sent");
    client.attempt(&outgoing, limit, 5, &mut Deadline::new()).await.attempt
}

/// The outcome, and words that its sentence must hold.
#[track_caller]
fn expect(attempt: &Attempt, outcome: AttemptOutcome, words: &[&str]) {
    let error = attempt.error.clone().unwrap_or_default();
    assert_eq!(attempt.outcome, outcome, "{error}");
    for word in words {
        assert!(error.contains(word), "`{word}` is not in: {error}");
    }
    if outcome == TimedOut {
        assert_eq!(attempt.latency, None, "a latency that was cut off is nobody's to know");
    }
}

#[tokio::test]
async fn a_plain_answer_has_its_phases_and_a_reused_connection_has_none() {
    let address = serve(|mut stream| async move {
        loop {
            if head(&mut stream).await?.is_empty() {
                return Ok(());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nok").await?;
        }
    })
    .await;
    let client = client();
    let url = format!("http://localhost:{}/", address.port());
    let first = attempt_by(&client, "GET", &url, AMPLE).await;
    expect(&first, Success, &[]);
    let response = first.response.expect("a response");
    assert_eq!((response.body.as_str(), response.bytes, response.truncated), ("ok", 2, false));
    assert_eq!(response.headers.iter().filter(|(name, _)| *name == "X-A").count(), 2, "repeated headers are all there");
    assert!(first.phases.connect.is_some() && first.phases.wait.is_some());
    assert_eq!((first.phases.dns, first.phases.tls), (None, None), "nobody has to be asked for `localhost`");
    let latency = first.latency.expect("a latency");
    let phases = [first.phases.dns, first.phases.connect, first.phases.wait, first.phases.download];
    let sum: Duration = phases.iter().flatten().sum();
    assert!(sum <= latency, "the phases ({sum:?}) are parts of the latency ({latency:?})");

    let second = attempt_by(&client, "GET", &url, AMPLE).await;
    expect(&second, Success, &[]);
    assert_eq!((second.phases.dns, second.phases.connect), (None, None), "the connection was reused");
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let refused = attempt("GET", &format!("http://127.0.0.1:{port}/"), AMPLE).await;
    expect(&refused, ConnectError, &["can't connect", &format!("127.0.0.1:{port}"), "refused"]);
    assert!(refused.response.is_none() && refused.latency.is_none());
}

#[tokio::test]
async fn no_such_host() {
    let attempt = attempt("GET", "http://no-such-host.invalid/", AMPLE).await;
    expect(&attempt, ConnectError, &["can't resolve the host `no-such-host.invalid`"]);
}

#[tokio::test]
async fn accepts_and_says_nothing() {
    let address = serve(|stream| async move {
        sleep(AMPLE).await;
        drop(stream);
        Ok(())
    })
    .await;
    let started = Instant::now();
    let attempt = attempt("POST", &format!("http://{address}/"), SHORT).await;
    expect(&attempt, TimedOut, &["no response within 60 ms", "sent no response head"]);
    assert!(started.elapsed() < AMPLE / 2);
    assert_eq!(attempt.status, None);
}

#[tokio::test]
async fn one_byte_at_a_time() {
    let address = serve(|mut stream| async move {
        head(&mut stream).await?;
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" {
            stream.write_all(&[*byte]).await?;
        }
        loop {
            stream.write_all(b"x").await?;
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let attempt = attempt("GET", &format!("http://{address}/"), Duration::from_millis(150)).await;
    expect(&attempt, TimedOut, &["no complete response within 150 ms", "answered 200", "of 100000 bytes"]);
    assert_eq!(attempt.status, Some(200));
    assert!(attempt.phases.download.is_some());
}

#[tokio::test]
async fn headers_without_end() {
    let address = serve(|mut stream| async move {
        head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"X-More: and more and more and more\r\n").await?;
        }
    })
    .await;
    let attempt = attempt("GET", &format!("http://{address}/"), AMPLE).await;
    expect(&attempt, ProtocolError, &["too large"]);
}

#[tokio::test]
async fn a_body_without_end() {
    let address = serve(|mut stream| async move {
        head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        loop {
            stream.write_all(&[b'x'; 4096]).await?;
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let attempt = attempt("GET", &format!("http://{address}/"), Duration::from_millis(150)).await;
    expect(&attempt, TimedOut, &["then sent"]);
    let response = attempt.response.expect("what came");
    assert!(response.body.len() <= hookctl::delivery::BODY_KEPT);
}

#[tokio::test]
async fn a_body_is_kept_to_64_kib_and_counted_beyond() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n".to_vec();
    bytes.extend("é".repeat(150_000).into_bytes());
    let address = answering(bytes).await;
    let attempt = attempt("GET", &format!("http://{address}/"), AMPLE).await;
    expect(&attempt, Success, &[]);
    let response = attempt.response.expect("a response");
    assert_eq!((response.bytes, response.truncated, response.body.len()), (300_000, true, 65_536));
}

#[tokio::test]
async fn broken_messages() {
    for (name, bytes, outcome, words) in [
        (
            "shorter",
            &b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"[..],
            ProtocolError,
            "ended early, after 3 bytes",
        ),
        ("longer", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcdef", Success, ""),
        (
            "chunk size",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
            ProtocolError,
            "ended early, after 0",
        ),
        (
            "chunk end",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc",
            ProtocolError,
            "ended early, after 3",
        ),
        ("garbage", b"\x00\x01\x02 what is this\r\n\r\n", ProtocolError, "does not speak HTTP"),
        ("another protocol", b"SSH-2.0-OpenSSH_9.9\r\n", ProtocolError, "does not speak HTTP"),
        ("nothing", b"", ProtocolError, "closed the connection before"),
        ("half a head", b"HTTP/1.1 200 OK\r\nContent-", ProtocolError, "closed the connection before"),
        ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", ProtocolError, ""),
        (
            "not gzip",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
            ProtocolError,
            "decompress",
        ),
        ("no body", b"HTTP/1.1 204 No Content\r\n\r\n", Success, ""),
        (
            "a NUL in a header",
            b"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\n\r\n",
            ProtocolError,
            "control character in a header",
        ),
        (
            "less than nothing",
            b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
            ProtocolError,
            "`Content-Length: -5`, which is not a number",
        ),
        ("a status that is none", b"HTTP/1.1 1000 X\r\n\r\n", ProtocolError, "status is not a number of three digits"),
        ("HTTP/0.9", b"<html>hello</html>", ProtocolError, "does not speak HTTP"),
        (
            "chunked, whatever the length says",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            Success,
            "",
        ),
        ("a status without a name", b"HTTP/1.1 520 X\r\nContent-Length: 0\r\n\r\n", HttpError, "answered 520"),
        ("client error", b"HTTP/1.1 422 Nope\r\nContent-Length: 0\r\n\r\n", HttpError, "422"),
        ("redirect to nowhere", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", HttpError, "without a Location"),
    ] {
        let address = answering(bytes).await;
        let attempt = attempt("POST", &format!("http://{address}/"), AMPLE).await;
        assert_eq!(attempt.outcome, outcome, "{name}: {:?}", attempt.error);
        expect(&attempt, outcome, &[words]);
        assert_eq!(attempt.latency.is_some(), matches!(outcome, Success | HttpError), "{name}");
        assert!(!attempt.error.is_some_and(|error| error.contains("unknown")), "{name}");
    }
}

#[tokio::test]
async fn a_reset_at_each_stage() {
    let reset = |when: &'static str| {
        serve(move |mut stream| async move {
            if when != "at once" {
                head(&mut stream).await?;
            }
            if when == "in the body" {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").await?;
                sleep(Duration::from_millis(20)).await;
            }
            // Closing with a linger of zero sends a reset.
            socket_reset(stream)
        })
    };
    for when in ["at once", "after the request", "in the body"] {
        let address = reset(when).await;
        let attempt = attempt("POST", &format!("http://{address}/"), AMPLE).await;
        assert_eq!(attempt.outcome, ProtocolError, "{when}: {:?}", attempt.error);
        let error = attempt.error.expect("a sentence");
        assert!(
            error.contains("dropped the connection")
                || error.contains("ended early")
                || error.contains("closed the connection"),
            "{when}: {error}"
        );
        assert_eq!(attempt.response.is_some(), when == "in the body", "{when}");
    }
}

fn socket_reset(stream: TcpStream) -> std::io::Result<()> {
    stream.set_zero_linger()
}

#[tokio::test]
async fn status_lines_and_headers_of_any_length() {
    for (what, answer) in [
        ("a status line", format!("HTTP/1.1 200 {}\r\n\r\n", "O".repeat(1_000_000))),
        ("a header", format!("HTTP/1.1 200 OK\r\nX-A: {}\r\n\r\n", "a".repeat(1_000_000))),
        ("headers", format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-A: a\r\n".repeat(6_000))),
    ] {
        let address = answering(answer).await;
        let attempt = attempt("GET", &format!("http://{address}/"), AMPLE).await;
        assert_eq!(attempt.outcome, ProtocolError, "{what}");
        expect(&attempt, ProtocolError, &["head that is too large"]);
    }
}

#[tokio::test]
async fn an_answer_before_the_request_is_read() {
    let answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig";
    let address = serve(move |mut stream| async move {
        stream.read_u8().await?;
        stream.write_all(answer).await?;
        sleep(AMPLE).await;
        Ok(())
    })
    .await;
    let mut resolved = request("POST", &format!("http://{address}/"));
    // More than the socket's buffers hold.
    resolved.body.as_mut().expect("a body").bytes = vec![b'x'; 16 * 1024 * 1024];
    let outgoing = Outgoing::new(&resolved).expect("a request that can be sent");
    let attempt = client().attempt(&outgoing, AMPLE, 5, &mut Deadline::new()).await.attempt;
    expect(&attempt, HttpError, &["413"]);
}

#[tokio::test]
async fn a_server_that_speaks_first() {
    let address = serve(|mut stream| async move {
        stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await?;
        sleep(AMPLE).await;
        Ok(())
    })
    .await;
    // It depends on who is faster.
    let attempt = attempt("GET", &format!("http://{address}/"), AMPLE).await;
    let error = attempt.error.clone().unwrap_or_default();
    expect(&attempt, ProtocolError, &[]);
    assert!(error.contains("speaks before it is asked") || error.contains("does not speak HTTP"), "{error}");
}

#[tokio::test]
async fn a_second_response_answers_nothing() {
    let one = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let address = serve(move |mut stream| async move {
        head(&mut stream).await?;
        stream.write_all(format!("{one}{}", one.replace("ok", "no")).as_bytes()).await?;
        sleep(AMPLE).await;
        Ok(())
    })
    .await;
    let (client, url) = (client(), format!("http://{address}/"));
    for _ in 0..3 {
        let attempt = attempt_by(&client, "GET", &url, AMPLE).await;
        expect(&attempt, Success, &[]);
        assert_eq!(attempt.response.expect("a response").body, "ok");
        assert!(attempt.phases.connect.is_some(), "the connection is done with");
    }
}

/// A server that reads this many requests on each connection, answers all of them but the last, and hangs up.
async fn hanging_up(requests: usize, answer: &'static str) -> String {
    let address = serve(move |mut stream| async move {
        for number in 1..=requests {
            head(&mut stream).await?;
            if number < requests {
                stream.write_all(answer.as_bytes()).await?;
            }
        }
        Ok(())
    })
    .await;
    format!("http://{address}/")
}

#[tokio::test]
async fn a_connection_that_hangs_up_after_a_redirect() {
    // The same attempt goes on over a new one.
    let looping = hanging_up(2, "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n").await;
    let looped = attempt("GET", &looping, AMPLE).await;
    expect(&looped, TooManyRedirects, &["5 redirects were followed"]);
    // A new one that hangs up as well has no excuse.
    let gone = hanging_up(1, "").await;
    let address = answering(format!("HTTP/1.1 302 Found\r\nLocation: {gone}\r\nContent-Length: 0\r\n\r\n")).await;
    let gone = attempt("GET", &format!("http://{address}/"), AMPLE).await;
    expect(&gone, ProtocolError, &["closed the connection before sending a complete response head"]);
}

#[tokio::test]
async fn a_redirect_loop_and_redirects_in_order() {
    let address = answering("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n").await;
    let looped = attempt("GET", &format!("http://{address}/"), AMPLE).await;
    expect(&looped, TooManyRedirects, &["5 redirects were followed"]);
    assert_eq!((looped.redirects.len(), looped.status), (5, Some(302)));

    let target = serve(|mut stream| async move {
        let head = head(&mut stream).await?;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{head}", head.len());
        stream.write_all(answer.as_bytes()).await
    })
    .await;
    let moved = |status: &str| {
        format!("HTTP/1.1 {status}\r\nLocation: http://localhost:{}/there\r\nContent-Length: 0\r\n\r\n", target.port())
    };
    for (status, method) in [("303 See Other", "GET"), ("302 Found", "GET"), ("307 Temporary Redirect", "POST")] {
        let address = answering(moved(status)).await;
        let attempt = attempt("POST", &format!("http://{address}/"), AMPLE).await;
        expect(&attempt, Success, &[]);
        let redirect = &attempt.redirects[0];
        assert_eq!((redirect.method.as_str(), redirect.credentials_dropped), (method, true), "{status}");
        let head = attempt.response.expect("a response").body.to_lowercase();
        assert!(head.starts_with(&format!("{} /there", method.to_lowercase())), "{head}");
        assert!(!head.contains("authorization"), "{head}");
        assert_eq!(head.contains("content-type"), method == "POST", "{head}");
        assert!(head.contains(&format!("host: localhost:{}", target.port())), "{head}");
    }
}

#[tokio::test]
async fn interim_responses_without_end() {
    let address = serve(|mut stream| async move {
        head(&mut stream).await?;
        loop {
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n").await?;
            tokio::task::yield_now().await;
        }
    })
    .await;
    let attempt = attempt("GET", &format!("http://{address}/"), Duration::from_millis(200)).await;
    expect(&attempt, TimedOut, &["sent no response head"]);
}

#[tokio::test]
async fn at_the_limit() {
    // What comes whole before the limit passes is in time; what comes whole after it is not, however little.
    let after = |delay: u64| {
        serve(move |mut stream| async move {
            head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no").await?;
            sleep(Duration::from_millis(delay)).await;
            stream.write_all(b"k").await
        })
    };
    let in_time = attempt("GET", &format!("http://{}/", after(40).await), Duration::from_secs(2)).await;
    expect(&in_time, Success, &[]);
    assert!(
        in_time.latency.is_some_and(|t| t >= Duration::from_millis(40)),
        "the last byte counts: {:?}",
        in_time.latency
    );
    let late = attempt("GET", &format!("http://{}/", after(400).await), Duration::from_millis(100)).await;
    expect(&late, TimedOut, &["no complete response within 100 ms", "1 of 2 bytes"]);
}

#[tokio::test]
async fn compressed_bodies_are_read_and_bombs_end() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
    let zlib = b"\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15";
    let zstd = b"\x28\xb5\x2f\xfd\x04\x58\x29\x00\x00\x68\x65\x6c\x6c\x6f\xa3\x6d\x9f\x88";
    let brotli = b"\x0b\x02\x80hello\x03";
    let encoded = |encoding: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    for (encoding, body) in [("gzip", &gzip[..]), ("deflate", zlib), ("zstd", zstd), ("br", brotli)] {
        let address = answering(encoded(encoding, body)).await;
        let attempt = attempt("GET", &format!("http://{address}/"), AMPLE).await;
        expect(&attempt, Success, &[]);
        assert_eq!(attempt.response.map(|r| (r.body, r.bytes)), Some(("hello".to_owned(), 5)), "{encoding}");
        let address = answering(encoded(encoding, &body[..body.len() - 3])).await;
        let broken = attempt_by(&client(), "GET", &format!("http://{address}/"), AMPLE).await;
        expect(&broken, ProtocolError, &["can't be decompressed"]);
    }
    // A frame of zstd whose every block of 4 bytes stands for 128 KiB of the letter `a`.
    let blocks = (hookctl::delivery::BODY_MAX / (128 * 1024) + 100) as usize;
    let bomb = [&b"\x28\xb5\x2f\xfd\x00\x38"[..], &b"\x02\x00\x10a".repeat(blocks)].concat();
    let length = bomb.len();
    let address = answering(encoded("zstd", &bomb)).await;
    let attempt = attempt("GET", &format!("http://{address}/"), AMPLE).await;
    expect(&attempt, ProtocolError, &["more than 64 MiB of body (counted after decompression)"]);
    assert!(length < 4096 && attempt.response.is_some_and(|r| r.body.len() <= hookctl::delivery::BODY_KEPT));
}
