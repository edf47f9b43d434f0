//! `render --format text`: the request as Postman lays it out.

use colored::Colorize;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use crate::report::printable::line;
use crate::request::{Body, HeaderSource, Resolved};
use crate::script::ParamsIn;

/// The requests, for a terminal of `width` columns. Colored according to `colored`'s setting.
pub fn text(requests: &[Resolved], width: usize) -> String {
    requests.iter().map(|request| one(request, width)).collect::<Vec<_>>().join("\n")
}

fn one(request: &Resolved, width: usize) -> String {
    let redact = |text: &str| request.redactor.redact(text).into_owned();
    let mut text = format!("{}  {}\n", request.script.bold(), request.path.dimmed());
    text += &format!("{}\n\n", printable(&request.name));
    text += &format!("{} {}\n", request.method.green().bold(), printable(&redact(request.url.as_str())));
    if !request.params.is_empty() {
        let rows = request.params.iter().map(|param| {
            let place = match param.place {
                ParamsIn::Query => "query",
                ParamsIn::Body => "body",
            };
            [param.name.clone(), param.template.clone(), redact(&param.value), place.into()]
        });
        section(&mut text, "Params", &table(["Name", "Template", "Value", "In"], rows, width));
    }
    let rows = request.headers.iter().map(|header| {
        let from = match header.from {
            HeaderSource::Script => "script",
            HeaderSource::Client => "client",
        };
        [header.name.clone(), redact(&header.value), from.into()]
    });
    section(&mut text, "Headers", &table(["Name", "Value", "From"], rows, width));
    if let Some(body) = &request.body {
        text +=
            &format!("\n{}  {}, {} bytes\n", "Body".bold(), printable(&redact(&body.content_type)), body.bytes.len());
        text += &format!("{}\n", readable(body, redact));
    }
    if !request.assumed.is_empty() {
        let phrases: Vec<_> = request.assumed.iter().map(|phrase| format!("  {phrase}")).collect();
        section(&mut text, "Assumed (not published by the platform)", &phrases.join("\n"));
    }
    for warning in &request.warnings {
        text += &format!("\n{} {}\n", "warning:".yellow().bold(), printable(warning));
    }
    text
}

fn section(text: &mut String, title: &str, content: &str) {
    *text += &format!("\n{}\n{content}\n", title.bold());
}

fn table<const N: usize>(titles: [&str; N], rows: impl Iterator<Item = [String; N]>, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width.try_into().unwrap_or(u16::MAX))
        .set_header(titles)
        .add_rows(rows.map(|row| row.map(|cell| printable(&cell))));
    table.trim_fmt()
}

/// JSON over several lines, anything else as it is. Secrets go first: where white space changes, they would not be found.
fn readable(body: &Body, redact: impl Fn(&str) -> String) -> String {
    let text = String::from_utf8_lossy(&body.bytes);
    let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
    let text = redact(&text);
    printable(&if is_json { indented(&text) } else { text.replace("\r\n", "\n") })
}

/// JSON text over several lines. Nothing but the white space between its tokens changes, so that numbers and strings are shown
/// as they are sent.
fn indented(json: &str) -> String {
    let mut text = String::new();
    let (mut level, mut in_string, mut escaped) = (0usize, false, false);
    let mut characters = json.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            _ if in_string => {
                text.push(c);
                in_string = escaped || c != '"';
                escaped = c == '\\' && !escaped;
            }
            '{' | '[' => {
                text.push(c);
                while characters.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                match characters.next_if(|c| matches!(c, '}' | ']')) {
                    Some(close) => text.push(close),
                    None => {
                        level += 1;
                        new_line(&mut text, level);
                    }
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                new_line(&mut text, level);
                text.push(c);
            }
            ',' => {
                text.push(c);
                new_line(&mut text, level);
            }
            ':' => text += ": ",
            c if c.is_ascii_whitespace() => {}
            c => {
                in_string = c == '"';
                text.push(c);
            }
        }
    }
    text
}

fn new_line(text: &mut String, level: usize) {
    text.push('\n');
    *text += &"  ".repeat(level);
}

/// Several lines, each safe to print.
fn printable(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn json_is_shown_as_it_is_sent() {
        let text = r#"{"a":{},"b": [ ] ,"c":[1.0,1E+400,{"d":"x\"{y}, z\\"}],"e":"\u0041"}"#;
        let shown = "{\n  \"a\": {},\n  \"b\": [],\n  \"c\": [\n    1.0,\n    1E+400,\n    {\n      \
                     \"d\": \"x\\\"{y}, z\\\\\"\n    }\n  ],\n  \"e\": \"\\u0041\"\n}";
        assert_eq!(indented(text), shown);
        let bytes = r#"{"p":{"key": "k-1234",  "n":7}}"#.into();
        let body = Body { content_type: "application/json".into(), bytes };
        let redact = |text: &str| text.replace("\"k-1234\",  \"n\"", "«redacted»");
        assert_eq!(readable(&body, redact), "{\n  \"p\": {\n    \"key\": «redacted»: 7\n  }\n}");
    }

    #[test]
    fn as_postman_lays_it_out() {
        colored::control::set_override(false);
        for width in [40, 100] {
            let shown = text(&[sample::post(), sample::get()], width);
            insta::assert_snapshot!(format!("width_{width}"), shown);
        }
    }
}
