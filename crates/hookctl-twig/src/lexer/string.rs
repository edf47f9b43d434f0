//! String literals: escapes as C writes them, and interpolation in double quotes.

use std::borrow::Cow;

use super::{Kind, Lexer, Stop, is_space};

impl Lexer<'_> {
    /// A string that needs no interpolation, or the start of one that may.
    pub(super) fn string(&mut self, quote: u8) -> Result<(), Stop> {
        let from = self.at;
        let bytes = self.code.as_bytes();
        let mut at = from + 1;
        loop {
            match bytes.get(at) {
                Some(&b) if b == quote => break,
                Some(b'#') if quote == b'"' => return self.interpolated(from),
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
                None if quote == b'"' => return self.interpolated(from),
                None => {
                    let help = Some("end it with `'`; a quote inside is written `\\'`".into());
                    return Err(self.fail(from, from + 1, "this string is never closed", help));
                }
            }
        }
        self.at = at + 1;
        let text = unescape(&self.code[from + 1..at]);
        self.push(Kind::Str(text), from);
        Ok(())
    }

    fn interpolated(&mut self, from: usize) -> Result<(), Stop> {
        self.open.push((b'"', from));
        self.at = from + 1;
        self.string_part()
    }

    /// Constant text, the start of an interpolation, or the end of the string.
    pub(super) fn string_part(&mut self) -> Result<(), Stop> {
        let from = self.at;
        if self.eat("#{") {
            self.open.push((b'#', from));
            self.push(Kind::InterpolationStart, from);
            self.eat_while(is_space);
            return Ok(());
        }
        let bytes = self.code.as_bytes();
        let mut at = from;
        loop {
            match bytes.get(at) {
                Some(b'"') | None => break,
                Some(b'#') if bytes.get(at + 1) == Some(&b'{') => break,
                Some(b'\\') if at + 1 < bytes.len() => at += 2,
                Some(_) => at += 1,
            }
        }
        if at >= bytes.len() {
            // The string swallowed what follows: point at its start, and go on from there.
            let place = self.open.pop().map_or(from, |(_, place)| place);
            self.at = place + 1;
            return Err(self.unclosed(b'"', place));
        }
        self.at = at;
        if at > from {
            let text = unescape(&self.code[from..at]);
            self.push(Kind::Str(text), from);
        } else {
            self.at += 1;
            self.open.pop();
        }
        Ok(())
    }

    pub(super) fn interpolation_end(&mut self) -> bool {
        let before = self.at;
        self.eat_while(is_space);
        let start = self.at;
        if !self.eat("}") {
            self.at = before;
            return false;
        }
        self.open.pop();
        self.push(Kind::InterpolationEnd, start);
        true
    }
}

/// C's escapes: `\n`, `\t`, `\x41`, `\101` …; any other character is itself. Bytes that are not UTF-8 become U+FFFD.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' || at + 1 == bytes.len() {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        at += 1;
        let (byte, length) = escape(&bytes[at..]);
        out.push(byte);
        at += length;
    }
    Cow::Owned(String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// The byte that an escape encodes (its backslash is already consumed), and its length in bytes.
fn escape(bytes: &[u8]) -> (u8, usize) {
    let first = bytes.first().copied().unwrap_or(b'\\');
    let simple = match first {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 0x07,
        b'v' => 0x0b,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'x' if bytes.get(1).is_some_and(u8::is_ascii_hexdigit) => return number(&bytes[1..], 16, 2, 1),
        b'0'..=b'7' => return number(bytes, 8, 3, 0),
        other => other,
    };
    (simple, 1)
}

fn number(digits: &[u8], base: u32, most: usize, before: usize) -> (u8, usize) {
    let mut value = 0u32;
    let mut length = 0;
    while let Some(digit) = digits.get(length).filter(|_| length < most).and_then(|&d| char::from(d).to_digit(base)) {
        value = value * base + digit;
        length += 1;
    }
    (value as u8, before + length)
}
