//! Requests to end: Ctrl-C, and what the system sends to end a program (SIGTERM), when its terminal closes (SIGHUP), or for
//! Ctrl-\ (SIGQUIT).

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::INTERRUPTED;
use crate::diagnostic::Diagnostic;
use crate::threads;

/// Who presses Ctrl-C can press it again where reports are not finished by then. Who sends another request to end, such as
/// a pipeline at its time limit, will not, and kills soon: so it is that long at most.
const GRACE: Duration = Duration::from_secs(5);

/// There is nothing else to do between two looks at what has come.
const TURNS: u32 = 1;

/// The first request to end stops the work, so that reports are finished with what is there. A second one, or the end of the
/// grace, leaves at once, from a thread of its own, and leaves no half-written file: whoever reads the results may have
/// stopped reading, so that the thread that writes them waits for ever.
#[derive(Debug)]
pub struct Interrupts {
    stopper: watch::Sender<bool>,
    half_written: Arc<Mutex<Vec<PathBuf>>>,
}

impl Interrupts {
    /// Listens once this returns.
    ///
    /// # Errors
    /// The system gives no more threads, or no way to listen.
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

    /// What tells of the first request to end.
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.stopper.subscribe()
    }

    /// Stops the work as a request to end would.
    pub fn stop_now(&self) {
        self.stopper.send_replace(true);
    }

    /// Files that are to be removed where there is no time to finish them.
    pub fn remove_on_exit(&self, files: Vec<PathBuf>) {
        self.half_written.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
    }
}

/// What a request to end leaves time for.
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
        // There is somebody who waits for the answer.
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
            // One that has got its name meanwhile is not there any more.
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
    /// None under `nohup`, which is there so that a closed terminal ends nothing.
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

/// Whether whoever started this program had it ignore that signal, as far as the system tells (Linux does).
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
