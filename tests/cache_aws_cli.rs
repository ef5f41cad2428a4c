//! The cache of roles is the AWS CLI's: each uses what the other got. The real one says so.

mod support;

#[path = "support/kept.rs"]
mod kept;

#[path = "support/shared.rs"]
mod shared;

use std::path::Path;

use fake_sts::{FakeProxy, FakeSts};
use serde_json::json;

use kept::{MARK, ROLES, asked, assume, assumed, entries, newest, read};
use shared::{CONFIG, PROFILES, home, sts, without_server};
use support::{Home, KEY, Run, tool};

/// The AWS CLI, asked who it is; nobody is there to type anything.
fn who(aws: &Path, home: &Home, profile: &str) -> Run {
    let arguments = [
        "sts",
        "get-caller-identity",
        "--region",
        "us-east-1",
        "--profile",
        profile,
    ];
    Run::of(home.command(aws).args(arguments))
}

/// The same on a terminal, where a person types a code.
fn who_with_code(aws: &Path, home: &Home, profile: &str, code: &str) -> Option<Run> {
    let script = format!(
        "set timeout 60\nspawn -noecho {} sts get-caller-identity --region us-east-1 --profile {profile}\n\
         expect \"MFA code\"\nsend \"{code}\\r\"\nexpect eof\nexit [lindex [wait] 3]\n",
        aws.display()
    );
    Some(Run::of(home.command(tool("expect")?).args(["-c", &script])))
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

fn copy(from: &Home, to: &Home) {
    for (name, entry) in entries(from, ROLES) {
        to.write(&format!("{ROLES}/{name}"), entry.to_string());
    }
}

#[test]
fn the_aws_cli_uses_what_rolenv_got() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let sts = sts();
    let home = home(&sts);
    for profile in PROFILES {
        let before = assumptions(&sts);
        let ours = assumed(&home, &[profile, "--mfa-code", "123456"]);
        let requests = assumptions(&sts) - before;
        // The hop before the last one is there already.
        assert_eq!(requests, 1, "{profile}");
        let run = who(&aws, &home, profile);
        assert_eq!(run.status, Some(0), "{profile}: {run:?}");
        assert_eq!(signer(&sts), ours, "{profile}");
        assert_eq!(assumptions(&sts) - before, requests, "{profile}");
    }
    // Hop by hop: without the last entry, the AWS CLI goes on from the one before.
    let before = assumptions(&sts);
    let (name, _) = entries(&home, ROLES)
        .into_iter()
        .find(|(_, entry)| entry["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/chained/last")
        .expect("the last hop's entry");
    std::fs::remove_file(home.path(ROLES).join(name)).expect("an entry less");
    assert_eq!(who(&aws, &home, "chained").status, Some(0));
    assert_eq!(assumptions(&sts) - before, 1);
    let asked = sts
        .requests()
        .into_iter()
        .rfind(|request| request.action == "AssumeRole");
    let caller = asked.and_then(|request| request.signer).expect("who signed").arn;
    assert_eq!(caller, "arn:aws:sts::222222222222:assumed-role/external/rolenv-ana");
}

#[test]
fn rolenv_uses_what_the_aws_cli_got() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let (sts, proxy) = (sts(), FakeProxy::refusing(503).start());
    for profile in PROFILES {
        let theirs = home(&sts);
        let run = if profile == "secured" {
            let Some(run) = who_with_code(&aws, &theirs, profile, "123456") else {
                continue;
            };
            run
        } else {
            who(&aws, &theirs, profile)
        };
        assert_eq!(run.status, Some(0), "{profile}: {run:?}");
        let session = signer(&sts);
        let written = entries(&theirs, ROLES);
        assert!(written.values().all(|entry| entry.get(MARK).is_none()));
        assert_eq!(written.len(), if profile == "chained" { 2 } else { 1 }, "{profile}");

        let ours = without_server(&proxy);
        copy(&theirs, &ours);
        let before = sts.requests().len();
        assert_eq!(assumed(&ours, &[profile]), session, "{profile}");
        assert_eq!((sts.requests().len(), proxy.requests().len()), (before, 0), "{profile}");
        assert_eq!(entries(&ours, ROLES), written, "what is used is left as it is");

        // They do not say which server they are of: with one of its own, rolenv asks that, and the names are the same.
        if profile != "secured" {
            assert_ne!(assumed(&theirs, &[profile]), session, "{profile}");
            let names = entries(&theirs, ROLES);
            assert!(written.keys().all(|name| names[name].get(MARK).is_some()), "{profile}");
            // Version 2 has another name for a web identity's session.
            assert_eq!(names.len(), written.len() + usize::from(profile == "web"), "{profile}");
            assert_eq!(who(&aws, &theirs, profile).status, Some(0), "{profile}");
            assert_eq!(signer(&sts), newest(&sts), "{profile}");
        }
    }
}

/// Without the last entry of a chain, rolenv goes on from the AWS CLI's entry of the hop before: it has no need of the
/// keys that the chain starts from.
#[test]
fn rolenv_goes_on_from_the_aws_cli_s_session_of_a_hop() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let (sts, proxy) = (sts(), FakeProxy::refusing(503).start());
    let theirs = home(&sts);
    assert_eq!(who(&aws, &theirs, "external").status, Some(0));
    let ours = without_server(&proxy);
    ours.write(
        ".aws/config",
        CONFIG.replace("[profile base]", "[profile base]\ncredential_process = sh keys"),
    );
    ours.write(".aws/credentials", "");
    let keys = json!({ "Version": 1, "AccessKeyId": KEY.0, "SecretAccessKey": KEY.1 });
    ours.write("keys", format!("echo x >ran\necho '{keys}'\n"));
    for has_hop in [true, false] {
        if has_hop {
            copy(&theirs, &ours);
        }
        assert_eq!(assume(&ours, &["chained"]).status, Some(1), "nothing gets through");
        assert_eq!(ours.path("ran").exists(), !has_hop);
        for name in entries(&ours, ROLES).into_keys() {
            std::fs::remove_file(ours.path(ROLES).join(name)).expect("an entry less");
        }
    }
}

/// The AWS CLI fails on each of these, every time, until somebody deletes the file.
#[test]
fn what_the_aws_cli_stumbles_over_is_mended() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let sts = sts();
    let home = home(&sts);
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
        assert_ne!(who(&aws, &home, "plain").status, Some(0), "{damage}");
        assert_eq!(assumed(&home, &["plain"]), newest(&sts), "{damage}");
        let run = who(&aws, &home, "plain");
        assert_eq!((run.status, signer(&sts)), (Some(0), newest(&sts)), "{damage}: {run:?}");
    }
}
