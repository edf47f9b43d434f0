//! `validate` against what else one could do with the same files, as ratios:
//!
//! - one thread that merely parses them with serde_yaml into typed structs (aim: linting takes at most 1.5 times that);
//! - check-jsonschema validating them against a schema, where `CHECK_JSONSCHEMA` names that program (aim: at least 50 times
//!   faster). It is given a part of the files and its time is scaled up.
//!
//! `cargo bench --bench lint`; `LINT_FILES=100000` takes that many files instead of 10,000.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hookctl::lint::{Ground, run};
use hookctl::project::ScriptFile;
use serde::Deserialize;

fn main() {
    let count = std::env::var("LINT_FILES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_scripts(folder.path(), count);
    let bytes: u64 = files.iter().map(|f| fs::metadata(&f.file).map_or(0, |m| m.len())).sum();
    println!("{count} files of {} bytes on average, {} threads", bytes / count as u64, rayon::current_num_threads());

    let ground = Ground::default();
    let lint = best(|| {
        let outcome = run(&files, &[], &ground, None);
        assert_eq!(outcome.files.len(), count);
        outcome.findings.len()
    });
    let parse = best(|| files.iter().filter(|file| parse(&file.file).is_some()).count());
    println!("lint, all rules      {:>9.1} ms", millis(lint));
    println!("serde_yaml, 1 thread {:>9.1} ms", millis(parse));
    println!("lint / serde_yaml    {:>9.2}", lint.as_secs_f64() / parse.as_secs_f64());
    if let Some(peak) = peak_memory() {
        println!("peak memory          {peak:>9} KiB");
    }
    if let Some(program) = std::env::var_os("CHECK_JSONSCHEMA") {
        let some = &files[..count.min(1000)];
        let schema = folder.path().join("schema.json");
        fs::write(&schema, SCHEMA).expect("written");
        let start = Instant::now();
        let status = Command::new(program)
            .arg("--schemafile")
            .arg(&schema)
            .args(some.iter().map(|f| &f.file))
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("it starts").success());
        let all = start.elapsed().mul_f64(count as f64 / some.len() as f64);
        println!("check-jsonschema     {:>9.1} ms (scaled from {} files)", millis(all), some.len());
        println!("it / lint            {:>9.1}", all.as_secs_f64() / lint.as_secs_f64());
    }
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

fn write_scripts(folder: &Path, count: usize) -> Vec<ScriptFile> {
    let mut files = Vec::with_capacity(count);
    for number in 0..count {
        let below = folder.join(format!("{:03}", number / 1000));
        fs::create_dir_all(&below).expect("a folder");
        let file: PathBuf = below.join(format!("script-{number:06}.yaml"));
        fs::write(&file, script(number)).expect("written");
        let path = file.to_string_lossy().into_owned();
        files.push(ScriptFile { id: path.clone(), path, file });
    }
    files
}

/// Scripts as people write them: four kinds in turn, one in a hundred with a mistake.
fn script(number: usize) -> String {
    let field = if number % 100 == 7 { "frist_name" } else { "first_name" };
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
         something has happened here\nrequest:\n  method: POST\n  url: https://api.example.com/v2/hooks/{number}\n  params:\n{params}    \
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
