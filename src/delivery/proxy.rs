//! Proxies: whether what names one is a proxy's URL, and which of them a request goes through. reqwest uses the same rules,
//! but keeps the answers to itself and passes over what it can't read: the request would go out directly then.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::ProxyChoice;
use crate::diagnostic::{Diagnostic, Problems};

/// The environment's, in the order in which they are asked.
const VARIABLES: [[&str; 2]; 3] =
    [["HTTP_PROXY", "http_proxy"], ["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

/// The proxies of a run.
#[derive(Debug)]
pub(super) struct Proxies(Option<Matcher>);

impl Proxies {
    /// Those that the choice names.
    ///
    /// # Errors
    /// Everything that is no proxy's URL, without the credentials that it may hold.
    pub fn new(choice: &ProxyChoice) -> Result<Self, Problems> {
        let (matcher, named) = match choice {
            ProxyChoice::Direct => (None, Vec::new()),
            ProxyChoice::Url(url) => {
                (Some(Matcher::builder().all(url.as_str()).build()), vec![("--proxy", url.clone())])
            }
            ProxyChoice::Environment => (Some(Matcher::from_env()), environment()),
        };
        let wrong = named.iter().filter(|(_, url)| !is_proxy(url)).map(|(name, url)| refusal(name, url));
        let problems: Vec<_> = wrong.collect();
        if problems.is_empty() { Ok(Self(matcher)) } else { Err(Problems(problems)) }
    }

    /// Host and port of the proxy that a request to that URL goes through, without credentials.
    pub fn between(&self, url: &Url) -> Option<String> {
        let proxy = self.0.as_ref()?.intercept(&url.as_str().parse().ok()?)?;
        proxy.uri().authority().map(ToString::to_string)
    }
}

/// The variables that are set, each with its value.
fn environment() -> Vec<(&'static str, String)> {
    let set = |name: &&'static str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(|v| (*name, v));
    VARIABLES.iter().filter_map(|names| names.iter().find_map(set)).collect()
}

fn is_proxy(url: &str) -> bool {
    let anywhere = http::Uri::from_static("http://endpoint.invalid/");
    Matcher::builder().all(url).build().intercept(&anywhere).is_some()
}

fn refusal(name: &str, url: &str) -> Diagnostic {
    let shown = url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, host)| format!("…@{host}"));
    Diagnostic::error(format!("{name}: `{shown}` is not a proxy's URL"))
        .help("write it as `http://host:port` or `socks5://host:port`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_urls() {
        for url in ["http://p:8080", "https://p", "p:8080", "socks5://p:1080", "socks5h://me:pw@p", "http://[::1]:1"] {
            assert!(is_proxy(url), "{url}");
        }
        for url in ["ftp://p:21", "http://[::bad", "", "::", "/p", "http://"] {
            assert!(!is_proxy(url), "{url}");
        }
    }

    #[test]
    fn a_wrong_one_is_named_without_its_credentials() {
        let choice = ProxyChoice::Url("ftp://me:hush@p:21".into());
        let Problems(problems) = Proxies::new(&choice).expect_err("no proxy");
        assert_eq!(problems[0].message, "--proxy: `…@p:21` is not a proxy's URL");
    }

    #[test]
    fn the_one_between() {
        let url = "http://api.example.com/".parse().expect("a URL");
        let proxies = Proxies::new(&ProxyChoice::Url("http://me:hush@p:8080".into())).expect("a proxy");
        assert_eq!(proxies.between(&url).as_deref(), Some("p:8080"));
        assert_eq!(Proxies::new(&ProxyChoice::Direct).expect("none").between(&url), None);
    }
}
