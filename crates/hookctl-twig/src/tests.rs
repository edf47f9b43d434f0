use crate::error::{Error, ErrorKind};
use crate::host::Host;
use crate::options::Options;
use crate::template::Template;
use crate::value::{Array, Value};

fn data() -> Array {
    let json = serde_json::json!({"user": {"first_name": "Ann", "age": 34, "email": null, "tags": ["a"]}, "n": 5});
    match Value::from_json(&json) {
        Value::Array(array) => Array::clone(&array),
        _ => Array::new(),
    }
}

/// The errors of a template: kind, the text at the place, message and help.
fn errors(source: &str) -> Vec<(ErrorKind, String, String)> {
    let errors = match Template::parse(source) {
        Err(errors) => errors,
        Ok(template) => vec![template.render(&data(), &Options::default()).expect_err(source)],
    };
    let text = |e: &Error| source[e.span.start..e.span.end].to_owned();
    errors.iter().map(|e| (e.kind, text(e), format!("{} | {}", e.message, e.help.as_deref().unwrap_or("")))).collect()
}

#[test]
fn constructs_of_other_engines_are_told_in_the_dialects_words() {
    let cases = [
        ("{% if n %}a{% elif n %}b{% endif %}", "elif", "elseif"),
        ("{% if n %}a{% else if n %}b{% endif %}", "else if", "elseif"),
        ("{{ 'a' if n else 'b' }}", "if", "b ? a : c"),
        ("{% for x in n if x %}{% endfor %}", "if", "|filter(v => …)"),
        ("{% assign x = 1 %}", "assign", "{% set name = … %}"),
        ("{% set_global x = 1 %}", "set_global", "{% set name = … %}"),
        ("{% unless n %}{% endunless %}", "unless", "{% if not (…) %}"),
        ("{% include 'x' %}", "include", "not available in this dialect"),
        ("{% extends 'x' %}", "extends", "not available in this dialect"),
        ("{{ include('x') }}", "include", "not available in this dialect"),
        ("{{ constant('X') }}", "constant", "not available in this dialect"),
        ("{% import 'x' as y %}", "'x'", "not available in this dialect"),
        ("{{#if n}}", "#if", "{% if … %}"),
        ("{{$guid}}", "$guid", "Postman"),
        ("{{ $timestamp }}", "$timestamp", "|date('U')"),
        ("{{ n && n }}", "&&", "and"),
        ("{{ n || n }}", "||", "or"),
        ("{{ n|default: 'x' }}", ":", "|default(…)"),
        ("{{{ user.age }}}", "{", "{{ … }}"),
        ("{{^n}}", "^", "{% if not"),
        ("{% for x of n %}{% endfor %}", "of", "in"),
        ("{% if n AND n %}{% endif %}", "AND", "and"),
        ("{% with a=1 %}{% endwith %}", "=", "{% with {name: value} %}"),
        ("{{ get_env('X') }}", "get_env", "pass the value in the data"),
        ("{{ !n }}", "!", "not"),
        ("{{ n === 5 }}", "===", "is same as"),
        ("{{ n !== 5 }}", "!==", "is not same as"),
        ("{% if n = 5 %}{% endif %}", "=", "=="),
        ("{{ n | date: 'Y' }}", ":", "parentheses"),
        ("{{ user?.age }}", ".", "??"),
        ("{% set n += 1 %}", "+", "set"),
        ("{{ user->age }}", "->", "write `.`"),
        ("{{ n <> 5 }}", "<>", "!="),
        ("{{ n++ }}", "++", "x + 1"),
        ("{% do n-- %}", "--", "x - 1"),
        ("{{ n =~ '/x/' }}", "=", "matches"),
        ("{% for x in (1, 2) %}{% endfor %}", "(1,", "[…, …]"),
        ("{{ (1,) }}", "(1,", "[…, …]"),
        ("{% for (k, v) in user %}{% endfor %}", "(", "{% for key, value in … %}"),
        ("{% set [a, b] = [1, 2] %}", "[", "{% set a, b = 1, 2 %}"),
        ("{{ [x for x in user.tags] }}", "for", "list|map"),
    ];
    for (source, text, help) in cases {
        let errors = errors(source);
        let found = errors.iter().any(|(_, place, words)| place == text && words.contains(help));
        assert!(found, "{source}: {errors:?}");
    }
}

#[test]
fn what_follows_an_else_if_is_read_as_its_branch() {
    let text =
        "{% if n %}a{% else if n.x.y and %}b{% else if n > 1 %}{{ c }}{% elseif n %}{% else %}{{ d|uper }}{% endif %}";
    let found: Vec<(ErrorKind, String)> = errors(text).into_iter().map(|(kind, place, _)| (kind, place)).collect();
    let expected = [
        (ErrorKind::NotInDialect, "else if"),
        (ErrorKind::Syntax, "%}"),
        (ErrorKind::NotInDialect, "else if"),
        (ErrorKind::UnknownCallable, "uper"),
    ];
    assert_eq!(found, expected.map(|(kind, place)| (kind, place.to_owned())));
}

#[test]
fn misspelt_names_are_told_with_the_nearest() {
    let cases = [
        ("{{ contcat.age }}", ErrorKind::Undefined, "contcat", "`user`"),
        ("{{ user.frist_name }}", ErrorKind::Undefined, "frist_name", "`first_name`"),
        ("{{ user['frist_name'] }}", ErrorKind::Undefined, "'frist_name'", "`first_name`"),
        ("{{ n|uper }}", ErrorKind::UnknownCallable, "uper", "`upper`"),
        ("{{ rnage(1, 2) }}", ErrorKind::UnknownCallable, "rnage", "`range`"),
        ("{{ n is definde }}", ErrorKind::UnknownCallable, "definde", "`defined`"),
        ("{% fro x in n %}{% endfor %}", ErrorKind::Syntax, "fro", "`for`"),
        ("{{ n|number_format(decimals=2) }}", ErrorKind::UnknownCallable, "decimals", "decimal"),
        ("{{ n|tojson }}", ErrorKind::UnknownCallable, "tojson", "json_encode"),
        ("{{ True }}", ErrorKind::Undefined, "True", "`true`"),
    ];
    for (source, kind, text, help) in cases {
        let errors = errors(source);
        let found = errors.iter().any(|(k, place, words)| *k == kind && place == text && words.contains(help));
        assert!(found, "{source}: {errors:?}");
    }
}

#[test]
fn all_errors_of_a_template_are_found_at_once() {
    let source = "{{ a b }} {% if %}x{% endif %} {{ 'x'|uper }} {% for %}{% endfor %} {{ \"open }} {{ ok }} {{ (1 }}";
    let places = |source| errors(source).into_iter().map(|(_, place, _)| place).collect::<Vec<String>>();
    assert_eq!(places(source), ["b", "%}", "uper", "%}", "\"", "("]);
    assert_eq!(places("{% block 5 %}{{ 'x'|uper }}{% endblock %}{{ a b }}"), ["5", "uper", "b"]);
}

#[test]
fn failures_of_a_render_name_the_values_at_the_expression() {
    let cases = [
        ("a {{ user.tags }}", "user.tags", "list"),
        ("a {{ n / 0 }}", "n / 0", "zero"),
        ("a {{ user.first_name + 1 }}", "user.first_name + 1", "Ann"),
        ("a {{ user.email.x }}", "x", "null"),
        ("a {{ user.first_name.x }}", "x", "Ann"),
        ("a {{ [1]|map(v => v / 0)|join }}", "v / 0", "zero"),
        ("a {{ _self.nope() }}", "nope", "macro"),
        ("a {{ block('nope') }}", "'nope'", "block"),
        ("a {{ 'x'|replace }}", "replace", "needs"),
        ("a {{ cycle(user.tags, 'x') }}", "cycle(user.tags, 'x')", "`position`"),
        ("a {{ cycle([], n) }}", "cycle([], n)", "empty"),
    ];
    for (source, text, message) in cases {
        let errors = errors(source);
        let (_, place, words) = &errors[0];
        assert!(place == text && words.contains(message), "{source}: {errors:?}");
    }
}

#[test]
fn lenient_renders_blank_and_lists_what_was_missing() {
    let template =
        Template::parse("[{{ user.nope }}{{ nope.x }}{{ user.age }}{{ nope ?? 'd' }}{{ user.age|default(gone) }}]")
            .unwrap();
    let options = Options { strict: false, ..Options::default() };
    let rendered = template.render(&data(), &options).unwrap();
    assert_eq!(rendered.output, "[34d34]");
    let messages: Vec<&str> = rendered.undefined.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert!(rendered.undefined.iter().all(|e| e.kind == ErrorKind::Undefined));
}

#[test]
fn expressions_alone_have_values() {
    let cases = [("n > 4", Value::Bool(true)), ("user.age", Value::Int(34)), (" n + 1 ", Value::Int(6))];
    for (source, value) in cases {
        let template = Template::expression(source).unwrap();
        assert_eq!(template.evaluate(&data(), &Options::default()).unwrap().0, value, "{source}");
    }
    for source in ["", "n >", "n }}", "{{ n }}", "n n"] {
        assert!(Template::expression(source).is_err(), "{source}");
    }
}

#[test]
fn places_count_in_the_text_as_written() {
    let source = "é\r\n{% if 1 %}\r\n{{ nope }}\r\n{% endif %}";
    assert_eq!(errors(source)[0].1, "nope");
}

#[test]
fn calls_that_cannot_work_are_known_early_and_fail_late() {
    let template = Template::parse("{% if false %}{{ 'x'|replace }}{{ 'a' matches '/(/' }}{% endif %}ok").unwrap();
    assert_eq!(template.deferred_errors().len(), 2, "{:?}", template.deferred_errors());
    assert_eq!(template.render(&data(), &Options::default()).unwrap().output, "ok");
}

#[test]
fn what_is_not_there_is_told_in_the_words_of_the_host() {
    let host = Host { place: "a mail template", environment: "ask the administrator" };
    for (source, message, help) in [
        ("{% embed 'a' %}", "the tag `embed` is not available in ", None),
        ("{{ dump() }}", "the function `dump` is not available in ", None),
        ("{{ block('a', 'b') }}", "the blocks of another template are not available in ", None),
        ("{% import 'a' as b %}", "macros of another template are not available in ", None),
        ("{{ env('HOME') }}", "the function `env` is not available in ", Some(host.environment)),
    ] {
        let first = |result: Result<Template, Vec<Error>>| result.unwrap_err().remove(0);
        let own = first(Template::parse(source));
        assert_eq!(own.message, format!("{message}this dialect"));
        let hosted = first(Template::parse_in(source, host));
        assert_eq!(hosted.message, format!("{message}a mail template"));
        assert_eq!(hosted.help.as_deref().filter(|_| help.is_some()), help);
    }
    let error = Template::expression_in("env('HOME')", host).unwrap_err().remove(0);
    assert_eq!(error.help.as_deref(), Some(host.environment));
}
