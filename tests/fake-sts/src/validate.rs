//! The limits of the STS model on parameters, and the text that lists every one that was broken.

use std::{collections::BTreeMap, ops::RangeInclusive};

use crate::refusal::Refusal;

/// A parameter's limits: its name on the wire, its length, its characters.
pub(crate) struct Rule {
    name: &'static str,
    length: RangeInclusive<usize>,
    pattern: Option<Pattern>,
}

/// A pattern as error texts show it, and what it means.
struct Pattern {
    text: &'static str,
    allows: fn(char) -> bool,
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

/// `\w`, which in these patterns is ASCII.
fn word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Collects what is wrong with a form, because STS reports all of it at once.
pub(crate) struct Validator<'a> {
    form: &'a BTreeMap<String, String>,
    errors: Vec<String>,
}

impl<'a> Validator<'a> {
    pub(crate) fn new(form: &'a BTreeMap<String, String>) -> Self {
        Self {
            form,
            errors: Vec::new(),
        }
    }

    /// A parameter that must be there; empty when it is not, which `finish` will report.
    pub(crate) fn required(&mut self, rule: &Rule) -> &'a str {
        self.optional(rule).unwrap_or_else(|| {
            let field = field(rule.name);
            self.errors.push(format!(
                "Value null at '{field}' failed to satisfy constraint: Member must not be null"
            ));
            ""
        })
    }

    pub(crate) fn optional(&mut self, rule: &Rule) -> Option<&'a str> {
        let value = self.form.get(rule.name)?;
        let length = value.chars().count();
        if length < *rule.length.start() {
            let limit = rule.length.start();
            let constraint = format!("have length greater than or equal to {limit}");
            self.reject(rule.name, value, &constraint);
        }
        if length > *rule.length.end() {
            let limit = rule.length.end();
            self.reject(rule.name, value, &format!("have length less than or equal to {limit}"));
        }
        if let Some(pattern) = &rule.pattern
            && !value.chars().all(pattern.allows)
        {
            let constraint = format!("satisfy regular expression pattern: {}", pattern.text);
            self.reject(rule.name, value, &constraint);
        }
        Some(value)
    }

    /// `DurationSeconds`: at least 900, at most `max`.
    pub(crate) fn duration(&mut self, max: u32) -> Option<u32> {
        const NAME: &str = "DurationSeconds";
        let text = self.form.get(NAME)?;
        let Ok(seconds) = text.parse::<u32>() else {
            // The text of the real service is not known for this one.
            self.reject(NAME, text, "be an integer");
            return None;
        };
        if seconds < 900 {
            self.reject(NAME, text, "have value greater than or equal to 900");
        }
        if seconds > max {
            self.reject(NAME, text, &format!("have value less than or equal to {max}"));
        }
        Some(seconds)
    }

    fn reject(&mut self, name: &str, value: &str, constraint: &str) {
        let field = field(name);
        self.errors.push(format!(
            "Value '{value}' at '{field}' failed to satisfy constraint: Member must {constraint}"
        ));
    }

    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let (count, list) = (self.errors.len(), self.errors.join("; "));
        match count {
            0 => Ok(()),
            1 => Err(Refusal::validation(format!("1 validation error detected: {list}"))),
            _ => Err(Refusal::validation(format!(
                "{count} validation errors detected: {list}"
            ))),
        }
    }
}

/// Error texts spell a parameter with a small first letter.
fn field(name: &str) -> String {
    name[..1].to_ascii_lowercase() + &name[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)], run: fn(&mut Validator)) -> Result<(), String> {
        let form = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut validator = Validator::new(&form);
        run(&mut validator);
        validator.finish().map_err(|refusal| refusal.message)
    }

    #[test]
    fn texts_are_those_of_the_service() {
        assert_eq!(
            check(&[("RoleSessionName", "x y")], |v| {
                v.required(&SESSION_NAME);
            }),
            Err(r"1 validation error detected: Value 'x y' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*".to_owned())
        );
        assert_eq!(
            check(&[("TokenCode", "12345"), ("DurationSeconds", "60")], |v| {
                v.optional(&TOKEN_CODE);
                v.duration(43200);
            }),
            Err("2 validation errors detected: Value '12345' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6; Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900".to_owned())
        );
        assert_eq!(
            check(&[], |v| {
                v.required(&ROLE_ARN);
            }),
            Err("1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null".to_owned())
        );
    }

    #[test]
    fn the_limits_themselves_are_within() {
        let name = "x".repeat(64);
        assert_eq!(
            check(&[("RoleSessionName", &name), ("DurationSeconds", "900")], |v| {
                v.required(&SESSION_NAME);
                v.duration(900);
            }),
            Ok(())
        );
    }
}
