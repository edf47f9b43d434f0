//! Parses the values of `fire`'s flags; an error says what to write.

use std::num::NonZeroUsize;
use std::time::Duration;

use url::Url;

use crate::http::is_loopback;
use crate::text::duration;
use crate::text::quantity;

/// No machine has the sockets for more.
const MOST_AT_ONCE: usize = 10_000;

/// `--limit`: a duration above zero, kept as it was written.
pub(super) fn limit(text: &str) -> Result<String, String> {
    if duration::parse(text).map_err(|error| error.to_string())?.is_zero() {
        return Err("write a duration above zero, such as `10s`".into());
    }
    Ok(text.to_owned())
}

/// `--duration`: a time above zero.
pub(super) fn length(text: &str) -> Result<Duration, String> {
    limit(text).and_then(|text| duration::parse(&text).map_err(|error| error.to_string()))
}

/// `--repeat`: how often, from 1.
pub(super) fn repeat(text: &str) -> Result<u64, String> {
    let within = |n: &u64| (1..=1_000_000_000).contains(n);
    text.parse().ok().filter(within).ok_or_else(|| whole(text, 1_000_000_000))
}

/// `--concurrency`: how many at once, from 1.
pub(super) fn concurrency(text: &str) -> Result<NonZeroUsize, String> {
    let within = |n: &NonZeroUsize| n.get() <= MOST_AT_ONCE;
    text.parse().ok().filter(within).ok_or_else(|| whole(text, MOST_AT_ONCE as u64))
}

/// The message for a text that is not a whole number from 1 to `most`.
fn whole(text: &str, most: u64) -> String {
    let plain = quantity::plain(text).filter(|number| number != text);
    let such_as = plain.map(|number| format!(", such as `{number}`")).unwrap_or_default();
    format!("write a whole number from 1 to {most}{such_as}")
}

/// `--rate`: triggers per second, from `500/s`, `30/m` or `10/h`.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate = quantity::rate(text)?;
    // Not a comparison with `<`, so that NaN is refused too.
    if !(rate > 0.0 && rate <= 1_000_000.0) {
        return Err("write a rate above zero and at most 1000000/s, such as `500/s`".into());
    }
    Ok(rate)
}

/// `--to`: scheme, host and port.
pub(super) fn target(text: &str) -> Result<Url, String> {
    let url =
        text.parse().ok().filter(|url: &Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    let url = url.ok_or_else(|| with_scheme(text))?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        let origin = url.origin().ascii_serialization();
        return Err(format!(
            "--to replaces only the scheme, host and port: leave out the path and query, as in `{origin}`"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("leave out the user name and password: credentials belong in the script's own headers".into());
    }
    Ok(url)
}

/// The message for a text that is not an http or https URL; suggests a scheme if the text looks like a host.
fn with_scheme(text: &str) -> String {
    let schemeless = !text.contains("://") && !text.contains(char::is_whitespace);
    let url: Option<Url> = format!("http://{text}").parse().ok().filter(|_| schemeless);
    let host = url.as_ref().and_then(Url::host_str);
    match (url.as_ref(), host) {
        (Some(url), Some(_)) => {
            let scheme = if is_loopback(url) { "http" } else { "https" };
            format!("write a scheme and a host: `{scheme}://{text}`")
        }
        _ => "it is not an http or https URL; write a scheme and a host, such as `http://127.0.0.1:8080`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_say_what_to_write_instead() {
        fn told<T: std::fmt::Debug>(result: Result<T, String>) -> String {
            result.expect_err("refused")
        }
        for (told, words) in [
            (told(repeat("1,000")), "such as `1000`"),
            (told(concurrency("1e2")), "such as `100`"),
            (told(rate("100")), "write `100/s`, `100/m` or `100/h`"),
            (told(target("localhost:3000")), "a scheme and a host: `http://localhost:3000`"),
            (told(target("127.0.0.1:80")), "host: `http://127.0.0.1:80`"),
            (told(target("example.com")), "host: `https://example.com`"),
            (told(target("http://h:1/path?q")), "as in `http://h:1`"),
            (told(target("ftp://h")), "such as `http://127.0.0.1:8080`"),
            (told(limit("10")), "write `10s` for seconds or `10ms`"),
        ] {
            assert!(told.contains(words), "{told}");
        }
    }

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
