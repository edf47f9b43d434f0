//! `convert_encoding`, as far as its result is text again.

use encoding_rs::{Encoding, UTF_8};

use super::Failure;
use super::arguments::text;
use crate::template::value::Value;

/// What a target such as `ASCII//IGNORE` does with characters that it does not have.
#[derive(Clone, Copy, PartialEq)]
enum Missing {
    Fail,
    LeaveOut,
    Resemble,
}

/// The text in another encoding. Values of this engine are Unicode: bytes of another encoding that are not UTF-8 by
/// chance show as U+FFFD.
pub fn convert(value: &Value, to: &Value, from: &Value) -> Result<Value, Failure> {
    let value = text(value, "`convert_encoding`")?;
    let (to, from) = (text(to, "the target encoding")?, text(from, "the source encoding")?);
    let (target, missing) = match to.split_once("//") {
        Some((name, how)) if how.eq_ignore_ascii_case("IGNORE") => (name, Missing::LeaveOut),
        Some((name, how)) if how.eq_ignore_ascii_case("TRANSLIT") => (name, Missing::Resemble),
        _ => (&*to, Missing::Fail),
    };
    let source = from.split("//").next().unwrap_or_default();
    let decoded = decode(&value, source)?;
    encode(&decoded, target, missing)
}

fn is_ascii_name(name: &str) -> bool {
    ["ascii", "us-ascii"].iter().any(|ascii| name.eq_ignore_ascii_case(ascii))
}

fn is_latin1(name: &str) -> bool {
    ["iso-8859-1", "iso8859-1", "latin1"].iter().any(|latin| name.eq_ignore_ascii_case(latin))
}

fn encoding(name: &str) -> Result<&'static Encoding, Failure> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        Failure::runtime(format!("`convert_encoding` knows no encoding \"{name}\"")).help(
            "it knows UTF-8, ASCII, ISO-8859-1 to -16, Windows-1250 to -1258, Shift_JIS, GBK and others of the web",
        )
    })
}

fn decode(value: &str, source: &str) -> Result<String, Failure> {
    if is_latin1(source) {
        return Ok(value.bytes().map(char::from).collect());
    }
    if is_ascii_name(source) {
        return match value.chars().find(|c| !c.is_ascii()) {
            Some(c) => Err(unknown_character(c, source)),
            None => Ok(value.to_owned()),
        };
    }
    let encoding = encoding(source)?;
    if encoding == UTF_8 {
        return Ok(value.to_owned());
    }
    Ok(encoding.decode_without_bom_handling(value.as_bytes()).0.into_owned())
}

fn encode(value: &str, target: &str, missing: Missing) -> Result<Value, Failure> {
    let encoding = if is_latin1(target) || is_ascii_name(target) { None } else { Some(encoding(target)?) };
    if encoding == Some(UTF_8) {
        return Ok(Value::str(value));
    }
    let mut bytes = Vec::with_capacity(value.len());
    for c in value.chars() {
        match encoded(c, target, encoding) {
            Some(encoded) => bytes.extend(encoded),
            None if missing == Missing::LeaveOut => {}
            None if missing == Missing::Resemble => bytes.extend(resembling(c).bytes()),
            None => return Err(unknown_character(c, target)),
        }
    }
    Ok(Value::bytes(&bytes))
}

fn encoded(c: char, target: &str, encoding: Option<&'static Encoding>) -> Option<Vec<u8>> {
    let Some(encoding) = encoding else {
        let highest = if is_latin1(target) { 0xff } else { 0x7f };
        return u8::try_from(u32::from(c)).ok().filter(|byte| *byte <= highest).map(|byte| vec![byte]);
    };
    let mut buffer = [0; 4];
    let (bytes, _, lost) = encoding.encode(c.encode_utf8(&mut buffer));
    (!lost).then(|| bytes.into_owned())
}

/// The ASCII that comes closest to a letter with a mark, or to a typographic sign; `?` where nothing does.
fn resembling(c: char) -> &'static str {
    const ROWS: &[(&str, &str)] = &[
        ("ÀÁÂÃÄÅĀĂĄ", "A"),
        ("àáâãäåāăą", "a"),
        ("ÇĆĈĊČ", "C"),
        ("çćĉċč", "c"),
        ("ĎĐ", "D"),
        ("ďđ", "d"),
        ("ÈÉÊËĒĔĖĘĚ", "E"),
        ("èéêëēĕėęě", "e"),
        ("ĜĞĠĢ", "G"),
        ("ĝğġģ", "g"),
        ("ĤĦ", "H"),
        ("ĥħ", "h"),
        ("ÌÍÎÏĨĪĬĮİ", "I"),
        ("ìíîïĩīĭįı", "i"),
        ("Ĵ", "J"),
        ("ĵ", "j"),
        ("Ķ", "K"),
        ("ķ", "k"),
        ("ĹĻĽŁ", "L"),
        ("ĺļľł", "l"),
        ("ÑŃŅŇ", "N"),
        ("ñńņň", "n"),
        ("ÒÓÔÕÖØŌŎŐ", "O"),
        ("òóôõöøōŏő", "o"),
        ("ŔŖŘ", "R"),
        ("ŕŗř", "r"),
        ("ŚŜŞŠȘ", "S"),
        ("śŝşšș", "s"),
        ("ŢŤŦȚ", "T"),
        ("ţťŧț", "t"),
        ("ÙÚÛÜŨŪŬŮŰŲ", "U"),
        ("ùúûüũūŭůűų", "u"),
        ("Ŵ", "W"),
        ("ŵ", "w"),
        ("ÝŶŸ", "Y"),
        ("ýÿŷ", "y"),
        ("ŹŻŽ", "Z"),
        ("źżž", "z"),
        ("Æ", "AE"),
        ("æ", "ae"),
        ("Œ", "OE"),
        ("œ", "oe"),
        ("ß", "ss"),
        ("‘’‚", "'"),
        ("“”„", "\""),
        ("–‐", "-"),
        ("…", "..."),
        ("€", "EUR"),
        ("\u{a0}", " "),
        ("«", "<<"),
        ("»", ">>"),
        ("©", "(C)"),
        ("®", "(R)"),
        ("™", "(TM)"),
    ];
    ROWS.iter().find(|(letters, _)| letters.contains(c)).map_or("?", |(_, ascii)| ascii)
}

fn unknown_character(c: char, encoding: &str) -> Failure {
    Failure::runtime(format!("\"{c}\" is not in the encoding \"{encoding}\"")).help(format!(
        "write \"{encoding}//IGNORE\" to leave it out, or \"{encoding}//TRANSLIT\" to write what resembles it"
    ))
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
            ("aä", "ASCII//IGNORE", "UTF-8", Some("a")),
            ("ä", "ASCII", "UTF-8", None),
            ("ä", "NOSUCH", "UTF-8", None),
        ];
        for (value, to, from, expected) in cases {
            let converted = convert(&Value::str(value), &Value::str(to), &Value::str(from));
            assert_eq!(converted.ok(), expected.map(Value::str), "{value} {from} to {to}");
        }
    }
}
