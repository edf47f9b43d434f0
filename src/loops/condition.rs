//! Conditions that break a loop: a rule does not fire again where the call that fired it has made its condition false.

use hookctl_twig::{Array, Options, Template, Value};

use crate::http::placeholders;
use crate::script::Script;
use crate::span::Span;

/// The fields that a platform call sets, as far as their values are known without an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Writes {
    /// `contact` or `ticket`
    root: String,
    fields: Vec<(String, String)>,
}

impl Writes {
    /// What a script's call writes: its params, by the API's field names (assumed to be those of the placeholders).
    pub(super) fn of(script: &Script, event: &str) -> Self {
        let params = script.request.sent_params();
        let params: Vec<(&str, &str)> = params.map(|p| (p.name.value.as_str(), p.value.text.as_str())).collect();
        Self::new(event, &params)
    }

    /// What params of these names and templates write in the call that causes `event`.
    pub(super) fn new(event: &str, params: &[(&str, &str)]) -> Self {
        let root = event.split('.').next().unwrap_or_default().to_owned();
        let known = |(name, text): &(&str, &str)| Some(((*name).to_owned(), value_without_event(text)?));
        Writes { root, fields: params.iter().filter_map(known).collect() }
    }

    /// Whether `when` is false once these fields are written. Understood are comparisons of written fields alone, and what
    /// `and`, `or`, `not` and `? :` make of them; of any other the answer is no.
    pub(super) fn make_false(&self, when: &str) -> bool {
        if self.fields.is_empty() {
            return false;
        }
        let part = |place: Span| when.get(place.start..place.end).and_then(|part| self.decide(part));
        Template::expression(when).is_ok_and(|condition| condition.truth(&part) == Some(false))
    }

    /// The truth of a condition that reads nothing but written fields.
    fn decide(&self, condition: &str) -> Option<bool> {
        let expression = Template::expression(condition).ok()?;
        let reads = expression.reads();
        let written = |name: &str| self.fields.iter().any(|(field, _)| field == name);
        let known = reads.iter().all(|read| match &read.path[..] {
            [root, field, ..] => root.name == self.root && written(&field.name),
            _ => false,
        });
        if !known {
            return None;
        }
        let mut fields = Array::new();
        for (name, value) in &self.fields {
            fields.insert(name.as_str(), Value::str(value));
        }
        let mut context = Array::new();
        context.insert(self.root.as_str(), Value::from(fields));
        let (value, _) = expression.evaluate(&context, &Options::default()).ok()?;
        Some(value.is_true())
    }
}

/// What a template renders as whatever the event: literal text, or a template that reads no event data.
fn value_without_event(text: &str) -> Option<String> {
    if placeholders(text).is_empty() {
        return Some(text.to_owned());
    }
    let template = Template::parse(text).ok()?;
    if !template.reads().is_empty() {
        return None;
    }
    Some(template.render(&Array::new(), &Options::default()).ok()?.output)
}
