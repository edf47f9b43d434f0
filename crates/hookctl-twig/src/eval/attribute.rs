//! Fields of values, and whether something is there at all.

use super::expression::listed;
use super::{Eval, Render};
use crate::ast::{Access, Attribute, Expr, ExprKind};
use crate::error::{Error, ErrorKind};
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::{Array, Key, KeyRef, Value};

impl Render<'_> {
    /// The value of a field; `quiet`: null where it is not there.
    pub(super) fn attribute(&mut self, attribute: &Attribute, span: Span, quiet: bool) -> Eval<Value> {
        let (object, name) = self.object_and_name(attribute, quiet)?;
        let arguments = self.attribute_arguments(attribute)?;
        if let Some(value) = self.field(&object, &name, attribute, &arguments)? {
            return Ok(value);
        }
        if quiet {
            return Ok(Value::Null);
        }
        let error = undefined_field(attribute, &object, &name, span);
        self.missing(error)
    }

    fn attribute_arguments(&mut self, attribute: &Attribute) -> Eval<Vec<Value>> {
        let values = attribute.arguments.iter().map(|argument| self.eval(argument)).collect::<Eval<Vec<_>>>()?;
        match values.first() {
            Some(given) if attribute.access == Access::Given => match given {
                Value::Array(list) => Ok(list.values().cloned().collect()),
                other => {
                    let message = format!("`attribute()` needs a list of arguments, but got {}", other.described());
                    let help = Some("write `attribute(value, 'name', [argument])`".to_owned());
                    let span = attribute.arguments.first().map_or(attribute.name.span, |a| a.span);
                    Err(self.error(ErrorKind::Runtime, span, message, help))
                }
            },
            _ => Ok(values),
        }
    }

    fn object_and_name(&mut self, attribute: &Attribute, quiet: bool) -> Eval<(Value, Value)> {
        let object = if quiet { self.quietly(&attribute.object)? } else { self.eval(&attribute.object)? };
        Ok((object, self.eval(&attribute.name)?))
    }

    fn quietly(&mut self, expr: &Expr) -> Eval<Value> {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span, true),
            ExprKind::Attribute(attribute) => self.deeper(expr.span, |r| r.attribute(attribute, expr.span, true)),
            _ => self.eval(expr),
        }
    }

    fn field(
        &mut self,
        object: &Value,
        name: &Value,
        attribute: &Attribute,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        match object {
            Value::Object(object) if attribute.access != Access::Item => {
                let name = name.to_text().map_err(|failure| self.at(attribute.name.span, failure))?;
                let member = object.member(&name, arguments);
                member.transpose().map_err(|failure| self.at(attribute.name.span, failure))
            }
            Value::Markup(text) if attribute.access != Access::Item => {
                let name = name.to_text().map_err(|failure| self.at(attribute.name.span, failure))?;
                Ok(captured_member(text, &name))
            }
            Value::Array(array) if attribute.access != Access::Method => {
                let Some(key) = attribute.key.clone().or_else(|| Key::of(name)) else {
                    let message = format!("{} can't be a key", name.shown());
                    let help = Some("a key must be a string or a number".to_owned());
                    return Err(self.error(ErrorKind::Runtime, attribute.name.span, message, help));
                };
                Ok(array.get(key.as_ref()).cloned())
            }
            _ => Ok(None),
        }
    }

    /// The value of what `??`, `default` and `is defined` ask for; none where it is not there.
    pub(super) fn ask(&mut self, expr: &Expr) -> Eval<Option<Value>> {
        match &expr.kind {
            ExprKind::Name(name) => Ok(self.scope.get(&name.key).cloned()),
            ExprKind::Attribute(attribute) => {
                if let Some(value) = self.scope.find(expr) {
                    return Ok(Some(value.clone()));
                }
                self.deeper(expr.span, |r| {
                    let (object, name) = r.object_and_name(attribute, true)?;
                    let arguments = r.attribute_arguments(attribute)?;
                    r.field(&object, &name, attribute, &arguments)
                })
            }
            ExprKind::Macro(call) if call.import.is_none() => Ok(Some(self.eval(expr)?).filter(Value::is_true)),
            ExprKind::Macro(call) if !self.has_macro(call) => Ok(None),
            ExprKind::BlockCall(name) => {
                let found = self.find_block(name)?.is_some();
                if found { self.eval(expr).map(Some) } else { Ok(None) }
            }
            ExprKind::Escaped(sides) => {
                self.ask(&sides.0)?.map(|value| self.escaped(value, &sides.1, expr.span)).transpose()
            }
            _ => self.eval(expr).map(Some),
        }
    }

    pub(super) fn defined(&mut self, of: &Expr) -> Eval<Value> {
        Ok(match &of.kind {
            ExprKind::Const(_) | ExprKind::List(_) | ExprKind::Hash(_) => Value::Bool(true),
            // Twig calls the macro here instead of asking whether there is one.
            ExprKind::Macro(call) if call.import.is_none() => self.eval(of)?,
            ExprKind::Macro(call) => Value::Bool(self.has_macro(call)),
            ExprKind::BlockCall(name) => Value::Bool(self.find_block(name)?.is_some()),
            _ => Value::Bool(self.ask(of)?.is_some()),
        })
    }
}

/// The methods that PHP's object of captured text has.
fn captured_member(text: &str, name: &str) -> Option<Value> {
    match &*name.to_ascii_lowercase() {
        "count" => Some(Value::Int(text.chars().count() as i64)),
        "jsonserialize" | "__tostring" => Some(Value::str(text)),
        _ => None,
    }
}

/// Strict mode's error for a field that is not there.
fn undefined_field(attribute: &Attribute, object: &Value, name: &Value, span: Span) -> Box<Error> {
    let of = path(&attribute.object).map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
    let field = name.to_text().unwrap_or_default();
    let (message, help, replacement) = match object {
        Value::Array(_) if attribute.access == Access::Method => method(&of, &field),
        Value::Array(array) => missing_field(&of, &field, array),
        Value::Null => (
            format!("{of} is null: it has no field `{field}`"),
            Some("choose a fallback: `… ?? ''` or `|default('…')`".to_owned()),
            None,
        ),
        other => {
            let help = match &*field {
                "length" | "size" | "count" => Some("write `|length`".to_owned()),
                digits if other.as_str().is_some() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Some(format!("for one character of a string, write `[{digits}:1]`"))
                }
                _ => None,
            };
            (format!("{of} is {}: it has no field `{field}`", described(other)), help, None)
        }
    };
    let constant = matches!(attribute.name.kind, ExprKind::Const(_));
    let span = if constant && attribute.name.span != Span::default() { attribute.name.span } else { span };
    Box::new(Error { kind: ErrorKind::Undefined, span, message, help, replacement })
}

fn method(of: &str, field: &str) -> (String, Option<String>, Option<String>) {
    let help = match field {
        "items" => "write `{% for key, value in … %}`".to_owned(),
        "keys" => "write `|keys`".to_owned(),
        "values" => "write `|map(v => v)`".to_owned(),
        "length" | "size" | "count" => "write `|length`".to_owned(),
        "get" => "write `list['name'] ?? 'otherwise'`".to_owned(),
        _ => format!("for a field, write `.{field}` without parentheses"),
    };
    (format!("{of} has no method `{field}()`: fields have no methods"), Some(help), None)
}

fn missing_field(of: &str, field: &str, array: &Array) -> (String, Option<String>, Option<String>) {
    if array.is_empty() {
        return (format!("{of} is empty: it has no field `{field}`"), None, None);
    }
    let names: Vec<String> = array.keys().map(|key: KeyRef<'_>| key.to_string()).collect();
    let near = nearest(field, names.iter().map(String::as_str)).map(str::to_owned);
    let help = match &near {
        Some(near) => format!("did you mean `{near}`?"),
        None if matches!(field, "first" | "last" | "length") => format!("write `|{field}`"),
        None if array.is_list() => format!("it has {} entries, counted from 0", array.len()),
        None => format!("it has {}", listed(names.iter().map(String::as_str))),
    };
    (format!("{of} has no field `{field}`"), Some(help), near)
}

fn described(value: &Value) -> String {
    match value {
        Value::Str(_) | Value::Markup(_) => format!("the string {}", value.shown()),
        Value::Int(_) | Value::Float(_) => format!("the number {}", value.shown()),
        other => other.shown(),
    }
}

/// The path of fields that an expression is, as templates write it.
fn path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.key.as_ref().to_string()),
        ExprKind::Context => Some("_context".to_owned()),
        ExprKind::Attribute(attribute) => {
            Some(format!("{}.{}", path(&attribute.object)?, attribute.key.as_ref()?.as_ref()))
        }
        _ => None,
    }
}
