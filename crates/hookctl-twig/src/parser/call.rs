//! Calls of filters, functions and tests: arguments bound to parameters by PHP's and Twig's rules.

use super::{Kind, Op, Parse, Parser, Stop};
use crate::ast::{Access, Argument, Call, CallKind, Expr, ExprKind, MacroCall};
use crate::error::{Error, ErrorKind};
use crate::foreign;
use crate::library::{self, Callable, Signature};
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::{Key, Value};

/// An argument as written.
#[derive(Debug)]
pub(super) struct Written<'s> {
    /// `name=…`
    pub name: Option<(&'s str, Span)>,
    /// The value.
    pub value: Expr,
}

impl<'s> Parser<'s> {
    /// `(…)`, with named ones among them where those are allowed.
    pub(super) fn arguments(&mut self, named: bool, arrow: bool) -> Parse<Vec<Written<'s>>> {
        self.expect_punct(b'(', "`(`")?;
        let mut arguments: Vec<Written<'s>> = Vec::new();
        while !self.is_punct(b')') {
            if !arguments.is_empty() {
                self.expect_punct(b',', "`,` or `)`")?;
                if self.is_punct(b')') {
                    break;
                }
            }
            arguments.push(self.argument(named, arrow)?);
        }
        self.next();
        Ok(arguments)
    }

    fn argument(&mut self, named: bool, arrow: bool) -> Parse<Written<'s>> {
        let name = match *self.kind() {
            Kind::Name(name) if named => Some((name, self.span())),
            // An operator's word can be a name: `and = ', and '`.
            Kind::Op(op) if named && *self.look(1) == Kind::Op(Op::Assign) => op.as_name().map(|n| (n, self.span())),
            _ => None,
        };
        if let Some((name, span)) = name
            && *self.look(1) == Kind::Punct(b':')
        {
            let help = format!("write `{name}=…`");
            return self.stop(span, "named arguments use `=`, not `:`", &help);
        }
        let value = self.operators(0, arrow)?;
        if !named || !self.is_op(Op::Assign) {
            return Ok(Written { name: None, value });
        }
        let Some(name) = name.filter(|(_, span)| *span == value.span) else {
            return Err(self.error(value.span, "the name of an argument must be a plain name", None));
        };
        self.next();
        Ok(Written { name: Some(name), value: self.operators(0, arrow)? })
    }

    /// `(…)`, by position only.
    pub(super) fn positional(&mut self) -> Parse<Vec<Expr>> {
        Ok(self.arguments(false, false)?.into_iter().map(|a| a.value).collect())
    }

    /// `name(…)`
    pub(super) fn function(&mut self, name: &'s str, at: Span) -> Parse<Expr> {
        match name {
            "parent" => {
                self.positional()?;
                self.stop(at, "there is no parent template", "remove `parent()`")
            }
            "block" => self.block_function(at),
            "attribute" => self.attribute_function(at),
            _ => {
                if let Some((of, import)) = self.imported_function(name) {
                    let name = of.to_ascii_lowercase();
                    let call = MacroCall { name, import: Some(import), arguments: Vec::new(), span: at };
                    let arguments = self.positional()?;
                    return self.macro_call(call, arguments, at);
                }
                let arguments = self.arguments(true, false)?;
                if let Some(found) = foreign::function(name, &self.host) {
                    return Err(self.report(found.at(at)));
                }
                let Some(function) = library::function(name) else {
                    return Err(self.unknown(CallKind::Function, name, at));
                };
                let span = at.to(self.last());
                self.call(CallKind::Function, function, at, None, arguments, span)
            }
        }
    }

    fn block_function(&mut self, at: Span) -> Parse<Expr> {
        let mut arguments = self.positional()?.into_iter();
        let Some(name) = arguments.next() else {
            return self.stop(at, "`block()` needs the name of a block", "write `block('name')`");
        };
        if let Some(template) = arguments.next() {
            let message = format!("the blocks of another template are not available in {}", self.host.place);
            return Err(self.report(foreign::ForeignSyntax::no_files(message).at(template.span)));
        }
        if let Some((_, with_loop)) = self.loops.last_mut() {
            *with_loop = true;
        }
        let (span, below) = (at.to(self.last()), name.height);
        self.node(ExprKind::BlockCall(Box::new(name)), span, below)
    }

    fn attribute_function(&mut self, at: Span) -> Parse<Expr> {
        let mut arguments = self.positional()?.into_iter();
        let (Some(object), Some(name)) = (arguments.next(), arguments.next()) else {
            let help = "write `attribute(value, 'name')`";
            return self.stop(at, "`attribute()` needs a value and the name of a field", help);
        };
        let (given, access) = match arguments.next() {
            None if matches!((&object.kind, &name.kind), (ExprKind::Itself, ExprKind::Const(_))) => {
                return self.stop(
                    at,
                    "`attribute()` can call a macro only with a list of arguments",
                    "write `_self.name()`",
                );
            }
            None => (Vec::new(), Access::Any),
            Some(Expr { kind: ExprKind::List(given), .. }) => (given, Access::Any),
            Some(list) => (vec![list], Access::Given),
        };
        let mut expr = self.attribute(object, name, given, access)?;
        expr.span = at.to(self.last());
        Ok(expr)
    }

    /// `a|default(b)`
    pub(super) fn default(&mut self, subject: Expr, arguments: Vec<Written<'s>>, span: Span) -> Parse<Expr> {
        let path = subject.is_path();
        let mut arguments = arguments;
        // A name given twice: the last one counts, as for any filter.
        if !path && arguments.iter().all(|a| a.name.is_some_and(|(name, _)| name == "default")) {
            arguments.drain(..arguments.len().saturating_sub(1));
        }
        let named_first = arguments.first().is_some_and(|a| a.name.is_some());
        let wrong = arguments.iter().skip(1).find(|a| a.name.is_some() || named_first);
        if let Some(wrong) = wrong {
            let message = "`default` accepts one argument, without a name";
            return self.stop(wrong.value.span, message, "write `|default('…')`");
        }
        let mut arguments = arguments.into_iter();
        let fallback = match arguments.next() {
            None => Self::constant(Value::str(""), Span::new(span.end, span.end)),
            Some(Written { name: Some((name, at)), .. }) if name != "default" || path => {
                let help = "write `|default('…')`";
                return self.stop(at, format!("the argument of `default` can't be named `{name}`"), help);
            }
            Some(Written { value, .. }) => value,
        };
        let below = subject.height.max(fallback.height);
        self.node(ExprKind::Default(Box::new((subject, fallback))), span, below)
    }

    /// Binds arguments to the parameters of a filter, function or test.
    pub(super) fn call(
        &mut self,
        kind: CallKind,
        callable: &'static Callable,
        name: Span,
        subject: Option<Expr>,
        written: Vec<Written<'s>>,
        span: Span,
    ) -> Parse<Expr> {
        let signature = &callable.signature;
        let skipped = usize::from(subject.is_some());
        let mut arguments: Vec<Argument> = subject.into_iter().map(Argument::Given).collect();
        if written.iter().any(|w| w.name.is_some()) {
            arguments.extend(self.named(kind, signature, name, skipped, written)?);
        } else {
            arguments.extend(written.into_iter().map(|w| Argument::Given(w.value)));
        }
        let params = signature.params;
        let given = arguments.len();
        for param in params.iter().skip(given) {
            match param.default {
                Some(default) => arguments.push(Argument::Default(default)),
                None => return self.too_few(kind, signature, name, span),
            }
        }
        if given > params.len() && !signature.variadic && signature.internal {
            let message = format!("the {} `{}` accepts {}", kind.text(), signature.name, count(params.len() - skipped));
            return self.deferred_failure(Self::call_error(span, message, usage(kind, signature)));
        }
        let taken = if signature.variadic { arguments.len() } else { params.len().min(arguments.len()) };
        let call = Call { kind, callable, name, arguments, taken };
        let below = Self::call_height(&call);
        self.node(ExprKind::Call(Box::new(call)), span, below)
    }

    fn too_few(&mut self, kind: CallKind, signature: &'static Signature, name: Span, span: Span) -> Parse<Expr> {
        let skipped = usize::from(kind != CallKind::Function);
        let required = signature.params.iter().skip(skipped).filter(|p| p.default.is_none());
        let names: Vec<_> = required.map(|p| format!("`{}`", p.name)).collect();
        let message = format!("the {} `{}` needs {}", kind.text(), signature.name, names.join(" and "));
        let error = Self::call_error(name, message, usage(kind, signature));
        // Twig compiles these tests itself, and so finds this before anything runs.
        if kind == CallKind::Test {
            return Err(self.report(error));
        }
        self.deferred.push(error.clone());
        Ok(Expr { kind: ExprKind::Fail(Box::new(error)), span, height: 1 })
    }

    fn deferred_failure(&mut self, error: Error) -> Parse<Expr> {
        self.deferred.push(error.clone());
        let span = error.span;
        Ok(Expr { kind: ExprKind::Fail(Box::new(error)), span, height: 1 })
    }

    fn call_error(span: Span, message: String, help: String) -> Error {
        Error { kind: ErrorKind::UnknownCallable, span, message, help: Some(help), replacement: None }
    }

    fn named(
        &mut self,
        kind: CallKind,
        signature: &'static Signature,
        at: Span,
        skipped: usize,
        written: Vec<Written<'s>>,
    ) -> Parse<Vec<Argument>> {
        let mut positional = Vec::new();
        let mut named: Vec<(String, Span, Option<Expr>)> = Vec::new();
        for argument in written {
            match argument.name {
                Some((name, span)) => {
                    let name = snake_case(name);
                    named.retain(|(other, ..)| *other != name);
                    named.push((name, span, Some(argument.value)));
                }
                None if named.is_empty() => positional.push(argument.value),
                None => {
                    let message = "a positional argument can't follow a named one";
                    let error = Self::call_error(argument.value.span, message.into(), usage(kind, signature));
                    return Err(self.report(error));
                }
            }
        }
        let mut positional = positional.into_iter();
        let mut bound = Vec::new();
        for param in signature.params.iter().skip(skipped) {
            let by_name = named.iter_mut().find(|(name, ..)| name == param.name);
            match (by_name, positional.len()) {
                (Some((name, span, _)), 1..) => {
                    let message = format!("`{name}` is given twice, by name and by position");
                    let error = Self::call_error(*span, message, usage(kind, signature));
                    return Err(self.report(error));
                }
                (Some((.., value)), 0) => bound.extend(value.take().map(Argument::Given)),
                (None, 1..) => bound.extend(positional.next().map(Argument::Given)),
                (None, 0) => match param.default {
                    Some(default) => bound.push(Argument::Default(default)),
                    None => {
                        let message = format!("the {} `{}` needs `{}`", kind.text(), signature.name, param.name);
                        if signature.name == "map" && named.iter().any(|(name, ..)| name == "attribute") {
                            let help = "write `|map(v => v.name)`, or `|column('name')`".to_owned();
                            return Err(self.report(Self::call_error(at, message, help)));
                        }
                        return Err(self.report(Self::call_error(at, message, usage(kind, signature))));
                    }
                },
            }
        }
        if let Some((name, span, _)) = named.into_iter().find(|(.., value)| value.is_some()) {
            return Err(self.unknown_argument(kind, signature, &name, span));
        }
        match positional.next() {
            Some(extra) => {
                let message = format!("the {} `{}` doesn't accept this many arguments", kind.text(), signature.name);
                Err(self.report(Self::call_error(extra.span, message, usage(kind, signature))))
            }
            None => Ok(bound),
        }
    }

    fn unknown_argument(&mut self, kind: CallKind, signature: &'static Signature, name: &str, span: Span) -> Stop {
        let skipped = usize::from(kind != CallKind::Function);
        let names = signature.params.iter().skip(skipped).map(|p| p.name);
        let replacement = nearest(name, names).map(str::to_owned);
        let message = format!("the {} `{}` has no argument `{name}`", kind.text(), signature.name);
        let mut error = Self::call_error(span, message, usage(kind, signature));
        error.replacement = replacement;
        self.report(error)
    }

    /// A filter, function or test that does not exist.
    pub(super) fn unknown(&mut self, kind: CallKind, name: &str, span: Span) -> Stop {
        let (other, names): (_, Vec<_>) = match kind {
            CallKind::Filter => (foreign::filter(name), library::filters().map(|f| f.name).collect()),
            CallKind::Function => (None, library::functions().map(|f| f.name).collect()),
            CallKind::Test => (foreign::test(name), library::tests().map(|t| t.name).collect()),
        };
        let near = nearest(name, names).filter(|_| other.is_none());
        let of_macro = self.macros.iter().any(|m| kind == CallKind::Function && m.name == name);
        let help = match (other, near) {
            _ if of_macro => Some(format!("to call this template's macro, write `_self.{name}(…)`")),
            (Some(other), _) => Some(other.to_owned()),
            (None, Some(near)) => Some(format!("did you mean `{near}`?")),
            (None, None) => None,
        };
        self.report(Error {
            kind: ErrorKind::UnknownCallable,
            span,
            message: format!("there is no {} `{name}`", kind.text()),
            help,
            replacement: near.map(str::to_owned),
        })
    }
}

/// Twig's own spelling of argument names: `decimalPoint` is `decimal_point`.
fn snake_case(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, c) in name.char_indices() {
        let before = index.checked_sub(1).map(|i| bytes[i]);
        let after = bytes.get(index + 1);
        let after_small = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let last_capital = before.is_some_and(|b| b.is_ascii_uppercase()) && after.is_some_and(u8::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (after_small || last_capital) {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// How a call is written.
fn usage(kind: CallKind, signature: &Signature) -> String {
    let skipped = usize::from(kind != CallKind::Function);
    let mut params: Vec<_> = signature.params.iter().skip(skipped).map(|p| p.name.to_owned()).collect();
    if signature.variadic {
        params.push("…".into());
    }
    let list = params.join(", ");
    match kind {
        CallKind::Filter if list.is_empty() => format!("write `|{}`", signature.name),
        CallKind::Filter => format!("write `|{}({list})`", signature.name),
        CallKind::Function => format!("write `{}({list})`", signature.name),
        CallKind::Test if list.is_empty() => format!("write `is {}`", signature.name),
        CallKind::Test => format!("write `is {}({list})`", signature.name),
    }
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".into(),
        1 => "one argument".into(),
        n => format!("at most {n} arguments"),
    }
}

/// The key that a constant has in an array, if it can be one.
pub(super) fn constant_key(expr: &Expr) -> Option<Key> {
    match &expr.kind {
        ExprKind::Const(value) => Key::of(value),
        _ => None,
    }
}
