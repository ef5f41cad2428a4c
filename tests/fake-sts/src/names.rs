//! Random texts in the shapes of AWS: keys, secrets, tokens, ids.

use std::iter::repeat_with;

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `ASIA` and 16 more: the id of a temporary key.
pub(crate) fn session_key_id() -> String {
    format!("ASIA{}", text(UPPER, 16))
}

/// A user's (`AIDA`) or a role's (`AROA`) unique id.
pub(crate) fn unique_id(prefix: &str) -> String {
    format!("{prefix}{}", text(UPPER, 17))
}

/// 40 characters, the two that trouble shells and URLs always among them.
pub(crate) fn secret() -> String {
    troublesome(40)
}

/// As long as real ones, which begin like this and are padded base64.
pub(crate) fn session_token() -> String {
    format!("IQoJb3JpZ2luX2Vj{}=", troublesome(427))
}

/// A token whose first characters alone mean anything to anybody.
pub(crate) fn opaque_token(prefix: &str) -> String {
    format!("{prefix}{}", troublesome(52))
}

/// A version 4 UUID.
pub(crate) fn request_id() -> String {
    let bits = fastrand::u128(..);
    let (version, variant) = (0x4 << 76, 0x2 << 62);
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | version | variant;
    let hex = format!("{bits:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn troublesome(length: usize) -> String {
    repeat_with(|| text(BASE64, length))
        .find(|text| text.contains('/') && text.contains('+'))
        .expect("an endless supply")
}

fn text(alphabet: &[u8], length: usize) -> String {
    repeat_with(|| char::from(alphabet[fastrand::usize(..alphabet.len())]))
        .take(length)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_shapes() {
        let id = session_key_id();
        assert_eq!(id.len(), 20);
        assert!(
            id.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
            "{id}"
        );
        assert_eq!(secret().len(), 40);
        let token = session_token();
        assert_eq!(token.len() % 4, 0);
        assert!(token.len() > 400 && token.ends_with('='));
        assert!(token.contains('/') && token.contains('+'));
        let uuid = request_id();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }
}
