//! Profiles and other sections: values by key, with their lines.

use super::ini::Section;
use super::parsed::ParsedFile;
use super::{Located, Profiles, Sections, keys};

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Config,
    Credentials,
}

/// One profile: the keys of its section in either file.
#[derive(Clone, Copy)]
pub struct Profile<'profiles> {
    pub(super) name: &'profiles str,
    pub(super) sections: Sections,
    pub(super) all: &'profiles Profiles<'profiles>,
}

impl<'profiles> Profile<'profiles> {
    pub const fn name(&self) -> &'profiles str {
        self.name
    }

    /// The value of a key (in lower case): the credentials file's wins over the config file's.
    pub fn get(&self, key: &str) -> Option<Located<&'profiles str>> {
        self.get_in(FileKind::Credentials, key)
            .or_else(|| self.get_in(FileKind::Config, key))
    }

    /// A one-line value that continues on a second line: usually an indented key, maybe a secret.
    pub(super) fn continued(&self) -> Option<Located<&'profiles str>> {
        let known = keys::ALL.iter().filter(|key| keys::is_one_line(key));
        let mut values = known.filter_map(|key| self.get(key));
        values.find(|value| value.value.contains('\n'))
    }

    /// The value of a key in one of the files, without `[DEFAULT]`.
    pub fn own_in(&self, kind: FileKind, key: &str) -> Option<Located<&'profiles str>> {
        let (source, section) = self.section(kind)?;
        source.own(section, key)
    }

    /// The value of a key in one of the files.
    pub fn get_in(&self, kind: FileKind, key: &str) -> Option<Located<&'profiles str>> {
        let (source, section) = self.section(kind)?;
        source.setting(section, key)
    }

    fn section(&self, kind: FileKind) -> Option<(&'profiles ParsedFile<'profiles>, &'profiles Section<'profiles>)> {
        let source = self.all.source(kind);
        let index = match kind {
            FileKind::Config => self.sections.config,
            FileKind::Credentials => self.sections.credentials,
        };
        Some((source, source.section(index?)?))
    }
}

/// A section of the config file that profiles refer to by name.
#[derive(Clone, Copy)]
pub struct NamedSection<'profiles> {
    pub(super) section: &'profiles Section<'profiles>,
    pub(super) source: &'profiles ParsedFile<'profiles>,
}

impl<'profiles> NamedSection<'profiles> {
    /// The value of a key (in lower case).
    pub fn get(&self, key: &str) -> Option<Located<&'profiles str>> {
        self.source.setting(self.section, key)
    }

    /// Every key, in lower case.
    pub fn keys(&self) -> impl Iterator<Item = &'profiles str> {
        let default_value = self.source.defaults.and_then(|index| self.source.section(index));
        let entries = self.section.entries.iter();
        entries
            .chain(default_value.into_iter().flat_map(|section| &section.entries))
            .map(|entry| entry.key.as_ref())
    }

    /// The value of a key in the block below `name =`; its line is that of `name`.
    pub fn nested(&self, name: &str, key: &str) -> Option<Located<&'profiles str>> {
        let block = self.get(name)?;
        let lines = block.value.strip_prefix('\n')?.lines();
        // If a key is repeated, the last one wins.
        let value = lines.rev().find_map(|line| {
            let (found, value) = line.split_once('=')?;
            (found.trim() == key).then(|| value.trim())
        });
        Some(Located { value: value?, ..block })
    }
}
