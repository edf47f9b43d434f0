//! A response's headers in a single string: cheap to store with every delivery and to move between threads.

use std::borrow::Cow;

/// Names and values as received: in their order, with repeats, names in the letters of the server. No value has a line break,
/// as HTTP demands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Name and value by turns, a line each.
    lines: String,
}

impl Headers {
    /// No headers, with room for `bytes` bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { lines: String::with_capacity(bytes) }
    }

    /// Adds one from the wire.
    pub(super) fn push_bytes(&mut self, name: &[u8], value: &[u8]) {
        self.push(&text(name), &text(value));
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

    /// Every value of that name, in whatever case either is written.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.iter().filter(move |(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The first value of that name.
    pub fn get<'h>(&'h self, name: &'h str) -> Option<&'h str> {
        self.all(name).next()
    }
}

/// UTF-8 as it is; anything else by its bytes (ISO 8859-1), as browsers read it. A folded line is one line, as RFC 9112 (5.2)
/// asks of whoever reads it.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    };
    if !text.contains('\n') {
        return text;
    }
    let lines = text.split(['\r', '\n']).map(|line| line.trim_matches([' ', '\t'])).filter(|line| !line.is_empty());
    Cow::Owned(lines.collect::<Vec<_>>().join(" "))
}

impl<T: AsRef<str>> FromIterator<(T, T)> for Headers {
    fn from_iter<I: IntoIterator<Item = (T, T)>>(headers: I) -> Self {
        let mut all = Self::default();
        headers.into_iter().for_each(|(name, value)| all.push(name.as_ref(), value.as_ref()));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_keep_their_order_their_letters_their_repeats_and_empty_values() {
        let mut headers = Headers::with_capacity(10);
        for (name, value) in [
            ("X-Empty", &b""[..]),
            ("set-cookie", b"a=1"),
            ("X", b"caf\xe9\t"),
            ("Set-Cookie", b"b=2"),
            ("Y", "é".as_bytes()),
            ("Folded", b"one\r\n  two\r\n\tthree"),
        ] {
            headers.push_bytes(name.as_bytes(), value);
        }
        let expected = [
            ("X-Empty", ""),
            ("set-cookie", "a=1"),
            ("X", "café\t"),
            ("Set-Cookie", "b=2"),
            ("Y", "é"),
            ("Folded", "one two three"),
        ];
        assert_eq!(headers.iter().collect::<Vec<_>>(), expected);
        assert_eq!(headers, expected.into_iter().collect());
        assert_eq!(headers.all("SET-COOKIE").collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!((headers.get("x-empty"), headers.get("z")), (Some(""), None));
        assert_eq!(Headers::default().iter().count(), 0);
    }
}
