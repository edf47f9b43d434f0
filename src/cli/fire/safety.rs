//! Asks before many deliveries are fired at another machine.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};

use url::Url;

use super::VolumeFlags;
use crate::diagnostic::{Diagnostic, Problems};
use crate::http::is_loopback;
use crate::text::duration::show;

/// If more than one delivery would go to another machine: asks on a terminal, refuses without one.
pub(super) fn confirm<'a>(targets: impl Iterator<Item = &'a Url>, volume: &VolumeFlags) -> Result<(), Problems> {
    let mut hosts: BTreeMap<&str, u64> = BTreeMap::new();
    for url in targets.filter(|url| !is_loopback(url)) {
        let count = hosts.entry(url.host_str().unwrap_or_default()).or_default();
        *count = count.saturating_add(volume.most());
    }
    let deliveries = hosts.values().fold(0, |sum: u64, count| sum.saturating_add(*count));
    if deliveries <= 1 {
        return Ok(());
    }
    let what = match volume.duration.filter(|_| deliveries == u64::MAX) {
        Some(duration) => {
            let list: Vec<_> = hosts.keys().copied().collect();
            format!("for {}, deliveries would be fired at other machines: {}", show(duration), list.join(", "))
        }
        None => {
            let list: Vec<_> = hosts.iter().map(|(host, count)| format!("{count} at {host}")).collect();
            format!("{deliveries} deliveries would be fired at other machines: {}", list.join(", "))
        }
    };
    let refused = || {
        Diagnostic::error(what.clone()).help(
            "add `--yes` if the owners of these hosts expect it, or send them elsewhere with `--mock` or `--to URL`",
        )
    };
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(refused().into());
    }
    let mut stderr = io::stderr();
    let _ = write!(stderr, "{what}\nContinue? [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    match (read, answer.trim().to_ascii_lowercase().as_str()) {
        (Ok(_), "y" | "yes") => Ok(()),
        _ => Err(Diagnostic::error("nothing was fired").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_in_its_spellings() {
        for (url, local) in [
            ("http://127.0.0.1/", true),
            ("http://127.9.9.9:8080/", true),
            ("http://2130706433/", true),
            ("http://[::1]/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://LOCALHOST./", true),
            ("http://app.localhost/", true),
            ("http://lvh.me/", false),
            ("http://127.0.0.1.nip.io/", false),
            ("http://[64:ff9b::7f00:1]/", false),
            ("http://localhost.example.com/", false),
            ("http://10.0.0.1/", false),
            ("https://api.example.com/", false),
        ] {
            assert_eq!(is_loopback(&url.parse().expect(url)), local, "{url}");
        }
    }

    #[test]
    fn one_delivery_or_any_to_this_machine_is_nobodys_business() {
        let urls = |list: &[&str]| list.iter().map(|u| u.parse().expect("a URL")).collect::<Vec<Url>>();
        for (targets, repeat, allowed) in [
            (&["https://api.example.com/"][..], 1, true),
            (&["http://localhost/", "http://[::1]/"], 1000, true),
            (&["https://api.example.com/"], 2, false),
            (&["https://api.example.com/", "https://b.example.com/"], 1, false),
        ] {
            // Tests have no terminal to ask on.
            if !io::stdin().is_terminal() {
                let concurrency = std::num::NonZeroUsize::MIN;
                let volume = VolumeFlags { repeat: Some(repeat), duration: None, concurrency, rate: None };
                assert_eq!(confirm(urls(targets).iter(), &volume).is_ok(), allowed, "{targets:?} × {repeat}");
            }
        }
    }
}
