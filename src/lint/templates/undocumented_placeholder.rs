//! HK109

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::Place;

/// Event data in the URL or a header.
pub(super) static RULE: Rule = Rule {
    id: "HK109",
    name: "undocumented-placeholder",
    level: Level::Warning,
    summary: "event data in the URL or a header",
    what: "Reports templates in `url` and in header values that read event data. Plain `env.NAME` is not reported: hookctl \
           itself fills it in.",
    why: "The platform documents placeholders for Params and Callback only. That they also work in the URL and in \
          headers, as hookctl renders them, is a doubtful assumption: production may send the braces.",
    example: Some("request:\n  method: GET\n  url: \"https://api.example.com/users/{{ contact.id }}\"\n"),
    instead: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  params:\n    id: \"{{ contact.id }}\"\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    for placeholder in &context.placeholders {
        let place = match placeholder.place {
            Place::Url => "the URL",
            Place::Header => "a header",
            Place::Param | Place::Callback | Place::When => continue,
        };
        let first = placeholder.reads.iter().filter_map(|(read, _)| read.path.first().zip(read.path.last()));
        let Some((first, last)) = first.clone().find(|(root, _)| root.name != "env") else { continue };
        reporter
            .in_text(
                placeholder.text,
                first.span.to(last.span),
                format!("event data in {place}: the platform documents placeholders for Params and Callback only"),
            )
            .help("send the value as a param, or try it in production before you rely on it");
    }
}
