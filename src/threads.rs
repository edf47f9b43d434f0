//! Starts threads and runtimes; reports it when the system has no threads or files left (a container's or user's limit).

use std::error::Error as _;
use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::thread::Builder;

use tokio::runtime::Runtime;

use crate::diagnostic::Diagnostic;

/// Starts the thread pool that reads and checks files, unless it is running.
///
/// # Errors
/// The system refuses more threads.
pub(crate) fn start_pool() -> Result<(), Diagnostic> {
    match rayon::ThreadPoolBuilder::new().build_global() {
        Ok(()) => Ok(()),
        // An error without a source means that the pool is already running.
        Err(error) => match error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) => Err(refused(cause)),
            None => Ok(()),
        },
    }
}

/// Starts that many threads at once and ends them: tokio would panic if it could not start its own.
fn check(count: usize) -> io::Result<()> {
    let waiting = |_| {
        let (hold, held) = mpsc::channel::<()>();
        let thread = Builder::new().spawn(move || held.recv())?;
        Ok((hold, thread))
    };
    let started: Vec<_> = (0..count).map(waiting).collect::<io::Result<_>>()?;
    for (hold, thread) in started {
        drop(hold);
        // The channel closes without a message, which is expected.
        let _ = thread.join();
    }
    Ok(())
}

/// Opens as many files as a runtime needs and closes them: tokio would panic if it could not open its own for signals.
fn check_files() -> io::Result<()> {
    #[cfg(unix)]
    (0..3).map(|_| std::os::unix::net::UnixStream::pair()).collect::<io::Result<Vec<_>>>()?;
    Ok(())
}

/// A runtime with one thread per processor; they end with it.
///
/// # Errors
/// The system refuses more threads or files.
pub(crate) fn runtime() -> io::Result<Runtime> {
    let count = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    check(count)?;
    check_files()?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(count).enable_all().build()
}

/// A runtime on the current thread, which polls timers and sockets at least every `turns` task polls.
///
/// # Errors
/// The system refuses more files.
pub(crate) fn current_thread(turns: u32) -> io::Result<Runtime> {
    check_files()?;
    tokio::runtime::Builder::new_current_thread().enable_all().event_interval(turns).build()
}

/// The diagnostic for threads or files that the system refuses.
pub(crate) fn refused(error: &io::Error) -> Diagnostic {
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

/// Whether the process (`EMFILE`) or the system (`ENFILE`) has too many open files, or the same on Windows. There is no
/// `ErrorKind` for it.
pub(crate) fn is_out_of_files(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}
