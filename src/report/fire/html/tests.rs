//! The page as a whole.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::delivery::{Attempt, DeliveryOutcome, ExpectResult, FailOn, Response, UsedProxy};
use crate::report::fire::tests::{attempt, cut_off, deliveries, delivery, run, written};

fn page(deliveries: &[Delivery]) -> String {
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    written(Html::new(now), &run(deliveries.len() as u64), deliveries)
}

/// The text between the first `from` and the next `to`.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to} after {from}")).0
}

fn title(page: &str) -> &str {
    between(page, "<title>", "</title>")
}

#[test]
fn only_its_own_script_runs() {
    let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let digest = suite.tls13().expect("TLS 1.3").common.hash_provider.hash(SCRIPT.as_bytes());
    assert_eq!(SCRIPT_HASH, format!("sha256-{}", STANDARD.encode(digest.as_ref())), "write this one into SCRIPT_HASH");
    let page = page(&deliveries());
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(between(&page, "<script>", "</script>"), SCRIPT, "to the letter: the policy has its digest");
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"));
    for unsafe_call in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!SCRIPT.contains(unsafe_call), "{unsafe_call}");
    }
}

#[test]
fn it_is_one_file_without_a_network() {
    let page = page(&deliveries());
    let own = between(&page, "<script>", "</script>");
    for outside in
        ["src=", "url(", "@import", "<link", "<iframe", "<object", "style=", "http-equiv=\"refresh", "fetch("]
    {
        assert!(!page.replace(own, "").contains(outside) && !own.contains(outside), "{outside}");
    }
    let links: Vec<&str> = page.split("href=\"").skip(1).collect();
    assert!(!links.is_empty() && links.iter().all(|link| link.starts_with('#')), "within the page");
    assert!(!page.contains('\u{1b}'));
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn hostile_names_stay_text_wherever_they_are() {
    let hostile = "\"><img src=x onerror=alert(1)>'</script><!--{{ 7 * 7 }}";
    let mut run = run(1);
    for request in &mut run.requests {
        request.script = hostile.to_owned();
        request.name = hostile.to_owned();
        request.url = format!("https://a.example/?{hostile}");
        request.headers = vec![(hostile.to_owned(), hostile.to_owned())];
        request.body = Some(hostile.to_owned());
    }
    let failed = Attempt { error: Some(hostile.to_owned()), remote: Some(hostile.to_owned()), ..attempt(1, 503, 20.0) };
    let ended = Delivery {
        callback: Some(hostile.to_owned()),
        expect: ExpectResult { passed: false, failures: vec![hostile.to_owned()] },
        ..delivery(hostile, 1, vec![failed.clone(), failed])
    };
    let page = written(Html::new(jiff::Timestamp::UNIX_EPOCH), &run, &[ended.clone(), ended]);
    assert!(!page.contains("<img") && !page.contains("alert(1)>"), "{page}");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.matches("{{ 7 * 7 }}").count() > 10 && !page.contains("<!--"));
}

#[test]
fn the_title_is_the_result() {
    let fine = || delivery("crm/sync", 1, vec![attempt(1, 200, 12.3)]);
    assert_eq!(title(&page(&[fine()])), "✔ The delivery succeeded – hookctl fire");
    assert_eq!(title(&page(&[fine(), fine()])), "✔ All 2 deliveries succeeded – hookctl fire");
    assert_eq!(
        title(&page(&deliveries())),
        "✘ 3 of 8 deliveries failed, and 1 was delivered, not as expected, 1 throttled – hookctl fire"
    );
    assert_eq!(title(&page(&[])), "! Nothing was fired – hookctl fire");
}

#[test]
fn headline_table_and_list_agree_with_the_summary() {
    let all: Vec<Delivery> = (0..40).flat_map(|_| deliveries()).collect();
    let mut tally = Tally::default();
    all.iter().for_each(|delivery| tally.add(delivery));
    let failed = all.iter().filter(|delivery| delivery.is_failure()).count();
    let summary = tally.summary(&FailOn::default());
    assert_eq!(failed as u64, summary.failed + summary.expect_failed);
    let page = page(&all);
    assert!(
        title(&page)
            .starts_with("✘ 120 of 320 deliveries failed, and 40 were delivered, not as expected, 40 throttled")
    );
    assert_eq!(page.matches("<details class=\"delivery is-failed").count(), failed);
    // Of the table of scripts, the columns sent, failed, not as expected and throttled.
    let rows = between(&page, "<table class=\"sortable\">", "</table>").split("<tr>").skip(2);
    let column = |row: &str, index: usize| -> u64 {
        row.split("<td data-sort=\"").nth(index + 1).and_then(|cell| cell.split('"').next()).unwrap().parse().unwrap()
    };
    let sums = rows.fold([0; 4], |sums, row| [0, 1, 2, 4].map(|index| sums[index.min(3)] + column(row, index)));
    let failures = [summary.failed_unexpectedly(), summary.expect_failed];
    assert_eq!(sums, [summary.deliveries - summary.throttled, failures[0], failures[1], summary.throttled]);
    assert!(
        page.contains("Of 320 deliveries: 120 failed; 40 delivered, not as expected; 40 throttled; 120 delivered.")
    );
    // Of the answers.
    let answers: u64 = between(&page, "<table class=\"answers\">", "</table>")
        .split("</th><td>")
        .skip(1)
        .map(|row| row.split('<').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(answers, summary.deliveries);
}

#[test]
fn nothing_is_green_beside_failures() {
    let page = page(&deliveries());
    let before_deliveries = between(&page, "<body>", "id=\"deliveries\"");
    for element in ["p", "li", "dd", "h1", "b", "span", "td"] {
        assert!(!before_deliveries.contains(&format!("<{element} class=\"good\"")), "{element}");
    }
    let failed = page.split("<details class=\"delivery").find(|row| row.starts_with(" is-failed")).unwrap();
    assert!(!between(failed, "<summary>", "</summary>").contains("\"good\""), "{failed}");
}

#[test]
fn what_is_zero_is_not_shown() {
    let page = page(&[delivery("crm/sync", 1, vec![attempt(1, 200, 12.3)])]);
    let summary = between(&page, "<h1", "</section>");
    for zero in ["failed", "throttled", "interrupted", "at risk", "class=\"bad\""] {
        assert!(!summary.contains(zero), "{zero}: {summary}");
    }
    assert!(page.contains("id=\"d1\"") && between(&page, "id=\"d1\"", ">").ends_with(" open"), "the only one is open");
}

#[test]
fn the_first_failure_is_named_and_linked() {
    let page = page(&deliveries());
    assert!(
        page.contains("<b>Failed first:</b> <a href=\"#d4\">lookup #1</a>"),
        "{}",
        between(&page, "<h1", "</section>")
    );
    assert!(page.contains("answered after 12 s, over the fixed limit of 10 s"));
    assert!(page.contains("id=\"d4\""));
}

#[test]
fn the_page_is_bounded_and_says_so() {
    let fine = delivery("crm/sync", 1, vec![attempt(1, 200, 12.3)]);
    let failed = delivery("lookup", 1, vec![cut_off(1)]);
    let many: Vec<Delivery> =
        (0..12_000).map(|n| if n < 10_000 || n % 2 == 0 { fine.clone() } else { failed.clone() }).collect();
    let page = page(&many);
    assert_eq!(page.matches("<details class=\"delivery").count(), ROWS);
    assert_eq!(
        page.matches("<details class=\"delivery is-failed").count(),
        1_000,
        "before others, though they came last"
    );
    assert_eq!(page.matches("This page has too many deliveries").count(), ROWS - 350, "300 failed ones and 50 others");
    assert!(page.contains("5,000 of 12,000 deliveries are listed"));
    assert!(page.contains("350 of them can be opened"));
    assert!(page.len() < 8 << 20, "{} bytes", page.len());
}

#[test]
fn a_failure_can_be_opened_after_thousands_of_retries() {
    let retried = delivery("crm/sync", 1, vec![attempt(1, 503, 2.0), attempt(2, 200, 2.0)]);
    let mut many = vec![retried; 6_000];
    many.push(delivery("lookup", 7, vec![cut_off(1)]));
    let page = page(&many);
    let failed = page.split("<details class=\"delivery").find(|row| row.starts_with(" is-failed")).unwrap();
    assert!(failed.contains("<b>Attempt 1</b>"), "{failed}");
    assert!(page.contains("<b>Failed:</b> <a href=\"#d6001\">lookup #7</a>"));
    assert_eq!(page.matches("<details class=\"delivery").count(), ROWS);
}

#[test]
fn a_request_is_on_the_page_once_with_its_command() {
    let page = page(&deliveries());
    assert_eq!(page.matches("<pre class=\"command\">").count(), 2, "one a script");
    assert!(page.contains("curl --request POST &#x27;https:") || page.contains("curl --request POST &#39;https:"));
    assert!(
        page.contains("Secrets are redacted, so this command won&#x27;t run as is")
            || page.contains("won&#39;t run as is")
    );
    assert!(page.contains("data-request=\"1\"") && page.contains("id=\"request-1\""));
}

#[test]
fn every_latency_is_in_the_plots_and_none_without_one() {
    let seen = page(&deliveries());
    for plot in ["<h3>Distribution</h3>", "<h3>Over time</h3>", "<h3>How long the platform waits, by its load</h3>"] {
        assert!(seen.contains(plot), "{plot}");
    }
    assert_eq!(seen.matches("<use href=\"#cross\"").count(), 4);
    assert!(seen.contains("1 of 5 deliveries that passed under the legacy wait now fails"));
    let refused = Delivery { latency: None, outcome: DeliveryOutcome::Failed, ..deliveries().swap_remove(5) };
    let none = page(&[refused.clone(), refused]);
    assert!(none.contains("There was no complete answer") && !none.contains("<h3>Distribution</h3>"));
}

#[test]
fn an_opened_delivery_says_how_it_got_there() {
    let proxy = UsedProxy { address: "proxy.example:3128".to_owned(), from: "HTTP_PROXY" };
    let mut sent = attempt(1, 200, 12.3);
    sent.response =
        sent.response.map(|response| Response { not_decoded: Some("<zstd> is unknown".to_owned()), ..response });
    let sent = Attempt { proxy: Some(proxy), resent: vec!["the server <closed> it".to_owned()], ..sent };
    let ended = Delivery {
        callback: Some("7".to_owned()),
        body_read_up_to: Some(1_048_576),
        url: "https://api.example.com/users?n=<2>".to_owned(),
        ..delivery("crm/sync", 2, vec![sent])
    };
    let mut run = run(1);
    run.requests.iter_mut().for_each(|request| request.varies = true);
    let page = written(Html::new(jiff::Timestamp::UNIX_EPOCH), &run, &[ended]);
    for words in [
        "through the proxy proxy.example:3128 (HTTP_PROXY)",
        "<p class=\"warning\">sent again over another connection: the server &lt;closed&gt; it</p>",
        "the body is shown undecoded: &lt;zstd&gt; is unknown",
        "<code>7</code> <span class=\"warning\">· only over the first 1,048,576 bytes of the body</span>",
        "<dt>request</dt><dd class=\"target\"><code>POST https:&#x2F;&#x2F;api.example.com&#x2F;users?n=&lt;2&gt;</code>",
        "which was rendered again for this delivery",
        "so each trigger renders its own request",
    ] {
        let slashes = words.replace("&#x2F;", "/");
        assert!(page.contains(words) || page.contains(&slashes), "{words}: {page}");
    }
    let own = self::page(&[delivery("crm/sync", 2, vec![attempt(1, 200, 12.3)])]);
    assert!(!own.contains("<dt>request</dt>") && !own.contains("rendered again"), "its script's own request");
    assert!(own.contains("class=\"request-link\""));
}

#[test]
fn a_delivery_for_which_the_run_fails_is_named_though_it_was_delivered() {
    let run = |criteria: &[&str]| Run {
        fail_on: FailOn::new(criteria.iter().map(|criterion| criterion.parse().unwrap()).collect()),
        ..run(3)
    };
    let fine = delivery("crm/sync", 1, vec![attempt(1, 200, 12.3)]);
    let risky = delivery("crm/sync", 2, vec![attempt(1, 200, 7_000.0)]);
    let all = [fine.clone(), risky, fine];
    let page = written(Html::new(jiff::Timestamp::UNIX_EPOCH), &run(&["at_risk", "p95>5s"]), &all);
    assert_eq!(
        title(&page),
        "✘ All 3 deliveries succeeded, but 1 took longer than the safe 5 s and p95 is over 5s – hookctl fire"
    );
    let summary = between(&page, "<h1", "</section>");
    assert!(summary.contains("<b>Fails the run:</b> <a href=\"#d2\">crm/sync #2</a>"), "{summary}");
    assert!(summary.contains("took 7 s, longer than the safe 5 s"), "{summary}");
    assert!(summary.contains("<li class=\"bad\">1 delivery took longer than the safe 5 s (--fail-on at_risk).</li>"));
    assert!(summary.contains("<li class=\"bad\">p95 is 7 s, over 5s"), "{summary}");
    assert!(!summary.contains("while the platform is not loaded"), "told once");
    let passing = written(Html::new(jiff::Timestamp::UNIX_EPOCH), &run(&["p95>9s"]), &all);
    assert!(title(&passing).starts_with("! All 3 deliveries succeeded, 1 at risk of a timeout"), "{}", title(&passing));
    assert!(passing.contains("<li class=\"good\">p95 is 7 s, not over 9s"));
}

#[test]
fn volume_and_tail_are_those_of_the_summary() {
    let started = |ms| Delivery {
        started_at: jiff::Timestamp::from_millisecond(ms).unwrap(),
        ..delivery("crm/sync", 1, vec![attempt(1, 200, 500.0)])
    };
    let page = page(&[started(1_000), started(1_500), started(2_500)]);
    for figure in
        ["<dt>p99.9</dt><dd>500 ms</dd>", "<b>1.50</b> requests", "<b>1.50</b> deliveries", "<b>120</b> bytes received"]
    {
        assert!(page.contains(figure), "{figure}: {}", between(&page, "<h1", "</section>"));
    }
    let places: Vec<&str> =
        page.split("<circle class=\"in-time\" cx=\"").skip(2).map(|dot| dot.split('"').next().unwrap()).collect();
    assert_eq!(places, ["1.00%", "33.67%", "99.00%"], "where they started, not where they were told of");
}

#[test]
fn nothing_is_praised_or_blamed_for_being_in_time_beside_failures() {
    let failed = delivery("crm/sync", 1, vec![attempt(1, 503, 20.0)]);
    let page = page(&[failed.clone(), failed]);
    assert!(page.contains("<dd class=\"\">2 of 2 in time</dd>"), "{}", between(&page, "In time under", "</dl>"));
}
