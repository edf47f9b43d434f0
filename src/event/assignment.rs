//! Checks `--set` paths against the data and the catalogue: a misspelled path would silently change nothing.

use std::borrow::Cow;

use hookctl_twig::{Array, Value};

use super::{Catalogue, Field, Fixture, UseCase};
use crate::diagnostic::{Diagnostic, Problems, Severity};

/// The assignments of `--set`.
#[derive(Debug, Clone, Default)]
pub struct Assignments {
    /// `path=value` each.
    pub assignments: Vec<String>,
    /// A misspelled variable is only worth a warning.
    pub lenient: bool,
}

impl Assignments {
    /// The fixture with all of them applied, and warnings about those that are probably misspelled.
    ///
    /// # Errors
    /// Every one that is not an assignment, or whose variable is misspelled.
    pub fn apply(&self, mut fixture: Fixture, catalogue: &Catalogue) -> Result<(Fixture, Vec<Diagnostic>), Problems> {
        let (mut problems, mut warnings) = (Vec::new(), Vec::new());
        for assignment in &self.assignments {
            let path = assignment.split_once('=').map(|(path, _)| path.trim());
            let doubt = path.and_then(|path| fixture.doubt(path, catalogue));
            match (fixture.set(assignment), doubt) {
                (Err(problem), _) => problems.push(problem),
                (Ok(()), Some(doubt)) if doubt.severity == Severity::Error && !self.lenient => problems.push(doubt),
                (Ok(()), Some(doubt)) => warnings.push(Diagnostic { severity: Severity::Warning, ..doubt }),
                (Ok(()), None) => {}
            }
        }
        if problems.is_empty() { Ok((fixture, warnings)) } else { Err(Problems(problems)) }
    }
}
use crate::text::suggest::nearest;

impl Fixture {
    /// What is doubtful about setting `path` in this data: neither the data nor the catalogue has it. An error where its
    /// variable looks like a misspelling of a known one, otherwise a warning: a project may have variables and fields that it
    /// has not declared.
    pub fn doubt(&self, path: &str, catalogue: &Catalogue) -> Option<Diagnostic> {
        let steps: Vec<&str> = path.split('.').collect();
        let (&root, below) = steps.split_first()?;
        if root == "event" {
            return None;
        }
        let known = field_of(catalogue, root);
        if known.is_none() && self.data.get_name(root).is_none() {
            return Some(self.unknown_variable(path, root, catalogue));
        }
        self.unknown_field(root, below, known)
    }

    fn unknown_variable(&self, path: &str, root: &str, catalogue: &Catalogue) -> Diagnostic {
        let message =
            format!("`--set {path}`: there is no variable `{root}` in `{}` or in the catalogue", self.source.path);
        let names: Vec<String> = names(&self.data).chain(variables(catalogue).map(|(name, ..)| name)).collect();
        match nearest(root, names.iter().map(String::as_str)) {
            Some(near) => Diagnostic::error(message)
                .help(format!("did you mean `{near}{}`?", path.strip_prefix(root).unwrap_or_default())),
            None => Diagnostic::warning(message)
                .help("if scripts read it, declare it under `variables:` in hookctl.yaml so that `validate` knows it"),
        }
    }

    /// The first step that its object has neither in the data nor in the catalogue. Objects without known fields are not checked.
    fn unknown_field(&self, root: &str, below: &[&str], known: Option<Cow<'_, Field>>) -> Option<Diagnostic> {
        let known = known.as_deref();
        let mut data = object(self.data.get_name(root));
        let mut fields = known.map(|field| &field.fields);
        let mut parent = root.to_owned();
        for step in below {
            let value = data.and_then(|data| data.get_name(step));
            let field = fields.and_then(|fields| fields.get(*step));
            let open = fields.is_none_or(|fields| fields.is_empty());
            if value.is_none() && field.is_none() {
                return (!open).then(|| {
                    let message = format!(
                        "`--set {parent}.{step}`: `{parent}` has no field `{step}` in `{}` or in the catalogue",
                        self.source.path
                    );
                    let catalogued = fields.into_iter().flat_map(|fields| fields.keys().cloned());
                    let names: Vec<String> = data.into_iter().flat_map(names).chain(catalogued).collect();
                    let help = match nearest(step, names.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean `{parent}.{near}`?"),
                        None => "declare custom fields under `fields:` in hookctl.yaml so that `validate` knows them"
                            .to_owned(),
                    };
                    Diagnostic::warning(message).help(help)
                });
            }
            (data, fields) = (object(value), field.map(|field| &field.fields));
            parent = format!("{parent}.{step}");
        }
        None
    }
}

fn object(value: Option<&Value>) -> Option<&Array> {
    match value {
        Some(Value::Array(inner)) => Some(inner),
        _ => None,
    }
}

fn names(data: &Array) -> impl Iterator<Item = String> {
    data.keys().map(|key| key.text().into_owned())
}

/// Every variable of the catalogue, whichever use case or event brings it.
fn variables(catalogue: &Catalogue) -> impl Iterator<Item = (String, UseCase, Option<&str>)> {
    let events = move || catalogue.events().map(|(name, _)| Some(name)).chain([None]);
    UseCase::ALL.into_iter().flat_map(move |use_case| {
        events().flat_map(move |event| {
            catalogue.root_names(use_case, event).into_iter().map(move |name| (name, use_case, event))
        })
    })
}

fn field_of<'c>(catalogue: &'c Catalogue, root: &str) -> Option<Cow<'c, Field>> {
    let (_, use_case, event) = variables(catalogue).find(|(name, ..)| name == root)?;
    catalogue.root(use_case, event, root)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Severity;
    use crate::span::Source;

    #[test]
    fn a_misspelled_path_is_doubted_and_a_legitimate_one_is_not() {
        let text = r#"{"event": "ticket.created", "ticket": {"subject": "Hi", "own": {"x": 1}}, "order_no": "7", "shop": {"a": 1}}"#;
        let fixture = Fixture::parse(Arc::new(Source::new("f.json", text))).unwrap();
        let catalogue = Catalogue::builtin();
        for (path, severity, help) in [
            ("tickt.subject", Severity::Error, "did you mean `ticket.subject`?"),
            ("contcat", Severity::Error, "did you mean `contact`?"),
            ("sessionid", Severity::Error, "did you mean `session_id`?"),
            ("orderno", Severity::Error, "did you mean `order_no`?"),
            ("campaign", Severity::Warning, "under `variables:`"),
            ("ticket.subjct", Severity::Warning, "did you mean `ticket.subject`?"),
            ("contact.frist_name", Severity::Warning, "did you mean `contact.first_name`?"),
            ("ticket.wholly_own", Severity::Warning, "under `fields:`"),
        ] {
            let doubt = fixture.doubt(path, catalogue).unwrap_or_else(|| panic!("{path} is not doubted"));
            assert_eq!(doubt.severity, severity, "{path}: {doubt:?}");
            assert!(doubt.help[0].contains(help), "{path}: {doubt:?}");
        }
        for path in [
            "event",
            "ticket.subject",
            "ticket.own.x",
            "ticket.own.y",
            "contact.age",
            "order_no",
            "shop.new",
            "queue.length",
            "contact_first_name",
            "contact.tags.0",
            "session_id",
        ] {
            assert!(fixture.doubt(path, catalogue).is_none(), "{path}: {:?}", fixture.doubt(path, catalogue));
        }
    }
}
