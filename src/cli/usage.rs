//! Tips for arguments that can't be parsed, including the flags and commands of other tools.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

use crate::text::list;
use crate::text::suggest::nearest;

/// Commands of other tools, and the one that does the same here.
const COMMANDS: [(&[&str], &str); 8] = [
    (&["lint", "check", "verify", "analyze", "analyse", "vet"], "`hookctl validate` checks scripts"),
    (&["send", "run", "trigger", "exec", "request", "call", "deliver", "post", "curl"], "`hookctl fire` sends scripts"),
    (&["bench", "load", "stress", "attack"], "`hookctl fire SCRIPT --repeat N --concurrency N` fires many times"),
    (
        &["show", "preview", "print", "dry-run", "inspect", "resolve"],
        "`hookctl render` shows a request without sending it",
    ),
    (&["serve", "server", "listen", "receiver", "receive", "echo", "start"], "`hookctl mock` is a receiver"),
    (&["fix", "format", "fmt"], "`hookctl validate --fix` fixes what has one clear answer"),
    (&["limit", "policy", "timeout", "timeouts", "retries"], "`hookctl limits` shows how long the platform waits"),
    (&["version"], "`hookctl --version` prints the version"),
];

/// Flags of other tools, the commands that the tip applies to (none: all), and what to write here.
struct ForeignFlag {
    names: &'static [&'static str],
    commands: &'static [&'static str],
    write: &'static str,
}

const fn foreign(
    names: &'static [&'static str],
    commands: &'static [&'static str],
    write: &'static str,
) -> ForeignFlag {
    ForeignFlag { names, commands, write }
}

const FLAGS: &[ForeignFlag] = &[
    foreign(&["--json"], &[], "write `--format json`"),
    foreign(&["-o", "--out", "--output-file", "--outfile"], &[], "write `--output FILE`"),
    foreign(&["-f", "--reporter", "--output-format"], &["validate", "fire", "render"], "write `--format FORMAT`"),
    foreign(&["--no-color", "--no-colour"], &[], "write `--color never`"),
    foreign(
        &["-v", "--verbose", "-q", "--quiet", "--silent"],
        &[],
        "there are no verbosity levels: results go to standard output, everything else to standard error",
    ),
    foreign(
        &["-d", "--data", "--body", "--payload", "--fixture", "--input", "-i", "--json-file"],
        &["render", "fire"],
        "write `--event FILE` for the event's data",
    ),
    foreign(
        &["-H", "--header", "--headers"],
        &["render", "fire"],
        "write headers in the script, under `request: headers:`",
    ),
    foreign(
        &["-X", "--request", "--method"],
        &["render", "fire"],
        "write the method in the script, as `request: method:`",
    ),
    foreign(
        &["--var", "--vars", "--variable", "--param"],
        &["render", "fire"],
        "write `--set PATH=VALUE` to change the event's data",
    ),
    foreign(&["--env-file", "--dotenv", "--env"], &["render", "fire"], "write `-c env_file=FILE`"),
    foreign(&["--strict"], &["render", "fire"], "rendering is strict unless you write `--lenient`"),
    foreign(
        &["--url", "--target", "--host", "--base-url", "-u"],
        &["fire"],
        "write `--to URL` to send to another host",
    ),
    foreign(&["-n", "--count", "--requests", "--iterations", "--number", "--times"], &["fire"], "write `--repeat N`"),
    foreign(
        &["-j", "-t", "--threads", "--parallel", "--jobs", "--workers", "--vus", "--users", "--connections"],
        &["fire"],
        "write `--concurrency N`",
    ),
    foreign(&["--rps", "--qps", "-r", "-q"], &["fire"], "write `--rate N/s`"),
    foreign(&["--timeout", "--max-time", "-m", "--connect-timeout"], &["fire"], "write `--limit DURATION`"),
    foreign(&["--retry", "--retries", "--max-retries"], &["fire"], "write `-c policy.retry.max=N`, or `--no-retry`"),
    foreign(&["--load"], &["fire", "limits", "simulate"], "write `--load-rate RATE`"),
    foreign(&["-k", "--skip-verify", "--no-verify"], &["fire"], "write `--insecure`"),
    foreign(&["--ca", "--ca-file", "--ca-cert"], &["fire"], "write `--cacert FILE`"),
    foreign(&["-x"], &["fire"], "write `--proxy URL`"),
    foreign(&["-y", "--force"], &["fire"], "write `--yes`"),
    foreign(&["--dry-run"], &["fire"], "`hookctl render` shows the request without sending it"),
    foreign(&["--html", "--html-report"], &["fire"], "write `--report FILE.html`"),
    foreign(&["--baseline"], &["fire"], "write `--compare OLD.json`"),
    foreign(&["--threshold"], &["fire"], "write `--fail-on WHAT`"),
    foreign(
        &["--strict", "--severity", "--level", "--min-severity", "--max-warnings", "--error-level"],
        &["validate"],
        "write `--fail-on warning`",
    ),
    foreign(&["--rule", "--rules", "--only", "--enable"], &["validate"], "write `--select RULE`"),
    foreign(&["--disable", "--skip", "--skip-rule", "--allow"], &["validate"], "write `--ignore RULE`"),
    foreign(
        &["--exclude", "--ignore-path"],
        &["validate"],
        "write `ignore: {\"scripts/old/**\": [HK103]}` in hookctl.yaml",
    ),
    foreign(&["--write", "--autofix", "--auto-fix", "-w"], &["validate"], "write `--fix`"),
    foreign(&["--check", "--dry-run"], &["validate"], "write `--diff` to see what `--fix` would change"),
    foreign(&["--since", "--from-ref", "--compare"], &["validate"], "write `--base GIT-REF`"),
    foreign(&["-p", "--port", "--host", "--bind", "--addr", "--address"], &["mock"], "write `--listen ADDRESS:PORT`"),
    foreign(
        &["--delay", "--latency", "--status", "--body", "--response", "--code", "--hang", "--token"],
        &["mock"],
        "write it in `--behaviour`, such as `--behaviour 'delay=6s;status=500,200'`",
    ),
    foreign(&["--path", "--endpoint"], &["mock"], "write `--route 'PATH: SPEC'`"),
    foreign(&["--duration", "--time", "-t"], &["simulate"], "write `--for DURATION`"),
    foreign(&["--count", "-n", "--requests", "--repeat"], &["simulate"], "write `--triggers COUNT`"),
    foreign(
        &["--concurrency", "--threads"],
        &["simulate"],
        "write `--workers COUNT` for the requests that the endpoint handles at once",
    ),
    foreign(&["--error-rate", "--failure-rate"], &["simulate"], "write `--fail-rate SHARE`"),
];

/// Adds a tip about what to write instead.
pub(super) fn explained(mut error: Error, root: &Command, args: &[String]) -> Error {
    let command = args.iter().skip(1).find_map(|arg| root.find_subcommand(arg));
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand).cloned() {
                error.remove(ContextKind::SuggestedSubcommand);
                tip(&mut error, for_command(&word, root));
            }
        }
        ErrorKind::UnknownArgument => {
            if let (Some(command), Some(ContextValue::String(word))) =
                (command, error.get(ContextKind::InvalidArg).cloned())
            {
                // A valid flag before the command: clap already says so.
                if flags(command).contains(&flag(&word).to_owned()) {
                    return error;
                }
                error.remove(ContextKind::SuggestedArg);
                tip(&mut error, for_argument(&word, command));
                error.insert(ContextKind::Usage, ContextValue::StyledStr(command.clone().render_usage()));
            }
        }
        ErrorKind::MissingRequiredArgument if command.is_some_and(|command| command.get_name() == "explain") => {
            tip(&mut error, Some("`hookctl rules` lists the rules".to_owned()));
        }
        _ => {}
    }
    error
}

/// Replaces clap's suggestion, which is often far from what was meant.
fn tip(error: &mut Error, text: Option<String>) {
    error.remove(ContextKind::Suggested);
    if let Some(text) = text {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(text)]));
    }
}

fn for_command(word: &str, root: &Command) -> Option<String> {
    let names: Vec<&str> = root.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect();
    let lower = word.to_lowercase();
    let known = COMMANDS.iter().find(|(foreign, _)| foreign.contains(&lower.as_str())).map(|(_, here)| *here);
    if let Some(here) = known {
        return Some(here.to_owned());
    }
    if let Some(near) = nearest(word, names.iter().copied()) {
        return Some(format!("did you mean `hookctl {near}`?"));
    }
    if word.ends_with(".yaml") || word.ends_with(".yml") {
        return Some(format!("name a command first, such as `hookctl validate {word}`"));
    }
    Some(format!("the commands are {}", list::and(list::quoted(names))))
}

/// The flag of `--flag=value`.
fn flag(word: &str) -> &str {
    word.split('=').next().unwrap_or(word)
}

fn for_argument(word: &str, command: &Command) -> Option<String> {
    let name = command.get_name();
    let flag = flag(word);
    if flag.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) && !flag.starts_with("--") {
        return Some(
            "numbers can't be negative here; if a value has to begin with `-`, write `--flag=-value`".to_owned(),
        );
    }
    if !flag.starts_with('-') {
        return match name {
            "rules" => Some(format!("`hookctl explain {word}` explains one rule")),
            "limits" => Some("write `--latency DURATION` or `--load-rate RATE`".to_owned()),
            "mock" => Some("write `--listen ADDRESS:PORT` or `--behaviour SPEC`".to_owned()),
            _ => None,
        };
    }
    let here = |foreign: &&ForeignFlag| {
        foreign.names.contains(&flag) && (foreign.commands.is_empty() || foreign.commands.contains(&name))
    };
    // Tips for one command come before tips for all.
    let mut known: Vec<&ForeignFlag> = FLAGS.iter().filter(here).collect();
    known.sort_by_key(|foreign| foreign.commands.is_empty());
    if let Some(foreign) = known.first() {
        return Some(foreign.write.to_owned());
    }
    let flags: Vec<String> = flags(command);
    let near = nearest(flag, flags.iter().map(String::as_str));
    near.map(|near| format!("did you mean `{near}`?"))
}

/// The long flags of a command, those that every command has included.
fn flags(command: &Command) -> Vec<String> {
    command.get_arguments().filter_map(|arg| arg.get_long()).map(|long| format!("--{long}")).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn root() -> Command {
        let mut root = Cli::command();
        root.build();
        root
    }

    /// The error for a command line.
    fn told(line: &str) -> String {
        let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let mut command = Cli::command();
        let error = command.try_get_matches_from_mut(&args).expect_err(line);
        explained(error, &command, &args).to_string()
    }

    #[test]
    fn foreign_commands_and_flags_name_the_right_one() {
        for (line, words) in [
            ("hookctl lint", "`hookctl validate` checks scripts"),
            ("hookctl SEND x", "`hookctl fire` sends scripts"),
            ("hookctl vaildate", "did you mean `hookctl validate`?"),
            ("hookctl frie", "did you mean `hookctl fire`?"),
            ("hookctl scripts/a.yaml", "`hookctl validate scripts/a.yaml`"),
            ("hookctl frobnicate", "the commands are `validate`, "),
            ("hookctl fire --url=http://h", "write `--to URL`"),
            ("hookctl fire a -n 5", "write `--repeat N`"),
            ("hookctl fire --evnt f", "did you mean `--event`?"),
            ("hookctl fire --repeat -1", "numbers can't be negative here"),
            ("hookctl validate --strict", "write `--fail-on warning`"),
            ("hookctl render --strict", "unless you write `--lenient`"),
            ("hookctl simulate --duration 1h", "write `--for DURATION`"),
            ("hookctl mock --port 80", "write `--listen ADDRESS:PORT`"),
            ("hookctl rules HK103", "`hookctl explain HK103`"),
            ("hookctl explain", "`hookctl rules` lists the rules"),
            ("hookctl --set a=b render", "'render --set' exists"),
        ] {
            let told = told(line);
            assert!(told.contains(words) && told.matches("tip:").count() == 1, "{line}: {told}");
        }
        // Far from everything: no guess.
        assert!(!told("hookctl fire --frobnicate").contains("tip:"));
    }

    #[test]
    fn what_is_to_be_written_exists() {
        let root = root();
        let global = ["--color", "--config", "--version", "--flag"];
        let words = |text: &str| -> Vec<String> {
            let word = |c: char| !(c.is_alphanumeric() || c == '-');
            text.split(word).filter(|word| word.starts_with("--")).map(str::to_owned).collect()
        };
        let of = |name: &str| root.find_subcommand(name).map(flags).unwrap_or_default();
        for foreign in FLAGS {
            for name in foreign.commands {
                assert!(root.find_subcommand(name).is_some(), "{name}");
                for flag in words(foreign.write).iter().filter(|flag| !global.contains(&flag.as_str())) {
                    assert!(of(name).contains(flag), "{name} has no {flag}: {}", foreign.write);
                }
            }
        }
        for (_, here) in COMMANDS {
            let command = here.split(['`', ' ']).nth(2).unwrap_or_default();
            let known = command.starts_with("--") || root.find_subcommand(command).is_some();
            assert!(known, "{here}");
        }
    }
}
