//! Which of the platform's best practices a run's figures suggest.

use std::time::Duration;

use super::{Endpoint, Quantile, Run, Tally};
use crate::text::duration::measured;
use crate::text::quantity;

/// A practice that would help an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// The script's id.
    pub script: String,
    /// What was measured, a sentence.
    pub measured: String,
    /// What to do, a sentence or two.
    pub practice: &'static str,
}

// The platform's advice to receivers (published).
const ANSWER_FIRST: &str = "Answer 200 as soon as the format and the signature or token are checked; move bulk writes, calls \
    to other APIs and reports to a queue (RabbitMQ, Celery …) that runs after the response.";
const SHORT_ANSWER: &str =
    "Keep the processing simple and the answer short: do what is slow or not essential after the response.";
const NO_CHAIN: &str = "Don't chain services that wait for each other: put the final URL in the script.";
const CHECK_MACHINE: &str =
    "If answers slow down under constant load, check the receiver's CPU, memory, disk and network.";
const QUEUE: &str = "Hand heavy work to a queue (RabbitMQ, Celery …), so that bursts don't overload it.";
const NO_BLOCKING: &str = "Look for synchronous blocking work that only some requests do (bulk writes, external API calls, \
    reports), and do it after the response.";
// hookctl's own: follows from the platform's retries (published) of requests that may have arrived.
const NETWORK: &str = "Check DNS, the network path and the TLS setup; allow connections to be kept alive.";
const TWICE: &str = "Make the receiver idempotent: have it recognize a delivery that it has already executed.";

/// A phase with at least this share of the time is worth advice.
const MOST: f64 = 0.5;
/// The fewest latencies from which a tail can be judged.
const TAIL: u64 = 100;

impl Tally {
    /// Advice from the run's figures, by endpoint; empty if all is well.
    pub fn advice(&self, run: &Run) -> Vec<Advice> {
        self.endpoints().flat_map(|(script, endpoint)| endpoint_advice(script, endpoint, run)).collect()
    }
}

fn endpoint_advice(script: &str, endpoint: &Endpoint, run: &Run) -> Vec<Advice> {
    let mut all = Vec::new();
    let mut advise = |measured: String, practice| all.push(Advice { script: script.to_owned(), measured, practice });
    if is_slow(endpoint, run) {
        slow(endpoint, &mut advise);
    } else if let (Quantile::Measured(p50), Quantile::Measured(p99)) =
        (endpoint.latencies.at(0.5), endpoint.latencies.at(0.99))
        && endpoint.latencies.measured() >= TAIL
        && p99 >= 5 * p50
        && p99 >= run.policy.safe / 5
    {
        let times = p99.div_duration_f64(p50).round();
        advise(format!("1 % of the answers take {} or longer, {times} times the median.", measured(p99)), NO_BLOCKING);
    }
    if let Some((first, last)) = endpoint.trend.first_and_last()
        && last >= first.mul_f64(1.5)
        && last - first >= run.policy.safe / 100
    {
        let text = format!("The mean latency went from {} to {} over the run.", measured(first), measured(last));
        advise(text, CHECK_MACHINE);
    }
    if endpoint.busy > 0 {
        advise(format!("{} answered 429 or 503.", of_attempts(endpoint.busy, endpoint)), QUEUE);
    }
    // An endpoint that answers nothing at all is down, not busy.
    if run.concurrency > 1 && endpoint.unanswered > 0 && endpoint.latencies.measured() > 0 {
        let unanswered = of_attempts(endpoint.unanswered, endpoint);
        advise(format!("{unanswered} not answered with up to {} deliveries in flight.", run.concurrency), QUEUE);
    }
    if endpoint.duplicates > 0 {
        let deliveries = quantity::count(endpoint.duplicates, "delivery");
        advise(format!("{deliveries} reached the receiver more than once."), TWICE);
    }
    all
}

/// Whether some answers come late, or many would under load.
fn is_slow(endpoint: &Endpoint, run: &Run) -> bool {
    let beyond = |quantile, limit| match endpoint.latencies.at(quantile) {
        Quantile::Measured(latency) => latency > limit,
        Quantile::Over(_) => true,
        Quantile::Empty => false,
    };
    beyond(1.0, run.policy.safe) || beyond(0.9, run.policy.safe / 2)
}

fn slow(endpoint: &Endpoint, advise: &mut impl FnMut(String, &'static str)) {
    let phases = &endpoint.phases;
    let percent = |part: Duration| (phases.share(part) * 100.0).floor();
    if phases.share(phases.wait) >= MOST {
        let text = format!("{} % of the time passed before the first byte of the answer.", percent(phases.wait));
        advise(text, ANSWER_FIRST);
    } else if phases.share(phases.download) >= MOST {
        advise(format!("{} % of the time was spent receiving the body.", percent(phases.download)), SHORT_ANSWER);
    } else if phases.share(phases.connecting) >= MOST {
        advise(format!("{} % of the time was spent on DNS, TCP and TLS.", percent(phases.connecting)), NETWORK);
    } else if endpoint.latencies.cut_off_count() > 0 {
        advise(
            format!("{} cut off without a complete answer.", of_attempts(endpoint.latencies.cut_off_count(), endpoint)),
            ANSWER_FIRST,
        );
    }
    if endpoint.redirected > 0 {
        advise(format!("{} redirected first.", of_attempts(endpoint.redirected, endpoint)), NO_CHAIN);
    }
}

/// `1 of 4 attempts was`
fn of_attempts(number: u64, endpoint: &Endpoint) -> String {
    let was = if number == 1 { "was" } else { "were" };
    match endpoint.attempts {
        1 => "The only attempt was".to_owned(),
        all => format!("{} of {} attempts {was}", quantity::thousands(number), quantity::thousands(all)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{PhaseSums, PolicySnapshot};
    use crate::policy::{LoadRate, Settings, TimeoutRule};
    use crate::text::duration::from_millis;

    fn run(concurrency: usize) -> Run {
        let policy = PolicySnapshot::new(TimeoutRule::Fixed, LoadRate::IDLE, &Settings::default());
        Run {
            policy,
            requests: Vec::new(),
            deliveries: 1,
            duration: None,
            concurrency,
            fail_on: crate::delivery::FailOn::default(),
        }
    }

    fn measured_at(ms: f64, times: u64) -> Endpoint {
        let mut endpoint = Endpoint { deliveries: times, attempts: times, ..Endpoint::default() };
        (0..times).for_each(|_| endpoint.latencies.record(from_millis(ms)));
        endpoint
    }

    #[test]
    fn each_practice_follows_from_what_was_measured() {
        let slow = |connecting, wait, download| {
            let [connecting, wait, download] = [connecting, wait, download].map(Duration::from_millis);
            Endpoint { phases: PhaseSums { connecting, wait, download }, ..measured_at(7_000.0, 4) }
        };
        let mut cut_off = measured_at(1.0, 0);
        cut_off.latencies.cut_off(Duration::from_secs(10));
        let mut tail = measured_at(50.0, 200);
        (0..4).for_each(|_| tail.latencies.record(Duration::from_secs(2)));
        let broken = Endpoint {
            unanswered: 1,
            phases: PhaseSums { wait: Duration::from_millis(20), ..PhaseSums::default() },
            ..measured_at(20.0, 1)
        };
        let cases: [(&str, Endpoint, usize, &[&str]); 11] = [
            ("fast", measured_at(20.0, 50), 1, &[]),
            ("waits", slow(1, 90, 9), 1, &[ANSWER_FIRST]),
            ("downloads", slow(1, 9, 90), 1, &[SHORT_ANSWER]),
            ("connects", slow(90, 9, 1), 1, &[NETWORK]),
            ("cut off", Endpoint { attempts: 1, ..cut_off }, 1, &[ANSWER_FIRST]),
            ("tail", tail, 1, &[NO_BLOCKING]),
            ("busy", Endpoint { busy: 3, ..measured_at(20.0, 9) }, 1, &[QUEUE]),
            ("drops under load", Endpoint { unanswered: 3, ..measured_at(20.0, 9) }, 50, &[QUEUE]),
            ("down under load", Endpoint { unanswered: 9, attempts: 9, ..measured_at(1.0, 0) }, 50, &[]),
            ("broken off", broken, 1, &[]),
            ("duplicates", Endpoint { duplicates: 1, ..measured_at(20.0, 9) }, 1, &[TWICE]),
        ];
        for (name, endpoint, concurrency, practices) in cases {
            let given: Vec<&str> =
                endpoint_advice("s", &endpoint, &run(concurrency)).iter().map(|advice| advice.practice).collect();
            assert_eq!(given, practices, "{name}");
        }
    }
}
