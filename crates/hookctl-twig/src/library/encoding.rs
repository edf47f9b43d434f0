//! `convert_encoding`.

use std::collections::HashMap;
use std::sync::LazyLock;

use encoding_rs::{Encoding, UTF_8};

use super::arguments::{bytes, text};
use super::wide;
use crate::error::Failure;
use crate::value::Value;

/// What a target such as `ASCII//IGNORE` does with characters that it does not have.
#[derive(Clone, Copy, PartialEq)]
enum Missing {
    Fail,
    Drop,
    Resemble,
}

/// The text in another encoding.
pub(super) fn convert(value: &Value, to: &Value, from: &Value) -> Result<Value, Failure> {
    let value = bytes(value, "`convert_encoding`")?;
    let (to, from) = (text(to, "the target encoding")?, text(from, "the source encoding")?);
    let (target, missing) = match to.split_once("//") {
        Some((name, how)) if how.eq_ignore_ascii_case("IGNORE") => (name, Missing::Drop),
        Some((name, how)) if how.eq_ignore_ascii_case("TRANSLIT") => (name, Missing::Resemble),
        _ => (&*to, Missing::Fail),
    };
    let source = from.split("//").next().unwrap_or_default();
    let decoded = decode(&value, source)?;
    encode(&decoded, target, missing)
}

/// Encodings that PHP's HTML escaping knows: their ASCII is ASCII, and the rest stays as it is.
pub(super) fn keeps_ascii(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "ISO-8859-1",
        "ISO8859-1",
        "ISO-8859-15",
        "ISO8859-15",
        "UTF-8",
        "CP866",
        "IBM866",
        "866",
        "CP1251",
        "WINDOWS-1251",
        "WIN-1251",
        "1251",
        "CP1252",
        "WINDOWS-1252",
        "1252",
        "KOI8-R",
        "KOI8-RU",
        "KOI8R",
        "BIG5",
        "950",
        "GB2312",
        "936",
        "BIG5-HKSCS",
        "SHIFT_JIS",
        "SJIS",
        "932",
        "EUC-JP",
        "EUCJP",
        "ISO8859-5",
        "ISO-8859-5",
        "MACROMAN",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn is_ascii_name(name: &str) -> bool {
    ["ascii", "us-ascii"].iter().any(|ascii| name.eq_ignore_ascii_case(ascii))
}

fn is_latin1(name: &str) -> bool {
    ["iso-8859-1", "iso8859-1", "latin1"].iter().any(|latin| name.eq_ignore_ascii_case(latin))
}

/// The encoding of that name; none for UTF-8, which needs no work and is what no name means.
fn encoding(name: &str) -> Result<Option<&'static Encoding>, Failure> {
    if name.is_empty() {
        return Ok(None);
    }
    Encoding::for_label(name.as_bytes()).map(|known| (known != UTF_8).then_some(known)).ok_or_else(|| {
        Failure::runtime(format!("`convert_encoding` has no encoding \"{name}\"")).help(
            "it knows UTF-8, ASCII, ISO-8859-1 to -16, Windows-1250 to -1258, Shift_JIS, GBK and others of the web",
        )
    })
}

fn decode(value: &[u8], source: &str) -> Result<String, Failure> {
    if is_latin1(source) {
        return Ok(value.iter().copied().map(char::from).collect());
    }
    if let Some(wide) = wide::named(source) {
        return wide.decode(value).ok_or_else(|| not_in(&String::from_utf8_lossy(value), source));
    }
    let (text, broken) = match encoding(source)? {
        _ if is_ascii_name(source) => (String::from_utf8_lossy(value), !value.is_ascii()),
        None => (String::from_utf8_lossy(value), std::str::from_utf8(value).is_err()),
        Some(encoding) => encoding.decode_without_bom_handling(value),
    };
    if broken { Err(not_in(&text, source)) } else { Ok(text.into_owned()) }
}

fn not_in(text: &str, source: &str) -> Failure {
    Failure::runtime(format!("\"{text}\" is not valid in the encoding \"{source}\""))
        .help("the second argument of `convert_encoding` must be the string's current encoding")
}

fn encode(value: &str, target: &str, missing: Missing) -> Result<Value, Failure> {
    if let Some(wide) = wide::named(target) {
        return Ok(Value::bytes(&wide.encode(value)));
    }
    let highest = if is_latin1(target) { Some('\u{ff}') } else { is_ascii_name(target).then_some('\u{7f}') };
    let encoding = if highest.is_some() { None } else { encoding(target)? };
    if highest.is_none() && encoding.is_none() {
        return Ok(Value::str(value));
    }
    let has = |c: char| match encoding {
        Some(encoding) => !encoding.encode(c.encode_utf8(&mut [0; 4])).2,
        None => highest.is_none_or(|highest| c <= highest),
    };
    let mut kept = String::with_capacity(value.len());
    for c in value.chars() {
        match missing {
            _ if has(c) => kept.push(c),
            Missing::Drop => {}
            Missing::Resemble => kept.push_str(resembling(c)),
            Missing::Fail => return Err(unknown_character(c, target)),
        }
    }
    // As a whole: some encodings switch between tables, and back at the end.
    match encoding {
        Some(encoding) => Ok(Value::bytes(&encoding.encode(&kept).0)),
        None => Ok(Value::bytes(&kept.chars().map(|c| c as u8).collect::<Vec<_>>())),
    }
}

/// The ASCII that comes closest to a letter with a mark or to a sign, as the reference writes it; `?` where nothing does.
fn resembling(c: char) -> &'static str {
    /// Each line has ASCII text, a tab, and the characters that it encodes.
    static TABLE: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
        let rows = include_str!("resembling.tsv").lines().filter_map(|line| line.split_once('\t'));
        rows.flat_map(|(ascii, characters)| characters.chars().map(move |c| (c, ascii))).collect()
    });
    TABLE.get(&c).copied().unwrap_or("?")
}

fn unknown_character(c: char, encoding: &str) -> Failure {
    Failure::runtime(format!("the encoding \"{encoding}\" has no \"{c}\""))
        .help(format!("write \"{encoding}//IGNORE\" to drop it, or \"{encoding}//TRANSLIT\" to use the closest match"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let cases = [
            ("é", "UTF-8", "ISO-8859-1", Some("Ã©")),
            ("abc", "UTF-8", "windows-1252", Some("abc")),
            ("äß", "ASCII//TRANSLIT", "UTF-8", Some("ass")),
            ("Nguyễn ０９—x", "ASCII//TRANSLIT", "UTF-8", Some("Nguyen 09--x")),
            ("aä", "ASCII//IGNORE", "UTF-8", Some("a")),
            ("ä", "ASCII", "UTF-8", None),
            ("愛し", "ISO-2022-JP", "UTF-8", Some("\u{1b}$B0&$7\u{1b}(B")),
            ("\u{1b}$B0&$7\u{1b}(B", "UTF-8", "ISO-2022-JP", Some("愛し")),
            ("é", "", "", Some("é")),
            ("a", "UTF-16BE", "UTF-8", Some("\0a")),
            ("a", "UTF-8", "UTF-16LE", None),
            ("ä", "NOSUCH", "UTF-8", None),
        ];
        for (value, to, from, expected) in cases {
            let converted = convert(&Value::str(value), &Value::str(to), &Value::str(from));
            assert_eq!(converted.ok(), expected.map(Value::str), "{value} {from} to {to}");
        }
    }
}
