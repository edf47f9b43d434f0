//! HK206

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::diagnostic::Edit;
use crate::script::Pair;
use crate::span::{Span, line_around};

/// A header that repeats an earlier one.
pub(super) static RULE: Rule = Rule {
    id: "HK206",
    name: "duplicate-header",
    level: Level::Warning,
    summary: "a duplicate header",
    what: "Reports a header whose name repeats an earlier one, ignoring case.",
    why: "Receivers differ: some use the first, some the last, some join both with a comma. What works with one system breaks at \
          the next proxy.",
    example: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    - {name: Accept, value: text/plain}\n    \
         - {name: accept, value: application/json}\n",
    ),
    instead: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    - {name: Accept, value: \"text/plain, application/json\"}\n",
    ),
    fixable: true,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let sent: Vec<&Pair> = context.script.request.sent_headers().collect();
    for (index, header) in sent.iter().enumerate() {
        let name = &header.name.value;
        let same = |earlier: &&&Pair| earlier.name.value.eq_ignore_ascii_case(name);
        let Some(first) = sent[..index].iter().find(same) else { continue };
        let equal = first.value.text == header.value.text;
        let fix = equal.then(|| without(header, reporter)).flatten();
        let finding = reporter.at(header.name.span, format!("duplicate header `{name}`"));
        finding.help(if equal { "keep one of them" } else { "keep one of them, or join the values with a comma" });
        finding.fix(fix);
        let source = &context.script.source;
        finding.related_at(source, first.name.span, "first here");
    }
}

/// Removes the entry's lines, if nothing else is on them.
fn without(header: &Pair, reporter: &Reporter<'_>) -> Option<Edit> {
    let file = &reporter.source.as_ref()?.text;
    let start = line_around(file, header.span.start).start;
    let end = line_around(file, header.span.end).end;
    let end = end + if file[end..].starts_with("\r\n") { 2 } else { usize::from(end < file.len()) };
    let before = file[start..header.span.start].trim();
    let after = file[header.span.end..end].trim();
    // In the list form, the entry begins before its name, and its dash goes with it.
    let list = header.span.start < header.name.span.start || before == "-";
    let alone = before == if list { "-" } else { "" } && (after.is_empty() || after.starts_with('#'));
    // What other values repeat must stay.
    let anchored = file[start..end].contains('&');
    (alone && !anchored).then(|| Edit::new(Span::new(start, end), ""))
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::{fixed, places};

    fn script(headers: &str) -> String {
        format!("request:\n  method: GET\n  url: https://a.example/\n  headers:\n{headers}")
    }

    #[test]
    fn a_second_header_is_found_in_any_case() {
        for (headers, expected) in [
            ("    Accept: a\n    accept: b\n", &["accept"][..]),
            ("    - {name: A, value: a}\n    - {name: A, value: a}\n    - {name: a, value: a}\n", &["A", "a"]),
            // Nothing to find.
            ("    Accept: a\n    Accept-Language: a\n", &[]),
            ("    - {name: A, value: a}\n    - {name: A, value: b, enabled: false}\n", &[]),
        ] {
            assert_eq!(places("HK206", &script(headers)), expected, "{headers}");
        }
    }

    #[test]
    fn one_of_two_equal_headers_is_taken_away() {
        for (wrong, right) in [
            ("    A: x\n    a: x # why\n    B: y\n", "    A: x\n    B: y\n"),
            ("    - name: A\n      value: x\n    - name: A\n      value: x\n", "    - name: A\n      value: x\n"),
            ("    - {name: A, value: x}\n    - {name: a, value: x}\n", "    - {name: A, value: x}\n"),
            ("    {A: x, a: x}\n", "    {A: x, a: x}\n"),
            (
                "    - {name: A, value: x}\n    -\n      name: A\n      value: x\n",
                "    - {name: A, value: x}\n    -\n      name: A\n      value: x\n",
            ),
            ("    A: x\n    a: &x x\n    B: *x\n", "    A: x\n    a: &x x\n    B: *x\n"),
            ("    A: x\n    a: y\n", "    A: x\n    a: y\n"),
        ] {
            assert_eq!(fixed("HK206", &script(wrong)), script(right), "{wrong}");
        }
    }
}
