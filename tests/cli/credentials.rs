//! Credentials that somebody wrote into a script: no command shows more of one than its beginning, whatever it has to say of the
//! file.

use crate::harness::Project;

const KEY: &str = "sk_live_Q3eGrWz7t5kLmNo2aB9c";
const RANDOM: &str = "9f86d081884c7d659a2feaa0c55ad0153c4d5e6f7a8b9c0d";
const PASSWORD: &str = "hunter2222";

/// A script with these lines in its request.
fn script(use_case: &str, lines: &str) -> String {
    format!("name: A\nuse_case: {use_case}\nrequest:\n  method: POST\n{lines}triggers:\n  - event: contact.created\n")
}

/// What the commands print of a script, each of which fails and says that.
fn printed(script: &str, commands: &[&str], says: &str) -> String {
    let project = Project::new(&[("scripts/a.yaml", script), ("e.json", r#"{"contact": {"id": 1}}"#)]);
    let mut all = String::new();
    for command in commands {
        let event = matches!(*command, "render" | "fire").then_some(["--event", "e.json"]);
        let run = project.run(&[&[command, "a"], event.as_slice().as_flattened()].concat());
        let text = run.stdout + &run.stderr;
        assert!(run.code != 0 && text.contains(says), "{command} does not say {says}: {text}");
        all += &text;
    }
    all
}

#[test]
fn of_a_script_that_can_not_be_read() {
    let url = "  url: https://h.example/\n";
    let cases = [
        (script("contact", &format!("{url}  headers:\n    Authorization: \"Bearer {RANDOM}\n")), "9f86*"),
        (script("contact", &format!("{url}  headres: {{Authorization: 'Bearer {RANDOM}', X: '{KEY}'}}\n")), "9f86*"),
        (script(KEY, &format!("  url: https://u:{PASSWORD}@h.example/\n")), "use case `sk_l…`"),
        (script("contact", &format!("  url: 'https://u:{PASSWORD}@h.example/\n")), "u:h*"),
    ];
    for (script, says) in cases {
        let text = printed(&script, &["validate", "render", "fire", "simulate"], says);
        for secret in [KEY, RANDOM, PASSWORD] {
            assert!(!text.contains(&secret[4..]) && !text.contains(&secret[..8]), "{text}");
        }
    }
}

#[test]
fn of_a_placeholder_that_can_not_be_filled_in() {
    let url = "  url: https://h.example/\n";
    let cases = [
        (
            format!("{url}  headers: {{Authorization: 'Bearer {RANDOM}{{{{ contact.nope }}}}'}}\n"),
            "****{{ contact.nope }}",
        ),
        (format!("{url}  params: {{api_key: \"{{{{ '{RANDOM}' + 1 }}}}\"}}\n"), "the string \"9f86…"),
        (format!("{url}  params: {{api_key: '{RANDOM}', b: \"{{{{ '{RANDOM}' + 1 }}}}\"}}\n"), "the string \"9f86…"),
        (format!("{url}  params: {{a: \"{{{{ '{KEY}' + 1 }}}}\"}}\n"), "the string \"sk_l…"),
    ];
    for (lines, says) in cases {
        let text = printed(&script("contact", &lines), &["render", "fire"], says);
        assert!(!text.contains(&KEY[4..12]) && !text.contains(&RANDOM[4..12]), "{text}");
    }
}
