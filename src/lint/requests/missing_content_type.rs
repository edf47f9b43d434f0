//! HK208

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::script::ParamsIn;

/// Params in a body without a Content-Type.
pub(super) static RULE: Rule = Rule {
    id: "HK208",
    name: "missing-content-type",
    level: Level::Info,
    summary: "params in a body without a Content-Type",
    what: "Reports a request that sends params in the body without a header that states their encoding.",
    why: "hookctl then assumes `application/json`; what the platform uses isn't published. A receiver that expects a form finds no \
          fields at all.",
    example: Some("request:\n  method: POST\n  url: https://api.example.com/users\n  params: {id: \"7\"}\n"),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params: {id: \"7\"}\n  headers: {Content-Type: application/json}\n",
    ),
    fixable: false,
    basis: Basis::Assumed,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let request = &context.script.request;
    let Some(first) = request.sent_params().next() else { return };
    if request.place_of_params() != Some(ParamsIn::Body) || request.content_type().is_some() {
        return;
    }
    reporter.at(first.name.span, "params are sent in the body, but there is no `Content-Type`").help(
        "add the header `Content-Type: application/json`, `application/x-www-form-urlencoded` or `multipart/form-data`",
    );
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn only_a_body_without_a_type_is_found() {
        for (request, expected) in [
            ("method: POST, params: {a: b, c: d}", &["a"][..]),
            ("method: PUT, params: [{name: x, value: b, enabled: false}, {name: a, value: b}]", &["a"]),
            ("method: GET, params_in: body, params: {a: b}", &["a"]),
            ("method: POST, params: {a: b}, headers: [{name: Content-Type, value: x, enabled: false}]", &["a"]),
            // Nothing to find.
            ("method: POST", &[]),
            ("method: GET, params: {a: b}", &[]),
            ("method: POST, params_in: query, params: {a: b}", &[]),
            ("method: POST, params: {a: b}, headers: {content-type: x/y}", &[]),
        ] {
            let script = format!("request: {{url: 'https://a.example/', {request}}}\n");
            assert_eq!(places("HK208", &script), expected, "{request}");
        }
    }
}
