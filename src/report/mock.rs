//! What the mock receiver received: a line a request.

use std::time::Duration;

use colored::Colorize;

use crate::receiver::{Ending, Received};
use crate::text::duration;

/// A request as a line of text, without its end.
pub fn text(received: &Received) -> String {
    let Received { number, method, path, body_bytes, ending, status, elapsed_ms } = received;
    let body = if *body_bytes > 0 { format!(" ({body_bytes} B)") } else { String::new() };
    let after = duration::show(Duration::from_secs_f64(elapsed_ms.max(0.0) / 1_000.0));
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
    serde_json::to_string(received).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_has_its_line() {
        colored::control::set_override(false);
        for (ending, status, elapsed_ms, line) in [
            (Ending::Answered, Some(201), 12.3, "#7 POST /users?a=b (34 B) → 201 after 12.3 ms"),
            (Ending::Reset, None, 0.25, "#7 POST /users?a=b (34 B) → reset after 250 µs"),
            (
                Ending::ClientLeft,
                None,
                10_000.0,
                "#7 POST /users?a=b (34 B) → the client disconnected before an answer after 10 s",
            ),
            (
                Ending::ClientLeft,
                Some(200),
                10_000.0,
                "#7 POST /users?a=b (34 B) → 200, but the client disconnected before the body after 10 s",
            ),
        ] {
            let (method, path) = ("POST".to_owned(), "/users?a=b".to_owned());
            let received = Received { number: 7, method, path, body_bytes: 34, ending, status, elapsed_ms };
            assert_eq!(text(&received), line);
        }
    }
}
