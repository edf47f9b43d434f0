//! What is known of a run before its first delivery: the policy that judges it and the requests that it sends.

use std::time::Duration;

use super::{FailOn, Outgoing};
use crate::policy::{LoadRate, Settings, TimeoutRule};
use crate::request::Resolved;

/// What every report of a run opens with.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the deliveries are judged by.
    pub policy: PolicySnapshot,
    /// One a script, in the order of firing.
    pub requests: Vec<SentRequest>,
    /// How many deliveries are planned, at most; `u64::MAX` where only the time decides.
    pub deliveries: u64,
    /// For so long they are begun, where that is bounded.
    pub duration: Option<Duration>,
    /// How many may be under way at once.
    pub concurrency: usize,
    /// What makes it fail.
    pub fail_on: FailOn,
}

impl Run {
    /// The request that `script` sends.
    pub fn request(&self, script: &str) -> Option<&SentRequest> {
        self.requests.iter().find(|request| request.script == script)
    }
}

/// The policy of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicySnapshot {
    /// The wait that applies.
    pub name: TimeoutRule,
    /// The fixed limit.
    pub limit: Duration,
    /// In time at any load up to here.
    pub safe: Duration,
    /// The legacy wait at `load_rate`.
    pub legacy_limit: Duration,
    /// The legacy wait at load 1.
    pub legacy_min: Duration,
    /// The legacy wait at load 0.
    pub legacy_max: Duration,
    /// 0 to 1.
    pub load_rate: f64,
    /// Retries that the plan allows each delivery.
    pub retries: u32,
    /// Triggers of one script in any minute; more are not sent.
    pub triggers_per_minute: u32,
    /// Keys below `policy` whose values the platform does not publish and no setting confirms, such as `retry.max`.
    pub assumed: Vec<String>,
}

impl PolicySnapshot {
    /// The policy of a run under these settings at this load.
    pub fn new(name: TimeoutRule, load: LoadRate, settings: &Settings) -> Self {
        let policy = &settings.policy;
        Self {
            name,
            limit: policy.limit,
            safe: policy.safe,
            legacy_limit: policy.legacy_wait(load),
            legacy_min: policy.legacy.min,
            legacy_max: policy.legacy.max,
            load_rate: load.get(),
            retries: policy.retry.count(load),
            triggers_per_minute: policy.triggers_per_minute,
            assumed: settings.assumed().into_iter().map(str::to_owned).collect(),
        }
    }
}

/// A request as it went out, for people to read: secrets redacted.
#[derive(Debug, Clone)]
pub struct SentRequest {
    /// The script's id.
    pub script: String,
    /// The script's `name`.
    pub name: String,
    /// In capitals.
    pub method: String,
    /// With the query.
    pub url: String,
    /// In the order sent: name, value.
    pub headers: Vec<(String, String)>,
    /// None where there is none.
    pub body: Option<String>,
    /// Each trigger renders its own, since the template reads the time or chance: this is the first one's.
    pub varies: bool,
}

impl SentRequest {
    /// A resolved request as it goes out, perhaps to another host than its own, without its secrets.
    pub fn new(request: &Resolved, outgoing: &Outgoing) -> Self {
        let shown = |text: &str| request.redactor.redact(text).into_owned();
        let header = |header: &crate::request::Header| (header.name.clone(), shown(&header.value));
        Self {
            script: request.script.clone(),
            name: request.name.clone(),
            method: request.method.clone(),
            url: shown(outgoing.url.as_str()),
            headers: outgoing.headers.iter().map(header).collect(),
            body: request.body.as_ref().map(|body| shown(&String::from_utf8_lossy(&body.bytes))),
            varies: request.varies,
        }
    }
}
