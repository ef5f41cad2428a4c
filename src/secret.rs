//! Text that must not be shown: nothing here can be printed by accident.

use zeroize::Zeroizing;

/// Text that must not reach a screen or a log: no `Debug`, no `Display`, wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for signing or for the shell.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
