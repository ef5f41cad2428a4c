//! The signals that would end the process, and the one that continues it: a shell that evaluates the output of a process
//! that just died takes an empty script for a success. Knows nothing of what is done about it.

#[cfg(unix)]
use std::sync::Arc;

/// Calls `end` with the number of the first signal that would end the process, from a thread of its own.
///
/// It works from now on, whatever the process waits for: a file, a name server, STS. (SIGKILL cannot be seen by anyone.)
/// Before that it calls `resume` whenever the process was stopped and goes on.
#[cfg(unix)]
pub(super) fn before_the_end(resume: impl Fn() + Send + 'static, end: impl FnOnce(i32) + Send + 'static) {
    use signal_hook::consts::{
        SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
        SIGXFSZ,
    };

    // A file that may not grow is a write that fails, and costs no more than that.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
    let all = [
        SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
    ];
    // Without a handler or a thread for it the signals end the process, as they would have anyway.
    if let Ok(mut signals) = signal_hook::iterator::Signals::new(all) {
        let wait = move || {
            let ends = |signal: &i32| {
                if *signal == SIGCONT {
                    resume();
                }
                *signal != SIGCONT
            };
            if let Some(signal) = signals.forever().find(ends) {
                end(signal);
            }
        };
        let _ = std::thread::Builder::new().spawn(wait);
    }
}

/// On Windows, Ctrl-C ends the line or the batch file that reads us along with us.
#[cfg(not(unix))]
pub(super) fn before_the_end(_resume: impl Fn() + Send + 'static, _end: impl FnOnce(i32) + Send + 'static) {}
