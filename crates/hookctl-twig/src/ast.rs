//! What a template is once parsed. Owned: names and constants are values already, so that a render copies nothing.

use std::sync::Arc;

use crate::error::Error;
use crate::library::Callable;
use crate::span::Span;
pub(crate) use crate::token::Binary;
use crate::value::{Key, Value};

/// A piece of a template's body.
#[derive(Debug)]
pub enum Node {
    /// Literal text.
    Text(Box<str>),
    /// `{{ … }}`
    Print(Expr),
    /// `if`: conditions with their bodies, and `else`.
    If {
        /// `if` and every `elseif`.
        arms: Vec<(Expr, Body)>,
        /// `else`
        otherwise: Body,
    },
    /// `for`
    For(Box<For>),
    /// `set` with one value per target.
    Set(Vec<(Target, Expr)>),
    /// The block form of `set`.
    Capture(Target, Body),
    /// `apply`: the body goes through the filters, whose innermost subject is [`ExprKind::Captured`].
    Apply(Body, Expr),
    /// `with`
    With(Box<With>),
    /// `do`, and what else is evaluated and not printed (`deprecated`).
    Do(Expr),
    /// The place of a `block`; an index into [`Program::blocks`].
    Block(usize),
    /// `import _self as …` and `from _self import …`: macros can be called by this import's slot from here on.
    Import(usize),
}

/// Nodes in order.
pub(crate) type Body = Vec<Node>;

/// What `set` and `for` assign to.
#[derive(Debug, Clone)]
pub struct Target {
    /// The variable.
    pub name: Key,
    /// Where it is named.
    pub span: Span,
}

/// `for`
#[derive(Debug)]
pub struct For {
    /// The key's variable; `_key` where the template names none.
    pub key: Target,
    /// The value's variable.
    pub value: Target,
    /// What is iterated.
    pub seq: Expr,
    /// Once for each element.
    pub body: Body,
    /// Where there was none.
    pub otherwise: Option<Body>,
    /// Twig makes `loop` only where it is asked for.
    pub with_loop: bool,
}

/// `with`
#[derive(Debug)]
pub struct With {
    /// What to add to the variables.
    pub variables: Option<Expr>,
    /// Without those that were there.
    pub only: bool,
    /// In between.
    pub body: Body,
}

/// An expression with its place.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of its text.
    pub span: Span,
    /// How deep it nests; bounded by the parser, so that recursion over it is.
    pub height: u16,
}

/// Kinds of expressions.
#[derive(Debug)]
pub enum ExprKind {
    /// A literal.
    Const(Value),
    /// A variable.
    Name(Name),
    /// `_self`
    Itself,
    /// `_context`
    Context,
    /// `_charset`
    Charset,
    /// What `apply` captured.
    Captured,
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{key: value}`
    Hash(Vec<(Expr, Expr)>),
    /// `not`, `-`, `+`
    Unary(Unary, Box<Expr>),
    /// An operator with two sides.
    Binary(Binary, Box<(Expr, Expr)>),
    /// `a ~ b ~ …`, also from interpolation.
    Concat(Vec<Expr>),
    /// `a ? b : c`
    Conditional(Box<(Expr, Expr, Expr)>),
    /// `a ?: b`
    Elvis(Box<(Expr, Expr)>),
    /// `a ?? b`
    Coalesce(Box<(Expr, Expr)>),
    /// `a.b`, `a['b']`, `a.b()`, `attribute(a, b)`
    Attribute(Box<Attribute>),
    /// A filter, function or test.
    Call(Box<Call>),
    /// `a|default(b)`: whether `a` can be undefined, `a`, `b`.
    Default(Box<(Expr, Expr)>),
    /// `a is defined`
    Defined(Box<Expr>),
    /// A macro's call.
    Macro(Box<MacroCall>),
    /// `block('name')`
    BlockCall(Box<Expr>),
    /// `v => …`
    Arrow(Arc<Arrow>),
    /// What `autoescape` makes of a print; captured text stays as it is.
    Escaped(Box<(Expr, Value)>),
    /// An error that is raised when it is reached: PHP finds some mistakes only then.
    Fail(Box<Error>),
}

/// A variable's name.
#[derive(Debug)]
pub struct Name {
    /// The variable.
    pub key: Key,
    /// A loop's own variable: PHP reads it without asking whether it is there.
    pub bound: bool,
}

/// Operators with one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `not`
    Not,
    /// `-`
    Neg,
    /// `+`
    Pos,
}

/// How an attribute is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `a.b`, `attribute(a, b)`
    Any,
    /// `a['b']`
    Item,
    /// `a.b()`
    Method,
    /// `attribute(a, b, list)`: the one argument's value is the list of arguments.
    Given,
}

/// A field of something.
#[derive(Debug)]
pub struct Attribute {
    /// Of what.
    pub object: Expr,
    /// Which.
    pub name: Expr,
    /// Which, where it is constant.
    pub key: Option<Key>,
    /// Arguments of a method's call.
    pub arguments: Vec<Expr>,
    /// How it is written.
    pub access: Access,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// `a|name`
    Filter,
    /// `name()`
    Function,
    /// `a is name`
    Test,
}

impl CallKind {
    /// In messages.
    pub fn text(self) -> &'static str {
        match self {
            CallKind::Filter => "filter",
            CallKind::Function => "function",
            CallKind::Test => "test",
        }
    }
}

/// The call of a filter, function or test of the library, its arguments in the order of the parameters.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub kind: CallKind,
    /// What it runs.
    pub callable: &'static Callable,
    /// Where its name is written.
    pub name: Span,
    /// The arguments; a filter's and a test's first one is its subject.
    pub arguments: Vec<Argument>,
    /// The number of arguments that are passed on; PHP evaluates the others and drops them.
    pub taken: usize,
}

/// An argument of a call.
#[derive(Debug)]
pub enum Argument {
    /// As written.
    Given(Expr),
    /// Left out.
    Default(fn() -> Value),
}

/// The call of a macro of this template.
#[derive(Debug)]
pub struct MacroCall {
    /// The macro, in lower case as PHP compares methods.
    pub name: String,
    /// The import that makes it callable; none for `_self.name`, which always is.
    pub import: Option<usize>,
    /// By position.
    pub arguments: Vec<Expr>,
    /// Where the name is written.
    pub span: Span,
}

/// `(a, b) => …`
#[derive(Debug)]
pub struct Arrow {
    /// Parameters.
    pub params: Vec<Target>,
    /// The result.
    pub body: Expr,
}

/// `{% macro %}`
#[derive(Debug)]
pub struct Macro {
    /// As written.
    pub name: String,
    /// Its name's place.
    pub span: Span,
    /// Parameters with their defaults.
    pub params: Vec<(Target, Value)>,
    /// What it prints.
    pub body: Body,
}

/// `{% block %}`
#[derive(Debug)]
pub struct Block {
    /// Its name.
    pub name: String,
    /// What it prints.
    pub body: Body,
}

/// A whole template.
#[derive(Debug, Default)]
pub struct Program {
    /// From the top.
    pub body: Body,
    /// In the order of their tags.
    pub blocks: Vec<Block>,
    /// The last one of a name counts.
    pub macros: Vec<Macro>,
    /// How many `import`s there are.
    pub imports: usize,
}

impl Expr {
    /// Its truth, as far as that of the parts that logic joins is known.
    pub fn truth(&self, part: &dyn Fn(Span) -> Option<bool>) -> Option<bool> {
        let both = |sides: &(Expr, Expr)| [sides.0.truth(part), sides.1.truth(part)];
        // One side alone decides `and` when it is false, `or` when it is true.
        let joined = |sides: [Option<bool>; 2], decides: bool| match sides {
            _ if sides.contains(&Some(decides)) => Some(decides),
            [Some(_), Some(_)] => Some(!decides),
            _ => None,
        };
        match &self.kind {
            ExprKind::Binary(Binary::And, sides) => joined(both(sides), false),
            ExprKind::Binary(Binary::Or, sides) => joined(both(sides), true),
            ExprKind::Unary(Unary::Not, side) => side.truth(part).map(|truth| !truth),
            ExprKind::Conditional(sides) => match (sides.0.truth(part), sides.1.truth(part), sides.2.truth(part)) {
                (Some(true), then, _) => then,
                (Some(false), _, otherwise) => otherwise,
                (None, then, otherwise) => then.filter(|_| then == otherwise),
            },
            _ => part(self.span),
        }
    }

    /// Whether `is defined`, `??` and `default` can ask whether it is there.
    pub fn is_path(&self) -> bool {
        matches!(
            self.kind,
            ExprKind::Name(_) | ExprKind::Itself | ExprKind::Context | ExprKind::Charset | ExprKind::Attribute(_)
        )
    }

    /// The expression without what `autoescape` put around it.
    pub fn unescaped(&self) -> &Expr {
        match &self.kind {
            ExprKind::Escaped(sides) => &sides.0,
            _ => self,
        }
    }
}
