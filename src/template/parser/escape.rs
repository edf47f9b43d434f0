//! What is escaped without a filter that says so: prints inside `autoescape`, and anywhere what goes into a filter that makes
//! HTML. What is safe already is not: constants, macros, `raw`, `escape` itself.

use super::Parser;
use crate::template::Value;
use crate::template::ast::{Argument, CallKind, Expr, ExprKind};

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
        kind if is_safe(&kind, strategy) => again(kind),
        kind => {
            let expr = again(kind);
            Expr { kind: ExprKind::Escaped(Box::new((expr, strategy.clone()))), span, height: height + 1 }
        }
    }
}

/// Filters that make HTML, and take their subject escaped.
const OF_HTML: [&str; 2] = ["nl2br", "spaceless"];

/// The subject of a filter, escaped where the filter makes HTML of it.
pub(super) fn subject(expr: Expr, filter: &str) -> Expr {
    if OF_HTML.contains(&filter) { escape(expr, &Value::str("html")) } else { expr }
}

fn is_safe(kind: &ExprKind, strategy: &Value) -> bool {
    match kind {
        ExprKind::Const(_) | ExprKind::Macro(_) | ExprKind::BlockCall(_) => true,
        ExprKind::Call(call) if call.kind == CallKind::Filter => match call.callable.name {
            "raw" => true,
            name if OF_HTML.contains(&name) => *strategy == Value::str("html"),
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
