//! Where results go, and what is left of them when a run ends before its time.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Project, hookctl, signal};

const SCRIPT: &str = "\
name: Hello
use_case: contact
request: {method: POST, url: 'https://api.example.com/', params: {name: '{{ contact.first_name }}'}}
triggers: [{event: contact.created}]
";

/// A project of one script, in a folder of its own.
fn project() -> Project {
    Project::new(&[
        ("scripts/hello.yaml", SCRIPT),
        ("fixtures/contact.created.json", r#"{"event": "contact.created", "contact": {"first_name": "Ann"}}"#),
    ])
}

fn run(folder: &Path, args: &[&str]) -> Output {
    hookctl(folder, args).output().unwrap()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A run of many deliveries, of a tenth of a second each.
fn long_run(folder: &Path, more: &[&str]) -> Child {
    let args = ["fire", "hello", "--mock=delay=100ms", "--repeat", "1000", "--ignore-trigger-limit"];
    hookctl(folder, &[&args, more].concat()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Its status, unless it takes longer than that.
fn ended(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < within {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    None
}

/// Waits until a file holds so many lines.
fn lines(file: &Path, count: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let lines: Vec<_> = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        if lines.len() >= count {
            return lines;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "no {count} lines in {}: {text}", file.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !["scripts", "fixtures"].contains(&name.as_str())).collect();
    names.sort();
    names
}

#[test]
fn a_reader_that_goes_away_ends_the_run() {
    let folder = project();
    for format in ["jsonl", "csv", "json"] {
        let mut child = long_run(folder.path(), &["--format", format, "--report", "page.html"]);
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        drop(reader);
        let status = ended(&mut child, Duration::from_secs(10)).unwrap_or_else(|| panic!("{format}: it goes on"));
        assert_eq!(status.code(), Some(141), "{format}");
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(stderr, "", "{format}: a reader that has read enough is not an error");
        let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
        assert!(page.contains("</html>"), "{format}: the page has what there was");
    }
}

#[test]
fn a_reader_that_leaves_a_result_that_is_complete_changes_nothing() {
    let folder = project();
    for args in [&["rules"][..], &["validate"], &["limits"]] {
        let mut child = hookctl(folder.path(), args).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
    }
}

#[test]
fn every_request_to_end_finishes_the_reports() {
    for name in ["HUP", "QUIT", "TERM", "INT"] {
        let folder = project();
        let page = ["--report", "page.html"];
        let mut child = long_run(folder.path(), &[&["--format", "json", "--output", "out.json"][..], &page].concat());
        // The results get their name at the end; until then the temporary file tells that the run is under way.
        let start = Instant::now();
        while files(folder.path()).len() < 2 && start.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(300));
        signal(&child, name);
        let status = ended(&mut child, Duration::from_secs(4)).unwrap_or_else(|| panic!("SIG{name} does not end it"));
        assert_eq!(status.code(), Some(130), "SIG{name}");
        assert_eq!(files(folder.path()), ["out.json", "page.html"], "SIG{name}");
        let text = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        // Whether one was under way just then or had just ended.
        let deliveries = document["deliveries"].as_array().unwrap().len();
        assert_eq!(document["summary"]["deliveries"], deliveries, "SIG{name}");
        assert!((1..1000).contains(&deliveries), "SIG{name}: {deliveries}");
    }
}

#[test]
fn a_blocked_reader_does_not_keep_a_request_to_end_from_ending_it() {
    let folder = project();
    // The pipe is full soon, and nobody reads it.
    let args = ["fire", "hello", "--mock", "--repeat", "100000", "--ignore-trigger-limit", "--format", "jsonl"];
    let mut command = hookctl(folder.path(), &[&args[..], &["--report", "page.html"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(child.try_wait().unwrap(), None, "it waits for its reader");
    signal(&child, "TERM");
    let status = ended(&mut child, Duration::from_secs(9)).expect("SIGTERM ends it");
    assert_eq!((status.code(), files(folder.path())), (Some(130), vec![]), "and leaves nothing half-written");
}

#[test]
fn nohup_keeps_a_run_going_when_the_terminal_closes() {
    let folder = project();
    let script = "trap '' HUP; exec \"$0\" fire hello --mock=delay=100ms --repeat 15 --ignore-trigger-limit --format jsonl --output out.jsonl";
    let mut child = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_hookctl")])
        .current_dir(folder.path())
        .spawn()
        .unwrap();
    lines(&folder.path().join("out.jsonl"), 1);
    signal(&child, "HUP");
    assert_eq!(ended(&mut child, Duration::from_secs(20)).and_then(|status| status.code()), Some(0));
    assert_eq!(lines(&folder.path().join("out.jsonl"), 16).len(), 16);
}

#[test]
fn lines_can_be_followed_and_survive_a_kill() {
    let folder = project();
    let file = folder.path().join("out.jsonl");
    std::fs::write(&file, "{\"of\": \"an earlier run\"}\n".repeat(100)).unwrap();
    let mut child = long_run(folder.path(), &["--format", "jsonl", "--output", "out.jsonl"]);
    let start = Instant::now();
    while std::fs::read_to_string(&file).unwrap().contains("earlier") && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let first = lines(&file, 3);
    assert!(child.try_wait().unwrap().is_none(), "the run goes on");
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = lines(&file, first.len());
    assert!(kept.iter().all(|line| line["outcome"] == "delivered"), "{kept:?}");
    assert_eq!(files(folder.path()), ["out.jsonl"]);
}

#[test]
fn two_results_of_one_file_are_refused_before_anything_is_sent() {
    let folder = project();
    symlink("out", folder.path().join("link")).unwrap();
    for (output, report, words) in [
        (&["--output", "out"][..], "out", "name the same file"),
        (&["--output", "out"], "./scripts/../out", "name the same file"),
        (&["--output", "link"], "out", "name the same file"),
        (&["--output", "-"], "-", "both go to standard output"),
        (&[], "/dev/stdout", "both go to standard output"),
    ] {
        let args = [&["fire", "hello", "--mock"][..], output, &["--report", report]].concat();
        let refused = run(folder.path(), &args);
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(message(&refused).contains(words), "{}", message(&refused));
        assert_eq!(files(folder.path()), ["link"], "{args:?}");
    }
    // One of them to standard output is fine.
    let page = run(folder.path(), &["fire", "hello", "--mock", "--output", "out", "--report", "-"]);
    assert!(page.stdout.starts_with(b"<!doctype html>") && page.status.success(), "{}", message(&page));
}

#[test]
fn a_dash_is_standard_output_and_a_link_is_written_through() {
    let folder = project();
    let commands: [&[&str]; 6] = [
        &["validate"],
        &["rules"],
        &["render", "--event", "fixtures/contact.created.json"],
        &["fire", "--mock", "--format", "csv"],
        &["limits"],
        &["simulate", "--for", "1m"],
    ];
    for command in commands {
        for name in ["-", "/dev/stdout"] {
            let output = run(folder.path(), &[command, &["--output", name]].concat());
            assert!(output.status.success() && !output.stdout.is_empty(), "{command:?}: {}", message(&output));
            assert!(files(folder.path()).is_empty(), "{command:?}: {:?}", files(folder.path()));
        }
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        symlink("target", &link).unwrap();
        for _ in 0..2 {
            let output = run(folder.path(), &[command, &["--output", "link"]].concat());
            assert!(output.status.success() && output.stdout.is_empty(), "{command:?}: {}", message(&output));
            assert!(link.is_symlink() && !std::fs::read(&target).unwrap().is_empty(), "{command:?}");
        }
        std::fs::remove_file(link).unwrap();
        std::fs::remove_file(target).unwrap();
    }
}

#[test]
fn firing_again_what_failed_writes_a_document_where_nothing_did() {
    let folder = project();
    let first = run(folder.path(), &["fire", "hello", "--mock", "--format", "json", "--output", "old.json"]);
    assert!(first.status.success(), "{}", message(&first));
    let again = |args: &[&str]| {
        let output = run(folder.path(), &[&["fire", "--failed-from", "old.json"], args].concat());
        assert!(message(&output).contains("nothing failed in `old.json`"), "{}", message(&output));
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    let document: Value = serde_json::from_str(&again(&["--format", "json"])).unwrap();
    assert_eq!((&document["deliveries"], &document["summary"]["deliveries"]), (&Value::Array(vec![]), &0.into()));
    let line: Value = serde_json::from_str(&again(&["--format", "jsonl"])).unwrap();
    assert_eq!(line["policy"]["name"], "fixed");
    assert_eq!(again(&["--format", "csv"]).lines().count(), 1, "the heading");
    assert!(again(&["--format", "junit"]).contains("tests=\"0\""));
    assert!(again(&[]).contains("0 deliveries"));
    assert_eq!(again(&["--format", "json", "--output", "new.json", "--report", "page.html"]), "");
    assert_eq!(files(folder.path()), ["new.json", "old.json", "page.html"]);
}

#[test]
fn a_system_that_gives_no_more_threads_is_told() {
    let folder = project();
    std::fs::write(folder.path().join("scripts/other.yaml"), SCRIPT.replace("Hello", "Other")).unwrap();
    for command in [
        &["validate"][..],
        &["render", "--event", "fixtures/contact.created.json"],
        &["fire", "hello", "--mock"],
        &["simulate", "--for", "1m"],
        &["mock", "--listen", "127.0.0.1:0"],
    ] {
        // Stacks of a hundred terabytes: no system has room for one.
        let mut command = hookctl(folder.path(), command);
        let mut child = command.env("RUST_MIN_STACK", "100000000000000").stderr(Stdio::piped()).spawn().unwrap();
        let status = ended(&mut child, Duration::from_secs(10));
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(2), "{command:?}: {told}");
        assert!(told.starts_with("error: can't start another thread: "), "{command:?}: {told}");
        assert!(told.contains("ulimit -u") && !told.contains("panicked"), "{command:?}: {told}");
    }
}

/// Whatever is left to a run of the files that it may open, it ends, and says so where they do not suffice.
#[cfg(unix)]
#[test]
fn a_system_that_gives_no_more_files_is_told() {
    let folder = project();
    let binary = env!("CARGO_BIN_EXE_hookctl");
    let mut told = 0;
    for files in 4..=24 {
        for more in ["--to http://127.0.0.1:9", "--mock", "--mock --repeat 20 --concurrency 20"] {
            let line =
                format!("ulimit -n {files} && exec {binary} fire hello {more} --no-retry --limit 500ms --format json");
            let mut shell = Command::new("sh");
            let run = shell.current_dir(folder.path()).args(["-c", &line]).stdin(Stdio::null()).stdout(Stdio::piped());
            let mut child = run.stderr(Stdio::piped()).spawn().unwrap();
            let status = ended(&mut child, Duration::from_secs(10)).and_then(|status| status.code());
            let output = child.wait_with_output().unwrap();
            let message = message(&output);
            assert!(matches!(status, Some(0 | 1 | 2 | 127)), "{files} {more}: {status:?} {message}");
            assert!(!message.contains("panicked") && !message.contains("os error"), "{files} {more}: {message}");
            if status == Some(2) {
                told += 1;
                assert!(message.starts_with("error: ") && message.contains("ulimit -n"), "{files} {more}: {message}");
                assert!(output.stdout.is_empty(), "{files} {more}: half a document");
            }
        }
    }
    assert!(told > 6, "a run needs some files");
}

#[test]
fn every_request_to_end_ends_the_receiver() {
    let folder = project();
    for name in ["HUP", "QUIT", "TERM", "INT"] {
        let mut command = hookctl(folder.path(), &["mock", "--listen", "0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        signal(&child, name);
        let status = ended(&mut child, Duration::from_secs(4)).unwrap_or_else(|| panic!("SIG{name} does not end it"));
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((status.code(), told.trim()), (Some(130), "0 requests received"), "SIG{name}");
    }
}
