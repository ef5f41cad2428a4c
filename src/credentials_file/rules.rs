//! Which profiles may be overwritten, and which keys must be removed so that the AWS CLI uses the session.

use super::WriteRequest;
use super::error::CredentialsFileError;
use crate::config::{FileKind, Located, Profile, Profiles, keys};

/// Keys that describe the old credentials, and would be wrong for the new ones. The AWS CLI reads an old token even if it
/// is empty.
pub(super) const STALE_KEYS: [&str; 2] = [keys::AWS_SECURITY_TOKEN, keys::AWS_ACCOUNT_ID];

/// A profile that may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Writable {
    /// The section has the region that rolenv wrote.
    pub(super) has_our_region: bool,
}

/// The value that marks a section with this access key and region.
pub(super) fn marker(access_key_id: &str, region: Option<&str>) -> String {
    match region {
        Some(region) => format!("{access_key_id}/{region}"),
        None => access_key_id.to_owned(),
    }
}

/// Whether the profile may be written.
pub(super) fn check(wanted: &WriteRequest<'_>, profiles: &Profiles<'_>) -> Result<Writable, CredentialsFileError> {
    let profile = profiles.profile(wanted.profile)?;
    check_hidden(wanted, profile, profiles)?;
    let Some(profile) = profile else {
        return Ok(Writable { has_our_region: false });
    };
    if !wanted.force {
        check_taken(profile)?;
    }
    let own = |key| profile.own_in(FileKind::Credentials, key).map(|setting| setting.value);
    let has_our_region = own(keys::REGION)
        .is_some_and(|region| own(keys::ROLENV_SESSION) == Some(&marker(own_id(profile), Some(region))));
    Ok(Writable { has_our_region })
}

/// What takes precedence over the section, outside of it.
fn check_hidden(
    wanted: &WriteRequest<'_>,
    profile: Option<Profile<'_>>,
    profiles: &Profiles<'_>,
) -> Result<(), CredentialsFileError> {
    let hidden = |key, setting: Located<&str>| {
        let (origin, name) = (setting.origin, wanted.profile);
        CredentialsFileError::refused(
            format!(
                "{origin}: profile `{name}` has `{key}`, which takes precedence over the credentials file in the AWS CLI"
            ),
            "use another name for `--write-profile`; `--force` only replaces the profile's section in the credentials file",
        )
    };
    for key in keys::OVERRIDING {
        if let Some(setting) = profile.and_then(|profile| profile.get_in(FileKind::Config, key)) {
            return Err(hidden(key, setting));
        }
    }
    for key in keys::OVERRIDING.into_iter().chain([keys::AWS_SECURITY_TOKEN]) {
        if let Some(setting) = profiles.default_value(FileKind::Credentials, key)? {
            return Err(hidden(key, setting));
        }
    }
    Ok(())
}

/// Content of the profile's sections that would be lost or hidden.
fn check_taken(profile: Profile<'_>) -> Result<(), CredentialsFileError> {
    for kind in [FileKind::Credentials, FileKind::Config] {
        let own = |key| profile.own_in(kind, key);
        let refuse = |what: &str, value: &Located<&str>| {
            let (origin, name) = (&value.origin, profile.name());
            Err(CredentialsFileError::refused(
                format!("{origin}: profile `{name}` {what}; not overwritten"),
                "use `--force` to overwrite it, or another name for `--write-profile`",
            ))
        };
        for key in keys::IDENTITY {
            if let Some(setting) = own(key) {
                return refuse(&format!("has `{key}`, another identity"), &setting);
            }
        }
        let Some(id) = own(keys::AWS_ACCESS_KEY_ID).or_else(|| own(keys::AWS_SECRET_ACCESS_KEY)) else {
            continue;
        };
        let token = own(keys::AWS_SESSION_TOKEN).or_else(|| own(keys::AWS_SECURITY_TOKEN));
        let is_session = token.is_some_and(|token| !token.value.is_empty()) && !id.value.starts_with("AKIA");
        if !is_session {
            return refuse("contains long-term keys", &id);
        }
        let is_ours =
            own(keys::ROLENV_SESSION).and_then(|marker| marker.value.split('/').next()) == Some(own_id(profile));
        if kind == FileKind::Config || !is_ours {
            return refuse("contains a session that rolenv did not write", &id);
        }
    }
    Ok(())
}

/// The access key in the section of the credentials file.
fn own_id(profile: Profile<'_>) -> &str {
    let id = profile.own_in(FileKind::Credentials, keys::AWS_ACCESS_KEY_ID);
    id.map_or("", |setting| setting.value)
}
