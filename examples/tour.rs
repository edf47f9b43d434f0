//! The main job from end to end on the sample project: lint the scripts, render what a contact and a ticket event fire, and fire
//! them at a receiver inside the same process. Nothing else needs to run.
//!
//!     cargo run --release --example tour

use std::ffi::OsString;
use std::process::ExitCode;

const COMMANDS: [&str; 5] = [
    "hookctl validate",
    "hookctl render --event fixtures/contact.created.json",
    "hookctl render --event fixtures/ticket.created.json",
    "hookctl fire --mock",
    "hookctl limits --latency 12s",
];

fn main() -> ExitCode {
    for command in COMMANDS {
        println!("\n$ {command}\n");
        let code = hookctl::cli::run(command.split(' ').map(OsString::from));
        if code != ExitCode::SUCCESS {
            eprintln!("`{command}` did not end well");
            return code;
        }
    }
    ExitCode::SUCCESS
}
