//! Credential sources, as plain data. Only access keys are already read.

use std::fmt;
use std::path::PathBuf;

use time::OffsetDateTime;

use super::error::PlanError;
use super::{EndpointConfig, RoleArn};
use crate::config::{Located, Origin};
use crate::credentials::Keys;
use crate::secret::Secret;
use crate::shell::quote;

/// A credential source.
pub struct Source {
    /// The profile whose credentials they are; `None` for those of the environment and of the machine.
    pub profile: Option<String>,
    /// Where it is configured.
    pub origin: Origin,
    pub kind: SourceKind,
    /// The role whose session it is, if known.
    pub role: Option<RoleArn>,
    /// For the last resort, which is not configured: the error if it has no credentials.
    pub fallback_for: Option<Box<PlanError>>,
}

/// The kinds of sources.
#[derive(Clone)]
pub enum SourceKind {
    /// Access keys.
    Keys {
        keys: Keys,
        /// In UTC; `None` if unknown.
        expiration: Option<OffsetDateTime>,
    },
    /// `credential_process`, as arguments.
    Process {
        command: Vec<String>,
    },
    Sso(Box<Sso>),
    /// The file with an identity provider's token.
    WebIdentity(Located<String>),
    Container(Container),
    Instance(Instance),
}

impl SourceKind {
    /// The name of the kind, in cache entries and in JSON output.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Keys { .. } => "keys",
            Self::Process { .. } => "process",
            Self::Sso(_) => "sso",
            Self::WebIdentity(_) => "web-identity",
            Self::Container(_) => "container",
            Self::Instance(_) => "instance",
        }
    }
}

/// A role of IAM Identity Center, with the token of `aws sso login`.
#[derive(Clone)]
pub struct Sso {
    /// The profile to log in with.
    pub profile: String,
    /// The `[sso-session]`; `None` in the older form, whose tokens cannot be renewed.
    pub session: Option<String>,
    pub start_url: Located<String>,
    pub account_id: Located<String>,
    pub role_name: Located<String>,
    /// The token in the AWS CLI's cache.
    pub token_file: PathBuf,
    /// The endpoint of the SSO portal.
    pub portal: EndpointConfig,
    /// The endpoint that renews tokens.
    pub oidc: EndpointConfig,
}

/// The credentials endpoint of ECS and EKS.
#[derive(Clone)]
pub struct Container {
    pub url: Located<String>,
    pub authorization: Option<Authorization>,
}

/// The authorization of the container endpoint.
#[derive(Clone)]
pub enum Authorization {
    Token(Secret),
    /// Read for each request, because it changes.
    File(PathBuf),
}

/// The metadata service of an EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `http://HOST[:PORT]`, without a slash at the end.
    pub endpoint: Located<String>,
    /// Do not continue without a token (IMDSv1).
    pub v1_disabled: bool,
    /// For one request, in seconds.
    pub timeout: u32,
    pub attempts: u32,
}

impl Sso {
    /// The hint for a missing or expired token.
    pub fn log_in(&self) -> String {
        format!("run `aws sso login --profile {}`", quote(&self.profile))
    }
}

impl Source {
    /// A configured source.
    pub(super) fn new(profile: Option<&str>, origin: Origin, kind: SourceKind) -> Self {
        Self {
            profile: profile.map(str::to_owned),
            origin,
            kind,
            role: None,
            fallback_for: None,
        }
    }

    /// Whether the credentials are known to be temporary: keys with a token.
    pub const fn has_session(&self) -> bool {
        matches!(&self.kind, SourceKind::Keys { keys, .. } if keys.session_token.is_some())
    }

    /// Whether the credentials are known to be a role session, for which AWS limits further sessions to 1 hour.
    pub const fn is_role(&self) -> bool {
        self.role.is_some()
            || matches!(
                self.kind,
                SourceKind::Sso(_) | SourceKind::Container(_) | SourceKind::Instance(_)
            )
    }
}

/// The owner, for messages.
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.profile, &self.kind) {
            (Some(profile), _) => write!(formatter, "profile `{profile}`"),
            (None, SourceKind::WebIdentity(_)) => formatter.write_str("the web identity in the environment"),
            (None, SourceKind::Container(_)) => formatter.write_str("this container's role"),
            (None, SourceKind::Instance(_)) => formatter.write_str("this EC2 instance's role"),
            (None, _) => formatter.write_str("the keys in the environment"),
        }
    }
}
