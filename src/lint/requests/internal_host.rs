//! HK203

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::Internal;
use crate::span::Span;

/// A host that production can't, or must not, reach.
pub(super) static RULE: Rule = Rule {
    id: "HK203",
    name: "internal-host",
    level: Level::Warning,
    summary: "a loopback, private, link-local or metadata address, in any spelling",
    what: "Reports a URL with an address or name that only has meaning within one machine or network. Addresses are recognized in \
           every spelling that resolvers accept: decimal, octal and hexadecimal, shortened, embedded in IPv6, with a trailing dot, in \
           full-width letters or punycode.",
    why: "The platform sends the request from its own network. There, `localhost` is the platform's machine and `10.0.0.5` is someone \
          else's server, or nobody's: the request fails, or data goes where it should not.",
    example: Some("request:\n  method: POST\n  url: https://192.168.1.20/hooks\n"),
    instead: Some("request:\n  method: POST\n  url: https://hooks.example.com/hooks\n"),
    fixable: false,
    basis: Basis::Assumed,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let (Some(url), Some(parts)) = (&context.script.request.url, &context.url_parts) else { return };
    let Some(internal) = parts.internal() else { return };
    let what = match internal {
        Internal::Loopback => "the machine that sends the request",
        Internal::LeadsToLoopback => "another name for the machine that sends the request",
        Internal::Private => "a private network address",
        Internal::LinkLocal => "a link-local address",
        Internal::Metadata => "a cloud provider's metadata service, which hands out credentials",
        Internal::Special => "not a reachable address",
        Internal::InternalName => "a name that only an internal resolver knows",
    };
    let host = parts.part(&parts.host);
    let finding = reporter.in_text(url, Span::new(parts.host.start, parts.host.end), format!("`{host}` is {what}"));
    finding.label("means something else in production");
    if matches!(internal, Internal::Loopback | Internal::LeadsToLoopback) {
        finding.help("to try the script locally, keep the public host here and redirect it with `hookctl fire --to`");
    } else {
        finding.help("use a host that the platform can reach");
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn every_spelling_is_found_and_public_hosts_are_not() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "app.localhost",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0x7f.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[0:0:0:0:0:ffff:7f00:1]",
            "10.0.0.1",
            "10.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "0xc0.0xa8.0.1",
            "3232235521",
            "100.64.0.1",
            "[fd00::1]",
            "[fe80::1]",
            "169.254.1.1",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[fd00:ec2::254]",
            "metadata.google.internal",
            "0.0.0.0",
            "[::]",
            "printer",
            "db.internal",
            "nas.local",
            "１２７.0.0.1",
            "127。0。0。1",
            "127.0.0.1.nip.io",
            "10-0-0-1.sslip.io",
            "{{ env.TENANT }}.crm.internal",
            "[fe80::1%25eth0]",
        ] {
            let script = format!("request:\n  method: GET\n  url: https://{host}:8443/x\n");
            assert_eq!(places("HK203", &script), [host]);
        }
        for host in [
            "api.example.com",
            "8.8.8.8",
            "172.32.0.1",
            "11.0.0.1",
            "169.253.1.1",
            "[2606:4700::1111]",
            "localhost.example.com",
            "{{ env.HOST }}",
            "10.{{ env.NET }}.0.1",
            "8.8.8.8.nip.io",
            "internal.example.com",
            "bücher.example",
            "134744072",
        ] {
            let script = format!("request:\n  method: GET\n  url: https://{host}/x\n");
            assert!(places("HK203", &script).is_empty(), "{host}");
        }
    }
}
