//! Threads that the system may refuse: a container's or a user's limit is reached.

use std::error::Error as _;
use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::thread::Builder;

use tokio::runtime::Runtime;

use crate::diagnostic::Diagnostic;

/// Starts the threads that files are read and checked on, unless they run already.
///
/// # Errors
/// The system gives no more threads.
pub fn start_pool() -> Result<(), Diagnostic> {
    match rayon::ThreadPoolBuilder::new().build_global() {
        Ok(()) => Ok(()),
        // Without a cause it is only that they run already.
        Err(error) => match error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) => Err(refused(cause)),
            None => Ok(()),
        },
    }
}

/// Asks for so many threads at once and gives them back: tokio panics where it gets none.
fn check(count: usize) -> io::Result<()> {
    let waiting = |_| {
        let (hold, held) = mpsc::channel::<()>();
        let thread = Builder::new().spawn(move || held.recv())?;
        Ok((hold, thread))
    };
    let started: Vec<_> = (0..count).map(waiting).collect::<io::Result<_>>()?;
    for (hold, thread) in started {
        drop(hold);
        // It ends without a message, which is no failure here.
        let _ = thread.join();
    }
    Ok(())
}

/// Opens as many files as a runtime needs and gives them back: tokio panics where there are none for its signals.
fn check_files() -> io::Result<()> {
    #[cfg(unix)]
    (0..3).map(|_| std::os::unix::net::UnixStream::pair()).collect::<io::Result<Vec<_>>>()?;
    Ok(())
}

/// A runtime on threads of its own, one for each processor; they end with it.
///
/// # Errors
/// The system gives no more threads or files.
pub fn runtime() -> io::Result<Runtime> {
    let count = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    check(count)?;
    check_files()?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(count).enable_all().build()
}

/// A runtime on the thread that blocks on it, which looks at timers and sockets after so many turns of tasks at the latest.
///
/// # Errors
/// The system gives no more files.
pub fn current_thread(turns: u32) -> io::Result<Runtime> {
    check_files()?;
    tokio::runtime::Builder::new_current_thread().enable_all().event_interval(turns).build()
}

/// The system gives no more threads, or files.
pub fn refused(error: &io::Error) -> Diagnostic {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or(&text);
    if is_out_of_files(error) {
        return Diagnostic::error(format!("can't open another file or socket: {reason}"))
            .help("raise the limit on open files (`ulimit -n`)");
    }
    Diagnostic::error(format!("can't start another thread: {reason}")).help(
        "raise the limit on processes and threads (`ulimit -u`, or the container's pids limit), or end other programs",
    )
}

/// This process may not open more files: `EMFILE`, the whole system may not: `ENFILE`, and what Windows calls it. No
/// `ErrorKind` says so.
pub fn is_out_of_files(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}
