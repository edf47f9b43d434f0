//! A param's name, read for what it nests.

use std::borrow::Cow;

use super::NameStyle;

/// No more levels than PHP reads (`max_input_nesting_level`).
const MOST_LEVELS: usize = 64;

/// A param's name, as a style reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name<'n> {
    /// Nothing in it nests.
    Flat(&'n str),
    /// `a[b][]`: two steps or more.
    Nested(Vec<Step<'n>>),
    /// It has the style's signs, but not as the style writes them (`a[b`, `a..b`): it is sent as it is.
    Malformed(&'n str),
}

/// One step of a nested name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'n> {
    /// A field, or a place in a list.
    Key(&'n str),
    /// `[]`: the next place of a list.
    Next,
}

impl<'n> Name<'n> {
    /// Reads a name.
    pub fn read(name: &'n str, style: NameStyle) -> Name<'n> {
        let (signs, steps): (&[char], _) = match style {
            NameStyle::Flat => return Name::Flat(name),
            NameStyle::Brackets => (&['[', ']'], bracket_steps(name)),
            NameStyle::Dots => (&['.'], dot_steps(name)),
        };
        match steps {
            _ if !name.contains(signs) => Name::Flat(name),
            Some(steps) if steps.len() <= MOST_LEVELS => Name::Nested(steps),
            _ => Name::Malformed(name),
        }
    }

    /// It has a `[]`, so that it makes another entry each time that it is there.
    pub fn appends(&self) -> bool {
        self.steps().contains(&Step::Next)
    }

    /// Its steps; none where nothing in it nests.
    pub(super) fn steps(&self) -> &[Step<'n>] {
        match self {
            Name::Nested(steps) => steps,
            Name::Flat(_) | Name::Malformed(_) => &[],
        }
    }
}

/// `a[b][]`: a name, then brackets to the end.
fn bracket_steps(name: &str) -> Option<Vec<Step<'_>>> {
    let (first, mut rest) = name.split_at(name.find('[')?);
    let mut steps = vec![Step::Key(Some(first).filter(|first| !first.is_empty() && !first.contains(']'))?)];
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        steps.push(match key {
            "" => Step::Next,
            key if key.contains('[') => return None,
            key => Step::Key(key),
        });
        rest = after;
    }
    Some(steps)
}

/// `a.b.0`: names with dots between them.
fn dot_steps(name: &str) -> Option<Vec<Step<'_>>> {
    name.split('.').map(|key| (!key.is_empty()).then_some(Step::Key(key))).collect()
}

/// The name in a form. A form nests by brackets alone, as PHP's `http_build_query` writes it: brackets stay as they are, dots
/// become brackets.
pub fn form_name(name: &str, style: NameStyle) -> Cow<'_, str> {
    match (style, Name::read(name, style)) {
        (NameStyle::Dots, Name::Nested(steps)) => {
            let keys = steps.iter().map(|step| match step {
                Step::Key(key) => key,
                Step::Next => "",
            });
            let mut written = String::new();
            for (level, key) in keys.enumerate() {
                written += &if level == 0 { key.to_owned() } else { format!("[{key}]") };
            }
            Cow::Owned(written)
        }
        _ => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(name: &str, style: NameStyle) -> Option<String> {
        match Name::read(name, style) {
            Name::Flat(_) => Some(String::new()),
            Name::Malformed(_) => None,
            Name::Nested(steps) => {
                let step = |step: &Step<'_>| match step {
                    Step::Key(key) => (*key).to_owned(),
                    Step::Next => "+".to_owned(),
                };
                Some(steps.iter().map(step).collect::<Vec<_>>().join(" / "))
            }
        }
    }

    #[test]
    fn names_are_read_as_their_style_writes_them() {
        let flat = Some("");
        for (name, brackets, dots) in [
            ("a", flat, flat),
            ("", flat, flat),
            ("a[b]", Some("a / b"), flat),
            ("a[b][c d]", Some("a / b / c d"), flat),
            ("a[]", Some("a / +"), flat),
            ("a[0][id]", Some("a / 0 / id"), flat),
            ("a.b", flat, Some("a / b")),
            ("items.0.id", flat, Some("items / 0 / id")),
            ("a[b.c]", Some("a / b.c"), Some("a[b / c]")),
            ("a[b", None, flat),
            ("a]b", None, flat),
            ("a]b[c]", None, flat),
            ("a[b]c", None, flat),
            ("a[b[c]]", None, flat),
            ("a[[b]]", None, flat),
            ("[a]", None, flat),
            ("a..b", flat, None),
            (".a", flat, None),
            ("a.", flat, None),
        ] {
            assert_eq!(steps(name, NameStyle::Brackets).as_deref(), brackets, "{name}");
            assert_eq!(steps(name, NameStyle::Dots).as_deref(), dots, "{name}");
            assert_eq!(Name::read(name, NameStyle::Flat), Name::Flat(name));
        }
        let deep = |levels: usize| format!("a{}", "[b]".repeat(levels - 1));
        assert!(matches!(Name::read(&deep(MOST_LEVELS), NameStyle::Brackets), Name::Nested(_)));
        assert!(matches!(Name::read(&deep(MOST_LEVELS + 1), NameStyle::Brackets), Name::Malformed(_)));
    }

    #[test]
    fn a_form_nests_by_brackets() {
        for (name, style, written) in [
            ("a[b][]", NameStyle::Brackets, "a[b][]"),
            ("a.b", NameStyle::Brackets, "a.b"),
            ("items.0.id", NameStyle::Dots, "items[0][id]"),
            ("a..b", NameStyle::Dots, "a..b"),
            ("a", NameStyle::Dots, "a"),
            ("a.b", NameStyle::Flat, "a.b"),
        ] {
            assert_eq!(form_name(name, style), written, "{name}");
        }
    }
}
