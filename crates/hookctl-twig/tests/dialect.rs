//! Every case of `tests/dialect/*.jsonl` is rendered and compared with the answer that Twig itself gave for it, byte for byte.
//!
//! A line is `{"template", "context", "strict", "timezone"?, "output" | "error": "syntax" | "runtime"}`. The answers were
//! frozen from the real engine; `tests/dialect_oracle.rs` asks it again.

mod dialect_case;

use dialect_case::Case;

#[test]
fn templates_render_as_twig_renders_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialect");
    let only = std::env::var("HOOKCTL_DIALECT_TABLE").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "jsonl")) {
        let name = path.file_name().unwrap().to_string_lossy();
        if !name.contains(&only) {
            continue;
        }
        for (index, line) in std::fs::read_to_string(path).unwrap().lines().enumerate() {
            let case: Case = serde_json::from_str(line).unwrap_or_else(|e| panic!("{name}:{}: {e}", index + 1));
            count += 1;
            if let Some(difference) = case.difference(&case.answer) {
                wrong.push(format!("{name}:{}: {difference}", index + 1));
            }
        }
    }
    assert!(count > 0, "no tables in {folder}");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}
