//! Replaces files in one step: whenever the process ends, the old or the new file is there, complete.

#[cfg(unix)]
use std::fs::Permissions;
use std::fs::{self, File, Metadata};
use std::io::{Error, ErrorKind, Write as _};
use std::path::Path;

use super::{PREFIX, create_dir_private};
use crate::signals;

/// How the names of unfinished files end.
const SUFFIX: &str = ".tmp";

/// What the new file takes from the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preserve {
    /// Nothing: the file is readable to its owner only.
    Nothing,
    /// Its owner, group, permissions and access list, if there is one.
    Permissions,
}

/// Replaces `path` by a file with `content`, in one step: a temporary file in the same directory, flushed to the disk,
/// then renamed. Missing directories are created, accessible to their owner only. A symbolic link is replaced.
/// On an error `path` is unchanged; [`ErrorKind::PermissionDenied`] also means that the directory belongs to another user,
/// who could not replace the file afterwards.
pub fn replace(path: &Path, content: &[u8], preserve: Preserve) -> Result<(), Error> {
    signals::watch();
    let directory = super::directory(path);
    create_dir_private(directory)?;
    let _ = sweep(directory);
    // Another process may have swept the temporary file away before it was locked.
    write(directory, path, content, preserve).or_else(|error| match error.kind() {
        ErrorKind::NotFound => write(directory, path, content, preserve),
        _ => Err(error),
    })
}

fn write(directory: &Path, path: &Path, content: &[u8], preserve: Preserve) -> Result<(), Error> {
    let mut file = tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .tempfile_in(directory)?;
    // Keeps `sweep` away. Without locks it may be swept away, and is written again.
    let _ = file.as_file().try_lock();
    file.write_all(content)?;
    if preserve == Preserve::Permissions
        && let Ok(metadata) = fs::metadata(path)
    {
        copy_ownership(file.as_file(), path, &metadata)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(Error::from)
}

/// Gives a new file the owner, group, permissions and access list of the old one, at `path`. If that fails, only its owner
/// can read it: it must not be readable to more users than before.
#[cfg(unix)]
fn copy_ownership(file: &File, path: &Path, metadata: &Metadata) -> Result<(), Error> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let own = file.metadata()?;
    let is_same_owner = own.uid() == metadata.uid() || fchown(file, Some(metadata.uid()), None).is_ok();
    let is_same_group = own.gid() == metadata.gid() || fchown(file, None, Some(metadata.gid())).is_ok();
    // The list first: the mode limits what the list allows.
    let is_same = is_same_owner && is_same_group && copy_access_list(file, path);
    let mode = metadata.permissions().mode();
    file.set_permissions(Permissions::from_mode(if is_same { mode } else { mode & 0o700 }))
}

#[cfg(not(unix))]
fn copy_ownership(file: &File, _path: &Path, metadata: &Metadata) -> Result<(), Error> {
    file.set_permissions(metadata.permissions())
}

/// Copies the access list of the file at `path`, or removes one if that file has none. Returns whether it succeeded.
#[cfg(target_os = "linux")]
fn copy_access_list(file: &File, path: &Path) -> bool {
    use rustix::fs::{XattrFlags, fremovexattr, fsetxattr, getxattr};
    use rustix::io::Errno;
    const NAME: &str = "system.posix_acl_access";
    let mut list = [0; 4096];
    match getxattr(path, NAME, &mut list) {
        Ok(length) => fsetxattr(file, NAME, &list[..length], XattrFlags::empty()).is_ok(),
        // It may have inherited one from the directory.
        Err(Errno::NODATA) => matches!(fremovexattr(file, NAME), Ok(()) | Err(Errno::NODATA)),
        // This file system does not support access lists.
        Err(error) => error == Errno::NOTSUP,
    }
}

/// On other systems access lists are not read.
#[cfg(all(unix, not(target_os = "linux")))]
fn copy_access_list(_file: &File, _path: &Path) -> bool {
    true
}

/// Removes a file. Returns false if it did not exist.
pub fn remove(path: &Path) -> Result<bool, Error> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes the unfinished files that killed processes left in a directory, and returns how many. A file that is being
/// written is locked.
pub fn sweep(directory: &Path) -> usize {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    let mut removed = 0;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let is_temporary = name.is_some_and(|name| name.ends_with(SUFFIX));
        // To open a pipe of that name would wait forever.
        let is_plain = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_temporary
            && is_plain
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            removed += usize::from(fs::remove_file(entry.path()).is_ok());
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn unfinished_files_are_swept_away() -> Result<(), Error> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("a/b/entry.json");
        replace(&path, b"1", Preserve::Nothing)?;
        let left = path.with_file_name(".rolenv-abc.tmp");
        fs::write(&left, "x")?;
        let busy = path.with_file_name(".rolenv-def.tmp");
        let writer = File::create(&busy)?;
        writer.lock()?;
        let others = path.with_file_name("x.lock");
        fs::write(&others, "")?;
        replace(&path, b"2", Preserve::Nothing)?;
        assert_eq!(fs::read(&path)?, b"2");
        assert!(!left.exists() && busy.exists() && others.exists());
        Ok(())
    }

    #[test]
    fn a_directory_in_its_place_stays() -> Result<(), Error> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("entry.json");
        fs::create_dir(&path)?;
        assert!(replace(&path, b"1", Preserve::Nothing).is_err());
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(home.path())?.count(), 1);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_created_in_the_home_of_another_user() -> Result<(), Error> {
        use std::os::unix::fs::chown;
        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: only root can give a directory away");
            return Ok(());
        }
        let home = tempfile::tempdir()?;
        chown(home.path(), Some(65_534), Some(65_534))?;
        let path = home.path().join("a/b/entry.json");
        let refused = replace(&path, b"1", Preserve::Nothing).map_err(|error| error.kind());
        assert_eq!(refused, Err(ErrorKind::PermissionDenied));
        assert!(super::super::lock(&home.path().join("a/x.lock"), |_| true).is_none());
        assert_eq!(fs::read_dir(home.path())?.count(), 0);
        // Nor in a directory that is there, for locks as for files.
        assert!(super::super::lock(&home.path().join("x.lock"), |_| true).is_none());
        assert_eq!(fs::read_dir(home.path())?.count(), 0);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() -> Result<(), Error> {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let home = tempfile::tempdir()?;
        let mode = |path: &Path| fs::symlink_metadata(path).map(|metadata| metadata.permissions().mode() & 0o7777);
        let path = home.path().join("a/entry.json");
        replace(&path, b"1", Preserve::Nothing)?;
        assert_eq!((mode(&path)?, mode(&home.path().join("a"))?), (0o600, 0o700));
        fs::set_permissions(&path, Permissions::from_mode(0o640))?;
        replace(&path, b"2", Preserve::Permissions)?;
        assert_eq!(mode(&path)?, 0o640);
        replace(&path, b"3", Preserve::Nothing)?;
        assert_eq!(mode(&path)?, 0o600);
        let target = home.path().join("elsewhere");
        fs::write(&target, "e")?;
        fs::remove_file(&path)?;
        symlink(&target, &path)?;
        replace(&path, b"4", Preserve::Nothing)?;
        assert!(fs::symlink_metadata(&path)?.is_file());
        assert_eq!(fs::read(&target)?, b"e");
        Ok(())
    }
}
