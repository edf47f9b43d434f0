//! HK103

use hookctl_twig::analysis::{IssueKind, path_in_words};
use hookctl_twig::foreign;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::{Meaning, doubts};
use crate::diagnostic::Edit;
use crate::event::Type;
use crate::text::list;

/// A field that its variable does not have.
pub static RULE: Rule = Rule {
    id: "HK103",
    name: "unknown-field",
    level: Level::Error,
    summary: "a field that its variable does not have",
    what: "Compares every path of names in a placeholder, such as `contact.first_name`, with the catalogue of fields; those of `loop` and of a list's entries too. Declare a customer's own fields in `fields:` of hookctl.yaml.",
    why: "Production leaves an unknown field blank, silently: the customer's system gets a request without the value.",
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
        for (read, meaning) in &placeholder.reads {
            let Meaning::UnknownField { at, nearest, replaceable, owner, known } = meaning else { continue };
            let Some(field) = read.path.get(*at) else { continue };
            let path: Vec<&str> = read.path.iter().take(*at).map(|s| s.name.as_str()).collect();
            let path = path_in_words(&path);
            let message = match owner {
                Type::Object => format!("{path} has no field `{}`", field.name),
                _ => format!("{path} is {}, so it has no field `{}`", described(*owner), field.name),
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
                        [] => finding.help(format!("it has {}", list::and(list::quoted(known)))),
                        _ => finding.help(format!("is it {}?", list::or(list::quoted(&alike)))),
                    };
                    if *at == 1 && root != "response" {
                        let name = &field.name;
                        finding.help(format!("declare a field of your own in hookctl.yaml: `fields: {{{root}: {{{name}: {{type: string}}}}}}`"));
                    }
                }
            }
        }
    }
}

/// Whether a field's name has the word among its own: `phone` and `phone_number`.
fn is_alike(known: &str, word: &str) -> bool {
    known.split('_').any(|part| part.eq_ignore_ascii_case(word))
}

fn described(ty: Type) -> &'static str {
    match ty {
        Type::String => "a text",
        Type::Integer | Type::Number => "a number",
        Type::Boolean => "true or false",
        Type::Date => "a day",
        Type::Datetime => "a point in time",
        Type::List => "a list",
        Type::Object => "a mapping",
    }
}
