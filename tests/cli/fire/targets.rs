//! Where `fire` sends: other hosts, proxies, sockets, redirects, and hosts that are somebody else's.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use super::{fire, hookctl, project, results};
use crate::harness::text;
use crate::server::{next, serve, server};

/// Interim responses, and chunks of a byte, that never end: how they begin, and what repeats.
const FLOODS: [(&str, &str); 2] = [
    ("", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
];

/// A server that floods its first connections as fast as they take it, and answers on the others.
fn flooding_server((beginning, flood): (&'static str, &'static str), floods: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for (number, mut stream) in listener.incoming().flatten().enumerate() {
            thread::spawn(move || {
                if number >= floods {
                    return serve(stream, "ok", &mpsc::channel().0);
                }
                let _ = stream.read(&mut [0; 1024]);
                let flood = flood.repeat(20_000);
                let _ = stream.write_all(beginning.as_bytes());
                while stream.write_all(flood.as_bytes()).is_ok() {}
            });
        }
    });
    url
}

#[test]
fn many_deliveries_at_somebody_elses_host_need_a_yes() {
    for args in [&["sync", "--repeat", "2"][..], &["sync", "lookup"]] {
        let output = fire(args);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains("2 deliveries") && stderr.contains("api.example.com") && stderr.contains("--yes"),
            "{stderr}"
        );
    }
    // A name that is answered for here: nothing leaves this machine.
    let (url, requests) = server("ok");
    let port = url.rsplit(':').next().unwrap();
    let output = fire(&[
        "sync",
        "--repeat",
        "2",
        "--to",
        &format!("http://api.example.com:{port}"),
        "--resolve",
        &format!("api.example.com:{port}:127.0.0.1"),
        "--yes",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(requests.try_iter().count(), 2);
}

#[test]
fn ways_to_another_target() {
    let (url, requests) = server("ok");
    assert!(fire(&["sync", "--to", &url]).status.success());
    let host = url.strip_prefix("http://").unwrap();
    assert!(next(&requests).contains(&format!("Host: {host}\r\n")), "the new target's name");
    assert!(fire(&["sync", "--to", &url, "--keep-host"]).status.success());
    assert!(next(&requests).contains("Host: api.example.com\r\n"), "the script's own");

    // A plain request through a proxy names the whole URL.
    assert!(fire(&["sync", "--to", "http://somewhere.invalid", "--proxy", &url]).status.success());
    assert!(next(&requests).starts_with("POST http://somewhere.invalid/users?source=hookctl HTTP/1.1"));
    let folder = project();
    let mut by_environment = hookctl(folder.path());
    assert!(
        by_environment
            .args(["sync", "--to", "http://somewhere.invalid"])
            .env("http_proxy", &url)
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(next(&requests).starts_with("POST http://somewhere.invalid/"));
}

#[test]
fn proxies_that_are_none_and_those_that_fail() {
    let folder = project();
    for (set, args, words) in [
        (None, &["--proxy", "ftp://me:hush@p:1"][..], "--proxy is not a proxy's URL: `ftp` is not a proxy protocol"),
        (
            Some("http://me:hush@[::bad"),
            &[],
            "HTTP_PROXY is not a proxy's URL: its host is neither a host name nor an address",
        ),
        (
            Some("http://me:hush#hush@p:1"),
            &[],
            "HTTP_PROXY is not a proxy's URL: its user name or password has a `/`, `?` or `#`",
        ),
    ] {
        let mut command = hookctl(folder.path());
        let output = command.arg("sync").args(args).envs(set.map(|url| ("HTTP_PROXY", url))).output().unwrap();
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(words) && !stderr.contains("hush"), "{stderr}");
    }
    let mut command = hookctl(folder.path());
    command.args(["sync", "--to", "http://somewhere.invalid", "--no-retry", "--format", "csv"]);
    let output = command.env("HTTP_PROXY", "http://me:hush@127.0.0.1:1").output().unwrap();
    let results = text(&output.stdout);
    assert!(results.contains("the proxy 127.0.0.1:1") && !results.contains("hush"), "{results}");
}

#[test]
fn a_client_certificate_by_its_flags() {
    for (flags, words) in [
        (&["--key", "key.pem"][..], "--cert <FILE>"),
        (&["--cert", "a.pem", "--client-cert", "b.pem"], "cannot be used with"),
        (&["--cert", "none.pem", "--key", "none.pem"], "--cert: can't read `none.pem`"),
    ] {
        let output = fire(&[&["sync", "--to", "https://127.0.0.1:1"][..], flags].concat());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_without_ca_certificates() {
    let folder = project();
    let mut command = hookctl(folder.path());
    command
        .args(["sync", "--to", "https://127.0.0.1:1"])
        .envs([("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/none")]);
    let output = command.output().unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("this system has no CA certificates") && stderr.contains("--cacert FILE"), "{stderr}");
}

/// A server that sends every request on to that place.
fn redirecting(location: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!("HTTP/1.1 307 X\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 65536]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn what_comes_from_the_environment_stays_with_its_host() {
    let (target, requests) = server("ok");
    let elsewhere = redirecting(&target.replace("127.0.0.1", "localhost"));
    let json = results(&["sync", "--to", &elsewhere], 0);
    assert_eq!(json["deliveries"][0]["attempts"][0]["redirects"][0]["credentials_dropped"], true);
    let request = next(&requests).to_lowercase();
    assert!(!request.contains("x-api-key") && request.contains("content-type"), "{request}");
    // Neither does `--reveal` change what is sent.
    results(&["sync", "--to", &elsewhere, "--reveal"], 0);
    assert!(!next(&requests).to_lowercase().contains("x-api-key"));
}

#[test]
fn many_deliveries_are_not_led_away_from_this_machine() {
    let url = redirecting("http://elsewhere.invalid/");
    let many = ["sync", "--to", &url, "--no-retry", "--repeat", "2"];
    let error = |args: &[&str]| results(args, 1)["deliveries"][0]["attempts"][0]["error"].as_str().unwrap().to_owned();
    assert!(error(&many).contains("to `elsewhere.invalid`, which is not this machine; --yes"), "{}", error(&many));
    for followed in [&many[..4], &[&many[..], &["--yes"]].concat()] {
        assert!(error(followed).contains("can't resolve the host `elsewhere.invalid`"), "{}", error(followed));
    }
}

#[cfg(unix)]
#[test]
fn a_unix_socket() {
    let folder = project();
    let path = folder.path().join("app.sock");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || serve(listener.accept().unwrap().0, "ok", &sender));
    let mut command = hookctl(folder.path());
    let output = command.args(["sync", "--to", "http://app", "--unix-socket", "app.sock"]).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(next(&requests).contains("Host: app\r\n"));
    let nobody = ["sync", "--unix-socket", "none.sock", "--no-retry", "--format", "csv"];
    let output = hookctl(folder.path()).args(nobody).output().unwrap();
    assert!(text(&output.stdout).contains("the Unix socket `none.sock`"), "{}", text(&output.stdout));
}

/// Much more than a busy machine needs, much less than a flood takes.
const SOON_MS: f64 = 4_000.0;

#[test]
fn a_flood_does_not_hold_the_limit_up() {
    for flood in FLOODS {
        let args = ["sync", "--to", &flooding_server(flood, 8), "--repeat", "8", "--concurrency", "8"];
        let json = results(&[&args[..], &["--no-retry", "--limit", "300ms"]].concat(), 1);
        for delivery in json["deliveries"].as_array().unwrap() {
            assert_eq!(delivery["attempts"][0]["outcome"], "timed_out");
            assert!(delivery["elapsed_ms"].as_f64().unwrap() < SOON_MS, "{delivery}");
        }
    }
}

#[test]
fn a_flood_does_not_hold_up_its_neighbours() {
    for flood in FLOODS {
        let args = ["sync", "--to", &flooding_server(flood, 3), "--repeat", "100", "--rate", "100/s"];
        let more = ["--concurrency", "8", "--no-retry", "--limit", "1s", "--ignore-trigger-limit"];
        let json = results(&[&args[..], &more].concat(), 1);
        let (flooded, answered): (Vec<_>, Vec<_>) =
            json["deliveries"].as_array().unwrap().iter().partition(|delivery| delivery["outcome"] == "failed");
        assert_eq!((flooded.len(), answered.len()), (3, 97), "{json}");
        for delivery in answered {
            assert!(delivery["queued_ms"].as_f64().unwrap() < SOON_MS, "{delivery}");
        }
    }
}
