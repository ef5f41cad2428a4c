//! Signals that end the process: `eval` of empty output succeeds, so a killed process must still print a failing
//! statement. The handlers and their thread cost time, so they are installed only before something is waited for.

use std::sync::{Once, OnceLock};

/// What to do when the process continues after it was stopped, and when a signal ends it.
struct Actions {
    resume: fn(),
    end: Box<dyn Fn(i32) + Send + Sync>,
}

static ACTIONS: OnceLock<Actions> = OnceLock::new();

/// Sets what [`watch`] does: `end` is called with the number of the first signal that would end the process, `resume`
/// whenever the process continues after a stop; both on a thread of their own.
pub fn set_actions(resume: fn(), end: impl Fn(i32) + Send + Sync + 'static) {
    let end = Box::new(end);
    let _ = ACTIONS.set(Actions { resume, end });
}

/// Handles signals from now on. To be called before each wait: for the user, another process, a server, or a file that may
/// take long. Only the first call does something; without [`set_actions`] none does.
pub fn watch() {
    static STARTED: Once = Once::new();
    if let Some(actions) = ACTIONS.get() {
        STARTED.call_once(|| start(actions));
    }
}

#[cfg(unix)]
fn start(actions: &'static Actions) {
    use signal_hook::consts::{
        SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
        SIGXFSZ,
    };

    // A file that must not grow is a failed write, which is reported as such.
    let _ = signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default());
    let all = [
        SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
    ];
    // Without a handler or a thread for it the signals end the process, as they would have anyway.
    if let Ok(mut signals) = signal_hook::iterator::Signals::new(all) {
        let _ = std::thread::Builder::new().spawn(move || {
            for signal in signals.forever() {
                if signal == SIGCONT {
                    (actions.resume)();
                } else {
                    (actions.end)(signal);
                }
            }
        });
    }
}

/// On Windows, Ctrl-C ends the line or the batch file that evaluates the output along with this process.
#[cfg(not(unix))]
fn start(_actions: &'static Actions) {}
