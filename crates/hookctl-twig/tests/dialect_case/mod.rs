//! A template with its data and what Twig makes of it.

use hookctl_twig::{Array, Error, ErrorKind, Options, Template, Value};
use serde::{Deserialize, Serialize};

/// One case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Case {
    pub template: String,
    #[serde(default)]
    pub context: serde_json::Value,
    #[serde(default)]
    pub strict: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(flatten)]
    pub answer: Answer,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// `syntax` or `runtime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Case {
    /// What this crate makes of it, with its own words for an error.
    pub(crate) fn render(&self) -> (Answer, String) {
        let error = |errors: &[Error], kind: &str| {
            let text = errors.iter().map(|e| format!("{} [{:?}]", e.message, e.kind)).collect::<Vec<_>>().join("; ");
            (Answer { output: None, error: Some(kind.to_owned()) }, text)
        };
        let template = match Template::parse(&self.template) {
            Ok(template) => template,
            Err(errors) => return error(&errors, "syntax"),
        };
        let context = match Value::from_json(&self.context) {
            Value::Array(array) => array,
            _ => Array::new().into(),
        };
        // The tables' dates without a day were answered on 2026-11-23.
        let now = Some(1_795_435_200_000_000);
        let mut options = Options { strict: self.strict, now, ..Options::default() };
        options.timezone = self.timezone.clone().unwrap_or(options.timezone);
        match template.render(&context, &options) {
            Ok(rendered) => (Answer { output: Some(rendered.output), error: None }, String::new()),
            Err(e) if e.kind == ErrorKind::NotInDialect => error(&[e], "syntax"),
            Err(e) => error(&[e], "runtime"),
        }
    }

    /// How this crate's answer differs from `answer`, if it does.
    pub(crate) fn difference(&self, answer: &Answer) -> Option<String> {
        let (ours, words) = self.render();
        (ours != *answer).then(|| {
            let mode = if self.strict { "strict" } else { "lenient" };
            format!("{mode} {:?} with {}\n   twig: {answer:?}\n   ours: {ours:?} {words}", self.template, self.context)
        })
    }
}
