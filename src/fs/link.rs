//! Symbolic links.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// The limit of Linux.
const LINKS: usize = 40;

/// The path that remains after following symbolic links, whether or not it exists. A loop fails with
/// [`ErrorKind::InvalidInput`].
pub fn target(path: &Path) -> Result<PathBuf, Error> {
    let mut path = path.to_owned();
    for _ in 0..=LINKS {
        let is_link = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
        if !is_link {
            return Ok(path);
        }
        let leads_to = fs::read_link(&path)?;
        // An absolute target replaces the whole path.
        path = path.parent().unwrap_or(Path::new("")).join(leads_to);
    }
    Err(Error::new(ErrorKind::InvalidInput, "symbolic link loop"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_their_end() -> Result<(), Error> {
        let home = tempfile::tempdir()?;
        let at = |name: &str| home.path().join(name);
        fs::create_dir(at("d"))?;
        symlink("d/b", at("a"))?;
        symlink("../c", at("d/b"))?;
        assert_eq!(target(&at("a"))?, at("d/../c"));
        fs::write(at("c"), "")?;
        assert_eq!(fs::canonicalize(target(&at("a"))?)?, fs::canonicalize(at("c"))?);
        symlink(at("c"), at("e"))?;
        assert_eq!(target(&at("e"))?, at("c"));
        symlink("f", at("f"))?;
        assert!(target(&at("f")).is_err());
        Ok(())
    }
}
