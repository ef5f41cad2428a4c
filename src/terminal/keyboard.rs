//! A line from the terminal that controls this process, on Unix. It is hidden while it is typed, and the keys that
//! interrupt and stop work as ever.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::thread;
use std::time::Duration;

use rustix::fs::{FileType, OFlags, fstat};
use rustix::process::{Signal, getpgrp, getpid, getsid, kill_current_process_group};
use zeroize::Zeroizing;

use super::echo::{self, Hidden};
use super::prompt::Typed;
use crate::secret::Secret;

pub(super) use super::echo::{restore, resume};

/// The longest line that is kept, in bytes. No answer is as long as that.
const MAX_LINE_LEN: usize = 4096;

/// How often is looked for a line, and whether what is typed is still hidden: others who ask here may have shown it.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How often a process in the background asks to be taken to the front. It is stopped each time, unless nobody would
/// continue it.
const MAX_TTIN_ATTEMPTS: usize = 8;

/// What a line ended with.
enum Ending {
    Typed(Typed),
    /// The key that stops a process.
    Stop,
}

/// Whether this process has a terminal.
pub(super) fn is_there() -> bool {
    open().is_ok()
}

/// The number of the session that the terminal controls.
pub(super) fn session() -> Option<u32> {
    let session = getsid(None).ok()?;
    u32::try_from(session.as_raw_nonzero().get()).ok()
}

fn open() -> Result<File, Error> {
    File::options().read(true).write(true).open("/dev/tty")
}

/// The same, where reading and writing wait for nothing.
pub(super) fn open_unwaiting() -> Result<File, Error> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let mut options = File::options();
    options.read(true).write(true).custom_flags(flags).open("/dev/tty")
}

/// Shows `text` and reads a line that is not shown. `None` without a terminal.
pub(super) fn ask(text: &str) -> Result<Option<Typed>, Error> {
    let (Ok(tty), Ok(keys)) = (open(), open_unwaiting()) else {
        return Ok(None);
    };
    loop {
        come_to_the_front(&tty)?;
        let hidden = Hidden::start(&tty, text)?;
        let ending = line(&keys, hidden.stop_key());
        drop(hidden);
        match ending? {
            Ending::Typed(typed) => return Ok(Some(typed)),
            Ending::Stop => stop(),
        }
    }
}

/// Reads to the end of the line, through window changes and other interruptions.
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

/// Does to the job what the terminal would have done: whoever ignores the signal, as a shell's `$(...)` does, goes on.
fn stop() {
    if !is_read_by_the_shell() {
        let _ = kill_current_process_group(Signal::TSTP);
    }
}

/// Whether this process is a job of its own that writes to somebody outside of it. That is the shell itself, as in fish's
/// `rolenv assume x | source`, and it would never come back to continue a job that it reads from.
fn is_read_by_the_shell() -> bool {
    let kind = fstat(std::io::stdout()).map(|found| FileType::from_raw_mode(found.st_mode));
    matches!(kind, Ok(FileType::Fifo | FileType::Socket)) && getpgrp() == getpid() && !has_company()
}

/// Whether another process belongs to the job. Where there is no `/proc` nobody knows, and asking again does no harm.
fn has_company() -> bool {
    let own = getpid().as_raw_pid();
    let job_of = |id: i32| -> Option<i32> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name before it, in parentheses, may hold anything.
        stat.rsplit_once(") ")?.1.split(' ').nth(2)?.parse().ok()
    };
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return false;
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .any(|id| id != own && job_of(id) == Some(own))
}

/// Waits, stopped like any job in the background that wants to read, until the terminal is ours: its settings are
/// those of somebody else until then.
fn come_to_the_front(tty: &File) -> Result<(), Error> {
    for _ in 0..MAX_TTIN_ATTEMPTS {
        if echo::is_in_front(tty) {
            return Ok(());
        }
        let _ = kill_current_process_group(Signal::TTIN);
    }
    Err(Error::other("this process is in the background"))
}
