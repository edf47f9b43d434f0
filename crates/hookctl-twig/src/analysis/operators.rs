//! Operators on types for which they fail or give surprising results.

use super::expression::name_of;
use super::{AbstractValue, Analyzer, Kind, Type};
use crate::ast::{Binary, Expr};
use crate::value::{Number, Value};

impl Analyzer<'_> {
    pub(super) fn binary(&mut self, op: Binary, left: &Expr, right: &Expr) -> AbstractValue {
        let a = self.infer(left);
        let outside = self.guards.len();
        if matches!(op, Binary::And | Binary::Or) {
            let holds = self.asserted(left, op == Binary::And);
            self.guards.extend(holds);
        }
        let b = self.infer(right);
        self.guards.truncate(outside);
        let kind = match op {
            Binary::Add if a.ty.kind.is_collection() && b.ty.kind.is_collection() => a.ty.kind,
            Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::FloorDiv | Binary::Mod | Binary::Power => {
                self.check_operand(left, &a);
                self.check_operand(right, &b);
                if matches!(op, Binary::Div | Binary::FloorDiv | Binary::Mod) && a.constant.is_none() {
                    self.check_divisor(right, &b);
                }
                number(a.ty.kind, b.ty.kind)
            }
            Binary::StartsWith | Binary::EndsWith => {
                self.check_prefix_subject(left, &a);
                Kind::Bool
            }
            Binary::Matches => {
                if a.ty.kind.is_collection() {
                    let message = format!("`matches` fails on {}", a.ty.kind.text());
                    self.mistyped(left.span, message, "match a string, or write `'…' in list`");
                }
                Kind::Bool
            }
            Binary::Range => Kind::List,
            Binary::Spaceship | Binary::BitOr | Binary::BitXor | Binary::BitAnd => Kind::Any,
            _ => {
                self.check_comparison(op, left, &a, right, &b);
                Kind::Bool
            }
        };
        AbstractValue::of(Type::of(kind))
    }

    fn check_prefix_subject(&mut self, left: &Expr, inferred: &AbstractValue) {
        if matches!(inferred.ty.kind, Kind::Int | Kind::Float | Kind::Bool) || inferred.ty.kind.is_collection() {
            let message = format!("`starts with` and `ends with` are always false for {}", inferred.ty.kind.text());
            self.mistyped(left.span, message, "convert it to a string first: `(value ~ '')`");
        }
    }

    fn check_comparison(&mut self, op: Binary, left: &Expr, a: &AbstractValue, right: &Expr, b: &AbstractValue) {
        let span = left.span.to(right.span);
        let found = match op {
            Binary::Equal | Binary::NotEqual => never_equal(op, a, b).or_else(|| bool_against_string(a, b)),
            Binary::In | Binary::NotIn => never_in(op, a, b),
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => out_of_order(a, b),
            _ => None,
        };
        if let Some((message, help)) = found {
            self.mistyped(span, message, help);
        }
    }

    /// An operand of arithmetic.
    pub(super) fn check_operand(&mut self, expr: &Expr, inferred: &AbstractValue) {
        let what = name_of(inferred);
        if inferred.ty.kind.is_collection() {
            let message = format!("{what} is {}: arithmetic on it fails", inferred.ty.kind.text());
            self.mistyped(expr.span, message, "use `|length` or one of its entries");
        } else if inferred.ty.kind.is_text() && !inferred.paths.is_empty() {
            let message = format!("{what} is {}: arithmetic fails unless it is numeric", inferred.ty.kind.text());
            let help = match inferred.ty.kind {
                Kind::DateTime => "use `|date_modify('+1 day')`, or seconds: `|date('U')`",
                _ => "join strings with `~`",
            };
            self.mistyped(expr.span, message, help);
        } else if let Some(text) = no_number(inferred) {
            let message = format!("\"{text}\" is not a number: arithmetic on it fails");
            self.mistyped(expr.span, message, "join strings with `~`");
        } else if inferred.ty.kind == Kind::Moment {
            let help = "use `|date_modify('+1 day')`, or seconds: `|date('U')`";
            self.mistyped(expr.span, "a date is not a number: arithmetic on it fails", help);
        }
    }

    /// What is divided by.
    fn check_divisor(&mut self, expr: &Expr, inferred: &AbstractValue) {
        if inferred.constant.as_ref().is_some_and(|value| !matches!(value, Value::Str(_)) && value.to_float() == 0.0) {
            self.mistyped(expr.span, "division by zero always fails", "divide by a number other than 0");
        }
    }
}

/// What is wrong, and what to write instead.
type Complaint = Option<(String, &'static str)>;

/// The text of a constant that is not a number.
fn no_number(inferred: &AbstractValue) -> Option<&str> {
    match &inferred.constant {
        Some(Value::Str(text)) if Number::parse_prefix(text).is_none() => Some(text),
        _ => None,
    }
}

fn pair<'f>(
    a: &'f AbstractValue,
    b: &'f AbstractValue,
    test: impl Fn(&AbstractValue, &AbstractValue) -> bool,
) -> Option<(&'f AbstractValue, &'f AbstractValue)> {
    if test(a, b) {
        Some((a, b))
    } else if test(b, a) {
        Some((b, a))
    } else {
        None
    }
}

fn never_equal(op: Binary, a: &AbstractValue, b: &AbstractValue) -> Complaint {
    let always = if op == Binary::Equal { "false" } else { "true" };
    let scalar = |kind: Kind| kind.is_text() || kind.is_number();
    if let Some((list, other)) = pair(a, b, |a, b| a.ty.kind.is_collection() && scalar(b.ty.kind)) {
        let (list, other) = (list.ty.kind.text(), other.ty.kind.text());
        let message = format!("{list} never equals {other}: this is always {always}");
        return Some((message, "write `value in list`, or compare `list|length`"));
    }
    let (number, text) = pair(a, b, |a, b| a.ty.kind.is_number() && a.constant.is_none() && no_number(b).is_some())?;
    let (what, text) = (name_of(number), no_number(text)?);
    let message =
        format!("{what} is {}, which never equals \"{text}\": this is always {always}", number.ty.kind.text());
    // Null equals an empty text.
    let blank = text.is_empty() && number.ty.nullable;
    (!blank).then_some((message, "compare with a number"))
}

/// A boolean against a string, which PHP turns into a boolean too.
fn bool_against_string(a: &AbstractValue, b: &AbstractValue) -> Complaint {
    let (flag, text) = pair(a, b, |a, b| a.ty.kind == Kind::Bool && matches!(&b.constant, Some(Value::Str(_))))?;
    let message = format!("{} is a boolean, and any string except \"\" and \"0\" equals true", name_of(flag));
    let certain =
        matches!(&text.constant, Some(Value::Str(text)) if !text.is_empty() && **text != *"0" && **text != *"1");
    certain.then_some((message, "compare with `true` or `false`, without quotes"))
}

fn never_in(op: Binary, a: &AbstractValue, b: &AbstractValue) -> Complaint {
    let always = if op == Binary::In { "false" } else { "true" };
    if b.ty.kind.is_number() || b.ty.kind == Kind::Bool {
        let message = format!("{} contains nothing: this is always {always}", b.ty.kind.text());
        return Some((message, "`in` searches lists, mappings and strings"));
    }
    if a.ty.kind.is_collection() && b.ty.kind.is_text() {
        let message = format!("{} is never in {}: this is always {always}", a.ty.kind.text(), b.ty.kind.text());
        return Some((message, "swap them: `'text' in list`"));
    }
    let Some(Value::Array(list)) = &b.constant else { return None };
    let words =
        |value: &Value| matches!(value, Value::Str(text) if !text.is_empty() && Number::parse_prefix(text).is_none());
    let none = a.ty.kind.is_number() && a.constant.is_none() && !list.is_empty() && list.values().all(words);
    let message =
        || format!("{} is {}, but the list has only words: this is always {always}", name_of(a), a.ty.kind.text());
    none.then(|| (message(), "list numbers instead"))
}

fn out_of_order(a: &AbstractValue, b: &AbstractValue) -> Complaint {
    let scalar = |kind: Kind| kind.is_text() || kind.is_number();
    if let Some((list, other)) = pair(a, b, |a, b| a.ty.kind.is_collection() && scalar(b.ty.kind)) {
        let (list, other) = (list.ty.kind.text(), other.ty.kind.text());
        return Some((format!("{list} is always greater than {other}"), "compare its length: `list|length`"));
    }
    if pair(a, b, |a, b| a.ty.kind == Kind::Moment && b.ty.kind == Kind::DateTime).is_some() {
        let message = "a date string can't be compared with a date object";
        return Some((message.into(), "convert both: `date(a) < date(b)`"));
    }
    let is_day = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let (_, text) = pair(a, b, |a, b| {
        a.ty.kind == Kind::DateTime && matches!(&b.constant, Some(Value::Str(text)) if !is_day(text))
    })?;
    let Some(Value::Str(text)) = &text.constant else { return None };
    let message = format!("a date is compared with \"{text}\" as a string, character by character");
    Some((message, "convert both: `date(a) < date('now')`"))
}

fn number(a: Kind, b: Kind) -> Kind {
    match (a, b) {
        (Kind::Float, Kind::Int | Kind::Float) | (Kind::Int, Kind::Float) => Kind::Float,
        _ => Kind::Any,
    }
}
