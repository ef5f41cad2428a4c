//! Gets credentials from the source of a plan.

mod container;
mod fetch;
mod instance;
mod json;
mod process;
mod readiness;
mod sso;
mod token;

use std::path::Path;

use time::OffsetDateTime;

use super::client::Aws;
use super::error::AwsError;
use crate::credentials::Session;
use crate::env::Environment;
use crate::fs;
use crate::plan::{Authorization, Source, SourceKind};
use crate::secret::Secret;
use crate::system_error::describe;
use crate::timestamp;
use json::Dated;
pub(super) use json::is_sendable;
pub use readiness::{Readiness, readiness};

impl Aws {
    /// Gets the credentials of `source`. `token`: its token if it was already read, because a pipe can be read once.
    /// `environment`: for processes. `waits`: called once if a process takes long.
    pub fn credentials(
        &self,
        source: &Source,
        token: Option<&Secret>,
        environment: &Environment,
        waits: impl FnOnce(),
    ) -> Result<Session, AwsError> {
        let failed = |(reason, hint): Failure| match &source.fallback_for {
            Some(nothing) => AwsError::Fallback {
                what: nothing.to_string(),
                reason,
                hint: nothing.hint().map(str::to_owned),
            },
            None => AwsError::Source {
                owner: source.to_string(),
                reason,
                hint,
            },
        };
        let (keys, expiration): Dated = match &source.kind {
            SourceKind::Keys { keys, expiration } => (keys.clone(), *expiration),
            SourceKind::Process { command } => {
                process::credentials(command, environment, waits).map_err(|reason| failed((reason, None)))?
            }
            SourceKind::WebIdentity(_) => {
                return Err(failed(("a web identity token is not an access key".to_owned(), None)));
            }
            SourceKind::Sso(sso) => self.sso_credentials(sso, failed)?,
            SourceKind::Container(container) => {
                let token = token_or_read(source, token).map_err(|reason| failed((reason, None)))?;
                self.container_credentials(container, token.as_ref(), failed)?
            }
            SourceKind::Instance(instance) => self.instance_credentials(instance, failed)?,
        };
        if let Some(end) = expiration.filter(|end| *end <= OffsetDateTime::now_utc()) {
            return Err(failed((
                format!("expired at {}", timestamp::format(end).unwrap_or_default()),
                Some("renew them at their source, then retry".to_owned()),
            )));
        }
        Ok(Session {
            keys,
            expiration: expiration.map(|end| self.clock.end(end)),
            owner: source.to_string(),
            assumed: None,
            is_cached: false,
        })
    }
}

/// The token of `source`, unless it was already read: a pipe can be read once.
pub(super) fn token_or_read(source: &Source, token: Option<&Secret>) -> Result<Option<Secret>, String> {
    match token {
        Some(token) => Ok(Some(token.clone())),
        None => source_token(&source.kind),
    }
}

/// The token of a web identity or a container; `None` if the source has none.
pub fn source_token(source: &SourceKind) -> Result<Option<Secret>, String> {
    match source {
        SourceKind::WebIdentity(token_file) => read_token(Path::new(&token_file.value)).map(Some),
        SourceKind::Container(container) => match &container.authorization {
            None => Ok(None),
            Some(Authorization::Token(token)) => Ok(Some(token.clone())),
            Some(Authorization::File(path)) => read_token(path).map(Some),
        },
        SourceKind::Keys { .. } | SourceKind::Process { .. } | SourceKind::Sso(_) | SourceKind::Instance(_) => Ok(None),
    }
}

/// Why a source has no credentials, and the hint.
pub(super) type Failure = (String, Option<String>);

/// The longest token, in bytes: the STS API's limit for web identities.
const MAX_TOKEN_SIZE: u64 = 20_000;

/// The token in a file, verbatim, like in the AWS CLI.
pub(super) fn read_token(path: &Path) -> Result<Secret, String> {
    let cannot = |reason: &str| format!("cannot read the token in `{}`: {reason}", path.display());
    match fs::read(path, MAX_TOKEN_SIZE).map(String::from_utf8) {
        Ok(Ok(token)) if token.is_empty() => Err(cannot("empty")),
        Ok(Ok(token)) => Ok(Secret::new(token)),
        Ok(Err(_)) => Err(cannot("not valid UTF-8")),
        Err(error) => Err(cannot(&describe(&error))),
    }
}
