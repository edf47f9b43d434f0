//! Script + event → the exact request, and its forms (Postman-like view, curl, http, HAR). Opens no socket.

use crate::script::ParamsIn;

/// A request resolved to the byte: what `render` shows is exactly what `fire` sends.
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
    /// Absolute, percent-encoded, with the query.
    pub url: url::Url,
    /// Enabled params, in order.
    pub params: Vec<Param>,
    /// In the order sent.
    pub headers: Vec<Header>,
    /// None where there is no body.
    pub body: Option<Body>,
    /// Sentences about what went out blank, and the like.
    pub warnings: Vec<String>,
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

/// The body.
#[derive(Debug, Clone)]
pub struct Body {
    /// The `Content-Type` that goes out with it.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}
