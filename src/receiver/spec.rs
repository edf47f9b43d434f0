//! Reading a behaviour: `delay=1s..9s;status=500,200;body=TEXT`.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::{Behaviour, Fault};
use crate::diagnostic::{Diagnostic, Problems};
use crate::span::{Source, Span};
use crate::spec_syntax::{Pairs, Wrong};
use crate::text::duration;

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
        let mut behaviour = Behaviour::default();
        let mut pairs = Pairs::read(source, span, "behaviour", &KEYS, |key, value| behaviour.set(key, value));
        contradictions(source, &mut pairs);
        if pairs.problems.is_empty() { Ok(behaviour) } else { Err(Problems(pairs.problems)) }
    }

    fn set(&mut self, key: &str, value: Option<&str>) -> Result<(), Wrong> {
        if let "hang" | "reset" = key {
            if value.is_some() {
                return Err((format!("`{key}` takes no value"), format!("write only `{key}`")));
            }
            self.fault = Some(if key == "hang" { Fault::Hang } else { Fault::Reset });
            return Ok(());
        }
        let Some(value) = value else {
            return Err((format!("`{key}` has no value"), format!("write `{key}={}`", example(key))));
        };
        match key {
            "delay" => self.delay = range(key, value)?,
            "body-delay" => self.body_delay = range(key, value)?,
            "status" => self.statuses = value.split(',').map(|s| status(s.trim())).collect::<Result<_, _>>()?,
            "body" => value.clone_into(&mut self.body),
            "fail-rate" => self.fail_rate = Some(share(value.trim())?),
            "seed" => {
                let wrong =
                    |_| (format!("`{value}` is not a seed"), "write a whole number, such as `seed=7`".to_owned());
                self.seed = Some(value.trim().parse().map_err(wrong)?);
            }
            _ if value.trim().is_empty() => {
                return Err(("the token is empty".to_owned(), "write the token that requests must have".to_owned()));
            }
            _ => self.token = Some(value.trim().to_owned()),
        }
        Ok(())
    }
}

/// Values that have no effect together with another one.
fn contradictions(source: &Arc<Source>, pairs: &mut Pairs) {
    let mut found = Vec::new();
    if let (Some(hang), Some(reset)) = (pairs.place("hang"), pairs.place("reset")) {
        found.push((reset, hang, "`hang` and `reset` can't be combined", "keep one of the two"));
    }
    let fault = pairs.place("hang").or(pairs.place("reset"));
    for key in ["status", "body", "body-delay"] {
        if let (Some(fault), Some(vain), None) = (fault, pairs.place(key), pairs.place("fail-rate")) {
            let help = "remove it, or add `fail-rate=0.2` so that only some requests fail";
            found.push((vain, fault, "this has no effect: no request is answered", help));
        }
    }
    for (span, cause, message, help) in found {
        let problem = Diagnostic::error(message).at(source, span, "").at(source, cause, "because of this");
        pairs.problems.push(problem.help(help));
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

fn range(key: &str, text: &str) -> Result<RangeInclusive<Duration>, Wrong> {
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

fn status(text: &str) -> Result<u16, Wrong> {
    text.parse().ok().filter(|status| (200..=599).contains(status)).ok_or_else(|| {
        let help = "write statuses from 200 to 599, such as `status=200` or `status=500,500,200`";
        (format!("`{text}` is not a response status"), help.to_owned())
    })
}

fn share(text: &str) -> Result<f64, Wrong> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
        let help = "write a number from 0 (never) to 1 (always), such as `fail-rate=0.2`";
        (format!("`{text}` is not a number from 0 to 1"), help.to_owned())
    })
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
            ("colour=red", "colour", "use `delay`"),
            ("=5", "", "use `delay`"),
            ("delay", "delay", "write `delay=6s`"),
            ("delay=6", "6", "has no unit"),
            ("delay=9s..1s", "9s..1s", "write `delay=1s..9s`"),
            ("delay=1s..", "1s..", "it is empty"),
            ("status=200, 99", "200, 99", "`99` is not a response status"),
            ("status=", "", "`` is not a response status"),
            ("fail-rate=20%", "20%", "`20%` is not a number from 0 to 1"),
            ("fail-rate=NaN", "NaN", "`NaN` is not a number from 0 to 1"),
            ("seed=-1", "-1", "`-1` is not a seed"),
            ("hang=1", "1", "takes no value"),
            ("token=", "", "token is empty"),
            ("delay=1s;delay=2s", "delay", "is given twice"),
            ("hang;reset", "reset", "can't be combined"),
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
