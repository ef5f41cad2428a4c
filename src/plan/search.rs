//! The input of a search for credentials and roles.

use super::SessionOptions;
use crate::cli::RoleArgs;
use crate::config::{Files, Located, Profiles};
use crate::env::Environment;

/// The input of a search.
pub(super) struct Search<'search> {
    pub(super) request: &'search RoleArgs,
    /// Parameters that no profile sets.
    pub(super) options: &'search SessionOptions,
    pub(super) files: &'search Files,
    pub(super) profiles: &'search Profiles<'search>,
    /// The user's own environment.
    pub(super) original: &'search Environment,
    /// The environment of this process, which may contain a role.
    pub(super) now: &'search Environment,
    /// The default session name.
    pub(super) session_name: Located<String>,
}
