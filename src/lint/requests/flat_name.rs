//! HK212

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::json_body;
use crate::encoding::{Name, NameStyle};
use crate::script::ParamsIn;

/// A param name that looks nested but is sent flat.
pub(super) static RULE: Rule = Rule {
    id: "HK212",
    name: "flat-name",
    level: Level::Info,
    summary: "a param name that looks nested but is sent as one flat name",
    what: "Reports params of a JSON body with names such as `payload[summary]` or `payload.summary` that `encoding.names` in \
           hookctl.yaml doesn't nest, and names whose brackets or dots don't fit the setting (`payload[summary`).",
    why: "A receiver that looks for `summary` in `payload` finds nothing: the body has a single key, `payload[summary]`. The platform doesn't \
          publish how it sends such names; `encoding: {names: brackets}` or `{names: dots}` makes hookctl send objects and lists.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/events\n  params:\n    payload.summary: Disk full\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/events\n  params:\n    summary: Disk full\n",
    ),
    fixable: false,
    basis: Basis::Assumed,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let request = &context.script.request;
    let own = context.lint.encoding.names;
    if request.place_of_params() != Some(ParamsIn::Body) {
        return;
    }
    for param in request.sent_params() {
        let name = &param.name.value;
        match Name::read(name, own) {
            Name::Nested(_) => {}
            Name::Malformed(_) => {
                reporter.at(param.name.span, format!("`{name}` is sent as is")).help(own.rule());
            }
            Name::Flat(_) => {
                let Some(style) = looks_nested(name).filter(|_| json_body(request)) else { continue };
                let message =
                    format!("`{name}` is sent as one flat name: `encoding.names: {}` does not nest it", own.word());
                reporter
                    .at(param.name.span, message)
                    .help(format!(
                        "to send an object or a list, set `encoding: {{names: {}}}` in hookctl.yaml",
                        style.word()
                    ))
                    .help("the platform doesn't publish how it sends such names: try it there before you rely on it");
            }
        }
    }
}

/// The style in which a name nests; a dot also ends abbreviations and parts numbers.
fn looks_nested(name: &str) -> Option<NameStyle> {
    let is_key = |key: &str| key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if matches!(Name::read(name, NameStyle::Brackets), Name::Nested(_)) {
        return Some(NameStyle::Brackets);
    }
    let words = name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.split('.').all(is_key);
    (words && matches!(Name::read(name, NameStyle::Dots), Name::Nested(_))).then_some(NameStyle::Dots)
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::{messages, places};

    #[test]
    fn names_that_look_nested_are_found_in_json() {
        for (request, expected) in [
            ("method: POST, params: {payload.summary: a, b: c}", &["payload.summary"][..]),
            ("method: POST, params: {'payload[summary]': a, 'tags[]': c}", &["'payload[summary]'", "'tags[]'"]),
            (
                "method: PUT, params: {items.0.id: a}, headers: {Content-Type: application/vnd.api+json}",
                &["items.0.id"],
            ),
            ("method: POST, params: [{name: a.b, value: c}, {name: c.d, value: e, enabled: false}]", &["a.b"]),
            // Nothing to find.
            ("method: POST, params: {'e.g.': a, '1.5': b, 'a b.c d': c, 'a[b': d, '[x]': e}", &[]),
            ("method: POST, params: {'a[b]': a}, headers: {Content-Type: multipart/form-data}", &[]),
            ("method: GET, params: {'filter[name]': a, a.b: c}", &[]),
            ("method: POST, params_in: query, params: {a.b: c}", &[]),
        ] {
            let script = format!("request: {{url: 'https://a.example/', {request}}}\n");
            assert_eq!(places("HK212", &script), expected, "{request}");
        }
    }

    #[test]
    fn the_setting_and_what_is_not_published_are_said() {
        for (name, setting) in [("a.b", "encoding: {names: dots}"), ("'a[b]'", "encoding: {names: brackets}")] {
            let said = messages(
                "HK212",
                &format!("request: {{method: POST, url: 'https://a.example/', params: {{{name}: c}}}}\n"),
            );
            assert_eq!(said.len(), 1);
            assert!(said[0].contains(setting) && said[0].contains("doesn't publish"), "{said:?}");
        }
    }
}
