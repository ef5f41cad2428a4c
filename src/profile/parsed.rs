//! One file, taken apart: sections by their place, and what `[DEFAULT]` lends to them.

use std::path::Path;

use super::Malformed;
use super::ini::{self, Document, Section};
use super::setting::Setting;

/// One file, taken apart.
pub(super) struct ParsedFile<'files> {
    pub(super) path: &'files Path,
    pub(super) document: Document<'files>,
    /// The index of `[DEFAULT]`, whose entries Python's parser lends to every section.
    pub(super) defaults: Option<usize>,
}

impl<'files> ParsedFile<'files> {
    pub(super) fn parse(path: &'files Path, text: &'files [u8]) -> Self {
        let document = ini::parse(text);
        let mut headers = document.sections.iter().map(|section| section.header);
        let defaults = headers.position(|header| header == "DEFAULT");
        Self {
            path,
            document,
            defaults,
        }
    }

    pub(super) fn section(&self, index: usize) -> Option<&Section<'files>> {
        self.document.sections.get(index)
    }

    /// The value of a key in a section, else in `[DEFAULT]`.
    pub(super) fn setting(&self, section: &'files Section<'files>, key: &str) -> Option<Setting<'_>> {
        let lent = || self.section(self.defaults?)?.entry(key);
        let entry = section.entry(key).or_else(lent)?;
        Some(Setting {
            value: &entry.value,
            path: self.path,
            line: entry.line,
        })
    }

    pub(super) fn malformed(&self, problem: &ini::Problem<'_>) -> Malformed {
        Malformed {
            path: self.path.to_owned(),
            line: problem.line,
            what: problem.what,
        }
    }
}
