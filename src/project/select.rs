//! Which scripts an event fires.

use crate::diagnostic::{Diagnostic, Problems};
use crate::event::Fixture;
use crate::script::{Script, Text};
use crate::template::{Error, Options};

pub(super) fn fired_by<'s>(
    scripts: &'s [Script],
    fixture: &Fixture,
    options: &Options,
) -> Result<Vec<&'s Script>, Problems> {
    let options = Options { strict: true, ..options.clone() };
    let mut fired = Vec::new();
    let mut refused: Vec<(&Script, &Text)> = Vec::new();
    let mut problems = Vec::new();
    for script in scripts {
        match fires(script, fixture, &options) {
            Ok(Answer::Fires) => fired.push(script),
            Ok(Answer::Refuses(when)) => refused.push((script, when)),
            Ok(Answer::Elsewhere) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    if fired.is_empty() { Err(none(scripts, fixture, &refused).into()) } else { Ok(fired) }
}

enum Answer<'s> {
    Fires,
    /// The event is its, but the condition is false.
    Refuses(&'s Text),
    Elsewhere,
}

fn fires<'s>(script: &'s Script, fixture: &Fixture, options: &Options) -> Result<Answer<'s>, Diagnostic> {
    let use_case = script.use_case.as_ref().map(|use_case| use_case.value);
    let by_use_case = |fits: bool| if fits { Answer::Fires } else { Answer::Elsewhere };
    let Some(event) = &fixture.event else {
        return Ok(by_use_case(use_case.is_some() && fixture.use_case() == use_case));
    };
    if script.triggers.is_empty() {
        return Ok(by_use_case(use_case.is_some_and(|use_case| fixture.fits(&script.id, use_case).is_ok())));
    }
    let mut answer = Answer::Elsewhere;
    for trigger in &script.triggers {
        if trigger.event.as_ref().is_none_or(|own| own.value != *event) {
            continue;
        }
        match &trigger.when {
            Some(when) if !holds(script, when, fixture, options)? => answer = Answer::Refuses(when),
            _ => return Ok(Answer::Fires),
        }
    }
    Ok(answer)
}

fn holds(script: &Script, when: &Text, fixture: &Fixture, options: &Options) -> Result<bool, Diagnostic> {
    let failed = |error: &Error| {
        let mut diagnostic = Diagnostic::error(&error.message).at(&script.source, when.place(error.span), "");
        diagnostic.help.extend(error.help.clone());
        diagnostic.help(format!("`when` decides whether the event of `{}` fires `{}`", fixture.source.path, script.id))
    };
    let condition = when.condition().map_err(|errors| match errors.first() {
        Some(error) => failed(error),
        None => Diagnostic::error(format!("`{}` is not a condition", when.text)).at(&script.source, when.span, ""),
    })?;
    condition.evaluate(&fixture.data, options).map(|(value, _)| value.is_true()).map_err(|error| failed(&error))
}

fn none(scripts: &[Script], fixture: &Fixture, refused: &[(&Script, &Text)]) -> Diagnostic {
    let path = &fixture.source.path;
    let Some(event) = &fixture.event else {
        let own = fixture.use_case().map_or("of no use case that it tells".to_owned(), |own| format!("of `{own}`"));
        let there =
            names(scripts.iter().filter_map(|script| script.use_case.as_ref()).map(|own| own.value.to_string()));
        return Diagnostic::error(format!("no script fits the fixture `{path}`, which is {own}"))
            .help(format!("the scripts are of {there}"))
            .help("name the scripts, or the event: `\"event\": \"contact.created\"`");
    };
    let mut error = Diagnostic::error(match refused.len() {
        0 => format!("no script listens to the event `{event}` of `{path}`"),
        _ => format!("the event `{event}` of `{path}` fires no script: no condition holds"),
    });
    for (script, when) in refused {
        error = error.at(&script.source, when.span, "false for this event");
    }
    if refused.is_empty() {
        let listens = |script: &Script| {
            let own = script.triggers.iter().filter_map(|trigger| trigger.event.as_ref());
            own.map(|event| event.value.clone()).collect::<Vec<_>>()
        };
        error = error.help(format!("the scripts listen to {}", names(scripts.iter().flat_map(listens))));
    }
    error.help("name the scripts to take them whatever fires them")
}

/// Names once each, in order; `nothing` where there is none.
fn names(all: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = all.map(|name| format!("`{name}`")).collect();
    all.sort();
    all.dedup();
    if all.is_empty() { "nothing".into() } else { all.join(", ") }
}
