//! HK1xx: placeholders, checked without any event against what a script of the use case can read.

mod may_be_blank;
mod not_in_dialect;
mod not_in_use_case;
mod placeholder;
mod template_syntax;
mod template_type;
#[cfg(test)]
mod tests;
mod undocumented_placeholder;
mod unknown_field;
mod unknown_filter;
mod unknown_variable;

use hookctl_twig::ErrorKind;
use hookctl_twig::analysis::IssueKind;

use super::{Reporter, Rule, ScriptContext};
use crate::diagnostic::Edit;
use crate::text::suggest::nearest;
pub(super) use placeholder::{Place, Resolution, TemplateSite};

/// The group's rules, by id.
pub(super) static RULES: &[&Rule] = &[
    &template_syntax::RULE,
    &unknown_variable::RULE,
    &unknown_field::RULE,
    &not_in_use_case::RULE,
    &unknown_filter::RULE,
    &not_in_dialect::RULE,
    &may_be_blank::RULE,
    &template_type::RULE,
    &undocumented_placeholder::RULE,
];

/// Reports the errors of these kinds that reading the templates gave.
fn template_errors(context: &ScriptContext<'_>, kinds: &[ErrorKind], reporter: &mut Reporter) {
    for placeholder in &context.placeholders {
        for error in placeholder.errors().iter().filter(|e| kinds.contains(&e.kind)) {
            let place = reporter.exact(placeholder.text, error.span);
            let written = placeholder.text.text.get(error.span.start..error.span.end).unwrap_or_default();
            // A misspelling has one clear answer or none; of other engines' words, the dialect's is known for certain.
            let certain =
                |new: &String| error.kind == ErrorKind::NotInDialect || nearest(written, [new.as_str()]).is_some();
            let finding = reporter.in_text(placeholder.text, error.span, &error.message);
            finding.diagnostic.help.extend(error.help.clone());
            let new = error.replacement.as_ref().filter(|new| certain(new));
            finding.fix(place.zip(new).map(|(span, new)| Edit::new(span, new)));
        }
    }
}

/// Reports what the templates do that fails or surprises on the types of the fields.
fn doubts(context: &ScriptContext<'_>, kind: IssueKind, reporter: &mut Reporter) {
    for placeholder in &context.placeholders {
        for doubt in placeholder.doubts.iter().filter(|d| d.kind == kind) {
            let place = reporter.exact(placeholder.text, doubt.span);
            let finding = reporter.in_text(placeholder.text, doubt.span, &doubt.message);
            finding.help(&doubt.help);
            finding.fix(place.zip(doubt.replacement.as_ref()).map(|(span, new)| Edit::new(span, new)));
        }
    }
}
