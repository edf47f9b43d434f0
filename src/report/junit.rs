//! JUnit XML that is well-formed whatever text it contains.

use quick_junit::Report;

/// The document, with a newline at its end.
pub(super) fn document(report: &Report) -> String {
    // Writing to memory can't fail. Two characters no XML may hold; control characters are left out already.
    let text = report.to_string().unwrap_or_default().replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    text.trim_end().to_owned() + "\n"
}
