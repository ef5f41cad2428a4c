//! The first credentials that a profile or an environment holds itself, in botocore's order of precedence.

use super::failure::PlanError;
use super::limits;
use super::reach::{Service, Surroundings, checked_url};
use super::source::{Authorization, Container, Instance, Source, SourceKind, Sso, WebIdentity};
use super::{RoleArn, SessionOptions, metadata};
use crate::environment::{Environment, NotText};
use crate::keys::{Keys, Secret};
use crate::moment;
use crate::profile::{Found, Group, Kind, Origin, Profile, Setting, command, home};

/// What has a say in where credentials come from.
#[derive(Clone, Copy)]
pub(super) struct Sources<'search> {
    pub(super) surroundings: Surroundings<'search>,
    /// The person's own environment.
    pub(super) original: &'search Environment,
    /// The name of a session that nobody named.
    pub(super) session_name: &'search Found<String>,
}

/// The role of a profile. A `web_identity_token_file` beside it makes it another matter: that role is assumed
/// without credentials.
pub(super) fn role_of(profile: Profile<'_>) -> Result<Option<Found<RoleArn>>, PlanError> {
    match profile.get("role_arn") {
        Some(setting) if profile.get("web_identity_token_file").is_none() => read_role(setting.found()).map(Some),
        _ => Ok(None),
    }
}

fn read_role(found: Found<String>) -> Result<Found<RoleArn>, PlanError> {
    match RoleArn::parse(&found.value) {
        Ok(role) => Ok(found.map(|_| role)),
        Err(error) => Err(PlanError::BadRole {
            origin: found.origin,
            error,
        }),
    }
}

pub(super) fn has_static_keys(profile: Profile<'_>) -> bool {
    profile.get("aws_access_key_id").is_some() || profile.get("aws_secret_access_key").is_some()
}

/// Whether a profile has anything to sign with; a bare `[default]` with a region has not.
pub(super) fn can_sign(profile: Profile<'_>) -> bool {
    const OTHERS: [&str; 6] = [
        "role_arn",
        "web_identity_token_file",
        "sso_role_name",
        "sso_account_id",
        "login_session",
        "credential_process",
    ];
    has_static_keys(profile) || OTHERS.iter().any(|key| profile.get(key).is_some())
}

impl Sources<'_> {
    /// The credentials that a profile holds itself; its role, if it needs others to be assumed, does not count.
    pub(super) fn of_profile(&self, profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
        if let Some(source) = self.web_identity_of(profile)? {
            return Ok(Some(source));
        }
        if let Some(source) = self.sso_of(profile)? {
            return Ok(Some(source));
        }
        if let Some(source) = static_keys(profile, Kind::Credentials)? {
            return Ok(Some(source));
        }
        if let Some(login) = profile.get("login_session") {
            return Err(PlanError::UnreadSource {
                profile: profile.name().to_owned(),
                origin: login.origin(),
            });
        }
        if let Some(source) = process_of(profile)? {
            return Ok(Some(source));
        }
        static_keys(profile, Kind::Config)
    }

    /// What the AWS CLI takes when nothing else has credentials: the role of the container or of the instance it
    /// runs on. If there is none, `nothing` is what is told.
    pub(super) fn of_machine(&self, nothing: PlanError) -> Result<Source, PlanError> {
        if let Some(source) = self.container()? {
            return Ok(source);
        }
        match self.instance()? {
            Some(source) => Ok(Source {
                last_resort: Some((nothing.to_string(), nothing.hint())),
                ..source
            }),
            None => Err(nothing),
        }
    }

    /// What an environment offers to whom no profile does: keys, a web identity, the machine.
    pub(super) fn of_environment(&self, nothing: PlanError) -> Result<Source, PlanError> {
        if let Some(source) = environment_keys(self.original)? {
            return Ok(source);
        }
        match self.web_identity_of_environment()? {
            Some(source) => Ok(source),
            None => self.of_machine(nothing),
        }
    }

    fn web_identity_of(&self, profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
        let Some(token_file) = profile.get("web_identity_token_file").filter(is_full) else {
            return Ok(None);
        };
        let Some(role) = profile.get("role_arn").filter(is_full) else {
            return Err(PlanError::NoRole {
                origin: token_file.origin(),
                key: "role_arn",
            });
        };
        let session_name = checked(profile.get("role_session_name"), &limits::SESSION_NAME)?;
        Ok(Some(self.web_identity(
            format!("profile `{}`", profile.name()),
            role.found(),
            token_file.found(),
            session_name,
        )?))
    }

    fn web_identity_of_environment(&self) -> Result<Option<Source>, PlanError> {
        let get = |name: &'static str| -> Result<_, NotText> {
            let text = self.original.text(name)?;
            Ok(text.map(|text| Found {
                value: text.to_owned(),
                origin: Origin::Variable(name),
            }))
        };
        let Some(token_file) = get("AWS_WEB_IDENTITY_TOKEN_FILE")? else {
            return Ok(None);
        };
        let Some(role) = get("AWS_ROLE_ARN")? else {
            return Err(PlanError::NoRole {
                origin: token_file.origin,
                key: "AWS_ROLE_ARN",
            });
        };
        let session_name = get("AWS_ROLE_SESSION_NAME")?;
        let session_name = session_name
            .map(|name| limits::SESSION_NAME.checked(name))
            .transpose()?;
        let whose = "the web identity in the environment".to_owned();
        Ok(Some(self.web_identity(whose, role, token_file, session_name)?))
    }

    fn web_identity(
        &self,
        whose: String,
        role: Found<String>,
        token_file: Found<String>,
        session_name: Option<Found<String>>,
    ) -> Result<Source, PlanError> {
        Ok(Source::new(
            whose,
            token_file.origin.clone(),
            SourceKind::WebIdentity(WebIdentity {
                role: read_role(role)?,
                token_file,
                session_name: session_name.unwrap_or_else(|| self.session_name.clone()),
                duration: None,
                options: SessionOptions::default(),
            }),
        ))
    }

    fn sso_of(&self, profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
        let (account_id, role_name) = (profile.get("sso_account_id"), profile.get("sso_role_name"));
        let Some(configured) = role_name.or(account_id) else {
            return Ok(None);
        };
        let session = profile.get("sso_session");
        let group = match session {
            None => None,
            Some(session) => Some(self.sso_session(session)?),
        };
        // What both say has to be the same, of whatever use it is.
        for key in group.iter().flat_map(Group::keys) {
            let (own, shared) = (profile.get(key), group.and_then(|group| group.get(key)));
            if let (Some(own), Some(shared)) = (own, shared)
                && own.value != shared.value
            {
                return Err(PlanError::SsoMismatch {
                    key: key.to_owned(),
                    own: own.origin(),
                    shared: shared.origin(),
                });
            }
        }
        let get = |key| profile.get(key).or_else(|| group?.get(key));
        let mut lacks = Vec::new();
        let mut need = |key: &'static str, found: Option<Setting<'_>>| {
            let found = found.filter(is_full).map(|setting| setting.found());
            found.unwrap_or_else(|| {
                lacks.push(key);
                Found {
                    value: String::new(),
                    origin: Origin::Default,
                }
            })
        };
        let start_url = need("sso_start_url", get("sso_start_url"));
        let region = need("sso_region", get("sso_region"));
        let account_id = need("sso_account_id", get("sso_account_id"));
        let role_name = need("sso_role_name", get("sso_role_name"));
        if !lacks.is_empty() {
            return Err(PlanError::SsoIncomplete {
                profile: profile.name().to_owned(),
                lacks,
                origin: configured.origin(),
            });
        }
        let region = limits::REGION.checked(region)?;
        let session = session.map(|session| session.value.to_owned());
        // The name of the file is what `aws sso login` makes of the session's name, or of the start URL.
        let name = metadata::sha1_hex(session.as_deref().unwrap_or(&start_url.value));
        let token_file = home(self.original).join(".aws/sso/cache").join(format!("{name}.json"));
        let reach = |service| self.surroundings.reach(service, Some(region.clone()));
        Ok(Some(Source::new(
            format!("profile `{}`", profile.name()),
            configured.origin(),
            SourceKind::Sso(Box::new(Sso {
                profile: profile.name().to_owned(),
                session,
                start_url,
                account_id,
                role_name,
                token_file,
                portal: reach(Service::Sso)?,
                oidc: reach(Service::SsoOidc)?,
            })),
        )))
    }

    /// The section that a profile's `sso_session` names.
    fn sso_session(&self, session: Setting<'_>) -> Result<Group<'_>, PlanError> {
        let group = self.surroundings.profiles.sso_session(session.value)?;
        group.ok_or_else(|| PlanError::MissingSection {
            key: "sso_session",
            name: session.value.to_owned(),
            origin: session.origin(),
        })
    }

    /// The AWS CLI wants the `sso_session` of the profile that was asked for to be whole, whatever it is used for.
    pub(super) fn check_sso_session(&self, profile: Profile<'_>) -> Result<(), PlanError> {
        let Some(session) = profile.get("sso_session") else {
            return Ok(());
        };
        let group = self.sso_session(session)?;
        let lacks: Vec<&'static str> = ["sso_start_url", "sso_region"]
            .into_iter()
            .filter(|key| group.get(key).is_none())
            .collect();
        if lacks.is_empty() {
            return Ok(());
        }
        Err(PlanError::SsoIncomplete {
            profile: profile.name().to_owned(),
            lacks,
            origin: session.origin(),
        })
    }

    /// The endpoint that ECS and EKS name in the environment. The relative form wins.
    pub(super) fn container(&self) -> Result<Option<Source>, PlanError> {
        const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        let url = match (self.original.text(RELATIVE)?, self.original.text(FULL)?) {
            (Some(path), _) => metadata::container_url(path, RELATIVE)?,
            (None, Some(url)) => metadata::checked_container_url(url, FULL)?,
            (None, None) => return Ok(None),
        };
        let token_file = self.original.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        let token = self.original.text("AWS_CONTAINER_AUTHORIZATION_TOKEN")?;
        let authorization = match token_file.filter(|file| !file.is_empty()) {
            Some(file) => Some(Authorization::File(file.into())),
            None => token.map(|token| Authorization::Token(Secret::new(token))),
        };
        Ok(Some(Source::new(
            "the role of this container".to_owned(),
            url.origin.clone(),
            SourceKind::Container(Container {
                url,
                authorization,
                reach: self.surroundings.sts()?,
            }),
        )))
    }

    /// The metadata service, unless it is switched off.
    pub(super) fn instance(&self) -> Result<Option<Source>, PlanError> {
        let disabled = self.original.text("AWS_EC2_METADATA_DISABLED")?;
        if disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let settings = &self.surroundings;
        let endpoint = settings.setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")?;
        let mode = settings.setting(
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            "ec2_metadata_service_endpoint_mode",
        )?;
        let endpoint = match endpoint {
            Some(url) => checked_url(url)?.map(|url| url.trim_end_matches('/').to_owned()),
            None => metadata::instance_endpoint(mode)?,
        };
        let number = |variable, key| settings.number(variable, key);
        let timeout = number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")?;
        let attempts = number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")?;
        Ok(Some(Source::new(
            "the role of this EC2 instance".to_owned(),
            endpoint.origin.clone(),
            SourceKind::Instance(Instance {
                endpoint,
                v1_disabled: settings.is_true("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")?,
                timeout: timeout.map_or(1, |found| found.value),
                attempts: attempts.map_or(1, |found| found.value),
            }),
        )))
    }
}

/// `credential_process`, split into words as the AWS CLI splits it: no shell has a say.
fn process_of(profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
    let Some(setting) = profile.get("credential_process") else {
        return Ok(None);
    };
    let command = command(setting.value).filter(|words| !words.is_empty());
    let command = command.ok_or_else(|| PlanError::BadProcess {
        origin: setting.origin(),
    })?;
    Ok(Some(Source::new(
        format!("profile `{}`", profile.name()),
        setting.origin(),
        SourceKind::Process { command },
    )))
}

fn is_full(setting: &Setting<'_>) -> bool {
    !setting.value.is_empty()
}

/// The keys that one of the files holds; the other file does not complete them.
fn static_keys(profile: Profile<'_>, kind: Kind) -> Result<Option<Source>, PlanError> {
    let Some(access_key_id) = profile.get_in(kind, "aws_access_key_id") else {
        return Ok(None);
    };
    let partial = |has, lacks, at: Setting<'_>| PlanError::PartialCredentials {
        profile: profile.name().to_owned(),
        has,
        lacks,
        origin: at.origin(),
    };
    let get = |key| profile.get_in(kind, key).filter(is_full);
    let Some(secret) = get("aws_secret_access_key") else {
        return Err(partial("aws_access_key_id", "aws_secret_access_key", access_key_id));
    };
    if access_key_id.value.is_empty() {
        return Err(partial("aws_secret_access_key", "aws_access_key_id", access_key_id));
    }
    // botocore tries the old name first.
    let token = get("aws_security_token").or_else(|| get("aws_session_token"));
    for setting in [Some(access_key_id), Some(secret), token].into_iter().flatten() {
        if !is_sendable(setting.value) {
            return Err(PlanError::BadKey {
                origin: setting.origin(),
            });
        }
    }
    Ok(Some(Source::new(
        format!("profile `{}`", profile.name()),
        access_key_id.origin(),
        SourceKind::Keys {
            keys: Keys {
                access_key_id: access_key_id.value.to_owned(),
                secret_access_key: Secret::new(secret.value),
                session_token: token.map(|token| Secret::new(token.value)),
            },
            expiration: None,
        },
    )))
}

/// Keys and tokens are of printable ASCII. Anything else is a slip of copying, and no request could carry it.
fn is_sendable(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The keys in an environment; `None` when it has none.
pub(super) fn environment_keys(environment: &Environment) -> Result<Option<Source>, PlanError> {
    let Some(access_key_id) = environment.text("AWS_ACCESS_KEY_ID")? else {
        return Ok(None);
    };
    let Some(secret) = environment.text("AWS_SECRET_ACCESS_KEY")? else {
        return Err(PlanError::PartialEnvironment);
    };
    let token = match environment.text("AWS_SECURITY_TOKEN")? {
        Some(token) => Some(token),
        None => environment.text("AWS_SESSION_TOKEN")?,
    };
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", Some(access_key_id)),
        ("AWS_SECRET_ACCESS_KEY", Some(secret)),
        ("AWS_SESSION_TOKEN", token),
    ] {
        if value.is_some_and(|value| !is_sendable(value)) {
            return Err(PlanError::BadKey {
                origin: Origin::Variable(name),
            });
        }
    }
    // botocore reads it together with the keys, and gives up on what it cannot read.
    let expiration = match environment.text("AWS_CREDENTIAL_EXPIRATION")? {
        None => None,
        Some(text) => Some(moment::parse(text).ok_or_else(|| PlanError::BadExpiration { text: text.to_owned() })?),
    };
    Ok(Some(Source::new(
        "the keys in the environment".to_owned(),
        Origin::Variable("AWS_ACCESS_KEY_ID"),
        SourceKind::Keys {
            keys: Keys {
                access_key_id: access_key_id.to_owned(),
                secret_access_key: Secret::new(secret),
                session_token: token.map(Secret::new),
            },
            expiration,
        },
    )))
}

/// A profile's value, checked; `None` when absent or empty.
pub(super) fn checked(setting: Option<Setting<'_>>, limit: &limits::Limit) -> Result<Option<Found<String>>, PlanError> {
    let setting = setting.filter(is_full);
    setting.map(|setting| limit.checked(setting.found())).transpose()
}

/// `duration_seconds`, in seconds. What is not a whole number is ignored, as the AWS CLI ignores it.
pub(super) fn profile_duration(profile: Profile<'_>) -> Result<Option<Found<u32>>, PlanError> {
    let Some(setting) = profile.get("duration_seconds") else {
        return Ok(None);
    };
    let Some(seconds) = limits::whole_number(setting.value) else {
        return Ok(None);
    };
    if seconds < i64::from(*limits::DURATION.start()) {
        return Err(PlanError::ShortDuration {
            origin: setting.origin(),
            seconds,
        });
    }
    // No maximum: the role's own is STS's to tell. The API's integers are signed.
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX).min(i32::MAX.cast_unsigned());
    Ok(Some(setting.found().map(|_| seconds)))
}
