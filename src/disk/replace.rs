//! A file is replaced whole or not at all, whenever the process ends.

#[cfg(unix)]
use std::fs::Permissions;
use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{Error, ErrorKind, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::PREFIX;
use super::lock::{self, is_at};

/// How the names of unfinished files end.
const SUFFIX: &str = ".tmp";

/// What the new file takes over from the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing: the file is readable to its owner only.
    Nothing,
    /// Its owner, group, permissions and access list, if there is one.
    Permissions,
}

/// Replaces `path` by a file with `content`, in one step: a temporary file beside it, flushed to the disk, then renamed.
/// Directories that are missing are made, for their owner only. What stands in the way (a link, a directory) gives way.
/// Errors: [`ErrorKind::PermissionDenied`] also for a directory of another user, who could not replace the file
/// afterwards. `path` is as it was then.
pub fn replace(path: &Path, content: &[u8], keep: Keep) -> Result<(), Error> {
    let directory = super::directory(path);
    make(directory)?;
    let _ = sweep(directory);
    // Another process may have taken the file for one that was left behind, before it was locked.
    write(directory, path, content, keep).or_else(|error| match error.kind() {
        ErrorKind::NotFound => write(directory, path, content, keep),
        _ => Err(error),
    })
}

fn write(directory: &Path, path: &Path, content: &[u8], keep: Keep) -> Result<(), Error> {
    let mut file = tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .tempfile_in(directory)?;
    // Marks it as one that is being written. Where there are no locks, it may be swept away, and is written again.
    let _ = file.as_file().try_lock();
    file.write_all(content)?;
    if keep == Keep::Permissions
        && let Ok(found) = fs::metadata(path)
    {
        take_over(file.as_file(), path, &found)?;
    }
    file.as_file().sync_all()?;
    persist(file, path)
}

/// Gives a new file the owner, the group, the permissions and the access list of the old one, at `path`. Where that cannot
/// be, it is its owner's alone: nobody may read it who could not before.
#[cfg(unix)]
fn take_over(file: &File, path: &Path, found: &Metadata) -> Result<(), Error> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let own = file.metadata()?;
    let is_same_owner = own.uid() == found.uid() || fchown(file, Some(found.uid()), None).is_ok();
    let is_same_group = own.gid() == found.gid() || fchown(file, None, Some(found.gid())).is_ok();
    // The list first: it says who may read the file, and its mode how far.
    let is_same = is_same_owner && is_same_group && copy_access_list(file, path);
    let mode = found.permissions().mode();
    file.set_permissions(Permissions::from_mode(if is_same { mode } else { mode & 0o700 }))
}

#[cfg(not(unix))]
fn take_over(file: &File, _path: &Path, found: &Metadata) -> Result<(), Error> {
    file.set_permissions(found.permissions())
}

/// Whether the new file has the old one's access list, or none as that one.
#[cfg(target_os = "linux")]
fn copy_access_list(file: &File, path: &Path) -> bool {
    use rustix::fs::{XattrFlags, fremovexattr, fsetxattr, getxattr};
    use rustix::io::Errno;
    const NAME: &str = "system.posix_acl_access";
    let mut list = [0; 4096];
    match getxattr(path, NAME, &mut list) {
        Ok(length) => fsetxattr(file, NAME, &list[..length], XattrFlags::empty()).is_ok(),
        // The directory may have lent it one.
        Err(Errno::NODATA) => matches!(fremovexattr(file, NAME), Ok(()) | Err(Errno::NODATA)),
        // This file system has none.
        Err(error) => error == Errno::NOTSUP,
    }
}

/// Elsewhere they are not read.
#[cfg(all(unix, not(target_os = "linux")))]
fn copy_access_list(_file: &File, _path: &Path) -> bool {
    true
}

fn persist(file: NamedTempFile, path: &Path) -> Result<(), Error> {
    match file.persist(path) {
        Ok(_) => Ok(()),
        // A directory in its place.
        Err(failed) if path.is_dir() => {
            fs::remove_dir(path).or_else(|_| put_aside(path))?;
            failed.file.persist(path).map(drop).map_err(Error::from)
        }
        Err(failed) => Err(failed.error),
    }
}

/// Gives a directory another name, with `.old` at its end: what is in it is somebody's.
fn put_aside(path: &Path) -> Result<(), Error> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let directory = super::directory(path);
    let place = tempfile::Builder::new()
        .prefix(&*format!("{name}."))
        .suffix(".old")
        .tempdir_in(directory)?;
    // An empty directory gives way to another one.
    fs::rename(path, place.keep())
}

/// Removes a file, if it is there: whether it was.
pub fn remove(path: &Path) -> Result<bool, Error> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a directory and those above it that are missing, for their owner only. Nothing is made in a directory of another
/// user, who could not use what is in there: root may run with the home of a person. Where root lets others write, as in
/// `/tmp`, is nobody's home.
pub(super) fn make(directory: &Path) -> Result<(), Error> {
    if let Some(found) = nearest(directory)
        && !super::is_own_or_roots(&found?)
    {
        return Err(Error::new(
            ErrorKind::PermissionDenied,
            "its directory belongs to another user",
        ));
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// The directory, or the nearest one above it that is there.
fn nearest(directory: &Path) -> Option<Result<fs::Metadata, Error>> {
    let places = directory.ancestors().map(|place| match place.as_os_str() {
        here if here.is_empty() => Path::new("."),
        _ => place,
    });
    let mut found = places.map(fs::metadata);
    found.find(|found| !matches!(found, Err(error) if error.kind() == ErrorKind::NotFound))
}

/// Removes the unfinished files and the locks that processes left behind which were killed, and tells how many. What is in
/// use is locked. (Where nobody can remove a lock that is held, locks stay where they are: see `lock`.)
pub fn sweep(directory: &Path) -> usize {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    let mut swept = 0;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let is_ours = name.is_some_and(|name| name.ends_with(SUFFIX) || cfg!(unix) && name.ends_with(lock::SUFFIX));
        // A pipe of that name would never open.
        let is_plain = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_ours
            && is_plain
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
            && is_at(&file, &entry.path())
        {
            swept += usize::from(fs::remove_file(entry.path()).is_ok());
        }
    }
    swept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_was_left_behind_is_swept_away() -> Result<(), Error> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("a/b/entry.json");
        replace(&path, b"1", Keep::Nothing)?;
        let left = path.with_file_name(".rolenv-abc.tmp");
        fs::write(&left, "x")?;
        let busy = path.with_file_name(".rolenv-def.tmp");
        let writer = File::create(&busy)?;
        writer.lock()?;
        let directory = home.path().join("a/b");
        let lock_file = |name| super::super::lock_file(&directory, name);
        fs::write(lock_file("left"), "")?;
        let held = super::super::lock(&lock_file("held"), |_| false);
        assert!(held.is_some());
        let others = path.with_file_name("x.lock");
        fs::write(&others, "")?;
        replace(&path, b"2", Keep::Nothing)?;
        assert_eq!(fs::read(&path)?, b"2");
        assert!(!left.exists() && busy.exists() && others.exists());
        assert!(!lock_file("left").exists() && lock_file("held").exists());
        Ok(())
    }

    #[test]
    fn what_stands_in_the_way_gives_way() -> Result<(), Error> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("entry.json");
        fs::create_dir(&path)?;
        replace(&path, b"1", Keep::Nothing)?;
        for time in ["first", "second"] {
            fs::remove_file(&path)?;
            fs::create_dir(&path)?;
            fs::write(path.join("kept"), time)?;
            replace(&path, b"2", Keep::Nothing)?;
            assert_eq!(fs::read(&path)?, b"2");
        }
        let mut kept = Vec::new();
        for entry in fs::read_dir(home.path())? {
            let entry = entry?.path();
            if entry.extension().is_some_and(|extension| extension == "old") {
                kept.push(fs::read_to_string(entry.join("kept"))?);
            }
        }
        kept.sort();
        assert_eq!(kept, ["first", "second"]);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_made_in_the_home_of_another_user() -> Result<(), Error> {
        use std::os::unix::fs::chown;
        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: only root can give a directory away");
            return Ok(());
        }
        let home = tempfile::tempdir()?;
        chown(home.path(), Some(65_534), Some(65_534))?;
        let path = home.path().join("a/b/entry.json");
        let refused = replace(&path, b"1", Keep::Nothing).map_err(|error| error.kind());
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
        let mode = |path: &Path| fs::symlink_metadata(path).map(|found| found.permissions().mode() & 0o7777);
        let path = home.path().join("a/entry.json");
        replace(&path, b"1", Keep::Nothing)?;
        assert_eq!((mode(&path)?, mode(&home.path().join("a"))?), (0o600, 0o700));
        fs::set_permissions(&path, Permissions::from_mode(0o640))?;
        replace(&path, b"2", Keep::Permissions)?;
        assert_eq!(mode(&path)?, 0o640);
        replace(&path, b"3", Keep::Nothing)?;
        assert_eq!(mode(&path)?, 0o600);
        let target = home.path().join("elsewhere");
        fs::write(&target, "e")?;
        fs::remove_file(&path)?;
        symlink(&target, &path)?;
        replace(&path, b"4", Keep::Nothing)?;
        assert!(fs::symlink_metadata(&path)?.is_file());
        assert_eq!(fs::read(&target)?, b"e");
        Ok(())
    }
}
