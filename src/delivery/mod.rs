//! Attempts in real time under a policy: a resolved request in, deliveries with every attempt out. Decides no looks.

mod advice;
mod attempt;
mod client;
#[allow(dead_code, reason = "used once responses are read by our own client")]
mod coding;
mod compare;
#[allow(dead_code, reason = "used once requests are sent by our own client")]
mod connect;
mod crews;
mod deliver;
mod endpoint;
mod failure;
mod firing;
mod headers;
mod json;
mod latencies;
mod past;
mod plan;
mod proxy;
mod redirect;
mod result;
pub mod results;
mod run;
mod summary;
mod tls;
mod trace;

pub use crate::policy::{AttemptOutcome, Band, FixedVerdict, LegacyVerdict};
pub use advice::Advice;
pub use attempt::{Alarm, Attempted, BODY_KEPT, BODY_MAX};
pub use client::{Client, ClientOptions, Outgoing, ProxyChoice, ResolveOverride, is_loopback};
pub use compare::{Against, Change, Compared, Comparison, Side};
pub use connect::HttpVersions;
pub use deliver::{Callback, Moment, Renewal, Shot, Stop};
pub use endpoint::{Endpoint, PhaseSums, Trend};
pub use firing::{Firing, Volume};
pub use headers::Headers;
pub use latencies::{Latencies, Percentiles, Rank};
pub use past::{Past, PastPolicy, PastScript};
pub use plan::{Expectation, Rules};
pub use result::*;
pub use results::{ReadAttempt, ReadDelivery, ReadExpect};
pub use run::*;
pub use summary::*;
pub use tls::TlsOptions;
