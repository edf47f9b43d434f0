//! Tokens in, a [`Program`] out, as Twig 3.5's parser reads them; with every error that can be found in one go.
//!
//! An error ends its tag only: the parser continues after it and keeps the tag's structure as far as it is known.

mod call;
mod escape;
mod expression;
mod operand;
mod tag;

use crate::ast::{Block, Body, Expr, ExprKind, Macro, Node, Program};
use crate::error::{Error, ErrorKind};
use crate::foreign;
use crate::host::Host;
use crate::lexer;
use crate::span::Span;
use crate::token::{Kind, Op, Token};
use crate::value::Value;

/// How deep expressions and tags may nest. Evaluation and dropping recurse over them, on the stack of a thread.
const DEEPEST: u16 = 100;

/// A parsed template.
#[derive(Debug)]
pub struct Parsed {
    /// What runs.
    pub program: Program,
    /// Calls that PHP finds wrong only when it reaches them.
    pub deferred: Vec<Error>,
}

/// Parses a template.
pub(crate) fn template(source: &str, host: Host) -> Result<Parsed, Vec<Error>> {
    let (code, dropped) = lexer::normalize(source);
    let (tokens, errors) = lexer::template(&code, &dropped);
    let mut parser = Parser::new(tokens, errors, host);
    let body = parser.body(&[]);
    parser.finish(body)
}

/// Parses an expression alone.
pub(crate) fn expression(source: &str, host: Host) -> Result<Parsed, Vec<Error>> {
    let (code, dropped) = lexer::normalize(source);
    let (tokens, errors) = lexer::expression(&code, &dropped);
    let mut parser = Parser::new(tokens, errors, host);
    let body = match parser.whole_expression() {
        Ok(expr) => vec![Node::Print(expr)],
        Err(Stop) => Vec::new(),
    };
    parser.finish(body)
}

/// What is being read cannot be; the error is reported.
#[derive(Debug)]
struct Stop;

type Parse<T> = Result<T, Stop>;

/// Names that `import` and `from` gave to macros, in one scope.
#[derive(Debug, Default)]
struct Symbols<'s> {
    /// `import _self as …`
    templates: Vec<(&'s str, usize)>,
    /// `from _self import …`: the alias, the macro, the import.
    functions: Vec<(&'s str, &'s str, usize)>,
}

struct Parser<'s> {
    host: Host,
    tokens: Vec<Token<'s>>,
    at: usize,
    errors: Vec<Error>,
    deferred: Vec<Error>,
    depth: u16,
    blocks: Vec<(Block, Span)>,
    macros: Vec<Macro>,
    imports: usize,
    /// The main scope first, then those of the block or macro being read.
    scopes: Vec<Symbols<'s>>,
    /// The loops being read: their variables, and whether `loop` is asked for.
    loops: Vec<(Vec<&'s str>, bool)>,
    /// The tag being read.
    tag: Option<&'s str>,
    /// The tags that would close what is being read, from the outside in.
    closers: Vec<&'static [&'static str]>,
    /// The strategy of the `autoescape` being read.
    escape: Option<Value>,
}

impl<'s> Parser<'s> {
    fn new(tokens: Vec<Token<'s>>, errors: Vec<Error>, host: Host) -> Self {
        Self {
            host,
            tokens,
            at: 0,
            errors,
            deferred: Vec::new(),
            depth: 0,
            blocks: Vec::new(),
            macros: Vec::new(),
            imports: 0,
            scopes: vec![Symbols::default()],
            loops: Vec::new(),
            tag: None,
            closers: Vec::new(),
            escape: None,
        }
    }

    fn finish(mut self, body: Body) -> Result<Parsed, Vec<Error>> {
        if self.errors.is_empty() {
            let blocks = self.blocks.into_iter().map(|(block, _)| block).collect();
            let program = Program { body, blocks, macros: self.macros, imports: self.imports };
            return Ok(Parsed { program, deferred: self.deferred });
        }
        self.errors.sort_by_key(|e| e.span);
        Err(self.errors)
    }

    fn kind(&self) -> &Kind<'s> {
        self.look(0)
    }

    fn look(&self, ahead: usize) -> &Kind<'s> {
        self.tokens.get(self.at + ahead).map_or(&Kind::End, |t| &t.kind)
    }

    /// The place of the current token.
    fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or_else(Span::default, |t| t.span)
    }

    /// The place of the token before.
    fn last(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or_else(Span::default, |t| t.span)
    }

    fn next(&mut self) -> Span {
        let span = self.span();
        self.at = (self.at + 1).min(self.tokens.len());
        span
    }

    fn is_punct(&self, byte: u8) -> bool {
        *self.kind() == Kind::Punct(byte)
    }

    fn is_op(&self, op: Op) -> bool {
        *self.kind() == Kind::Op(op)
    }

    fn eat_punct(&mut self, byte: u8) -> bool {
        let found = self.is_punct(byte);
        if found {
            self.next();
        }
        found
    }

    fn eat_op(&mut self, op: Op) -> bool {
        let found = self.is_op(op);
        if found {
            self.next();
        }
        found
    }

    fn eat_name(&mut self, name: &str) -> bool {
        let found = *self.kind() == Kind::Name(name);
        if found {
            self.next();
        }
        found
    }

    fn expect_punct(&mut self, byte: u8, what: &str) -> Parse<()> {
        if self.eat_punct(byte) { Ok(()) } else { Err(self.unexpected(what)) }
    }

    fn expect_name(&mut self, what: &str) -> Parse<(&'s str, Span)> {
        match *self.kind() {
            Kind::Name(name) => Ok((name, self.next())),
            _ => Err(self.unexpected(what)),
        }
    }

    /// Reports that the current token is not what is expected.
    fn unexpected(&mut self, expected: &str) -> Stop {
        if let Some(found) = self.foreign_here() {
            let double = *self.kind() == Kind::Punct(b'|') && *self.look(1) == Kind::Punct(b'|');
            let span = match self.tokens.get(self.at + 1) {
                Some(second) if double => self.span().to(second.span),
                _ => self.span(),
            };
            return self.report(found.at(span));
        }
        let message = match self.kind() {
            Kind::PrintEnd | Kind::TagEnd | Kind::End => format!("expected {expected} before the end of the tag"),
            other => format!("expected {expected}, found {}", other.describe()),
        };
        self.error(self.span(), message, None)
    }

    fn foreign_here(&self) -> Option<foreign::ForeignSyntax> {
        match self.kind() {
            Kind::Name(word) => foreign::after_expression(word, self.tag),
            Kind::Op(Op::Assign) if *self.look(1) == Kind::Op(Op::Concat) => foreign::signs("=", "~"),
            Kind::Op(Op::Assign) => {
                foreign::assignment(self.at.checked_sub(1).map(|at| &self.tokens[at].kind), self.tag)
            }
            Kind::Op(_) if self.tag == Some("set") && *self.look(1) == Kind::Op(Op::Assign) => {
                foreign::assignment(Some(self.kind()), self.tag)
            }
            Kind::Punct(b'|') if *self.look(1) == Kind::Punct(b'|') => Some(foreign::or()),
            Kind::Punct(b':') => {
                let before = |back: usize| self.at.checked_sub(back).map(|at| &self.tokens[at].kind);
                let filter = match (before(2), before(1)) {
                    (Some(Kind::Punct(b'|')), Some(Kind::Name(filter))) => Some(*filter),
                    _ => None,
                };
                foreign::colon(filter, self.tag)
            }
            _ => None,
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: Option<&str>) -> Stop {
        self.report(Error {
            kind: ErrorKind::Syntax,
            span,
            message: message.into(),
            help: help.map(str::to_owned),
            replacement: None,
        })
    }

    /// Reports an error, unless the lexer already did for the rest of this tag.
    fn report(&mut self, error: Error) -> Stop {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let broken = rest
            .iter()
            .take_while(|t| !matches!(t.kind, Kind::PrintEnd | Kind::TagEnd | Kind::Text(_) | Kind::End))
            .any(|t| t.kind == Kind::Broken);
        if !broken {
            self.errors.push(error);
        }
        Stop
    }

    /// Skips to after the end of the current tag.
    fn skip_tag(&mut self) {
        loop {
            match self.kind() {
                Kind::PrintEnd | Kind::TagEnd => {
                    self.next();
                    return;
                }
                Kind::End | Kind::Text(_) | Kind::PrintStart | Kind::TagStart => return,
                _ => self.next(),
            };
        }
    }

    /// Runs `read`, one level further in.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= DEEPEST {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn too_deep(&mut self) -> Stop {
        self.report(Error {
            kind: ErrorKind::Bound,
            span: self.span(),
            message: format!("this is nested more than {DEEPEST} levels deep"),
            help: Some("move a part of it into a variable: `{% set part = … %}`".into()),
            replacement: None,
        })
    }

    /// An expression of known children, refused where it would nest too deep.
    fn node(&mut self, kind: ExprKind, span: Span, below: u16) -> Parse<Expr> {
        if below >= DEEPEST {
            return Err(self.too_deep());
        }
        Ok(Expr { kind, span, height: below + 1 })
    }

    fn constant(value: Value, span: Span) -> Expr {
        Expr { kind: ExprKind::Const(value), span, height: 1 }
    }

    fn whole_expression(&mut self) -> Parse<Expr> {
        let expr = self.expression()?;
        if *self.kind() == Kind::End { Ok(expr) } else { Err(self.unexpected("the end of the expression")) }
    }

    /// Text, prints and tags, up to one of the tags `ends` (which is left as the current token) or the end.
    fn body(&mut self, ends: &[&str]) -> Body {
        let mut body = Vec::new();
        loop {
            match *self.kind() {
                Kind::Text(text) => {
                    self.next();
                    body.push(Node::Text(text.into()));
                }
                Kind::PrintStart => {
                    self.next();
                    if let Some(expr) = self.print() {
                        body.push(Node::Print(expr));
                    }
                }
                Kind::TagStart => {
                    self.next();
                    if let Kind::Name(name) = *self.kind()
                        && ends.contains(&name)
                    {
                        return body;
                    }
                    if self.tag(ends, &mut body).is_err() {
                        return body;
                    }
                }
                Kind::End => return body,
                _ => drop(self.next()),
            }
        }
    }

    fn print(&mut self) -> Option<Expr> {
        self.tag = None;
        let expr = self.expression();
        if expr.is_ok() && *self.kind() == Kind::PrintEnd {
            self.next();
            return expr.ok().map(|expr| self.escaped(expr));
        }
        if expr.is_ok() {
            self.unexpected("`}}`");
        }
        self.skip_tag();
        None
    }
}
