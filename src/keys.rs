//! An access key and what belongs to it. Nothing here can be printed by accident.

use zeroize::Zeroizing;

/// A text that must not reach a screen or a log: no `Debug`, no `Display`, wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for signing or for the shell.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What signs a request: an access key pair, and the session token when the keys are temporary.
#[derive(Clone)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: Secret,
    pub session_token: Option<Secret>,
}
