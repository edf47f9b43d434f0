//! The values of `fire`'s flags: read, or refused in words.

use std::num::NonZeroUsize;

use url::Url;

use crate::duration;

/// No machine has the sockets for more.
const MOST_AT_ONCE: usize = 10_000;

/// `--limit`: a duration above zero, kept as it was written.
pub fn limit(text: &str) -> Result<String, String> {
    if duration::parse(text).map_err(|error| error.to_string())?.is_zero() {
        return Err("that leaves no time at all: write a duration above zero, such as `10s`".into());
    }
    Ok(text.to_owned())
}

/// `--repeat`: how often, from 1.
pub fn repeat(text: &str) -> Result<u64, String> {
    let within = |n: &u64| (1..=1_000_000_000).contains(n);
    text.parse().ok().filter(within).ok_or_else(|| "write a whole number from 1 to 1000000000".into())
}

/// `--concurrency`: how many at once, from 1.
pub fn concurrency(text: &str) -> Result<NonZeroUsize, String> {
    let within = |n: &NonZeroUsize| n.get() <= MOST_AT_ONCE;
    text.parse().ok().filter(within).ok_or_else(|| format!("write a whole number from 1 to {MOST_AT_ONCE}"))
}

/// `--rate`: triggers per second, from `500/s`, `30/m` or `10/h`.
pub fn rate(text: &str) -> Result<f64, String> {
    let wrong = || "write a number of triggers and a unit of time: `500/s`, `30/m` or `10/h`".to_owned();
    let (number, unit) = text.split_once('/').ok_or_else(wrong)?;
    let seconds = match unit.trim() {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    let rate = number / seconds;
    // Not a comparison with `<`, so that NaN is refused too.
    if !(rate > 0.0 && rate <= 1_000_000.0) {
        return Err("a rate is above zero and at most 1000000/s".into());
    }
    Ok(rate)
}

/// `--to`: scheme, host and port.
pub fn target(text: &str) -> Result<Url, String> {
    let example = "write a scheme and a host, such as `http://127.0.0.1:8080`";
    let url: Url = text.parse().map_err(|error| format!("{error}; {example}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("that is no http or https URL; {example}"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("only scheme, host and port are replaced: leave the path and the query out".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("leave user name and password out: a script's own headers are sent".into());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert_eq!(limit("80ms"), Ok("80ms".to_owned()));
        assert_eq!(repeat("100000"), Ok(100_000));
        assert_eq!(concurrency("200").map(NonZeroUsize::get), Ok(200));
        for (text, per_second) in [("500/s", 500.0), ("30/m", 0.5), ("0.5 / s", 0.5), ("36/h", 0.01)] {
            assert_eq!(rate(text), Ok(per_second), "{text}");
        }
        assert_eq!(target("https://staging.example.com:8443/").map(|u| u.port()), Ok(Some(8443)));
    }

    #[test]
    fn values_that_are_none() {
        for text in ["0s", "10", "-1s", ""] {
            assert!(limit(text).is_err(), "--limit {text}");
        }
        for text in ["0", "-1", "1.5", "many", "1000000001"] {
            assert!(repeat(text).is_err(), "--repeat {text}");
        }
        for text in ["0", "10001", "x"] {
            assert!(concurrency(text).is_err(), "--concurrency {text}");
        }
        for text in ["500", "0/s", "-1/s", "NaN/s", "inf/s", "5/day", "/s", "2000000/s"] {
            assert!(rate(text).is_err(), "--rate {text}");
        }
        for text in ["localhost", "localhost:80", "ftp://h", "http://", "http://h/path", "http://h?q", "http://u:p@h"] {
            assert!(target(text).is_err(), "--to {text}");
        }
    }
}
