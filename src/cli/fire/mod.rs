//! `hookctl fire`: renders scripts and sends them under production's rules.

mod earlier;
mod flags;
mod observer;
mod progress;
mod safety;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use tokio::runtime::Runtime;
use url::Url;

use self::observer::ReportObserver;
use self::progress::Progress;
use super::output::unwritable;
use super::{Exit, Global, Interrupts, Output, Rendering, ResultFile};
use crate::delivery::{
    self, Aim, Baseline, Client, ClientOptions, Criterion, FailOn, HttpVersions, LoadProfile, Observer, PolicySnapshot,
    PreparedScript, ProxyChoice, ResolveOverride, ResolvedScripts, Run, RunRules, Runner, Selection, Session,
    TlsOptions, Verdict,
};
use crate::diagnostic::{Diagnostic, Problems};
use crate::policy::{LoadRate, Policy, Settings, TimeoutRule};
use crate::project::Project;
use crate::receiver::{self, Behaviour, Receiver, Routes};
use crate::report::fire::{Csv, Format, Html, Json, JsonLines, Junit, Layout, OutputFormat, Report, Text};
use crate::report::stream::{Destination, Growth, Stream};
use crate::threads;

const RATES: &str = "\
Retries and limits follow the platform's rules: `hookctl limits` shows them, `policy:` in hookctl.yaml changes them.

Without --rate, a delivery starts when another ends, so a slow endpoint slows down the run and hides its own queue \
(coordinated omission). With --rate, deliveries are due at fixed times, whether or not earlier ones have ended. One that \
starts late, because --concurrency deliveries are still in flight, reports its delay, and the summary also counts latencies \
from when each delivery was due.

Examples:
  hookctl fire sync-contact --mock
  hookctl fire escalate-ticket --policy both --mock='delay=6s;seed=7'
  hookctl fire sync-contact --to http://localhost:3000 --repeat 1000 \\
      --concurrency 20 --rate 100/s --ignore-trigger-limit
  hookctl fire --mock --format jsonl --output results.jsonl --report page.html
  hookctl fire --failed-from results.jsonl --mock

JSON lines and CSV files grow during the run; all other files appear when it ends.

Exit codes:
  0    every delivery passed
  1    a --fail-on condition was met, or a regression against --compare
  2    usage, invalid input, or an undefined placeholder without --lenient
  130  interrupted: Ctrl-C, SIGTERM, SIGHUP or SIGQUIT; reports are finished
  141  the run ended because its results were no longer read (`| head`)";

/// Render scripts and send them, under production's rules
#[derive(Debug, clap::Args)]
#[command(after_help = RATES)]
pub(super) struct Args {
    /// Scripts by id, file or folder [default: those that the event fires; without --event, all]
    #[arg(value_name = "SCRIPT")]
    scripts: Vec<String>,
    /// The event's data, a JSON file; `-` reads standard input [default: each script's own fixture]
    #[arg(long, value_name = "FILE")]
    event: Option<String>,
    #[command(flatten)]
    rules: RuleFlags,
    #[command(flatten)]
    volume: VolumeFlags,
    #[command(flatten)]
    target: TargetFlags,
    #[command(flatten)]
    results: ResultFlags,
    #[command(flatten)]
    earlier: earlier::EarlierFlags,
    #[command(flatten)]
    rendering: Rendering,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Production's rules")]
struct RuleFlags {
    /// Which limit applies; `both` waits for the longer one and judges by each
    #[arg(long, value_name = "POLICY", default_value = "fixed")]
    policy: TimeoutRule,
    /// The platform's load, from 0 to 1; determines the legacy wait and the retries
    #[arg(long, value_name = "0..1", default_value = "0")]
    load_rate: LoadRate,
    /// Fixed limit, instead of `policy.limit`
    #[arg(long, value_name = "DURATION", value_parser = flags::limit)]
    limit: Option<String>,
    /// Make only one attempt per delivery
    #[arg(long)]
    no_retry: bool,
    /// Also send triggers over `policy.triggers_per_minute`
    #[arg(long)]
    ignore_trigger_limit: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Load")]
struct VolumeFlags {
    /// Trigger each script N times [default: 1; with --duration, as often as fits]
    #[arg(long, value_name = "N", value_parser = flags::repeat)]
    repeat: Option<u64>,
    /// Keep triggering for this long, such as `30s`; deliveries still in flight are completed
    #[arg(long, value_name = "DURATION", value_parser = flags::length)]
    duration: Option<Duration>,
    /// At most N deliveries in flight at once
    #[arg(long, value_name = "N", default_value = "1", value_parser = flags::concurrency)]
    concurrency: NonZeroUsize,
    /// Start deliveries at this rate, such as `500/s`, `30/m` or `10/h`, whether or not earlier ones have ended
    #[arg(long, value_name = "N/s", value_parser = flags::rate)]
    rate: Option<f64>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Target")]
struct TargetFlags {
    /// Send to another scheme, host and port
    #[arg(long, value_name = "URL", value_parser = flags::target)]
    to: Option<Url>,
    /// With --to: keep the script's own host in the `Host` header
    #[arg(long, requires = "to")]
    keep_host: bool,
    /// Send everything to a built-in receiver, which answers like `hookctl mock --behaviour SPEC`
    #[arg(long, value_name = "SPEC", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["to", "proxy", "unix_socket"])]
    mock: Option<String>,
    /// Accept any certificate
    #[arg(long)]
    insecure: bool,
    /// Also trust the certificates in this PEM file
    #[arg(long, value_name = "FILE")]
    cacert: Vec<PathBuf>,
    /// Present this client certificate: a PEM file with the chain and the private key
    #[arg(long, value_name = "FILE")]
    client_cert: Option<PathBuf>,
    /// Present this client certificate: a PEM file with the chain
    #[arg(long, value_name = "FILE", conflicts_with = "client_cert")]
    cert: Option<PathBuf>,
    /// Private key for --cert, a PEM file [default: the same file]
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Send through this proxy, `http://`, `https://` or `socks5h://` [default: http_proxy, https_proxy, all_proxy, no_proxy]
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Speak HTTP/1.1 only
    #[arg(long = "http1.1", conflicts_with = "http2")]
    http1: bool,
    /// Speak HTTP/2 only; over http:// by prior knowledge
    #[arg(long)]
    http2: bool,
    /// Open a new connection for each request, as for a single event in production: each includes TCP and TLS setup
    #[arg(long)]
    fresh_connections: bool,
    /// Use this address for a host and port
    #[arg(long, value_name = "HOST:PORT:ADDRESS")]
    resolve: Vec<ResolveOverride>,
    /// Send through this Unix socket
    #[cfg(unix)]
    #[arg(long, value_name = "PATH", conflicts_with = "proxy")]
    unix_socket: Option<PathBuf>,
    /// Fire more than one delivery at other machines without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Results")]
struct ResultFlags {
    /// What makes the run fail (exit code 1), separated by commas: `failed`, `at_risk`, `retried`, `callback`, or a
    /// threshold such as `p95>5s` (p50, p99.9, …, max, mean) or `error_rate>1%`
    ///
    /// `failed`: a delivery failed or didn't meet its script's `expect`; one that failed with a status that `expect` lists
    /// (`expect: {status: 404}`) does not count. `failed` always applies, unless `error_rate` sets how many failures are too
    /// many. `at_risk`: a delivery took longer than the safe 5 s. `retried`: a delivery needed a retry. `callback`: a callback
    /// could not be rendered. Latency thresholds refer to `latency_ms` in the summary; a latency that was cut off by its limit
    /// is over every threshold.
    #[arg(long, value_name = "WHAT", default_value = "failed", value_delimiter = ',')]
    fail_on: Vec<Criterion>,
    /// Format of the results
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    result: ResultFile,
    /// Also write an HTML page with plots and each attempt's request and response
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
}

/// Reports, each with where it goes.
type Outputs = Vec<(Box<dyn OutputFormat>, Stream)>;

/// Fires and reports.
pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<Exit, Problems> {
    let project = Project::open(global.config.as_deref(), &global.overrides)?;
    let settings = args.rules.settings(&project.config.policy)?;
    args.check_mock(&project)?;
    args.volume.check(!args.rules.ignore_trigger_limit)?;
    let mock = args.target.mock.as_deref().map(|spec| Behaviour::parse("--mock", spec)).transpose()?;
    let client = Client::new(args.target.client(&settings.policy))?;
    let against = args.earlier.against()?;
    let rules = args.rules.rules(&settings, args.rendering.seed);
    let failed = args.earlier.scripts()?;
    if failed.as_ref().is_some_and(Vec::is_empty) {
        output.message(&args.earlier.nothing_failed());
        return args.report_nothing(&rules, &settings, against, output);
    }

    let scripts = args.resolve(&project, failed.as_deref(), output)?;
    let mock = mock.map(start_mock).transpose()?;
    let (scripts, requests) = scripts.prepare(&args.target.aim(mock.as_ref().map(|(receiver, _)| receiver))?)?;
    let profile = args.volume.profile(!args.rules.ignore_trigger_limit);
    let client = args.target.checked(client, &scripts, &args.volume)?;
    let run = Run { requests, ..args.about(&rules, &settings, scripts.len() as u64) };

    let interrupts = Interrupts::listen()?;
    let progress = Progress::new(output.stderr_terminal, run.deliveries, run.duration);
    let watcher = progress.clone();
    let runner = Runner::new(client, scripts, rules, profile, Box::new(move |event| watcher.event(event)));
    let stop = interrupts.stop();
    let ready = runner.ready(&stop)?;
    let report = Report::start(run.clone(), args.results.sinks(output)?).map_err(unwritable)?;
    interrupts.remove_on_exit(report.temporaries());

    let mut session = Session::new(run, against);
    let mut observer = ReportObserver { report, progress };
    session.run(ready, &mut observer).map_err(unwritable)?;
    let verdict = session.verdict(&stop, observer.is_abandoned());
    observer.finish(session.tally()).map_err(unwritable)?;
    Ok(match verdict {
        Verdict::Passed => Exit::Clean,
        Verdict::Failed => Exit::Failed,
        Verdict::Interrupted => Exit::Interrupted,
        Verdict::Abandoned => Exit::Abandoned,
    })
}

impl Args {
    /// Resolves the scripts with their data, and prints notes about them.
    fn resolve(
        &self,
        project: &Project,
        failed: Option<&[String]>,
        output: &Output,
    ) -> Result<ResolvedScripts, Problems> {
        let assignments = self.rendering.assignments();
        let scripts = failed.unwrap_or(&self.scripts);
        let selection = Selection { scripts, event: self.event.as_deref(), assignments: &assignments };
        let env = project.environment()?;
        let options = self.rendering.options(&project.config, &env)?;
        let scripts = delivery::resolve(project, selection, env, options)?;
        scripts.notes().iter().for_each(|note| output.message(note));
        scripts.warnings().for_each(|warning| output.message(&Diagnostic::warning(warning)));
        Ok(scripts)
    }

    /// The run, without its requests.
    fn about(&self, rules: &RunRules, settings: &Settings, scripts: u64) -> Run {
        Run {
            policy: PolicySnapshot::new(rules.regime, rules.load, settings),
            requests: Vec::new(),
            deliveries: self.volume.most().saturating_mul(scripts),
            duration: self.volume.duration,
            concurrency: self.volume.concurrency.get(),
            fail_on: FailOn::new(self.results.fail_on.clone()),
        }
    }

    /// Writes an empty but complete document, so that programs can still read the results.
    fn report_nothing(
        &self,
        rules: &RunRules,
        settings: &Settings,
        against: Option<Baseline>,
        output: &Output,
    ) -> Result<Exit, Problems> {
        let session = Session::new(self.about(rules, settings, 0), against);
        let report = Report::start(session.about().clone(), self.results.sinks(output)?).map_err(unwritable)?;
        report.finish(session.tally()).map_err(unwritable)?;
        Ok(Exit::Clean)
    }

    /// Without `=`, clap reads the SPEC of `--mock SPEC` as a script name.
    fn check_mock(&self, project: &Project) -> Result<(), Problems> {
        let behaves = |text: &&String| text.contains('=') || Behaviour::parse("--mock", text).is_ok();
        let misplaced = || self.scripts.iter().find(behaves);
        match self.target.mock.as_deref().filter(|spec| spec.is_empty()).and_then(|_| misplaced()) {
            Some(spec) if project.find_scripts(std::slice::from_ref(spec)).is_err() => {
                let message = format!("`{spec}` is read as a script name, and there is no such script");
                let help = format!("to set how the receiver answers, write `--mock='{spec}'`, with `=` and no space");
                Err(Diagnostic::error(message).help(help).into())
            }
            _ => Ok(()),
        }
    }
}

/// A receiver on its own threads, which end with the runtime.
fn start_mock(behaviour: Behaviour) -> Result<(Receiver, Runtime), Problems> {
    let refused = |error| match threads::is_out_of_files(&error) {
        true => threads::refused(&error),
        false => Diagnostic::error(format!("--mock: can't start the receiver: {error}")),
    };
    let runtime = threads::runtime().map_err(|error| threads::refused(&error))?;
    let routes = Routes::new(behaviour, Vec::new());
    let receiver = runtime.block_on(receiver::start(([127, 0, 0, 1], 0).into(), routes, None)).map_err(refused)?;
    Ok((receiver, runtime))
}

impl RuleFlags {
    /// The project's settings with those of the flags.
    fn settings(&self, project: &Settings) -> Result<Settings, Problems> {
        let mut settings = project.clone();
        let no_retry = if self.no_retry { &[("retry.min", "0"), ("retry.max", "0")][..] } else { &[] };
        for (key, value) in self.limit.iter().map(|limit| ("limit", limit.as_str())).chain(no_retry.iter().copied()) {
            settings.set(key, value).map_err(|error| Diagnostic::error(error.to_string()))?;
        }
        let problems: Vec<_> =
            settings.contradictions().into_iter().map(|(_, words)| Diagnostic::error(words)).collect();
        if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
    }

    /// The rules of the run. Without a seed, jitter differs in each run.
    fn rules(&self, settings: &Settings, seed: Option<u64>) -> RunRules {
        RunRules {
            policy: settings.policy.clone(),
            regime: self.policy,
            load: self.load_rate,
            seed: seed.unwrap_or_else(|| fastrand::u64(..)),
        }
    }
}

impl VolumeFlags {
    fn profile(&self, throttle: bool) -> LoadProfile {
        let (repeat, duration) = (self.most(), self.duration);
        LoadProfile { repeat, duration, concurrency: self.concurrency, rate: self.rate, throttle }
    }

    /// Triggers of each script, at most.
    fn most(&self) -> u64 {
        self.repeat.unwrap_or(if self.duration.is_some() { u64::MAX } else { 1 })
    }

    /// Without a rate, a throttled trigger is replaced by the next one at once, so nearly all triggers would be throttled.
    fn check(&self, throttle: bool) -> Result<(), Problems> {
        if self.duration.is_none() || self.rate.is_some() || self.repeat.is_some() || !throttle {
            return Ok(());
        }
        let message =
            "--duration fires as fast as deliveries end, and the trigger limit would reject nearly all of them";
        Err(Diagnostic::error(message).help("add --rate, such as `--rate 1/s`, or --ignore-trigger-limit").into())
    }
}

impl TargetFlags {
    /// Where requests go: to the built-in receiver, to `--to`, or to the URLs of the scripts.
    fn aim(&self, mock: Option<&Receiver>) -> Result<Aim, Diagnostic> {
        let mock = mock.map(|receiver| flags::target(&receiver.url()).map_err(Diagnostic::error)).transpose()?;
        Ok(Aim { target: mock.or_else(|| self.to.clone()), keep_host: self.keep_host })
    }

    /// Prepares the client for these scripts. Asks first if more than one delivery goes to other machines.
    fn checked(
        &self,
        mut client: Client,
        scripts: &[PreparedScript],
        volume: &VolumeFlags,
    ) -> Result<Client, Problems> {
        let deliveries = volume.most().saturating_mul(scripts.len() as u64);
        if !self.yes && !self.is_local_socket() && deliveries > 1 {
            safety::confirm(scripts.iter().map(|script| script.request.url()), volume)?;
            client.stay_local();
        }
        for script in scripts {
            client.prepare(script.request.url())?;
        }
        Ok(client)
    }

    fn client(&self, policy: &Policy) -> ClientOptions {
        let tls = TlsOptions {
            insecure: self.insecure,
            cacert: self.cacert.clone(),
            client_cert: self.client_cert.clone(),
            cert: self.cert.clone(),
            key: self.key.clone(),
        };
        let proxy = match (&self.proxy, &self.mock) {
            (Some(url), _) => ProxyChoice::Url(url.clone()),
            (None, None) if !self.is_local_socket() => ProxyChoice::Environment,
            (None, _) => ProxyChoice::Direct,
        };
        let versions = match (self.http1, self.http2) {
            (true, _) => HttpVersions::Http1,
            (_, true) => HttpVersions::Http2,
            _ => HttpVersions::Any,
        };
        ClientOptions {
            tls,
            proxy,
            resolve: self.resolve.clone(),
            unix_socket: self.unix_socket(),
            versions,
            fresh_connections: self.fresh_connections,
            resend: policy.resend,
        }
    }

    fn unix_socket(&self) -> Option<PathBuf> {
        #[cfg(unix)]
        return self.unix_socket.clone();
        #[cfg(not(unix))]
        return None;
    }

    fn is_local_socket(&self) -> bool {
        self.unix_socket().is_some()
    }
}

impl ResultFlags {
    fn sinks(&self, output: &Output) -> Result<Outputs, Problems> {
        self.check_places()?;
        let file = self.result.path();
        let sink: Box<dyn OutputFormat> = match self.format {
            Format::Text => {
                let results = output.to_file(file);
                Box::new(Text::new(Layout { width: results.width(), color: results.stdout_color }))
            }
            Format::Json => Box::new(Json::default()),
            Format::Jsonl => Box::new(JsonLines::default()),
            Format::Junit => Box::new(Junit::default()),
            Format::Csv => Box::new(Csv),
        };
        let mut sinks: Outputs = vec![(sink, Stream::open(file, self.format.growth()).map_err(unwritable)?)];
        if let Some(page) = &self.report {
            let stream = Stream::open(Some(page), Growth::Whole).map_err(unwritable)?;
            sinks.push((Box::new(Html::new(jiff::Timestamp::now())), stream));
        }
        Ok(sinks)
    }

    /// The page and the results must not overwrite each other.
    fn check_places(&self) -> Result<(), Problems> {
        let Some(page) = &self.report else { return Ok(()) };
        let results = Destination::of(self.result.path()).map_err(unwritable)?;
        if !results.collides_with(&Destination::of(Some(page)).map_err(unwritable)?) {
            return Ok(());
        }
        let page = page.display();
        let (message, help) = match results {
            Destination::Stdout => (
                format!("the results and the page of `--report {page}` would both go to standard output"),
                "name a file for one of them, such as `--report report.html`",
            ),
            Destination::File(_) => (
                format!("`--output` and `--report {page}` name the same file, and one would overwrite the other"),
                "name two files, such as `--output results.json --report report.html`",
            ),
        };
        Err(Diagnostic::error(message).help(help).into())
    }
}
