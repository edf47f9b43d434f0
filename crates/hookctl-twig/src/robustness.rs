//! Nothing that anybody writes makes the dialect panic, hang or point outside of the text.

use proptest::prelude::*;

use crate::error::Error;
use crate::options::{Limits, Options};
use crate::template::Template;
use crate::value::{Array, Key, Value};

const VALID: [&str; 12] = [
    "{{ user.first_name|default('x')|upper }}",
    "{% if a > 1 and b is not empty %}x{% elseif c %}y{% else %}z{% endif %}",
    "{% for k, v in list|filter(v => v > 1) %}{{ loop.index }}{{ k }}{% else %}-{% endfor %}",
    "{% set x %}a{{ n }}{% endset %}{{ x ~ \"b#{n + 1}\" }}",
    "{% macro m(a, b = [1, -2]) %}{{ a }}{% endmacro %}{{ _self.m(1, 2) }}",
    "{% import _self as q %}{% from _self import m as w %}{{ q.m(1) }}{{ w() }}",
    "{% verbatim %}{{ x }}{% endverbatim %}{# é #}{%- set a, b = 1, 2 -%}",
    "{{ {a: 1, 'b': [1, 2][0:1], (n): c ?? d}|json_encode }}",
    "{% with {a: 1} only %}{% block b %}{{ a }}{% endblock %}{% endwith %}{{ block('b') }}",
    "{% apply upper|trim %} ü {% endapply %}{% autoescape 'html' %}{{ n }}{% endautoescape %}",
    "{{ 'a' matches '/^a+$/' ? 1..3 : -2 ** 2 // 3 % 4 }}",
    "{{ 'now'|date('Y', timezone='UTC') starts with '2' b-and 1 }}",
];

const TOKENS: [&str; 60] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{%-",
    "-%}",
    "~}}",
    "\"",
    "'",
    "#{",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    ".",
    ",",
    ":",
    "?",
    "|",
    "=>",
    "=",
    "==",
    "..",
    "??",
    "**",
    "-",
    "+",
    "~",
    "//",
    "not ",
    "in ",
    "is ",
    "is not ",
    "and ",
    "matches ",
    "if ",
    "else",
    "endif",
    "for ",
    "endfor",
    "set ",
    "endset",
    "macro ",
    "endmacro",
    "block ",
    "endblock",
    "verbatim",
    "endverbatim",
    "apply ",
    "with ",
    "a",
    "é",
    "1",
    "1.5e+3",
    " ",
    "\r\n",
];

fn context() -> Array {
    let json = serde_json::json!({"user": {"first_name": "Ann"}, "a": 2, "b": [], "c": null, "n": 5, "list": [3, {"x": 1}, "é"]});
    match Value::from_json(&json) {
        Value::Array(array) => Array::clone(&array),
        _ => Array::new(),
    }
}

fn check_place(source: &str, error: &Error) {
    let span = error.span;
    assert!(span.start <= span.end && span.end <= source.len(), "{source:?}: {error:?}");
    assert!(source.is_char_boundary(span.start) && source.is_char_boundary(span.end), "{source:?}: {error:?}");
    assert!(!error.message.is_empty());
}

fn survives(source: &str) {
    let expression = Template::expression(source);
    for parsed in [Template::parse(source), expression] {
        let template = match parsed {
            Ok(template) => template,
            Err(errors) => {
                assert!(!errors.is_empty(), "{source:?} fails without an error");
                errors.iter().for_each(|error| check_place(source, error));
                continue;
            }
        };
        for read in template.reads() {
            assert!(read.path.iter().all(|s| source.get(s.span.start..s.span.end).is_some()), "{source:?}: {read:?}");
        }
        for strict in [true, false] {
            let limits = Limits { steps: 20_000, output: 1 << 16, depth: 20 };
            let options = Options { strict, limits, now: Some(0), seed: Some(1), ..Options::default() };
            match template.render(&context(), &options) {
                Ok(rendered) => rendered.undefined.iter().for_each(|error| check_place(source, error)),
                Err(error) => check_place(source, &error),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(source in "\\PC{0,80}|[ -~\\n]{0,80}") {
        survives(&source);
        survives(&format!("{{{{ {source} }}}}"));
    }

    #[test]
    fn any_tokens(tokens in prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..30)) {
        survives(&tokens.concat());
    }

    #[test]
    fn mutated_templates(
        which in prop::sample::select(&VALID[..]),
        edits in prop::collection::vec((0usize..100, prop::sample::select(&TOKENS[..]), any::<bool>()), 1..4),
    ) {
        let mut source = which.to_owned();
        for (at, token, delete) in edits {
            let places: Vec<usize> = source.char_indices().map(|(i, _)| i).collect();
            let Some(&at) = places.get(at % places.len().max(1)) else { continue };
            if delete {
                source.remove(at);
            } else {
                source.insert_str(at, token);
            }
        }
        survives(&source);
    }
}

#[test]
fn every_truncation_of_a_valid_template() {
    for template in VALID {
        for (end, _) in template.char_indices() {
            survives(&template[..end]);
        }
        survives(template);
    }
}

#[test]
fn deep_and_long_templates_end_with_the_bound_that_they_pass() {
    let n = 20_000;
    let cases = [
        format!("{{{{ {}1{} }}}}", "(".repeat(n), ")".repeat(n)),
        format!("{{{{ {}1{} }}}}", "[".repeat(n), "]".repeat(n)),
        format!("{{{{ {}1 }}}}", "not ".repeat(n)),
        format!("{{{{ {}1 }}}}", "- ".repeat(n)),
        format!("{{{{ 1{} }}}}", " + 1".repeat(n)),
        format!("{{{{ a{} }}}}", "|upper".repeat(n)),
        format!("{{{{ a{} }}}}", ".b".repeat(n)),
        format!("{{{{ {}1{} }}}}", "a ? ".repeat(n), " : 1".repeat(n)),
        format!("{{{{ a{} }}}}", " ?? a".repeat(n)),
        format!("{{{{ 2{} }}}}", " ** 2".repeat(n)),
        format!("{}{}", "{% if 1 %}".repeat(n), "{% endif %}".repeat(n)),
        format!("{}{}", "{% for x in [1] %}".repeat(n), "{% endfor %}".repeat(n)),
        format!("{{{{ {} }}}}", "\"#{".repeat(n)),
        format!("{{{{ {}1{} }}}}", "{a: ".repeat(n), "}".repeat(n)),
    ];
    for source in cases {
        let errors = Template::parse(&source).expect_err("too deep");
        errors.iter().for_each(|error| check_place(&source, error));
    }
    // A long text of many parts is not deep.
    let long = Template::parse(&format!("{{{{ 'a'{} }}}}", " ~ 'a'".repeat(n))).expect("long, not deep");
    assert_eq!(long.render(&Array::new(), &Options::default()).expect("renders").output.len(), n + 1);
}

#[test]
fn as_deep_as_allowed_fits_the_stack_of_a_thread() {
    // Threads have 2 MiB; macros inside of loops inside of conditions use most of it.
    let tags = 30;
    let body = format!(
        "{}{{{{ {}_self.m(){} }}}}{}",
        "{% if 1 %}".repeat(tags),
        "(1 ? ".repeat(20),
        " : 0)".repeat(20),
        "{% endif %}".repeat(tags)
    );
    let source = format!("{{% macro m() %}}{body}{{% endmacro %}}{{{{ _self.m() }}}}");
    let template = Template::parse(&source).unwrap();
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let render = thread.spawn(move || {
        assert_eq!(template.reads(), []);
        template.render(&Array::new(), &Options::default())
    });
    let render = render.unwrap();
    let error = render.join().expect("no overflow").unwrap_err();
    assert_eq!(error.kind, super::ErrorKind::Bound, "{error:?}");
}

#[test]
fn work_and_output_are_bounded() {
    let cases = [
        "{% for a in 0..99999 %}{% for b in 0..99999 %}{{ b }}{% endfor %}{% endfor %}",
        "{% set x = 'aaaaaaaaaa' %}{% for i in 0..99 %}{% set x = x ~ x %}{% endfor %}",
        "{% macro m() %}{{ _self.m() }}{% endmacro %}{{ _self.m() }}",
        "{% block b %}{{ block('b') }}{% endblock %}",
        "{{ (0..9999)|map(a => (0..9999)|map(b => b)|length)|length }}",
        "{{ 0..999999999 }}",
        // What a value holds several times counts several times.
        "{% set x = [1] %}{% for i in 0..60 %}{% set x = [x, x] %}{% endfor %}{{ x|json_encode }}",
        "{% set x = [1] %}{% for i in 0..60 %}{% set x = [x, x] %}{% endfor %}{% set y = [x] %}{{ y == [x] }}",
        "{% set x = ['a'] %}{% for i in 0..60 %}{% set x = {a: x, b: x} %}{% endfor %}{{ x|url_encode }}",
        // Few steps, each of much work.
        "{% set x = [] %}{% for i in 0..200000 %}{% set x = x|merge([i]) %}{% endfor %}",
        "{% set x = ('%9999d'|format(1))|replace({' ': 'aaaaaaaaaa'}) %}{% for i in 0..200000 %}{% do x|upper %}{% endfor %}",
        "{% set x = ('%9999d'|format(1))|replace({' ': 'aaaaaaaaaa'}) %}{% for i in 0..200000 %}{% do x ~ i %}{% endfor %}",
        "{% set x = ('%9999d'|format(1))|replace({' ': 'aaaaaaaaaa'}) %}{% for i in 0..99999 %}{% set y %}{{ x }}{% endset %}{% endfor %}",
        "{% set s = 'aaaaaaaaaaaaaaaaaa!' %}{% for i in 0..99999 %}{% do s matches '/^(a|aa)+$/' %}{% endfor %}",
        "{% for i in 0..99999 %}{% do 'a' matches '/a' ~ i ~ '/' %}{% endfor %}",
        // Texts that grow by each other.
        "{% set x = '%99999d'|format(1) %}{{ x|replace({' ': x}) }}",
        "{% set x = '%99999d'|format(1) %}{{ (0..99999)|join(x) }}",
        "{% set x = '%999999d'|format(1) %}{{ 99999999999999999999|number_format(0, '', x) }}",
        "{% set x = [1] %}{% for i in 0..30 %}{% set x = x|merge(x) %}{% endfor %}",
    ];
    let options = Options { limits: Limits { steps: 100_000, ..Limits::default() }, ..Options::default() };
    for source in cases {
        let error = Template::parse(source).unwrap().render(&Array::new(), &options).unwrap_err();
        assert_eq!(error.kind, super::ErrorKind::Bound, "{source}: {error:?}");
    }
}

#[test]
fn what_data_and_lists_of_some_size_take_is_within_the_bounds() {
    let data = [
        ("list", Value::array((0..10_000).map(Value::Int).collect())),
        ("rows", Value::array((0..10_000).map(|n| Value::str(format!("row {n} of a list"))).collect())),
        ("text", Value::str("Some words that are märked.\n".repeat(3500))),
    ];
    let data: Array = data.into_iter().map(|(name, value)| (Key::from(name), value)).collect();
    let cases = [
        ("{{ text|replace({' ': '_', 'words': 'x'})|split('_')|join('-')|length }}", "84000"),
        ("{{ text|upper|trim|json_encode|url_encode|length > 100000 }}", "1"),
        ("{{ rows|sort|map(r => r|upper|trim)|filter(r => r matches '/9/')|join(';')|length > 1000 }}", "1"),
        ("{{ list|sort((a, b) => b <=> a)|first }} {{ rows|json_encode|length > 1000 }}", "9999 1"),
        ("{% for r in rows|slice(0, 5000) %}{{ r|upper|replace({'ROW': ''})|trim|slice(0, 0) }}{% endfor %}", ""),
        (
            "{% for i in 0..4999 %}{{ cycle(rows, i)|slice(0, 0) }}{{ rows[i:1]|length == 1 ? '' : 'x' }}{% endfor %}",
            "",
        ),
        ("{% set x = [] %}{% for i in 0..4999 %}{% set x = x|merge([i]) %}{% endfor %}{{ x|length }}", "5000"),
        (
            "{% set x = {} %}{% for i in 0..4999 %}{% set x = x|merge({('k' ~ i): i}) %}{% endfor %}{{ x|length }}",
            "5000",
        ),
    ];
    for (source, expected) in cases {
        let rendered = Template::parse(source).unwrap().render(&data, &Options::default());
        assert_eq!(rendered.map(|r| r.output).as_deref(), Ok(expected), "{source}");
    }
}
