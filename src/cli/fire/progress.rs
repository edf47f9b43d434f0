//! What a terminal shows while deliveries run: a bar with rate, failures and p99, or what one delivery is waiting for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::delivery::{Latencies, Moment, Rank, Tally};
use crate::duration::show;

/// The progress of a run, drawn on stderr where that is a terminal.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    /// One at a time: each attempt and wait is told.
    single: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Of the last attempt that failed.
    last: String,
    /// The retry that is being waited for: its number and its moment.
    retry: Option<(u32, Instant)>,
}

impl Progress {
    /// Progress over so many deliveries; nothing is drawn where stderr is no terminal.
    pub fn new(terminal: bool, deliveries: u64, single: bool) -> Self {
        let target = if terminal { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(deliveries), target);
        let template = if deliveries == 1 {
            "{spinner} {elapsed_precise} {wide_msg}"
        } else {
            "{bar:24} {pos}/{len} {per_sec:.dim} {wide_msg} {eta:.dim}"
        };
        // The templates are constants; were one wrong, indicatif's own style would do.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, single, state: Arc::default() }
    }

    /// Told of each moment, from any task.
    pub fn moment(&self, moment: Moment<'_>) {
        if self.bar.is_hidden() {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match moment {
            Moment::Attempted(attempt) => {
                let what = attempt.status.map_or_else(|| attempt.error.clone().unwrap_or_default(), |s| s.to_string());
                state.last = format!("attempt {}: {what}", attempt.number);
            }
            Moment::Waiting { attempt, wait, .. } => state.retry = Some((attempt, Instant::now() + wait)),
            Moment::Resumed => state.retry = None,
        }
    }

    /// Draws how things stand: ten times a second is enough.
    pub fn update(&self, tally: &Tally) {
        if self.bar.is_hidden() {
            return;
        }
        let mut message = String::new();
        if self.bar.length() != Some(1) {
            let summary = tally.summary();
            self.bar.set_position(summary.deliveries);
            if summary.failed > 0 {
                message = format!("{} failed  ", summary.failed);
            }
            if let Some(p99) = p99(tally.latencies()) {
                message += &format!("p99 {p99}  ");
            }
        }
        if self.single {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            message += &match state.retry {
                Some((number, at)) => {
                    let left = at.saturating_duration_since(Instant::now());
                    format!("{}; attempt {number} in {:.1} s", state.last, left.as_secs_f64())
                }
                None => state.last.clone(),
            };
        }
        self.bar.set_message(message);
        self.bar.tick();
    }

    /// Runs `print` with the bar out of the way.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn p99(latencies: &Latencies) -> Option<String> {
    let shown = |ms: f64| show(Duration::from_secs_f64(ms / 1000.0));
    match latencies.at(0.99) {
        Rank::Empty => None,
        Rank::Measured(ms) => Some(shown(ms)),
        Rank::Over(ms) => Some(format!("> {}", shown(ms))),
    }
}
