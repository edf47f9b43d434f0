//! What `--fix` would change, as `diff -u` and git show it.

use colored::Colorize;
use similar::TextDiff;

use crate::span::Source;

/// The change of one file's text.
pub fn diff(source: &Source, new: &str) -> String {
    let diff = TextDiff::from_lines(source.text.as_str(), new);
    let (old_name, new_name) = (format!("a/{}", source.path), format!("b/{}", source.path));
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
