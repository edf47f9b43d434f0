//! HK106

use super::super::{Basis, Check, Level, Rule, Sink, Visit};
use super::{doubts, template_errors};
use crate::template::ErrorKind;
use crate::template::analysis::DoubtKind;

/// A construct of another template engine, or a tag that needs files.
pub static RULE: Rule = Rule {
    id: "HK106",
    name: "not-in-dialect",
    level: Level::Error,
    summary: "a construct of another template engine, or a tag that needs files",
    what: "Recognizes what Jinja, Tera, Liquid, Handlebars and Postman write differently, and the tags of Twig that need other files, and says how the dialect writes it.",
    why: "The platform's template language is Twig: what other engines write is an error there, or printed as it stands.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{% if contact.age > 17 %}adult{% elif contact.age %}minor{% endif %}\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{% if contact.age > 17 %}adult{% elseif contact.age %}minor{% endif %}\"\n",
    ),
    fixable: true,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(visit: &Visit<'_>, sink: &mut Sink) {
    template_errors(visit, &[ErrorKind::NotInDialect], sink);
    doubts(visit, DoubtKind::Foreign, sink);
}
