//! hookctl: write, lint, render and fire webhook scripts before a real customer event does.
//!
//! Data flows one way, and the modules are its stations: `project` finds the files, `script` and `event` read them,
//! the crate `hookctl_twig` is the dialect of their placeholders, `lint` gives findings, `request` gives the exact request (params nested as
//! `encoding` says), `delivery` sends it under `policy`, `receiver` can be what answers, `simulate` runs the policy in virtual time, `report`
//! shows all of it and `cli` is the thin layer on top.

pub mod cli;
pub mod delivery;
pub mod diagnostic;
pub mod encoding;
pub mod event;
pub mod file;
pub mod http;
pub mod lint;
pub mod loops;
mod pairs;
pub mod policy;
pub mod project;
pub mod receiver;
pub mod report;
pub mod request;
pub mod script;
pub mod secret;
pub mod simulate;
pub mod span;
pub mod text;
pub mod threads;
