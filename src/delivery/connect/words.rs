//! Messages about connections that could not be made.

use std::io;
use std::net::SocketAddr;

use crate::threads::is_out_of_files;

/// How many addresses are listed; the rest is counted.
const NAMED: usize = 6;

/// An address that was tried, and how it failed.
pub(super) type Tried = (SocketAddr, io::Error);

/// Why no connection to `to` (`host:port`) could be made.
pub(super) fn not_connected(to: &str, tried: &[Tried]) -> String {
    if let Some((_, error)) = tried.iter().find(|(_, error)| is_out_of_files(error)) {
        return no_socket_left(to, error);
    }
    if let Some((_, error)) = tried.iter().find(|(address, error)| is_out_of_ports(*address, error)) {
        let help = "a closed connection holds its port for a minute: lower --rate, or keep connections open";
        return format!("no local port is left to connect to {to}: {}; {help}", reason(error));
    }
    let reasons: Vec<String> = tried.iter().map(|(_, error)| reason(error)).collect();
    match reasons.split_first() {
        None => format!("can't connect to {to}: it has no address"),
        Some((first, rest)) if rest.iter().all(|reason| reason == first) => {
            let addresses: Vec<_> = tried.iter().map(|(address, _)| *address).collect();
            format!("can't connect to {to}{}: {first}", beside(to, &addresses))
        }
        Some(_) => {
            let each = tried.iter().zip(&reasons).map(|((address, _), reason)| format!("{address}: {reason}"));
            format!("can't connect to {to}: {}", counted(each.collect(), "; ", "; "))
        }
    }
}

/// Why no connection to a Unix socket could be made.
#[cfg(unix)]
pub(super) fn no_unix_socket(to: &str, error: &io::Error) -> String {
    if is_out_of_files(error) { no_socket_left(to, error) } else { format!("can't connect to {to}: {}", reason(error)) }
}

fn no_socket_left(to: &str, error: &io::Error) -> String {
    let help = "raise the limit of open files (`ulimit -n`), or lower --concurrency";
    format!("no socket is left to connect to {to}: {}; {help}", reason(error))
}

/// ` (1.2.3.4:443 and [::1]:443)`, where that says more than the name does.
pub(super) fn beside(name: &str, addresses: &[SocketAddr]) -> String {
    let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    match shown.as_slice() {
        [] => String::new(),
        [only] if name.ends_with(only) => String::new(),
        _ => format!(" ({})", counted(shown, ", ", " and ")),
    }
}

/// The first few of them, with how many more there are.
fn counted(mut texts: Vec<String>, between: &str, last: &str) -> String {
    let more = texts.len().saturating_sub(NAMED);
    texts.truncate(NAMED);
    let end = if more > 0 { Some(format!("{more} more")) } else { texts.pop() };
    match (texts.is_empty(), end) {
        (false, Some(end)) => format!("{}{last}{end}", texts.join(between)),
        (_, end) => end.unwrap_or_default(),
    }
}

/// An I/O error in the system's own words, without the number.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.strip_prefix("failed to lookup address information: ").unwrap_or(text).to_owned()
}

/// No local port is left for a connection to that address. For IPv6 the same error says that there is no IPv6 here.
fn is_out_of_ports(address: SocketAddr, error: &io::Error) -> bool {
    address.is_ipv4() && error.kind() == io::ErrorKind::AddrNotAvailable
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind::{AddrNotAvailable, ConnectionRefused, NetworkUnreachable};

    use super::*;

    fn tried(address: &str, error: impl Into<io::Error>) -> Tried {
        (address.parse().expect("an address"), error.into())
    }

    #[test]
    fn addresses_and_reasons() {
        let both = [tried("[::1]:9", ConnectionRefused), tried("127.0.0.1:9", ConnectionRefused)];
        assert_eq!(
            not_connected("localhost:9", &both),
            "can't connect to localhost:9 ([::1]:9 and 127.0.0.1:9): connection refused"
        );
        let different = [tried("[::1]:9", NetworkUnreachable), tried("127.0.0.1:9", ConnectionRefused)];
        assert_eq!(
            not_connected("localhost:9", &different),
            "can't connect to localhost:9: [::1]:9: network unreachable; 127.0.0.1:9: connection refused"
        );
        assert_eq!(not_connected("127.0.0.1:9", &both[1..]), "can't connect to 127.0.0.1:9: connection refused");
        let many: Vec<_> = (1..=9).map(|n| tried(&format!("1.2.3.{n}:9"), ConnectionRefused)).collect();
        assert_eq!(
            not_connected("h:9", &many),
            "can't connect to h:9 (1.2.3.1:9, 1.2.3.2:9, 1.2.3.3:9, 1.2.3.4:9, 1.2.3.5:9, 1.2.3.6:9 and 3 more): connection refused"
        );
    }

    #[test]
    fn no_socket_left() {
        let message = not_connected("h:9", &[tried("1.2.3.4:9", io::Error::from_raw_os_error(24))]);
        assert!(message.starts_with("no socket is left to connect to h:9: "), "{message}");
        assert!(
            message.ends_with("; raise the limit of open files (`ulimit -n`), or lower --concurrency"),
            "{message}"
        );
        assert!(!message.contains("os error"));
    }

    #[test]
    fn no_port_left_and_no_ipv6() {
        let both = [tried("[::1]:9", AddrNotAvailable), tried("127.0.0.1:9", AddrNotAvailable)];
        let message = not_connected("localhost:9", &both);
        assert!(message.starts_with("no local port is left to connect to localhost:9: "), "{message}");
        assert!(message.contains("lower --rate"), "{message}");
        let message = not_connected("[::1]:9", &both[..1]);
        assert_eq!(message, "can't connect to [::1]:9: address not available");
    }
}
