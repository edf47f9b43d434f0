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
use crate::http::media_type;
use crate::script::{ParamsIn, Request};

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

/// Whether params are sent in a JSON body (assumed to be JSON where there is no Content-Type).
pub(super) fn json_body(request: &Request) -> bool {
    let is_json = request.content_type().is_none_or(|header| media_type::is_json(&header.value.text));
    is_json && request.place_of_params() == Some(ParamsIn::Body)
}
