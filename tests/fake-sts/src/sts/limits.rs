//! The limits of the STS model on parameters.

use std::ops::RangeInclusive;

/// A parameter's limits: its name on the wire, its length, its characters.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) length: RangeInclusive<usize>,
    pub(crate) pattern: Option<Pattern>,
}

/// A pattern as error texts show it, and what it means.
pub(crate) struct Pattern {
    pub(crate) text: &'static str,
    pub(crate) allows: fn(char) -> bool,
}

pub(crate) const ROLE_ARN: Rule = Rule {
    name: "RoleArn",
    length: 20..=2048,
    pattern: None,
};
pub(crate) const SESSION_NAME: Rule = Rule {
    name: "RoleSessionName",
    length: 2..=64,
    pattern: Some(Pattern {
        text: r"[\w+=,.@-]*",
        allows: |c| word(c) || "+=,.@-".contains(c),
    }),
};
pub(crate) const EXTERNAL_ID: Rule = Rule {
    name: "ExternalId",
    length: 2..=1224,
    pattern: Some(Pattern {
        text: r"[\w+=,.@:\/-]*",
        allows: |c| word(c) || "+=,.@:/-".contains(c),
    }),
};
pub(crate) const SERIAL_NUMBER: Rule = Rule {
    name: "SerialNumber",
    length: 9..=256,
    pattern: Some(Pattern {
        text: r"[\w+=/:,.@-]*",
        allows: |c| word(c) || "+=/:,.@-".contains(c),
    }),
};
pub(crate) const TOKEN_CODE: Rule = Rule {
    name: "TokenCode",
    length: 6..=6,
    pattern: Some(Pattern {
        text: r"[\d]*",
        allows: |c| c.is_ascii_digit(),
    }),
};
pub(crate) const SOURCE_IDENTITY: Rule = Rule {
    name: "SourceIdentity",
    length: 2..=64,
    pattern: Some(Pattern {
        text: r"[\w+=,.@-]*",
        allows: |c| word(c) || "+=,.@-".contains(c),
    }),
};
pub(crate) const WEB_IDENTITY_TOKEN: Rule = Rule {
    name: "WebIdentityToken",
    length: 4..=20000,
    pattern: None,
};

/// A parameter that is a list, `NAME.member.1` and so on, which may have parts, as in
/// `Tags.member.1.Key`.
pub(crate) struct ListRule {
    pub(crate) name: &'static str,
    pub(crate) most: usize,
    /// Named by what follows the number, which may be nothing.
    pub(crate) parts: &'static [Rule],
}

const TAG_PATTERN: Pattern = Pattern {
    text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
    allows: |c| c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c),
};
pub(crate) const TAGS: ListRule = ListRule {
    name: "Tags",
    most: 50,
    parts: &[
        Rule {
            name: ".Key",
            length: 1..=128,
            pattern: Some(TAG_PATTERN),
        },
        Rule {
            name: ".Value",
            length: 0..=256,
            pattern: Some(TAG_PATTERN),
        },
    ],
};
pub(crate) const TRANSITIVE_TAG_KEYS: ListRule = ListRule {
    name: "TransitiveTagKeys",
    most: 50,
    parts: &[Rule {
        name: "",
        length: 1..=128,
        pattern: Some(TAG_PATTERN),
    }],
};
pub(crate) const POLICY_ARNS: ListRule = ListRule {
    name: "PolicyArns",
    most: 10,
    parts: &[Rule {
        name: ".arn",
        length: 20..=2048,
        pattern: None,
    }],
};

/// `\w`, which in these patterns is ASCII.
fn word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
