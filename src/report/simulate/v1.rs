//! Version 1 of `simulate --format json`.

use serde::Serialize;

use crate::report::fire::v1::{Bands, Percentiles};
use crate::simulate;
use crate::text::duration::ms::Ms;

/// The document.
#[derive(Serialize)]
pub(super) struct Comparison<'a> {
    version: u32,
    seed: u64,
    stopped_early: bool,
    policy: Rules<'a>,
    legacy: Outcome<'a>,
    fixed: Outcome<'a>,
    moved: OutcomeChange,
}

impl<'a> From<&'a simulate::Comparison> for Comparison<'a> {
    fn from(comparison: &'a simulate::Comparison) -> Self {
        let simulate::OutcomeChange { lost, won } = comparison.moved;
        Self {
            version: 1,
            seed: comparison.seed,
            stopped_early: comparison.stopped_early,
            policy: Rules::from(&comparison.policy),
            legacy: Outcome::from(&comparison.legacy),
            fixed: Outcome::from(&comparison.fixed),
            moved: OutcomeChange { lost, won },
        }
    }
}

#[derive(Serialize)]
struct Rules<'a> {
    limit_ms: Ms,
    safe_ms: Ms,
    legacy_min_ms: Ms,
    legacy_max_ms: Ms,
    triggers_per_minute: Option<u32>,
    assumed: &'a [&'static str],
}

impl<'a> From<&'a simulate::Rules> for Rules<'a> {
    fn from(rules: &'a simulate::Rules) -> Self {
        Self {
            limit_ms: rules.limit.into(),
            safe_ms: rules.safe.into(),
            legacy_min_ms: rules.legacy_min.into(),
            legacy_max_ms: rules.legacy_max.into(),
            triggers_per_minute: rules.triggers_per_minute,
            assumed: &rules.assumed,
        }
    }
}

#[derive(Serialize)]
struct OutcomeChange {
    lost: u64,
    won: u64,
}

#[derive(Serialize)]
struct Outcome<'a> {
    total: Figures,
    scripts: Vec<ScriptFigures<'a>>,
    timeline: Timeline,
}

impl<'a> From<&'a simulate::Outcome> for Outcome<'a> {
    fn from(outcome: &'a simulate::Outcome) -> Self {
        Self {
            total: Figures::from(&outcome.total),
            scripts: outcome.scripts.iter().map(ScriptFigures::from).collect(),
            timeline: Timeline::from(&outcome.timeline),
        }
    }
}

#[derive(Serialize)]
struct ScriptFigures<'a> {
    script: &'a str,
    #[serde(flatten)]
    figures: Figures,
}

impl<'a> From<&'a simulate::ScriptFigures> for ScriptFigures<'a> {
    fn from(script: &'a simulate::ScriptFigures) -> Self {
        Self { script: &script.script, figures: Figures::from(&script.figures) }
    }
}

#[derive(Serialize)]
struct Figures {
    triggers: u64,
    caused: u64,
    throttled: u64,
    delivered: u64,
    delivered_on_retry: u64,
    failed: u64,
    attempts: u64,
    retries: u64,
    timed_out: u64,
    amplification: Option<f64>,
    repeated: u64,
    bands: Bands,
    latency_ms: Percentiles,
    elapsed_ms: Percentiles,
    queue_ms: Percentiles,
    in_flight: u64,
}

impl From<&simulate::Figures> for Figures {
    fn from(figures: &simulate::Figures) -> Self {
        Self {
            triggers: figures.triggers,
            caused: figures.caused,
            throttled: figures.throttled,
            delivered: figures.delivered,
            delivered_on_retry: figures.delivered_on_retry,
            failed: figures.failed,
            attempts: figures.attempts,
            retries: figures.retries,
            timed_out: figures.timed_out,
            amplification: figures.amplification,
            repeated: figures.repeated,
            bands: Bands::from(&figures.bands),
            latency_ms: Percentiles::from(&figures.latency),
            elapsed_ms: Percentiles::from(&figures.elapsed),
            queue_ms: Percentiles::from(&figures.queue),
            in_flight: figures.in_flight,
        }
    }
}

#[derive(Serialize)]
struct Timeline {
    every_ms: Ms,
    buckets: Vec<Bucket>,
}

impl From<&simulate::Timeline> for Timeline {
    fn from(timeline: &simulate::Timeline) -> Self {
        Self { every_ms: timeline.every.into(), buckets: timeline.buckets.iter().map(Bucket::from).collect() }
    }
}

#[derive(Serialize)]
struct Bucket {
    triggers: u64,
    throttled: u64,
    attempts: u64,
    failed: u64,
}

impl From<&simulate::Bucket> for Bucket {
    fn from(bucket: &simulate::Bucket) -> Self {
        let simulate::Bucket { triggers, throttled, attempts, failed } = *bucket;
        Self { triggers, throttled, attempts, failed }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::delivery;

    #[test]
    fn each_figure_has_its_member() {
        let times = |ms| delivery::Percentiles { p50: Some(Duration::from_millis(ms)), ..Default::default() };
        let figures = simulate::Figures {
            triggers: 1,
            caused: 2,
            throttled: 3,
            delivered: 4,
            delivered_on_retry: 5,
            failed: 6,
            attempts: 7,
            retries: 8,
            timed_out: 9,
            amplification: Some(1.5),
            repeated: 10,
            bands: delivery::Bands { safe: 11, at_risk: 12, timed_out: 13 },
            latency: times(14),
            elapsed: times(15),
            queue: times(16),
            in_flight: 17,
        };
        let script = simulate::ScriptFigures { script: "a".to_owned(), figures };
        let written = serde_json::to_string(&ScriptFigures::from(&script)).expect("JSON");
        let times = |ms| {
            format!(
                r#"{{"min":null,"mean":null,"p50":{ms},"p90":null,"p95":null,"p99":null,"p99.9":null,"max":null,"cut_off":0}}"#
            )
        };
        let counts = r#""triggers":1,"caused":2,"throttled":3,"delivered":4,"delivered_on_retry":5,"failed":6,"attempts":7,"retries":8,"timed_out":9"#;
        let more = r#""amplification":1.5,"repeated":10,"bands":{"safe":11,"at_risk":12,"timed_out":13}"#;
        let (latency, elapsed, queue) = (times(14), times(15), times(16));
        assert_eq!(
            written,
            format!(
                r#"{{"script":"a",{counts},{more},"latency_ms":{latency},"elapsed_ms":{elapsed},"queue_ms":{queue},"in_flight":17}}"#
            )
        );
    }

    #[test]
    fn time_is_in_buckets() {
        let bucket = simulate::Bucket { triggers: 1, throttled: 2, attempts: 3, failed: 4 };
        let timeline = simulate::Timeline { every: Duration::from_secs(2), buckets: vec![bucket] };
        let written = serde_json::to_string(&Timeline::from(&timeline)).expect("JSON");
        let bucket = r#"{"triggers":1,"throttled":2,"attempts":3,"failed":4}"#;
        assert_eq!(written, format!(r#"{{"every_ms":2000,"buckets":[{bucket}]}}"#));
    }
}
