//! Script + event → the exact request, and its forms (Postman-like view, curl, http, HAR). Opens no socket.

mod assumed;
mod body;
mod fired;
mod headers;
mod placeholders;
mod resolve;
mod response;
mod secrecy;
mod target;

use crate::encoding::BodyEncoding;
use crate::script::ParamsIn;
use crate::secret::Redactor;

pub use fired::{fired, not_fired};
pub use placeholders::diagnostic;
pub use resolve::{callback, resolve, resolve_all, resolve_for};
pub use response::response;

/// Looks up an environment variable, or none that is set.
pub type Env<'e> = dyn Fn(&str) -> Option<String> + 'e;

/// How to resolve.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How to render; the seed also decides a multipart boundary.
    pub template: hookctl_twig::Options,
    /// How params become a body.
    pub encoding: BodyEncoding,
    /// Secrets may be shown.
    pub reveal: bool,
    /// The file that should have environment variables and is not there, for messages.
    pub missing_env_file: Option<String>,
}

/// A request resolved to the byte: what `render` shows is exactly what `fire` sends. Holds secrets: whatever is printed
/// of it, or of what comes back for it, goes through its [`redactor`](Resolved::redactor).
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The script's id.
    pub script: String,
    /// The script's `name`.
    pub name: String,
    /// The script file's path as messages call it.
    pub path: String,
    /// `contact`, …
    pub use_case: crate::event::UseCase,
    /// In capitals.
    pub method: String,
    /// Absolute, percent-encoded, with the query; without credentials and fragment.
    pub url: url::Url,
    /// Enabled params, in order.
    pub params: Vec<Param>,
    /// Every header, in the order sent: `Host` and `Content-Length` are among them, and nothing is to be added.
    pub headers: Vec<Header>,
    /// None where there is no body.
    pub body: Option<Body>,
    /// Warnings, about blanks that were sent and the like.
    pub warnings: Vec<String>,
    /// The unpublished assumptions that shaped the request, a phrase each.
    pub assumed: Vec<String>,
    /// Knows every secret that went into the request; the empty one under `--reveal`.
    pub redactor: Redactor,
    /// A template read the clock or drew a random number, so the next trigger's request may differ.
    pub varies: bool,
}

/// One param.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name.
    pub name: String,
    /// As written in the script.
    pub template: String,
    /// As rendered.
    pub value: String,
    /// Where it goes.
    pub place: ParamsIn,
}

/// One header.
#[derive(Debug, Clone)]
pub struct Header {
    /// Name.
    pub name: String,
    /// UTF-8 text; sent as these bytes.
    pub value: String,
    /// Who put it there.
    pub from: HeaderSource,
    /// A credential: its value comes from `env.*`.
    pub secret: bool,
}

/// Who put a header there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeaderSource {
    /// The script.
    Script,
    /// hookctl's client, as production's would.
    Client,
}

impl Resolved {
    /// The warnings, each with the file that it is about.
    pub fn located_warnings(&self) -> impl Iterator<Item = String> {
        self.warnings.iter().map(|warning| match warning.starts_with(&self.path) {
            true => warning.clone(),
            false => format!("{}: {warning}", self.path),
        })
    }

    /// Path and query, as the request line has them.
    pub fn path_and_query(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

/// The body.
#[derive(Debug, Clone)]
pub struct Body {
    /// The `Content-Type` that goes out with it.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

#[cfg(test)]
mod tests;
