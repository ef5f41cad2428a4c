//! The variables that rolenv changes, and what assume and clear do to them, as plain data. Knows no shell, no AWS and
//! no file.

mod restore;
pub mod variables;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use restore::Restore;

/// A variable that rolenv sets or unsets. The list is closed: no shell has to quote a name, and a forged ROLENV_RESTORE
/// cannot make `clear` set anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Var {
    AccessKeyId,
    SecretAccessKey,
    SessionToken,
    CredentialExpiration,
    Region,
    DefaultRegion,
    Profile,
    DefaultProfile,
    SecurityToken,
    SessionExpiration,
    AccountId,
    RolenvProfile,
    RolenvRoleArn,
    RolenvRestore,
}

impl Var {
    /// Every variable, in the order of the statements.
    pub const ALL: [Self; 14] = [
        Self::AccessKeyId,
        Self::SecretAccessKey,
        Self::SessionToken,
        Self::CredentialExpiration,
        Self::Region,
        Self::DefaultRegion,
        Self::Profile,
        Self::DefaultProfile,
        Self::SecurityToken,
        Self::SessionExpiration,
        Self::AccountId,
        Self::RolenvProfile,
        Self::RolenvRoleArn,
        Self::RolenvRestore,
    ];

    /// The variable's name in the environment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessKeyId => "AWS_ACCESS_KEY_ID",
            Self::SecretAccessKey => "AWS_SECRET_ACCESS_KEY",
            Self::SessionToken => "AWS_SESSION_TOKEN",
            Self::CredentialExpiration => "AWS_CREDENTIAL_EXPIRATION",
            Self::Region => "AWS_REGION",
            Self::DefaultRegion => "AWS_DEFAULT_REGION",
            Self::Profile => "AWS_PROFILE",
            Self::DefaultProfile => "AWS_DEFAULT_PROFILE",
            Self::SecurityToken => "AWS_SECURITY_TOKEN",
            Self::SessionExpiration => "AWS_SESSION_EXPIRATION",
            Self::AccountId => "AWS_ACCOUNT_ID",
            Self::RolenvProfile => "ROLENV_PROFILE",
            Self::RolenvRoleArn => "ROLENV_ROLE_ARN",
            Self::RolenvRestore => "ROLENV_RESTORE",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|var| var.name() == name)
    }

    /// Whether only rolenv reads the variable.
    const fn is_own(self) -> bool {
        matches!(self, Self::RolenvProfile | Self::RolenvRoleArn | Self::RolenvRestore)
    }

    /// Whether the variable is a credential. If `clear` does not know the previous values, it unsets only these; a region or
    /// a profile name grants no access and stays.
    const fn is_credential(self) -> bool {
        matches!(
            self,
            Self::AccessKeyId
                | Self::SecretAccessKey
                | Self::SessionToken
                | Self::SecurityToken
                | Self::CredentialExpiration
                | Self::SessionExpiration
                | Self::AccountId
        )
    }
}

/// One change to the environment of the shell.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    Unset(Var),
    Set(Var, OsString),
}

impl Change {
    /// The changed variable.
    pub const fn var(&self) -> Var {
        match self {
            Self::Unset(var) | Self::Set(var, _) => *var,
        }
    }
}

/// The changes of `clear`, and their basis.
pub struct ClearPlan {
    /// In the order of [`in_order`].
    pub changes: Vec<Change>,
    /// Variables that the user changed since the last assume, and that `clear` changes again.
    pub overridden: Vec<Var>,
    pub basis: Basis,
}

/// What is known about the values before the first assume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// `ROLENV_RESTORE` is valid.
    Valid,
    /// `ROLENV_RESTORE` is not set: temporary credentials are unset, long-term keys stay.
    #[default]
    Missing,
    /// `ROLENV_RESTORE` is corrupt: the credentials are unset.
    Corrupt,
}

/// A variable that must be text, but is not valid Unicode.
#[derive(Debug, thiserror::Error)]
#[error("the value of `{name}` is not valid UTF-8")]
pub struct NotText {
    pub name: String,
}

/// A snapshot of environment variables: of this process, or as `clear` would leave them.
#[derive(Clone, Default)]
pub struct Environment {
    /// A list, because there are few variables and few lookups.
    variables: Vec<(OsString, OsString)>,
    basis: Basis,
    /// The content of `ROLENV_RESTORE`; empty unless it is valid.
    restore: Restore,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os().collect())
    }

    fn new(variables: Vec<(OsString, OsString)>) -> Self {
        let mut environment = Self {
            variables,
            ..Self::default()
        };
        if let Some(written) = environment.get(Var::RolenvRestore.name()) {
            (environment.basis, environment.restore) = match Restore::decode(written) {
                Some(restore) => (Basis::Valid, restore),
                None => (Basis::Corrupt, Restore::default()),
            };
        }
        environment
    }

    /// All variables with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The value; an empty string if the variable is set but empty.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let mut variables = self.variables.iter();
        variables
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_os_str())
    }

    /// The value as text; `None` if unset or empty, which the AWS SDKs and the AWS CLI treat alike.
    pub fn text(&self, name: &str) -> Result<Option<&str>, NotText> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
                None => Err(NotText { name: name.to_owned() }),
            },
        }
    }

    /// Whether the variable has a value that is not empty.
    pub fn is_set(&self, var: Var) -> bool {
        self.get(var.name()).is_some_and(|value| !value.is_empty())
    }

    /// Whether rolenv has changed this environment.
    pub fn is_managed(&self) -> bool {
        Var::ALL
            .iter()
            .any(|var| var.is_own() && self.get(var.name()).is_some())
    }

    /// The variables that were changed after the last assume: they are the user's.
    pub fn changed_inside(&self) -> Vec<Var> {
        let is_changed = |var: &Var| !var.is_own() && self.restore.is_changed(*var, self.get(var.name()));
        match self.basis {
            Basis::Valid => Var::ALL.into_iter().filter(is_changed).collect(),
            Basis::Missing | Basis::Corrupt => Vec::new(),
        }
    }

    /// The arguments of the last assume in this shell, and of the one before it; empty without one.
    pub fn requests(&self) -> [&[String]; 2] {
        [&self.restore.request, &self.restore.previous]
    }

    /// The user's own environment: this one as `clear` would leave it, with the variables that the user changed since the
    /// last assume.
    pub fn original(&self) -> Self {
        if !self.is_managed() {
            return self.clone();
        }
        let changed = self.changed_inside();
        let now = |var: Var| self.get(var.name()).map(OsStr::to_owned);
        let has_keys = changed.contains(&Var::AccessKeyId) && self.is_set(Var::AccessKeyId);
        let mut values = self.restored();
        for var in Var::ALL.into_iter().filter(|var| !var.is_own()) {
            // Keys are replaced as a whole: a token of the role does not belong to the user's new keys.
            match (var.is_credential(), changed.contains(&var)) {
                (true, true) if has_keys => values.insert(var, now(var)),
                (true, false) if has_keys => values.insert(var, None),
                (false, true) => values.insert(var, now(var)),
                _ => None,
            };
        }
        self.with(&changes(values))
    }

    /// The changes that restore the environment from before the first `assume`. Without a valid `ROLENV_RESTORE`,
    /// credentials are unset and nothing is set; long-term keys stay if there is none at all, because they are the user's.
    pub fn cleared(&self) -> ClearPlan {
        let restored = self.restored();
        let is_lost = |var: &Var| {
            let after = restored.get(var).map(Option::as_deref);
            after.is_some_and(|after| after != self.get(var.name()))
        };
        ClearPlan {
            overridden: self.changed_inside().into_iter().filter(is_lost).collect(),
            changes: changes(restored),
            basis: self.basis,
        }
    }

    /// The value that each variable has after `clear`; the others do not change.
    fn restored(&self) -> BTreeMap<Var, Option<OsString>> {
        let has_token = self.is_set(Var::SessionToken) || self.is_set(Var::SecurityToken);
        let mut values = match self.basis {
            Basis::Valid => self.restore.values().clone(),
            Basis::Missing if !has_token => BTreeMap::new(),
            Basis::Missing | Basis::Corrupt => {
                let credentials = Var::ALL.into_iter().filter(|var| var.is_credential());
                credentials.map(|var| (var, None)).collect()
            }
        };
        let own = Var::ALL.into_iter().filter(|var| var.is_own());
        values.extend(own.map(|var| (var, None)));
        values
    }

    /// The changes that put `session` into this environment: its values are set, every other variable of [`Var`] is
    /// unset, and `ROLENV_RESTORE` records the values from before the first assume, and `request`, the arguments that
    /// describe the session. An existing record is kept, and only extended by variables that it does not contain.
    pub fn assumed(&self, session: impl IntoIterator<Item = (Var, OsString)>, request: Vec<String>) -> Vec<Change> {
        let mut values: BTreeMap<Var, Option<OsString>> = Var::ALL.into_iter().map(|var| (var, None)).collect();
        values.extend(session.into_iter().map(|(var, value)| (var, Some(value))));

        let original = self.original();
        let mut restore = self.restore.clone();
        for (&var, after) in values.iter().filter(|(var, _)| !var.is_own()) {
            let before = original.get(var.name());
            // Credentials are always recorded; a value without them was not written by rolenv.
            if var.is_credential() || before != after.as_deref() {
                restore.remember(var, before);
            }
        }
        let set = values.iter().filter_map(|(var, value)| Some((*var, value.as_deref()?)));
        restore.record(set.filter(|(var, _)| !var.is_own()), request);
        values.insert(Var::RolenvRestore, Some(restore.write().into()));
        changes(values)
    }

    /// This environment after some changes.
    pub fn with(&self, changes: &[Change]) -> Self {
        let is_changed = |name: &OsStr| changes.iter().any(|change| change.var().name() == name);
        let unchanged = self.variables.iter().filter(|(name, _)| !is_changed(name)).cloned();
        let set = changes.iter().filter_map(|change| match change {
            Change::Unset(_) => None,
            Change::Set(var, value) => Some((var.name().into(), value.clone())),
        });
        Self::new(unchanged.chain(set).collect())
    }
}

impl<Name: Into<OsString>, Value: Into<OsString>> FromIterator<(Name, Value)> for Environment {
    fn from_iter<Variables: IntoIterator<Item = (Name, Value)>>(variables: Variables) -> Self {
        let own = |(name, value): (Name, Value)| (name.into(), value.into());
        Self::new(variables.into_iter().map(own).collect())
    }
}

fn changes(values: BTreeMap<Var, Option<OsString>>) -> Vec<Change> {
    let change = |(var, value)| match value {
        None => Change::Unset(var),
        Some(value) => Change::Set(var, value),
    };
    in_order(values.into_iter().map(change))
}

/// First every unset, then every set, each in the order of [`Var::ALL`]: a shell that stops half way has lost access
/// rather than mixed identities.
pub fn in_order(changes: impl IntoIterator<Item = Change>) -> Vec<Change> {
    let mut changes: Vec<Change> = changes.into_iter().collect();
    changes.sort_by_key(|change| (matches!(change, Change::Set(..)), change.var()));
    changes
}

/// `HOME` (`USERPROFILE` on Windows, like Python), else the home in the system's user database.
pub fn home(environment: &Environment) -> PathBuf {
    let variable = if cfg!(windows) {
        variables::USERPROFILE
    } else {
        variables::HOME
    };
    match environment.get(variable).filter(|home| !home.is_empty()) {
        Some(home) => home.into(),
        None => std::env::home_dir().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
