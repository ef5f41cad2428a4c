//! Whether the terminal shows what is typed. The one state of it in this process, so that whichever thread ends the
//! process can leave the terminal as it was found.

use std::fs::File;
use std::io::{Error, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::getpgrp;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcgetpgrp, tcsetattr,
};

use super::keyboard::open_unwaiting;

/// The value that disables a control character.
const NO_KEY: u8 = if cfg!(any(target_os = "linux", target_os = "android")) {
    0
} else {
    0xff
};

/// Where this process is with the terminal.
enum Echo {
    AsFound,
    Off(SavedTermios),
    /// Restored for good: the process ends.
    Over,
}

/// The terminal as it was found, and what is asked there now.
struct SavedTermios {
    tty: File,
    settings: Termios,
    question: String,
}

static ECHO: Mutex<Echo> = Mutex::new(Echo::AsFound);

/// What is typed is hidden as long as this lives.
pub(super) struct Hidden {
    stop_key: Option<u8>,
}

impl Hidden {
    /// Hides what is typed from now on, and shows `question`. What was typed before is forgotten, because it was seen.
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
        let found = SavedTermios {
            tty: tty.try_clone()?,
            settings: settings.clone(),
            question: question.to_owned(),
        };
        let (quiet, stop_key) = hiding(settings);
        // None of these waits for output to be shown: a screen that is held would hold whoever ends the process.
        tcsetattr(tty, OptionalActions::Now, &quiet)?;
        *echo = Echo::Off(found);
        drop(echo);
        let hidden = Self { stop_key };
        tcflush(tty, QueueSelector::IFlush)?;
        tty.write_all(question.as_bytes())?;
        Ok(hidden)
    }

    /// The key that stops a process. It ends the line instead, so that nothing is hidden while the process is stopped.
    pub(super) const fn stop_key(&self) -> Option<u8> {
        self.stop_key
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        leave(Echo::AsFound);
    }
}

/// Restores the terminal, and sees to it that it stays so.
pub(super) fn restore() {
    leave(Echo::Over);
}

/// Hides what is typed again, and asks again, when it is shown: the process was stopped by somebody else than the person's
/// key, and the shell made the terminal its own in between and does not give it back as it was; or another process asked
/// here, too, and has its answer.
pub(super) fn resume() {
    let echo = lock();
    let Echo::Off(found) = &*echo else {
        return;
    };
    let Ok(now) = tcgetattr(&found.tty) else {
        return;
    };
    if is_hiding(&now) || !is_in_front(&found.tty) {
        return;
    }
    let (quiet, _) = hiding(found.settings.clone());
    let _ = tcsetattr(&found.tty, OptionalActions::Now, &quiet);
    let again = found.tty.try_clone().map(|tty| (tty, found.question.clone()));
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
    let Echo::Off(found) = std::mem::replace(&mut *echo, next) else {
        return;
    };
    // In the background the terminal is another job's, which has its own settings.
    if !is_in_front(&found.tty) {
        return;
    }
    let _ = tcsetattr(&found.tty, OptionalActions::Now, &found.settings);
    drop(echo);
    end_line();
}

/// The end of the line that was typed was not shown either. A screen that is held is not waited for.
fn end_line() {
    if let Ok(mut tty) = open_unwaiting() {
        let _ = tty.write_all(b"\n");
    }
}

/// Whether the terminal is this process's to use. Where nobody can tell, it is.
pub(super) fn is_in_front(tty: &File) -> bool {
    tcgetpgrp(tty).map_or(true, |front| front == getpgrp())
}

fn lock() -> MutexGuard<'static, Echo> {
    ECHO.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `settings` as they were before another question was asked, which still is, or whose asker was killed: `hiding` the other
/// way round.
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

/// `settings` for a line that is not shown, whatever they are now, and the key that stops a process.
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
    // The BSDs have another, that stops a process when it reads it.
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
