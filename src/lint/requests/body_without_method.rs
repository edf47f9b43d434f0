//! HK207

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::method;
use crate::script::ParamsIn;

/// A body on a method that has none.
pub(super) static RULE: Rule = Rule {
    id: "HK207",
    name: "body-without-method",
    level: Level::Warning,
    summary: "a Content-Type or `params_in: body` on GET, HEAD or DELETE",
    what: "Reports `params_in: body` or a Content-Type header on a request whose method has no body.",
    why: "HTTP defines no meaning for a body on GET, HEAD and DELETE: many servers and proxies drop it or reject the request, so the \
          params never arrive. A Content-Type without a body describes nothing.",
    example: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  params: {id: \"7\"}\n  params_in: body\n",
    ),
    instead: Some("request:\n  method: GET\n  url: https://api.example.com/users\n  params: {id: \"7\"}\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let request = &context.script.request;
    let Some(method) = &request.method else { return };
    if !method::refuses_body(&method.value) {
        return;
    }
    let method = &method.value;
    if let Some(place) = request.params_in.as_ref().filter(|place| place.value == ParamsIn::Body) {
        reporter
            .at(place.span, format!("`{method}` requests have no body"))
            .help("send params in the query, or use POST");
    } else if let Some(header) = request.content_type() {
        reporter
            .at(
                header.name.span,
                format!("`{}` describes a body, but `{method}` requests have none", header.name.value),
            )
            .help("remove it; to ask for a response format, use `Accept`");
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn bodies_are_found_where_the_method_has_none() {
        for (method, rest, expected) in [
            ("GET", "params_in: body", &["body"][..]),
            ("DELETE", "params_in: body", &["body"]),
            ("HEAD", "headers: {content-type: a/b}", &["content-type"]),
            ("GET", "params_in: body, headers: {Content-Type: a/b}", &["body"]),
            // Nothing to find.
            ("GET", "params_in: query, headers: {Accept: a/b}", &[]),
            ("POST", "params_in: body, headers: {Content-Type: a/b}", &[]),
            ("PATCH", "headers: {Content-Type: a/b}", &[]),
            ("GET", "headers: [{name: Content-Type, value: a/b, enabled: false}]", &[]),
        ] {
            let script = format!("request: {{method: {method}, url: 'https://a.example/', {rest}}}\n");
            assert_eq!(places("HK207", &script), expected, "{method} {rest}");
        }
    }
}
