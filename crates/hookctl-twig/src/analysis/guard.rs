//! Which paths are present where a condition holds, or where it does not.

use super::Analyzer;
use crate::ast::{Argument, Binary, Call, CallKind, Expr, ExprKind, Unary};
use crate::value::Value;

impl Analyzer<'_> {
    /// The paths that are present and not null where `condition` is `truth`.
    pub(super) fn asserted(&self, condition: &Expr, truth: bool) -> Vec<Vec<String>> {
        match &condition.kind {
            ExprKind::Unary(Unary::Not, of) => self.asserted(of, !truth),
            ExprKind::Binary(op, sides) => match (op, truth) {
                (Binary::And, true) | (Binary::Or, false) => {
                    let mut paths = self.asserted(&sides.0, truth);
                    paths.extend(self.asserted(&sides.1, truth));
                    paths
                }
                (Binary::NotEqual, true) | (Binary::Equal, false) if is_blank(&sides.1) => self.paths(&sides.0),
                (Binary::NotEqual, true) | (Binary::Equal, false) if is_blank(&sides.0) => self.paths(&sides.1),
                (Binary::Equal, true) | (Binary::NotEqual, false) if is_literal(&sides.1) => self.paths(&sides.0),
                (Binary::Equal, true) | (Binary::NotEqual, false) if is_literal(&sides.0) => self.paths(&sides.1),
                (Binary::In, true) | (Binary::NotIn, false) if is_list_of_literals(&sides.1) => self.paths(&sides.0),
                (Binary::Less | Binary::LessEqual, true) if is_literal(&sides.0) => self.paths(&sides.1),
                (
                    Binary::StartsWith | Binary::EndsWith | Binary::Matches | Binary::Greater | Binary::GreaterEqual,
                    true,
                ) => self.paths(&sides.0),
                _ => Vec::new(),
            },
            ExprKind::Defined(of) if truth => self.paths(of),
            // The test answers differently for null.
            ExprKind::Call(call) if call.kind == CallKind::Test => match call.callable.signature.of_null {
                Some(of_null) if of_null != truth => self.subject_paths(call),
                _ => Vec::new(),
            },
            ExprKind::Default(sides) | ExprKind::Coalesce(sides) if truth && is_blank(&sides.1) => self.paths(&sides.0),
            _ if truth => self.paths(condition),
            _ => Vec::new(),
        }
    }

    /// The paths that an expression is, if it is one.
    pub(super) fn paths(&self, expr: &Expr) -> Vec<Vec<String>> {
        match &expr.kind {
            ExprKind::Default(sides) | ExprKind::Coalesce(sides) if is_blank(&sides.1) => self.paths(&sides.0),
            // The filter turns null into something false: if its result is true, its subject is not null.
            ExprKind::Call(call) if call.kind == CallKind::Filter && call.callable.signature.of_null == Some(false) => {
                self.subject_paths(call)
            }
            ExprKind::Name(name) => self.paths_of(&name.key.as_ref().text()),
            ExprKind::Attribute(attribute) => {
                let Some(key) = &attribute.key else { return Vec::new() };
                let mut paths = self.paths(&attribute.object);
                paths.iter_mut().for_each(|path| path.push(key.as_ref().text().into_owned()));
                paths
            }
            _ => Vec::new(),
        }
    }

    fn subject_paths(&self, call: &Call) -> Vec<Vec<String>> {
        match call.arguments.first() {
            Some(Argument::Given(subject)) => self.paths(subject),
            _ => Vec::new(),
        }
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Const(value) if value.is_true())
}

fn is_list_of_literals(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::List(items) if items.iter().all(is_literal))
}

pub(super) fn is_blank(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(Value::Null | Value::Bool(false)) => true,
        ExprKind::Const(Value::Str(text)) => text.is_empty(),
        _ => false,
    }
}
