//! `render --format har`: HTTP Archive 1.2, for tools that import it. Nothing was sent, so each response is empty.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::request::Resolved;

/// The archive. `now` is the moment that its entries bear.
pub fn har(requests: &[Resolved], now: Timestamp) -> String {
    let archive = json!({"log": {
        "version": "1.2",
        "creator": {"name": "hookctl", "version": env!("CARGO_PKG_VERSION")},
        "entries": requests.iter().map(|request| entry(request, now)).collect::<Vec<_>>(),
    }});
    format!("{archive:#}\n")
}

fn entry(resolved: &Resolved, now: Timestamp) -> Value {
    let redact = |text: &str| resolved.redactor.redact(text).into_owned();
    let pair = |name: &str, value: &str| json!({"name": redact(name), "value": redact(value)});
    let mut request = json!({
        "method": resolved.method,
        "url": redact(resolved.url.as_str()),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": resolved.headers.iter().map(|header| pair(&header.name, &header.value)).collect::<Vec<_>>(),
        "queryString": resolved.url.query_pairs().map(|(name, value)| pair(&name, &value)).collect::<Vec<_>>(),
        "headersSize": -1,
        "bodySize": resolved.body.as_ref().map_or(0, |body| body.bytes.len()),
    });
    if let Some(body) = &resolved.body {
        request["postData"] = json!({
            "mimeType": redact(&body.content_type),
            "params": [],
            "text": redact(&String::from_utf8_lossy(&body.bytes)),
        });
    }
    json!({
        "startedDateTime": format!("{now:.3}"),
        "time": 0,
        "request": request,
        "response": {
            "status": 0,
            "statusText": "",
            "httpVersion": "",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "comment": format!("{}: {}", resolved.script, resolved.name),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn an_archive() {
        let now = Timestamp::from_second(1_767_225_600).unwrap();
        insta::assert_snapshot!(har(&[sample::post(), sample::get()], now));
    }
}
