//! Flags as people write them who know other tools: accepted, or answered with what to write.

use std::process::{Command, Output};

/// Runs hookctl in the sample project of this repository.
fn run(line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookctl"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(line.split_whitespace()).output().expect("a run")
}

#[test]
fn what_is_refused_says_what_to_write() {
    for (line, words) in [
        ("lint", "`hookctl validate`"),
        ("send sync-contact", "`hookctl fire`"),
        ("fire --mock --compare old.json --max-regression 5", "write `5%`"),
        ("fire rate-conversation --mock delay=1s", "write `--mock='delay=1s'`, with `=`"),
        ("fire rate-conversation --mock hang", "write `--mock='hang'`, with `=`"),
        ("fire --mock --load-rate 50", "50 percent is `50%`"),
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
