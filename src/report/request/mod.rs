//! The forms of a resolved request, one file a format. Secrets are taken out of each.

pub mod curl;
pub mod har;
pub mod http;
pub mod json;
pub mod text;

#[cfg(test)]
mod sample;
