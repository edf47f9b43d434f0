//! Loops through several scripts, as `hookctl validate` shows them.

use crate::harness::Project;

fn script(name: &str, event: &str, method: &str, resource: &str) -> String {
    let use_case = event.split('.').next().expect("a use case");
    format!(
        "name: {name}\nuse_case: {use_case}\nrequest:\n  method: {method}\n  url: https://acme.example.com/api/v1/{resource}\n\
         triggers:\n  - event: {event}\n"
    )
}

fn validate(project: &Project, args: &[&str]) -> (String, i32) {
    let run = project.run(&[&["validate"], args].concat());
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    (run.stdout, run.code)
}

fn circle() -> Project {
    Project::new(&[
        ("hookctl.yaml", "api_hosts: [ACME.example.com]\nrules: {HK008: off, HK109: off}\n"),
        ("scripts/a.yaml", &script("Open a ticket", "contact.created", "POST", "ticket")),
        ("scripts/b.yaml", &script("Count the tickets", "ticket.created", "PUT", "contact/{{ ticket.contact_id }}")),
        ("scripts/c.yaml", &script("Copy the contact", "contact.updated", "POST", "contact")),
        ("scripts/d.yaml", &script("Look it up", "contact.updated", "GET", "contact/{{ contact.id }}")),
    ])
}

#[test]
fn a_circle_is_told_once_with_each_steps_place() {
    insta::assert_snapshot!(validate(&circle(), &[]).0);
}

#[test]
fn a_circle_is_told_in_the_script_that_was_asked_for() {
    let folder = circle();
    let (text, code) = validate(&folder, &["scripts/c.yaml", "--format", "github"]);
    assert_eq!(code, 1);
    assert!(text.starts_with("::error file=scripts/c.yaml"), "{text}");
    assert!(text.contains("Copy the contact → Open a ticket → Count the tickets → Copy the contact"), "{text}");
    assert_eq!(validate(&folder, &["scripts/d.yaml"]).1, 0);
}

#[test]
fn other_hosts_close_no_circle() {
    let folder = circle();
    folder.write("hookctl.yaml", "rules: {HK008: off, HK109: off}\n");
    assert_eq!(validate(&folder, &[]).1, 0);
}
