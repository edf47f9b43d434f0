//! What a script's own request causes on the platform.

use crate::http::{Host, UrlTemplate};
use crate::script::Script;
use crate::span::Span;

/// A request to the platform's own API that causes an event there.
///
/// The API's addresses are published (`https://{API_HOST}/api/v1/contact[/{id}]`, `/api/v1/ticket[/{id}]`; GET, POST,
/// PUT and DELETE); that POST causes `created` and PUT causes `updated` is assumed. PATCH, which is not published, is
/// taken for PUT.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `contact.created`, `contact.updated`, `ticket.created` or `ticket.updated`.
    pub event: &'static str,
    /// The URL in the script's file.
    pub span: Span,
    /// The host is a placeholder; only the path suggests that it is the platform's.
    pub host_assumed: bool,
}

impl Call {
    /// The platform call that a script makes, if it makes one. `api_hosts` are the hosts of the platform's API.
    pub fn of(script: &Script, api_hosts: &[String]) -> Option<Call> {
        let method = &script.request.method.as_ref()?.value;
        let url = script.request.url_parts()?;
        let host_assumed = assumed_host(&url, api_hosts)?;
        let event = caused(method, &url)?;
        Some(Call { event, span: script.request.url.as_ref()?.span, host_assumed })
    }
}

/// A request that signs in at the platform's own API: POST to `/api/v1/auth`. It ends that employee's earlier token at
/// once (published).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SignIn {
    /// The URL in the script's file.
    pub span: Span,
    /// The host is a placeholder; only the path suggests that it is the platform's.
    pub host_assumed: bool,
}

impl SignIn {
    /// The sign-in that a script does, if it does one. `api_hosts` are the hosts of the platform's API.
    pub(crate) fn of(script: &Script, api_hosts: &[String]) -> Option<SignIn> {
        let method = &script.request.method.as_ref()?.value;
        let url = script.request.url_parts()?;
        let host_assumed = assumed_host(&url, api_hosts)?;
        let signs_in = method == "POST" && segments(&url)[..] == ["api", "v1", "auth"];
        signs_in.then_some(SignIn { span: script.request.url.as_ref()?.span, host_assumed })
    }
}

/// Whether a host is taken for the platform's by the path alone; none where it is another's.
fn assumed_host(url: &UrlTemplate<'_>, api_hosts: &[String]) -> Option<bool> {
    let assumed = url.has_placeholder(&url.host) && api_host_unknown(url);
    (assumed || is_api_host(url, api_hosts)).then_some(assumed)
}

fn segments<'a>(url: &'a UrlTemplate<'_>) -> Vec<&'a str> {
    url.segments().iter().map(|segment| url.part(segment)).collect()
}

/// The host is nothing but one placeholder.
fn api_host_unknown(url: &UrlTemplate<'_>) -> bool {
    url.placeholders.iter().any(|placeholder| placeholder.start <= url.host.start && url.host.end <= placeholder.end)
}

fn is_api_host(url: &UrlTemplate<'_>, api_hosts: &[String]) -> bool {
    api_hosts.iter().any(|configured| match configured.strip_prefix("*.") {
        Some(domain) => is_below(url, domain),
        None => url.known_host().is_some_and(|host| Host::named(configured) == Some(host)),
    })
}

/// Whether the host is a name below a domain. A placeholder may replace the leading names.
fn is_below(url: &UrlTemplate<'_>, domain: &str) -> bool {
    match (url.known_host().or_else(|| url.any_host()), Host::named(domain)) {
        (Some(Host::Name(host)), Some(Host::Name(domain))) => {
            host.strip_suffix(&domain).is_some_and(|names| names.len() > 1 && names.ends_with('.'))
        }
        _ => false,
    }
}

fn caused(method: &str, url: &UrlTemplate<'_>) -> Option<&'static str> {
    let segments = segments(url);
    // A base address in one placeholder takes the place of the host.
    let (resource, id) = match segments[..] {
        ["api", "v1", resource] => (resource, false),
        ["api", "v1", resource, _] => (resource, true),
        _ => return None,
    };
    match (method, resource, id) {
        ("POST", "contact", false) => Some("contact.created"),
        ("PUT" | "PATCH", "contact", true) => Some("contact.updated"),
        ("POST", "ticket", false) => Some("ticket.created"),
        ("PUT" | "PATCH", "ticket", true) => Some("ticket.updated"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_and_path_decide_the_event() {
        for (method, url, event) in [
            ("POST", "https://acme.example.com/api/v1/contact", Some("contact.created")),
            ("POST", "https://acme.example.com/api/v1/contact/", Some("contact.created")),
            ("PUT", "https://acme.example.com/api/v1/contact/{{ contact.id }}", Some("contact.updated")),
            ("PATCH", "https://acme.example.com/api/v1/contact/7?token=x", Some("contact.updated")),
            ("PUT", "https://ACME.example.com.:443/api/v1/ticket/{{ ticket.id }}", Some("ticket.updated")),
            ("POST", "https://acme.example.com/api/v1/ticket", Some("ticket.created")),
            ("GET", "https://acme.example.com/api/v1/contact/7", None),
            ("DELETE", "https://acme.example.com/api/v1/contact/7", None),
            ("PUT", "https://acme.example.com/api/v1/contact", None),
            ("POST", "https://acme.example.com/api/v1/auth", None),
            ("POST", "https://acme.example.com/api/v2/contact", None),
            ("POST", "https://other.example.com/api/v1/contact", None),
        ] {
            let parts = UrlTemplate::new(url);
            let hosts = ["acme.example.com".to_owned()];
            let found = is_api_host(&parts, &hosts).then(|| caused(method, &parts)).flatten();
            assert_eq!(found, event, "{method} {url}");
        }
    }

    #[test]
    fn a_star_stands_for_the_names_below_a_domain() {
        for (configured, url, is) in [
            ("*.example.com", "https://acme.example.com/x", true),
            ("*.example.com", "https://eu.ACME.Example.com.:8443/x", true),
            ("*.example.com", "https://{{ env.TENANT }}.example.com/x", true),
            ("*.example.com", "https://{{ env.TENANT }}.eu.example.com/x", true),
            ("*.bücher.example", "https://api.xn--bcher-kva.example/x", true),
            ("*.example.com:8443", "https://acme.example.com/x", true),
            ("*.example.com", "https://example.com/x", false),
            ("*.example.com", "https://badexample.com/x", false),
            ("*.example.com", "https://acme.example.com.evil.test/x", false),
            ("*.example.com", "https://acme.example.{{ env.TLD }}/x", false),
            ("*.example.com", "https://{{ env.TENANT }}-example.com/x", false),
            ("*.0.0.1", "https://127.0.0.1/x", false),
            ("acme.example.com", "https://eu.acme.example.com/x", false),
        ] {
            assert_eq!(is_api_host(&UrlTemplate::new(url), &[configured.to_owned()]), is, "{configured} {url}");
        }
    }

    #[test]
    fn a_host_in_a_placeholder_is_taken_for_the_platforms_where_it_is_all_of_the_host() {
        for (url, unknown) in [
            ("https://{{ env.API_HOST }}/api/v1/contact", true),
            ("https://{{ env.NAME }}.example.com/api/v1/contact", false),
            ("{{ env.BASE }}/api/v1/contact", true),
            ("https://a.example.com/api/v1/{{ x }}", false),
        ] {
            assert_eq!(api_host_unknown(&UrlTemplate::new(url)), unknown, "{url}");
        }
    }
}
