//! No text, number or phrase that data can hold makes a filter or function panic, and what a template nests has a bound.

use hookctl_twig::{Array, ErrorKind, Key, Options, Template, Value};
use proptest::prelude::*;

/// Renders with `a`, `b` (texts) and `i`, `j` (numbers); only whether it comes back matters.
fn render(template: &str, texts: (&str, &str), numbers: (i64, i64)) {
    let template = Template::parse(template).unwrap_or_else(|errors| panic!("{template}: {errors:?}"));
    let context: Array = [
        (Key::from("a"), Value::str(texts.0)),
        (Key::from("b"), Value::str(texts.1)),
        (Key::from("i"), Value::Int(numbers.0)),
        (Key::from("j"), Value::Int(numbers.1)),
    ]
    .into_iter()
    .collect();
    let _ = template.render(&context, &Options { now: Some(1_795_392_000_000_000), ..Options::default() });
}

/// Words and signs of date phrases, in any order.
fn phrase() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[+-]{0,2}[0-9]{1,15}",
        "[0-9]{1,4}[-/.:][0-9]{1,2}([-/.:][0-9]{1,4})?",
        "@-?[0-9]{1,20}(\\.[0-9]{0,8})?",
        proptest::sample::select(vec![
            "next",
            "last",
            "first",
            "monday",
            "weekdays",
            "week",
            "fortnights",
            "months",
            "years",
            "day",
            "of",
            "ago",
            "noon",
            "front of",
            "back of",
            "am",
            "pm",
            "T",
            "W",
            "now",
            "tomorrow",
            "may",
            "Sept",
            "EST",
            "Europe/Berlin",
            "+99:99",
            "GMT-3",
            "sundays",
            "usec",
            "é",
            "\0",
            "(",
            ")",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec((word, "[ ,]?"), 0..8)
        .prop_map(|words| words.into_iter().map(|(word, space)| word + &space).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn dates(a in phrase(), b in phrase(), i in any::<i64>(), j in any::<i64>()) {
        for template in [
            "{{ a|date('c') }}",
            "{{ a|date(b) }}",
            "{{ i|date_modify(a)|date('r U o W x X z B', 'Pacific/Auckland') }}",
            "{{ date(i).diff(date(j)).format('%y %m %d %a') }}",
            "{{ date(a).diff(date(b)).days }}",
            "{{ date(0).setDate(i, j, i).setTime(j, i, j, i)|date('c') }}",
            "{{ i|date('c', a) }}",
        ] {
            render(template, (&a, &b), (i, j));
        }
    }

    #[test]
    fn texts_and_numbers(a in any::<String>(), b in "(\\P{C}|%|[0-9$*.' sdfegxcu+-]){0,12}", i in any::<i64>(), j in any::<i64>()) {
        for template in [
            "{{ b|format(a, i, j) }}",
            "{{ i|number_format(j, a, b) }}{{ (i / 7)|number_format(2, a) }}",
            "{{ (i * 0.5)|round(j) }}{{ j|round(i, 'ceil') }}",
            "{{ a|slice(i, j) }}{{ a|split('')|slice(i, j, true)|length }}",
            "{{ a|replace({(b): i, (i): b}) }}",
            "{{ a|split(b, i)|join(b, a) }}",
            "{{ a|split('')|batch(i, b)|length }}",
            "{{ a|title }}{{ a|capitalize }}{{ a|trim(b) }}{{ a|striptags(b) }}{{ a|nl2br }}{{ a|spaceless }}",
            "{{ a|e('js') }}{{ a|e('css') }}{{ a|e('html_attr') }}{{ a|url_encode }}{{ a|json_encode(i) }}",
            "{{ range(i, j, i)|length }}",
            "{{ i // j }}{{ i % j }}{{ i ** j }}{{ -i }}{{ i|abs }}",
            "{{ a <=> b }}{{ a == i }}{{ a < j }}{{ a in [b, i] }}{{ a b-xor b }}",
            "{{ a matches b }}",
            "{{ cycle([a, b], i) }}{{ random(i) }}{{ random(i, j) }}",
            "{{ a|convert_encoding('ASCII//TRANSLIT', 'UTF-8') }}",
        ] {
            render(template, (&a, &b), (i, j));
        }
    }
}

#[test]
fn data_that_a_template_nests_without_end_has_a_bound() {
    for template in [
        "{% set x = [] %}{% for k in 1..100000 %}{% set x = [x] %}{% endfor %}",
        "{% set x = [] %}{% for k in 1..100000 %}{% set x = {y: x}|merge([x]) %}{% endfor %}",
        "{% for k in 1..100000 %}{% set x = _context %}{% endfor %}",
        "{% set x = 1 %}{% for k in 1..100000 %}{% for j in [1] %}{% set x = loop %}{{ loop.last }}{% endfor %}{% endfor %}",
        "{{ (1..100000)|reduce((c, v) => [c], 1)|length }}",
    ] {
        let error = Template::parse(template).unwrap().render(&Array::new(), &Options::default()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Bound, "{template}: {}", error.message);
    }
}

#[test]
fn loops_that_run_often_are_no_nesting() {
    let template = "{% for k in 1..500 %}{% for j in [1] %}{{ loop.parent.loop.index }}{% endfor %}{% endfor %}";
    let rendered = Template::parse(template).unwrap().render(&Array::new(), &Options::default()).unwrap();
    assert!(rendered.output.ends_with("500"));
}
