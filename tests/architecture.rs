//! Data flows one way through the stations of `src/`, its top-level modules: none imports another that imports it back,
//! directly or through others. What only tests import doesn't count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each import of one station by another, with the files that have it.
type Imports = BTreeMap<(String, String), BTreeSet<PathBuf>>;

/// Rust files below a folder, without those that are only compiled for tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    let for_tests: Vec<PathBuf> = files.iter().flat_map(|file| test_modules(file)).collect();
    files.retain(|file| !for_tests.iter().any(|module| file.with_extension("").starts_with(module)));
    files
}

/// The paths, without extension, of the modules that a file declares for tests only.
fn test_modules(file: &Path) -> Vec<PathBuf> {
    let stem = file.file_stem().expect("a name");
    let folder = match stem.to_str() {
        Some("mod" | "lib" | "main") => file.with_file_name(""),
        _ => file.with_extension(""),
    };
    let text = fs::read_to_string(file).expect("a source file");
    let declared = text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| {
        let name = rest.lines().next()?.trim().strip_suffix(';')?;
        Some(name.strip_prefix("pub(crate) ").unwrap_or(name).strip_prefix("mod ")?.to_owned())
    });
    declared.map(|name| folder.join(name)).collect()
}

/// A file's code, without comments and without the tests at its end.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The names that follow each `crate::` in some code, also those of a group: `use crate::{a::B, c};`.
fn imported(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.push(first_name(rest));
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (at, sign) in group.char_indices() {
            match sign {
                '{' => depth += 1,
                '}' | ',' if depth == 0 => {
                    names.push(first_name(&group[start..at]));
                    start = at + 1;
                    if sign == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    names
}

fn first_name(path: &str) -> &str {
    path.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// The station that a file of `src/` is part of; none for `lib.rs` and `main.rs`, which are above them all.
fn station(root: &Path, file: &Path) -> Option<String> {
    let first = file.strip_prefix(root).ok()?.components().next()?;
    let name = Path::new(first.as_os_str()).file_stem()?.to_str()?.to_owned();
    (!["lib", "main"].contains(&name.as_str())).then_some(name)
}

fn imports(root: &Path) -> Imports {
    let files: Vec<_> = sources(root).into_iter().filter_map(|file| Some((station(root, &file)?, file))).collect();
    let stations: BTreeSet<String> = files.iter().map(|(station, _)| station.clone()).collect();
    let mut imports = Imports::new();
    for (station, file) in files {
        for name in imported(&code(&file)) {
            if name != station && stations.contains(name) {
                imports.entry((station.clone(), name.to_owned())).or_default().insert(file.clone());
            }
        }
    }
    imports
}

/// A way from one station to another along the imports, both included.
fn way(imports: &Imports, from: &str, to: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![from.to_owned()]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        let last = way.last().expect("a station");
        for (_, next) in imports.keys().filter(|(station, _)| station == last) {
            let longer = [&way[..], std::slice::from_ref(next)].concat();
            if next == to {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push(longer);
            }
        }
    }
    None
}

#[test]
fn no_two_stations_import_each_other() {
    let imports = imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(imports.len() > 20, "the imports are not read as they are written: {imports:?}");
    for ((station, imported), files) in &imports {
        if let Some(back) = way(&imports, imported, station) {
            let way = back.join("` → `");
            panic!(
                "`{station}` → `{way}` is a cycle; {files:?} import `{imported}`: move what both need to a station below"
            );
        }
    }
}

#[test]
fn groups_and_paths_are_read() {
    let code = "use crate::{a::{B, C}, d as e,\n    f};\nuse crate::g::H;\nlet x = crate::i::j();";
    assert_eq!(imported(code), ["a", "d", "f", "g", "i"]);
}
