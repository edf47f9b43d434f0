//! HK103

use hookctl_twig::analysis::{IssueKind, path_in_words};
use hookctl_twig::foreign;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::{Resolution, doubts};
use crate::diagnostic::Edit;
use crate::event::Type;
use crate::text::list;

/// A field that its variable does not have.
pub(super) static RULE: Rule = Rule {
    id: "HK103",
    name: "unknown-field",
    level: Level::Error,
    summary: "a field that its variable does not have",
    what: "Checks every path in a placeholder, such as `contact.first_name`, against the field catalogue, including the fields of `loop` and of list entries. Declare custom fields under `fields:` in hookctl.yaml.",
    why: "Production silently renders an unknown field as an empty string: the receiving system gets a request without the value.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.frist_name }}\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name }}\"\n",
    ),
    fixable: true,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    doubts(context, IssueKind::NoField, reporter);
    for placeholder in &context.placeholders {
        for (read, resolution) in &placeholder.reads {
            let Resolution::UnknownField { at, nearest, replaceable, owner, known } = resolution else { continue };
            let Some(field) = read.path.get(*at) else { continue };
            let path: Vec<&str> = read.path.iter().take(*at).map(|s| s.name.as_str()).collect();
            let path = path_in_words(&path);
            let message = match owner {
                Type::Object => format!("{path} has no field `{}`", field.name),
                _ => format!("{path} is {}, so it has no field `{}`", display_type(*owner), field.name),
            };
            let written = placeholder.text.text.get(field.span.start..field.span.end) == Some(&field.name);
            let place = reporter.exact(placeholder.text, field.span).filter(|_| written && *replaceable);
            let finding = reporter.in_text(placeholder.text, field.span, message);
            match nearest {
                Some(nearest) => {
                    finding.help(format!("did you mean `{nearest}`?"));
                    finding.fix(place.map(|span| Edit::new(span, nearest)));
                }
                None if *owner != Type::Object => {
                    finding.diagnostic.help.extend(foreign::method(&field.name).map(str::to_owned))
                }
                None if known.is_empty() => {}
                None => {
                    let root = read.path.first().map_or("", |s| s.name.as_str());
                    let alike: Vec<&String> = known.iter().filter(|known| is_alike(known, &field.name)).collect();
                    match alike[..] {
                        [] => finding.help(format!("its fields are {}", list::and(list::quoted(known)))),
                        _ => finding.help(format!("did you mean {}?", list::or(list::quoted(&alike)))),
                    };
                    if *at == 1 && root != "response" {
                        let name = &field.name;
                        finding.help(format!(
                            "declare custom fields in hookctl.yaml: `fields: {{{root}: {{{name}: {{type: string}}}}}}`"
                        ));
                    }
                }
            }
        }
    }
}

/// Whether a field's name contains the word: `phone` in `phone_number`.
fn is_alike(known: &str, word: &str) -> bool {
    known.split('_').any(|part| part.eq_ignore_ascii_case(word))
}

fn display_type(ty: Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Integer | Type::Number => "a number",
        Type::Boolean => "a boolean",
        Type::Date => "a date",
        Type::Datetime => "a date and time",
        Type::List => "a list",
        Type::Object => "a mapping",
    }
}
