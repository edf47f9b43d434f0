//! Lists in a sentence: `a, b and c`.

use std::fmt::Display;

/// `a, b and c`
pub fn and(items: impl IntoIterator<Item = impl Display>) -> String {
    joined(items, "and")
}

/// `a, b or c`
pub fn or(items: impl IntoIterator<Item = impl Display>) -> String {
    joined(items, "or")
}

/// The first names of a list that may be long: `` `a`, `b` and 3 more ``.
pub fn some_of(names: &[String]) -> String {
    const MOST: usize = 12;
    let more = names.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("{more} more"));
    and(quoted(names.iter().take(MOST)).chain(more))
}

/// Each in backticks, as names are written.
pub fn quoted(names: impl IntoIterator<Item = impl Display>) -> impl Iterator<Item = String> {
    names.into_iter().map(|name| format!("`{name}`"))
}

fn joined(items: impl IntoIterator<Item = impl Display>, word: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        _ => items.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_has_a_word_before_it() {
        for (items, list) in [(&[][..], ""), (&[1][..], "1"), (&[1, 2], "1 and 2"), (&[1, 2, 3], "1, 2 and 3")] {
            assert_eq!(and(items), list);
        }
        assert_eq!(or(quoted(["a", "b"])), "`a` or `b`");
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..14).map(|n| n.to_string()).collect();
        assert_eq!(some_of(&names[..2]), "`0` and `1`");
        assert!(some_of(&names).ends_with("`10`, `11` and 2 more"), "{}", some_of(&names));
    }
}
