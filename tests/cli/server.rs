//! Small HTTP servers for the scripts under test, on a port of their own; they serve until the tests end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::harness::text;

/// A server that gives each request's text to the receiver and answers it, until the test ends.
pub(crate) fn server(answer: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || serve(stream, answer, &sender));
        }
    });
    (url, requests)
}

/// A server that tells of each connection's first bytes and never answers.
pub(crate) fn stalling_server() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut start = [0; 16];
            stream.read_exact(&mut start).unwrap();
            let _ = sender.send(text(&start));
            kept.push(stream);
        }
    });
    (url, requests)
}

/// The next request that the server got.
#[track_caller]
pub(crate) fn next(requests: &mpsc::Receiver<String>) -> String {
    requests.recv_timeout(Duration::from_secs(20)).expect("a request")
}

pub(crate) fn serve(stream: impl Read + Write, answer: &str, requests: &mpsc::Sender<String>) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut request, mut length) = (String::new(), 0);
        while !request.ends_with("\r\n\r\n") {
            let start = request.len();
            if stream.read_line(&mut request).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = request[start..].to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        request.push_str(&text(&body));
        let answer = answer.replace("{request}", &request.replace("\r\n", "|"));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
        stream.get_mut().write_all((head + &answer).as_bytes()).unwrap();
        let _ = requests.send(request);
    }
}

/// A server that answers every request so, until the test ends.
pub(crate) fn answering(head: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let body = body.clone();
            thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                let (mut line, mut length) = (String::new(), 0);
                while stream.read_line(&mut line).unwrap_or(0) > 2 {
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                stream.read_exact(&mut vec![0; length]).unwrap();
                let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = stream.get_mut().write_all((head + &body).as_bytes());
            });
        }
    });
    url
}
