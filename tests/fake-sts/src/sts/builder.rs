//! The builder: who exists, which roles there are, and how the server is reached.

use std::time::Duration;

use time::OffsetDateTime;

use super::{FakeSts, Sts, role::Role, world::World};
use crate::fake::Fake;

/// Describes the accounts a [`FakeSts`] serves.
#[derive(Debug, Default)]
pub struct Builder {
    world: World,
}

impl Builder {
    /// A long-term access key of a user, or of an account's root (`arn:aws:iam::ACCOUNT:root`).
    pub fn user(mut self, access_key_id: &str, secret: &str, arn: &str) -> Self {
        self.world.add_user(access_key_id, secret, arn);
        self
    }

    /// A session somebody already holds: a user's, or with the ARN of an assumed role that role's.
    /// One that lives for [`Duration::ZERO`] has expired.
    pub fn session_user(
        mut self,
        access_key_id: &str,
        secret: &str,
        token: &str,
        arn: &str,
        expires_in: Duration,
    ) -> Self {
        let expires = OffsetDateTime::now_utc() + expires_in;
        self.world.add_session(access_key_id, secret, token, arn, expires);
        self
    }

    /// A role that can be assumed.
    pub fn role(mut self, role: Role) -> Self {
        self.world.add_role(role);
        self
    }

    /// A code the MFA device `serial` shows. It is accepted once; a second use is refused.
    pub fn mfa_code(mut self, serial: &str, code: &str) -> Self {
        self.world.add_mfa_code(serial, code);
        self
    }

    /// Deny `GetSessionToken` to this user, or with an account's `:root` to everybody in the account. Which comes first
    /// in the real service is not known; here the MFA code is spent before the refusal, which is the worse case.
    pub fn forbid_session_token(mut self, arn: &str) -> Self {
        self.world.forbid_session_token(arn);
        self
    }

    /// Start answering plain HTTP.
    ///
    /// # Panics
    ///
    /// If no port of 127.0.0.1 can be listened on.
    pub fn start(self) -> FakeSts {
        Fake::start(Sts::new(self.world))
    }

    /// Start answering HTTPS, with a certificate from an authority made for this server alone:
    /// [`FakeSts::ca_pem`].
    ///
    /// # Panics
    ///
    /// If no port of 127.0.0.1 can be listened on.
    pub fn start_tls(self) -> FakeSts {
        Fake::start_tls(Sts::new(self.world))
    }
}
