//! What the mock receiver received: a line a request.

use colored::Colorize;
use serde::Serialize;

use crate::receiver::{Ending, Received};
use crate::text::duration;

/// A request as a line of text, without its end.
pub fn text(received: &Received) -> String {
    let Received { number, method, path, body_bytes, ending, status, elapsed } = received;
    let body = if *body_bytes > 0 { format!(" ({body_bytes} B)") } else { String::new() };
    let after = duration::show(*elapsed);
    let end = match (ending, status) {
        (Ending::Answered, Some(status)) => colored(*status),
        (Ending::Answered, None) => "answered".to_owned(),
        (Ending::Reset, _) => "reset".red().to_string(),
        (Ending::ClientLeft, Some(status)) => {
            format!("{status}, but the client disconnected before the body").yellow().to_string()
        }
        (Ending::ClientLeft, None) => "the client disconnected before an answer".yellow().to_string(),
    };
    format!("#{number} {method} {path}{body} → {end} after {after}")
}

fn colored(status: u16) -> String {
    let text = status.to_string();
    match status {
        200..300 => text.green(),
        300..400 => text.yellow(),
        _ => text.red(),
    }
    .to_string()
}

/// The first line in JSON: where the receiver listens.
pub fn json_address(url: &str) -> String {
    serde_json::json!({"version": 1, "address": url}).to_string()
}

/// A request as a line of JSON, without its end.
pub fn json(received: &Received) -> String {
    // Strings and numbers only: this can't fail.
    serde_json::to_string(&Line::from(received)).unwrap_or_default()
}

/// Version 1 of a request's line.
#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    method: &'a str,
    path: &'a str,
    body_bytes: u64,
    ending: &'static str,
    status: Option<u16>,
    elapsed_ms: f64,
}

impl<'a> From<&'a Received> for Line<'a> {
    fn from(received: &'a Received) -> Self {
        Self {
            number: received.number,
            method: &received.method,
            path: &received.path,
            body_bytes: received.body_bytes,
            ending: received.ending.name(),
            status: received.status,
            elapsed_ms: duration::millis(received.elapsed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_ending_has_its_line() {
        colored::control::set_override(false);
        for (ending, status, micros, line) in [
            (Ending::Answered, Some(201), 12_300, "#7 POST /users?a=b (34 B) → 201 after 12.3 ms"),
            (Ending::Reset, None, 250, "#7 POST /users?a=b (34 B) → reset after 250 µs"),
            (
                Ending::ClientLeft,
                None,
                10_000_000,
                "#7 POST /users?a=b (34 B) → the client disconnected before an answer after 10 s",
            ),
            (
                Ending::ClientLeft,
                Some(200),
                10_000_000,
                "#7 POST /users?a=b (34 B) → 200, but the client disconnected before the body after 10 s",
            ),
        ] {
            let (method, path) = ("POST".to_owned(), "/users?a=b".to_owned());
            let elapsed = Duration::from_micros(micros);
            let received = Received { number: 7, method, path, body_bytes: 34, ending, status, elapsed };
            assert_eq!(text(&received), line);
        }
    }

    #[test]
    fn a_line_of_json_has_each_member() {
        let (method, path) = ("GET".to_owned(), "/".to_owned());
        let (ending, elapsed) = (Ending::ClientLeft, Duration::from_micros(12_250));
        let received = Received { number: 7, method, path, body_bytes: 0, ending, status: None, elapsed };
        let members = r#""number":7,"method":"GET","path":"/","body_bytes":0,"ending":"client_left","status":null"#;
        assert_eq!(json(&received), format!(r#"{{{members},"elapsed_ms":12.25}}"#));
    }
}
