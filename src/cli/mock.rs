//! `hookctl mock`: a receiver to point scripts at.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;

use clap::ValueEnum;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Exit, Interrupts};
use crate::diagnostic::{Diagnostic, Problems};
use crate::receiver::{self, Behaviour, Received, Route, Routes};
use crate::report;
use crate::text::quantity;
use crate::threads;

/// The default address and port.
const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
const PORT: u16 = 8787;

const BEHAVIOURS: &str = "\
A behaviour is `key=value`, separated by `;` (write `\\;` for a semicolon in a value):
  delay=6s, delay=1s..9s  wait before answering; random within a range
  status=500,500,200      answer with these in turn, then repeat the last [200]
  body=TEXT               answer with this body [ok]
  body-delay=2s           send the head at once, and the body later
  hang                    never answer
  reset                   close the connection with a reset
  fail-rate=0.2           this share of requests fails: with `hang` or `reset`
                          if given, otherwise with a 500
  seed=7                  draw the same delays and failures in every run
  token=SECRET            401 without `Authorization: Bearer SECRET` or
                          `?token=SECRET`

Examples:
  hookctl mock --behaviour 'delay=6s'
  hookctl mock --behaviour status=500,500,200 \\
      --route '/slow/*: delay=8s..12s;seed=7'
  hookctl mock --listen 8941 --format json

Exit codes:
  2    usage, or an address that can't be listened on
  130  stopped: Ctrl-C, SIGTERM, SIGHUP or SIGQUIT";

/// Run a local receiver to point scripts at
#[derive(Debug, clap::Args)]
#[command(after_help = BEHAVIOURS)]
pub(super) struct Args {
    /// Where to listen: a port, an address or both; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    listen: String,
    /// Allow an address that other machines can reach
    #[arg(long)]
    expose: bool,
    /// How requests are answered (see below)
    #[arg(long, alias = "behavior", value_name = "SPEC", default_value = "", hide_default_value = true)]
    behaviour: String,
    /// How requests to one path are answered (`/users/*`: everything below it); the first match applies
    #[arg(long = "route", value_name = "PATH: SPEC")]
    routes: Vec<String>,
    /// How each request is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line per request
    Text,
    /// One JSON object per line; the first has the address
    Json,
}

/// Serves until Ctrl-C or another signal to end.
pub(super) fn run(args: &Args) -> Result<Exit, Problems> {
    let (listen, routes) = read(args)?;
    let interrupts = Interrupts::listen()?;
    let runtime = threads::runtime().map_err(|error| threads::refused(&error))?;
    let (log, received) = unbounded_channel();
    let printer = runtime.block_on(async {
        let receiver = receiver::start(listen, routes, Some(log)).await.map_err(|error| refused(listen, &error))?;
        let url = receiver.url();
        let format = args.format;
        let printer = thread::Builder::new().spawn(move || print(&url, format, received));
        let printer = printer.map_err(|error| threads::refused(&error))?;
        // An error would mean that the watcher has ended, which also ends the receiver.
        let _ = interrupts.stop().wait_for(|stop| *stop).await;
        Ok::<_, Problems>(printer)
    })?;
    // Ends the requests in flight; the printer ends after it has printed the last of them.
    drop(runtime);
    if let Ok(count) = printer.join() {
        let _ = writeln!(io::stderr(), "{} received", quantity::count(count as u64, "request"));
    }
    Ok(Exit::Interrupted)
}

/// Parses the arguments; the error lists everything that is wrong with them.
fn read(args: &Args) -> Result<(SocketAddr, Routes), Problems> {
    let mut problems = Vec::new();
    let mut keep = |result: Problems| problems.extend(result.0);
    let listen = address(&args.listen, args.expose).map_err(|problem| keep(problem.into())).ok();
    let behaviour = Behaviour::parse("--behaviour", &args.behaviour).map_err(&mut keep).ok();
    let mut routes: Vec<Route> = Vec::new();
    for text in &args.routes {
        match Route::parse("--route", text) {
            Ok(route) if routes.iter().any(|known| known.path == route.path) => {
                let message = format!("there are two routes for `{}`", route.path);
                keep(Diagnostic::error(message).help("the first would always answer: remove one of them").into());
            }
            Ok(route) => routes.push(route),
            Err(found) => keep(found),
        }
    }
    match (listen, behaviour) {
        (Some(listen), Some(behaviour)) if problems.is_empty() => Ok((listen, Routes::new(behaviour, routes))),
        _ => Err(Problems(problems)),
    }
}

fn address(text: &str, expose: bool) -> Result<SocketAddr, Diagnostic> {
    let address = socket(text.trim()).ok_or_else(|| {
        let error = Diagnostic::error(format!("`{text}` is not an address to listen on"));
        let bare = text.trim().trim_start_matches("http://").trim_start_matches("https://").trim_end_matches('/');
        let port = text.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_err());
        match (socket(bare), port.filter(|port| port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty())) {
            (Some(_), _) => error.help(format!("write `--listen {bare}`")),
            (None, Some(port)) => error.help(format!("`{port}` is not a port: ports go from 0 (any free one) to 65535")),
            (None, None) => error.help(
                "write a port, an IP address, or both, such as `--listen 8787`, `--listen 127.0.0.1:8787` or `--listen [::1]:0`",
            ),
        }
    })?;
    if address.ip().is_loopback() || expose {
        return Ok(address);
    }
    Err(Diagnostic::error(format!("other machines could reach `{text}`"))
        .help("listen on `127.0.0.1`, or add `--expose` if that is what you want"))
}

/// An address and a port; whichever is missing is the default: 127.0.0.1, 8787. `localhost` is 127.0.0.1.
fn socket(text: &str) -> Option<SocketAddr> {
    let text = text.strip_prefix("localhost").map_or_else(|| text.to_owned(), |rest| format!("{LOOPBACK}{rest}"));
    let port = text.strip_prefix(':').unwrap_or(&text).parse::<u16>();
    let alone = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match (text.parse::<SocketAddr>(), port, alone) {
        (Ok(address), _, _) => Some(address),
        (_, Ok(port), _) => Some(SocketAddr::new(LOOPBACK.into(), port)),
        (_, _, Ok(address)) => Some(SocketAddr::new(address, PORT)),
        _ => None,
    }
}

fn refused(listen: SocketAddr, error: &io::Error) -> Problems {
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => "it is already in use".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        io::ErrorKind::PermissionDenied => "the system does not allow it".to_owned(),
        _ => error.to_string(),
    };
    let free = SocketAddr::new(listen.ip(), 0);
    Diagnostic::error(format!("can't listen on {listen}: {why}"))
        .help(format!("choose another port, or let the system choose: `--listen {free}`"))
        .into()
}

/// Prints the address, then each request; returns their number. The receiver keeps running if its output is closed.
fn print(url: &str, format: Format, mut received: UnboundedReceiver<Received>) -> usize {
    let first = match format {
        Format::Text => url.to_owned(),
        Format::Json => report::mock::json_address(url),
    };
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{first}").and_then(|()| stdout.flush());
    let mut count = 0;
    let mut batch = Vec::new();
    // Writes all pending lines at once: one write per line would slow the receiver down under load.
    while received.blocking_recv_many(&mut batch, 1000) > 0 {
        count += batch.len();
        let line = |request: Received| match format {
            Format::Text => report::mock::text(&request) + "\n",
            Format::Json => report::mock::json(&request) + "\n",
        };
        let lines: String = batch.drain(..).map(line).collect();
        let _ = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_the_spellings_that_people_try() {
        for (text, listens) in [
            ("127.0.0.1:8787", "127.0.0.1:8787"),
            ("8941", "127.0.0.1:8941"),
            (":8941", "127.0.0.1:8941"),
            ("localhost", "127.0.0.1:8787"),
            ("localhost:0", "127.0.0.1:0"),
            ("127.0.0.2", "127.0.0.2:8787"),
            ("[::1]:0", "[::1]:0"),
            ("::1", "[::1]:8787"),
        ] {
            let address = address(text, false).map(|address| address.to_string());
            assert_eq!(address.map_err(|error| error.message), Ok(listens.to_owned()), "{text}");
        }
        for (text, help) in [
            ("http://127.0.0.1:8941/", "write `--listen 127.0.0.1:8941`"),
            ("localhost:99999", "`99999` is not a port"),
            ("example.com:80", "such as `--listen 8787`"),
            ("", "such as `--listen 8787`"),
            ("0.0.0.0", "--expose"),
        ] {
            let error = address(text, false).expect_err(text);
            assert!(error.help[0].contains(help), "{text}: {error:?}");
        }
    }
}
