//! The cache of roles is the AWS CLI's: each uses what the other got, in both versions of it. The real ones say so.

use crate::support;

use crate::support::kept;

use crate::support::shared;

use std::path::{Path, PathBuf};
use std::process::Command;

use fake_sts::FakeSts;
use serde_json::json;

use kept::{MARK, ROLES, asked, assumed, entries, newest, read};
use shared::{Aws, CONFIG, PROFILES};
use support::{Home, KEY, Run, tool};

/// Runs each test with each version of the AWS CLI.
macro_rules! in_both_versions {
    ($($test:ident)*) => {
        mod version_1 { $(#[test] fn $test() { super::with("aws", super::$test); })* }
        mod version_2 { $(#[test] fn $test() { super::with("aws2", super::$test); })* }
    };
}

in_both_versions! {
    the_aws_cli_uses_what_rolenv_got
    rolenv_uses_what_the_aws_cli_got
    rolenv_goes_on_from_the_aws_cli_s_session_of_a_hop
    what_the_aws_cli_stumbles_over_is_mended
}

fn with(name: &str, test: fn(&Cli)) {
    if let Some(program) = tool(name) {
        test(&Cli::new(program));
    }
}

/// One of the versions.
struct Cli {
    program: PathBuf,
    /// The profiles whose sessions it names as we do: before 1.46 and 2.37.9 the name of a web identity's session was that
    /// of AssumeRole, where another caller's session may be.
    profiles: Vec<&'static str>,
}

impl Cli {
    fn new(program: PathBuf) -> Self {
        let output = Command::new(&program).arg("--version").output().expect("a version");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.strip_prefix("aws-cli/").and_then(|text| text.split(' ').next());
        let numbers = version
            .unwrap_or_default()
            .split('.')
            .map(|number| number.parse().expect("a number"));
        let numbers: Vec<u32> = numbers.collect();
        let names_with_token = match numbers[..] {
            [1, minor, _] => minor >= 46,
            [2, minor, patch] => (minor, patch) >= (37, 9),
            _ => panic!("unknown version: {text}"),
        };
        let profiles = PROFILES.into_iter().filter(|name| names_with_token || *name != "web");
        Self {
            program,
            profiles: profiles.collect(),
        }
    }

    /// Asks who it is; nobody is there to type anything.
    fn who(&self, home: &Home, profile: &str) -> Run {
        Run::of(
            home.command(&self.program)
                .args(["sts", "get-caller-identity", "--profile", profile]),
        )
    }

    /// The same on a terminal, where a person types a code.
    fn who_with_code(&self, home: &Home, profile: &str, code: &str) -> Option<Run> {
        let script = format!(
            "set timeout 60\nspawn -noecho {} sts get-caller-identity --profile {profile}\n\
             expect \"MFA code\"\nsend \"{code}\\r\"\nexpect timeout {{ exit 124 }} eof\nexit [lindex [wait] 3]\n",
            self.program.display()
        );
        Some(Run::of(home.command(tool("expect")?).args(["-c", &script])))
    }
}

/// The access key id with which the AWS CLI asked last.
fn signer(sts: &FakeSts) -> String {
    let request = sts.requests().pop().expect("a request");
    assert_eq!((request.action.as_str(), request.verified), ("GetCallerIdentity", true));
    request.signer.expect("who signed").access_key_id
}

fn assumptions(sts: &FakeSts) -> usize {
    asked(sts, "AssumeRole") + asked(sts, "AssumeRoleWithWebIdentity")
}

fn entry_of(home: &Home, session: &str) -> PathBuf {
    let arn = format!("arn:aws:sts::222222222222:assumed-role/{session}");
    let found = entries(home, ROLES);
    let mut found = found
        .into_iter()
        .filter(|(_, entry)| entry["AssumedRoleUser"]["Arn"] == arn);
    let (name, _) = found.next().unwrap_or_else(|| panic!("no entry of {session}"));
    home.path(ROLES).join(name)
}

fn remove(path: &Path) {
    std::fs::remove_file(path).expect("an entry less");
}

fn the_aws_cli_uses_what_rolenv_got(cli: &Cli) {
    let aws = Aws::start();
    let (sts, home) = (&aws.sts, aws.home().set("ROLENV_MFA_CODE", "123456"));
    for &profile in &cli.profiles {
        let before = assumptions(sts);
        let ours = assumed(&home, &[profile]);
        // The hop before the last one is there already.
        assert_eq!(assumptions(sts) - before, 1, "{profile}");
        let run = cli.who(&home, profile);
        assert_eq!(run.status, Some(0), "{profile}: {run:?}");
        assert_eq!(signer(sts), ours, "{profile}");
        assert_eq!(assumptions(sts) - before, 1, "{profile}");
    }
    // Hop by hop: without the last entry, the AWS CLI goes on from the one before.
    let before = assumptions(sts);
    remove(&entry_of(&home, "chained/last"));
    assert_eq!(cli.who(&home, "chained").status, Some(0));
    assert_eq!(assumptions(sts) - before, 1);
    let mut requests = sts.requests().into_iter();
    let asked = requests.rfind(|request| request.action == "AssumeRole");
    let caller = asked.and_then(|request| request.signer).expect("who signed").arn;
    assert_eq!(caller, "arn:aws:sts::222222222222:assumed-role/external/rolenv-ana");
}

fn rolenv_uses_what_the_aws_cli_got(cli: &Cli) {
    let aws = Aws::start();
    let sts = &aws.sts;
    for &profile in &cli.profiles {
        let home = aws.home();
        let run = if profile == "secured" {
            cli.who_with_code(&home, profile, "123456")
        } else {
            Some(cli.who(&home, profile))
        };
        let Some(run) = run else {
            continue;
        };
        assert_eq!(run.status, Some(0), "{profile}: {run:?}");
        let session = signer(sts);
        let written = entries(&home, ROLES);
        assert!(written.values().all(|entry| entry.get(MARK).is_none()));
        assert_eq!(written.len(), if profile == "chained" { 2 } else { 1 }, "{profile}");

        let before = sts.requests().len();
        assert_eq!(assumed(&home, &[profile]), session, "{profile}");
        assert_eq!(sts.requests().len(), before, "{profile}");
        assert_eq!(entries(&home, ROLES), written, "what is used is left as it is");

        // They do not say which server they are of: with one of its own, rolenv asks that, and the names are the same.
        if profile != "secured" {
            let home = home.set("AWS_ENDPOINT_URL_STS", sts.url());
            assert_ne!(assumed(&home, &[profile]), session, "{profile}");
            let names = entries(&home, ROLES);
            assert!(names.values().all(|entry| entry.get(MARK).is_some()), "{profile}");
            assert_eq!(names.len(), written.len(), "{profile}");
            assert_eq!(cli.who(&home, profile).status, Some(0), "{profile}");
            assert_eq!(signer(sts), newest(sts), "{profile}");
        }
    }
}

/// Without the last entry of a chain, rolenv goes on from the AWS CLI's entry of the hop before: it has no need of the
/// keys that the chain starts from.
fn rolenv_goes_on_from_the_aws_cli_s_session_of_a_hop(cli: &Cli) {
    let aws = Aws::start();
    let home = aws.home();
    assert_eq!(cli.who(&home, "external").status, Some(0));
    let hop = signer(&aws.sts);
    home.write(
        ".aws/config",
        CONFIG.replace("[profile base]", "[profile base]\ncredential_process = sh keys"),
    );
    home.write(".aws/credentials", "");
    let keys = json!({ "Version": 1, "AccessKeyId": KEY.0, "SecretAccessKey": KEY.1 });
    home.write("keys", format!("echo x >ran\necho '{keys}'\n"));
    assert_eq!(assumed(&home, &["chained"]), newest(&aws.sts));
    let caller = aws.sts.requests().pop().and_then(|request| request.signer);
    assert_eq!(caller.expect("who signed").access_key_id, hop);
    assert!(!home.path("ran").exists());
    for name in entries(&home, ROLES).into_keys() {
        remove(&home.path(ROLES).join(name));
    }
    assumed(&home, &["chained"]);
    assert!(home.path("ran").exists());
}

/// The AWS CLI fails on each of these, every time, until somebody deletes the file.
fn what_the_aws_cli_stumbles_over_is_mended(cli: &Cli) {
    let aws = Aws::start();
    let (sts, home) = (&aws.sts, aws.home());
    assumed(&home, &["plain"]);
    let path = kept::only_entry(&home, ROLES);
    let whole = std::fs::read_to_string(&path).expect("an entry");
    let end = read(&path)["Credentials"]["Expiration"]
        .as_str()
        .expect("an end")
        .to_owned();
    for damage in [
        String::new(),
        whole[..whole.len() / 2].to_owned(),
        format!("\u{feff}{whole}"),
        whole.replace(&end, end.trim_end_matches('Z')),
        whole.replace("\"SessionToken\"", "\"Token\""),
    ] {
        std::fs::write(&path, &damage).expect("damage");
        assert_ne!(cli.who(&home, "plain").status, Some(0), "{damage}");
        assert_eq!(assumed(&home, &["plain"]), newest(sts), "{damage}");
        let run = cli.who(&home, "plain");
        assert_eq!((run.status, signer(sts)), (Some(0), newest(sts)), "{damage}: {run:?}");
    }
}
