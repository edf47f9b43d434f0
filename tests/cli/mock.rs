//! `hookctl mock`, driven as a user does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};

#[cfg(unix)]
use crate::harness::signal;
use crate::harness::{hookctl, repository, run};

/// A receiver that ends with the test.
struct Mock {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Mock {
    fn start(args: &[&str]) -> Self {
        let mut command = hookctl(repository(), &[&["mock", "--listen", "127.0.0.1:0"], args].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Mock { child, stdout }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n").expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("an answer");
    response
}

#[test]
fn prints_its_address_and_then_a_line_a_request() {
    let mut mock = Mock::start(&["--behaviour", "status=500,200;body=hello", "--route", "/gone: status=404"]);
    let address = mock.line().strip_prefix("http://").expect("an address").to_owned();
    assert!(get(&address, "/users?a=b").ends_with("\r\n\r\nhello"));
    assert!(get(&address, "/gone").starts_with("HTTP/1.1 404 "));
    let first = mock.line();
    assert!(first.starts_with("#1 GET /users?a=b → 500 after "), "{first}");
    assert!(mock.line().starts_with("#2 GET /gone → 404 after "));
}

#[test]
fn a_request_that_breaks_off_takes_no_turn() {
    let mut mock = Mock::start(&["--behaviour", "status=500,200"]);
    let address = mock.line().strip_prefix("http://").expect("an address").to_owned();
    let mut stream = TcpStream::connect(&address).expect("a connection");
    let broken = "POST /a HTTP/1.1\r\nHost: mock\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    stream.write_all(broken.as_bytes()).expect("sent");
    let mut response = String::new();
    let _ = stream.read_to_string(&mut response);
    assert!(!response.contains("500"), "{response}");
    assert!(mock.line().starts_with("#1 POST /a"));
    assert!(get(&address, "/b").starts_with("HTTP/1.1 500 "));
}

#[test]
fn prints_json_lines() {
    let mut mock = Mock::start(&["--format", "json"]);
    let first: serde_json::Value = serde_json::from_str(&mock.line()).expect("JSON");
    let address = first["address"].as_str().and_then(|a| a.strip_prefix("http://")).expect("an address").to_owned();
    get(&address, "/?token=s3cret");
    let line = mock.line();
    let request: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(request["method"], "GET");
    assert_eq!(request["status"], 200);
    assert_eq!(request["ending"], "answered");
    assert!(!line.contains("s3cret"), "{line}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_also_with_a_request_hanging() {
    let mut mock = Mock::start(&["--behaviour", "hang"]);
    let address = mock.line().strip_prefix("http://").expect("an address").to_owned();
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n").expect("sent");
    signal(&mock.child, "INT");
    assert_eq!(mock.child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn a_port_in_use_is_said_with_a_way_out() {
    let mut mock = Mock::start(&[]);
    let address = mock.line().strip_prefix("http://").expect("an address").to_owned();
    let second = run(repository(), &["mock", "--listen", &address]);
    let error = second.stderr;
    assert_eq!(second.code, 2, "{error}");
    assert!(error.contains(&format!("can't listen on {address}: it is already in use")), "{error}");
    assert!(error.contains("--listen 127.0.0.1:0"), "{error}");
}

#[test]
fn all_wrong_arguments_are_said_at_once() {
    let wrong = ["mock", "--listen", "0.0.0.0:0", "--behaviour", "dealy=6s;status=99"];
    let routes = ["--route", "/a: hang", "--route", "/a: reset", "--route", "nowhere"];
    let run = run(repository(), &[&wrong[..], &routes].concat());
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr);
}
