//! Reads a hidden line from the controlling terminal, on Unix. The keys that interrupt and stop a process still work.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _};
use std::thread;
use std::time::Duration;

use rustix::fs::{FileType, fstat};
use rustix::process::{Signal, getpgrp, getpid, getsid, kill_current_process_group};
use zeroize::Zeroizing;

use super::Typed;
use crate::secret::Secret;

mod echo;
mod tty;

pub use echo::{restore, resume};

use echo::EchoGuard;

/// The longest line, in bytes.
const MAX_LINE_LEN: usize = 4096;

/// Poll interval for input; also re-checks that echo is still off, because another process may have turned it on.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How often a background process requests the terminal. Each time it is stopped, unless no shell could continue it.
const MAX_TTIN_ATTEMPTS: usize = 8;

/// How a line ended.
enum Ending {
    Typed(Typed),
    /// The key that stops a process.
    Stop,
}

/// Whether this process has a terminal.
pub(super) fn is_there() -> bool {
    tty::open().is_ok()
}

/// The number of the session that the terminal controls.
pub(super) fn session() -> Option<u32> {
    let session = getsid(None).ok()?;
    u32::try_from(session.as_raw_nonzero().get()).ok()
}

/// Prints `text` and reads a hidden line. `None` without a terminal.
pub(super) fn ask(text: &str) -> Result<Option<Typed>, Error> {
    let (Ok(tty), Ok(keys)) = (tty::open(), tty::open_nonblocking()) else {
        return Ok(None);
    };
    loop {
        come_to_the_front(&tty)?;
        let hidden = EchoGuard::start(&tty, text)?;
        let ending = line(&keys, hidden.stop_key());
        drop(hidden);
        match ending? {
            Ending::Typed(typed) => return Ok(Some(typed)),
            Ending::Stop => stop(),
        }
    }
}

/// Reads to the end of the line, across interruptions.
fn line(mut keys: &File, stop_key: Option<u8>) -> Result<Ending, Error> {
    let mut line = Zeroizing::new(Vec::with_capacity(2 * MAX_LINE_LEN));
    let mut chunk = Zeroizing::new([0; MAX_LINE_LEN]);
    loop {
        let length = match keys.read(&mut chunk[..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                thread::sleep(POLL_INTERVAL);
                echo::resume();
                continue;
            }
            length => length?,
        };
        match chunk[..length].split_last() {
            None => return Ok(Ending::Typed(Typed::End)),
            Some((key, _)) if Some(*key) == stop_key => return Ok(Ending::Stop),
            Some((b'\n', rest)) => {
                line.extend_from_slice(rest);
                let text = String::from_utf8_lossy(&line);
                return Ok(Ending::Typed(Typed::Line(Secret::new(text))));
            }
            Some(_) if line.len() < MAX_LINE_LEN => line.extend_from_slice(&chunk[..length]),
            Some(_) => {}
        }
    }
}

/// Stops the job as the terminal would have done. Processes that ignore the signal continue, such as a shell's
/// `$(...)`.
fn stop() {
    if !is_read_by_the_shell() {
        let _ = kill_current_process_group(Signal::TSTP);
    }
}

/// Whether this process is a job of its own and writes to the shell, as in fish's `rolenv assume x | source`. The shell
/// waits for the output and could not continue a stopped job.
fn is_read_by_the_shell() -> bool {
    let kind = fstat(std::io::stdout()).map(|metadata| FileType::from_raw_mode(metadata.st_mode));
    matches!(kind, Ok(FileType::Fifo | FileType::Socket)) && getpgrp() == getpid() && !has_company()
}

/// Whether another process belongs to the job. Unknown without `/proc`, where prompting again does no harm.
fn has_company() -> bool {
    let own = getpid().as_raw_pid();
    let job_of = |id: i32| -> Option<i32> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name in parentheses before it may contain anything.
        stat.rsplit_once(") ")?.1.split(' ').nth(2)?.parse().ok()
    };
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return false;
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .any(|id| id != own && job_of(id) == Some(own))
}

/// Waits in the foreground, stopped like any background job that reads: before that, the settings are those of another
/// job.
fn come_to_the_front(tty: &File) -> Result<(), Error> {
    for _ in 0..MAX_TTIN_ATTEMPTS {
        if echo::is_in_front(tty) {
            return Ok(());
        }
        let _ = kill_current_process_group(Signal::TTIN);
    }
    Err(Error::other("this process is in the background"))
}
