//! Automatic escaping: of prints inside `autoescape`, and everywhere of the subjects of filters that produce HTML. What is
//! already safe is left alone: constants, macros, `raw`, `escape` itself.

use super::Parser;
use crate::ast::{Argument, CallKind, Expr, ExprKind};
use crate::library::{Callable, Escaping};
use crate::value::Value;

impl Parser<'_> {
    /// A printed expression, escaped where the `autoescape` around it asks for that.
    pub(super) fn escaped(&self, expr: Expr) -> Expr {
        match &self.escape {
            Some(strategy) => escape(expr, strategy),
            None => expr,
        }
    }
}

/// Where only one side of a choice is safe, only the other side is escaped.
fn escape(expr: Expr, strategy: &Value) -> Expr {
    let (span, height) = (expr.span, expr.height);
    let again = |kind| Expr { kind, span, height };
    match expr.kind {
        ExprKind::Conditional(parts) if half_safe(&parts.1, &parts.2, strategy) => {
            let (condition, then, otherwise) = *parts;
            let parts = (condition, escape(then, strategy), escape(otherwise, strategy));
            again(ExprKind::Conditional(Box::new(parts)))
        }
        ExprKind::Elvis(sides) if half_safe(&sides.0, &sides.1, strategy) => {
            again(ExprKind::Elvis(Box::new((escape(sides.0, strategy), escape(sides.1, strategy)))))
        }
        ExprKind::Coalesce(sides) if half_safe(&sides.0, &sides.1, strategy) => {
            again(ExprKind::Coalesce(Box::new((escape(sides.0, strategy), escape(sides.1, strategy)))))
        }
        kind => escape_whole(again(kind), strategy),
    }
}

fn half_safe(one: &Expr, other: &Expr, strategy: &Value) -> bool {
    is_safe(&one.kind, strategy) != is_safe(&other.kind, strategy)
}

fn escape_whole(expr: Expr, strategy: &Value) -> Expr {
    if is_safe(&expr.kind, strategy) {
        return expr;
    }
    let (span, height) = (expr.span, expr.height + 1);
    Expr { kind: ExprKind::Escaped(Box::new((expr, strategy.clone()))), span, height }
}

/// The subject of a filter, escaped where the filter makes HTML of it.
pub(super) fn subject(expr: Expr, filter: &Callable) -> Expr {
    match filter.signature.escaping {
        Escaping::Html => escape_whole(expr, &Value::str("html")),
        _ => expr,
    }
}

fn is_safe(kind: &ExprKind, strategy: &Value) -> bool {
    let both = |one: &Expr, other: &Expr| is_safe(&one.kind, strategy) && is_safe(&other.kind, strategy);
    let html = *strategy == Value::str("html");
    match kind {
        ExprKind::Const(_) | ExprKind::Macro(_) | ExprKind::BlockCall(_) | ExprKind::Fail(_) => true,
        ExprKind::Conditional(parts) => both(&parts.1, &parts.2),
        ExprKind::Elvis(sides) | ExprKind::Coalesce(sides) => both(&sides.0, &sides.1),
        ExprKind::Call(call) if call.kind == CallKind::Filter => match call.callable.signature.escaping {
            Escaping::Safe => true,
            Escaping::Unsafe => false,
            Escaping::Html => html,
            Escaping::Argument => match call.arguments.get(1) {
                Some(Argument::Given(Expr { kind: ExprKind::Const(given), .. })) => {
                    given == strategy || html && *given == Value::str("html_attr")
                }
                Some(Argument::Given(_)) => false,
                _ => html,
            },
        },
        _ => false,
    }
}
