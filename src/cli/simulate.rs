//! `hookctl simulate`: the policy in virtual time.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::{Exit, Global, Output, ResultFile};
use crate::delivery::results;
use crate::diagnostic::{Diagnostic, Problems};
use crate::file;
use crate::project::Project;
use crate::report;
use crate::simulate::spec::{self, NamedSpec, Parts, Spec, Spread};
use crate::simulate::{LoadCurve, Rate, Recorded, Service, TriggerTimes, simulate};
use crate::text::duration;
use crate::threads;

const SPEC: &str = "\
SPEC holds the values of one script as `key=value`, separated by `;`:
  rate=30/m               its own triggers; `none` if only other scripts
                          trigger it
  arrivals=poisson        how they are spread over time: `constant` or
                          `poisson`
  burst=10                triggers per burst; the rate stays the same
  latency=p50=2s,p99=12s  how long the endpoint takes
  fail-rate=0.05          the share of requests that get a 500
  workers=4               requests that it handles at once; others queue
  causes=NAME,NAME        each executed request also triggers these, besides
                          what the project's scripts cause by calling the
                          platform's API

A latency is `2s`, `1s..9s` (anything between, equally likely), `p50=2s,p99=12s` (log-normal, as latencies are) or `never`.

Both runs, under the legacy wait and under the fixed limit, see the same triggers and the same latencies. The endpoint \
still executes a request that timed out.

Examples:
  hookctl simulate --rate 30/m --latency p50=4s,p99=20s --load-rate 0.3
  hookctl simulate --triggers 1000000 --rate 500/s --latency 1s..12s \\
      --ignore-trigger-limit
  hookctl simulate --script 'crm: rate=20/m;latency=8s;workers=2' \\
      --script 'desk: rate=none' --load-rate 0s=0.1,30m=0.9
  hookctl simulate scripts --rate 1/m --latency 200ms --for 10m
  hookctl simulate --trigger-times events.csv --latencies results.json

Exit codes:
  0    simulated, whatever the outcome
  2    usage, or invalid input";

/// Simulate the platform's rules in virtual time, for what can't be fired at a real system
#[derive(Debug, clap::Args)]
#[command(after_help = SPEC)]
pub(super) struct Args {
    /// Scripts of the project (ids, files or folders), with the loops between them [default: one called `script`]
    #[arg(value_name = "SCRIPT")]
    scripts: Vec<String>,
    /// A script with its own values (see below); it need not exist in the project
    #[arg(long = "script", value_name = "NAME: SPEC")]
    specs: Vec<String>,
    /// Triggers of each script, such as `5/s`, `30/m`, `1000/h` or `none` [default: 30/m]
    #[arg(long, value_parser = spec::rate)]
    rate: Option<RateFlag>,
    /// How triggers are spread over time [default: constant]
    #[arg(long, value_name = "SPREAD")]
    arrivals: Option<Spread>,
    /// Triggers come in bursts of this size; the rate stays the same
    #[arg(long, value_name = "COUNT", value_parser = spec::count)]
    burst: Option<u32>,
    /// Real triggers: a CSV file with a time and a script per row; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    trigger_times: Option<PathBuf>,
    /// How long each endpoint takes [default: 1s]
    #[arg(long)]
    latency: Option<Service>,
    /// Real latencies: results of `fire`, as JSON or JSON lines; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "latency")]
    latencies: Option<PathBuf>,
    /// Share of requests that get a 500, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = spec::share)]
    fail_rate: Option<f64>,
    /// Requests that each endpoint handles at once; others queue [default: no limit]
    #[arg(long, value_name = "COUNT", value_parser = spec::count)]
    workers: Option<u32>,
    /// The platform's load: 0 (idle) to 1, or points over time such as `0s=0.1,30m=0.9`
    #[arg(long, value_name = "RATE", default_value = "0", allow_hyphen_values = true)]
    load_rate: LoadCurve,
    /// How long triggers keep coming [default: 1h, or until --triggers or --trigger-times is used up]
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse)]
    span: Option<Duration>,
    /// Stop after this many triggers, including those caused by scripts
    #[arg(long, value_name = "COUNT", value_parser = triggers)]
    triggers: Option<u64>,
    /// Do not throttle triggers over the per-minute limit
    #[arg(long)]
    ignore_trigger_limit: bool,
    /// Seed for arrivals, latencies and failures
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    result: ResultFile,
}

/// An alias, since clap would read an `Option` in a field's type as "may be missing"; here it is a value, `none`.
type RateFlag = std::option::Option<Rate>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables and a plot
    Text,
    /// A JSON document
    Json,
}

/// Simulates, under both rules.
pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<Exit, Problems> {
    let project = Project::open(global.config.as_deref(), &global.overrides)?;
    let settings = &project.config.policy;
    let scenario = parts(args, &project, output)?.scenario()?;
    threads::start_pool()?;
    let comparison = simulate(&scenario, settings);
    let results = output.to_file(args.result.path());
    let text = match args.format {
        Format::Text => report::simulate::text(&comparison, &scenario, settings, results.width()),
        Format::Json => report::simulate::json(&comparison),
    };
    results.result(&text, args.result.path())?;
    Ok(Exit::Clean)
}

/// Reads the arguments and their files; the error lists everything that is wrong with them.
fn parts(args: &Args, project: &Project, output: &Output) -> Result<Parts, Problems> {
    let mut problems = Vec::new();
    let mut keep = |found: Problems| problems.extend(found.0);
    let mut scripts: Vec<NamedSpec> =
        args.specs.iter().filter_map(|text| NamedSpec::parse("--script", text).map_err(&mut keep).ok()).collect();
    if !args.scripts.is_empty() {
        match project.read_scripts(&args.scripts) {
            Ok(files) => {
                for named in spec::of_project(&files, &project.config.api_hosts) {
                    match scripts.iter_mut().find(|script| script.name == named.name) {
                        Some(said) => said.spec.causes.extend(named.spec.causes),
                        None => scripts.push(named),
                    }
                }
            }
            Err(found) => keep(found),
        }
    }
    let times = args.trigger_times.as_deref().map(|path| {
        let name = file::name(path);
        let unreadable = |error: &io::Error| Diagnostic::error(format!("can't read `{name}`: {error}"));
        TriggerTimes::read(&name, &file::read_text(path, &name, file::LARGEST, unreadable)?)
    });
    let times = times.transpose().unwrap_or_else(|found| {
        keep(found);
        None
    });
    let recorded = args.latencies.as_deref().map(|file| {
        let (name, results) = results::open(file)?;
        Recorded::read(&name, results)
    });
    let recorded = recorded.transpose().unwrap_or_else(|found| {
        keep(found);
        None
    });
    if args.span.is_some_and(|span| span.is_zero()) {
        keep(
            Diagnostic::error("`--for 0s` leaves no time for triggers")
                .help("write a duration above zero, such as `--for 1h`")
                .into(),
        );
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    if let Some(cut_off) = recorded.as_ref().map(|recorded| recorded.cut_off).filter(|count| *count > 0) {
        let attempts = if cut_off == 1 { "1 attempt".to_owned() } else { format!("{cut_off} attempts") };
        let message = format!("{attempts} in the results ended at the limit, simulated as never answered");
        output
            .message(&Diagnostic::warning(message).help("fire with `--policy both` to see how long they really take"));
    }
    Ok(Parts {
        default: Spec {
            rate: args.rate,
            spread: args.arrivals,
            burst: args.burst,
            latency: args.latency.clone(),
            fail_rate: args.fail_rate,
            workers: args.workers,
            causes: Vec::new(),
        },
        scripts,
        times,
        recorded,
        load: args.load_rate.clone(),
        span: args.span,
        triggers: args.triggers,
        trigger_limit: !args.ignore_trigger_limit,
        seed: args.seed,
    })
}

/// `--triggers`: a whole number from 1.
fn triggers(text: &str) -> Result<u64, &'static str> {
    let within = |n: &u64| (1..=100_000_000).contains(n);
    text.parse().ok().filter(within).ok_or("write a whole number from 1 to 100000000, such as `1000`")
}
