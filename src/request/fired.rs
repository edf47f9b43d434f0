//! Which scripts an event fires.

use hookctl_twig::{self as template, ErrorKind};

use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::event::Fixture;
use crate::script::{Script, Text, Trigger};
use crate::text::list;

use super::diagnostic;

/// The scripts that a fixture's event fires: those with a trigger of that event whose `when` is true, strictly
/// evaluated. Where the fixture names no event or the script has no triggers, the use case decides.
///
/// # Errors
/// Conditions that can't be evaluated; or none is fired, with what there is.
pub fn fired(scripts: Vec<Script>, fixture: &Fixture, options: &template::Options) -> Result<Vec<Script>, Problems> {
    let strict = template::Options { strict: true, ..options.clone() };
    let (mut chosen, mut others, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for script in scripts {
        match fires(&script, fixture, &strict) {
            Ok(true) => chosen.push(script),
            Ok(false) => others.push(script),
            Err(more) => problems.extend(more),
        }
    }
    match (problems.is_empty(), chosen.is_empty()) {
        (false, _) => Err(Problems(problems)),
        (true, true) => Err(nobody(&others, fixture).into()),
        (true, false) => Ok(chosen),
    }
}

fn fires(script: &Script, fixture: &Fixture, options: &template::Options) -> Result<bool, Vec<Diagnostic>> {
    let use_case = script.use_case.as_ref().map(|use_case| use_case.value);
    let Some(event) = &fixture.event else { return Ok(use_case.is_some() && use_case == fixture.use_case()) };
    if script.triggers.is_empty() {
        return Ok(use_case.is_some_and(|own| fixture.has_data_of(own)));
    }
    for trigger in script.triggers.iter().filter(|trigger| trigger.has(event)) {
        let Some(when) = &trigger.when else { return Ok(true) };
        if holds(script, when, fixture, options)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Why production would not fire a script with this event, although it was named explicitly; none where
/// it would, or where neither the fixture nor the script says what fires it.
pub fn not_fired(script: &Script, fixture: &Fixture, options: &template::Options) -> Option<Diagnostic> {
    let event = fixture.event.as_ref().filter(|_| !script.triggers.is_empty())?;
    // Data of another use case is an error, reported elsewhere.
    script.use_case.as_ref().filter(|own| fixture.fits(&script.id, own.value).is_ok())?;
    let strict = template::Options { strict: true, ..options.clone() };
    let (id, path) = (&script.id, &fixture.source.path);
    let listening = || script.triggers.iter().filter(|trigger| trigger.has(event));
    let why = match fires(script, fixture, &strict) {
        Ok(true) => return None,
        Ok(false) if listening().next().is_none() => {
            let note = Diagnostic::error(format!("`{event}` would not fire `{id}`: it has no trigger for that event"));
            script.events().fold(note, |note, own| note.at(&script.source, own.span, ""))
        }
        Ok(false) => {
            let note = Diagnostic::error(format!("`{event}` with data from `{path}` would not fire `{id}`"));
            let conditions = listening().filter_map(|trigger| trigger.when.as_ref());
            conditions.fold(note, |note, when| note.at(&script.source, when.span, "is not true"))
        }
        Err(problems) => {
            let problem = problems.into_iter().next()?;
            let message = format!("`{event}` with data from `{path}` would not fire `{id}`: {}", problem.message);
            Diagnostic { message, ..problem }
        }
    };
    let note = why.help("it is used anyway: conditions only matter when `--event` alone selects the scripts");
    Some(Diagnostic { severity: Severity::Info, ..note })
}

fn holds(
    script: &Script,
    when: &Text,
    fixture: &Fixture,
    options: &template::Options,
) -> Result<bool, Vec<Diagnostic>> {
    let drawn = |error: &template::Error| {
        let drawn = diagnostic(&script.source, when, error);
        let strict = error.kind == ErrorKind::Undefined;
        if strict {
            drawn.help("conditions are always strict: add a fallback for what may be missing, as in `… ?? 0`")
        } else {
            drawn
        }
    };
    let condition = when.condition().map_err(|errors| errors.iter().map(drawn).collect::<Vec<_>>())?;
    let value = condition.evaluate(&fixture.data, options);
    value.map(|(value, _)| value.is_true()).map_err(|error| vec![drawn(&error)])
}

/// No script is fired: what there is instead.
fn nobody(scripts: &[Script], fixture: &Fixture) -> Diagnostic {
    let path = &fixture.source.path;
    let Some(event) = &fixture.event else {
        let message = match fixture.use_case() {
            Some(own) => format!("`{path}` has `{own}` data, but no script has that use case"),
            None => format!("`{path}` has neither an event nor data of a use case"),
        };
        return Diagnostic::error(message)
            .help(listed(scripts))
            .help("add the event, as in `\"event\": \"contact.created\"`, or name the scripts");
    };
    let mut listening = scripts.iter().flat_map(|script| {
        script.triggers.iter().filter(|trigger| trigger.has(event)).map(move |trigger| (script, trigger))
    });
    let Some((script, trigger)) = listening.next() else {
        return Diagnostic::error(format!("no script listens to `{event}`, the event of `{path}`"))
            .help(listed(scripts));
    };
    let error = Diagnostic::error(format!("`{event}` fires no script with data from `{path}`"));
    let not_true = |error: Diagnostic, (script, trigger): (&Script, &Trigger)| {
        let span = trigger.when.as_ref().map_or(trigger.span, |when| when.span);
        error.at(&script.source, span, "is not true")
    };
    listening
        .fold(not_true(error, (script, trigger)), not_true)
        .help("name a script to ignore its conditions, or change the data with `--set`")
}

fn listed(scripts: &[Script]) -> String {
    const MOST: usize = 20;
    let events = |script: &Script| {
        let names = list::and(script.events().map(|event| &event.value));
        if names.is_empty() { "no event".to_string() } else { names }
    };
    let mut lines: Vec<_> = scripts.iter().take(MOST).map(|s| format!("`{}` listens to {}", s.id, events(s))).collect();
    if scripts.len() > MOST {
        lines.push(format!("and {} more", scripts.len() - MOST));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::diagnostic::draw;
    use crate::script::read;
    use crate::span::Source;

    fn scripts() -> Vec<Script> {
        let script = |id: &str, use_case: &str, triggers: &str| {
            let text = format!(
                "name: {id}\nuse_case: {use_case}\nrequest: {{method: GET, url: 'https://h.example/'}}\n{triggers}"
            );
            let (script, problems) = read(Arc::new(Source::new(format!("scripts/{id}.yaml"), text)), id);
            assert!(problems.is_empty(), "{problems:?}");
            script
        };
        vec![
            script("always", "contact", "triggers: [{event: contact.created}]"),
            script(
                "either",
                "conversation",
                "triggers: [{event: [conversation.ended, conversation.call_connected], when: conversation.id}]",
            ),
            script("adults", "contact", "triggers: [{event: contact.updated, when: contact.age >= 18}]"),
            script("vips", "contact", "triggers: [{event: contact.updated, when: \"'VIP' in contact.tags\"}]"),
            script("bare", "contact", ""),
            script("tickets", "ticket", "triggers: [{event: ticket.created, when: ticket.priority > 2}]"),
            script("flow", "conversation", "triggers: [{event: conversation_script.action}]"),
        ]
    }

    fn chosen(fixture: &str) -> Result<Vec<String>, String> {
        let fixture = Fixture::parse(Arc::new(Source::new("fixtures/e.json", fixture))).expect("a fixture");
        fired(scripts(), &fixture, &template::Options::default())
            .map(|scripts| scripts.into_iter().map(|script| script.id).collect())
            .map_err(|Problems(all)| {
                all.iter().map(|problem| draw(problem, false, 120)).collect::<Vec<_>>().join("\n\n")
            })
    }

    #[test]
    fn events_conditions_and_use_cases_choose() {
        let cases: [(&str, &[&str]); 9] = [
            (r#"{"event": "contact.created", "contact": {}}"#, &["always", "bare"]),
            (r#"{"event": "contact.updated", "contact": {"age": 20, "tags": []}}"#, &["adults", "bare"]),
            (r#"{"event": "contact.updated", "contact": {"age": 2, "tags": ["VIP"]}}"#, &["vips", "bare"]),
            (r#"{"event": "conversation.ended", "conversation": {"id": 1}}"#, &["either"]),
            (r#"{"event": "conversation.call_connected", "conversation": {"id": 1}}"#, &["either"]),
            (r#"{"contact": {}}"#, &["always", "adults", "vips", "bare"]),
            (r#"{"event": "ticket.created", "ticket": {"priority": 3}}"#, &["tickets"]),
            (r#"{"event": "conversation_script.action", "conversation": {}}"#, &["flow"]),
            (r#"{"event": "conversation_script.action", "conversation": {}, "contact": {}}"#, &["bare", "flow"]),
        ];
        for (fixture, ids) in cases {
            assert_eq!(chosen(fixture).unwrap_or_else(|problems| panic!("{fixture}: {problems}")), ids, "{fixture}");
        }
    }

    #[test]
    fn nobody_is_an_error_that_says_what_there_is() {
        insta::assert_snapshot!(chosen(r#"{"event": "file.uploaded", "file": {}}"#).unwrap_err());
        insta::assert_snapshot!(chosen(r#"{"event": "ticket.created", "ticket": {"priority": 1}}"#).unwrap_err());
        insta::assert_snapshot!(chosen(r#"{"employee": {}}"#).unwrap_err());
        assert!(chosen("{}").unwrap_err().contains("neither an event nor data of a use case"));
    }

    #[test]
    fn conditions_are_strict() {
        insta::assert_snapshot!(chosen(r#"{"event": "contact.updated", "contact": {"aeg": 2}}"#).unwrap_err());
    }
}
