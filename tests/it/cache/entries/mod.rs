//! Sessions of roles on disk: used again while they are fresh, and only by whom they were got for.

mod provenance;

use crate::support;

use crate::support::kept;

use crate::support::outcome;

use fake_sts::{FakeSts, Fault, Role};
use serde_json::{Value, json};

use kept::{
    MARK, OWN, ROLES, asked, assume, assumed, change, entries, everything, key, leave, left_behind, newest, only_entry,
    read, set,
};
use outcome::assert_fails;
use support::{Home, KEY, ROLE, USER, world};

#[test]
fn a_session_is_used_again() {
    let sts = world().start();
    let home = Home::new(&sts);
    let first = assume(&home, &["marketingadmin"]);
    let second = assume(&home, &["marketingadmin"]);
    assert_eq!(first.variables(), second.variables());
    assert_eq!(key(&first), newest(&sts));
    assert_eq!(sts.requests().len(), 1);
    assert_eq!(left_behind(&home), Vec::<std::path::PathBuf>::new());
    let path = only_entry(&home, ROLES);
    let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
    let entry = read(&path);
    assert_eq!(entry["Credentials"]["AccountId"], "222222222222");
    assert_eq!(
        entry["AssumedRoleUser"]["Arn"],
        "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana"
    );
    let source = json!({ "Kind": "keys", "AccessKeyId": KEY.0 });
    let mark = json!({ "Source": source, "Key": name, "Endpoint": sts.url(), "RoleArn": ROLE });
    assert_eq!(entry[MARK], mark);
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let sts = world().start();
    let home = Home::new(&sts);
    assumed(&home, &["marketingadmin"]);
    assumed(&home, &["secured", "--mfa-code", "123456"]);
    for directory in [ROLES, kept::OWN] {
        assert!(!entries(&home, directory).is_empty(), "{directory}");
        kept::assert_private(&home, directory);
    }
    for directory in [".aws/cli", ROLES, kept::OWN, ".aws/rolenv/locks"] {
        let found = std::fs::metadata(home.path(directory)).expect("a directory");
        assert_eq!(found.permissions().mode() & 0o7777, 0o700, "{directory}");
    }
}

#[test]
fn no_cache_neither_reads_nor_writes() {
    let sts = world().mfa_code(support::MFA, "234567").start();
    let cold = Home::new(&sts);
    let before = everything(&cold);
    assumed(&cold, &["chained", "--no-cache"]);
    assert_eq!(everything(&cold), before);
    assumed(&cold, &["secured", "--no-cache", "--mfa-code", "123456"]);
    assert!(entries(&cold, ROLES).is_empty() && entries(&cold, OWN).is_empty());
    assert_eq!((asked(&sts, "AssumeRole"), asked(&sts, "GetSessionToken")), (3, 0));
    // A code is remembered all the same, as a digest: it is sent once.
    let run = assume(&cold, &["secured", "--no-cache", "--mfa-code", "123456"]);
    assert_fails(&run, 1);
    assert_eq!(asked(&sts, "AssumeRole"), 3);

    let warm = Home::new(&sts);
    let kept = assumed(&warm, &["chained"]);
    let before = everything(&warm);
    assert_eq!(assumed(&warm, &["chained", "--no-cache"]), newest(&sts));
    assert_eq!(everything(&warm), before);
    assert_eq!(assumed(&warm, &["chained"]), kept);
}

#[test]
fn refresh_renews_every_role_on_the_way_and_keeps_it() {
    let sts = world().start();
    let home = Home::new(&sts);
    let old = entries(&home, ROLES);
    assumed(&home, &["chained"]);
    let first = entries(&home, ROLES);
    let fresh = assumed(&home, &["chained", "--refresh"]);
    assert_eq!(fresh, newest(&sts));
    assert_eq!(sts.requests().len(), 4);
    let second = entries(&home, ROLES);
    assert_eq!((old.len(), first.len(), second.len()), (0, 2, 2));
    for (name, entry) in &second {
        let id = |entry: &Value| entry["Credentials"]["AccessKeyId"].clone();
        assert_ne!(id(entry), id(&first[name]), "{name}");
    }
    assert_eq!(assumed(&home, &["chained"]), fresh);
    assert_eq!(sts.requests().len(), 4);
}

/// Without its last entry a chain goes on from the one before.
#[test]
fn a_chain_goes_on_from_the_last_session_at_hand() {
    let sts = world().start();
    let home = Home::new(&sts);
    let middle = assumed(&home, &["marketingadmin"]);
    let last = assumed(&home, &["chained"]);
    assert_eq!(sts.requests().len(), 2);
    let signer = sts
        .requests()
        .pop()
        .and_then(|request| request.signer)
        .expect("who signed");
    assert_eq!(signer.access_key_id, middle);
    // With it, the one before is not even looked at.
    let paths = entries(&home, ROLES);
    let (middle, _) = paths
        .iter()
        .find(|(_, entry)| entry["Credentials"]["AccessKeyId"] == middle)
        .expect("the entry of the hop");
    std::fs::remove_file(home.path(ROLES).join(middle)).expect("an entry less");
    assert_eq!(assumed(&home, &["chained"]), last);
    assert_eq!(sts.requests().len(), 2);
}

/// Seconds left, and whether the session is used then.
fn is_used(arguments: &[&str], left: &[(i64, bool)]) {
    let sts = world().start();
    let home = Home::new(&sts);
    for (left, expected) in left {
        assumed(&home, arguments);
        leave(&only_entry(&home, ROLES), *left);
        let before = sts.requests().len();
        assumed(&home, arguments);
        assert_eq!(
            sts.requests().len() == before,
            *expected,
            "{arguments:?} with {left} s left"
        );
    }
}

#[test]
fn sessions_are_used_while_they_are_fresh() {
    const QUARTER: i64 = 15 * 60;
    const HALF_A_DAY: i64 = 12 * 60 * 60;
    let usual = [
        (QUARTER - 10, false),
        (QUARTER + 10, true),
        (0, false),
        (-3600, false),
        (HALF_A_DAY + 290, true),
        (HALF_A_DAY + 310, false),
        (10 * 366 * 24 * 3600, false),
    ];
    is_used(&["marketingadmin"], &usual);
    is_used(&["marketingadmin", "--duration", "12h"], &usual[..4]);
    // Half an hour or less: half of it has to be left.
    is_used(&["marketingadmin", "--duration", "15m"], &[(440, false), (460, true)]);
    is_used(&["marketingadmin", "--duration", "20m"], &[(590, false), (610, true)]);
    is_used(&["marketingadmin", "--duration", "30m"], &usual[..2]);
    is_used(&["marketingadmin", "--duration", "31m"], &usual[..2]);
}

/// The AWS CLI never uses such a session again.
#[test]
fn a_profile_that_asks_for_a_quarter_of_an_hour_is_used_again() {
    let sts = world().start();
    let home = Home::new(&sts);
    let role = "[profile marketingadmin]\nduration_seconds = 900";
    home.write(".aws/config", support::CONFIG.replace("[profile marketingadmin]", role));
    assert_eq!(assumed(&home, &["marketingadmin"]), assumed(&home, &["marketingadmin"]));
    let requests = sts.requests();
    assert_eq!((requests.len(), &*requests[0].form["DurationSeconds"]), (1, "900"));
}

/// The way is gone anew when what is kept of it is no longer good.
#[test]
fn a_chain_starts_over_when_the_session_on_the_way_was_revoked() {
    let sts = world().start();
    let home = Home::new(&sts);
    assumed(&home, &["marketingadmin"]);
    let kept = only_entry(&home, ROLES);
    set(&kept, &["Credentials", "AccessKeyId"], "ASIAUNKNOWN");
    let run = assume(&home, &["chained"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(
        asked(&sts, "AssumeRole"),
        4,
        "one for each role, one too many, and the first one"
    );
    assert_ne!(read(&kept)["Credentials"]["AccessKeyId"], "ASIAUNKNOWN");
    // It is not gone in circles.
    sts.always(Fault::Error {
        status: 403,
        code: "InvalidClientTokenId".into(),
        message: "The security token included in the request is invalid.".into(),
    });
    sts.clear_requests();
    let run = assume(&home, &["chained", "--external-id", "ext-43"]);
    assert_eq!((run.status, asked(&sts, "AssumeRole")), (Some(1), 2), "{run:?}");
}

/// So it is where a web identity's session is what was kept.
#[test]
fn a_way_starts_over_when_the_session_of_a_web_identity_was_revoked() {
    let names = ["web", "behind"].map(|name| format!("arn:aws:iam::222222222222:role/{name}"));
    let sts = names
        .iter()
        .fold(FakeSts::builder(), |sts, arn| sts.role(Role::new(arn)));
    let sts = sts.start();
    let config = format!(
        "[profile web]\nrole_arn = {}\nweb_identity_token_file = token\n\
         [profile behind]\nrole_arn = {}\nsource_profile = web\n",
        names[0], names[1]
    );
    let home = Home::with(&config, "").set("AWS_ENDPOINT_URL_STS", sts.url());
    home.write("token", "token of ana");
    assumed(&home, &["web"]);
    for name in entries(&home, ROLES).into_keys() {
        let entry = home.path(ROLES).join(name);
        set(&entry, &["Credentials", "AccessKeyId"], "ASIAUNKNOWN");
    }
    assert_eq!(assumed(&home, &["behind"]), newest(&sts));
    let counts = ["AssumeRoleWithWebIdentity", "AssumeRole"].map(|action| asked(&sts, action));
    assert_eq!(counts, [2, 2]);
}

/// An entry of the future is one of a clock that was set back: it is not newer than the wish for a new one.
#[test]
fn refresh_does_not_go_by_files_of_the_future() {
    let sts = world().start();
    let home = Home::new(&sts);
    let first = assumed(&home, &["marketingadmin"]);
    let file = std::fs::File::options()
        .append(true)
        .open(only_entry(&home, ROLES))
        .expect("an entry");
    let soon = std::time::SystemTime::now() + std::time::Duration::from_mins(10);
    file.set_modified(soon).expect("another time");
    assert_ne!(assumed(&home, &["marketingadmin", "--refresh"]), first);
}
