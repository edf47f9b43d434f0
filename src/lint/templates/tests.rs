//! What each rule of placeholders finds, and what it must not.

use super::super::cases::{fixed, messages, places};

/// A param of that value, in a script of the contact's.
fn param(value: &str) -> String {
    format!(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{}\"\ntriggers:\n  - event: \
         contact.created\n",
        value.replace('"', "\\\"")
    )
}

#[test]
fn each_rule_finds_what_it_should_and_no_more() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("HK101", "{{ contact.id", &["{{"]),
        ("HK101", "{% if contact.id %}yes", &["if"]),
        ("HK101", "{{ 'a }}", &["'"]),
        ("HK101", "{{ contact.id }} {{ contact.tags|join }}", &[]),
        ("HK101", "no tags { at } all %}", &[]),
        ("HK101", "{{ contact.id matches '/[/' }} {{ contact.id matches 'abc' }}", &["'/[/'", "'abc'"]),
        ("HK101", "{{ contact.id matches '/^[0-9]+$/' }}", &[]),
        ("HK102", "{{ None }} {{ now }}", &["None", "now"]),
        ("HK102", "{% macro m() %}{{ contact.id }}{% endmacro %}{{ _self.m() }}", &["contact"]),
        ("HK102", "{% macro m(contact) %}{{ contact.id }}{% endmacro %}{{ _self.m(contact) }}", &[]),
        ("HK103", "{% for t in contact.tags %}{{ t.name }}{{ loop.idx }}{% endfor %}", &["name", "idx"]),
        ("HK103", "{{ contact.tags.length }} {{ contact.tags.0.name }}", &["length", "name"]),
        ("HK105", "{{ _self.nothing() }} {{ contact.name|replace('a', 'b') }}", &["nothing", "'a'"]),
        // What renders all the same, if to no use, is no error.
        ("HK105", "{{ contact.name|split('', 'x')|join }} {{ '%d'|format([1]) }} {{ contact.name|join([]) }}", &[]),
        ("HK105", "{{ contact.name|split(',', 'x')|join }} {{ contact.tags|join([]) }}", &["'x'", "[]"]),
        ("HK108", "{{ contact.name|split('', 'x')|join }} {{ '%d'|format([1]) }}", &["'x'", "[1]"]),
        ("HK106", "{{ contact.name.toUpperCase() }}", &["toUpperCase"]),
        ("HK108", "{{ env }} {{ contact.birthday|date('Y') }}", &["env", "contact.birthday|date"]),
        ("HK108", "{{ contact.birthday ? contact.birthday|date('Y') : '' }} {{ env.X }}", &[]),
        ("HK102", "{{ contcat.id }}", &["contcat"]),
        ("HK102", "{{ id }} {{ nothing ?? 1 }}", &["id", "nothing"]),
        (
            "HK102",
            "{% set mine = 1 %}{{ mine }} {% for one in contact.tags %}{{ one }}{{ loop.index }}{% endfor %}",
            &[],
        ),
        ("HK102", "{{ env.ANY_NAME }} {{ contact.id }}", &[]),
        ("HK102", "{{ response.status }}", &["response"]),
        ("HK103", "{{ contact.frist_name }}", &["frist_name"]),
        ("HK103", "{{ contact['frist_name'] }}", &["frist_name"]),
        ("HK103", "{% set c = contact %}{{ c.frist_name }}", &["frist_name"]),
        ("HK103", "{% for t in contact.tgas %}{{ t }}{% endfor %}", &["tgas"]),
        ("HK103", "{{ contact.frist_name ?? 'x' }}", &["frist_name"]),
        ("HK103", "{{ contact.first_name.last }}", &["last"]),
        ("HK103", "{{ contact.first_name }} {{ contact.tags.0 }} {{ contact['id'] }}", &[]),
        ("HK103", "{% set key = 'frist_name' %}{{ contact[key] }}", &["key"]),
        ("HK103", "{% set key = contact.name %}{{ contact[key] ?? '' }}", &[]),
        ("HK104", "{{ ticket.id }}", &["ticket"]),
        ("HK104", "{{ queue.length }}", &["queue"]),
        ("HK104", "{{ ticket.id ?? 'none' }} {{ contact.id }}", &[]),
        ("HK105", "{{ contact.id|uper }}", &["uper"]),
        ("HK105", "{% if contact.id is evn %}1{% endif %}", &["evn"]),
        ("HK105", "{{ contact.first_name|upper }} {{ max(1, 2) }}", &[]),
        ("HK106", "{% if contact.id %}1{% elif contact.age %}2{% endif %}", &["elif"]),
        ("HK106", "{% include 'a' %}", &["include"]),
        (
            "HK106",
            "{contact.id} ${ contact.id } <%= contact.id %> [[contact.id]]",
            &["{contact.id}", "${ contact.id }", "<%= contact.id %>", "[[contact.id]]"],
        ),
        ("HK106", "{{ contact.id }} {other.id} {contact} ${HOME} {{ '#{contact.id}' }} {\\'a\\': 1}", &[]),
        ("HK106", "{{{ contact.id }}}", &["{"]),
        ("HK106", "{{ contact.id || contact.age }}", &["||"]),
        ("HK106", "{{ contact.id|default: 'x' }}", &[":"]),
        ("HK106", "{% if contact.id AND contact.age %}1{% endif %}", &["AND"]),
        ("HK106", "{% if contact.id and contact.age %}1{% elseif contact.age %}2{% endif %}", &[]),
        ("HK107", "{{ contact.first_name }}", &["first_name"]),
        ("HK107", "{{ contact.id }} {{ contact.first_name ?? '' }} {{ contact.first_name|default('') }}", &[]),
        ("HK107", "{% if contact.first_name %}{{ contact.first_name }}{% endif %}", &[]),
        ("HK108", "{{ contact.first_name + 1 }}", &["contact.first_name"]),
        ("HK108", "{{ contact.age ~ 1 }} {{ contact.id + 1 }} {{ contact.tags|join }}", &[]),
        ("HK109", "{{ contact.id }}", &[]),
    ];
    for (rule, template, expected) in cases {
        assert_eq!(places(rule, &param(template)), *expected, "{rule} {template}");
    }
}

#[test]
fn conditions_and_callbacks_read_what_is_theirs() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("HK102", "callback: \"{{ response.status }} {{ respones.body }}\"\n", &["respones"]),
        ("HK103", "callback: \"{{ response.statsu }} {{ response.body.any.thing }}\"\n", &["statsu"]),
        ("HK103", "triggers:\n  - event: contact.created\n    when: contact.agee >= 18\n", &["agee"]),
        ("HK101", "triggers:\n  - event: contact.created\n    when: contact.age >=\n", &[""]),
        ("HK107", "triggers:\n  - event: contact.created\n    when: contact.age\n", &[]),
        ("HK108", "triggers:\n  - event: contact.created\n    when: contact.tags\n", &[]),
        ("HK104", "callback: \"{{ queue.length }}\"\n", &[]),
        ("HK104", "callback: \"{{ queue.length }}\"\ntriggers:\n  - event: conversation_script.action\n", &[]),
        ("HK104", "use_case: ticket\ncallback: \"{{ contact.id }} {{ file.id }}\"\n", &["file"]),
        ("HK109", "request:\n  method: GET\n  url: \"https://a.example.com/{{ contact.id }}\"\n", &["contact.id"]),
        ("HK109", "request:\n  method: GET\n  url: \"https://a.example.com/?t={{ env.T }}\"\n", &[]),
        (
            "HK109",
            "request:\n  method: GET\n  url: https://a.example.com/\n  headers: {A: \"{{ env.T }} {{ contact.id }}\"}\n",
            &["contact.id"],
        ),
        ("HK103", "use_case: ticket\ncallback: \"{{ ticket.content }} {{ ticket.handlers[0].name }}\"\n", &[]),
        ("HK103", "use_case: file\ncallback: \"{{ file.ticket_id }}\"\n", &[]),
    ];
    for (rule, keys, expected) in cases {
        assert_eq!(places(rule, keys), *expected, "{rule} {keys}");
    }
}

#[test]
fn misspellings_are_mended_where_they_stand_letter_for_letter() {
    for (rule, wrong, right) in [
        ("HK103", "{{ contact.frist_name }}", "{{ contact.first_name }}"),
        ("HK103", "{{ contact['frist_name'] }}", "{{ contact['first_name'] }}"),
        ("HK102", "{{ contcat.id }} {{ first_name }}", "{{ contact.id }} {{ contact.first_name }}"),
        ("HK102", "{{ firstname }}", "{{ contact.first_name }}"),
        ("HK103", "{{ contact.phone }}", "{{ contact.phone }}"),
        ("HK105", "{{ contact.id|uper }}", "{{ contact.id|upper }}"),
        ("HK103", "{{ contact.shoe_size }}", "{{ contact.shoe_size }}"),
        ("HK103", "{{ contact['frist' ~ '_name'] }}", "{{ contact['frist' ~ '_name'] }}"),
        (
            "HK103",
            "{% for t in contact.tags %}{{ loop.lenght }}{% endfor %}",
            "{% for t in contact.tags %}{{ loop.length }}{% endfor %}",
        ),
        ("HK102", "{{ None }}", "{{ null }}"),
    ] {
        assert_eq!(fixed(rule, &param(wrong)), param(right));
    }
    let ticket = |field: &str| format!("use_case: ticket\ncallback: \"{{{{ ticket.{field} }}}}\"\n");
    for (wrong, right) in [
        ("description", "content"),
        ("assignee_id ?? 0", "handler_id ?? 0"),
        // A list can't take its place.
        ("assignee.name", "assignee.name"),
    ] {
        assert_eq!(fixed("HK103", &ticket(wrong)), ticket(right));
    }
    assert!(messages("HK103", &ticket("assignee.name"))[0].contains("did you mean `handlers`?"));
    // What an action node brings is near as well, and what it brings of the project's own can be declared.
    assert_eq!(fixed("HK102", "callback: \"{{ sesion_id }}\"\n"), "callback: \"{{ session_id }}\"\n");
    assert!(messages("HK102", "callback: \"{{ order_no }}\"\n")[0].contains("`variables: {order_no: {type: string}}`"));
    assert!(!messages("HK102", &param("{{ order_no }}"))[0].contains("variables:"));
    // Written with an escape, the name is not there to be replaced.
    let escaped = param("{{ contact.frist_nam\\x65 }}");
    assert_eq!((places("HK103", &escaped).len(), fixed("HK103", &escaped)), (1, escaped));
}
