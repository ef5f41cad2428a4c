//! An access key and what belongs to it. Nothing here can be printed by accident.

use zeroize::Zeroizing;

/// A text that must not reach a screen or a log: no `Debug`, no `Display`, wiped when dropped.
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

/// What signs a request: an access key pair, and the session token when the keys are temporary.
#[derive(Clone)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: Secret,
    pub session_token: Option<Secret>,
}

/// Enough of an access key id to find it again: `AKIA...MPLE`.
pub fn masked(access_key_id: &str) -> String {
    // Whatever else stands there may be the secret, in the wrong place.
    let is_id = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    if !access_key_id.chars().all(is_id) {
        return "***".to_owned();
    }
    let letters: Vec<char> = access_key_id.chars().collect();
    let tail = letters.iter().skip(letters.len().saturating_sub(4).max(4));
    letters.iter().take(4).chain(&['.'; 3]).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_secret_in_the_wrong_place_is_not_shown() {
        assert_eq!(super::masked("AKIAIOSFODNN7EXAMPLE"), "AKIA...MPLE");
        assert_eq!(super::masked("AKIA"), "AKIA...");
        assert_eq!(super::masked("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "***");
    }
}
