//! Tokens of the dialect.

use std::borrow::Cow;

use crate::span::Span;

/// One token, with its place in the template as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Token<'s> {
    /// What it is.
    pub kind: Kind<'s>,
    /// Its place in the text.
    pub span: Span,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind<'s> {
    /// Text outside of tags, trimmed as the tags around it ask.
    Text(&'s str),
    /// `{{`
    PrintStart,
    /// `}}`
    PrintEnd,
    /// `{%`
    TagStart,
    /// `%}`
    TagEnd,
    /// A name.
    Name(&'s str),
    /// An integer.
    Int(i64),
    /// A number with a fraction or an exponent, or one that is too large for an integer.
    Float(f64),
    /// A string, or the constant part of an interpolated one, escapes resolved.
    Str(Cow<'s, str>),
    /// An operator.
    Op(Op),
    /// One of `()[]{}?:.,|`.
    Punct(u8),
    /// `#{` in a string.
    InterpolationStart,
    /// The `}` that ends it.
    InterpolationEnd,
    /// `=>`
    Arrow,
    /// Stands for what could not be read; its error is reported already.
    Broken,
    /// The end of the template.
    End,
}

/// Operators, words among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named by `text`")]
pub(crate) enum Op {
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equal,
    NotEqual,
    Spaceship,
    Less,
    Greater,
    GreaterEqual,
    LessEqual,
    NotIn,
    In,
    Matches,
    StartsWith,
    EndsWith,
    HasSome,
    HasEvery,
    Range,
    Plus,
    Minus,
    Concat,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Is,
    IsNot,
    Power,
    Coalesce,
    Not,
    Assign,
}

impl Op {
    /// As templates write it, one space between words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Op::Or => "or",
            Op::And => "and",
            Op::BitOr => "b-or",
            Op::BitXor => "b-xor",
            Op::BitAnd => "b-and",
            Op::Equal => "==",
            Op::NotEqual => "!=",
            Op::Spaceship => "<=>",
            Op::Less => "<",
            Op::Greater => ">",
            Op::GreaterEqual => ">=",
            Op::LessEqual => "<=",
            Op::NotIn => "not in",
            Op::In => "in",
            Op::Matches => "matches",
            Op::StartsWith => "starts with",
            Op::EndsWith => "ends with",
            Op::HasSome => "has some",
            Op::HasEvery => "has every",
            Op::Range => "..",
            Op::Plus => "+",
            Op::Minus => "-",
            Op::Concat => "~",
            Op::Mul => "*",
            Op::Div => "/",
            Op::FloorDiv => "//",
            Op::Mod => "%",
            Op::Is => "is",
            Op::IsNot => "is not",
            Op::Power => "**",
            Op::Coalesce => "??",
            Op::Not => "not",
            Op::Assign => "=",
        }
    }

    /// The operator's text where it can be a name too (`in`, `not` …).
    pub(crate) fn as_name(self) -> Option<&'static str> {
        let text = self.text();
        text.bytes().all(|b| b.is_ascii_lowercase()).then_some(text)
    }

    /// Precedence as a binary operator and whether it groups to the right; none for those that are not binary.
    pub(crate) fn binary(self) -> Option<(u16, bool)> {
        Some(match self {
            Op::Or => (10, false),
            Op::And => (15, false),
            Op::BitOr => (16, false),
            Op::BitXor => (17, false),
            Op::BitAnd => (18, false),
            Op::Equal
            | Op::NotEqual
            | Op::Spaceship
            | Op::Less
            | Op::Greater
            | Op::GreaterEqual
            | Op::LessEqual
            | Op::NotIn
            | Op::In
            | Op::Matches
            | Op::StartsWith
            | Op::EndsWith
            | Op::HasSome
            | Op::HasEvery => (20, false),
            Op::Range => (25, false),
            Op::Plus | Op::Minus => (30, false),
            Op::Concat => (40, false),
            Op::Mul | Op::Div | Op::FloorDiv | Op::Mod => (60, false),
            Op::Is | Op::IsNot => (100, false),
            Op::Power => (200, true),
            Op::Coalesce => (300, true),
            Op::Not | Op::Assign => return None,
        })
    }
}

impl Kind<'_> {
    /// The token in the words of an error message.
    pub(crate) fn describe(&self) -> String {
        match self {
            Kind::Text(_) => "text".into(),
            Kind::PrintStart => "`{{`".into(),
            Kind::PrintEnd => "`}}`".into(),
            Kind::TagStart => "`{%`".into(),
            Kind::TagEnd => "`%}`".into(),
            Kind::Name(name) => format!("`{name}`"),
            Kind::Int(number) => format!("the number `{number}`"),
            Kind::Float(number) => format!("the number `{number}`"),
            Kind::Str(text) => format!("the string \"{}\"", shortened(text)),
            Kind::Op(op) => format!("the operator `{}`", op.text()),
            Kind::Punct(byte) => format!("`{}`", char::from(*byte)),
            Kind::InterpolationStart => "`#{`".into(),
            Kind::InterpolationEnd => "the `}` of an interpolation".into(),
            Kind::Arrow => "`=>`".into(),
            Kind::Broken => "unreadable text".into(),
            Kind::End => "the end of the template".into(),
        }
    }
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
