//! The flags of every command that renders.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::diagnostic::{Diagnostic, Problems};
use crate::event::Assignments;
use crate::project::{Config, Environment};
use crate::request;

/// How placeholders are filled in.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Rendering")]
pub struct Rendering {
    /// Leave undefined placeholders blank, as production does, and warn
    #[arg(long)]
    pub lenient: bool,
    /// Show the values of `env.*` instead of «redacted»
    #[arg(long)]
    pub reveal: bool,
    /// Change the event's data, such as `--set contact.age=17` (JSON if it parses as JSON, otherwise a string)
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// The time of `now`, such as `2026-11-23T10:00` (in the project's time zone unless it has its own)
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Seed for `random` and multipart boundaries, for the same result in every run
    #[arg(long, value_name = "NUMBER", value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
}

impl Rendering {
    /// The options from the flags and the project's settings.
    ///
    /// # Errors
    /// `--now` is not a date or time.
    pub fn options(&self, config: &Config, env: &Environment) -> Result<request::Options, Problems> {
        let timezone = &config.timezone;
        let now = self.now.as_deref().map(|text| moment(text, timezone)).transpose()?;
        Ok(request::Options {
            template: hookctl_twig::Options {
                strict: !self.lenient,
                timezone: timezone.clone(),
                now: now.map(Timestamp::as_microsecond),
                seed: self.seed,
                ..hookctl_twig::Options::default()
            },
            encoding: config.encoding,
            reveal: self.reveal,
            missing_env_file: env.missing_file.clone(),
        })
    }

    /// What `--set` changes in the event's data.
    pub fn assignments(&self) -> Assignments {
        Assignments { assignments: self.set.clone(), lenient: self.lenient }
    }

    /// `--now`, or the clock's time.
    ///
    /// # Errors
    /// As [`Rendering::options`].
    pub fn now(&self, timezone: &str) -> Result<Timestamp, Problems> {
        self.now.as_deref().map_or_else(|| Ok(Timestamp::now()), |text| moment(text, timezone))
    }
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("write a whole number from 0 to {}", u64::MAX))
}

fn moment(text: &str, timezone: &str) -> Result<Timestamp, Problems> {
    let text = text.trim();
    let seconds = || text.strip_prefix('@')?.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let zoned = || text.parse::<ZonedDateTime>().ok().map(|zoned| zoned.timestamp());
    let local = || {
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        zone.to_timestamp(text.parse::<DateTime>().ok()?).ok()
    };
    text.parse().ok().or_else(seconds).or_else(zoned).or_else(local).ok_or_else(|| {
        Diagnostic::error(format!("`--now {text}` is not a date or time"))
            .help("write it as 2026-11-23, 2026-11-23T10:00, 2026-11-23T10:00+08:00 or @1795428000")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let cases = [
            ("2026-11-23T10:00:00Z", Some("2026-11-23T10:00:00Z")),
            ("2026-11-23 10:00+02", Some("2026-11-23T08:00:00Z")),
            ("2026-11-23T10:00:00.25-05:00[America/New_York]", Some("2026-11-23T15:00:00.25Z")),
            ("2026-11-23T10:00", Some("2026-11-23T02:00:00Z")),
            ("2026-11-23", Some("2026-11-22T16:00:00Z")),
            ("@0", Some("1970-01-01T00:00:00Z")),
            ("@-1.5", None),
            ("", None),
            ("yesterday", None),
            ("2026-02-30", None),
            ("10:00", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(moment(text, "Asia/Taipei").ok(), expected, "{text}");
        }
    }
}
