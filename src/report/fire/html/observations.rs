//! What the page shows of a whole run and the tally does not count, in bounded memory.

use super::timeline::Timeline;
use crate::delivery::{AttemptOutcome, Delivery, Latencies};
use crate::report::fire::phrases;

/// Seen of every delivery, also of those that are not on the page.
#[derive(Debug, Default)]
pub(super) struct Observations {
    /// How the deliveries' last attempts ended.
    pub answers: Answers,
    /// Latencies of the deliveries that count against the run.
    pub failed: Latencies,
    /// Latency over time.
    pub timeline: Timeline,
}

impl Observations {
    /// Counts a delivery, which has just ended.
    pub(super) fn add(&mut self, delivery: &Delivery) {
        self.answers.add(delivery);
        self.timeline.add(delivery);
        if delivery.is_failure() {
            match (delivery.latency, delivery.cut_off_at()) {
                (Some(took), _) => self.failed.record(took),
                (None, Some(limit)) => self.failed.cut_off(limit),
                (None, None) => {}
            }
        }
    }
}

/// Deliveries by how their last attempt ended.
#[derive(Debug, Default)]
pub(super) struct Answers(Vec<Answer>);

/// One way in which attempts ended.
#[derive(Debug)]
pub(super) struct Answer {
    /// None: nothing was sent.
    ended: Option<(AttemptOutcome, Option<u16>)>,
    /// `503`, `200, timed out`, `no connection`
    pub name: String,
    /// Deliveries.
    pub count: u64,
    /// Of those, the ones that count against the run.
    pub failed: u64,
}

impl Answers {
    fn add(&mut self, delivery: &Delivery) {
        let last = delivery.attempts.last();
        let ended = last.map(|last| (last.outcome, last.status));
        let failed = u64::from(delivery.is_failure());
        // There are few of them, and they are compared without making their names.
        match self.0.iter_mut().find(|answer| answer.ended == ended) {
            Some(answer) => {
                answer.count += 1;
                answer.failed += failed;
            }
            None => {
                let name = last.map_or("not sent".to_owned(), phrases::attempt_outcome);
                self.0.push(Answer { ended, name, count: 1, failed });
            }
        }
    }

    /// The most frequent first.
    pub(super) fn by_frequency(&self) -> Vec<&Answer> {
        let mut all: Vec<&Answer> = self.0.iter().collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        all
    }
}
