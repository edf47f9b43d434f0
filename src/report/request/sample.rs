//! Requests that the tests of the formats show.

use crate::event::UseCase;
use crate::request::{Body, Header, HeaderSource, Param, Resolved};
use crate::script::ParamsIn;
use crate::secret::Redactor;

fn header(name: &str, value: &str, from: HeaderSource) -> Header {
    Header { name: name.into(), value: value.into(), from, secret: false }
}

fn param(name: &str, template: &str, value: &str, place: ParamsIn) -> Param {
    Param { name: name.into(), template: template.into(), value: value.into(), place }
}

/// A body, a secret in a header, quotes and a line break in a value, a warning.
pub(super) fn post() -> Resolved {
    let text = r#"{"first_name":"Änn","note":"it's \"fine\"\n@home"}"#;
    Resolved {
        script: "sync-contact".into(),
        name: "Sync new contact".into(),
        path: "scripts/sync-contact.yaml".into(),
        use_case: UseCase::Contact,
        method: "POST".into(),
        url: "https://api.example.com/users?a=b".parse().unwrap(),
        params: vec![
            param("first_name", "{{ contact.first_name }}", "Änn", ParamsIn::Body),
            param("note", "{{ contact.note }}", "it's \"fine\"\n@home", ParamsIn::Body),
        ],
        headers: vec![
            header("Host", "api.example.com", HeaderSource::Client),
            header("Content-Type", "application/json", HeaderSource::Script),
            header("Authorization", "Bearer s3cret-token", HeaderSource::Script),
            header("X-Blank", "", HeaderSource::Script),
            header("Content-Length", &text.len().to_string(), HeaderSource::Client),
        ],
        body: Some(Body { content_type: "application/json".into(), bytes: text.into() }),
        warnings: vec!["`contact.note` goes out blank".into()],
        assumed: vec![
            "params go into the body for POST".into(),
            "a JSON body has all values as strings (encoding.json_values: string)".into(),
        ],
        redactor: Redactor::new(["s3cret-token"]),
        varies: false,
    }
}

/// No body; a secret in the query.
pub(super) fn get() -> Resolved {
    Resolved {
        script: "lookup/phone".into(),
        name: "Look up a phone number".into(),
        path: "scripts/lookup/phone.yaml".into(),
        use_case: UseCase::Conversation,
        method: "GET".into(),
        url: "https://api.example.com/lookup?key=p%40ss%20word&phone=%2B886".parse().unwrap(),
        params: vec![
            param("key", "{{ env.LOOKUP_KEY }}", "p@ss word", ParamsIn::Query),
            param("phone", "{{ contact.phone_number }}", "+886", ParamsIn::Query),
        ],
        headers: vec![
            header("Host", "api.example.com", HeaderSource::Client),
            header("User-Agent", "hookctl/0.1.0", HeaderSource::Client),
        ],
        body: None,
        warnings: Vec::new(),
        assumed: Vec::new(),
        redactor: Redactor::new(["p@ss word"]),
        varies: false,
    }
}
