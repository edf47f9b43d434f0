//! The rules over load, laid out: what `hookctl limits` shows.

use std::time::Duration;

use serde::Serialize;

use super::{Band, Latency, LoadRate, Settings};
use crate::text::duration::{millis, ms};

/// The legacy wait against the fixed limit over load, with the retry plan: the shape of `limits --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitsTable {
    version: u32,
    /// The verdict on a latency, if one was given.
    #[serde(flatten)]
    pub standing: Option<Standing>,
    /// One a load rate, ascending.
    pub rows: Vec<LimitsRow>,
    /// Keys below `policy` that are assumed and still at their defaults.
    pub assumed: Vec<&'static str>,
}

/// The verdict on a latency under any load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The latency, ms.
    #[serde(serialize_with = "ms::exact")]
    pub latency_ms: f64,
    /// Its band.
    pub band: Option<Band>,
    /// The highest load at which the legacy wait was long enough; none if it never was.
    pub in_time_up_to_load_rate: Option<f64>,
}

/// The rules at one load rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitsRow {
    /// 0 to 1.
    pub load_rate: f64,
    /// The legacy wait, ms.
    #[serde(serialize_with = "ms::exact")]
    pub legacy_ms: f64,
    /// The fixed limit, ms.
    #[serde(serialize_with = "ms::exact")]
    pub fixed_ms: f64,
    /// Retries of a delivery.
    pub retries: u32,
    /// The wait before each retry, ms; the first 1000.
    #[serde(serialize_with = "ms::list")]
    pub waits_ms: Vec<f64>,
    /// Whether the latency is in time under the fixed limit, where one was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_in_time: Option<bool>,
    /// Whether it is in time under the legacy wait at this load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_in_time: Option<bool>,
}

impl LimitsTable {
    /// The rules at one load, or at 0 to 1 in steps of 0.1, and the verdict on a latency.
    pub fn new(settings: &Settings, load: Option<LoadRate>, latency: Option<Duration>) -> Self {
        let policy = &settings.policy;
        let loads = match load {
            Some(load) => vec![load],
            None => (0..=10).filter_map(|tenths| LoadRate::new(f64::from(tenths) / 10.0).ok()).collect(),
        };
        let row = |load: LoadRate| {
            let measured = latency.map(Latency::Complete);
            LimitsRow {
                load_rate: load.get(),
                legacy_ms: millis(policy.legacy_wait(load)),
                fixed_ms: millis(policy.limit),
                retries: policy.retry.count(load),
                waits_ms: policy.retry.waits(load).into_iter().map(millis).collect(),
                fixed_in_time: measured.and_then(|latency| policy.fixed_verdict(latency).in_time),
                legacy_in_time: measured.and_then(|latency| policy.legacy_verdict(latency, load).in_time),
            }
        };
        let standing = |latency| Standing {
            latency_ms: millis(latency),
            band: policy.band(Latency::Complete(latency)),
            in_time_up_to_load_rate: policy.in_time_up_to(latency).map(LoadRate::get),
        };
        Self {
            version: 1,
            standing: latency.map(standing),
            rows: loads.into_iter().map(row).collect(),
            assumed: settings.assumed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(load: Option<f64>, latency: Option<u64>) -> String {
        let load = load.map(|load| LoadRate::new(load).expect("a load rate"));
        let table = LimitsTable::new(&Settings::default(), load, latency.map(Duration::from_secs));
        serde_json::to_string(&table).expect("JSON")
    }

    #[test]
    fn a_row_is_the_contract_to_the_letter() {
        let row = r#"{"load_rate":0.5,"legacy_ms":40000,"fixed_ms":10000,"retries":2,"waits_ms":[3000,6000]}"#;
        assert!(json(Some(0.5), None).starts_with(&format!(r#"{{"version":1,"rows":[{row}],"assumed":["#)));
        let all = json(None, None);
        assert_eq!(all.matches("load_rate").count(), 11);
        assert!(all.contains(row) && all.contains(r#""load_rate":0.3,"legacy_ms":56000,"#), "{all}");
    }

    #[test]
    fn a_latency_adds_its_verdicts() {
        let all = json(Some(0.5), Some(12));
        assert!(all.contains(r#""latency_ms":12000,"band":"timed_out","in_time_up_to_load_rate":0.85"#), "{all}");
        assert!(all.contains(r#""waits_ms":[3000,6000],"fixed_in_time":false,"legacy_in_time":true"#), "{all}");
        assert!(json(Some(0.9), Some(12)).contains(r#""legacy_in_time":false"#));
        assert!(json(None, Some(81)).contains(r#""in_time_up_to_load_rate":null"#));
    }
}
