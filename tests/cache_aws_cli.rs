//! The cache of roles is the AWS CLI's: each uses what the other got. The real one says so, as does what version 2 writes.

mod support;

#[path = "support/kept.rs"]
mod kept;

use std::path::Path;

use fake_sts::{FakeProxy, FakeSts, Role};
use serde_json::{Value, json};

use kept::{MARK, ROLES, asked, assume, assumed, entries, in_seconds, key, newest, read};
use support::{Home, KEY, MFA, Run, USER, tool};

const CONFIG: &str = "\
[profile plain]
role_arn = arn:aws:iam::222222222222:role/plain
source_profile = base

[profile external]
role_arn = arn:aws:iam::222222222222:role/external
source_profile = base
external_id = ext/42=ok

[profile timed]
role_arn = arn:aws:iam::222222222222:role/timed
source_profile = base
duration_seconds = 7200

[profile named]
role_arn = arn:aws:iam::222222222222:role/named
source_profile = base
role_session_name = ana@example

[profile all]
role_arn = arn:aws:iam::222222222222:role/path/all
source_profile = base
external_id = ext
duration_seconds = 3600
role_session_name = ana

[profile secured]
role_arn = arn:aws:iam::222222222222:role/secured
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/ana

[profile chained]
role_arn = arn:aws:iam::222222222222:role/chained
source_profile = external
role_session_name = last

[profile web]
role_arn = arn:aws:iam::222222222222:role/web
web_identity_token_file = token

[profile base]
region = eu-central-1
";

const PROFILES: [&str; 8] = [
    "plain", "external", "timed", "named", "all", "secured", "chained", "web",
];

const TOKEN: &str = "eyJhbGciOiJub25lIn0.e30.";

fn sts() -> FakeSts {
    let role = |name: &str| Role::new(&format!("arn:aws:iam::222222222222:role/{name}"));
    FakeSts::builder()
        .user(KEY.0, KEY.1, USER)
        .role(role("plain"))
        .role(role("external").external_id("ext/42=ok"))
        .role(role("timed").max_duration(43_200))
        .role(role("named"))
        .role(role("path/all").external_id("ext"))
        .role(role("secured").mfa(MFA))
        .role(role("chained").trusts("arn:aws:iam::222222222222:role/external"))
        .role(role("web").web_identity_token(TOKEN))
        .mfa_code(MFA, "123456")
        .start()
}

fn home(sts: &FakeSts) -> Home {
    let home = Home::with(CONFIG, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    home.write("token", TOKEN);
    home.set("AWS_MAX_ATTEMPTS", "1")
}

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

/// A home that knows of no server of its own: what is asked of AWS goes to a proxy that lets nothing through.
fn without_server(proxy: &FakeProxy) -> Home {
    let home = Home::with(CONFIG, support::CREDENTIALS).unset("AWS_ENDPOINT_URL_STS");
    home.write("token", TOKEN);
    std::fs::create_dir_all(home.path(ROLES)).expect("a directory");
    home.set("HTTPS_PROXY", proxy.url()).set("AWS_MAX_ATTEMPTS", "1")
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

/// An entry as version 2 of the AWS CLI writes it.
fn of_version_2(role: &str, session: &str, expiration: &str) -> Value {
    json!({
        "Credentials": {
            "AccessKeyId": "ASIAVERSIONTWOEXAMPL",
            "SecretAccessKey": "secret/of+two",
            "SessionToken": "token/of+two==",
            "Expiration": expiration,
            "AccountId": "222222222222",
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("AROAEXAMPLEEXAMPLE123:{session}"),
            "Arn": format!("arn:aws:sts::222222222222:assumed-role/{role}/{session}"),
        },
        "PackedPolicySize": 6,
        "ResponseMetadata": {
            "RequestId": "2f6b6bcc-9bbd-4a3d-8a8c-1d0b6a5a8d1e",
            "HTTPStatusCode": 200,
            "HTTPHeaders": { "content-type": "text/xml", "content-length": "1505" },
            "RetryAttempts": 0,
        },
    })
}

#[test]
fn what_version_2_writes_is_used() {
    let (sts, proxy) = (sts(), FakeProxy::refusing(503).start());
    let names = home(&sts);
    for (profile, role, session) in [
        ("plain", "plain", "botocore-session-1795359845"),
        ("external", "external", "botocore-session-1795359845"),
        ("timed", "timed", "botocore-session-1795359845"),
        ("named", "named", "ana@example"),
        ("all", "all", "ana"),
        ("secured", "secured", "botocore-session-1795359845"),
        ("chained", "chained", "last"),
        ("web", "web", "botocore-session-1795359845"),
    ] {
        assumed(&names, &[profile, "--mfa-code", "123456"]);
        let (name, _) = entries(&names, ROLES)
            .into_iter()
            .find(|(_, entry)| entry["Credentials"]["AccessKeyId"] == newest(&sts))
            .expect("the name of the entry");
        let name = match profile {
            // Version 2 does not make the token a part of it.
            "web" => {
                let role = r#"{"RoleArn": "arn:aws:iam::222222222222:role/web"}"#;
                format!("{}.json", rolenv::digest::sha1_hex(role))
            }
            _ => name,
        };
        let end = in_seconds(3000);
        let end = end.trim_end_matches('Z');
        for zone in ["+00:00", ".096555+00:00", "Z", "UTC"] {
            let home = without_server(&proxy);
            let entry = of_version_2(role, session, &format!("{end}{zone}"));
            home.write(&format!("{ROLES}/{name}"), entry.to_string());
            let run = assume(&home, &[profile]);
            assert_eq!(key(&run), "ASIAVERSIONTWOEXAMPL", "{profile} {zone}");
            assert_eq!(run.variable("AWS_SESSION_TOKEN").as_deref(), Some("token/of+two=="));
            assert_eq!(run.variable("AWS_CREDENTIAL_EXPIRATION"), Some(format!("{end}Z")));
            assert!(proxy.requests().is_empty(), "{profile} {zone}");
        }
        // Another time zone is the same moment.
        let home = without_server(&proxy);
        let east = in_seconds(3000 + 7200);
        let entry = of_version_2(role, session, &format!("{}+02:00", east.trim_end_matches('Z')));
        home.write(&format!("{ROLES}/{name}"), entry.to_string());
        assert_eq!(assumed(&home, &[profile]), "ASIAVERSIONTWOEXAMPL", "{profile}");
    }
    // What is not fresh is asked for.
    let home = without_server(&proxy);
    for (name, _) in entries(&names, ROLES) {
        let entry = of_version_2("plain", "x", &in_seconds(800));
        home.write(&format!("{ROLES}/{name}"), entry.to_string());
    }
    assert_eq!(assume(&home, &["plain"]).status, Some(1));
    assert_eq!(proxy.requests().len(), 1);
}
