//! The addresses of a host: by `--resolve`, by the rule that `localhost` is this machine, or by the system's resolver.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};
use url::Host;

use super::trace::Trace;
use super::words::reason;
use crate::delivery::ResolveOverride;
use crate::http::is_localhost;

/// How many names are resolved at a time, each in its own thread: the system's resolver blocks for seconds if no DNS server
/// answers, even after the attempt has ended.
const LOOKUPS: usize = 64;

/// Finds addresses.
#[derive(Debug)]
pub(super) struct Resolver {
    overrides: HashMap<(String, u16), IpAddr>,
    lookups: Arc<Semaphore>,
}

impl Resolver {
    /// The system's resolver, but for these.
    pub(super) fn new(overrides: &[ResolveOverride]) -> Self {
        let entry = |o: &ResolveOverride| ((bare(&o.host), o.port), o.address);
        Self { overrides: overrides.iter().map(entry).collect(), lookups: Arc::new(Semaphore::new(LOOKUPS)) }
    }

    /// The addresses of a host, in the order in which they should be tried.
    ///
    /// # Errors
    /// Why there are none, after "can't resolve the host `name`: ".
    pub(super) async fn addresses(
        &self,
        host: &Host<String>,
        port: u16,
        trace: &Trace,
    ) -> Result<Vec<SocketAddr>, String> {
        let name = match host {
            Host::Ipv4(address) => return Ok(vec![SocketAddr::new((*address).into(), port)]),
            Host::Ipv6(address) => return Ok(vec![SocketAddr::new((*address).into(), port)]),
            Host::Domain(name) => bare(name),
        };
        if let Some(address) = self.overrides.get(&(name.clone(), port)) {
            return Ok(vec![SocketAddr::new(*address, port)]);
        }
        if is_localhost(&name) {
            let loopback: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
            return Ok(loopback.map(|address| SocketAddr::new(address, port)).into());
        }
        trace.dns_started(&name);
        let addresses = self.look_up(name, port).await?;
        trace.dns_ended();
        if addresses.is_empty() { Err("it has no address".into()) } else { Ok(addresses) }
    }

    async fn look_up(&self, name: String, port: u16) -> Result<Vec<SocketAddr>, String> {
        let permit = Arc::clone(&self.lookups).acquire_owned().await.map_err(|error| error.to_string())?;
        let (answer, answered) = oneshot::channel();
        // Not tokio's spawn, which panics if no thread can be started.
        let thread = std::thread::Builder::new().name("resolver".into()).spawn(move || {
            let found: io::Result<Vec<SocketAddr>> = (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
            drop(permit);
            // Nobody may be waiting any more.
            let _ = answer.send(found);
        });
        thread.map_err(|error| no_thread(&error))?;
        match answered.await {
            Ok(found) => found.map_err(|error| reason(&error)),
            Err(_) => Err("the resolver gave no answer".into()),
        }
    }
}

fn no_thread(error: &io::Error) -> String {
    let help = "raise the limit of processes (`ulimit -u`, or the container's), or lower --concurrency";
    format!("can't start a thread for it: {}; {help}", reason(error))
}

/// A host name in lower case, without the root's dot.
fn bare(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(resolver: &Resolver, host: &str) -> (Result<Vec<String>, String>, bool) {
        let trace = Trace::default();
        let host = Host::parse(host).expect("a host");
        let found = resolver.addresses(&host, 80, &trace).await;
        let asked = trace.marks().pending("h").is_some() || trace.marks().dns().is_some();
        (found.map(|addresses| addresses.iter().map(ToString::to_string).collect()), asked)
    }

    #[tokio::test]
    async fn this_machine_without_asking() {
        let resolver = Resolver::new(&[]);
        for host in ["localhost", "LOCALHOST", "localhost.", "shop.localhost", "a.b.localhost."] {
            assert_eq!(
                found(&resolver, host).await,
                (Ok(vec!["[::1]:80".into(), "127.0.0.1:80".into()]), false),
                "{host}"
            );
        }
    }

    #[tokio::test]
    async fn addresses_and_overrides_without_asking() {
        let resolver = Resolver::new(&[
            "api.example.com:80:10.0.0.1".parse().expect("an override"),
            "shop.localhost:80:10.0.0.2".parse().expect("an override"),
            "api.example.com:81:10.0.0.3".parse().expect("an override"),
        ]);
        for (host, address) in [
            ("1.2.3.4", "1.2.3.4:80"),
            ("[::1]", "[::1]:80"),
            ("API.example.com", "10.0.0.1:80"),
            ("api.example.com.", "10.0.0.1:80"),
            ("shop.localhost", "10.0.0.2:80"),
        ] {
            assert_eq!(found(&resolver, host).await, (Ok(vec![address.into()]), false), "{host}");
        }
    }

    #[tokio::test]
    async fn a_name_that_is_none() {
        let (none, asked) = found(&Resolver::new(&[]), "nothing.invalid").await;
        let why = none.expect_err("no such host");
        assert!(asked && !why.is_empty() && !why.contains("lookup") && !why.contains("os error"), "{why}");
    }

    #[test]
    fn names_that_only_look_like_this_machine() {
        for name in ["notlocalhost", "localhost.example.com", "localhostx", "local"] {
            assert!(!is_localhost(name), "{name}");
        }
    }
}
