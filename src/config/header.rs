//! Section headers of the config file, by the AWS CLI's rule.

use std::borrow::Cow;

use super::shlex;

/// The profile of a header: `[default]`, or two words of which the first starts with `profile`. That is exactly the AWS
/// CLI's rule (`shlex.split`, two words).
pub(super) fn name_in_config(header: &str) -> Option<Cow<'_, str>> {
    if header == "default" {
        return Some(header.into());
    }
    second_word("profile", header)
}

/// The second of a header's two words, of which the first starts with `kind`.
pub(super) fn second_word<'header>(kind: &str, header: &'header str) -> Option<Cow<'header, str>> {
    let rest = header.strip_prefix(kind)?;
    // Most headers are plain words separated by one space.
    if let Some(name) = rest.strip_prefix(' ')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.@/+:".contains(&byte))
        && !name.is_empty()
    {
        return Some(name.into());
    }
    match <[String; 2]>::try_from(shlex::split(header)?) {
        Ok([_, name]) => Some(name.into()),
        Err(_) => None,
    }
}
