//! Proxies: which one a request goes through, by `--proxy` or by the environment as curl reads it.

mod bypass;
mod server;

pub(super) use server::{Credentials, Protocol, Proxy};

use std::ffi::OsString;

use url::Url;

use self::bypass::Bypass;
use super::ProxyChoice;
use crate::diagnostic::{Diagnostic, Problems};

/// The environment's variables, each in both spellings, in order of precedence; like curl, lower
/// case first. An empty variable counts as not set.
const HTTP: [&str; 2] = ["http_proxy", "HTTP_PROXY"];
const HTTPS: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
const ALL: [&str; 2] = ["all_proxy", "ALL_PROXY"];
const NO: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// Set by CGI servers, which also set `HTTP_PROXY` from a request's `Proxy` header, which any client can send.
const CGI: &str = "REQUEST_METHOD";

/// The proxies of a run.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    bypass: Bypass,
}

impl Proxies {
    /// Those that the choice names.
    ///
    /// # Errors
    /// Everything that is not a proxy's URL, without the credentials that it may hold.
    pub(super) fn new(choice: &ProxyChoice) -> Result<Self, Problems> {
        match choice {
            ProxyChoice::Direct => Ok(Self::default()),
            ProxyChoice::Url(url) => {
                let proxy = Proxy::parse(url, "--proxy").map_err(|error| error.diagnostic("--proxy"))?;
                Ok(Self { http: Some(proxy.clone()), https: Some(proxy), bypass: Bypass::default() })
            }
            ProxyChoice::Environment => Self::from_variables(|name| std::env::var_os(name)),
        }
    }

    /// Those that these variables name.
    fn from_variables(value: impl Fn(&str) -> Option<OsString>) -> Result<Self, Problems> {
        let set = |name: &&'static str| value(name).filter(|value| !value.is_empty()).map(|value| (*name, value));
        let under_cgi = value(CGI).is_some();
        let mut problems = Vec::new();
        let mut proxy = |names: [&'static str; 2]| {
            let mut names = names.iter().filter(|name| !(under_cgi && **name == "HTTP_PROXY"));
            let (name, url) = names.find_map(set)?;
            let text = url.to_str().ok_or_else(|| ProxyUrlError::new("it is not UTF-8 text"));
            text.and_then(|url| Proxy::parse(url, name)).map_err(|error| problems.push(error.diagnostic(name))).ok()
        };
        let (http, https, all) = (proxy(HTTP), proxy(HTTPS), proxy(ALL));
        let bypass =
            NO.iter().find_map(set).map(|(_, list)| Bypass::parse(&list.to_string_lossy())).unwrap_or_default();
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        Ok(Self { http: http.or_else(|| all.clone()), https: https.or(all), bypass })
    }

    /// The proxy that a request to that URL goes through.
    pub(super) fn between(&self, url: &Url) -> Option<&Proxy> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        proxy.as_ref().filter(|_| !self.bypass.covers(url))
    }
}

/// What is wrong with a proxy's URL. It holds nothing of the URL that could be a part of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProxyUrlError {
    what: String,
    help: String,
}

impl ProxyUrlError {
    fn new(what: impl Into<String>) -> Self {
        let help =
            "write it as `http://host:port` or `socks5h://host:port`, with `user:password@` before the host if needed";
        Self { what: what.into(), help: help.into() }
    }

    fn helped(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }

    fn diagnostic(self, source: &str) -> Diagnostic {
        Diagnostic::error(format!("{source} is not a proxy's URL: {}", self.what)).help(self.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let value = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
        Proxies::from_variables(value).expect("proxies")
    }

    fn between(variables: &[(&str, &str)], url: &str) -> Option<(String, &'static str)> {
        let proxies = proxies(variables);
        proxies.between(&url.parse().expect("a URL")).map(|proxy| (proxy.to_string(), proxy.source))
    }

    #[test]
    fn variables_by_scheme() {
        let set = [("HTTP_PROXY", "h:1"), ("https_proxy", "s:2"), ("ALL_PROXY", "a:3")];
        assert_eq!(between(&set, "http://x/"), Some(("h:1".into(), "HTTP_PROXY")));
        assert_eq!(between(&set, "https://x/"), Some(("s:2".into(), "https_proxy")));
        assert_eq!(between(&set[..1], "https://x/"), None);
        assert_eq!(between(&set[2..], "https://x/"), Some(("a:3".into(), "ALL_PROXY")));
        assert_eq!(between(&[], "http://x/"), None);
    }

    #[test]
    fn small_letters_first_and_empty_is_not_set() {
        assert_eq!(between(&[("http_proxy", "small:1"), ("HTTP_PROXY", "large:1")], "http://x/").unwrap().0, "small:1");
        assert_eq!(between(&[("http_proxy", ""), ("HTTP_PROXY", "large:1")], "http://x/").unwrap().0, "large:1");
        assert_eq!(between(&[("http_proxy", "")], "http://x/"), None);
    }

    #[test]
    fn a_cgi_servers_http_proxy_is_a_strangers() {
        assert_eq!(between(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "evil:1")], "http://x/"), None);
        assert_eq!(between(&[("REQUEST_METHOD", "GET"), ("http_proxy", "own:1")], "http://x/").unwrap().0, "own:1");
    }

    #[test]
    fn no_proxy_holds_for_both_schemes_and_in_both_spellings() {
        for name in NO {
            let set = [("ALL_PROXY", "a:3"), (name, "example.com")];
            assert_eq!(between(&set, "http://api.example.com/"), None);
            assert_eq!(between(&set, "https://example.com/"), None);
            assert!(between(&set, "https://example.org/").is_some());
        }
    }

    #[test]
    fn one_for_everything_or_none() {
        let url = "https://api.example.com/".parse().expect("a URL");
        let proxies = Proxies::new(&ProxyChoice::Url("http://me:hush@p:8080".into())).expect("a proxy");
        let between = proxies.between(&url).expect("the proxy");
        assert_eq!((between.to_string().as_str(), between.source), ("p:8080", "--proxy"));
        assert!(Proxies::new(&ProxyChoice::Direct).expect("none").between(&url).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_text() {
        use std::os::unix::ffi::OsStringExt;
        let value = |name: &str| (name == "http_proxy").then(|| OsString::from_vec(b"http://\xff:1".to_vec()));
        let Problems(problems) = Proxies::from_variables(value).expect_err("no proxy");
        assert_eq!(problems[0].message, "http_proxy is not a proxy's URL: it is not UTF-8 text");
    }

    #[test]
    fn every_wrong_variable_is_named() {
        let value =
            |name: &str| Some(format!("ftp://me:hunter2@{name}").into()).filter(|_| !name.starts_with(['n', 'N', 'R']));
        let Problems(problems) = Proxies::from_variables(value).expect_err("no proxies");
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        insta::assert_snapshot!(messages.join("\n"), @r"
        http_proxy is not a proxy's URL: `ftp` is not a proxy protocol
        https_proxy is not a proxy's URL: `ftp` is not a proxy protocol
        all_proxy is not a proxy's URL: `ftp` is not a proxy protocol
        ");
        assert!(!format!("{problems:?}").contains("hunter2"));
    }
}
