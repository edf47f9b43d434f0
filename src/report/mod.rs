//! Every output of every kind of result, one file a format. Computes no verdicts.

pub mod diagnostic;
pub mod findings;
pub mod fire;
mod junit;
pub mod limits;
pub mod mock;
pub mod plot;
pub mod printable;
pub mod request;
pub mod rules;
pub mod simulate;
pub mod stream;
