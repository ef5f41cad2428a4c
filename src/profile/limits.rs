//! What STS accepts in each parameter, checked here so that a typing error is told before anything is sent.

/// One parameter's rule, from the STS API reference.
pub struct Limit {
    what: &'static str,
    length: std::ops::RangeInclusive<usize>,
    others: &'static [u8],
    rule: &'static str,
}

/// A value that breaks its [`Limit`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{value}` is not valid: it is {rule}")]
pub struct Unfit {
    what: &'static str,
    value: String,
    rule: &'static str,
}

pub const SESSION_NAME: Limit = Limit {
    what: "session name",
    length: 2..=64,
    others: b"_+=,.@-",
    rule: "2 to 64 of A-Z a-z 0-9 _ + = , . @ -",
};

pub const EXTERNAL_ID: Limit = Limit {
    what: "external id",
    length: 2..=1224,
    others: b"_+=,.@:/-",
    rule: "2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -",
};

pub const MFA_SERIAL: Limit = Limit {
    what: "MFA serial",
    length: 9..=256,
    others: b"_+=/:,.@-",
    rule: "9 to 256 of A-Z a-z 0-9 _ + = / : , . @ -, such as `arn:aws:iam::ACCOUNT:mfa/NAME`",
};

/// A DNS label, as botocore has it: a region becomes part of a host name.
pub const REGION: Limit = Limit {
    what: "region",
    length: 1..=63,
    others: b"-",
    rule: "1 to 63 of A-Z a-z 0-9 -, such as `eu-west-1`",
};

impl Limit {
    /// Checks `value`.
    ///
    /// # Errors
    /// [`Unfit`], which names the rule.
    pub fn check(&self, value: &str) -> Result<(), Unfit> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || self.others.contains(&byte);
        if self.length.contains(&value.len()) && value.bytes().all(allowed) {
            return Ok(());
        }
        Err(Unfit {
            what: self.what,
            value: value.to_owned(),
            rule: self.rule,
        })
    }
}

/// The shortest session of AssumeRole and GetSessionToken, in seconds.
pub const SHORTEST: u32 = 900;

/// The longest session a role can be set to, in seconds.
pub const LONGEST: u32 = 43_200;

/// The longest session that a role session can ask for ("role chaining"), in seconds.
pub const LONGEST_CHAINED: u32 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_at_their_edges() {
        assert!(SESSION_NAME.check("ab").is_ok());
        assert!(SESSION_NAME.check("a").is_err());
        assert!(SESSION_NAME.check(&"a".repeat(64)).is_ok());
        assert!(SESSION_NAME.check(&"a".repeat(65)).is_err());
        assert!(SESSION_NAME.check("a b").is_err());
        assert!(EXTERNAL_ID.check("a:/b").is_ok());
        assert!(MFA_SERIAL.check("GAHT12345678").is_ok());
        assert!(MFA_SERIAL.check("short").is_err());
        for bad in ["", "us east 1", "us-east-1.evil.example/", "\u{e9}u-west-1"] {
            assert!(REGION.check(bad).is_err(), "{bad}");
        }
    }
}
