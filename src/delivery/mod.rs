//! Attempts in real time under a policy: a resolved request in, deliveries with every attempt out. Does no formatting.

mod advice;
mod attempt;
mod client;
mod coding;
mod compare;
mod connect;

mod endpoint;
mod expect;
mod fail_on;
mod failure;
mod headers;
mod latencies;
mod outgoing;
mod plan;
mod pool;
mod previous_run;
mod proxy;
mod redirect;
mod result;
pub mod results;
mod run;
mod session;
mod summary;
mod tls;
mod wire;

pub use crate::policy::{AttemptOutcome, Band, FixedVerdict, LegacyVerdict};
pub use advice::Advice;
pub use attempt::{Attempted, BODY_KEPT, BODY_MAX, BODY_READ, Deadline};
pub use client::{Client, ClientOptions, ProxyChoice, ResolveOverride};
pub use compare::{Baseline, Change, Compared, Comparison, Sample};
pub use connect::HttpVersions;
pub use endpoint::{Endpoint, PhaseSums, Trend};
pub use expect::Expectation;
pub use fail_on::{Criterion, FailOn, Metric, Threshold, ThresholdResult};
pub use headers::Headers;
pub use latencies::{Latencies, Percentiles, Quantile};
pub use outgoing::Outgoing;
pub use plan::RunRules;
pub use previous_run::{PreviousPolicy, PreviousRun, PreviousScript};
pub use result::*;
pub use results::{ReadAttempt, ReadDelivery, ReadExpect};
pub use run::*;
pub use session::{
    Aim, Callback, DeliveryEvent, LoadProfile, Observer, PreparedScript, Ready, Rerender, ResolvedScripts, Runner,
    Selection, Session, Stop, Verdict, resolve,
};
pub use summary::*;
pub use tls::TlsOptions;
