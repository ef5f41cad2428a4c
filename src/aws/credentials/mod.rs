//! The first credentials, from wherever the plan says they come.

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
use super::failure::AwsError;
use crate::environment::Environment;
use crate::keys::Secret;
use crate::moment;
use crate::plan::{Reach, Source, SourceKind};
use crate::profile::reason;
use crate::session::Session;
use json::Dated;
pub(super) use json::is_sendable;
pub use readiness::readiness;

impl Aws {
    /// Gets the credentials of `source`. A process sees `environment`; what it has to say while it runs for long goes
    /// to `overheard`.
    ///
    /// # Errors
    /// [`AwsError`], which says whose credentials could not be had and why.
    pub fn credentials(
        &self,
        source: &Source,
        reach: &Reach,
        environment: &Environment,
        overheard: &mut dyn FnMut(&[u8]),
    ) -> Result<Session, AwsError> {
        let failed = |(reason, hint): Failure| match &source.last_resort {
            Some((what, hint)) => AwsError::LastResort {
                what: what.clone(),
                reason,
                hint: hint.clone(),
            },
            None => AwsError::Source {
                whose: source.whose.clone(),
                reason,
                hint,
            },
        };
        let (keys, expiration): Dated = match &source.kind {
            SourceKind::Keys { keys, expiration } => (keys.clone(), *expiration),
            SourceKind::Process { command } => {
                process::credentials(command, environment, overheard).map_err(|reason| failed((reason, None)))?
            }
            SourceKind::WebIdentity(identity) => {
                let token =
                    read_token(Path::new(&identity.token_file.value)).map_err(|reason| failed((reason, None)))?;
                return self.assume_role_with_web_identity(reach, &source.whose, identity, &token);
            }
            SourceKind::Sso(sso) => self.sso_credentials(sso, failed)?,
            SourceKind::Container(container) => self.container_credentials(container, failed)?,
            SourceKind::Instance(instance) => self.instance_credentials(instance, failed)?,
        };
        if let Some(end) = expiration.filter(|end| *end <= OffsetDateTime::now_utc()) {
            return Err(failed((
                format!("they expired at {}", moment::format(end).unwrap_or_default()),
                Some("renew them where they come from, then try again".to_owned()),
            )));
        }
        Ok(Session {
            keys,
            expiration,
            whose: source.whose.clone(),
            arn: None,
        })
    }
}

/// Why a source gives nothing, and what to do about it.
pub(super) type Failure = (String, Option<String>);

/// The longest token that is read: the STS API's limit for that of a web identity, in bytes.
const LONGEST_TOKEN: u64 = 20_000;

/// A token in a file, byte for byte, as the AWS CLI sends it.
pub(super) fn read_token(path: &Path) -> Result<Secret, String> {
    let cannot = |reason: &str| format!("cannot read the token in `{}`: {reason}", path.display());
    let mut text = String::new();
    let opened = std::fs::File::open(path);
    let read = opened.and_then(|file| {
        let mut file = std::io::Read::take(file, LONGEST_TOKEN + 1);
        std::io::Read::read_to_string(&mut file, &mut text)
    });
    let token = Secret::new(text);
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(cannot("it is not text")),
        Err(error) => Err(cannot(&reason(&error))),
        Ok(0) => Err(cannot("it is empty")),
        Ok(length) if length as u64 > LONGEST_TOKEN => Err(cannot("it is longer than a token can be")),
        Ok(_) => Ok(token),
    }
}
