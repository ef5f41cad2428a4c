//! The principal of the source, as far as it is known without a request.

use crate::credentials::Keys;
use crate::plan::{Plan, SourceKind, is_account};

/// A principal in a trust policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Principal {
    /// A user or a role by its ARN, or an account by `arn:...:root`.
    Arn(String),
    /// A role of IAM Identity Center: its account, and a pattern for its ARN, which ends in a random suffix.
    SsoRole { account: String, pattern: String },
    /// An account that is unknown without a request.
    Unknown { partition: String },
}

/// The placeholder for an account.
pub(super) const ACCOUNT: &str = "ACCOUNT";

/// The owner of the source's credentials, in the partition of the role.
pub(super) fn first_caller(plan: &Plan, partition: &str) -> Principal {
    let of_account = |account: &str| Principal::Arn(format!("arn:{partition}:iam::{account}:root"));
    if let Some(role) = &plan.source.role {
        return Principal::Arn(role.to_string());
    }
    match &plan.source.kind {
        SourceKind::Sso(sso) => {
            let (account, role) = (&sso.account_id.value, &sso.role_name.value);
            Principal::SsoRole {
                account: format!("arn:{partition}:iam::{account}:root"),
                pattern: format!(
                    "arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_{role}_*"
                ),
            }
        }
        SourceKind::Keys { keys, .. } => account_of_key(keys)
            .or_else(|| account_of_device(plan))
            .map_or_else(|| unknown(partition), |account| of_account(&account)),
        _ => account_of_device(plan).map_or_else(|| unknown(partition), |account| of_account(&account)),
    }
}

fn unknown(partition: &str) -> Principal {
    Principal::Unknown {
        partition: partition.to_owned(),
    }
}

/// A user's MFA device is in the user's account.
fn account_of_device(plan: &Plan) -> Option<String> {
    let serial = &plan.steps.first()?.mfa()?.serial.value;
    let account = serial.strip_prefix("arn:")?.split(':').nth(3)?;
    is_account(account).then(|| account.to_owned())
}

/// Access key IDs created since 2019 contain the account: the characters after the prefix are a base-32 number, whose
/// first bit is set and whose next 40 bits are the account. In older ones the first bit is not set.
fn account_of_key(keys: &Keys) -> Option<String> {
    let characters = keys
        .access_key_id
        .get(4..13)
        .filter(|_| keys.access_key_id.len() == 20)?;
    let mut number: u64 = 0;
    for character in characters.bytes() {
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'2'..=b'7' => character - b'2' + 26,
            _ => return None,
        };
        number = number << 5 | u64::from(digit);
    }
    // 45 bits: one that is set, 40 of the account, 4 others.
    let account = number >> 4 & ((1 << 40) - 1);
    (number >> 44 == 1).then(|| format!("{account:012}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn account(id: &str) -> Option<String> {
        account_of_key(&Keys {
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(""),
            session_token: None,
            account_id: None,
        })
    }

    /// Keys that were published together with their accounts.
    #[test]
    fn new_keys_tell_their_account() {
        assert_eq!(account("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
        assert_eq!(account("AKIASP2TPHJSQH3FJRUX").as_deref(), Some("171436882533"));
        assert_eq!(account("AKIAY34FZKBOKMUTVV7A").as_deref(), Some("609629065308"));
    }

    #[test]
    fn other_keys_tell_nothing() {
        for id in [
            "AKIAIOSFODNN7EXAMPLE",
            "",
            "AKIA",
            "AKIAQ0000000000000000",
            "AKIAQ000000000000000",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
        ] {
            assert_eq!(account(id), None, "{id}");
        }
    }
}
