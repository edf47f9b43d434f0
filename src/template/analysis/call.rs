//! Calls on types that they are not for: each parameter of the library says what it takes.

use super::expression::name_of;
use super::guard::is_blank;
use super::types::result;
use super::{DEEPEST_CALL, DoubtKind, Fact, Kind, MOST_CALLS, Sight, Type, Walk};
use crate::span::Span;
use crate::template::Value;
use crate::template::ast::{Argument, Call, CallKind, Expr, ExprKind, Macro, MacroCall};
use crate::template::library::{Param, Takes};
use crate::template::value::Number;
use crate::text::suggest::nearest;

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span) -> Fact {
        let entry = match (call.callable.name, call.arguments.first()) {
            ("map" | "filter" | "reduce" | "sort", Some(Argument::Given(subject))) => Some(subject),
            _ => None,
        };
        let mut facts = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            facts.push(match argument {
                Argument::Given(expr) if entry.is_some() && matches!(expr.kind, ExprKind::Arrow(_)) => {
                    self.arrow(call.callable.name, expr, facts.first())
                }
                Argument::Given(expr) => self.fact(expr),
                Argument::Default(_) => Fact::unknown(),
            });
        }
        let before = self.doubts.len();
        for (index, argument) in call.arguments.iter().enumerate() {
            if let Argument::Given(expr) = argument {
                let param = call.callable.params.get(index).or(call.callable.params.last());
                let param = param.filter(|_| index < call.callable.params.len() || call.callable.variadic);
                self.argument(call, index, param, expr, &facts);
            }
        }
        if self.doubts.len() == before {
            self.arguments_alone(call, &facts, span);
        }
        if call.kind == CallKind::Test {
            return Fact::of(Type::of(Kind::Bool));
        }
        let (Some(Argument::Given(_)), Some(fact), CallKind::Filter) =
            (call.arguments.first(), facts.first(), call.kind)
        else {
            return Fact::of(result(call.callable.name));
        };
        match call.callable.name {
            "slice" | "reverse" | "sort" | "filter" if fact.ty.kind == Kind::List => {
                Fact { paths: fact.paths.clone(), ..Fact::of(Type { nullable: false, ..fact.ty }) }
            }
            "first" | "last" => Fact { paths: Vec::new(), ..self.entry(fact) },
            "raw" | "slice" | "reverse" | "round" | "abs" => Fact::of(fact.ty),
            "date" => Fact::of(Type::of(Kind::Text)),
            name => Fact::of(result(name)),
        }
    }

    /// An arrow function whose first parameters are known: the entry of the list that goes through it.
    fn arrow(&mut self, filter: &str, expr: &Expr, list: Option<&Fact>) -> Fact {
        let ExprKind::Arrow(arrow) = &expr.kind else { return self.fact(expr) };
        let entry = list.map_or_else(Fact::unknown, |list| self.entry(list));
        let before = self.variables.clone();
        for (index, param) in arrow.params.iter().enumerate() {
            let is_entry = match filter {
                "reduce" => index == 1,
                "sort" => true,
                _ => index == 0,
            };
            self.set(param, if is_entry { entry.clone() } else { Fact::unknown() });
        }
        self.fact(&arrow.body);
        self.variables = before;
        Fact::unknown()
    }

    /// An argument of a type that its parameter is not for.
    fn argument(&mut self, call: &Call, index: usize, param: Option<&Param>, expr: &Expr, facts: &[Fact]) {
        let (Some(param), Some(fact)) = (param, facts.get(index)) else { return };
        let name = call.callable.name;
        let subject = index == 0 && call.kind != CallKind::Function;
        let span = if subject { expr.span.to(call.name) } else { expr.span };
        if index == 0 && call.kind != CallKind::Test {
            self.null_subject(call, param.takes, expr, fact, span);
        }
        let Some(wanted) = refused(param.takes, fact) else { return };
        let kind = fact.ty.kind.text();
        let what = match (&fact.constant, subject) {
            (Some(Value::Str(text)), _) => format!("\"{text}\""),
            _ => name_of(fact),
        };
        let message = match subject {
            true => format!("`{name}` is for {wanted}, and {what} is {kind}"),
            false if index < call.callable.params.len() => {
                format!("`{name}` takes {wanted} as `{}`, and {what} is {kind}", param.name)
            }
            false => format!("`{name}` takes {wanted}, and {what} is {kind}"),
        };
        let certain = fact.constant.is_some() && !subject && self.fails(call, facts);
        let doubt = if certain { DoubtKind::Argument } else { DoubtKind::Mistyped };
        self.note(doubt, span, message, instead(name, subject, param.takes, fact));
    }

    /// What null does in a filter that does not expect it.
    fn null_subject(&mut self, call: &Call, takes: Takes, expr: &Expr, fact: &Fact, span: Span) {
        let filter = call.callable.name;
        let today = takes == Takes::Date;
        let path = match &expr.kind {
            // A blank date is as good as none.
            ExprKind::Default(sides) | ExprKind::Coalesce(sides) if today && is_blank(&sides.1) => {
                self.paths(&sides.0).into_iter().find(|path| self.type_of(path).nullable)
            }
            _ if fact.ty.nullable => fact.paths.first().cloned(),
            _ => None,
        };
        let Some(path) = path.filter(|path| !self.guards.iter().any(|guard| guard.starts_with(path))) else { return };
        let (what, name) = (super::path_in_words(&path), path.join("."));
        match takes {
            Takes::Date => {
                let message = format!("{what} can be blank, and `{filter}` takes that for now: a wrong date goes out");
                let help = match call.kind {
                    CallKind::Filter => format!("write `{{{{ {name} ? {name}|{filter}(…) : '' }}}}`"),
                    _ => format!("ask first: `{{% if {name} %}}…{{% endif %}}`"),
                };
                self.doubt(span, message, &help);
            }
            Takes::Array => {
                let message = format!("{what} can be null, and `{filter}` fails then");
                self.doubt(span, message, &format!("write `({name} ?? [])|{filter}(…)`"));
            }
            _ => {}
        }
    }

    /// A macro is followed with what its arguments are.
    pub(super) fn macro_call(&mut self, call: &MacroCall) -> Fact {
        let facts: Vec<Fact> = call.arguments.iter().map(|argument| self.fact(argument)).collect();
        let program = self.program;
        let Some(index) = program.macros.iter().position(|m| m.name.eq_ignore_ascii_case(&call.name)) else {
            self.no_macro(call);
            return Fact::unknown();
        };
        if self.depth < DEEPEST_CALL && self.calls < MOST_CALLS {
            self.calls += 1;
            self.follow(index, facts);
        }
        Fact::unknown()
    }

    fn no_macro(&mut self, call: &MacroCall) {
        let near = nearest(&call.name, self.program.macros.iter().map(|m| m.name.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write it: `{{% macro {}(…) %}}…{{% endmacro %}}`", call.name),
        };
        let replacement = near.map(str::to_owned);
        self.note(DoubtKind::Argument, call.span, format!("this template has no macro `{}`", call.name), help);
        if let Some(doubt) = self.doubts.last_mut() {
            doubt.replacement = replacement;
        }
    }

    fn follow(&mut self, index: usize, facts: Vec<Fact>) {
        let program = self.program;
        let Some(Macro { params, body, .. }) = program.macros.get(index) else { return };
        self.followed.insert(index);
        self.depth += 1;
        let outer = std::mem::take(&mut self.variables);
        let guards = std::mem::take(&mut self.guards);
        let sight = std::mem::replace(&mut self.sight, Sight::Macro);
        let mut facts = facts.into_iter();
        for (param, _) in params {
            let fact = facts.next().unwrap_or_else(Fact::unknown);
            self.set(param, fact);
        }
        self.variables.insert("varargs".to_owned(), Fact::of(Type::of(Kind::List)));
        self.body(body);
        self.variables = outer;
        self.guards = guards;
        self.sight = sight;
        self.depth -= 1;
    }

    /// What is wrong in them is wrong all the same.
    pub(super) fn macros_that_nobody_calls(&mut self) {
        for index in 0..self.program.macros.len() {
            if !self.followed.contains(&index) {
                self.follow(index, Vec::new());
            }
        }
    }
}

/// What a parameter wants instead of what it gets; none where that will do, or is not known.
pub(super) fn refused(takes: Takes, fact: &Fact) -> Option<&'static str> {
    let kind = fact.ty.kind;
    let scalar = kind.is_text() || kind.is_number() || matches!(kind, Kind::Bool | Kind::Moment);
    let word = matches!(&fact.constant, Some(Value::Str(text)) if Number::parse(text).is_none());
    let refused = match takes {
        Takes::Anything => false,
        Takes::Text | Takes::Date => kind.is_collection(),
        Takes::Number => kind.is_collection() || kind.is_text() || word,
        Takes::Numeric => kind.is_collection() || word,
        Takes::Array | Takes::List | Takes::Pairs => scalar || (fact.constant.is_some() && word),
        Takes::Arrow => scalar || kind.is_collection(),
    };
    if !refused {
        return None;
    }
    Some(match takes {
        Takes::Number | Takes::Numeric => "numbers",
        Takes::Text => "texts and numbers",
        Takes::Date => "dates",
        Takes::Pairs => "a mapping",
        Takes::Arrow => "an arrow function",
        Takes::Array | Takes::List | Takes::Anything => "lists",
    })
}

fn instead(name: &str, subject: bool, takes: Takes, fact: &Fact) -> String {
    let listed = fact.ty.kind.is_collection();
    match (takes, name) {
        (Takes::Pairs, _) => "write `|replace({'from': 'to'})`".into(),
        (Takes::Arrow, "map") => "write `|map(v => v.name)`".into(),
        (Takes::Arrow, _) => "write `v => …`".into(),
        (Takes::List, "join") => "leave `join` out, or split it first".into(),
        (Takes::Array | Takes::List, _) if subject => "a text is split with `|split(',')`".into(),
        (Takes::Array | Takes::List, _) => "write a list: `[…]`".into(),
        _ if listed && subject => "use it on each entry: `|map(v => …)`, or `|join(', ')` first".into(),
        _ if listed => "take one entry, such as `|first`".into(),
        _ => "use a number".into(),
    }
}
