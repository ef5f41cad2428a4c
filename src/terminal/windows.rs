//! The Windows console, whatever stdin and stdout are.

use std::fs::File;
use std::io::{Error, ErrorKind};

use super::Typed;
use crate::secret::Secret;

/// Whether there is a console.
pub(super) fn is_there() -> bool {
    File::options().read(true).write(true).open("CONIN$").is_ok()
}

/// Unknown on Windows.
pub(super) const fn session() -> Option<u32> {
    None
}

/// Prints `text` and reads a hidden line. `None` without a console.
pub(super) fn ask(text: &str) -> Result<Option<Typed>, Error> {
    if !is_there() {
        return Ok(None);
    }
    match rpassword::prompt_password(text) {
        Ok(line) => Ok(Some(Typed::Line(Secret::new(line)))),
        // Ctrl-C ends the process shortly after.
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::Interrupted) => Ok(Some(Typed::End)),
        Err(error) => Err(error),
    }
}

/// Each reader of the console sets its mode itself.
pub(super) const fn restore() {}

/// Windows does not stop and continue processes.
pub(super) const fn resume() {}
