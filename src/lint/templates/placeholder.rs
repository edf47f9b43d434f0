//! The templates of a script, and what each variable path in them resolves to for its use case.

use std::borrow::Cow;

use hookctl_twig::analysis::{self, ENTRY, Kind, Schema, TypeIssue};
use hookctl_twig::{Error, Read, Segment, Template, foreign};

use crate::event::{ACTION, Catalogue, Field, Type, UseCase};
use crate::script::{Script, Text};
use crate::span::Span;
use crate::text::suggest::nearest;

/// Where a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `request.url`
    Url,
    /// A param's value.
    Param,
    /// A header's value.
    Header,
    /// `callback`
    Callback,
    /// A trigger's `when`: an expression.
    When,
}

/// One template of a script.
#[derive(Debug)]
pub struct TemplateSite<'a> {
    /// The scalar.
    pub text: &'a Text,
    /// Where it is.
    pub place: Place,
    parsed: Result<&'a Template, &'a [Error]>,
    /// The paths it reads, and what they resolve to. Empty if it can't be parsed or the use case is unknown.
    pub reads: Vec<(Read, Resolution<'a>)>,
    /// What it does that fails or surprises on the types of the fields.
    pub doubts: Vec<TypeIssue>,
    /// An action node of a conversation script may fire the script, and bring variables of the project's own.
    pub in_action_node: bool,
}

/// What a variable path resolves to for a script of its use case.
#[derive(Debug)]
pub enum Resolution<'c> {
    /// A field of the catalogue.
    Field {
        /// The field.
        field: Cow<'c, Field>,
        /// It, or something on the way to it, can be missing.
        nullable: bool,
    },
    /// Nothing is known about it: `env`, a response's body, an object without known fields.
    Free,
    /// No use case and no event has that variable.
    UnknownVariable {
        /// What it was probably meant to be.
        nearest: Option<String>,
        /// The known variables.
        known: Vec<String>,
    },
    /// The variable exists only for others.
    NotInUseCase {
        /// The use cases that have it.
        use_cases: Vec<UseCase>,
        /// The events that bring it.
        events: Vec<&'c str>,
    },
    /// The owner has no field of the name at that index of the path.
    UnknownField {
        /// Index into the path.
        at: usize,
        /// What was probably meant: the platform's name for it, or the nearest field.
        nearest: Option<String>,
        /// It can replace the wrong name without further changes.
        replaceable: bool,
        /// The owner's type.
        owner: Type,
        /// Its fields.
        known: Vec<String>,
    },
}

impl<'a> TemplateSite<'a> {
    /// All templates of a script that have any tag in them, and all its expressions.
    pub fn all(script: &'a Script, catalogue: &'a Catalogue) -> Vec<Self> {
        let request = &script.request;
        let texts = request.url.iter().map(|text| (text, Place::Url));
        let texts = texts.chain(request.params.iter().map(|pair| (&pair.value, Place::Param)));
        let texts = texts.chain(request.headers.iter().map(|pair| (&pair.value, Place::Header)));
        let texts = texts.chain(script.callback.iter().map(|text| (text, Place::Callback)));
        let texts = texts.chain(script.triggers.iter().filter_map(|t| t.when.as_ref()).map(|text| (text, Place::When)));
        let scope = Scope::new(script, catalogue);
        texts.filter_map(|(text, place)| TemplateSite::new(text, place, scope.as_ref())).collect()
    }

    fn new(text: &'a Text, place: Place, scope: Option<&Scope<'a>>) -> Option<Self> {
        let parsed = match place {
            Place::When => text.condition(),
            _ if !text.text.contains('{') => return None,
            _ => text.template(),
        };
        let mut placeholder =
            TemplateSite { text, place, parsed, reads: Vec::new(), doubts: Vec::new(), in_action_node: false };
        if let (Ok(template), Some(scope)) = (parsed, scope) {
            placeholder.in_action_node = scope.events.contains(&ACTION);
            let data = Data { scope, place };
            let analysis = match place {
                Place::When => template.analysis_of_condition(&data),
                _ => template.analysis(&data),
            };
            placeholder.doubts = analysis.issues;
            placeholder.reads.reserve_exact(analysis.reads.len());
            for mut read in analysis.reads {
                read.path.iter_mut().for_each(|segment| unquote(segment, &text.text));
                let resolution = scope.resolve(&read, place);
                placeholder.reads.push((read, resolution));
            }
        }
        Some(placeholder)
    }

    /// The errors of the template, whatever its data.
    pub fn errors(&self) -> &'a [Error] {
        match self.parsed {
            Ok(template) => template.deferred_errors(),
            Err(errors) => errors,
        }
    }
}

/// What the templates of one script can read.
struct Scope<'a> {
    catalogue: &'a Catalogue,
    use_case: UseCase,
    events: Vec<&'a str>,
}

impl<'a> Scope<'a> {
    fn new(script: &'a Script, catalogue: &'a Catalogue) -> Option<Self> {
        let use_case = script.use_case.as_ref()?.value;
        let mut events: Vec<&str> = script.events().map(|event| event.value.as_str()).collect();
        if script.triggers.is_empty() {
            // Any conversation script may call it.
            events.push(ACTION);
        }
        Some(Scope { catalogue, use_case, events })
    }

    fn resolve(&self, read: &Read, place: Place) -> Resolution<'a> {
        let Some((root, fields)) = read.path.split_first() else { return Resolution::Free };
        match (root.name.as_str(), place) {
            ("env", _) => Resolution::Free,
            ("response", Place::Callback) => response(fields),
            _ => match self.root(&root.name) {
                Some(field) => follow(field, fields.iter().map(|field| &field.name)).into(),
                None => self.elsewhere(root, place),
            },
        }
    }

    /// The field that a path of names leads to.
    fn field(&self, path: &[String], place: Place) -> Option<Cow<'a, Field>> {
        let (root, fields) = path.split_first()?;
        if root == "env" || (root == "response" && place == Place::Callback) {
            return None;
        }
        match follow(self.root(root)?, fields) {
            Lookup::Field { field, .. } => Some(field),
            Lookup::Free | Lookup::Missing { .. } => None,
        }
    }

    fn root(&self, name: &str) -> Option<Cow<'a, Field>> {
        let events = std::iter::once(None).chain(self.events.iter().map(|event| Some(*event)));
        events.into_iter().find_map(|event| self.catalogue.root(self.use_case, event, name))
    }

    fn elsewhere(&self, root: &Segment, place: Place) -> Resolution<'a> {
        let (use_cases, events) = (self.catalogue.readers(&root.name), self.catalogue.events_with(&root.name));
        if !use_cases.is_empty() || !events.is_empty() {
            return Resolution::NotInUseCase { use_cases, events };
        }
        let mut known = self.catalogue.root_names(self.use_case, None);
        known.extend((place == Place::Callback).then(|| "response".to_owned()));
        known.push("env".to_owned());
        let owner = known.iter().find(|name| self.root(name).is_some_and(|r| r.fields.contains_key(&root.name)));
        let nearest = match owner {
            Some(owner) => Some(format!("{owner}.{}", root.name)),
            _ if foreign::variable(&root.name).is_some() => None,
            None => self
                .nearest_root(&root.name, &known)
                .or_else(|| known.iter().find_map(|owner| self.nearest_field(owner, &root.name))),
        };
        Resolution::UnknownVariable { nearest, known }
    }

    /// The variable that was probably meant: a known one, or one of the script's events.
    fn nearest_root(&self, name: &str, known: &[String]) -> Option<String> {
        let brought: Vec<String> =
            self.events.iter().flat_map(|event| self.catalogue.root_names(self.use_case, Some(event))).collect();
        nearest(name, known.iter().chain(&brought).map(String::as_str)).map(str::to_owned)
    }

    /// The field that was probably meant: `contact.first_name` for `firstname`.
    fn nearest_field(&self, owner: &str, name: &str) -> Option<String> {
        let root = self.root(owner)?;
        nearest(name, root.fields.keys().map(String::as_str)).map(|field| format!("{owner}.{field}"))
    }
}

/// How far a path leads in the catalogue.
enum Lookup<'a> {
    /// To a field; it, or something on the way to it, can be missing.
    Field { field: Cow<'a, Field>, nullable: bool },
    /// To where nothing is known.
    Free,
    /// To an owner that has no field of the name at that index of the path.
    Missing { at: usize, name: String, owner: Cow<'a, Field> },
}

impl<'a> From<Lookup<'a>> for Resolution<'a> {
    fn from(reached: Lookup<'a>) -> Self {
        match reached {
            Lookup::Field { field, nullable } => Resolution::Field { field, nullable },
            Lookup::Free => Resolution::Free,
            Lookup::Missing { at, name, owner } => {
                let known: Vec<String> = owner.fields.keys().cloned().collect();
                let renamed = owner.renamed(&name);
                let replaceable = renamed.is_none_or(|(_, field)| !matches!(field.ty, Type::List | Type::Object));
                let renamed = renamed.map(|(name, _)| name);
                let nearest = renamed.or_else(|| nearest(&name, known.iter().map(String::as_str))).map(str::to_owned);
                Resolution::UnknownField { at, nearest, replaceable, owner: owner.ty, known }
            }
        }
    }
}

/// Follows the fields of a path, the root's own first, as far as the catalogue knows.
fn follow<'a, 'n>(root: Cow<'a, Field>, path: impl IntoIterator<Item = &'n String>) -> Lookup<'a> {
    let mut field = root;
    let mut nullable = field.nullable;
    for (at, name) in path.into_iter().enumerate() {
        let next = match field.ty {
            Type::Object if field.fields.is_empty() => return Lookup::Free,
            Type::List if name == ENTRY || name.bytes().all(|b| b.is_ascii_digit()) => match field.items {
                Some(ty) => Some(Cow::Owned(field.item(ty))),
                None => return Lookup::Free,
            },
            _ => match &field {
                Cow::Borrowed(field) => field.fields.get(name).map(Cow::Borrowed),
                Cow::Owned(field) => field.fields.get(name).cloned().map(Cow::Owned),
            },
        };
        match next {
            Some(next) => field = next,
            None => return Lookup::Missing { at: at + 1, name: name.clone(), owner: field },
        }
        nullable |= field.nullable;
    }
    Lookup::Field { field, nullable }
}

/// A path below `response`: `status`, `headers` and `body` (assumed), of which the last two hold anything.
fn response<'a>(fields: &[Segment]) -> Resolution<'a> {
    let known = ["status", "headers", "body"];
    match fields.first() {
        Some(first) if !known.contains(&first.name.as_str()) => Resolution::UnknownField {
            at: 1,
            nearest: nearest(&first.name, known).map(str::to_owned),
            replaceable: true,
            owner: Type::Object,
            known: known.map(str::to_owned).to_vec(),
        },
        _ => Resolution::Free,
    }
}

/// Narrows the span of a name written as `['name']` to the name without its quotes.
fn unquote(segment: &mut Segment, text: &str) {
    let inner = Span::new(segment.span.start + 1, segment.span.end.saturating_sub(1));
    if inner.end.wrapping_sub(inner.start) == segment.name.len()
        && text.get(inner.start..inner.end) == Some(&segment.name)
    {
        segment.span = inner;
    }
}

/// The types of a template's variables, from the catalogue.
struct Data<'s, 'a> {
    scope: &'s Scope<'a>,
    place: Place,
}

impl Schema for Data<'_, '_> {
    fn type_of(&self, path: &[String]) -> Option<analysis::Type> {
        let here = self.place == Place::Callback;
        match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["env"] => return Some(analysis::Type::of(Kind::Map)),
            ["response"] | ["response", "headers"] if here => return Some(analysis::Type::of(Kind::Map)),
            ["response", "status"] if here => return Some(analysis::Type::of(Kind::Int)),
            _ => {}
        }
        let field = self.scope.field(path, self.place)?;
        Some(analysis::Type { kind: kind(field.ty), nullable: field.nullable })
    }
}

fn kind(ty: Type) -> Kind {
    match ty {
        Type::String => Kind::Text,
        Type::Integer => Kind::Int,
        Type::Number => Kind::Float,
        Type::Boolean => Kind::Bool,
        Type::Date | Type::Datetime => Kind::DateTime,
        Type::List => Kind::List,
        Type::Object => Kind::Map,
    }
}
