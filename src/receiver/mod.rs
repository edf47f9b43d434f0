//! The mock receiver and its behaviours: specifications in, an HTTP server on this machine out.
//!
//! It answers as a [`Behaviour`] tells it to (slowly, with failures, not at all …), by path where routes are given, and
//! reports each request that it received. `hookctl mock` is this receiver as a command, `fire --mock` the same inside.

mod answer;
mod behaviour;
mod route;
mod server;
mod spec;

pub use answer::{Ending, Received};
pub use behaviour::{Behaviour, Fault};
pub use route::{Route, Routes};
pub use server::{Receiver, start};
