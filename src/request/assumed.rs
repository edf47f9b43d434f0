//! What a request takes for granted that the platform does not publish.

use super::Body;
use super::body::{self, ContentType, Encoding};
use crate::script::{ParamsIn, Request, Text};

/// The assumptions that decided what the request looks like, a phrase each.
pub(super) fn assumed(request: &Request, method: &str, place: ParamsIn, body: Option<&Body>) -> Vec<String> {
    let mut phrases = Vec::new();
    if request.params_in.is_none() && request.params.iter().any(|pair| pair.enabled) {
        let place = match place {
            ParamsIn::Query => "query",
            ParamsIn::Body => "body",
        };
        phrases.push(format!("params go into the {place} for {method}"));
    }
    if let Some(body) = body {
        phrases.push(match body::content_type(&body.content_type) {
            Ok(ContentType { encoding: Encoding::Json, .. }) => "a JSON body has all values as strings".into(),
            _ => "the Content-Type says how params are encoded".into(),
        });
    }
    if request.url.as_ref().is_some_and(has_placeholders) {
        phrases.push("placeholders in the URL are filled in".into());
    }
    if request.headers.iter().any(|pair| pair.enabled && has_placeholders(&pair.value)) {
        phrases.push("placeholders in headers are filled in".into());
    }
    phrases
}

fn has_placeholders(text: &Text) -> bool {
    text.template().is_ok_and(|template| !template.is_plain())
}
