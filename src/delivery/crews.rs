//! The threads that deliveries run on.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use super::client::Client;
use crate::diagnostic::Diagnostic;

/// Threads of a crew. A server that sends without end keeps one of them busy for as long as it is read from, so that there
/// are others to read from its neighbours and to end it by its limit.
const THREADS: usize = 4;

/// Each crew is nudged that often.
const NUDGE: Duration = Duration::from_millis(10);

/// A crew for each processor, with connections of its own: to hand a request from one processor to another costs more than all
/// else that is done for it here.
#[derive(Debug)]
pub struct Crews(Vec<Crew>);

#[derive(Debug)]
struct Crew {
    client: Arc<Client>,
    runtime: Runtime,
}

impl Crews {
    /// As many as there are processors, and workers for.
    ///
    /// # Errors
    /// The system gives no more threads or files.
    pub fn new(client: &Client, workers: usize) -> Result<Self, Diagnostic> {
        let count = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(workers);
        let crew = |_| {
            let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
            Ok(Crew { client: Arc::new(client.twin()?), runtime: runtime.map_err(|error| refused(&error))? })
        };
        (0..count).map(crew).collect::<Result<_, _>>().map(Self)
    }

    /// Starts so many workers, spread over the crews, each with its crew's client. They go on by themselves.
    ///
    /// # Errors
    /// The system gives no more threads; then none has started.
    pub fn start<W>(self, workers: usize, worker: impl Fn(Arc<Client>) -> W + Send + 'static) -> Result<(), Diagnostic>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let work = move || {
            let mut working = JoinSet::new();
            for crew in self.0.iter().cycle().take(workers) {
                working.spawn_on(worker(Arc::clone(&crew.client)), crew.runtime.handle());
            }
            // With what it holds: the channel that the workers report to ends with the last of them.
            drop(worker);
            self.keep_awake_until_all_end(working);
        };
        std::thread::Builder::new().spawn(work).map(|_| ()).map_err(|error| refused(&error))
    }

    /// The thread that waits for sockets keeps the time, too; where what it has found keeps it busy, the others sleep on. A nudge
    /// from outside wakes one of them, which waits in its place.
    fn keep_awake_until_all_end(&self, mut working: JoinSet<()>) {
        while !working.is_empty() {
            std::thread::sleep(NUDGE);
            for crew in &self.0 {
                crew.runtime.spawn(std::future::ready(()));
            }
            while working.try_join_next().is_some() {}
        }
    }
}

fn refused(error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("can't start: {error}"))
}
