//! The threads that deliveries run on.

use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// A runtime of at least four workers that keeps the time also where one of them is kept busy.
///
/// The worker that waits for sockets keeps the time too, and a server that sends without end keeps it so busy that limits
/// pass unseen. A nudge from outside wakes another worker, which takes the clock over; so there is another one.
///
/// # Errors
/// The system gives no more threads or files.
pub fn runtime() -> io::Result<Runtime> {
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).max(4);
    let runtime = Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(10));
            handle.spawn(std::future::ready(()));
        }
    });
    Ok(runtime)
}
