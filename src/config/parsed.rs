//! One parsed file: its sections, and the defaults of `[DEFAULT]`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::ini::{self, Document, Problem, ProblemKind, Section};
use super::{Located, Malformed, Origin};

/// One parsed file.
pub(super) struct ParsedFile<'files> {
    pub(super) path: &'files Arc<Path>,
    pub(super) document: Document<'files>,
    /// The index of `[DEFAULT]`, whose entries are defaults of every section.
    pub(super) defaults: Option<usize>,
    /// The first problem of each section that has one, as an index.
    by_section: HashMap<&'files str, usize>,
}

impl<'files> ParsedFile<'files> {
    pub(super) fn parse(path: &'files Arc<Path>, text: &'files [u8]) -> Self {
        let document = ini::parse(text);
        let mut headers = document.sections.iter().map(|section| section.header);
        let defaults = headers.position(|header| header == "DEFAULT");
        let mut by_section = HashMap::new();
        for (index, problem) in document.problems.iter().enumerate() {
            // A block below a known key is reported by `Profile::continued`; any other block is ignored.
            if let Some(section) = problem.section.filter(|_| problem.what != ProblemKind::BadBlock) {
                by_section.entry(section).or_insert(index);
            }
        }
        Self {
            path,
            document,
            defaults,
            by_section,
        }
    }

    /// The first problem in the sections whose headers are `wanted`.
    pub(super) fn first_problem(&self, wanted: impl Fn(&str) -> bool) -> Option<&Problem<'files>> {
        let found = self.by_section.iter().filter(|(header, _)| wanted(header));
        let first = found.map(|(_, index)| *index).min()?;
        self.document.problems.get(first)
    }

    pub(super) fn section(&self, index: usize) -> Option<&Section<'files>> {
        self.document.sections.get(index)
    }

    /// The value of a key in a section, else in `[DEFAULT]`.
    pub(super) fn setting(&self, section: &'files Section<'files>, key: &str) -> Option<Located<&str>> {
        self.own(section, key).or_else(|| self.default_value(key))
    }

    /// The value of a key in `[DEFAULT]`.
    pub(super) fn default_value(&self, key: &str) -> Option<Located<&str>> {
        self.own(self.section(self.defaults?)?, key)
    }

    /// The value of a key in a section, without `[DEFAULT]`.
    pub(super) fn own<'own>(&'own self, section: &'own Section<'own>, key: &str) -> Option<Located<&'own str>> {
        let entry = section.entry(key)?;
        Some(Located {
            value: &entry.value,
            origin: self.origin(entry.line),
        })
    }

    pub(super) fn malformed(&self, problem: &Problem<'_>) -> Malformed {
        Malformed {
            line: self.origin(problem.line),
            what: problem.what,
        }
    }

    fn origin(&self, line: usize) -> Origin {
        Origin::Line {
            path: Arc::clone(self.path),
            line,
        }
    }
}
