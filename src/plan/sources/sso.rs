//! Roles of IAM Identity Center: a profile combined with its `[sso-session]`.

use super::Sources;
use crate::config::{Located, NamedSection, Origin, Profile, keys};
use crate::digest::sha1_hex;
use crate::env::home;
use crate::plan::endpoint::{Service, missing_section};
use crate::plan::error::PlanError;
use crate::plan::limits;
use crate::plan::settings::{is_full, within};
use crate::plan::source::{Source, SourceKind, Sso};

impl Sources<'_> {
    /// The SSO role of a profile, if it has one.
    pub(in crate::plan) fn sso_of(&self, profile: Profile<'_>) -> Result<Option<Source>, PlanError> {
        let (account_id, role_name) = (profile.get(keys::SSO_ACCOUNT_ID), profile.get(keys::SSO_ROLE_NAME));
        let Some(configured) = role_name.or(account_id) else {
            return Ok(None);
        };
        let session = profile.get(keys::SSO_SESSION);
        let group = match &session {
            None => None,
            Some(session) => Some(self.sso_session(session)?),
        };
        // A key in both must have the same value, even if it is not used.
        for key in group.iter().flat_map(NamedSection::keys) {
            let (own, shared) = (profile.get(key), group.and_then(|group| group.get(key)));
            if let (Some(own), Some(shared)) = (own, shared)
                && own.value != shared.value
            {
                let message = format_args!("`{key}` differs from the sso-session's ({})", shared.origin);
                return Err(PlanError::at(&own.origin, message));
            }
        }
        let get = |key| profile.get(key).or_else(|| group?.get(key));
        let mut missing = Vec::new();
        let mut need = |key: &'static str, found: Option<Located<&str>>| {
            let found = found.filter(is_full).map(|setting| setting.owned());
            found.unwrap_or_else(|| {
                missing.push(key);
                Located {
                    value: String::new(),
                    origin: Origin::Default,
                }
            })
        };
        let start_url = need(keys::SSO_START_URL, get(keys::SSO_START_URL));
        let region = need(keys::SSO_REGION, get(keys::SSO_REGION));
        let account_id = need(keys::SSO_ACCOUNT_ID, get(keys::SSO_ACCOUNT_ID));
        let role_name = need(keys::SSO_ROLE_NAME, get(keys::SSO_ROLE_NAME));
        if !missing.is_empty() {
            return Err(incomplete(profile, &missing, &configured.origin));
        }
        let region = within(&limits::REGION, region)?;
        let session = session.map(|session| session.value.to_owned());
        // `aws sso login` names the file by the digest of the session's name, or of the start URL.
        let name = sha1_hex(session.as_deref().unwrap_or(&start_url.value));
        let token_file = home(self.original).join(".aws/sso/cache").join(format!("{name}.json"));
        let endpoint_config = |service| self.layers.endpoint_config(service, Some(region.clone()));
        Ok(Some(Source::new(
            Some(profile.name()),
            configured.origin,
            SourceKind::Sso(Box::new(Sso {
                profile: profile.name().to_owned(),
                session,
                start_url,
                account_id,
                role_name,
                token_file,
                portal: endpoint_config(Service::Sso)?,
                oidc: endpoint_config(Service::SsoOidc)?,
            })),
        )))
    }

    /// The section that `sso_session` names.
    fn sso_session(&self, session: &Located<&str>) -> Result<NamedSection<'_>, PlanError> {
        let group = self.layers.profiles.sso_session(session.value)?;
        group.ok_or_else(|| missing_section(keys::SSO_SESSION, session))
    }

    /// The AWS CLI requires a complete `sso_session` of the target profile, even if it is not used.
    pub(in crate::plan) fn check_sso_session(&self, profile: Profile<'_>) -> Result<(), PlanError> {
        let Some(session) = profile.get(keys::SSO_SESSION) else {
            return Ok(());
        };
        let group = self.sso_session(&session)?;
        let missing: Vec<&'static str> = [keys::SSO_START_URL, keys::SSO_REGION]
            .into_iter()
            .filter(|key| group.get(key).is_none())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(incomplete(profile, &missing, &session.origin))
    }
}

fn incomplete(profile: Profile<'_>, missing: &[&str], origin: &Origin) -> PlanError {
    let missing: Vec<String> = missing.iter().map(|key| format!("`{key}`")).collect();
    let message = format_args!("profile `{}` uses SSO but lacks {}", profile.name(), missing.join(", "));
    PlanError::at(origin, message)
}
