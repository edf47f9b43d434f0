//! The vocabulary of HTTP, each fact once: header names and who manages them, methods, statuses, media types, hosts, URLs. What
//! lint reads is what render shows and fire sends, because all of them ask here. Opens no socket.

pub mod header;
mod host;
pub mod media_type;
pub mod method;
mod status;
mod token;
mod url;

pub use host::{Host, Internal, is_localhost, is_loopback};
pub use status::StatusPattern;
pub use token::{is_token, is_token_char};
pub use url::{UrlTemplate, placeholders};
