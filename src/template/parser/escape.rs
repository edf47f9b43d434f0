//! Inside `autoescape`: which prints are escaped. What is safe already is not: constants, macros, `raw`, `escape` itself.

use super::Parser;
use crate::template::Value;
use crate::template::ast::{Argument, Call, CallKind, Expr, ExprKind};

impl Parser<'_> {
    /// A printed expression, escaped where the `autoescape` around it asks for that.
    pub(super) fn escaped(&self, expr: Expr) -> Expr {
        match &self.escape {
            Some(strategy) => escape(expr, strategy),
            None => expr,
        }
    }
}

fn escape(expr: Expr, strategy: &Value) -> Expr {
    let (span, height) = (expr.span, expr.height);
    let again = |kind| Expr { kind, span, height };
    match expr.kind {
        ExprKind::Conditional(parts) => {
            let (condition, then, otherwise) = *parts;
            let parts = (condition, escape(then, strategy), escape(otherwise, strategy));
            again(ExprKind::Conditional(Box::new(parts)))
        }
        ExprKind::Call(call) if pre_escaped(&call) => again(ExprKind::Call(Box::new(escape_subject(*call)))),
        kind if is_safe(&kind, strategy) => again(kind),
        kind => {
            let expr = again(kind);
            Expr { kind: ExprKind::Escaped(Box::new((expr, strategy.clone()))), span, height: height + 1 }
        }
    }
}

/// `nl2br` and `spaceless` make HTML, of HTML.
fn pre_escaped(call: &Call) -> bool {
    call.kind == CallKind::Filter && matches!(call.callable.name, "nl2br" | "spaceless")
}

fn escape_subject(mut call: Call) -> Call {
    if let Some(Argument::Given(subject)) = call.arguments.first_mut() {
        let inner =
            std::mem::replace(subject, Expr { kind: ExprKind::Const(Value::Null), span: subject.span, height: 1 });
        *subject = escape(inner, &Value::str("html"));
    }
    call
}

fn is_safe(kind: &ExprKind, strategy: &Value) -> bool {
    match kind {
        ExprKind::Const(_) | ExprKind::Macro(_) | ExprKind::BlockCall(_) => true,
        ExprKind::Call(call) if call.kind == CallKind::Filter => match call.callable.name {
            "raw" => true,
            "e" | "escape" => match call.arguments.get(1) {
                Some(Argument::Given(Expr { kind: ExprKind::Const(given), .. })) => given == strategy,
                Some(Argument::Given(_)) => false,
                _ => *strategy == Value::str("html"),
            },
            _ => false,
        },
        ExprKind::Fail(_) => true,
        _ => false,
    }
}
