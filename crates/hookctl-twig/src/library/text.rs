//! Filters on texts.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::arguments::{bytes, int, number, text};
use super::{Callable, Cost, Escaping, Param, ParamType, Returns, Runtime};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::{Array, Value};

const VALUE: Param = Param::required("string").typed(ParamType::Text);
const TEXT: Returns = Returns::Kind(Kind::Text);

/// The table.
pub(super) const FILTERS: &[Callable] = &[
    Callable::new("upper", &[VALUE], TEXT, |_, args| mapped(args, "`upper`", upper)).of_null(false).doc(
        "all letters in upper case",
        "{{ 'Ann'|upper }}",
        "ANN",
    ),
    Callable::new("lower", &[VALUE], TEXT, |_, args| mapped(args, "`lower`", lower)).of_null(false).doc(
        "all letters in lower case",
        "{{ 'Ann'|lower }}",
        "ann",
    ),
    Callable::new("title", &[VALUE], TEXT, |_, args| mapped(args, "`title`", title)).of_null(false).doc(
        "the first letter of each word in upper case, the others in lower case",
        "{{ 'ann LEE'|title }}",
        "Ann Lee",
    ),
    Callable::new("capitalize", &[VALUE], TEXT, |_, args| mapped(args, "`capitalize`", capitalize)).of_null(false).doc(
        "the first letter in upper case, the others in lower case",
        "{{ 'ann LEE'|capitalize }}",
        "Ann lee",
    ),
    Callable::new("nl2br", &[VALUE], TEXT, |_, args| mapped(args, "`nl2br`", nl2br))
        .of_null(false)
        .escaping(Escaping::Html)
        .doc("`<br />` before each line break; HTML in it is escaped", "{{ \"a\\nb\"|nl2br }}", "a<br />\nb"),
    Callable::new("spaceless", &[Param::required("content").typed(ParamType::Text)], TEXT, |_, args| {
        mapped(args, "`spaceless`", spaceless)
    })
    .of_null(false)
    .escaping(Escaping::Html)
    .doc("no whitespace between HTML tags", "{{ '<b> </b>'|spaceless }}", "<b></b>"),
    Callable::new("raw", &[Param::required("string")], Returns::Subject, |_, args| Ok(args[0].clone()))
        .costs(Cost::Fixed)
        .of_null(false)
        .escaping(Escaping::Safe)
        .keeps_secrets_recognizable()
        .doc("the value as it is, even inside `autoescape`", "{{ '<b>'|raw }}", "<b>"),
    Callable::new(
        "trim",
        &[
            VALUE,
            Param::optional("character_mask", || Value::Null).typed(ParamType::Text),
            Param::optional("side", || Value::str("both")).typed(ParamType::Text),
        ],
        TEXT,
        trim,
    )
    .of_null(false)
    .keeps_secrets_recognizable()
    .doc("no whitespace (or other characters) at the ends", "[{{ ' Ann '|trim }}]", "[Ann]"),
    Callable::new("striptags", &[VALUE, Param::optional("allowable_tags", || Value::Null)], TEXT, striptags)
        .of_null(false)
        .doc("no HTML tags", "{{ '<b>Ann</b>'|striptags }}", "Ann"),
    Callable::new(
        "replace",
        &[
            Param::required("str").typed(ParamType::Text),
            Param::required("from").typed(ParamType::Pairs).hint("write `|replace({'from': 'to'})`"),
        ],
        TEXT,
        replace,
    )
    .of_null(false)
    .doc("each string of the mapping replaced", "{{ 'Hi %name%'|replace({'%name%': 'Ann'}) }}", "Hi Ann"),
    Callable::new(
        "split",
        &[
            Param::required("value").typed(ParamType::Text),
            Param::required("delimiter").typed(ParamType::Text),
            Param::optional("limit", || Value::Null).typed(ParamType::Number),
        ],
        Returns::Kind(Kind::List),
        split,
    )
    .doc("the parts between the delimiters", "{{ 'a,b'|split(',')|last }}", "b"),
    Callable::new("url_encode", &[Param::required("url")], TEXT, url_encode)
        .costs(Cost::Everything)
        .of_null(false)
        .keeps_secrets_recognizable()
        .doc("percent-encoded; of a mapping a query string", "{{ 'a b&c'|url_encode }}", "a%20b%26c"),
    Callable::new(
        "convert_encoding",
        &[VALUE, Param::required("to").typed(ParamType::Text), Param::required("from").typed(ParamType::Text)],
        TEXT,
        |_, args| super::encoding::convert(&args[0], &args[1], &args[2]),
    )
    .of_null(false)
    .doc("the string in another character encoding", "{{ 'Ann'|convert_encoding('UTF-8', 'ISO-8859-1') }}", "Ann"),
];

fn striptags(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let allowed = match &args[1] {
        Value::Array(tags) => {
            let mut allowed = String::new();
            for tag in tags.values() {
                allowed.push_str(&format!("<{}>", text(tag, "a tag that `striptags` keeps")?));
            }
            Cow::Owned(allowed)
        }
        other => text(other, "the tags that `striptags` keeps")?,
    };
    mapped(args, "`striptags`", |value| super::striptags::strip(value, &allowed))
}

fn url_encode(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    match &args[0] {
        Value::Array(array) => {
            let mut query = Query { text: String::new(), longest: runtime.options().limits.output };
            query.pairs(array, None)?;
            Ok(Value::from(query.text))
        }
        Value::Bytes(bytes) => Ok(Value::from(percent_encoded(bytes))),
        other => Ok(Value::from(raw_url_encode(&text(other, "`url_encode`")?))),
    }
}

fn mapped(args: &[Value], what: &str, change: impl Fn(&str) -> String) -> Result<Value, Failure> {
    Ok(Value::from(change(&text(&args[0], what)?)))
}

fn upper(value: &str) -> String {
    value.to_uppercase()
}

/// Character by character: the reference knows no final sigma.
fn lower(value: &str) -> String {
    if value.is_ascii() {
        return value.to_ascii_lowercase();
    }
    value.chars().flat_map(char::to_lowercase).collect()
}

fn capitalize(value: &str) -> String {
    let mut chars = value.chars();
    let first: String = chars.by_ref().take(1).flat_map(char::to_uppercase).collect();
    first + &lower(chars.as_str())
}

/// The first letter of each word in title case, the others in lower case.
fn title(value: &str) -> String {
    let mut titled = String::with_capacity(value.len());
    let mut inside = false;
    for c in value.chars() {
        if inside {
            titled.extend(c.to_lowercase());
        } else {
            push_title_case(c, &mut titled);
        }
        if !is_case_ignorable(c) {
            inside = c.is_lowercase() || c.is_uppercase() || c == 'ʕ' || is_title_case(c);
        }
    }
    titled
}

fn push_title_case(c: char, titled: &mut String) {
    match c {
        'Ǆ'..='ǆ' => titled.push('ǅ'),
        'Ǉ'..='ǉ' => titled.push('ǈ'),
        'Ǌ'..='ǌ' => titled.push('ǋ'),
        'Ǳ'..='ǳ' => titled.push('ǲ'),
        // Georgian has capitals, but no title case; Greek letters with a iota have one of their own.
        'ა'..='ჿ' => titled.push(c),
        _ if is_title_case(c) => titled.push(c),
        'ᾀ'..='ᾇ' | 'ᾐ'..='ᾗ' | 'ᾠ'..='ᾧ' => titled.extend(char::from_u32(u32::from(c) + 8)),
        'ᾳ' | 'ῃ' | 'ῳ' => titled.extend(char::from_u32(u32::from(c) + 9)),
        _ => {
            let mut upper = c.to_uppercase();
            let first = upper.next().unwrap_or(c);
            titled.push(first);
            if first.is_uppercase() {
                titled.extend(upper.flat_map(char::to_lowercase));
            } else {
                titled.extend(upper);
            }
        }
    }
}

/// Letters that are neither capital nor small.
fn is_title_case(c: char) -> bool {
    matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | 'ᾈ'..='ᾏ' | 'ᾘ'..='ᾟ' | 'ᾨ'..='ᾯ' | 'ᾼ' | 'ῌ' | 'ῼ')
}

/// Whether a character is skipped when looking for the start of a word: apostrophes, points, marks.
fn is_case_ignorable(c: char) -> bool {
    static IGNORABLE: LazyLock<Option<pcre2::bytes::Regex>> = LazyLock::new(|| {
        let class = r"^[\p{Mn}\p{Me}\p{Cf}\p{Lm}\p{Sk}'.:·\x{387}\x{55F}\x{5F4}‘’․‧︓﹒﹕＇．：]";
        pcre2::bytes::RegexBuilder::new().utf(true).build(class).ok()
    });
    if c.is_ascii() {
        return matches!(c, '\'' | '.' | ':' | '^' | '`');
    }
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).as_bytes();
    IGNORABLE.as_ref().is_some_and(|regex| regex.is_match(bytes).unwrap_or(false))
}

/// A break before every line end, of which `\r\n` and `\n\r` are one each.
fn nl2br(value: &str) -> String {
    let mut broken = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '\n' | '\r') {
            broken.push_str("<br />");
            let other = if c == '\n' { '\r' } else { '\n' };
            broken.push(c);
            if let Some(second) = chars.next_if_eq(&other) {
                broken.push(second);
            }
        } else {
            broken.push(c);
        }
    }
    broken
}

/// ParamType the white space between tags away, and that around the whole.
fn spaceless(value: &str) -> String {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    let mut shorter = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(index) = rest.find('>') {
        let (before, after) = rest.split_at(index + 1);
        shorter.push_str(before);
        let inner = after.trim_start_matches(is_space);
        rest = if inner.len() < after.len() && inner.starts_with('<') { inner } else { after };
    }
    shorter.push_str(rest);
    shorter.trim_matches(DEFAULT_TRIM).to_owned()
}

/// What `trim` removes by default.
const DEFAULT_TRIM: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\u{b}'];

fn trim(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let value = bytes(&args[0], "`trim`")?;
    // PHP compares loosely: true is the first of the sides.
    let side = match &args[2] {
        Value::Bool(true) => Cow::Borrowed("both"),
        other => text(other, "the side of `trim`")?,
    };
    let (left, right) = match &*side {
        "both" => (true, true),
        "left" => (true, false),
        "right" => (false, true),
        _ => {
            return Err(Failure::runtime(format!("`trim` has no side \"{side}\""))
                .help("the side is \"left\", \"right\" or \"both\""));
        }
    };
    let mask = match &args[1] {
        Value::Null => DEFAULT_TRIM.iter().map(|c| *c as u8).collect(),
        other => byte_mask(text(other, "the characters of `trim`")?.as_bytes())?,
    };
    let mut rest = &*value;
    if left {
        rest = &rest[rest.iter().take_while(|byte| mask.contains(byte)).count()..];
    }
    if right {
        rest = &rest[..rest.len() - rest.iter().rev().take_while(|byte| mask.contains(byte)).count()];
    }
    Ok(Value::bytes(rest))
}

/// The bytes of a character mask: `a..f` is a range.
fn byte_mask(mask: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut index = 0;
    while let Some(&byte) = mask.get(index) {
        match mask[index..] {
            [from, b'.', b'.', to, ..] if to >= from => {
                bytes.extend(from..=to);
                index += 4;
            }
            [b'.', b'.', ..] | [_, b'.', b'.', ..] => {
                let shown = String::from_utf8_lossy(mask).into_owned();
                return Err(Failure::runtime(format!("\"{shown}\" is not a range of characters for `trim`"))
                    .help("ranges go up, such as `a..f`; to trim dots, write a single `.`"));
            }
            _ => {
                bytes.push(byte);
                index += 1;
            }
        }
    }
    Ok(bytes)
}

/// Replaces every key of a mapping by its value: at each place the longest key, what was put in never again.
fn replace(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let value = text(&args[0], "`replace`")?;
    let Value::Array(pairs) = &args[1] else {
        return Err(Failure::runtime(format!("`replace` needs a mapping, but got {}", args[1].described()))
            .help("write `|replace({'from': 'to'})`"));
    };
    if value.is_empty() {
        return Ok(Value::str(""));
    }
    let mut keys: Vec<(String, &Value)> = Vec::with_capacity(pairs.len());
    for (key, to) in pairs.iter() {
        let key = key.to_string();
        if key.is_empty() {
            return Err(Failure::runtime("`replace` can't replace an empty string").help("remove the empty key"));
        }
        keys.push((key, to));
    }
    if let [(_, only)] = keys[..] {
        text(only, "a replacement")?;
    }
    keys.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
    // At each place, each key is tried.
    runtime.charge(super::steps_of_text(value.len().saturating_mul(keys.len())))?;
    let longest = runtime.options().limits.output;
    let mut replaced = String::with_capacity(value.len());
    let mut rest = &*value;
    while let Some(c) = rest.chars().next() {
        match keys.iter().find(|(key, _)| rest.starts_with(key.as_str())) {
            Some((key, to)) => {
                replaced.push_str(&text(to, "a replacement")?);
                if replaced.len() > longest {
                    return Err(Failure::too_long("`replace`", longest));
                }
                rest = &rest[key.len()..];
            }
            None => {
                replaced.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    Ok(Value::from(replaced))
}

fn split(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let value = text(&args[0], "`split`")?;
    let delimiter = text(&args[1], "the delimiter of `split`")?;
    if delimiter.is_empty() {
        return split_pieces(&args[0], &value, &args[2]);
    }
    let limit = match &args[2] {
        Value::Null => None,
        other => Some(int(other, "the limit of `split`")?),
    };
    let pieces: Vec<Value> = match limit {
        Some(limit) if limit < 0 => {
            let pieces: Vec<&str> = value.split(&*delimiter).collect();
            let kept = pieces.len().saturating_sub(usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX));
            pieces.into_iter().take(kept).map(Value::str).collect()
        }
        Some(limit) => {
            let most = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
            value.splitn(most, &*delimiter).map(Value::str).collect()
        }
        None => value.split(&*delimiter).map(Value::str).collect(),
    };
    Ok(Value::array(Array::from(pieces)))
}

/// Without a delimiter: pieces of `size` characters. What is shorter than one stays what it was, a number for example.
fn split_pieces(whole: &Value, value: &str, size: &Value) -> Result<Value, Failure> {
    if size.less_or_equal(&Value::Int(1))? {
        return Ok(Value::array(Array::from(split_characters(value))));
    }
    let chars: Vec<char> = value.chars().collect();
    if Value::Int(chars.len() as i64).less(size)? {
        let only = if matches!(whole, Value::Null) { Value::str("") } else { whole.clone() };
        return Ok(Value::array(Array::from(vec![only])));
    }
    let step = number(size, "the limit of `split`")?.as_float();
    let starts = (0..).map(|index| (f64::from(index) * step) as usize).take_while(|start| *start < chars.len());
    let piece = |start: usize| Value::from(chars[start..].iter().take(step as usize).collect::<String>());
    Ok(Value::array(starts.map(piece).collect()))
}

/// One by one; a line end that ends the text stays with what it ends.
fn split_characters(value: &str) -> Vec<Value> {
    let mut pieces: Vec<String> = value.chars().map(String::from).collect();
    if pieces.len() > 1 && value.ends_with('\n') {
        pieces.pop();
        if let Some(last) = pieces.last_mut() {
            last.push('\n');
        }
    }
    if pieces.is_empty() {
        pieces.push(String::new());
    }
    pieces.into_iter().map(Value::from).collect()
}

/// Percent-encodes everything but letters, digits and `-_.~`.
pub(super) fn raw_url_encode(value: &str) -> String {
    percent_encoded(value.as_bytes())
}

/// The same for bytes of any encoding.
pub(super) fn percent_encoded(bytes: &[u8]) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encode(bytes, ENCODED).to_string()
}

/// The pairs of a query: nested arrays as `a[b]`; nulls left out, and objects that show no fields, as captured text is.
struct Query {
    text: String,
    longest: usize,
}

impl Query {
    fn pairs(&mut self, array: &Array, prefix: Option<&str>) -> Result<(), Failure> {
        for (key, value) in array {
            let key = raw_url_encode(&key.to_string());
            let name = prefix.map_or_else(|| key.clone(), |prefix| format!("{prefix}%5B{key}%5D"));
            match value {
                Value::Null | Value::Closure(_) | Value::Markup(_) => {}
                Value::Object(object) if object.as_moment().is_some() => {}
                Value::Array(inner) => self.pairs(inner, Some(&name))?,
                Value::Object(object) => self.pairs(&object.fields(), Some(&name))?,
                Value::Bool(value) => self.pair(&name, if *value { "1" } else { "0" })?,
                other => self.pair(&name, &percent_encoded(&other.to_bytes()?))?,
            }
        }
        Ok(())
    }

    fn pair(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.extend([name, "=", value]);
        if self.text.len() > self.longest {
            return Err(Failure::too_long("`url_encode`", self.longest));
        }
        Ok(())
    }
}
