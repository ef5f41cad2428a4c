//! The main job against a fake STS: who signs which request, what is exported, what is undone.

mod support;

use support::{Home, KEY, ROLE, USER, world};

#[test]
fn a_profile_is_assumed_by_its_source_profile() {
    let sts = world().start();
    let run = Home::new(&sts).rolenv(&["assume", "marketingadmin", "--format", "json"]);
    let variables = run.variables();
    let requests = sts.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].verified);
    assert_eq!(requests[0].action, "AssumeRole");
    assert_eq!(requests[0].form["RoleArn"], ROLE);
    assert_eq!(requests[0].form["RoleSessionName"], "rolenv-ana");
    assert_eq!(
        requests[0].signer.as_ref().map(|signer| signer.arn.as_str()),
        Some(USER)
    );
    assert_eq!(requests[0].region.as_deref(), Some("us-west-2"));
    assert!(
        variables["AWS_ACCESS_KEY_ID"]
            .as_ref()
            .is_some_and(|key| key.starts_with("ASIA") && key != KEY.0)
    );
}
