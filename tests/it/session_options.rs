//! What only the command line can ask for: session policies, tags, a source identity. They reach STS as they were typed,
//! with the last role and no other.

use crate::support;

use crate::support::outcome;

use outcome::{assert_fails, assume};
use support::{Home, world};

const POLICY: &str = "{\n\t\"Version\": \"2012-10-17\",\r\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", \"Resource\": \"*\", \"Sid\": \"\u{fc}ber & < 100%+\"}] }";

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const OWN: &str = "arn:aws:iam::222222222222:policy/team/x+=,.@-_";

#[test]
fn a_policy_arrives_as_it_was_written() {
    let sts = world().start();
    let home = Home::new(&sts);
    let file = home.write("policy.json", format!("\n{POLICY}\n"));
    home.write("a policy", POLICY);
    let url = format!("file://{}", file.display());
    for given in [
        POLICY,
        "policy.json",
        "./a policy",
        "file://policy.json",
        file.to_str().expect("text"),
        &url,
    ] {
        sts.clear_requests();
        let run = assume(&home, &["marketingadmin", "--no-cache", "--policy", given]);
        assert_eq!(run.status, Some(0), "{given}: {run:?}");
        assert_eq!(sts.requests()[0].form["Policy"], POLICY, "{given}");
    }
    sts.clear_requests();
    let run = assume(&home, &["marketingadmin", "--policy", &format!("  {POLICY}")]);
    assert_eq!(run.status, Some(0), "{run:?}");
    // Only what would be too long loses blanks, and none of those in its strings.
    let long = format!("{{{}\"Sid\": \"a  \\\" b\"}}", "\n ".repeat(1100));
    sts.clear_requests();
    let run = assume(&home, &["marketingadmin", "--policy", &long]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(sts.requests()[0].form["Policy"], r#"{"Sid":"a  \" b"}"#);
}

#[test]
fn all_of_them_arrive_in_order() {
    let sts = world().start();
    let run = assume(
        &Home::new(&sts),
        &[
            "marketingadmin",
            "--policy-arn",
            READ_ONLY,
            "--tag",
            "Project=a=b c",
            "--policy-arn",
            OWN,
            "--tag",
            "\u{dc}bung/1:+-@_.=",
            "--tag",
            "Empty=",
            "--transitive-tag",
            "Empty",
            "--transitive-tag",
            "Project",
            "--source-identity",
            "ana@example.com",
        ],
    );
    assert_eq!(run.status, Some(0), "{run:?}");
    let requests = sts.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert!(request.verified);
    assert_eq!(request.policy_arns(), [READ_ONLY, OWN]);
    assert_eq!(
        request.tags(),
        [("Project", "a=b c"), ("\u{dc}bung/1:+-@_.", ""), ("Empty", "")]
    );
    assert_eq!(request.transitive_tag_keys(), ["Empty", "Project"]);
    assert_eq!(request.source_identity(), Some("ana@example.com"));
    assert_eq!(request.form.get("Policy"), None);
}

#[test]
fn they_go_with_the_last_role_only() {
    let sts = world().start();
    let home = Home::new(&sts);
    let options = [
        "--policy",
        r#"{"Version":"2012-10-17"}"#,
        "--policy-arn",
        READ_ONLY,
        "--tag",
        "a=b",
        "--transitive-tag",
        "a",
        "--source-identity",
        "ana",
    ];
    let run = assume(&home, &[&["chained"][..], &options].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    let requests = sts.requests();
    assert_eq!(requests.len(), 2);
    let mut plain: Vec<&str> = requests[0].form.keys().map(String::as_str).collect();
    plain.sort_unstable();
    assert_eq!(plain, ["Action", "RoleArn", "RoleSessionName", "Version"]);
    let last = &requests[1];
    assert_eq!((last.tags(), last.transitive_tag_keys()), (vec![("a", "b")], vec!["a"]));
    assert_eq!(
        (last.policy_arns(), last.source_identity()),
        (vec![READ_ONLY], Some("ana"))
    );
    assert_eq!(last.form["Policy"], r#"{"Version":"2012-10-17"}"#);
    // By ARN as well.
    sts.clear_requests();
    let run = assume(&home, &[support::ROLE, "--source-profile", "base", "--tag", "a=b"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(sts.requests()[0].tags(), [("a", "b")]);
}

#[test]
fn what_sts_would_refuse_is_refused_at_once() {
    let sts = world().start();
    let home = Home::new(&sts);
    home.write("list.json", "[]");
    home.write("broken.json", "{\"a\": ");
    home.write("binary", b"\xff\xfe");
    let many: Vec<String> = (0..51).map(|number| format!("--tag=k{number}=v")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let arns = [["--policy-arn", READ_ONLY]; 11].concat();
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2048));
    let long_key = format!("{}=v", "k".repeat(129));
    let long_value = format!("k={}", "v".repeat(257));
    let long_identity = "i".repeat(65);
    for options in [
        &["--policy", "nowhere.json"][..],
        &["--policy", ""],
        &["--policy", "."],
        &["--policy", "binary"],
        &["--policy", "list.json"],
        &["--policy", "broken.json"],
        &["--policy", "{"],
        &["--policy", &long],
        &["--policy", "{\"a\": \"\u{2713}\"}"],
        &["--policy-arn", "arn:aws:iam::aws:role/x"],
        &arns,
        &["--tag", "novalue"],
        &["--tag", "=v"],
        &["--tag", "aws:x=v"],
        &["--tag", &long_key],
        &["--tag", &long_value],
        &["--tag", "k=a*b"],
        &["--tag", "k=1", "--tag", "K=2"],
        &many,
        &["--transitive-tag", "k"],
        &["--source-identity", "a"],
        &["--source-identity", "aws:ana"],
        &["--source-identity", "a b"],
        &["--source-identity", &long_identity],
    ] {
        assert_fails(&assume(&home, &[&["marketingadmin"], options].concat()), 2);
    }
    for option in [
        &["--policy", "{}"][..],
        &["--policy-arn", READ_ONLY],
        &["--tag", "a=b"],
        &["--source-identity", "ana"],
    ] {
        // A profile that holds its own keys.
        let run = assume(&home, &[&["base"], option].concat());
        assert_fails(&run, 2);
    }
    assert!(sts.requests().is_empty());
}
