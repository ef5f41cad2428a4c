//! Role ARNs and their shorthands.

use std::fmt;

/// `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`, valid by IAM's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleArn {
    partition: String,
    account: String,
    /// `[PATH/]NAME`, without a leading slash.
    name: String,
}

/// Why a text is not a valid role ARN.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid role ARN `{text}`: {reason}")]
pub struct BadRoleArn {
    text: String,
    reason: &'static str,
}

/// The partitions of botocore's `partitions.json`.
pub(super) const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

impl RoleArn {
    /// Parses a complete ARN. Fails with the first violated rule of the IAM API (`Role.Arn`, `Role.Path`,
    /// `Role.RoleName`).
    pub fn parse(text: &str) -> Result<Self, BadRoleArn> {
        let bad = |reason| BadRoleArn {
            text: text.to_owned(),
            reason,
        };
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [arn, partition, service, region, account, resource] = fields[..] else {
            return Err(bad("must be `arn:aws:iam::ACCOUNT:role/NAME`"));
        };
        if arn != "arn" {
            return Err(bad("must start with `arn:`"));
        }
        if service != "iam" {
            return Err(bad("the service must be `iam`"));
        }
        if !region.is_empty() {
            return Err(bad("the region must be empty"));
        }
        let name = resource
            .strip_prefix("role/")
            .ok_or_else(|| bad("the resource must start with `role/`"))?;
        Self::from_parts(partition, account, name).map_err(bad)
    }

    /// Parses a role ARN, `ACCOUNT:[PATH/]NAME` or `PARTITION:ACCOUNT:[PATH/]NAME`. `None` if the text has none of
    /// these forms; an error if it has one but violates IAM's rules.
    pub fn parse_target(text: &str) -> Option<Result<Self, BadRoleArn>> {
        let is_account = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let parts = match text.split_once(':')? {
            ("arn", _) => return Some(Self::parse(text)),
            (account, name) if is_account(account) => ("aws", account, name),
            (partition, rest) => {
                let (account, name) = rest.split_once(':')?;
                if !is_account(account) {
                    return None;
                }
                (partition, account, name)
            }
        };
        let (partition, account, name) = parts;
        Some(Self::from_parts(partition, account, name).map_err(|reason| BadRoleArn {
            text: text.to_owned(),
            reason,
        }))
    }

    fn from_parts(partition: &str, account: &str, name: &str) -> Result<Self, &'static str> {
        if !PARTITIONS.contains(&partition) {
            return Err(
                "the partition must be one of aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-eusc",
            );
        }
        if !is_account(account) {
            return Err("the account must be 12 digits");
        }
        let (path, last) = name.rsplit_once('/').unwrap_or(("", name));
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        if !(1..=64).contains(&last.len()) || !last.bytes().all(is_name) {
            return Err("the role name must be 1-64 characters from A-Z a-z 0-9 _ + = , . @ -");
        }
        if path.len() > 510 || !path.bytes().all(|byte| byte.is_ascii_graphic()) || name.starts_with('/') {
            return Err("the path must be at most 512 printable ASCII characters without spaces");
        }
        Ok(Self {
            partition: partition.to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl RoleArn {
    /// `aws`, `aws-cn`, ...
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The ARN of a session of the role, which does not contain the path.
    pub fn session(&self, name: &str) -> String {
        let Self { partition, account, .. } = self;
        let role = self.name.rsplit('/').next().unwrap_or_default();
        format!("arn:{partition}:sts::{account}:assumed-role/{role}/{name}")
    }

    /// Whether this is the ARN of a session of the role, with the session name `name` if given.
    pub fn is_session(&self, arn: &str, name: Option<&str>) -> bool {
        let found = arn.rsplit_once('/').map_or("", |(_, name)| name);
        !found.is_empty() && self.session(name.unwrap_or(found)) == arn
    }

    /// Twelve digits.
    pub fn account(&self) -> &str {
        &self.account
    }
}

/// Whether this is an account ID: twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The partition of a region, by the patterns of botocore's `partitions.json`; `None` if none matches.
pub(super) fn partition_of_region(region: &str) -> Option<&'static str> {
    if let Some(partition) = region.strip_suffix("-global") {
        return PARTITIONS.into_iter().find(|known| *known == partition);
    }
    let (area, rest) = region.split_once('-')?;
    let (place, number) = rest.rsplit_once('-')?;
    let is_word =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (group, place) = place.split_once('-').unwrap_or(("", place));
    let partition = match (area, group) {
        ("cn", "") => "aws-cn",
        ("us", "gov") => "aws-us-gov",
        ("us", "iso") => "aws-iso",
        ("us", "isob") => "aws-iso-b",
        ("eu", "isoe") => "aws-iso-e",
        ("us", "isof") => "aws-iso-f",
        ("eusc", "de") => "aws-eusc",
        ("us" | "eu" | "ap" | "sa" | "ca" | "me" | "af" | "il" | "mx", "") => "aws",
        _ => return None,
    };
    is_word(place).then_some(partition)
}

impl fmt::Display for RoleArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            account,
            name,
        } = self;
        write!(formatter, "arn:{partition}:iam::{account}:role/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Option<String> {
        RoleArn::parse_target(text).map(|role| match role {
            Ok(role) => role.to_string(),
            Err(error) => format!("error: {}", error.reason),
        })
    }

    #[test]
    fn arns_and_short_hands() {
        let demo = Some("arn:aws:iam::123456789012:role/demo".to_owned());
        assert_eq!(target("arn:aws:iam::123456789012:role/demo"), demo);
        assert_eq!(target("123456789012:demo"), demo);
        assert_eq!(target("aws:123456789012:demo"), demo);
        let path = Some("arn:aws-cn:iam::123456789012:role/team/x/demo+=,.@-_".to_owned());
        assert_eq!(target("aws-cn:123456789012:team/x/demo+=,.@-_"), path);
        assert_eq!(target("arn:aws-cn:iam::123456789012:role/team/x/demo+=,.@-_"), path);
    }

    #[test]
    fn what_is_no_role_at_all() {
        for text in ["marketingadmin", "", "a b", "team:prod", "a:b:c", "x:y:123456789012"] {
            assert_eq!(target(text), None, "{text}");
        }
    }

    #[test]
    fn regions_belong_to_partitions() {
        for (region, partition) in [
            ("us-east-1", Some("aws")),
            ("ap-southeast-7", Some("aws")),
            ("mx-central-1", Some("aws")),
            ("cn-north-1", Some("aws-cn")),
            ("us-gov-west-1", Some("aws-us-gov")),
            ("us-iso-east-1", Some("aws-iso")),
            ("us-isob-east-1", Some("aws-iso-b")),
            ("eu-isoe-west-1", Some("aws-iso-e")),
            ("us-isof-south-1", Some("aws-iso-f")),
            ("eusc-de-east-1", Some("aws-eusc")),
            ("aws-global", Some("aws")),
            ("aws-us-gov-global", Some("aws-us-gov")),
            ("local", None),
            ("us-east-x", None),
            ("us--1", None),
            ("xx-new-1", None),
            ("eu-isox-west-1", None),
        ] {
            assert_eq!(partition_of_region(region), partition, "{region}");
        }
    }

    #[test]
    fn broken_roles_say_which_rule() {
        for (text, reason) in [
            ("arn:", "must be `arn:aws:iam"),
            ("arn:aws:iam::1:role/x", "the account"),
            ("arn:aws:sts::123456789012:role/x", "the service"),
            ("arn:aws:iam:us-east-1:123456789012:role/x", "the region"),
            ("arn:aws:iam::123456789012:user/x", "the resource"),
            ("arn:aws:iam::123456789012:role/", "the role name"),
            ("arn:amazon:iam::123456789012:role/x", "the partition"),
            ("12345678901:x", "the account"),
            ("123456789012:", "the role name"),
            ("123456789012:a b", "the role name"),
            ("123456789012:/a", "the path"),
            ("123456789012:a b/c", "the path"),
            ("azure:123456789012:x", "the partition"),
            ("arn:aws:iam::123456789012:role/\u{e9}", "the role name"),
        ] {
            let found = target(text).unwrap_or_default();
            assert!(found.contains(reason), "{text}: {found}");
        }
    }
}
