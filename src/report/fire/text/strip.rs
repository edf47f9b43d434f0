//! A latency on a line, with marks where the safe limit, the fixed limit and the legacy wait are.

use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::paragraph::{Layout, Paint};
use crate::delivery::{Band, PolicySnapshot};
use crate::text::duration::{from_millis, measured, millis};

/// How far a latency came.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// That far.
    To(Duration),
    /// Cut off there: it would have gone on.
    Over(Duration),
}

/// The strip and its labels, a line each, without indentation. The scale is logarithmic.
pub(super) fn lines(
    reach: Reach,
    band: Option<Band>,
    policy: &PolicySnapshot,
    width: usize,
    layout: Layout,
) -> Vec<String> {
    let width = width.clamp(16, 72);
    let scale = Scale::new(policy, width);
    let mut marks = vec![(scale.column(millis(policy.safe)), measured(policy.safe))];
    marks.push((scale.column(millis(policy.limit)), measured(policy.limit)));
    marks.push((scale.column(millis(policy.legacy_limit)), format!("{} legacy", measured(policy.legacy_limit))));
    marks.sort_by_key(|(column, _)| *column);
    let start = (0, measured(from_millis(scale.from)));
    let (end, head) = match reach {
        Reach::To(latency) => (scale.column(millis(latency)), if millis(latency) > scale.to { "▶" } else { "●" }),
        Reach::Over(limit) => ((scale.column(millis(limit)) + 1).min(width - 1), "▶"),
    };
    let paint = match band {
        Some(Band::Safe) => Paint::Good,
        Some(Band::AtRisk) => Paint::Warning,
        Some(Band::TimedOut) => Paint::Bad,
        None => Paint::Plain,
    };
    let is_mark = |column: usize| marks.iter().any(|(mark, _)| *mark == column);
    let done: String = (0..end).map(|column| if is_mark(column) { '┿' } else { '━' }).collect();
    let open: String = (end + 1..width).map(|column| if is_mark(column) { '┼' } else { '┄' }).collect();
    let strip = format!("{}{}", layout.paint(&format!("{done}{head}"), paint), layout.paint(&open, Paint::Dim));
    let mut lines = vec![strip];
    lines.extend(
        labels(&[&[start], marks.as_slice()].concat(), width).iter().map(|line| layout.paint(line, Paint::Dim)),
    );
    lines
}

/// The position of a time on the strip, ms.
struct Scale {
    from: f64,
    to: f64,
    width: usize,
}

impl Scale {
    fn new(policy: &PolicySnapshot, width: usize) -> Self {
        // Three decades and a half below the longest wait: 25 ms for 80 s.
        let to = millis(policy.legacy_limit.max(policy.limit));
        Self { from: to / 3_200.0, to, width }
    }

    fn column(&self, ms: f64) -> usize {
        let share = (ms / self.from).max(1.0).log(self.to / self.from);
        // The cast saturates.
        ((share * (self.width - 1) as f64).round() as usize).min(self.width - 1)
    }
}

/// The marks' labels below the strip, each centred on its mark as far as there is room, on as many lines as it takes.
fn labels(marks: &[(usize, String)], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, (column, label)) in marks.iter().enumerate() {
        if marks.get(..index).is_some_and(|before| before.iter().any(|(_, other)| other == label)) {
            continue;
        }
        let start = column.saturating_sub(label.width() / 2).min(width.saturating_sub(label.width()));
        let line = match lines.iter_mut().find(|line| line.is_empty() || line.width() + 2 <= start) {
            Some(line) => line,
            None => {
                lines.push(String::new());
                let Some(line) = lines.last_mut() else { continue };
                line
            }
        };
        line.push_str(&" ".repeat(start.saturating_sub(line.width())));
        line.push_str(label);
    }
    lines
}
