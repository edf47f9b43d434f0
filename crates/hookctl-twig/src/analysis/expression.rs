//! The types of expressions, with the reads and issues inside them.

use super::{AbstractValue, Analyzer, IssueKind, Kind, ScopeKind, Type, path_in_words};
use crate::analysis::Segment;
use crate::ast::{Access, Attribute, Expr, ExprKind, Name, Unary};
use crate::foreign;
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::{Key, Number, Value};

impl Analyzer<'_> {
    /// What is known of an expression's value. Records the reads and issues inside it.
    pub(super) fn infer(&mut self, expr: &Expr) -> AbstractValue {
        let inferred = self.infer_by_kind(expr);
        match self.constant(expr) {
            Some(value) => AbstractValue { ty: constant(&value), constant: Some(value), ..inferred },
            None => inferred,
        }
    }

    fn infer_by_kind(&mut self, expr: &Expr) -> AbstractValue {
        match &expr.kind {
            ExprKind::Const(value) => AbstractValue::of(constant(value)),
            ExprKind::Name(_) | ExprKind::Attribute(_) => self.path(expr, false),
            ExprKind::Captured => self.captured.clone(),
            ExprKind::Itself | ExprKind::Charset => AbstractValue::of(Type::of(Kind::Text)),
            ExprKind::Context => AbstractValue::of(Type::of(Kind::Map)),
            ExprKind::Fail(_) => AbstractValue::unknown(),
            ExprKind::List(items) => {
                items.iter().for_each(|item| drop(self.infer(item)));
                AbstractValue::of(Type::of(Kind::List))
            }
            ExprKind::Hash(pairs) => {
                for (key, value) in pairs {
                    self.infer(key);
                    self.infer(value);
                }
                AbstractValue::of(Type::of(Kind::Map))
            }
            ExprKind::Unary(op, of) => self.unary(*op, of),
            ExprKind::Binary(op, sides) => self.binary(*op, &sides.0, &sides.1),
            ExprKind::Concat(parts) => {
                for part in parts {
                    let inferred = self.infer(part);
                    self.check_joined(part, &inferred);
                }
                AbstractValue::of(Type::of(Kind::Text))
            }
            ExprKind::Conditional(parts) => self.conditional(&parts.0, &parts.1, &parts.2),
            ExprKind::Elvis(sides) => {
                let inferred = self.infer(&sides.0);
                self.either(inferred, &sides.1)
            }
            ExprKind::Coalesce(sides) | ExprKind::Default(sides) => {
                let of = sides.0.unescaped();
                let inferred = if of.is_path() { self.path(of, true) } else { self.infer(of) };
                self.either(inferred, &sides.1)
            }
            ExprKind::Defined(of) => {
                if of.is_path() {
                    self.path(of, true);
                }
                AbstractValue::of(Type::of(Kind::Bool))
            }
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Escaped(sides) => self.infer(&sides.0),
            ExprKind::Macro(call) => self.macro_call(call),
            ExprKind::BlockCall(name) => {
                self.infer(name);
                AbstractValue::of(Type::of(Kind::Any))
            }
            ExprKind::Arrow(arrow) => {
                let before = self.variables.clone();
                for param in &arrow.params {
                    self.set(param, AbstractValue::unknown());
                }
                self.infer(&arrow.body);
                self.variables = before;
                AbstractValue::unknown()
            }
        }
    }

    /// A value with a fallback: `a ?? b`, `a|default(b)`, `a ?: b`.
    fn either(&mut self, inferred: AbstractValue, other: &Expr) -> AbstractValue {
        let other = self.infer(other);
        let inferred = AbstractValue { ty: Type { nullable: false, ..inferred.ty }, ..inferred };
        AbstractValue { paths: Vec::new(), constant: None, ..inferred.join(&other) }
    }

    fn conditional(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) -> AbstractValue {
        self.infer(condition);
        let outside = self.guards.len();
        let holds = self.asserted(condition, true);
        self.guards.extend(holds);
        let a = self.infer(then);
        self.guards.truncate(outside);
        let fails = self.asserted(condition, false);
        self.guards.extend(fails);
        let b = self.infer(otherwise);
        self.guards.truncate(outside);
        let both = a.join(&b);
        AbstractValue { paths: Vec::new(), ty: Type { nullable: false, ..both.ty }, ..both }
    }

    /// A variable or a field of one.
    fn path(&mut self, expr: &Expr, guarded: bool) -> AbstractValue {
        if !guarded {
            self.check_scope(expr);
        }
        if let ExprKind::Attribute(attribute) = &expr.kind
            && let Some(inferred) = self.loop_field(attribute)
        {
            return inferred;
        }
        let Some((paths, read)) = self.segments(expr) else {
            return AbstractValue::unknown();
        };
        for path in read {
            self.read(path, guarded);
        }
        match &expr.kind {
            // A variable that was set keeps the type that it was given.
            ExprKind::Name(name) => self.variable(&name.key.as_ref().text()),
            _ => {
                let types = paths.iter().map(|path| self.type_of(path));
                let ty = types.reduce(Type::join).unwrap_or(Type::ANY);
                AbstractValue { paths, ..AbstractValue::of(ty) }
            }
        }
    }

    /// Reports a name that is not visible inside a macro or `with … only`.
    fn check_scope(&mut self, expr: &Expr) {
        let mut root = expr;
        while let ExprKind::Attribute(attribute) = &root.kind {
            root = &attribute.object;
        }
        let ExprKind::Name(name) = &root.kind else { return };
        let text = name.key.as_ref().text();
        if name.bound || self.variables.contains_key(&*text) {
            return;
        }
        let (message, help) = match self.scope {
            ScopeKind::Data | ScopeKind::Unclear => return,
            ScopeKind::Macro => (
                format!("macros see only their arguments: `{text}` is not defined here"),
                format!("add it as a parameter and pass it in the call: `({text})`"),
            ),
            ScopeKind::Only => (
                format!("`with … only` hides all other variables: `{text}` is not defined here"),
                format!("pass it in: `{{% with {{{text}: {text}}} only %}}`, or remove `only`"),
            ),
        };
        self.note(IssueKind::OutOfScope, root.span, message, help);
    }

    /// A field of `loop`; `None` if it is a field of something else.
    fn loop_field(&mut self, attribute: &Attribute) -> Option<AbstractValue> {
        const FIELDS: [&str; 8] = ["index", "index0", "revindex", "revindex0", "first", "last", "length", "parent"];
        let ExprKind::Name(name) = &attribute.object.kind else { return None };
        let Some(Key::Str(field)) = &attribute.key else { return None };
        let Key::Str(variable) = &name.key else { return None };
        if self.variables.get(&**variable).is_none_or(|inferred| inferred.ty.kind != Kind::Loop) {
            return None;
        }
        if FIELDS.contains(&&**field) {
            return Some(AbstractValue::of(match &**field {
                "first" | "last" => Type::of(Kind::Bool),
                "parent" => Type::ANY,
                _ => Type::of(Kind::Int),
            }));
        }
        let message = format!("`loop` has no field `{field}`");
        if let Some(help) = foreign::loop_field(field) {
            self.note(IssueKind::Foreign, attribute.name.span, message, help);
            return Some(AbstractValue::unknown());
        }
        let near = nearest(field, FIELDS);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has `{}`", FIELDS.join("`, `")),
        };
        self.note(IssueKind::NoField, attribute.name.span, message, help);
        if let Some(issue) = self.issues.last_mut() {
            issue.replacement = near.map(str::to_owned);
        }
        Some(AbstractValue::unknown())
    }

    /// The paths of the data that an expression can be, as names and with their places; `None` if it is not a plain path.
    #[allow(clippy::type_complexity, reason = "two views of the same paths, used right here")]
    fn segments(&mut self, expr: &Expr) -> Option<(Vec<Vec<String>>, Vec<Vec<Segment>>)> {
        match &expr.kind {
            ExprKind::Name(Name { key, .. }) => {
                let paths = self.paths_of(&key.as_ref().text());
                let read = paths.iter().map(|path| placed(path, expr.span)).collect();
                Some((paths, read))
            }
            ExprKind::Attribute(attribute) => self.attribute(attribute),
            _ => {
                self.infer(expr);
                None
            }
        }
    }

    #[allow(clippy::type_complexity, reason = "as above")]
    fn attribute(&mut self, attribute: &Attribute) -> Option<(Vec<Vec<String>>, Vec<Vec<Segment>>)> {
        attribute.arguments.iter().for_each(|argument| drop(self.infer(argument)));
        let field = match (&attribute.key, attribute.access) {
            (_, Access::Method) => None,
            (Some(Key::Str(name)), _) => Some(name.to_string()),
            (Some(Key::Int(index)), Access::Any) => Some(index.to_string()),
            (Some(_), _) => None,
            (None, _) => match self.infer(&attribute.name).constant {
                Some(Value::Str(name)) => Some(name.to_string()),
                _ => None,
            },
        };
        if let (ExprKind::Context, Some(name)) = (&attribute.object.kind, &field) {
            let path = vec![name.clone()];
            return Some((vec![path.clone()], vec![placed(&path, attribute.name.span)]));
        }
        let Some(field) = field else {
            let inferred = self.infer(&attribute.object);
            if attribute.access == Access::Method {
                self.check_method(attribute, &inferred);
            } else {
                self.check_index(attribute, &inferred);
            }
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

    /// Reports a method call on data: only date objects have methods.
    fn check_method(&mut self, attribute: &Attribute, inferred: &AbstractValue) {
        let known = !inferred.paths.is_empty() || !matches!(inferred.ty.kind, Kind::Any | Kind::Moment);
        let Some(Key::Str(name)) = attribute.key.as_ref().filter(|_| known) else { return };
        let (span, what) = (attribute.name.span, name_of(inferred));
        let message = format!("{what} has no method `{name}()`: fields have no methods; this renders blank");
        let of_loop = foreign::loop_field(name).filter(|_| inferred.ty.kind == Kind::Loop);
        match of_loop.or_else(|| foreign::method(name)) {
            Some(help) => self.note(IssueKind::Foreign, span, message, help),
            None => self.mistyped(span, message, &format!("for a field, write `.{name}` without parentheses")),
        }
    }

    fn check_index(&mut self, attribute: &Attribute, inferred: &AbstractValue) {
        if attribute.access == Access::Item
            && (inferred.ty.kind.is_text() || inferred.ty.kind.is_number())
            && attribute.key.is_some()
        {
            let message = format!("{} can't be indexed with `[…]`: this renders blank", inferred.ty.kind.text());
            self.mistyped(attribute.object.span, message, "write `|slice(0, 1)`, or `[0:1]`");
        }
    }

    fn unary(&mut self, op: Unary, of: &Expr) -> AbstractValue {
        let inferred = self.infer(of);
        match op {
            Unary::Not => AbstractValue::of(Type::of(Kind::Bool)),
            Unary::Neg | Unary::Pos => {
                self.check_operand(of, &inferred);
                AbstractValue::of(Type { nullable: false, ..inferred.ty })
            }
        }
    }

    /// A part of a concatenation.
    fn check_joined(&mut self, expr: &Expr, inferred: &AbstractValue) {
        self.check_printed(expr, inferred, expr.span);
    }

    /// Reports a value that can't be printed as text, or prints a surprising one.
    pub(super) fn check_printed(&mut self, expr: &Expr, inferred: &AbstractValue, span: Span) {
        let what = || name_of(inferred);
        match inferred.perhaps.filter(|_| inferred.ty.kind == Kind::Any).unwrap_or(inferred.ty.kind) {
            Kind::List => {
                let message = format!("{} is a list and can't be printed as text", what());
                self.mistyped(span, message, "join it: `|join(', ')`, or take one entry: `|first`");
            }
            Kind::Map => {
                let message = format!("{} is a mapping and can't be printed as text", what());
                self.mistyped(span, message, "print one of its fields, or the whole: `|json_encode`");
            }
            Kind::Loop => self.mistyped(
                span,
                "`loop` is a mapping and can't be printed as text",
                "print one of its fields: `loop.index`",
            ),
            Kind::Moment => {
                let message = "a date object can't be printed without a format";
                self.mistyped(span, message, "add a format: `|date('Y-m-d')`");
            }
            Kind::Bool if expr.is_path() && !inferred.paths.is_empty() => {
                let message = format!("{} is a boolean: it prints `1` or nothing", what());
                self.mistyped(span, message, "choose what to print: `… ? 'true' : 'false'`");
            }
            _ => {}
        }
    }
}

/// The path of a variable, at the variable's place.
fn placed(path: &[String], span: Span) -> Vec<Segment> {
    path.iter().map(|name| Segment { name: name.clone(), span }).collect()
}

pub(super) fn name_of(inferred: &AbstractValue) -> String {
    inferred.paths.first().map_or_else(|| "this".to_owned(), |path| path_in_words(path))
}

fn constant(value: &Value) -> Type {
    match value {
        Value::Null => Type::nullable(Kind::Any),
        Value::Bool(_) => Type::of(Kind::Bool),
        Value::Int(_) => Type::of(Kind::Int),
        Value::Float(_) => Type::of(Kind::Float),
        Value::Str(text) if Number::parse(text).is_none() => Type::of(Kind::Text),
        Value::Array(array) if array.is_list() => Type::of(Kind::List),
        Value::Array(_) => Type::of(Kind::Map),
        _ => Type::ANY,
    }
}
