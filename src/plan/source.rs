//! Where the first credentials come from: plain data. Nothing of it was read or asked for yet, except for keys that
//! stand in a file or in the environment.

use std::path::PathBuf;

use time::OffsetDateTime;

use super::{EndpointConfig, RoleArn, SessionOptions};
use crate::config::{Located, Origin, quoted};
use crate::credentials::Keys;
use crate::secret::Secret;

/// The first credentials.
#[derive(Clone)]
pub struct Source {
    /// Whose they are, for messages: "profile `base`".
    pub whose: String,
    /// Where they are configured.
    pub origin: Origin,
    pub kind: SourceKind,
    /// The role whose session it is, where that is known.
    pub role: Option<RoleArn>,
    /// Nobody asked for it, but there is nothing else: what to say if it gives nothing, and the hint.
    pub last_resort: Option<(String, Option<String>)>,
}

/// One way to get credentials.
#[derive(Clone)]
pub enum SourceKind {
    /// They are there already.
    Keys {
        keys: Keys,
        /// In UTC; `None` when nobody said.
        expiration: Option<OffsetDateTime>,
    },
    /// `credential_process`, as the words of the command.
    Process {
        command: Vec<String>,
    },
    Sso(Box<Sso>),
    WebIdentity(Box<WebIdentity>),
    Container(Container),
    Instance(Instance),
}

/// A role of IAM Identity Center, by the token that `aws sso login` left behind.
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
    /// Where roles are asked for.
    pub portal: EndpointConfig,
    /// Where tokens are renewed.
    pub oidc: EndpointConfig,
}

/// A role that an identity provider's token opens (AssumeRoleWithWebIdentity, which nobody signs).
#[derive(Clone)]
pub struct WebIdentity {
    pub role: Located<RoleArn>,
    pub token_file: Located<String>,
    pub session_name: Located<String>,
    /// In seconds.
    pub duration: Option<Located<u32>>,
    /// Policies only: such a session takes its tags from the token.
    pub options: SessionOptions,
}

/// The credentials endpoint of ECS and EKS.
#[derive(Clone)]
pub struct Container {
    pub url: Located<String>,
    pub authorization: Option<Authorization>,
}

/// What the container endpoint wants to see.
#[derive(Clone)]
pub enum Authorization {
    Token(Secret),
    /// Read for each request: it changes.
    File(PathBuf),
}

/// The metadata service of an EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `http://HOST[:PORT]`, without a slash at the end.
    pub endpoint: Located<String>,
    /// Do not go on without a token (IMDSv1).
    pub v1_disabled: bool,
    /// For one request, in seconds.
    pub timeout: u32,
    pub attempts: u32,
}

/// The program of a `credential_process`, for messages. What looks like `PASSWORD=...` or has a query is not repeated.
pub fn program(command: &[String]) -> &str {
    let first = command.first().map_or("", String::as_str);
    if first.contains(['=', '?']) {
        "its first argument"
    } else {
        first
    }
}

impl Sso {
    /// What to do when the token is missing or over.
    pub fn log_in(&self) -> String {
        format!("run `aws sso login --profile {}`", quoted(&self.profile))
    }
}

impl Source {
    /// Whether they are those of the profile of this name.
    pub fn is_of(&self, profile: &str) -> bool {
        self.whose == format!("profile `{profile}`")
    }

    /// Credentials that somebody configured.
    pub(super) const fn new(whose: String, origin: Origin, kind: SourceKind) -> Self {
        Self {
            whose,
            origin,
            kind,
            role: None,
            last_resort: None,
        }
    }

    /// Whether the credentials are known to be a session's: keys with a token.
    pub const fn has_session(&self) -> bool {
        matches!(&self.kind, SourceKind::Keys { keys, .. } if keys.session_token.is_some())
    }

    /// Whether the credentials are known to be a role's session: AWS limits what is assumed from such to one hour.
    pub const fn is_role(&self) -> bool {
        self.role.is_some()
            || matches!(
                self.kind,
                SourceKind::Sso(_) | SourceKind::WebIdentity(_) | SourceKind::Container(_) | SourceKind::Instance(_)
            )
    }
}
