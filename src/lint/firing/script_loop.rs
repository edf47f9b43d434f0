//! HK304

use super::super::{Basis, Check, Level, ProjectContext, Reporter, Rule};
use super::{PLACEHOLDER_HOST, changed};
use crate::loops::{Graph, Step};

/// Scripts that fire each other in a loop.
pub(super) static RULE: Rule = Rule {
    id: "HK304",
    name: "script-loop",
    level: Level::Error,
    summary: "scripts that fire each other in a loop",
    what: "Follows each script's request to the platform's own API to the event it causes and the scripts that event fires, and reports \
           every cycle through two or more scripts, with the location of each step. A trigger whose `when` is false after the \
           previous request breaks the cycle.",
    why: "A single event keeps all of these scripts firing until the per-minute trigger limit is reached; after that, their real \
          events are not sent either.",
    example: None,
    instead: None,
    fixable: false,
    basis: Basis::Published,
    check: Check::Project(check),
};

fn check(project: &ProjectContext<'_>, reporter: &mut Reporter) {
    let (scripts, nodes): (Vec<_>, Vec<_>) =
        project.scripts.iter().filter_map(|script| script.caller.clone().map(|node| (script, node))).unzip();
    for mut cycle in Graph::new(&nodes).cycles() {
        let Some(first) = first_asked(&cycle, |script| scripts[script].asked) else { continue };
        cycle.rotate_left(first);
        let names: Vec<&str> = cycle.iter().chain(cycle.first()).map(|step| scripts[step.script].label()).collect();
        let sources: Option<Vec<_>> = cycle.iter().map(|step| scripts[step.script].source()).collect();
        let Some(sources) = sources else { continue };
        let call = |step: &Step| nodes[step.script].call.as_ref();
        let Some(first) = cycle.first().and_then(call) else { continue };
        let message = format!("a loop through {} scripts: {}", cycle.len(), names.join(" → "));
        let finding = reporter.within(&sources[0], first.span, message);
        finding.label(format!("causes `{}`", first.event));
        let mut assumed = first.host_assumed;
        for (step, source) in cycle.iter().zip(&sources).skip(1) {
            let Some(call) = call(step) else { continue };
            let listener = &nodes[step.script].listeners[step.listener];
            finding.related_at(source, listener.span, format!("`{}` fires this script", listener.event));
            finding.related_at(source, call.span, format!("which causes `{}`", call.event));
            assumed |= call.host_assumed;
        }
        let back = cycle.first().map(|step| &nodes[step.script].listeners[step.listener]);
        if let Some(back) = back {
            finding.related_at(&sources[0], back.span, format!("`{}` fires the first script again", back.event));
        }
        if assumed {
            finding.help(PLACEHOLDER_HOST);
        }
        finding.help("give one of the triggers a `when` that is false after the previous request");
        if cycle.iter().any(|step| call(step).is_some_and(|call| call.event.ends_with(".updated"))) {
            finding.help(changed(&RULE));
        }
    }
}

/// The step to report a cycle at: of the scripts that were asked for, the one whose path comes first.
fn first_asked(cycle: &[Step], asked: impl Fn(usize) -> bool) -> Option<usize> {
    let asked = cycle.iter().enumerate().filter(|(_, step)| asked(step.script));
    asked.min_by_key(|(_, step)| step.script).map(|(at, _)| at)
}
