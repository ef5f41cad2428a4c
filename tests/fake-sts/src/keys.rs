//! Credentials that servers hand out: as a test gives them, and as a reply spells them.

use std::time::Duration;

use serde_json::{Value, json};
use time::{OffsetDateTime, macros::format_description};

use crate::Fault;

/// Temporary credentials for a server to hand out. To let them sign, tell them to a
/// [`FakeSts`](crate::FakeSts) as well: [`Builder::session_user`](crate::Builder::session_user).
#[derive(Clone, Debug)]
pub struct Keys {
    access_key_id: String,
    secret: String,
    token: String,
    expires_in: Duration,
}

impl Keys {
    /// Credentials that are said to last for six hours, counted from each reply.
    pub fn new(access_key_id: &str, secret: &str, token: &str) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret: secret.to_owned(),
            token: token.to_owned(),
            expires_in: Duration::from_hours(6),
        }
    }

    /// Let them last for this long, counted from each reply.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = time;
        self
    }

    /// For one reply, which spells the time of expiration as `spell` does, unless there is a lie.
    pub(crate) fn issue(&self, spell: fn(OffsetDateTime) -> String, lie: Option<&Fault>) -> Issued {
        let issued = Issued {
            access_key_id: self.access_key_id.clone(),
            secret: self.secret.clone(),
            token: self.token.clone(),
            expiration: spell(OffsetDateTime::now_utc() + self.expires_in),
        };
        issued.under(lie)
    }
}

/// Credentials on their way to a client, already spelled out.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expiration: String,
}

impl Issued {
    /// What a fault makes of them.
    pub(crate) fn under(mut self, lie: Option<&Fault>) -> Self {
        match lie {
            Some(Fault::Expiration(text)) => self.expiration.clone_from(text),
            Some(Fault::Credentials {
                access_key_id,
                secret,
                token,
            }) => {
                self.access_key_id.clone_from(access_key_id);
                self.secret.clone_from(secret);
                self.token.clone_from(token);
            }
            _ => {}
        }
        self
    }

    /// As the metadata services of EC2 and of containers name them.
    pub(crate) fn json(&self) -> Value {
        json!({
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret,
            "Token": self.token,
            "Expiration": self.expiration,
        })
    }
}

/// The form of RFC 3339, in UTC.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    time.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))
        .expect("a date has all these parts")
}
