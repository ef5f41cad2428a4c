//! The AWS CLI's two files as [`Profiles`], read as the CLI reads them: pure but for opening the files; knows nothing
//! of what the keys are for.

mod files;
mod found;
mod ini;
mod suggest;
mod words;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub use files::{Files, Unreadable, home, reason};
pub use found::{Found, Origin};
use ini::{Document, Section, Wrong};
pub use suggest::hint as suggestion;
pub use words::{command, quoted};

/// The profiles of both files, merged as the AWS CLI merges them.
pub struct Profiles<'files> {
    config: Source<'files>,
    credentials: Source<'files>,
    by_name: HashMap<Cow<'files, str>, Sections>,
    /// The indices of the `[services NAME]` sections of the config file.
    services: HashMap<Cow<'files, str>, usize>,
    /// The indices of its `[sso-session NAME]` sections.
    sso_sessions: HashMap<Cow<'files, str>, usize>,
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
    /// The line it stands in.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::Line {
            path: self.path.to_owned(),
            line: self.line,
        }
    }

    /// The value with its origin, on its own.
    #[must_use]
    pub fn found(&self) -> Found<String> {
        Found {
            value: self.value.to_owned(),
            origin: self.origin(),
        }
    }
}

/// The keys that are read, each of which has its value on its own line. (A `credential_process` may go on: the line
/// break is a blank between two of its words.)
const ONE_LINE: [&str; 31] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "mfa_serial",
    "external_id",
    "role_session_name",
    "duration_seconds",
    "region",
    "endpoint_url",
    "services",
    "ignore_configured_endpoint_urls",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "sso_region",
    "sso_role_name",
    "sso_account_id",
    "ca_bundle",
    "retry_mode",
    "max_attempts",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled",
    "metadata_service_timeout",
    "metadata_service_num_attempts",
];

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
        let mut services = HashMap::new();
        let mut sso_sessions = HashMap::new();
        for (index, section) in config.document.sections.iter().enumerate() {
            // A later spelling of the same name (`[profile default]`, `[default]`) replaces the earlier one.
            if let Some(name) = name_in_config(section.header) {
                by_name.entry(name).or_default().config = Some(index);
            } else if let Some(name) = second_word("services", section.header) {
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
            let stands = |header: &str| match kind {
                // What stands there belongs to every profile.
                _ if header == "DEFAULT" => true,
                Kind::Config => name_in_config(header).is_some_and(|found| found == *name),
                Kind::Credentials => header == name,
            };
            let touched = |problem: &ini::Problem<'_>| {
                // A block whose key is read has a complaint of its own (`continued`); any other does no harm.
                problem.what != Wrong::BadBlock && problem.section.is_some_and(stands)
            };
            let mut problems = source.document.problems.iter();
            if let Some(problem) = problems.find(|problem| touched(problem)) {
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
            Some(setting) => Err(Malformed {
                path: setting.path.to_owned(),
                line: setting.line,
                what: Wrong::Continued,
            }),
        }
    }

    /// The `[services NAME]` section of the config file.
    ///
    /// # Errors
    /// [`Malformed`] when a line of it could not be read.
    pub fn services(&self, name: &str) -> Result<Option<Group<'_>>, Malformed> {
        self.group(self.services.get(name))
    }

    /// The `[sso-session NAME]` section of the config file.
    ///
    /// # Errors
    /// [`Malformed`] when a line of it could not be read.
    pub fn sso_session(&self, name: &str) -> Result<Option<Group<'_>>, Malformed> {
        self.group(self.sso_sessions.get(name))
    }

    fn group(&self, index: Option<&usize>) -> Result<Option<Group<'_>>, Malformed> {
        let source = &self.config;
        let Some(section) = index.and_then(|index| source.section(*index)) else {
            return Ok(None);
        };
        let mut problems = source.document.problems.iter();
        match problems.find(|problem| problem.section == Some(section.header)) {
            Some(problem) => Err(source.malformed(problem)),
            None => Ok(Some(Group { section, source })),
        }
    }

    /// The commonest mistake: a header in the form of the other file. `None` when there is none of this name.
    fn other_spelling(&self, name: &str) -> Option<String> {
        let stands =
            |source: &Source<'_>, header: &str| source.document.sections.iter().any(|one| one.header == header);
        let told = |source: &Source<'_>, header: &str, right: &str| {
            let path = source.path.display();
            format!("`{path}` has `[{header}]`, which the AWS CLI wants to be `[{right}]` in that file")
        };
        let prefixed = format!("profile {name}");
        if stands(&self.config, name) {
            Some(told(&self.config, name, &prefixed))
        } else if stands(&self.credentials, &prefixed) {
            Some(told(&self.credentials, &prefixed, name))
        } else {
            None
        }
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

    /// The value of a key in a section, else in `[DEFAULT]`.
    fn setting(&self, section: &'files Section<'files>, key: &str) -> Option<Setting<'_>> {
        let lent = || self.section(self.defaults?)?.entry(key);
        let entry = section.entry(key).or_else(lent)?;
        Some(Setting {
            value: &entry.value,
            path: self.path,
            line: entry.line,
        })
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

    /// A setting of one line that goes on in a second: an indented key most often, maybe a secret.
    fn continued(&self) -> Option<Setting<'profiles>> {
        let settings = ONE_LINE.into_iter().filter_map(|key| self.get(key));
        settings.into_iter().find(|setting| setting.value.contains('\n'))
    }

    /// The value of a key in one of the files.
    #[must_use]
    pub fn get_in(&self, kind: Kind, key: &str) -> Option<Setting<'profiles>> {
        let source = self.all.source(kind);
        let own = match kind {
            Kind::Config => self.sections.config,
            Kind::Credentials => self.sections.credentials,
        };
        source.setting(source.section(own?)?, key)
    }
}

/// A section of the config file that profiles refer to by name.
#[derive(Clone, Copy)]
pub struct Group<'profiles> {
    section: &'profiles Section<'profiles>,
    source: &'profiles Source<'profiles>,
}

impl<'profiles> Group<'profiles> {
    /// The value of a key (in lower case).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Setting<'profiles>> {
        self.source.setting(self.section, key)
    }

    /// Every key, in lower case.
    pub fn keys(&self) -> impl Iterator<Item = &'profiles str> {
        let lent = self.source.defaults.and_then(|index| self.source.section(index));
        let entries = self.section.entries.iter();
        entries
            .chain(lent.into_iter().flat_map(|section| &section.entries))
            .map(|entry| entry.key.as_ref())
    }

    /// The value of a key in the block below `name =`, whose line is its place.
    #[must_use]
    pub fn nested(&self, name: &str, key: &str) -> Option<Setting<'profiles>> {
        let block = self.get(name)?;
        let lines = block.value.strip_prefix('\n')?.lines();
        // Of duplicates, the last.
        let value = lines.rev().find_map(|line| {
            let (found, value) = line.split_once('=')?;
            (found.trim() == key).then(|| value.trim())
        });
        Some(Setting { value: value?, ..block })
    }
}

/// The profile that a header of the config file names: `[default]`, or two words of which the first starts with
/// `profile`. That is what the AWS CLI asks for (`shlex.split`, two words), no more and no less.
fn name_in_config(header: &str) -> Option<Cow<'_, str>> {
    if header == "default" {
        return Some(header.into());
    }
    second_word("profile", header)
}

/// The second of a header's two words, of which the first starts with `kind`.
fn second_word<'header>(kind: &str, header: &'header str) -> Option<Cow<'header, str>> {
    let rest = header.strip_prefix(kind)?;
    // By far the most headers are plain words with one blank between them.
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
