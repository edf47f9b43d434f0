//! The variables that a template sees: the data's until something is set, then a map of its own.

use std::sync::Arc;

use crate::ast::{Access, Expr, ExprKind};
use crate::value::{Array, Key, Value};

/// Variables by name, in the order in which PHP would have them.
#[derive(Debug, Clone)]
pub(super) enum Scope<'a> {
    /// Those of the data: nothing is set yet.
    Data(&'a Array),
    /// With what the template set.
    Own(Arc<Array>),
}

impl Scope<'_> {
    /// All of them.
    pub(super) fn array(&self) -> &Array {
        match self {
            Scope::Data(array) => array,
            Scope::Own(array) => array,
        }
    }

    /// A variable's value.
    pub(super) fn get(&self, name: &Key) -> Option<&Value> {
        self.array().get(name.as_ref())
    }

    /// The variables as they are now. Only the first call copies, and of the data its top level only.
    pub(super) fn snapshot(&mut self) -> Arc<Array> {
        match self {
            Scope::Data(array) => {
                let own = Arc::new(array.clone());
                *self = Scope::Own(Arc::clone(&own));
                own
            }
            Scope::Own(array) => Arc::clone(array),
        }
    }

    /// The variables, to be changed.
    pub(super) fn change(&mut self) -> &mut Array {
        if let Scope::Data(array) = self {
            *self = Scope::Own(Arc::new(array.clone()));
        }
        match self {
            Scope::Own(array) => Arc::make_mut(array),
            // Made its own above.
            Scope::Data(_) => unreachable!("the data's scope was replaced"),
        }
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: &Key, value: Value) {
        self.change().insert(name.clone(), value);
    }

    /// What a plain path of fields leads to, if all of it is there. Copies nothing.
    pub(super) fn find(&self, expr: &Expr) -> Option<&Value> {
        match &expr.kind {
            ExprKind::Name(name) => self.get(&name.key),
            ExprKind::Attribute(attribute) if attribute.access != Access::Method && attribute.arguments.is_empty() => {
                let key = attribute.key.as_ref()?;
                match self.find(&attribute.object)? {
                    Value::Array(array) => array.get(key.as_ref()),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
