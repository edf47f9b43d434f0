//! Operators by their precedence, conditionals and arrow functions.

use std::sync::Arc;

use super::{Kind, Op, Parse, Parser, Stop};
use crate::ast::{Arrow, Binary, Expr, ExprKind, Target, Unary};
use crate::error::Error;
use crate::span::Span;
use crate::value::{Key, Value};
use crate::{foreign, library};

impl<'s> Parser<'s> {
    /// An expression.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.operators(0, false)
    }

    /// An expression whose operators bind at least as strongly as `least`.
    pub(super) fn operators(&mut self, least: u16, arrow: bool) -> Parse<Expr> {
        self.deeper(|p| p.operators_here(least, arrow))
    }

    fn operators_here(&mut self, least: u16, arrow: bool) -> Parse<Expr> {
        if arrow && let Some(arrow) = self.arrow()? {
            return Ok(arrow);
        }
        let mut expr = self.prefixed()?;
        while let Kind::Op(op) = *self.kind()
            && let Some((precedence, right)) = op.binary()
            && precedence >= least
        {
            let span = self.next();
            expr = match op {
                Op::Is => self.test(expr)?,
                Op::IsNot => {
                    let test = self.test(expr)?;
                    let (whole, height) = (test.span, test.height);
                    self.node(ExprKind::Unary(Unary::Not, Box::new(test)), whole, height)?
                }
                _ => {
                    let other = self.operators(if right { precedence } else { precedence + 1 }, true)?;
                    self.binary(op, span, expr, other)?
                }
            };
        }
        if least == 0 { self.conditional(expr) } else { Ok(expr) }
    }

    fn binary(&mut self, op: Op, at: Span, left: Expr, right: Expr) -> Parse<Expr> {
        let span = left.span.to(right.span);
        let below = left.height.max(right.height);
        let op = match op {
            Op::Coalesce => return self.coalesce(left, right),
            Op::Concat => return self.concat(left, right),
            Op::Binary(Binary::Power) => return self.power(left, right),
            Op::Binary(op) => op,
            Op::Is | Op::IsNot | Op::Not | Op::Assign => {
                return Err(self.error(at, format!("unexpected operator `{}`", op.text()), None));
            }
        };
        if op == Binary::Matches {
            self.check_regex(&right);
        }
        self.node(ExprKind::Binary(op, Box::new((left, right))), span, below)
    }

    /// `a ~ b ~ c` is one node, so that long texts do not nest.
    pub(super) fn concat(&mut self, left: Expr, right: Expr) -> Parse<Expr> {
        let span = left.span.to(right.span);
        let below = left.height.max(right.height + 1);
        match left.kind {
            ExprKind::Concat(mut parts) => {
                parts.push(right);
                self.node(ExprKind::Concat(parts), span, below - 1)
            }
            _ => self.node(ExprKind::Concat(vec![left, right]), span, below),
        }
    }

    /// An invalid constant regular expression fails when it is reached.
    fn check_regex(&mut self, pattern: &Expr) {
        let ExprKind::Const(Value::Str(text)) = &pattern.kind else { return };
        if let Err(failure) = library::check_regex(text) {
            self.deferred.push(Error {
                kind: failure.kind,
                span: pattern.span,
                message: failure.message,
                help: failure.help,
                replacement: None,
            });
        }
    }

    /// Twig hands the operator to PHP without brackets, where it binds before a sign: `-2 ** 2` is -4, `(-2) ** 2` too.
    fn power(&mut self, left: Expr, right: Expr) -> Parse<Expr> {
        let span = left.span.to(right.span);
        match left.kind {
            ExprKind::Unary(op, inner) => {
                let power = self.power(*inner, right)?;
                let below = power.height;
                self.node(ExprKind::Unary(op, Box::new(power)), span, below)
            }
            _ => {
                let below = left.height.max(right.height);
                self.node(ExprKind::Binary(Binary::Power, Box::new((left, right))), span, below)
            }
        }
    }

    fn coalesce(&mut self, left: Expr, right: Expr) -> Parse<Expr> {
        self.check_askable(&left, "`??`")?;
        let span = left.span.to(right.span);
        let below = left.height.max(right.height);
        self.node(ExprKind::Coalesce(Box::new((left, right))), span, below)
    }

    /// `is defined` and `??` ask for variables and fields only.
    pub(super) fn check_askable(&mut self, expr: &Expr, what: &str) -> Parse<()> {
        let askable = expr.is_path()
            || matches!(
                expr.kind,
                ExprKind::Const(_)
                    | ExprKind::List(_)
                    | ExprKind::Hash(_)
                    | ExprKind::Macro(_)
                    | ExprKind::BlockCall(_)
            );
        if askable {
            return Ok(());
        }
        let help = match expr.kind {
            ExprKind::Call(_) if what == "`??`" => {
                "put it before the filters: `(name ?? '')|upper`, or write `|default(…)`"
            }
            _ => "use the variable or field itself",
        };
        let message = format!("{what} works only with variables and fields, not with other expressions");
        Err(self.error(expr.span, message, Some(help)))
    }

    fn conditional(&mut self, mut expr: Expr) -> Parse<Expr> {
        while self.is_punct(b'?') {
            self.next();
            if self.eat_punct(b':') {
                let other = self.expression()?;
                let (span, below) = (expr.span.to(other.span), expr.height.max(other.height));
                expr = self.node(ExprKind::Elvis(Box::new((expr, other))), span, below)?;
                continue;
            }
            let then = self.expression()?;
            let otherwise = if self.eat_punct(b':') {
                self.expression()?
            } else {
                Self::constant(Value::str(""), Span::new(then.span.end, then.span.end))
            };
            let span = expr.span.to(otherwise.span).to(then.span);
            let below = expr.height.max(then.height).max(otherwise.height);
            expr = self.node(ExprKind::Conditional(Box::new((expr, then, otherwise))), span, below)?;
        }
        Ok(expr)
    }

    /// A prefix operator, a parenthesis, or a plain operand.
    fn prefixed(&mut self) -> Parse<Expr> {
        let start = self.span();
        if let Kind::Op(op @ (Op::Not | Op::Binary(Binary::Sub | Binary::Add))) = *self.kind() {
            self.next();
            let (unary, precedence) = match op {
                Op::Not => (Unary::Not, 50),
                Op::Binary(Binary::Sub) => (Unary::Neg, 500),
                _ => (Unary::Pos, 500),
            };
            let operand = self.operators(precedence, false)?;
            let expr = self.unary(unary, start, operand)?;
            return self.postfix(expr);
        }
        if self.eat_punct(b'(') {
            let mut expr = self.expression()?;
            if self.is_punct(b',') {
                return Err(self.report(foreign::tuple().at(start.to(self.span()))));
            }
            self.expect_punct(b')', "`)`")?;
            expr.span = start.to(self.last());
            return self.postfix(expr);
        }
        self.operand()
    }

    pub(super) fn unary(&mut self, unary: Unary, start: Span, operand: Expr) -> Parse<Expr> {
        let (span, below) = (start.to(operand.span), operand.height);
        self.node(ExprKind::Unary(unary, Box::new(operand)), span, below)
    }

    /// `v => …` or `(a, b) => …`, where one starts here.
    fn arrow(&mut self) -> Parse<Option<Expr>> {
        let start = self.span();
        let mut params = Vec::new();
        if *self.look(1) == Kind::Arrow {
            params.push(self.param()?);
        } else if self.long_arrow() {
            self.next();
            loop {
                params.push(self.param()?);
                if !self.eat_punct(b',') {
                    break;
                }
            }
            self.expect_punct(b')', "`)`")?;
        } else {
            return Ok(None);
        }
        self.next();
        let body = self.expression()?;
        let (span, below) = (start.to(body.span), body.height);
        self.node(ExprKind::Arrow(Arc::new(Arrow { params, body })), span, below).map(Some)
    }

    fn param(&mut self) -> Parse<Target> {
        let (name, span) = self.expect_name("a parameter's name")?;
        Ok(Target { name: Key::from_str(name), span })
    }

    fn long_arrow(&self) -> bool {
        if !self.is_punct(b'(') {
            return false;
        }
        let mut ahead = 2;
        while *self.look(ahead) == Kind::Punct(b',') {
            ahead += 2;
        }
        *self.look(ahead) == Kind::Punct(b')') && *self.look(ahead + 1) == Kind::Arrow
    }

    /// Names that are assigned to.
    pub(super) fn targets(&mut self) -> Parse<Vec<(&'s str, Target)>> {
        let mut targets = Vec::new();
        loop {
            let (name, span) = match *self.kind() {
                Kind::Name(name) => (name, self.next()),
                Kind::Op(op) if op.as_name().is_some() => (op.as_name().unwrap_or_default(), self.next()),
                Kind::Punct(b'(' | b'[') => {
                    return Err(self.report(foreign::bracketed_names(self.tag).at(self.span())));
                }
                _ => return Err(self.unexpected("the name of a variable")),
            };
            if matches!(name.to_ascii_lowercase().as_str(), "true" | "false" | "none" | "null") {
                let help = Some("choose another name");
                return Err(self.error(span, format!("`{name}` is a constant and can't be set"), help));
            }
            if self.is_punct(b'.') || self.is_punct(b'[') {
                let message = format!("only variables can be set, not a field of `{name}`");
                let help = "write `{% set name = name|merge({field: value}) %}`";
                return Err(self.error(span, message, Some(help)));
            }
            targets.push((name, Target { name: Key::from_str(name), span }));
            if !self.eat_punct(b',') {
                return Ok(targets);
            }
        }
    }

    pub(super) fn stop<T>(&mut self, span: Span, message: impl Into<String>, help: &str) -> Parse<T> {
        let Stop = self.error(span, message, Some(help));
        Err(Stop)
    }
}
