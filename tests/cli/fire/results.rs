//! What `hookctl fire` makes of responses: callbacks, expectations, thresholds, comparisons.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::harness::{self, Project};
use crate::server::answering;

const SECRET: &str = "s3cret-value-1234";

/// A project of one script with these lines besides what a script needs.
fn project(lines: &str) -> Project {
    let script = format!(
        "name: Sync\nuse_case: contact\nrequest:\n  method: POST\n  url: https://api.example.com/users\n  \
         headers: {{X-API-Key: \"{{{{ env.API_KEY }}}}\"}}\ntriggers: [{{event: contact.created}}]\n{lines}\n"
    );
    Project::new(&[
        ("hookctl.yaml", "env_file: secrets.env\npolicy: {retry: {interval: 1ms}}\n"),
        ("secrets.env", &format!("API_KEY={SECRET}\n")),
        ("scripts/sync.yaml", &script),
        ("fixtures/contact.json", r#"{"contact": {"first_name": "Ann"}}"#),
    ])
}

fn hookctl(folder: &Path, args: &[&str]) -> Output {
    harness::hookctl(folder, args).output().unwrap()
}

fn fire(folder: &Path, args: &[&str]) -> Output {
    hookctl(folder, &[&["fire", "sync"], args].concat())
}

#[track_caller]
fn text(output: &Output, code: i32) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    // Wrapped lines read as one.
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn results(folder: &Path, args: &[&str], code: i32) -> Value {
    let output = fire(folder, &[args, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What `validate` finds, and its exit code.
fn findings(folder: &Path) -> (Value, Option<i32>) {
    let output = hookctl(folder, &["validate", "--format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    (document["findings"].clone(), output.status.code())
}

/// A JSON body of about so many bytes, with the id last.
fn long_json(bytes: usize) -> String {
    json!({"padding": "x".repeat(bytes), "id": 7}).to_string()
}

#[test]
fn a_callback_reads_a_long_body_whole_and_headers_in_any_case() {
    let folder =
        project("callback: \"{{ response.body.id }} {{ response.headers['X-Id'] }} {{ response.headers.LOCATION }}\"");
    let url = answering("200 OK\r\nx-id: a1\r\nLocation: /users/7", long_json(300_000));
    let delivery = &results(folder.path(), &["--to", &url], 0)["deliveries"][0];
    assert_eq!((&delivery["callback"], &delivery["callback_error"]), (&"7 a1 /users/7".into(), &Value::Null));
    assert_eq!(delivery["attempts"][0]["response"]["truncated"], true);
    assert!(delivery["attempts"][0]["response"]["body"].as_str().unwrap().len() <= 64 * 1024);
    assert_eq!(delivery.get("body_read_up_to"), None);
}

#[test]
fn a_callback_says_where_the_body_was_cut() {
    let url = answering("200 OK\r\nContent-Type: application/json", long_json(2_000_000));
    let failing = project("callback: \"{{ response.body.id }}\"");
    let delivery = &results(failing.path(), &["--to", &url], 0)["deliveries"][0];
    let error = delivery["callback_error"].as_str().unwrap();
    assert!(error.ends_with("(a callback reads only the first 1,048,576 of 2,000,021 bytes of the body)"), "{error}");
    let reading = project("callback: \"{{ response.body|length }}\"");
    let delivery = &results(reading.path(), &["--to", &url], 0)["deliveries"][0];
    assert_eq!((&delivery["callback"], &delivery["body_read_up_to"]), (&"1048576".into(), &1_048_576.into()));
    let shown = text(&fire(reading.path(), &["--to", &url]), 0);
    assert!(shown.contains("callback 1048576 · only over the first 1,048,576 bytes of the body"), "{shown}");
}

#[test]
fn a_callback_that_fails_is_told_apart_in_every_report() {
    let folder = project("callback: \"{{ response.body.id }}\"");
    let mock = format!("--mock=body={{\"name\": \"{SECRET}\"}}");
    let json = results(folder.path(), &[&mock], 0);
    let delivery = &json["deliveries"][0];
    assert_eq!((&delivery["outcome"], &delivery["callback"]), (&"delivered".into(), &Value::Null));
    assert!(delivery["callback_error"].as_str().unwrap().contains("id"), "{delivery}");
    assert_eq!(json["summary"]["callback_failed"], 1);
    for (format, words) in [
        ("text", "callback failed: "),
        ("jsonl", "\"callback_error\":\""),
        ("csv", ",callback_error\n"),
        ("junit", "<system-out>the callback failed: "),
    ] {
        let output = fire(folder.path(), &[&mock, "--format", format, "--report", "page.html"]);
        assert_eq!(output.status.code(), Some(0), "{format}");
        let shown = String::from_utf8(output.stdout).unwrap();
        let joined = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(words) || joined.contains(words), "{format}: {shown}");
        assert!(!shown.contains(SECRET), "{format}");
    }
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("<dt>callback</dt><dd class=\"bad\">failed: "), "the page");
    assert!(page.contains("<title>! The delivery succeeded, with a failed callback"), "the page");
    assert!(
        page.contains("The callback of 1 delivery failed; --fail-on callback makes that fail the run."),
        "the page"
    );
    assert!(!page.contains(SECRET));

    let fail_on = ["--fail-on", "callback"];
    let shown = text(&fire(folder.path(), &[&[mock.as_str()], &fail_on[..]].concat()), 1);
    assert!(shown.contains("1 delivery had a failed callback (--fail-on callback)."), "{shown}");
    let junit = text(&fire(folder.path(), &[&[mock.as_str(), "--format", "junit"], &fail_on[..]].concat()), 1);
    assert!(junit.contains("type=\"callback\"") && junit.contains("failures=\"1\""), "{junit}");
    text(&fire(folder.path(), &[&["--mock=body={\"id\": 1}"], &fail_on[..]].concat()), 0);
}

#[test]
fn a_callback_that_nobody_reads_is_a_finding() {
    let folder = project("callback: \"{{ response.status }}\"");
    let (found, _) = findings(folder.path());
    assert_eq!(found[0]["rule"], "HK306", "{found}");
    assert_eq!(found[0]["start"]["line"], 8);
}

#[test]
fn a_failure_that_the_script_expects_is_shown_as_both_and_does_not_fail_the_run() {
    let folder = project("expect: {status: 404}");
    let json = results(folder.path(), &["--mock=status=404"], 0);
    let delivery = &json["deliveries"][0];
    assert_eq!((&delivery["outcome"], &delivery["expect"]["passed"]), (&"failed".into(), &true.into()));
    assert_eq!((&json["summary"]["failed"], &json["summary"]["failed_as_expected"]), (&1.into(), &1.into()));
    let shown = text(&fire(folder.path(), &["--mock=status=404"]), 0);
    assert!(shown.contains("✔ sync · failed, as expected"), "{shown}");
    assert!(shown.contains("expect met; production counts the delivery as failed"), "{shown}");
    assert!(shown.contains("1 delivery = 0 delivered + 1 failed, as expected"), "{shown}");
    let junit = text(&fire(folder.path(), &["--mock=status=404", "--format", "junit"]), 0);
    assert!(junit.contains("failures=\"0\"") && junit.contains("404 is what the script expects"), "{junit}");

    // A 2xx is delivered, and not what is expected; another failure fails; so does one that never came.
    let shown = text(&fire(folder.path(), &["--mock"]), 1);
    assert!(shown.contains("delivered, not as expected") && shown.contains("status 404, got 200"), "{shown}");
    text(&fire(folder.path(), &["--mock=status=500", "--no-retry"]), 1);
    text(&fire(folder.path(), &["--mock=hang", "--no-retry", "--limit", "200ms"]), 1);

    let retried = project("expect: {status: 503}");
    let json = results(retried.path(), &["--mock=status=503"], 0);
    assert_eq!(json["deliveries"][0]["attempts"].as_array().unwrap().len(), 4, "production sends it again");
    assert_eq!(findings(folder.path()).0[0]["rule"], "HK403");
}

#[test]
fn a_failure_that_was_expected_is_not_fired_again() {
    let folder = project("expect: {status: 404}");
    text(&fire(folder.path(), &["--mock=status=404", "--format", "json", "--output", "old.json"]), 0);
    let again = hookctl(folder.path(), &["fire", "--mock", "--failed-from", "old.json"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing failed in `old.json`"));
}

#[test]
fn headers_and_bodies_are_held_against_what_the_script_expects() {
    let answer = "200 OK\r\ncontent-type: application/json; charset=utf-8\r\nX-Echo: s3cret-value-1234";
    let url = answering(answer, r#"{"status": "ok", "items": [{"id": 42}], "gone": null}"#.to_owned());
    let met = "expect:\n  headers: {Content-Type: /json/, X-None: null}\n  body: {status: ok, items.0.id: /\\d+/, gone: null}";
    let json = results(project(met).path(), &["--to", &url], 0);
    assert_eq!(json["deliveries"][0]["expect"], json!({"passed": true, "failures": []}));

    let missed =
        project("expect:\n  headers: {content-type: text/html, X-Echo: other}\n  body: {status: done, items.1.id: 1}");
    let json = results(missed.path(), &["--to", &url], 1);
    assert_eq!(json["deliveries"][0]["outcome"], "delivered");
    let failures = [
        "expected header `content-type` to be `text/html`, got `application/json; charset=utf-8`",
        "expected header `X-Echo` to be `other`, got `«redacted»`",
        "expected `status` of the body to be `done`, got `ok`",
        "expected `items.1.id` of the body to be `1`, but it is missing",
    ];
    assert_eq!(json["deliveries"][0]["expect"]["failures"], json!(failures));
    let shown = text(&fire(missed.path(), &["--to", &url]), 1);
    assert!(shown.contains("expect `status` of the body to be `done`, got `ok`"), "{shown}");
    assert!(!shown.contains(SECRET));

    let whole = project("expect: {body: '/\"status\": \"ok\"/'}");
    results(whole.path(), &["--to", &url], 0);
    let long = answering("200 OK", long_json(300_000));
    results(project("expect: {body: {id: 7}}").path(), &["--to", &long], 0);
}

#[test]
fn wrong_expectations_are_findings_at_their_places() {
    for (lines, words) in [
        ("expect: {headers: {Content-Type: /(/}}", "`/(/` is not a valid regular expression: "),
        ("expect: {headers: {Content Type: x}}", "`Content Type` is not a valid header name"),
        ("expect: {body: {\"$.items[0].id\": 7}}", "`$.items[0].id` is not a dotted path"),
        ("expect: {body: {items..id: 7}}", "the path `items..id` has an empty part"),
        ("expect: {body: {id: \"{{ contact.id }}\"}}", "templates are not rendered here"),
        ("expect: {body: [1, 2]}", "`body` must be"),
        ("expect: {headers: text}", "`expect.headers` must be a mapping"),
        ("expect: {header: {A: b}}", "unknown key `header`"),
    ] {
        let (found, code) = findings(project(lines).path());
        assert_eq!((code, &found[0]["start"]["line"]), (Some(1), &8.into()), "{lines}: {found}");
        assert!(found[0]["message"].as_str().unwrap().contains(words), "{lines}: {found}");
    }
}

#[test]
fn thresholds_fail_the_run_and_are_told() {
    let folder = project("");
    let slow = ["--mock=delay=60ms", "--repeat", "3", "--fail-on", "p95>40ms, error_rate>1%"];
    let json = results(folder.path(), &slow, 1);
    let thresholds = json["summary"]["thresholds"].as_array().unwrap();
    assert_eq!((&thresholds[0]["threshold"], &thresholds[0]["passed"]), (&"p95>40ms".into(), &false.into()));
    assert!(thresholds[0]["actual"].as_f64().unwrap() >= 60.0);
    assert_eq!((&thresholds[1]["actual"], &thresholds[1]["passed"]), (&json!(0.0), &true.into()));
    let shown = text(&fire(folder.path(), &slow), 1);
    assert!(shown.contains(", over 40ms (--fail-on 'p95>40ms')."), "{shown}");
    assert!(shown.contains("error_rate is 0 %, not over 1% (--fail-on 'error_rate>1%')."), "{shown}");
    let junit = text(&fire(folder.path(), &[&slow[..], &["--format", "junit"]].concat()), 1);
    assert!(
        junit.contains("<testsuite name=\"thresholds\" tests=\"2\" skipped=\"0\" errors=\"0\" failures=\"1\">"),
        "{junit}"
    );
    results(folder.path(), &["--mock", "--fail-on", "p95>5s,max>8s"], 0);

    // A rate of failures that is fine, and one that is not.
    let half = ["--mock=status=400,200,200,200", "--repeat", "4", "--fail-on"];
    results(folder.path(), &[&half[..], &["error_rate>30%"]].concat(), 0);
    results(folder.path(), &[&half[..], &["error_rate>20%"]].concat(), 1);
    results(folder.path(), &[&half[..], &["failed,error_rate>30%"]].concat(), 1);
    results(folder.path(), &[&half[..], &["p95>5s"]].concat(), 1);

    for (wrong, words) in [
        ("p95<5s", "write what makes the run fail with `>`"),
        ("p95>5", "write a number and its unit, such as `p95>5s`"),
        ("latency>5s", "there is no metric `latency`"),
        ("error_rate>1", "such as `error_rate>1%`"),
        ("slow", "write `failed`, `at_risk`, `retried`, `callback`, or a threshold"),
    ] {
        let output = fire(folder.path(), &["--mock", "--fail-on", wrong]);
        let message = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(message.contains(words), "{wrong}: {message}");
    }
}

#[test]
fn what_fails_the_run_fails_in_junit_too() {
    let folder = project("");
    let risky = [
        "--mock=delay=60ms",
        "-c",
        "policy.safe=30ms",
        "-c",
        "policy.legacy.min=30ms",
        "--format",
        "junit",
        "--fail-on",
    ];
    let at_risk = text(&fire(folder.path(), &[&risky[..], &["at_risk"]].concat()), 1);
    assert!(at_risk.contains("type=\"at_risk\"") && at_risk.contains("longer than the safe 30 ms"), "{at_risk}");
    let retried = ["--mock=status=503,200", "--format", "junit", "--fail-on", "retried"];
    let retried = text(&fire(folder.path(), &retried), 1);
    assert!(retried.contains("message=\"took 2 attempts\" type=\"retried\""), "{retried}");
}

#[test]
fn the_headline_of_the_page_agrees_with_the_exit_code() {
    let folder = project("");
    let half = ["--mock=status=400,200,200,200", "--repeat", "4"];
    let retried = ["--mock=status=503,200", "--repeat", "4"];
    for (fired, fail_on, code, headline) in [
        (half, "failed", 1, "✘ 1 of 4 deliveries failed"),
        (half, "error_rate>30%", 0, "! 1 of 4 deliveries failed, within the error rate allowed"),
        (half, "error_rate>20%", 1, "✘ 1 of 4 deliveries failed, and the error rate is over 20%"),
        (retried, "failed", 0, "! All 4 deliveries succeeded, 1 only on a retry"),
        (retried, "retried", 1, "✘ All 4 deliveries succeeded, but 1 needed a retry"),
        (["--mock=status=200", "--repeat", "4"], "max>8s", 0, "✔ All 4 deliveries succeeded"),
    ] {
        text(&fire(folder.path(), &[&fired[..], &["--fail-on", fail_on, "--report", "page.html"]].concat()), code);
        let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
        let title = page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
        assert_eq!(title, format!("{headline} – hookctl fire"), "{fail_on}");
    }
}

#[test]
fn a_summary_has_tail_percentiles_rates_and_bytes() {
    let folder = project("");
    let summary = results(folder.path(), &["--mock=body=12345", "--repeat", "10"], 0)["summary"].take();
    for figure in ["mean", "p50", "p90", "p95", "p99", "p99.9", "max"] {
        assert!(summary["latency_ms"][figure].is_number(), "{figure}: {summary}");
    }
    assert_eq!(summary["bytes"], 50);
    let (rate, elapsed) = (summary["deliveries_per_second"].as_f64().unwrap(), summary["elapsed_ms"].as_f64().unwrap());
    assert!((rate * elapsed / 10_000.0 - 1.0).abs() < 0.01, "{summary}");
    assert_eq!(summary["requests_per_second"], summary["deliveries_per_second"]);
    let shown = text(&fire(folder.path(), &["--mock=body=12345", "--repeat", "10"]), 0);
    for words in ["p95 ", "p99.9 ", " requests/s", "50 bytes received"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn lines_are_told_apart_and_rows_carry_url_and_start() {
    let folder = project("");
    let output = fire(folder.path(), &["--mock", "--repeat", "2", "--format", "jsonl"]);
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&Value> = lines.iter().map(|line| &line["type"]).collect();
    assert_eq!(kinds, ["delivery", "delivery", "summary"]);
    assert_eq!(lines[0]["method"], "POST");
    assert!(lines[0]["url"].as_str().unwrap().ends_with("/users"), "{}", lines[0]);
    let started = lines[0]["started_at"].as_str().unwrap();
    assert_eq!((started.len(), started.ends_with('Z')), ("2026-11-28T10:15:30.123Z".len(), true), "{started}");
    let started: jiff::Timestamp = started.parse().unwrap();
    assert!(jiff::Timestamp::now().duration_since(started).as_secs().abs() < 60);
    let csv = String::from_utf8(fire(folder.path(), &["--mock", "--format", "csv"]).stdout).unwrap();
    let (header, row) = csv.split_once('\n').unwrap();
    let cell = |name| {
        let column = header.split(',').position(|column| column == name).unwrap();
        row.trim_end().split(',').nth(column).unwrap().to_owned()
    };
    assert!(cell("url").starts_with("http://127.0.0.1:") && cell("started_at").ends_with('Z'), "{csv}");
    assert_eq!(cell("method"), "POST");
}

#[test]
fn each_delivery_carries_the_url_that_it_went_to() {
    let folder = project("");
    let script = "name: Sync\nuse_case: contact\nrequest:\n  method: GET\n  url: https://api.example.com/users\n  \
                  params: {n: \"{{ random(1000000) }}\", key: \"{{ env.API_KEY }}\"}\n";
    std::fs::write(folder.path().join("scripts/sync.yaml"), script).unwrap();
    let json = results(folder.path(), &["--mock", "--repeat", "2"], 0);
    let urls = [0, 1].map(|n| json["deliveries"][n]["url"].as_str().unwrap().to_owned());
    assert_ne!(urls[0], urls[1]);
    assert!(urls.iter().all(|url| url.ends_with("&key=«redacted»")), "{urls:?}");
    assert!(!json.to_string().contains(SECRET));
}

#[test]
fn throttled_deliveries_name_the_flag_that_sends_them() {
    let folder = project("");
    let throttled = ["-c", "policy.triggers_per_minute=1", "--mock", "--repeat", "3"];
    let shown = text(&fire(folder.path(), &throttled), 0);
    let sentence =
        "2 deliveries were over the limit of 1 trigger a minute and not sent; --ignore-trigger-limit sends them too.";
    assert!(shown.contains(sentence), "{shown}");
    let junit = text(&fire(folder.path(), &[&throttled[..], &["--format", "junit"]].concat()), 0);
    assert!(junit.contains("--ignore-trigger-limit"), "{junit}");
    let all = text(&fire(folder.path(), &[&throttled[..], &["--ignore-trigger-limit"]].concat()), 0);
    assert!(!all.contains("--ignore-trigger-limit"), "{all}");
}

#[test]
fn a_run_with_failures_has_no_good_headline_and_its_counts_agree() {
    let folder = project("expect: {status: [200, 404]}");
    let args = ["--mock=status=200,404,400,201,200", "--repeat", "5", "--report", "page.html"];
    let shown = text(&fire(folder.path(), &args), 1);
    let counts = "5 deliveries = 2 delivered + 1 delivered, not as expected + 1 failed + 1 failed, as expected";
    assert!(shown.contains(counts), "{shown}");
    assert!(shown.contains("1 of 5 deliveries failed, and 1 was delivered, not as expected."), "{shown}");
    assert!(!shown.contains("pass now too"), "{shown}");
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    let headline = "✘</span> 1 of 5 deliveries failed, and 1 was delivered, not as expected</h1>";
    assert!(page.find(headline).expect("a headline") < page.find("<main>").unwrap());
    let bar = "Of 5 deliveries: 1 failed; 1 delivered, not as expected; 1 failed, as expected; 2 delivered.";
    assert!(page.contains(bar), "{page}");
    for (class, number) in [("is-failed", 2), ("is-expected", 1)] {
        let rows = page.split("<details class=\"delivery").skip(1).map(|row| row.split('"').next().unwrap());
        assert_eq!(rows.filter(|classes| classes.contains(class)).count(), number, "{class}");
    }
    let columns = ["script", "sent", "failed", "not as expected", "failed, as expected", "on retry", "p50"];
    let heads = columns.map(|column| format!("<th scope=\"col\">{column}</th>")).concat();
    assert!(page.contains(&heads), "{page}");
    assert!(page.contains("id=\"only-expected\"") && page.contains("expect</dt><dd class=\"warning\">met; production"));
    assert!(!page.contains("pass now too") && !page.contains("passes now too"));
    let fine = text(&fire(folder.path(), &["--mock", "--repeat", "5"]), 0);
    assert!(fine.contains("All 5 deliveries that passed under the legacy wait pass now too"), "{fine}");
}

/// Fires with `before`, then with `now`, and gives what the comparison says of the script, and its text.
fn compared(folder: &Path, before: &[&str], now: &[&str], code: i32) -> (Value, String) {
    fire(folder, &[before, &["--format", "json", "--output", "old.json"]].concat());
    let against = ["--compare", "old.json", "--max-regression", "20%"];
    let json = results(folder, &[now, &against[..]].concat(), code);
    let shown = text(&fire(folder, &[now, &against[..]].concat()), code);
    (json["comparison"]["scripts"][0].clone(), shown)
}

#[test]
fn a_run_in_which_everything_takes_a_retry_is_a_regression() {
    let folder = project("");
    let (script, shown) = compared(folder.path(), &["--mock"], &["--mock=status=503,200"], 1);
    assert_eq!((&script["change"], &script["regression"]), (&"retried_more".into(), &true.into()));
    assert_eq!((&script["before"]["retried"], &script["now"]["retried"]), (&0.into(), &1.into()));
    assert_eq!(script["now"]["duplicates"], 1);
    assert!(script["now"]["elapsed_p50"].is_number());
    assert!(shown.contains("needs more retries: p50 ") && shown.contains("on a retry 0 of 1 → 1 of 1"), "{shown}");
}

#[test]
fn a_script_that_failed_before_is_still_failing() {
    let folder = project("");
    let failing = ["--mock=status=400"];
    let (script, shown) = compared(folder.path(), &failing, &failing, 1);
    assert_eq!((&script["change"], &script["regression"]), (&"still_failing".into(), &false.into()));
    assert!(shown.contains("sync: still failing: ") && shown.contains("; 1 is still failing."), "{shown}");
}

#[test]
fn a_difference_within_noise_is_not_slower() {
    let folder = project("");
    let old = r#"{"version":1,"deliveries":[{"script":"sync","outcome":"delivered","latency_ms":200}]}"#;
    std::fs::write(folder.path().join("old.json"), old).unwrap();
    let against = |mock, code| {
        let args = [mock, "--compare", "old.json", "--max-regression", "20%"];
        results(folder.path(), &args, code)["comparison"]["scripts"][0].clone()
    };
    // One delivery against one: two fifths more may be chance, three times as long are not.
    let script = against("--mock=delay=280ms", 0);
    assert_eq!((&script["change"], &script["few"]), (&"same".into(), &true.into()));
    assert_eq!(against("--mock=delay=600ms", 1)["change"], "slower");
}
