//! Calls with arguments of the wrong type, checked against the signature.

use super::expression::name_of;
use super::guard::is_blank;
use super::{AbstractValue, Analyzer, DEEPEST_CALL, IssueKind, Kind, MOST_CALLS, ScopeKind, Type};
use crate::ast::{Argument, Arrow, Call, CallKind, Expr, ExprKind, Macro, MacroCall};
use crate::library::{Param, ParamType, Returns};
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::{Number, Value};

impl Analyzer<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span) -> AbstractValue {
        let signature = &call.callable.signature;
        let mut all_inferred = Vec::with_capacity(call.arguments.len());
        for (index, argument) in call.arguments.iter().enumerate() {
            all_inferred.push(match (argument, signature.params.get(index)) {
                (
                    Argument::Given(Expr { kind: ExprKind::Arrow(arrow), .. }),
                    Some(Param { ty: ParamType::Arrow(entries), .. }),
                ) => self.arrow(arrow, entries, all_inferred.first()),
                (Argument::Given(expr), _) => self.infer(expr),
                (Argument::Default(_), _) => AbstractValue::unknown(),
            });
        }
        let before = self.issues.len();
        for (index, argument) in call.arguments.iter().enumerate() {
            if let Argument::Given(expr) = argument {
                let param = signature.params.get(index).or(signature.params.last().filter(|_| signature.variadic));
                self.check_argument(call, index, param, expr, &all_inferred);
            }
        }
        if self.issues.len() == before {
            self.check_constant_arguments(call, &all_inferred, span);
        }
        self.result(signature.returns, all_inferred.first())
    }

    /// The type of a call's result, from its signature.
    fn result(&self, returns: Returns, subject: Option<&AbstractValue>) -> AbstractValue {
        let of = |kind| AbstractValue::of(Type::of(kind));
        let Some(subject) = subject else {
            return match returns {
                Returns::Kind(kind) => of(kind),
                _ => AbstractValue::unknown(),
            };
        };
        let is_list = subject.ty.kind == Kind::List;
        match returns {
            Returns::Kind(kind) => of(kind),
            Returns::Number if !subject.ty.kind.is_number() => of(Kind::Any),
            Returns::Entry => AbstractValue { paths: Vec::new(), ..self.entry(subject) },
            Returns::Part | Returns::Entries if is_list => {
                let ty = Type { nullable: false, ..subject.ty };
                AbstractValue { paths: subject.paths.clone(), ..AbstractValue::of(ty) }
            }
            Returns::Entries | Returns::Collection => of(Kind::List),
            Returns::Subject | Returns::Number | Returns::Part => AbstractValue::of(subject.ty),
        }
    }

    /// An arrow function, with the positions of its parameters that get entries of the list.
    fn arrow(&mut self, arrow: &Arrow, entries: &[usize], list: Option<&AbstractValue>) -> AbstractValue {
        let entry = list.map_or_else(AbstractValue::unknown, |list| self.entry(list));
        let before = self.variables.clone();
        for (index, param) in arrow.params.iter().enumerate() {
            self.set(param, if entries.contains(&index) { entry.clone() } else { AbstractValue::unknown() });
        }
        self.infer(&arrow.body);
        self.variables = before;
        AbstractValue::unknown()
    }

    /// Reports an argument of a type that its parameter is not meant for.
    fn check_argument(
        &mut self,
        call: &Call,
        index: usize,
        param: Option<&Param>,
        expr: &Expr,
        all_inferred: &[AbstractValue],
    ) {
        let (Some(param), Some(inferred)) = (param, all_inferred.get(index)) else { return };
        let name = call.callable.signature.name;
        let subject = index == 0 && call.kind != CallKind::Function;
        let span = if subject { expr.span.to(call.name) } else { expr.span };
        if index == 0 && call.kind != CallKind::Test {
            self.check_null_subject(call, param.ty, expr, inferred, span);
        }
        let Some(wanted) = mismatch(param.ty, inferred) else { return };
        let kind = inferred.ty.kind.text();
        let what = match (&inferred.constant, subject) {
            (Some(Value::Str(text)), _) => format!("\"{text}\""),
            _ => name_of(inferred),
        };
        let message = match subject {
            true => format!("`{name}` needs {wanted}, but {what} is {kind}"),
            false if index < call.callable.signature.params.len() => {
                format!("`{}` of `{name}` must be {wanted}, but {what} is {kind}", param.name)
            }
            false => format!("`{name}` needs {wanted}, but {what} is {kind}"),
        };
        let certain = inferred.constant.is_some() && !subject && self.fails(call, all_inferred);
        let issue = if certain { IssueKind::Argument } else { IssueKind::Mistyped };
        self.note(issue, span, message, help_for(param, subject, inferred));
    }

    /// Reports a subject that can be null in a filter that does something surprising with null.
    fn check_null_subject(&mut self, call: &Call, ty: ParamType, expr: &Expr, inferred: &AbstractValue, span: Span) {
        let filter = call.callable.signature.name;
        let today = ty == ParamType::Date;
        let path = match &expr.kind {
            // Falling back to an empty date is the same as having none.
            ExprKind::Default(sides) | ExprKind::Coalesce(sides) if today && is_blank(&sides.1) => {
                self.paths(&sides.0).into_iter().find(|path| self.type_of(path).nullable)
            }
            _ if inferred.ty.nullable => inferred.paths.first().cloned(),
            _ => None,
        };
        let Some(path) = path.filter(|path| !self.guards.iter().any(|guard| guard.starts_with(path))) else { return };
        let (what, name) = (super::path_in_words(&path), path.join("."));
        match ty {
            ParamType::Date => {
                let message = format!("{what} can be blank, which `{filter}` treats as \"now\": a wrong date is sent");
                let help = match call.kind {
                    CallKind::Filter => format!("write `{{{{ {name} ? {name}|{filter}(…) : '' }}}}`"),
                    _ => format!("check it first: `{{% if {name} %}}…{{% endif %}}`"),
                };
                self.mistyped(span, message, &help);
            }
            ParamType::Array => {
                let message = format!("{what} can be null, and `{filter}` fails on null");
                self.mistyped(span, message, &format!("write `({name} ?? [])|{filter}(…)`"));
            }
            _ => {}
        }
    }

    /// A macro is analyzed with the types of its arguments.
    pub(super) fn macro_call(&mut self, call: &MacroCall) -> AbstractValue {
        let all_inferred: Vec<AbstractValue> = call.arguments.iter().map(|argument| self.infer(argument)).collect();
        let program = self.program;
        let Some(index) = program.macros.iter().position(|m| m.name.eq_ignore_ascii_case(&call.name)) else {
            self.unknown_macro(call);
            return AbstractValue::unknown();
        };
        if self.depth < DEEPEST_CALL && self.calls < MOST_CALLS {
            self.calls += 1;
            self.follow(index, all_inferred);
        }
        AbstractValue::unknown()
    }

    fn unknown_macro(&mut self, call: &MacroCall) {
        let near = nearest(&call.name, self.program.macros.iter().map(|m| m.name.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("define it: `{{% macro {}(…) %}}…{{% endmacro %}}`", call.name),
        };
        let replacement = near.map(str::to_owned);
        self.note(IssueKind::Argument, call.span, format!("this template has no macro `{}`", call.name), help);
        if let Some(issue) = self.issues.last_mut() {
            issue.replacement = replacement;
        }
    }

    fn follow(&mut self, index: usize, all_inferred: Vec<AbstractValue>) {
        let program = self.program;
        let Some(Macro { params, body, .. }) = program.macros.get(index) else { return };
        self.followed.insert(index);
        self.depth += 1;
        let outer = std::mem::take(&mut self.variables);
        let guards = std::mem::take(&mut self.guards);
        let scope = std::mem::replace(&mut self.scope, ScopeKind::Macro);
        let mut all_inferred = all_inferred.into_iter();
        for (param, _) in params {
            let inferred = all_inferred.next().unwrap_or_else(AbstractValue::unknown);
            self.set(param, inferred);
        }
        self.variables.insert("varargs".to_owned(), AbstractValue::of(Type::of(Kind::List)));
        self.body(body);
        self.variables = outer;
        self.guards = guards;
        self.scope = scope;
        self.depth -= 1;
    }

    /// Macros that are never called are checked too.
    pub(super) fn uncalled_macros(&mut self) {
        for index in 0..self.program.macros.len() {
            if !self.followed.contains(&index) {
                self.follow(index, Vec::new());
            }
        }
    }
}

/// What a parameter needs instead of a value; none if the value fits, or is not known.
pub(super) fn mismatch(ty: ParamType, inferred: &AbstractValue) -> Option<&'static str> {
    let kind = inferred.ty.kind;
    let scalar = kind.is_text() || kind.is_number() || matches!(kind, Kind::Bool | Kind::Moment);
    let word = matches!(&inferred.constant, Some(Value::Str(text)) if Number::parse(text).is_none());
    let mismatch = match ty {
        ParamType::Anything | ParamType::Flag => false,
        ParamType::Text | ParamType::Date => kind.is_collection(),
        ParamType::Number => kind.is_collection() || kind.is_text() || word,
        ParamType::Numeric => kind.is_collection() || word,
        ParamType::Array | ParamType::List | ParamType::Pairs => scalar || (inferred.constant.is_some() && word),
        ParamType::Arrow(_) => scalar || kind.is_collection(),
    };
    if !mismatch {
        return None;
    }
    Some(match ty {
        ParamType::Number | ParamType::Numeric => "a number",
        ParamType::Text => "a string or number",
        ParamType::Date => "a date",
        ParamType::Pairs => "a mapping",
        ParamType::Arrow(_) => "an arrow function",
        ParamType::Array | ParamType::List | ParamType::Anything | ParamType::Flag => "a list",
    })
}

fn help_for(param: &Param, subject: bool, inferred: &AbstractValue) -> &'static str {
    if let Some(hint) = param.hint {
        return hint;
    }
    let listed = inferred.ty.kind.is_collection();
    match param.ty {
        ParamType::Arrow(_) => "write `v => …`",
        ParamType::Array | ParamType::List | ParamType::Pairs if subject => "split a string with `|split(',')`",
        ParamType::Array | ParamType::List | ParamType::Pairs => "write a list: `[…]`",
        _ if listed && subject => "use it on each entry: `|map(v => …)`, or `|join(', ')` first",
        _ if listed => "take one entry, such as `|first`",
        _ => "use a number",
    }
}
