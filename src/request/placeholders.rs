//! Fills in the placeholders of a script: every problem has its span in the file, every secret is recorded.

use std::borrow::Cow;
use std::sync::Arc;

use hookctl_twig::{self as template, Array, ErrorKind, Key, Read, Segment, Value};

use crate::diagnostic::Diagnostic;
use crate::script::{Script, Text};
use crate::secret::Redactor;
use crate::span::{Source, Span};

use super::secrecy::{ENV, env_reads, joins_to_words, prints_env_as_it_is, without_values};
use super::{Env, Options};

/// Fills in the placeholders of one script.
pub(super) struct Placeholders<'a> {
    source: &'a Arc<Source>,
    context: Array,
    options: &'a Options,
    secrets: Redactor,
    problems: Vec<Diagnostic>,
    /// Spans of texts whose `env.*` is not set: nothing else is reported about them.
    without_env: Vec<Span>,
    /// Warnings about placeholders that rendered as an empty string.
    pub(super) warnings: Vec<String>,
    /// A template read the clock or drew a random number.
    pub(super) varies: bool,
    /// Texts rendered so far.
    rendered: u64,
}

impl<'a> Placeholders<'a> {
    /// Looks up the `env.*` that these texts read. One that is not set is a problem, in lenient mode too: production
    /// has no environment that could leave it blank.
    pub(super) fn new<'t>(
        script: &'a Script,
        texts: impl IntoIterator<Item = &'t Text>,
        event: &Array,
        env: &Env,
        options: &'a Options,
    ) -> Self {
        let mut this = Self {
            source: &script.source,
            context: event.clone(),
            options,
            secrets: Redactor::default(),
            problems: Vec::new(),
            without_env: Vec::new(),
            warnings: Vec::new(),
            varies: false,
            rendered: 0,
        };
        let mut variables = Array::new();
        for text in texts {
            for read in env_reads(text) {
                if let Err(problem) = this.look_up(text, &read, env, &mut variables) {
                    this.problems.push(problem);
                    this.without_env.push(text.span);
                }
            }
        }
        if !variables.is_empty() {
            this.put(ENV, Value::array(variables));
        }
        this
    }

    /// Gives the templates one more variable.
    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.context.insert(Key::from_str(name), value);
    }

    fn look_up(&mut self, text: &Text, read: &Read, env: &Env, variables: &mut Array) -> Result<(), Diagnostic> {
        let Some(variable) = read.path.get(1) else {
            let span = read.path.first().map_or(text.span, |root| text.place(root.span));
            return Err(Diagnostic::error("`env` needs the name of a variable")
                .at(self.source, span, "which one?")
                .help("write the name out, as in `env.CRM_TOKEN`"));
        };
        let name = &variable.name;
        match env(name) {
            Some(value) => {
                if value.is_empty() && !variables.contains(Key::from_str(name).as_ref()) {
                    self.warnings.push(format!("`env.{name}` is empty, so a blank is sent"));
                }
                self.secrets.add(&value);
                variables.insert(Key::from_str(name), Value::str(value));
                Ok(())
            }
            None if read.guarded => Ok(()),
            None => Err(self.unset(text, variable)),
        }
    }

    fn unset(&self, text: &Text, variable: &Segment) -> Diagnostic {
        let name = &variable.name;
        let line = match &self.options.missing_env_file {
            Some(file) => format!(
                "or add the line `{name}=…` to `{file}`, the `env_file` of hookctl.yaml, which does not exist yet"
            ),
            None => format!("or add the line `{name}=…` to the `env_file` of hookctl.yaml"),
        };
        Diagnostic::error(format!("the environment variable `{name}` is not set"))
            .at(self.source, text.place(variable.span), "its value would go here")
            .help(format!("set it for this run: `{name}=… hookctl …`"))
            .help(line)
    }

    /// The text, rendered; none where that failed, and the problem is kept.
    pub(super) fn render(&mut self, text: &Text) -> Option<String> {
        if self.without_env.contains(&text.span) {
            return None;
        }
        let options = self.options_of_next();
        let rendered = match text.template() {
            Err(errors) => {
                self.problems.extend(errors.iter().map(|error| diagnostic(self.source, text, error)));
                return None;
            }
            Ok(template) => template.render(&self.context, &options),
        };
        match rendered {
            Ok(rendered) => {
                self.varies |= rendered.varies;
                for error in first_missing(text, &rendered.undefined) {
                    let place = self.location(text.place(error.span));
                    let message = self.told(text, error).message;
                    self.warnings.push(format!("{place}: {message}; a blank is sent"));
                }
                if !self.secrets.is_empty() && self.disguises_env(text) {
                    self.secrets.add(&rendered.output);
                }
                Some(rendered.output)
            }
            Err(error) => {
                let errors = self.all_undefined(text).filter(|all| all.contains(&error)).unwrap_or_else(|| vec![error]);
                for error in &errors {
                    let mut problem = diagnostic(self.source, text, &self.told(text, error));
                    if error.kind == ErrorKind::Undefined {
                        problem =
                            problem.help("production silently sends a blank; `--lenient` does too, with a warning");
                    }
                    self.problems.push(problem);
                }
                None
            }
        }
    }

    /// A seed gives each text other random numbers, as it would have them without one.
    fn options_of_next(&mut self) -> Cow<'a, template::Options> {
        /// Odd and without a pattern, so that no small seeds and numbers of texts meet.
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let options = &self.options.template;
        let step = self.rendered.wrapping_mul(STEP);
        self.rendered += 1;
        match options.seed {
            Some(seed) if step > 0 => {
                Cow::Owned(template::Options { seed: Some(seed.wrapping_add(step)), ..options.clone() })
            }
            _ => Cow::Borrowed(options),
        }
    }

    /// The error without secrets.
    fn told(&self, text: &Text, error: &template::Error) -> template::Error {
        let derived = !self.options.reveal && !prints_env_as_it_is(text);
        if derived { without_values(text, error) } else { error.clone() }
    }

    /// Whether the rendered text may contain a secret in an unrecognizable form, or one too short to be found within a
    /// word.
    pub(super) fn disguises_env(&self, text: &Text) -> bool {
        if !prints_env_as_it_is(text) {
            return true;
        }
        let Some(Value::Array(variables)) = self.context.get_name(ENV) else { return false };
        let short = |name: &str| {
            let value = variables.get_name(name).and_then(|value| value.to_text().ok());
            value.is_some_and(|value| crate::secret::is_short(&value))
        };
        joins_to_words(text, short)
    }

    /// An excerpt of a text: without its secrets, and cut off if it is long.
    pub(super) fn excerpt(&self, text: &str) -> String {
        const LONGEST: usize = 80;
        let shown = if self.options.reveal { text.into() } else { self.secrets.redact(text) };
        let cut = if shown.chars().nth(LONGEST).is_some() { "…" } else { "" };
        shown.chars().take(LONGEST).flat_map(char::escape_debug).chain(cut.chars()).collect()
    }

    /// Everything that is undefined in the text. A strict render ends at the first.
    fn all_undefined(&self, text: &Text) -> Option<Vec<template::Error>> {
        let lenient = template::Options { strict: false, ..self.options.template.clone() };
        let undefined = text.template().ok()?.render(&self.context, &lenient).ok()?.undefined;
        Some(first_missing(text, &undefined).cloned().collect())
    }

    /// Keeps a problem that rendering has shown.
    pub(super) fn problem(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    /// Records a secret that rendering produced.
    pub(super) fn add_secret(&mut self, secret: &str) {
        self.secrets.add(secret);
    }

    /// The environment's values once more, as a host name has them.
    pub(super) fn add_secrets_in_small_letters(&mut self) {
        let Some(Value::Array(variables)) = self.context.get_name(ENV) else { return };
        for value in variables.values().filter_map(|value| value.to_text().ok()) {
            self.secrets.add(&value.to_lowercase());
        }
    }

    /// Everything found, with secrets redacted: the warnings, or the problems if there are any.
    pub(super) fn finish(self) -> Result<(Vec<String>, Redactor), Vec<Diagnostic>> {
        let redactor = if self.options.reveal { Redactor::default() } else { self.secrets };
        if self.problems.is_empty() {
            let warnings = self.warnings.iter().map(|warning| redactor.redact_message(warning).into_owned()).collect();
            return Ok((warnings, redactor));
        }
        let mut problems: Vec<_> = self.problems.into_iter().map(|problem| problem.redact(&redactor)).collect();
        problems.sort_by_key(Diagnostic::span);
        Err(problems)
    }

    fn location(&self, span: Span) -> String {
        let position = self.source.position(span.start);
        format!("{}:{}:{}", self.source.path, position.line, position.column)
    }
}

/// The undefined places without those that are fields of another one of them.
fn first_missing<'e>(text: &'e Text, errors: &'e [template::Error]) -> impl Iterator<Item = &'e template::Error> {
    errors.iter().enumerate().filter_map(|(index, error)| {
        let before = index.checked_sub(1).and_then(|before| errors.get(before));
        let follows = before.is_some_and(|before| {
            let between = text.text.get(before.span.end..error.span.start);
            before.span.start == error.span.start || matches!(between, Some("." | "[" | "['" | "[\""))
        });
        (!follows).then_some(error)
    })
}

/// A template's error at its place in the script file.
pub fn diagnostic(source: &Arc<Source>, text: &Text, error: &template::Error) -> Diagnostic {
    let offer = error.replacement.as_ref().map_or(String::new(), |right| format!("did you mean `{right}`?"));
    let help = error.help.clone().filter(|help| *help != offer);
    let mut diagnostic = Diagnostic::error(&error.message).at(source, text.place(error.span), offer);
    diagnostic.help.extend(help);
    diagnostic
}
