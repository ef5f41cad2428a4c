//! Files: bounded reading, atomic replacement, locks between processes. Knows nothing about their content.

mod atomic;
mod link;
mod lock;

use std::io::{Error, ErrorKind, Read as _};
use std::path::Path;

use crate::signals;

pub use atomic::{Preserve, remove, replace, sweep};
pub use link::target;
pub use lock::{Lock, lock, lock_file};

/// The start of the names of temporary files and lock files.
const PREFIX: &str = ".rolenv-";

/// Most files fit into this many bytes, and are read at once.
const INITIAL_CAPACITY: usize = 1 << 13;

/// Reads a file of at most `largest` bytes. A longer one fails with [`ErrorKind::FileTooLarge`].
pub fn read(path: &Path, largest: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(INITIAL_CAPACITY);
    // Reading a pipe waits for its writer.
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        signals::watch();
    }
    let length = std::fs::File::open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
    if length as u64 > largest {
        let reason = format!("larger than {largest} bytes");
        return Err(Error::new(ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

/// Reads a regular file that belongs to this user. Anything else fails with [`ErrorKind::Unsupported`].
pub fn read_own(path: &Path, largest: u64) -> Result<Vec<u8>, Error> {
    let metadata = std::fs::symlink_metadata(path)?;
    if !metadata.is_file() || !is_own(&metadata) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "not a regular file owned by this user",
        ));
    }
    read(path, largest)
}

/// The directory that a file is in.
pub fn directory(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Creates a directory and its missing parents, accessible to their owner only. Nothing is created in a directory of
/// another user, who could not use it: root may run with the home of a user. Root's directories that others may write to
/// (`/tmp`) are accepted.
fn create_dir_private(directory: &Path) -> Result<(), Error> {
    if let Some(metadata) = nearest_existing(directory)
        && !is_own_or_roots(&metadata?)
    {
        return Err(Error::new(
            ErrorKind::PermissionDenied,
            "its directory belongs to another user",
        ));
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// The directory, or its nearest existing parent.
fn nearest_existing(directory: &Path) -> Option<Result<std::fs::Metadata, Error>> {
    let places = directory.ancestors().map(|place| match place.as_os_str() {
        here if here.is_empty() => Path::new("."),
        _ => place,
    });
    let mut existing = places.map(std::fs::metadata);
    existing.find(|metadata| !matches!(metadata, Err(error) if error.kind() == ErrorKind::NotFound))
}

#[cfg(unix)]
fn is_own(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn is_own_or_roots(metadata: &std::fs::Metadata) -> bool {
    is_own(metadata) || std::os::unix::fs::MetadataExt::uid(metadata) == 0
}

/// On Windows other users cannot access the home.
#[cfg(not(unix))]
fn is_own(_found: &std::fs::Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_own_or_roots(_found: &std::fs::Metadata) -> bool {
    true
}
