//! HK204

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::diagnostic::Edit;
use crate::http::{header::is_value_char, is_token, is_token_char, placeholders};
use crate::script::{Pair, Text};
use crate::span::{Span, line_around};

/// A header that HTTP does not allow.
pub(super) static RULE: Rule = Rule {
    id: "HK204",
    name: "invalid-header",
    level: Level::Error,
    summary: "an invalid header name, or a line break in a header value",
    what: "Checks that header names are HTTP tokens (letters, digits and ``!#$%&'*+-.^_`|~``), and that values have no CR, LF, NUL or \
           other control characters outside placeholders.",
    why: "No client sends such a header, so the request fails; a line break in a value would let data inject headers.",
    example: Some("request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    \"X Source\": crm\n"),
    instead: Some("request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    X-Source: crm\n"),
    fixable: true,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    for header in context.script.request.sent_headers() {
        name(header, reporter);
        value(&header.value, &header.name.value, reporter);
    }
}

fn name(header: &Pair, reporter: &mut Reporter) {
    let name = &header.name.value;
    let Some(wrong) = name.chars().find(|c| !is_token_char(*c)) else {
        if name.is_empty() {
            reporter
                .at(header.name.span, "a header has no name")
                .help("give it a name, as in `Accept: application/json`");
        }
        return;
    };
    let finding = reporter
        .at(header.name.span, format!("`{name}` is not a valid header name: it contains {}", display_char(wrong)));
    if name.contains("{{") || name.contains("{%") {
        finding.help("only values can be templates, not names");
    } else {
        let tidy: String = name.trim().trim_end_matches(':').replace([' ', '\t'], "-");
        finding.help(if is_token(&tidy) {
            format!("write `{tidy}`")
        } else {
            "use letters, digits and `-`".to_owned()
        });
    }
}

fn display_char(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        c if c.is_control() => format!("U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

fn value(value: &Text, name: &str, reporter: &mut Reporter) {
    let placeholders = placeholders(&value.text);
    let outside = |at: usize| !placeholders.iter().any(|placeholder| placeholder.contains(&at));
    let mut wrong = value.text.char_indices().filter(|(at, c)| !is_value_char(*c) && outside(*at));
    let Some((at, character)) = wrong.next() else { return };
    let trailing = value.text[at..].chars().all(|c| matches!(c, '\r' | '\n'));
    let (what, help) = match character {
        '\r' | '\n' if trailing => {
            ("ends with a line break".to_owned(), "remove it; in a block string, write `|-` instead of `|`")
        }
        '\r' | '\n' => ("contains a line break".to_owned(), "write it on one line"),
        _ => (format!("contains the control character {}", display_char(character)), "remove it"),
    };
    let fix = trailing.then(|| fix(value, at, reporter)).flatten();
    let end = if trailing { value.text.len() } else { at + 1 };
    let finding = reporter.in_text(value, Span::new(at, end), format!("the value of `{name}` {what}"));
    finding.help(help);
    finding.fix(fix);
}

/// Removes trailing line breaks: the escapes for them, or by changing the block string's header.
fn fix(value: &Text, at: usize, reporter: &Reporter<'_>) -> Option<Edit> {
    let file = &reporter.source.as_ref()?.text;
    let place = value.place(Span::new(at, value.text.len()));
    let written = file.get(place.start..place.end)?;
    if !written.is_empty() && written.replace("\\n", "").replace("\\r", "").is_empty() {
        return Some(Edit::new(place, ""));
    }
    // The block string's header is on the line above its first line.
    let before = file.get(..value.span.start)?.trim_end_matches([' ', '\t', '\r', '\n']);
    let line = line_around(before, before.len()).start;
    let header = line + before[line..].rfind(['|', '>'])?;
    let indicators =
        before[header + 1..].find(|c: char| !c.is_ascii_digit() && c != '+').unwrap_or(before.len() - header - 1);
    let rest = before[header + 1 + indicators..].trim_start();
    let digits: String = before[header + 1..header + 1 + indicators].chars().filter(char::is_ascii_digit).collect();
    let style = &before[header..=header];
    (rest.is_empty() || rest.starts_with('#'))
        .then(|| Edit::new(Span::new(header, header + 1 + indicators), format!("{style}{digits}-")))
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::{fixed, places};

    fn script(headers: &str) -> String {
        format!("request:\n  method: GET\n  url: https://a.example/\n  headers:\n{headers}")
    }

    #[test]
    fn names_and_values_that_http_forbids_are_found() {
        for (headers, expected) in [
            ("    X Source: a\n", &["X Source"][..]),
            ("    'X-A:': a\n", &["'X-A:'"]),
            ("    É: a\n", &["É"]),
            ("    '': a\n", &["''"]),
            ("    'X-{{ a }}': a\n", &["'X-{{ a }}'"]),
            ("    A: \"a\\r\\nB: c\"\n", &["\\r"]),
            ("    A: \"a\\0\"\n", &["\\0"]),
            ("    A: \"a\\n\"\n", &["\\n"]),
            ("    A: \"a\\x01b\\x7f\"\n", &["\\x01"]),
            // Nothing to find.
            ("    X-Source: a\n    x_y.z~!: b\n", &[]),
            ("    A: \"{{ contact.first_name }}\"\n", &[]),
            ("    A: \"{{ 'a\\n' }}\"\n", &[]),
            ("    A: é\n", &[]),
            ("    A: \"a\\tb\"\n", &[]),
            ("    A: >-\n      a\n      b\n", &[]),
            ("    - {name: 'X Y', value: a, enabled: false}\n", &[]),
        ] {
            assert_eq!(places("HK204", &script(headers)), expected, "{headers}");
        }
    }

    #[test]
    fn a_trailing_line_end_is_mended() {
        for (wrong, right) in [
            ("    A: \"a\\r\\n\"\n", "    A: \"a\"\n"),
            ("    A: |\n      a\n", "    A: |-\n      a\n"),
            ("    A: >+ # why\n      a\n\n", "    A: >- # why\n      a\n\n"),
            ("    A: |2\n      a\n", "    A: |2-\n      a\n"),
        ] {
            assert_eq!(fixed("HK204", &script(wrong)), script(right), "{wrong}");
        }
    }
}
