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

/// Operators with two sides, `~` and `??` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named by `text`")]
pub enum Binary {
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
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Power,
}

impl Binary {
    /// As templates write it, one space between words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Binary::Or => "or",
            Binary::And => "and",
            Binary::BitOr => "b-or",
            Binary::BitXor => "b-xor",
            Binary::BitAnd => "b-and",
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Spaceship => "<=>",
            Binary::Less => "<",
            Binary::Greater => ">",
            Binary::GreaterEqual => ">=",
            Binary::LessEqual => "<=",
            Binary::NotIn => "not in",
            Binary::In => "in",
            Binary::Matches => "matches",
            Binary::StartsWith => "starts with",
            Binary::EndsWith => "ends with",
            Binary::HasSome => "has some",
            Binary::HasEvery => "has every",
            Binary::Range => "..",
            Binary::Add => "+",
            Binary::Sub => "-",
            Binary::Mul => "*",
            Binary::Div => "/",
            Binary::FloorDiv => "//",
            Binary::Mod => "%",
            Binary::Power => "**",
        }
    }

    /// How strongly it binds.
    pub(crate) fn precedence(self) -> u16 {
        match self {
            Binary::Or => 10,
            Binary::And => 15,
            Binary::BitOr => 16,
            Binary::BitXor => 17,
            Binary::BitAnd => 18,
            Binary::Equal
            | Binary::NotEqual
            | Binary::Spaceship
            | Binary::Less
            | Binary::Greater
            | Binary::GreaterEqual
            | Binary::LessEqual
            | Binary::NotIn
            | Binary::In
            | Binary::Matches
            | Binary::StartsWith
            | Binary::EndsWith
            | Binary::HasSome
            | Binary::HasEvery => 20,
            Binary::Range => 25,
            Binary::Add | Binary::Sub => 30,
            Binary::Mul | Binary::Div | Binary::FloorDiv | Binary::Mod => 60,
            Binary::Power => 200,
        }
    }
}

/// Operators, words among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// One that the syntax tree has too; `+` and `-` also stand before their only operand.
    Binary(Binary),
    /// `~`
    Concat,
    /// `??`
    Coalesce,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `not`
    Not,
    /// `=`
    Assign,
}

impl Op {
    /// As templates write it, one space between words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Op::Binary(op) => op.text(),
            Op::Concat => "~",
            Op::Coalesce => "??",
            Op::Is => "is",
            Op::IsNot => "is not",
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
            Op::Binary(op) => (op.precedence(), op == Binary::Power),
            Op::Concat => (40, false),
            Op::Is | Op::IsNot => (100, false),
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
