//! `validate` against what else one could do with the same files, as ratios:
//!
//! - one thread that merely parses them with serde_yaml into typed structs (aim: linting takes at most 1.5 times that): both as
//!   calls of a library, files read and results dropped;
//! - check-jsonschema validating them against a schema, where `CHECK_JSONSCHEMA` names that program (aim: at least 50 times
//!   faster): both as programs, from start to exit. It is given a part of the files, and what that takes beyond its start with
//!   a single file is scaled up.
//!
//! `cargo bench --bench lint`; `LINT_FILES=100000` takes that many files instead of 10,000 (aim: the same time a file).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hookctl::lint::{LintContext, run};
use hookctl::project::ScriptFile;
use serde::Deserialize;

/// The command's own, for both sides of each comparison.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many files are enough to know what check-jsonschema takes for one.
const PART: usize = 1000;

fn main() {
    let count = std::env::var("LINT_FILES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_project(folder.path(), count);
    let bytes: u64 = files.iter().map(|f| fs::metadata(&f.file).map_or(0, |m| m.len())).sum();
    println!("{count} files of {} bytes on average, {} threads", bytes / count as u64, rayon::current_num_threads());

    let ground = LintContext { complete: true, api_hosts: vec![API_HOST.into()], ..LintContext::default() };
    let mut found = 0;
    let lint = best(|| {
        let outcome = run(&files, &[], &ground, None);
        assert_eq!(outcome.files.len(), count);
        found = outcome.findings.len();
    });
    let peak = peak_memory();
    let parse = best(|| assert_eq!(files.iter().filter(|file| parse(&file.file).is_some()).count(), count));
    show("lint, all rules", lint, count);
    println!("{found} findings");
    show("serde_yaml, 1 thread", parse, count);
    ratio("lint / serde_yaml", lint, parse);
    if let Some(peak) = peak {
        println!("{:<24}{peak:>9} KiB", "peak memory of lint");
    }
    let validate = best(|| validate(folder.path()));
    show("hookctl validate", validate, count);
    if let Some(program) = std::env::var_os("CHECK_JSONSCHEMA") {
        let schema = folder.path().join("schema.json");
        fs::write(&schema, SCHEMA).expect("written");
        let check = |files: &[ScriptFile]| {
            let mut command = Command::new(&program);
            command.arg("--schemafile").arg(&schema).args(files.iter().map(|f| &f.file)).stdout(Stdio::null());
            let start = Instant::now();
            assert!(command.status().expect("it starts").success());
            start.elapsed()
        };
        let part = &files[..count.min(PART)];
        // The first start of all reads the program from the disk.
        check(&part[..1]);
        let (start, some) = (check(&part[..1]), check(part));
        let check = start + some.saturating_sub(start).mul_f64((count - 1) as f64 / (part.len() - 1).max(1) as f64);
        show("check-jsonschema", check, count);
        println!("(scaled from {} files)", part.len());
        ratio("it / hookctl validate", check, validate);
    }
}

fn show(what: &str, time: Duration, files: usize) {
    println!("{what:<24}{:>9.1} ms {:>9.1} µs a file", millis(time), millis(time) * 1e3 / files as f64);
}

fn ratio(what: &str, one: Duration, other: Duration) {
    println!("{what:<24}{:>9.2}", one.as_secs_f64() / other.as_secs_f64());
}

/// The program itself, over the project in a folder. Some of its scripts have a mistake.
fn validate(folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookctl"));
    let status = command.args(["validate", "--format", "json"]).current_dir(folder).stdout(Stdio::null()).status();
    assert!(status.expect("it starts").code().is_some_and(|code| code < 2));
}

/// The best of five.
fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    let time = |_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The most that this process has had in memory so far, in KiB, where the system says so.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// The platform's own API, for the rules about loops.
const API_HOST: &str = "acme.example.com";

fn write_project(folder: &Path, count: usize) -> Vec<ScriptFile> {
    fs::write(folder.join("hookctl.yaml"), format!("api_hosts: [{API_HOST}]\n")).expect("written");
    let mut files = Vec::with_capacity(count);
    for number in 0..count {
        let below = folder.join(format!("scripts/{:03}", number / 1000));
        fs::create_dir_all(&below).expect("a folder");
        let file: PathBuf = below.join(format!("script-{number:06}.yaml"));
        fs::write(&file, script(number)).expect("written");
        let path = file.to_string_lossy().into_owned();
        files.push(ScriptFile { id: path.clone(), path, file });
    }
    files
}

/// Scripts as people write them: four kinds in turn; of a hundred, one has a mistake and one calls the platform's own API.
fn script(number: usize) -> String {
    let field = if number % 100 == 7 { "frist_name" } else { "first_name" };
    let url = match number % 100 {
        3 => format!("https://{API_HOST}/api/v1/ticket"),
        _ => format!("https://api.example.com/v2/hooks/{number}"),
    };
    let (use_case, event, params) = match number % 4 {
        0 => (
            "contact",
            "contact.created",
            "    id: \"{{ contact.id }}\"\n    tags: \"{{ contact.tags|join(', ') }}\"\n",
        ),
        1 => (
            "ticket",
            "ticket.updated",
            "    ticket: \"{{ ticket.id }}\"\n    urgent: \"{{ ticket.priority == 3 ? 'yes' : 'no' }}\"\n",
        ),
        2 => (
            "conversation",
            "conversation.ended",
            "    id: \"{{ conversation.id }}\"\n    text: \"{% if conversation.agent is not null %}{{ conversation.agent.name }}{% endif %}\"\n",
        ),
        _ => ("contact", "contact.updated", "    id: \"{{ contact.id }}\"\n    adult: \"{{ contact.age >= 18 }}\"\n"),
    };
    format!(
        "# Written by the bench.\nname: Script number {number}\nuse_case: {use_case}\ndescription: Tells the customer's system that \
         something has happened here\nrequest:\n  method: POST\n  url: {url}\n  params:\n{params}    \
         name: \"{{{{ contact.{field} ?? '' }}}}\"\n    phone: \"{{{{ contact.phone_number|default('') }}}}\"\n    source: hookctl\n  \
         headers:\n    Content-Type: application/json\n    Accept: application/json\n    Authorization: \"Bearer {{{{ env.CRM_TOKEN \
         }}}}\"\ncallback: \"{{{{ response.body.id }}}}\"\ntriggers:\n  - event: {event}\n    when: \"contact.age is null or contact.age >= \
         18\"\nexpect:\n  status: 2xx\n  within: 5s\n"
    )
}

/// What a program that only wants the values would parse into.
#[derive(Deserialize)]
#[allow(dead_code, reason = "only parsing is measured")]
struct Script {
    name: String,
    use_case: String,
    description: Option<String>,
    request: Request,
    callback: Option<String>,
    #[serde(default)]
    triggers: Vec<Trigger>,
    expect: Option<Expect>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only parsing is measured")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only parsing is measured")]
struct Trigger {
    event: String,
    when: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only parsing is measured")]
struct Expect {
    status: Option<String>,
    within: Option<String>,
}

fn parse(file: &Path) -> Option<Script> {
    serde_yaml::from_str(&fs::read_to_string(file).ok()?).ok()
}

/// The same file format as a schema, as far as such a tool can check it.
const SCHEMA: &str = r#"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["name", "use_case", "request"],
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string"},
    "use_case": {"enum": ["contact", "ticket", "conversation", "file", "employee"]},
    "description": {"type": "string"},
    "request": {
      "type": "object",
      "required": ["method", "url"],
      "additionalProperties": false,
      "properties": {
        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]},
        "url": {"type": "string"},
        "params": {"type": "object", "additionalProperties": {"type": "string"}},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "params_in": {"enum": ["query", "body"]}
      }
    },
    "callback": {"type": "string"},
    "triggers": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["event"],
        "properties": {"event": {"type": "string"}, "when": {"type": "string"}, "node": {"type": "string"}}
      }
    },
    "expect": {"type": "object", "properties": {"status": {"type": "string"}, "within": {"pattern": "^[0-9.]+(ms|s|m)$"}}}
  }
}
"#;
