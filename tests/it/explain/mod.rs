//! `rolenv explain`: every value with its origin, both policies of each hop, what is in the way; and nobody is asked.

mod cached;

use crate::support;
use crate::support::golden;

use std::path::PathBuf;

use fake_sts::FakeProxy;
use serde_json::{Value, json};
use support::{CONFIG, CREDENTIALS, Home, MFA, ROLE, Run, world};
use time::{Duration, OffsetDateTime};

fn explain(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["explain"], arguments].concat())
}

fn report(home: &Home, arguments: &[&str]) -> Value {
    let run = explain(home, &[arguments, &["--json"]].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

fn obstacles(home: &Home, arguments: &[&str]) -> String {
    report(home, arguments)["problems"].to_string()
}

/// The line of the config file that `text` stands in, as messages have it.
fn line(home: &Home, config: &str, section: &str, key: &str) -> String {
    let mut lines = config.lines().enumerate().skip_while(|(_, line)| *line != section);
    let number = lines
        .find(|(_, line)| line.starts_with(key))
        .map_or(0, |(index, _)| index + 1);
    format!("`{}` line {number}", home.path(".aws/config").display())
}

#[test]
fn every_hop_is_told_with_the_origin_of_each_value() {
    let sts = world().start();
    let home = Home::new(&sts).set("AWS_REGION", "eu-north-1");
    let told = report(&home, &["chained", "--session-name", "me"]);
    let hops = told["steps"].as_array().expect("hops");
    assert_eq!(hops.len(), 2);
    let at = |section, key| line(&home, CONFIG, section, key);
    assert_eq!(hops[0]["action"], "AssumeRole");
    assert_eq!(hops[0]["signer"], "profile `base`");
    assert_eq!(
        hops[0]["role_arn"],
        json!({ "value": ROLE, "origin": at("[profile marketingadmin]", "role_arn") })
    );
    assert_eq!(
        hops[0]["parameters"],
        json!({ "role_session_name": { "value": "rolenv-ana", "origin": "the default" } })
    );
    assert_eq!(
        hops[1]["signer"],
        "`arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana`"
    );
    assert_eq!(
        hops[1]["parameters"],
        json!({
            "role_session_name": { "value": "me", "origin": "`--session-name`" },
            "external_id": { "value": "ext-42", "origin": at("[profile chained]", "external_id") },
        })
    );
    assert_eq!(
        hops[1]["region"],
        json!({ "value": "eu-north-1", "origin": "`AWS_REGION`" })
    );
    assert_eq!(
        hops[1]["endpoint"],
        json!({ "value": sts.url(), "origin": "`AWS_ENDPOINT_URL_STS`" })
    );
    assert_eq!(told["source"]["kind"], "keys");
    assert!(sts.requests().is_empty(), "explain asks nobody");
}

#[test]
fn each_hop_comes_with_the_two_policies_it_takes() {
    let home = Home::with(CONFIG, CREDENTIALS);
    let told = report(&home, &["chained", "--tag", "team=red", "--source-identity", "ana"]);
    let statement = |hop: usize, policy: &str| told["steps"][hop][policy]["Statement"][0].clone();
    assert_eq!(
        statement(0, "permission_policy"),
        json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE })
    );
    let actions = json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
    assert_eq!(
        statement(1, "trust_policy"),
        json!({
            "Effect": "Allow",
            "Principal": { "AWS": ROLE },
            "Action": actions,
            "Condition": { "StringEquals": { "sts:ExternalId": "ext-42" } },
        })
    );
    let secured = report(&home, &["secured"]);
    assert_eq!(
        secured["steps"][0]["trust_policy"]["Statement"][0],
        json!({
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
            "Action": "sts:AssumeRole",
            "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } },
        }),
        "the device tells the account"
    );
}

#[test]
fn the_text_can_be_read_and_pasted() {
    let home = Home::with(CONFIG, CREDENTIALS);
    let run = explain(&home, &["secured"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    golden::record(&run);
    assert!(!run.stdout.contains("wJalrXUtnFEMI"), "{run:?}");
    let policies: Vec<&str> = run.stdout.split("\n\n").filter(|part| part.starts_with('{')).collect();
    assert_eq!(policies.len(), 2);
    for policy in policies {
        let policy: Value = serde_json::from_str(policy).expect("a policy as JSON");
        assert_eq!(policy["Version"], "2012-10-17");
    }
}

#[test]
fn what_is_in_the_way_is_told() {
    let config = format!(
        "{CONFIG}[profile sso]\nsso_start_url = https://a.awsapps.com/start\nsso_region = eu-west-1\n\
         sso_account_id = 444444444444\nsso_role_name = Admin\n\
         [profile web]\nrole_arn = {ROLE}\nweb_identity_token_file = /nonexistent/token\n\
         [profile process]\ncredential_process = /nonexistent/helper --secret hunter2\n\
         [profile slip]\ncredential_process = PASSWORD=hunter2 helper\n\
         [profile key]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::111111111111:u2f/user/ana/key\n\
         [profile bundle]\nrole_arn = {ROLE}\nsource_profile = base\nca_bundle = /nonexistent/ca.pem\n"
    );
    let home = Home::with(&config, CREDENTIALS);
    for profile in ["secured", "sso", "web", "process", "slip", "key", "bundle"] {
        let found = obstacles(&home, &[profile]);
        assert!(found != "[]" && !found.contains("hunter2"), "{profile}: {found}");
        golden::record_text(&format!("{profile}: {found}"));
    }
    let run = home.rolenv(&["assume", "slip", "--shell", "sh"]);
    assert!(run.status == Some(1) && !run.stderr.contains("hunter2"), "{run:?}");
    assert_eq!(obstacles(&home, &["marketingadmin"]), "[]");
    let home = home.set("AWS_ACCESS_KEY_ID", "ASIA").set("AWS_SECRET_ACCESS_KEY", "s");
    let home = home.set("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z");
    let told = obstacles(&home, &["222222222222:x"]);
    assert!(told.contains("expired at 2020-01-01T00:00:00Z"), "{told}");
}

#[test]
fn a_web_identity_s_trust_policy_names_what_the_token_says() {
    let config = format!("[profile web]\nrole_arn = {ROLE}\nweb_identity_token_file = token\n");
    let home = Home::with(&config, "");
    // {"iss":"https://oidc.example/id/1","aud":["sts.amazonaws.com"],"sub":"system:serviceaccount:a:b"}
    let payload = "eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS9pZC8xIiwiYXVkIjpbInN0cy5hbWF6b25hd3MuY29tIl0sInN1YiI6InN5c3RlbTpzZXJ2aWNlYWNjb3VudDphOmIifQ";
    home.write("token", format!("e30.{payload}.c2ln"));
    let told = report(&home, &["web"]);
    assert_eq!(told["steps"][0]["action"], "AssumeRoleWithWebIdentity");
    assert_eq!(told["steps"][0]["permission_policy"], Value::Null);
    assert_eq!(
        told["steps"][0]["trust_policy"]["Statement"][0],
        json!({
            "Effect": "Allow",
            "Principal": { "Federated": "arn:aws:iam::222222222222:oidc-provider/oidc.example/id/1" },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": {
                "oidc.example/id/1:aud": "sts.amazonaws.com",
                "oidc.example/id/1:sub": "system:serviceaccount:a:b",
            } },
        })
    );
    assert!(!told.to_string().contains("c2ln"), "the token itself is a secret");
}

#[test]
fn the_endpoint_that_is_told_is_the_one_that_is_asked() {
    let proxy = FakeProxy::refusing(403).start();
    let plain = |region: &str| (region.to_owned(), "", "");
    let mut cases: Vec<(String, &str, &str)> = [
        "us-east-1",
        "aws-global",
        "ap-southeast-7",
        "cn-northwest-1",
        "us-gov-east-1",
        "us-iso-west-1",
        "us-isob-east-1",
        "eu-isoe-west-1",
        "us-isof-south-1",
        "eusc-de-east-1",
        "xx-unheard-1",
    ]
    .map(plain)
    .into();
    for region in ["us-west-2", "us-gov-west-1", "cn-north-1"] {
        cases.push((region.to_owned(), "true", ""));
        cases.push((region.to_owned(), "", "true"));
    }
    cases.push(("eu-west-1".to_owned(), "true", "true"));
    cases.push(("us-gov-west-1".to_owned(), "true", "true"));
    for (fips, dual_stack) in [("true", ""), ("", "true"), ("true", "true")] {
        cases.push((String::new(), fips, dual_stack));
        cases.push(("aws-global".to_owned(), fips, dual_stack));
    }
    for (region, fips, dual_stack) in cases {
        let partition = match region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            region if region.starts_with("us-iso-") => "aws-iso",
            region if region.starts_with("us-isob-") => "aws-iso-b",
            region if region.starts_with("eu-isoe-") => "aws-iso-e",
            region if region.starts_with("us-isof-") => "aws-iso-f",
            region if region.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        };
        let credentials = CREDENTIALS.replace("[base]", "[plain]");
        let home = Home::with(CONFIG, &credentials)
            .unset("AWS_ENDPOINT_URL_STS")
            .set("HTTPS_PROXY", proxy.url())
            .set("AWS_MAX_ATTEMPTS", "1")
            .set("AWS_USE_FIPS_ENDPOINT", fips)
            .set("AWS_USE_DUALSTACK_ENDPOINT", dual_stack);
        let target = format!("{partition}:222222222222:x");
        let mut arguments = vec![target.as_str(), "--source-profile", "plain"];
        if !region.is_empty() {
            arguments.extend(["--region", &region]);
        }
        let told = report(&home, &arguments)["steps"][0]["endpoint"]["value"].clone();
        proxy.clear_requests();
        home.rolenv(&[&["assume"][..], &arguments].concat());
        let asked: Vec<String> = proxy.requests().into_iter().map(|request| request.target).collect();
        let host = told
            .as_str()
            .and_then(|url| url.strip_prefix("https://"))
            .unwrap_or_default();
        assert_eq!(asked, [format!("{host}:443")], "{region} {fips} {dual_stack}");
    }
}

#[test]
fn what_cannot_be_done_is_no_statement_for_a_shell() {
    let home = Home::with(CONFIG, CREDENTIALS);
    for (arguments, status) in [
        (&["nope"][..], 1),
        (&["chained", "--bogus"], 2),
        (&["chained", "--duration", "1"], 2),
    ] {
        let run = explain(&home, arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(status), ""), "{run:?}");
        golden::record(&run);
    }
}

/// Assumes, so that something is kept.
fn assume(home: &Home, arguments: &[&str]) {
    let run = home.rolenv(&[&["assume", "--format", "json"], arguments].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
}
