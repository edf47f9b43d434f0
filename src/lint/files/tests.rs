//! What each rule of files finds, and what it must not.

use super::super::cases::{fixed, places, places_across};

#[test]
fn each_rule_of_one_file_finds_what_it_should_and_no_more() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("HK001", "name: \"An example\nuse_case: contact\n", &["\"An"]),
        ("HK001", "description: [a, b\nuse_case: contact\n", &["["]),
        ("HK001", "description: @home\n", &["@home"]),
        ("HK001", "description: '@home'\nname: \"a: b\"\n", &[]),
        ("HK001", "description: \"{{ contact.id }}\"\n", &[]),
        ("HK002", "descripton: a\n", &["descripton"]),
        ("HK002", "request: {method: GET, url: 'https://a.example/', header: {A: b}}\n", &["header"]),
        ("HK002", "expect: {withn: 5s}\n", &["withn"]),
        ("HK002", "description: a\nexpect: {within: 5s}\n", &[]),
        ("HK002", "request: {method: GET, url: 'https://a.example/', params: {any: a, name: b}}\n", &[]),
        ("HK003", "request: {method: GET}\n", &["request"]),
        ("HK003", "request: {method: GET, url: 'https://a.example/'}\n", &[]),
        // A misspelt key is not missing as well.
        ("HK003", "request: {method: GET, ulr: 'https://a.example/'}\n", &[]),
        (
            "HK003",
            "request: {method: GET, url: 'https://a.example/', params: [{key: a}, {nam: a}, {value: b}]}\n",
            &["value"],
        ),
        ("HK004", "use_case: contcat\n", &["contcat"]),
        ("HK004", "request: {method: FETCH, url: 'https://a.example/'}\n", &["FETCH"]),
        ("HK004", "triggers:\n  - event: contact.create\n", &["contact.create"]),
        ("HK004", "expect: {within: 5 parsecs}\n", &["5 parsecs"]),
        ("HK004", "expect: {status: 2xy}\n", &["2xy"]),
        ("HK004", "request:\n  method: |\n    FETCH\n  url: https://a.example/\n", &["FETCH"]),
        ("HK004", "use_case: |\n  contact\nrequest:\n  method: >\n    GET\n  url: https://a.example/\n", &[]),
        ("HK004", "expect: {within: 1.5s, status: [200, 202]}\n", &[]),
        ("HK004", "request: {method: GET, url: 'https://a.example/', params: {a: 00123, b: yes, c: 1.0}}\n", &[]),
        ("HK005", "description: a\ndescription: b\n", &["description"]),
        ("HK005", "request: {method: GET, url: 'https://a.example/', params: {a: 1, a: 2}}\n", &["a"]),
        ("HK005", "request: {method: GET, url: 'https://a.example/', params: {a: 1, A: 2}}\n", &[]),
        (
            "HK005",
            "request:\n  method: GET\n  url: https://a.example/\n  params:\n    - {name: a, value: 1}\n    - {name: a, value: 2}\n",
            &[],
        ),
        ("HK008", "triggers:\n  - event: contact.created\n", &["contact.created"]),
        ("HK008", "use_case: ticket\n", &["ticket"]),
        ("HK008", "use_case: nothing\n", &[]),
        ("HK009", "description: a # hookctl: ignore[HK103]\n", &["HK103"]),
        ("HK009", "# hookctl: ignore-file[HK103, no-such-rule]\n", &["HK103", "no-such-rule"]),
        ("HK009", "description: a # hookctl: ignore\n", &["# hookctl: ignore"]),
        ("HK009", "expect:\n  within: 30s # hookctl: ignore[HK401]\n", &[]),
        ("HK009", "expect:\n  # hookctl: ignore[expect-over-limit]\n  within: 30s\n", &[]),
        ("HK009", "description: a # hookctl is a tool\n", &[]),
        ("HK009", "description: a # hookctl: see the manual\n", &[]),
        ("HK009", "description: a # hookctl: ignor[HK103]\n", &["# hookctl: ignor[HK103]"]),
        ("HK009", "description: a # hookctl: disable(HK103)\n", &["# hookctl: disable(HK103)"]),
        // Inside a text no comment can stand: beside its key, or above that.
        ("HK009", "callback: | # hookctl: ignore[HK105]\n\n  a\n  {{ 1|nope }}\n", &[]),
        ("HK105", "callback: | # hookctl: ignore[HK105]\n\n  a\n  {{ 1|nope }}\n", &[]),
        ("HK105", "# hookctl: ignore[HK105]\n# and more\ncallback: >-\n  a\n  {{ 1|nope }}\n", &[]),
        ("HK105", "callback:\n  # hookctl: ignore[HK105]\n  \"a\n  {{ 1|nope }}\"\n", &[]),
        ("HK105", "callback: |\n  # hookctl: ignore-file[HK105]\n  {{ 1|nope }}\n", &["nope"]),
        ("HK009", "description: a # hookctl: ignore[HK103, HK009]\n", &[]),
        ("HK009", "# hookctl: ignore[HK009]\ndescription: a # hookctl: ignore[no-such-rule]\n", &[]),
        ("HK009", "description: a # hookctl: ignore[HK009]\n", &["HK009"]),
    ];
    for (rule, keys, expected) in cases {
        assert_eq!(places(rule, keys), *expected, "{rule} {keys}");
    }
}

#[test]
fn only_what_has_one_answer_is_mended() {
    for (wrong, right) in [
        ("descripton: A\ncalback: B\n", "description: A\ncallback: B\n"),
        ("descripton: A\ndescrption: B\n", "descripton: A\ndescrption: B\n"),
        ("\"descripton\": A\n", "description: A\n"),
    ] {
        assert_eq!(fixed("HK002", wrong), right, "{wrong}");
    }
}

#[test]
fn a_name_is_taken_once_however_it_is_written() {
    for (scripts, expected) in [
        (&["name: A\n", "name: B\n", "name: 'A'\n", "name: A\n"][..], &["2 'A'", "3 A"][..]),
        (&["name: A\n", "name: a\n", "name: A b\n"], &[]),
        (&["name: A\n", "request: 1\nname:\n"], &[]),
    ] {
        assert_eq!(places_across("HK006", scripts), expected, "{scripts:?}");
    }
}
