//! "Did you mean": the nearest of the names that there are.

pub use hookctl_twig::nearest;

use super::list;

/// What to write instead of an unknown word, as a line of help: the nearest of the names, or all of them.
pub fn instead_of(word: &str, names: &[&str]) -> String {
    match nearest(word, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use {}", list::or(list::quoted(names))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_has_the_nearest_or_all_names_instead() {
        assert_eq!(instead_of("dealy", &["delay", "status"]), "did you mean `delay`?");
        assert_eq!(instead_of("wait", &["delay", "status"]), "use `delay` or `status`");
    }
}
