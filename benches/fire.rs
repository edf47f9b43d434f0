//! What firing costs: throughput against a bare reqwest loop, and an attempt's own overhead against a raw socket; also
//!
//! - throughput against oha, where `OHA` names that program;
//! - the time of a whole `hookctl fire` against curl's for the same request, where `CURL` names that program.
//!
//! `cargo bench --bench fire`. Everything goes to nginx with one worker where `NGINX` names that program: a receiver in the
//! same process, as otherwise, takes so much of the processors that differences between clients are hidden. Figures are medians
//! of alternating rounds, and a ratio is the median of each round's own, since absolute ones say more about the machine and
//! its other guests than about the code.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hookctl::delivery::{
    Client, ClientOptions, Deadline, Delivery, Expectation, FailOn, LoadProfile, Observer, Outgoing, PolicySnapshot,
    PreparedScript, ProxyChoice, Run, RunRules, Runner, Session, Tally,
};
use hookctl::event::UseCase;
use hookctl::policy::{LoadRate, Policy, Settings, TimeoutRule};
use hookctl::receiver::{self, Behaviour, Receiver, Routes};
use hookctl::report::fire::{JsonLines, OutputFormat, Report};
use hookctl::report::stream::{Growth, Stream};
use hookctl::request::{Body, Header, HeaderSource, Resolved};
use hookctl::secret::Redactor;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::LocalSet;

/// The command's own, for both sides of each comparison.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Many short rounds say more than few long ones, since the pace changes from one second to the next.
const ROUNDS: usize = 41;
/// Enough that starting and ending a run does not count.
const REQUESTS: u64 = 15_000;
const CONCURRENCY: usize = 50;
const ONE_BY_ONE: u32 = 2_000;
const PROCESSES: usize = 21;
const BODY: &str = r#"{"first_name":"Ann","last_name":"Lee","email":"ann.lee@example.com"}"#;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let endpoint = Endpoint::start()?;
    let url = format!("http://{}/users", endpoint.address);
    let runtime = Runtime::new()?;

    let folder = tempfile::tempdir()?;
    let results = folder.path().join("results.jsonl");
    let fire = || {
        let rate = per_second(|| fire(&url, &results))?;
        // Removing them is no part of a run, nor is what a file system does before it replaces them.
        std::fs::remove_file(&results)?;
        Ok(rate)
    };
    let rounds = alternating(ROUNDS, || per_second(|| reqwest_loops(&url)), fire)?;
    println!("everything goes to {}", endpoint.name);
    println!("throughput at concurrency {CONCURRENCY}, each delivery recorded as JSON Lines");
    println!("  bare reqwest loop {:>9.0}/s", rounds.peer);
    println!("  fire              {:>9.0}/s   ratio {:.2} (goal: at least 0.9)", rounds.own, rounds.ratio);

    let (mut raw, mut bare, mut attempts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        raw.push(raw_socket(endpoint.address)?);
        bare.push(runtime.block_on(reqwest_one_by_one(&url))?);
        attempts.push(runtime.block_on(one_by_one(&url))?);
    }
    let (raw, bare, attempts) = (median(raw), median(bare), median(attempts));
    println!("one after the other on one connection");
    println!("  raw socket        {raw:>9.1} µs");
    println!("  bare reqwest      {bare:>9.1} µs   {:.1} µs more", bare - raw);
    println!("  attempt           {attempts:>9.1} µs   {:.1} µs more", attempts - raw);

    if let Some(program) = std::env::var_os("OHA") {
        against_oha(|| oha(program.as_ref(), &url), fire)?;
    }
    if let Some(program) = std::env::var_os("CURL") {
        against_curl(program.as_ref(), &url)?;
    }
    Ok(())
}

fn against_oha(oha: impl Fn() -> Result<(), Failure>, fire: impl Fn() -> Result<f64, Failure>) -> Result<(), Failure> {
    let rounds = alternating(ROUNDS, || per_second(&oha), fire)?;
    println!("throughput at concurrency {CONCURRENCY} against oha, its start included");
    println!("  oha               {:>9.0}/s", rounds.peer);
    println!("  fire              {:>9.0}/s   ratio {:.2} (goal: at least 0.6)", rounds.own, rounds.ratio);
    Ok(())
}

/// The whole program is timed: the form of its figures changes from version to version.
fn oha(program: &Path, url: &str) -> Result<(), Failure> {
    let (requests, concurrency) = (REQUESTS.to_string(), CONCURRENCY.to_string());
    succeeds(
        Command::new(program).args(["--no-tui", "-n", &requests, "-c", &concurrency, "-m", "POST", "-d", BODY]).args([
            "-H",
            "Content-Type: application/json",
            url,
        ]),
    )
}

/// Both send the same request to the same receiver, one process each.
fn against_curl(program: &Path, url: &str) -> Result<(), Failure> {
    let project = project(url)?;
    let fire = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookctl"));
        succeeds(command.current_dir(project.path()).args(["fire", "bench"]))
    };
    let curl = || {
        let mut command = Command::new(program);
        succeeds(command.args(["-sS", "--fail", "-H", "Content-Type: application/json", "--data", BODY, url]))
    };
    let millis = |run: &dyn Fn() -> Result<(), Failure>| -> Result<f64, Failure> {
        let started = Instant::now();
        run()?;
        Ok(started.elapsed().as_secs_f64() * 1e3)
    };
    let rounds = alternating(PROCESSES, || millis(&curl), || millis(&fire))?;
    println!("one request, from the start of the process to its end");
    println!("  curl              {:>9.1} ms", rounds.peer);
    println!("  hookctl fire      {:>9.1} ms   ratio {:.2} (goal: at most 1)", rounds.own, rounds.ratio);
    Ok(())
}

/// A script that sends [`BODY`], in a folder of its own.
fn project(url: &str) -> Result<tempfile::TempDir, Failure> {
    let folder = tempfile::tempdir()?;
    for below in ["scripts", "fixtures"] {
        std::fs::create_dir(folder.path().join(below))?;
    }
    // JSON is YAML too.
    let script = format!(
        "name: Bench\nuse_case: contact\nrequest:\n  method: POST\n  url: {url}\n  params: {BODY}\n  \
         headers: {{Content-Type: application/json}}\ntriggers: [{{event: contact.created}}]\n"
    );
    std::fs::write(folder.path().join("hookctl.yaml"), "{}\n")?;
    std::fs::write(folder.path().join("scripts/bench.yaml"), script)?;
    let event = r#"{"event": "contact.created", "contact": {"first_name": "Ann"}}"#;
    std::fs::write(folder.path().join("fixtures/contact.created.json"), event)?;
    Ok(folder)
}

fn succeeds(command: &mut Command) -> Result<(), Failure> {
    let output = command.stdin(Stdio::null()).output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

fn per_second(run: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let started = Instant::now();
    run()?;
    Ok(REQUESTS as f64 / started.elapsed().as_secs_f64())
}

/// Medians of rounds that took turns.
struct Rounds {
    peer: f64,
    own: f64,
    /// Of each round's own divided by its peer.
    ratio: f64,
}

fn alternating(
    rounds: usize,
    peer: impl Fn() -> Result<f64, Failure>,
    own: impl Fn() -> Result<f64, Failure>,
) -> Result<Rounds, Failure> {
    let (mut peers, mut owns, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (peer, own) = (peer()?, own()?);
        peers.push(peer);
        owns.push(own);
        ratios.push(own / peer);
    }
    Ok(Rounds { peer: median(peers), own: median(owns), ratio: median(ratios) })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn bare_client() -> Result<reqwest::Client, Failure> {
    Ok(reqwest::Client::builder().no_proxy().tls_backend_preconfigured(no_tls()?).build()?)
}

/// µs per request.
async fn reqwest_one_by_one(url: &str) -> Result<f64, Failure> {
    let client = bare_client()?;
    let exchange =
        async || client.post(url).header("Content-Type", "application/json").body(BODY).send().await?.bytes().await;
    exchange().await?;
    let started = Instant::now();
    for _ in 0..ONE_BY_ONE {
        exchange().await?;
    }
    Ok(micros(started))
}

/// The fastest way with reqwest: a thread for each processor, with its share of the connections.
fn reqwest_loops(url: &str) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    std::thread::scope(|scope| {
        let shares: Vec<_> = (0..threads).map(|_| scope.spawn(move || reqwest_loop(url, threads).is_ok())).collect();
        match shares.into_iter().all(|share| share.join().unwrap_or(false)) {
            true => Ok(()),
            false => Err("the reqwest loop failed".into()),
        }
    })
}

fn reqwest_loop(url: &str, threads: usize) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let work = LocalSet::new();
    let client = bare_client()?;
    let (connections, requests) = (CONCURRENCY / threads, REQUESTS / threads as u64);
    for _ in 0..connections {
        let (client, url) = (client.clone(), url.to_owned());
        work.spawn_local(async move {
            for _ in 0..requests / connections as u64 {
                let request = client.post(&url).header("Content-Type", "application/json").body(BODY);
                let _ = request.send().await?.bytes().await?;
            }
            Ok::<_, reqwest::Error>(())
        });
    }
    runtime.block_on(work);
    Ok(())
}

/// What is fired at.
struct Endpoint {
    name: &'static str,
    address: SocketAddr,
    /// It ends with these.
    _receiver: Option<(Runtime, Receiver)>,
    nginx: Option<(Child, tempfile::TempDir)>,
}

impl Endpoint {
    fn start() -> Result<Self, Failure> {
        match std::env::var_os("NGINX") {
            Some(program) => Self::nginx(program.as_ref()),
            None => Self::receiver(),
        }
    }

    /// It has threads of its own, so that it costs both sides of a comparison the same.
    fn receiver() -> Result<Self, Failure> {
        let serving = Runtime::new()?;
        let behaviour = Behaviour::parse("bench", "").map_err(|_| "the default behaviour")?;
        let routes = Routes::new(behaviour, Vec::new());
        let receiver = serving.block_on(receiver::start(([127, 0, 0, 1], 0).into(), routes, None))?;
        let address = receiver.address();
        Ok(Self { name: "a receiver in this process", address, _receiver: Some((serving, receiver)), nginx: None })
    }

    fn nginx(program: &Path) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let at = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind}; "))
            .concat();
        let config = format!(
            "worker_processes 1; daemon off; pid {at}/pid; error_log {at}/error.log; events {{ worker_connections 4096; }}\n\
             http {{ access_log off; keepalive_requests 1000000000; {temporary}\n\
             server {{ listen {address}; location / {{ return 200 ok; }} }} }}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), config)?;
        let child = Command::new(program).arg("-c").arg(folder.path().join("nginx.conf")).spawn()?;
        let endpoint = Self { name: "nginx, one worker", address, _receiver: None, nginx: Some((child, folder)) };
        for _ in 0..100 {
            if TcpStream::connect(address).is_ok() {
                return Ok(endpoint);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("nginx does not listen".into())
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if let Some((nginx, _)) = &mut self.nginx {
            // It stops its worker when it is asked, and not when it is killed.
            let asked = Command::new("kill").arg(nginx.id().to_string()).status();
            if asked.is_err() {
                let _ = nginx.kill();
            }
            let _ = nginx.wait();
        }
    }
}

fn no_tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = rustls::crypto::ring::default_provider();
    Ok(rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

fn client() -> Result<Client, Failure> {
    let options = ClientOptions { proxy: ProxyChoice::Direct, ..Default::default() };
    Client::new(options).map_err(|_| "no client".into())
}

fn outgoing(url: &str) -> Result<Outgoing, Failure> {
    let header = |name: &str, value: &str| Header {
        name: name.into(),
        value: value.into(),
        from: HeaderSource::Client,
        secret: false,
    };
    let request = Resolved {
        script: "bench".into(),
        name: "Bench".into(),
        path: "scripts/bench.yaml".into(),
        use_case: UseCase::Contact,
        method: "POST".into(),
        url: url.parse()?,
        params: Vec::new(),
        headers: vec![header("Accept", "*/*"), header("Content-Type", "application/json")],
        body: Some(Body { content_type: "application/json".into(), bytes: BODY.into() }),
        warnings: Vec::new(),
        assumed: Vec::new(),
        redactor: Redactor::default(),
        varies: false,
    };
    Outgoing::new(&request).map_err(|_| "no request".into())
}

fn fire(url: &str, results: &Path) -> Result<(), Failure> {
    let script = PreparedScript {
        id: "bench".into(),
        request: outgoing(url)?,
        expect: Expectation::default(),
        rerender: None,
        callback: None,
        redactor: Redactor::default(),
    };
    let rules = RunRules { policy: Policy::default(), regime: TimeoutRule::Fixed, load: LoadRate::IDLE, seed: 1 };
    let concurrency = NonZeroUsize::new(CONCURRENCY).ok_or("none at once")?;
    let volume = LoadProfile { repeat: REQUESTS, duration: None, concurrency, rate: None, throttle: false };
    let policy = PolicySnapshot::new(TimeoutRule::Fixed, LoadRate::IDLE, &Settings::default());
    let run = Run {
        policy,
        requests: Vec::new(),
        deliveries: REQUESTS,
        duration: None,
        concurrency: CONCURRENCY,
        fail_on: FailOn::default(),
    };
    let lines: Box<dyn OutputFormat> = Box::new(JsonLines::default());
    let report = Report::start(run.clone(), vec![(lines, Stream::open(Some(results), Growth::Followed)?)])?;
    let (_running, stop) = watch::channel(false);
    let runner = Runner::new(client()?, vec![script], rules, volume, Box::new(|_| {}));
    let mut session = Session::new(run, None);
    let mut recorder = Recorder(report);
    session.run(runner.ready(&stop).map_err(|_| "no threads")?, &mut recorder)?;
    recorder.0.finish(session.tally())?;
    Ok(())
}

/// Writes the results, as the command does.
struct Recorder(Report);

impl Observer for Recorder {
    fn ended(&mut self, deliveries: &[Delivery]) -> std::io::Result<()> {
        self.0.deliveries(deliveries)
    }

    fn frame(&mut self, _: &Tally) {}

    fn is_abandoned(&self) -> bool {
        false
    }
}

/// µs per request.
async fn one_by_one(url: &str) -> Result<f64, Failure> {
    let (client, request) = (client()?, outgoing(url)?);
    let mut deadline = Deadline::new();
    client.attempt(&request, Duration::from_secs(10), 5, &mut deadline).await;
    let started = Instant::now();
    for _ in 0..ONE_BY_ONE {
        client.attempt(&request, Duration::from_secs(10), 5, &mut deadline).await;
    }
    Ok(micros(started))
}

/// µs per request.
fn raw_socket(address: SocketAddr) -> Result<f64, Failure> {
    let length = BODY.len();
    let request = format!(
        "POST /users HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{BODY}"
    );
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    let mut exchange = || -> std::io::Result<()> {
        stream.write_all(request.as_bytes())?;
        let mut read = 0;
        // The receiver's default answer is short and ends in `ok`.
        while !buffer.get(..read).is_some_and(|bytes| bytes.ends_with(b"\r\n\r\nok")) {
            match stream.read(buffer.get_mut(read..).unwrap_or_default())? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                n => read += n,
            }
        }
        Ok(())
    };
    exchange()?;
    let started = Instant::now();
    for _ in 0..ONE_BY_ONE {
        exchange()?;
    }
    Ok(micros(started))
}

fn micros(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / f64::from(ONE_BY_ONE)
}
