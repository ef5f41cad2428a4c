//! The source of a cached session, as data in its cache entry. Contains no secret.

use serde::{Deserialize, Serialize};

use crate::credentials::masked;
use crate::digest::sha1_hex;
use crate::plan::{Source, SourceKind};

/// The source of a cached session. Tokens and arguments may be secret, and are digests here. A web identity and a container
/// are distinguished by their token, an instance by the machine's name, because homes may be shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "Kind",
    rename_all = "kebab-case",
    rename_all_fields = "PascalCase",
    deny_unknown_fields
)]
pub enum Caller {
    Keys {
        access_key_id: String,
    },
    Process {
        arguments_sha1: String,
    },
    Sso {
        account_id: String,
        role_name: String,
        start_url: String,
    },
    WebIdentity {
        token_file: String,
        token_sha1: String,
    },
    Container {
        url: String,
        token_sha1: Option<String>,
    },
    Instance {
        url: String,
        machine: String,
    },
}

impl Caller {
    /// Describes a source. `token`: the token of a web identity or a container. `None` if it needs one that was not read:
    /// another token may stand for another identity.
    pub fn of(source: &Source, token: Option<&str>) -> Option<Self> {
        Some(match &source.kind {
            SourceKind::Keys { keys, .. } => Self::Keys {
                access_key_id: keys.access_key_id.clone(),
            },
            SourceKind::Process { command } => Self::Process {
                arguments_sha1: sha1_hex(&command.join("\0")),
            },
            SourceKind::Sso(sso) => Self::Sso {
                account_id: sso.account_id.value.clone(),
                role_name: sso.role_name.value.clone(),
                start_url: sso.start_url.value.clone(),
            },
            SourceKind::WebIdentity(token_file) => Self::WebIdentity {
                token_file: token_file.value.clone(),
                token_sha1: sha1_hex(token?),
            },
            SourceKind::Container(container) => Self::Container {
                url: container.url.value.clone(),
                token_sha1: match container.authorization {
                    Some(_) => Some(sha1_hex(token?)),
                    None => None,
                },
            },
            SourceKind::Instance(instance) => Self::Instance {
                url: instance.endpoint.value.clone(),
                machine: machine(),
            },
        })
    }

    /// The name of the kind in its data, which is also that of the source's kind.
    pub fn kind(&self) -> Option<String> {
        let data = serde_json::to_value(self).ok()?;
        data["Kind"].as_str().map(str::to_owned)
    }

    /// For display.
    pub fn name(&self) -> String {
        match self {
            Self::Keys { access_key_id } => masked(access_key_id),
            Self::Process { .. } => "a `credential_process`".to_owned(),
            Self::Sso {
                account_id, role_name, ..
            } => format!("SSO role `{role_name}` of account {account_id}"),
            Self::WebIdentity { token_file, .. } => format!("the token in `{token_file}`"),
            Self::Container { .. } => "container role".to_owned(),
            Self::Instance { .. } => "instance role".to_owned(),
        }
    }
}

#[cfg(unix)]
fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn machine() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_read_back_and_has_the_name_of_its_kind() -> Result<(), serde_json::Error> {
        let text = || "x".to_owned();
        let mut kinds = Vec::new();
        for caller in [
            Caller::Keys { access_key_id: text() },
            Caller::Process { arguments_sha1: text() },
            Caller::Sso {
                account_id: text(),
                role_name: text(),
                start_url: text(),
            },
            Caller::WebIdentity {
                token_file: text(),
                token_sha1: text(),
            },
            Caller::Container {
                url: text(),
                token_sha1: Some(text()),
            },
            Caller::Instance {
                url: text(),
                machine: text(),
            },
        ] {
            let data = serde_json::to_value(&caller)?;
            kinds.extend(caller.kind());
            assert_eq!(serde_json::from_value::<Caller>(data)?, caller);
        }
        let names = ["keys", "process", "sso", "web-identity", "container", "instance"];
        assert_eq!(kinds, names);
        Ok(())
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_shown() {
        let keys = |id: &str| Caller::Keys {
            access_key_id: id.to_owned(),
        };
        assert_eq!(keys("AKIAIOSFODNN7EXAMPLE").name(), "AKIA...MPLE");
        assert_eq!(keys("wJalrXUtnFEMI/K7MDENG").name(), "***");
    }
}
