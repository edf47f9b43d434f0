//! The crate's modules import each other in one direction only.

use std::fs;
use std::path::{Path, PathBuf};

/// Every module, each after those that it may import.
const ORDER: [&str; 17] = [
    "span", "suggest", "host", "error", "options", "date", "value", "types", "library", "token", "ast", "foreign",
    "lexer", "parser", "eval", "analysis", "template",
];

/// Files of tests alone, which may import anything.
const TESTS: [&str; 2] = ["tests", "robustness"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

/// The words after `crate::`, those in braces too, in what is not a test. `root`: a module's own file, whose `super` is the crate.
fn imports(text: &str, root: bool) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code = if root { code.replace("super::", "crate::") } else { code.to_owned() };
    let mut words = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let (list, many) = match rest.strip_prefix('{') {
            Some(list) => (list.split("};").next().unwrap_or_default(), true),
            None => (rest, false),
        };
        let word =
            |part: &str| part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        words.extend(list.split(", ").take(if many { usize::MAX } else { 1 }).map(word));
    }
    words
}

#[test]
fn modules_import_only_what_comes_before_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&source, &mut paths);
    let rank = |module: &str| ORDER.iter().position(|known| *known == module);
    let mut wrong = Vec::new();
    for path in paths {
        let inside = path.strip_prefix(&source).expect("below src").with_extension("");
        let module = inside.iter().next().and_then(|name| name.to_str()).expect("a name");
        let name = inside.file_stem().and_then(|name| name.to_str()).expect("a name");
        if name == "lib" || TESTS.contains(&name) {
            continue;
        }
        let Some(own) = rank(module) else {
            wrong.push(format!("{module} has no place in ORDER"));
            continue;
        };
        for used in
            imports(&fs::read_to_string(&path).expect("text"), inside.components().count() == 1 || name == "mod")
        {
            if used != module && rank(&used).is_none_or(|rank| rank >= own) {
                wrong.push(format!("{} imports {used}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
