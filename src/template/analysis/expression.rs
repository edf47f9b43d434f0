//! What is known of an expression's value, with the reads and the doubts inside of it.

use super::types::result;
use super::{DEEPEST_CALL, Fact, Kind, MOST_CALLS, Type, Walk};
use crate::span::Span;
use crate::template::ast::{
    Access, Argument, Attribute, Binary, Call, CallKind, Expr, ExprKind, MacroCall, Name, Unary,
};
use crate::template::value::{Key, Number};
use crate::template::{Segment, Value};

impl Walk<'_> {
    /// What an expression gives. Reads and doubts inside are noted.
    pub(super) fn fact(&mut self, expr: &Expr) -> Fact {
        match &expr.kind {
            ExprKind::Const(value) => Fact::of(constant(value)),
            ExprKind::Name(_) | ExprKind::Attribute(_) => self.path(expr, false),
            ExprKind::Captured => self.captured.clone(),
            ExprKind::Itself | ExprKind::Charset => Fact::of(Type::of(Kind::Text)),
            ExprKind::Context | ExprKind::Fail(_) => Fact::unknown(),
            ExprKind::List(items) => {
                items.iter().for_each(|item| drop(self.fact(item)));
                Fact::of(Type::of(Kind::List))
            }
            ExprKind::Hash(pairs) => {
                for (key, value) in pairs {
                    self.fact(key);
                    self.fact(value);
                }
                Fact::of(Type::of(Kind::Map))
            }
            ExprKind::Unary(op, of) => self.unary(*op, of),
            ExprKind::Binary(op, sides) => self.binary(*op, &sides.0, &sides.1),
            ExprKind::Concat(parts) => {
                for part in parts {
                    let fact = self.fact(part);
                    self.joined(part, &fact);
                }
                Fact::of(Type::of(Kind::Text))
            }
            ExprKind::Conditional(parts) => self.conditional(&parts.0, &parts.1, &parts.2),
            ExprKind::Elvis(sides) => {
                let fact = self.fact(&sides.0);
                self.either(fact, &sides.1)
            }
            ExprKind::Coalesce(sides) | ExprKind::Default(sides) => {
                let of = sides.0.unescaped();
                let fact = if of.is_path() { self.path(of, true) } else { self.fact(of) };
                self.either(fact, &sides.1)
            }
            ExprKind::Defined(of) => {
                if of.is_path() {
                    self.path(of, true);
                }
                Fact::of(Type::of(Kind::Bool))
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Escaped(sides) => self.fact(&sides.0),
            ExprKind::Macro(call) => self.macro_call(call),
            ExprKind::BlockCall(name) => {
                self.fact(name);
                Fact::of(Type::of(Kind::Any))
            }
            ExprKind::Arrow(arrow) => {
                let before = self.variables.clone();
                for param in &arrow.params {
                    self.set(param, Fact::unknown());
                }
                self.fact(&arrow.body);
                self.variables = before;
                Fact::unknown()
            }
        }
    }

    /// One of two: a value with its blank cases replaced, or what stands for them.
    fn either(&mut self, fact: Fact, other: &Expr) -> Fact {
        let other = self.fact(other);
        let ty = Type { nullable: false, ..fact.ty };
        Fact::of(ty.join(other.ty))
    }

    fn conditional(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) -> Fact {
        self.fact(condition);
        let outside = self.guards.len();
        let holds = self.asserted(condition, true);
        self.guards.extend(holds);
        let a = self.fact(then);
        self.guards.truncate(outside);
        let fails = self.asserted(condition, false);
        self.guards.extend(fails);
        let b = self.fact(otherwise);
        self.guards.truncate(outside);
        Fact::of(Type { nullable: false, ..a.ty.join(b.ty) })
    }

    /// A variable or a field of one.
    fn path(&mut self, expr: &Expr, guarded: bool) -> Fact {
        let Some((paths, read)) = self.segments(expr) else {
            return Fact::unknown();
        };
        for path in &read {
            self.read(path.clone(), guarded);
        }
        let types = paths.iter().map(|path| self.type_of(path));
        let ty = types.reduce(Type::join).unwrap_or(Type::ANY);
        match &expr.kind {
            ExprKind::Name(name) => {
                let fact = self.variable(&name.key.as_ref().to_string());
                // A variable that was set keeps the type that it was given.
                if paths.is_empty() { fact } else { Fact { paths, ty: fact.ty } }
            }
            _ => Fact { paths, ty },
        }
    }

    /// The paths that an expression can be, by name and with places; none where it is no plain path.
    #[allow(clippy::type_complexity, reason = "two views of the same paths, used right here")]
    fn segments(&mut self, expr: &Expr) -> Option<(Vec<Vec<String>>, Vec<Vec<Segment>>)> {
        match &expr.kind {
            ExprKind::Name(Name { key, .. }) => {
                let fact = self.variable(&key.as_ref().to_string());
                let read = fact.paths.iter().map(|path| placed(path, expr.span)).collect();
                Some((fact.paths, read))
            }
            ExprKind::Attribute(attribute) => self.attribute(attribute),
            _ => {
                self.fact(expr);
                None
            }
        }
    }

    #[allow(clippy::type_complexity, reason = "as above")]
    fn attribute(&mut self, attribute: &Attribute) -> Option<(Vec<Vec<String>>, Vec<Vec<Segment>>)> {
        attribute.arguments.iter().for_each(|argument| drop(self.fact(argument)));
        let field = match (&attribute.key, attribute.access) {
            (Some(Key::Str(name)), Access::Any | Access::Item) => Some(name.to_string()),
            _ => None,
        };
        if let (ExprKind::Context, Some(name)) = (&attribute.object.kind, &field) {
            let path = vec![name.clone()];
            return Some((vec![path.clone()], vec![placed(&path, attribute.name.span)]));
        }
        let Some(field) = field else {
            self.fact(&attribute.name);
            let fact = self.fact(&attribute.object);
            self.of_text(attribute, &fact);
            return None;
        };
        let (mut paths, mut read) = self.segments(&attribute.object)?;
        for path in &mut paths {
            path.push(field.clone());
        }
        for path in &mut read {
            path.push(Segment { name: field.clone(), span: attribute.name.span });
        }
        Some((paths, read))
    }

    fn of_text(&mut self, attribute: &Attribute, fact: &Fact) {
        if attribute.access == Access::Item && fact.ty.kind.is_text() && attribute.key.is_some() {
            let help = "write `|slice(0, 1)`, or `[0:1]`";
            self.doubt(attribute.object.span, "a text has no `[…]` in the dialect: this is blank", help);
        }
    }

    fn unary(&mut self, op: Unary, of: &Expr) -> Fact {
        let fact = self.fact(of);
        match op {
            Unary::Not => Fact::of(Type::of(Kind::Bool)),
            Unary::Neg | Unary::Pos => {
                self.calculated(of, &fact);
                Fact::of(Type { nullable: false, ..fact.ty })
            }
        }
    }

    fn binary(&mut self, op: Binary, left: &Expr, right: &Expr) -> Fact {
        let a = self.fact(left);
        let outside = self.guards.len();
        if matches!(op, Binary::And | Binary::Or) {
            let holds = self.asserted(left, op == Binary::And);
            self.guards.extend(holds);
        }
        let b = self.fact(right);
        self.guards.truncate(outside);
        let kind = match op {
            Binary::Add if a.ty.kind.is_collection() && b.ty.kind.is_collection() => a.ty.kind,
            Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::FloorDiv | Binary::Mod | Binary::Power => {
                self.calculated(left, &a);
                self.calculated(right, &b);
                number(a.ty.kind, b.ty.kind)
            }
            Binary::StartsWith | Binary::EndsWith => {
                self.begins(left, &a);
                Kind::Bool
            }
            Binary::Matches => {
                if a.ty.kind.is_collection() {
                    let message = format!("`matches` fails on {}", a.ty.kind.text());
                    self.doubt(left.span, message, "ask a text, or write `'…' in list`");
                }
                Kind::Bool
            }
            Binary::Range => Kind::List,
            Binary::Spaceship | Binary::BitOr | Binary::BitXor | Binary::BitAnd => Kind::Any,
            _ => {
                self.compared(op, left, &a, right, &b);
                Kind::Bool
            }
        };
        Fact::of(Type::of(kind))
    }

    fn begins(&mut self, left: &Expr, fact: &Fact) {
        if matches!(fact.ty.kind, Kind::Int | Kind::Float | Kind::Bool) || fact.ty.kind.is_collection() {
            let message = format!("{} starts or ends with nothing: this is always false", fact.ty.kind.text());
            self.doubt(left.span, message, "make it a text first: `(value ~ '')`");
        }
    }

    fn compared(&mut self, op: Binary, left: &Expr, a: &Fact, right: &Expr, b: &Fact) {
        if !matches!(op, Binary::Equal | Binary::NotEqual) {
            return;
        }
        let list_and_other = |a: &Fact, b: &Fact| {
            a.ty.kind.is_collection() && (b.ty.kind.is_text() || matches!(b.ty.kind, Kind::Int | Kind::Float))
        };
        if list_and_other(a, b) || list_and_other(b, a) {
            let always = if op == Binary::Equal { "false" } else { "true" };
            let (list, other) = if a.ty.kind.is_collection() { (a, b) } else { (b, a) };
            let message =
                format!("{} never equals {}: this is always {always}", list.ty.kind.text(), other.ty.kind.text());
            self.doubt(left.span.to(right.span), message, "write `value in list`, or compare `list|length`");
        }
    }

    /// An operand of arithmetic.
    fn calculated(&mut self, expr: &Expr, fact: &Fact) {
        let what = name_of(fact);
        if fact.ty.kind.is_collection() {
            let message = format!("{what} is {}: calculating with it fails", fact.ty.kind.text());
            self.doubt(expr.span, message, "calculate with `|length`, or with one of its entries");
        } else if fact.ty.kind.is_text() && !fact.paths.is_empty() {
            let message = format!("{what} is {}: calculating with it fails unless it is a number", fact.ty.kind.text());
            self.doubt(expr.span, message, "join texts with `~`");
        }
    }

    /// A part of a text.
    fn joined(&mut self, expr: &Expr, fact: &Fact) {
        self.printed(expr, fact, expr.span);
    }

    /// What goes out as text.
    pub(super) fn printed(&mut self, expr: &Expr, fact: &Fact, span: Span) {
        let what = name_of(fact);
        match fact.ty.kind {
            Kind::List => {
                let message = format!("{what} is a list: printing it fails");
                self.doubt(span, message, "join it: `|join(', ')`, or take one: `|first`");
            }
            Kind::Map => {
                let message = format!("{what} is a mapping: printing it fails");
                self.doubt(span, message, "print one of its fields, or all of it: `|json_encode`");
            }
            Kind::Bool if expr.is_path() && !fact.paths.is_empty() => {
                let message = format!("{what} is true or false: it prints `1` or nothing");
                self.doubt(span, message, "say what to print: `… ? 'true' : 'false'`");
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) -> Fact {
        let mut facts = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            facts.push(match argument {
                Argument::Given(expr) => self.fact(expr),
                Argument::Default(_) => Fact::unknown(),
            });
        }
        if call.kind == CallKind::Test {
            return Fact::of(Type::of(Kind::Bool));
        }
        let (Some(Argument::Given(subject)), Some(fact), CallKind::Filter) =
            (call.arguments.first(), facts.first(), call.kind)
        else {
            return Fact::of(result(call.callable.name));
        };
        self.filtered(call, subject, fact);
        match call.callable.name {
            "raw" | "slice" | "reverse" | "round" | "abs" => Fact::of(fact.ty),
            "date" if matches!(call.arguments.get(1), Some(Argument::Given(_))) => Fact::of(Type::of(Kind::Text)),
            name => Fact::of(result(name)),
        }
    }

    /// A filter on a type that it is not for.
    fn filtered(&mut self, call: &Call, subject: &Expr, fact: &Fact) {
        let (filter, kind, what) = (call.callable.name, fact.ty.kind, name_of(fact));
        let scalar = kind.is_text() || matches!(kind, Kind::Int | Kind::Float | Kind::Bool);
        let doubt = match filter {
            "map" | "filter" | "reduce" | "sort" | "merge" | "batch" | "column" | "keys" if scalar => Some((
                format!("`{filter}` is for lists, and {what} is {}", kind.text()),
                "a text is split with `|split(',')`",
            )),
            "join" if scalar => Some((
                format!("`join` is for lists, and {what} is {}", kind.text()),
                "leave `join` out, or split it first",
            )),
            "upper" | "lower" | "title" | "capitalize" | "trim" | "split" | "striptags" | "nl2br" | "spaceless"
            | "replace" | "format" | "escape" | "e" | "number_format" | "date" | "date_modify"
                if kind.is_collection() =>
            {
                let message = format!("`{filter}` is for texts and numbers, and {what} is {}", kind.text());
                Some((message, "use it on each entry: `|map(v => …)`, or `|join(', ')` first"))
            }
            "abs" | "round" if kind.is_collection() || kind == Kind::Text => {
                Some((format!("`{filter}` is for numbers, and {what} is {}", kind.text()), "use it on a number"))
            }
            _ => None,
        };
        if let Some((message, help)) = doubt {
            self.doubt(subject.span.to(call.name), message, help);
        }
    }

    /// A macro is followed with what its arguments are.
    fn macro_call(&mut self, call: &MacroCall) -> Fact {
        let facts: Vec<Fact> = call.arguments.iter().map(|argument| self.fact(argument)).collect();
        let program = self.program;
        let callee = program.macros.iter().find(|m| m.name.eq_ignore_ascii_case(&call.name));
        let Some(callee) = callee.filter(|_| self.depth < DEEPEST_CALL && self.calls < MOST_CALLS) else {
            return Fact::unknown();
        };
        self.calls += 1;
        self.depth += 1;
        let outer = std::mem::take(&mut self.variables);
        let closed = std::mem::replace(&mut self.closed, true);
        let mut facts = facts.into_iter();
        for (param, _) in &callee.params {
            let fact = facts.next().unwrap_or_else(Fact::unknown);
            self.set(param, fact);
        }
        self.body(&callee.body);
        self.variables = outer;
        self.closed = closed;
        self.depth -= 1;
        Fact::unknown()
    }
}

/// A path that a variable stands for, at the variable's place.
fn placed(path: &[String], span: Span) -> Vec<Segment> {
    path.iter().map(|name| Segment { name: name.clone(), span }).collect()
}

fn name_of(fact: &Fact) -> String {
    fact.paths.first().map_or_else(|| "this".to_owned(), |path| format!("`{}`", path.join(".")))
}

fn number(a: Kind, b: Kind) -> Kind {
    match (a, b) {
        (Kind::Float, Kind::Int | Kind::Float) | (Kind::Int, Kind::Float) => Kind::Float,
        _ => Kind::Any,
    }
}

fn constant(value: &Value) -> Type {
    match value {
        Value::Null => Type::nullable(Kind::Any),
        Value::Bool(_) => Type::of(Kind::Bool),
        Value::Int(_) => Type::of(Kind::Int),
        Value::Float(_) => Type::of(Kind::Float),
        Value::Str(text) if Number::parse(text).is_none() => Type::of(Kind::Text),
        _ => Type::ANY,
    }
}
