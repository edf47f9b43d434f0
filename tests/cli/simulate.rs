//! `hookctl simulate`, driven as a user does.

use serde_json::Value;

use crate::harness::{Project, Run};

/// Runs in an empty folder with these files.
fn simulate(files: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
    let Run { code, stdout, stderr } = Project::new(files).run(&[&["simulate"], args].concat());
    (code, stdout, stderr)
}

fn json(files: &[(&str, &str)], args: &[&str]) -> Value {
    let (code, stdout, stderr) = simulate(files, &[args, &["--format", "json"]].concat());
    assert_eq!((code, stderr.as_str()), (0, ""), "{args:?}");
    serde_json::from_str(&stdout).expect("JSON")
}

#[test]
fn shows_both_rules_side_by_side() {
    let args = ["--script", "slow: rate=30/m;latency=12s", "--script", "queue: rate=6/m;burst=6;latency=2s;workers=1"];
    let (code, stdout, stderr) =
        simulate(&[], &[args.as_slice(), &["--for", "10m", "--load-rate", "0s=0,10m=0.9"]].concat());
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(stdout);
}

#[test]
fn the_policy_of_the_project_decides() {
    let config = ("hookctl.yaml", "policy:\n  limit: 15s\n  triggers_per_minute: 10\n");
    let result = json(&[config], &["--latency", "12s", "--for", "1m", "-c", "policy.retry.max=1"]);
    assert_eq!(result["policy"]["limit_ms"], 15_000);
    assert_eq!(result["fixed"]["total"]["throttled"], 20);
    assert_eq!(result["fixed"]["total"]["delivered"], 10);
    assert!(!result["policy"]["assumed"].to_string().contains("retry.max\""), "{}", result["policy"]);
}

#[test]
fn real_triggers_and_real_latencies() {
    let times =
        ("events.csv", "time,script\n2026-05-04T10:00:00Z,crm\n2026-05-04T10:00:30Z,desk\n2026-05-04T10:01:00Z,crm\n");
    let results = r#"{"version": 1, "deliveries": [
        {"script": "crm", "attempts": [{"outcome": "timed_out", "status": 200, "latency_ms": 12000}]},
        {"script": "desk", "attempts": [{"outcome": "success", "status": 200, "latency_ms": 100}]}]}"#;
    let files = [times, ("results.json", results)];
    let result = json(&files, &["--trigger-times", "events.csv", "--latencies", "results.json"]);
    assert_eq!(result["moved"]["lost"], 2);
    assert_eq!(result["fixed"]["scripts"][1]["script"], "desk");
    assert_eq!(result["fixed"]["scripts"][1]["delivered"], 1);
    assert_eq!(result["legacy"]["total"]["latency_ms"]["max"], 12_000);
}

#[test]
fn scripts_of_the_project_loop_until_the_limit_trips() {
    let script = |url: &str, when: &str| {
        format!(
            "name: {url}\nuse_case: contact\nrequest:\n  method: PUT\n  url: https://{url}/api/v1/contact/{{{{ contact.id }}}}\n  \
             params: {{synced: yes}}\ntriggers:\n  - event: contact.updated\n{when}"
        )
    };
    let looping = script("acme.example.com", "");
    let elsewhere = script("api.example.com", "");
    let broken = script("acme.example.com", "    when: contact.synced != 'yes'\n").replace("name: ", "name: other ");
    let files = [
        ("hookctl.yaml", "api_hosts: [acme.example.com]\n"),
        ("scripts/looping.yaml", looping.as_str()),
        ("scripts/elsewhere.yaml", elsewhere.as_str()),
    ];
    let args = ["--rate", "1/h", "--latency", "100ms"];
    let result = json(&files, &[&["scripts/looping.yaml"], args.as_slice()].concat());
    assert_eq!(result["fixed"]["total"]["triggers"], 61);
    assert_eq!(result["fixed"]["total"]["throttled"], 1);
    let result = json(&files, &[&["scripts"], args.as_slice()].concat());
    // What looping causes fires both.
    assert_eq!(result["fixed"]["scripts"][0]["script"], "elsewhere");
    assert_eq!(result["fixed"]["scripts"][0]["triggers"], 61);
    let files = [files[0], ("scripts/broken.yaml", broken.as_str())];
    let result = json(&files, &[&["broken"], args.as_slice()].concat());
    assert_eq!(result["fixed"]["total"]["triggers"], 1);
}

#[test]
fn cut_off_latencies_are_pointed_out() {
    let results = r#"{"deliveries": [{"script": "crm", "attempts": [{"outcome": "timed_out", "status": null, "latency_ms": null}]}]}"#;
    let (code, _, stderr) = simulate(&[("results.json", results)], &["--latencies", "results.json"]);
    assert_eq!(code, 0);
    assert!(
        stderr.contains("1 attempt in the results ended at the limit") && stderr.contains("--policy both"),
        "{stderr}"
    );
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let args = ["--arrivals", "poisson", "--latency", "p50=4s,p99=20s", "--fail-rate", "0.1", "--for", "5m"];
    let run = |seed: &str| simulate(&[], &[args.as_slice(), &["--seed", seed]].concat()).1;
    assert_eq!(run("7"), run("7"));
    assert_ne!(run("7"), run("8"));
}

#[test]
fn wrong_arguments_are_said_in_words() {
    for (args, words) in [
        (["--rate", "5"].as_slice(), "write `5/s`, `5/m` or `5/h`"),
        (&["--load-rate", "1.5"], "above 1"),
        (&["--load-rate", "-1"], "below 0"),
        (&["--latency", "fast"], "`fast` is not a duration"),
        (&["--fail-rate", "NaN"], "`NaN` is not a number from 0 to 1"),
        (&["--workers", "0"], "`0` is not a count"),
        (&["--for", "0s"], "no time for triggers"),
        (&["--triggers", "0"], "write a whole number from 1 to 100000000, such as `1000`"),
        (&["--trigger-times", "no.csv"], "can't read `no.csv`"),
        (&["--latencies", "no.json"], "can't read the results `no.json`"),
        (&["--script", "crm: latency=2"], "has no unit"),
        (&["--script", "a: causes=b"], "which is not one of the scripts"),
        (&["no-such-script"], "no-such-script"),
    ] {
        let (code, stdout, stderr) = simulate(&[], args);
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}");
        assert!(stderr.contains(words), "{args:?}: {stderr}");
    }
    let files = [("bad.csv", "1s\nsoon\n"), ("bad.json", "{}")];
    let (code, _, stderr) = simulate(&files, &["--trigger-times", "bad.csv", "--latencies", "bad.json"]);
    assert!(code == 2 && stderr.contains("bad.csv:2:1") && stderr.contains("it has no `deliveries`"), "{stderr}");
}

#[test]
fn triggers_that_scripts_caused_and_their_loop_are_named() {
    for (scripts, words) in [
        (&["a: rate=1/h;latency=1s;causes=b", "b: rate=none;latency=1s;causes=a"][..], "`a` → `b` → `a` is a loop."),
        (
            &["a: rate=1/h;latency=1s;causes=a"],
            "298 of 300 triggers were caused by the scripts themselves: `a` is a loop",
        ),
        (
            &["a: rate=150/m;latency=1s;causes=b", "b: rate=none;latency=1s"],
            "149 of 300 triggers were caused by the scripts themselves.",
        ),
    ] {
        let specs: Vec<&str> = scripts.iter().flat_map(|script| ["--script", *script]).collect();
        let args = ["--triggers", "300", "--ignore-trigger-limit"];
        let (code, stdout, _) = simulate(&[], &[&specs[..], &args].concat());
        let told = stdout.replace('\n', " ");
        assert!(code == 0 && told.contains(words), "{scripts:?}: {stdout}");
    }
    let (_, stdout, _) = simulate(&[], &["--for", "1m"]);
    assert!(!stdout.contains("caused"), "{stdout}");
}

#[test]
fn a_run_with_failures_is_not_all_well() {
    let (_, stdout, _) = simulate(&[], &["--latency", "never", "--for", "1m"]);
    let told = stdout.replace('\n', " ");
    assert!(told.contains("fails under the fixed limit, but 30 others fail under it."), "{stdout}");
}

#[test]
fn each_script_has_its_figures_under_both_rules() {
    let args =
        ["--script", "crm: rate=1/h;latency=12s;causes=desk", "--script", "desk: rate=none;latency=1s", "--for", "1m"];
    let (_, stdout, _) = simulate(&[], &args);
    // The fixed limit retries three times, and each of the four triggers the other script.
    let header = "Script  Triggers, legacy  fixed  Throttled  Delivered, legacy      fixed  Attempts, legacy  fixed";
    assert!(stdout.contains(header), "{stdout}");
    let rows: Vec<Vec<&str>> = stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(rows.contains(&vec!["crm", "1", "1", "0", "1", "(100", "%)", "0", "1", "4"]), "{stdout}");
    assert!(rows.contains(&vec!["desk", "1", "4", "0", "1", "(100", "%)", "4", "(100", "%)", "1", "4"]), "{stdout}");
}
