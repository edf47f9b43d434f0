//! `env.NAME`: the process's environment, and the `NAME=value` lines of `env_file`. Values never appear in a message.

use std::collections::HashMap;

use super::Project;
use crate::diagnostic::{Diagnostic, Problems};

/// What `env.NAME` reads. Printing it shows names only.
#[derive(Clone, Default)]
pub struct Environment {
    file: HashMap<String, String>,
    /// The file that `env_file` names, if it does not exist: a pipeline has its secrets elsewhere.
    pub missing_file: Option<String>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.file.keys()).finish()
    }
}

impl Environment {
    /// The value of a name: the process's own comes before the file's.
    pub fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().or_else(|| self.file.get(name).cloned())
    }

    pub(super) fn read(project: &Project) -> Result<Environment, Problems> {
        let Some(file) = &project.config.env_file else { return Ok(Environment::default()) };
        let file = project.root.join(file);
        let name = project.display_path(&file);
        if !file.exists() {
            return Ok(Environment { missing_file: Some(name), ..Environment::default() });
        }
        let source = super::read_text(&file, &name)
            .map_err(|error| error.help("it is the `env_file` of hookctl.yaml, with `NAME=value` lines"))?;
        let (variables, problems) = parse(&source.text);
        let problems: Vec<Diagnostic> = problems
            .into_iter()
            .map(|(line, what)| Diagnostic::error(format!("`{name}`, line {line}: {what}")).help("write `NAME=value`"))
            .collect();
        if problems.is_empty() {
            Ok(Environment { file: variables, missing_file: None })
        } else {
            Err(Problems(problems))
        }
    }
}

/// The variables, and what is wrong in which line (from 1). The later of two lines wins.
fn parse(text: &str) -> (HashMap<String, String>, Vec<(usize, &'static str)>) {
    let mut variables = HashMap::new();
    let mut problems = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let Some((name, value)) = line.split_once('=') else {
            problems.push((index + 1, "there is no `=`"));
            continue;
        };
        let name = name.trim_end();
        if !is_name(name) {
            problems.push((index + 1, "the name before `=` must consist of letters, digits and `_`"));
            continue;
        }
        match unquoted(value.trim()) {
            Some(value) => drop(variables.insert(name.to_owned(), value)),
            None => problems.push((index + 1, "the quote is not closed, or something follows it")),
        }
    }
    (variables, problems)
}

fn is_name(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
}

/// A value: in `'…'` as it is, in `"…"` with escapes, else up to ` #`.
fn unquoted(value: &str) -> Option<String> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (inner, rest) = rest.split_once('\'')?;
        return comment(rest).then(|| inner.to_owned());
    }
    let Some(rest) = value.strip_prefix('"') else {
        let bare = value.split(" #").next().unwrap_or(value);
        return Some(if bare.starts_with('#') { String::new() } else { bare.trim_end().to_owned() });
    };
    let mut inner = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => break,
            '\\' => match characters.next()? {
                'n' => inner.push('\n'),
                'r' => inner.push('\r'),
                't' => inner.push('\t'),
                other @ ('"' | '\\' | '$' | '`') => inner.push(other),
                other => inner.extend(['\\', other]),
            },
            other => inner.push(other),
        }
    }
    comment(characters.as_str()).then_some(inner)
}

fn comment(rest: &str) -> bool {
    rest.trim().is_empty() || rest.trim_start().starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_shells_write_them() {
        for (line, value) in [
            ("A=b", Some("b")),
            ("A = b c ", Some("b c")),
            ("export A=b", Some("b")),
            ("A=b # why", Some("b")),
            ("A=b#c", Some("b#c")),
            ("A=", Some("")),
            ("A= # nothing", Some("")),
            ("A='b # \"c\"' # why", Some("b # \"c\"")),
            ("A=\"b\\n\\\"c\\\" \\d\"", Some("b\n\"c\" \\d")),
            ("A=a=b==", Some("a=b==")),
            ("# A=b", None),
            ("A='b", None),
            ("A=\"b\" c", None),
            ("A", None),
            ("1A=b", None),
            ("é=b", None),
        ] {
            let (variables, problems) = parse(line);
            assert_eq!(variables.values().next().map(String::as_str), value, "{line}");
            assert_eq!(problems.is_empty(), value.is_some() || line.starts_with('#'), "{line}");
        }
        let (variables, problems) = parse("\u{feff}A=1\r\n\r\nB=2\r\nnonsense\r\nA=3\r\n");
        assert_eq!((variables["A"].as_str(), variables["B"].as_str()), ("3", "2"));
        assert_eq!(problems[0].0, 4);
    }

    #[test]
    fn values_are_not_printed() {
        let environment =
            Environment { file: [("A".to_owned(), "secret".to_owned())].into(), ..Environment::default() };
        assert_eq!(format!("{environment:?}"), "{\"A\"}");
        assert_eq!(environment.get("A").as_deref(), Some("secret"));
    }
}
