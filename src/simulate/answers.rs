//! How an endpoint answers.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::recorded::Sample;
use crate::text::duration;

/// How long an endpoint takes for a request, without the time that the request waits for a worker.
#[derive(Debug, Clone, PartialEq)]
pub enum Service {
    /// Always so long.
    Constant(Duration),
    /// Anything in this range, equally likely.
    Uniform(Duration, Duration),
    /// Log-normal, as latencies are: half are below the first, 99 of 100 below the second.
    LogNormal {
        /// The median; above zero.
        p50: Duration,
        /// The 99th percentile; not below the median.
        p99: Duration,
    },
    /// It never answers.
    Never,
}

impl FromStr for Service {
    type Err = String;

    /// `2s`, `1s..9s`, `p50=2s,p99=12s` or `never`.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = |part: &str| {
            duration::parse(part).map_err(|error| format!("{error} (or write `1s..9s`, `p50=2s,p99=12s` or `never`)"))
        };
        let text = text.trim();
        if text == "never" {
            return Ok(Service::Never);
        }
        if let Some((low, high)) = text.split_once("..") {
            let (low, high) = (read(low)?, read(high)?);
            if low > high {
                return Err(format!("the range `{text}` ends before it begins"));
            }
            return Ok(Service::Uniform(low, high));
        }
        if let Some(points) = text.strip_prefix("p50=") {
            let (p50, p99) = points
                .split_once(',')
                .and_then(|(p50, rest)| Some((p50, rest.trim().strip_prefix("p99=")?)))
                .ok_or_else(|| format!("`{text}` is not a distribution; write `p50=2s,p99=12s`"))?;
            let (p50, p99) = (read(p50)?, read(p99)?);
            if p50.is_zero() || p99 < p50 {
                return Err(format!("`{text}` is not a distribution: p50 must be above zero, and p99 at least p50"));
            }
            return Ok(Service::LogNormal { p50, p99 });
        }
        read(text).map(Service::Constant)
    }
}

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_874_040_841;

impl Service {
    /// A draw; none where it never answers.
    fn draw(&self, random: &mut fastrand::Rng) -> Option<Duration> {
        match self {
            Service::Constant(time) => Some(*time),
            Service::Uniform(low, high) => Some(*low + (*high - *low).mul_f64(random.f64())),
            Service::LogNormal { p50, p99 } => {
                let sigma = (p99.as_secs_f64() / p50.as_secs_f64()).ln() / Z99;
                let seconds = p50.as_secs_f64() * (sigma * normal(random)).exp();
                // A draw that no clock can hold is as good as none.
                Duration::try_from_secs_f64(seconds).ok()
            }
            Service::Never => None,
        }
    }
}

/// A draw from the standard normal distribution (Box and Muller).
fn normal(random: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}

/// What an endpoint answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answers {
    /// By a model.
    Modelled {
        /// How long it takes.
        service: Service,
        /// The share, 0 to 1, of requests that get a 500.
        fail_rate: f64,
    },
    /// As it was measured: each request meets one of these.
    Measured(Arc<Vec<Sample>>),
}

impl Answers {
    /// What the next request meets.
    pub(super) fn draw(&self, random: &mut fastrand::Rng) -> Sample {
        match self {
            Answers::Modelled { service, fail_rate } => {
                let time = service.draw(random);
                let status = if random.f64() < *fail_rate { 500 } else { 200 };
                time.map_or(Sample::Never, |time| Sample::Answer { time, status })
            }
            Answers::Measured(samples) => match samples.len() {
                0 => Sample::Never,
                count => samples[random.usize(..count)],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    #[test]
    fn service_times_are_read() {
        for (text, service) in [
            ("2s", Service::Constant(seconds(2.0))),
            ("0s", Service::Constant(seconds(0.0))),
            ("1s..9s", Service::Uniform(seconds(1.0), seconds(9.0))),
            ("p50=2s,p99=12s", Service::LogNormal { p50: seconds(2.0), p99: seconds(12.0) }),
            ("never", Service::Never),
        ] {
            assert_eq!(text.parse(), Ok(service), "{text}");
        }
        for (text, words) in [
            ("2", "no unit"),
            ("9s..1s", "ends before it begins"),
            ("p50=2s", "write `p50=2s,p99=12s`"),
            ("p50=2s,p99=1s", "p99 at least p50"),
            ("p50=0s,p99=1s", "above zero"),
            ("sometimes", "or write `1s..9s`"),
        ] {
            let error = text.parse::<Service>().expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn draws_follow_the_distribution() {
        let mut random = fastrand::Rng::with_seed(1);
        let service = Service::LogNormal { p50: seconds(2.0), p99: seconds(12.0) };
        let mut drawn: Vec<_> = (0..100_000).filter_map(|_| service.draw(&mut random)).collect();
        drawn.sort();
        let (p50, p99) = (drawn[50_000].as_secs_f64(), drawn[99_000].as_secs_f64());
        assert!((1.95..2.05).contains(&p50) && (11.0..13.0).contains(&p99), "{p50} and {p99}");
        let uniform = Service::Uniform(seconds(1.0), seconds(9.0));
        assert!((0..1000).filter_map(|_| uniform.draw(&mut random)).all(|t| t >= seconds(1.0) && t <= seconds(9.0)));
    }

    #[test]
    fn a_share_fails() {
        let mut random = fastrand::Rng::with_seed(1);
        let answers = Answers::Modelled { service: Service::Constant(seconds(1.0)), fail_rate: 0.2 };
        let failed =
            (0..10_000).filter(|_| matches!(answers.draw(&mut random), Sample::Answer { status: 500, .. })).count();
        assert!((1_800..2_200).contains(&failed), "{failed}");
    }
}
