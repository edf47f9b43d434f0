//! Constant expressions: their values are known before any render.

use super::call::mismatch;
use super::{AbstractValue, Analyzer, IssueKind};
use crate::ast::{Argument, Call, CallKind, Expr, ExprKind};
use crate::error::ErrorKind;
use crate::eval;
use crate::library::ParamType;
use crate::options::{Limits, Options};
use crate::span::Span;
use crate::value::{Array, Value};

/// Taller expressions are not evaluated.
const TALLEST: u16 = 12;

/// Most entries of a list that is kept.
const MOST_ENTRIES: usize = 64;

/// The limits of evaluating one.
const LIMITS: Limits = Limits { steps: 500, output: 4096, depth: 8 };

impl Analyzer<'_> {
    /// The value of an expression that reads no data. One that fails is noted.
    pub(super) fn constant(&mut self, expr: &Expr) -> Option<Value> {
        let mut known = Array::new();
        if expr.height > TALLEST || !self.is_constant(expr, &mut known) {
            return None;
        }
        if let ExprKind::Const(value) = &expr.kind {
            return Some(value.clone());
        }
        match eval::evaluate(self.program, expr, &known, &options()) {
            Ok((value, _)) => Some(value).filter(is_small),
            Err(error) => {
                if error.kind == ErrorKind::Runtime && error.span == expr.span {
                    let kind = match &expr.kind {
                        ExprKind::Call(_) => IssueKind::Argument,
                        _ => IssueKind::Mistyped,
                    };
                    let help = error.help.unwrap_or_else(|| "this fails with any data".into());
                    self.note(kind, error.span, error.message, help);
                }
                None
            }
        }
    }

    /// Reports constant arguments that a filter or test rejects whatever its subject is, by calling it with a sample subject.
    pub(super) fn check_constant_arguments(&mut self, call: &Call, all_inferred: &[AbstractValue], span: Span) {
        let Some((subject, rest)) = all_inferred.split_first() else { return };
        let written = call.arguments.iter().skip(1).any(|argument| matches!(argument, Argument::Given(_)));
        if call.kind == CallKind::Function || !written {
            return;
        }
        // A format is checked for the number of its values, so any values do.
        let format = call.callable.signature.name == "format";
        let Some(sample) = (match &subject.constant {
            Some(value) => Some(value.clone()).filter(|_| format),
            None => call.callable.signature.params.first().filter(|_| !format).and_then(|param| sample(param.ty)),
        }) else {
            return;
        };
        let mut values = vec![sample];
        for (argument, inferred) in call.arguments.iter().skip(1).zip(rest) {
            match (argument, &inferred.constant) {
                (Argument::Default(make), _) => values.push(make()),
                (Argument::Given(_), Some(value)) => values.push(value.clone()),
                (Argument::Given(_), None) if format => values.push(Value::Int(1)),
                (Argument::Given(_), None) => return,
            }
        }
        values.truncate(call.taken);
        if let Err(failure) = eval::try_call(self.program, call.callable, &values, &options())
            && failure.kind == ErrorKind::Runtime
        {
            let help = failure.help.unwrap_or_else(|| "this fails with any data".into());
            let span = Span::new(call.name.start, span.end);
            self.note(IssueKind::Argument, span, failure.message, help);
        }
    }

    /// Whether a call fails with what is written for it, where the rest is something that it takes. What it stands behind may
    /// be such that the arguments don't matter (`join` of a text): that is reported on its own.
    pub(super) fn fails(&self, call: &Call, all_inferred: &[AbstractValue]) -> bool {
        let subject = call
            .callable
            .signature
            .params
            .first()
            .zip(all_inferred.first())
            .filter(|_| call.kind != CallKind::Function);
        if subject.is_some_and(|(param, inferred)| mismatch(param.ty, inferred).is_some()) {
            return false;
        }
        let mut values = Vec::with_capacity(all_inferred.len());
        for (index, (argument, inferred)) in call.arguments.iter().zip(all_inferred).enumerate() {
            let ty = call.callable.signature.params.get(index).map_or(ParamType::Anything, |param| param.ty);
            values.push(match (argument, &inferred.constant) {
                (Argument::Default(make), _) => make(),
                (Argument::Given(_), Some(value)) => value.clone(),
                (Argument::Given(_), None) => example(ty),
            });
        }
        values.truncate(call.taken);
        let outcome = eval::try_call(self.program, call.callable, &values, &options());
        outcome.is_err_and(|failure| failure.kind == ErrorKind::Runtime)
    }

    /// Whether it depends on nothing but constants. Collects the variables that it names in `known`.
    fn is_constant(&self, expr: &Expr, known: &mut Array) -> bool {
        let mut all = |exprs: &[&Expr]| exprs.iter().all(|expr| self.is_constant(expr, known));
        match &expr.kind {
            ExprKind::Const(_) => true,
            ExprKind::Name(name) => match self.variables.get(&*name.key.as_ref().text()) {
                Some(AbstractValue { constant: Some(value), .. }) => {
                    known.insert(name.key.clone(), value.clone());
                    true
                }
                _ => false,
            },
            ExprKind::List(items) | ExprKind::Concat(items) => items.iter().all(|item| self.is_constant(item, known)),
            ExprKind::Hash(pairs) => pairs.iter().all(|(key, value)| all(&[key, value])),
            ExprKind::Unary(_, of) => all(&[of]),
            ExprKind::Binary(_, sides) => all(&[&sides.0, &sides.1]),
            ExprKind::Conditional(parts) => all(&[&parts.0, &parts.1, &parts.2]),
            ExprKind::Attribute(attribute) => attribute.key.is_some() && all(&[&attribute.object]),
            ExprKind::Call(call) => {
                // A random result is not a constant.
                !call.callable.signature.random
                    && call.arguments.iter().all(|argument| match argument {
                        Argument::Given(expr) => self.is_constant(expr, known),
                        Argument::Default(_) => true,
                    })
            }
            _ => false,
        }
    }
}

/// A value that a parameter accepts.
fn sample(ty: ParamType) -> Option<Value> {
    match ty {
        ParamType::Text => Some(Value::str("a")),
        ParamType::Number | ParamType::Numeric => Some(Value::Int(1)),
        ParamType::Date => Some(Value::Int(0)),
        ParamType::Array | ParamType::List => Some(Value::array(Array::new())),
        ParamType::Anything | ParamType::Flag | ParamType::Pairs | ParamType::Arrow(_) => None,
    }
}

/// A value that a parameter accepts and that is not empty, so that the call looks at its other arguments.
fn example(ty: ParamType) -> Value {
    match ty {
        ParamType::Array | ParamType::List => Value::array([Value::Int(1), Value::Int(2)].into_iter().collect()),
        other => sample(other).unwrap_or_else(|| Value::str("ab")),
    }
}

fn options() -> Options {
    Options { limits: LIMITS, now: Some(0), seed: Some(0), ..Options::default() }
}

fn is_small(value: &Value) -> bool {
    match value {
        Value::Array(array) => array.len() <= MOST_ENTRIES,
        Value::Closure(_) | Value::Object(_) | Value::Markup(_) => false,
        _ => true,
    }
}
