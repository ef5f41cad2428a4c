//! The metadata service of an EC2 instance: its session tokens, and its role's credentials.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html>

use std::collections::HashSet;

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    Fault, Keys,
    fake::Fake,
    http::{HttpRequest, Reply},
    keys::timestamp,
    names,
    refusal::Refusal,
    service::{Answer, Service},
};

const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/iam/security-credentials/";
const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const MAX_TTL: u32 = 6 * 3600;

/// A running metadata service.
pub type FakeImds = Fake<Imds>;

impl FakeImds {
    /// The service of an instance that demands tokens (IMDSv2) and has no role yet.
    pub fn builder() -> Imds {
        Imds {
            role: None,
            tokens: Tokens::Demanded(HashSet::new()),
        }
    }
}

/// An instance, as its metadata service knows it.
#[derive(Debug)]
pub struct Imds {
    role: Option<InstanceRole>,
    tokens: Tokens,
}

#[derive(Debug)]
struct InstanceRole {
    name: String,
    credentials: Result<Keys, Failure>,
}

/// Why EC2 has no credentials for a role.
#[derive(Debug)]
struct Failure {
    code: String,
    message: String,
}

#[derive(Debug)]
enum Tokens {
    /// Who reads must show one of these.
    Demanded(HashSet<String>),
    /// Who asks for one gets this status, and reads without.
    Unknown(u16),
}

impl Imds {
    /// The instance's role and its credentials.
    pub fn role(mut self, name: &str, keys: Keys) -> Self {
        self.role = Some(InstanceRole {
            name: name.to_owned(),
            credentials: Ok(keys),
        });
        self
    }

    /// A role that EC2 has no credentials for: where they would be, status 200 and this `Code`,
    /// say `AssumeRoleUnauthorizedAccess`.
    pub fn broken_role(mut self, name: &str, code: &str, message: &str) -> Self {
        self.role = Some(InstanceRole {
            name: name.to_owned(),
            credentials: Err(Failure {
                code: code.to_owned(),
                message: message.to_owned(),
            }),
        });
        self
    }

    /// Know nothing of tokens, like instances before 2019: 404 to who asks for one.
    pub fn v1_only(self) -> Self {
        self.v1_only_with(404)
    }

    /// Answer this to who asks for a token, and do not demand any.
    pub fn v1_only_with(mut self, status: u16) -> Self {
        self.tokens = Tokens::Unknown(status);
        self
    }

    /// Start answering.
    ///
    /// # Panics
    ///
    /// If no port of 127.0.0.1 can be listened on.
    pub fn start(self) -> FakeImds {
        Fake::start(self)
    }

    fn issue_token(&mut self, request: &HttpRequest) -> Result<Answer, Refusal> {
        let issued = match &mut self.tokens {
            Tokens::Demanded(issued) => issued,
            Tokens::Unknown(status) => return Err(Refusal::new(*status, "NoTokens", "tokens are not known here")),
        };
        let ttl = request.header(TTL).and_then(|text| text.parse().ok());
        let Some(ttl @ 1..=MAX_TTL) = ttl else {
            return Err(Refusal::new(400, "BadRequest", format!("{TTL} is not 1 to {MAX_TTL}")));
        };
        let token = names::opaque_token("AQAEA");
        issued.insert(token.clone());
        Ok(Reply::text(200, &token).with(TTL, &ttl.to_string()).into())
    }

    fn check_token(&self, request: &HttpRequest) -> Result<(), Refusal> {
        let token = request.header("x-aws-ec2-metadata-token").unwrap_or_default();
        match &self.tokens {
            Tokens::Demanded(issued) if !issued.contains(token) => {
                Err(Refusal::new(401, "Unauthorized", "show a token"))
            }
            _ => Ok(()),
        }
    }

    fn read(&self, path: &str, lie: Option<&Fault>) -> Result<Answer, Refusal> {
        let role = self.role.as_ref().zip(path.strip_prefix(ROLES_PATH));
        match role {
            Some((role, "")) => Ok(Reply::text(200, &role.name).into()),
            Some((role, name)) if name == role.name => Ok(role.document(lie).into()),
            _ => Err(Refusal::new(404, "NotFound", path)),
        }
    }
}

impl InstanceRole {
    fn document(&self, lie: Option<&Fault>) -> Reply {
        let mut document = match &self.credentials {
            Ok(keys) => {
                let mut document = keys.issue(timestamp, lie).json();
                document["Code"] = "Success".into();
                document["Type"] = "AWS-HMAC".into();
                document
            }
            Err(failure) => json!({ "Code": failure.code, "Message": failure.message }),
        };
        document["LastUpdated"] = timestamp(OffsetDateTime::now_utc()).into();
        // The service does not call it JSON either.
        Reply::text(200, &document.to_string())
    }
}

impl Service for Imds {
    type Request = HttpRequest;

    fn receive(&mut self, request: HttpRequest) -> HttpRequest {
        request
    }

    fn answer(&mut self, request: &HttpRequest, lie: Option<&Fault>) -> Result<Answer, Refusal> {
        match (request.method.as_str(), request.path()) {
            ("PUT", TOKEN_PATH) => self.issue_token(request),
            ("GET", path) => {
                self.check_token(request)?;
                self.read(path, lie)
            }
            _ => Err(Refusal::new(
                405,
                "MethodNotAllowed",
                "PUT is for tokens, GET for the rest",
            )),
        }
    }

    fn refuse(&self, _: &HttpRequest, refusal: &Refusal) -> Reply {
        let Refusal { status, code, message } = refusal;
        Reply::text(*status, &format!("{status} - {code}: {message}"))
    }
}
