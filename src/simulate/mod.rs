//! The policy in virtual time: a scenario in, what would happen under the legacy wait and under the fixed limit out.
//!
//! For what can't be fired at a real system: hours of triggers, a loaded platform, scripts that cause each other. Limits,
//! retries and the trigger limit are the functions of `policy` that `fire` runs too. What a scenario adds on its own is
//! assumed, and said here:
//!
//! - An endpoint with `workers` answers that many requests at once and queues the others, first come, first served.
//! - It does not notice a timeout: every request that was sent is executed, even if the platform no longer waits for it.
//! - Both runs see the same triggers, and each attempt of the same trigger the same service time: only the rules differ.

mod answers;
mod arrivals;
mod figures;
mod load;
mod recorded;
mod run;
mod scenario;
pub(crate) mod spec;
mod timeline;
mod times;

pub(crate) use answers::{Answers, Service};
pub(crate) use arrivals::{Arrivals, Rate};
pub(crate) use figures::{Comparison, Figures, Outcome, OutcomeChange, Rules, ScriptFigures};
pub(crate) use load::LoadCurve;
pub(crate) use recorded::Recorded;
pub(crate) use run::simulate;
pub(crate) use scenario::{MOST_TRIGGERS, Scenario, ScriptModel};
pub(crate) use timeline::{Bucket, Timeline};
pub(crate) use times::TriggerTimes;
