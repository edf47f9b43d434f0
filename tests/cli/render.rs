//! `hookctl render`, driven as a user does: every form, and every way to get it wrong.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Project, Run, hookctl, repository};

mod encoding;

const SYNC: &str = r#"name: Sync
use_case: contact
request:
  method: POST
  url: https://crm.example.com/users?a=b
  params:
    first_name: "{{ contact.first_name }}"
    note: "{{ contact.note }}"
  headers:
    Authorization: "Bearer {{ env.CRM_TOKEN }}"
triggers:
  - event: contact.created
    when: contact.age >= 18
"#;

const LOOK_UP: &str = r#"name: Look up
use_case: contact
request:
  method: GET
  url: https://crm.example.com/look-up
  params:
    phone: "{{ contact.phone_number }}"
triggers:
  - event: contact.updated
"#;

const EVENT: &str = r#"{"event": "contact.created",
 "contact": {"id": 1, "first_name": "Änn \"A\" O'Hara", "note": "a\nb @c $HOME", "age": 30, "phone_number": null}}"#;

fn sample() -> Project {
    Project::new(&[
        ("hookctl.yaml", "env_file: .env\n"),
        (".env", "CRM_TOKEN=s3cret/token+1\n"),
        ("scripts/sync.yaml", SYNC),
        ("scripts/crm/look-up.yaml", LOOK_UP),
        ("fixtures/created.json", EVENT),
    ])
}

fn run(folder: &Path, args: &[&str]) -> Run {
    run_with(folder, args, "")
}

fn run_with(folder: &Path, args: &[&str], stdin: &str) -> Run {
    let mut command = hookctl(folder, &[&["render"], args].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    // A command that reads no input may have closed it already.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
    child.wait_with_output().expect("an end").into()
}

fn shown(folder: &Path, args: &[&str]) -> String {
    let ran = run(folder, args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

fn refused(folder: &Path, args: &[&str]) -> String {
    let ran = run(folder, args);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    ran.stderr
}

#[test]
fn every_form() {
    let folder = sample();
    for form in ["text", "json", "curl", "http", "har"] {
        let args = ["--event", "fixtures/created.json", "--format", form, "--now", "2026-01-01"];
        let text = shown(folder.path(), &args);
        assert!(!text.contains("s3cret"), "{text}");
        insta::assert_snapshot!(format!("form_{form}"), text.replace('\r', "␍"));
    }
}

#[test]
fn scripts_by_id_file_and_folder_and_the_event_from_standard_input() {
    let folder = sample();
    let ids = |args: &[&str]| -> Vec<String> {
        let ran = run_with(folder.path(), &[&["--event", "-", "--format", "json"], args].concat(), EVENT);
        let document: serde_json::Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        assert_eq!(document["event"], "contact.created");
        let requests = document["requests"].as_array().expect("a list");
        requests.iter().map(|request| request["script"].as_str().expect("an id").to_string()).collect()
    };
    assert_eq!(ids(&[]), ["sync"]);
    assert_eq!(ids(&["crm/look-up"]), ["crm/look-up"]);
    assert_eq!(ids(&["scripts/crm"]), ["crm/look-up"]);
    assert_eq!(ids(&["scripts/sync.yaml", "crm/look-up"]), ["crm/look-up", "sync"]);
}

#[test]
fn reveal_set_lenient_and_output() {
    let folder = sample();
    let event = ["--event", "fixtures/created.json"];
    let revealed = shown(folder.path(), &[&event[..], &["--format", "http", "--reveal"]].concat());
    assert!(revealed.contains("Authorization: Bearer s3cret/token+1\r\n"), "{revealed}");

    let set = ["--set", "contact.first_name=Bo", "--set", "contact.note=null", "--format", "http"];
    assert!(shown(folder.path(), &[&event[..], &set].concat()).ends_with("{\"first_name\":\"Bo\",\"note\":\"\"}\n"));

    let output = folder.path().join("request.http");
    let to_file = ["--format", "http", "--output", output.to_str().expect("UTF-8")];
    assert_eq!(shown(folder.path(), &[&event[..], &to_file].concat()), "");
    assert!(fs::read_to_string(&output).expect("a file").starts_with("POST /users?a=b HTTP/1.1\r\n"));

    folder.write("scripts/sync.yaml", &SYNC.replace("contact.note", "contact.noet"));
    let lenient = shown(folder.path(), &[&event[..], &["--lenient"]].concat());
    insta::assert_snapshot!(lenient.lines().last().unwrap_or_default());
}

#[test]
fn now_and_seed_make_a_render_reproducible() {
    let script = LOOK_UP.replace("{{ contact.phone_number }}", "{{ 'now' | date('Y-m-d H:i') }} {{ random(1000000) }}");
    let folder =
        Project::new(&[("hookctl.yaml", "timezone: Asia/Taipei\n"), ("scripts/a.yaml", &script), ("e.json", EVENT)]);
    let args = ["a", "--event", "e.json", "--format", "http", "--seed", "7", "--now", "2026-11-23T10:00:00Z"];
    let first = shown(folder.path(), &args);
    assert!(first.contains("phone=2026-11-23%2018%3A00%20"), "{first}");
    assert_eq!(first, shown(folder.path(), &args));
    let random = LOOK_UP
        .replace("phone:", "a: \"{{ random(1000000) }}\"\n    b:")
        .replace("contact.phone_number", "random(1000000)");
    folder.write("scripts/a.yaml", &random);
    let text = shown(folder.path(), &args);
    let (a, b) = text.split_once("?a=").and_then(|(_, query)| query.split_once("&b=")).expect("two params");
    assert!(!b.starts_with(&format!("{a} ")), "each text has its own numbers: {text}");
}

#[test]
fn the_environment_goes_before_env_file() {
    let folder = sample();
    let mut command =
        hookctl(folder.path(), &["render", "--event", "fixtures/created.json", "--format", "http", "--reveal"]);
    let output = command.env("CRM_TOKEN", "from-the-environment").output().expect("a run");
    assert!(String::from_utf8_lossy(&output.stdout).contains("Bearer from-the-environment\r\n"));
}

#[test]
fn an_env_file_may_be_missing_where_the_environment_has_what_is_read() {
    let folder = sample();
    fs::remove_file(folder.path().join(".env")).expect("a file");
    let args = ["--event", "fixtures/created.json", "--format", "http", "--reveal"];
    let told = refused(folder.path(), &args);
    assert!(told.contains("the environment variable `CRM_TOKEN` is not set"), "{told}");
    assert!(told.contains("to `.env`, the `env_file` of hookctl.yaml, which does not exist yet"), "{told}");
    let mut command = hookctl(folder.path(), &[&["render"], &args[..]].concat());
    let output = command.env("CRM_TOKEN", "of-the-pipeline").output();
    assert!(String::from_utf8_lossy(&output.expect("a run").stdout).contains("Bearer of-the-pipeline\r\n"));
}

#[test]
fn what_can_be_wrong_with_the_command() {
    let folder = sample();
    let path = folder.path();
    fs::write(path.join("fixtures/broken.json"), "{\"contact\": {\"age\": 3,}}").expect("a file");
    fs::write(path.join("fixtures/list.json"), "[1, 2]").expect("a file");
    fs::write(path.join("fixtures/ticket.json"), r#"{"event": "ticket.created", "ticket": {"id": 1}}"#)
        .expect("a file");
    fs::write(path.join("fixtures/deleted.json"), r#"{"event": "contact.deleted", "contact": {}}"#).expect("a file");
    fs::create_dir(path.join("scripts/empty")).expect("a folder");
    let twice = r#"{"contact": {"age": 3, "age": 4}}"#;
    fs::write(path.join("fixtures/twice.json"), twice).expect("a file");
    let created = ["--event", "fixtures/created.json"];
    let cases: [(&str, &[&str]); 18] = [
        ("no_event", &["sync"]),
        ("no_such_fixture", &["--event", "fixtures/create.json"]),
        ("no_such_script", &["synk", "--event", "fixtures/created.json"]),
        ("script_with_extension", &["crm/look-up.yaml", created[0], created[1]]),
        ("script_without_extension", &["scripts/sync", created[0], created[1]]),
        ("fixture_for_a_script", &["fixtures/list.json", created[0], created[1]]),
        ("fixture_by_its_name", &["--event", "created"]),
        ("a_name_twice", &["--event", "fixtures/twice.json"]),
        ("bad_seed", &["--seed", "-1", created[0], created[1]]),
        ("empty_folder", &["scripts/empty", "--event", "fixtures/created.json"]),
        ("not_json", &["--event", "fixtures/broken.json"]),
        ("not_an_object", &["--event", "fixtures/list.json"]),
        ("other_use_case", &["sync", "--event", "fixtures/ticket.json"]),
        ("nobody_listens", &["--event", "fixtures/ticket.json"]),
        ("no_such_event", &["--event", "fixtures/deleted.json"]),
        ("bad_now", &["sync", "--event", "fixtures/created.json", "--now", "yesterday"]),
        ("bad_set", &["sync", "--event", "fixtures/created.json", "--set", "contact.age"]),
        ("output_nowhere", &["sync", "--event", "fixtures/created.json", "--output", "no/such/folder.txt"]),
    ];
    for (name, args) in cases {
        insta::assert_snapshot!(name, refused(path, args));
    }
}

#[test]
fn every_problem_of_every_script_at_once() {
    let folder = Project::new(&[
        ("e.json", EVENT),
        ("scripts/a.yaml", &SYNC.replace("contact.first_name", "contact.frist_name").replace("CRM_TOKEN", "NOT_SET")),
        (
            "scripts/b.yaml",
            &SYNC
                .replace("name: Sync", "name: B")
                .replace("https://crm.example.com/users?a=b", "'{{ contact.phone_number }}'"),
        ),
        (
            "scripts/c.yaml",
            &SYNC.replace("name: Sync", "name: C").replace("Bearer {{ env.CRM_TOKEN }}", "{{ contact.note }}"),
        ),
    ]);
    let problems = refused(folder.path(), &["--event", "e.json"]);
    // The second script lacks its token, too.
    assert!(problems.contains("CRM_TOKEN"), "{problems}");
    insta::assert_snapshot!(problems);
}

#[test]
fn no_secret_in_any_output() {
    let secret = "pä\"ss / w+rd&%41";
    let env = format!("SECRET='{secret}'\n");
    let script = r#"name: Leaky
use_case: contact
request:
  method: METHOD
  url: "https://h.example/{{ env.SECRET | url_encode }}/x"
  params:
    plain: "{{ env.SECRET }}"
    within: "before {{ env.SECRET }} after"
    shouted: "{{ env.SECRET | upper }}"
    reversed: "{{ env.SECRET | reverse }}"
  headers:
    Content-Type: TYPE
    X-Secret: "{{ env.SECRET }}"
"#;
    let upper = secret.to_uppercase();
    let reversed: String = secret.chars().rev().collect();
    let pieces = [
        "pä\"ss", "p\\u00e4", "p%C3%A4", "%22ss", "ss / w", "ss+%2F", "w%2Brd", "w+rd", &upper, &reversed, "P%C3%84",
        "dr%2Bw",
    ];
    for (method, kind) in [
        ("GET", "text/plain"),
        ("POST", "application/json"),
        ("POST", "application/x-www-form-urlencoded"),
        ("PUT", "multipart/form-data"),
    ] {
        let folder = Project::new(&[
            ("hookctl.yaml", "env_file: secrets.env\n"),
            ("secrets.env", &env),
            ("scripts/leaky.yaml", &script.replace("METHOD", method).replace("TYPE", kind)),
            ("e.json", EVENT),
        ]);
        for form in ["text", "json", "curl", "http", "har"] {
            let text = shown(folder.path(), &["leaky", "--event", "e.json", "--format", form]);
            assert!(text.contains("«redacted»"), "{text}");
            for piece in pieces {
                assert!(!text.contains(piece), "{piece} in {method} {kind} {form}:\n{text}");
            }
        }
    }
}

#[test]
fn no_secret_in_any_error() {
    let secret = "sk-Ab9xQ7Lm2Pz4Rt6Vw8Yc1Df3Gh5Jk7Np9Qs0Tu2Wx4Za6";
    let script = r#"name: Leaky
use_case: contact
request:
  method: POST
  url: "0123456789012345678901234567890123456789012345678901234567890123456789{{ env.SECRET }}"
  params:
    sum: "{{ env.SECRET + 1 }}"
    field: "{{ env.SECRET.name }}"
    list: "{{ {s: env.SECRET} + 1 }}"
    piece: "{{ env.SECRET|slice(3, 8) + 1 }}"
    reversed: "{{ env.SECRET|reverse|date }}"
    key: "{{ contact[env.SECRET|lower] }}"
  headers:
    X-Long: "0123456789012345678901234567890123456789012345678901234567890123456789{{ env.SECRET }}\n"
    X-Short: "a{{ env.PIN }}b\n"
"#;
    let env = format!("SECRET={secret}\nPIN=42\n");
    let folder = Project::new(&[
        ("hookctl.yaml", "env_file: secrets.env\n"),
        ("secrets.env", &env),
        ("scripts/leaky.yaml", script),
        ("e.json", EVENT),
    ]);
    let told = refused(folder.path(), &["leaky", "--event", "e.json"]);
    assert_eq!(told.matches("error: ").count(), 9, "{told}");
    assert_eq!(told.matches("«redacted»").count(), 9, "{told}");
    let reversed: String = secret.chars().rev().collect();
    for piece in ["sk-", "Ab9", &secret[3..11], &reversed[..6], "sk-ab9", "a42b"] {
        assert!(!told.contains(piece), "{piece} in:\n{told}");
    }
}

#[test]
fn secrets_of_few_characters_are_hidden_within_words_too() {
    let script = r#"name: Short
use_case: contact
request:
  method: POST
  url: "https://h.example/{{ env.PIN }}?a=b"
  params: {within: "x{{ env.PIN }}y", twice: "{{ env.PIN }}{{ env.PIN }}", other: "x421y"}
"#;
    let folder = Project::new(&[
        ("hookctl.yaml", "env_file: .env\n"),
        (".env", "PIN=42\n"),
        ("scripts/short.yaml", script),
        ("e.json", EVENT),
    ]);
    let text = shown(folder.path(), &["short", "--event", "e.json", "--format", "http"]);
    assert!(text.starts_with("POST /«redacted»?a=b HTTP/1.1\r\n"), "{text}");
    let body = r#"{"within":"«redacted»","twice":"«redacted»","other":"x421y"}"#;
    assert!(text.contains(body), "{text}");
}

#[test]
fn warnings_go_to_standard_error_where_the_form_has_no_place_for_them() {
    let folder = sample();
    folder.write("scripts/sync.yaml", &SYNC.replace("contact.note", "contact.noet"));
    for (form, beside) in [("text", false), ("json", false), ("curl", true), ("http", true), ("har", true)] {
        let ran = run(folder.path(), &["sync", "--event", "fixtures/created.json", "--lenient", "--format", form]);
        let told = |text: &str| text.contains("`contact` has no field `noet`; a blank is sent");
        assert_eq!((told(&ran.stderr), told(&ran.stdout)), (beside, !beside), "{form}: {}", ran.stderr);
    }
}

#[test]
fn credentials_of_a_url_are_hidden_in_their_header_too() {
    let script = "name: Basic\nuse_case: contact\nrequest:\n  method: GET\n  url: \"https://{{ env.NAME }}:{{ env.PASS }}@h.example/\"\n";
    for (name, pass, encoded) in [("ann", "42", "YW5uOjQy"), ("ann", "p%40ss", "YW5uOnBAc3M=")] {
        let env = format!("NAME={name}\nPASS={pass}\n");
        let files =
            [("hookctl.yaml", "env_file: .env\n"), (".env", &env), ("scripts/a.yaml", script), ("e.json", EVENT)];
        let folder = Project::new(&files);
        let args = ["a", "--event", "e.json", "--format", "http"];
        let text = shown(folder.path(), &args);
        assert!(text.contains("Authorization: Basic «redacted»\r\n"), "{text}");
        let revealed = shown(folder.path(), &[&args[..], &["--reveal"]].concat());
        assert!(revealed.contains(&format!("Authorization: Basic {encoded}\r\n")), "{revealed}");
    }
}

/// One request of `curl`, as it came over the wire.
fn sent_by_curl(command: &Path, listener: &TcpListener) -> String {
    let mut child = Command::new("sh")
        .arg(command)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let (mut stream, _) = listener.accept().expect("a connection");
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                break;
            }
        }
        let count = stream.read(&mut chunk).expect("bytes");
        assert!(count > 0, "curl went away");
        bytes.extend_from_slice(&chunk[..count]);
    }
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").expect("an answer");
    drop(stream);
    child.wait().expect("an end");
    String::from_utf8(bytes).expect("UTF-8")
}

/// The head's lines in any order, then the body: a client may order its headers as it likes.
fn message(text: &str) -> (String, Vec<String>, String) {
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.split("\r\n").map(str::to_string);
    let first = lines.next().unwrap_or_default();
    let mut headers: Vec<String> = lines.map(|line| line.trim_end().to_string()).collect();
    headers.sort();
    (first, headers, body.to_string())
}

#[test]
fn curl_sends_the_very_same_bytes() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no curl here");
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let nasty = "@file it's \\\"quoted\\\" $HOME `id` \\\\ ! %s {a,b} [1-3] 漢字 \\u0000 \\n  end";
    let event = format!(r#"{{"contact": {{"v": "{nasty}"}}}}"#);
    let cases = [
        ("GET", "params: {v: '{{ contact.v }}', '[x]': '{y}'}", ""),
        ("HEAD", "params: {v: '1'}", ""),
        ("DELETE", "headers: {X-Empty: '', X-Odd: 'a; b: \"c\"', X-Tab: \"a\\tb\"}", ""),
        ("POST", "headers: {X-No-Body: '1'}", ""),
        ("POST", "params: {v: '{{ contact.v }}'}", ""),
        ("PUT", "params: {v: '{{ contact.v }}', big: '{{ range(1, 900) | join(\",\") }}'}", ""),
        ("PUT", "params: {huge: '{{ range(1, 30000) | join(\",\") }}'}", ""),
        ("PATCH", "params: {v: '{{ contact.v }}', '漢': ''}", "application/x-www-form-urlencoded"),
        ("POST", "params: {v: '{{ contact.v }}', w: '@w'}", "multipart/form-data"),
        ("POST", "params_in: query\n  params: {v: '{{ contact.v }}'}", ""),
        ("GET", "params_in: body\n  params: {v: '{{ contact.v }}'}", ""),
    ];
    for (method, rest, kind) in cases {
        let kind = if kind.is_empty() { String::new() } else { format!("  headers: {{Content-Type: {kind}}}\n") };
        let script = format!(
            "name: N\nuse_case: contact\nrequest:\n  method: {method}\n  url: '{base}/p?q=1'\n  {rest}\n{kind}"
        );
        let folder = Project::new(&[("scripts/n.yaml", &script), ("e.json", &event)]);
        let args = |form| ["n", "--event", "e.json", "--seed", "1", "--format", form];
        let expected = shown(folder.path(), &args("http"));
        let command = shown(folder.path(), &args("curl"));
        let file = folder.path().join("command");
        fs::write(&file, &command).expect("a file");
        let pastes = |c: char| !c.is_control() || c == '\n';
        assert!(command.chars().all(pastes), "a terminal takes no other control characters: {command:?}");
        let (request, headers, body) = message(&sent_by_curl(&file, &listener));
        let wanted = message(&expected);
        assert_eq!((&request, &headers), (&wanted.0, &wanted.1), "{command}");
        assert_eq!(
            body,
            wanted.2.strip_suffix('\n').filter(|_| !body.ends_with('\n')).unwrap_or(&wanted.2),
            "{command}"
        );
    }
}

#[test]
fn the_projects_own_samples_render() {
    let root = repository();
    let mut scripts = 0;
    for fixture in fs::read_dir(root.join("fixtures")).expect("fixtures") {
        let path = fixture.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = shown(root, &["--event", path.to_str().expect("UTF-8"), "--format", "json"]);
            let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            for request in document["requests"].as_array().expect("a list") {
                assert_eq!(request["warnings"], serde_json::json!([]), "{request}");
                scripts += 1;
            }
        }
    }
    assert_eq!(scripts, 10, "each trigger of each sample script has a fixture that fires it");
}
