//! Loops: the graph event → script → platform call → event. Takes scripts, gives the cycles that they close.

mod call;
mod components;
mod condition;
mod graph;

pub use call::{Call, SignIn};
pub use graph::{Graph, Node, Step};
