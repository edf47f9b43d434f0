//! Attempts in real time under a policy: a resolved request in, deliveries with every attempt out. Decides no looks.

mod attempt;
mod client;
mod failure;
mod result;
mod tls;
mod trace;

pub use attempt::{Attempted, BODY_KEPT, BODY_MAX};
pub use client::{Client, ClientOptions, Outgoing, ProxyChoice, ResolveOverride};
pub use result::*;
pub use tls::TlsOptions;
