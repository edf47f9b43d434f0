//! What a request assumes about the platform that is not published.

use super::Body;
use super::body::{self, ContentType, Encoding};
use super::secrecy::ENV;
use crate::encoding::{BodyEncoding, JsonValues, Name, NameStyle};
use crate::script::{ParamsIn, Request, Text};

/// The assumptions that shaped the request, a phrase each, with the setting in brackets if there is one.
pub(super) fn assumed(
    request: &Request,
    method: &str,
    place: ParamsIn,
    body: Option<&Body>,
    encoding: BodyEncoding,
) -> Vec<String> {
    let mut phrases = Vec::new();
    if request.params_in.is_none() && request.sent_params().next().is_some() {
        let place = match place {
            ParamsIn::Query => "query",
            ParamsIn::Body => "body",
        };
        phrases.push(format!("params go into the {place} for {method}"));
    }
    if let Some(body) = body {
        let is_json =
            matches!(body::content_type(&body.content_type), Ok(ContentType { encoding: Encoding::Json, .. }));
        phrases.push(match (is_json, encoding.json_values) {
            (true, JsonValues::String) => "a JSON body has all values as strings (encoding.json_values: string)".into(),
            (true, JsonValues::Json) => {
                "a value that is JSON goes into the body as JSON (encoding.json_values: json)".into()
            }
            (false, _) => "params are encoded by the Content-Type".into(),
        });
        phrases.extend(names(request, is_json, encoding.names).map(Into::into));
    }
    if request.url.as_ref().is_some_and(has_placeholders) {
        phrases.push("placeholders in the URL are filled in (documented for Params and Callback only)".into());
    }
    if request.sent_headers().any(|pair| has_placeholders(&pair.value)) {
        phrases.push("placeholders in headers are filled in (documented for Params and Callback only)".into());
    }
    phrases
}

/// How names with brackets or dots were sent, if there are any that another setting would send differently.
fn names(request: &Request, is_json: bool, style: NameStyle) -> Option<&'static str> {
    let nested = |style: NameStyle| {
        let mut sent = request.sent_params();
        sent.any(|pair| matches!(Name::read(&pair.name.value, style), Name::Nested(_)))
    };
    match style {
        NameStyle::Flat if is_json && (nested(NameStyle::Brackets) || nested(NameStyle::Dots)) => {
            Some("names with brackets or dots are not nested (encoding.names: flat)")
        }
        NameStyle::Brackets if is_json && nested(style) => {
            Some("names with brackets make objects and lists, as in PHP (encoding.names: brackets)")
        }
        NameStyle::Dots if nested(style) && is_json => {
            Some("names with dots make objects and lists (encoding.names: dots)")
        }
        NameStyle::Dots if nested(style) => Some("dots in names become brackets in a form (encoding.names: dots)"),
        _ => None,
    }
}

/// Whether there are placeholders other than `env.*`, which is hookctl's own.
fn has_placeholders(text: &Text) -> bool {
    text.template().is_ok_and(|template| {
        let reads = template.reads();
        let only_env =
            !reads.is_empty() && reads.iter().all(|read| read.path.first().is_some_and(|root| root.name == ENV));
        !template.is_plain() && !only_env
    })
}
