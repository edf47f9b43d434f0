//! What every command does alike: color on a terminal only, exit codes, help.

use std::path::Path;
use std::process::Output;

use crate::harness::{hookctl, repository};

/// Runs hookctl in the sample project of this repository.
fn run(args: &[&str], environment: &[(&str, &str)]) -> Output {
    hookctl(repository(), args).envs(environment.iter().copied()).output().expect("a run")
}

fn colored(bytes: &[u8]) -> bool {
    bytes.contains(&0x1b)
}

const COMMANDS: [&[&str]; 6] = [
    &["validate", "--fail-on", "info"],
    &["rules"],
    &["render", "--event", "fixtures/contact.created.json"],
    &["fire", "rate-conversation", "--mock"],
    &["limits"],
    &["simulate", "--for", "1m"],
];

#[test]
fn results_have_color_where_it_is_wanted_and_never_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("result");
    let to_file = ["--output", file.to_str().expect("UTF-8")];
    for command in COMMANDS.into_iter().skip(1) {
        let with = |more: &[&str], environment: &[(&str, &str)]| run(&[command, more].concat(), environment).stdout;
        assert!(!colored(&with(&[], &[])), "{command:?}: no terminal");
        assert!(colored(&with(&[], &[("CLICOLOR_FORCE", "1")])), "{command:?}: CLICOLOR_FORCE");
        assert!(!colored(&with(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")])), "{command:?}: NO_COLOR");
        assert!(colored(&with(&["--color", "always"], &[("NO_COLOR", "1")])), "{command:?}: always");
        assert!(!colored(&with(&["--color", "never"], &[("CLICOLOR_FORCE", "1")])), "{command:?}: never");
        assert_eq!(with(&to_file, &[("CLICOLOR_FORCE", "1")]), b"", "{command:?}");
        assert!(!colored(&std::fs::read(&file).expect("a file")), "{command:?}: a file");
    }
}

#[test]
fn messages_about_arguments_follow_the_flag_too() {
    let forced = [("CLICOLOR_FORCE", "1")];
    for (args, color) in [
        (&["vaildate"][..], true),
        (&["--color", "never", "vaildate"][..], false),
        (&["vaildate", "--color=never"][..], false),
    ] {
        let output = run(args, &forced);
        assert_eq!((output.status.code(), colored(&output.stderr)), (Some(2), color), "{args:?}");
    }
}

#[test]
fn help_goes_to_standard_output_and_is_as_wide_as_the_terminal() {
    for command in COMMANDS.map(|command| command[0]).into_iter().chain(["mock", "explain"]) {
        let output = run(&[command, "--help"], &[("COLUMNS", "80")]);
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{command}");
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(help.lines().find(|line| line.chars().count() > 80), None, "{command}");
        for section in [&format!("Examples:\n  hookctl {command}")[..], "Exit codes:\n"] {
            assert!(help.contains(section), "{command}: {section}");
        }
    }
    let output = run(&[], &[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "no command is no success");
    let help = String::from_utf8(run(&["--help"], &[]).stdout).expect("UTF-8");
    assert!(help.contains("hookctl validate") && help.contains("141  "), "{help}");
}

#[test]
fn settings_that_are_named_are_read_by_every_command() {
    let all = COMMANDS.into_iter().chain([&["explain", "HK103"][..], &["mock", "--listen", "127.0.0.1:0"]]);
    for command in all {
        for (wrong, told) in [
            (&["-c", "policy.limt=1s"][..], "did you mean `policy.limit`?"),
            (&["--config", "no-such.yaml"], "there is no file `no-such.yaml`"),
        ] {
            let output = run(&[command, wrong].concat(), &[]);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.contains(told) && output.status.code() == Some(2), "{command:?} {wrong:?}: {stderr}");
        }
    }
}

#[test]
fn commands_that_come_later_are_not_there() {
    for command in ["init", "new", "test", "import", "export", "schema", "lsp", "completions", "man"] {
        let output = run(&[command], &[]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("unrecognized subcommand") && output.status.code() == Some(2), "{command}: {told}");
    }
}

#[test]
fn a_full_device_is_told_and_leaves_nothing_behind() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full here");
        return;
    }
    for command in COMMANDS {
        let output = run(&[command, &["--output", "/dev/full"]].concat(), &[]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("can't write `/dev/full`: No space left"), "{command:?}: {told}");
        assert_eq!(output.status.code(), Some(2), "{command:?}: {told}");
    }
    for args in [&["--help"][..], &["--version"], &["fire", "--help"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let output = hookctl(repository(), args).stdout(full).output().expect("hookctl runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("can't write to standard output: No space left"), "{args:?}: {told}");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}
