//! HK213

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::encoding::{Conflict, NameStyle, Tree};
use crate::script::ParamsIn;

/// Params that can't both be in the body.
pub(super) static RULE: Rule = Rule {
    id: "HK213",
    name: "conflicting-names",
    level: Level::Error,
    summary: "nested names that conflict",
    what: "With `encoding: {names: brackets}` or `{names: dots}` in hookctl.yaml, reports a param whose name makes an object or list \
           where another param puts a value (`payload` and `payload[summary]`), or that names the same place as another (`tags[]` and \
           `tags[0]`).",
    why: "A body can't hold both. `render` and `fire` refuse the script; PHP would keep one of them and drop the other.",
    example: None,
    instead: None,
    fixable: false,
    basis: Basis::Hookctl,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let request = &context.script.request;
    let style = context.lint.encoding.names;
    if style == NameStyle::Flat || request.place_of_params() != Some(ParamsIn::Body) {
        return;
    }
    let names: Vec<_> = request.sent_params().map(|param| &param.name).collect();
    let tree = Tree::new(names.iter().map(|name| name.value.as_str()), style);
    for conflict in tree.err().into_iter().flatten() {
        let (Some(first), Some(second)) = (names.get(conflict.first), names.get(conflict.second)) else { continue };
        let finding = reporter.at(second.span, conflict.message(&first.value, &second.value));
        finding.help(Conflict::HELP).related_at(&context.script.source, first.span, "first here");
    }
}
