//! Reads the status from an environment.

use std::ffi::OsStr;

use time::OffsetDateTime;

use super::problems::{self, text, token};
use super::report::{ClearPreview, End, SetBy, Status, Verification};
use crate::credentials::masked;
use crate::env::{Change, Environment, Var};
use crate::timestamp;

impl Status {
    /// The status of `environment` at `now`.
    pub(super) fn read(environment: &Environment, now: OffsetDateTime) -> Self {
        let text = |var: Var| text(environment, var);
        let has_keys = text(Var::AccessKeyId).is_some() || text(Var::SecretAccessKey).is_some();
        let set_by = match (environment.is_managed(), has_keys) {
            (true, _) => SetBy::Rolenv,
            (false, true) => SetBy::User,
            (false, false) => SetBy::None,
        };
        let end = text(Var::CredentialExpiration).filter(|_| has_keys);
        let end = end
            .as_deref()
            .and_then(timestamp::parse)
            .map(|at| End { at, left: at - now });
        let first = |vars: [Var; 2]| vars.into_iter().find_map(|var| Some((var, text(var)?)));
        let mut status = Self {
            set_by,
            target: text(Var::RolenvProfile),
            role: text(Var::RolenvRoleArn),
            access_key: text(Var::AccessKeyId).map(|id| masked(&id)),
            is_session: token(environment).is_some(),
            lacks_token: problems::lacks_token(environment),
            end,
            region: first([Var::Region, Var::DefaultRegion]),
            profile: first([Var::Profile, Var::DefaultProfile]),
            clear: clear(environment),
            problems: Vec::new(),
            notes: Vec::new(),
            verification: Verification::NotAsked,
        };
        status.problems = problems::problems(environment, &status);
        status.notes = problems::notes(environment, &status);
        status
    }
}

/// What `clear` would change in the current environment.
fn clear(environment: &Environment) -> ClearPreview {
    let cleared = environment.cleared();
    let mut clear = ClearPreview {
        basis: cleared.basis,
        restores: Vec::new(),
        unsets: Vec::new(),
    };
    for change in cleared.changes {
        let now = environment.get(change.var().name());
        match change {
            Change::Unset(var) if now.is_some() => clear.unsets.push(var),
            Change::Set(var, value) if now != Some(&value) => clear.restores.push((var, shown(var, &value))),
            Change::Unset(_) | Change::Set(..) => {}
        }
    }
    clear
}

/// A value for display; `None` for a secret.
fn shown(var: Var, value: &OsStr) -> Option<String> {
    let value = value.to_string_lossy();
    match var {
        Var::AccessKeyId => Some(masked(&value)),
        Var::SecretAccessKey | Var::SessionToken | Var::SecurityToken | Var::RolenvRestore => None,
        Var::CredentialExpiration
        | Var::Region
        | Var::DefaultRegion
        | Var::Profile
        | Var::DefaultProfile
        | Var::SessionExpiration
        | Var::AccountId
        | Var::RolenvProfile
        | Var::RolenvRoleArn => Some(value.into_owned()),
    }
}
