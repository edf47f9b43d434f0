//! What project rules see: a digest of every script, small enough to keep for all of them.

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
    /// The other side of `--base`.
    pub base: Option<&'a Base>,
}

/// What is kept of a script once its file is put away.
#[derive(Debug)]
pub struct ScriptSummary {
    /// What the command line calls the script, wherever it is called from.
    pub id: String,
    /// The file.
    pub file: PathBuf,
    /// The file as messages call it.
    pub path: String,
    /// Findings in it count: it is one of the scripts that were asked for, not only one of the project.
    pub asked: bool,
    /// `name`
    pub name: Option<Spanned<String>>,
    /// `use_case`
    pub use_case: Option<Spanned<UseCase>>,
    /// Its place among what fires what; only where it calls the platform's own API.
    pub caller: Option<Node>,
}

impl ScriptSummary {
    /// The digest of a script.
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

    /// What messages call the script: its name, or its id where it has none.
    pub fn label(&self) -> &str {
        self.name.as_ref().map_or(&self.id, |name| &name.value)
    }

    /// The file's text, read again, with its credentials hidden. None where it can't be read any more, or no longer has that
    /// text.
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
