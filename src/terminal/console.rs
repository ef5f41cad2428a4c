//! The console of Windows, whatever standard input and output are.

use std::fs::File;
use std::io::{Error, ErrorKind};

use super::prompt::Typed;
use crate::secret::Secret;

/// Whether there is a console.
pub(super) fn is_there() -> bool {
    File::options().read(true).write(true).open("CONIN$").is_ok()
}

/// Not known here.
pub(super) const fn session() -> Option<u32> {
    None
}

/// Shows `text` and reads a line that is not shown. `None` without a console.
pub(super) fn ask(text: &str) -> Result<Option<Typed>, Error> {
    if !is_there() {
        return Ok(None);
    }
    match rpassword::prompt_password(text) {
        Ok(line) => Ok(Some(Typed::Line(Secret::new(line)))),
        // Ctrl-C ends the process from the outside, a moment later.
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::Interrupted) => Ok(Some(Typed::End)),
        Err(error) => Err(error),
    }
}

/// The console's readers set its mode themselves, each for its own line.
pub(super) const fn restore() {}

/// Nothing is stopped and continued on Windows.
pub(super) const fn resume() {}
