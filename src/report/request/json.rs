//! `render --format json`, to the letter of the contract.

use serde::Serialize;

use crate::event::UseCase;
use crate::request::{HeaderSource, Resolved};
use crate::script::ParamsIn;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    event: Option<&'a str>,
    requests: Vec<Request<'a>>,
}

#[derive(Serialize)]
struct Request<'a> {
    script: &'a str,
    name: &'a str,
    path: &'a str,
    use_case: UseCase,
    method: &'a str,
    url: String,
    params: Vec<Param<'a>>,
    headers: Vec<Header<'a>>,
    body: Option<Body>,
    warnings: &'a [String],
    assumed: &'a [String],
}

#[derive(Serialize)]
struct Param<'a> {
    name: &'a str,
    template: &'a str,
    value: String,
    r#in: ParamsIn,
}

#[derive(Serialize)]
struct Header<'a> {
    name: &'a str,
    value: String,
    source: HeaderSource,
}

#[derive(Serialize)]
struct Body {
    content_type: String,
    text: String,
}

/// The document, with a newline at its end. `event` is the one that the fixture names.
pub fn json(event: Option<&str>, requests: &[Resolved]) -> String {
    let document = Document { version: 1, event, requests: requests.iter().map(request).collect() };
    // Maps of strings to strings always serialize.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn request(resolved: &Resolved) -> Request<'_> {
    let redact = |text: &str| resolved.redactor.redact(text).into_owned();
    Request {
        script: &resolved.script,
        name: &resolved.name,
        path: &resolved.path,
        use_case: resolved.use_case,
        method: &resolved.method,
        url: redact(resolved.url.as_str()),
        params: resolved
            .params
            .iter()
            .map(|p| Param { name: &p.name, template: &p.template, value: redact(&p.value), r#in: p.place })
            .collect(),
        headers: resolved
            .headers
            .iter()
            .map(|h| Header { name: &h.name, value: redact(&h.value), source: h.from })
            .collect(),
        body: resolved.body.as_ref().map(|body| Body {
            content_type: redact(&body.content_type),
            text: redact(&String::from_utf8_lossy(&body.bytes)),
        }),
        warnings: &resolved.warnings,
        assumed: &resolved.assumed,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn to_the_letter() {
        insta::assert_snapshot!(json(Some("contact.created"), &[sample::post(), sample::get()]));
    }
}
