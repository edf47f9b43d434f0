use super::*;

const GOOD: &str = "\
name: Sync new contact to the CRM
use_case: contact
description: what it is for
request:
  method: POST
  url: https://api.example.com/users
  params:
    first_name: \"{{ contact.first_name }}\"
    code: 00123
    flag: yes
    none: null
    empty:
  headers:
    - {name: Content-Type, value: application/json}
    - name: X-Off
      value: a
      enabled: false
    - name: X-Off
      value: b
  params_in: body
callback: \"{{ response.body.id }}\"
triggers:
  - event: contact.created
    when: contact.age >= 18
  - event: conversation_script.action
    node: welcome/ask-phone
expect:
  status: [200, 2XX]
  within: 1.5s
tests:
  - name: no phone number
    event: contact.created.json
    set: {contact.phone_number: null}
    expect: {params.phone: none, method: POST}
";

fn parse(text: &str) -> (Script, Vec<Diagnostic>) {
    read(Arc::new(Source::new("scripts/a.yaml", text)), "a")
}

/// The id of the rule that reports it.
fn rule(problem: &Diagnostic) -> &'static str {
    crate::lint::rule_of(problem.kind).expect("a rule").id
}

fn place<'t>(problem: &Diagnostic, text: &'t str) -> &'t str {
    let span = problem.span().expect("a place");
    &text[span.start..span.end]
}

/// `RULE text-at-the-span`, a line each.
fn found(text: &str) -> Vec<String> {
    let (_, problems) = parse(text);
    problems.iter().map(|p| format!("{} {}", rule(p), place(p, text))).collect()
}

#[test]
fn a_whole_script_is_read() {
    let (script, problems) = parse(GOOD);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(script.name.map(|n| n.value).as_deref(), Some("Sync new contact to the CRM"));
    assert_eq!(script.use_case.map(|u| u.value), Some(UseCase::Contact));
    let request = script.request;
    assert_eq!(request.method.map(|m| m.value).as_deref(), Some("POST"));
    assert_eq!(request.url.map(|u| u.text).as_deref(), Some("https://api.example.com/users"));
    let params: Vec<(&str, &str)> =
        request.params.iter().map(|p| (p.name.value.as_str(), p.value.text.as_str())).collect();
    assert_eq!(
        params,
        [
            ("first_name", "{{ contact.first_name }}"),
            ("code", "00123"),
            ("flag", "yes"),
            ("none", "null"),
            ("empty", "")
        ]
    );
    let headers: Vec<(&str, &str, bool)> =
        request.headers.iter().map(|h| (h.name.value.as_str(), h.value.text.as_str(), h.enabled)).collect();
    assert_eq!(headers, [("Content-Type", "application/json", true), ("X-Off", "a", false), ("X-Off", "b", true)]);
    assert_eq!(request.params_in.map(|p| p.value), Some(ParamsIn::Body));
    assert_eq!(script.callback.map(|c| c.text).as_deref(), Some("{{ response.body.id }}"));
    let triggers: Vec<_> = script
        .triggers
        .iter()
        .map(|t| (t.events.first().map(|e| e.value.as_str()), t.when.is_some(), t.node.is_some()))
        .collect();
    assert_eq!(triggers, [(Some("contact.created"), true, false), (Some(ACTION), false, true)]);
    let statuses: Vec<StatusPattern> = script.expect.status.iter().map(|s| s.value).collect();
    assert_eq!(statuses, [StatusPattern::Code(200), StatusPattern::Class(2)]);
    assert_eq!(script.expect.within.map(|w| w.value), Some(std::time::Duration::from_millis(1500)));
}

#[test]
fn every_problem_is_found_at_its_place() {
    let request = "request: {method: GET, url: https://a.example}\n";
    for (text, expected) in [
        ("name: a\nuse_case: contract\n{request}", &["HK004 contract"][..]),
        ("name: a\nuse_case: contact\nnmae: b\n{request}", &["HK002 nmae"]),
        ("nmae: b\nuse_case: contact\n{request}", &["HK002 nmae"]),
        ("name: a\nname: b\nuse_case: contact\n{request}", &["HK005 name"]),
        ("name: a\nuse_case: contact\n", &["HK003 name"]),
        ("use_case: contact\nrequest: {}\n", &["HK003 use_case", "HK003 request", "HK003 request"]),
        ("name: a\nuse_case: contact\nrequest: [1]\n", &["HK004 [1]"]),
        ("name: a\nuse_case: contact\nrequest:\n", &["HK004 request"]),
        ("name: [a]\nuse_case: contact\n{request}", &["HK004 [a]"]),
        ("name:\nuse_case: contact\n{request}", &["HK004 name"]),
        ("- a\n- b\n", &["HK004 - a\n- b"]),
        ("", &["HK003 "]),
        ("# only a comment\n", &["HK003 "]),
        ("name: a\nuse_case: contact\nrequest: {method: post, url: https://a.example}\n", &["HK004 post"]),
        ("name: a\nuse_case: contact\nrequest: {method: FETCH, url: ''}\n", &["HK004 FETCH", "HK004 url"]),
        ("name: a\nuse_case: contact\nrequest: {method: GET, url: x, params: 3}\n", &["HK004 3"]),
        ("name: a\nuse_case: contact\nrequest: {method: GET, url: x, params: {a: [1, 2]}}\n", &["HK004 [1, 2]"]),
        ("name: a\nuse_case: contact\nrequest: {method: GET, url: x, params: [{value: 1}]}\n", &["HK003 value"]),
        (
            "name: a\nuse_case: contact\nrequest: {method: GET, url: x, params: [{name: b, enabled: no}]}\n",
            &["HK004 no"],
        ),
        ("name: a\nuse_case: contact\nrequest: {method: GET, url: x, params_in: boddy}\n", &["HK004 boddy"]),
        ("name: a\nuse_case: contact\n{request}triggers: [{event: contact.craeted}]\n", &["HK004 contact.craeted"]),
        ("name: a\nuse_case: contact\n{request}triggers: [{event: ticket.created}]\n", &["HK302 ticket.created"]),
        ("name: a\nuse_case: contact\n{request}triggers: [{when: a}]\n", &["HK003 when"]),
        ("name: a\nuse_case: contact\n{request}triggers: [{event: [contact.created, contact.updated]}]\n", &[]),
        (
            "name: a\nuse_case: contact\n{request}triggers: [{event: [contact.craeted, ticket.created, {a: b}]}]\n",
            &["HK004 contact.craeted", "HK302 ticket.created", "HK004 {a: b}"],
        ),
        ("name: a\nuse_case: contact\n{request}triggers: [{event: []}]\n", &["HK004 []"]),
        (
            "name: a\nuse_case: contact\n{request}triggers: [{event: [contact.created, contact.created]}]\n",
            &["HK004 contact.created"],
        ),
        (
            "name: a\nuse_case: contact\n{request}triggers: [{event: [contact.created, conversation_script.action]}]\n",
            &["HK004 conversation_script.action"],
        ),
        (
            "name: a\nuse_case: contact\n{request}triggers: [{event: [contact.created, contact.updated], node: x}]\n",
            &["HK002 node"],
        ),
        (
            "name: a\nuse_case: contact\n{request}triggers: {event: contact.created}\n",
            &["HK004 {event: contact.created}"],
        ),
        ("name: a\nuse_case: contact\n{request}triggers: [{event: contact.created, node: x}]\n", &["HK002 node"]),
        ("name: a\nuse_case: contact\n{request}expect: {within: 5, status: 2x}\n", &["HK004 5", "HK004 2x"]),
        ("name: a\nuse_case: contact\n{request}expect: {within: 0s, status: [200, 99]}\n", &["HK004 0s", "HK004 99"]),
        ("name: a\nuse_case: contact\n{request}tests: [{nam: x, set: 3}]\n", &["HK002 nam", "HK004 3"]),
        ("name: a\nuse_case: contact\n{request}expect: {status: []}\n", &["HK004 []"]),
        ("name: a\nuse_case: contact\n{request}tests: [{}]\n", &["HK003 {}"]),
        ("name: a\nuse_case: contact\n{request}tests: [{event: a.json, expect: {method: GET}}]\n", &["HK003 event"]),
        ("name: a\nuse_case: contact\n{request}tests: [{name: }]\n", &["HK004 name"]),
        ("name: a\nuse_case: contact\n{request}tests: []\n", &[]),
        ("name: a\nuse_case: contact\n{request}callback: !secret x\n", &["HK004 !secret"]),
        ("name: a\nuse_case: contact\n{request}? [b]\n: c\n", &["HK004 [b]"]),
    ] {
        let text = text.replace("{request}", request);
        assert_eq!(found(&text), expected, "{text}");
    }
}

#[test]
fn what_the_platform_has_no_way_to_send_says_what_to_write() {
    let help = |request: &str| {
        let text =
            format!("name: a\nuse_case: contact\nrequest: {{method: POST, url: 'https://a.example', {request}}}\n");
        let (_, problems) = parse(&text);
        let [problem] = problems.as_slice() else { panic!("{request}: {problems:?}") };
        (rule(problem), format!("{} {}", problem.message, problem.help.join(" ")))
    };
    let unpublished = "doesn't publish how it sends nested values";
    for (request, rule, words) in [
        ("body: '{}'", "HK002", &["unknown key `body`", "no raw body", "`params`", "`encoding:`"][..]),
        ("json: {a: b}", "HK002", &["no raw body"]),
        (
            "params: {payload: {summary: x}}",
            "HK004",
            &["`payload` can't be a mapping", "`payload[summary]: …`", unpublished],
        ),
        ("params: {payload: {}}", "HK004", &["`payload[…]: …`", "encoding: {names: brackets}"]),
        ("params: {tags: [a, b]}", "HK004", &["`- {name: tags, value: …}`", unpublished]),
        ("params: {a: {b: {c: [d]}, e: f}}", "HK004", &["`a[b][c][0]: …`"]),
        ("params: {a: []}", "HK004", &["`- {name: a, value: …}`"]),
        ("params: {items: [{id: 1}]}", "HK004", &["`items[0][id]: …`", "encoding: {names: brackets}"]),
        (
            "params: [{name: payload, value: {summary: x}}]",
            "HK004",
            &["`payload` can't be a mapping", "`payload[summary]: …`"],
        ),
        ("params: {a: {{ contact.id }}}", "HK004", &["needs quotes"]),
        ("headers: {A: [b]}", "HK004", &["`A` must be a string, not a list"]),
    ] {
        let (found, said) = help(request);
        assert_eq!(found, rule, "{request}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[test]
fn a_rule_has_one_event_or_several() {
    let events = |written: &str| {
        let text = format!(
            "name: a\nuse_case: contact\nrequest: {{method: GET, url: https://a.example}}\ntriggers:\n  - event: {written}\n"
        );
        let (script, problems) = parse(&text);
        assert!(problems.is_empty(), "{problems:?}");
        script.triggers.iter().flat_map(|t| &t.events).map(|e| e.value.clone()).collect::<Vec<_>>()
    };
    for written in ["[contact.created, contact.updated]", "\n    - contact.created\n    - 'contact.updated'"] {
        assert_eq!(events(written), ["contact.created", "contact.updated"], "{written}");
    }
    assert_eq!(events("[contact.created]"), events("contact.created"));
}

#[test]
fn a_json_path_is_fixed_to_a_dotted_one() {
    for (wrong, right) in [
        ("\"$.items[0].id\"", Some("items.0.id")),
        ("items[0]", Some("items.0")),
        ("\"$['a b, c']\"", Some("\"a b, c\"")),
        // Which value is meant is not known.
        ("$.a..id", None),
        ("$", None),
    ] {
        let text = |key: &str| {
            format!(
                "name: a\nuse_case: contact\nrequest: {{method: GET, url: https://a.example}}\nexpect:\n  body:\n    {key}: 1\n"
            )
        };
        let (_, problems) = parse(&text(wrong));
        let [problem] = problems.as_slice() else { panic!("{wrong}: {problems:?}") };
        assert_eq!(place(problem, &text(wrong)), wrong);
        assert_eq!(problem.edits.first().map(|edit| edit.text.as_str()), right, "{wrong}");
        if let Some(right) = right {
            assert!(parse(&text(right)).1.is_empty(), "{right}");
        }
    }
}

#[test]
fn a_misspelling_is_mended_by_its_fix() {
    for (wrong, right) in [
        ("nmae: a", "name: a"),
        ("name: {{ a }}", "name: \"{{ a }}\""),
        ("name: {{ a[\"b\"] }} # why", "name: '{{ a[\"b\"] }}' # why"),
        ("name: {{ a }}/{{ b }} # why", "name: \"{{ a }}/{{ b }}\" # why"),
        ("name: {% if a %}b{% endif %}", "name: \"{% if a %}b{% endif %}\""),
        ("name: {# x #}y", "name: \"{# x #}y\""),
    ] {
        let rest = "use_case: contact\nrequest: {method: GET, url: https://a.example}\n";
        let text = format!("{wrong}\n{rest}");
        let (_, problems) = parse(&text);
        assert_eq!(problems.len(), 1, "{wrong}: {problems:?}");
        assert!(matches!(problems[0].kind, ProblemKind::UnknownKey | ProblemKind::WrongType));
        let [fix] = problems[0].edits.as_slice() else { panic!("{wrong}: {problems:?}") };
        let mut mended = text.clone();
        mended.replace_range(fix.span.start..fix.span.end, &fix.text);
        assert_eq!(mended, format!("{right}\n{rest}"));
        assert!(parse(&mended).1.is_empty(), "{mended}");
    }
}

#[test]
fn what_is_around_a_syntax_error_is_read() {
    let rest = "use_case: contract\nrequest: {method: GET, url: https://a.example}\nexpect: {within: 5}\n";
    for (line, place) in [
        ("name: \"open", "\"open"),
        ("name: 'open", "'open"),
        ("description:\n\ta: b", "\t"),
        ("name: [open", "["),
        ("name: a: b", ":"),
        ("name", "name"),
        ("name: %a", "%a"),
        ("name: @a", "@a"),
        ("name: `a`", "`a`"),
        ("name: a\n  b: c", ":"),
        ("name: - a", "-"),
        ("name: *gone", "*gone"),
        ("name: 'a' b", "b"),
        ("name: a\u{0}b", "\u{0}"),
    ] {
        for text in [format!("{line}\n{rest}"), format!("{rest}{line}\n")] {
            let found = found(&text);
            assert!(found.contains(&format!("HK001 {place}")), "{text}: {found:?}");
            assert!(found.contains(&"HK004 contract".to_owned()), "{text}: {found:?}");
            assert!(found.contains(&"HK004 5".to_owned()), "{text}: {found:?}");
            assert_eq!(found.len(), 3, "{text}: {found:?}");
        }
    }
}

#[test]
fn an_open_quote_is_told_where_it_opens() {
    let text = "name: \"open\nuse_case: contact\nrequest:\n  method: GET\n  url: \"https://a.example/\"\nexpect: {within: 5}\n";
    let (script, problems) = parse(text);
    let found: Vec<_> = problems.iter().map(|p| (rule(p), place(p, text))).collect();
    assert_eq!(found, [("HK001", "\"open"), ("HK004", "5")]);
    assert_eq!(script.request.url.map(|url| url.text).as_deref(), Some("https://a.example/"));
}

#[test]
fn anchors_and_merge_keys_are_carried_out() {
    let (script, problems) = parse(
        "name: &n a\nuse_case: contact\nrequest:\n  method: GET\n  url: https://a.example/\n  params: &p {x: 1, y: 2}\n  \
         headers: {<<: *p, y: 3, z: *n}\n",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let headers: Vec<(&str, &str)> =
        script.request.headers.iter().map(|h| (h.name.value.as_str(), h.value.text.as_str())).collect();
    assert_eq!(headers, [("y", "3"), ("z", "a"), ("x", "1")]);
}

#[test]
fn bombs_are_refused() {
    let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h"].iter().zip(["a", "b", "c", "d", "e", "f", "g"]) {
        text.push_str(&format!("{name}: &{name} [*{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}]\n"));
    }
    let bomb = parse(&text).1;
    assert_eq!(bomb.iter().filter(|p| p.kind == ProblemKind::Syntax).count(), 1);
    assert!(bomb.iter().any(|p| p.message.contains("aliases repeat more than 10000 values")));
    for (open, name) in [("[", "name: "), ("{", "name: "), ("- ", ""), ("[\n", "name: "), ("? ", "")] {
        let text = format!("{name}{}", open.repeat(100_000));
        let (_, problems) = parse(&text);
        assert!(problems.iter().any(|p| p.kind == ProblemKind::Syntax), "{open}");
    }
    let own = parse("name: &a [*a]\nuse_case: contact\n").1;
    assert!(own.iter().any(|p| p.message.contains("part of")), "{own:?}");
}

/// Each `→piece` of a text stands in the file where its own characters stand.
#[test]
fn every_piece_of_a_text_has_its_place() {
    for (scalar, pieces) in [
        ("x {{ a }}", &[("x {{ a }}", "x {{ a }}"), ("a", "a")][..]),
        ("'it''s {{ a }}'", &[("it", "it"), ("'", "''"), ("a", "a"), ("s {{ a", "s {{ a")]),
        ("\"\\u00e9\\n{{ a }}\"", &[("é", "\\u00e9"), ("\n", "\\n"), ("a", "a")]),
        ("\"\\ud83d\\ude00 {{ a }}\"", &[("😀", "\\ud83d\\ude00"), ("a", "a")]),
        ("\"\\\"{{ a }}\\\\\"", &[("\"", "\\\""), ("a", "a"), ("\\", "\\\\")]),
        ("\"x \\\n      y {{ a }}\"", &[("x", "x"), ("y {{", "y {{"), ("a", "a")]),
        ("b c\n    d {{ a }}", &[("b c", "b c"), ("d {{", "d {{"), ("a", "a")]),
        ("'b c\n\n    d {{ a }}'", &[("b c", "b c"), ("d {{", "d {{"), ("a", "a")]),
        ("|\n    {{ a }}\n      bé\n\n    c", &[("a", "a"), ("bé", "bé"), ("c", "c")]),
        ("|2-\n      {{ a }}\n    c", &[("a", "a"), ("c", "c")]),
        (">-\n    {{ a\n    }} b\n\n    c", &[("a", "a"), ("}} b", "}} b"), ("c", "c")]),
        ("\"é {{ a }}  \"", &[("é", "é"), ("a", "a")]),
    ] {
        for (eol, bom) in [("\n", ""), ("\r\n", ""), ("\n", "\u{feff}")] {
            let yaml = format!("{bom}request:\n  url: {scalar}\nname: é\nuse_case: contact\n").replace('\n', eol);
            let (script, _) = parse(&yaml);
            let text = script.request.url.expect(scalar);
            for (piece, written) in pieces {
                let at = text.text.find(piece).unwrap_or_else(|| panic!("{scalar}: {piece} in {:?}", text.text));
                let place = text.place(Span::new(at, at + piece.len()));
                assert_eq!(&yaml[place.start..place.end], *written, "{scalar} {eol:?} {:?}", text.runs);
            }
        }
    }
}

#[test]
fn comments_are_kept() {
    let text = "# one\nname: a # two\n\nuse_case: '#x' # three\n";
    let comments: Vec<(&str, bool)> =
        parse(text).0.comments.iter().map(|c| (&text[c.span.start..c.span.end], c.alone)).collect::<Vec<_>>();
    assert_eq!(comments, [("# one", true), ("# two", false), ("# three", false)]);
}

#[test]
fn a_large_file_takes_linear_time() {
    let mut text = GOOD.to_owned();
    text.push_str("tests:\n");
    while text.len() < 1 << 18 {
        text.push_str("  - {name: a, set: {x: 1}}\n");
    }
    let (script, problems) = parse(&text);
    assert_eq!(problems.len(), 1, "tests twice");
    assert_eq!(script.request.params.len(), 5);
    let keys: String = (0..15_000).map(|n| format!("    k{n}: v\n")).collect();
    let text =
        format!("name: a\nuse_case: contact\nrequest:\n  method: GET\n  url: https://a.example\n  params:\n{keys}");
    let (script, problems) = parse(&text);
    assert_eq!((script.request.params.len(), problems.len()), (15_000, 0));
}

#[test]
fn a_word_that_is_none_of_its_names_is_told_with_the_nearest_or_all() {
    for (key, message, help, fix) in [
        ("params_in: qurey", "`params_in` can't be `qurey`", "did you mean `query`?", Some("query")),
        ("params_in: header", "`params_in` can't be `header`", "use `body` or `query`", None),
        (
            "params: [{name: a, enabled: maybe}]",
            "`enabled` must be `true` or `false`, not `maybe`",
            "omit it to send the value",
            None,
        ),
    ] {
        let text =
            format!("name: a\nuse_case: contact\nrequest:\n  method: POST\n  url: https://a.example/\n  {key}\n");
        let (_, problems) = parse(&text);
        assert_eq!(problems.len(), 1, "{key}: {problems:?}");
        let fixed = problems[0].edits.first().map(|edit| edit.text.as_str());
        assert_eq!((&*problems[0].message, &*problems[0].help.join(" "), fixed), (message, help, fix), "{key}");
    }
}

#[test]
fn messages_name_the_mapping_that_a_problem_is_in() {
    const HEAD: &str = "name: a\nuse_case: contact\nrequest:\n  method: POST\n  url: https://a.example/\n";
    for (more, message) in [
        ("  params: [{value: b}]\n", "missing key `name` in a param"),
        ("  headers: [{name: a, vlue: b}]\n", "unknown key `vlue` in a header"),
        ("triggers: [contact.created]\n", "a trigger must be a mapping, not a string"),
        ("tests: [{event: a.json}]\n", "missing key `name` in a test"),
        ("expect: {body: {a: 1, a: 2}}\n", "duplicate key `a` in `expect.body`"),
        ("descripton: b\n", "unknown key `descripton` in the script"),
    ] {
        let (_, problems) = parse(&format!("{HEAD}{more}"));
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, [message], "{more}");
    }
}
