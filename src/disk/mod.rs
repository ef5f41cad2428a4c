//! Files on disk: read within bounds, replaced in one step, locked against other processes. Knows nothing of what
//! stands in them.

mod link;
mod lock;
mod replace;

use std::io::{Error, ErrorKind, Read as _};
use std::path::Path;

pub use link::target;
pub use lock::{Lock, lock, lock_file};
pub use replace::{Keep, remove, replace, sweep};

/// How the names of files begin that are rolenv's own affair: unfinished ones, and locks.
const PREFIX: &str = ".rolenv-";

/// What is read at once, in bytes.
const USUAL: usize = 1 << 13;

/// Reads a file of at most `largest` bytes.
/// Errors: [`ErrorKind::FileTooLarge`] for a longer one.
pub fn read(path: &Path, largest: u64) -> Result<Vec<u8>, Error> {
    // Most files fit, and are read at once.
    let mut bytes = Vec::with_capacity(USUAL);
    let length = std::fs::File::open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
    if length as u64 > largest {
        let reason = format!("it is larger than {largest} bytes");
        return Err(Error::new(ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

/// Reads a file that we or a tool of the same person wrote: no link, no device, nobody else's.
/// Errors: As [`read`]; [`ErrorKind::Unsupported`] for anything but a plain file of this user.
pub fn read_own(path: &Path, largest: u64) -> Result<Vec<u8>, Error> {
    let found = std::fs::symlink_metadata(path)?;
    if !found.is_file() || !is_own(&found) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "it is not a plain file of this user",
        ));
    }
    read(path, largest)
}

/// The directory that a file is in.
pub fn directory(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// The system's words without Rust's `(os error 13)`.
pub fn reason(error: &Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}

#[cfg(unix)]
fn is_own(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(found) == rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn is_own_or_roots(found: &std::fs::Metadata) -> bool {
    is_own(found) || std::os::unix::fs::MetadataExt::uid(found) == 0
}

/// On Windows a person's home is closed to others.
#[cfg(not(unix))]
fn is_own(_found: &std::fs::Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_own_or_roots(_found: &std::fs::Metadata) -> bool {
    true
}
