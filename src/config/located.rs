//! Values with their origin, for messages and `explain`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The origin of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file, counted from 1.
    Line { path: Arc<Path>, line: usize },
    /// An option, with its dashes.
    Flag(&'static str),
    /// The command line's TARGET.
    Argument,
    /// An environment variable.
    Variable(&'static str),
    /// A fixed rule, in words.
    Rule(&'static str),
    /// The default of rolenv or AWS.
    Default,
}

/// A value and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<Value> {
    pub value: Value,
    pub origin: Origin,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { path, line } => write!(formatter, "`{}` line {line}", path.display()),
            Self::Flag(name) | Self::Variable(name) => write!(formatter, "`{name}`"),
            Self::Argument => formatter.write_str("the command line"),
            Self::Rule(rule) => formatter.write_str(rule),
            Self::Default => formatter.write_str("the default"),
        }
    }
}

impl<Value> Located<Value> {
    /// A value of the command line.
    pub const fn flag(value: Value, option: &'static str) -> Self {
        Self {
            value,
            origin: Origin::Flag(option),
        }
    }

    /// The same origin with a converted value.
    pub fn map<Other>(self, read: impl FnOnce(Value) -> Other) -> Located<Other> {
        Located {
            value: read(self.value),
            origin: self.origin,
        }
    }
}

impl Located<&str> {
    /// The same value, independent of the file.
    pub fn owned(&self) -> Located<String> {
        Located {
            value: self.value.to_owned(),
            origin: self.origin.clone(),
        }
    }
}
