//! What each rule of limits finds, and what it must not. The limits are the built-in ones: 10 s, of which 5 s are safe.

use super::super::cases::{messages, places};

#[test]
fn expectations_are_held_against_the_limit_that_they_pass() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("30s", &["30s"], &[]),
        ("10.001s", &["10.001s"], &[]),
        ("1m", &["1m"], &[]),
        ("10s", &[], &["10s"]),
        ("5001ms", &[], &["5001ms"]),
        ("5s", &[], &[]),
        ("200ms", &[], &[]),
        ("soon", &[], &[]),
    ];
    for (within, over_limit, over_safe) in cases {
        let keys = format!("expect:\n  within: {within}\n");
        assert_eq!((places("HK401", &keys), places("HK402", &keys)), (owned(over_limit), owned(over_safe)), "{within}");
    }
    assert_eq!(places("HK401", "expect:\n  status: 200\n"), owned(&[]));
}

#[test]
fn statuses_that_production_counts_as_failed_are_said() {
    for (status, expected, resent) in [
        ("404", &["404"][..], false),
        ("[404, 410]", &["404, 410"], false),
        ("503", &["503"], true),
        ("5xx", &["5xx"], true),
        ("[404, 429]", &["404, 429"], true),
        ("3xx", &["3xx"], false),
        ("200", &[], false),
        ("2xx", &[], false),
        ("[204, 404]", &[], false),
        ("soon", &[], false),
    ] {
        let keys = format!("expect:\n  status: {status}\n");
        assert_eq!(places("HK403", &keys), owned(expected), "{status}");
        assert_eq!(messages("HK403", &keys).concat().contains("retried"), resent, "{status}");
    }
    assert_eq!(places("HK403", "expect:\n  within: 5s\n"), owned(&[]));
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn an_action_node_that_waits_holds_the_customer_up() {
    for (event, held_up) in [("conversation_script.action", true), ("contact.created", false)] {
        let said = messages("HK402", &format!("expect:\n  within: 8s\ntriggers:\n  - event: {event}\n"));
        assert_eq!(said.len(), 1, "{event}");
        assert_eq!(said[0].contains("the conversation is blocked"), held_up, "{event}: {said:?}");
    }
}
