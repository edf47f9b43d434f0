//! The vocabulary of HTTP, each fact once: header names and who manages them, methods, statuses, media types, hosts, URLs. What
//! lint reads is what render shows and fire sends, because all of them ask here. Opens no socket.

pub mod header;
mod host;
pub mod media_type;
pub mod method;
mod status;
mod token;
mod url;

/// What the client calls itself.
pub const USER_AGENT: &str = concat!("hookctl/", env!("CARGO_PKG_VERSION"));

pub use host::{Host, Internal, is_localhost, is_loopback};
pub use status::StatusPattern;
pub use token::{is_token, is_token_char};
pub use url::{LONGEST_URL, UrlTemplate, authority, placeholders};
