//! Tags. Each reads its head, its bodies and its end tag.

use super::{Kind, Op, Parse, Parser, Stop, Symbols};
use crate::ast::{Binary, Block, Body, Expr, ExprKind, For, Macro, Node, Target, Unary, With};
use crate::error::{Error, ErrorKind};
use crate::foreign;
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::{Array, Key, Value};

/// The dialect's tags, those that close or divide others apart.
const TAGS: [&str; 14] = [
    "apply",
    "autoescape",
    "block",
    "deprecated",
    "do",
    "flush",
    "for",
    "from",
    "if",
    "import",
    "macro",
    "set",
    "with",
    "verbatim",
];

/// Tags that close or divide others.
const INNER: [&str; 13] = [
    "else",
    "elseif",
    "endapply",
    "endautoescape",
    "endblock",
    "endfor",
    "endif",
    "endmacro",
    "endset",
    "endwith",
    "endverbatim",
    "endfilter",
    "end",
];

impl<'s> Parser<'s> {
    /// The tag whose name is the current token. Fails where the tag closes or divides an outer tag.
    pub(super) fn tag(&mut self, ends: &[&str], body: &mut Body) -> Parse<()> {
        let Ok((name, span)) = self.expect_name("the name of a tag") else {
            self.skip_tag();
            return Ok(());
        };
        self.tag = Some(name);
        if self.depth >= super::DEEPEST {
            self.too_deep();
            self.skip_tag();
            return Ok(());
        }
        self.depth += 1;
        let result = match name {
            "if" => self.if_tag(span, body),
            "for" => self.for_tag(span, body),
            "set" => self.set_tag(span, body),
            "apply" => self.apply_tag(span, body),
            "with" => self.with_tag(span, body),
            "do" | "deprecated" => self.do_tag(body),
            "flush" => self.end_of_tag(),
            "block" => self.block_tag(span, body),
            "macro" => self.macro_tag(span),
            "import" => self.import_tag(body),
            "from" => self.import_names_tag(body),
            "autoescape" => self.autoescape_tag(span, body),
            _ => {
                self.depth -= 1;
                return self.unknown_tag(name, span, ends);
            }
        };
        self.depth -= 1;
        if result.is_err() {
            self.skip_tag();
        }
        Ok(())
    }

    fn unknown_tag(&mut self, name: &str, span: Span, ends: &[&str]) -> Parse<()> {
        if self.closers.iter().any(|outer| outer.contains(&name)) {
            let expected = ends.last().copied().unwrap_or_default();
            let message = format!("expected `{expected}` before `{name}`");
            self.error(span, message, Some(&format!("write `{{% {expected} %}}` before it")));
            self.at -= 1;
            return Err(Stop);
        }
        if let Some(found) = foreign::tag(name, &self.host) {
            self.report(found.at(span));
        } else if INNER.contains(&name) {
            let message = format!("`{name}` has no opening tag");
            self.error(span, message, Some("its opening tag is missing or already closed"));
        } else {
            let near = nearest(name, TAGS.into_iter().chain(ends.iter().copied()));
            self.report(Error {
                kind: ErrorKind::Syntax,
                span,
                message: format!("there is no tag `{name}`"),
                help: near.map(|near| format!("did you mean `{near}`?")),
                replacement: near.map(str::to_owned),
            });
        }
        self.skip_tag();
        Ok(())
    }

    fn end_of_tag(&mut self) -> Parse<()> {
        if *self.kind() == Kind::TagEnd {
            self.next();
            return Ok(());
        }
        Err(self.unexpected("`%}`"))
    }

    /// A tag's head. Where it can't be read, parsing continues after it, so that the tag keeps its structure.
    fn head<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Option<T> {
        let head = read(self).and_then(|head| self.end_of_tag().map(|()| head));
        if head.is_err() {
            self.skip_tag();
        }
        head.ok()
    }

    /// A body up to one of `ends`; the end tag's name is read, the rest of it is not.
    fn until(&mut self, ends: &'static [&'static str], name: &'s str, opener: Span) -> Parse<(Body, &'s str)> {
        self.closers.push(ends);
        let body = self.body(ends);
        self.closers.pop();
        self.tag = Some(name);
        match *self.kind() {
            Kind::Name(end) if ends.contains(&end) => {
                self.next();
                Ok((body, end))
            }
            Kind::End => {
                let end = ends.last().copied().unwrap_or_default();
                let help = format!("end it with `{{% {end} %}}`");
                Err(self.error(opener, format!("this `{name}` is never closed"), Some(&help)))
            }
            _ => Err(Stop),
        }
    }

    fn whole(&mut self, ends: &'static [&'static str], name: &'s str, opener: Span) -> Parse<Body> {
        let (body, _) = self.until(ends, name, opener)?;
        self.end_of_tag()?;
        Ok(body)
    }

    fn nothing(span: Span) -> Expr {
        Self::constant(Value::Null, span)
    }

    fn if_tag(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        let mut condition = self.head(Self::expression).unwrap_or_else(|| Self::nothing(opener));
        loop {
            let (body, end) = self.until(&["elseif", "else", "endif"], "if", opener)?;
            arms.push((condition, body));
            match end {
                "elseif" => condition = self.head(Self::expression).unwrap_or_else(|| Self::nothing(opener)),
                "else" => {
                    if *self.kind() == Kind::Name("if") {
                        let span = self.last().to(self.span());
                        self.report(foreign::else_if().at(span));
                        self.next();
                        condition = self.head(Self::expression).unwrap_or_else(|| Self::nothing(opener));
                        continue;
                    }
                    if self.end_of_tag().is_err() {
                        self.skip_tag();
                    }
                    otherwise = self.whole(&["endif"], "if", opener)?;
                    break;
                }
                _ => {
                    self.end_of_tag()?;
                    break;
                }
            }
        }
        out.push(Node::If { arms, otherwise });
        Ok(())
    }

    fn for_tag(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let depth = self.loops.len();
        let result = self.for_loop(opener, out);
        self.loops.truncate(depth);
        result
    }

    fn for_loop(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let head = self.head(|p| {
            let targets = p.targets()?;
            let mut names: Vec<&str> = targets.iter().take(2).map(|(name, _)| *name).collect();
            if names.len() < 2 {
                names.push("_key");
            }
            // A variable of that name asks for the loop's own, as the real engine's optimizer sees it.
            let with_loop = names.contains(&"loop");
            p.loops.push((names, with_loop));
            if !p.eat_op(Op::Binary(Binary::In)) {
                return Err(p.unexpected("`in`"));
            }
            Ok((targets, p.expression()?))
        });
        if head.is_none() && self.loops.is_empty() {
            self.loops.push((Vec::new(), false));
        }
        let (body, end) = self.until(&["else", "endfor"], "for", opener)?;
        let otherwise = if end == "else" {
            self.end_of_tag()?;
            Some(self.whole(&["endfor"], "for", opener)?)
        } else {
            self.end_of_tag()?;
            None
        };
        let with_loop = self.loops.last().is_some_and(|(_, with_loop)| *with_loop);
        let Some((targets, seq)) = head else { return Ok(()) };
        let mut targets = targets.into_iter().map(|(_, target)| target);
        let (Some(first), second) = (targets.next(), targets.next()) else { return Ok(()) };
        let (key, value) = match second {
            Some(second) => (first, second),
            None => (Target { name: Key::from_str("_key"), span: first.span }, first),
        };
        out.push(Node::For(Box::new(For { key, value, seq, body, otherwise, with_loop })));
        Ok(())
    }

    fn set_tag(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let targets = self.targets()?;
        if let Some((_, with_loop)) = self.loops.last_mut() {
            *with_loop |= targets.iter().any(|(name, _)| *name == "loop");
        }
        if self.eat_op(Op::Assign) {
            let mut values = vec![self.expression()?];
            while self.eat_punct(b',') {
                values.push(self.expression()?);
            }
            self.end_of_tag()?;
            if targets.len() != values.len() {
                let message = format!("{} variables, but {} values", targets.len(), values.len());
                return self.stop(
                    opener.to(self.last()),
                    message,
                    "give each variable a value: `{% set a, b = 1, 2 %}`",
                );
            }
            out.push(Node::Set(targets.into_iter().map(|(_, target)| target).zip(values).collect()));
            return Ok(());
        }
        let mut targets = targets.into_iter();
        let (target, more) = (targets.next(), targets.next());
        if let Some((_, more)) = more {
            return self.stop(
                more.span,
                "`{% set %}…{% endset %}` sets a single variable",
                "write one `{% set %}…{% endset %}` per variable",
            );
        }
        if self.head(|_| Ok(())).is_none() {
            // Written `{% set a += 1 %}` or the like: there will be no `endset`.
            return Ok(());
        }
        let body = self.whole(&["endset"], "set", opener)?;
        if let Some((_, target)) = target {
            out.push(Node::Capture(target, body));
        }
        Ok(())
    }

    fn apply_tag(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let filters = self.head(|p| {
            let mut expr = Expr { kind: ExprKind::Captured, span: opener, height: 1 };
            loop {
                expr = p.filter(expr)?;
                if !p.eat_punct(b'|') {
                    return Ok(expr);
                }
            }
        });
        let body = self.whole(&["endapply"], "apply", opener)?;
        out.extend(filters.map(|filters| Node::Apply(body, self.escaped(filters))));
        Ok(())
    }

    fn with_tag(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let head = self.head(|p| {
            if *p.kind() == Kind::TagEnd {
                return Ok((None, false));
            }
            let variables = p.expression()?;
            Ok((Some(variables), p.eat_name("only")))
        });
        let body = self.whole(&["endwith"], "with", opener)?;
        out.extend(head.map(|(variables, only)| Node::With(Box::new(With { variables, only, body }))));
        Ok(())
    }

    fn do_tag(&mut self, out: &mut Body) -> Parse<()> {
        out.extend(self.head(Self::expression).map(Node::Do));
        Ok(())
    }

    fn block_tag(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let Ok((name, span)) = self.block_name() else { return self.drop_block(opener) };
        let index = self.blocks.len();
        self.blocks.push((Block { name: name.to_owned(), body: Vec::new() }, span));
        if let Some((_, with_loop)) = self.loops.last_mut() {
            *with_loop = true;
        }
        let loops = std::mem::take(&mut self.loops);
        self.scopes.push(Symbols::default());
        let body = self.block_body(name, opener);
        self.scopes.pop();
        self.loops = loops;
        if let Some((block, _)) = self.blocks.get_mut(index) {
            block.body = body?;
        }
        out.push(Node::Block(index));
        Ok(())
    }

    fn block_name(&mut self) -> Parse<(&'s str, Span)> {
        let (name, span) = self.expect_name("the name of a block")?;
        if self.blocks.iter().any(|(block, _)| block.name == name) {
            let help = "print it again with `{{ block('…') }}`, or choose another name";
            return self.stop(span, format!("there is already a block `{name}`"), help);
        }
        Ok((name, span))
    }

    /// Reads the body of a block whose name is wrong, so that its end tag is not an error too.
    fn drop_block(&mut self, opener: Span) -> Parse<()> {
        // A number or a string in the name's place is still followed by a body.
        if *self.kind() != Kind::TagEnd && *self.look(1) == Kind::TagEnd {
            self.next();
        }
        if *self.kind() != Kind::TagEnd {
            return Err(Stop);
        }
        self.next();
        self.until(&["endblock"], "block", opener)?;
        self.skip_tag();
        Ok(())
    }

    fn block_body(&mut self, name: &'s str, opener: Span) -> Parse<Body> {
        if *self.kind() != Kind::TagEnd {
            let expr = self.expression()?;
            self.end_of_tag()?;
            return Ok(vec![Node::Print(self.escaped(expr))]);
        }
        self.next();
        let (body, _) = self.until(&["endblock"], "block", opener)?;
        self.closing_name("block", name)?;
        Ok(body)
    }

    /// `endblock` and `endmacro` may repeat the name.
    fn closing_name(&mut self, tag: &str, name: &str) -> Parse<()> {
        if let Kind::Name(end) = *self.kind() {
            let span = self.next();
            if end != name {
                let message = format!("`end{tag} {end}` closes the {tag} `{name}`");
                return self.stop(span, message, &format!("write `{{% end{tag} %}}`"));
            }
        }
        self.end_of_tag()
    }

    fn macro_tag(&mut self, opener: Span) -> Parse<()> {
        let head = self.head(|p| {
            let (name, span) = p.expect_name("the name of a macro")?;
            Ok((name, span, p.params(name)?))
        });
        let loops = std::mem::take(&mut self.loops);
        let escape = self.escape.take();
        self.scopes.push(Symbols::default());
        let body = self.until(&["endmacro"], "macro", opener);
        self.scopes.pop();
        self.escape = escape;
        self.loops = loops;
        let (body, _) = body?;
        let Some((name, span, params)) = head else {
            self.skip_tag();
            return Ok(());
        };
        self.closing_name("macro", name)?;
        self.macros.retain(|m| m.name != name);
        self.macros.push(Macro { name: name.to_owned(), span, params, body });
        Ok(())
    }

    fn params(&mut self, of: &str) -> Parse<Vec<(Target, Value)>> {
        self.expect_punct(b'(', "`(` and the macro's arguments")?;
        let mut params: Vec<(Target, Value)> = Vec::new();
        while !self.is_punct(b')') {
            if !params.is_empty() {
                self.expect_punct(b',', "`,` or `)`")?;
                if self.is_punct(b')') {
                    break;
                }
            }
            let (name, span) = self.expect_name("the name of an argument")?;
            if name == "varargs" {
                let message = format!("the macro `{of}` can't name an argument `varargs`");
                return self.stop(span, message, "`varargs` holds the arguments beyond the named ones");
            }
            let default = if self.eat_op(Op::Assign) { self.constant_default()? } else { Value::Null };
            let name = Key::from_str(name);
            params.retain(|(other, _)| other.name != name);
            params.push((Target { name, span }, default));
        }
        self.next();
        Ok(params)
    }

    fn constant_default(&mut self) -> Parse<Value> {
        let expr = self.operand()?;
        match folded(&expr) {
            Some(value) => Ok(value),
            None => {
                let help = "write a string, a number, `true`, `null` or a list of these";
                self.stop(expr.span, "an argument's default must be a constant", help)
            }
        }
    }

    /// The source of an import, which can only be this template.
    fn itself(&mut self) -> Parse<()> {
        let source = self.expression()?;
        if matches!(source.kind, ExprKind::Itself) {
            return Ok(());
        }
        let message = format!("macros of another template are not available in {}", self.host.place);
        Err(self.report(foreign::ForeignSyntax::no_files(message).at(source.span)))
    }

    fn new_import(&mut self, out: &mut Body) -> usize {
        let import = self.imports;
        self.imports += 1;
        out.push(Node::Import(import));
        import
    }

    fn import_tag(&mut self, out: &mut Body) -> Parse<()> {
        self.itself()?;
        if !self.eat_name("as") {
            return Err(self.unexpected("`as` and a name"));
        }
        let (alias, _) = self.expect_name("a name")?;
        self.end_of_tag()?;
        let import = self.new_import(out);
        if let Some(scope) = self.scopes.last_mut() {
            scope.templates.push((alias, import));
        }
        Ok(())
    }

    fn import_names_tag(&mut self, out: &mut Body) -> Parse<()> {
        self.itself()?;
        if !self.eat_name("import") {
            return Err(self.unexpected("`import` and the names of macros"));
        }
        let mut names: Vec<(&str, &str)> = Vec::new();
        loop {
            let (name, _) = self.expect_name("the name of a macro")?;
            let alias = if self.eat_name("as") { self.expect_name("a name")?.0 } else { name };
            // Twig keeps one alias a macro: the last.
            names.retain(|(_, other)| *other != name);
            names.push((alias, name));
            if !self.eat_punct(b',') {
                break;
            }
        }
        self.end_of_tag()?;
        let import = self.new_import(out);
        if let Some(scope) = self.scopes.last_mut() {
            scope.functions.extend(names.into_iter().map(|(alias, name)| (alias, name, import)));
        }
        Ok(())
    }

    fn autoescape_tag(&mut self, opener: Span, out: &mut Body) -> Parse<()> {
        let strategy = self.head(|p| {
            if *p.kind() == Kind::TagEnd {
                return Ok(Value::str("html"));
            }
            let expr = p.expression()?;
            match expr.kind {
                // As a text it names no strategy, which shows when something is to be escaped.
                ExprKind::Const(Value::Bool(true)) => Ok(Value::str("1")),
                ExprKind::Const(value) => Ok(value),
                _ => p.stop(
                    expr.span,
                    "an escaping strategy must be a string or `false`",
                    "write `{% autoescape 'html' %}`",
                ),
            }
        });
        let outer = std::mem::replace(&mut self.escape, strategy.filter(Value::is_true));
        let body = self.whole(&["endautoescape"], "autoescape", opener);
        self.escape = outer;
        out.extend(body?);
        Ok(())
    }
}

/// The value of an expression of constants.
fn folded(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Const(value) => Some(value.clone()),
        ExprKind::Unary(Unary::Neg, of) => folded(of)?.neg().ok(),
        ExprKind::Unary(Unary::Pos, of) => folded(of)?.plus().ok(),
        ExprKind::List(items) => {
            let mut array = Array::new();
            for item in items {
                array.push(folded(item)?);
            }
            Some(Value::array(array))
        }
        ExprKind::Hash(pairs) => {
            let mut array = Array::new();
            for (key, value) in pairs {
                array.insert(Key::of(&folded(key)?)?, folded(value)?);
            }
            Some(Value::array(array))
        }
        _ => None,
    }
}
