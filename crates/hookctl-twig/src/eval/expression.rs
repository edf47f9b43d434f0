//! Values of expressions.

use std::sync::Arc;

use super::{BoundArrow, Eval, Render};
use crate::ast::{Binary, Expr, ExprKind, Name, Unary};
use crate::error::{Error, ErrorKind, Failure};
use crate::library;
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::{Array, Closure, Key, Value};

impl Render<'_> {
    pub(super) fn eval(&mut self, expr: &Expr) -> Eval<Value> {
        self.step(expr.span)?;
        match &expr.kind {
            ExprKind::Const(value) => Ok(value.clone()),
            ExprKind::Name(name) => self.name(name, expr.span, false),
            ExprKind::Itself => Ok(Value::str(ITSELF)),
            ExprKind::Context => {
                self.charge_scope(expr.span)?;
                let context = Value::Array(self.scope.snapshot());
                self.check_depth(&context, expr.span)?;
                Ok(context)
            }
            ExprKind::Charset => Ok(Value::str("UTF-8")),
            ExprKind::Captured => Ok(self.captured.clone()),
            ExprKind::Fail(error) => Err(error.clone()),
            ExprKind::Arrow(arrow) => {
                self.charge_scope(expr.span)?;
                let variables = self.scope.snapshot();
                Ok(Value::Closure(Closure::new(BoundArrow { arrow: Arc::clone(arrow), variables })))
            }
            _ => {
                let value = self.deeper(expr.span, |r| r.compound(expr))?;
                self.check_depth(&value, expr.span)?;
                Ok(value)
            }
        }
    }

    fn compound(&mut self, expr: &Expr) -> Eval<Value> {
        match &expr.kind {
            ExprKind::List(items) => self.list(items),
            ExprKind::Hash(pairs) => self.hash(pairs),
            ExprKind::Unary(op, of) => self.unary(*op, of, expr.span),
            ExprKind::Binary(op, sides) => self.binary(*op, &sides.0, &sides.1, expr.span),
            ExprKind::Concat(parts) => self.concat(parts),
            ExprKind::Conditional(parts) => {
                let branch = if self.eval(&parts.0)?.is_true() { &parts.1 } else { &parts.2 };
                self.eval(branch)
            }
            ExprKind::Elvis(sides) => {
                let value = self.eval(&sides.0)?;
                if value.is_true() { Ok(value) } else { self.eval(&sides.1) }
            }
            ExprKind::Coalesce(sides) => match self.ask(&sides.0)? {
                None | Some(Value::Null) => self.eval(&sides.1),
                Some(value) => Ok(value),
            },
            ExprKind::Default(sides) => self.default(&sides.0, &sides.1),
            ExprKind::Defined(of) => self.defined(of),
            ExprKind::Attribute(attribute) => match self.scope.find(expr) {
                Some(value) => Ok(value.clone()),
                None => self.attribute(attribute, expr.span, false),
            },
            ExprKind::Call(call) => self.library(call, expr.span),
            ExprKind::Escaped(sides) => {
                let value = self.eval(&sides.0)?;
                self.escaped(value, &sides.1, expr.span)
            }
            ExprKind::Macro(call) => self.macro_call(call),
            ExprKind::BlockCall(name) => self.block_call(name),
            _ => Ok(Value::Null),
        }
    }

    /// A variable's value; `quiet`: null where it is not there, unless a loop should have set it.
    pub(super) fn name(&mut self, name: &Name, span: Span, quiet: bool) -> Eval<Value> {
        if let Some(value) = self.scope.get(&name.key) {
            return Ok(value.clone());
        }
        if quiet && !name.bound {
            return Ok(Value::Null);
        }
        let text = name.key.as_ref().to_string();
        if name.bound {
            let message = format!("`{text}` has no value here");
            let help = Some("a loop's variable exists only inside the loop".to_owned());
            return Err(self.error(ErrorKind::Runtime, span, message, help));
        }
        let names: Vec<String> = self.scope.array().keys().map(|key| key.to_string()).collect();
        let near = nearest(&text, names.iter().map(String::as_str)).map(str::to_owned);
        let help = match (text.as_str(), &near) {
            ("True" | "False" | "None" | "Null" | "nil" | "undefined", _) => {
                Some(format!("write `{}`", constant(&text)))
            }
            (text, _) if text.contains(['“', '”', '„', '‘', '’', '«', '»']) => {
                Some("use straight quotes: `'…'`".to_owned())
            }
            (_, Some(near)) => Some(format!("did you mean `{near}`?")),
            (_, None) if names.is_empty() => Some("the data is empty".to_owned()),
            (_, None) => Some(format!("there is {}", listed(names.iter().map(String::as_str)))),
        };
        let mut error = self.error(ErrorKind::Undefined, span, format!("the variable `{text}` is not defined"), help);
        error.replacement = near;
        self.missing(error)
    }

    /// Something undefined: an error where that is asked for, else blank and noted.
    pub(super) fn missing(&mut self, error: Box<Error>) -> Eval<Value> {
        if self.options.strict {
            return Err(error);
        }
        let known = self.undefined.iter().any(|e| e.span == error.span);
        if !known && self.undefined.len() < super::MOST_UNDEFINED {
            self.undefined.push(*error);
        }
        Ok(Value::Null)
    }

    fn list(&mut self, items: &[Expr]) -> Eval<Value> {
        let values: Vec<Value> = items.iter().map(|item| self.eval(item)).collect::<Eval<_>>()?;
        Ok(Value::array(Array::from(values)))
    }

    fn hash(&mut self, pairs: &[(Expr, Expr)]) -> Eval<Value> {
        let mut array = Array::with_capacity(pairs.len());
        for (key, value) in pairs {
            let value_of_key = self.eval(key)?;
            let Some(at) = Key::of(&value_of_key) else {
                let message = format!("{} can't be a key", value_of_key.shown());
                return Err(self.error(
                    ErrorKind::Runtime,
                    key.span,
                    message,
                    Some("a key must be a string or a number".into()),
                ));
            };
            let value = self.eval(value)?;
            array.insert(at, value);
        }
        Ok(Value::array(array))
    }

    fn unary(&mut self, op: Unary, of: &Expr, span: Span) -> Eval<Value> {
        let value = self.eval(of)?;
        match op {
            Unary::Not => Ok(Value::Bool(!value.is_true())),
            Unary::Neg => value.neg().map_err(|failure| self.at(span, failure)),
            Unary::Pos => value.plus().map_err(|failure| self.at(span, failure)),
        }
    }

    fn binary(&mut self, op: Binary, left: &Expr, right: &Expr, span: Span) -> Eval<Value> {
        let a = self.eval(left)?;
        match op {
            Binary::And => return Ok(Value::Bool(a.is_true() && self.eval(right)?.is_true())),
            Binary::Or => return Ok(Value::Bool(a.is_true() || self.eval(right)?.is_true())),
            // Only a text's other side is looked at.
            Binary::StartsWith | Binary::EndsWith if !matches!(a, Value::Str(_) | Value::Bytes(_)) => {
                return Ok(Value::Bool(false));
            }
            _ => {}
        }
        let b = self.eval(right)?;
        let steps = library::steps(&a).saturating_add(library::steps(&b));
        self.charge_steps(steps).map_err(|failure| self.at(span, failure))?;
        let result = match op {
            Binary::Matches => library::matches(self, &b, &a),
            Binary::HasSome => library::has_some(self, &a, &b).map(Value::Bool),
            Binary::HasEvery => library::has_every(self, &a, &b).map(Value::Bool),
            _ => operate(op, &a, &b),
        };
        let value = result.map_err(|failure| self.at(span, failure))?;
        if let Value::Array(array) = &value {
            self.check_entries(array, span)?;
            self.charge_steps(array.len() as u64 / 8).map_err(|failure| self.at(span, failure))?;
        }
        Ok(value)
    }

    fn concat(&mut self, parts: &[Expr]) -> Eval<Value> {
        let mut text = Vec::new();
        for part in parts {
            let value = self.eval(part)?;
            match value.to_bytes() {
                Ok(piece) => text.extend_from_slice(&piece),
                Err(failure) => return Err(self.at(part.span, failure)),
            }
            self.check_output(text.len(), part.span)?;
        }
        self.charge_text(text.len(), Span::default())?;
        Ok(Value::bytes(&text))
    }

    pub(super) fn escaped(&mut self, value: Value, strategy: &Value, span: Span) -> Eval<Value> {
        let Some(escape) = library::filter("escape").filter(|_| !matches!(value, Value::Markup(_))) else {
            return Ok(value);
        };
        let rest = escape.signature.params.iter().skip(2).filter_map(|param| param.default).map(|make| make());
        let arguments: Vec<Value> = [value, strategy.clone()].into_iter().chain(rest).collect();
        (escape.run)(self, &arguments).map_err(|failure| self.at(span, failure))
    }

    fn default(&mut self, of: &Expr, fallback: &Expr) -> Eval<Value> {
        let value = if of.is_path() { self.ask(of)? } else { Some(self.eval(of)?) };
        // The reference calls a function with both: the fallback can fail although it is not taken.
        let noted = self.undefined.len();
        let fallback = self.eval(fallback)?;
        match value.filter(|value| !library::is_empty(value)) {
            Some(value) => {
                self.undefined.truncate(noted);
                Ok(value)
            }
            None => Ok(fallback),
        }
    }
}

fn operate(op: Binary, a: &Value, b: &Value) -> Result<Value, Failure> {
    match op {
        Binary::BitOr => a.bit_or(b),
        Binary::BitXor => a.bit_xor(b),
        Binary::BitAnd => a.bit_and(b),
        Binary::Equal => a.loose_eq(b).map(Value::Bool),
        Binary::NotEqual => a.loose_eq(b).map(|equal| Value::Bool(!equal)),
        Binary::Spaceship => a.spaceship(b).map(Value::Int),
        Binary::Less => a.less(b).map(Value::Bool),
        Binary::Greater => b.less(a).map(Value::Bool),
        Binary::GreaterEqual => b.less_or_equal(a).map(Value::Bool),
        Binary::LessEqual => a.less_or_equal(b).map(Value::Bool),
        Binary::NotIn => a.is_in(b).map(|found| Value::Bool(!found)),
        Binary::In => a.is_in(b).map(Value::Bool),
        Binary::StartsWith => Ok(Value::Bool(a.starts_with(b))),
        Binary::EndsWith => Ok(Value::Bool(a.ends_with(b))),
        Binary::Range => a.range(b, &Value::Int(1)),
        Binary::Add => a.add(b),
        Binary::Sub => a.sub(b),
        Binary::Mul => a.mul(b),
        Binary::Div => a.div(b),
        Binary::FloorDiv => a.floor_div(b),
        Binary::Mod => a.modulo(b),
        Binary::Power => a.pow(b),
        Binary::And | Binary::Or | Binary::Matches | Binary::HasSome | Binary::HasEvery => Ok(Value::Null),
    }
}

/// What `_self` prints.
const ITSELF: &str = "t";

fn constant(text: &str) -> &'static str {
    match text {
        "True" => "true",
        "False" => "false",
        _ => "null",
    }
}

/// The first few of many names, quoted.
pub(super) fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const MOST: usize = 8;
    let more = names.len().saturating_sub(MOST);
    let mut text = names.take(MOST).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
