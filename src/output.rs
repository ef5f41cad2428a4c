//! What a command prints to standard output: one value, written once, after everything has succeeded.

use serde_json::Value;

use crate::terminal::Terminal;

/// The output of a command.
pub enum Output {
    /// Statements, byte for byte.
    Script(Vec<u8>),
    /// Text for the user. Characters that a terminal would interpret are replaced.
    Text(String),
    /// JSON, indented, with a line break at the end. Characters that a terminal would interpret are escaped.
    Json(Value),
    None,
}

/// A command that was carried out.
pub struct Done {
    pub output: Output,
    pub exit_status: u8,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self { output, exit_status: 0 }
    }
}

impl Output {
    /// The bytes to write.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Script(script) => script,
            Self::Text(text) => Terminal::safe(&Terminal::abbreviated(&text)).into_bytes(),
            Self::Json(value) => Terminal::escaped(&format!("{value:#}\n")).into_bytes(),
            Self::None => Vec::new(),
        }
    }
}
