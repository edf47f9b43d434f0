//! One delivery: its attempts, its latency against the limits, the verdicts and, if it failed, the response.

use std::io::{self, Write};

use super::paragraph::{Layout, Paint, Paragraph, together};
use super::strip::{self, Reach};
use crate::delivery::{Attempt, AttemptOutcome, Band, Delivery, DeliveryOutcome, Response, Run};
use crate::report::fire::phrases;
use crate::report::printable;
use crate::text::duration::measured;
use crate::text::quantity;
use crate::text::wrap::NO_BREAK;

/// Columns of a label in the wide layout.
const LABEL: usize = 13;
/// How much of a response is shown at most.
const EXCERPT_CHARACTERS: usize = 400;
const EXCERPT_LINES: usize = 6;

/// Writes the block.
pub(super) fn write(out: &mut dyn Write, layout: Layout, run: &Run, delivery: &Delivery) -> io::Result<()> {
    let block = Block { layout, run, delivery };
    block.title(out)?;
    block.target(out)?;
    for attempt in &delivery.attempts {
        block.attempt(out, attempt)?;
    }
    if delivery.attempts.is_empty() {
        return match delivery.outcome {
            DeliveryOutcome::Throttled => {
                let limit = phrases::trigger_limit(&run.policy);
                let text = format!("over the {limit}: not sent; --ignore-trigger-limit sends it too");
                block.line(out, "", Paragraph::default().add(&text, Paint::Warning))
            }
            _ => Ok(()),
        };
    }
    block.strip(out)?;
    block.verdicts(out)?;
    block.notes(out)?;
    block.response(out)
}

struct Block<'a> {
    layout: Layout,
    run: &'a Run,
    delivery: &'a Delivery,
}

impl Block<'_> {
    /// A line after a label, which has its own column if there is room.
    fn line(&self, out: &mut dyn Write, label: &str, text: Paragraph) -> io::Result<()> {
        let indent = if self.layout.is_wide() { LABEL } else { 4 };
        let label = match label {
            "" => " ".repeat(indent.min(if self.layout.is_wide() { LABEL } else { 2 })),
            label if self.layout.is_wide() => format!("  {label:<width$}", width = LABEL - 2),
            label => format!("  {label} "),
        };
        text.write(out, self.layout, &label, indent)
    }

    fn title(&self, out: &mut dyn Write) -> io::Result<()> {
        let delivery = self.delivery;
        let (sign, paint) = match delivery.outcome {
            DeliveryOutcome::Throttled | DeliveryOutcome::Interrupted => ("–", Paint::Warning),
            _ if delivery.is_failure() => ("✘", Paint::Bad),
            DeliveryOutcome::Failed => ("✔", Paint::Warning),
            _ if delivery.delivered_on_retry() || delivery.band != Some(Band::Safe) => ("✔", Paint::Warning),
            _ => ("✔", Paint::Good),
        };
        let mut title = Paragraph::default().add(&delivery.script, Paint::Bold);
        if self.run.deliveries > self.run.requests.len() as u64 {
            title = title.add(&format!("#{}", delivery.trigger), Paint::Bold);
        }
        title = title.item(&together(phrases::outcome(delivery)), paint);
        if let Some(band) = delivery.band {
            // That a failure was quick is not good news.
            let quick_failure = delivery.outcome == DeliveryOutcome::Failed && band == Band::Safe;
            let paint = if quick_failure { Paint::Plain } else { band_paint(band) };
            title = title.item(&together(phrases::band(band)), paint);
        }
        if let Some(last) =
            delivery.attempts.last().filter(|last| last.latency.is_some() || last.cut_off_at().is_some())
        {
            title = title.item(&together(&phrases::latency(last)), Paint::Plain);
        }
        title.write(out, self.layout, &format!("{} ", self.layout.paint(sign, paint)), 2)
    }

    fn target(&self, out: &mut dyn Write) -> io::Result<()> {
        let target = format!("{}{NO_BREAK}{}", self.delivery.method, printable::line(&self.delivery.url));
        Paragraph::default().add(&target, Paint::Dim).write(out, self.layout, "  ", 4)
    }

    fn attempt(&self, out: &mut dyn Write, attempt: &Attempt) -> io::Result<()> {
        let paint = match attempt.outcome {
            AttemptOutcome::Success => Paint::Good,
            _ => Paint::Bad,
        };
        let mut line = Paragraph::default()
            .item(&together(&phrases::attempt_outcome(attempt)), paint)
            .item(&together(&phrases::latency(attempt)), Paint::Bold);
        for (phase, _, time) in phrases::phases(attempt) {
            line = line.item(&together(&format!("{phase} {time}")), Paint::Dim);
        }
        if !attempt.wait_before.is_zero() {
            let assumed = self.run.policy.assumed.iter().any(|key| key == "retry.interval");
            let note = if assumed { " (assumed)" } else { "" };
            let wait = format!("after a wait of {}{note}", measured(attempt.wait_before));
            line = line.item(&together(&wait), Paint::Dim);
        }
        if let Some(ms) = attempt.retry_after {
            line = line.item(&together(&format!("Retry-After {}", measured(ms))), Paint::Warning);
        }
        if let Some(proxy) = &attempt.proxy {
            line = line.item(&phrases::proxy(proxy), Paint::Dim);
        }
        self.line(out, &format!("attempt {}", attempt.number), line)?;
        for why in &attempt.resent {
            self.line(out, "", Paragraph::default().add(&phrases::resent(why), Paint::Warning))?;
        }
        for redirect in &attempt.redirects {
            let mut line = Paragraph::default().add(
                &format!("→ {} {} {}", redirect.status, redirect.method, printable::line(&redirect.url)),
                Paint::Dim,
            );
            if redirect.credentials_dropped {
                line = line.item("another host, sent without credentials", Paint::Warning);
            }
            self.line(out, "", line)?;
        }
        if let Some(why) = attempt.response.as_ref().and_then(|response| response.not_decoded.as_ref()) {
            self.line(out, "", Paragraph::default().add(&phrases::not_decoded(why), Paint::Warning))?;
        }
        match &attempt.error {
            Some(error) => self.line(out, "", Paragraph::default().add(&printable::line(error), Paint::Plain)),
            None => Ok(()),
        }
    }

    fn strip(&self, out: &mut dyn Write) -> io::Result<()> {
        let reach = match (self.delivery.latency, self.delivery.cut_off_at()) {
            (Some(ms), _) => Reach::To(ms),
            (None, Some(limit)) => Reach::Over(limit),
            (None, None) => return Ok(()),
        };
        let indent = if self.layout.is_wide() { LABEL } else { 2 };
        let width = self.layout.width.saturating_sub(indent);
        for line in strip::lines(reach, self.delivery.band, &self.run.policy, width, self.layout) {
            writeln!(out, "{}{line}", " ".repeat(indent))?;
        }
        Ok(())
    }

    fn verdicts(&self, out: &mut dyn Write) -> io::Result<()> {
        let (fixed, paint) = phrases::fixed(self.delivery);
        self.line(out, "fixed", Paragraph::default().add(&fixed, verdict_paint(paint)))?;
        let (legacy, paint) = phrases::legacy(self.delivery, &self.run.policy);
        let mut line = Paragraph::default().add(&legacy, verdict_paint(paint));
        if paint == Some(true) && self.delivery.fixed.in_time == Some(false) && self.delivery.is_accepted() {
            line = line.item("passed then, fails now", Paint::Bad);
        }
        self.line(out, "legacy", line)
    }

    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        let delivery = self.delivery;
        if let Some(queued) = delivery.queued {
            let latency = delivery.latency.map(|ms| format!(": {} from then", measured(ms + queued)));
            let text = format!("{} after it was due{}", measured(queued), latency.unwrap_or_default());
            self.line(out, "sent", Paragraph::default().add(&text, Paint::Plain))?;
        }
        if delivery.duplicate {
            let text = "the receiver got the same request more than once and may have executed it more than once";
            self.line(out, "duplicate", Paragraph::default().add(text, Paint::Warning))?;
        }
        for failure in &delivery.expect.failures {
            self.line(
                out,
                "expect",
                Paragraph::default().add(&printable::line(phrases::expectation(failure)), Paint::Bad),
            )?;
        }
        if delivery.failed_as_expected() {
            self.line(out, "expect", Paragraph::default().add(phrases::EXPECTED_FAILURE, Paint::Warning))?;
        }
        self.callback(out)
    }

    fn callback(&self, out: &mut dyn Write) -> io::Result<()> {
        let delivery = self.delivery;
        let mut line = match (&delivery.callback, &delivery.callback_error) {
            (_, Some(error)) => Paragraph::default().add(&format!("failed: {}", printable::line(error)), Paint::Bad),
            (Some(text), None) => Paragraph::default().add(&excerpt(text, 1).pop().unwrap_or_default(), Paint::Plain),
            (None, None) => return Ok(()),
        };
        if let Some(text) = phrases::read_up_to(delivery) {
            line = line.item(&text, Paint::Warning);
        }
        self.line(out, "callback", line)
    }

    fn response(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.delivery.is_failure() {
            return Ok(());
        }
        let last = self.delivery.attempts.last();
        let Some(response) = last.and_then(|last| last.response.as_ref()) else { return Ok(()) };
        let lines = excerpt(&response.body, EXCERPT_LINES);
        self.line(out, "response", size(response, &lines))?;
        let gutter = if self.layout.is_wide() { format!("{}│ ", " ".repeat(LABEL)) } else { "  │ ".to_owned() };
        for line in lines {
            let indent = gutter.chars().count();
            Paragraph::default().add(&line, Paint::Plain).write(out, self.layout, &gutter, indent)?;
        }
        Ok(())
    }
}

fn size(response: &Response, shown: &[String]) -> Paragraph {
    let kind = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let mut line = Paragraph::default().item(&together(&quantity::count(response.bytes, "byte")), Paint::Dim);
    if let Some((_, kind)) = kind {
        line = line.item(&together(&printable::line(kind)), Paint::Dim);
    }
    let all = response.body.lines().count();
    if response.truncated || all > shown.len() || response.body.chars().count() > EXCERPT_CHARACTERS {
        line = line.item("beginning:", Paint::Dim);
    }
    line
}

/// The first lines of a text, safe to print.
fn excerpt(text: &str, lines: usize) -> Vec<String> {
    let beginning: String = text.chars().take(EXCERPT_CHARACTERS).collect();
    beginning.lines().take(lines).map(|line| printable::line(line).into_owned()).collect()
}

fn band_paint(band: Band) -> Paint {
    match band {
        Band::Safe => Paint::Good,
        Band::AtRisk => Paint::Warning,
        Band::TimedOut => Paint::Bad,
    }
}

fn verdict_paint(in_time: Option<bool>) -> Paint {
    match in_time {
        Some(true) => Paint::Good,
        Some(false) => Paint::Bad,
        None => Paint::Warning,
    }
}
