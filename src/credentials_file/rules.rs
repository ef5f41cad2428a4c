//! Which profiles may be overwritten, and which keys have to go so that the AWS CLI uses what was written.

use super::WriteRequest;
use super::error::{CredentialsFileError, Existing};
use crate::config::{FileKind, Profile, Profiles, Setting};

/// By this we know a section that we wrote: the id of the access key that we left there, then the region, if we left one.
/// Once somebody puts other keys there, it is theirs.
pub(super) const MARK: &str = "rolenv_session";

/// What the AWS CLI looks for in the two files before it takes keys from the credentials file.
const OVERRIDING_KEYS: [&str; 4] = ["role_arn", "web_identity_token_file", "sso_role_name", "sso_account_id"];

/// What else makes a profile an identity of its own. `--force` takes all of these out of the section.
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

/// The AWS CLI takes this for the token if it is there, empty or not.
const OLD_TOKEN: &str = "aws_security_token";

/// Facts about the old keys, wrong for the new ones.
pub(super) const STALE_KEYS: [&str; 2] = [OLD_TOKEN, "aws_account_id"];

/// What is known of a profile that may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Writable {
    /// The section has the region that we wrote there.
    pub(super) has_our_region: bool,
}

/// The mark of a section with this access key and region.
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

/// What wins over the section and does not stand in it.
fn check_hidden(
    wanted: &WriteRequest<'_>,
    profile: Option<Profile<'_>>,
    profiles: &Profiles<'_>,
) -> Result<(), CredentialsFileError> {
    let hidden = |key, setting: Setting<'_>| CredentialsFileError::Hidden {
        profile: wanted.profile.to_owned(),
        key,
        origin: setting.origin(),
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

/// What the profile's own sections hold that would be lost, or hidden.
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
                return refuse(Existing::Identity(key), setting.origin());
            }
        }
        let Some(keys) = own("aws_access_key_id").or_else(|| own("aws_secret_access_key")) else {
            continue;
        };
        let token = own("aws_session_token").or_else(|| own(OLD_TOKEN));
        let is_session = token.is_some_and(|token| !token.value.is_empty()) && !keys.value.starts_with("AKIA");
        if !is_session {
            return refuse(Existing::LongTermKeys, keys.origin());
        }
        let is_ours = own(MARK).and_then(|mark| mark.value.split('/').next()) == Some(own_id(profile));
        if kind == FileKind::Config || !is_ours {
            return refuse(Existing::OtherSession, keys.origin());
        }
    }
    Ok(())
}

/// The access key in the section of the credentials file.
fn own_id(profile: Profile<'_>) -> &str {
    let id = profile.own_in(FileKind::Credentials, "aws_access_key_id");
    id.map_or("", |setting| setting.value)
}
