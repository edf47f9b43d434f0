//! Reading a behaviour: `delay=1s..9s;status=500,200;body=TEXT`.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::{Behaviour, Fault};
use crate::diagnostic::{Diagnostic, Problems};
use crate::duration;
use crate::span::{Source, Span};

const KEYS: [&str; 9] = ["delay", "status", "body", "body-delay", "hang", "reset", "fail-rate", "seed", "token"];

impl Behaviour {
    /// Reads a specification: `key=value` joined by `;`. The keys are `delay` and `body-delay` (`6s` or `1s..9s`), `status`
    /// (`500,500,200`), `body`, `hang`, `reset`, `fail-rate`, `seed` and `token`. `\;` is a semicolon inside a value.
    ///
    /// `name` is what messages call the text: the flag that it was given to.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its place in the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        Self::parse_within(&Arc::new(Source::new(name, text)), Span::new(0, text.len()))
    }

    /// The same for a piece of a longer text.
    pub(super) fn parse_within(source: &Arc<Source>, span: Span) -> Result<Self, Problems> {
        let mut reading = Reading { source, behaviour: Behaviour::default(), seen: Vec::new(), problems: Vec::new() };
        for piece in pieces(&source.text, span) {
            reading.piece(piece);
        }
        reading.contradictions();
        if reading.problems.is_empty() { Ok(reading.behaviour) } else { Err(Problems(reading.problems)) }
    }
}

struct Reading<'s> {
    source: &'s Arc<Source>,
    behaviour: Behaviour,
    seen: Vec<(&'static str, Span)>,
    problems: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn piece(&mut self, span: Span) {
        let text = &self.source.text[span.start..span.end];
        let (key, value) = match text.find('=') {
            Some(at) => (trimmed(text, Span::new(0, at)), Some(Span::new(at + 1, text.len()))),
            None => (trimmed(text, Span::new(0, text.len())), None),
        };
        let (key_text, key) = (&text[key.start..key.end], key.shifted(span.start));
        let Some(known) = KEYS.into_iter().find(|known| *known == key_text) else {
            return self.unknown_key(key_text, key);
        };
        if let Some((_, first)) = self.seen.iter().find(|(seen, _)| *seen == known) {
            let problem = Diagnostic::error(format!("`{known}` stands twice")).at(self.source, key, "again here").at(
                self.source,
                *first,
                "first here",
            );
            return self.problems.push(problem);
        }
        self.seen.push((known, key));
        let value_text = value.map(|v| text[v.start..v.end].replace("\\;", ";"));
        let result = self.set(known, value_text.as_deref());
        if let Err((message, help)) = result {
            let place = value.map_or(key, |v| trimmed(text, v).shifted(span.start));
            self.problems.push(Diagnostic::error(message).at(self.source, place, "").help(help));
        }
    }

    fn unknown_key(&mut self, text: &str, span: Span) {
        let near =
            KEYS.into_iter().map(|key| (strsim::jaro_winkler(key, text), key)).max_by(|a, b| a.0.total_cmp(&b.0));
        let help = match near {
            Some((likeness, key)) if likeness > 0.75 => format!("did you mean `{key}`?"),
            _ => format!("the keys are {}", KEYS.map(|key| format!("`{key}`")).join(", ")),
        };
        let message = format!("there is no behaviour `{text}`");
        self.problems.push(Diagnostic::error(message).at(self.source, span, "").help(help));
    }

    /// Sets one key. The error is a sentence and what to write instead.
    fn set(&mut self, key: &'static str, value: Option<&str>) -> Result<(), (String, String)> {
        let behaviour = &mut self.behaviour;
        if let "hang" | "reset" = key {
            let fault = if key == "hang" { Fault::Hang } else { Fault::Reset };
            if value.is_some() {
                return Err((format!("`{key}` takes no value"), format!("write only `{key}`")));
            }
            behaviour.fault = Some(fault);
            return Ok(());
        }
        let Some(value) = value else {
            return Err((format!("`{key}` has no value"), format!("write `{key}={}`", example(key))));
        };
        match key {
            "delay" => behaviour.delay = range(key, value)?,
            "body-delay" => behaviour.body_delay = range(key, value)?,
            "status" => {
                behaviour.statuses = value.split(',').map(|s| status(s.trim())).collect::<Result<_, _>>()?;
            }
            "body" => value.clone_into(&mut behaviour.body),
            "fail-rate" => behaviour.fail_rate = Some(share(value.trim())?),
            "seed" => {
                let wrong = |_| (format!("`{value}` is no seed"), "write a whole number, such as `seed=7`".to_owned());
                behaviour.seed = Some(value.trim().parse().map_err(wrong)?);
            }
            _ if value.trim().is_empty() => {
                return Err(("the token is empty".to_owned(), "write the token that requests must bring".to_owned()));
            }
            _ => behaviour.token = Some(value.trim().to_owned()),
        }
        Ok(())
    }

    /// What is said in vain beside something else.
    fn contradictions(&mut self) {
        let place = |key: &str| self.seen.iter().find(|(seen, _)| *seen == key).map(|(_, span)| *span);
        let mut found = Vec::new();
        if let (Some(hang), Some(reset)) = (place("hang"), place("reset")) {
            found.push((reset, hang, "`hang` and `reset` exclude each other", "keep one of the two"));
        }
        let fault = place("hang").or(place("reset"));
        for key in ["status", "body", "body-delay"] {
            if let (Some(fault), Some(vain), None) = (fault, place(key), place("fail-rate")) {
                let help = "take it out, or add `fail-rate=0.2` so that only some requests fail so";
                found.push((vain, fault, "this has no effect: no request is answered", help));
            }
        }
        for (span, cause, message, help) in found {
            let problem =
                Diagnostic::error(message).at(self.source, span, "").at(self.source, cause, "because of this");
            self.problems.push(problem.help(help));
        }
    }
}

fn example(key: &str) -> &'static str {
    match key {
        "status" => "500,200",
        "body" => "TEXT",
        "fail-rate" => "0.2",
        "seed" => "7",
        "token" => "SECRET",
        _ => "6s",
    }
}

fn range(key: &str, text: &str) -> Result<RangeInclusive<Duration>, (String, String)> {
    let help = || format!("write `{key}=6s`, or `{key}=1s..9s` for one drawn from a range");
    let read = |part: &str| duration::parse(part).map_err(|error| (error.to_string(), help()));
    let Some((low, high)) = text.split_once("..") else {
        return read(text).map(|delay| delay..=delay);
    };
    let (low, high) = (read(low)?, read(high)?);
    if low > high {
        let message = format!("the range `{}` ends before it begins", text.trim());
        let help = format!("write `{key}={}..{}`", duration::written(high), duration::written(low));
        return Err((message, help));
    }
    Ok(low..=high)
}

fn status(text: &str) -> Result<u16, (String, String)> {
    text.parse().ok().filter(|status| (200..=599).contains(status)).ok_or_else(|| {
        let help = "write statuses from 200 to 599, such as `status=200` or `status=500,500,200`";
        (format!("`{text}` is no status of a response"), help.to_owned())
    })
}

fn share(text: &str) -> Result<f64, (String, String)> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
        let help = "write a share from 0 (never) to 1 (always), such as `fail-rate=0.2`";
        (format!("`{text}` is no share"), help.to_owned())
    })
}

/// The pieces between semicolons that are not escaped; blank ones are left out.
fn pieces(text: &str, span: Span) -> Vec<Span> {
    let mut pieces = Vec::new();
    let mut start = span.start;
    let inside = text.get(span.start..span.end).unwrap_or_default();
    let ends = inside.match_indices(';').map(|(at, _)| span.start + at).filter(|at| !text[..*at].ends_with('\\'));
    for end in ends.chain([span.end]) {
        if !text[start..end].trim().is_empty() {
            pieces.push(Span::new(start, end));
        }
        start = end + 1;
    }
    pieces
}

/// The span without the white space at its ends; at least an empty span inside.
pub(super) fn trimmed(text: &str, span: Span) -> Span {
    let inside = &text[span.start..span.end];
    let start = span.start + (inside.len() - inside.trim_start().len());
    Span::new(start, start.max(span.start + inside.trim_end().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn every_key_is_read() {
        let parse = |text| Behaviour::parse("--behaviour", text).unwrap_or_else(|p| panic!("{text}: {p:?}"));
        let normal = Behaviour::default;
        for (text, behaviour) in [
            ("", normal()),
            (" ; ", normal()),
            ("delay=6s", Behaviour { delay: seconds(6)..=seconds(6), ..normal() }),
            ("delay=1s..9s", Behaviour { delay: seconds(1)..=seconds(9), ..normal() }),
            ("status=500,500,200", Behaviour { statuses: vec![500, 500, 200], ..normal() }),
            (r#"body={"a": 1}"#, Behaviour { body: r#"{"a": 1}"#.to_owned(), ..normal() }),
            (r"body=a\;b=c", Behaviour { body: "a;b=c".to_owned(), ..normal() }),
            ("body=", Behaviour { body: String::new(), ..normal() }),
            ("body-delay=2s", Behaviour { body_delay: seconds(2)..=seconds(2), ..normal() }),
            ("hang", Behaviour { fault: Some(Fault::Hang), ..normal() }),
            ("delay=1s; reset", Behaviour { delay: seconds(1)..=seconds(1), fault: Some(Fault::Reset), ..normal() }),
            ("fail-rate=0.2;seed=7", Behaviour { fail_rate: Some(0.2), seed: Some(7), ..normal() }),
            ("token=s3cret", Behaviour { token: Some("s3cret".to_owned()), ..normal() }),
            (
                "reset;fail-rate=1;status=201",
                Behaviour { fault: Some(Fault::Reset), fail_rate: Some(1.0), statuses: vec![201], ..normal() },
            ),
        ] {
            assert_eq!(parse(text), behaviour, "{text}");
        }
    }

    #[test]
    fn everything_wrong_is_said_at_its_place() {
        for (text, place, words) in [
            ("dealy=6s", "dealy", "did you mean `delay`?"),
            ("colour=red", "colour", "the keys are `delay`"),
            ("=5", "", "the keys are"),
            ("delay", "delay", "write `delay=6s`"),
            ("delay=6", "6", "has no unit"),
            ("delay=9s..1s", "9s..1s", "write `delay=1s..9s`"),
            ("delay=1s..", "1s..", "it is empty"),
            ("status=200, 99", "200, 99", "`99` is no status"),
            ("status=", "", "`` is no status"),
            ("fail-rate=20%", "20%", "`20%` is no share"),
            ("fail-rate=NaN", "NaN", "`NaN` is no share"),
            ("seed=-1", "-1", "`-1` is no seed"),
            ("hang=1", "1", "takes no value"),
            ("token=", "", "token is empty"),
            ("delay=1s;delay=2s", "delay", "stands twice"),
            ("hang;reset", "reset", "exclude each other"),
            ("hang;status=500", "status", "no effect"),
            ("délai=1s", "délai", "there is no behaviour `délai`"),
        ] {
            let Problems(problems) = Behaviour::parse("--behaviour", text).expect_err(text);
            let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
            let all = format!("{} {}", problem.message, problem.help.join(" "));
            assert!(all.contains(words), "{text}: {all}");
            let span = problem.labels[0].span;
            assert_eq!(&text[span.start..span.end], place, "{text}");
        }
        let Problems(problems) = Behaviour::parse("--behaviour", "dealy=6s;status=1;fail-rate=2").expect_err("three");
        assert_eq!(problems.len(), 3);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z=;.,\\\\ 0-9é-]{0,40}") {
            if let Err(Problems(problems)) = Behaviour::parse("--behaviour", &text) {
                for label in problems.iter().flat_map(|p| &p.labels) {
                    proptest::prop_assert!(text.get(label.span.start..label.span.end).is_some());
                }
            }
        }
    }
}
