//! The color of a figure. Zero is never red, and nothing is green if there are failures.

/// `good`, `bad`, or `warning` where nobody knows.
pub(super) fn class(good: Option<bool>) -> &'static str {
    match good {
        Some(true) => "good",
        Some(false) => "bad",
        None => "warning",
    }
}

/// The same, but never green if something `failed`.
pub(super) fn unless_failed(class: &'static str, failed: bool) -> &'static str {
    if failed && class == "good" { "" } else { class }
}
