//! The whole story in a few seconds, with nothing of the person's own touched: a fake STS in this process, a home that
//! is deleted afterwards, and the real binary in a real `sh`.
//!
//!     cargo run --release --example demo

use std::error::Error;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
use fake_sts::{FakeSts, Role};

const ANA: &str = "arn:aws:iam::111111111111:user/ana";

const DEVICE: &str = "arn:aws:iam::111111111111:mfa/ana";

const CONFIG: &str = "\
[profile ana]
region = eu-west-1

[profile marketingadmin]
role_arn = arn:aws:iam::222222222222:role/marketingadmin
source_profile = ana
region = us-west-2

[profile production]
role_arn = arn:aws:iam::333333333333:role/deployer
source_profile = ana

[profile billing]
role_arn = arn:aws:iam::222222222222:role/billing
source_profile = ana
mfa_serial = arn:aws:iam::111111111111:mfa/ana

[profile audit]
role_arn = arn:aws:iam::222222222222:role/audit
source_profile = ana
mfa_serial = arn:aws:iam::111111111111:mfa/ana
";

const CREDENTIALS: &str = "\
[ana]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
";

/// A script such as people have.
const DEPLOY: &str = "\
eval \"$(rolenv assume production --quiet)\"
echo DEPLOYED. This line must never be seen.
";

/// What is typed. `say` is a person's comment, `type` shows a line and runs it in this very shell.
const SCRIPT: &str = r#"
say() { printf '\n%s# %s%s\n' "$DIM" "$1" "$PLAIN"; sleep "$PAUSE"; }
type() { printf '%s$ %s%s\n' "$BOLD" "$1" "$PLAIN"; sleep "$PAUSE"; eval "$1"; }
whoami() { "$DEMO" whoami; }
deploy() { echo 'DEPLOYED. This line must never be seen.'; exit 1; }

say 'who am I?'
type 'whoami'

say 'into a role of another account'
type 'eval "$(rolenv assume marketingadmin)"'
type 'whoami'
type 'echo "$AWS_REGION"'

say 'a role that does not trust me: the failed assume fails the line, nothing is deployed as the wrong identity'
type 'eval "$(rolenv assume production)" && deploy'
type 'whoami'

say 'the same in a script that stops at errors'
type 'cat deploy.sh'
type 'sh -e deploy.sh || echo "it stopped with status $?"'

say 'a role that asks for MFA: one code (typed at a terminal, unless it is given like here) serves the next role, too'
type 'eval "$(ROLENV_MFA_CODE=123456 rolenv assume billing)"'
type 'eval "$(rolenv assume audit)"'

say 'and what was assumed before is there at once'
type 'eval "$(rolenv assume marketingadmin)"'

say 'and back'
type 'eval "$(rolenv clear)"'
type 'whoami'
"#;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("whoami") => who_am_i(),
        _ => play(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play() -> Result<(), Box<dyn Error>> {
    let demo = std::env::current_exe()?;
    let binaries = build_binary(&demo)?;
    let sts = FakeSts::builder()
        .user("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ANA)
        .role(Role::new("arn:aws:iam::222222222222:role/marketingadmin").trusts(ANA))
        .role(
            Role::new("arn:aws:iam::222222222222:role/billing")
                .trusts(ANA)
                .mfa(DEVICE),
        )
        .role(
            Role::new("arn:aws:iam::222222222222:role/audit")
                .trusts(ANA)
                .mfa(DEVICE),
        )
        .mfa_code(DEVICE, "123456")
        .role(Role::new("arn:aws:iam::333333333333:role/deployer").trusts("arn:aws:iam::333333333333:role/ci"))
        .start();
    let home = tempfile::tempdir()?;
    let aws = home.path().join(".aws");
    std::fs::create_dir(&aws)?;
    std::fs::write(aws.join("config"), CONFIG)?;
    std::fs::write(aws.join("credentials"), CREDENTIALS)?;
    std::fs::write(home.path().join("deploy.sh"), DEPLOY)?;

    let on_screen = std::io::stdout().is_terminal();
    let coloured = on_screen && std::env::var_os("NO_COLOR").is_none();
    let colour = |code: &'static str| if coloured { code } else { "" };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([binaries].into_iter().chain(std::env::split_paths(&path)))?;
    let status = Command::new("sh")
        .args(["-c", SCRIPT])
        .current_dir(home.path())
        .env_clear()
        .env("PATH", path)
        .env("HOME", home.path())
        .env("USER", "ana")
        .env("AWS_ENDPOINT_URL_STS", sts.url())
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .env("DEMO", &demo)
        .env("PAUSE", if on_screen { "0.5" } else { "0" })
        .env("BOLD", colour("\x1b[1;36m"))
        .env("DIM", colour("\x1b[2m"))
        .env("PLAIN", colour("\x1b[0m"))
        .status()?;
    let requests = sts.requests();
    let verified = requests.iter().filter(|request| request.verified).count();
    println!(
        "\nThe STS saw {} requests; {verified} signatures were right.",
        requests.len()
    );
    if status.success() && verified == requests.len() {
        Ok(())
    } else {
        Err("the story did not end as it should".into())
    }
}

/// Cargo builds an example's library but not the package's binary; here it is, in the same profile.
fn build_binary(demo: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let directory = demo
        .ancestors()
        .nth(2)
        .ok_or("this example runs from cargo's target directory")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--bin", "rolenv", "--manifest-path"]);
    build.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    if directory.ends_with("release") {
        build.arg("--release");
        if !directory.join("rolenv").exists() {
            eprintln!("building rolenv itself, which takes a minute or two");
        }
    }
    if build.status()?.success() {
        Ok(directory.to_owned())
    } else {
        Err("cargo could not build the binary".into())
    }
}

/// `aws sts get-caller-identity`, for machines without the AWS CLI.
fn who_am_i() -> Result<(), Box<dyn Error>> {
    let variable = |name: &str| std::env::var(name).ok();
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID").ok_or("no credentials in the environment")?,
        variable("AWS_SECRET_ACCESS_KEY").unwrap_or_default(),
        variable("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let mut config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL_STS"));
    let client = aws_sdk_sts::Client::from_conf(config.build());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let identity = runtime.block_on(client.get_caller_identity().send())?;
    println!("{}", identity.arn().unwrap_or("nobody"));
    Ok(())
}
