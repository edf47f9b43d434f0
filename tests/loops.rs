//! Loops through several scripts, as `hookctl validate` shows them.

use std::path::Path;

use assert_cmd::Command;

fn script(name: &str, event: &str, method: &str, resource: &str) -> String {
    let use_case = event.split('.').next().expect("a use case");
    format!(
        "name: {name}\nuse_case: {use_case}\nrequest:\n  method: {method}\n  url: https://acme.example.com/api/v1/{resource}\n\
         triggers:\n  - event: {event}\n"
    )
}

fn project(scripts: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("scripts")).expect("made");
    std::fs::write(
        folder.path().join("hookctl.yaml"),
        "api_hosts: [ACME.example.com]\nrules: {HK008: off, HK109: off}\n",
    )
    .expect("written");
    for (file, text) in scripts {
        std::fs::write(folder.path().join("scripts").join(file), text).expect("written");
    }
    folder
}

fn validate(folder: &Path, args: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::cargo_bin("hookctl").expect("the binary");
    let output = command.arg("validate").args(args).current_dir(folder).env_remove("CLICOLOR_FORCE").output();
    let output = output.expect("it runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
}

fn circle() -> tempfile::TempDir {
    project(&[
        ("a.yaml", script("Open a ticket", "contact.created", "POST", "ticket")),
        ("b.yaml", script("Count the tickets", "ticket.created", "PUT", "contact/{{ ticket.contact_id }}")),
        ("c.yaml", script("Copy the contact", "contact.updated", "POST", "contact")),
        ("d.yaml", script("Look it up", "contact.updated", "GET", "contact/{{ contact.id }}")),
    ])
}

#[test]
fn a_circle_is_told_once_with_each_steps_place() {
    insta::assert_snapshot!(validate(circle().path(), &[]).0);
}

#[test]
fn a_circle_is_told_in_the_script_that_was_asked_for() {
    let folder = circle();
    let (text, code) = validate(folder.path(), &["scripts/c.yaml", "--format", "github"]);
    assert_eq!(code, Some(1));
    assert!(text.starts_with("::error file=scripts/c.yaml"), "{text}");
    assert!(text.contains("Copy the contact → Open a ticket → Count the tickets → Copy the contact"), "{text}");
    assert_eq!(validate(folder.path(), &["scripts/d.yaml"]).1, Some(0));
}

#[test]
fn other_hosts_close_no_circle() {
    let folder = circle();
    std::fs::write(folder.path().join("hookctl.yaml"), "rules: {HK008: off, HK109: off}\n").expect("written");
    assert_eq!(validate(folder.path(), &[]).1, Some(0));
}
