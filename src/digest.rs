//! The digests that name the AWS CLI's cache files.

use std::fmt::Write as _;

use sha1::{Digest as _, Sha1};

/// The SHA-1 of a text, in lower-case hexadecimal.
pub fn sha1_hex(text: &str) -> String {
    let mut hex = String::with_capacity(40);
    for byte in Sha1::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_sha1sum_has_it() {
        assert_eq!(super::sha1_hex("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c");
    }
}
