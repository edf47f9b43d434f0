//! Literals, names, and what follows an operand: fields, calls, slices, filters.

use super::call::Written;
use super::{Kind, Op, Parse, Parser};
use crate::ast::{Access, Argument, Attribute, Binary, Call, CallKind, Expr, ExprKind, MacroCall, Name, Unary};
use crate::error::{Error, ErrorKind};
use crate::span::Span;
use crate::value::{Key, Value};
use crate::{foreign, library};

impl<'s> Parser<'s> {
    /// A literal, a name or a signed operand, with what follows it.
    pub(super) fn operand(&mut self) -> Parse<Expr> {
        let expr = self.deeper(Self::bare_operand)?;
        self.postfix(expr)
    }

    fn bare_operand(&mut self) -> Parse<Expr> {
        let span = self.span();
        match self.kind().clone() {
            Kind::Name(name) => {
                self.next();
                self.name(name, span)
            }
            Kind::Int(number) => {
                self.next();
                Ok(Self::constant(Value::Int(number), span))
            }
            Kind::Float(number) => {
                self.next();
                Ok(Self::constant(Value::Float(number), span))
            }
            Kind::Str(_) | Kind::InterpolationStart => self.string(),
            Kind::Op(op) if op.as_name().is_some() => {
                self.next();
                Ok(self.variable(op.text(), span))
            }
            Kind::Op(Op::Binary(op @ (Binary::Sub | Binary::Add))) => {
                self.next();
                let operand = self.operand()?;
                self.unary(if op == Binary::Sub { Unary::Neg } else { Unary::Pos }, span, operand)
            }
            Kind::Op(Op::Assign) => Err(self.strict_comparison(span)),
            Kind::Punct(b'[') => self.list(),
            Kind::Punct(b'{') => self.hash(),
            _ => Err(self.no_operand()),
        }
    }

    fn strict_comparison(&mut self, span: Span) -> super::Stop {
        let before = self.at.checked_sub(1).map(|at| &self.tokens[at]);
        let strict = match before.map(|t| (&t.kind, t.span)) {
            Some((Kind::Op(Op::Binary(Binary::Equal)), at)) if at.end == span.start => {
                Some(("===", "is same as(…)", at))
            }
            Some((Kind::Op(Op::Binary(Binary::NotEqual)), at)) if at.end == span.start => {
                Some(("!==", "is not same as(…)", at))
            }
            _ => None,
        };
        let Some((text, test, at)) = strict else {
            return self.no_operand();
        };
        self.report(Error {
            kind: ErrorKind::NotInDialect,
            span: at.to(span),
            message: format!("`{text}` is not an operator"),
            help: Some(format!("write `{}`, or `{test}` for type and value", &text[..2])),
            replacement: Some(text[..2].to_owned()),
        })
    }

    /// Two signs before this place that are one operator elsewhere.
    fn foreign_signs(&self) -> Option<(foreign::ForeignSyntax, Span)> {
        let at_end = matches!(self.kind(), Kind::PrintEnd | Kind::TagEnd | Kind::End);
        let second = self.at.checked_sub(usize::from(at_end))?;
        match (self.tokens.get(second.checked_sub(1)?)?, self.tokens.get(second)?) {
            (one, two) if one.span.end == two.span.start => match (&one.kind, &two.kind) {
                (Kind::Op(a), Kind::Op(b)) => Some((foreign::signs(a.text(), b.text())?, one.span.to(two.span))),
                _ => None,
            },
            _ => None,
        }
    }

    fn no_operand(&mut self) -> super::Stop {
        if let Some((found, span)) = self.foreign_signs() {
            return self.report(found.at(span));
        }
        let before = self.at.checked_sub(1).map(|at| self.tokens[at].kind.clone());
        let (kind, help) = match (self.kind(), before) {
            (Kind::Punct(b'.'), Some(Kind::Punct(b'?'))) => {
                (ErrorKind::NotInDialect, Some("`?.` is not needed: write `a.b ?? ''`"))
            }
            (Kind::Punct(b'.'), Some(Kind::PrintStart)) => {
                (ErrorKind::NotInDialect, Some("start with the variable's name: `{{ name.field }}`"))
            }
            (Kind::Op(Op::Binary(Binary::Div)), Some(Kind::PrintStart)) => {
                (ErrorKind::NotInDialect, Some("end tags look like `{% endif %}` or `{% endfor %}`"))
            }
            (Kind::Op(Op::Binary(Binary::Greater)), Some(Kind::PrintStart)) => {
                (ErrorKind::NotInDialect, Some("there are no partials: put the text here"))
            }
            (Kind::PrintEnd | Kind::TagEnd | Kind::End, Some(Kind::PrintStart)) => {
                (ErrorKind::Syntax, Some("write what to print, for example `{{ name }}`"))
            }
            _ => (ErrorKind::Syntax, None),
        };
        let message = match self.kind() {
            Kind::PrintEnd | Kind::TagEnd | Kind::End => "expected an expression before the end of the tag".to_owned(),
            other => format!("expected an expression, found {}", other.describe()),
        };
        self.report(Error { kind, span: self.span(), message, help: help.map(str::to_owned), replacement: None })
    }

    fn name(&mut self, name: &'s str, span: Span) -> Parse<Expr> {
        Ok(match name {
            "true" | "TRUE" => Self::constant(Value::Bool(true), span),
            "false" | "FALSE" => Self::constant(Value::Bool(false), span),
            "none" | "NONE" | "null" | "NULL" => Self::constant(Value::Null, span),
            _ if self.is_punct(b'(') => return self.function(name, span),
            _ => self.variable(name, span),
        })
    }

    pub(super) fn variable(&mut self, name: &str, span: Span) -> Expr {
        let kind = match name {
            "_self" => ExprKind::Itself,
            "_context" => ExprKind::Context,
            "_charset" => ExprKind::Charset,
            _ => {
                let asks_loop = name == "loop" && !self.loops.is_empty();
                if let Some((_, with_loop)) = self.loops.last_mut().filter(|_| asks_loop) {
                    *with_loop = true;
                }
                let bound = asks_loop || self.loops.iter().any(|(names, _)| names.contains(&name));
                ExprKind::Name(Name { key: Key::from_str(name), bound })
            }
        };
        Expr { kind, span, height: 1 }
    }

    fn string(&mut self) -> Parse<Expr> {
        let mut whole: Option<Expr> = None;
        let mut constant_may_follow = true;
        loop {
            let part = match self.kind().clone() {
                Kind::Str(text) if constant_may_follow => {
                    constant_may_follow = false;
                    let span = self.next();
                    Self::constant(Value::str(text), span)
                }
                Kind::InterpolationStart => {
                    constant_may_follow = true;
                    self.next();
                    let part = self.expression()?;
                    if *self.kind() != Kind::InterpolationEnd {
                        return Err(self.unexpected("the `}` that ends `#{`"));
                    }
                    self.next();
                    part
                }
                _ => break,
            };
            whole = Some(match whole {
                Some(before) => self.concat(before, part)?,
                None => part,
            });
        }
        whole.ok_or(super::Stop)
    }

    fn list(&mut self) -> Parse<Expr> {
        let start = self.next();
        let mut items = Vec::new();
        let mut below = 0;
        while !self.is_punct(b']') {
            if !items.is_empty() {
                self.expect_punct(b',', "`,` or `]`")?;
                if self.is_punct(b']') {
                    break;
                }
            }
            let item = self.expression()?;
            below = below.max(item.height);
            items.push(item);
        }
        let span = start.to(self.next());
        self.node(ExprKind::List(items), span, below)
    }

    fn hash(&mut self) -> Parse<Expr> {
        let start = self.next();
        let mut pairs: Vec<(Expr, Expr)> = Vec::new();
        let mut below = 0;
        while !self.is_punct(b'}') {
            if !pairs.is_empty() {
                self.expect_punct(b',', "`,` or `}`")?;
                if self.is_punct(b'}') {
                    break;
                }
            }
            let (key, value) = self.pair()?;
            below = below.max(key.height).max(value.height);
            pairs.push((key, value));
        }
        let span = start.to(self.next());
        self.node(ExprKind::Hash(pairs), span, below)
    }

    fn pair(&mut self) -> Parse<(Expr, Expr)> {
        let span = self.span();
        let key = match self.kind().clone() {
            Kind::Name(name) => {
                self.next();
                if self.is_punct(b',') || self.is_punct(b'}') {
                    let value = self.variable(name, span);
                    return Ok((Self::constant(Value::str(name), span), value));
                }
                Self::constant(Value::str(name), span)
            }
            Kind::Str(text) => {
                self.next();
                Self::constant(Value::str(text), span)
            }
            Kind::Int(number) => {
                self.next();
                Self::constant(Value::Int(number), span)
            }
            Kind::Float(number) => {
                self.next();
                Self::constant(Value::Float(number), span)
            }
            Kind::Punct(b'(') => self.expression()?,
            other => {
                let message = format!(
                    "a key must be a name, a string, a number or an expression in `(…)`, not {}",
                    other.describe()
                );
                return Err(self.error(span, message, None));
            }
        };
        if self.at.checked_sub(3).is_some_and(|at| self.tokens[at].kind == Kind::PrintStart)
            && *self.kind() != Kind::Punct(b':')
        {
            let at = self.tokens[self.at - 2].span;
            return Err(self.report(foreign::raw_print().at(at)));
        }
        self.expect_punct(b':', "`:` and a value after the key")?;
        Ok((key, self.expression()?))
    }

    /// Fields, calls, slices and filters after an operand.
    pub(super) fn postfix(&mut self, mut expr: Expr) -> Parse<Expr> {
        loop {
            expr = match self.kind() {
                Kind::Punct(b'.') => self.field(expr)?,
                Kind::Punct(b'[') => self.item(expr)?,
                Kind::Punct(b'|') => {
                    if *self.look(1) == Kind::Punct(b'|') {
                        return Ok(expr);
                    }
                    self.next();
                    self.filter(expr)?
                }
                _ => return Ok(expr),
            };
        }
    }

    fn field(&mut self, object: Expr) -> Parse<Expr> {
        self.next();
        let span = self.span();
        let (name, text) = match *self.kind() {
            Kind::Name(name) => (Value::str(name), Some(name)),
            // Any operator that begins as a name does, `not in` too.
            Kind::Op(op) if op.text().starts_with(|c: char| c.is_ascii_lowercase()) => {
                (Value::str(op.text()), Some(op.text()))
            }
            Kind::Int(number) => (Value::Int(number), None),
            Kind::Float(number) => (Value::Float(number), None),
            _ => return Err(self.unexpected("the name of a field")),
        };
        self.next();
        let (access, arguments) =
            if self.is_punct(b'(') { (Access::Method, self.positional()?) } else { (Access::Any, Vec::new()) };
        if let Some(call) = self.macro_of(&object, text, span) {
            return self.macro_call(call, arguments, object.span);
        }
        self.attribute(object, Self::constant(name, span), arguments, access)
    }

    /// The macro that `object.name` calls, where `object` is what `import` named, or `_self`.
    fn macro_of(&self, object: &Expr, name: Option<&str>, span: Span) -> Option<MacroCall> {
        let import = match &object.kind {
            ExprKind::Name(variable) => self.imported_template(&variable.key)?,
            _ => return None,
        };
        Some(MacroCall { name: name?.to_ascii_lowercase(), import: Some(import), arguments: Vec::new(), span })
    }

    fn imported_template(&self, key: &Key) -> Option<usize> {
        let Key::Str(name) = key else { return None };
        let find = |scope: &super::Symbols<'_>| {
            scope.templates.iter().rev().find(|(alias, _)| *alias == &**name).map(|(_, import)| *import)
        };
        self.scopes.last().and_then(find).or_else(|| self.scopes.first().and_then(find))
    }

    pub(super) fn imported_function(&self, name: &str) -> Option<(&'s str, usize)> {
        let find = |scope: &super::Symbols<'s>| {
            scope.functions.iter().rev().find(|(alias, ..)| *alias == name).map(|(_, of, import)| (*of, *import))
        };
        self.scopes.last().and_then(find).or_else(|| self.scopes.first().and_then(find))
    }

    pub(super) fn macro_call(&mut self, mut call: MacroCall, arguments: Vec<Expr>, from: Span) -> Parse<Expr> {
        let below = arguments.iter().map(|a| a.height).max().unwrap_or(0);
        let span = from.to(self.last());
        call.arguments = arguments;
        self.node(ExprKind::Macro(Box::new(call)), span, below)
    }

    fn item(&mut self, object: Expr) -> Parse<Expr> {
        let open = self.next();
        let start = if self.is_punct(b':') { None } else { Some(self.expression()?) };
        if !self.eat_punct(b':') {
            self.expect_punct(b']', "`]`")?;
            let Some(name) = start else { return Err(super::Stop) };
            return self.attribute(object, name, Vec::new(), Access::Item);
        }
        let nothing = Span::new(open.end, open.end);
        let start = start.unwrap_or_else(|| Self::constant(Value::Int(0), nothing));
        let length = if self.is_punct(b']') { Self::constant(Value::Null, nothing) } else { self.expression()? };
        self.expect_punct(b']', "`]`")?;
        let Some(slice) = library::filter("slice") else { return Err(super::Stop) };
        let written = [start, length].map(|value| Written { name: None, value }).into();
        let span = object.span.to(self.last());
        self.call(CallKind::Filter, slice, open.to(self.last()), Some(object), written, span)
    }

    pub(super) fn attribute(&mut self, object: Expr, name: Expr, arguments: Vec<Expr>, access: Access) -> Parse<Expr> {
        // However it is written, what is asked of `_self` by a constant name is a macro.
        if let (ExprKind::Itself, ExprKind::Const(of), false) = (&object.kind, &name.kind, access == Access::Given) {
            let name_of = of.to_text().unwrap_or_default().to_ascii_lowercase();
            let call = MacroCall { name: name_of, import: None, arguments: Vec::new(), span: name.span };
            return self.macro_call(call, arguments, object.span);
        }
        let key = super::call::constant_key(&name);
        let of_loop = matches!(&object.kind, ExprKind::Name(n) if n.key == Key::from_str("loop"));
        let parent = !matches!(name.kind, ExprKind::Const(_)) || key == Some(Key::from_str("parent"));
        if parent && (of_loop || self.loops.last().is_some_and(|(_, with_loop)| *with_loop)) {
            self.loops.iter_mut().for_each(|(_, with_loop)| *with_loop = true);
        }
        let below = arguments.iter().map(|a| a.height).max().unwrap_or(0).max(object.height).max(name.height);
        let span = object.span.to(self.last()).to(name.span);
        let attribute = Attribute { object, name, key, arguments, access };
        self.node(ExprKind::Attribute(Box::new(attribute)), span, below)
    }

    /// A filter and its arguments, after the `|`.
    pub(super) fn filter(&mut self, subject: Expr) -> Parse<Expr> {
        let (name, at) = self.expect_name("the name of a filter")?;
        let mut arguments = if self.is_punct(b'(') { self.arguments(true, true)? } else { Vec::new() };
        let span = subject.span.to(self.last());
        // Twig drops `raw` together with its arguments.
        if name == "raw" {
            arguments.clear();
        }
        if name == "default" {
            return self.default(subject, arguments, span);
        }
        let Some(filter) = library::filter(name) else {
            return Err(self.unknown(CallKind::Filter, name, at));
        };
        let subject = super::escape::subject(subject, filter);
        self.call(CallKind::Filter, filter, at, Some(subject), arguments, span)
    }

    /// A test, after `is`.
    pub(super) fn test(&mut self, subject: Expr) -> Parse<Expr> {
        let (mut name, mut at) = self.expect_name("the name of a test")?;
        let mut test = library::test(name);
        let two;
        if test.is_none()
            && name != "defined"
            && let Kind::Name(second) = *self.kind()
        {
            two = format!("{name} {second}");
            test = library::test(&two);
            if test.is_some() {
                at = at.to(self.next());
                name = "";
            }
        }
        let one = test.is_some_and(|t| matches!(t.signature.name, "same as" | "divisible by"));
        let mut arguments = if self.is_punct(b'(') {
            self.arguments(true, false)?
        } else if one {
            vec![Written { name: None, value: self.operand()? }]
        } else {
            Vec::new()
        };
        let span = subject.span.to(self.last());
        if name == "defined" {
            return self.defined(subject, span);
        }
        let Some(test) = test else {
            return Err(self.unknown(CallKind::Test, name, at));
        };
        // Twig compiles these itself: they take their one argument by position, and leave out the others unread.
        match test.signature.name {
            "odd" | "even" | "null" | "none" => arguments.clear(),
            _ if one => {
                if let Some(index) = arguments.iter().position(|argument| argument.name.is_none()) {
                    arguments.swap(0, index);
                }
                arguments.truncate(1);
                if let Some(Written { name: Some((_, named)), .. }) = arguments.first() {
                    let help = format!("write `is {}(…)`", test.signature.name);
                    let message = format!("the argument of `{}` can't be named", test.signature.name);
                    return self.stop(*named, message, &help);
                }
            }
            _ => {}
        }
        self.call(CallKind::Test, test, at, Some(subject), arguments, span)
    }

    fn defined(&mut self, subject: Expr, span: Span) -> Parse<Expr> {
        let imported = match &subject.kind {
            ExprKind::Name(Name { key: Key::Str(name), .. }) => self.imported_function(name),
            _ => None,
        };
        let subject = match imported {
            Some((name, import)) => {
                let name = name.to_ascii_lowercase();
                let call = MacroCall { name, import: Some(import), arguments: Vec::new(), span: subject.span };
                Expr { kind: ExprKind::Macro(Box::new(call)), ..subject }
            }
            None => subject,
        };
        self.check_askable(&subject, "`is defined`")?;
        let below = subject.height;
        self.node(ExprKind::Defined(Box::new(subject)), span, below)
    }

    pub(super) fn call_height(call: &Call) -> u16 {
        let height = |argument: &Argument| match argument {
            Argument::Given(expr) => expr.height,
            Argument::Default(_) => 0,
        };
        call.arguments.iter().map(height).max().unwrap_or(0)
    }
}
