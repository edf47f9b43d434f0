//! `render --format http`: the raw HTTP/1.1 message, head lines ended by CRLF.

use crate::request::Resolved;

/// The messages; where there are several, a line `### script` goes before each.
pub fn http(requests: &[Resolved]) -> String {
    let mut text = String::new();
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        if requests.len() > 1 {
            text += &format!("### {}\n\n", request.script);
        }
        text += &message(request);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

fn message(request: &Resolved) -> String {
    let redact = |text: &str| request.redactor.redact(text).into_owned();
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, redact(request.path_and_query()));
    for header in &request.headers {
        text += &format!("{}: {}\r\n", header.name, redact(&header.value));
    }
    text += "\r\n";
    if let Some(body) = &request.body {
        text += &redact(&String::from_utf8_lossy(&body.bytes));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn messages() {
        let one = http(&[sample::post()]);
        assert!(one.starts_with("POST /users?a=b HTTP/1.1\r\nHost: api.example.com\r\n"), "{one}");
        insta::assert_snapshot!(http(&[sample::post(), sample::get()]).replace('\r', "␍"));
    }
}
