//! What project rules see: a summary of every script, small enough to keep for all of them.

use std::path::PathBuf;
use std::sync::Arc;

use super::LintContext;
use super::base::Base;
use crate::event::UseCase;
use crate::file;
use crate::loops::Node;
use crate::script::{self, Script, credentials};
use crate::span::{Source, Spanned};

/// All scripts of a run together.
#[derive(Debug)]
pub struct ProjectContext<'a> {
    /// In order of their paths.
    pub scripts: &'a [ScriptSummary],
    /// What is the same for all scripts.
    pub lint: &'a LintContext,
    /// The scripts of `--base`.
    pub base: Option<&'a Base>,
}

/// What is kept of a script after its file was checked.
#[derive(Debug)]
pub struct ScriptSummary {
    /// The script's id on the command line.
    pub id: String,
    /// The file.
    pub file: PathBuf,
    /// The file's path in messages.
    pub path: String,
    /// Findings in it are reported: it was asked for, and is not only part of the project.
    pub asked: bool,
    /// `name`
    pub name: Option<Spanned<String>>,
    /// `use_case`
    pub use_case: Option<Spanned<UseCase>>,
    /// Its node in the loop graph, if it calls the platform's own API.
    pub caller: Option<Node>,
}

impl ScriptSummary {
    /// The summary of a script.
    pub fn new(script: &Script, file: PathBuf, asked: bool, node: Node) -> Self {
        ScriptSummary {
            id: script.id.clone(),
            file,
            path: script.source.path.clone(),
            asked,
            name: script.name.clone(),
            use_case: script.use_case.clone(),
            caller: node.call.is_some().then_some(node),
        }
    }

    /// The script's name in messages, or its id if it has no name.
    pub fn label(&self) -> &str {
        self.name.as_ref().map_or(&self.id, |name| &name.value)
    }

    /// The file's text, read again, with its credentials redacted. None if it can't be read any more, or has changed.
    pub fn source(&self) -> Option<Arc<Source>> {
        let text = String::from_utf8(file::read(&self.file, file::LARGEST_SCRIPT).ok()?).ok()?;
        let source = Arc::new(Source::new(self.path.clone(), text));
        let fits = |end: usize| source.text.is_char_boundary(end);
        let same = self.name.as_ref().is_none_or(|n| fits(n.span.start) && fits(n.span.end))
            && self.use_case.as_ref().is_none_or(|u| fits(u.span.start) && fits(u.span.end));
        if same {
            credentials::redact(&script::read(Arc::clone(&source), &self.path).0);
        }
        same.then_some(source)
    }
}
