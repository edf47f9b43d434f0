//! The `matches` operator: PHP's regular expressions, on PHP's own engine, within bounds.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use pcre2::bytes::{Regex, RegexBuilder};

use super::Runtime;
use super::arguments::text;
use crate::error::{ErrorKind, Failure};
use crate::value::Value;

/// The steps and the KiB of memory after which a match is ended. PHP's default limit has the same number of steps.
const LIMITS: &str = "(*LIMIT_MATCH=1000000)(*LIMIT_HEAP=32768)";

/// The same of a first try, which is enough for nearly every match.
const FIRST_LIMITS: &str = "(*LIMIT_MATCH=10000)(*LIMIT_HEAP=32768)";

/// Steps of a render that a match costs for which the first try is not enough.
const STEPS_OF_LONG_MATCH: u64 = 10_000;

/// Steps of a render that compiling costs.
const STEPS_OF_COMPILING: u64 = 500;

/// How many compiled expressions are kept.
const KEPT: usize = 256;

/// A pattern, compiled with each of the limits when it is needed.
struct Compiled {
    first: Regex,
    last: OnceLock<Regex>,
}

static COMPILED: LazyLock<Mutex<HashMap<Arc<str>, Arc<Compiled>>>> = LazyLock::new(Mutex::default);

/// `subject matches pattern`: 1 or 0, as the reference prints it.
pub(crate) fn matches(runtime: &mut dyn Runtime, pattern: &Value, subject: &Value) -> Result<Value, Failure> {
    let subject = text(subject, "the left side of `matches`")?;
    let pattern = match pattern {
        Value::Null => Arc::from(""),
        other => other.to_arc()?,
    };
    let regex = match kept(&pattern) {
        Some(regex) => regex,
        None => {
            runtime.charge(STEPS_OF_COMPILING)?;
            compiled(&pattern)?
        }
    };
    let found = match regex.first.is_match(subject.as_bytes()) {
        Err(_) => {
            runtime.charge(STEPS_OF_LONG_MATCH)?;
            regex.last(&pattern)?.is_match(subject.as_bytes())
        }
        found => found,
    };
    match found {
        Ok(found) => Ok(Value::Int(i64::from(found))),
        Err(error) => Err(Failure {
            kind: ErrorKind::Bound,
            message: format!("the regular expression \"{pattern}\" is too expensive on this text: {error}"),
            help: Some("Twig gives up here and the condition is false; avoid nested repetition".into()),
        }),
    }
}

/// Whether a pattern can be compiled; the failure says why not.
pub(crate) fn check(pattern: &str) -> Result<(), Failure> {
    compiled(&Arc::from(pattern)).map(|_| ())
}

fn kept(pattern: &Arc<str>) -> Option<Arc<Compiled>> {
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(pattern).map(Arc::clone)
}

fn compiled(pattern: &Arc<str>) -> Result<Arc<Compiled>, Failure> {
    if let Some(regex) = kept(pattern) {
        return Ok(regex);
    }
    let first = compile(pattern, FIRST_LIMITS).map_err(|fault| no_regex(pattern, fault))?;
    let regex = Arc::new(Compiled { first, last: OnceLock::new() });
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(Arc::clone(pattern), Arc::clone(&regex));
    Ok(regex)
}

impl Compiled {
    fn last(&self, pattern: &str) -> Result<&Regex, Failure> {
        if let Some(regex) = self.last.get() {
            return Ok(regex);
        }
        let regex = compile(pattern, LIMITS).map_err(|fault| no_regex(pattern, fault))?;
        Ok(self.last.get_or_init(|| regex))
    }
}

fn no_regex(pattern: &str, (what, help): Fault) -> Failure {
    Failure { kind: ErrorKind::Runtime, message: format!("\"{pattern}\" is not a regular expression: {what}"), help }
}

/// What is wrong, and what to write instead.
type Fault = (String, Option<String>);

fn compile(text: &str, limits: &str) -> Result<Regex, Fault> {
    let (body, modifiers) = delimited(text)?;
    let mut builder = RegexBuilder::new();
    let (mut inline, mut anchored, mut only_at_end) = (String::new(), false, false);
    let (mut lines, mut extended) = (false, false);
    for modifier in modifiers.chars() {
        match modifier {
            'i' => drop(builder.caseless(true)),
            'm' => lines = true,
            's' => drop(builder.dotall(true)),
            'x' => extended = true,
            'u' => drop(builder.utf(true).ucp(true)),
            'A' => anchored = true,
            'D' => only_at_end = true,
            'U' | 'J' | 'n' => inline.push_str(&format!("(?{modifier})")),
            'S' | 'X' | ' ' | '\n' | '\r' => {}
            _ => {
                let help = "modifiers are i, m, s, x, u, A, D, U, J and n";
                return Err((format!("\"{modifier}\" is not a modifier"), Some(help.into())));
            }
        }
    }
    builder.multi_line(lines).extended(extended);
    let verbs = leading_verbs(body);
    let (verbs, rest) = body.split_at(verbs);
    let rest = if only_at_end && !lines { end_only(rest, extended) } else { rest.to_owned() };
    let line_end = if extended { "\n" } else { "" };
    let rest = if anchored { format!("\\G(?:{rest}{line_end})") } else { rest };
    builder.build(&format!("{limits}{verbs}{inline}{rest}")).map_err(|error| {
        let text = error.to_string();
        (text.rsplit(": ").next().unwrap_or(&text).to_owned(), None)
    })
}

/// The pattern between its delimiters, and the modifiers after it.
fn delimited(text: &str) -> Result<(&str, &str), Fault> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let help = || Some(format!("write it between slashes: '/{}/'", text.replace('/', "\\/")));
    let Some(open) = text.chars().next() else { return Err(("it is empty".into(), Some("write '/…/'".into()))) };
    if open.is_ascii_alphanumeric() || open == '\\' || open == '\0' || !open.is_ascii() {
        return Err((format!("it needs delimiters, but starts with \"{open}\""), help()));
    }
    let close = match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        other => other,
    };
    let body = &text[1..];
    let (mut depth, mut escaped) = (1usize, false);
    for (index, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == close => {
                depth -= 1;
                if depth == 0 {
                    return Ok((&body[..index], &body[index + 1..]));
                }
            }
            _ if c == open => depth += 1,
            _ => {}
        }
    }
    Err((format!("the closing \"{close}\" is missing"), None))
}

/// The length in bytes of settings such as `(*UTF)` at the start of a pattern: they must stay in front.
fn leading_verbs(body: &str) -> usize {
    let mut end = 0;
    while let Some(rest) = body[end..].strip_prefix("(*") {
        match rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '_' | '='))) {
            Some(length) if rest[length..].starts_with(')') => end += 2 + length + 1,
            _ => break,
        }
    }
    end
}

/// With `$` written so that it means the very end only, not also the place before a last line end.
fn end_only(pattern: &str, extended: bool) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' if rest.starts_with("\\Q") => rest.find("\\E").map_or(rest.len(), |end| end + 2),
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => class_length(rest),
            '(' if rest.starts_with("(?#") => rest.find(')').map_or(rest.len(), |end| end + 1),
            '#' if extended => rest.find('\n').map_or(rest.len(), |end| end + 1),
            '$' => {
                out.push_str("\\z");
                rest = &rest[1..];
                continue;
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// The length of a character class in bytes.
fn class_length(text: &str) -> usize {
    let start = if text.starts_with("[^") { 2 } else { 1 };
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(start) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' if index > start => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, ErrorKind};
    use crate::options::Options;
    use crate::template::Template;
    use crate::value::{Array, Key, Value};

    fn matched(pattern: &str, subject: &str) -> Result<Value, Error> {
        let context: Array =
            [(Key::from("p"), Value::str(pattern)), (Key::from("s"), Value::str(subject))].into_iter().collect();
        let template = Template::expression("s matches p").expect("an expression");
        template.evaluate(&context, &Options::default()).map(|(value, _)| value)
    }

    #[test]
    fn delimiters_and_modifiers() {
        let cases = [
            ("/b/", "abc", Some(true)),
            ("/B/", "abc", Some(false)),
            ("#B#i", "abc", Some(true)),
            ("{b}", "abc", Some(true)),
            ("(b)i", "aBc", Some(true)),
            (" /b/", "abc", Some(true)),
            ("/b/A", "abc", Some(false)),
            ("/a # c/xA", "abc", Some(true)),
            ("/c$/", "abc\n", Some(true)),
            ("/c$/D", "abc\n", Some(false)),
            ("/[$]$/D", "$", Some(true)),
            ("/^b/m", "a\nb", Some(true)),
            ("/a.b/s", "a\nb", Some(true)),
            ("/^.$/u", "ä", Some(true)),
            ("/^.$/", "ä", Some(false)),
            ("/^\\w$/u", "ä", Some(true)),
            ("/(*UTF8)^.$/U", "ä", Some(true)),
            ("b", "abc", None),
            ("/b", "abc", None),
            ("/(/", "abc", None),
            ("/b/k", "abc", None),
            ("/b/e", "abc", None),
            ("", "abc", None),
            ("\\b\\", "abc", None),
        ];
        for (pattern, subject, expected) in cases {
            let found = matched(pattern, subject).ok();
            assert_eq!(found, expected.map(|found| Value::Int(i64::from(found))), "{pattern}");
        }
    }

    #[test]
    fn a_match_that_explodes_is_ended() {
        let subject = "a".repeat(60) + "!";
        let failure = matched("/^(a+)+$/", &subject).unwrap_err();
        assert_eq!(failure.kind, ErrorKind::Bound);
    }
}
