//! A response's headers in one piece of text: a fast run has some with every delivery, and hands them from thread to thread.

use serde::{Serialize, Serializer};

/// Names and values in the order received. No line's end is in any of them, as HTTP has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Name and value by turns, a line each.
    lines: String,
}

impl Headers {
    /// Those of HTTP, as text: what is not UTF-8 is replaced by `�`.
    pub(super) fn of(headers: &http::HeaderMap) -> Self {
        let room = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum();
        let mut all = Self { lines: String::with_capacity(room) };
        for (name, value) in headers {
            all.push(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        all
    }

    fn push(&mut self, name: &str, value: &str) {
        for text in [name, value] {
            self.lines.push_str(text);
            self.lines.push('\n');
        }
    }

    /// Name, value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut lines = self.lines.split_terminator('\n');
        std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
    }
}

impl<T: AsRef<str>> FromIterator<(T, T)> for Headers {
    fn from_iter<I: IntoIterator<Item = (T, T)>>(headers: I) -> Self {
        let mut all = Self::default();
        headers.into_iter().for_each(|(name, value)| all.push(name.as_ref(), value.as_ref()));
        all
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn they_keep_their_order_their_repeats_and_empty_values() {
        let mut received = HeaderMap::new();
        for (name, value) in
            [("x-empty", &b""[..]), ("set-cookie", b"a=1"), ("set-cookie", b"b=2"), ("x", b"\xe9: 1\t")]
        {
            received.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let headers = Headers::of(&received);
        let expected = [("x-empty", ""), ("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x", "\u{fffd}: 1\t")];
        assert_eq!(headers.iter().collect::<Vec<_>>(), expected);
        assert_eq!(headers, expected.into_iter().collect());
        assert_eq!(Headers::default().iter().count(), 0);
    }
}
