//! How long the session lasts that a code opens, or whether there is one: as the person says.

use crate::support::devices;

use crate::support::kept;

use crate::support::outcome;

use devices::{CODES, assert_told, devices, home, with_setting};
use kept::{OWN, assume, assumed, entries};
use outcome::assert_fails;

const ASSUME: &str = "AssumeRole";
const OPEN: &str = "GetSessionToken";
#[test]
fn its_length_is_the_person_s_to_choose() {
    for (setting, variable, expected) in [
        (None, None, None),
        (Some("2h"), None, Some("7200")),
        (Some("900"), None, Some("900")),
        (Some("2h"), Some("90m"), Some("5400")),
        (Some("junk"), Some("12h"), Some("43200")),
        (Some("off"), Some("15m"), Some("900")),
    ] {
        let sts = devices().start();
        let mut home = home(&sts);
        if let Some(setting) = setting {
            home = with_setting(home, &format!("mfa_session_duration = {setting}"));
        }
        if let Some(variable) = variable {
            home = home.set("ROLENV_MFA_SESSION", variable);
        }
        assumed(&home, &["red", "--mfa-code", CODES[0]]);
        let asked = sts.requests()[0].form.get("DurationSeconds").cloned();
        assert_eq!(asked.as_deref(), expected, "{setting:?} {variable:?}");
        assumed(&home, &["blue"]);
        assert_told(&sts, &[(OPEN, Some(CODES[0])), (ASSUME, None), (ASSUME, None)]);
    }
}

#[test]
fn it_can_be_switched_off() {
    for (setting, variable) in [
        (Some("off"), None),
        (Some("0"), None),
        (Some("No"), None),
        (Some("2h"), Some("OFF")),
        (None, Some("false")),
        (None, Some("0")),
    ] {
        let sts = devices().start();
        let mut home = home(&sts);
        if let Some(setting) = setting {
            home = with_setting(home, &format!("mfa_session_duration = {setting}"));
        }
        if let Some(variable) = variable {
            home = home.set("ROLENV_MFA_SESSION", variable);
        }
        assumed(&home, &["red", "--mfa-code", CODES[0]]);
        assert_told(&sts, &[(ASSUME, Some(CODES[0]))]);
        assert_fails(&assume(&home, &["blue"]), 1);
        // The role's own session is kept all the same.
        assumed(&home, &["red"]);
        assert_told(&sts, &[]);
        assert!(entries(&home, OWN).is_empty(), "{setting:?} {variable:?}");
    }
}

#[test]
fn a_length_that_is_none_is_refused_where_it_stands() {
    let sts = devices().start();
    for value in ["junk", "899", "14m", "12h1s", "13h", "-1", "1.5h", "99999999999"] {
        let home = with_setting(home(&sts), &format!("mfa_session_duration = {value}"));
        assert_fails(&assume(&home, &["own", "--mfa-code", CODES[0]]), 1);

        let run = assume(&devices::home(&sts).set("ROLENV_MFA_SESSION", value), &["red"]);
        assert_fails(&run, 1);
    }
    assert_told(&sts, &[]);
}

#[test]
fn profiles_that_want_other_lengths_of_one_device_share_the_shorter() {
    let sts = devices().start();
    let home = home(&sts);
    assumed(&home, &["red", "--mfa-code", CODES[0]]);
    // Twelve hours are too long for who wants two; two are not too long for who would take twelve.
    let home = home.set("ROLENV_MFA_SESSION", "2h");
    assert_fails(&assume(&home, &["blue"]), 1);
    assumed(&home, &["blue", "--mfa-code", CODES[1]]);
    let home = home.unset("ROLENV_MFA_SESSION");
    assumed(&home, &["green"]);
    assumed(&home.set("ROLENV_MFA_SESSION", "2h"), &["pink"]);
    let used = sts.codes().into_values().collect::<Vec<_>>();
    assert_eq!(used, [1, 1]);
}
