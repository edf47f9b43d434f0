//! A script's request on the page, and the command that sends it again.

use serde::Serialize;

use super::row::{Message, body, headers};
use crate::delivery::SentRequest;
use crate::report::printable;
use crate::report::request::curl;
use crate::secret::REDACTED;

/// The longest body, in bytes, that is in a command on the page.
const LONGEST: usize = 64 << 10;

/// The request of one script.
#[derive(Debug, Serialize)]
pub(super) struct RequestOfScript {
    script: String,
    /// What there is to know of the deliveries' own requests; empty where each has this one.
    varies: &'static str,
    message: Message,
    /// A command for a POSIX shell; empty where the body is too long for the page.
    curl: String,
    /// What there is to know before using it.
    curl_note: String,
}

impl RequestOfScript {
    /// As it went out, secrets redacted.
    pub(super) fn new(request: &SentRequest) -> Self {
        let text = request.body.as_deref().unwrap_or_default();
        let (body, note) = body(text, text.len() as u64, false);
        let curl = if text.len() <= LONGEST { command(request) } else { String::new() };
        Self {
            script: request.script.clone(),
            varies: if request.varies {
                "The template uses the time or random numbers, so each trigger renders its own request; this is the first."
            } else {
                ""
            },
            message: Message {
                first_line: format!("{} {}", request.method, printable::line(&request.url)),
                headers: headers(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
                body,
                note,
            },
            curl_note: match () {
                () if curl.is_empty() => {
                    "The body is too long for a command on this page: `hookctl render --format curl` \
                    writes the whole one."
                        .to_owned()
                }
                () if curl.contains(REDACTED) => format!(
                    "Secrets are redacted, so this command won't run as is: replace each {REDACTED} with the secret first."
                ),
                () => String::new(),
            },
            curl,
        }
    }
}

fn command(request: &SentRequest) -> String {
    let authority = authority(&request.url);
    // curl makes these itself: the host of the URL, and the length of the body.
    let own = |(name, value): &&(String, String)| {
        name.eq_ignore_ascii_case("host") && *value == authority
            || name.eq_ignore_ascii_case("content-length") && request.body.is_some()
    };
    let headers = request.headers.iter().filter(|header| !own(header)).cloned().collect();
    curl::Command { method: &request.method, url: request.url.clone(), headers, body: request.body.clone() }.to_shell()
}

/// The host and the port of a URL, as a `Host` header has them.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, headers: &[(&str, &str)], body: Option<&str>) -> SentRequest {
        SentRequest {
            script: "s".to_owned(),
            name: "S".to_owned(),
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            body: body.map(str::to_owned),
            varies: false,
        }
    }

    #[test]
    fn the_command_sends_what_was_sent_and_says_that_secrets_are_missing() {
        let headers =
            [("Host", "a.example:81"), ("Authorization", "Bearer «redacted»"), ("content-length", "3"), ("X", "")];
        let shown = RequestOfScript::new(&request("https://a.example:81/x?y=it's", &headers, Some("a'b")));
        insta::assert_snapshot!(shown.curl, @r"
        curl --request POST 'https://a.example:81/x?y=it'\''s' \
          --header 'Authorization: Bearer «redacted»' \
          --header 'X;' \
          --compressed \
          --data-raw 'a'\''b'
        ");
        assert!(shown.curl_note.starts_with("Secrets are redacted"));
        let kept_host = RequestOfScript::new(&request("http://127.0.0.1:8/", &[("Host", "a.example")], None));
        assert!(kept_host.curl.contains("'Host: a.example'"), "{}", kept_host.curl);
        assert_eq!(kept_host.curl_note, "");
    }

    #[test]
    fn a_body_that_is_cut_is_not_in_a_command() {
        let shown = RequestOfScript::new(&request("http://a.example/", &[], Some(&"x".repeat(LONGEST + 1))));
        assert_eq!(shown.curl, "");
        assert!(shown.curl_note.contains("render --format curl"));
        assert_eq!(shown.message.note, "Only the beginning of 65,537 bytes is shown.");
    }
}
