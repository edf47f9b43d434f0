//! PHP's way to take tags out of a text: a small machine over the characters, not a parser of HTML.

/// Where in the text the machine is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Text,
    /// Between `<` and `>`.
    Tag,
    /// Between `<?` and `?>`.
    Script,
    /// Between `<!` and `>`.
    Declaration,
    /// Between `<!--` and `-->`.
    Comment,
}

/// The text without its tags, but with those that `allowed` names (`<b><i>`).
pub(super) fn strip(text: &str, allowed: &str) -> String {
    let allowed = allowed.to_lowercase();
    let keep = !allowed.is_empty();
    let bytes = text.as_bytes();
    let before = |index: usize, back: usize| index.checked_sub(back).map(|at| bytes[at]);
    let (mut out, mut tag) = (Vec::with_capacity(bytes.len()), Vec::new());
    let (mut state, mut depth, mut brackets) = (State::Text, 0usize, 0i64);
    let (mut quote, mut last, mut xml) = (0u8, 0u8, false);
    for (index, &byte) in bytes.iter().enumerate() {
        if byte == 0 {
            continue;
        }
        let spaced = bytes.get(index + 1).is_some_and(|next| next.is_ascii_whitespace() || *next == 0x0b);
        match (state, byte) {
            (State::Text, b'<') if !spaced => {
                state = State::Tag;
                tag.push(byte);
            }
            (State::Text, _) => out.push(byte),
            (State::Tag, b'<') if quote != 0 => {}
            (State::Tag, b'<') if !spaced => depth += 1,
            (_, b'>') if depth > 0 => depth -= 1,
            (_, b'>') if quote != 0 => {}
            (State::Tag, b'>') => {
                if xml && before(index, 1) == Some(b'-') {
                    continue;
                }
                state = State::Text;
                xml = false;
                tag.push(byte);
                if keep && allowed.contains(&normalized(&tag)) {
                    out.extend_from_slice(&tag);
                }
                tag.clear();
            }
            (State::Tag, b'!') if before(index, 1) == Some(b'<') => {
                state = State::Declaration;
                last = byte;
            }
            (State::Tag, b'?') if before(index, 1) == Some(b'<') => {
                state = State::Script;
                brackets = 0;
            }
            (State::Tag, _) => {
                if matches!(byte, b'"' | b'\'') {
                    quote = toggled(quote, byte);
                }
                tag.push(byte);
            }
            (State::Script, b'(') if !matches!(last, b'"' | b'\'') => {
                last = b'(';
                brackets += 1;
            }
            (State::Script, b')') if !matches!(last, b'"' | b'\'') => {
                last = b')';
                brackets -= 1;
            }
            (State::Script, b'>') if brackets == 0 && last != b'"' && before(index, 1) == Some(b'?') => {
                state = State::Text;
                tag.clear();
            }
            (State::Script, b'"' | b'\'') if before(index, 1) != Some(b'\\') => {
                last = match last {
                    same if same == byte => 0,
                    b'\\' => last,
                    _ => byte,
                };
                quote = toggled(quote, byte);
            }
            (State::Script, b'l' | b'L') if follows(bytes, index, b"<?xm") => {
                state = State::Tag;
                xml = true;
            }
            (State::Declaration, b'>') => {
                state = State::Text;
                tag.clear();
            }
            (State::Declaration, b'"' | b'\'') if before(index, 1) != Some(b'\\') => quote = toggled(quote, byte),
            (State::Declaration, b'-') if before(index, 1) == Some(b'-') && before(index, 2) == Some(b'!') => {
                state = State::Comment;
            }
            (State::Declaration, b'e' | b'E') if follows(bytes, index, b"<!doctyp") => state = State::Tag,
            (State::Comment, b'>') if before(index, 1) == Some(b'-') && before(index, 2) == Some(b'-') => {
                state = State::Text;
                tag.clear();
            }
            _ => {}
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What the open quote is after one more quote sign.
fn toggled(open: u8, sign: u8) -> u8 {
    match open {
        0 => sign,
        same if same == sign => 0,
        other => other,
    }
}

/// Whether the text just before a place is `word`, in any case.
fn follows(bytes: &[u8], index: usize, word: &[u8]) -> bool {
    index.checked_sub(word.len()).is_some_and(|start| bytes[start..index].eq_ignore_ascii_case(word))
}

/// A tag as the list of allowed ones writes it: `</A href="x">` is `<a>`.
fn normalized(tag: &[u8]) -> String {
    let text = String::from_utf8_lossy(tag).to_lowercase();
    let name = text.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(name.len());
    format!("<{}>", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn tags_go_and_texts_stay() {
        let cases = [
            ("a <b>bold</b> <!-- c --> x", "", "a bold  x"),
            ("1 < 2 > 3", "", "1 < 2 > 3"),
            ("<a href=\">\">q</a>", "", "q"),
            ("<b>x</b><i>y</i><br/>", "<b><br>", "<b>x</b>y<br/>"),
            ("a<b", "", "a"),
            ("<?php echo '>' ?>z", "", "z"),
            ("<!DOCTYPE html><p>z", "", "z"),
            ("it's <b title='x>y'>z</b>", "", "it's z"),
        ];
        for (text, allowed, expected) in cases {
            assert_eq!(strip(text, allowed), expected, "{text}");
        }
    }
}
