//! HK307

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::PLACEHOLDER_HOST;
use crate::loops::SignIn;

/// A script that signs in to the platform's API every time it fires.
pub(super) static RULE: Rule = Rule {
    id: "HK307",
    name: "sign-in-per-event",
    level: Level::Warning,
    summary: "a script that signs in to the platform's API every time it fires",
    what: "Reports POST requests to `/api/v1/auth` on the platform's own API (`api_hosts` in hookctl.yaml).",
    why: "Signing in again immediately ends that employee's earlier token: each event invalidates the token of every other script and \
          program that uses the employee, and their requests fail.",
    example: Some(
        "request:\n  method: POST\n  url: https://{{ env.API_HOST }}/api/v1/auth\n  params:\n    name: hooks\n    \
         password: \"{{ env.API_PASSWORD }}\"\n",
    ),
    instead: Some(
        "request:\n  method: PUT\n  url: https://{{ env.API_HOST }}/api/v1/auth\n  headers:\n    Authorization: \"Bearer {{ env.API_TOKEN }}\"\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(sign_in) = SignIn::of(context.script, &context.lint.api_hosts) else { return };
    let finding =
        reporter.at(sign_in.span, "each event signs in again, which immediately ends the employee's earlier token");
    finding.label("signs in");
    if sign_in.host_assumed {
        finding.help(PLACEHOLDER_HOST);
    }
    finding.help(
        "sign in outside scripts, as an employee used only for hooks and with a long `ttl` (in minutes, 60 by default), and keep the token \
         in `env.NAME`; PUT renews it",
    );
}
