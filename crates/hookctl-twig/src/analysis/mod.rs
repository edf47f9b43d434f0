//! Static knowledge: what a template can read, and what must fail or surprise given the types of what it reads.
//!
//! The template is walked once, tag by tag, with what is known of each variable. Nothing is reported about unknown types.

mod call;
mod constant;
mod expression;
mod guard;
mod operators;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use crate::ast::{Body, Expr, ExprKind, For, Node, Program, Target, With};
use crate::span::Span;
pub use crate::types::{Kind, Type};
use crate::value::{Key, Value};
pub use schema::{Schema, Unknown};

/// A variable path that a template can read, known without running it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The root and the constant fields below it: `["user", "first_name"]`.
    pub path: Vec<Segment>,
    /// Guarded by `??`, `default` or `is defined`: never complains when it is missing.
    pub guarded: bool,
    /// Printed as it is by `{{ … }}` (no filter, no operator around it).
    pub printed: bool,
}

/// One name of a [`Read`]'s path with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// Just the name's text.
    pub span: Span,
}

/// A problem, or a likely one, that the analysis found.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeIssue {
    /// What kind of issue.
    pub kind: IssueKind,
    /// The exact piece of the template.
    pub span: Span,
    /// What is wrong, naming the text.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// The text that would fix it if put in the span's place, if there is one clear answer.
    pub replacement: Option<String>,
}

/// The kinds of issues, each for a lint rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueKind {
    /// A field that can be null is printed as it is.
    MayBeBlank,
    /// An operation that fails or surprises on the type that it gets.
    Mistyped,
    /// A constant argument that the filter, function or test rejects, or a macro that does not exist.
    Argument,
    /// A variable that is not visible inside a macro or `with … only`.
    OutOfScope,
    /// A field that `loop` does not have.
    NoField,
    /// A method of another language.
    Foreign,
}

/// What is known of a template without running it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Analysis {
    /// Every variable path that it can read, in the order of the text.
    pub reads: Vec<Read>,
    /// What must fail or gives a surprising result, given what is known of the data; in the order of the text.
    pub issues: Vec<TypeIssue>,
}

/// Follows a template.
pub(super) fn of_template(program: &Program, schema: &dyn Schema) -> Analysis {
    let mut analyzer = Analyzer::new(program, schema);
    analyzer.body(&program.body);
    analyzer.finish()
}

/// Follows an expression that is tested, not printed: a condition.
pub(super) fn of_condition(program: &Program, schema: &dyn Schema) -> Analysis {
    let mut analyzer = Analyzer::new(program, schema);
    for node in &program.body {
        match node {
            Node::Print(condition) => drop(analyzer.infer(condition)),
            _ => analyzer.node(node),
        }
    }
    analyzer.finish()
}

/// Merges the reads at the same place.
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

/// What is known of a value without running the template: its type, and the paths of the data that it can come from.
#[derive(Debug, Clone)]
struct AbstractValue {
    paths: Vec<Vec<String>>,
    ty: Type,
    /// Its value, where it is constant.
    constant: Option<Value>,
    /// The collection kind that it has in one of several cases, such as `a` in `x ? a : 'none'`.
    perhaps: Option<Kind>,
}

impl AbstractValue {
    fn of(ty: Type) -> Self {
        Self { paths: Vec::new(), ty, constant: None, perhaps: None }
    }

    fn unknown() -> Self {
        Self::of(Type::ANY)
    }

    fn join(&self, other: &AbstractValue) -> AbstractValue {
        let mut paths = self.paths.clone();
        paths.extend(other.paths.iter().filter(|path| !self.paths.contains(path)).cloned());
        let same = |value: &&Value| other.constant.as_ref().is_some_and(|other| value.identical(other));
        let collection =
            |inferred: &AbstractValue| inferred.perhaps.or(Some(inferred.ty.kind).filter(|kind| kind.is_collection()));
        AbstractValue {
            paths,
            ty: self.ty.join(other.ty),
            constant: self.constant.as_ref().filter(same).cloned(),
            perhaps: collection(self).or_else(|| collection(other)),
        }
    }
}

/// The depth of nested macro calls up to which they are analyzed.
const DEEPEST_CALL: usize = 4;

/// The number of macro calls that are analyzed in all.
const MOST_CALLS: usize = 200;

struct Analyzer<'a> {
    program: &'a Program,
    schema: &'a dyn Schema,
    /// Variables that the template set.
    variables: HashMap<String, AbstractValue>,
    /// Where names come from that are not among them.
    scope: ScopeKind,
    /// Paths that are present and not null, because an enclosing condition holds.
    guards: Vec<Vec<String>>,
    reads: Vec<Read>,
    issues: Vec<TypeIssue>,
    captured: AbstractValue,
    calls: usize,
    depth: usize,
    /// The macros that were analyzed already, by their index.
    followed: BTreeSet<usize>,
}

/// Where a name comes from if the template did not set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    /// From the data.
    Data,
    /// Nowhere: a macro sees only its arguments.
    Macro,
    /// Nowhere: `with … only`.
    Only,
    /// Not known.
    Unclear,
}

/// The step of a path that means any entry of a list.
pub const ENTRY: &str = "*";

/// A path as it is written in messages.
pub fn path_in_words(path: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    match names.iter().rposition(|name| *name == ENTRY) {
        Some(at) if at + 1 == names.len() => format!("an entry of {}", path_in_words(&names[..at])),
        Some(at) => format!("`{}` of an entry of {}", names[at + 1..].join("."), path_in_words(&names[..at])),
        None => format!("`{}`", names.join(".")),
    }
}

impl<'a> Analyzer<'a> {
    fn new(program: &'a Program, schema: &'a dyn Schema) -> Self {
        Self {
            program,
            schema,
            variables: HashMap::new(),
            scope: ScopeKind::Data,
            guards: Vec::new(),
            reads: Vec::new(),
            issues: Vec::new(),
            captured: AbstractValue::unknown(),
            calls: 0,
            depth: 0,
            followed: BTreeSet::new(),
        }
    }

    fn finish(mut self) -> Analysis {
        self.uncalled_macros();
        let mut issues = self.issues;
        issues.sort_by_key(|issue| issue.span);
        issues.dedup();
        Analysis { reads: joined(self.reads), issues }
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
                let all_inferred: Vec<AbstractValue> = pairs.iter().map(|(_, expr)| self.infer(expr)).collect();
                for ((target, _), inferred) in pairs.iter().zip(all_inferred) {
                    self.set(target, inferred);
                }
            }
            Node::Capture(target, body) => {
                self.body(body);
                self.set(target, AbstractValue::unknown());
            }
            Node::Apply(body, filters) => {
                self.body(body);
                self.captured = AbstractValue::of(Type::of(Kind::Any));
                self.print(filters);
            }
            Node::With(with) => self.with(with),
            Node::Do(expr) => drop(self.infer(expr)),
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

    fn set(&mut self, target: &Target, inferred: AbstractValue) {
        self.variables.insert(target.name.as_ref().text().into_owned(), inferred);
    }

    fn print(&mut self, expr: &Expr) {
        let before = self.reads.len();
        let inferred = self.infer(expr);
        if matches!(expr.kind, ExprKind::Hash(_)) {
            let help = "`{{{ … }}}` is Handlebars syntax: write `{{ … }}`; for JSON, `{{ {…}|json_encode }}`";
            self.note(IssueKind::Foreign, expr.span, "a mapping can't be printed as text", help);
            return;
        }
        let expr = expr.unescaped();
        let constant = !matches!(&expr.kind, ExprKind::Attribute(attribute) if attribute.key.is_none());
        if !expr.is_path() || !constant {
            self.check_printed(expr, &inferred, expr.span);
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
        self.check_printed(expr, &inferred, end);
        if let Some(path) =
            inferred.paths.first().filter(|_| inferred.ty.nullable && !guarded && !inferred.ty.kind.is_collection())
        {
            let (what, name) = (path_in_words(path), path.join("."));
            let message = format!("{what} can be null and then renders blank");
            let help = format!("choose a fallback: `{{{{ {name} ?? 'none' }}}}` or `{{{{ {name}|default('none') }}}}`");
            self.note(IssueKind::MayBeBlank, end, message, help);
        }
    }

    fn branches(&mut self, arms: &[(Expr, Body)], otherwise: &Body) {
        let guards = self.guards.len();
        let mut ends = Vec::new();
        for (condition, body) in arms {
            self.infer(condition);
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

    /// Joins the variables of two branches.
    fn merge(&mut self, other: HashMap<String, AbstractValue>) {
        let names: BTreeSet<String> = self.variables.keys().chain(other.keys()).cloned().collect();
        for name in names {
            let here = self.variable(&name);
            let there = other.get(&name).cloned().unwrap_or_else(|| self.data(&name));
            self.variables.insert(name, here.join(&there));
        }
    }

    /// What is known of a variable.
    fn variable(&self, name: &str) -> AbstractValue {
        self.variables.get(name).cloned().unwrap_or_else(|| self.data(name))
    }

    /// The paths of the data that a variable can be.
    fn paths_of(&self, name: &str) -> Vec<Vec<String>> {
        match self.variables.get(name) {
            Some(inferred) => inferred.paths.clone(),
            None if self.scope == ScopeKind::Data => vec![vec![name.to_owned()]],
            None => Vec::new(),
        }
    }

    fn data(&self, name: &str) -> AbstractValue {
        if self.scope != ScopeKind::Data {
            return AbstractValue::unknown();
        }
        let path = vec![name.to_owned()];
        AbstractValue { paths: vec![path.clone()], ..AbstractValue::of(self.type_of(&path)) }
    }

    fn type_of(&self, path: &[String]) -> Type {
        let Some(ty) = self.schema.type_of(path) else { return Type::ANY };
        // A field of something that can be missing can be missing too, unless an enclosing condition rules that out.
        let open = |path: &[String]| !self.guards.iter().any(|guard| guard.starts_with(path));
        let above =
            |length| self.schema.type_of(&path[..length]).is_some_and(|ty| ty.nullable) && open(&path[..length]);
        let nullable = (ty.nullable && open(path)) || (1..path.len()).any(above);
        Type { nullable, ..ty }
    }

    fn for_loop(&mut self, of: &For) {
        let seq = self.infer(&of.seq);
        if matches!(seq.ty.kind, Kind::Text | Kind::Int | Kind::Float | Kind::Bool | Kind::DateTime | Kind::Moment) {
            let help = "loop over a list; split a string with `|split(',')`";
            self.mistyped(of.seq.span, format!("a loop over {} never runs", seq.ty.kind.text()), help);
        }
        let before = self.variables.clone();
        let mut names = BTreeSet::new();
        assigned(&of.body, &mut names);
        for name in names {
            let inferred = self.variable(&name).join(&AbstractValue::unknown());
            self.variables.insert(name, inferred);
        }
        self.set(&of.key, AbstractValue::unknown());
        self.set(&of.value, self.entry(&seq));
        self.variables.insert("loop".to_owned(), AbstractValue::of(Type::of(Kind::Loop)));
        self.body(&of.body);
        let mut after = std::mem::replace(&mut self.variables, before);
        after.retain(|name, _| self.variables.contains_key(name));
        for target in [&of.key, &of.value] {
            after.remove(&*target.name.as_ref().text());
        }
        for (name, inferred) in after {
            let inferred = self.variable(&name).join(&inferred);
            self.variables.insert(name, inferred);
        }
        if let Some(otherwise) = &of.otherwise {
            self.body(otherwise);
        }
    }

    /// What is known of the entries of a list.
    fn entry(&self, list: &AbstractValue) -> AbstractValue {
        if list.ty.kind != Kind::List || list.paths.is_empty() {
            return AbstractValue::unknown();
        }
        let below = |path: &Vec<String>| path.iter().cloned().chain([ENTRY.to_owned()]).collect();
        let paths: Vec<Vec<String>> = list.paths.iter().map(below).collect();
        let ty = paths.iter().map(|path| self.type_of(path)).reduce(Type::join).unwrap_or(Type::ANY);
        AbstractValue { paths, ..AbstractValue::of(Type { nullable: false, ..ty }) }
    }

    fn with(&mut self, with: &With) {
        let before = self.variables.clone();
        let scope = self.scope;
        if let Some(variables) = &with.variables {
            let mut added = Vec::new();
            let mut all_known = true;
            if let ExprKind::Hash(pairs) = &variables.kind {
                for (key, value) in pairs {
                    let inferred = self.infer(value);
                    match &key.kind {
                        ExprKind::Const(key) => added.extend(key.to_text().map(|name| (name.into_owned(), inferred))),
                        _ => all_known = false,
                    }
                }
            } else {
                self.infer(variables);
                all_known = false;
            }
            if with.only {
                self.variables.clear();
            }
            // A name that is not known to be set may come from anywhere: stay silent about it.
            self.scope = match (all_known, with.only) {
                (false, _) => ScopeKind::Unclear,
                (true, true) => ScopeKind::Only,
                (true, false) => scope,
            };
            self.variables.extend(added);
        }
        self.body(&with.body);
        self.scope = scope;
        self.variables = before;
    }

    fn mistyped(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.note(IssueKind::Mistyped, span, message, help);
    }

    fn note(&mut self, kind: IssueKind, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.issues.push(TypeIssue { kind, span, message: message.into(), help: help.into(), replacement: None });
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
        names.insert(key.as_ref().text().into_owned());
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
