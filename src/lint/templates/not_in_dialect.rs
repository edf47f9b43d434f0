//! HK106

use hookctl_twig::ErrorKind;
use hookctl_twig::analysis::IssueKind;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::{doubts, template_errors};
use crate::diagnostic::Edit;
use crate::event::UseCase;
use crate::script::Text;
use crate::span::Span;

/// A construct of another template engine, or a tag that needs files.
pub(super) static RULE: Rule = Rule {
    id: "HK106",
    name: "not-in-dialect",
    level: Level::Error,
    summary: "a construct of another template engine, or a tag that needs files",
    what: "Recognizes the syntax of Jinja, Tera, Liquid, Handlebars, Postman and others where it differs from Twig's, placeholders such as `{contact.id}` that the platform sends as is, and Twig tags that need other files, and shows what to write instead.",
    why: "The platform's template language is Twig: other engines' syntax is an error there, or is printed as is.",
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

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    template_errors(context, &[ErrorKind::NotInDialect], reporter);
    doubts(context, IssueKind::Foreign, reporter);
    let request = &context.script.request;
    let pairs = request.params.iter().chain(&request.headers).map(|pair| &pair.value);
    for text in request.url.iter().chain(pairs).chain(context.script.callback.iter()) {
        placeholders_elsewhere(text, reporter);
    }
}

/// The delimiters of placeholders in other engines that the platform sends as they are.
const FORMS: [(&str, &str); 4] = [("<%=", "%>"), ("${", "}"), ("[[", "]]"), ("{", "}")];

/// The dialect's own tags.
const OWN: [(&str, &str); 4] = [("{% verbatim", "endverbatim %}"), ("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// Reports placeholders of other engines, if they name a variable that scripts have: otherwise it may be ordinary text.
fn placeholders_elsewhere(text: &Text, reporter: &mut Reporter) {
    let mut from = 0;
    while let Some((start, end, path)) = next_elsewhere(&text.text, from) {
        from = end;
        let span = Span::new(start, end);
        let written = &text.text[start..end];
        let place = reporter.exact(text, span);
        let finding = reporter.in_text(text, span, format!("`{written}` is not a placeholder; it is sent as is"));
        finding.help(format!("write `{{{{ {path} }}}}`"));
        finding.fix(place.map(|span| Edit::new(span, format!("{{{{ {path} }}}}"))));
    }
}

/// The first one after `from`: its start and end, and the path in it.
fn next_elsewhere(text: &str, mut from: usize) -> Option<(usize, usize, &str)> {
    while let Some(start) = text[from..].find(['{', '$', '[', '<']).map(|at| from + at) {
        if let Some((_, close)) = OWN.into_iter().find(|(open, _)| text[start..].starts_with(open)) {
            from = text[start..].find(close).map_or(text.len(), |length| start + length + close.len());
            continue;
        }
        from = start + 1;
        let Some((open, close)) = FORMS.into_iter().find(|(open, _)| text[start..].starts_with(open)) else { continue };
        let inside = &text[start + open.len()..];
        let Some(length) = inside.find(close) else { continue };
        let path = inside[..length].trim();
        if is_path(path) {
            return Some((start, start + open.len() + length + close.len(), path));
        }
    }
    None
}

/// Whether it is the path of a field, such as `contact.first_name`.
fn is_path(path: &str) -> bool {
    let mut names = path.split('.');
    let root = names.next().is_some_and(|root| UseCase::ALL.iter().any(|use_case| use_case.name() == root));
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    root && path.contains('.') && names.all(is_name)
}
