//! Where the session that a code opened is of no use: revoked, over, denied, or too old for the role.

use crate::support;
use crate::support::golden;

use crate::support::devices;

use crate::support::kept;

use crate::support::outcome;

use fake_sts::{Builder, FakeSts, Fault, Role};

use devices::{CODES, assert_told, devices, home, role, with_process};
use kept::{OWN, assert_no_secret, assume, assumed, entries, key, newest, only_entry, read, set};
use outcome::assert_fails;
use support::{MFA, Run, USER};

const ASSUME: &str = "AssumeRole";
const OPEN: &str = "GetSessionToken";
fn error(code: &str) -> Fault {
    Fault::Error {
        status: 403,
        code: code.to_owned(),
        message: "The security token included in the request is invalid.".to_owned(),
    }
}

/// The session was revoked, or the key that it belongs to is gone.
#[test]
fn a_session_that_is_no_longer_good_is_thrown_away() {
    let sts = devices().start();
    let home = home(&sts);
    let open = [(OPEN, Some(CODES[0])), (ASSUME, None)];
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    assert_told(&sts, &open);
    let entry = only_entry(&home, OWN);
    set(&entry, &["Credentials", "AccessKeyId"], "ASIAGONEGONEGONEGONE");
    let run = assume(&home, &["blue", "--mfa-code", CODES[1]]);
    assert_eq!(key(&run), newest(&sts));
    assert_told(&sts, &[(ASSUME, None), (OPEN, Some(CODES[1])), (ASSUME, None)]);
    assert_no_secret(&sts, &[&run.stderr]);
    assumed(&home, &["green"]);
    assert_told(&sts, &[(ASSUME, None)]);

    // Another token for it, an end that came early: the same. Without a code there is no new one, and no old one.
    for fault in [
        error("InvalidClientTokenId"),
        error("ExpiredToken"),
        error("ExpiredTokenException"),
    ] {
        sts.next(fault);
        assert_fails(&assume(&home, &["pink"]), 1);
        assert_fails(&assume(&home, &["pink"]), 1);
        assert_told(&sts, &[(ASSUME, None)]);
        assert!(entries(&home, OWN).is_empty());
        let code = CODES[sts.codes().len()];
        assumed(&home, &["own", "--mfa-code", code]);
        assert_told(&sts, &[(OPEN, Some(code))]);
    }
}

/// A session that was opened a moment ago is not thrown away for the next one.
#[test]
fn a_session_that_is_refused_at_once_is_told() {
    let sts = devices().start();
    let home = with_process(home(&sts));
    // Not the first request, but the second.
    sts.next(Fault::Slow(std::time::Duration::ZERO));
    sts.next(error("InvalidClientTokenId"));
    let run = assume(&home, &["red"]);
    assert_fails(&run, 1);
    assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, None)]);
}

/// What is the matter with the network or the server is not the session's fault.
#[test]
fn a_session_outlives_other_failures() {
    let sts = devices().start();
    let home = home(&sts).set("AWS_MAX_ATTEMPTS", "1");
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    let before = read(&only_entry(&home, OWN));
    for fault in [error("Throttling"), error("ValidationError"), Fault::Drop, Fault::Cut] {
        sts.next(fault.clone());
        assert_eq!(assume(&home, &["blue"]).status, Some(1), "{fault:?}");
        assert_eq!(read(&only_entry(&home, OWN)), before, "{fault:?}");
    }
    sts.clear_requests();
    assumed(&home, &["blue"]);
    assert_told(&sts, &[(ASSUME, None)]);
}

/// `aws:MultiFactorAuthAge` in a trust policy.
#[test]
fn a_role_that_wants_a_fresh_code_gets_one() {
    let sts = devices().role(Role::new(&role("blue")).mfa(MFA).mfa_age(300)).start();
    let home = home(&sts);
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    // It is young enough now.
    assumed(&home, &["blue"]);
    assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, None), (ASSUME, None)]);

    sts.shift_clock(310);
    // Without the note on the clock.
    let run = assume(&home, &["blue", "--refresh", "--quiet"]);
    assert_fails(&run, 1);
    golden::record(&run);
    assert_told(&sts, &[(ASSUME, None)]);
    let run = assume(&home, &["blue", "--refresh", "--mfa-code", CODES[1]]);
    assert_eq!(key(&run), newest(&sts));
    assert_told(&sts, &[(ASSUME, None), (ASSUME, Some(CODES[1]))]);
    // The session is as good as before for the others.
    assumed(&home, &["green"]);
    assert_told(&sts, &[(ASSUME, None)]);
}

/// A role that lets nobody in costs one code at most, and says why.
#[test]
fn a_role_that_lets_nobody_in_says_so() {
    let sts = devices()
        .role(Role::new(&role("blue")).trusts("arn:aws:iam::999999999999:root"))
        .start();
    let home = with_process(home(&sts));
    assumed(&home, &["red"]);
    sts.clear_requests();
    let run = assume(&home, &["blue", "--quiet"]);
    assert_fails(&run, 1);
    assert_told(&sts, &[(ASSUME, None), (ASSUME, Some(CODES[1]))]);
    assumed(&home, &["green"]);
    assert_told(&sts, &[(ASSUME, None)]);
}

fn forbidden() -> Builder {
    devices().forbid_session_token(USER)
}

/// The denial uses up a code, and the role itself takes the next one. Nothing is remembered: `mfa_session_duration = off`
/// saves the first code.
#[test]
fn where_sessions_are_denied_the_role_takes_the_code() {
    let sts = forbidden().start();
    let home = with_process(home(&sts));
    let run = assume(&home, &["red"]);
    assert_eq!(key(&run), newest(&sts));
    assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, Some(CODES[1]))]);
    assert!(entries(&home, OWN).is_empty());
    assumed(&home, &["blue"]);
    assert_told(&sts, &[(OPEN, Some(CODES[2])), (ASSUME, Some(CODES[3]))]);
    assumed(&home, &["blue"]);
    assert_told(&sts, &[]);
}

#[test]
fn without_another_code_it_is_told_what_became_of_the_first() {
    let sts = forbidden().start();
    let home = home(&sts);
    let run = assume(&home, &["red", "--mfa-code", CODES[0]]);
    assert_fails(&run, 1);
    golden::record(&run);
    golden::record(&run);
    assert!(!run.stderr.contains(CODES[0]), "{run:?}");
    assert_told(&sts, &[(OPEN, Some(CODES[0]))]);
    let home = home.set("ROLENV_MFA_SESSION", "off");
    let run: Run = assume(&home, &["red", "--mfa-code", CODES[1]]);
    assert_eq!(key(&run), newest(&sts));
    assert_told(&sts, &[(ASSUME, Some(CODES[1]))]);
}

/// A profile that stands for the session has nothing else to offer.
#[test]
fn a_profile_without_a_role_says_that_it_is_denied() {
    let sts: FakeSts = forbidden().start();
    let home = home(&sts);
    let run = assume(&home, &["own", "--mfa-code", CODES[0]]);
    assert_fails(&run, 1);
    assert_told(&sts, &[(OPEN, Some(CODES[0]))]);
}
