//! `hookctl fire` as a user runs it.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

#[cfg(unix)]
use crate::harness::signal;
use crate::harness::{self, Project, text};
use crate::server::{next, server, stalling_server};

mod reports;
mod results;
mod targets;

const SCRIPT: &str = r#"
name: Sync new contact
use_case: contact
request:
  method: POST
  url: https://api.example.com/users?source=hookctl
  params: {first_name: "{{ contact.first_name }}", note: "naïve & co"}
  headers:
    X-API-Key: "{{ env.API_KEY }}"
callback: "{{ response.status }} {{ response.body.id ?? 'none' }}"
triggers:
  - event: contact.created
"#;

const LOOKUP: &str = r#"
name: Look up
use_case: contact
request:
  method: GET
  url: https://lookup.example.com/find
  params: {phone: "{{ contact.phone_number }}"}
triggers:
  - event: contact.updated
"#;

/// A project of two scripts, in a folder of its own.
fn project() -> Project {
    let contact = r#"{"first_name": "Ann", "phone_number": "+1 555"}"#;
    Project::new(&[
        (
            "hookctl.yaml",
            "env_file: secrets.env
",
        ),
        (
            "secrets.env",
            "API_KEY=s3cret-value-1234
",
        ),
        ("scripts/sync.yaml", SCRIPT),
        ("scripts/lookup.yaml", LOOKUP),
        ("fixtures/contact.json", &format!(r#"{{"contact": {contact}}}"#)),
        ("fixtures/contact.created.json", &format!(r#"{{"event": "contact.created", "contact": {contact}}}"#)),
    ])
}

/// `fire` with retries that wait for no time worth mentioning.
fn hookctl(folder: &Path) -> Command {
    harness::hookctl(folder, &["-c", "policy.retry.interval=1ms", "fire"])
}

fn fire(args: &[&str]) -> Output {
    let folder = project();
    hookctl(folder.path()).args(args).output().unwrap()
}

/// Fires, expects this exit code, and reads the results as JSON.
#[track_caller]
fn results(args: &[&str], code: i32) -> Value {
    let output = fire(&[args, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&output.stdout)))
}

#[test]
fn results_are_the_contracts() {
    let json = results(&["sync", "--mock=body={\"id\": 7}"], 0);
    assert_eq!(json["version"], 1);
    let policy = &json["policy"];
    assert_eq!((&policy["name"], &policy["retries"]), (&"fixed".into(), &3.into()));
    assert_eq!(policy["limit_ms"].as_f64(), Some(10_000.0));
    assert_eq!(policy["legacy_limit_ms"].as_f64(), Some(80_000.0));
    let assumed = policy["assumed"].as_array().unwrap();
    assert!(assumed.contains(&"retry.max".into()) && !assumed.contains(&"retry.interval".into()), "{assumed:?}");

    let delivery = &json["deliveries"][0];
    assert_eq!((&delivery["script"], &delivery["trigger"]), (&"sync".into(), &1.into()));
    assert_eq!((&delivery["outcome"], &delivery["band"]), (&"delivered".into(), &"safe".into()));
    assert_eq!(delivery["callback"], "200 7");
    assert_eq!(delivery["legacy"]["in_time_up_to_load_rate"].as_f64(), Some(1.0));
    let attempt = &delivery["attempts"][0];
    assert_eq!((&attempt["outcome"], &attempt["status"]), (&"success".into(), &200.into()));
    assert!(attempt["latency_ms"].is_number() && attempt["phases"]["connect_ms"].is_number());
    assert_eq!((&attempt["phases"]["tls_ms"], &attempt["error"]), (&Value::Null, &Value::Null));
    assert_eq!(attempt["response"]["body"], "{\"id\": 7}");
    let summary = &json["summary"];
    assert_eq!((&summary["delivered"], &summary["retries"]), (&1.into(), &0.into()));
    assert!(summary["latency_ms"]["p99"].is_number());
}

#[test]
fn a_delivery_that_passes_on_a_retry_is_marked() {
    let spec = "--mock=status=500,500,200";
    let json = results(&["sync", spec], 0);
    let delivery = &json["deliveries"][0];
    assert_eq!((&delivery["outcome"], &delivery["duplicate"]), (&"delivered".into(), &true.into()));
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(delivery["attempts"][2]["wait_before_ms"].as_f64(), Some(2.0));
    assert_eq!(json["summary"]["delivered_on_retry"], 1);
    results(&["sync", spec, "--fail-on", "retried"], 1);
    let once = results(&["sync", spec, "--no-retry"], 1);
    assert_eq!((&once["deliveries"][0]["outcome"], &once["policy"]["retries"]), (&"failed".into(), &0.into()));
    let loaded = results(&["sync", spec, "--load-rate", "1"], 1);
    assert_eq!(loaded["deliveries"][0]["attempts"].as_array().unwrap().len(), 1);
}

#[test]
fn an_endpoint_that_only_the_legacy_wait_had_patience_with() {
    let args = ["sync", "--mock=delay=150ms", "--limit", "60ms", "--no-retry"];
    let fixed = results(&args, 1);
    let delivery = &fixed["deliveries"][0];
    assert_eq!((&delivery["outcome"], &delivery["band"]), (&"failed".into(), &"timed_out".into()));
    assert_eq!((&delivery["latency_ms"], &delivery["legacy"]["in_time"]), (&Value::Null, &Value::Null));
    assert_eq!(delivery["attempts"][0]["outcome"], "timed_out");

    let both = results(&[&args[..], &["--policy", "both"]].concat(), 1);
    let delivery = &both["deliveries"][0];
    assert_eq!((&delivery["fixed"]["in_time"], &delivery["legacy"]["in_time"]), (&false.into(), &true.into()));
    assert!(delivery["latency_ms"].as_f64().unwrap() >= 150.0);
    assert_eq!(both["summary"]["legacy"]["now_fail"], 1);

    let legacy = results(&[&args[..], &["--policy", "legacy"]].concat(), 0);
    assert_eq!(legacy["deliveries"][0]["outcome"], "delivered");
    results(&[&args[..], &["--policy", "legacy", "--fail-on", "at_risk"]].concat(), 1);
}

#[test]
fn flags_that_make_no_sense() {
    for (args, words) in [
        (&["--load-rate", "1.5"][..], "above 1"),
        (&["--load-rate", "NaN"], "not a number"),
        (&["--limit", "0s"], "above zero"),
        (&["--limit", "10"], "--limit"),
        (&["--repeat", "0"], "from 1"),
        (&["--concurrency", "0"], "from 1"),
        (&["--rate", "0/s"], "above zero"),
        (&["--rate", "fast"], "500/s"),
        (&["--to", "localhost"], "`http://localhost`"),
        (&["--keep-host"], "--to"),
        (&["--mock", "--to", "http://localhost"], "cannot be used with"),
        (&["--mock=delay=soon"], "soon"),
        (&["--fail-on", "everything"], "at_risk"),
        (&["--resolve", "api.example.com"], "HOST:PORT:ADDRESS"),
        (&["--resolve", "10.0.0.1:80:127.0.0.1"], "`10.0.0.1` is already an address"),
        (&["--cacert", "missing.pem", "--mock"], "missing.pem"),
        (&["--proxy", "::"], "--proxy"),
        (&["no-such-script", "--mock"], "no-such-script"),
        (&["--event", "missing.json", "--mock"], "missing.json"),
        (&["--mock", "--output", "no/such/folder/results.json"], "no/such/folder"),
    ] {
        let output = fire(args);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(words), "{args:?}: {stderr}");
        assert_eq!(text(&output.stdout), "", "{args:?}");
    }
}

#[test]
fn what_render_shows_is_what_is_sent() {
    let (url, requests) = server("ok");
    let folder = project();
    let script = SCRIPT.replace("https://api.example.com", &url);
    std::fs::write(folder.path().join("scripts/sync.yaml"), script).unwrap();
    let event = ["--event", "fixtures/contact.created.json"];
    let rendered = folder.run(&[&["render", "sync", "--format", "http", "--reveal"], &event[..]].concat());
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    assert!(hookctl(folder.path()).arg("sync").args(event).output().unwrap().status.success());
    let sent = next(&requests);
    assert_eq!(sent, rendered.stdout.trim_end_matches('\n'));
    assert!(sent.starts_with("POST /users?source=hookctl HTTP/1.1\r\n") && sent.ends_with("naïve & co\"}"), "{sent}");
}

#[test]
fn secrets_that_come_back_are_redacted() {
    let (url, _requests) = server("{request}");
    for format in ["json", "jsonl", "text", "csv", "junit"] {
        let output = fire(&["sync", "--to", &url, "--format", format]);
        let all = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{all}");
        assert!(!all.contains("s3cret-value"), "{format}: {all}");
    }
    let json = results(&["sync", "--to", &url], 0);
    let body = json["deliveries"][0]["attempts"][0]["response"]["body"].as_str().unwrap();
    assert!(body.to_lowercase().contains("x-api-key: «redacted»"), "{body}");
    let revealed = results(&["sync", "--to", &url, "--reveal"], 0).to_string();
    assert!(revealed.contains("s3cret-value-1234"));
}

#[test]
fn nobody_there() {
    let json = results(&["sync", "--to", "http://127.0.0.1:1"], 1);
    let delivery = &json["deliveries"][0];
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 4);
    assert_eq!(delivery["attempts"][3]["outcome"], "connect_error");
    let error = delivery["attempts"][3]["error"].as_str().unwrap();
    assert!(error.contains("127.0.0.1:1") && error.contains("refused"), "{error}");
    assert_eq!((&delivery["band"], &delivery["duplicate"]), (&Value::Null, &false.into()));
    assert_eq!((&delivery["fixed"]["in_time"], &delivery["legacy"]["in_time"]), (&false.into(), &false.into()));

    let through = ["--to", "http://127.0.0.1:9", "--proxy", "http://me:hush@127.0.0.1:1", "--no-retry"];
    let json = results(&[&["sync"][..], &through].concat(), 1);
    let error = json["deliveries"][0]["attempts"][0]["error"].as_str().unwrap();
    assert!(error.contains("proxy 127.0.0.1:1") && !error.contains("hush"), "{error}");
}

#[test]
fn what_is_wrong_with_a_flag_is_said_once() {
    let output = fire(&["--mock", "--set", "contact.age"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert_eq!(said.matches("`--set contact.age` has no `=`").count(), 1, "{said}");
}

#[test]
fn a_folder_for_results_is_refused_before_anything_is_sent() {
    let (url, requests) = server("ok");
    for flag in ["--output", "--report"] {
        let output = fire(&["sync", "--to", &url, flag, "."]);
        assert_eq!(output.status.code(), Some(2), "{flag}");
        assert_eq!(text(&output.stderr).trim_end(), "error: can't write `.`: it is a folder", "{flag}");
    }
    assert!(requests.try_recv().is_err());
}

#[test]
fn triggers_over_the_limit_are_throttled() {
    let args = ["sync", "--mock", "--repeat", "5", "-c", "policy.triggers_per_minute=3"];
    let json = results(&args, 0);
    assert_eq!((&json["summary"]["delivered"], &json["summary"]["throttled"]), (&3.into(), &2.into()));
    let json = results(&[&args[..], &["--ignore-trigger-limit"]].concat(), 0);
    assert_eq!(json["summary"]["delivered"], 5);
}

#[test]
fn many_deliveries_at_once() {
    let args = ["sync", "lookup", "--mock", "--repeat", "150", "--concurrency", "20", "--ignore-trigger-limit"];
    let output = fire(&[&args[..], &["--format", "jsonl"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 301, "each delivery, then the summary");
    assert_eq!(lines[300]["delivered"], 300);
    let reused = lines.iter().filter(|line| line["attempts"][0]["phases"]["connect_ms"].is_null()).count();
    assert!(reused > 200, "connections are reused: {reused}");

    let rated = results(&["sync", "--mock", "--repeat", "20", "--rate", "400/s", "--concurrency", "4"], 0);
    assert!(rated["deliveries"][0]["queued_ms"].is_number());
    assert!(rated["summary"]["from_intended_start_ms"]["p50"].is_number());
}

#[test]
fn scripts_and_events() {
    // All scripts, each with its own fixture: lookup's event has none, its use case has one.
    let all = results(&["--mock"], 0);
    let scripts: Vec<_> = all["deliveries"].as_array().unwrap().iter().map(|d| d["script"].clone()).collect();
    assert_eq!(scripts, ["lookup", "sync"]);
    // Those that an event fires.
    let fired = results(&["--event", "fixtures/contact.created.json", "--mock"], 0);
    assert_eq!(fired["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(fired["deliveries"][0]["script"], "sync");
    // Standard input, changed by a flag.
    let (url, requests) = server("ok");
    let folder = project();
    let mut child = hookctl(folder.path())
        .args(["lookup", "--event", "-", "--set", "contact.phone_number=+7", "--to", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(br#"{"contact": {"phone_number": "+1"}}"#).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(next(&requests).starts_with("GET /find?phone=%2B7 HTTP/1.1"));
}

#[test]
fn results_in_a_file() {
    let folder = project();
    let mut command = hookctl(folder.path());
    let output = command
        .args(["sync", "--mock", "--format", "json", "--output", "results.json", "--report", "page.html"])
        .output()
        .unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), ""));
    let json: Value = serde_json::from_slice(&std::fs::read(folder.path().join("results.json")).unwrap()).unwrap();
    assert_eq!(json["summary"]["delivered"], 1);
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("</html>") && page.contains("sync") && !page.contains("s3cret"), "{page}");
}

/// The bodies of the next so many requests.
fn bodies(requests: &mpsc::Receiver<String>, count: usize) -> Vec<String> {
    (0..count).map(|_| next(requests).rsplit("\r\n").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn each_trigger_is_rendered_anew_and_retries_are_not() {
    let (url, requests) = server("ok");
    let folder = project();
    let varying = SCRIPT.replace("naïve & co", "{{ random(1000000000) }} {{ 'now' | date('u') }}");
    std::fs::write(folder.path().join("scripts/sync.yaml"), varying).unwrap();
    let fired = |args: &[&str]| {
        let output = hookctl(folder.path()).args(["sync", "--to", &url, "--repeat", "3"]).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        bodies(&requests, 3)
    };
    let unequal = |bodies: &[String]| bodies[0] != bodies[1] && bodies[1] != bodies[2] && bodies[0] != bodies[2];
    let bodies = fired(&[]);
    assert!(unequal(&bodies), "{bodies:?}");
    let seeded = fired(&["--seed", "7", "--now", "2026-11-23"]);
    assert!(unequal(&seeded), "{seeded:?}");
    assert_eq!(fired(&["--seed", "7", "--now", "2026-11-23"]), seeded, "the same run again");
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    signal(child, "INT");
}

#[cfg(unix)]
#[test]
fn an_interrupt_finishes_each_report() {
    let (url, requests) = stalling_server();
    for (format, whole, name) in [
        ("jsonl", r#""interrupted":1"#, "INT"),
        ("text", "1 interrupted", "INT"),
        ("junit", "</testsuites>", "INT"),
        // As a pipeline's time limit ends it.
        ("csv", ",interrupted,", "TERM"),
    ] {
        let folder = project();
        let child = hookctl(folder.path())
            .args(["sync", "--to", &url, "--repeat", "3", "--format", format, "--report", "page.html"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        next(&requests);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{format}");
        assert!(text(&output.stdout).contains(whole), "{format}: {}", text(&output.stdout));
        let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
        assert!(page.trim_end().ends_with("</html>"), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_leaves_at_once() {
    // Results that nobody reads: once the pipe is full, writing them would take for ever.
    let long = Box::leak("x".repeat(70_000).into_boxed_str());
    let (url, requests) = server(long);
    let folder = project();
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    let before = files();
    let mut child = hookctl(folder.path())
        .args(["sync", "--to", &url, "--repeat", "60", "--format", "jsonl", "--report", "page.html"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // At the second request, the first delivery has ended: its line alone is longer than a pipe holds.
    (0..2).for_each(|_| drop(next(&requests)));
    interrupt(&child);
    let deadline = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() && Instant::now() < deadline {
        // Two that come together count as one.
        thread::sleep(Duration::from_millis(10));
        interrupt(&child);
    }
    let _ = child.kill();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(files(), before, "nothing half-written is left");
}

#[cfg(unix)]
#[test]
fn an_interrupt_finishes_the_report() {
    let (url, requests) = stalling_server();
    let folder = project();
    let mut child = hookctl(folder.path())
        .args(["sync", "--to", &url, "--repeat", "3", "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    next(&requests);
    interrupt(&child);
    let mut results = String::new();
    child.stdout.take().unwrap().read_to_string(&mut results).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let json: Value = serde_json::from_str(&results).unwrap();
    let deliveries = json["deliveries"].as_array().unwrap();
    assert_eq!((deliveries.len(), &deliveries[0]["outcome"]), (1, &"interrupted".into()));
    assert_eq!(json["summary"]["interrupted"], 1);
}

#[test]
fn a_run_can_be_bounded_by_time() {
    let folder = project();
    let run = |args: &[&str]| {
        let mut command = hookctl(folder.path());
        command.args(["sync", "--mock", "--format", "json"]).args(args).output().unwrap()
    };
    let timed = run(&["--duration", "300ms", "--rate", "100/s", "--ignore-trigger-limit"]);
    let results: serde_json::Value = serde_json::from_slice(&timed.stdout).unwrap();
    let count = results["summary"]["deliveries"].as_u64().unwrap();
    // The first starts at 0 ms, the last before 300 ms; a slow machine starts fewer of them in time.
    assert!((2..=30).contains(&count), "{count}");
    assert_eq!(timed.status.code(), Some(0));

    let few = run(&["--duration", "1h", "--repeat", "3"]);
    let results: serde_json::Value = serde_json::from_slice(&few.stdout).unwrap();
    assert_eq!(results["summary"]["deliveries"], 3, "whichever ends first");

    let limited = run(&["--duration", "1s"]);
    assert_eq!(limited.status.code(), Some(2));
    assert!(text(&limited.stderr).contains("add --rate, such as `--rate 1/s`"), "{}", text(&limited.stderr));
}
