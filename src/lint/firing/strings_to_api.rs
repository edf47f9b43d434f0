//! HK308

use super::super::requests::json_body;
use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::PLACEHOLDER_HOST;
use crate::encoding::JsonValues;
use crate::event::{Type, UseCase};
use crate::script::Pair;
use crate::text::list;

/// Numbers sent to the platform's API as strings.
pub(super) static RULE: Rule = Rule {
    id: "HK308",
    name: "strings-to-api",
    level: Level::Warning,
    summary: "numbers sent to the platform's API as strings",
    what: "Reports a JSON request to the platform's own API (`api_hosts` in hookctl.yaml) with params for fields that hold numbers or \
           booleans, such as `priority: 2`, while `encoding.json_values` is `string`. With `encoding: {json_values: json}`, hookctl \
           sends `2` instead of `\"2\"`.",
    why: "The platform's API distinguishes numbers from strings. That production sends every value as a string is assumed: if it does, \
          the API rejects such a value or misreads it.",
    example: None,
    instead: None,
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(call) = &context.node.call else { return };
    if context.lint.encoding.json_values != JsonValues::String || !json_body(&context.script.request) {
        return;
    }
    let root = call.event.split('.').next().and_then(UseCase::from_name);
    let Some(root) = root.and_then(|root| context.lint.catalogue.root(root, None, root.name())) else { return };
    let is_number = |param: &&Pair| {
        let field = root.fields.get(&param.name.value);
        field.is_some_and(|field| matches!(field.ty, Type::Integer | Type::Number | Type::Boolean))
    };
    let numbers: Vec<&Pair> = context.script.request.sent_params().filter(is_number).collect();
    let Some(first) = numbers.first() else { return };
    let names: Vec<&str> = numbers.iter().map(|param| param.name.value.as_str()).collect();
    let message = format!("the platform's API distinguishes numbers from strings, and {}", goes(&names));
    let finding = reporter.at(first.name.span, message);
    if call.host_assumed {
        finding.help(PLACEHOLDER_HOST);
    }
    finding.help(
        "set `encoding: {json_values: json}` in hookctl.yaml if production sends numbers as numbers; the platform doesn't publish what it sends, so try it there",
    );
}

fn goes(names: &[&str]) -> String {
    match names {
        [_] => format!("{} is sent as a string", list::and(list::quoted(names))),
        _ => format!("{} are sent as strings", list::and(list::quoted(names))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn only_fields_of_numbers_in_json_to_the_api_are_found() {
        let api = "https://{{ env.API_HOST }}/api/v1";
        for (request, expected) in [
            (
                format!("method: POST, url: '{api}/ticket', params: {{subject: a, priority: 2, status: 0}}"),
                &["priority"][..],
            ),
            (
                format!("method: PUT, url: '{api}/contact/7', params: {{sponsor_id: '{{{{ contact.sponsor_id }}}}'}}"),
                &["sponsor_id"],
            ),
            // Nothing to find.
            (format!("method: POST, url: '{api}/ticket', params: {{subject: a, crm_score: 2}}"), &[]),
            (
                format!(
                    "method: POST, url: '{api}/ticket', params: {{status: 2}}, headers: {{Content-Type: multipart/form-data}}"
                ),
                &[],
            ),
            (format!("method: POST, url: '{api}/ticket', params_in: query, params: {{status: 2}}"), &[]),
            (format!("method: GET, url: '{api}/ticket', params: {{status: 2}}"), &[]),
            ("method: POST, url: 'https://a.example/api/v1/ticket', params: {status: 2}".to_owned(), &[]),
        ] {
            assert_eq!(places("HK308", &format!("request: {{{request}}}\n")), expected, "{request}");
        }
    }
}
