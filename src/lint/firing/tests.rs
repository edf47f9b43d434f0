//! What each rule of firing finds, and what it must not.

use super::super::cases::{messages, places, places_across};

/// A script that calls the platform's API.
fn calls(use_case: &str, method: &str, resource: &str, triggers: &str) -> String {
    format!(
        "use_case: {use_case}\nrequest:\n  method: {method}\n  url: https://{{{{ env.API_HOST }}}}/api/v1/{resource}\n  params:\n    \
         synced: 'yes'\ntriggers:\n{triggers}"
    )
}

#[test]
fn each_rule_of_one_script_finds_what_it_should_and_no_more() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("HK301", "name: Sync\n", &["Sync"]),
        ("HK301", "name: Sync\ntriggers: []\n", &["Sync"]),
        ("HK301", "triggers:\n  - event: contact.created\n", &[]),
        // What can't be read is there.
        ("HK301", "triggers: contact.created\n", &[]),
        ("HK301", "triggers:\n  - contact.created\n", &[]),
        ("HK301", "triggers: [\nname: Sync\n", &[]),
        ("HK301", "triggers:\n  - event: conversation_script.action\n", &[]),
        (
            "HK307",
            "request: {method: POST, url: 'https://{{ env.API_HOST }}/api/v1/auth/'}\n",
            &["'https://{{ env.API_HOST }}/api/v1/auth/'"],
        ),
        ("HK307", "request: {method: PUT, url: 'https://{{ env.API_HOST }}/api/v1/auth'}\n", &[]),
        ("HK307", "request: {method: POST, url: 'https://{{ env.API_HOST }}/api/v1/auth/logout'}\n", &[]),
        ("HK307", "request: {method: POST, url: 'https://crm.example.com/api/v1/auth'}\n", &[]),
        ("HK302", "triggers:\n  - event: ticket.created\n", &["ticket.created"]),
        (
            "HK302",
            "use_case: employee\ntriggers:\n  - event: employee.logged_in\n  - event: file.uploaded\n",
            &["file.uploaded"],
        ),
        ("HK302", "triggers:\n  - event: contact.created\n  - event: conversation_script.action\n", &[]),
        ("HK302", "use_case: nothing\ntriggers:\n  - event: ticket.created\n", &[]),
        (
            "HK305",
            "use_case: conversation\ntriggers:\n  - event: conversation.customer_replied\n",
            &["conversation.customer_replied"],
        ),
        (
            "HK305",
            "use_case: conversation\ntriggers:\n  - event: conversation.agent_replied\n  - event: conversation.ended\n",
            &["conversation.agent_replied"],
        ),
        (
            "HK305",
            "use_case: conversation\ntriggers:\n  - event: conversation.customer_replied\n    when: contact.age > 18\n",
            &[],
        ),
        ("HK305", "triggers:\n  - event: contact.updated\n", &[]),
        (
            "HK305",
            "use_case: conversation\ntriggers:\n  - event: [conversation.ended, conversation.agent_replied]\n",
            &["conversation.agent_replied"],
        ),
        ("HK302", "triggers:\n  - event:\n      - contact.created\n      - ticket.created\n", &["ticket.created"]),
        (
            "HK306",
            "callback: x{{ response.status }}\ntriggers:\n  - event: contact.created\n",
            &["x{{ response.status }}"],
        ),
        ("HK306", "callback: ok\ntriggers:\n  - event: contact.created\n  - event: conversation_script.action\n", &[]),
        ("HK306", "callback: ok\n", &[]),
        ("HK306", "callback: ''\ntriggers:\n  - event: contact.created\n", &[]),
        // What can't be read may be an action node.
        ("HK306", "callback: ok\ntriggers:\n  - event: conversation_script.acton\n", &[]),
        ("HK306", "triggers:\n  - event: contact.created\n", &[]),
    ];
    for (rule, keys, expected) in cases {
        assert_eq!(places(rule, keys), *expected, "{rule} {keys}");
    }
}

#[test]
fn a_script_that_fires_itself_is_found_unless_its_condition_ends_it() {
    let (update, contact) = ("  - event: contact.updated\n", "https://{{ env.API_HOST }}/api/v1/contact/7");
    for (script, expected) in [
        (calls("contact", "PUT", "contact/7", update), &[contact][..]),
        (calls("contact", "PATCH", "contact/7", &format!("{update}    when: contact.age > 3\n")), &[contact]),
        (calls("contact", "PUT", "contact/7", "  - event: [contact.created, contact.updated]\n"), &[contact]),
        // Nothing to find.
        (calls("contact", "PUT", "contact/7", &format!("{update}    when: contact.synced != 'yes'\n")), &[]),
        (calls("contact", "PUT", "contact/7", "  - event: contact.created\n"), &[]),
        (calls("contact", "GET", "contact/7", update), &[]),
        (calls("ticket", "PUT", "contact/7", "  - event: ticket.updated\n"), &[]),
    ] {
        assert_eq!(places("HK303", &script), expected, "{script}");
    }
}

#[test]
fn what_when_cannot_say_is_said_of_updates() {
    let loops = |method, resource, event| calls("contact", method, resource, &format!("  - event: {event}\n"));
    for (script, said) in
        [(loops("PUT", "contact/7", "contact.updated"), true), (loops("POST", "contact", "contact.created"), false)]
    {
        let message = messages("HK303", &script).concat();
        assert_eq!(message.contains("# hookctl: ignore[HK303]"), said, "{message}");
    }
}

#[test]
fn scripts_that_fire_each_other_are_found_once() {
    let open = calls("contact", "POST", "ticket", "  - event: contact.updated\n");
    let both = calls("contact", "POST", "ticket", "  - event: [contact.created, contact.updated]\n");
    let count = calls("ticket", "PUT", "contact/7", "  - event: ticket.created\n");
    let once = calls("contact", "POST", "ticket", "  - event: contact.updated\n    when: contact.synced != 'yes'\n");
    let read = calls("ticket", "GET", "contact/7", "  - event: ticket.created\n");
    let alone = calls("contact", "PUT", "contact/7", "  - event: contact.updated\n");
    for (scripts, expected) in [
        ([&open, &count], &["0 https://{{ env.API_HOST }}/api/v1/ticket"][..]),
        ([&both, &count], &["0 https://{{ env.API_HOST }}/api/v1/ticket"]),
        ([&once, &count], &[]),
        ([&open, &read], &[]),
        ([&alone, &read], &[]),
    ] {
        assert_eq!(places_across("HK304", &scripts.map(String::as_str)), expected, "{scripts:?}");
    }
}
