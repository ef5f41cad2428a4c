//! What rolenv, the AWS CLI and the words of a case are compared by: which requests were made, and who comes out.

use std::fmt;

use fake_sts::FakeProxy;

use super::cast;
use super::format::{Asked, Case, DEFAULT_NAME};
use super::stage::Stage;

#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub asked: Vec<Asked>,
    /// `HOST:PORT` of those whom the proxy was asked for; not how often.
    pub connects: Vec<String>,
    /// An ARN; `None` for who gave up.
    pub identity: Option<String>,
}

impl Outcome {
    /// What the case says.
    pub fn expected(case: &Case, stage: &Stage) -> Result<Self, String> {
        let asked = case.requests(|text| stage.texts.fill_text(text))?;
        let identity = match (&case.exports.keys, asked.last()) {
            _ if case.fails() => None,
            (Some(name), _) => {
                let member = cast::member(name).ok_or_else(|| format!("nobody is called `{name}`"))?;
                Some(member.arn.to_owned())
            }
            (None, Some(last)) => Some(who_comes_of(last)),
            (None, None) => return Err("without a request there are no keys to export but `exports.keys`".to_owned()),
        };
        Ok(Self {
            asked,
            connects: case.connects.clone(),
            identity,
        })
    }

    /// What the servers of the stage saw, and who came of it.
    pub fn seen(stage: &Stage, identity: Option<String>) -> Self {
        let requests = stage.sts.requests();
        let sessions = requests.iter().filter(|request| request.action != "GetCallerIdentity");
        let wishes = stage.proxy.as_ref().map(FakeProxy::requests).unwrap_or_default();
        let mut connects: Vec<String> = wishes.into_iter().map(|request| request.target).collect();
        connects.dedup();
        Self {
            asked: sessions.map(seen).collect(),
            connects,
            identity,
        }
    }
}

/// Who holds the session that a request asks for.
fn who_comes_of(request: &Asked) -> String {
    let get = |name: &str| request.parameters.get(name).map(String::as_str).unwrap_or_default();
    let arn: Vec<&str> = get("RoleArn").split(':').collect();
    match (arn.as_slice(), cast::member(&request.signer)) {
        ([_, partition, _, _, account, role], _) => {
            let role = role.rsplit('/').next().unwrap_or_default();
            let session = get("RoleSessionName");
            format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
        }
        // GetSessionToken makes nobody else of the signer.
        (_, Some(member)) => member.arn.to_owned(),
        (_, None) => format!("{} and an ARN {arn:?}", request.signer),
    }
}

fn seen(request: &fake_sts::Request) -> Asked {
    let mut parameters = request.form.clone();
    parameters.retain(|name, _| name != "Action" && name != "Version");
    if let Some(name) = parameters.get_mut("RoleSessionName")
        && is_made_up(name)
    {
        DEFAULT_NAME.clone_into(name);
    }
    Asked {
        action: request.action.clone(),
        signer: cast::called(request.signer.as_ref()),
        region: request.region.clone(),
        parameters,
    }
}

/// Whose key it is.
pub fn holder(stage: &Stage, access_key_id: &str) -> String {
    let sessions = stage.sts.handed_out();
    let session = sessions.iter().find(|session| session.access_key_id == access_key_id);
    let member = cast::members().find(|member| member.access_key_id == access_key_id);
    match (session, member) {
        (Some(session), _) => without_made_up_name(&session.arn),
        (None, Some(member)) => member.arn.to_owned(),
        (None, None) => format!("nobody, with {access_key_id}"),
    }
}

fn without_made_up_name(arn: &str) -> String {
    match arn.rsplit_once('/') {
        Some((role, session)) if is_made_up(session) => format!("{role}/{DEFAULT_NAME}"),
        _ => arn.to_owned(),
    }
}

/// `rolenv-ana`, or the AWS CLI's `botocore-session-1795358645`.
fn is_made_up(session_name: &str) -> bool {
    let seconds = session_name.strip_prefix("botocore-session-");
    session_name == "rolenv-ana" || seconds.is_some_and(|seconds| seconds.bytes().all(|byte| byte.is_ascii_digit()))
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for asked in &self.asked {
            write!(formatter, "\n    {asked}")?;
        }
        for connect in &self.connects {
            write!(formatter, "\n    CONNECT {connect}")?;
        }
        match &self.identity {
            Some(identity) => write!(formatter, "\n    then it is {identity}"),
            None => write!(formatter, "\n    then it gives up"),
        }
    }
}
