//! Scripts resolved against events: what comes out, and every problem at once.

use std::sync::Arc;

use hookctl_twig::{Array, Value};
use serde_json::json;

use super::*;
use crate::encoding::{JsonValues, NameStyle};
use crate::report::diagnostic::draw;
use crate::script::{Script, read};
use crate::span::Source;

fn script(request: &str) -> Script {
    let text = format!("name: Test\nuse_case: contact\nrequest:\n{request}");
    let (script, problems) = read(Arc::new(Source::new("scripts/test.yaml", text)), "test");
    assert!(problems.is_empty(), "{problems:?}");
    script
}

fn event() -> Array {
    let event = json!({"contact": {
        "id": 9_007_199_254_740_993_i64, "first_name": "Ann Ä", "note": "a\nb", "age": 17, "phone_number": null, "host": "",
    }});
    match Value::from_json(&event) {
        Value::Array(array) => Array::clone(&array),
        other => panic!("{other:?}"),
    }
}

fn env(name: &str) -> Option<String> {
    match name {
        "TOKEN" => Some("s3cret/Token+1".into()),
        "HOST" => Some("API.Secret-Host.example".into()),
        "BLANK" => Some(String::new()),
        _ => None,
    }
}

fn options() -> Options {
    let template = hookctl_twig::Options { seed: Some(7), ..Default::default() };
    Options { template, ..Options::default() }
}

fn resolved(request: &str) -> Resolved {
    resolve(&script(request), &event(), &env, &options()).unwrap_or_else(|problems| panic!("{}", drawn(&problems)))
}

fn drawn(problems: &crate::diagnostic::Problems) -> String {
    problems.0.iter().map(|problem| draw(problem, false, 120)).collect::<Vec<_>>().join("\n\n")
}

fn problems(request: &str) -> String {
    match resolve(&script(request), &event(), &env, &options()) {
        Ok(resolved) => panic!("{resolved:?}"),
        Err(problems) => drawn(&problems),
    }
}

fn head(resolved: &Resolved) -> String {
    let mut text = format!("{} {}\n", resolved.method, resolved.url);
    for header in &resolved.headers {
        text += &format!("{}: {} [{:?}]\n", header.name, header.value, header.from);
    }
    if let Some(body) = &resolved.body {
        text += &format!("\n{}", String::from_utf8_lossy(&body.bytes));
    }
    text
}

#[test]
fn json_is_what_a_post_without_content_type_sends() {
    let request = resolved(
        "  method: POST\n  url: https://api.example.com/users?a=b#x\n  params:\n    id: '{{ contact.id }}'\n    name: \"{{ contact.first_name }}\"\n    phone: '{{ contact.phone_number }}'\n    code: 00123\n",
    );
    insta::assert_snapshot!(head(&request), @r#"
    POST https://api.example.com/users?a=b
    Host: api.example.com [Client]
    User-Agent: hookctl/0.1.0 [Client]
    Accept: */* [Client]
    Accept-Encoding: gzip, deflate, br, zstd [Client]
    Content-Type: application/json [Client]
    Content-Length: 67 [Client]

    {"id":"9007199254740993","name":"Ann Ä","phone":"","code":"00123"}
    "#);
    assert_eq!(request.warnings, ["`#x` at the end of the URL is not sent"]);
}

#[test]
fn params_go_where_the_method_or_the_script_says() {
    let cases = [
        ("GET", "", "https://h.example/?q=1&n=Ann%20%C3%84", None),
        ("HEAD", "", "https://h.example/?q=1&n=Ann%20%C3%84", None),
        ("DELETE", "", "https://h.example/?q=1&n=Ann%20%C3%84", None),
        ("PUT", "", "https://h.example/?q=1", Some(r#"{"n":"Ann Ä"}"#)),
        ("PATCH", "", "https://h.example/?q=1", Some(r#"{"n":"Ann Ä"}"#)),
        ("POST", "  params_in: query\n", "https://h.example/?q=1&n=Ann%20%C3%84", None),
        ("GET", "  params_in: body\n", "https://h.example/?q=1", Some(r#"{"n":"Ann Ä"}"#)),
    ];
    for (method, place, url, body) in cases {
        let request = resolved(&format!(
            "  method: {method}\n  url: https://h.example?q=1\n{place}  params:\n    n: '{{{{ contact.first_name }}}}'\n"
        ));
        assert_eq!(request.url.as_str(), url, "{method}");
        let sent = request.body.as_ref().map(|body| String::from_utf8_lossy(&body.bytes));
        assert_eq!(sent.as_deref(), body, "{method}");
    }
}

#[test]
fn a_placeholder_can_not_make_another_host_of_what_the_script_names() {
    for url in [
        "https://{{ 'evil.example/' }}@api.example.com/",
        "https://api.example.com:{{ '80@evil.example' }}/",
        "https://{{ 'evil.example#' }}.example.com/",
        "{{ 'https://evil.example/' }}://api.example.com/",
        // A password with a `/` in it ends the host, and what is before it is none: it is not told.
        "https://user:{{ 'pass/word' }}@api.example.com/",
        "https://us^er:{{ 'pass/word' }}@api.example.com/",
    ] {
        let told = problems(&format!("  method: GET\n  url: \"{url}\"\n"));
        assert!(told.contains("the URL leads to a host other than the script's own, `"), "{url}: {told}");
        assert!(
            told.contains("`|url_encode`") && !told.contains("invalid port") && !told.contains("us^er:pass`"),
            "{told}"
        );
    }
    for (url, host) in [
        ("https://{{ 'a@b' | url_encode }}@api.example.com/", "api.example.com"),
        ("https://{{ 'eu' }}.example.com:{{ 8443 }}/", "eu.example.com"),
        ("https://API.example.com.:443/{{ '@evil.example' }}", "api.example.com."),
        ("https://api.example.com\\\\{{ '@evil.example/' }}", "api.example.com"),
        ("{{ 'https://b.example' }}/x", "b.example"),
    ] {
        let request = resolved(&format!("  method: GET\n  url: \"{url}\"\n"));
        assert_eq!(request.url.host_str(), Some(host), "{url}");
    }
}

#[test]
fn forms_multipart_and_the_scripts_own_headers() {
    let params = "  params:\n    - {name: n, value: '{{ contact.first_name }}'}\n    - {name: n, value: '2'}\n    - {name: off, value: 'x', enabled: false}\n";
    let form = resolved(&format!(
        "  method: POST\n  url: https://h.example/\n{params}  headers:\n    content-type: application/x-www-form-urlencoded; charset=UTF-8\n    user-agent: mine\n    Content-Length: 3\n    X-Off: ''\n"
    ));
    insta::assert_snapshot!(head(&form), @r"
    POST https://h.example/
    Host: h.example [Client]
    content-type: application/x-www-form-urlencoded; charset=UTF-8 [Script]
    user-agent: mine [Script]
    X-Off:  [Script]
    Accept: */* [Client]
    Accept-Encoding: gzip, deflate, br, zstd [Client]
    Content-Length: 16 [Client]

    n=Ann+%C3%84&n=2
    ");
    assert_eq!(form.warnings, ["the header `Content-Length` is set by the client: the script's value is not sent"]);
    let multipart = resolved(&format!(
        "  method: PUT\n  url: https://h.example/\n{params}  headers: {{Content-Type: multipart/form-data, Host: other.example}}\n"
    ));
    insta::assert_snapshot!(head(&multipart).replace('\r', ""));
    assert_eq!(multipart.body.as_ref().unwrap().content_type, multipart.headers[1].value);
}

#[test]
fn a_name_that_repeats_is_a_list_in_json() {
    let request = resolved(
        "  method: POST\n  url: https://h.example/\n  params:\n    - {name: a, value: 1}\n    - {name: b, value: 2}\n    - {name: a, value: 3}\n    - {name: a, value: 4}\n",
    );
    assert_eq!(String::from_utf8_lossy(&request.body.unwrap().bytes), r#"{"a":["1","3","4"],"b":"2"}"#);
    assert_eq!(request.warnings, ["the param `a` occurs 3 times and is sent as a list in the JSON body (assumed)"]);
}

#[test]
fn without_params_there_is_no_body() {
    let request = resolved("  method: POST\n  url: https://u:p@h.example:8443/\n");
    insta::assert_snapshot!(head(&request), @r"
    POST https://h.example:8443/
    Host: h.example:8443 [Client]
    Authorization: Basic dTpw [Client]
    User-Agent: hookctl/0.1.0 [Client]
    Accept: */* [Client]
    Accept-Encoding: gzip, deflate, br, zstd [Client]
    Content-Length: 0 [Client]
    ");
}

#[test]
fn what_becomes_of_the_credentials_in_a_url() {
    let url = "  method: POST\n  url: https://u:p@h.example/\n";
    let of = |more: &str| resolved(&format!("{url}{more}")).warnings;
    assert_eq!(of(""), ["the URL's credentials are sent as an `Authorization: Basic` header"]);
    let own = of("  headers: {authorization: Bearer x}\n");
    assert_eq!(own, ["the URL's credentials are not sent: the script has its own `Authorization` header"]);
    let off = of("  headers: [{name: Authorization, value: x, enabled: false}]\n");
    assert_eq!(off, of(""));
}

#[test]
fn every_problem_at_once_at_its_place() {
    insta::assert_snapshot!(problems(
        "  method: POST\n  url: \"https://{{ contact.host }}/users\"\n  params:\n    a: \"ä {{ contact.frist_name }}\"\n    b: \"{{ nobody.id }}\"\n    c: '{{ contact.first_name | uper }} {{ 1 + }}'\n    d: \"{{ env.UNSET }}\"\n    e: \"{{ env.ALSO_UNSET ?? 'fine' }}\"\n    f: '{{ env[contact.id] }}'\n  headers:\n    X-Note: \"{{ contact.note }}\"\n    Bad Name: x\n"
    ));
}

#[test]
fn content_types_that_params_cant_be_sent_as() {
    let request = |kind: &str| {
        format!(
            "  method: POST\n  url: https://h.example/\n  params: {{a: XX}}\n  headers: {{Content-Type: '{kind}'}}\n"
        )
    };
    insta::assert_snapshot!(problems(&request("application/xml")));
    insta::assert_snapshot!(problems(&request("multipart/form-data; boundary=XX")));
    let big5 = resolved(&request("application/json; charset=big5"));
    assert_eq!(big5.warnings, ["the body is sent as UTF-8, although its Content-Type says `big5`"]);
}

#[test]
fn a_url_that_is_none_shows_what_it_became() {
    insta::assert_snapshot!(problems("  method: GET\n  url: '{{ contact.phone_number }}'\n"));
    insta::assert_snapshot!(problems("  method: GET\n  url: '{{ env.TOKEN }}/users'\n"));
}

#[test]
fn lenient_leaves_blank_and_says_so() {
    let text = "  method: GET\n  url: https://h.example/\n  params:\n    a: x{{ contact.frist_name }}y\n    b: '{{ env.BLANK }}'\n";
    let mut options = options();
    options.template.strict = false;
    let request = resolve(&script(text), &event(), &env, &options).unwrap();
    assert_eq!(request.url.as_str(), "https://h.example/?a=xy&b=");
    insta::assert_snapshot!(request.warnings.join("\n"));
}

#[test]
fn secrets_are_known_in_every_shape_that_they_were_sent_in() {
    let text = "  method: POST\n  url: 'https://{{ env.HOST }}/x/{{ env.TOKEN | url_encode }}?key={{ env.TOKEN }}'\n  params:\n    plain: 'p {{ env.TOKEN }}'\n    shouted: '{{ env.TOKEN | upper }}'\n    part: '{{ env.TOKEN | slice(0, 8) }}'\n    block: '{% apply reverse %}{{ env.TOKEN }}{% endapply %}'\n  headers:\n    Authorization: 'Bearer {{ env.TOKEN }}'\n";
    let request = resolved(text);
    let shown = request.redactor.redact(&head(&request)).to_lowercase();
    for secret in ["s3cret", "secret-host", "1+nekot"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("authorization: bearer «redacted»"), "{shown}");
    let revealed = Options { reveal: true, ..options() };
    assert!(resolve(&script(text), &event(), &env, &revealed).unwrap().redactor.is_empty());
}

#[test]
fn callbacks_read_response_event_and_environment() {
    let callback_of = |text: &str| {
        let text = format!("  method: GET\n  url: https://h.example/\ncallback: \"{text}\"\n");
        let response = Value::from_json(&json!({"status": 200, "body": {"id": 7, "echo": "s3cret/Token+1"}}));
        callback(&script(&text), &event(), response, &env, &options())
    };
    let shown = callback_of("{{ response.body.id }} {{ contact.first_name }} {{ env.TOKEN }} {{ response.body.echo }}");
    assert_eq!(shown.unwrap().as_deref(), Some("7 Ann Ä «redacted» «redacted»"));
    let text = "  method: GET\n  url: https://h.example/\n";
    assert_eq!(callback(&script(text), &event(), Value::Null, &env, &options()).unwrap(), None);
    assert!(drawn(&callback_of("{{ response.boody }}").unwrap_err()).contains("boody"));
}

#[test]
fn a_url_that_is_too_long_to_send() {
    let request = |length| {
        format!(
            "  method: GET\n  url: https://h.example/\n  params: {{n: \"{{{{ range(1, {length})|join|slice(0, {length}) }}}}\"}}\n"
        )
    };
    let longest = 65_534 - "https://h.example/?n=".len();
    assert_eq!(resolved(&request(longest)).url.as_str().len(), 65_534);
    let told = problems(&request(longest + 1));
    assert!(told.contains("the URL is 65535 bytes long, but at most 65534 can be sent"), "{told}");
    assert!(told.contains("`params_in: body`"), "{told}");
}

#[test]
fn what_is_assumed_is_told() {
    let json = "a JSON body has all values as strings (encoding.json_values: string)";
    for (request, phrases) in [
        ("  method: GET\n  url: https://h.example/\n", &[][..]),
        ("  method: GET\n  url: https://h.example/\n  params: {a: b}\n", &["params go into the query for GET"]),
        ("  method: POST\n  url: https://h.example/\n  params: {a: b}\n", &["params go into the body for POST", json]),
        ("  method: POST\n  url: https://h.example/\n  params_in: query\n  params: {a: b}\n", &[]),
        (
            "  method: GET\n  url: 'https://h.example/{{ contact.id }}'\n  params_in: body\n  params: {a: b}\n  headers: {Content-Type: application/x-www-form-urlencoded, X-Id: '{{ contact.id }}'}\n",
            &[
                "params are encoded by the Content-Type",
                "placeholders in the URL are filled in (documented for Params and Callback only)",
                "placeholders in headers are filled in (documented for Params and Callback only)",
            ],
        ),
        // The environment is hookctl's own.
        ("  method: GET\n  url: 'https://{{ env.HOST }}/'\n  headers: {X-Id: 'Bearer {{ env.TOKEN }}'}\n", &[]),
        (
            "  method: GET\n  url: 'https://h.example/'\n  headers: {X-Id: '{{ env.TOKEN }} {{ contact.id }}'}\n",
            &["placeholders in headers are filled in (documented for Params and Callback only)"],
        ),
        (
            "  method: POST\n  url: https://h.example/\n  params: {'a[b]': b}\n",
            &[
                "params go into the body for POST",
                json,
                "names with brackets or dots are not nested (encoding.names: flat)",
            ],
        ),
        (
            "  method: POST\n  url: https://h.example/\n  params: {'a[b': b, 'e.g.': c}\n",
            &["params go into the body for POST", json],
        ),
    ] {
        assert_eq!(resolved(request).assumed, phrases, "{request}");
    }
}

fn encoded(request: &str, json_values: JsonValues, names: NameStyle) -> Resolved {
    let options = Options { encoding: BodyEncoding { json_values, names }, ..options() };
    resolve(&script(request), &event(), &env, &options).unwrap_or_else(|problems| panic!("{}", drawn(&problems)))
}

fn body(resolved: &Resolved) -> String {
    resolved.body.as_ref().map(|body| String::from_utf8_lossy(&body.bytes).into_owned()).unwrap_or_default()
}

/// A POST of these params, in the flow form, with that Content-Type.
fn post(params: &str, content_type: &str) -> String {
    format!(
        "  method: POST\n  url: https://h.example/\n  headers: {{Content-Type: '{content_type}'}}\n  params: {params}\n"
    )
}

#[test]
fn text_that_is_json_goes_in_as_json_where_it_is_configured() {
    let params = "{payload: '{\"summary\": \"{{ contact.first_name }}\"}', id: '{{ contact.id }}', code: 00123, \
                  price: 1.10, note: '{{ contact.note }}', none: '{{ contact.phone_number }}', flag: true, gone: null}";
    let request = post(params, "application/json");
    let sent = encoded(&request, JsonValues::Json, NameStyle::Flat);
    assert_eq!(
        body(&sent),
        "{\"payload\":{\"summary\": \"Ann Ä\"},\"id\":9007199254740993,\"code\":\"00123\",\"price\":1.10,\
         \"note\":\"a\\nb\",\"none\":\"\",\"flag\":true,\"gone\":null}"
    );
    assert_eq!(
        sent.assumed,
        [
            "params go into the body for POST",
            "a value that is JSON goes into the body as JSON (encoding.json_values: json)"
        ]
    );
    let strings = encoded(&request, JsonValues::String, NameStyle::Flat);
    assert!(body(&strings).contains(r#""id":"9007199254740993""#), "{}", body(&strings));
    // A form has text only.
    let form =
        encoded(&post("{a: '{\"b\": 1}'}", "application/x-www-form-urlencoded"), JsonValues::Json, NameStyle::Flat);
    assert_eq!(body(&form), "a=%7B%22b%22%3A+1%7D");
}

#[test]
fn names_nest_as_they_are_configured_to() {
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    let (flat, brackets, dots) = (NameStyle::Flat, NameStyle::Brackets, NameStyle::Dots);
    let php = "{'payload[summary]': s, 'tags[]': a, 'items[0][id]': '1', 'a.b': c}";
    let dotted = "{payload.summary: s, items.0.id: '1', 'a[b]': c}";
    for (params, content_type, style, expected) in [
        (php, json, flat, r#"{"payload[summary]":"s","tags[]":"a","items[0][id]":"1","a.b":"c"}"#),
        (php, json, brackets, r#"{"payload":{"summary":"s"},"tags":["a"],"items":[{"id":"1"}],"a.b":"c"}"#),
        (php, json, dots, r#"{"payload[summary]":"s","tags[]":"a","items[0][id]":"1","a":{"b":"c"}}"#),
        (dotted, json, flat, r#"{"payload.summary":"s","items.0.id":"1","a[b]":"c"}"#),
        (dotted, json, dots, r#"{"payload":{"summary":"s"},"items":[{"id":"1"}],"a[b]":"c"}"#),
        (php, form, brackets, "payload%5Bsummary%5D=s&tags%5B%5D=a&items%5B0%5D%5Bid%5D=1&a.b=c"),
        (dotted, form, dots, "payload%5Bsummary%5D=s&items%5B0%5D%5Bid%5D=1&a%5Bb%5D=c"),
        (dotted, form, brackets, "payload.summary=s&items.0.id=1&a%5Bb%5D=c"),
    ] {
        assert_eq!(body(&encoded(&post(params, content_type), JsonValues::String, style)), expected, "{style:?}");
    }
    let multipart = body(&encoded(&post("{a.b: c}", "multipart/form-data; boundary=X"), JsonValues::String, dots));
    assert!(multipart.contains("name=\"a[b]\"\r\n\r\nc\r\n"), "{multipart}");
    // The query is no body.
    let query = "  method: GET\n  url: https://h.example/\n  params: {a.b: c}\n";
    assert_eq!(encoded(query, JsonValues::Json, dots).url.as_str(), "https://h.example/?a.b=c");
}

#[test]
fn what_nests_is_told_as_an_assumption() {
    for (params, content_type, style, phrase) in [
        (
            "{'a[b]': c}",
            "application/json",
            NameStyle::Brackets,
            "names with brackets make objects and lists, as in PHP",
        ),
        ("{a.b: c}", "application/json", NameStyle::Dots, "names with dots make objects and lists"),
        ("{a.b: c}", "multipart/form-data", NameStyle::Dots, "dots in names become brackets in a form"),
        ("{a.b: c}", "application/json", NameStyle::Brackets, ""),
        ("{'a[b]': c}", "multipart/form-data", NameStyle::Brackets, ""),
    ] {
        let assumed = encoded(&post(params, content_type), JsonValues::String, style).assumed;
        let expected = format!("{phrase} (encoding.names: {})", style.word());
        assert_eq!(assumed.contains(&expected), !phrase.is_empty(), "{params} {style:?}: {assumed:?}");
        assert_eq!(assumed.len(), if phrase.is_empty() { 2 } else { 3 }, "{assumed:?}");
    }
}

#[test]
fn names_that_nest_nothing_or_are_out_of_order_are_told() {
    let warnings = |params: &str, style| encoded(&post(params, "application/json"), JsonValues::String, style).warnings;
    assert_eq!(
        warnings("{'a[b': c, d: e}", NameStyle::Brackets),
        ["the param name `a[b` is sent as is: a nested name is a name followed by brackets, as in `a[b]` or `a[b][0]`"]
    );
    assert_eq!(
        warnings("{a..b: c}", NameStyle::Dots),
        ["the param name `a..b` is sent as is: a nested name has a name on both sides of each dot, as in `a.b`"]
    );
    assert_eq!(
        warnings("{'a[1]': c, 'a[0]': d}", NameStyle::Brackets),
        [
            "the indexes of `a[1]` and its siblings are not 0, 1, 2 … in order, so they are sent as an object in the JSON body, as in PHP (assumed)"
        ]
    );
    assert_eq!(warnings("[{name: 'a[]', value: b}, {name: 'a[]', value: c}]", NameStyle::Brackets), [""; 0]);
    assert_eq!(
        warnings("[{name: 'a[b]', value: b}, {name: 'a[b]', value: c}]", NameStyle::Brackets),
        ["the param `a[b]` occurs 2 times and is sent as a list in the JSON body (assumed)"]
    );
    assert_eq!(warnings("{'a[b': c, a..b: d}", NameStyle::Flat), [""; 0]);
}

#[test]
fn names_that_contradict_each_other_are_an_error_with_both_places() {
    for (content_type, style) in
        [("application/json", NameStyle::Brackets), ("multipart/form-data", NameStyle::Brackets)]
    {
        let options = Options { encoding: BodyEncoding { names: style, ..BodyEncoding::default() }, ..options() };
        let request = post("{off: 1, a: x, 'a[b]': '{{ contact.frist_name }}'}", content_type);
        let told = drawn(&resolve(&script(&request), &event(), &env, &options).expect_err("a conflict"));
        for words in ["`a` and `a[b]` conflict", "first here", "encoding: {names: flat}", "frist_name"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        let flat = Options { encoding: BodyEncoding::default(), ..options };
        let right = request.replace("frist_name", "first_name");
        assert!(resolve(&script(&right), &event(), &env, &flat).is_ok());
    }
}

#[test]
fn secrets_in_json_values_are_known() {
    let text = post(
        "{a: '{\"t\": \"{{ env.TOKEN }}\"}', b: \"{{ {t: env.TOKEN|upper}|json_encode }}\\n\", c: '{{ env.CREDENTIALS }}'}",
        "application/json",
    );
    let env = |name: &str| match name {
        "CREDENTIALS" => Some("{\n  \"key\": \"k-secret-1\",\n  \"pin\": 48213977\n}\n".to_owned()),
        other => env(other),
    };
    let options =
        Options { encoding: BodyEncoding { json_values: JsonValues::Json, ..BodyEncoding::default() }, ..options() };
    let request = resolve(&script(&text), &event(), &env, &options).unwrap_or_else(|p| panic!("{}", drawn(&p)));
    assert!(body(&request).contains("\"c\":{\n  \"key\": \"k-secret-1\""), "{}", body(&request));
    let shown = [
        crate::report::request::text::text(std::slice::from_ref(&request), 200),
        crate::report::request::json::json(None, std::slice::from_ref(&request)),
        crate::report::request::curl::curl(std::slice::from_ref(&request)),
        crate::report::request::http::http(std::slice::from_ref(&request)),
    ];
    for form in shown {
        for secret in ["s3cret", "S3CRET", "k-secret", "48213977"] {
            assert!(!form.contains(secret), "{secret} in {form}");
        }
    }
}
