//! Version 1 of `limits --format json`, to the letter of the contract.

use serde::Serialize;

use crate::policy::{self, Band};
use crate::text::duration::ms::Ms;

/// The document.
#[derive(Serialize)]
pub(super) struct Limits<'a> {
    version: u32,
    #[serde(flatten)]
    standing: Option<Standing>,
    rows: Vec<Row>,
    assumed: &'a [&'static str],
}

impl<'a> From<&'a policy::LimitsTable> for Limits<'a> {
    fn from(table: &'a policy::LimitsTable) -> Self {
        Self {
            version: 1,
            standing: table.standing.as_ref().map(Standing::from),
            rows: table.rows.iter().map(Row::from).collect(),
            assumed: &table.assumed,
        }
    }
}

#[derive(Serialize)]
struct Standing {
    latency_ms: Ms,
    band: Option<&'static str>,
    in_time_up_to_load_rate: Option<f64>,
}

impl From<&policy::Standing> for Standing {
    fn from(standing: &policy::Standing) -> Self {
        Self {
            latency_ms: standing.latency.into(),
            band: standing.band.map(Band::name),
            in_time_up_to_load_rate: standing.in_time_up_to_load_rate,
        }
    }
}

#[derive(Serialize)]
struct Row {
    load_rate: f64,
    legacy_ms: Ms,
    fixed_ms: Ms,
    retries: u32,
    waits_ms: Vec<Ms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_in_time: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    legacy_in_time: Option<bool>,
}

impl From<&policy::LimitsRow> for Row {
    fn from(row: &policy::LimitsRow) -> Self {
        Self {
            load_rate: row.load_rate,
            legacy_ms: row.legacy.into(),
            fixed_ms: row.fixed.into(),
            retries: row.retries,
            waits_ms: row.waits.iter().copied().map(Ms).collect(),
            fixed_in_time: row.fixed_in_time,
            legacy_in_time: row.legacy_in_time,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::policy::{LoadRate, Settings};

    fn json(load: Option<f64>, latency: Option<u64>) -> String {
        let load = load.map(|load| LoadRate::new(load).expect("a load rate"));
        let table = policy::LimitsTable::new(&Settings::default(), load, latency.map(Duration::from_secs));
        serde_json::to_string(&Limits::from(&table)).expect("JSON")
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
