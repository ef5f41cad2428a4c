//! Parameters held to their limits, and the text that lists every one that was broken.

use std::collections::BTreeMap;

use super::limits::{ListRule, Rule};
use crate::refusal::Refusal;

/// The members of a list, or one part of each, up to the first that is not there.
pub(crate) fn members<'a>(form: &'a BTreeMap<String, String>, list: &str, part: &str) -> impl Iterator<Item = &'a str> {
    (1..).map_while(move |number| form.get(&format!("{list}.member.{number}{part}")).map(String::as_str))
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
        self.require(rule.name, rule)
    }

    fn require(&mut self, name: &str, rule: &Rule) -> &'a str {
        self.check(name, rule).unwrap_or_else(|| {
            let field = field(name);
            self.errors.push(format!(
                "Value null at '{field}' failed to satisfy constraint: Member must not be null"
            ));
            ""
        })
    }

    pub(crate) fn optional(&mut self, rule: &Rule) -> Option<&'a str> {
        self.check(rule.name, rule)
    }

    fn check(&mut self, name: &str, rule: &Rule) -> Option<&'a str> {
        let value = self.form.get(name)?;
        let length = value.chars().count();
        if length < *rule.length.start() {
            let limit = rule.length.start();
            let constraint = format!("have length greater than or equal to {limit}");
            self.reject(name, value, &constraint);
        }
        if length > *rule.length.end() {
            let limit = rule.length.end();
            self.reject(name, value, &format!("have length less than or equal to {limit}"));
        }
        if let Some(pattern) = &rule.pattern
            && !value.chars().all(pattern.allows)
        {
            let constraint = format!("satisfy regular expression pattern: {}", pattern.text);
            self.reject(name, value, &constraint);
        }
        Some(value)
    }

    /// A list, which may be empty; a member must have all its parts.
    pub(crate) fn list(&mut self, rule: &ListRule) {
        let parts: Vec<_> = rule.parts.iter().map(|part| part.name).collect();
        let lengths = parts.iter().map(|part| members(self.form, rule.name, part).count());
        let length = lengths.max().unwrap_or_default();
        if length > rule.most {
            let (field, most) = (field(rule.name), rule.most);
            self.errors.push(format!(
                "Value at '{field}' failed to satisfy constraint: Member must have length less than or equal to {most}"
            ));
        }
        for number in 1..=length {
            for part in rule.parts {
                self.require(&format!("{}.member.{number}{}", rule.name, part.name), part);
            }
        }
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

/// A parameter as error texts spell it: `tags.1.member.key` for `Tags.member.1.Key`.
fn field(name: &str) -> String {
    let mut words: Vec<String> = name.split('.').map(small).collect();
    if let [_, member, number, ..] = &mut words[..] {
        std::mem::swap(member, number);
    }
    words.join(".")
}

fn small(word: &str) -> String {
    word[..1].to_ascii_lowercase() + &word[1..]
}

#[cfg(test)]
mod tests {
    use super::{
        super::limits::{ROLE_ARN, SESSION_NAME, TOKEN_CODE},
        *,
    };

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
