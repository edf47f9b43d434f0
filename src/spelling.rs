//! "Did you mean": the nearest of the names that there are.

pub use hookctl_twig::nearest;

/// The first names of a list that may be long, for help: "`a`, `b` and 3 more".
pub fn some_of(names: &[String]) -> String {
    const MOST: usize = 12;
    let shown: Vec<_> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..14).map(|n| n.to_string()).collect();
        assert_eq!(some_of(&names[..2]), "`0`, `1`");
        assert!(some_of(&names).ends_with("`11` and 2 more"), "{}", some_of(&names));
    }
}
