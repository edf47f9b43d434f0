//! From YAML nodes to values of the expected type, and problems where they have another.

use std::sync::Arc;

use super::Text;
use crate::diagnostic::{Diagnostic, Edit, ProblemKind};
use crate::span::{Source, Span, Spanned};
use crate::text::list;
use crate::text::suggest::{instead_of, nearest};
use crate::yaml::{Entry, Kind, Mapping, Node, quoted, runs, write};

/// Reads values out of nodes, and collects what is wrong.
pub(crate) struct Reader<'f> {
    /// What problems point into.
    pub source: &'f Arc<Source>,
    /// The file's text.
    pub file: &'f str,
    /// What is wrong, in the order found.
    pub problems: Vec<Diagnostic>,
    /// Part of the file could not be read, so a missing key may be in that part.
    pub broken: bool,
    /// Unknown keys' places, each with the key that it was probably meant to be.
    meant: Vec<(Span, &'static str)>,
}

impl<'f> Reader<'f> {
    /// A reader that starts with the errors that reading `file` as YAML gave. It is `source`'s text, or stands for it.
    pub(crate) fn new(source: &'f Arc<Source>, file: &'f str, errors: Vec<Diagnostic>) -> Self {
        let broken = errors.iter().any(|error| error.kind == ProblemKind::Syntax);
        Self { source, file, problems: errors, broken, meant: Vec::new() }
    }

    /// Notes a problem, to be completed by the caller.
    pub(crate) fn problem(&mut self, kind: ProblemKind, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.problems.push(Diagnostic::new(kind, self.source, span, message));
        self.problems.last_mut().expect("one was just put there")
    }

    /// Notes a value of the wrong type.
    pub(crate) fn wrong(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> &mut Diagnostic {
        let problem = self.problem(ProblemKind::WrongType, span, message);
        problem.help.push(help.into());
        problem
    }

    /// A mapping; `name` is how messages refer to it: a key in backticks, or a phrase such as "a trigger". Its keys are
    /// checked if `keys` lists them.
    pub(crate) fn mapping<'n, 's>(
        &mut self,
        node: &'n Node<'s>,
        name: &str,
        keys: Option<&Keys>,
    ) -> Option<&'n Mapping<'s>> {
        self.tag(node);
        let Kind::Mapping(mapping) = &node.kind else {
            if !matches!(node.kind, Kind::Unreadable) {
                let help = keys.map_or("write lines of `key: value`".into(), |keys| {
                    format!("its keys are {}", list::and(list::quoted(keys.known)))
                });
                self.wrong(node.span, format!("{name} must be a mapping, not {}", node.describe()), help);
            }
            return None;
        };
        for span in &mapping.bad_keys {
            if !self.unquoted(*span) {
                self.wrong(*span, format!("the keys of {name} must be strings"), "write `key: value`");
            }
        }
        for span in &mapping.bad_merges {
            self.wrong(
                *span,
                "the value of `<<` must be a mapping",
                "write `<<: *name`, where `&name` marks a mapping",
            );
        }
        for again in &mapping.duplicates {
            let message = format!("duplicate key `{}` in {name}", again.key);
            let problem = self.problem(ProblemKind::DuplicateKey, again.again, message);
            problem.also_at(again.first, "first here");
            problem.help.push("remove one of them".into());
        }
        if let Some(keys) = keys {
            self.unknown_keys(mapping, name, keys);
        }
        Some(mapping)
    }

    fn unknown_keys(&mut self, mapping: &Mapping<'_>, name: &str, keys: &Keys) {
        let free: Vec<&'static str> =
            keys.known.iter().copied().filter(|known| get(mapping, known).is_none()).collect();
        let unknown = mapping.entries.iter().filter(|entry| !keys.known.contains(&&*entry.key));
        let unknown: Vec<_> = unknown.map(|entry| (entry, nearest(&entry.key, free.iter().copied()))).collect();
        for (entry, near) in &unknown {
            let key = &entry.key;
            let of = |table: &[(&str, &'static str)]| table.iter().find(|(wrong, _)| wrong == key).map(|(_, of)| *of);
            let (renamed, hint) = (of(keys.renamed), of(keys.hints));
            // If two unknown keys are near the same one, it is unclear which is meant.
            let alone = near.filter(|near| unknown.iter().filter(|(_, other)| *other == Some(near)).count() == 1);
            let message = format!("unknown key `{key}` in {name}");
            let problem = self.problem(ProblemKind::UnknownKey, entry.key_span, message);
            problem.help.push(match (renamed, hint, near) {
                (Some(right), ..) => format!("it is called `{right}` here"),
                (None, Some(hint), _) => hint.to_owned(),
                (None, None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None, None) => format!("the keys are {}", list::and(list::quoted(keys.known))),
            });
            problem.edits.extend(alone.map(|near| Edit::new(entry.key_span, near)));
            let meant = renamed.or(near.filter(|_| hint.is_none()));
            self.meant.extend(meant.map(|key| (entry.key_span, key)));
        }
    }

    /// The value of a required key; `at` is where a missing one is reported. `name` is as for
    /// [`mapping`](Self::mapping).
    pub(crate) fn required<'n, 's>(
        &mut self,
        mapping: &'n Mapping<'s>,
        key: &str,
        name: &str,
        at: Span,
        example: &str,
    ) -> Option<&'n Node<'s>> {
        let node = get(mapping, key);
        if node.is_none() && !self.broken && !self.is_misspelt(mapping, key) {
            let problem = self.problem(ProblemKind::MissingKey, at, format!("missing key `{key}` in {name}"));
            problem.help.push(format!("add `{key}: {example}`"));
        }
        node
    }

    /// Whether an unknown key of that mapping was probably meant to be this one.
    fn is_misspelt(&self, mapping: &Mapping<'_>, key: &str) -> bool {
        let mut places = self.meant.iter().filter(|(_, meant)| *meant == key).map(|(place, _)| *place);
        places.any(|place| mapping.entries.iter().any(|entry| entry.key_span == place))
    }

    /// A string with its runs; nothing (`key:`, `~`, `null`) is the empty string.
    pub(crate) fn text(&mut self, node: &Node<'_>, name: &str) -> Option<Text> {
        if node.is_null() {
            self.tag(node);
            return Some(Text::new("", node.span, Vec::new()));
        }
        self.written(node, name)
    }

    /// A string as it was written, `~` and `null` included, with its runs.
    pub(crate) fn written(&mut self, node: &Node<'_>, name: &str) -> Option<Text> {
        self.tag(node);
        let span = self.trimmed(node.span);
        match &node.kind {
            Kind::Scalar(scalar) => {
                Some(Text::new(&*scalar.text, span, runs(self.file, span, scalar.style, &scalar.text)))
            }
            Kind::Unreadable => None,
            Kind::Sequence(_) | Kind::Mapping(_) => {
                if !self.unquoted(node.span) {
                    let help = "put a single value after the key; quote it if it has braces or brackets";
                    self.wrong(span, format!("`{name}` must be a string, not {}", node.describe()), help);
                }
                None
            }
        }
    }

    /// A string that is not a template and not empty, without the final line break of a block string.
    pub(crate) fn word(&mut self, node: &Node<'_>, name: &str, key: Span, example: &str) -> Option<Spanned<String>> {
        let text = self.text(node, name)?;
        let span = if text.span.start == text.span.end { key } else { text.span };
        if text.text.trim().is_empty() {
            self.wrong(span, format!("`{name}` is empty"), format!("write `{name}: {example}`"));
            return None;
        }
        Some(Spanned { value: text.text.trim_end_matches('\n').to_owned(), span })
    }

    /// The word of a key; none where the key is not there.
    pub(crate) fn key_word(&mut self, mapping: &Mapping<'_>, key: &str, example: &str) -> Option<Spanned<String>> {
        let entry = entry(mapping, key)?;
        self.word(&entry.value, key, entry.key_span, example)
    }

    /// A list of words, or one word; nothing is an empty list.
    pub(crate) fn words(&mut self, node: &Node<'_>, name: &str, example: &str) -> Vec<Spanned<String>> {
        match &node.kind {
            _ if node.is_null() => Vec::new(),
            Kind::Sequence(items) => {
                items.iter().filter_map(|item| self.word(item, name, item.span, example)).collect()
            }
            _ => self.word(node, name, node.span, example).into_iter().collect(),
        }
    }

    /// The `true` or `false` of a key; `help` says when to write which.
    pub(crate) fn key_bool(&mut self, mapping: &Mapping<'_>, key: &str, help: &str) -> Option<bool> {
        let word = self.key_word(mapping, key, "true")?;
        let value = word.value.parse().ok();
        if value.is_none() {
            self.wrong(word.span, format!("`{key}` must be `true` or `false`, not `{}`", word.value), help);
        }
        value
    }

    /// The value of a key that has one of these words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        mapping: &Mapping<'_>,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let word = self.key_word(mapping, key, names.first().copied().unwrap_or_default())?;
        let choice = words.iter().find(|(name, _)| *name == word.value);
        if choice.is_none() {
            self.unknown(&word, format!("`{key}` can't be `{}`", word.value), &names);
        }
        choice.map(|(_, value)| Spanned { value: *value, span: word.span })
    }

    /// Reports a word that is none of the known names; the nearest name is the fix.
    pub(crate) fn unknown(&mut self, word: &Spanned<String>, message: String, names: &[&str]) {
        let near = nearest(&word.value, names.iter().copied());
        let problem = self.wrong(word.span, message, instead_of(&word.value, names));
        problem.edits.extend(near.map(|near| Edit::new(word.span, near)));
    }

    /// The span without the line break that a block scalar's span ends with.
    pub(super) fn trimmed(&self, span: Span) -> Span {
        let written = self.file.get(span.start..span.end).unwrap_or_default();
        Span::new(span.start, span.start + written.trim_end_matches([' ', '\t', '\r', '\n']).len())
    }

    pub(super) fn tag(&mut self, node: &Node<'_>) {
        if let Some(span) = node.foreign_tag {
            let tag = self.file.get(span.start..span.end).unwrap_or_default().to_owned();
            self.wrong(
                span,
                format!("the tag `{tag}` has no meaning here"),
                "remove it; for a secret, write `{{ env.NAME }}`",
            );
        }
    }

    /// Whether this is a template without quotes, which YAML read as a mapping; reports it.
    pub(super) fn unquoted(&mut self, span: Span) -> bool {
        let Some(written) = self.file.get(span.start..span.end) else { return false };
        if !["{{", "{%", "{#"].iter().any(|open| written.starts_with(open)) {
            return false;
        }
        let text = quoted(written);
        let help = write(&text);
        let message = "this template needs quotes: YAML reads `{` as the start of a mapping";
        self.wrong(span, message, help).edits.push(Edit::new(span, text));
        true
    }
}

/// The keys of a mapping.
pub(crate) struct Keys {
    /// All valid keys.
    pub known: &'static [&'static str],
    /// Keys that people write instead of a known one, and that one.
    pub renamed: &'static [(&'static str, &'static str)],
    /// Other keys that people write by mistake, and the help for each.
    pub hints: &'static [(&'static str, &'static str)],
}

/// The value of a key.
pub(crate) fn get<'n, 's>(mapping: &'n Mapping<'s>, key: &str) -> Option<&'n Node<'s>> {
    entry(mapping, key).map(|entry| &entry.value)
}

/// The entry of a key.
pub(crate) fn entry<'n, 's>(mapping: &'n Mapping<'s>, key: &str) -> Option<&'n Entry<'s>> {
    mapping.entries.iter().find(|entry| entry.key == key)
}
