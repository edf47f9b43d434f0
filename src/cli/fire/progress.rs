//! The live display while deliveries run: a bar with rate, failures and p99 or, for a single delivery, what it waits for.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

use crate::delivery::{DeliveryEvent, FailOn, Latencies, Quantile, Tally};
use crate::text::duration::{millis, show};

/// The progress of a run, drawn on stderr where that is a terminal.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// For a single delivery: shows each attempt and wait.
    single: bool,
    state: Arc<Mutex<State>>,
}

struct State {
    /// How the last attempt failed.
    last: String,
    /// The pending retry: its number and start time.
    retry: Option<(u32, Instant)>,
}

impl State {
    fn message(&self) -> String {
        let Some((number, at)) = self.retry else { return self.last.clone() };
        let left = at.saturating_duration_since(Instant::now());
        format!("{}; attempt {number} in {:.1} s", self.last, left.as_secs_f64())
    }
}

impl Progress {
    /// Progress of `deliveries` deliveries; draws nothing unless stderr is a terminal.
    pub(super) fn new(terminal: bool, deliveries: u64, duration: Option<Duration>) -> Self {
        let target = match terminal {
            true => ProgressDrawTarget::term_like_with_hz(Box::new(Terminal(Term::stderr())), 10),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(deliveries), target);
        let template = match duration {
            _ if deliveries == 1 => "{spinner} {elapsed} {wide_msg}".to_owned(),
            Some(duration) => format!("{{spinner}} {{elapsed}} of {}  {{pos}} {{rate}}  {{msg}}", show(duration)),
            None => "{bar:24} {pos}/{len} {rate} {eta} left  {msg}".to_owned(),
        };
        // The templates are constants; indicatif's default style is the fallback.
        if let Ok(style) = ProgressStyle::with_template(&template) {
            let rate = |state: &ProgressState, out: &mut dyn Write| {
                // Writing to a string can't fail.
                let _ = write!(out, "{:.0}/s", state.per_sec());
            };
            bar.set_style(style.with_key("rate", rate));
        }
        let state = State { last: "waiting for the response".into(), retry: None };
        Self { bar, single: deliveries == 1, state: Arc::new(Mutex::new(state)) }
    }

    /// Handles an event; called from any task.
    pub(super) fn event(&self, event: DeliveryEvent<'_>) {
        if self.bar.is_hidden() {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            DeliveryEvent::Attempted(attempt) => {
                let what = attempt.status.map_or_else(|| attempt.error.clone().unwrap_or_default(), |s| s.to_string());
                state.last = format!("attempt {}: {what}", attempt.number);
            }
            DeliveryEvent::Waiting { attempt, wait, .. } => state.retry = Some((attempt, Instant::now() + wait)),
            DeliveryEvent::Resumed => state.retry = None,
        }
    }

    /// Redraws the display; ten times a second is enough.
    pub(super) fn update(&self, tally: &Tally) {
        if self.bar.is_hidden() {
            return;
        }
        let message = if self.single {
            self.state.lock().unwrap_or_else(PoisonError::into_inner).message()
        } else {
            let summary = tally.summary(&FailOn::default());
            self.bar.set_position(summary.deliveries);
            let failed = (summary.failures() > 0).then(|| format!("{} failed", summary.failures()));
            let p99 = p99(tally.latencies()).map(|p99| format!("p99 {p99}"));
            failed.into_iter().chain(p99).collect::<Vec<_>>().join(", ")
        };
        self.bar.set_message(message);
        self.bar.tick();
    }

    /// Runs `print` with the bar hidden.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The terminal with a margin at its right edge. A bar fills its line, so the `^C` that the terminal echoes would wrap to the
/// next line, which would then be cleared instead of the bar.
#[derive(Debug)]
struct Terminal(Term);

impl Terminal {
    /// Room for `^C` twice, in columns.
    const MARGIN: u16 = 4;
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.0.size().1.saturating_sub(Self::MARGIN).max(1)
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_left(columns)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

fn p99(latencies: &Latencies) -> Option<String> {
    let shown = |latency: Duration| match millis(latency) {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.2} s", ms / 1000.0),
    };
    match latencies.at(0.99) {
        Quantile::Empty => None,
        Quantile::Measured(latency) => Some(shown(latency)),
        Quantile::Over(limit) => Some(format!("> {}", shown(limit))),
    }
}
