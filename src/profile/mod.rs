//! From the AWS CLI's two files to a [`Plan`]: pure but for reading them; knows no AWS service and no shell.

mod chain;
mod files;
mod ini;
mod keys;
pub mod limits;
mod plan;
mod reach;
mod role;
mod sources;
mod suggest;
mod words;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub use files::{Files, Unreadable};
use ini::{Document, Section, Wrong};
pub use keys::{Keys, Secret};
pub use plan::{First, Hop, MfaSession, Plan, PlanError, Request};
pub use role::{BadRoleArn, RoleArn};

/// The profiles of both files, merged as the AWS CLI merges them.
pub struct Profiles<'files> {
    config: Source<'files>,
    credentials: Source<'files>,
    by_name: HashMap<Cow<'files, str>, Sections>,
}

/// One file, taken apart.
struct Source<'files> {
    path: &'files Path,
    document: Document<'files>,
    /// The index of `[DEFAULT]`, whose entries Python's parser lends to every section.
    defaults: Option<usize>,
}

/// Where a profile stands: the indices of its sections.
#[derive(Clone, Copy, Default)]
struct Sections {
    config: Option<usize>,
    credentials: Option<usize>,
}

/// A line of a file that the AWS CLI would not read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` line {line}: {what}", .path.display())]
pub struct Malformed {
    path: PathBuf,
    line: usize,
    what: Wrong,
}

/// A value and the place it was found in.
#[derive(Clone, Copy)]
pub struct Setting<'profiles> {
    pub value: &'profiles str,
    path: &'profiles Path,
    line: usize,
}

impl Setting<'_> {
    /// "`PATH` line N", for messages.
    #[must_use]
    pub fn place(&self) -> String {
        format!("`{}` line {}", self.path.display(), self.line)
    }
}

/// Which of the two files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Config,
    Credentials,
}

/// One profile: the keys of its section in either file.
#[derive(Clone, Copy)]
pub struct Profile<'profiles> {
    name: &'profiles str,
    sections: Sections,
    all: &'profiles Profiles<'profiles>,
}

impl<'files> Profiles<'files> {
    /// Takes the files apart. Never fails: a damaged line hurts only the profile it stands in.
    #[must_use]
    pub fn parse(files: &'files Files) -> Self {
        let config = Source::parse(&files.config.path, &files.config.text);
        let credentials = Source::parse(&files.credentials.path, &files.credentials.text);
        let mut by_name: HashMap<Cow<'files, str>, Sections> = HashMap::new();
        for (index, section) in config.document.sections.iter().enumerate() {
            // A later spelling of the same name (`[profile default]`, `[default]`) replaces the earlier one.
            if let Some(name) = name_in_config(section.header) {
                by_name.entry(name).or_default().config = Some(index);
            }
        }
        for (index, section) in credentials.document.sections.iter().enumerate() {
            if section.header != "DEFAULT" {
                by_name.entry(section.header.into()).or_default().credentials = Some(index);
            }
        }
        Self {
            config,
            credentials,
            by_name,
        }
    }

    /// The profile of this exact name.
    ///
    /// # Errors
    /// [`Malformed`] when a line of one of its sections could not be read: what it meant to say is unknown.
    pub fn profile(&self, name: &str) -> Result<Option<Profile<'_>>, Malformed> {
        let Some((name, sections)) = self.by_name.get_key_value(name) else {
            return Ok(None);
        };
        for kind in [Kind::Config, Kind::Credentials] {
            let source = self.source(kind);
            let touched = |header: &str| match kind {
                Kind::Config => name_in_config(header).is_some_and(|found| found == *name),
                Kind::Credentials => header == name,
            };
            let mut problems = source.document.problems.iter();
            if let Some(problem) = problems.find(|problem| problem.section.is_some_and(touched)) {
                return Err(source.malformed(problem));
            }
        }
        Ok(Some(Profile {
            name,
            sections: *sections,
            all: self,
        }))
    }

    /// Every profile's name, sorted.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.by_name.keys().map(AsRef::as_ref).collect()
    }

    /// The first damaged line of each file, for a warning.
    #[must_use]
    pub fn damage(&self) -> Vec<Malformed> {
        [&self.config, &self.credentials]
            .into_iter()
            .filter_map(|source| Some(source.malformed(source.document.problems.first()?)))
            .collect()
    }

    const fn source(&self, kind: Kind) -> &Source<'files> {
        match kind {
            Kind::Config => &self.config,
            Kind::Credentials => &self.credentials,
        }
    }
}

impl<'files> Source<'files> {
    fn parse(path: &'files Path, text: &'files [u8]) -> Self {
        let document = ini::parse(text);
        let mut headers = document.sections.iter().map(|section| section.header);
        let defaults = headers.position(|header| header == "DEFAULT");
        Self {
            path,
            document,
            defaults,
        }
    }

    fn section(&self, index: usize) -> Option<&Section<'files>> {
        self.document.sections.get(index)
    }

    fn malformed(&self, problem: &ini::Problem<'_>) -> Malformed {
        Malformed {
            path: self.path.to_owned(),
            line: problem.line,
            what: problem.what,
        }
    }
}

impl<'profiles> Profile<'profiles> {
    #[must_use]
    pub const fn name(&self) -> &'profiles str {
        self.name
    }

    /// The value of a key (in lower case): the credentials file's wins over the config file's.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Setting<'profiles>> {
        self.get_in(Kind::Credentials, key)
            .or_else(|| self.get_in(Kind::Config, key))
    }

    /// The value of a key in one of the files.
    pub(crate) fn get_in(&self, kind: Kind, key: &str) -> Option<Setting<'profiles>> {
        let source = self.all.source(kind);
        let own = match kind {
            Kind::Config => self.sections.config,
            Kind::Credentials => self.sections.credentials,
        };
        let section = source.section(own?)?;
        let defaults = source.defaults.and_then(|index| source.section(index));
        let entry = section
            .entry(key)
            .or_else(|| defaults.and_then(|section| section.entry(key)))?;
        Some(Setting {
            value: &entry.value,
            path: source.path,
            line: entry.line,
        })
    }
}

/// The profile that a header of the config file names: `[default]`, or two words of which the first starts with
/// `profile`. That is what the AWS CLI asks for (`shlex.split`, two words), no more and no less.
fn name_in_config(header: &str) -> Option<Cow<'_, str>> {
    if header == "default" {
        return Some(header.into());
    }
    let rest = header.strip_prefix("profile")?;
    // By far the most headers are `profile NAME`.
    if let Some(name) = rest.strip_prefix(' ')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.@/+:".contains(&byte))
        && !name.is_empty()
    {
        return Some(name.into());
    }
    match <[String; 2]>::try_from(words::split(header)?) {
        Ok([_, name]) => Some(name.into()),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests;
