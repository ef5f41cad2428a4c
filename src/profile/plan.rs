//! What assuming a target takes, worked out before anything is sent: who signs first, which roles follow, where
//! the requests go.

use super::failure::PlanError;
use super::reach::{self, Reach};
use super::request::{Hop, MfaSession, Request, Signer};
use super::{Files, Profiles, RoleArn, chain, suggest};
use crate::environment::{Environment, NotText};

/// The way to a session. Nothing in it was asked of AWS.
pub struct Plan {
    /// The target as resolved: the profile's name, or the role's whole ARN.
    pub target: String,
    pub signer: Signer,
    /// Turn the first keys into a session before all else.
    pub mfa_session: Option<MfaSession>,
    /// The roles to assume, each signed with what the one before gave.
    pub hops: Vec<Hop>,
    /// The region to export: what the target or `--region` names.
    pub region: Option<String>,
    /// Where the requests go.
    pub reach: Reach,
    /// What the person should know about the plan.
    pub notes: Vec<String>,
}

impl Plan {
    /// Works out the way to `request`'s target.
    ///
    /// `environment` is that of this process. Only what `clear` would leave of it counts, unless `request.chain`: then
    /// credentials, region and endpoint are those of the role in it.
    ///
    /// # Errors
    /// [`PlanError`], before anything was asked of AWS.
    pub fn new(
        request: &Request,
        files: &Files,
        profiles: &Profiles<'_>,
        environment: &Environment,
    ) -> Result<Self, PlanError> {
        request.check()?;
        let original = environment.original();
        let seen = if request.chain { environment } else { &original };
        let (asked, named_by) = target_name(request, &original)?;
        let search = chain::Search {
            request,
            files,
            profiles,
            original: &original,
            now: environment,
        };
        let (target, way, own, session_profile) = match profiles.profile(&asked)? {
            Some(profile) => (asked, search.to_profile(profile)?, Some(profile), Some(profile)),
            None => match RoleArn::parse_target(&asked) {
                Some(role) => {
                    let role = role?;
                    let target = role.to_string();
                    let (way, source) = search.to_role(role)?;
                    (target, way, None, source)
                }
                None => {
                    let hint = suggest::hint(&asked, files, profiles);
                    return Err(PlanError::UnknownProfile {
                        name: asked,
                        named_by,
                        hint,
                    });
                }
            },
        };
        let own_region = own.map(reach::region_of).transpose()?.flatten();
        Ok(Self {
            target,
            region: request.region.clone().or(own_region),
            reach: reach::reach(request, seen, profiles, session_profile)?,
            signer: way.signer,
            mfa_session: way.mfa_session,
            hops: way.hops,
            notes: way.notes,
        })
    }

    /// The MFA serials for which a code will be needed, in the order of the requests.
    pub fn mfa_serials(&self) -> impl Iterator<Item = &str> {
        let first = self.mfa_session.iter().map(|session| session.mfa_serial.as_str());
        first.chain(self.hops.iter().filter_map(|hop| hop.mfa_serial.as_deref()))
    }
}

/// The target named on the command line, else the profile that the person's environment names, and by what.
fn target_name(request: &Request, original: &Environment) -> Result<(String, Option<&'static str>), PlanError> {
    let (name, named_by) = match &request.target {
        Some(target) => (target.as_str(), None),
        None => selected_profile(original)?.ok_or(PlanError::NoTarget)?,
    };
    if name.is_empty() {
        return Err(PlanError::NoTarget);
    }
    Ok((name.to_owned(), named_by))
}

/// A profile's name, and which variable names it.
type Selected<'name> = (&'name str, Option<&'static str>);

/// `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`: the order of AWS CLI v2.
pub(super) fn selected_profile(original: &Environment) -> Result<Option<Selected<'_>>, NotText> {
    for (variable, place) in [
        ("AWS_PROFILE", "`AWS_PROFILE`"),
        ("AWS_DEFAULT_PROFILE", "`AWS_DEFAULT_PROFILE`"),
    ] {
        if let Some(name) = original.text(variable)? {
            return Ok(Some((name, Some(place))));
        }
    }
    Ok(None)
}
