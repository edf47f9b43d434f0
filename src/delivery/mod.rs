//! Attempts in real time under a policy: a resolved request in, deliveries with every attempt out. Decides no looks.

mod result;

pub use result::*;
