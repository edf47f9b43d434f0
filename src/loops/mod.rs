//! Loops: the graph event → script → platform call → event. Takes scripts, gives the cycles that they close.

mod call;
mod components;
mod condition;
mod graph;

pub(crate) use call::{Call, SignIn};
pub(crate) use graph::{Graph, Node, Step};
