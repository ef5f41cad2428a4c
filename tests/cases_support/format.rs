//! A case as its file holds it; the keys are explained in `tests/cases/README.md`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(skip)]
    pub file: String,
    pub name: String,
    #[serde(default = "plain_config")]
    pub config: String,
    #[serde(default = "plain_credentials")]
    pub credentials: String,
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    #[serde(default)]
    pub env: BTreeMap<String, Variable>,
    #[serde(default = "plain_args")]
    pub args: Vec<String>,
    pub mfa_code: Option<String>,
    #[serde(default)]
    pub roles: Vec<Role>,
    #[serde(default)]
    requests: Option<Vec<Request>>,
    #[serde(default)]
    pub connects: Vec<String>,
    #[serde(default)]
    pub exports: Exports,
    pub error: Option<Vec<String>>,
    pub status: Option<i32>,
    #[serde(default)]
    pub notes: Vec<String>,
    #[serde(default)]
    pub cli: Cli,
    why: Option<String>,
}

/// A value, or `false` for a variable that is not set.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Variable {
    Text(String),
    Set(bool),
}

/// A role that is stricter than the roles that the texts of a case name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub arn: String,
    #[serde(default)]
    pub trusts: Vec<String>,
    pub external_id: Option<String>,
    pub mfa: Option<String>,
    pub max_duration: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exports {
    /// Whose own keys; those that STS issued last when absent.
    pub keys: Option<String>,
    pub region: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Cli {
    #[default]
    Same,
    Differs,
}

/// `action`, `signer`, `region`, and every parameter by its own name.
type Request = BTreeMap<String, toml::Value>;

/// A request, expected or seen, without what differs from run to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub action: String,
    pub signer: String,
    pub region: Option<String>,
    pub parameters: BTreeMap<String, String>,
}

fn plain_config() -> String {
    "[profile target]\nrole_arn = {target}\nsource_profile = base\n".to_owned()
}

fn plain_credentials() -> String {
    "[base]\n{base.keys}\n[other]\n{other.keys}\n".to_owned()
}

fn plain_args() -> Vec<String> {
    vec!["target".to_owned()]
}

/// Stands for the session name that a tool makes up.
pub const DEFAULT_NAME: &str = "default";

/// Who sends a request that nobody signs.
pub const NOBODY: &str = "nobody";

impl Case {
    /// What the types cannot say.
    pub fn check(&self) -> Result<(), String> {
        if (self.cli == Cli::Differs) != self.why.is_some() {
            return Err("`cli = \"differs\"` and `why` go together".to_owned());
        }
        if self.cli == Cli::Differs && !self.is_for_the_cli() {
            return Err(
                "`cli` is for cases whose `args` the AWS CLI could have, too: a profile, or nothing".to_owned(),
            );
        }
        if self.status.is_some() && self.error.is_none() {
            return Err("`status` is for cases with `error`".to_owned());
        }
        if self.fails() && (self.exports.keys.is_some() || self.exports.region.is_some()) {
            return Err("a failure exports nothing".to_owned());
        }
        if self.env.values().any(|value| matches!(value, Variable::Set(true))) {
            return Err("a variable is a text, or `false`".to_owned());
        }
        self.requests(|text| Ok(text.to_owned())).map(|_| ())
    }

    pub fn fails(&self) -> bool {
        self.error.is_some() || !self.connects.is_empty()
    }

    /// Whether the case is about a profile alone, and not about words that only rolenv's command line has.
    pub fn is_for_the_cli(&self) -> bool {
        match self.args.as_slice() {
            [] => true,
            [profile] => !profile.starts_with(['-', '{']) && !profile.contains(':'),
            _ => false,
        }
    }

    /// The requests that the case expects, their texts filled in by `fill`.
    pub fn requests(&self, fill: impl Fn(&str) -> Result<String, String>) -> Result<Vec<Asked>, String> {
        let plain = [BTreeMap::from([("RoleArn".to_owned(), "{target}".into())])];
        let requests = match &self.requests {
            Some(requests) => requests.as_slice(),
            None if self.fails() || self.exports.keys.is_some() => &[],
            None => &plain,
        };
        let mut asked: Vec<Asked> = Vec::new();
        for request in requests {
            let one = Asked::expected(request, asked.last(), &fill)?;
            asked.push(one);
        }
        Ok(asked)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.file, self.name)
    }
}

impl Asked {
    fn expected(
        request: &Request,
        before: Option<&Self>,
        fill: &impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self, String> {
        let mut texts = BTreeMap::new();
        for (key, value) in request {
            let value = match value {
                toml::Value::String(text) => fill(text)?,
                toml::Value::Integer(number) => number.to_string(),
                _ => return Err(format!("`{key}` is neither a text nor a number")),
            };
            texts.insert(key.clone(), value);
        }
        let action = texts.remove("action").unwrap_or_else(|| "AssumeRole".to_owned());
        let unsigned = action == "AssumeRoleWithWebIdentity";
        let signer = texts.remove("signer").unwrap_or_else(|| match before {
            _ if unsigned => NOBODY.to_owned(),
            Some(before) => before.role_name().to_owned(),
            None => "base".to_owned(),
        });
        let region = texts
            .remove("region")
            .or_else(|| (!unsigned).then(|| "us-east-1".to_owned()));
        if let Some(key) = texts.keys().find(|key| !key.starts_with(char::is_uppercase)) {
            return Err(format!("a request has no `{key}`"));
        }
        if action.starts_with("AssumeRole") {
            texts
                .entry("RoleSessionName".to_owned())
                .or_insert_with(|| DEFAULT_NAME.to_owned());
        }
        Ok(Self {
            action,
            signer,
            region,
            parameters: texts,
        })
    }

    /// The name of the role that is asked for, by which its sessions are called.
    fn role_name(&self) -> &str {
        let role = self.parameters.get("RoleArn").map(String::as_str).unwrap_or_default();
        role.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.region.as_deref().unwrap_or("no region");
        write!(formatter, "{} by {} in {region}:", self.action, self.signer)?;
        for (name, value) in &self.parameters {
            write!(formatter, " {name}={value}")?;
        }
        Ok(())
    }
}
