//! What `--fix` would change, as `diff -u` and git show it, with stars for credentials.

use colored::Colorize;
use similar::TextDiff;

use crate::span::{Source, Span};

/// The change of one file's text.
pub fn diff(old: &Source, new: &Source) -> String {
    // A credential that is recognized in only one of the two texts is redacted in both.
    let pieces: Vec<&str> =
        old.redacted().into_iter().chain(new.redacted()).filter(|piece| !piece.is_empty()).collect();
    for side in [old, new] {
        for piece in &pieces {
            side.text.match_indices(piece).for_each(|(at, _)| side.redact(Span::new(at, at + piece.len())));
        }
    }
    let whole = |side: &Source| Span::new(0, side.text.len());
    let (old_text, new_text) = (old.shown(whole(old)), new.shown(whole(new)));
    let diff = TextDiff::from_lines(&*old_text, &*new_text);
    let (old_name, new_name) = (format!("a/{}", old.path), format!("b/{}", new.path));
    let text = diff.unified_diff().context_radius(3).header(&old_name, &new_name).to_string();
    if !colored::control::SHOULD_COLORIZE.should_colorize() {
        return text;
    }
    text.split_inclusive('\n')
        .map(|line| match line.as_bytes().first() {
            Some(b'+') => line.green().to_string(),
            Some(b'-') => line.red().to_string(),
            Some(b'@') => line.cyan().to_string(),
            _ => line.to_owned(),
        })
        .collect()
}
