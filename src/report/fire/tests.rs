//! Each format from the same hand-made deliveries.

use std::time::Duration;

use super::*;
use crate::delivery::{
    Attempt, AttemptOutcome, Band, Baseline, DeliveryOutcome, ExpectResult, FailOn, FixedVerdict, LegacyVerdict,
    Phases, PolicySnapshot, PreviousRun, PreviousScript, Response, SentRequest,
};
use crate::policy::{LoadRate, Settings, TimeoutRule};
use crate::text::duration::{from_millis, millis};

const SAFE: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_secs(10);
const LEGACY: Duration = Duration::from_secs(80);

pub(super) fn run(deliveries: u64) -> Run {
    Run {
        policy: PolicySnapshot::new(TimeoutRule::Fixed, LoadRate::IDLE, &Settings::default()),
        requests: ["crm/sync", "lookup"]
            .map(|script| SentRequest {
                script: script.to_owned(),
                name: format!("The {script} script"),
                method: "POST".to_owned(),
                url: "https://api.example.com/users?token=«redacted»".to_owned(),
                headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
                body: Some("{\"first_name\":\"Ann\"}".to_owned()),
                varies: false,
            })
            .to_vec(),
        deliveries,
        duration: None,
        concurrency: 1,
        fail_on: FailOn::default(),
    }
}

pub(super) fn attempt(number: u32, status: u16, latency_ms: f64) -> Attempt {
    let success = (200..300).contains(&status);
    Attempt {
        number,
        wait_before: if number == 1 { Duration::ZERO } else { Duration::from_secs(2) * (1 << (number - 2)) },
        phases: Phases {
            dns: (number == 1).then_some(from_millis(0.4)),
            connect: (number == 1).then_some(from_millis(0.6)),
            tls: None,
            wait: Some(from_millis(latency_ms - 1.2)),
            download: Some(from_millis(0.2)),
        },
        error: (!success).then(|| format!("the receiver answered {status}")),
        response: Some(Response {
            headers: [("content-type", "text/plain")].into_iter().collect(),
            body: "<script>alert(1)</script> \u{1b}[31mred".to_owned(),
            bytes: 40,
            truncated: false,
            not_decoded: None,
        }),
        remote: Some("127.0.0.1:8787".to_owned()),
        http_version: Some("HTTP/1.1"),
        ..Attempt::answered(status, from_millis(latency_ms), LIMIT)
    }
}

pub(super) fn cut_off(number: u32) -> Attempt {
    Attempt {
        outcome: AttemptOutcome::TimedOut,
        status: None,
        latency: None,
        phases: Phases { connect: Some(from_millis(0.6)), wait: Some(from_millis(9_999.4)), ..Phases::default() },
        error: Some("no complete response within 10 s: nothing came from api.example.com:443".to_owned()),
        response: None,
        remote: None,
        http_version: None,
        ..attempt(number, 200, 10_000.0)
    }
}

pub(super) fn delivery(script: &str, trigger: u64, attempts: Vec<Attempt>) -> Delivery {
    let last = attempts.last();
    let latency = last.and_then(|last| last.latency);
    let cut_off = last.is_some_and(|last| last.cut_off_at().is_some());
    let delivered = last.is_some_and(|last| last.outcome == AttemptOutcome::Success);
    Delivery {
        script: script.to_owned(),
        trigger,
        outcome: if delivered { DeliveryOutcome::Delivered } else { DeliveryOutcome::Failed },
        band: match latency {
            Some(took) if took <= SAFE => Some(Band::Safe),
            Some(took) if took <= LIMIT => Some(Band::AtRisk),
            Some(_) => Some(Band::TimedOut),
            None => cut_off.then_some(Band::TimedOut),
        },
        elapsed: attempts.iter().map(|a| a.latency.unwrap_or(LIMIT) + a.wait_before).sum(),
        fixed: FixedVerdict { in_time: last.map(|_| latency.is_some_and(|took| took <= LIMIT)), limit: LIMIT },
        legacy: LegacyVerdict {
            in_time: latency.map(|took| took <= LEGACY).or((!cut_off && last.is_some()).then_some(false)),
            limit: LEGACY,
            in_time_up_to_load_rate: latency.map(|took| if took <= SAFE { 1.0 } else { 1.0 - millis(took) / 80_000.0 }),
        },
        expect: ExpectResult { passed: delivered, failures: Vec::new() },
        callback: None,
        callback_error: None,
        method: "POST".to_owned(),
        url: "https://api.example.com/users?token=«redacted»".to_owned(),
        started_at: "2026-11-28T10:15:30.123456Z".parse().unwrap(),
        duplicate: attempts.len() > 1,
        queued: None,
        body_read_up_to: None,
        attempts,
        latency,
    }
}

/// One of each kind.
pub(super) fn deliveries() -> Vec<Delivery> {
    let late = Attempt {
        outcome: AttemptOutcome::TimedOut,
        limit: LEGACY,
        error: Some("answered after 12 s, over the fixed limit of 10 s".to_owned()),
        ..attempt(1, 200, 12_000.0)
    };
    let refused = Attempt {
        outcome: AttemptOutcome::ConnectError,
        status: None,
        latency: None,
        phases: Phases::default(),
        error: Some("connection refused by 127.0.0.1:9".to_owned()),
        response: None,
        remote: None,
        http_version: None,
        ..attempt(1, 503, 1.0)
    };
    vec![
        Delivery { callback: Some("42".to_owned()), ..delivery("crm/sync", 1, vec![attempt(1, 200, 12.3)]) },
        delivery("crm/sync", 2, vec![attempt(1, 200, 7_000.0)]),
        delivery("crm/sync", 3, vec![attempt(1, 503, 20.0), attempt(2, 200, 30.0)]),
        delivery("lookup", 1, vec![late]),
        delivery("lookup", 2, vec![cut_off(1), cut_off(2), cut_off(3), cut_off(4)]),
        delivery("lookup", 3, vec![refused]),
        Delivery {
            expect: ExpectResult {
                passed: false,
                failures: vec!["expected status 204, got 200".to_owned(), "expected within 1 s, took 2 s".to_owned()],
            },
            ..delivery("lookup", 4, vec![attempt(1, 200, 2_000.0)])
        },
        Delivery {
            outcome: DeliveryOutcome::Throttled,
            fixed: FixedVerdict { in_time: None, limit: LIMIT },
            legacy: LegacyVerdict { in_time: None, limit: LEGACY, in_time_up_to_load_rate: None },
            elapsed: Duration::ZERO,
            ..delivery("lookup", 5, Vec::new())
        },
    ]
}

pub(super) fn written(mut sink: impl OutputFormat, run: &Run, deliveries: &[Delivery]) -> String {
    let mut out = Vec::new();
    let mut tally = Tally::default();
    sink.start(&mut out, run).unwrap();
    for delivery in deliveries {
        tally.add(delivery);
        sink.delivery(&mut out, run, delivery).unwrap();
    }
    sink.finish(&mut out, run, &tally).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn json() {
    insta::assert_snapshot!(written(Json::default(), &run(8), &deliveries()));
    let empty: serde_json::Value = serde_json::from_str(&written(Json::default(), &run(0), &[])).unwrap();
    assert_eq!(empty["deliveries"].as_array().map(Vec::len), Some(0));
}

#[test]
fn json_lines() {
    let text = written(JsonLines::default(), &run(8), &deliveries());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), deliveries().len() + 1);
    let first: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(first["script"], "crm/sync");
    insta::assert_snapshot!(lines[lines.len() - 1]);
}

#[test]
fn csv() {
    insta::assert_snapshot!(written(Csv, &run(8), &deliveries()));
}

#[test]
fn junit() {
    insta::assert_snapshot!(written(Junit::default(), &run(8), &deliveries()));
}

#[test]
fn junit_is_well_formed_whatever_a_message_holds() {
    let strange = "a\u{0}\u{1b}]0;b\u{fffe}\u{ffff}]]>\"<&\u{9b}c".to_owned();
    let failed = Attempt { error: Some(strange.clone()), ..attempt(1, 503, 20.0) };
    let mut ended = delivery(&strange, 1, vec![failed.clone(), failed]);
    ended.expect.failures = vec![strange];
    let text = written(Junit::default(), &run(1), &[ended]);
    let message = "a\\u{0}\\u{1b}]0;b\u{fffd}\u{fffd}]]&gt;&quot;&lt;&amp;\\u{9b}c";
    assert_eq!(text.matches(message).count(), 3, "{text}");
    assert!(text.contains(&format!("attempt 1: 503 (20 ms): {message}")), "{text}");
    assert!(!text.contains("]]>"), "{text}");
    let no_xml = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}');
    assert_eq!(text.find(no_xml), None, "{text:?}");
}

#[test]
fn junit_is_bounded() {
    let mut sink = Junit::default();
    let delivery = delivery("crm/sync", 1, vec![attempt(1, 200, 1.0)]);
    for _ in 0..20_010 {
        sink.delivery(&mut Vec::new(), &run(1), &delivery).unwrap();
    }
    let mut out = Vec::new();
    sink.finish(&mut out, &run(1), &Tally::default()).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches("<testcase").count(), 20_000);
    assert!(text.contains("10 more are left out"));
}

#[test]
fn text_fits_its_width() {
    for width in [40, 60, 100, 160] {
        let text = written(Text::new(Layout { width, color: false }), &run(8), &deliveries());
        for line in text.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{width} columns: {line}");
        }
        assert!(!text.contains('\u{1b}') && !text.contains('\u{a0}'), "no escapes, no invisible spaces");
        insta::assert_snapshot!(format!("text_{width}"), text);
    }
}

#[test]
fn nothing_is_green_beside_failures_but_what_was_delivered() {
    colored::control::set_override(true);
    let text = |deliveries: &[Delivery]| {
        written(Text::new(Layout { width: 100, color: true }), &run(deliveries.len() as u64), deliveries)
    };
    let fine = || delivery("crm/sync", 1, vec![attempt(1, 200, 12.3)]);
    let failed = Delivery { duplicate: false, ..delivery("crm/sync", 2, vec![attempt(1, 404, 12.3)]) };
    let green = |text: &str| text.matches("\u{1b}[32m").count();
    assert!(green(&text(&[fine(), fine()])) > 0);
    let both = text(&[fine(), failed]);
    let summary = &both[both.find("\u{1b}[2m =").unwrap()..];
    assert_eq!(green(summary), 1, "{summary:?}");
    assert!(summary.contains("\u{1b}[32m 1 delivered\u{1b}[0m"), "{summary:?}");
    assert!(summary.contains("\u{1b}[31m1 of 2 deliveries failed.\u{1b}[0m"), "{summary:?}");
}

#[test]
fn a_single_delivery_is_summed_up_in_a_line() {
    for single in [delivery("lookup", 1, vec![attempt(1, 200, 12.3)]), delivery("lookup", 1, vec![cut_off(1)])] {
        let text = written(Text::new(Layout { width: 100, color: false }), &run(1), &[single]);
        insta::assert_snapshot!(text);
    }
}

#[test]
fn a_long_run_is_a_digest() {
    let many: Vec<Delivery> = (0..300).map(|n| deliveries().swap_remove(n % 8)).collect();
    let text = written(Text::new(Layout { width: 100, color: false }), &run(300), &many);
    assert_eq!(text.matches('✘').count(), 5);
    insta::assert_snapshot!(text);
}

/// The reports of a run that is held against an earlier one.
fn compared(mut sink: impl OutputFormat, width: &[Delivery]) -> String {
    let mut past = PreviousRun { path: "old.json".to_owned(), ..PreviousRun::default() };
    let mut lookup = PreviousScript { deliveries: 4, ..PreviousScript::default() };
    lookup.latencies.record(Duration::from_secs(1));
    past.scripts.insert("lookup".to_owned(), lookup);
    past.scripts.insert("gone".to_owned(), PreviousScript::default());
    let mut tally = Tally::held_against(Baseline { past, max_regression: Some(0.2) });
    width.iter().for_each(|delivery| tally.add(delivery));
    let mut out = Vec::new();
    sink.finish(&mut out, &run(8), &tally).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_comparison_is_in_each_report() {
    let text = compared(Text::new(Layout { width: 100, color: false }), &deliveries());
    let from = text.find("compared with").unwrap();
    let to = from + text[from..].find("\n\n").unwrap();
    insta::assert_snapshot!(&text[from..to]);
    let json: serde_json::Value =
        serde_json::from_str(&compared(Json::default(), &[]).replacen("],", "{\"deliveries\":[],", 1)).unwrap();
    assert_eq!(json["comparison"]["scripts"][0]["change"], "not_fired");
    let line: serde_json::Value = serde_json::from_str(&compared(JsonLines::default(), &deliveries())).unwrap();
    assert_eq!(line["comparison"]["scripts"][1]["change"], "started_to_fail");
    assert!(compared(Junit::default(), &deliveries()).contains("type=\"regression\""));
    assert!(compared(Html::new(jiff::Timestamp::UNIX_EPOCH), &deliveries()).contains("Compared with old.json"));
}
