//! The metadata service of an EC2 instance (IMDSv2, or IMDSv1 if allowed).

use std::time::Duration;

use serde_json::Value;

use super::Failure;
use super::fetch::{FetchError, FetchRequest, FetchResponse};
use super::json::{self, Dated};
use crate::aws::client::Aws;
use crate::aws::error::AwsError;
use crate::aws::sts_error::conceal;
use crate::aws::transport::Server;
use crate::config::Located;
use crate::plan::{EndpointConfig, Instance, Plan, SourceKind, is_region};

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const REGION: &str = "/latest/meta-data/placement/region";

impl Aws {
    pub(super) fn instance_credentials(
        &self,
        instance: &Instance,
        failed: impl Fn(Failure) -> AwsError,
    ) -> Result<Dated, AwsError> {
        let service = self.service(instance);
        let fail = |reason| failed((reason, Some(NOT_HERE.to_owned())));
        let token = service.token().map_err(|problem| problem.into_error(&service, fail))?;
        let get = |path: &str| {
            let answer = service.get(path, token.as_deref());
            answer.map_err(|problem| problem.into_error(&service, fail))
        };
        let roles = get(ROLES)?;
        let role = roles.lines().next().unwrap_or_default().trim();
        if role.is_empty() || !role.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(failed(("no role is attached to the instance".to_owned(), None)));
        }
        let document: Value = serde_json::from_str(&get(&format!("{ROLES}{role}"))?)
            .map_err(|_| service.server.invalid_response("not valid JSON"))?;
        let text = |key| document.get(key).and_then(Value::as_str);
        match (text("Code"), text("Message")) {
            (Some(code), message) if code != "Success" => {
                let message = conceal(&format!("{code}: {}", message.unwrap_or_default()), &[]);
                Err(failed((format!("{} says {message}", service.server.name), None)))
            }
            _ => json::credentials(&document, "Token")
                .map_err(|reason| failed((format!("invalid response from {}: {reason}", service.server.name), None))),
        }
    }
}

impl Aws {
    /// Without a configured region, requests with instance credentials go to the instance's region, like in AWS CLI v2.
    /// (The AWS CLI queries IMDS for every credential type; this is done for instance credentials only.)
    pub fn located(&self, plan: &Plan) -> EndpointConfig {
        let mut endpoint_config = plan.endpoint_config.clone();
        if let SourceKind::Instance(instance) = &plan.source.kind
            && endpoint_config.region.is_none()
            && endpoint_config.endpoint.is_none()
        {
            let service = self.service(instance);
            let token = service.token().ok().flatten();
            let region = service.get(REGION, token.as_deref()).ok();
            endpoint_config.region = region.filter(|region| is_region(region)).map(|value| Located {
                value,
                origin: instance.endpoint.origin.clone(),
            });
        }
        endpoint_config
    }

    fn service<'aws>(&'aws self, instance: &'aws Instance) -> Service<'aws> {
        let name = format!("the instance metadata service at `{}`", instance.endpoint.value);
        Service {
            aws: self,
            instance,
            server: Server::direct(name),
        }
    }
}

const NOT_HERE: &str = "the service exists on EC2 only; set `AWS_EC2_METADATA_DISABLED=true` to skip it elsewhere";

struct Service<'aws> {
    aws: &'aws Aws,
    instance: &'aws Instance,
    server: Server,
}

/// Failures of the service.
enum Problem {
    Status(u16),
    Silence,
    /// No token, and IMDSv1 is disabled.
    NoToken,
    Lost(AwsError),
}

impl Problem {
    fn into_error(self, service: &Service<'_>, fail: impl Fn(String) -> AwsError) -> AwsError {
        let server = &service.server.name;
        match self {
            Self::Status(404) => fail(format!("{server} knows no role: none is attached to this instance")),
            Self::Status(status) => fail(format!("{server} returned HTTP status {status}")),
            Self::Silence => fail(format!("{server} does not respond")),
            Self::NoToken => fail(format!("{server} returned no token, and IMDSv1 is disabled")),
            Self::Lost(AwsError::Unreachable { reason, .. }) => fail(format!("cannot reach {server}: {reason}")),
            Self::Lost(error) => error,
        }
    }
}

impl Service<'_> {
    /// A token for the following requests; `None` for IMDSv1.
    fn token(&self) -> Result<Option<String>, Problem> {
        let headers = [("x-aws-ec2-metadata-token-ttl-seconds", "300")];
        let none = || {
            if self.instance.v1_disabled {
                Err(Problem::NoToken)
            } else {
                Ok(None)
            }
        };
        match self.ask("PUT", "/latest/api/token", &headers) {
            Ok(token) => Ok(Some(token)),
            // In a container the response may be lost, if the hop limit is 1.
            Err(Problem::Status(403..=405) | Problem::Silence) => none(),
            Err(problem) => Err(problem),
        }
    }

    fn get(&self, path: &str, token: Option<&str>) -> Result<String, Problem> {
        let header = token.map(|token| ("x-aws-ec2-metadata-token", token));
        self.ask("GET", path, header.as_slice())
    }

    fn ask(&self, method: &'static str, path: &str, headers: &[(&'static str, &str)]) -> Result<String, Problem> {
        let url = format!("{}{path}", self.instance.endpoint.value);
        let timeout = Duration::from_secs(self.instance.timeout.into());
        let mut attempt = 1;
        loop {
            let question = FetchRequest {
                method,
                url: &url,
                headers,
                timeout,
                tls: None,
            };
            let problem = match self.aws.ask(&self.server, question) {
                Ok(FetchResponse { status: 200, body }) if !body.is_empty() => return Ok(body),
                Ok(FetchResponse { status: 200, .. }) => Problem::Lost(self.server.invalid_response("empty")),
                Ok(FetchResponse { status, .. }) => Problem::Status(status),
                Err(FetchError::Timeout) => Problem::Silence,
                Err(FetchError::Transport(error)) => Problem::Lost(error),
            };
            if attempt >= self.instance.attempts {
                return Err(problem);
            }
            attempt += 1;
        }
    }
}
