//! Who appears in the cases, and the texts that `{...}` stands for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use fake_sts::{Builder, Keys};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Whose keys they are, and of what kind.
const CAST: [(&str, Kind, &str); 12] = [
    ("base", Kind::LongTerm, "arn:aws:iam::111111111111:user/base"),
    ("other", Kind::LongTerm, "arn:aws:iam::111111111111:user/other"),
    ("env", Kind::LongTerm, "arn:aws:iam::111111111111:user/env"),
    ("root", Kind::LongTerm, "arn:aws:iam::111111111111:root"),
    ("cn", Kind::LongTerm, "arn:aws-cn:iam::111111111111:user/cn"),
    ("gov", Kind::LongTerm, "arn:aws-us-gov:iam::111111111111:user/gov"),
    ("session", Kind::Session, "arn:aws:iam::111111111111:user/session"),
    ("expired", Kind::Expired, "arn:aws:iam::111111111111:user/expired"),
    ("hub", Kind::Session, "arn:aws:sts::111111111111:assumed-role/hub/ana"),
    (
        "instance",
        Kind::Session,
        "arn:aws:sts::111111111111:assumed-role/instance/i-0123456789abcdef0",
    ),
    (
        "task",
        Kind::Session,
        "arn:aws:sts::111111111111:assumed-role/task/0123456789abcdef",
    ),
    (
        "sso",
        Kind::Session,
        "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ana",
    ),
];

/// Role ARNs that are short to write.
const ROLES: [(&str, &str); 4] = [
    ("target", "arn:aws:iam::222222222222:role/target"),
    ("middle", "arn:aws:iam::333333333333:role/middle"),
    ("first", "arn:aws:iam::444444444444:role/first"),
    ("team", "arn:aws:iam::222222222222:role/team/deploy/target"),
];

/// The device of `base`, and the codes that it shows.
const DEVICE: &str = "arn:aws:iam::111111111111:mfa/base";
const HARDWARE: &str = "GAHT12345678";
const CODES: [&str; 2] = ["123456", "654321"];

/// What a container has to show at `{GUARDED}`.
pub const CONTAINER_TOKEN: &str = "container/authorization+token";

/// What who has signed in at `{SSO}` holds.
pub const ACCESS_TOKEN: &str = "sso/access+token";
pub const REFRESH_TOKEN: &str = "sso/refresh+token";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    LongTerm,
    Session,
    Expired,
}

pub struct Member {
    pub name: &'static str,
    pub access_key_id: String,
    pub secret: String,
    pub token: Option<String>,
    pub arn: &'static str,
    kind: Kind,
}

pub fn members() -> impl Iterator<Item = Member> {
    CAST.into_iter().map(|(name, kind, arn)| {
        let prefix = if kind == Kind::LongTerm { "AKIA" } else { "ASIA" };
        Member {
            name,
            access_key_id: format!("{prefix}{:0<16}", name.to_uppercase()),
            secret: format!("{:x<40}", format!("secret/of+{name}/")),
            token: (kind != Kind::LongTerm).then(|| format!("{:x<98}==", format!("token/of+{name}/"))),
            arn,
            kind,
        }
    })
}

pub fn member(name: &str) -> Option<Member> {
    members().find(|member| member.name == name)
}

/// The session that a server hands to somebody.
pub fn keys(name: &str) -> Keys {
    let member = member(name).expect("a name of the cast");
    Keys::new(
        &member.access_key_id,
        &member.secret,
        member.token.as_deref().unwrap_or_default(),
    )
}

/// An STS that knows them all.
pub fn world() -> Builder {
    let mut builder = fake_sts::FakeSts::builder();
    for member in members() {
        let lifetime = if member.kind == Kind::Expired { 0 } else { 3600 };
        builder = match &member.token {
            None => builder.user(&member.access_key_id, &member.secret, member.arn),
            Some(token) => builder.session_user(
                &member.access_key_id,
                &member.secret,
                token,
                member.arn,
                Duration::from_secs(lifetime),
            ),
        };
    }
    for device in [DEVICE, HARDWARE] {
        for code in CODES {
            builder = builder.mfa_code(device, code);
        }
    }
    builder
}

/// What no message may hold.
pub fn secrets() -> Vec<String> {
    let keys = members().flat_map(|member| [Some(member.secret), member.token]);
    let others = [CODES[0], CODES[1], CONTAINER_TOKEN, ACCESS_TOKEN, REFRESH_TOKEN];
    keys.flatten().chain(others.map(str::to_owned)).collect()
}

/// How a case calls the holder of a key: by the name in the cast, else by the role.
pub fn called(signer: Option<&fake_sts::Signer>) -> String {
    let Some(signer) = signer else {
        return super::format::NOBODY.to_owned();
    };
    let known = members().find(|member| member.access_key_id == signer.access_key_id);
    known.map_or_else(|| called_by_arn(&signer.arn), |member| member.name.to_owned())
}

/// The role of an assumed role's ARN; the last part of any other.
pub fn called_by_arn(arn: &str) -> String {
    let mut parts = arn.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let before = parts.next().unwrap_or_default();
    if arn.contains(":assumed-role/") { before } else { last }.to_owned()
}

/// What `{...}` stands for on one stage.
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    pub fn new(home: &Path) -> Self {
        let mut texts = BTreeMap::from([
            ("HOME".to_owned(), home.display().to_string()),
            // Known when the servers run.
            ("STS".to_owned(), String::new()),
            ("IMDS".to_owned(), String::new()),
            ("CONTAINER".to_owned(), String::new()),
            ("GUARDED".to_owned(), String::new()),
            ("SSO".to_owned(), String::new()),
            // Nobody listens there.
            ("NOWHERE".to_owned(), "http://127.0.0.1:1".to_owned()),
            ("mfa".to_owned(), DEVICE.to_owned()),
        ]);
        let roles = ROLES.map(|(name, arn)| (name.to_owned(), arn.to_owned()));
        texts.extend(roles);
        for member in members() {
            texts.extend(member.texts());
        }
        Self(texts)
    }

    pub fn add(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// Fills a text in. What is in braces and is none of ours stays, unless it looks like a slip of the pen.
    pub fn fill(&self, text: &str) -> Result<Vec<u8>, String> {
        let mut filled = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.extend(before.as_bytes());
            let name = after.split('}').next().filter(|name| name.len() < after.len());
            // `${...}` is for shells and paths.
            let name = name.filter(|_| !before.ends_with('$'));
            match name.map(|name| self.value(name)).transpose()?.flatten() {
                Some(value) => {
                    filled.extend(value);
                    rest = &after[name.unwrap_or_default().len() + 1..];
                }
                None => {
                    filled.push(b'{');
                    rest = after;
                }
            }
        }
        filled.extend(rest.as_bytes());
        Ok(filled)
    }

    pub fn fill_text(&self, text: &str) -> Result<String, String> {
        String::from_utf8(self.fill(text)?).map_err(|_| format!("{text:?} is to be UTF-8"))
    }

    fn value(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        if let Some(value) = self.0.get(name) {
            return Ok(Some(value.clone().into_bytes()));
        }
        if let Some(byte) = name.strip_prefix("0x") {
            return Ok(u8::from_str_radix(byte, 16).ok().map(|byte| vec![byte]));
        }
        if let Some(minutes) = name.strip_prefix("now").and_then(|minutes| minutes.strip_suffix('m')) {
            let minutes: i64 = minutes
                .parse()
                .map_err(|_| format!("`{{{name}}}` is like `{{now+60m}}`"))?;
            let time = OffsetDateTime::now_utc() + time::Duration::minutes(minutes);
            let time = time.replace_nanosecond(0).unwrap_or(time);
            return Ok(time.format(&Rfc3339).ok().map(String::into_bytes));
        }
        let is_ours =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.');
        if is_ours(name) {
            return Err(format!("`{{{name}}}` stands for nothing"));
        }
        Ok(None)
    }
}

impl Member {
    fn texts(&self) -> Vec<(String, String)> {
        let Self {
            access_key_id, secret, ..
        } = self;
        let mut keys = format!("aws_access_key_id = {access_key_id}\naws_secret_access_key = {secret}");
        let mut json = format!(r#"{{"Version": 1, "AccessKeyId": "{access_key_id}", "SecretAccessKey": "{secret}""#);
        if let Some(token) = &self.token {
            let _ = write!(keys, "\naws_session_token = {token}");
            let _ = write!(json, r#", "SessionToken": "{token}""#);
        }
        json += "}";
        let texts = [
            ("id", access_key_id.clone()),
            ("secret", secret.clone()),
            ("token", self.token.clone().unwrap_or_default()),
            ("keys", keys),
            ("json", json),
        ];
        texts
            .into_iter()
            .map(|(part, text)| (format!("{}.{part}", self.name), text))
            .collect()
    }
}
