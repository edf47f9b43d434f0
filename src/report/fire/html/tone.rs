//! Which color a piece of news has. Zero is not red, and nothing is green beside failures.

/// `good`, `bad`, or `warning` where nobody knows.
pub fn class(good: Option<bool>) -> &'static str {
    match good {
        Some(true) => "good",
        Some(false) => "bad",
        None => "warning",
    }
}

/// The same, but no praise where something `failed`.
pub fn unless_failed(class: &'static str, failed: bool) -> &'static str {
    if failed && class == "good" { "" } else { class }
}
