//! `hookctl validate`

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Exit, Global, Output, ResultFile};
use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::file;
use crate::lint::{self, Choice, Finding, LintContext, Outcome, Settings, base::Base, baseline::Baseline};
use crate::project::{Project, ScriptFile};
use crate::report::findings::{self, Findings, Format, Layout};
use crate::span::Source;
use crate::text::quantity;
use crate::threads;

const HELP: &str = "\
Examples:
  hookctl validate
  hookctl validate sync-contact scripts/crm --fail-on warning
  hookctl validate --diff           see what --fix would change
  hookctl validate --select HK2 --ignore HK202,HK203
  hookctl validate --base origin/main --format github
  hookctl validate --format json --output known.json
  hookctl validate --baseline known.json

Paths in github, gitlab, sarif and junit reports are relative to the git repository; in all others, to the working directory.

Exit codes:
  0    no finding at or above --fail-on
  1    a finding at or above --fail-on
  2    usage, an unreadable file, or invalid settings";

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Script ids, files or folders [default: all scripts of the project]
    #[arg(value_name = "SCRIPT")]
    scripts: Vec<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    result: ResultFile,
    /// Fix what has one clear answer, then report the rest
    #[arg(long)]
    fix: bool,
    /// Show what --fix would change, without changing it
    #[arg(long, conflicts_with_all = ["format", "baseline"])]
    diff: bool,
    /// Check only these rules (ids, names, or groups such as HK1)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Skip these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Lowest severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,
    /// Compare with this git commit, branch or tag, for rules about changes (HK007)
    #[arg(long, value_name = "GIT-REF")]
    base: Option<String>,
    /// Hide the findings of an earlier `--format json` report
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
}

impl From<FailOn> for Severity {
    fn from(level: FailOn) -> Self {
        match level {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
        }
    }
}

/// Lints the scripts.
pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<Exit, Problems> {
    let project = Project::open(global.config.as_deref(), &global.overrides)?;
    let mut ground = LintContext::new(&project)?;
    choose(&mut ground.settings, args)?;
    let scripts = project.find_scripts(&args.scripts)?;
    let others = others(&project, &scripts, args);
    let base = args.base.as_ref().map(|reference| Base::read(reference, &project.root)).transpose()?;
    let baseline = args.baseline.as_ref().map(|file| Baseline::read(file, &project)).transpose()?;

    threads::start_pool()?;
    let mut outcome = lint::run(&scripts, &others, &ground, base.as_ref());
    if args.diff {
        let diff = diff(&outcome, &scripts, &ground);
        if diff.is_empty() {
            output.note(nothing_to_fix(&outcome));
        }
        output.result(&diff, args.result.path())?;
    } else {
        if args.fix && outcome.findings.iter().any(|f| f.is_fixable()) {
            let fixed = fix(&outcome, &scripts, &ground)?;
            output.note(format!("fixed {fixed}"));
            outcome = lint::run(&scripts, &others, &ground, base.as_ref());
        }
        let known = baseline.map_or(0, |baseline| baseline.remove_known(&mut outcome.findings, &project));
        let report = Findings {
            findings: &outcome.findings,
            files: &outcome.files,
            folder: project.folder(),
            repository: project.repository(),
            fail_on: args.fail_on.into(),
            known,
        };
        let results = output.to_file(args.result.path());
        let layout = Layout { color: results.stdout_color, width: results.width(), terminal: results.stdout_terminal };
        results.result(&findings::write(&report, args.format, layout), args.result.path())?;
    }
    if !outcome.unreadable.is_empty() {
        return Err(Problems(outcome.unreadable));
    }
    let failed = outcome.findings.iter().any(|f| f.diagnostic.severity >= args.fail_on.into());
    Ok(if failed { Exit::Failed } else { Exit::Clean })
}

/// Why a diff is empty: findings may remain that --fix can't fix.
fn nothing_to_fix(outcome: &Outcome) -> String {
    let files = quantity::count(outcome.files.len() as u64, "file");
    match outcome.findings.len() as u64 {
        0 => format!("nothing to fix: no findings in {files}"),
        count => {
            let found = quantity::count(count, "finding");
            format!("nothing to fix: {found} in {files}, none fixable with --fix; run without --diff to see them")
        }
    }
}

/// The project's other scripts, besides those named in the arguments.
fn others(project: &Project, scripts: &[ScriptFile], args: &Args) -> Vec<ScriptFile> {
    if args.scripts.is_empty() {
        return Vec::new();
    }
    // A project may have no other scripts; that the folder exists was checked before.
    let mut all = project.find_scripts(&[]).unwrap_or_default();
    let asked: HashSet<&Path> = scripts.iter().map(|script| script.file.as_path()).collect();
    all.retain(|script| !asked.contains(script.file.as_path()));
    all
}

fn choose(settings: &mut Settings, args: &Args) -> Result<(), Problems> {
    let parse = |names: &[String]| -> (Vec<Choice>, Vec<Diagnostic>) {
        let read = names.iter().map(|name| Choice::parse(name));
        let (chosen, unknown): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
        (chosen.into_iter().flatten().collect(), unknown.into_iter().filter_map(Result::err).collect())
    };
    let ((select, mut unknown), (ignore, more)) = (parse(&args.select), parse(&args.ignore));
    unknown.extend(more);
    if !unknown.is_empty() {
        return Err(Problems(unknown));
    }
    if !select.is_empty() {
        settings.select(&select);
    }
    settings.ignore(&ignore);
    Ok(())
}

/// The files that have something to fix, each before and after.
fn fixed<'a>(
    outcome: &'a Outcome,
    scripts: &'a [ScriptFile],
    ground: &'a LintContext,
) -> impl Iterator<Item = (&'a ScriptFile, &'a Arc<Source>, Arc<Source>, usize)> {
    let fixable = outcome.findings.iter().filter(|f| f.is_fixable()).collect::<Vec<&Finding>>();
    let mut sources: Vec<&Arc<Source>> = fixable.iter().map(|f| f.source()).collect();
    sources.dedup_by_key(|s| &s.path);
    sources.into_iter().filter_map(move |source| {
        let file = scripts.get(scripts.binary_search_by(|s| s.path.cmp(&source.path)).ok()?)?;
        let (new, count) = lint::fix(source, &file.id, ground);
        (count > 0).then_some((file, source, new, count))
    })
}

/// Writes the fixed files; returns how many findings in how many files were fixed.
fn fix(outcome: &Outcome, scripts: &[ScriptFile], ground: &LintContext) -> Result<String, Problems> {
    let (mut files, mut total, mut failed) = (0, 0, Vec::new());
    for (file, _, new, count) in fixed(outcome, scripts, ground) {
        match file::replace(&file.file, &new.text) {
            Ok(()) => (files, total) = (files + 1, total + count),
            Err(error) => failed.push(Diagnostic::error(format!("can't write `{}`: {error}", file.path))),
        }
    }
    if !failed.is_empty() {
        return Err(Problems(failed));
    }
    Ok(format!("{} in {}", quantity::count(total as u64, "finding"), quantity::count(files, "file")))
}

fn diff(outcome: &Outcome, scripts: &[ScriptFile], ground: &LintContext) -> String {
    fixed(outcome, scripts, ground).map(|(_, old, new, _)| findings::diff(old, &new)).collect()
}
