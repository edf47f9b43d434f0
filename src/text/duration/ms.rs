//! Times in JSON: milliseconds, whole ones plainly, others to the microsecond.

use std::time::Duration;

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::millis;

/// A time as JSON has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ms(pub Duration);

impl From<Duration> for Ms {
    fn from(time: Duration) -> Self {
        Self(time)
    }
}

impl Serialize for Ms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = self.0;
        let micros = time.as_secs().checked_mul(1_000_000);
        match micros.and_then(|micros| micros.checked_add((u64::from(time.subsec_nanos()) + 500) / 1000)) {
            Some(micros) if micros < MOST => thousandths(micros, serializer),
            _ => serializer.serialize_f64(millis(time)),
        }
    }
}

impl<'de> Deserialize<'de> for Ms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ms = f64::deserialize(deserializer)?;
        let time = Duration::try_from_secs_f64(ms / 1_000.0).ok();
        let time = time.filter(|time| time.as_micros() <= u128::from(MOST));
        time.map(Self).ok_or_else(|| {
            D::Error::invalid_value(Unexpected::Float(ms), &"a time in milliseconds, from 0 to 1e12 (30 years)")
        })
    }
}

pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    Ms::deserialize(deserializer).map(|Ms(time)| time)
}

pub(crate) fn read_optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<Ms>::deserialize(deserializer)?.map(|Ms(time)| time))
}

/// A number of ms, or any other, to the third decimal.
pub(crate) fn exact<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let rounded = number * 1000.0 + 0.5;
    match (0.0..MOST as f64).contains(&rounded) {
        true => thousandths(rounded as u64, serializer),
        false => serializer.serialize_f64(*number),
    }
}

pub(crate) fn optional<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => exact(number, serializer),
        None => serializer.serialize_none(),
    }
}

/// Thousandths of fifteen digits at most (of ms, some thirty years): up to there a float's shortest digits are the very digits
/// of the whole number. In integers, since a remainder of floats takes longer than all the rest.
const MOST: u64 = 1_000_000_000_000_000;

fn thousandths<S: Serializer>(thousandths: u64, serializer: S) -> Result<S::Ok, S::Error> {
    match thousandths.is_multiple_of(1000) {
        true => serializer.serialize_u64(thousandths / 1000),
        false => serializer.serialize_f64(thousandths as f64 / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(ms: f64) -> String {
        let mut written = Vec::new();
        exact(&ms, &mut serde_json::Serializer::new(&mut written)).expect("JSON");
        String::from_utf8(written).expect("text")
    }

    fn time(time: Duration) -> String {
        serde_json::to_string(&Ms(time)).expect("JSON")
    }

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
            assert_eq!(number(ms), text, "{ms}");
        }
        for (nanos, text) in [(0, "0"), (499, "0"), (500, "0.001"), (12_300_000, "12.3"), (999_999_500, "1000")] {
            assert_eq!(time(Duration::from_nanos(nanos)), text, "{nanos}");
        }
        assert_eq!(time(Duration::MAX), "1.8446744073709552e+22");
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in ["-1", "1.1e12", "1e300"] {
            let error = serde_json::from_str::<Ms>(text).expect_err(text).to_string();
            assert!(error.contains("expected a time in milliseconds, from 0 to 1e12"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_time_has_the_digits_of_its_milliseconds(nanos in prop_oneof![0u64..10_000_000, 0u64..100_000_000_000_000]) {
            // Half a microsecond is rounded up, which floats do not always see.
            let nanos = if nanos % 1000 == 500 { nanos + 1 } else { nanos };
            let duration = Duration::from_nanos(nanos);
            let text = time(duration);
            prop_assert_eq!(&text, &number(millis(duration)));
            let Ms(read) = serde_json::from_str(&text).expect("a time");
            prop_assert_eq!(read, Duration::from_micros((nanos + 500) / 1000));
        }
    }
}
