//! Where a response's body begins and ends in HTTP/1.1 (RFC 9112, sections 6 and 7). Bytes in, pieces of the body out; opens
//! no socket.

use crate::delivery::Headers;

/// A line of a chunk's size, with its extensions, and all trailers together may be so long, bytes.
const LONGEST_LINE: usize = 16 * 1024;

/// How a body ends, and how much of it is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After this many more bytes.
    Length(u64),
    /// After the chunk of size zero and the trailers.
    Chunked(Chunked),
    /// When the connection ends.
    UntilClose,
    /// It has ended.
    Ended,
}

/// What comes next in a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunked {
    /// A line with a chunk's size.
    Size,
    /// This many remaining bytes of a chunk.
    Data(u64),
    /// The line break after a chunk.
    Break,
    /// Lines up to an empty one; this many bytes of them were read.
    Trailers(usize),
}

/// What the next bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// This many bytes of the body.
    Body(usize),
    /// This many bytes of framing, which are not part of the body.
    Framing(usize),
    /// More is needed.
    Incomplete,
}

impl Framing {
    /// The framing of a response with that status to a request.
    ///
    /// # Errors
    /// Why nobody could tell where the body ends: the end of "sends a response head …".
    pub(super) fn of(status: u16, to_head: bool, headers: &Headers) -> Result<Self, String> {
        if to_head || matches!(status, 100..=199 | 204 | 304) {
            return Ok(Self::Ended);
        }
        let codings: Vec<&str> =
            headers.all("transfer-encoding").flat_map(|value| value.split(',')).map(str::trim).collect();
        if let Some(last) = codings.last() {
            return match last.eq_ignore_ascii_case("chunked") {
                true => Ok(Self::Chunked(Chunked::Size)),
                false => Ok(Self::UntilClose),
            };
        }
        let mut lengths = headers.all("content-length").flat_map(|value| value.split(',')).map(str::trim);
        let Some(first) = lengths.next() else { return Ok(Self::UntilClose) };
        if let Some(other) = lengths.find(|other| *other != first) {
            return Err(format!("with two lengths, `Content-Length: {first}` and `{other}`"));
        }
        if first.is_empty() || !first.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("with `Content-Length: {first}`, which is not a number of bytes"));
        }
        match first.parse() {
            Ok(0) => Ok(Self::Ended),
            Ok(length) => Ok(Self::Length(length)),
            Err(_) => Err(format!("with `Content-Length: {first}`, which is too large")),
        }
    }

    /// The body has ended.
    pub(super) fn has_ended(self) -> bool {
        self == Self::Ended
    }

    /// The piece at the start of `next`, the bytes that follow. [`Piece::Body`] and [`Piece::Framing`] count as read.
    ///
    /// # Errors
    /// What is wrong with the chunks.
    pub(super) fn advance(&mut self, next: &[u8]) -> Result<Piece, String> {
        match self {
            _ if next.is_empty() => Ok(Piece::Incomplete),
            Self::Ended => Ok(Piece::Incomplete),
            Self::UntilClose => Ok(Piece::Body(next.len())),
            Self::Length(left) => {
                let read = count_down(left, next.len());
                if *left == 0 {
                    *self = Self::Ended;
                }
                Ok(Piece::Body(read))
            }
            Self::Chunked(chunked) => {
                let (piece, then) = chunked.advance(next)?;
                *self = then;
                Ok(piece)
            }
        }
    }
}

impl Chunked {
    fn advance(&mut self, next: &[u8]) -> Result<(Piece, Framing), String> {
        let stay = Framing::Chunked(*self);
        match *self {
            Self::Data(mut left) => {
                let read = count_down(&mut left, next.len());
                let then = if left == 0 { Self::Break } else { Self::Data(left) };
                Ok((Piece::Body(read), Framing::Chunked(then)))
            }
            Self::Size => {
                let Some((line, read)) = line(next)? else { return Ok((Piece::Incomplete, stay)) };
                let then = match size(line)? {
                    0 => Self::Trailers(0),
                    size => Self::Data(size),
                };
                Ok((Piece::Framing(read), Framing::Chunked(then)))
            }
            Self::Break => {
                let Some((line, read)) = line(next)? else { return Ok((Piece::Incomplete, stay)) };
                match line {
                    b"" => Ok((Piece::Framing(read), Framing::Chunked(Self::Size))),
                    _ => Err("a chunk is longer than its size says".into()),
                }
            }
            Self::Trailers(before) => {
                let Some((line, read)) = line(next)? else { return Ok((Piece::Incomplete, stay)) };
                let read_so_far = before + read;
                match line {
                    b"" => Ok((Piece::Framing(read), Framing::Ended)),
                    _ if read_so_far > LONGEST_LINE => {
                        Err(format!("its trailers are longer than {LONGEST_LINE} bytes"))
                    }
                    _ => Ok((Piece::Framing(read), Framing::Chunked(Self::Trailers(read_so_far)))),
                }
            }
        }
    }
}

/// Takes as much from `left` as there is; that much.
fn count_down(left: &mut u64, there: usize) -> usize {
    let read = usize::try_from(*left).unwrap_or(usize::MAX).min(there);
    *left -= read as u64;
    read
}

/// The first line without its break, and its length with it.
fn line(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, String> {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) if at <= LONGEST_LINE => {
            let line = bytes.get(..at).unwrap_or_default();
            Ok(Some((line.strip_suffix(b"\r").unwrap_or(line), at + 1)))
        }
        None if bytes.len() <= LONGEST_LINE => Ok(None),
        _ => Err(format!("a chunk size line is longer than {LONGEST_LINE} bytes")),
    }
}

/// The size that a chunk's line begins with; what follows a `;` are extensions.
fn size(line: &[u8]) -> Result<u64, String> {
    let text = String::from_utf8_lossy(line.split(|byte| *byte == b';').next().unwrap_or_default());
    let text = text.trim_matches([' ', '\t']);
    let is_hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let shown: String = text.chars().take(40).collect();
    if !is_hex {
        return Err(format!("`{}` is not a chunk size", shown.escape_debug()));
    }
    u64::from_str_radix(text, 16).map_err(|_| format!("chunk size `{shown}` is too large"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framing(status: u16, to_head: bool, headers: &[(&str, &str)]) -> Result<Framing, String> {
        Framing::of(status, to_head, &headers.iter().copied().collect())
    }

    #[test]
    fn the_framing_of_a_response() {
        let chunked = Framing::Chunked(Chunked::Size);
        for (status, to_head, headers, expected) in [
            (200, false, &[("Content-Length", "5")][..], Framing::Length(5)),
            (200, false, &[("content-length", "5, 5"), ("CONTENT-LENGTH", "5")], Framing::Length(5)),
            (200, false, &[("Content-Length", "0")], Framing::Ended),
            (200, true, &[("Content-Length", "5")], Framing::Ended),
            (204, false, &[("Content-Length", "5")], Framing::Ended),
            (304, false, &[("Transfer-Encoding", "chunked")], Framing::Ended),
            (200, false, &[("Transfer-Encoding", "gzip, Chunked"), ("Content-Length", "5")], chunked),
            (200, false, &[("Transfer-Encoding", "gzip")], Framing::UntilClose),
            (200, false, &[], Framing::UntilClose),
        ] {
            assert_eq!(framing(status, to_head, headers), Ok(expected), "{status} {headers:?}");
        }
        for (length, why) in [
            ("5, 6", "two lengths"),
            ("-5", "not a number of bytes"),
            ("", "not a number of bytes"),
            ("+5", "not a number of bytes"),
            ("99999999999999999999", "which is too large"),
        ] {
            let error = framing(200, false, &[("Content-Length", length)]).expect_err(length);
            assert!(error.contains(why), "{length}: {error}");
        }
    }

    /// The body read in pieces of `step` bytes, and how many bytes it took.
    fn read(mut framing: Framing, bytes: &[u8], step: usize) -> Result<(Vec<u8>, usize, Framing), String> {
        let (mut body, mut at) = (Vec::new(), 0);
        let mut there = 0;
        while !framing.has_ended() {
            match framing.advance(&bytes[at..there])? {
                Piece::Body(n) => {
                    body.extend_from_slice(&bytes[at..at + n]);
                    at += n;
                }
                Piece::Framing(n) => at += n,
                Piece::Incomplete if there == bytes.len() => break,
                Piece::Incomplete => there = (there + step).min(bytes.len()),
            }
        }
        Ok((body, at, framing))
    }

    #[test]
    fn chunks() {
        let chunked = Framing::Chunked(Chunked::Size);
        for (text, body) in [
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5\nhello\n0\n\n", "hello"),
            ("005;a=b;c\r\nhello\r\nA \r\n0123456789\r\n0\r\nX: y\r\n\r\n", "hello0123456789"),
            ("0\r\n\r\n", ""),
        ] {
            for step in 1..text.len() {
                let with_more = format!("{text}HTTP/1.1");
                let read = read(chunked, with_more.as_bytes(), step);
                assert_eq!(read, Ok((body.as_bytes().to_vec(), text.len(), Framing::Ended)), "{text}");
            }
        }
        for (text, why) in [
            ("zz\r\n", "`zz` is not a chunk size"),
            ("\r\n", "`` is not a chunk size"),
            ("-1\r\n", "not a chunk size"),
            ("10000000000000000\r\n", "is too large"),
            ("3\r\nhello\r\n", "longer than its size says"),
            (&format!("1;{}\r\n", "x".repeat(20_000)), "longer than 16384"),
            (&format!("0\r\n{}\r\n", "X: yyyyyyyyy\r\n".repeat(2_000)), "trailers are longer"),
        ] {
            let error = read(chunked, text.as_bytes(), 100_000).expect_err(text);
            assert!(error.contains(why), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_body_is_read_as_it_was_sent(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..8), step in 1usize..40) {
            let mut sent = Vec::new();
            for chunk in &chunks {
                sent.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                sent.extend(chunk);
                sent.extend(b"\r\n");
            }
            sent.extend(b"0\r\n\r\n");
            let whole = chunks.concat();
            prop_assert_eq!(read(Framing::Chunked(Chunked::Size), &sent, step), Ok((whole.clone(), sent.len(), Framing::Ended)));
            if !whole.is_empty() {
                let length = Framing::Length(whole.len() as u64);
                let with_more = [&whole[..], b"more"].concat();
                prop_assert_eq!(read(length, &with_more, step), Ok((whole.clone(), whole.len(), Framing::Ended)));
            }
        }

        #[test]
        fn garbage_is_refused_or_waited_for(bytes in prop::collection::vec(any::<u8>(), 0..200), step in 1usize..50) {
            let _ = read(Framing::Chunked(Chunked::Size), &bytes, step);
        }
    }
}
