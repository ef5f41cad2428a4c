//! Which profiles may be overwritten, and which keys must be removed so that the AWS CLI uses the session.

use super::WriteRequest;
use super::error::{CredentialsFileError, Existing};
use crate::config::{FileKind, Located, Profile, Profiles};

/// Marks a section that rolenv wrote: the access key ID, then the region if one was written. With other keys the
/// section is the user's.
pub(super) const MARK: &str = "rolenv_session";

/// Keys that take precedence over access keys of the credentials file in the AWS CLI.
const OVERRIDING_KEYS: [&str; 4] = ["role_arn", "web_identity_token_file", "sso_role_name", "sso_account_id"];

/// Other keys that define an identity. `--force` removes all of them from the section.
pub(super) const IDENTITY_KEYS: [&str; 9] = [
    "role_arn",
    "web_identity_token_file",
    "sso_role_name",
    "sso_account_id",
    "sso_session",
    "sso_start_url",
    "sso_region",
    "credential_process",
    "login_session",
];

/// The AWS CLI uses this as the token if it exists, even if empty.
const OLD_TOKEN: &str = "aws_security_token";

/// Keys that describe the old credentials, and would be wrong for the new ones.
pub(super) const STALE_KEYS: [&str; 2] = [OLD_TOKEN, "aws_account_id"];

/// A profile that may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Writable {
    /// The section has the region that rolenv wrote.
    pub(super) has_our_region: bool,
}

/// The value that marks a section with this access key and region.
pub(super) fn mark(access_key_id: &str, region: Option<&str>) -> String {
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
    let has_our_region = own("region").is_some_and(|region| own(MARK) == Some(&mark(own_id(profile), Some(region))));
    Ok(Writable { has_our_region })
}

/// What takes precedence over the section, outside of it.
fn check_hidden(
    wanted: &WriteRequest<'_>,
    profile: Option<Profile<'_>>,
    profiles: &Profiles<'_>,
) -> Result<(), CredentialsFileError> {
    let hidden = |key, setting: Located<&str>| CredentialsFileError::Hidden {
        profile: wanted.profile.to_owned(),
        key,
        origin: setting.origin,
    };
    for key in OVERRIDING_KEYS {
        if let Some(setting) = profile.and_then(|profile| profile.get_in(FileKind::Config, key)) {
            return Err(hidden(key, setting));
        }
    }
    for key in OVERRIDING_KEYS.into_iter().chain([OLD_TOKEN]) {
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
        let refuse = |what, origin| {
            Err(CredentialsFileError::Taken {
                profile: profile.name().to_owned(),
                what,
                origin,
            })
        };
        for key in IDENTITY_KEYS {
            if let Some(setting) = own(key) {
                return refuse(Existing::Identity(key), setting.origin);
            }
        }
        let Some(keys) = own("aws_access_key_id").or_else(|| own("aws_secret_access_key")) else {
            continue;
        };
        let token = own("aws_session_token").or_else(|| own(OLD_TOKEN));
        let is_session = token.is_some_and(|token| !token.value.is_empty()) && !keys.value.starts_with("AKIA");
        if !is_session {
            return refuse(Existing::LongTermKeys, keys.origin);
        }
        let is_ours = own(MARK).and_then(|mark| mark.value.split('/').next()) == Some(own_id(profile));
        if kind == FileKind::Config || !is_ours {
            return refuse(Existing::OtherSession, keys.origin);
        }
    }
    Ok(())
}

/// The access key in the section of the credentials file.
fn own_id(profile: Profile<'_>) -> &str {
    let id = profile.own_in(FileKind::Credentials, "aws_access_key_id");
    id.map_or("", |setting| setting.value)
}
