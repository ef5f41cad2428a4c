//! The endpoint that gives a container its credentials: that of ECS, and of EKS Pod Identity.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use serde_json::json;

use crate::{
    Fault, Keys,
    fake::Fake,
    http::{HttpRequest, Reply},
    keys::timestamp,
    refusal::Refusal,
    service::{Answer, Service},
};

/// A running endpoint for containers.
pub type FakeContainer = Fake<Container>;

impl FakeContainer {
    /// An endpoint that gives these credentials to everybody, at `/creds`.
    pub fn builder(keys: Keys) -> Container {
        Container {
            keys,
            path: "/creds".to_owned(),
            authorization: None,
            role_arn: None,
            account_id: None,
        }
    }
}

/// What a container is given, and what it must show.
#[derive(Debug)]
pub struct Container {
    keys: Keys,
    path: String,
    authorization: Option<String>,
    role_arn: Option<String>,
    account_id: Option<String>,
}

impl Container {
    /// Where the credentials are; with its query, if it is to have one.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Demand exactly this value of the header `Authorization`.
    pub fn authorization(mut self, value: &str) -> Self {
        self.authorization = Some(value.to_owned());
        self
    }

    /// Name the role (`RoleArn`) in the reply.
    pub fn role_arn(mut self, arn: &str) -> Self {
        self.role_arn = Some(arn.to_owned());
        self
    }

    /// Name the account (`AccountId`) in the reply.
    pub fn account_id(mut self, id: &str) -> Self {
        self.account_id = Some(id.to_owned());
        self
    }

    /// Start answering.
    ///
    /// # Panics
    ///
    /// If no port of 127.0.0.1 can be listened on.
    pub fn start(self) -> FakeContainer {
        Fake::start(self)
    }
}

impl Service for Container {
    type Request = HttpRequest;

    fn receive(&mut self, request: HttpRequest) -> HttpRequest {
        request
    }

    fn answer(&mut self, request: &HttpRequest, lie: Option<&Fault>) -> Result<Answer, Refusal> {
        if request.method != "GET" || request.target != self.path {
            return Err(Refusal::new(404, "NotFound", "There are no credentials here."));
        }
        if self.authorization.is_some() && self.authorization.as_deref() != request.header("authorization") {
            return Err(Refusal::new(401, "Unauthorized", "The authorization token is wrong."));
        }
        let mut document = self.keys.issue(timestamp, lie).json();
        if let Some(arn) = &self.role_arn {
            document["RoleArn"] = arn.as_str().into();
        }
        if let Some(id) = &self.account_id {
            document["AccountId"] = id.as_str().into();
        }
        Ok(Reply::json(200, &document).into())
    }

    /// As the ECS agent does.
    fn refuse(&self, _: &HttpRequest, refusal: &Refusal) -> Reply {
        let Refusal { status, code, message } = refusal;
        Reply::json(
            *status,
            &json!({ "code": code, "message": message, "HTTPErrorCode": status }),
        )
    }
}
