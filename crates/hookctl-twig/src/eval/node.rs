//! Running tags.

use std::sync::{Arc, LazyLock};

use super::{Eval, Render, Scope};
use crate::ast::{Body, Expr, For, Node, With};
use crate::error::ErrorKind;
use crate::span::Span;
use crate::value::{Array, Key, KeyRef, Value};

/// The names under which Twig keeps a loop's state among the variables.
struct LoopState {
    parent: Key,
    seq: Key,
    iterated: Key,
    counter: Key,
}

static STATE: LazyLock<LoopState> = LazyLock::new(|| LoopState {
    parent: Key::from_str("_parent"),
    seq: Key::from_str("_seq"),
    iterated: Key::from_str("_iterated"),
    counter: Key::from_str("loop"),
});

impl Render<'_> {
    pub(super) fn body(&mut self, body: &Body) -> Eval<()> {
        for node in body {
            self.node(node)?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Eval<()> {
        match node {
            Node::Text(text) => {
                self.out.push_str(text);
                self.charge_text(text.len(), Span::default())?;
                self.check_output(self.out.len(), Span::default())
            }
            Node::Print(expr) => self.print(expr),
            Node::If { arms, otherwise } => self.branch(arms, otherwise),
            Node::For(of) => self.deeper(of.seq.span, |r| r.for_loop(of)),
            Node::Set(pairs) => self.set(pairs),
            Node::Capture(target, body) => {
                let text = self.deeper(target.span, |r| r.capture(body))?;
                self.scope.set(&target.name, Value::captured(&text));
                Ok(())
            }
            Node::Apply(body, filters) => {
                let text = self.deeper(filters.span, |r| r.capture(body))?;
                self.captured = Value::captured(&text);
                self.print(filters)
            }
            Node::With(with) => self.with(with),
            Node::Do(expr) => self.eval(expr).map(drop),
            Node::Block(index) => self.block(*index, Span::default()),
            Node::Import(import) => {
                if let Some(import) = self.imports.get_mut(*import) {
                    *import = true;
                }
                Ok(())
            }
        }
    }

    fn print(&mut self, expr: &Expr) -> Eval<()> {
        self.step(expr.span)?;
        let before = self.out.len();
        if let Some(value) = self.scope.find(expr) {
            let failure = match value.to_text() {
                Ok(text) => {
                    self.out.push_str(&text);
                    None
                }
                Err(failure) => Some(failure),
            };
            if let Some(failure) = failure {
                return Err(self.at(expr.span, failure));
            }
        } else {
            let value = self.eval(expr)?;
            match value.to_text() {
                Ok(text) => self.out.push_str(&text),
                Err(failure) => return Err(self.at(expr.span, failure)),
            }
        }
        self.charge_text(self.out.len() - before, expr.span)?;
        self.check_output(self.out.len(), expr.span)
    }

    fn branch(&mut self, arms: &[(Expr, Body)], otherwise: &Body) -> Eval<()> {
        for (condition, body) in arms {
            if self.eval(condition)?.is_true() {
                return self.deeper(condition.span, |r| r.body(body));
            }
        }
        self.deeper(Span::default(), |r| r.body(otherwise))
    }

    fn set(&mut self, pairs: &[(crate::ast::Target, Expr)]) -> Eval<()> {
        if let [(target, expr)] = pairs {
            let value = self.eval(expr)?;
            self.scope.set(&target.name, value);
            return Ok(());
        }
        let values: Vec<Value> = pairs.iter().map(|(_, expr)| self.eval(expr)).collect::<Eval<_>>()?;
        for ((target, _), value) in pairs.iter().zip(values) {
            self.scope.set(&target.name, value);
        }
        Ok(())
    }

    /// Twig keeps a loop's state among the variables, and puts back what the loop's own variables hid.
    fn for_loop(&mut self, of: &For) -> Eval<()> {
        self.charge_scope(of.seq.span)?;
        let parent = self.scope.snapshot();
        self.scope.set(&STATE.parent, Value::Array(Arc::clone(&parent)));
        let seq = match self.eval(&of.seq)? {
            Value::Array(array) => array,
            _ => Arc::new(Array::new()),
        };
        self.scope.set(&STATE.seq, Value::Array(Arc::clone(&seq)));
        if of.otherwise.is_some() {
            self.scope.set(&STATE.iterated, Value::Bool(false));
        }
        if of.with_loop {
            let state = loop_variable(&parent, seq.len());
            self.check_depth(&state, of.seq.span)?;
            self.scope.set(&STATE.counter, state);
        }
        for (key, value) in seq.iter() {
            self.step(of.seq.span)?;
            self.scope.set(&of.value.name, value.clone());
            self.scope.set(&of.key.name, key.to_value());
            self.body(&of.body)?;
            if of.otherwise.is_some() {
                self.scope.set(&STATE.iterated, Value::Bool(true));
            }
            if of.with_loop {
                self.advance(of.value.span)?;
            }
        }
        if let Some(otherwise) = &of.otherwise
            && !self.scope.get(&STATE.iterated).is_some_and(Value::is_true)
        {
            self.body(otherwise)?;
        }
        self.end_of_loop(of, &parent);
        Ok(())
    }

    /// Counts the loop's variable on, whatever the template made of it.
    fn advance(&mut self, span: Span) -> Eval<()> {
        if let Some(Value::Array(state)) = self.scope.change().get_mut(STATE.counter.as_ref())
            && count_on(Arc::make_mut(state)).is_some()
        {
            return Ok(());
        }
        let help = Some("rename the variable: `loop` is the loop's counter".to_owned());
        Err(self.error(ErrorKind::Runtime, span, "the loop's counter `loop` was overwritten", help))
    }

    /// Variables that were there before keep what the loop made of them; the loop's own, and new ones, go.
    fn end_of_loop(&mut self, of: &For, parent: &Arc<Array>) {
        let state = [&STATE.seq, &STATE.iterated, &STATE.parent, &STATE.counter, &of.key.name, &of.value.name];
        let state = state.map(Key::as_ref);
        // Put together anew, since an array never forgets how deep it once was.
        let mut kept = Array::with_capacity(parent.len());
        for (key, value) in self.scope.array().iter() {
            if parent.contains(key) && !state.contains(&key) {
                kept.insert(key.to_owned(), value.clone());
            }
        }
        for (key, value) in parent.iter() {
            if !kept.contains(key) {
                kept.insert(key.to_owned(), value.clone());
            }
        }
        self.scope = Scope::Own(Arc::new(kept));
    }

    fn with(&mut self, with: &With) -> Eval<()> {
        self.charge_scope(Span::default())?;
        let before = self.scope.clone();
        if let Some(variables) = &with.variables {
            let Value::Array(variables) = self.eval(variables)? else {
                let help = Some("write `{% with {name: value} %}`".into());
                return Err(self.error(
                    ErrorKind::Runtime,
                    variables.span,
                    "`with` needs a mapping of variables",
                    help,
                ));
            };
            if with.only {
                self.scope = Scope::Own(Arc::new(Array::new()));
            }
            let scope = self.scope.change();
            for (key, value) in variables.iter() {
                match key {
                    KeyRef::Int(_) => scope.push(value.clone()),
                    key => scope.insert(key.to_owned(), value.clone()),
                }
            }
        }
        self.deeper(Span::default(), |r| r.body(&with.body))?;
        self.scope = before;
        Ok(())
    }

    /// A block sees the variables around it; what it sets is gone after it.
    pub(super) fn block(&mut self, index: usize, span: Span) -> Eval<()> {
        let program = self.program;
        let Some(block) = program.blocks.get(index) else { return Ok(()) };
        self.charge_scope(span)?;
        let before = self.scope.clone();
        self.called(span, |r| r.deeper(span, |r| r.body(&block.body)))?;
        self.scope = before;
        Ok(())
    }
}

/// The loop's variable for the next turn; none where one of its numbers is gone.
fn count_on(state: &mut Array) -> Option<()> {
    fn add(state: &mut Array, name: &str, by: i64) -> Option<i64> {
        match state.get_mut(KeyRef::Str(name)) {
            Some(Value::Int(number)) => {
                *number = number.wrapping_add(by);
                Some(*number)
            }
            _ => None,
        }
    }
    add(state, "index0", 1)?;
    add(state, "index", 1)?;
    state.insert("first", Value::Bool(false));
    if state.get(KeyRef::Str("length")).is_some_and(|length| !matches!(length, Value::Null)) {
        let last = add(state, "revindex0", -1)? == 0;
        add(state, "revindex", -1)?;
        state.insert("last", Value::Bool(last));
    }
    Some(())
}

fn loop_variable(parent: &Arc<Array>, length: usize) -> Value {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let mut state = Array::with_capacity(8);
    state.insert("parent", Value::Array(Arc::clone(parent)));
    state.insert("index0", Value::Int(0));
    state.insert("index", Value::Int(1));
    state.insert("first", Value::Bool(true));
    state.insert("revindex0", Value::Int(length - 1));
    state.insert("revindex", Value::Int(length));
    state.insert("length", Value::Int(length));
    state.insert("last", Value::Bool(length == 1));
    Value::array(state)
}
