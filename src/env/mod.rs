//! The variables rolenv may change, and what assuming and clearing do to them, as plain data; knows no shell,
//! no AWS and no file.

mod restore;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use restore::{Restore, Saved};

/// A variable that rolenv sets or unsets. The list is closed, so no shell ever has to quote a name, and `clear`
/// can never be talked into setting anything else.
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
    /// Every variable, in the order in which statements are printed.
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

    /// Whether the variable is rolenv's own mark rather than one that other tools read.
    const fn is_mark(self) -> bool {
        matches!(self, Self::RolenvProfile | Self::RolenvRoleArn | Self::RolenvRestore)
    }

    /// Whether the variable makes up an identity: what `clear` takes away when it does not know what was there
    /// before. A region or a profile name gives nobody any rights, so those stay.
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

/// One change to the environment of the shell that reads us.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    Unset(Var),
    Set(Var, OsString),
}

impl Change {
    /// The variable that changes.
    pub const fn var(&self) -> Var {
        match self {
            Self::Unset(var) | Self::Set(var, _) => *var,
        }
    }
}

/// What `clear` does, and what it goes by.
pub struct ClearPlan {
    /// In the order of [`in_order`].
    pub changes: Vec<Change>,
    pub basis: Basis,
}

/// What is known of the time before the first assume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// `ROLENV_RESTORE` tells.
    Restore,
    /// There is no `ROLENV_RESTORE`: the credentials are unset.
    Nothing,
    /// `ROLENV_RESTORE` cannot be read: the credentials are unset.
    Damage,
}

/// A variable whose value is not valid Unicode where text is needed.
#[derive(Debug, thiserror::Error)]
#[error("the value of `{name}` is not valid UTF-8")]
pub struct NotText {
    pub name: String,
}

/// A snapshot of environment variables: the process's own, or the one that `clear` would leave behind.
#[derive(Clone, Default)]
pub struct Environment {
    /// A list, because there are few of them and hardly any is asked for.
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
        }
    }

    /// Every variable with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The value as the system holds it; `Some` of an empty string when it is set to nothing.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let mut variables = self.variables.iter();
        variables
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_os_str())
    }

    /// The value as text; `None` when unset or empty, which the AWS SDKs and the CLI treat alike.
    /// Errors: [`NotText`] when the value is not valid Unicode.
    pub fn text(&self, name: &str) -> Result<Option<&str>, NotText> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
                None => Err(NotText { name: name.to_owned() }),
            },
        }
    }

    /// Whether rolenv has put something into this environment.
    pub fn is_marked(&self) -> bool {
        Var::ALL
            .iter()
            .any(|var| var.is_mark() && self.get(var.name()).is_some())
    }

    /// A profile's name that was put here after the last assume, which leaves none: it does not count for the next one.
    pub fn profile_set_inside(&self) -> Option<Var> {
        let is_inside = matches!(Restore::read(self), Saved::Known(_));
        let set = |var: &Var| self.get(var.name()).is_some_and(|value| !value.is_empty());
        [Var::Profile, Var::DefaultProfile]
            .into_iter()
            .find(|var| is_inside && set(var))
    }

    /// The person's own environment: this one as `clear` would leave it, or unchanged when rolenv never touched it.
    pub fn original(&self) -> Self {
        if self.is_marked() {
            self.with(&self.cleared().changes)
        } else {
            self.clone()
        }
    }

    /// The changes that lead back to what was there before the first `assume`.
    ///
    /// Without `ROLENV_RESTORE`, or when it is damaged, the credential variables are unset and nothing is set.
    pub fn cleared(&self) -> ClearPlan {
        let mut values = BTreeMap::new();
        let credentials = Var::ALL.into_iter().filter(|var| var.is_credential());
        let unset = credentials.map(|var| (var, None));
        let basis = match Restore::read(self) {
            Saved::Known(restore) => {
                values.extend(restore.into_values());
                Basis::Restore
            }
            Saved::Absent => {
                values.extend(unset);
                Basis::Nothing
            }
            Saved::Damaged => {
                values.extend(unset);
                Basis::Damage
            }
        };
        let marks = Var::ALL.into_iter().filter(|var| var.is_mark());
        values.extend(marks.map(|var| (var, None)));
        ClearPlan {
            changes: changes(values),
            basis,
        }
    }

    /// The changes that put `session` into this environment: its values are set, every other variable of [`Var`]
    /// is unset, and `ROLENV_RESTORE` remembers what was there before the first assume.
    ///
    /// A restore that is already there is kept as it is; only variables it does not know yet are added to it.
    pub fn assumed(&self, session: impl IntoIterator<Item = (Var, OsString)>) -> Vec<Change> {
        let mut values: BTreeMap<Var, Option<OsString>> = Var::ALL.into_iter().map(|var| (var, None)).collect();
        values.extend(session.into_iter().map(|(var, value)| (var, Some(value))));

        let original = self.original();
        let mut restore = match Restore::read(self) {
            Saved::Known(restore) => restore,
            Saved::Absent | Saved::Damaged => Restore::default(),
        };
        for (&var, after) in values.iter().filter(|(var, _)| !var.is_mark()) {
            let before = original.get(var.name());
            // The credentials are always in it, so that a restore without them is known for no work of ours.
            if var.is_credential() || before != after.as_deref() {
                restore.remember(var, before);
            }
        }
        values.insert(Var::RolenvRestore, Some(restore.write().into()));
        changes(values)
    }

    fn with(&self, changes: &[Change]) -> Self {
        let is_changed = |name: &OsStr| changes.iter().any(|change| change.var().name() == name);
        let kept = self.variables.iter().filter(|(name, _)| !is_changed(name)).cloned();
        let set = changes.iter().filter_map(|change| match change {
            Change::Unset(_) => None,
            Change::Set(var, value) => Some((var.name().into(), value.clone())),
        });
        let variables = kept.chain(set).collect();
        Self { variables }
    }
}

impl<Name: Into<OsString>, Value: Into<OsString>> FromIterator<(Name, Value)> for Environment {
    fn from_iter<Variables: IntoIterator<Item = (Name, Value)>>(variables: Variables) -> Self {
        let own = |(name, value): (Name, Value)| (name.into(), value.into());
        Self {
            variables: variables.into_iter().map(own).collect(),
        }
    }
}

fn changes(values: BTreeMap<Var, Option<OsString>>) -> Vec<Change> {
    let change = |(var, value)| match value {
        None => Change::Unset(var),
        Some(value) => Change::Set(var, value),
    };
    in_order(values.into_iter().map(change))
}

/// First every unset, then every set, each in the order of [`Var::ALL`]: a shell that stops half way has lost rights
/// then rather than mixed them.
pub fn in_order(changes: impl IntoIterator<Item = Change>) -> Vec<Change> {
    let mut changes: Vec<Change> = changes.into_iter().collect();
    changes.sort_by_key(|change| (matches!(change, Change::Set(..)), change.var()));
    changes
}

#[cfg(test)]
mod tests;
