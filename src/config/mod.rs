//! The AWS CLI's two files as [`Profiles`], read like the AWS CLI reads them. Does not know the meaning of keys.

mod edit;
mod files;
mod header;
mod ini;
pub mod keys;
mod located;
mod parsed;
mod profile;
mod shlex;
mod suggest;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

pub use edit::{EditError, check_name};
pub use files::{Files, Unreadable, credentials_path};
use header::{name_in_config, second_word};
use ini::ProblemKind;
pub use located::{Located, Origin};
use parsed::ParsedFile;
pub use profile::{FileKind, NamedSection, Profile};
pub use shlex::command;
pub use suggest::hint as suggestion;

/// The profiles of both files, merged as the AWS CLI merges them.
pub struct Profiles<'files> {
    config: ParsedFile<'files>,
    credentials: ParsedFile<'files>,
    by_name: HashMap<Cow<'files, str>, Sections>,
    /// The indices of the `[services NAME]` sections of the config file.
    services: HashMap<Cow<'files, str>, usize>,
    /// The indices of its `[sso-session NAME]` sections.
    sso_sessions: HashMap<Cow<'files, str>, usize>,
}

/// The indices of a profile's sections.
#[derive(Clone, Copy, Default)]
struct Sections {
    config: Option<usize>,
    credentials: Option<usize>,
}

/// A line of a file that the AWS CLI rejects.
#[derive(Debug, thiserror::Error)]
#[error("{line}: {what}")]
pub struct Malformed {
    line: Origin,
    what: ProblemKind,
}

impl<'files> Profiles<'files> {
    /// Parses the files. Never fails: an invalid line only affects its profile.
    pub fn parse(files: &'files Files) -> Self {
        let config = ParsedFile::parse(&files.config.path, &files.config.text);
        let credentials = ParsedFile::parse(&files.credentials.path, &files.credentials.text);
        let mut by_name: HashMap<Cow<'files, str>, Sections> = HashMap::new();
        let mut services = HashMap::new();
        let mut sso_sessions = HashMap::new();
        for (index, section) in config.document.sections.iter().enumerate() {
            // A later header of the same profile (`[profile default]`, `[default]`) replaces the earlier one.
            if let Some(name) = name_in_config(section.header) {
                by_name.entry(name).or_default().config = Some(index);
            } else if let Some(name) = second_word(keys::SERVICES, section.header) {
                services.insert(name, index);
            } else if let Some(name) = second_word("sso-session", section.header) {
                sso_sessions.insert(name, index);
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
            services,
            sso_sessions,
        }
    }

    /// The profile with exactly this name. Fails if a line of its sections is invalid.
    pub fn profile(&self, name: &str) -> Result<Option<Profile<'_>>, Malformed> {
        let Some((name, sections)) = self.by_name.get_key_value(name) else {
            return Ok(None);
        };
        for kind in [FileKind::Config, FileKind::Credentials] {
            let source = self.source(kind);
            let applies = |header: &str| match kind {
                // `[DEFAULT]` applies to every profile.
                _ if header == "DEFAULT" => true,
                FileKind::Config => name_in_config(header).is_some_and(|found| found == *name),
                FileKind::Credentials => header == name,
            };
            if let Some(problem) = source.first_problem(applies) {
                return Err(source.malformed(problem));
            }
        }
        let profile = Profile {
            name,
            sections: *sections,
            all: self,
        };
        match profile.continued() {
            None => Ok(Some(profile)),
            Some(value) => Err(Malformed {
                line: value.origin,
                what: ProblemKind::Continued,
            }),
        }
    }

    /// The `[services NAME]` section of the config file. Fails if a line of it is invalid.
    pub fn services(&self, name: &str) -> Result<Option<NamedSection<'_>>, Malformed> {
        self.group(self.services.get(name))
    }

    /// The `[sso-session NAME]` section of the config file. Fails if a line of it is invalid.
    pub fn sso_session(&self, name: &str) -> Result<Option<NamedSection<'_>>, Malformed> {
        self.group(self.sso_sessions.get(name))
    }

    fn group(&self, index: Option<&usize>) -> Result<Option<NamedSection<'_>>, Malformed> {
        let source = &self.config;
        let Some(section) = index.and_then(|index| source.section(*index)) else {
            return Ok(None);
        };
        let mut problems = source.document.problems.iter();
        match problems.find(|problem| problem.section == Some(section.header)) {
            Some(problem) => Err(source.malformed(problem)),
            None => Ok(Some(NamedSection { section, source })),
        }
    }

    /// The value of a key in `[DEFAULT]` of one of the files. Fails if a line of `[DEFAULT]` is invalid.
    pub fn default_value(&self, kind: FileKind, key: &str) -> Result<Option<Located<&str>>, Malformed> {
        let source = self.source(kind);
        match source.first_problem(|header| header == "DEFAULT") {
            Some(problem) => Err(source.malformed(problem)),
            None => Ok(source.default_value(key)),
        }
    }

    /// A header in the form of the other file, which is the most common mistake.
    fn other_spelling(&self, name: &str) -> Option<String> {
        let has_header =
            |source: &ParsedFile<'_>, header: &str| source.document.sections.iter().any(|one| one.header == header);
        let hint = |source: &ParsedFile<'_>, header: &str, right: &str| {
            let path = source.path.display();
            format!("`{path}` has `[{header}]`; in that file this must be `[{right}]`")
        };
        let prefixed = format!("profile {name}");
        if has_header(&self.config, name) {
            Some(hint(&self.config, name, &prefixed))
        } else if has_header(&self.credentials, &prefixed) {
            Some(hint(&self.credentials, &prefixed, name))
        } else {
            None
        }
    }

    /// Every profile's name, sorted.
    pub fn names(&self) -> BTreeSet<&str> {
        self.by_name.keys().map(AsRef::as_ref).collect()
    }

    /// The first invalid line of each file, for a note.
    pub fn problems(&self) -> Vec<Malformed> {
        [&self.config, &self.credentials]
            .into_iter()
            .filter_map(|source| Some(source.malformed(source.document.problems.first()?)))
            .collect()
    }

    const fn source(&self, kind: FileKind) -> &ParsedFile<'files> {
        match kind {
            FileKind::Config => &self.config,
            FileKind::Credentials => &self.credentials,
        }
    }
}

#[cfg(test)]
mod tests;
