//! What is fired: the scripts that the arguments name, or that the event fires, each resolved against its data.

use std::sync::Arc;

use url::Url;

use crate::delivery::{BODY_READ, Callback, Expectation, Outgoing, PreparedScript, Rerender, SentRequest};
use crate::diagnostic::{Diagnostic, Problems};
use crate::event::{Assignments, Fixture};
use crate::project::{Environment, Project};
use crate::request::{self, Resolved};
use crate::script::Script;

/// Which scripts are fired, with which data.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// Ids, files or folders; none: those that the event fires, or all.
    pub scripts: &'a [String],
    /// The fixture's file, `-` for standard input; none: each script's own.
    pub event: Option<&'a str>,
    /// Changes to its data.
    pub assignments: &'a Assignments,
}

/// Scripts with their data, resolved.
pub struct ResolvedScripts {
    scripts: Vec<ResolvedScript>,
    /// What is worth knowing about the choice of scripts and their data.
    notes: Vec<Diagnostic>,
    env: Arc<Environment>,
    options: request::Options,
}

struct ResolvedScript {
    script: Arc<Script>,
    fixture: Arc<Fixture>,
    request: Resolved,
}

/// Reads the scripts and resolves each against its event's data.
///
/// # Errors
/// Every problem of every script.
pub fn resolve(
    project: &Project,
    selection: Selection<'_>,
    env: Environment,
    options: request::Options,
) -> Result<ResolvedScripts, Problems> {
    let mut notes = Vec::new();
    let pairs = match selection.event {
        Some(event) => with_event(project, event, selection, &options, &mut notes)?,
        None => with_own_fixtures(project, selection, &mut notes)?,
    };
    if selection.event.is_none() || !selection.scripts.is_empty() {
        let doubts =
            |(script, fixture): &(Script, Arc<Fixture>)| request::not_fired(script, fixture, &options.template);
        notes.extend(pairs.iter().filter_map(doubts));
    }
    let (mut scripts, mut problems) = (Vec::new(), Vec::new());
    for (script, fixture) in pairs {
        match request::resolve_for(&script, &fixture, &|name| env.get(name), &options) {
            Ok(request) => scripts.push(ResolvedScript { script: Arc::new(script), fixture, request }),
            Err(found) => problems.extend(found.0),
        }
    }
    let env = Arc::new(env);
    if problems.is_empty() { Ok(ResolvedScripts { scripts, notes, env, options }) } else { Err(Problems(problems)) }
}

/// The scripts that are named, or that the event fires, all with its data.
fn with_event(
    project: &Project,
    event: &str,
    selection: Selection<'_>,
    options: &request::Options,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<(Script, Arc<Fixture>)>, Problems> {
    let fixture = project.read_fixture(event)?;
    let (fixture, warnings) = selection.assignments.apply(fixture, &project.config.catalogue)?;
    notes.extend(warnings);
    let fixture = Arc::new(fixture);
    let mut scripts = project.read_scripts(selection.scripts)?;
    if selection.scripts.is_empty() {
        scripts = request::fired(scripts, &fixture, &options.template)?;
    }
    Ok(scripts.into_iter().map(|script| (script, Arc::clone(&fixture))).collect())
}

/// The scripts that are named, or all, each with the data of its own fixture.
fn with_own_fixtures(
    project: &Project,
    selection: Selection<'_>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<(Script, Arc<Fixture>)>, Problems> {
    let (mut pairs, mut problems) = (Vec::new(), Vec::new());
    for script in project.read_scripts(selection.scripts)? {
        match project.default_fixture(&script) {
            Ok(fixture) => {
                // A `--set` that is wrong is wrong for each of them, and said once.
                let (fixture, warnings) = selection.assignments.apply(fixture, &project.config.catalogue)?;
                let new = |warning: &Diagnostic| notes.iter().all(|known| known.help != warning.help);
                let new: Vec<_> = warnings.into_iter().filter(new).collect();
                notes.extend(new);
                pairs.push((script, Arc::new(fixture)));
            }
            Err(found) => problems.extend(found.0),
        }
    }
    if problems.is_empty() { Ok(pairs) } else { Err(Problems(problems)) }
}

impl ResolvedScripts {
    /// What is worth knowing before they are sent.
    pub fn notes(&self) -> &[Diagnostic] {
        &self.notes
    }

    /// What rendering had to say, with the file.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.scripts.iter().flat_map(|resolved| resolved.request.located_warnings())
    }

    /// Makes them ready to fire where `aim` says; the requests are as reports show them.
    ///
    /// # Errors
    /// What can't be sent.
    pub fn prepare(self, aim: &Aim) -> Result<(Vec<PreparedScript>, Vec<SentRequest>), Problems> {
        let (mut scripts, mut requests) = (Vec::new(), Vec::new());
        for resolved in self.scripts.into_iter().map(Arc::new) {
            let request = aim.outgoing(&resolved.script, &resolved.request)?;
            requests.push(SentRequest::new(&resolved.request, &request));
            scripts.push(PreparedScript {
                id: resolved.request.script.clone(),
                request,
                rerender: rerender(&resolved, &self.env, &self.options, aim),
                expect: expectation(&resolved.script),
                redactor: resolved.request.redactor.clone(),
                callback: callback(resolved, Arc::clone(&self.env), self.options.clone()),
            });
        }
        Ok((scripts, requests))
    }
}

/// Where requests go.
#[derive(Debug, Clone, Default)]
pub struct Aim {
    /// Another scheme, host and port than the script's own.
    pub target: Option<Url>,
    /// `Host` names the script's own host all the same.
    pub keep_host: bool,
}

impl Aim {
    fn outgoing(&self, script: &Script, request: &Resolved) -> Result<Outgoing, Problems> {
        let mut outgoing = Outgoing::new(request)?;
        if script.callback.is_some() || script.expect.body.is_some() {
            outgoing.keep_body(BODY_READ);
        }
        if let Some(target) = &self.target {
            outgoing.aim_at(target, self.keep_host);
        }
        Ok(outgoing)
    }
}

/// Each trigger's own request, as production renders it; where one is like the other, that of the first will do. A seed
/// gives each trigger another one, the same in every run.
fn rerender(
    resolved: &Arc<ResolvedScript>,
    env: &Arc<Environment>,
    options: &request::Options,
    aim: &Aim,
) -> Option<Rerender> {
    if !resolved.request.varies {
        return None;
    }
    let (resolved, env, options, aim) = (Arc::clone(resolved), Arc::clone(env), options.clone(), aim.clone());
    Some(Box::new(move |trigger| {
        let mut options = options.clone();
        options.template.seed = options.template.seed.map(|seed| seed.wrapping_add(trigger - 1));
        let request = request::resolve(&resolved.script, &resolved.fixture.data, &|name| env.get(name), &options);
        let sent = request.and_then(|request| Ok((aim.outgoing(&resolved.script, &request)?, request.redactor)));
        sent.map_err(|problems| messages(&problems))
    }))
}

fn messages(problems: &Problems) -> String {
    let message = |problem: &Diagnostic| problem.message.clone();
    problems.0.iter().map(message).collect::<Vec<_>>().join("; ")
}

fn expectation(script: &Script) -> Expectation {
    Expectation {
        status: script.expect.status.iter().map(|status| status.value).collect(),
        within: script.expect.within.as_ref().map(|within| within.value),
        headers: script.expect.headers.clone(),
        body: script.expect.body.clone(),
    }
}

fn callback(resolved: Arc<ResolvedScript>, env: Arc<Environment>, options: request::Options) -> Option<Callback> {
    resolved.script.callback.as_ref()?;
    Some(Box::new(move |status, response, body| {
        let response = request::response(status, response.headers.iter(), body);
        let rendered =
            request::callback(&resolved.script, &resolved.fixture.data, response, &|name| env.get(name), &options);
        rendered.map(Option::unwrap_or_default).map_err(|problems| messages(&problems))
    }))
}
