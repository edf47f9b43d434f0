//! "Did you mean": the nearest of the names that there are.

/// The candidate that `word` is most likely a misspelling of, if one is near enough and nearer than the others.
///
/// ```
/// use hookctl_twig::nearest;
///
/// assert_eq!(nearest("pharse", ["parse", "phrase", "render"]), Some("phrase"));
/// assert_eq!(nearest("elephant", ["parse", "phrase", "render"]), None);
/// ```
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    // Of two that are as near, the one of the same letters: they are swapped more often than left out.
    let mut best: Option<((usize, bool), &str)> = None;
    let mut tied = false;
    for candidate in candidates {
        let name = candidate.to_lowercase();
        let distance = strsim::damerau_levenshtein(&lower, &name);
        let score = (distance, distance <= allowed && letters(&name) != letters(&lower));
        match best {
            Some((least, found)) if score >= least => tied |= score == least && candidate != found,
            _ => (best, tied) = (Some((score, candidate)), false),
        }
    }
    // A single letter gives no hint which other letter was meant.
    best.filter(|((distance, _), _)| *distance <= allowed && !tied && (lower.len() > 1 || *distance == 0))
        .map(|(_, name)| name)
}

fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_has_one_answer_or_none() {
        let names = ["first_name", "last_name", "url", "method", "params", "headers"];
        for (word, answer) in [
            ("frist_name", Some("first_name")),
            ("First_Name", Some("first_name")),
            ("methd", Some("method")),
            ("param", Some("params")),
            ("header", Some("headers")),
            ("ulr", Some("url")),
            ("URL", Some("url")),
            ("uri", Some("url")),
            ("body", None),
            ("x", None),
            ("", None),
            ("something_else", None),
        ] {
            assert_eq!(nearest(word, names), answer, "{word}");
        }
        assert_eq!(nearest("bat", ["cat", "hat"]), None);
        assert_eq!(nearest("fro", ["from", "for", "if"]), Some("for"));
    }
}
