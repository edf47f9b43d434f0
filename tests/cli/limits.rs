//! `hookctl limits`, driven as a user does.

use crate::harness::{Project, Run};

/// Away from any project, so that the defaults hold.
fn limits(args: &[&str]) -> Run {
    Project::new(&[]).run(&[&["limits"], args].concat())
}

fn stdout(args: &[&str]) -> String {
    let run = limits(args);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    run.stdout
}

fn stderr(args: &[&str]) -> String {
    let run = limits(args);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    run.stderr
}

#[test]
fn shows_the_table_and_the_plot() {
    insta::assert_snapshot!(stdout(&["--latency", "12s"]));
}

#[test]
fn shows_one_load() {
    insta::assert_snapshot!(stdout(&["--load-rate", "0.5"]));
}

#[test]
fn json_is_the_contract() {
    let json: serde_json::Value = serde_json::from_str(&stdout(&["--format", "json"])).expect("JSON");
    assert_eq!(json["version"], 1);
    let rows = json["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 11);
    let expected = r#"{"load_rate":0.5,"legacy_ms":40000,"fixed_ms":10000,"retries":2,"waits_ms":[3000,6000]}"#;
    assert_eq!(rows[5].to_string(), expected);

    let json = stdout(&["--format", "json", "--latency", "12s", "--load-rate", "0.9"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["rows"][0]["fixed_in_time"], false);
    assert_eq!(json["rows"][0]["legacy_in_time"], false);
    assert_eq!(json["in_time_up_to_load_rate"].to_string(), "0.85");
}

#[test]
fn settings_of_the_user_decide() {
    let text = stdout(&["-c", "policy.limit=15s", "-c", "policy.retry.max=5", "--latency", "12s"]);
    assert!(text.contains("12 s is within the fixed limit of 15 s"), "{text}");
    assert!(text.contains("Configured: limit 15s, retry.max 5."), "{text}");
    assert!(!text.contains("retry.max 3"), "{text}");
    assert!(stderr(&["-c", "policy.limit=0s"]).contains("`0s` is not a duration above zero"));
}

#[test]
fn writes_an_image_to_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("limits.svg");
    let path = file.to_str().expect("UTF-8");
    assert_eq!(stdout(&["--format", "svg", "--output", path]), "");
    let written = || std::fs::read_to_string(&file).expect("the file");
    assert!(written().starts_with("<svg "));
    assert_eq!(stdout(&["--color", "always", "--output", path]), "");
    assert!(!written().contains('\u{1b}'), "no color in a file");
}

#[test]
fn wrong_values_are_said_in_words() {
    for (args, words) in [
        (["--load-rate", "1.5"], "`1.5` is not a load rate: it is above 1"),
        (["--load-rate", "-0.1"], "`-0.1` is not a load rate: it is below 0"),
        (["--load-rate", "NaN"], "`NaN` is not a load rate: it is not a number"),
        (["--latency", "12"], "`12` is not a duration: it has no unit"),
        (["--latency", "-1s"], "it is negative"),
        (["--output", "/no/such/folder/x"], "can't write `/no/such/folder/x`"),
    ] {
        let error = stderr(&args);
        assert!(error.contains(words), "{args:?}: {error}");
    }
}
