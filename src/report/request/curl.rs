//! `render --format curl`: a command for a POSIX shell that sends the same bytes.

use crate::report::printable;
use crate::request::{Header, HeaderSource, Resolved};

/// The longest body, in bytes, that is an argument of a command: systems take no more than 128 KiB in one.
const LONGEST_ARGUMENT: usize = 100 << 10;

/// From this length on, curl asks the receiver first (`Expect: 100-continue`) unless that is turned off.
const EXPECT: usize = 1024;

/// The commands; where there are several, a comment with the script's id goes before each.
pub fn curl(requests: &[Resolved]) -> String {
    let mut text = String::new();
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        if requests.len() > 1 {
            text += &format!("# {}\n", request.script.escape_debug());
        }
        text += &command(request);
        text.push('\n');
    }
    text
}

fn command(request: &Resolved) -> String {
    let redact = |text: &str| request.redactor.redact(text).into_owned();
    let body = request.body.as_ref().map(|body| redact(&String::from_utf8_lossy(&body.bytes)));
    // These two are curl's own: the host from the URL, the length from the body.
    let own = |header: &&Header| {
        header.from == HeaderSource::Client
            && (header.name == "Host" || header.name == "Content-Length" && body.is_some())
    };
    let headers = request.headers.iter().filter(|header| !own(header));
    let headers = headers.map(|header| (header.name.clone(), redact(&header.value))).collect();
    Command { method: &request.method, url: redact(request.url.as_str()), headers, body }.to_shell()
}

/// A request whose secrets are redacted, without the headers that curl makes itself.
#[derive(Debug)]
pub(in crate::report) struct Command<'r> {
    pub method: &'r str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

impl Command<'_> {
    /// The command for a POSIX shell.
    pub(crate) fn to_shell(&self) -> String {
        let mut lines = Vec::new();
        // curl waits for a body after `--request HEAD`.
        let method = if self.method == "HEAD" && self.body.is_none() {
            "--head".to_string()
        } else {
            format!("--request {}", quoted(self.method))
        };
        lines.push(format!("curl {method} {}", quoted(&self.url)));
        if self.url.contains(['[', ']', '{', '}']) {
            lines.push("--globoff".into());
        }
        for (name, value) in &self.headers {
            lines.push(format!("--header {}", quoted(&header_line(name, value))));
        }
        lines.push("--compressed".into());
        let mut pipe = String::new();
        if let Some(body) = &self.body {
            if body.len() >= EXPECT {
                lines.push("--header 'Expect:'".into());
            }
            if body.len() > LONGEST_ARGUMENT || has_controls(body) {
                pipe = format!("printf %b {} | ", quoted(&escaped(body)));
                lines.push("--data-binary @-".into());
            } else {
                lines.push(format!("--data-raw {}", quoted(body)));
            }
        }
        pipe + &lines.join(" \\\n  ")
    }
}

/// curl drops `Name:`; `Name;` is how it sends a header without a value.
fn header_line(name: &str, value: &str) -> String {
    if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") }
}

/// A word of a POSIX shell: in single quotes nothing is special but the quote itself.
fn quoted(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
        return text.to_string();
    }
    if has_controls(text) {
        return format!("\"$(printf %b {})\"", quoted(&escaped(text)));
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Are there characters that a terminal would not take as they are (it makes a line feed of a carriage return), or that no
/// argument can hold (NUL)?
fn has_controls(text: &str) -> bool {
    text.chars().any(is_control)
}

fn is_control(c: char) -> bool {
    printable::is_unsafe(c) && c != '\n'
}

/// The text as `printf %b` reads it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped += r"\\",
            '\r' => escaped += r"\r",
            '\t' => escaped += r"\t",
            c if is_control(c) => {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| escaped += &format!(r"\0{byte:03o}"))
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn commands() {
        insta::assert_snapshot!(curl(&[sample::post(), sample::get()]));
    }

    #[test]
    fn words_of_a_shell() {
        for (text, word) in [
            ("POST", "POST"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's $HOME `x` \\ \"q\" !\n@", "'it'\\''s $HOME `x` \\ \"q\" !\n@'"),
            ("a\t'b'", r#""$(printf %b 'a\t'\''b'\''')""#),
            ("\u{202e}a", r#""$(printf %b '\0342\0200\0256a')""#),
        ] {
            assert_eq!(quoted(text), word);
        }
        assert_eq!(escaped("-5%\0\\7\r\n\u{1b}\u{85}"), "-5%\\0000\\\\7\\r\n\\0033\\0302\\0205");
    }
}
