//! Headers: the script's own, and those that the client adds.

use super::{Header, HeaderSource};

/// The headers of a request, in the order sent.
#[derive(Debug, Default)]
pub(super) struct Headers(pub(super) Vec<Header>);

impl Headers {
    /// The first value of that name.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Header> {
        self.0.iter_mut().find(|header| header.name.eq_ignore_ascii_case(name))
    }

    /// A header of the script.
    /// Behind the last one of its name, where the client sends it.
    pub(super) fn script(&mut self, name: &str, value: String, secret: bool) {
        let last = self.0.iter().rposition(|header| header.name.eq_ignore_ascii_case(name));
        let header = Header { name: name.to_string(), value, from: HeaderSource::Script, secret };
        self.0.insert(last.map_or(self.0.len(), |last| last + 1), header);
    }

    /// A header of the client, where the script has none of that name.
    pub(super) fn client(&mut self, name: &str, value: impl Into<String>) {
        if self.get_mut(name).is_none() {
            let (name, value) = (name.to_string(), value.into());
            self.0.push(Header { name, value, from: HeaderSource::Client, secret: false });
        }
    }

    /// `Host` first, as every client sends it.
    pub(super) fn host(&mut self, host: &str) {
        self.client("Host", host);
        if let Some(at) = self.0.iter().position(|header| header.name.eq_ignore_ascii_case("host")) {
            self.0[..=at].rotate_right(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_goes_before_the_client() {
        let mut headers = Headers::default();
        headers.script("accept", "text/html".into(), false);
        headers.script("X-Id", "1".into(), true);
        headers.script("ACCEPT", "text/plain".into(), false);
        headers.client("Accept", "*/*");
        headers.client("User-Agent", "x");
        headers.host("h:1");
        let names: Vec<_> = headers.0.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect();
        assert_eq!(
            names,
            [("Host", "h:1"), ("accept", "text/html"), ("ACCEPT", "text/plain"), ("X-Id", "1"), ("User-Agent", "x"),]
        );
    }
}
