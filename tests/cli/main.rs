//! hookctl as a user runs it: the built binary, in projects of its own, one module per command.

mod credentials;
mod documents;
mod fire;
mod flags;
mod harness;
mod limits;
mod mock;
#[cfg(unix)]
mod outputs;
mod render;
mod server;
mod simulate;
mod streams;
mod validate;
