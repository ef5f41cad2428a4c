//! Web identities, and which of several sources is asked.

use crate::support;
use crate::support::golden;

use crate::support::outcome;

use fake_sts::{FakeSts, Fault, Role};
use outcome::{HOLDING_ROLE, TARGET, assert_fails, assume, knowing_session};
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
