//! Where a case is played: a home of its own, servers of its own, and rolenv in a clean environment.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::fs::PermissionsExt as _;

use fake_sts::{FakeContainer, FakeImds, FakePortal, FakeProxy, FakeSts, Role};

use super::cast::{self, Texts};
use super::format::{Asked, Case, DEFAULT_NAME, Variable};
use crate::support::{Home, Run};

pub struct Stage {
    pub home: Home,
    pub sts: FakeSts,
    proxy: Option<FakeProxy>,
    pub texts: Texts,
    /// They run as long as the stage stands.
    _others: Others,
}

/// The servers that only some cases name.
struct Others {
    imds: Option<FakeImds>,
    container: Option<FakeContainer>,
    guarded: Option<FakeContainer>,
    portal: Option<FakePortal>,
}

/// What happened when rolenv had its turn.
pub struct Performance {
    pub run: Run,
    pub asked: Vec<Asked>,
    pub connects: Vec<String>,
    /// What the output sets; empty after a failure.
    pub variables: BTreeMap<String, Option<String>>,
}

/// What rolenv and the AWS CLI can be compared by.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub asked: Vec<Asked>,
    pub connects: Vec<String>,
    /// `None` when it gave up.
    pub identity: Option<String>,
}

/// An outcome and what was said on the way.
pub struct Turn {
    pub outcome: Outcome,
    pub stderr: String,
}

impl Stage {
    pub fn set(case: &Case) -> Result<Self, String> {
        let mut home = Home::empty();
        let mut texts = Texts::new(home.path("config").parent().unwrap_or(&home.path("")));
        let mut builder = cast::world();
        for arn in role_arns(case, &texts)? {
            builder = builder.role(Role::new(&arn).max_duration(43_200));
        }
        for role in &case.roles {
            builder = builder.role(strict(role, &texts)?);
        }
        let sts = builder.start();
        texts.add("STS", sts.url());
        let others = Others::start(case, &mut texts);
        let proxy = (!case.connects.is_empty()).then(|| FakeProxy::refusing(403).start());

        let mut variables = plain_variables(&sts, proxy.as_ref());
        for (name, value) in &case.env {
            match value {
                Variable::Text(value) => variables.insert(name.clone(), texts.fill_text(value)?),
                Variable::Set(_) => variables.remove(name),
            };
        }
        for (name, value) in variables {
            home = home.set(&name, value);
        }
        let stage = Self {
            home,
            sts,
            proxy,
            texts,
            _others: others,
        };
        stage.write(".aws/config", &case.config)?;
        stage.write(".aws/credentials", &case.credentials)?;
        for (path, content) in &case.files {
            stage.write(path, content)?;
        }
        Ok(stage)
    }

    /// A file of the home; one that starts with `#!` is a program.
    fn write(&self, relative: &str, content: &str) -> Result<(), String> {
        let path = self.home.path(relative);
        let directory = path.parent().ok_or("a file is in a directory")?;
        std::fs::create_dir_all(directory).map_err(|error| error.to_string())?;
        self.home.write(relative, self.texts.fill(content)?);
        if content.starts_with("#!") {
            let program = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(path, program).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Runs rolenv with the arguments of the case, as what reads its output would.
    pub fn rolenv(&self, case: &Case) -> Performance {
        let output = if case.fails() {
            ["--shell", "sh"]
        } else {
            ["--format", "json"]
        };
        let filled: Vec<String> = case.args.iter().map(|text| self.filled(text)).collect();
        let mut arguments = vec!["assume"];
        arguments.extend(filled.iter().map(String::as_str));
        arguments.extend(output);
        let mut command = self.home.command(crate::support::rolenv());
        if let Some(code) = &case.mfa_code {
            command.env("ROLENV_MFA_CODE", code);
        }
        let run = Run::of(command.args(arguments));
        Performance {
            asked: self.asked(),
            connects: self.connects(),
            variables: serde_json::from_str(&run.stdout).unwrap_or_default(),
            run,
        }
    }

    /// The outcome of rolenv's turn.
    pub fn turn(&self, performance: Performance) -> Turn {
        let key = performance.variables.get("AWS_ACCESS_KEY_ID").cloned().flatten();
        let outcome = Outcome {
            asked: performance.asked,
            connects: performance.connects,
            identity: key.map(|key| self.holder(&key)),
        };
        Turn {
            outcome,
            stderr: performance.run.stderr,
        }
    }

    /// Whose key it is: an ARN, or that of a session without a name that was made up.
    fn holder(&self, access_key_id: &str) -> String {
        let issued = self.sts.handed_out();
        let issued = issued.iter().find(|issued| issued.access_key_id == access_key_id);
        let member = cast::members().find(|member| member.access_key_id == access_key_id);
        match (issued, member) {
            (Some(issued), _) => identity(&issued.arn),
            (None, Some(member)) => member.arn.to_owned(),
            (None, None) => format!("nobody: {access_key_id}"),
        }
    }

    /// A text of the case; it was filled in once already when the stage was set.
    pub fn filled(&self, text: &str) -> String {
        self.texts.fill_text(text).unwrap_or_else(|_| text.to_owned())
    }

    /// What STS was asked so far, but for who somebody is.
    pub fn asked(&self) -> Vec<Asked> {
        let requests = self.sts.requests();
        let sessions = requests.iter().filter(|request| request.action != "GetCallerIdentity");
        sessions.map(seen).collect()
    }

    /// `HOST:PORT` of those whom the proxy was asked for; not how often.
    pub fn connects(&self) -> Vec<String> {
        let requests = self.proxy.as_ref().map(FakeProxy::requests).unwrap_or_default();
        let mut hosts: Vec<String> = requests.into_iter().map(|request| request.target).collect();
        hosts.dedup();
        hosts
    }
}

impl Others {
    fn start(case: &Case, texts: &mut Texts) -> Self {
        let named = |name: &str| texts_of(case).any(|text| text.contains(name)).then_some(());
        let others = Self {
            imds: named("{IMDS}").map(|()| FakeImds::builder().role("instance", cast::keys("instance")).start()),
            container: named("{CONTAINER}").map(|()| FakeContainer::builder(cast::keys("task")).start()),
            guarded: named("{GUARDED}").map(|()| {
                let container = FakeContainer::builder(cast::keys("task"));
                container.authorization(cast::CONTAINER_TOKEN).start()
            }),
            portal: named("{SSO}").map(|()| {
                FakePortal::builder()
                    .access_token(cast::ACCESS_TOKEN)
                    .refresh_token(cast::REFRESH_TOKEN)
                    .role("111111111111", "Admin", cast::keys("sso"))
                    .start()
            }),
        };
        for (name, url) in [
            ("IMDS", others.imds.as_ref().map(FakeImds::url)),
            ("CONTAINER", others.container.as_ref().map(FakeContainer::url)),
            ("GUARDED", others.guarded.as_ref().map(FakeContainer::url)),
            ("SSO", others.portal.as_ref().map(FakePortal::url)),
        ] {
            texts.add(name, url.unwrap_or_default());
        }
        others
    }
}

/// What every case starts from: a region, an STS, and nobody else to ask.
fn plain_variables(sts: &FakeSts, proxy: Option<&FakeProxy>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::from([
        ("AWS_DEFAULT_REGION".to_owned(), "us-east-1".to_owned()),
        (
            "AWS_EC2_METADATA_SERVICE_ENDPOINT".to_owned(),
            "http://127.0.0.1:1".to_owned(),
        ),
    ]);
    match proxy {
        Some(proxy) => variables.insert("HTTPS_PROXY".to_owned(), proxy.url()),
        None => variables.insert("AWS_ENDPOINT_URL_STS".to_owned(), sts.url()),
    };
    variables
}

fn strict(role: &super::format::Role, texts: &Texts) -> Result<Role, String> {
    let mut strict = Role::new(&texts.fill_text(&role.arn)?).max_duration(role.max_duration.unwrap_or(43_200));
    for trusted in &role.trusts {
        strict = strict.trusts(&texts.fill_text(trusted)?);
    }
    if let Some(id) = &role.external_id {
        strict = strict.external_id(id);
    }
    if let Some(serial) = &role.mfa {
        strict = strict.mfa(&texts.fill_text(serial)?);
    }
    Ok(strict)
}

/// Every text of the case that is read by the one who plays it.
fn texts_of(case: &Case) -> impl Iterator<Item = &str> {
    let variables = case.env.values().filter_map(|value| match value {
        Variable::Text(text) => Some(text.as_str()),
        Variable::Set(_) => None,
    });
    [case.config.as_str(), &case.credentials]
        .into_iter()
        .chain(case.files.values().map(String::as_str))
        .chain(case.args.iter().map(String::as_str))
        .chain(variables)
}

/// Every role that a text of the case names: it exists and trusts everybody.
fn role_arns(case: &Case, texts: &Texts) -> Result<Vec<String>, String> {
    let mut arns = Vec::new();
    for text in texts_of(case) {
        let filled = String::from_utf8_lossy(&texts.fill(text)?).into_owned();
        let words = filled.split(|letter: char| letter.is_whitespace() || "\"'".contains(letter));
        arns.extend(words.filter_map(|word| Some(word[word.find("arn:")?..].to_owned())));
    }
    arns.extend(
        case.requests(|text| texts.fill_text(text))?
            .into_iter()
            .filter_map(|request| request.parameters.get("RoleArn").cloned()),
    );
    arns.retain(|arn| arn.contains(":role/"));
    arns.sort();
    arns.dedup();
    Ok(arns)
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

/// An ARN without a session name that was made up.
pub fn identity(arn: &str) -> String {
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

impl fmt::Display for Turn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for asked in &self.outcome.asked {
            write!(formatter, "{asked}; ")?;
        }
        for connect in &self.outcome.connects {
            write!(formatter, "CONNECT {connect}; ")?;
        }
        match &self.outcome.identity {
            Some(identity) => write!(formatter, "then is {identity}")?,
            None => write!(formatter, "gives up")?,
        }
        write!(
            formatter,
            "\n        {}",
            self.stderr.trim().replace('\n', "\n        ")
        )
    }
}
