//! The session that a code opens: which requests it serves, for how long, and what is done where it does not serve.

use crate::support;

use crate::support::devices;

use crate::support::kept;

use crate::support::outcome;

use fake_sts::{FakeSts, Fault, Role};

use devices::{CODES, COLOURS, assert_once, assert_told, devices, home, role, with_process};
use kept::{OWN, ROLES, assert_no_secret, assume, assumed, entries, key, leave, newest, only_entry, remove, set};
use outcome::assert_fails;
use support::{Home, KEY, MFA, USER};

const ASSUME: &str = "AssumeRole";
const OPEN: &str = "GetSessionToken";
/// The access key id of the MFA session that a home keeps.
fn session(home: &Home) -> String {
    let entry = kept::read(&only_entry(home, OWN));
    let key = entry["Credentials"]["AccessKeyId"].as_str();
    key.expect("an access key").to_owned()
}

fn signer(sts: &FakeSts) -> String {
    let signer = sts.requests().pop().and_then(|request| request.signer);
    signer.expect("who signed").access_key_id
}

#[test]
fn one_code_serves_every_role_of_an_hour() {
    let sts = devices().start();
    let home = home(&sts);
    let first = assume(&home, &["red", "--mfa-code", CODES[0]]);
    assert_eq!(key(&first), newest(&sts));
    assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, None)]);
    let mut texts = vec![first.stderr];
    for (name, more) in [
        ("blue", &[][..]),
        ("green", &["--duration", "1h"]),
        ("pink", &["--duration", "15m"]),
    ] {
        let run = assume(&home, &[&[name], more].concat());
        assert_eq!(key(&run), newest(&sts));
        assert_eq!(signer(&sts), session(&home), "{name}");
        assert_told(&sts, &[(ASSUME, None)]);
        texts.push(run.stderr);
    }
    assumed(&home, &["inner"]);
    assert_told(&sts, &[(ASSUME, None)]);
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    assert_no_secret(&sts, &texts);
    for code in CODES {
        assert!(!texts.iter().any(|text| text.contains(code)), "{texts:?}");
    }
}

#[test]
fn a_session_is_of_one_key_one_device_and_one_server() {
    let other = ("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");
    let second = "arn:aws:iam::111111111111:mfa/second";
    let world = || {
        let sts = FakeSts::builder()
            .user(KEY.0, KEY.1, USER)
            .role(Role::new(&role("red")));
        let sts = sts.user(other.0, other.1, USER).mfa_code(MFA, CODES[1]);
        let sts = sts.mfa_code(MFA, CODES[0]).mfa_code(MFA, CODES[3]);
        sts.mfa_code(second, CODES[2]).start()
    };
    let (sts, elsewhere) = (world(), world());
    let home = home(&sts);
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    std::fs::remove_dir_all(home.path(ROLES)).expect("no role is kept");

    assert_fails(&assume(&home, &["red", "--mfa-serial", second]), 1);
    assumed(&home, &["red", "--mfa-serial", second, "--mfa-code", CODES[2]]);
    let credentials = std::fs::read_to_string(home.path(".aws/credentials")).expect("credentials");
    home.write(
        ".aws/credentials",
        credentials.replace(KEY.0, other.0).replace(KEY.1, other.1),
    );
    assert_fails(&assume(&home, &["red"]), 1);
    assumed(&home, &["red", "--mfa-code", CODES[1]]);
    home.write(".aws/credentials", credentials);
    std::fs::remove_dir_all(home.path(ROLES)).expect("no role is kept");
    assumed(&home, &["red"]);
    assert_eq!((kept::asked(&sts, OPEN), entries(&home, OWN).len()), (3, 3));

    let home = home.set("AWS_ENDPOINT_URL_STS", elsewhere.url());
    assert_fails(&assume(&home, &["red"]), 1);
    assumed(&home, &["red", "--mfa-code", CODES[3]]);
    assert_told(&elsewhere, &[(OPEN, Some(CODES[3])), (ASSUME, None)]);
    assert_eq!(entries(&home, OWN).len(), 4);
    assert_once(&sts);
}

/// A role's session that lasts longer than an hour takes a code of its own.
#[test]
fn a_longer_session_takes_a_code_of_its_own() {
    let sts = devices().start();
    let home = home(&sts);
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    sts.clear_requests();
    assert_fails(&assume(&home, &["blue", "--duration", "2h"]), 1);
    assert_told(&sts, &[]);
    assumed(&home, &["blue", "--duration", "2h", "--mfa-code", CODES[1]]);
    assert_eq!(
        (signer(&sts), &*sts.requests()[0].form["DurationSeconds"]),
        (KEY.0.to_owned(), "7200")
    );
    assert_told(&sts, &[(ASSUME, Some(CODES[1]))]);
    assumed(&home, &["blue", "--duration", "2h"]);
    assert_told(&sts, &[]);
}

/// A profile with keys and a device, and no role, stands for that very session.
#[test]
fn a_profile_without_a_role_is_the_same_session() {
    let sts = devices().start();
    let home = home(&sts);
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    assert_eq!(assumed(&home, &["own"]), session(&home));
    assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, None)]);

    let home = devices::home(&sts);
    let own = assumed(&home, &["own", "--mfa-code", CODES[1]]);
    assumed(&home, &["red"]);
    assert_eq!(signer(&sts), own);
    assert_told(&sts, &[(OPEN, Some(CODES[1])), (ASSUME, None)]);
    // One of another length is another one, and is kept, too.
    let asked = ["own", "--duration", "2h"];
    let long = assumed(&home, &[&asked[..], &["--mfa-code", CODES[2]]].concat());
    assert_eq!(assumed(&home, &asked), long);
    assert_eq!(assumed(&home, &["own"]), own);
    assert_told(&sts, &[(OPEN, Some(CODES[2]))]);
}

/// Every other entry is of use until its last quarter of an hour, and is replaced when it is damaged.
#[test]
fn it_is_kept_like_any_session() {
    let sts = devices().start();
    let home = home(&sts);
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    let entry = only_entry(&home, OWN);
    leave(&entry, 910);
    assumed(&home, &["blue"]);
    leave(&entry, 890);
    assert_fails(&assume(&home, &["green"]), 1);
    assumed(&home, &["green", "--mfa-code", CODES[1]]);
    std::fs::write(&entry, "{").expect("damage");
    assert_fails(&assume(&home, &["pink"]), 1);
    assumed(&home, &["pink", "--mfa-code", CODES[2]]);
    // Somebody put a role's session there.
    set(
        &entry,
        &["AssumedRoleUser"],
        serde_json::json!({ "Arn": "arn:aws:sts::2:assumed-role/x/y" }),
    );
    assert_fails(&assume(&home, &["grey"]), 1);
    remove(&entry, "AssumedRoleUser");
    assumed(&home, &["grey"]);
    set(&entry, &[kept::MARK, "SerialNumber"], "other");
    assert_fails(&assume(&home, &["gold"]), 1);
    assert_once(&sts);
}

#[test]
fn refresh_leaves_it_alone_and_no_cache_does_without() {
    let sts = devices().start();
    let home = home(&sts);
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    let kept = std::fs::read(only_entry(&home, OWN)).expect("an entry");
    sts.clear_requests();
    assert_eq!(assumed(&home, &["red", "--refresh"]), newest(&sts));
    assert_told(&sts, &[(ASSUME, None)]);
    assert_fails(&assume(&home, &["red", "--no-cache"]), 1);
    assumed(&home, &["red", "--no-cache", "--mfa-code", CODES[1]]);
    assert_told(&sts, &[(ASSUME, Some(CODES[1]))]);
    assert_eq!(std::fs::read(only_entry(&home, OWN)).expect("an entry"), kept);
}

#[test]
fn a_wrong_code_opens_nothing() {
    let sts = devices().start();
    let home = home(&sts);
    let run = assume(&home, &["red", "--mfa-code", "999999"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(run.stderr.contains("code") && !run.stderr.contains("999999"), "{run:?}");
    assert_told(&sts, &[(OPEN, Some("999999"))]);
    assert!(entries(&home, OWN).is_empty() && entries(&home, ROLES).is_empty());
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, None)]);
}

/// `mfa_process` prints the next code when the first one is refused.
#[test]
fn a_process_gives_another_code_for_one_that_is_refused() {
    let sts = devices().start();
    let home = with_process(home(&sts));
    let run = assume(&home, &["red", "--mfa-code", "999999"]);
    assert_eq!(key(&run), newest(&sts));
    assert_told(&sts, &[(OPEN, Some("999999")), (OPEN, Some(CODES[0])), (ASSUME, None)]);
    for name in &COLOURS[1..] {
        assumed(&home, &[name]);
        assert_told(&sts, &[(ASSUME, None)]);
    }
}

/// A reply that is lost may have spent the code.
#[test]
fn a_code_whose_reply_is_lost_is_not_sent_again() {
    let error = |status, code: &str, message: &str| Fault::Error {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
    };
    for (fault, may_be_lost) in [
        (Fault::Drop, true),
        (Fault::Cut, true),
        (error(503, "ServiceUnavailable", "later"), true),
        (error(400, "Throttling", "Rate exceeded"), true),
        // Another code would be of no use.
        (error(403, "RegionDisabledException", "STS is not activated"), false),
    ] {
        let sts = devices().start();
        let home = with_process(home(&sts));
        sts.next(fault);
        let run = assume(&home, &["red"]);
        assert_fails(&run, 1);
        let hint = "the MFA code may have been consumed";
        assert_eq!(run.stderr.contains(hint), may_be_lost, "{run:?}");
        assert_told(&sts, &[(OPEN, Some(CODES[0]))]);
        assumed(&home, &["red"]);
        assert_told(&sts, &[(OPEN, Some(CODES[1])), (ASSUME, None)]);
    }
}

/// Nor when another one was sent in between, nor where no session is kept.
#[test]
fn a_code_from_before_the_last_one_is_not_sent_again() {
    let sts = devices().start();
    let home = home(&sts);
    for (code, option) in [(0, "--refresh"), (1, "--no-cache"), (2, "--refresh")] {
        assumed(&home, &["red", "--duration", "2h", option, "--mfa-code", CODES[code]]);
    }
    for (code, option) in [(0, "--refresh"), (1, "--no-cache"), (2, "--no-cache")] {
        let run = assume(&home, &["red", "--duration", "2h", option, "--mfa-code", CODES[code]]);
        assert_fails(&run, 1);
    }
    assert_once(&sts);
}

/// A code is good once, for whichever process.
#[test]
fn a_code_that_another_run_has_sent_is_not_sent_again() {
    let sts = devices().start();
    let home = home(&sts);
    let long = |name| assume(&home, &[name, "--duration", "2h", "--mfa-code", CODES[0]]);
    assert_eq!(long("red").status, Some(0));
    sts.clear_requests();
    let run = long("blue");
    assert_fails(&run, 1);
    assert_told(&sts, &[]);
    // The same digits of another device are another code.
    let run = assume(
        &home,
        &[
            "blue",
            "--mfa-serial",
            "GAHT12345678",
            "--duration",
            "2h",
            "--mfa-code",
            CODES[0],
        ],
    );
    assert!(!run.stderr.contains("already used"), "{run:?}");
}
