//! Where a case is played: a home of its own, servers of its own, and rolenv in a clean environment.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use fake_sts::{FakeContainer, FakeImds, FakePortal, FakeProxy, FakeSts, Role};

use super::cast::{self, Texts};
use super::format::{Case, Variable};
use crate::support::{Home, Run};

pub struct Stage {
    pub home: Home,
    pub sts: FakeSts,
    pub proxy: Option<FakeProxy>,
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
    /// What the output sets; empty after a failure.
    pub variables: BTreeMap<String, Option<String>>,
}

impl Stage {
    pub fn set(case: &Case) -> Result<Self, String> {
        // Instance metadata are asked for: at an address where nobody is, if the case names no other.
        // The AWS CLI sends each code for a role.
        let mut home = Home::empty()
            .unset("AWS_EC2_METADATA_DISABLED")
            .set("ROLENV_MFA_SESSION", "off");
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
        let variables = serde_json::from_str(&run.stdout).unwrap_or_default();
        Performance { run, variables }
    }

    /// A text of the case; it was filled in once already when the stage was set.
    pub fn filled(&self, text: &str) -> String {
        self.texts.fill_text(text).unwrap_or_else(|_| text.to_owned())
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
    // A request that a case did not plan must not leave the machine.
    let mut way_out = "http://127.0.0.1:1".to_owned();
    match proxy {
        Some(proxy) => way_out = proxy.url(),
        None => _ = variables.insert("AWS_ENDPOINT_URL_STS".to_owned(), sts.url()),
    }
    variables.insert("HTTPS_PROXY".to_owned(), way_out);
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
