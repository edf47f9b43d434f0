//! Which texts read the environment, in what form its values appear in their output, and what messages may quote.

use hookctl_twig::signatures::{self, SecretEffect};
use hookctl_twig::{self as template, Read};

use crate::script::Text;
use crate::secret::REDACTED;

/// The root whose fields are the environment's variables (hookctl's own; the platform has none).
pub(super) const ENV: &str = "env";

/// The environment variables that the text reads.
pub(super) fn env_reads(text: &Text) -> Vec<Read> {
    match text.template() {
        Ok(template) if !template.is_plain() => {
            template.reads().into_iter().filter(|read| read.path.first().is_some_and(|root| root.name == ENV)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the text reads the environment.
pub(super) fn reads_env(text: &Text) -> bool {
    !env_reads(text).is_empty()
}

/// Whether every `env.NAME` is rendered as is, or in a form that the redactor finds. Otherwise the output may contain
/// the secret in an unrecognizable form.
pub(super) fn prints_env_as_it_is(text: &Text) -> bool {
    let reads = env_reads(text);
    let whole_context = text.text.contains("_context");
    let known = |read: &Read| read.printed || Place::of(&text.text, read).is_some_and(|place| place.known_form());
    !whole_context && (reads.is_empty() || !text.text.contains("{%") && reads.iter().all(known))
}

/// Whether the short secrets are rendered next to letters or digits, where the redactor can't find them.
pub(super) fn joins_to_words(text: &Text, short: impl Fn(&str) -> bool) -> bool {
    let joined = |read: &Read| Place::of(&text.text, read).is_none_or(|place| place.joined());
    let is_short = |read: &Read| read.path.get(1).is_some_and(|variable| short(&variable.name));
    env_reads(text).iter().any(|read| is_short(read) && joined(read))
}

/// The error of a text that transforms a secret, without the values it quotes: they may be the transformed secret.
pub(super) fn without_values(text: &Text, error: &template::Error) -> template::Error {
    let mut told = error.clone();
    if let Some(hidden) = unwritten(&text.text, &error.message) {
        told.message.replace_range(hidden.clone(), REDACTED);
        let value = &error.message[hidden];
        told.help = told.help.filter(|help| !help.contains(value));
    }
    told
}

/// From the first quoted piece of a message that is not in the template to the last quote.
fn unwritten(template: &str, message: &str) -> Option<std::ops::Range<usize>> {
    let quotes = ['"', '`', '…'];
    let mut rest = 0;
    while let Some(start) = message[rest..].find(['"', '`']).map(|at| rest + at + 1) {
        let end = message[start..].find(quotes).map_or(message.len(), |at| start + at);
        let piece = &message[start..end];
        if !template.contains(piece) {
            return message.rfind(quotes).filter(|last| *last > start).map(|last| start..last);
        }
        rest = (end + 1).min(message.len());
    }
    None
}

/// Whether the filter gives a secret in a form that a [`Redactor`](crate::secret::Redactor) finds again.
fn keeps_recognizable(filter: &str) -> bool {
    signatures::filters().any(|known| known.name == filter && known.secret == SecretEffect::Recognizable)
}

/// An `env.NAME` at the start of its `{{ … }}`, with what surrounds it.
struct Place<'t> {
    before: &'t str,
    behind_name: &'t str,
}

impl<'t> Place<'t> {
    fn of(template: &'t str, read: &Read) -> Option<Self> {
        let (first, last) = (read.path.first()?, read.path.last()?);
        let before = template.get(..first.span.start)?.trim_end().strip_suffix("{{")?;
        Some(Self { before, behind_name: template.get(last.span.end..)?.trim_start() })
    }

    /// Whether a single filter follows, and it leaves the secret in a known form.
    fn known_form(&self) -> bool {
        let Some(filter) = self.behind_name.strip_prefix('|').map(str::trim_start) else { return false };
        let end = filter.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(filter.len());
        keeps_recognizable(&filter[..end]) && filter[end..].trim_start().starts_with("}}")
    }

    fn joined(&self) -> bool {
        let Some((_, after)) = self.behind_name.split_once("}}") else { return true };
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '{' | '}');
        self.before.ends_with(joins) || after.starts_with(joins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn text(template: &str) -> Text {
        Text::new(template, Span::default(), Vec::new())
    }

    #[test]
    fn shapes_in_which_a_secret_comes_out() {
        for (template, known) in [
            ("plain", true),
            ("Bearer {{ env.A }}", true),
            ("{{ env.A | url_encode }}&x={{env.B|trim}}", true),
            ("{{ env.A | upper }}", false),
            ("{{ env.A | trim | upper }}", false),
            ("{{ env.A | e('js') }}", false),
            ("{{ 'x' ~ env.A | url_encode }}", false),
            ("{% set a = env.A %}{{ a }}", false),
            ("{{ env.A }}{{ _context|json_encode }}", false),
        ] {
            assert_eq!(prints_env_as_it_is(&text(template)), known, "{template}");
        }
    }

    #[test]
    fn what_a_known_form_gives_is_redacted() {
        use crate::secret::Redactor;

        let secret = " a/b \"c\" <d> & é=1 ";
        let mut context = template::Array::new();
        context.insert("secret", template::Value::str(secret));
        let mut known = 0;
        for filter in signatures::filters().filter(|f| f.secret == SecretEffect::Recognizable) {
            let template = template::Template::parse(&format!("{{{{ secret|{} }}}}", filter.name)).expect("a template");
            let rendered = template.render(&context, &template::Options::default()).expect("renders").output;
            let redacted = Redactor::new([secret]).redact(&rendered).into_owned();
            assert!(redacted.trim_matches(['"', ' ']) == REDACTED, "`{}` gives {rendered}: {redacted}", filter.name);
            known += 1;
        }
        assert!(known > 0, "no filter keeps a secret recognizable");
    }

    #[test]
    fn short_secrets_beside_letters() {
        for (template, joined) in [
            ("{{ env.A }}", false),
            ("key={{ env.A }}&b", false),
            ("x{{ env.A }}", true),
            ("{{ env.A }}1", true),
            ("{{ env.A }}{{ contact.id }}", true),
            ("a {{- env.A }}", true),
            ("x{{ env.LONG }}", false),
        ] {
            assert_eq!(joins_to_words(&text(template), |name| name == "A"), joined, "{template}");
        }
    }

    #[test]
    fn messages_keep_what_the_template_says() {
        let template = "{{ env.A|reverse|date('Y') + foo }}";
        for (message, told) in [
            ("there is no filter `date`", "there is no filter `date`"),
            ("\"terces\" is not a date", "\"«redacted»\" is not a date"),
            ("`+` needs numbers, but got the string \"ter\"c…", "`+` needs numbers, but got the string \"«redacted»…"),
            ("`foo` has no field `terces`", "`foo` has no field `«redacted»`"),
        ] {
            let error = template::Error {
                kind: template::ErrorKind::Runtime,
                span: Span::default(),
                message: message.to_owned(),
                help: Some("write '/terces/'".to_owned()),
                replacement: None,
            };
            assert_eq!(without_values(&text(template), &error).message, told);
        }
    }
}
