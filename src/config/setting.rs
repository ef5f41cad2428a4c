//! Values of a file with their line.

use std::path::Path;

use super::located::{Located, Origin};

/// A value with its file and line.
#[derive(Clone, Copy)]
pub struct Setting<'profiles> {
    pub value: &'profiles str,
    pub(super) path: &'profiles Path,
    pub(super) line: usize,
}

impl Setting<'_> {
    /// The file and line.
    pub fn origin(&self) -> Origin {
        Origin::Line {
            path: self.path.to_owned(),
            line: self.line,
        }
    }

    /// The value and its origin, owned.
    pub fn found(&self) -> Located<String> {
        Located {
            value: self.value.to_owned(),
            origin: self.origin(),
        }
    }
}
