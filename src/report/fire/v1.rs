//! Version 1 of `fire`'s JSON and JSON Lines, to the letter of the contract: shapes that are borrowed from a result while it
//! is written. `delivery::results` reads what `--compare` and others need of them.

use std::marker::PhantomData;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::delivery::{self, Headers};
use crate::text::duration::ms::{self, Ms};

/// The `policy`.
#[derive(Serialize)]
pub(crate) struct Policy<'a> {
    name: &'static str,
    limit_ms: Ms,
    safe_ms: Ms,
    legacy_limit_ms: Ms,
    legacy_min_ms: Ms,
    legacy_max_ms: Ms,
    load_rate: f64,
    retries: u32,
    triggers_per_minute: u32,
    assumed: &'a [String],
}

impl<'a> From<&'a delivery::PolicySnapshot> for Policy<'a> {
    fn from(policy: &'a delivery::PolicySnapshot) -> Self {
        Self {
            name: policy.name.name(),
            limit_ms: policy.limit.into(),
            safe_ms: policy.safe.into(),
            legacy_limit_ms: policy.legacy_limit.into(),
            legacy_min_ms: policy.legacy_min.into(),
            legacy_max_ms: policy.legacy_max.into(),
            load_rate: policy.load_rate,
            retries: policy.retries,
            triggers_per_minute: policy.triggers_per_minute,
            assumed: &policy.assumed,
        }
    }
}

/// One of the `deliveries`.
#[derive(Serialize)]
pub(crate) struct Delivery<'a> {
    script: &'a str,
    trigger: u64,
    outcome: &'static str,
    band: Option<&'static str>,
    attempts: Each<'a, delivery::Attempt, Attempt<'a>>,
    latency_ms: Option<Ms>,
    elapsed_ms: Ms,
    fixed: Fixed,
    legacy: Legacy,
    expect: Expect<'a>,
    callback: Option<&'a str>,
    callback_error: Option<&'a str>,
    method: &'a str,
    url: &'a str,
    #[serde(serialize_with = "rfc_3339")]
    started_at: Timestamp,
    duplicate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    queued_ms: Option<Ms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_read_up_to: Option<u64>,
}

impl<'a> From<&'a delivery::Delivery> for Delivery<'a> {
    fn from(delivery: &'a delivery::Delivery) -> Self {
        let (fixed, legacy) = (&delivery.fixed, &delivery.legacy);
        Self {
            script: &delivery.script,
            trigger: delivery.trigger,
            outcome: delivery.outcome.name(),
            band: delivery.band.map(delivery::Band::name),
            attempts: Each::of(&delivery.attempts),
            latency_ms: delivery.latency.map(Ms),
            elapsed_ms: delivery.elapsed.into(),
            fixed: Fixed { in_time: fixed.in_time, limit_ms: fixed.limit.into() },
            legacy: Legacy {
                in_time: legacy.in_time,
                limit_ms: legacy.limit.into(),
                in_time_up_to_load_rate: legacy.in_time_up_to_load_rate,
            },
            expect: Expect { passed: delivery.expect.passed, failures: &delivery.expect.failures },
            callback: delivery.callback.as_deref(),
            callback_error: delivery.callback_error.as_deref(),
            method: &delivery.method,
            url: &delivery.url,
            started_at: delivery.started_at,
            duplicate: delivery.duplicate,
            queued_ms: delivery.queued.map(Ms),
            body_read_up_to: delivery.body_read_up_to,
        }
    }
}

#[derive(Serialize)]
struct Fixed {
    in_time: Option<bool>,
    limit_ms: Ms,
}

#[derive(Serialize)]
struct Legacy {
    in_time: Option<bool>,
    limit_ms: Ms,
    in_time_up_to_load_rate: Option<f64>,
}

#[derive(Serialize)]
struct Expect<'a> {
    passed: bool,
    failures: &'a [String],
}

fn rfc_3339<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

#[derive(Serialize)]
struct Attempt<'a> {
    number: u32,
    outcome: &'static str,
    status: Option<u16>,
    latency_ms: Option<Ms>,
    limit_ms: Ms,
    wait_before_ms: Ms,
    phases: Phases,
    error: Option<&'a str>,
    response: Option<Response<'a>>,
    #[serde(skip_serializing_if = "Each::is_empty")]
    redirects: Each<'a, delivery::Redirect, Redirect<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    resent: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<Ms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<Proxy<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_version: Option<&'static str>,
}

impl<'a> From<&'a delivery::Attempt> for Attempt<'a> {
    fn from(attempt: &'a delivery::Attempt) -> Self {
        Self {
            number: attempt.number,
            outcome: attempt.outcome.name(),
            status: attempt.status,
            latency_ms: attempt.latency.map(Ms),
            limit_ms: attempt.limit.into(),
            wait_before_ms: attempt.wait_before.into(),
            phases: Phases::from(&attempt.phases),
            error: attempt.error.as_deref(),
            response: attempt.response.as_ref().map(Response::from),
            redirects: Each::of(&attempt.redirects),
            resent: &attempt.resent,
            retry_after_ms: attempt.retry_after.map(Ms),
            proxy: attempt.proxy.as_ref().map(|proxy| Proxy { address: &proxy.address, from: proxy.from }),
            remote: attempt.remote.as_deref(),
            http_version: attempt.http_version,
        }
    }
}

#[derive(Serialize)]
struct Phases {
    dns_ms: Option<Ms>,
    connect_ms: Option<Ms>,
    tls_ms: Option<Ms>,
    wait_ms: Option<Ms>,
    download_ms: Option<Ms>,
}

impl From<&delivery::Phases> for Phases {
    fn from(phases: &delivery::Phases) -> Self {
        Self {
            dns_ms: phases.dns.map(Ms),
            connect_ms: phases.connect.map(Ms),
            tls_ms: phases.tls.map(Ms),
            wait_ms: phases.wait.map(Ms),
            download_ms: phases.download.map(Ms),
        }
    }
}

#[derive(Serialize)]
struct Response<'a> {
    #[serde(serialize_with = "pairs")]
    headers: &'a Headers,
    body: &'a str,
    bytes: u64,
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_decoded: Option<&'a str>,
}

impl<'a> From<&'a delivery::Response> for Response<'a> {
    fn from(response: &'a delivery::Response) -> Self {
        Self {
            headers: &response.headers,
            body: &response.body,
            bytes: response.bytes,
            truncated: response.truncated,
            not_decoded: response.not_decoded.as_deref(),
        }
    }
}

/// Name and value of each.
fn pairs<S: Serializer>(headers: &Headers, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(headers.iter())
}

#[derive(Serialize)]
struct Redirect<'a> {
    status: u16,
    method: &'a str,
    url: &'a str,
    credentials_dropped: bool,
}

impl<'a> From<&'a delivery::Redirect> for Redirect<'a> {
    fn from(redirect: &'a delivery::Redirect) -> Self {
        Self {
            status: redirect.status,
            method: &redirect.method,
            url: &redirect.url,
            credentials_dropped: redirect.credentials_dropped,
        }
    }
}

#[derive(Serialize)]
struct Proxy<'a> {
    address: &'a str,
    from: &'static str,
}

/// The `summary`.
#[derive(Serialize)]
pub(crate) struct Summary<'a> {
    deliveries: u64,
    delivered: u64,
    failed: u64,
    throttled: u64,
    attempts: u64,
    retries: u64,
    bands: Bands,
    latency_ms: Percentiles,
    interrupted: u64,
    delivered_on_retry: u64,
    duplicates: u64,
    resent: u64,
    expect_failed: u64,
    failed_as_expected: u64,
    retried: u64,
    callback_failed: u64,
    elapsed_ms: Ms,
    #[serde(serialize_with = "ms::optional")]
    deliveries_per_second: Option<f64>,
    #[serde(serialize_with = "ms::optional")]
    requests_per_second: Option<f64>,
    bytes: u64,
    #[serde(skip_serializing_if = "Each::is_empty")]
    thresholds: Each<'a, delivery::ThresholdResult, Threshold<'a>>,
    legacy: LegacyChange,
    verdicts: Verdicts,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_intended_start_ms: Option<Percentiles>,
}

impl<'a> From<&'a delivery::Summary> for Summary<'a> {
    fn from(summary: &'a delivery::Summary) -> Self {
        Self {
            deliveries: summary.deliveries,
            delivered: summary.delivered,
            failed: summary.failed,
            throttled: summary.throttled,
            attempts: summary.attempts,
            retries: summary.retries,
            bands: Bands::from(&summary.bands),
            latency_ms: Percentiles::from(&summary.latency),
            interrupted: summary.interrupted,
            delivered_on_retry: summary.delivered_on_retry,
            duplicates: summary.duplicates,
            resent: summary.resent,
            expect_failed: summary.expect_failed,
            failed_as_expected: summary.failed_as_expected,
            retried: summary.retried,
            callback_failed: summary.callback_failed,
            elapsed_ms: summary.elapsed.into(),
            deliveries_per_second: summary.deliveries_per_second,
            requests_per_second: summary.requests_per_second,
            bytes: summary.bytes,
            thresholds: Each::of(&summary.thresholds),
            legacy: LegacyChange::from(&summary.legacy),
            verdicts: Verdicts::from(&summary.verdicts),
            from_intended_start_ms: summary.from_intended_start.as_ref().map(Percentiles::from),
        }
    }
}

/// Deliveries in each band.
#[derive(Serialize)]
pub(crate) struct Bands {
    safe: u64,
    at_risk: u64,
    timed_out: u64,
}

impl From<&delivery::Bands> for Bands {
    fn from(bands: &delivery::Bands) -> Self {
        Self { safe: bands.safe, at_risk: bands.at_risk, timed_out: bands.timed_out }
    }
}

/// Percentiles of times.
#[derive(Serialize)]
pub(crate) struct Percentiles {
    min: Option<Ms>,
    mean: Option<Ms>,
    p50: Option<Ms>,
    p90: Option<Ms>,
    p95: Option<Ms>,
    p99: Option<Ms>,
    #[serde(rename = "p99.9")]
    p99_9: Option<Ms>,
    max: Option<Ms>,
    cut_off: u64,
}

impl From<&delivery::Percentiles> for Percentiles {
    fn from(times: &delivery::Percentiles) -> Self {
        Self {
            min: times.min.map(Ms),
            mean: times.mean.map(Ms),
            p50: times.p50.map(Ms),
            p90: times.p90.map(Ms),
            p95: times.p95.map(Ms),
            p99: times.p99.map(Ms),
            p99_9: times.p99_9.map(Ms),
            max: times.max.map(Ms),
            cut_off: times.cut_off,
        }
    }
}

#[derive(Serialize)]
struct Threshold<'a> {
    threshold: &'a str,
    limit: f64,
    actual: Option<f64>,
    passed: bool,
}

impl<'a> From<&'a delivery::ThresholdResult> for Threshold<'a> {
    fn from(result: &'a delivery::ThresholdResult) -> Self {
        Self { threshold: &result.threshold, limit: result.limit, actual: result.actual, passed: result.passed }
    }
}

#[derive(Serialize)]
struct LegacyChange {
    passed: u64,
    now_fail: u64,
    now_pass: u64,
    unknown: u64,
}

impl From<&delivery::LegacyChange> for LegacyChange {
    fn from(change: &delivery::LegacyChange) -> Self {
        let delivery::LegacyChange { passed, now_fail, now_pass, unknown } = *change;
        Self { passed, now_fail, now_pass, unknown }
    }
}

#[derive(Serialize)]
struct Verdicts {
    sent: u64,
    fixed_in_time: u64,
    fixed_unknown: u64,
    legacy_in_time: u64,
    legacy_unknown: u64,
    legacy_in_time_up_to_load_rate: Option<f64>,
}

impl From<&delivery::Verdicts> for Verdicts {
    fn from(verdicts: &delivery::Verdicts) -> Self {
        Self {
            sent: verdicts.sent,
            fixed_in_time: verdicts.fixed_in_time,
            fixed_unknown: verdicts.fixed_unknown,
            legacy_in_time: verdicts.legacy_in_time,
            legacy_unknown: verdicts.legacy_unknown,
            legacy_in_time_up_to_load_rate: verdicts.legacy_in_time_up_to_load_rate,
        }
    }
}

/// The `comparison`.
#[derive(Serialize)]
pub(crate) struct Comparison<'a> {
    with: &'a str,
    max_regression: Option<f64>,
    differences: &'a [String],
    scripts: Each<'a, delivery::Compared, Compared<'a>>,
}

impl<'a> From<&'a delivery::Comparison> for Comparison<'a> {
    fn from(comparison: &'a delivery::Comparison) -> Self {
        Self {
            with: &comparison.with,
            max_regression: comparison.max_regression,
            differences: &comparison.differences,
            scripts: Each::of(&comparison.scripts),
        }
    }
}

#[derive(Serialize)]
struct Compared<'a> {
    script: &'a str,
    change: &'static str,
    regression: bool,
    few: bool,
    before: Option<Sample>,
    now: Option<Sample>,
    #[serde(serialize_with = "share")]
    p50_change: Option<f64>,
    #[serde(serialize_with = "share")]
    p90_change: Option<f64>,
    #[serde(serialize_with = "share")]
    elapsed_p50_change: Option<f64>,
}

impl<'a> From<&'a delivery::Compared> for Compared<'a> {
    fn from(script: &'a delivery::Compared) -> Self {
        Self {
            script: &script.script,
            change: script.change.name(),
            regression: script.regression,
            few: script.few,
            before: script.before.as_ref().map(Sample::from),
            now: script.now.as_ref().map(Sample::from),
            p50_change: script.p50_change,
            p90_change: script.p90_change,
            elapsed_p50_change: script.elapsed_p50_change,
        }
    }
}

/// To a hundredth of a percent.
fn share<S: Serializer>(share: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    share.map(|share| (share * 1e4).round() / 1e4).serialize(serializer)
}

#[derive(Serialize)]
struct Sample {
    deliveries: u64,
    failures: u64,
    retried: u64,
    duplicates: u64,
    p50: Option<Ms>,
    p90: Option<Ms>,
    elapsed_p50: Option<Ms>,
}

impl From<&delivery::Sample> for Sample {
    fn from(sample: &delivery::Sample) -> Self {
        Self {
            deliveries: sample.deliveries,
            failures: sample.failures,
            retried: sample.retried,
            duplicates: sample.duplicates,
            p50: sample.p50.map(Ms),
            p90: sample.p90.map(Ms),
            elapsed_p50: sample.elapsed_p50.map(Ms),
        }
    }
}

/// A list whose items become a `Shape` one by one while they are written: no list of shapes is put together.
struct Each<'a, T, Shape>(&'a [T], PhantomData<fn() -> Shape>);

impl<'a, T, Shape> Each<'a, T, Shape> {
    fn of(items: &'a [T]) -> Self {
        Self(items, PhantomData)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a, T, Shape: From<&'a T> + Serialize> Serialize for Each<'a, T, Shape> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shape::from))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::fire::tests;

    /// What the hand-made deliveries of the snapshots do not have.
    #[test]
    fn members_that_are_left_out_where_there_is_nothing_to_say() {
        let first = delivery::Attempt {
            redirects: vec![delivery::Redirect {
                status: 307,
                method: "GET".to_owned(),
                url: "http://b/".to_owned(),
                credentials_dropped: true,
            }],
            resent: vec!["the server closed it".to_owned()],
            retry_after: Some(Duration::from_secs(7)),
            proxy: Some(delivery::UsedProxy { address: "p:3128".to_owned(), from: "HTTPS_PROXY" }),
            response: Some(delivery::Response {
                headers: [("A", "1"), ("a", "2")].into_iter().collect(),
                body: "\u{1}".to_owned(),
                bytes: 1,
                truncated: false,
                not_decoded: Some("unknown coding".to_owned()),
            }),
            ..tests::attempt(1, 200, 12.345_6)
        };
        let plain = tests::delivery("a", 1, vec![tests::attempt(1, 200, 12.3)]);
        let full = delivery::Delivery {
            queued: Some(Duration::from_micros(1_500)),
            body_read_up_to: Some(8),
            ..tests::delivery("a", 1, vec![first])
        };
        let [plain, full] = [plain, full].map(|one| serde_json::to_string(&Delivery::from(&one)).expect("JSON"));
        for (members, of_all) in [
            (r#""latency_ms":12.346,"#, false),
            (r#""headers":[["A","1"],["a","2"]],"body":"\u0001","bytes":1,"truncated":false,"#, false),
            (r#""not_decoded":"unknown coding"},"#, false),
            (r#""redirects":[{"status":307,"method":"GET","url":"http://b/","credentials_dropped":true}],"#, false),
            (r#""resent":["the server closed it"],"retry_after_ms":7000,"#, false),
            (r#""proxy":{"address":"p:3128","from":"HTTPS_PROXY"},"remote":"127.0.0.1:8787","#, false),
            (r#""started_at":"2026-11-28T10:15:30.123Z","duplicate":false"#, true),
            (r#","queued_ms":1.5,"body_read_up_to":8}"#, false),
        ] {
            assert!(full.contains(members), "{members} is not in {full}");
            assert_eq!(plain.contains(members), of_all, "{members}: {plain}");
        }
        for member in ["not_decoded", "redirects", "resent", "retry_after_ms", "proxy", "queued_ms", "body_read_up_to"]
        {
            assert!(!plain.contains(member), "{member}: {plain}");
        }
    }

    #[test]
    fn a_summary_from_the_intended_start_and_its_thresholds() {
        let all = delivery::Summary {
            from_intended_start: Some(delivery::Percentiles {
                p99_9: Some(Duration::from_micros(1)),
                ..Default::default()
            }),
            thresholds: vec![delivery::ThresholdResult {
                threshold: "p95>5s".to_owned(),
                limit: 5_000.0,
                actual: None,
                passed: false,
            }],
            ..delivery::Summary::default()
        };
        let [none, all] =
            [delivery::Summary::default(), all].map(|one| serde_json::to_string(&Summary::from(&one)).expect("JSON"));
        let thresholds =
            r#""thresholds":[{"threshold":"p95>5s","limit":5000.0,"actual":null,"passed":false}],"legacy""#;
        assert!(all.contains(thresholds) && all.contains(r#""from_intended_start_ms":{"min":null,"#), "{all}");
        assert!(all.contains(r#""p99.9":0.001,"#), "{all}");
        assert!(!none.contains("thresholds") && !none.contains("from_intended_start_ms"), "{none}");
    }
}
