//! Deliveries over real sockets under scaled policies: retries and their waits, both limits, the trigger limit, rates, stops.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::server::{head, request, serve};
use hookctl::delivery::{
    AttemptOutcome, Band, Client, ClientOptions, Delivery, DeliveryEvent, DeliveryOutcome, Expectation, LoadProfile,
    Outgoing, PreparedScript, ProxyChoice, RunRules, Runner,
};
use hookctl::http::StatusPattern;
use hookctl::policy::{LoadRate, Policy, TimeoutRule};
use hookctl::secret::Redactor;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use tokio::time::sleep;

/// A server that answers the n-th request (from 0) by `answer`: a status and a delay.
async fn answers(answer: fn(usize) -> (u16, Duration)) -> String {
    let count = Arc::new(AtomicUsize::new(0));
    let address = serve(move |mut stream| {
        let count = Arc::clone(&count);
        async move {
            while !head(&mut stream).await?.is_empty() {
                let (status, delay) = answer(count.fetch_add(1, Ordering::SeqCst));
                sleep(delay).await;
                let body = r#"{"token": "s3cret-token"}"#;
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nRetry-After: 7\r\nX-Echo: s3cret-token\r\ns3cret-token: 1\r\n\r\n"
                );
                stream.write_all((head + body).as_bytes()).await?;
            }
            Ok(())
        }
    })
    .await;
    format!("http://{address}/")
}

fn at_once(status: u16) -> (u16, Duration) {
    (status, Duration::ZERO)
}

/// Production's rules, a hundred times as fast; the limits are long enough for a busy machine unless a test shortens them.
fn rules() -> RunRules {
    let mut policy = Policy { limit: Duration::from_secs(10), safe: Duration::from_secs(5), ..Policy::default() };
    policy.retry.interval = Duration::from_millis(2);
    RunRules { policy, regime: TimeoutRule::Fixed, load: LoadRate::IDLE, seed: 1 }
}

fn volume() -> LoadProfile {
    LoadProfile { repeat: 1, duration: None, concurrency: NonZeroUsize::MIN, rate: None, throttle: true }
}

fn script(url: &str) -> PreparedScript {
    PreparedScript {
        id: "s".into(),
        request: Outgoing::new(&request("GET", url)).expect("a request that can be sent"),
        expect: Expectation::default(),
        rerender: None,
        callback: None,
        redactor: Redactor::default(),
    }
}

async fn fire(script: PreparedScript, rules: RunRules, volume: LoadProfile) -> Vec<Delivery> {
    let (_running, stop) = watch::channel(false);
    fire_until(script, rules, volume, stop, Box::new(|_| {})).await
}

async fn fire_until(
    script: PreparedScript,
    rules: RunRules,
    volume: LoadProfile,
    stop: watch::Receiver<bool>,
    watcher: Box<dyn Fn(DeliveryEvent<'_>) + Send + Sync>,
) -> Vec<Delivery> {
    let client = Client::new(ClientOptions { proxy: ProxyChoice::Direct, ..Default::default() }).expect("a client");
    let firing = Runner::new(client, vec![script], rules, volume, watcher);
    let started =
        tokio::task::spawn_blocking(move || firing.ready(&stop).map(|ready| ready.begin())).await.expect("no panic");
    let (mut deliveries, reporting) = started.expect("threads");
    reporting.shutdown_background();
    let mut ended = Vec::new();
    while let Some(delivery) = deliveries.recv().await {
        ended.push(delivery);
    }
    ended
}

async fn fire_once(script: PreparedScript, rules: RunRules) -> Delivery {
    fire(script, rules, volume()).await.pop().expect("one delivery")
}

#[tokio::test]
async fn a_delivery_is_retried_by_the_plan_and_marked_as_a_duplicate() {
    let url = answers(|n| at_once(if n < 2 { 503 } else { 200 })).await;
    let delivery = fire_once(script(&url), rules()).await;
    assert_eq!(delivery.outcome, DeliveryOutcome::Delivered);
    let outcomes: Vec<_> = delivery.attempts.iter().map(|a| (a.number, a.outcome, a.status)).collect();
    use AttemptOutcome::{HttpError, Success};
    assert_eq!(outcomes, [(1, HttpError, Some(503)), (2, HttpError, Some(503)), (3, Success, Some(200))]);
    let waits: Vec<_> = delivery.attempts.iter().map(|a| a.wait_before).collect();
    assert_eq!(waits, [0, 2, 4].map(Duration::from_millis));
    assert!(delivery.duplicate, "the endpoint was sent the request three times");
    assert!(delivery.elapsed >= Duration::from_millis(6), "the waits are part of {:?}", delivery.elapsed);
    assert!(delivery.expect.passed);
}

#[tokio::test]
async fn no_more_attempts_than_the_load_allows() {
    let url = answers(|_| at_once(500)).await;
    for (load, attempts) in [(0.0, 4), (0.5, 3), (1.0, 1)] {
        let rules = RunRules { load: LoadRate::new(load).expect("a load"), ..rules() };
        let delivery = fire_once(script(&url), rules).await;
        assert_eq!((delivery.outcome, delivery.attempts.len()), (DeliveryOutcome::Failed, attempts), "at load {load}");
        assert_eq!(delivery.duplicate, attempts > 1);
        assert_eq!(delivery.expect.failures, ["expected status 2xx, got 500"]);
    }
    let url = answers(|_| at_once(404)).await;
    assert_eq!(fire_once(script(&url), rules()).await.attempts.len(), 1, "a 404 is not retried");
}

#[tokio::test]
async fn what_the_endpoint_asks_for_is_shown_and_obeyed_if_wanted() {
    let url = answers(|n| at_once(if n % 2 == 0 { 429 } else { 200 })).await;
    for (obey, wait) in [(false, 2), (true, 30)].map(|(obey, wait)| (obey, Duration::from_millis(wait))) {
        let mut rules = rules();
        rules.policy.retry.obey_retry_after = obey;
        rules.policy.retry.max_interval = Duration::from_millis(30);
        let delivery = fire_once(script(&url), rules).await;
        assert_eq!(delivery.attempts[0].retry_after, Some(Duration::from_secs(7)));
        assert_eq!(delivery.attempts[1].wait_before, wait, "the longest wait is a bound for the endpoint too");
    }
}

#[tokio::test]
async fn a_refused_connection_is_no_duplicate() {
    let delivery = fire_once(script("http://127.0.0.1:1/"), rules()).await;
    assert_eq!((delivery.outcome, delivery.attempts.len()), (DeliveryOutcome::Failed, 4));
    assert!(!delivery.duplicate && delivery.band.is_none() && delivery.latency.is_none());
    let verdicts = (delivery.fixed.in_time, delivery.legacy.in_time);
    assert_eq!(verdicts, (Some(false), Some(false)), "no response was in time for neither limit");
    assert_eq!(delivery.expect.failures, ["expected status 2xx, got no response"]);
}

#[tokio::test]
async fn each_limit_judges_what_the_longer_one_waited_for() {
    // An answer after 100 ms, under a fixed limit of 50 ms and a legacy wait of up to 40 s.
    let url = answers(|_| (200, Duration::from_millis(100))).await;
    let scaled = |regime| {
        let mut rules = RunRules { regime, ..rules() };
        rules.policy.limit = Duration::from_millis(50);
        rules.policy.safe = Duration::from_millis(25);
        rules.policy.legacy.min = Duration::from_millis(25);
        rules.policy.legacy.max = Duration::from_secs(40);
        rules.policy.retry.max = 0;
        rules
    };

    let fixed = fire_once(script(&url), scaled(TimeoutRule::Fixed)).await;
    assert_eq!((fixed.outcome, fixed.band), (DeliveryOutcome::Failed, Some(Band::TimedOut)));
    assert_eq!((fixed.latency, fixed.fixed.in_time, fixed.legacy.in_time), (None, Some(false), None));
    assert_eq!(
        (fixed.attempts[0].limit, fixed.attempts[0].outcome),
        (Duration::from_millis(50), AttemptOutcome::TimedOut)
    );

    let legacy = fire_once(script(&url), scaled(TimeoutRule::Legacy)).await;
    assert_eq!((legacy.outcome, legacy.attempts[0].outcome), (DeliveryOutcome::Delivered, AttemptOutcome::Success));
    assert_eq!((legacy.fixed.in_time, legacy.legacy.in_time), (Some(false), Some(true)));

    let mut both_rules = scaled(TimeoutRule::Both);
    both_rules.policy.retry.max = 3;
    let both = fire_once(script(&url), both_rules).await;
    assert_eq!((both.outcome, both.band), (DeliveryOutcome::Failed, Some(Band::TimedOut)));
    assert_eq!((both.fixed.in_time, both.legacy.in_time), (Some(false), Some(true)));
    assert!(both.latency.is_some_and(|t| t >= Duration::from_millis(100)), "the real latency is seen");
    assert_eq!(
        (both.attempts.len(), both.attempts[0].limit),
        (1, Duration::from_secs(40)),
        "what is known is not asked for again"
    );
    let up_to = both.legacy.in_time_up_to_load_rate.expect("a load");
    assert!((0.9..1.0).contains(&up_to), "{up_to}");
    assert!(both.attempts[0].error.as_deref().is_some_and(|e| e.contains("longer than the fixed limit of 50 ms")));
}

#[tokio::test]
async fn an_error_that_came_too_late_is_too_late() {
    // Under the fixed limit alone, a 404 or a 500 after it would be a timeout: so it is under both.
    for status in [404, 500] {
        let url = answers(if status == 404 {
            |_| (404, Duration::from_millis(100))
        } else {
            |_| (500, Duration::from_millis(100))
        })
        .await;
        let mut rules = RunRules { regime: TimeoutRule::Both, ..rules() };
        rules.policy.limit = Duration::from_millis(50);
        rules.policy.safe = Duration::from_millis(25);
        let delivery = fire_once(script(&url), rules).await;
        let attempt = &delivery.attempts[0];
        assert_eq!((attempt.outcome, attempt.status), (AttemptOutcome::TimedOut, Some(status)));
        assert_eq!((delivery.attempts.len(), delivery.band), (1, Some(Band::TimedOut)));
        let error = attempt.error.as_deref().unwrap_or_default();
        assert!(error.contains(&format!("answered {status}")) && error.contains("longer than the fixed"), "{error}");
        assert!(attempt.latency.is_some() && !delivery.is_accepted());
    }
}

#[tokio::test]
async fn expectations_are_the_scripts_own() {
    let url = answers(|_| (201, Duration::from_millis(30))).await;
    let expecting = |status, within| {
        let within = Some(Duration::from_millis(within));
        PreparedScript {
            expect: Expectation { status: vec![status], within, ..Expectation::default() },
            ..script(&url)
        }
    };
    let met = fire_once(expecting(StatusPattern::Code(201), 9_000), rules()).await;
    assert!(met.expect.passed, "{:?}", met.expect.failures);
    let missed = fire_once(expecting(StatusPattern::Code(200), 10), rules()).await;
    assert_eq!(missed.outcome, DeliveryOutcome::Delivered, "the platform does not ask for more than a 2xx in time");
    assert_eq!(missed.expect.failures.len(), 2);
    assert_eq!(missed.expect.failures[0], "expected status 200, got 201");
    assert!(missed.expect.failures[1].starts_with("expected an answer within 10 ms, but it took "));
}

#[tokio::test]
async fn triggers_over_the_limit_are_not_sent() {
    let url = answers(|_| at_once(200)).await;
    let count = |deliveries: &[Delivery], outcome| deliveries.iter().filter(|d| d.outcome == outcome).count();
    let mut rules = rules();
    rules.policy.triggers_per_minute = 3;
    let volume = LoadProfile { repeat: 5, ..volume() };
    let limited = fire(script(&url), rules.clone(), volume.clone()).await;
    assert_eq!(count(&limited, DeliveryOutcome::Delivered), 3);
    assert_eq!(count(&limited, DeliveryOutcome::Throttled), 2);
    let last = limited.last().expect("five deliveries");
    assert_eq!((last.trigger, last.attempts.len(), last.expect.passed), (5, 0, true));
    let all = fire(script(&url), rules, LoadProfile { throttle: false, ..volume }).await;
    assert_eq!(count(&all, DeliveryOutcome::Delivered), 5);
}

#[tokio::test]
async fn a_rate_has_intended_starts_and_shows_the_queue() {
    // Each takes 20 ms, one at a time, and one is due every 5 ms: the tenth starts about 135 ms late.
    let url = answers(|_| (200, Duration::from_millis(20))).await;
    let volume = LoadProfile { repeat: 10, rate: Some(200.0), ..volume() };
    let deliveries = fire(script(&url), rules(), volume).await;
    let queued: Vec<Duration> = deliveries.iter().filter_map(|d| d.queued).collect();
    assert_eq!(queued.len(), 10);
    assert!(queued[9] >= Duration::from_millis(100) && queued[9] > queued[1], "{queued:?}");
}

#[tokio::test]
async fn secrets_stay_inside() {
    let url = answers(|_| at_once(200)).await;
    let script = PreparedScript {
        redactor: Redactor::new(["s3cret-token"]),
        callback: Some(Box::new(|status, _, body| Ok(format!("{status} {body}")))),
        ..script(&url)
    };
    let delivery = fire_once(script, rules()).await;
    let all = format!("{delivery:?}");
    assert!(!all.contains("s3cret-token") && all.contains("«redacted»"), "{all}");
    assert_eq!(delivery.callback.as_deref(), Some(r#"200 {"token": "«redacted»"}"#));
}

#[tokio::test]
async fn a_stop_cuts_off_what_is_under_way() {
    let url = answers(|n| if n == 0 { at_once(503) } else { (200, Duration::from_secs(60)) }).await;
    let (stop, stopped) = watch::channel(false);
    let started = Instant::now();
    let stopper = tokio::spawn(async move {
        sleep(Duration::from_millis(60)).await;
        stop.send(true).expect("somebody listens");
        stop
    });
    let volume = LoadProfile { repeat: 100, ..volume() };
    let deliveries = fire_until(script(&url), rules(), volume, stopped, Box::new(|_| {})).await;
    stopper.await.expect("the stopper");
    assert!(started.elapsed() < Duration::from_secs(9));
    assert_eq!(deliveries.len(), 1, "nothing new begins");
    assert_eq!(deliveries[0].outcome, DeliveryOutcome::Interrupted);
    assert_eq!(deliveries[0].attempts.len(), 1, "what had ended is reported");
}

#[tokio::test]
async fn a_run_that_is_stopped_already_fires_nothing() {
    let url = answers(|_| at_once(200)).await;
    let (_stopper, stopped) = watch::channel(true);
    let volume = LoadProfile { repeat: 3, ..volume() };
    let deliveries = fire_until(script(&url), rules(), volume, stopped, Box::new(|_| {})).await;
    assert_eq!(deliveries.len(), 0);
}

#[tokio::test]
async fn many_at_once_stay_within_the_concurrency() {
    static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let address = serve(|mut stream| async move {
        while !head(&mut stream).await?.is_empty() {
            MOST.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(Duration::from_millis(5)).await;
            UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(b"HTTP/1.1 204 X\r\n\r\n").await?;
        }
        Ok(())
    })
    .await;
    let concurrency = NonZeroUsize::new(4).expect("four");
    let volume = LoadProfile { repeat: 40, concurrency, throttle: false, ..volume() };
    let deliveries = fire(script(&format!("http://{address}/")), rules(), volume).await;
    assert_eq!(deliveries.len(), 40);
    assert!((2..=4).contains(&MOST.load(Ordering::SeqCst)));
    let mut triggers: Vec<_> = deliveries.iter().map(|d| d.trigger).collect();
    triggers.sort_unstable();
    assert_eq!(triggers, (1..=40).collect::<Vec<_>>());
}
