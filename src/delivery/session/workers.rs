//! The threads that deliveries run on: one per processor, each with its own connections, because moving a request between
//! processors costs more than sending it.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Instant;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::delivery::client::Client;
use crate::diagnostic::Diagnostic;
use crate::threads;

/// Task polls between two checks of timers and sockets: enough to make the checks cheap, few enough that an endpoint that
/// floods its connection does not delay the limits of others.
const TURNS: u32 = 16;

/// Threads that wait for their start message. They end by themselves, also if none can come any more.
#[derive(Debug)]
pub(super) struct Workers {
    threads: Vec<mpsc::Sender<Begin>>,
    count: usize,
}

/// The start message: how many workers the thread runs, and the start time.
type Begin = (usize, Instant);

impl Workers {
    /// Prepares for `workers` workers, spread over as many threads as there are processors (or as the system allows), each with
    /// the client of its thread.
    ///
    /// # Errors
    /// The system refuses even one thread, or files.
    pub(super) fn ready<W>(
        client: &Client,
        count: usize,
        worker: impl Fn(Arc<Client>, Instant) -> W + Send + Sync + 'static,
    ) -> Result<Self, Diagnostic>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let worker = Arc::new(worker);
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let mut threads = Vec::new();
        for _ in 0..processors.min(count) {
            match thread(client.with_own_pool(), Arc::clone(&worker)) {
                Ok(thread) => threads.push(thread),
                Err(error) if threads.is_empty() => return Err(threads::refused(&error)),
                // The threads that could be started do all of the work.
                Err(_) => break,
            }
        }
        Ok(Self { threads, count })
    }

    /// Has them begin.
    pub(super) fn begin(self) {
        let now = Instant::now();
        for (index, thread) in self.threads.iter().enumerate() {
            // Fails only where the thread has ended, which it does not before it has heard this.
            let _ = thread.send((share(self.count, self.threads.len(), index), now));
        }
    }
}

/// A thread that waits for its start message.
fn thread<W>(
    client: Client,
    worker: Arc<impl Fn(Arc<Client>, Instant) -> W + Send + Sync + 'static>,
) -> io::Result<mpsc::Sender<Begin>>
where
    W: Future<Output = ()> + Send + 'static,
{
    let runtime = threads::current_thread(TURNS)?;
    let (sender, told) = mpsc::channel();
    let client = Arc::new(client);
    std::thread::Builder::new().name("deliveries".into()).spawn(move || {
        if let Ok((workers, started)) = told.recv() {
            run(&runtime, (0..workers).map(|_| worker(Arc::clone(&client), started)));
        }
        // Doesn't wait for names that are still being resolved for attempts that have ended.
        runtime.shutdown_background();
    })?;
    Ok(sender)
}

fn run<W>(runtime: &Runtime, workers: impl Iterator<Item = W>)
where
    W: Future<Output = ()> + Send + 'static,
{
    runtime.block_on(async {
        let mut working = JoinSet::new();
        workers.for_each(|worker| {
            working.spawn(worker);
        });
        while working.join_next().await.is_some() {}
    });
}

/// How many of the workers that thread runs.
fn share(workers: usize, threads: usize, index: usize) -> usize {
    workers / threads + usize::from(index < workers % threads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_worker_has_a_thread() {
        for (workers, threads) in [(1, 1), (50, 2), (7, 3), (10_000, 64), (3, 3)] {
            let shares: Vec<_> = (0..threads).map(|index| share(workers, threads, index)).collect();
            assert_eq!(shares.iter().sum::<usize>(), workers);
            assert!(shares.iter().all(|share| share.abs_diff(workers / threads) <= 1), "{shares:?}");
        }
    }
}
