//! HK2xx: the request that a script makes: its URL, headers, where params go, credentials.

mod body_without_method;
mod conflicting_names;
mod duplicate_header;
mod flat_name;
mod hard_coded_secret;
mod insecure_url;
mod internal_host;
mod invalid_header;
mod invalid_url;
mod managed_header;
mod missing_content_type;
mod param_in_url;
mod secret_in_url;

use super::Rule;
use crate::media_type;
use crate::script::{Pair, ParamsIn, Request};

/// The group's rules, by id.
pub(super) static RULES: &[&Rule] = &[
    &invalid_url::RULE,
    &insecure_url::RULE,
    &internal_host::RULE,
    &invalid_header::RULE,
    &managed_header::RULE,
    &duplicate_header::RULE,
    &body_without_method::RULE,
    &missing_content_type::RULE,
    &param_in_url::RULE,
    &hard_coded_secret::RULE,
    &secret_in_url::RULE,
    &flat_name::RULE,
    &conflicting_names::RULE,
];

/// The params that are sent.
pub(super) fn params(request: &Request) -> impl Iterator<Item = &Pair> {
    request.params.iter().filter(|pair| pair.enabled)
}

/// The headers that are sent.
fn headers(request: &Request) -> impl Iterator<Item = &Pair> {
    request.headers.iter().filter(|pair| pair.enabled)
}

/// The Content-Type header, where one is sent.
fn content_type(request: &Request) -> Option<&Pair> {
    headers(request).find(|header| header.name.value.eq_ignore_ascii_case("content-type"))
}

/// Params go into a body, and that is JSON (assumed where no Content-Type says so).
pub(super) fn json_body(request: &Request) -> bool {
    let is_json = content_type(request).is_none_or(|header| media_type::is_json(&header.value.text));
    is_json && place_of_params(request) == Some(ParamsIn::Body)
}

/// Where params go (assumed: by the method); none while the method is not known.
fn place_of_params(request: &Request) -> Option<ParamsIn> {
    if let Some(place) = &request.params_in {
        return Some(place.value);
    }
    let method = &request.method.as_ref()?.value;
    Some(if matches!(method.as_str(), "POST" | "PUT" | "PATCH") { ParamsIn::Body } else { ParamsIn::Query })
}
