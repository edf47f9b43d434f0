//! Static knowledge: what a template can read, and what must fail or surprise given the types of what it reads.
//!
//! The template is followed once, tag by tag, with what each variable stands for. What is not known stays silent.

mod expression;
mod guard;
#[cfg(test)]
mod tests;
mod types;

use std::collections::{BTreeSet, HashMap};

use super::ast::{Body, Expr, ExprKind, For, Node, Program, Target, With};
use super::{Key, Read, Segment};
use crate::span::Span;
pub use types::{Kind, Schema, Type, Unknown};

/// What a checked template does wrong, or may.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// What sort of doubt.
    pub kind: DoubtKind,
    /// The exact piece of the template.
    pub span: Span,
    /// What is wrong, naming the text.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// Sorts of doubts, as lint rules divide them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubtKind {
    /// A field that can be null is printed as it is (HK107).
    MayBeBlank,
    /// An operation that fails or surprises on the type that it gets (HK108).
    Mistyped,
}

/// What is known of a template without running it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Analysis {
    /// Every variable path that it can read, in the order of the text.
    pub reads: Vec<Read>,
    /// What must fail or surprise, given what is known of the data; in the order of the text.
    pub doubts: Vec<Doubt>,
}

/// Follows a template.
pub(super) fn of_template(program: &Program, schema: &dyn Schema) -> Analysis {
    let mut walk = Walk::new(program, schema);
    walk.body(&program.body);
    walk.finish()
}

/// Follows an expression that is tested, not printed: a condition.
pub(super) fn of_condition(program: &Program, schema: &dyn Schema) -> Analysis {
    let mut walk = Walk::new(program, schema);
    for node in &program.body {
        match node {
            Node::Print(condition) => drop(walk.fact(condition)),
            _ => walk.node(node),
        }
    }
    walk.finish()
}

/// Reads of one place are one.
fn joined(mut all: Vec<Read>) -> Vec<Read> {
    let mut reads: Vec<Read> = Vec::with_capacity(all.len());
    all.sort_by_key(|read| (read.path.last().map(|s| (s.span.end, s.span.start)), read.path.len()));
    for read in all {
        match reads.last_mut().filter(|last| last.path == read.path) {
            Some(last) => {
                last.guarded &= read.guarded;
                last.printed |= read.printed;
            }
            None => reads.push(read),
        }
    }
    reads.sort_by_key(|read| read.path.first().map(|s| s.span));
    reads
}

/// What is known of a value: the paths of the data that it can be, and its type.
#[derive(Debug, Clone)]
struct Fact {
    paths: Vec<Vec<String>>,
    ty: Type,
}

impl Fact {
    fn of(ty: Type) -> Self {
        Self { paths: Vec::new(), ty }
    }

    fn unknown() -> Self {
        Self::of(Type::ANY)
    }

    fn join(&self, other: &Fact) -> Fact {
        let mut paths = self.paths.clone();
        paths.extend(other.paths.iter().filter(|path| !self.paths.contains(path)).cloned());
        Fact { paths, ty: self.ty.join(other.ty) }
    }
}

/// How deep macros are followed into each other.
const DEEPEST_CALL: usize = 4;

/// How many macro calls are followed in all.
const MOST_CALLS: usize = 200;

struct Walk<'a> {
    program: &'a Program,
    schema: &'a dyn Schema,
    /// Variables that the template set.
    variables: HashMap<String, Fact>,
    /// Other names are not the event's: a macro sees only its arguments.
    closed: bool,
    /// Paths that a condition around says are there.
    guards: Vec<Vec<String>>,
    reads: Vec<Read>,
    doubts: Vec<Doubt>,
    captured: Fact,
    calls: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn new(program: &'a Program, schema: &'a dyn Schema) -> Self {
        Self {
            program,
            schema,
            variables: HashMap::new(),
            closed: false,
            guards: Vec::new(),
            reads: Vec::new(),
            doubts: Vec::new(),
            captured: Fact::unknown(),
            calls: 0,
            depth: 0,
        }
    }

    fn finish(self) -> Analysis {
        let mut doubts = self.doubts;
        doubts.sort_by_key(|doubt| doubt.span);
        doubts.dedup();
        Analysis { reads: joined(self.reads), doubts }
    }

    fn body(&mut self, body: &Body) {
        for node in body {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(_) | Node::Import(_) => {}
            Node::Print(expr) => self.print(expr),
            Node::If { arms, otherwise } => self.branches(arms, otherwise),
            Node::For(of) => self.for_loop(of),
            Node::Set(pairs) => {
                let facts: Vec<Fact> = pairs.iter().map(|(_, expr)| self.fact(expr)).collect();
                for ((target, _), fact) in pairs.iter().zip(facts) {
                    self.set(target, fact);
                }
            }
            Node::Capture(target, body) => {
                self.body(body);
                self.set(target, Fact::unknown());
            }
            Node::Apply(body, filters) => {
                self.body(body);
                self.captured = Fact::of(Type::of(Kind::Any));
                self.print(filters);
            }
            Node::With(with) => self.with(with),
            Node::Do(expr) => drop(self.fact(expr)),
            Node::Block(index) => {
                let program = self.program;
                let before = self.variables.clone();
                if let Some(block) = program.blocks.get(*index) {
                    self.body(&block.body);
                }
                self.variables = before;
            }
        }
    }

    fn set(&mut self, target: &Target, fact: Fact) {
        self.variables.insert(target.name.as_ref().to_string(), fact);
    }

    fn print(&mut self, expr: &Expr) {
        let before = self.reads.len();
        let fact = self.fact(expr);
        let expr = expr.unescaped();
        let constant = !matches!(&expr.kind, ExprKind::Attribute(attribute) if attribute.key.is_none());
        if !expr.is_path() || !constant {
            self.printed(expr, &fact, expr.span);
            return;
        }
        let end = path_end(expr);
        let mut guarded = true;
        for read in self.reads.iter_mut().skip(before) {
            if read.path.last().is_some_and(|segment| segment.span == end) {
                read.printed = true;
                guarded &= read.guarded;
            }
        }
        self.printed(expr, &fact, end);
        if fact.ty.nullable && !guarded && !fact.ty.kind.is_collection() {
            let name = fact.paths.first().map(|path| path.join(".")).unwrap_or_default();
            self.doubts.push(Doubt {
                kind: DoubtKind::MayBeBlank,
                span: end,
                message: format!("`{name}` can be null, and is blank then"),
                help: format!(
                    "say what is sent then: `{{{{ {name} ?? 'none' }}}}` or `{{{{ {name}|default('none') }}}}`"
                ),
            });
        }
    }

    fn branches(&mut self, arms: &[(Expr, Body)], otherwise: &Body) {
        let guards = self.guards.len();
        let mut ends = Vec::new();
        for (condition, body) in arms {
            self.fact(condition);
            let outside = self.guards.len();
            let variables = self.variables.clone();
            let holds = self.asserted(condition, true);
            self.guards.extend(holds);
            self.body(body);
            self.guards.truncate(outside);
            ends.push(std::mem::replace(&mut self.variables, variables));
            let fails = self.asserted(condition, false);
            self.guards.extend(fails);
        }
        self.body(otherwise);
        self.guards.truncate(guards);
        for end in ends {
            self.merge(end);
        }
    }

    /// The variables after one of two ways.
    fn merge(&mut self, other: HashMap<String, Fact>) {
        let names: BTreeSet<String> = self.variables.keys().chain(other.keys()).cloned().collect();
        for name in names {
            let here = self.variable(&name);
            let there = other.get(&name).cloned().unwrap_or_else(|| self.event(&name));
            self.variables.insert(name, here.join(&there));
        }
    }

    /// What a variable stands for.
    fn variable(&self, name: &str) -> Fact {
        self.variables.get(name).cloned().unwrap_or_else(|| self.event(name))
    }

    fn event(&self, name: &str) -> Fact {
        if self.closed {
            return Fact::unknown();
        }
        let path = vec![name.to_owned()];
        Fact { ty: self.type_of(&path), paths: vec![path] }
    }

    fn type_of(&self, path: &[String]) -> Type {
        self.schema.type_of(path).unwrap_or(Type::ANY)
    }

    fn for_loop(&mut self, of: &For) {
        let seq = self.fact(&of.seq);
        if matches!(seq.ty.kind, Kind::Text | Kind::Int | Kind::Float | Kind::Bool | Kind::DateTime) {
            let help = "loop over a list; a text is split with `|split(',')`";
            self.doubt(of.seq.span, format!("a loop over {} never runs", seq.ty.kind.text()), help);
        }
        let before = self.variables.clone();
        let mut names = BTreeSet::new();
        assigned(&of.body, &mut names);
        for name in names {
            let fact = self.variable(&name).join(&Fact::unknown());
            self.variables.insert(name, fact);
        }
        for name in [of.key.name.as_ref().to_string(), of.value.name.as_ref().to_string(), "loop".to_owned()] {
            self.variables.insert(name, Fact::unknown());
        }
        self.body(&of.body);
        let mut after = std::mem::replace(&mut self.variables, before);
        after.retain(|name, _| self.variables.contains_key(name));
        for target in [&of.key, &of.value] {
            after.remove(&target.name.as_ref().to_string());
        }
        for (name, fact) in after {
            let fact = self.variable(&name).join(&fact);
            self.variables.insert(name, fact);
        }
        if let Some(otherwise) = &of.otherwise {
            self.body(otherwise);
        }
    }

    fn with(&mut self, with: &With) {
        let before = self.variables.clone();
        let closed = self.closed;
        if let Some(variables) = &with.variables {
            let mut added = Vec::new();
            let mut all_known = true;
            if let ExprKind::Hash(pairs) = &variables.kind {
                for (key, value) in pairs {
                    let fact = self.fact(value);
                    match &key.kind {
                        ExprKind::Const(key) => added.extend(key.to_text().map(|name| (name.into_owned(), fact))),
                        _ => all_known = false,
                    }
                }
            } else {
                self.fact(variables);
                all_known = false;
            }
            if with.only {
                self.variables.clear();
            }
            // A name that is not known to be set may come from anywhere: stay silent about it.
            self.closed |= with.only || !all_known;
            self.variables.extend(added);
        }
        self.body(&with.body);
        self.closed = closed;
        self.variables = before;
    }

    fn doubt(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let (message, help) = (message.into(), help.to_owned());
        self.doubts.push(Doubt { kind: DoubtKind::Mistyped, span, message, help });
    }

    fn read(&mut self, path: Vec<Segment>, guarded: bool) {
        let names = path.iter().map(|segment| &segment.name);
        let guarded = guarded || self.guards.iter().any(|guard| guard.iter().take(path.len()).eq(names.clone()));
        self.reads.push(Read { path, guarded, printed: false });
    }
}

/// The last name of a path.
fn path_end(expr: &Expr) -> Span {
    match &expr.kind {
        ExprKind::Attribute(attribute) => attribute.name.span,
        _ => expr.span,
    }
}

/// Every variable that a body sets.
fn assigned(body: &Body, names: &mut BTreeSet<String>) {
    let mut add = |key: &Key| {
        names.insert(key.as_ref().to_string());
    };
    for node in body {
        match node {
            Node::Set(pairs) => pairs.iter().for_each(|(target, _)| add(&target.name)),
            Node::Capture(target, _) => add(&target.name),
            _ => {}
        }
    }
    for node in body {
        match node {
            Node::If { arms, otherwise } => {
                arms.iter().for_each(|(_, body)| assigned(body, names));
                assigned(otherwise, names);
            }
            Node::For(of) => assigned(&of.body, names),
            Node::Capture(_, body) | Node::Apply(body, _) => assigned(body, names),
            _ => {}
        }
    }
}
