//! Termination requests: Ctrl-C (SIGINT), SIGTERM, a closed terminal (SIGHUP) and Ctrl-\ (SIGQUIT).

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::INTERRUPTED;
use crate::diagnostic::Diagnostic;
use crate::threads;

/// How long reports may take to finish after SIGTERM, SIGHUP or SIGQUIT: whoever sends these, such as a pipeline at its time
/// limit, kills the process soon after. Ctrl-C has no such limit, since a user can press it again.
const GRACE: Duration = Duration::from_secs(5);

/// The watcher's runtime has no other task, so it checks for signals after each turn.
const TURNS: u32 = 1;

/// The first request stops the work, so that reports are finished with the deliveries so far. A second one, or the end of
/// [`GRACE`], exits at once and removes half-written files. It runs on its own thread, because the thread that writes the
/// results may be blocked by a reader that has stopped reading.
#[derive(Debug)]
pub struct Interrupts {
    stopper: watch::Sender<bool>,
    half_written: Arc<Mutex<Vec<PathBuf>>>,
}

impl Interrupts {
    /// Starts to listen; signals are handled once this returns.
    ///
    /// # Errors
    /// The system refuses a thread, or to listen for signals.
    pub fn listen() -> Result<Self, Diagnostic> {
        let stopper = watch::Sender::new(false);
        let half_written = Arc::default();
        let watcher = Watcher { stopper: stopper.clone(), half_written: Arc::clone(&half_written) };
        let (listening, listens) = channel();
        std::thread::Builder::new().spawn(move || watcher.run(&listening)).map_err(|error| threads::refused(&error))?;
        match listens.recv() {
            Ok(Err(error)) => Err(threads::refused(&error)),
            Ok(Ok(())) | Err(_) => Ok(Self { stopper, half_written }),
        }
    }

    /// Becomes `true` with the first request.
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.stopper.subscribe()
    }

    /// Stops the work as a signal would.
    pub fn stop_now(&self) {
        self.stopper.send_replace(true);
    }

    /// Files to remove if there is no time to finish them.
    pub fn remove_on_exit(&self, files: Vec<PathBuf>) {
        self.half_written.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
    }
}

/// How long to wait before exiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    UntilTheNext,
    Limited,
}

struct Watcher {
    stopper: watch::Sender<bool>,
    half_written: Arc<Mutex<Vec<PathBuf>>>,
}

impl Watcher {
    fn run(self, listening: &Sender<io::Result<()>>) {
        // The caller of `listen` waits for the answer.
        let answer = |result| drop(listening.send(result));
        match threads::current_thread(TURNS) {
            Ok(runtime) => runtime.block_on(async {
                match Requests::listen() {
                    Ok(requests) => {
                        answer(Ok(()));
                        self.wait(requests).await;
                    }
                    Err(error) => answer(Err(error)),
                }
            }),
            Err(error) => answer(Err(error)),
        }
    }

    async fn wait(self, mut requests: Requests) {
        let patience = requests.next().await;
        self.stopper.send_replace(true);
        match patience {
            Patience::UntilTheNext => drop(requests.next().await),
            Patience::Limited => drop(tokio::time::timeout(GRACE, requests.next()).await),
        }
        for file in self.half_written.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // A file that was finished in the meantime no longer exists under this name.
            let _ = std::fs::remove_file(file);
        }
        std::process::exit(INTERRUPTED.into());
    }
}

#[cfg(unix)]
struct Requests {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    /// None under `nohup`, whose purpose is to ignore a closed terminal.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Requests {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = (!is_ignored(SignalKind::hangup().as_raw_value())).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            hang_up: hang_up.transpose()?,
        })
    }

    async fn next(&mut self) -> Patience {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Patience::UntilTheNext,
            _ = self.terminate.recv() => Patience::Limited,
            _ = self.quit.recv() => Patience::Limited,
            _ = hang_up => Patience::Limited,
        }
    }
}

/// Whether the parent process made this one ignore the signal; known on Linux only.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask.checked_shr(signal.unsigned_abs().saturating_sub(1)).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(windows)]
struct Requests {
    interrupt: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Requests {
    fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Self { interrupt: ctrl_c()?, close: ctrl_close()?, shutdown: ctrl_shutdown()? })
    }

    async fn next(&mut self) -> Patience {
        tokio::select! {
            _ = self.interrupt.recv() => Patience::UntilTheNext,
            _ = self.close.recv() => Patience::Limited,
            _ = self.shutdown.recv() => Patience::Limited,
        }
    }
}
