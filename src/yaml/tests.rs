//! Cases for each chapter of the YAML 1.2 specification, written for this reader; then truncations and mutations.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::span::Source;

/// The tree in one line: `"scalar"`, `[items]`, `{key: value}`, `!` for what could not be read.
fn shown(node: &Node<'_>) -> String {
    match &node.kind {
        Kind::Scalar(scalar) => format!("{:?}", scalar.text),
        Kind::Sequence(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Kind::Mapping(mapping) => {
            let mut text = String::from("{");
            for entry in &mapping.entries {
                let comma = if text.len() > 1 { ", " } else { "" };
                write!(text, "{comma}{}: {}", entry.key, shown(&entry.value)).expect("a string takes all");
            }
            text + "}"
        }
        Kind::Unreadable => "!".into(),
    }
}

const GOOD: &[(&str, &str)] = &[
    // Characters and encoding
    ("\u{feff}a: b\n", r#"{a: "b"}"#),
    (
        "a: \"\\0\\a\\b\\t\\n\\v\\f\\r\\e\\x41\\u00e9\\U0001f600\\_\\N\\L\\P\\/\\\"\\\\\\ \"\n",
        "{a: \"\\0\\u{7}\\u{8}\\t\\n\\u{b}\\u{c}\\r\\u{1b}Aé😀\\u{a0}\\u{85}\\u{2028}\\u{2029}/\\\"\\\\ \"}",
    ),
    ("é: 😀\n", r#"{é: "😀"}"#),
    // Comments and line ends
    ("# a\na: b # c\n# d\n", r#"{a: "b"}"#),
    ("a: b\r\nc: d\r\n", r#"{a: "b", c: "d"}"#),
    ("a: b#c\n", r#"{a: "b#c"}"#),
    ("a:\n  # why\n  b\n", r#"{a: "b"}"#),
    // Directives and documents
    ("%YAML 1.2\n---\na: b\n", r#"{a: "b"}"#),
    ("---\na: b\n...\n", r#"{a: "b"}"#),
    ("--- text\n", r#""text""#),
    ("%TAG !e! tag:yaml.org,2002:\n---\n!e!str a\n", r#""a""#),
    // Properties and aliases
    ("a: &x b\nc: *x\n", r#"{a: "b", c: "b"}"#),
    ("a: !!str 12\nb: !!int \"3\"\nc: ! d\n", r#"{a: "12", b: "3", c: "d"}"#),
    ("&k a: b\nc: *k\n", r#"{a: "b", c: "a"}"#),
    ("a: &x\nb: *x\n", r#"{a: "", b: ""}"#),
    ("a: &x {b: c}\nd: {<<: *x, e: f}\n", r#"{a: {b: "c"}, d: {e: "f", b: "c"}}"#),
    (
        "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n",
        r#"{a: {b: "1"}, c: {b: "2", d: "3"}, e: {b: "1", d: "3"}}"#,
    ),
    // Scalars as they were written
    (
        "[00123, yes, 1.50, 0x1f, ~, null, 2026-11-23]\n",
        r#"["00123", "yes", "1.50", "0x1f", "~", "null", "2026-11-23"]"#,
    ),
    ("a:\nb: \n", r#"{a: "", b: ""}"#),
    ("'it''s'\n", r#""it's""#),
    ("\"a\n  b\n\n  c\"\n", r#""a b\nc""#),
    ("\"a \\\n  b\\\n  \\ c\"\n", r#""a b c""#),
    ("'a\n  b\n\n  c'\n", r#""a b\nc""#),
    ("a: b\n  c\n\n  d\n", r#"{a: "b c\nd"}"#),
    ("a: http://b.c:80/d?e=f#g\n", r#"{a: "http://b.c:80/d?e=f#g"}"#),
    ("a: -b\nc: ?d\ne: :f\n", r#"{a: "-b", c: "?d", e: ":f"}"#),
    ("\"a\": 'b'\n'c': \"d\"\n", r#"{a: "b", c: "d"}"#),
    // Flow collections
    ("[a, b, [c], {d: e}, f: g]\n", r#"["a", "b", ["c"], {d: "e"}, {f: "g"}]"#),
    ("{a: b, c, d: , \"e\":f}\n", r#"{a: "b", c: "", d: "", e: "f"}"#),
    ("[a,\n b,\n]\n", r#"["a", "b"]"#),
    ("{}\n", "{}"),
    ("{? a : b}\n", r#"{a: "b"}"#),
    ("a: {b: http://c/{{ d }}}\n", ""),
    // Block scalars
    ("a: |\n  b\n   c\n\n  d\n", "{a: \"b\\n c\\n\\nd\\n\"}"),
    ("a: |-\n  b\n\n", r#"{a: "b"}"#),
    ("a: |+\n  b\n\nc: d\n", "{a: \"b\\n\\n\", c: \"d\"}"),
    ("a: >\n  b\n  c\n\n  d\n   e\n  f\n", "{a: \"b c\\nd\\n e\\nf\\n\"}"),
    ("a: >-\n  b\n  c\n", r#"{a: "b c"}"#),
    ("a: |1-\n  b\n c\n", "{a: \" b\\nc\"}"),
    ("a: | # why\n  b\n", "{a: \"b\\n\"}"),
    ("a: |\nb: c\n", r#"{a: "", b: "c"}"#),
    // Block collections
    ("- a\n- - b\n  - c\n- d: e\n  f: g\n-\n", r#"["a", ["b", "c"], {d: "e", f: "g"}, ""]"#),
    ("a:\n- b\n- c\n", r#"{a: ["b", "c"]}"#),
    ("a:\n  b:\n    c: d\n", r#"{a: {b: {c: "d"}}}"#),
    ("? a\n: b\n? c\n", r#"{a: "b", c: ""}"#),
    ("a: b", r#"{a: "b"}"#),
];

const BAD: &[&str] = &[
    "a: b: c\n",
    "a: 'b\n",
    "a: \"\\q\"\n",
    "a: [b\n",
    "a: {b\n",
    "a: ]\n",
    "a: @b\n",
    "a: `b`\n",
    "a: %b\n",
    "a:\n\tb: c\n",
    "a: b\n c: d\n",
    "a:\n  b: c\n d: e\n",
    "- a\nb: c\n",
    "a: b\n- c\n",
    "a: *b\n",
    "a: &b *b\n",
    "a: !<tag b\n",
    "a: |x\n  b\n",
    "a: |0\n  b\n",
    "a: 'b' c\n",
    "a: \"b\" c\n",
    "%YAML 1.2\na: b\n",
    "a: b\n---\nc: d\n",
    "a\u{1}: b\n",
    "a: b\u{7f}\n",
    "{a: b\n",
    "[a, b]]\n",
    "a: {b: c}}\n",
    "a: {b: c} d\n",
];

/// What must hold for any text at all.
fn check(text: &str) -> Document<'_> {
    let document = read(&Arc::new(Source::new("a.yaml", text)), text);
    let inside = |span: Span| {
        assert!(span.start <= span.end && text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
    };
    for error in &document.errors {
        inside(error.span().expect("a place"));
        assert!(!error.message.is_empty(), "{text:?}");
        error.edits.iter().for_each(|edit| inside(edit.span));
    }
    for comment in &document.comments {
        inside(comment.span);
        assert!(text[comment.span.start..].starts_with('#'), "{text:?}");
    }
    let mut nodes: Vec<&Node<'_>> = document.root.iter().collect();
    while let Some(node) = nodes.pop() {
        inside(node.span);
        match &node.kind {
            Kind::Scalar(scalar) => {
                for run in runs(text, node.span, scalar.style, &scalar.text) {
                    inside(run.file);
                    assert!(scalar.text.is_char_boundary(run.text), "{text:?}");
                }
            }
            Kind::Sequence(items) => nodes.extend(items),
            Kind::Mapping(mapping) => {
                for entry in &mapping.entries {
                    inside(entry.key_span);
                    nodes.push(&entry.value);
                }
            }
            Kind::Unreadable => {}
        }
    }
    document
}

#[test]
fn what_the_specification_allows_is_read() {
    for (text, expected) in GOOD {
        let document = check(text);
        if expected.is_empty() {
            continue;
        }
        assert!(document.errors.is_empty(), "{text:?}: {:?}", document.errors);
        assert_eq!(document.root.as_ref().map(shown).as_deref(), Some(*expected), "{text:?}");
    }
}

#[test]
fn what_it_forbids_is_an_error_at_a_place() {
    let read: Vec<_> = BAD.iter().filter(|text| check(text).errors.is_empty()).collect();
    assert!(read.is_empty(), "{read:?}");
}

const SCRIPT: &str = "\
# hookctl: ignore[HK109]
name: \"Ünï \\u00e9 \\\"x\\\"\" # why
use_case: contact
base: &base {a: 1, b: [x, 'y''z']}
request:
  method: POST
  url: https://api.example.com/users/{{ contact.id }}
  params:
    <<: *base
    first_name: '{{ contact.first_name }}'
    note: |-
      {{ contact.note }}
        indented

      é
    folded: >
      one
      two
  headers:
    - {name: A, value: b}
    - name: C
      value: unquoted
callback: {{ response.body.id }}
triggers:
- event: contact.created
  when: contact.age >= 18
";

#[test]
fn every_truncation_is_read_without_a_panic() {
    for end in (0..SCRIPT.len()).filter(|end| SCRIPT.is_char_boundary(*end)) {
        check(&SCRIPT[..end]);
    }
}

#[test]
fn what_is_overwritten_leaves_places_between_characters() {
    for text in ["|2\n é", "a: |3\n  é\nb: é", "- |4\n  \u{1f600}\u{3000}x", "é: [\n|2\n é"] {
        check(text);
    }
}

#[test]
fn white_space_that_yaml_does_not_fold_is_text() {
    for (text, marked) in [
        ("a: '\u{3000}''x y'", "x y"),
        ("a: '\u{a0}''\u{a0}''x y'", "x y"),
        ("a: \"\u{85}\\\"\\x41x y\u{3000}\"", "x y\u{3000}"),
        ("a: 'é\n\n  \u{3000}''x y'", "x y"),
    ] {
        let Some(Node { kind: Kind::Mapping(mapping), .. }) = check(text).root else { panic!("{text:?}") };
        let Some(value) = mapping.entries.first().map(|entry| &entry.value) else { panic!("{text:?}") };
        let Kind::Scalar(scalar) = &value.kind else { panic!("{text:?}") };
        let last = *runs(text, value.span, scalar.style, &scalar.text).last().expect("a run");
        assert_eq!((&text[last.file.start..last.file.end], &scalar.text[last.text..]), (marked, marked));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutations_are_read_without_a_panic(
        edits in prop::collection::vec((0usize..1000, 0usize..6, "[-\\[\\]{}:,#&*!|>'\"%@`? \t\r\na-c0é\u{0}\u{feff}\u{2028}]{0,4}"), 1..6),
    ) {
        let mut text = SCRIPT.to_owned();
        for (at, length, with) in edits {
            let mut start = at % text.len();
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            text.replace_range(start..end, &with);
        }
        check(&text);
    }

    #[test]
    fn block_scalars_are_read_without_a_panic(text in "(- |a: )?[|>][-+]?[0-9]?\n {0,4}[é\u{3000}\u{1f600}a \n:#-]{0,30}") {
        check(&text);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "[-\\[\\]{}:,#&*!|>'\"%@`?~ \t\r\na-c0\\\\é\u{3000}\u{feff}<.]{0,60}") {
        check(&text);
    }

    #[test]
    fn any_unicode_is_read_without_a_panic(text in any::<String>()) {
        check(&text);
    }
}
