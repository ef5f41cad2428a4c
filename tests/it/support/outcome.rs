//! What a run exported, or how it failed; and the credentials and homes that the tests of sources share.

use crate::support::golden;
use std::time::Duration;

use fake_sts::{Builder, FakeSts, Keys, Role};

use crate::support::{Home, KEY, Run};

/// Temporary credentials that the sources of the tests give.
pub const SESSION: (&str, &str, &str) = ("ASIAIOSFODNN7SESSION", "sourcesecret/+9", "sourcetoken/+=");

/// Whose they are: a session of this role.
pub const HOLDING_ROLE: &str = "arn:aws:iam::222222222222:role/Dev";
pub const HOLDER: &str = "arn:aws:sts::222222222222:assumed-role/Dev/ana";

/// The role that the profile `r` of the tests names.
pub const TARGET: &str = "arn:aws:iam::333333333333:role/target";

/// An STS that knows [`SESSION`], and [`TARGET`], which trusts the role of its holder.
pub fn knowing_session() -> Builder {
    let hour = Duration::from_hours(1);
    FakeSts::builder()
        .session_user(SESSION.0, SESSION.1, SESSION.2, HOLDER, hour)
        .role(Role::new(TARGET).trusts(HOLDING_ROLE).max_duration(43_200))
}

/// [`SESSION`], for a server to hand out.
pub fn keys() -> Keys {
    Keys::new(SESSION.0, SESSION.1, SESSION.2)
}

/// Runs `rolenv assume`, to be read as JSON.
pub fn assume(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["assume", "--format", "json"], arguments].concat())
}

/// Fails unless exactly [`SESSION`] was exported.
pub fn assert_session(run: &Run) {
    let variables = run.variables();
    let get = |name: &str| variables[name].as_deref().unwrap_or_default();
    let exported = (
        get("AWS_ACCESS_KEY_ID"),
        get("AWS_SECRET_ACCESS_KEY"),
        get("AWS_SESSION_TOKEN"),
    );
    assert_eq!(exported, SESSION, "{run:?}");
}

/// Fails unless [`TARGET`] was assumed with [`SESSION`].
pub fn assert_assumed_with_session(run: &Run, sts: &FakeSts) {
    assert_eq!(run.variable("ROLENV_ROLE_ARN").as_deref(), Some(TARGET), "{run:?}");
    let requests = sts.requests();
    let last = requests.last().expect("a request");
    assert!(last.verified, "{last:?}");
    assert_eq!(last.signer.as_ref().map(|signer| signer.arn.as_str()), Some(HOLDER));
    assert_eq!(last.session_token.as_deref(), Some(SESSION.2));
}

/// Fails unless `run` failed as every failure has to: nothing to read, one line in our form, no secret, no word of Rust.
pub fn assert_fails(run: &Run, status: i32) {
    assert_eq!((run.status, run.stdout.as_str()), (Some(status), ""), "{run:?}");

    assert!(run.stderr.starts_with("rolenv: "), "{run:?}");
    for leak in [
        KEY.1,
        SESSION.1,
        SESSION.2,
        "123456",
        "Action=",
        "Error(",
        "Some(",
        "os error",
        "panicked",
        "internal error",
        "\x1b",
    ] {
        assert!(!run.stderr.contains(leak), "{leak:?} in {run:?}");
    }
    let message = run.stderr.split("\n\n").next().unwrap_or_default();
    assert_eq!(message.trim_end().lines().count(), 1, "{run:?}");
    golden::record(run);
}
