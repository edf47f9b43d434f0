//! A run over many files: each is read, shown to the rules and put away again, in parallel; then the project rules look at the
//! digests, suppressions are applied, and everything is put in order.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::base::Base;
use super::files::{self, use_case_changed, yaml_syntax};
use super::suppression::{self, Suppression};
use super::{Check, Finding, Level, LintContext, ProjectContext, Reporter, Rule, ScriptContext, ScriptSummary, rules};
use crate::diagnostic::{Diagnostic, Severity};
use crate::file;
use crate::loops::Node;
use crate::project::ScriptFile;
use crate::script::{self, credentials};
use crate::span::{Source, Span};

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In order of path and position.
    pub findings: Vec<Finding>,
    /// The paths of the files that were looked at, in order.
    pub files: Vec<String>,
    /// Why other files could not be read.
    pub unreadable: Vec<Diagnostic>,
}

/// Lints `scripts`. `others` are the project's other scripts, which project rules look at as well; nothing is reported in them.
/// `base` is the other side of `--base`, for the rules that compare.
pub fn run(scripts: &[ScriptFile], others: &[ScriptFile], ground: &LintContext, base: Option<&Base>) -> Outcome {
    let mut looks: Vec<Result<FileResult, Diagnostic>> = scripts.par_iter().map(|file| look(file, ground)).collect();
    let mut summaries: Vec<ScriptSummary> =
        looks.iter_mut().filter_map(|l| l.as_mut().ok().and_then(|look| look.summary.take())).collect();
    summaries.par_extend(others.par_iter().filter_map(|file| summarize(file, ground)));
    summaries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut across = run_project_rules(&summaries, ground, base);

    let mut outcome = Outcome::default();
    outcome.findings.reserve_exact(looks.iter().flatten().map(|look| look.findings.len()).sum());
    outcome.files.reserve_exact(looks.len());
    for (look, file) in looks.into_iter().zip(scripts) {
        match look {
            Err(unreadable) => outcome.unreadable.push(unreadable),
            Ok(look) => {
                let found = across.remove(&file.path).unwrap_or_default();
                outcome.findings.append(&mut look.finish(found, file, ground, base.is_some()));
                outcome.files.push(file.path.clone());
            }
        }
    }
    // In place: there may be very many.
    outcome.findings.sort_unstable_by(Finding::order);
    outcome
}

/// Lints one text that may never have been a file: the rules that look at one script, and its suppressions.
pub fn run_on_text(source: Arc<Source>, id: &str, ground: &LintContext) -> Vec<Finding> {
    let path = source.path.clone();
    let file = ScriptFile { id: id.to_owned(), file: PathBuf::from(&path), path };
    let look = look_at(source, &file, ground);
    let mut findings = look.finish(Vec::new(), &file, ground, false);
    findings.sort_by(Finding::order);
    findings
}

/// What is kept of a file.
struct FileResult {
    findings: Vec<Finding>,
    summary: Option<ScriptSummary>,
    /// Only where there are suppressions.
    silences: Option<(Arc<Source>, Vec<Suppression>)>,
}

fn look(file: &ScriptFile, ground: &LintContext) -> Result<FileResult, Diagnostic> {
    let bytes = file::read(&file.file, file::LARGEST_SCRIPT)
        .map_err(|error| Diagnostic::error(format!("can't read `{}`: {error}", file.path)))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => look_at(Arc::new(Source::new(file.path.clone(), text)), file, ground),
        Err(error) => not_text(&error.into_bytes(), file, ground),
    })
}

fn look_at(source: Arc<Source>, file: &ScriptFile, ground: &LintContext) -> FileResult {
    let (script, problems) = script::read(Arc::clone(&source), &file.id);
    let mut findings = Vec::new();
    files::from_reading(problems, ground, &mut findings);
    let visit = ScriptContext::new(&script, ground);
    for (rule, severity) in active(ground) {
        if let Check::Script(check) = rule.check {
            check(&visit, &mut Reporter { rule, severity, source: Some(Arc::clone(&source)), findings: &mut findings });
        }
    }
    let mut silences = suppression::silences(&source, &script.comments);
    suppression::silence(&mut silences, &mut findings);
    if !findings.is_empty() || !silences.is_empty() {
        credentials::hide_found(&source, &visit.credentials);
        let hidden = source.hidden();
        findings.iter_mut().for_each(|finding| finding.conceal(&hidden));
    }
    findings.shrink_to_fit();
    let node = visit.node;
    let silences = (!silences.is_empty()).then_some((source, silences));
    FileResult { findings, summary: Some(ScriptSummary::new(&script, file.file.clone(), true, node)), silences }
}

/// A file that is not UTF-8: shown up to where it stops being text.
fn not_text(bytes: &[u8], file: &ScriptFile, ground: &LintContext) -> FileResult {
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let end = Span::new(text.len(), text.len());
    let source = Arc::new(Source::new(file.path.clone(), text));
    let mut findings = Vec::new();
    if let Some(severity) = ground.settings.level(&yaml_syntax::RULE).severity() {
        let mut sink = Reporter { rule: &yaml_syntax::RULE, severity, source: Some(source), findings: &mut findings };
        yaml_syntax::not_utf8(bytes, end, &mut sink);
    }
    FileResult { findings, summary: None, silences: None }
}

/// A digest of a script that nothing is reported in. What is wrong with its file is for another run to say.
fn summarize(file: &ScriptFile, ground: &LintContext) -> Option<ScriptSummary> {
    let text = String::from_utf8(file::read(&file.file, file::LARGEST_SCRIPT).ok()?).ok()?;
    let (script, _) = script::read(Arc::new(Source::new(file.path.clone(), text)), &file.id);
    Some(ScriptSummary::new(&script, file.file.clone(), false, Node::of(&script, &ground.api_hosts)))
}

/// Shows the digests to the project rules; gives their findings by path.
fn run_project_rules(
    scripts: &[ScriptSummary],
    ground: &LintContext,
    base: Option<&Base>,
) -> HashMap<String, Vec<Finding>> {
    let overview = ProjectContext { scripts, ground, base };
    let mut findings = Vec::new();
    for (rule, severity) in active(ground) {
        if let Check::Project(check) = rule.check {
            check(&overview, &mut Reporter { rule, severity, source: None, findings: &mut findings });
        }
    }
    let mut by_path: HashMap<String, Vec<Finding>> = HashMap::new();
    for finding in findings {
        by_path.entry(finding.path().to_owned()).or_default().push(finding);
    }
    by_path
}

impl FileResult {
    /// The file's findings, with those that the project rules found in it, after suppression.
    fn finish(self, mut across: Vec<Finding>, file: &ScriptFile, ground: &LintContext, compared: bool) -> Vec<Finding> {
        let mut findings = self.findings;
        if let Some((source, mut silences)) = self.silences {
            suppression::silence(&mut silences, &mut across);
            // What is said of the others may be silenced by those of the rule that says it.
            let mut others = unused(&silences, &source, ground, compared, false);
            suppression::silence(&mut silences, &mut others);
            findings.append(&mut others);
            findings.append(&mut unused(&silences, &source, ground, compared, true));
        }
        findings.append(&mut across);
        if ground.settings.ignores_paths() {
            let path = ground.in_project(&file.file);
            findings.retain(|f| !ground.settings.ignored_in(f.rule, &path));
        }
        findings
    }
}

/// What is to be said of suppressions that silenced nothing: of those of the rule that says it, or of all others.
fn unused(
    silences: &[Suppression],
    source: &Arc<Source>,
    ground: &LintContext,
    compared: bool,
    of_itself: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let asked = |silence: &&Suppression| {
        let itself = silence.rule.is_some_and(|rule| matches!(rule.check, Check::Comments(_)));
        itself == of_itself && silence.rule.is_none_or(|rule| checked(rule, ground, compared))
    };
    for silence in silences.iter().filter(|silence| !silence.used).filter(asked) {
        for (rule, severity) in active(ground) {
            if let Check::Comments(check) = rule.check {
                let source = Some(Arc::clone(source));
                check(silence, &mut Reporter { rule, severity, source, findings: &mut findings });
            }
        }
    }
    findings
}

fn active(ground: &LintContext) -> impl Iterator<Item = (&'static Rule, Severity)> {
    rules().filter_map(|rule| ground.settings.level(rule).severity().map(|severity| (rule, severity)))
}

/// Whether this run would have found all that a rule finds in a file.
fn checked(rule: &Rule, ground: &LintContext, compared: bool) -> bool {
    let seen_all = match rule.check {
        Check::Project(_) if rule.id == use_case_changed::RULE.id => compared,
        Check::Project(_) => ground.complete,
        Check::Reading(_) | Check::Script(_) | Check::Comments(_) => true,
    };
    seen_all && ground.settings.level(rule) != Level::Off
}
