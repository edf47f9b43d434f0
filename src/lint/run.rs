//! A run over many files: each is read and checked by the script rules in parallel, and only a summary is kept; then
//! the project rules check the summaries, suppressions are applied, and the findings are sorted.

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

/// The result of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In order of path and position.
    pub findings: Vec<Finding>,
    /// The paths of the files that were checked, in order.
    pub files: Vec<String>,
    /// Why other files could not be read.
    pub unreadable: Vec<Diagnostic>,
}

/// Lints `scripts`. `others` are the project's other scripts, which project rules take into account without reporting
/// anything in them. `base` holds the scripts of `--base`, for the rules that compare.
pub fn run(scripts: &[ScriptFile], others: &[ScriptFile], lint: &LintContext, base: Option<&Base>) -> Outcome {
    let mut results: Vec<Result<FileResult, Diagnostic>> =
        scripts.par_iter().map(|file| lint_file(file, lint)).collect();
    let mut summaries: Vec<ScriptSummary> =
        results.iter_mut().filter_map(|result| result.as_mut().ok().and_then(|result| result.summary.take())).collect();
    summaries.par_extend(others.par_iter().filter_map(|file| summarize(file, lint)));
    summaries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut project_findings = run_project_rules(&summaries, lint, base);

    let mut outcome = Outcome::default();
    outcome.findings.reserve_exact(results.iter().flatten().map(|result| result.findings.len()).sum());
    outcome.files.reserve_exact(results.len());
    for (result, file) in results.into_iter().zip(scripts) {
        match result {
            Err(unreadable) => outcome.unreadable.push(unreadable),
            Ok(result) => {
                let found = project_findings.remove(&file.path).unwrap_or_default();
                outcome.findings.append(&mut result.finish(found, file, lint, base.is_some()));
                outcome.files.push(file.path.clone());
            }
        }
    }
    // In place: there may be very many.
    outcome.findings.sort_unstable_by(Finding::order);
    outcome
}

/// Lints one text, which need not be a file: the rules that check one script, and its suppressions.
pub fn run_on_text(source: Arc<Source>, id: &str, lint: &LintContext) -> Vec<Finding> {
    let path = source.path.clone();
    let file = ScriptFile { id: id.to_owned(), file: PathBuf::from(&path), path };
    let result = lint_text(source, &file, lint);
    let mut findings = result.finish(Vec::new(), &file, lint, false);
    findings.sort_by(Finding::order);
    findings
}

/// The findings of one file, and what later steps need of it.
struct FileResult {
    findings: Vec<Finding>,
    summary: Option<ScriptSummary>,
    /// Only if there are suppressions.
    suppressions: Option<(Arc<Source>, Vec<Suppression>)>,
}

fn lint_file(file: &ScriptFile, lint: &LintContext) -> Result<FileResult, Diagnostic> {
    let bytes = file::read(&file.file, file::LARGEST_SCRIPT)
        .map_err(|error| Diagnostic::error(format!("can't read `{}`: {error}", file.path)))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => lint_text(Arc::new(Source::new(file.path.clone(), text)), file, lint),
        Err(error) => not_text(&error.into_bytes(), file, lint),
    })
}

fn lint_text(source: Arc<Source>, file: &ScriptFile, lint: &LintContext) -> FileResult {
    let (script, problems) = script::read(Arc::clone(&source), &file.id);
    let mut findings = Vec::new();
    files::from_reading(problems, lint, &mut findings);
    let context = ScriptContext::new(&script, lint);
    for (rule, severity) in active(lint) {
        if let Check::Script(check) = rule.check {
            check(
                &context,
                &mut Reporter { rule, severity, source: Some(Arc::clone(&source)), findings: &mut findings },
            );
        }
    }
    let mut suppressions = suppression::in_comments(&source, &script.comments);
    suppression::apply(&mut suppressions, &mut findings);
    if !findings.is_empty() || !suppressions.is_empty() {
        credentials::redact_found(&source, &context.credentials);
        let redacted = source.redacted();
        findings.iter_mut().for_each(|finding| finding.redact_credentials(&redacted));
    }
    findings.shrink_to_fit();
    let node = context.node;
    let suppressions = (!suppressions.is_empty()).then_some((source, suppressions));
    FileResult { findings, summary: Some(ScriptSummary::new(&script, file.file.clone(), true, node)), suppressions }
}

/// Reports a file that is not UTF-8, with the text up to the first invalid byte.
fn not_text(bytes: &[u8], file: &ScriptFile, lint: &LintContext) -> FileResult {
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let end = Span::new(text.len(), text.len());
    let source = Arc::new(Source::new(file.path.clone(), text));
    let mut findings = Vec::new();
    if let Some(severity) = lint.settings.level(&yaml_syntax::RULE).severity() {
        let mut reporter =
            Reporter { rule: &yaml_syntax::RULE, severity, source: Some(source), findings: &mut findings };
        yaml_syntax::not_utf8(bytes, end, &mut reporter);
    }
    FileResult { findings, summary: None, suppressions: None }
}

/// The summary of a script in which nothing is reported.
fn summarize(file: &ScriptFile, lint: &LintContext) -> Option<ScriptSummary> {
    let text = String::from_utf8(file::read(&file.file, file::LARGEST_SCRIPT).ok()?).ok()?;
    let (script, _) = script::read(Arc::new(Source::new(file.path.clone(), text)), &file.id);
    Some(ScriptSummary::new(&script, file.file.clone(), false, Node::of(&script, &lint.api_hosts)))
}

/// Runs the project rules over the summaries; returns their findings by path.
fn run_project_rules(
    scripts: &[ScriptSummary],
    lint: &LintContext,
    base: Option<&Base>,
) -> HashMap<String, Vec<Finding>> {
    let project = ProjectContext { scripts, lint, base };
    let mut findings = Vec::new();
    for (rule, severity) in active(lint) {
        if let Check::Project(check) = rule.check {
            check(&project, &mut Reporter { rule, severity, source: None, findings: &mut findings });
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
    fn finish(
        self,
        mut project_findings: Vec<Finding>,
        file: &ScriptFile,
        lint: &LintContext,
        compared: bool,
    ) -> Vec<Finding> {
        let mut findings = self.findings;
        if let Some((source, mut suppressions)) = self.suppressions {
            suppression::apply(&mut suppressions, &mut project_findings);
            // HK009 reports unused suppressions, and is suppressed like any other rule: so first those of other rules,
            // then its own.
            let mut others = unused(&suppressions, &source, lint, compared, false);
            suppression::apply(&mut suppressions, &mut others);
            findings.append(&mut others);
            findings.append(&mut unused(&suppressions, &source, lint, compared, true));
        }
        findings.append(&mut project_findings);
        if lint.settings.ignores_paths() {
            let path = lint.in_project(&file.file);
            findings.retain(|f| !lint.settings.ignored_in(f.rule, &path));
        }
        findings
    }
}

/// Reports unused suppressions: those of HK009 itself (`of_itself`), or those of all other rules.
fn unused(
    suppressions: &[Suppression],
    source: &Arc<Source>,
    lint: &LintContext,
    compared: bool,
    of_itself: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let asked = |suppression: &&Suppression| {
        let itself = suppression.rule.is_some_and(|rule| matches!(rule.check, Check::Comments(_)));
        itself == of_itself && suppression.rule.is_none_or(|rule| checked(rule, lint, compared))
    };
    for suppression in suppressions.iter().filter(|suppression| !suppression.used).filter(asked) {
        for (rule, severity) in active(lint) {
            if let Check::Comments(check) = rule.check {
                let source = Some(Arc::clone(source));
                check(suppression, &mut Reporter { rule, severity, source, findings: &mut findings });
            }
        }
    }
    findings
}

fn active(lint: &LintContext) -> impl Iterator<Item = (&'static Rule, Severity)> {
    rules().filter_map(|rule| lint.settings.level(rule).severity().map(|severity| (rule, severity)))
}

/// Whether this run checked the rule completely, so that a suppression without a finding is unused.
fn checked(rule: &Rule, lint: &LintContext, compared: bool) -> bool {
    let seen_all = match rule.check {
        Check::Project(_) if rule.id == use_case_changed::RULE.id => compared,
        Check::Project(_) => lint.complete,
        Check::Reading(_) | Check::Script(_) | Check::Comments(_) => true,
    };
    seen_all && lint.settings.level(rule) != Level::Off
}
