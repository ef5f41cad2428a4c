//! Finding and reading the two files.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::env::{Environment, home, variables};
use crate::fs;
use crate::system_error::describe;

/// The AWS CLI's config file and credentials file.
pub struct Files {
    pub(super) config: File,
    pub(super) credentials: File,
}

/// One of the files. A missing file is empty, like in the AWS CLI.
pub(super) struct File {
    pub(super) path: Arc<Path>,
    pub(super) text: Vec<u8>,
    pub(super) exists: bool,
}

/// An existing file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`: {reason}", .path.display())]
pub struct Unreadable {
    path: PathBuf,
    reason: String,
}

/// Enough for a hundred thousand profiles; a larger file is not a config file (`AWS_CONFIG_FILE=/dev/zero`).
const MAX_FILE_SIZE: u64 = 16 << 20;

impl Files {
    /// Reads `AWS_CONFIG_FILE` (`~/.aws/config`) and `AWS_SHARED_CREDENTIALS_FILE` (`~/.aws/credentials`).
    pub fn read(environment: &Environment) -> Result<Self, Unreadable> {
        let config = path(environment, variables::AWS_CONFIG_FILE, "~/.aws/config");
        Ok(Self {
            config: File::read(config)?,
            credentials: File::read(credentials_path(environment))?,
        })
    }

    /// Two files in memory, named `config` and `credentials`.
    pub fn in_memory(config: impl Into<Vec<u8>>, credentials: impl Into<Vec<u8>>) -> Self {
        let file = |name: &str, text| File {
            path: Path::new(name).into(),
            text,
            exists: true,
        };
        Self {
            config: file("config", config.into()),
            credentials: file("credentials", credentials.into()),
        }
    }

    /// The paths of the files that do not exist.
    pub fn missing(&self) -> Vec<&Path> {
        [&self.config, &self.credentials]
            .into_iter()
            .filter(|file| !file.exists)
            .map(|file| &*file.path)
            .collect()
    }

    /// The paths of both files.
    pub fn paths(&self) -> [&Path; 2] {
        [&self.config.path, &self.credentials.path]
    }
}

impl File {
    fn read(path: PathBuf) -> Result<Self, Unreadable> {
        // An empty AWS_CONFIG_FILE means no file, not the default one.
        let read = if path.as_os_str().is_empty() {
            Err(ErrorKind::NotFound.into())
        } else {
            fs::read(&path, MAX_FILE_SIZE)
        };
        match read {
            Ok(text) => Ok(Self {
                path: path.into(),
                text,
                exists: true,
            }),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Self {
                path: path.into(),
                text: Vec::new(),
                exists: false,
            }),
            Err(error) => Err(Unreadable {
                reason: describe(&error),
                path,
            }),
        }
    }
}

/// The path of the credentials file; empty if the variable is.
pub fn credentials_path(environment: &Environment) -> PathBuf {
    path(
        environment,
        variables::AWS_SHARED_CREDENTIALS_FILE,
        "~/.aws/credentials",
    )
}

/// The path in a variable, expanded like in the AWS CLI by Python's `expandvars` and `expanduser`.
fn path(environment: &Environment, variable: &str, default: &str) -> PathBuf {
    let named = environment.get(variable).unwrap_or(OsStr::new(default));
    let Some(text) = named.to_str() else {
        return named.into();
    };
    let text = expand_variables(environment, text);
    match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with(std::path::is_separator) => {
            let mut path = home(environment).into_os_string();
            path.push(rest);
            path.into()
        }
        _ => text.into(),
    }
}

/// `$NAME` and `${NAME}`; an unset variable stays as it is written.
fn expand_variables(environment: &Environment, text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let (name, length) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let length = after.find(|character| !is_name(character)).unwrap_or(after.len());
                (&after[..length], length)
            }
        };
        match environment
            .get(name)
            .and_then(OsStr::to_str)
            .filter(|_| !name.is_empty())
        {
            Some(value) => expanded.push_str(value),
            None => {
                expanded.push('$');
                expanded.push_str(&after[..length]);
            }
        }
        rest = &after[length..];
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_expanded_as_python_does() {
        let environment: Environment = [("HOME", "/home/ana"), ("V", "x y")].into_iter().collect();
        for (named, expected) in [
            ("~/c", "/home/ana/c"),
            ("~", "/home/ana"),
            ("~/$V/c", "/home/ana/x y/c"),
            ("/a/${V}b", "/a/x yb"),
            ("/a/$NONE/${NONE}/$", "/a/$NONE/${NONE}/$"),
            ("/a/${V", "/a/${V"),
            ("~other/c", "~other/c"),
            ("", ""),
        ] {
            let variables: Environment = [("AWS_CONFIG_FILE", named), ("HOME", "/home/ana"), ("V", "x y")]
                .into_iter()
                .collect();
            assert_eq!(
                path(&variables, "AWS_CONFIG_FILE", "d"),
                PathBuf::from(expected),
                "{named}"
            );
        }
        assert_eq!(
            path(&environment, "AWS_CONFIG_FILE", "~/.aws/config"),
            PathBuf::from("/home/ana/.aws/config")
        );
    }

    #[test]
    fn a_missing_file_is_an_empty_one() {
        let environment: Environment = [
            ("AWS_CONFIG_FILE", ""),
            ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/x"),
        ]
        .into_iter()
        .collect();
        let files = Files::read(&environment).map(|files| files.missing().len());
        assert_eq!(files.ok(), Some(2));
    }
}
