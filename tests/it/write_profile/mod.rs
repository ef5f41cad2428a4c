//! `--write-profile`: the session is stored in the credentials file, nothing else in that file changes, and nobody
//! else's keys are lost.

mod file;
mod refusals;

use crate::support;
use crate::support::golden;

use crate::support::kept;

use crate::support::outcome;

#[cfg(unix)]
use crate::support::plain_user;

use std::fs;

use std::time::Duration;

use fake_sts::{FakeSts, Fault};

use outcome::assert_fails;

use support::{CONFIG, CREDENTIALS, Home, KEY, Run, tool, world};

const FILE: &str = ".aws/credentials";

fn store(home: &Home, name: &str, more: &[&str]) -> Run {
    let words = ["assume", "marketingadmin", "--format", "json", "--write-profile", name];
    home.rolenv(&[&words, more].concat())
}

fn text(home: &Home) -> String {
    fs::read_to_string(home.path(FILE)).expect("a credentials file")
}

/// A home whose credentials file has this below the keys that everything starts from.
fn home_with(sts: &FakeSts, config: &str, below: &str) -> Home {
    let home = Home::new(sts);
    home.write(".aws/config", format!("{CONFIG}\n{config}"));
    home.write(FILE, format!("{CREDENTIALS}{below}"));
    home
}

/// The value of a key of the profile `name`, as the file has it.
fn value(text: &str, name: &str, key: &str) -> Option<String> {
    let section = text.split(&format!("[{name}]")).nth(1)?.split("\n[").next()?;
    let line = section.lines().find(|line| line.trim_start().starts_with(key))?;
    Some(line.split_once(['=', ':'])?.1.trim().to_owned())
}

fn assert_stored(run: &Run, text: &str, name: &str) {
    for (key, variable) in [
        ("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
        ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
        ("aws_session_token", "AWS_SESSION_TOKEN"),
        ("x_security_token_expires", "AWS_CREDENTIAL_EXPIRATION"),
        ("region", "AWS_REGION"),
    ] {
        assert_eq!(value(text, name, key), run.variable(variable), "{key} in {text}");
    }
}

#[test]
fn a_session_is_stored_exported_and_renewed() {
    let sts = world().start();
    let home = Home::new(&sts);
    let run = store(&home, "role", &[]);
    let first = text(&home);
    assert_stored(&run, &first, "role");
    assert!(first.starts_with(&format!("{CREDENTIALS}\n[role]\n")), "{first}");
    golden::record(&run);
    // It is ours: the next one takes its place, without a word of force, and nothing is there twice.
    let run = store(&home, "role", &["--quiet", "--refresh"]);
    let second = text(&home);
    assert_stored(&run, &second, "role");
    assert_eq!(run.stderr, "");
    assert_eq!(second.lines().count(), first.lines().count());
    assert_ne!(second, first);
    // rolenv reads it, too.
    let own = home.rolenv(&["assume", "role", "--format", "json"]);
    assert_eq!(own.variable("AWS_ACCESS_KEY_ID"), run.variable("AWS_ACCESS_KEY_ID"));
    assert_eq!(own.variable("AWS_REGION").as_deref(), Some("us-west-2"));
}

#[test]
fn a_region_comes_and_goes_with_the_session_but_a_person_s_own_stays() {
    let sts = world().start();
    let home = Home::new(&sts);
    assert_eq!(store(&home, "role", &[]).status, Some(0));
    let switch = ["assume", "noregion", "--write-profile", "role", "--shell", "sh"];
    assert_eq!(home.rolenv(&switch).status, Some(0));
    assert_eq!(value(&text(&home), "role", "region"), None);
    home.write(
        FILE,
        text(&home).replace("[role]\n", "[role]\nregion = eu-north-1\noutput = text\n"),
    );
    assert_eq!(home.rolenv(&switch).status, Some(0));
    assert_eq!(value(&text(&home), "role", "region").as_deref(), Some("eu-north-1"));
    assert_eq!(value(&text(&home), "role", "output").as_deref(), Some("text"));
}

#[test]
fn the_aws_cli_uses_what_was_stored() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let sts = world().start();
    let role = "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana";
    let below = "[by-role]\nrole_arn = arn:aws:iam::222222222222:role/secured\nsource_profile = base\n\
                 [by-sso]\nsso_role_name = r\nsso_account_id = 1\nsso_region = us-east-1\nsso_start_url = https://x\n\
                 [by-token]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_security_token = t\n";
    let config = "[profile by-process]\ncredential_process = false\nregion = eu-west-3\n";
    let home = home_with(&sts, config, below);
    for name in [
        "new",
        "by-role",
        "by-sso",
        "by-token",
        "by-process",
        "it's \"\u{fc}\" [x",
    ] {
        let run = store(&home, name, &["--force"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        let ask = |words: &[&str]| {
            let mut command = home.command(&aws);
            let run = Run::of(command.args(words).args(["--profile", name]));
            assert_eq!(run.status, Some(0), "{name}: {run:?}");
            run.stdout.trim_end().to_owned()
        };
        assert_eq!(
            ask(&["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]),
            role
        );
        assert_eq!(ask(&["configure", "get", "region"]), "us-west-2");
        assert_eq!(
            Some(ask(&["configure", "get", "aws_session_token"])),
            run.variable("AWS_SESSION_TOKEN")
        );
    }
    assert!(sts.requests().iter().all(|request| request.verified));
}

/// What is refused even with force is what the AWS CLI would not use, and the rest it uses.
#[test]
fn the_aws_cli_prefers_what_we_say_it_prefers() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let sts = world().start();
    let stored = "[taken]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";
    for (lines, is_used) in [
        ("role_arn =\n", false),
        ("web_identity_token_file = x\n", false),
        ("sso_role_name = r\n", false),
        ("sso_account_id = 1\n", false),
        (
            "sso_session = s\nsso_start_url = https://x\nsso_region = us-east-1\n",
            true,
        ),
        ("credential_process = false\n", true),
        ("login_session = x\n", true),
        ("aws_access_key_id = AKIAX\naws_secret_access_key = s\n", true),
        ("source_profile = base\ncredential_source = Environment\n", true),
    ] {
        let home = home_with(&sts, &format!("[profile taken]\n{lines}"), stored);
        let run = Run::of(home.command(&aws).args(["configure", "list", "--profile", "taken"]));
        assert_eq!(
            run.stdout.contains("shared-credentials-file"),
            is_used,
            "{lines}: {run:?}"
        );
        let run = store(&home, "taken", &["--force"]);
        assert_eq!(run.status, Some(i32::from(!is_used)), "{lines}: {run:?}");
        golden::record(&run);
    }
}

#[test]
fn a_stored_session_is_handed_out_until_it_ends_and_asks_for_no_code() {
    let sts = world().start();
    let config = format!("[profile kept]\nmfa_serial = {}\n", support::MFA);
    let home = home_with(&sts, &config, "");
    let first = store(&home, "kept", &[]);
    sts.clear_requests();
    let again = home.rolenv(&["assume", "kept", "--format", "json"]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"] {
        assert_eq!(again.variable(name), first.variable(name), "{again:?}");
    }
    assert!(sts.requests().is_empty());
    let end = first.variable("AWS_CREDENTIAL_EXPIRATION").expect("an end");
    home.write(FILE, text(&home).replace(&end, "2020-01-01T00:00:00Z"));
    let over = home.rolenv(&["assume", "kept", "--format", "json"]);
    assert_fails(&over, 1);
}
