//! "Did you mean": the nearest of the names that there are.

/// The candidate that `word` is most likely a misspelling of, if one is near enough and nearer than the others.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for candidate in candidates {
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        match best {
            Some((least, found)) if distance >= least => tied |= distance == least && candidate != found,
            _ => (best, tied) = (Some((distance, candidate)), false),
        }
    }
    // A single letter says nothing of which other one was meant.
    best.filter(|(distance, _)| *distance <= allowed && !tied && (lower.len() > 1 || *distance == 0))
        .map(|(_, name)| name)
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
    }
}
