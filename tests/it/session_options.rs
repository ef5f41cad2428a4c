//! What only the command line can ask for: session policies, tags, a source identity. They reach STS as they were typed,
//! with the last role and no other.

use crate::support;

use crate::support::outcome;

use outcome::assume;
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
