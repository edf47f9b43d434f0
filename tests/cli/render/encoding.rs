//! Nested bodies, a project's own variables and rules with several events, driven as a user does.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::harness::{Project, run};

const EVENT: &str =
    r#"{"event": "contact.created", "contact": {"id": 18446744073709551617, "first_name": "Änn \"A\"", "age": 30}}"#;

fn project(config: &str, script: &str) -> Project {
    Project::new(&[
        ("hookctl.yaml", config),
        ("scripts/page.yaml", script),
        ("fixtures/contact.created.json", EVENT),
        (".env", "KEY=s3cret-key-1\n"),
    ])
}

/// What an event API wants: a nested object with numbers in it.
fn page(url: &str, params: &str) -> String {
    format!(
        "name: Page\nuse_case: contact\nrequest:\n  method: POST\n  url: {url}\n  headers: {{Content-Type: application/json}}\n  \
         params:\n{params}triggers:\n  - event: [contact.created, contact.updated]\n"
    )
}

const NESTED: &str = "    routing_key: \"{{ env.KEY }}\"\n    payload[summary]: \"{{ contact.first_name ?? '' }}\"\n    \
                      payload[custom_details][id]: \"{{ contact.id }}\"\n    payload[tags][0]: a\n    payload[tags][1]: b\n";

const CONFIG: &str = "env_file: .env\nencoding: {json_values: json, names: brackets}\n";

const BODY: &str = r#"{"routing_key":"s3cret-key-1","payload":{"summary":"Änn \"A\"","custom_details":{"id":18446744073709551617},"tags":["a","b"]}}"#;

#[test]
fn every_form_and_fire_agree_on_a_nested_body() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let folder = project(CONFIG, &page("https://events.example.com/v2/enqueue", NESTED));
    let render = |format: &str| {
        let ran = run(
            folder.path(),
            &["render", "page", "--event", "fixtures/contact.created.json", "--reveal", "--format", format],
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let json: Value = serde_json::from_str(&render("json")).expect("JSON");
    assert_eq!(json["requests"][0]["body"]["text"], BODY);
    let assumed = json["requests"][0]["assumed"].to_string();
    for setting in ["encoding.json_values: json", "encoding.names: brackets"] {
        assert!(assumed.contains(setting), "{assumed}");
    }
    let har: Value = serde_json::from_str(&render("har")).expect("JSON");
    assert_eq!(har["log"]["entries"][0]["request"]["postData"]["text"], BODY);
    assert!(render("curl").contains(&format!("--data-raw '{BODY}'")), "{}", render("curl"));
    assert!(render("http").ends_with(&format!("\r\n\r\n{BODY}\n")), "{}", render("http"));
    let text = render("text");
    assert!(text.contains("      \"id\": 18446744073709551617\n"), "{text}");
    assert!(text.contains("names with brackets make objects and lists"), "{text}");

    let received = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        while !String::from_utf8_lossy(&request).contains("\"b\"]}}") {
            let count = stream.read(&mut piece).expect("a request");
            assert!(count > 0, "{}", String::from_utf8_lossy(&request));
            request.extend_from_slice(&piece[..count]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").expect("an answer");
        String::from_utf8(request).expect("UTF-8")
    });
    let ran = run(folder.path(), &["fire", "page", "--to", &format!("http://{address}"), "--no-retry"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let sent = received.join().expect("received");
    assert!(sent.ends_with(&format!("\r\n\r\n{BODY}")), "{sent}");
    assert!(!ran.stdout.contains("s3cret"), "{}", ran.stdout);
}

#[test]
fn the_default_is_flat_strings_and_lint_names_the_setting() {
    let folder = project("env_file: .env\n", &page("https://events.example.com/", NESTED));
    let lint = run(folder.path(), &["validate"]);
    assert_eq!(lint.code, 0, "{}", lint.stdout);
    for words in
        ["info[HK212]: `payload[summary]` is sent as one flat name", "encoding: {names: brackets}", "doesn't publish"]
    {
        assert!(lint.stdout.contains(words), "{words}: {}", lint.stdout);
    }
    let body = |args: &[&str]| {
        let mut all = vec!["render", "--event", "fixtures/contact.created.json", "--format", "json"];
        all.extend(args);
        let ran = run(folder.path(), &all);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        document["requests"][0]["body"]["text"].as_str().expect("a text").to_owned()
    };
    assert_eq!(
        body(&[]),
        r#"{"routing_key":"«redacted»","payload[summary]":"Änn \"A\"","payload[custom_details][id]":"18446744073709551617","payload[tags][0]":"a","payload[tags][1]":"b"}"#
    );
    assert!(body(&["-c", "encoding.names=brackets"]).contains(r#""payload":{"summary":"Änn \"A\""#));
    assert!(body(&["-c", "encoding.json_values=json"]).contains(r#"[id]":18446744073709551617"#));
    let nothing = run(folder.path(), &["validate", "-c", "encoding.names=brackets"]);
    assert_eq!(nothing.stdout, "1 file: nothing found\n");
    let wrong = run(folder.path(), &["validate", "-c", "encoding.names=bracket"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean `brackets`?"), "{}", wrong.stderr);
}

#[test]
fn contradictions_and_malformed_names_are_found_before_they_are_sent() {
    let params = "    payload: x\n    payload[summary]: y\n    source[: z\n";
    let folder = project(CONFIG, &page("https://events.example.com/", params));
    let lint = run(folder.path(), &["validate"]);
    assert_eq!(lint.code, 1);
    for words in [
        "error[HK213]: `payload` and `payload[summary]` conflict",
        "--> scripts/page.yaml:9:5",
        "first here",
        "info[HK212]: `source[` is sent as is",
    ] {
        assert!(lint.stdout.contains(words), "{words}: {}", lint.stdout);
    }
    let render = run(folder.path(), &["render", "--event", "fixtures/contact.created.json"]);
    assert_eq!(render.code, 2);
    assert!(render.stderr.contains("`payload` and `payload[summary]` conflict"), "{}", render.stderr);
}

#[test]
fn numbers_to_the_platforms_api_are_suspect_as_strings() {
    let script = "name: Open a ticket\nuse_case: contact\nrequest:\n  method: POST\n  url: https://acme.example.com/api/v1/ticket\n  \
                  headers: {Content-Type: application/json}\n  params: {subject: Hello, priority: 2}\ntriggers:\n  - event: contact.created\n";
    let folder = project("api_hosts: [acme.example.com]\n", script);
    let lint = run(folder.path(), &["validate"]);
    assert!(lint.stdout.contains("warning[HK308]"), "{}", lint.stdout);
    let json = run(folder.path(), &["validate", "-c", "encoding.json_values=json"]);
    assert_eq!(json.stdout, "1 file: nothing found\n");
}

#[test]
fn a_projects_own_variables_are_read_in_action_nodes() {
    let script = |variable: &str, event: &str| {
        format!(
            "name: FileResult up\nuse_case: contact\nrequest:\n  method: GET\n  url: https://shop.example.com/orders\n  params:\n    \
             no: \"{{{{ {variable} ?? '' }}}}\"\ncallback: \"{{{{ response.body }}}}\"\ntriggers:\n  - event: {event}\n"
        )
    };
    let config = "rules: {HK008: off}\nvariables: {order_no: {type: string, nullable: true}}\n";
    let action = "conversation_script.action";
    let validate = |config: &str, script: &str| run(project(config, script).path(), &["validate"]).stdout;
    assert_eq!(validate(config, &script("order_no", action)), "1 file: nothing found\n");
    let typo = validate(config, &script("oder_no", action));
    assert!(typo.contains("error[HK102]") && typo.contains("did you mean `order_no`?"), "{typo}");
    let undeclared = validate("rules: {HK008: off}\n", &script("order_no", action));
    assert!(undeclared.contains("`variables: {order_no: {type: string}}`"), "{undeclared}");

    let folder = project(config, &script("order_no", action));
    let event = r#"{"event": "conversation_script.action", "contact": {"id": 1}, "order_no": "A-77"}"#;
    folder.write("fixtures/action.json", event);
    let ran = run(folder.path(), &["render", "--event", "fixtures/action.json", "--format", "curl"]);
    assert!(ran.stdout.contains("orders?no=A-77"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn each_event_of_a_rule_fires_the_script() {
    let folder = project("env_file: .env\n", &page("https://events.example.com/", "    id: \"{{ contact.id }}\"\n"));
    let render = |event: &str| {
        let set = format!("event={event}");
        run(folder.path(), &["render", "--event", "fixtures/contact.created.json", "--set", &set, "--format", "curl"])
    };
    for event in ["contact.created", "contact.updated"] {
        assert_eq!(render(event).code, 0, "{event}");
    }
    let other = run(
        folder.path(),
        &["render", "--event", "fixtures/contact.created.json", "--set", "event=conversation_script.action"],
    );
    assert_eq!(other.code, 2);
    assert!(other.stderr.contains("`page` listens to contact.created and contact.updated"), "{}", other.stderr);
}
