//! One form of a secret, and where a text contains it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Shorter secrets are only found as words of their own, and not in base64.
pub(super) const WORD: usize = 4;

/// From this many characters on, the start of a secret at the end of a text is treated as the secret.
const BEGINNING: usize = 3;

/// The longest spelling of one character that is looked for at a text's end, bytes.
const SPELLING: usize = 24;

/// One form of a secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Needle {
    chars: Vec<char>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The secret itself, each character as it is or escaped.
    Plain,
    /// The same, between characters that are neither letters nor digits.
    Word,
    /// What base64 makes of it at one of three offsets; the characters at its edges hold some of its bits, too.
    Base64 { before: bool, after: bool },
}

/// How far a text has a form from some place on.
enum Follow {
    /// All of it, up to there.
    Match(usize),
    /// Its beginning, and then the text ends.
    CutOff,
    Differs,
}

impl Needle {
    /// Every form of one secret.
    pub(super) fn forms(secret: &str) -> Vec<Needle> {
        let chars: Vec<char> = secret.chars().collect();
        if chars.len() < WORD {
            return vec![Needle { chars, form: Form::Word }];
        }
        let mut forms = vec![Needle { chars, form: Form::Plain }];
        forms.extend((0..3).map(|offset| Self::base64(secret, offset)));
        forms
    }

    /// Is this the secret as it is?
    pub(super) fn is_plain(&self, secret: &str) -> bool {
        !matches!(self.form, Form::Base64 { .. }) && self.chars.iter().copied().eq(secret.chars())
    }

    /// What base64 makes of a secret that follows `offset` unknown bytes, without the characters that unknown bytes
    /// share.
    fn base64(secret: &str, offset: usize) -> Self {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret.as_bytes());
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        let whole = bytes.len() * 8 / 6;
        let shared = (offset * 8).div_ceil(6);
        let chars = encoded.chars().take(whole).skip(shared).collect();
        Needle { chars, form: Form::Base64 { before: offset > 0, after: !(bytes.len() * 8).is_multiple_of(6) } }
    }

    /// Adds every place of the text that has this form, as byte offsets on character boundaries.
    pub(super) fn find_all(&self, text: &str, places: &mut Vec<(usize, usize)>) {
        let Some(&first) = self.chars.first() else { return };
        let bytes = text.as_bytes();
        let mut first_byte = [0; 4];
        let first_byte = first.encode_utf8(&mut first_byte).as_bytes()[0];
        for start in 0..bytes.len() {
            let byte = bytes[start];
            let may_start = byte == first_byte
                || matches!(byte, b'%' | b'\\' | b'&')
                || matches!(byte, b'+' | b' ' | b'-' | b'_' | b'"') && matches!(first, ' ' | '+' | '/' | '"');
            if !may_start || !text.is_char_boundary(start) {
                continue;
            }
            if let Some(end) = self.end_of_match(bytes, start)
                && text.is_char_boundary(end)
            {
                places.extend(self.with_edges(text, start, end));
            }
        }
    }

    /// Where this form begins that the text's end cuts off, if it does: a byte offset on a character boundary.
    pub(super) fn cut_off_at(&self, text: &str) -> Option<usize> {
        if matches!(self.form, Form::Word) {
            return None;
        }
        let bytes = text.as_bytes();
        let first = bytes.len().saturating_sub(self.chars.len() * SPELLING);
        let starts = (first..bytes.len()).filter(|start| text.is_char_boundary(*start));
        let start = starts.into_iter().find(|start| matches!(self.follow(bytes, *start), Follow::CutOff))?;
        self.with_edges(text, start, bytes.len()).map(|(start, _)| start)
    }

    /// Where the longest match from `start` ends.
    fn end_of_match(&self, text: &[u8], start: usize) -> Option<usize> {
        match self.follow(text, start) {
            Follow::Match(end) => Some(end),
            Follow::CutOff | Follow::Differs => None,
        }
    }

    /// Follows every way to read the text at once, since `%25` may be an escaped `%` or the secret's own three
    /// characters.
    fn follow(&self, text: &[u8], start: usize) -> Follow {
        let mut at = vec![start];
        let mut next = Vec::new();
        let mut cut_off = false;
        for (matched, &wanted) in self.chars.iter().enumerate() {
            next.clear();
            cut_off |= matched >= BEGINNING && at.iter().any(|here| unfinished(&text[*here..]));
            for &here in &at {
                spellings(text, here, wanted, &mut next);
                if matches!(self.form, Form::Base64 { .. }) {
                    let url_safe = match wanted {
                        '+' => b'-',
                        '/' => b'_',
                        _ => continue,
                    };
                    next.extend((text.get(here) == Some(&url_safe)).then_some(here + 1));
                }
            }
            next.sort_unstable();
            next.dedup();
            std::mem::swap(&mut at, &mut next);
            if at.is_empty() {
                return if cut_off { Follow::CutOff } else { Follow::Differs };
            }
        }
        at.last().map_or(Follow::Differs, |end| Follow::Match(*end))
    }

    /// The span to redact, if any, for a match from `start` to `end`.
    fn with_edges(&self, text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
        match self.form {
            Form::Plain => Some((start, end)),
            Form::Word => {
                let joined = text[..start].chars().next_back().is_some_and(char::is_alphanumeric)
                    || text[end..].chars().next().is_some_and(char::is_alphanumeric);
                (!joined).then_some((start, end))
            }
            Form::Base64 { before, after } => {
                let bytes = text.as_bytes();
                let digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
                let first = usize::from(before && start > 0 && digit(&bytes[start - 1]));
                let last = usize::from(after && bytes.get(end).is_some_and(digit));
                Some((start - first, end + last))
            }
        }
    }
}

/// The text ends here, or within what may become an escaped character.
fn unfinished(rest: &[u8]) -> bool {
    rest.is_empty() || rest.len() < SPELLING / 2 && matches!(rest[0], b'%' | b'\\' | b'&')
}

/// Adds where each spelling of `wanted` at `at` ends: the character itself, percent-encoded (also more than
/// once), form-encoded or -decoded, escaped as JSON or HTML escape it.
fn spellings(text: &[u8], at: usize, wanted: char, ends: &mut Vec<usize>) {
    let mut utf8 = [0; 4];
    let utf8 = wanted.encode_utf8(&mut utf8).as_bytes();
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with(utf8) {
        ends.push(at + utf8.len());
    }
    match rest.first() {
        Some(b'+') if wanted == ' ' => ends.push(at + 1),
        // Reading a query as a form turns it into a space.
        Some(b' ') if wanted == '+' => ends.push(at + 1),
        Some(b'"') if wanted == '"' && rest.get(1) == Some(&b'"') => ends.push(at + 2),
        Some(b'%') => percent(text, at, utf8, ends),
        Some(b'\\') => backslash(rest, wanted, at, ends),
        Some(b'&') => ends.extend(entity(rest, wanted).map(|length| at + length)),
        _ => {}
    }
}

/// Adds where the percent-encoded bytes at `at` end: `%41`, also when encoded again (`%2541`).
fn percent(text: &[u8], at: usize, bytes: &[u8], ends: &mut Vec<usize>) {
    let mut starts = vec![at];
    for &byte in bytes {
        let mut next = Vec::new();
        for start in starts {
            if text.get(start) != Some(&b'%') {
                continue;
            }
            let mut digits = start + 1;
            while let Some(code) = text.get(digits..digits + 2).and_then(hex) {
                digits += 2;
                if code == u32::from(byte) {
                    next.push(digits);
                }
                if code != u32::from(b'%') {
                    break;
                }
            }
        }
        starts = next;
    }
    ends.extend(starts);
}

/// Ends of `\"`, `\n`, `\u00e9` and the like, behind one backslash or several (JSON within JSON).
fn backslash(text: &[u8], wanted: char, at: usize, ends: &mut Vec<usize>) {
    let slashes = text.iter().take_while(|b| **b == b'\\').count();
    if wanted == '\\' {
        ends.extend((2..=slashes).map(|n| at + n));
    }
    let Some(&letter) = text.get(slashes) else { return };
    let short = match wanted {
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        c if c.is_ascii_punctuation() => c as u8,
        _ => 0,
    };
    if letter == short {
        ends.push(at + slashes + 1);
    }
    let mut here = slashes;
    let mut units = [0; 2];
    for (index, &mut unit) in wanted.encode_utf16(&mut units).iter_mut().enumerate() {
        if index > 0 {
            here += text[here..].iter().take_while(|b| **b == b'\\').count();
        }
        if text.get(here) != Some(&b'u') || text.get(here + 1..here + 5).and_then(hex) != Some(u32::from(unit)) {
            return;
        }
        here += 5;
    }
    ends.push(at + here);
}

/// Length of the HTML entity, where the text starts with it.
fn entity(text: &[u8], wanted: char) -> Option<usize> {
    let end = text.iter().take(12).position(|b| *b == b';')?;
    let name = std::str::from_utf8(&text[1..end]).ok()?;
    let is = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            code == Ok(u32::from(wanted))
        }
        None => matches!((name, wanted), ("amp", '&') | ("lt", '<') | ("gt", '>') | ("quot", '"') | ("apos", '\'')),
    };
    is.then_some(end + 1)
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
