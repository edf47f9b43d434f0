//! HK209

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::script::ParamsIn;
use crate::span::Span;

/// A param that the URL's query already has.
pub(super) static RULE: Rule = Rule {
    id: "HK209",
    name: "param-in-url",
    level: Level::Warning,
    summary: "a param that the URL's query already has",
    what: "Reports a param whose name is already in the URL's own query.",
    why: "Both are sent, and which one counts is up to the receiver: the first, the last, or a list of both.",
    example: Some("request:\n  method: GET\n  url: https://api.example.com/users?id=1\n  params: {id: \"7\"}\n"),
    instead: Some("request:\n  method: GET\n  url: https://api.example.com/users\n  params: {id: \"7\"}\n"),
    fixable: false,
    basis: Basis::Assumed,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let request = &context.script.request;
    let (Some(url), Some(parts)) = (&request.url, &context.url_parts) else { return };
    let query = parts.query_pairs();
    for param in request.sent_params() {
        let Some((name, place, _)) = query.iter().find(|(name, ..)| *name == param.name.value) else { continue };
        let other = if request.place_of_params() == Some(ParamsIn::Body) { "the body" } else { "the query again" };
        let finding =
            reporter.at(param.name.span, format!("`{name}` is sent in {other}, and the URL's query already has it"));
        finding.help("keep it only in `params`");
        finding.related_at(&context.script.source, url.place(Span::new(place.start, place.end)), "already here");
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn only_a_name_in_both_places_is_found() {
        for (url, params, expected) in [
            ("https://a.example/?a=1", "{a: b}", &["a"][..]),
            ("https://a.example/?x=1&a", "{a: b, c: d}", &["a"]),
            ("https://a.example/?a%20b={{ contact.id }}", "{'a b': c}", &["'a b'"]),
            ("{{ env.BASE }}/x?a=1", "[{name: a}, {name: a}]", &["a", "a"]),
            // Nothing to find.
            ("https://a.example/?a=1", "{A: b}", &[]),
            ("https://a.example/?x=a", "{a: b}", &[]),
            ("https://a.example/a#?a=1", "{a: b}", &[]),
            ("https://a.example/?{{ contact.name }}=1", "{a: b}", &[]),
            ("https://a.example/?a=1", "[{name: a, enabled: false}]", &[]),
        ] {
            let script = format!("request:\n  method: GET\n  url: '{url}'\n  params: {params}\n");
            assert_eq!(places("HK209", &script), expected, "{url} {params}");
        }
    }
}
