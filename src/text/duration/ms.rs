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

/// The same as [`exact`] as JSON, in a third of the time: the digits of a whole number are sooner found than a float's.
pub(crate) fn write(ms: f64, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let Some(micros) = micros(ms) else { return serde_json::to_writer(out, &ms) };
    serde_json::to_writer(&mut *out, &(micros / 1000))?;
    let digit = |place: u64| b'0' + (micros / place % 10) as u8;
    let fraction = [b'.', digit(100), digit(10), digit(1)];
    let length = match fraction {
        [_, b'0', b'0', b'0'] => 0,
        [_, _, b'0', b'0'] => 2,
        [_, _, _, b'0'] => 3,
        _ => 4,
    };
    out.extend(fraction.into_iter().take(length));
    Ok(())
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
    use proptest::prelude::*;

    /// By serde and as text, which are the same.
    fn both(ms: f64) -> (String, String) {
        let (mut serialized, mut written) = (Vec::new(), Vec::new());
        super::exact(&ms, &mut serde_json::Serializer::new(&mut serialized)).expect("JSON");
        super::write(ms, &mut written).expect("JSON");
        (String::from_utf8(serialized).expect("text"), String::from_utf8(written).expect("text"))
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
            assert_eq!(both(ms), (text.to_owned(), text.to_owned()), "{ms}");
        }
    }

    /// Any number, and of those that may be met more of the large, where a float has hardly digits left for microseconds.
    fn times() -> impl Strategy<Value = f64> {
        prop_oneof![any::<f64>(), 0.0..1e6, 1e11..1e13]
    }

    proptest! {
        #[test]
        fn at_every_scale_both_are_the_same(ms in times()) {
            let (serialized, written) = both(ms);
            prop_assert_eq!(serialized, written);
        }
    }
}
