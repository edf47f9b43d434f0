//! HK303

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::{PLACEHOLDER_HOST, changed};
use crate::loops::Graph;

/// A script that fires itself.
pub(super) static RULE: Rule = Rule {
    id: "HK303",
    name: "self-loop",
    level: Level::Error,
    summary: "the script's own request causes its event",
    what: "Reports a script whose request to the platform's own API (`api_hosts` in hookctl.yaml, where `*.example.com` covers \
           every host in that domain) causes the event that fires it. POST to `/api/v1/contact` causes `contact.created`, PUT to `/api/v1/contact/{id}` causes `contact.updated`, and likewise \
           for tickets. A trigger whose `when` is false after the request is not a loop; the example tests a custom field, `crm_state`. \
           In the console, a condition can also test whether a value has changed, which ends a loop as well; \
           `when` can't express that, so suppress the finding if your rule has such a condition.",
    why: "The script keeps firing itself until the per-minute trigger limit is reached; after that, its real events are not sent \
          either.",
    example: Some(
        "use_case: contact\nrequest:\n  method: PUT\n  url: https://{{ env.API_HOST }}/api/v1/contact/{{ contact.id }}\n  \
         params:\n    crm_state: synced\ntriggers:\n  - event: contact.updated\n",
    ),
    instead: Some(
        "use_case: contact\nrequest:\n  method: PUT\n  url: https://{{ env.API_HOST }}/api/v1/contact/{{ contact.id }}\n  \
         params:\n    crm_state: synced\ntriggers:\n  - event: contact.updated\n    when: contact.crm_state != 'synced'\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(call) = &context.node.call else { return };
    let Some(step) = Graph::new(std::slice::from_ref(&context.node)).self_loop(0) else { return };
    let trigger = &context.node.listeners[step.listener];
    let source = &context.script.source;
    let finding =
        reporter.at(call.span, format!("this request causes `{}`, which fires this script again", call.event));
    finding.label(format!("causes `{}`", call.event)).related_at(source, trigger.span, "which fires the script");
    if call.host_assumed {
        finding.help(PLACEHOLDER_HOST);
    }
    finding.help(format!(
        "give the trigger a `when` that is false after this request, such as `when: {}.synced != 'yes'` with the param \
         `synced: \"yes\"`",
        call.event.split('.').next().unwrap_or_default()
    ));
    if call.event.ends_with(".updated") {
        finding.help(changed(&RULE));
    }
}
