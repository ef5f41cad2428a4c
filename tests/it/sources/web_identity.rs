//! Web identities, and which of several sources is asked.

use crate::support;
use crate::support::golden;

use crate::support::outcome;

use fake_sts::{FakeSts, Fault, Role};
use outcome::{HOLDING_ROLE, SESSION, TARGET, assert_assumed_with_session, assert_fails, assume, knowing_session};
use support::{Home, KEY, USER};

const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/ci.example";

/// As a file of Kubernetes or of a CI has it, but with what must survive: blanks, letters, a line break at the end.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.e30=+/&%\u{fc} \r\n.sig\n";

fn sts() -> FakeSts {
    knowing_session()
        .user(KEY.0, KEY.1, USER)
        .role(
            Role::new(HOLDING_ROLE)
                .trusts(PROVIDER)
                .web_identity_token(TOKEN)
                .max_duration(43_200),
        )
        .start()
}

/// Profiles `w`, which a token opens, and `r`, which is assumed from it; and a token.
fn home(sts: &FakeSts) -> Home {
    let home = Home::with("", "").set("AWS_ENDPOINT_URL_STS", sts.url());
    let token = home.write("token", TOKEN);
    let config = format!(
        "[profile w]\nrole_arn = {HOLDING_ROLE}\nweb_identity_token_file = {}\nregion = eu-west-3\n\
         mfa_serial = arn:aws:iam::111111111111:mfa/ana\nexternal_id = unused\nduration_seconds = 1800\n\n\
         [profile r]\nrole_arn = {TARGET}\nsource_profile = w\nregion = eu-west-2\n",
        token.display()
    );
    home.write(".aws/config", config);
    home
}

/// The same in the environment alone.
fn environment(sts: &FakeSts) -> Home {
    let home = Home::with("", "").set("AWS_ENDPOINT_URL_STS", sts.url());
    let token = home.write("token", TOKEN);
    home.set("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .set("AWS_ROLE_ARN", HOLDING_ROLE)
}

/// Fails unless the first request was the one that needs no credentials.
fn assert_unsigned(sts: &FakeSts, session_name: &str, duration: Option<&str>) {
    let requests = sts.requests();
    let first = requests.first().expect("a request");
    assert_eq!(first.action, "AssumeRoleWithWebIdentity");
    assert_eq!(first.header("authorization"), None);
    assert_eq!(first.session_token, None);
    let mut expected = vec![
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleArn", HOLDING_ROLE),
        ("RoleSessionName", session_name),
        ("Version", "2011-06-15"),
        ("WebIdentityToken", TOKEN),
    ];
    expected.extend(duration.map(|duration| ("DurationSeconds", duration)));
    expected.sort_unstable();
    let sent: Vec<(&str, &str)> = first
        .form
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(sent, expected);
}

#[test]
fn a_profile_that_a_token_opens_is_a_target() {
    let sts = sts();
    let home = home(&sts);
    let run = assume(&home, &["w"]);
    assert_eq!(
        run.variable("ROLENV_ROLE_ARN").as_deref(),
        Some(HOLDING_ROLE),
        "{run:?}"
    );
    assert_eq!(run.variable("AWS_REGION").as_deref(), Some("eu-west-3"));
    golden::record(&run);
    assert_unsigned(&sts, "rolenv-ana", None);

    sts.clear_requests();
    let run = assume(&home, &["w", "--duration", "2h", "--session-name", "deploy"]);
    golden::record(&run);
    assert_unsigned(&sts, "deploy", Some("7200"));
    assert_eq!(sts.requests().len(), 1);
}

#[test]
fn a_profile_that_a_token_opens_is_a_source() {
    let sts = sts();
    let home = home(&sts);
    let run = assume(&home, &["r", "--duration", "2h", "--session-name", "last"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    golden::record(&run);
    assert_unsigned(&sts, "rolenv-ana", None);
    let requests = sts.requests();
    let last = &requests[1];
    assert!(last.verified);
    assert_eq!(last.form["RoleSessionName"], "last");
    assert_eq!(last.form["DurationSeconds"], "3600");
    let signer = last.signer.as_ref().map(|signer| signer.arn.as_str());
    assert_eq!(signer, Some("arn:aws:sts::222222222222:assumed-role/Dev/rolenv-ana"));
    assert_eq!(last.region.as_deref(), Some("eu-west-2"), "the region of the target");
}

#[test]
fn the_environment_s_web_identity_assumes_a_bare_role() {
    let sts = sts();
    let home = environment(&sts).set("AWS_ROLE_SESSION_NAME", "pod");
    let run = assume(&home, &[TARGET]);
    assert_eq!(run.variable("ROLENV_ROLE_ARN").as_deref(), Some(TARGET), "{run:?}");
    assert_unsigned(&sts, "pod", None);
    // Keys in the environment come first, as in the AWS CLI.
    sts.clear_requests();
    let home = home
        .set("AWS_ACCESS_KEY_ID", SESSION.0)
        .set("AWS_SECRET_ACCESS_KEY", SESSION.1)
        .set("AWS_SESSION_TOKEN", SESSION.2);
    assert_assumed_with_session(&assume(&home, &[TARGET]), &sts);
    assert_eq!(sts.requests().len(), 1);
    // And what is in the environment does not change a profile that was asked for.
    sts.clear_requests();
    let own = self::home(&sts)
        .set("AWS_ROLE_ARN", TARGET)
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent")
        .set("AWS_ROLE_SESSION_NAME", "pod");
    assert_eq!(assume(&own, &["w"]).status, Some(0));
    assert_unsigned(&sts, "rolenv-ana", None);
}

#[test]
fn tokens_that_cannot_be_had() {
    let sts = sts();
    let home = environment(&sts);
    for content in [None, Some(Vec::new()), Some(vec![b'x'; 20_001]), Some(b"\xff".to_vec())] {
        match content {
            None => std::fs::remove_file(home.path("token")).expect("a token"),
            Some(content) => drop(home.write("token", content)),
        }
        let run = assume(&home, &[TARGET]);
        assert_fails(&run, 1);
    }
    let home = home.set("AWS_WEB_IDENTITY_TOKEN_FILE", home_directory());
    assert_fails(&assume(&home, &[TARGET]), 1);
    let home = home.unset("AWS_ROLE_ARN");
    assert_fails(&assume(&home, &[TARGET]), 1);
    assert!(sts.requests().is_empty());
}

fn home_directory() -> std::path::PathBuf {
    std::env::temp_dir()
}

#[test]
fn a_web_identity_that_is_refused() {
    let sts = sts();
    let home = environment(&sts);
    let refusal = |code: &str| Fault::Error {
        status: 400,
        code: code.to_owned(),
        message: format!("no, {TOKEN}"),
    };
    for fault in [
        refusal("AccessDenied"),
        refusal("ExpiredTokenException"),
        refusal("InvalidIdentityToken"),
    ] {
        sts.next(fault);
        let run = assume(&home, &[TARGET]);
        assert_fails(&run, 1);
        golden::record(&run);
        assert!(!run.stderr.contains("eyJ"), "{run:?}");
    }
    home.write("token", "another");
    assert_fails(&assume(&home, &[TARGET]), 1);
}

#[test]
fn options_that_a_web_identity_takes() {
    let sts = sts();
    let home = home(&sts);
    let policy = r#"{"Version":"2012-10-17"}"#;
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let run = assume(&home, &["w", "--policy", policy, "--policy-arn", arn]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let requests = sts.requests();
    assert_eq!(requests[0].form["Policy"], policy);
    assert_eq!(requests[0].policy_arns(), [arn]);

    sts.clear_requests();
    for option in [
        &["--tag", "a=b"][..],
        &["--tag", "a=b", "--transitive-tag", "a"],
        &["--source-identity", "ana"],
        &["--external-id", "abc"],
        &["--mfa-serial", "GAHT12345678"],
    ] {
        let run = assume(&home, &[&["w"], option].concat());
        assert_fails(&run, 2);
    }
    assert!(sts.requests().is_empty());
    // As a source it is left alone: the options are for the last role.
    let run = assume(&home, &["r", "--policy", policy]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let requests = sts.requests();
    assert_eq!(requests[0].form.get("Policy"), None);
    assert_eq!(requests[1].form["Policy"], policy);
}
