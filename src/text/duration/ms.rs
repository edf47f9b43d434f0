//! How milliseconds are written in JSON: whole numbers plainly, others to the microsecond.

use serde::Serializer;

pub(crate) fn exact<S: Serializer>(ms: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match micros(*ms) {
        None => serializer.serialize_f64(*ms),
        Some(micros) if micros.is_multiple_of(1000) => serializer.serialize_u64(micros / 1000),
        Some(micros) => serializer.serialize_f64(micros as f64 / 1000.0),
    }
}

/// Whole microseconds of fifteen digits at most (some thirty years): up to there a float's shortest digits are the very digits
/// of the whole number. In integers, since a remainder of floats takes longer than all the rest.
fn micros(ms: f64) -> Option<u64> {
    let micros = ms * 1000.0 + 0.5;
    (0.0..1.0e15).contains(&micros).then_some(micros as u64)
}

pub(crate) fn optional<S: Serializer>(ms: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match ms {
        Some(ms) => exact(ms, serializer),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn list<S: Serializer>(list: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(Exact))
}

struct Exact<'a>(&'a f64);

impl serde::Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        exact(self.0, serializer)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn precision() {
        let cases = [
            (10_000.0, "10000"),
            (0.0, "0"),
            (12.3, "12.3"),
            (0.1 + 0.2, "0.3"),
            (0.000_4, "0"),
            (7.654_321, "7.654"),
            (999_999_999_999.999, "999999999999.999"),
            (8_891_800_579_010.973, "8891800579010.973"),
        ];
        for (ms, text) in cases {
            let mut written = Vec::new();
            super::exact(&ms, &mut serde_json::Serializer::new(&mut written)).expect("JSON");
            assert_eq!(String::from_utf8(written).expect("text"), text, "{ms}");
        }
    }
}
