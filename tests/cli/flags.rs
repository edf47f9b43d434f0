//! Flags as people write them who know other tools: accepted, or answered with what to write.

use std::process::Output;

use crate::harness::{Project, hookctl, repository};

/// Runs hookctl in the sample project of this repository.
fn run(line: &str) -> Output {
    hookctl(repository(), &line.split_whitespace().collect::<Vec<_>>()).output().expect("a run")
}

#[test]
fn what_is_refused_says_what_to_write() {
    for (line, words) in [
        ("lint", "`hookctl validate`"),
        ("send sync-contact", "`hookctl fire`"),
        ("fire --mock --compare old.json --max-regression 5", "write `5%`"),
        ("fire rate-conversation --mock delay=1s", "write `--mock='delay=1s'`, with `=`"),
        ("fire rate-conversation --mock hang", "write `--mock='hang'`, with `=`"),
        ("fire --mock --load-rate 50", "for 50 percent, write `50%`"),
        ("fire --to localhost:3000", "a scheme and a host: `http://localhost:3000`"),
        ("fire --rate 100", "write `100/s`"),
        ("fire --repeat 1,000", "such as `1000`"),
        ("fire --limit 10", "write `10s`"),
        ("fire --mock --retries 2", "policy.retry.max=N"),
        ("validate --strict", "--fail-on warning"),
        ("render --json", "--format json"),
        ("limits --latency 5sec", "write `5s`"),
        ("simulate --rate 30", "write `30/s`, `30/m` or `30/h`"),
        ("simulate --duration 1h", "--for DURATION"),
        ("mock --listen http://127.0.0.1:8941", "write `--listen 127.0.0.1:8941`"),
        ("mock --port 8941", "--listen"),
    ] {
        let output = run(line);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{line}: {told}");
        assert!(told.contains(words), "{line}: {told}");
    }
}

#[test]
fn what_can_only_mean_one_thing_is_accepted() {
    for line in [
        "limits --load-rate 50%",
        "simulate --for 1m --load-rate 0s=10%,1m=90% --fail-rate 5%",
        "simulate --for 1m --rate 30/min",
        "fire rate-conversation --mock --load-rate 50%",
        "fire rate-conversation --mock=delay=1ms --colour never",
    ] {
        let output = run(line);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line}: {told}");
    }
    // A wrong behaviour shows that the other spelling of the flag is read.
    let told = run("mock --behavior dealy=1s").stderr;
    assert!(String::from_utf8_lossy(&told).contains("did you mean `delay`?"));
}

/// The event's data that the samples of this repository come with.
const CONTACT: &str = "--event fixtures/contact.created.json";

#[test]
fn a_misspelled_set_is_not_accepted_silently() {
    for (set, code, words) in [
        ("contcat.first_name=Bob", 2, "did you mean `contact.first_name`?"),
        ("contcat.first_name=Bob --lenient", 0, "did you mean `contact.first_name`?"),
        ("contact.frist_name=Bob", 0, "did you mean `contact.first_name`?"),
        ("campaign=5", 0, "under `variables:`"),
        ("contact.shoe_size=5", 0, "under `fields:`"),
        // A custom field that the project declares, and one that the data has.
        ("contact.loyalty_level=gold", 0, ""),
        ("contact.first_name=Bob", 0, ""),
    ] {
        for command in ["render", "fire --mock"] {
            let output = run(&format!("{command} sync-contact {CONTACT} --set {set}"));
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{command} {set}: {told}");
            assert!(told.contains(words) && told.is_empty() == words.is_empty(), "{command} {set}: {told}");
        }
    }
    // Said once, whatever number of scripts it is set for.
    let output = run("fire --mock sync-contact update-member --set contact.frist_name=Bob");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(told.matches("did you mean `contact.first_name`?").count(), 1, "{told}");
}

#[test]
fn a_named_script_that_production_would_not_fire_is_pointed_out() {
    let head = "use_case: contact\nrequest: {method: GET, url: 'https://api.example.com/'}\n";
    let script = |name: &str, trigger: &str| format!("name: {name}\n{head}triggers: [{{{trigger}}}]\n");
    let project = Project::new(&[
        ("scripts/adults.yaml", &script("Adults", "event: contact.created, when: contact.age >= 18")),
        ("scripts/updates.yaml", &script("Updates", "event: contact.updated")),
        ("scripts/all.yaml", &script("All", "event: contact.created")),
        ("fixtures/contact.created.json", r#"{"event": "contact.created", "contact": {"age": 17}}"#),
        ("fixtures/contact.updated.json", r#"{"event": "contact.updated", "contact": {}}"#),
    ]);
    let run = |line: &str| {
        let run = project.run(&line.split(' ').collect::<Vec<_>>());
        assert!(run.code == 0 && !run.stdout.is_empty(), "{line}: {}", run.stderr);
        run.stderr
    };
    for command in ["render", "fire --mock"] {
        let event = "--event fixtures/contact.created.json";
        let told = run(&format!("{command} adults {event}"));
        assert!(
            told.starts_with(
                "info: `contact.created` with data from `fixtures/contact.created.json` would not fire `adults`"
            ),
            "{told}"
        );
        assert!(told.contains("contact.age >= 18") && told.contains("is not true"), "{told}");
        let told = run(&format!("{command} updates {event}"));
        assert!(told.contains("would not fire `updates`: it has no trigger for that event"), "{told}");
        assert_eq!(run(&format!("{command} adults {event} --set contact.age=18")), "");
        assert_eq!(run(&format!("{command} {event}")), "", "the event chooses by itself");
        let told = run(&format!("{command} adults --event fixtures/contact.updated.json --set event=contact.created"));
        assert!(told.contains("would not fire `adults`: ") && told.contains("age"), "{told}");
    }
    // Without --event each script gets its own fixture, and conditions choose nothing.
    assert!(run("fire --mock").contains("would not fire `adults`"));
}
