//! What is fired: scripts, each with its event's data, resolved.

use std::sync::Arc;

use url::Url;

use crate::cli::Rendering;
use crate::delivery::{BODY_READ, Callback, Expectation, Outgoing, Renewal, SentRequest, Shot};
use crate::diagnostic::{Diagnostic, Problems};
use crate::event::Fixture;
use crate::project::{Environment, Project};
use crate::request::{self, Resolved};
use crate::script::Script;

/// Scripts with their data, resolved.
pub struct Loaded {
    fired: Vec<Fired>,
    /// What is worth knowing about the choice of scripts and their data.
    notes: Vec<Diagnostic>,
    env: Arc<Environment>,
    options: request::Options,
}

struct Fired {
    script: Arc<Script>,
    fixture: Arc<Fixture>,
    request: Resolved,
}

/// Reads the scripts that the arguments name, or that the event fires, and resolves each against its event's data.
///
/// # Errors
/// Every problem of every script.
pub fn load(
    project: &Project,
    scripts: &[String],
    event: Option<&str>,
    rendering: &Rendering,
) -> Result<Loaded, Problems> {
    let env = Arc::new(project.environment()?);
    let options = rendering.options(&project.config, &env)?;
    let mut notes = Vec::new();
    let pairs = match event {
        Some(event) => {
            let (fixture, warnings) = rendering.set(project.read_fixture(event)?, &project.config.catalogue)?;
            notes.extend(warnings);
            let fixture = Arc::new(fixture);
            let mut fired = project.read_scripts(scripts)?;
            if scripts.is_empty() {
                fired = request::fired(fired, &fixture, &options.template)?;
            }
            fired.into_iter().map(|script| (script, Arc::clone(&fixture))).collect()
        }
        None => with_default_fixtures(project, scripts, rendering, &mut notes)?,
    };
    if event.is_none() || !scripts.is_empty() {
        notes.extend(
            pairs.iter().filter_map(|(script, fixture)| request::not_fired(script, fixture, &options.template)),
        );
    }
    let (mut fired, mut problems) = (Vec::new(), Vec::new());
    for (script, fixture) in pairs {
        match request::resolve_for(&script, &fixture, &|name| env.get(name), &options) {
            Ok(request) => fired.push(Fired { script: Arc::new(script), fixture, request }),
            Err(found) => problems.extend(found.0),
        }
    }
    if problems.is_empty() { Ok(Loaded { fired, notes, env, options }) } else { Err(Problems(problems)) }
}

fn with_default_fixtures(
    project: &Project,
    scripts: &[String],
    rendering: &Rendering,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<(Script, Arc<Fixture>)>, Problems> {
    let (mut pairs, mut problems) = (Vec::new(), Vec::new());
    for script in project.read_scripts(scripts)? {
        match project.default_fixture(&script) {
            Ok(fixture) => {
                // A `--set` that is wrong is wrong for each of them, and said once.
                let (fixture, warnings) = rendering.set(fixture, &project.config.catalogue)?;
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

impl Loaded {
    /// What is worth knowing before they are sent.
    pub fn notes(&self) -> &[Diagnostic] {
        &self.notes
    }

    /// What rendering had to say, with the file.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.fired.iter().flat_map(|fired| fired.request.told_warnings())
    }

    /// Makes them ready to fire, at `target` where there is one; the requests are as reports show them.
    ///
    /// # Errors
    /// What can't be sent.
    pub fn shots(self, target: Option<&Url>, keep_host: bool) -> Result<(Vec<Shot>, Vec<SentRequest>), Problems> {
        let (mut shots, mut requests) = (Vec::new(), Vec::new());
        let aim = Aim { target: target.cloned(), keep_host };
        for fired in self.fired.into_iter().map(Arc::new) {
            let request = aim.outgoing(&fired.script, &fired.request)?;
            requests.push(SentRequest::new(&fired.request, &request));
            shots.push(Shot {
                script: fired.request.script.clone(),
                request,
                renewal: renewal(&fired, &self.env, &self.options, &aim),
                expect: expectation(&fired.script),
                redactor: fired.request.redactor.clone(),
                callback: callback(fired, Arc::clone(&self.env), self.options.clone()),
            });
        }
        Ok((shots, requests))
    }
}

/// Where requests go, if not where their scripts say.
#[derive(Clone)]
struct Aim {
    target: Option<Url>,
    keep_host: bool,
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
fn renewal(fired: &Arc<Fired>, env: &Arc<Environment>, options: &request::Options, aim: &Aim) -> Option<Renewal> {
    if !fired.request.varies {
        return None;
    }
    let (fired, env, options, aim) = (Arc::clone(fired), Arc::clone(env), options.clone(), aim.clone());
    Some(Box::new(move |trigger| {
        let mut options = options.clone();
        options.template.seed = options.template.seed.map(|seed| seed.wrapping_add(trigger - 1));
        let request = request::resolve(&fired.script, &fired.fixture.data, &|name| env.get(name), &options);
        let sent = request.and_then(|request| Ok((aim.outgoing(&fired.script, &request)?, request.redactor)));
        sent.map_err(|problems| messages(&problems))
    }))
}

fn messages(problems: &Problems) -> String {
    let message = |problem: &Diagnostic| problem.message.clone();
    problems.0.iter().map(message).collect::<Vec<_>>().join("; ")
}

fn expectation(script: &Script) -> Expectation {
    let within =
        script.expect.within_ms.as_ref().map(|within| std::time::Duration::from_secs_f64(within.value / 1000.0));
    Expectation {
        status: script.expect.status.iter().map(|status| status.value).collect(),
        within,
        headers: script.expect.headers.clone(),
        body: script.expect.body.clone(),
    }
}

fn callback(fired: Arc<Fired>, env: Arc<Environment>, options: request::Options) -> Option<Callback> {
    fired.script.callback.as_ref()?;
    Some(Box::new(move |status, response, body| {
        let response = request::response(status, response.headers.iter(), body);
        let rendered = request::callback(&fired.script, &fired.fixture.data, response, &|name| env.get(name), &options);
        rendered.map(Option::unwrap_or_default).map_err(|problems| messages(&problems))
    }))
}
