//! Types of values, as far as they are known before a render.

/// What kind of value something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not known: never complained about.
    Any,
    /// Text that is not meant as a number.
    Text,
    /// An integer.
    Int,
    /// A number with a fraction.
    Float,
    /// `true` or `false`.
    Bool,
    /// A list.
    List,
    /// A mapping of fields.
    Map,
    /// A date and time, written as text.
    DateTime,
    /// A date as `date()` and `date_modify` make it: an object.
    Moment,
    /// The variable `loop`.
    Loop,
}

/// A kind, and whether the value can be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    /// The kind.
    pub kind: Kind,
    /// It can be null.
    pub nullable: bool,
}

impl Type {
    /// Not known.
    pub const ANY: Type = Type::of(Kind::Any);

    /// Never null.
    pub const fn of(kind: Kind) -> Self {
        Self { kind, nullable: false }
    }

    /// The same, or null.
    pub const fn nullable(kind: Kind) -> Self {
        Self { kind, nullable: true }
    }

    pub(crate) fn join(self, other: Type) -> Type {
        let kind = if self.kind == other.kind { self.kind } else { Kind::Any };
        Type { kind, nullable: self.nullable || other.nullable }
    }
}

impl Kind {
    pub(crate) fn is_collection(self) -> bool {
        matches!(self, Kind::List | Kind::Map | Kind::Loop)
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Kind::Int | Kind::Float)
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::DateTime)
    }

    /// In messages.
    pub fn text(self) -> &'static str {
        match self {
            Kind::Any => "a value",
            Kind::Text => "a string",
            Kind::Int => "an integer",
            Kind::Float => "a number",
            Kind::Bool => "a boolean",
            Kind::List => "a list",
            Kind::Map => "a mapping",
            Kind::DateTime => "a date",
            Kind::Moment => "a date object",
            Kind::Loop => "the `loop` variable",
        }
    }
}
