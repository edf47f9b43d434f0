//! Trigger times from a CSV file.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Problems};
use crate::span::{Source, Span};
use crate::text::duration;

/// When each script was triggered, from the first trigger of the file on.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TriggerTimes {
    /// By script, in the order of the file; ascending. Rows without a script are under the empty name.
    pub scripts: IndexMap<String, Vec<Duration>>,
}

/// A point in time: some timestamps count from an epoch, durations from the start. ns.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Time {
    Stamp(i128),
    Offset(i128),
}

impl TriggerTimes {
    /// Reads rows of a time and, optionally, a script: `2026-05-04T10:00:00Z,crm`. A time is a timestamp with a zone, or
    /// counts from the start: `90s`, or `90` for seconds. The first row may be a heading; the order does not matter.
    ///
    /// # Errors
    /// Every row that can't be read, at its place; timestamps beside offsets; no row at all.
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, Problems> {
        let source = Arc::new(Source::new(path, text));
        let mut problems = Vec::new();
        let mut rows: Vec<(Time, String)> = Vec::new();
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let span = Span::new(start, start + line.trim_end_matches(['\n', '\r']).len());
            start += line.len();
            let line = text[span.start..span.end].trim_start_matches('\u{feff}');
            if line.trim().is_empty() {
                continue;
            }
            let (time, rest) = field(line);
            match (read(&time), rows.first()) {
                (Ok(time), Some((first, _))) if std::mem::discriminant(first) != std::mem::discriminant(&time) => {
                    let message = "the file mixes timestamps and offsets";
                    let help = "write all rows as timestamps, or all as times since the start";
                    problems.push(Diagnostic::error(message).at(&source, span, "").help(help));
                }
                (Ok(time), _) => rows.push((time, field(rest).0)),
                // A heading.
                (Err(_), None) if number == 0 && problems.is_empty() => {}
                (Err(message), _) => {
                    let help = "a row is a time and a script: `2026-05-04T10:00:00Z,crm` or `90s,crm`";
                    problems.push(Diagnostic::error(message).at(&source, span, "").help(help));
                }
            }
        }
        if rows.is_empty() && problems.is_empty() {
            problems.push(Diagnostic::error(format!("`{path}` has no trigger times")));
        }
        if problems.is_empty() { Ok(Self::sorted(rows)) } else { Err(Problems(problems)) }
    }

    fn sorted(rows: Vec<(Time, String)>) -> Self {
        let nanos = |time: Time| match time {
            Time::Stamp(nanos) | Time::Offset(nanos) => nanos,
        };
        let first = rows.iter().filter_map(|(time, _)| match time {
            Time::Stamp(nanos) => Some(*nanos),
            Time::Offset(_) => None,
        });
        let first = first.min().unwrap_or(0);
        let mut scripts: IndexMap<String, Vec<Duration>> = IndexMap::new();
        for (time, script) in rows {
            let after = u64::try_from(nanos(time) - first).unwrap_or(u64::MAX);
            scripts.entry(script).or_default().push(Duration::from_nanos(after));
        }
        scripts.values_mut().for_each(|times| times.sort());
        Self { scripts }
    }
}

/// The first field of a row, quoted or not, without blanks around it, and the rest of the row.
fn field(row: &str) -> (String, &str) {
    let Some(mut inside) = row.trim_start().strip_prefix('"') else {
        let (field, rest) = row.split_once(',').unwrap_or((row, ""));
        return (field.trim().to_owned(), rest);
    };
    let mut field = String::new();
    while let Some((before, after)) = inside.split_once('"') {
        field.push_str(before);
        // Two quotes are one that belongs to the field.
        let Some(more) = after.strip_prefix('"') else {
            return (field, after.split_once(',').map_or("", |(_, rest)| rest));
        };
        field.push('"');
        inside = more;
    }
    (field + inside, "")
}

fn read(text: &str) -> Result<Time, String> {
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(Time::Stamp(stamp.as_nanosecond()));
    }
    let seconds = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !text.is_empty();
    let offset = duration::parse(&if seconds { format!("{text}s") } else { text.to_owned() });
    let offset = offset.map_err(|_| {
        format!("`{text}` is not a time; write a timestamp with its zone, or the time since the start, such as `90s`")
    })?;
    Ok(Time::Offset(offset.as_nanos() as i128))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(times: &TriggerTimes, script: &str) -> Vec<f64> {
        times.scripts.get(script).map(|t| t.iter().map(Duration::as_secs_f64).collect()).unwrap_or_default()
    }

    #[test]
    fn times_are_read_and_sorted() {
        let text = "\u{feff}time,script\r\n2026-05-04T10:00:05Z,crm\r\n\r\n2026-05-04T12:00:00+02:00,crm\r\n\
                    2026-05-04T10:00:01.5Z, desk ,ignored\r\n";
        let times = TriggerTimes::read("times.csv", text).expect("times");
        assert_eq!((seconds(&times, "crm"), seconds(&times, "desk")), (vec![0.0, 5.0], vec![1.5]));
        let text = "\"time\",\"script\"\n\"2026-05-04T10:00:05Z\",\"crm, \"\"big\"\"\",\"x\"\n";
        let times = TriggerTimes::read("times.csv", text).expect("times");
        assert_eq!(seconds(&times, "crm, \"big\""), [0.0]);
        let times = TriggerTimes::read("times.csv", "90s\n1.5\n2m\n").expect("times");
        assert_eq!(seconds(&times, ""), [1.5, 90.0, 120.0]);
    }

    #[test]
    fn every_wrong_row_is_said_at_its_place() {
        let text = "time\n1s\nsoon\n2026-05-04T10:00:00Z\n-3s,crm\n";
        let Problems(problems) = TriggerTimes::read("times.csv", text).expect_err("three problems");
        let at: Vec<_> = problems.iter().map(|p| &text[p.labels[0].span.start..p.labels[0].span.end]).collect();
        assert_eq!(at, ["soon", "2026-05-04T10:00:00Z", "-3s,crm"]);
        assert!(problems[1].message.contains("timestamps and offsets"));
        assert!(TriggerTimes::read("times.csv", "time\n").is_err());
        assert!(TriggerTimes::read("times.csv", "").is_err());
    }
}
