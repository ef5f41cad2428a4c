//! The terminal's echo setting. The state is global, so that any thread that ends the process can restore the terminal.

use std::fs::File;
use std::io::{Error, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::getpgrp;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcgetpgrp, tcsetattr,
};

use super::tty;

/// The value that disables a control character.
const NO_KEY: u8 = if cfg!(any(target_os = "linux", target_os = "android")) {
    0
} else {
    0xff
};

/// The state of the terminal.
enum Echo {
    AsFound,
    Off(SavedTermios),
    /// Restored: the process ends.
    Over,
}

/// The saved settings of the terminal, and the current prompt.
struct SavedTermios {
    tty: File,
    settings: Termios,
    question: String,
}

static ECHO: Mutex<Echo> = Mutex::new(Echo::AsFound);

/// Hides the input until it is dropped.
pub(super) struct EchoGuard {
    stop_key: Option<u8>,
}

impl EchoGuard {
    /// Hides the input from now on, and prints `question`. Earlier input is discarded, because it was visible.
    pub(super) fn start(mut tty: &File, question: &str) -> Result<Self, Error> {
        let mut echo = lock();
        if matches!(*echo, Echo::Over) {
            drop(echo);
            // The thread that restored the terminal ends the process.
            loop {
                thread::park();
            }
        }
        let settings = shown(tcgetattr(tty)?);
        let saved = SavedTermios {
            tty: tty.try_clone()?,
            settings: settings.clone(),
            question: question.to_owned(),
        };
        let (quiet, stop_key) = hiding(settings);
        // None of these waits for output: a terminal stopped with Ctrl-S would block the exit.
        tcsetattr(tty, OptionalActions::Now, &quiet)?;
        *echo = Echo::Off(saved);
        drop(echo);
        let hidden = Self { stop_key };
        tcflush(tty, QueueSelector::IFlush)?;
        tty.write_all(question.as_bytes())?;
        Ok(hidden)
    }

    /// The key that stops a process. It ends the line instead, so that input is not hidden while the process is
    /// stopped.
    pub(super) const fn stop_key(&self) -> Option<u8> {
        self.stop_key
    }
}

impl Drop for EchoGuard {
    fn drop(&mut self) {
        leave(Echo::AsFound);
    }
}

/// Restores the terminal for the rest of the process.
pub fn restore() {
    leave(Echo::Over);
}

/// Hides the input and prints the prompt again if echo is on: the process was stopped by a signal and the shell has
/// changed the settings, or another process that prompted here has finished.
pub fn resume() {
    let echo = lock();
    let Echo::Off(saved) = &*echo else {
        return;
    };
    let Ok(now) = tcgetattr(&saved.tty) else {
        return;
    };
    if is_hiding(&now) || !is_in_front(&saved.tty) {
        return;
    }
    let (quiet, _) = hiding(saved.settings.clone());
    let _ = tcsetattr(&saved.tty, OptionalActions::Now, &quiet);
    let again = saved.tty.try_clone().map(|tty| (tty, saved.question.clone()));
    drop(echo);
    if let Ok((mut tty, question)) = again {
        let _ = tty.write_all(question.as_bytes());
    }
}

fn is_hiding(settings: &Termios) -> bool {
    let shows = settings.local_modes.contains(LocalModes::ECHO);
    !shows && settings.local_modes.contains(LocalModes::ICANON)
}

fn leave(next: Echo) {
    let mut echo = lock();
    if matches!(*echo, Echo::Over) {
        return;
    }
    let Echo::Off(saved) = std::mem::replace(&mut *echo, next) else {
        return;
    };
    // In the background, the settings are those of another job.
    if !is_in_front(&saved.tty) {
        return;
    }
    let _ = tcsetattr(&saved.tty, OptionalActions::Now, &saved.settings);
    drop(echo);
    end_line();
}

/// The line break that was typed was not shown either. Does not wait for a terminal stopped with Ctrl-S.
fn end_line() {
    if let Ok(mut tty) = tty::open_nonblocking() {
        let _ = tty.write_all(b"\n");
    }
}

/// Whether this process is in the foreground, or that is unknown.
pub(super) fn is_in_front(tty: &File) -> bool {
    tcgetpgrp(tty).map_or(true, |front| front == getpgrp())
}

fn lock() -> MutexGuard<'static, Echo> {
    ECHO.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The settings before a prompt of another process that is still open or was killed: the inverse of `hiding`.
fn shown(mut settings: Termios) -> Termios {
    let keys = &mut settings.special_codes;
    let stop_key = keys[SpecialCodeIndex::VEOL];
    let is_hidden = keys[SpecialCodeIndex::VSUSP] == NO_KEY && stop_key != NO_KEY;
    if is_hidden && !settings.local_modes.contains(LocalModes::ECHO) {
        keys[SpecialCodeIndex::VSUSP] = stop_key;
        keys[SpecialCodeIndex::VEOL] = NO_KEY;
        settings.local_modes |= LocalModes::ECHO;
    }
    settings
}

/// The settings for a hidden line, and the key that stops a process.
fn hiding(mut settings: Termios) -> (Termios, Option<u8>) {
    settings.local_modes -= LocalModes::ECHO | LocalModes::ECHONL;
    settings.local_modes |= LocalModes::ICANON | LocalModes::ISIG;
    settings.input_modes |= InputModes::ICRNL;
    settings.input_modes -= InputModes::IGNCR | InputModes::INLCR;
    settings.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    let keys = &mut settings.special_codes;
    let stop_key = Some(keys[SpecialCodeIndex::VSUSP]).filter(|key| *key != NO_KEY);
    if let Some(key) = stop_key {
        keys[SpecialCodeIndex::VSUSP] = NO_KEY;
        keys[SpecialCodeIndex::VEOL] = key;
    }
    // The BSDs have another key that stops a process when it is read.
    #[cfg(any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly"
    ))]
    {
        keys[SpecialCodeIndex::VDSUSP] = NO_KEY;
    }
    (settings, stop_key)
}
