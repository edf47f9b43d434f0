//! Attempts in real time under a policy: a resolved request in, deliveries with every attempt out. Decides no looks.

mod attempt;
mod client;
mod endpoint;
mod failure;
mod latencies;
mod ms;
mod result;
mod run;
mod summary;
mod tls;
mod trace;

pub use attempt::{Attempted, BODY_KEPT, BODY_MAX};
pub use client::{Client, ClientOptions, Outgoing, ProxyChoice, ResolveOverride};
pub use endpoint::{Endpoint, PhaseSums, Trend};
pub use latencies::{Latencies, Percentiles, Rank};
pub use result::*;
pub use run::*;
pub use summary::*;
pub use tls::TlsOptions;
