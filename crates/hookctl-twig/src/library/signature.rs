//! What is known of a filter, function or test without running it.

use crate::types::Kind;
use crate::value::Value;

/// A filter, function or test as a template's author sees it: the one place that the parser, the type checker, escaping and the
/// documentation read.
#[derive(Debug)]
pub struct Signature {
    /// As templates write it.
    pub name: &'static str,
    /// Its parameters by the names that named arguments use. The first one of a filter or test is its subject: `x` in `x|upper`.
    pub params: &'static [Param],
    /// More arguments than `params` may follow.
    pub variadic: bool,
    /// The type of its result.
    pub returns: Returns,
    /// The escaping strategies that its result is safe for.
    pub escaping: Escaping,
    /// What it makes of a secret.
    pub secret: SecretEffect,
    /// Whether its result counts as true where the subject is null (whatever the other arguments); none: it fails, or it depends
    /// on them. The analysis of conditions uses it: `{% if x|length %}` means that `x` is not null.
    pub of_null: Option<bool>,
    /// PHP's own function, under PHP's name: there, one argument too many is an error.
    pub internal: bool,
    /// Its result depends on chance.
    pub random: bool,
    /// What it does, in one line.
    pub about: &'static str,
    /// A template that uses it.
    pub example: &'static str,
    /// What the example renders to.
    pub output: &'static str,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name, in snake case.
    pub name: &'static str,
    /// The type of its values.
    pub ty: ParamType,
    /// Its default, made when the argument is not given; none: the argument is required.
    pub default: Option<fn() -> Value>,
    /// What to write instead of an argument of another type, where the type alone does not tell.
    pub hint: Option<&'static str>,
}

/// The values that a parameter is meant for: others fail or give a useless result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamType {
    /// Any value.
    Anything,
    /// Strings, numbers, null.
    Text,
    /// Numbers, and numeric strings: others fail.
    Number,
    /// Numbers and numeric strings; other strings count as 0.
    Numeric,
    /// A date as a string, a number of seconds or an object; null is now.
    Date,
    /// Lists and mappings: anything else fails, null too.
    Array,
    /// Lists and mappings: anything else gives a useless result.
    List,
    /// A mapping from strings to strings.
    Pairs,
    /// True or false: any value counts as one of them.
    Flag,
    /// An arrow function, with the positions of its parameters that get entries of the subject.
    Arrow(&'static [usize]),
}

/// The type of a call's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// Always that; [`Kind::Any`] where it depends on the data.
    Kind(Kind),
    /// The subject.
    Subject,
    /// A number: an integer of an integer, a float of a float.
    Number,
    /// A part of the subject, or the subject in another order: a list of a list, a string of a string.
    Part,
    /// A list or mapping of entries of the subject.
    Entries,
    /// A list or mapping of entries that are not known.
    Collection,
    /// One entry of the subject.
    Entry,
}

/// The escaping strategies that a result is safe for, so that `autoescape` leaves it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escaping {
    /// None: `autoescape` escapes it.
    Unsafe,
    /// All of them.
    Safe,
    /// HTML: its subject is escaped first.
    Html,
    /// The strategy that its second argument names, HTML by default.
    Argument,
}

/// What a call makes of a secret, for programs that redact secrets in what was rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretEffect {
    /// Called without arguments, it gives the secret as it is, trimmed, or in one of the usual encodings (URL, JSON, HTML), where
    /// it can be found again.
    Recognizable,
    /// It may give the secret in a form in which it can't be found.
    Unrecognizable,
}

impl Signature {
    /// A signature without documentation yet.
    pub(super) const fn new(name: &'static str, params: &'static [Param], returns: Returns) -> Self {
        Self {
            name,
            params,
            variadic: false,
            returns,
            escaping: Escaping::Unsafe,
            secret: SecretEffect::Unrecognizable,
            of_null: None,
            internal: false,
            random: false,
            about: "",
            example: "",
            output: "",
        }
    }

    /// Its line in the documentation, and an example with what it renders to.
    pub(super) const fn doc(self, about: &'static str, example: &'static str, output: &'static str) -> Self {
        Self { about, example, output, ..self }
    }
}

impl Param {
    pub(super) const fn required(name: &'static str) -> Self {
        Self { name, ty: ParamType::Anything, default: None, hint: None }
    }

    pub(super) const fn optional(name: &'static str, default: fn() -> Value) -> Self {
        Self { default: Some(default), ..Self::required(name) }
    }

    pub(super) const fn typed(self, ty: ParamType) -> Self {
        Self { ty, ..self }
    }

    pub(super) const fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl ParamType {
    /// In the documentation.
    pub fn text(self) -> &'static str {
        match self {
            ParamType::Anything => "any",
            ParamType::Text => "string",
            ParamType::Number | ParamType::Numeric => "number",
            ParamType::Date => "date",
            ParamType::Array | ParamType::List => "list or mapping",
            ParamType::Pairs => "mapping",
            ParamType::Flag => "boolean",
            ParamType::Arrow(_) => "arrow function",
        }
    }
}

impl Returns {
    /// In the documentation.
    pub fn text(self) -> &'static str {
        match self {
            Returns::Kind(Kind::Any) => "any",
            Returns::Kind(Kind::Text | Kind::DateTime) => "string",
            Returns::Kind(Kind::Int) => "integer",
            Returns::Kind(Kind::Float) | Returns::Number => "number",
            Returns::Kind(Kind::Bool) => "boolean",
            Returns::Kind(Kind::List) => "list",
            Returns::Kind(Kind::Map | Kind::Loop) => "mapping",
            Returns::Kind(Kind::Moment) => "date object",
            Returns::Subject => "its input",
            Returns::Part => "list or string, like its input",
            Returns::Entries | Returns::Collection => "list or mapping",
            Returns::Entry => "an entry",
        }
    }
}
