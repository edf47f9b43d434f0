//! Calls: the library's filters, functions and tests, macros, blocks and arrow functions.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{BoundArrow, Eval, Render, Scope};
use crate::ast::{Argument, Call, Expr, Macro, MacroCall};
use crate::error::{ErrorKind, Failure};
use crate::library::{Runtime, no_arrow};
use crate::options::Options;
use crate::span::Span;
use crate::suggest::nearest;
use crate::value::{Array, Key, Value};

impl Render<'_> {
    pub(super) fn library(&mut self, call: &Call, span: Span) -> Eval<Value> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(match argument {
                Argument::Given(expr) => self.eval(expr)?,
                Argument::Default(make) => make(),
            });
        }
        let taken = arguments.get(..call.taken).unwrap_or(&arguments);
        let steps = call.callable.cost.steps(taken);
        self.charge_steps(steps).map_err(|failure| self.at(span, failure))?;
        let value = (call.callable.run)(self, taken).map_err(|failure| self.at(span, failure))?;
        match &value {
            Value::Str(text) => self.check_output(text.len(), span)?,
            Value::Array(array) => {
                self.check_entries(array, span)?;
                self.charge_steps(array.len() as u64 / 8).map_err(|failure| self.at(span, failure))?;
            }
            _ => {}
        }
        Ok(value)
    }

    fn find_macro(&self, name: &str) -> Option<&Macro> {
        self.program.macros.iter().find(|m| m.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn has_macro(&self, call: &MacroCall) -> bool {
        self.find_macro(&call.name).is_some()
    }

    pub(super) fn macro_call(&mut self, call: &MacroCall) -> Eval<Value> {
        let arguments: Vec<Value> = call.arguments.iter().map(|a| self.eval(a)).collect::<Eval<_>>()?;
        if call.import.is_some_and(|import| !self.imports.get(import).copied().unwrap_or(false)) {
            let message = format!("the macro `{}` is not imported here yet", call.name);
            let help = Some("put the `import` before it, outside of any `if`".to_owned());
            return Err(self.error(ErrorKind::Runtime, call.span, message, help));
        }
        let program = self.program;
        let Some(callee) = program.macros.iter().find(|m| m.name.eq_ignore_ascii_case(&call.name)) else {
            let near = nearest(&call.name, program.macros.iter().map(|m| m.name.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("this template has no macro `{}`", call.name);
            let mut error = self.error(ErrorKind::Runtime, call.span, message, help);
            error.replacement = near.map(str::to_owned);
            return Err(error);
        };
        let scope = Scope::Own(Arc::new(macro_scope(callee, arguments)));
        let outer = std::mem::replace(&mut self.scope, scope);
        let text = self.called(call.span, |r| r.capture(&callee.body));
        self.scope = outer;
        text.map(|text| Value::captured(&text))
    }

    /// The block that `block(…)` names.
    pub(super) fn find_block(&mut self, name: &Expr) -> Eval<Option<usize>> {
        let value = self.eval(name)?;
        let text = match value.to_text() {
            Ok(text) => text,
            Err(failure) => return Err(self.at(name.span, failure)),
        };
        Ok(self.program.blocks.iter().position(|block| block.name == *text))
    }

    pub(super) fn block_call(&mut self, name: &Expr) -> Eval<Value> {
        let Some(index) = self.find_block(name)? else {
            let names = self.program.blocks.iter().map(|b| format!("`{}`", b.name)).collect::<Vec<_>>().join(", ");
            let help = (!names.is_empty()).then(|| format!("there is {names}"));
            let text = self.eval(name)?;
            let message = format!("this template has no block {}", text.shown());
            return Err(self.error(ErrorKind::Runtime, name.span, message, help));
        };
        let outer = std::mem::take(&mut self.out);
        let result = self.block(index, name.span);
        let text = std::mem::replace(&mut self.out, outer);
        result.map(|()| Value::from(text))
    }

    fn arrow(&mut self, function: &BoundArrow, arguments: &[Value]) -> Eval<Value> {
        let arrow = &function.arrow;
        if arguments.len() < arrow.params.len() {
            let message = format!(
                "this arrow function has {} parameters, but gets {} values",
                arrow.params.len(),
                arguments.len()
            );
            return Err(self.error(ErrorKind::Runtime, arrow.body.span, message, None));
        }
        let mut scope = Scope::Own(Arc::clone(&function.variables));
        for (param, value) in arrow.params.iter().zip(arguments) {
            scope.set(&param.name, value.clone());
        }
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = self.called(arrow.body.span, |r| r.eval(&arrow.body));
        self.scope = outer;
        result
    }
}

fn macro_scope(callee: &Macro, arguments: Vec<Value>) -> Array {
    let mut scope = Array::with_capacity(callee.params.len() + 1);
    let mut arguments = arguments.into_iter();
    for (param, default) in &callee.params {
        scope.insert(param.name.clone(), arguments.next().unwrap_or_else(|| default.clone()));
    }
    let rest: Vec<Value> = arguments.collect();
    scope.insert(Key::from_str("varargs"), Value::array(Array::from(rest)));
    scope
}

impl Runtime for Render<'_> {
    fn call(&mut self, callable: &Value, arguments: &[Value]) -> Result<Value, Failure> {
        self.charge_steps(1)?;
        let function = match callable {
            Value::Closure(closure) => closure.function::<BoundArrow>(),
            _ => None,
        };
        let Some(function) = function else {
            return Err(no_arrow(callable));
        };
        self.arrow(function, arguments).map_err(|error| {
            let failure = Failure { kind: error.kind, message: error.message.clone(), help: error.help.clone() };
            self.pending = Some(error);
            failure
        })
    }

    fn options(&self) -> &Options {
        self.options
    }

    fn now(&mut self) -> i64 {
        self.options.now.unwrap_or_else(|| {
            self.timed = true;
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
        })
    }

    fn random(&mut self) -> &mut fastrand::Rng {
        let seed = self.options.seed;
        self.random.get_or_insert_with(|| seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed))
    }

    fn charge(&mut self, steps: u64) -> Result<(), Failure> {
        self.charge_steps(steps)
    }
}
