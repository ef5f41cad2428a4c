//! Every way to fail: what is said, with which status, and that the shell is made to fail.

use crate::support;

use std::time::{Duration, Instant};

use fake_sts::Fault;
use support::{Home, KEY, Run, world};

/// Fails unless `run` failed as every failure has to: the shell's failing statement, a message in our form, no
/// secret, no word of Rust.
fn assert_fails(run: &Run, status: i32, message: &str) {
    assert_eq!(run.status, Some(status), "{run:?}");
    assert_eq!(run.stdout, "false;\n", "{run:?}");
    assert!(run.stderr.starts_with("rolenv: "), "{run:?}");
    assert!(run.stderr.contains(message), "expected {message:?} in {run:?}");
    for leak in [
        KEY.1, "123456", "Action=", "{ ", "Error(", "os error", "panicked", "\x1b",
    ] {
        assert!(!run.stderr.contains(leak), "{leak:?} in {run:?}");
    }
    let message = run.stderr.split("\n\n").next().unwrap_or_default();
    assert_eq!(message.lines().count(), 1, "{run:?}");
    if let Some(hint) = run.stderr.split_once("\n\n") {
        assert!(hint.1.starts_with("hint: "), "{run:?}");
    }
}

fn assume(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["assume", "--shell", "sh"], arguments].concat())
}

#[test]
fn command_lines_that_do_not_parse() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for (arguments, message) in [
        (&["assume", "x", "--bogus"][..], "unexpected argument `--bogus`"),
        (&["asume", "x"], "unknown command `asume`"),
        (&[], "no command given"),
        (&["assume", "x", "y"], "unexpected argument `y`"),
        (&["assume", "x", "--shell", "klingon"], "invalid value `klingon`"),
        (
            &["assume", "x", "--shell", "sh", "--format", "json"],
            "cannot be used with",
        ),
        (&["assume", "x", "-d", "0"], "it is between 15m and 12h"),
        (&["assume", "x", "-d", "14m"], "it is between 15m and 12h"),
        (&["assume", "x", "-d", "13h"], "it is between 15m and 12h"),
        (&["assume", "x", "-d", "12 parsecs"], "15m, 1h, 1h30m"),
        (&["clear", "now"], "unexpected argument `now`"),
    ] {
        // `--shell` may stand before or behind what does not parse, or be missing.
        let run = Run::of(
            home.command("sh")
                .arg("-c")
                .arg("\"$@\"; exit $?")
                .arg("-")
                .arg(support::rolenv())
                .args(arguments),
        );
        if arguments.contains(&"json") {
            assert_eq!((run.status, run.stdout.is_empty()), (Some(2), false), "{run:?}");
        } else {
            assert_fails(&run, 2, message);
        }
    }
}

#[test]
fn help_and_version_are_printed_where_no_shell_evaluates_them() {
    let home = Home::empty();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["version"],
        &["help"],
        &["help", "assume"],
        &["help", "cache", "clear"],
        &["status", "-h"],
        &["cache", "list", "--help"],
    ] {
        let run = home.rolenv(arguments);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.stdout.contains("rolenv") && run.stderr.is_empty(), "{run:?}");
        assert!(
            !run.stdout.contains("How the answer"),
            "a command's help starts with what it does: {run:?}"
        );
    }
}

#[test]
fn the_help_of_a_command_that_prints_statements_goes_to_standard_error() {
    let home = Home::empty();
    for (arguments, statement) in [
        (&["assume", "-h"][..], "false;\n"),
        (&["clear", "--help"], "false;\n"),
        (&["assume", "--version"], "false;\n"),
        (&["clear", "-V", "--shell", "cmd"], "cmd /c exit 1\n"),
        (&["assume", "--help", "--format", "json"], ""),
    ] {
        let run = home.rolenv(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), statement), "{run:?}");
        assert!(run.stderr.contains("rolenv"), "{run:?}");
    }
}

#[test]
fn targets_that_are_not_there() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for (target, status, message, hint) in [
        (
            "marketingadmn",
            1,
            "no profile named `marketingadmn`",
            "did you mean `marketingadmin`?",
        ),
        (
            "MARKETINGADMIN",
            1,
            "no profile named",
            "did you mean `marketingadmin`?",
        ),
        ("marketing", 1, "no profile named", "did you mean `marketingadmin`?"),
        ("zzzzzz", 1, "no profile named", "profiles are read from"),
        ("1234:x", 2, "the account is 12 digits", ""),
        (
            "arn:aws:iam::222222222222:user/x",
            2,
            "its last part starts with `role/`",
            "",
        ),
        ("arn:aws:iam::222222222222:role/a b", 2, "the role name is 1 to 64", ""),
        ("", 2, "no target", ""),
    ] {
        let run = assume(&home, &[target]);
        assert_fails(&run, status, message);
        assert!(run.stderr.contains(hint), "{run:?}");
    }
    let run = assume(&home.set("AWS_PROFILE", "gone"), &[]);
    assert_fails(&run, 1, "no profile named `gone`, which `AWS_PROFILE` names");
    assert!(
        run.stderr.contains("AWS_PROFILE"),
        "says where the name came from: {run:?}"
    );
}

#[test]
fn files_that_cannot_be_read() {
    let run = assume(&Home::empty(), &["x"]);
    assert_fails(&run, 1, "no profile named `x`");
    assert!(run.stderr.contains("there is neither a file"), "{run:?}");

    let home = Home::with("", "").set("AWS_CONFIG_FILE", "/nonexistent/config");
    let run = assume(&home, &["x"]);
    assert!(run.stderr.contains("there is no file `/nonexistent/config`"), "{run:?}");

    let home = Home::with("", "");
    let directory = home.path(".aws");
    let run = assume(&home.set("AWS_CONFIG_FILE", directory.clone()), &["x"]);
    assert_fails(
        &run,
        1,
        &format!("cannot read `{}`: is a directory", directory.display()),
    );

    let run = assume(&Home::with("", "").set("AWS_CONFIG_FILE", "/dev/zero"), &["x"]);
    assert_fails(&run, 1, "cannot read `/dev/zero`: it is larger than");
}

#[test]
fn damage_in_the_profile_at_hand_names_path_and_line() {
    let config =
        "[profile a]\nrole_arn = arn:aws:iam::222222222222:role/x\nnonsense\n\n[profile b]\nregion = x\n[profile b]\n";
    let home = Home::with(config, "[a]\naws_access_key_id = AKIA\n");
    let path = home.path(".aws/config");
    assert_fails(
        &assume(&home, &["a"]),
        1,
        &format!("`{}` line 3: it is not `key = value`", path.display()),
    );
    assert_fails(
        &assume(&home, &["b"]),
        1,
        &format!("`{}` line 7: a section of this name", path.display()),
    );
}

#[test]
fn damage_elsewhere_is_a_warning() {
    let sts = world().start();
    let home = Home::new(&sts);
    let path = home.write(
        ".aws/config",
        format!("{}\n[profile other]\nnonsense\n", support::CONFIG),
    );
    let run = home.rolenv(&["assume", "marketingadmin", "--format", "json"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let line = support::CONFIG.lines().count() + 3;
    assert!(
        run.stderr
            .contains(&format!("`{}` line {line}: it is not", path.display())),
        "{run:?}"
    );
}

#[test]
fn chains_that_lead_nowhere() {
    let role = "role_arn = arn:aws:iam::222222222222:role/x\n";
    let config = format!(
        "[profile nosource]\n{role}[profile both]\n{role}source_profile = base\ncredential_source = Environment\n\
         [profile missing]\n{role}source_profile = bsae\n[profile self]\n{role}source_profile = self\n\
         [profile l1]\n{role}source_profile = l2\n[profile l2]\n{role}source_profile = l1\n\
         [profile empty]\nregion = x-1\n[profile fromempty]\n{role}source_profile = empty\n\
         [profile half]\naws_access_key_id = AKIA\n[profile bogus]\n{role}credential_source = Bogus\n\
         [profile badarn]\nrole_arn = arn:aws:iam::2:role/x\nsource_profile = base\n\
         [profile short]\n{role}source_profile = base\nduration_seconds = 60\n\
         [profile badregion]\n{role}source_profile = base\nregion = eu west 1\n\
         [profile badname]\n{role}source_profile = base\nrole_session_name = a b\n\
         [profile badurl]\n{role}source_profile = base\nendpoint_url = ftp://x\n\
         [profile badservices]\n{role}source_profile = base\nservices = gone\n\
         [profile fromenv]\n{role}credential_source = Environment\n\
         [profile sso]\nsso_account_id = 1\nsso_role_name = x\n"
    );
    let home = Home::with(&config, support::CREDENTIALS).unset("AWS_ENDPOINT_URL_STS");
    let place = |line: usize| format!("`{}` line {line}", home.path(".aws/config").display());
    let line_of = |profile: &str, key: &str| {
        let start = config
            .lines()
            .position(|line| line == format!("[profile {profile}]"))
            .unwrap_or_default();
        let offset = config
            .lines()
            .skip(start)
            .position(|line| line.starts_with(key))
            .unwrap_or_default();
        place(start + offset + 1)
    };
    for (profile, message, at) in [
        (
            "nosource",
            "has `role_arn` but neither `source_profile` nor `credential_source`",
            "role_arn",
        ),
        ("both", "both `source_profile` and `credential_source`", ""),
        (
            "missing",
            "`source_profile = bsae`, which does not exist",
            "source_profile",
        ),
        ("self", "the source profiles go in a circle: `self` -> `self`", ""),
        ("l1", "the source profiles go in a circle: `l1` -> `l2` -> `l1`", ""),
        ("empty", "profile `empty` has no credentials", ""),
        ("fromempty", "profile `empty` has no credentials", ""),
        (
            "half",
            "has `aws_access_key_id` but no `aws_secret_access_key`",
            "aws_access_key_id",
        ),
        (
            "bogus",
            "`credential_source = Bogus` is not one of",
            "credential_source",
        ),
        ("badarn", "the account is 12 digits", "role_arn"),
        ("short", "`duration_seconds` is 60", "duration_seconds"),
        ("badregion", "region `eu west 1` is not valid", "region"),
        ("badname", "session name `a b` is not valid", "role_session_name"),
        ("badurl", "the endpoint is not valid", "endpoint_url"),
        (
            "badservices",
            "`services = gone` names a `[services gone]` section",
            "services",
        ),
        (
            "fromenv",
            "`credential_source = Environment` finds no credentials: `AWS_ACCESS_KEY_ID` is not set",
            "",
        ),
        (
            "sso",
            "uses SSO but lacks `sso_start_url`, `sso_region`",
            "sso_role_name",
        ),
    ] {
        let run = assume(&home, &[profile]);
        assert_fails(&run, 1, message);
        if !at.is_empty() {
            assert!(run.stderr.contains(&line_of(profile, at)), "{profile}: {run:?}");
        }
    }
}

#[test]
fn the_other_file_s_way_of_writing_a_header_is_told() {
    let home = Home::with("[nearly]\nregion = x\n", "[profile almost]\naws_access_key_id = A\n");
    for (profile, file, header) in [
        (
            "nearly",
            ".aws/config",
            "`[nearly]`, which the AWS CLI wants to be `[profile nearly]`",
        ),
        (
            "almost",
            ".aws/credentials",
            "`[profile almost]`, which the AWS CLI wants to be `[almost]`",
        ),
    ] {
        let run = assume(&home, &[profile]);
        assert_fails(&run, 1, &format!("no profile named `{profile}`"));
        let hint = format!("hint: `{}` has {header}", home.path(file).display());
        assert!(run.stderr.contains(&hint), "{run:?}");
    }
}

#[test]
fn what_stands_in_the_wrong_place_is_not_repeated() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    let run = assume(&home, &["secured", "--mfa-serial", "123456"]);
    assert_fails(&run, 2, "MFA serial is not valid");
    let home = home.set("AWS_ENDPOINT_URL_STS", "http://ana:hunter2@sts.example");
    let run = assume(&home, &["marketingadmin"]);
    assert_fails(&run, 1, "the endpoint is not valid");
    assert!(!run.stderr.contains("hunter2"), "{run:?}");
}

#[test]
fn keys_that_are_none_are_not_exported() {
    for (keys, message) in [
        (
            "aws_access_key_id =\naws_secret_access_key = abc",
            "but no `aws_access_key_id`",
        ),
        (
            "aws_access_key_id = AKIA\naws_secret_access_key =",
            "but no `aws_secret_access_key`",
        ),
        (
            "aws_access_key_id = AK IA\naws_secret_access_key = abc",
            "the key is not valid",
        ),
        (
            "aws_access_key_id = AKIA\naws_secret_access_key = abc\naws_session_token = \u{fc}",
            "the key is not valid",
        ),
    ] {
        let home = Home::with(support::CONFIG, &format!("[base]\n{keys}\n"));
        assert_fails(&assume(&home, &["base"]), 1, message);
        assert_fails(&assume(&home, &["marketingadmin"]), 1, message);
    }
    let home = Home::with("", "")
        .set("AWS_ACCESS_KEY_ID", "AKIA\r")
        .set("AWS_SECRET_ACCESS_KEY", "x");
    assert_fails(
        &assume(&home, &[support::ROLE]),
        1,
        "`AWS_ACCESS_KEY_ID`: the key is not valid",
    );
}

/// An indented key is a part of the value above it, and may be a secret.
#[test]
fn a_value_that_goes_on_is_not_repeated() {
    for key in [
        "region",
        "role_arn",
        "source_profile",
        "role_session_name",
        "endpoint_url",
        "aws_access_key_id",
    ] {
        let config = format!(
            "[profile x]\nrole_arn = {}\nsource_profile = base\n[profile y]\n{key} = value\n  aws_secret_access_key = HUNTER2\n",
            support::ROLE
        );
        let home = Home::with(&config, support::CREDENTIALS);
        let run = assume(&home, &["y"]);
        let place = format!("`{}` line 5: its value goes on", home.path(".aws/config").display());
        assert_fails(&run, 1, &place);
        assert!(!run.stderr.contains("HUNTER2"), "{run:?}");
    }
}

#[test]
fn damage_in_default_touches_every_profile_and_a_broken_header_none_but_its_own() {
    let broken = [&b"[DEFAULT]\nnonsense\n"[..], support::CONFIG.as_bytes()].concat();
    let home = Home::with("", support::CREDENTIALS);
    home.write(".aws/config", broken);
    assert_fails(
        &assume(&home, &["marketingadmin"]),
        1,
        "line 2: it is not `key = value`",
    );

    let broken =
        b"[profile base]\nregion = eu-west-1\n[profile pr\xffod]\nrole_arn = arn:aws:iam::999999999999:role/ADMIN\n";
    home.write(".aws/config", broken);
    // The section before the broken header may have lost nothing, but the person has to look at it.
    let run = assume(&home, &["base"]);
    assert!(!run.stdout.contains("ADMIN"), "{run:?}");
    assert_fails(&run, 1, "line 3: it is not valid UTF-8");
}

#[test]
fn a_server_that_repeats_the_request_gets_no_secret_onto_the_screen() {
    let sts = world().start();
    let message = format!("you sent TokenCode=123456 signed with {}", KEY.1);
    sts.always(Fault::Error {
        status: 403,
        code: "AccessDenied".into(),
        message,
    });
    let run = assume(&Home::new(&sts), &["secured", "--mfa-code", "123456"]);
    assert_fails(&run, 1, "you sent TokenCode=*** signed with ***");
    sts.always(Fault::Error {
        status: 403,
        code: "x y".repeat(1000),
        message: "m".into(),
    });
    assert_fails(&assume(&Home::new(&sts), &["marketingadmin"]), 1, "answered nonsense");
}

#[test]
fn values_that_would_keep_every_program_from_starting_are_refused() {
    let sts = world().start();
    sts.always(Fault::Credentials {
        access_key_id: "ASIA".into(),
        secret: "s".into(),
        token: "t".repeat(200_000),
    });
    let run = assume(&Home::new(&sts), &["marketingadmin"]);
    assert_fails(
        &run,
        1,
        "`AWS_SESSION_TOKEN` cannot be given to sh: it is longer than an environment can hold",
    );
}

#[test]
fn options_that_do_not_fit() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for (arguments, message) in [
        (
            &["base", "--external-id", "ab"][..],
            "`--external-id` does not fit profile `base`",
        ),
        (
            &["base", "--duration", "1h"],
            "`--duration` does not fit profile `base`",
        ),
        (
            &["marketingadmin", "--chain", "--source-profile", "base"],
            "exclude each other",
        ),
        (
            &["marketingadmin", "--session-name", "a b"],
            "session name `a b` is not valid",
        ),
        (
            &["marketingadmin", "--external-id", "x"],
            "external id `x` is not valid",
        ),
        (&["marketingadmin", "--mfa-serial", "x"], "MFA serial is not valid"),
        (
            &["marketingadmin", "--region", "eu.west"],
            "region `eu.west` is not valid",
        ),
    ] {
        assert_fails(&assume(&home, arguments), 2, message);
    }
}

#[test]
fn mfa_codes_that_are_missing_or_wrong() {
    let sts = world().start();
    let home = Home::new(&sts);
    let run = assume(&home, &["secured"]);
    assert_fails(
        &run,
        1,
        "an MFA code from `arn:aws:iam::111111111111:mfa/ana` is needed",
    );
    assert!(run.stderr.contains("ROLENV_MFA_CODE"), "{run:?}");
    for junk in ["12345", "12345x", "1234567"] {
        let run = assume(&home, &["secured", "--mfa-code", junk]);
        assert_fails(&run, 1, "the MFA code in `--mfa-code` is not six digits");
        assert!(!run.stderr.contains(junk), "{run:?}");
    }
    assert!(sts.requests().is_empty());

    let wrong = assume(&home, &["secured", "--mfa-code", "000000"]);
    assert_fails(&wrong, 1, "invalid MFA one time pass code");
    assert!(
        wrong.stderr.contains("wait for the next one") && !wrong.stderr.contains("000000"),
        "{wrong:?}"
    );
    assert_eq!(sts.requests().len(), 1);
}

#[test]
fn a_code_is_never_sent_twice() {
    let sts = world().start();
    for fault in [
        Fault::Drop,
        Fault::Cut,
        Fault::Error {
            status: 503,
            code: "ServiceUnavailable".into(),
            message: "later".into(),
        },
    ] {
        sts.clear_requests();
        sts.always(fault);
        let run = assume(&Home::new(&sts), &["secured", "--mfa-code", "123456"]);
        assert_eq!(run.status, Some(1), "{run:?}");
        assert_eq!(sts.requests().len(), 1, "{run:?}");
    }
}

#[test]
fn a_refusal_says_as_whom_and_which_role() {
    let sts = world().start();
    let run = assume(&Home::new(&sts), &["forbidden"]);
    assert_fails(
        &run,
        1,
        "cannot assume `arn:aws:iam::222222222222:role/forbidden` as profile `base` (`arn:aws:iam::111111111111:user/ana`): AccessDenied",
    );
    assert!(run.stderr.contains(support::USER), "{run:?}");
    assert!(
        run.stderr.contains("hint: AWS says the same for each of these"),
        "{run:?}"
    );
    assert_eq!(sts.requests().len(), 1, "a refusal is not repeated");
}

#[test]
fn a_refusal_on_the_way_names_the_hop() {
    let sts = world().start();
    let config = support::CONFIG.replace("external_id = ext-42", "external_id = wrong");
    let run = assume(
        &Home::with(&config, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url()),
        &["chained"],
    );
    let hop = "cannot assume `arn:aws:iam::333333333333:role/deep/inner` (role 2 of 2) as \
               `arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana`: AccessDenied";
    assert_fails(&run, 1, hop);
    assert!(run.stderr.contains("does not trust the role before it"), "{run:?}");
    assert!(run.stderr.contains("`rolenv explain chained`"), "{run:?}");
}

/// STS says the same of them all; what was sent tells which of them it can be.
#[test]
fn a_denial_names_the_causes_that_fit() {
    let nobody = "arn:aws:iam::999999999999:user/eve";
    let role = "arn:aws:iam::222222222222:role/closed";
    let hub = "arn:aws:iam::222222222222:role/hub";
    let sts = world()
        .user("AKIAROOT", "secret", "arn:aws:iam::111111111111:root")
        .role(fake_sts::Role::new(role).trusts(nobody))
        .role(fake_sts::Role::new(hub).trusts(support::USER))
        .start();
    let config = format!(
        "[profile base]\nregion = us-west-2\n[profile hub]\nrole_arn = {hub}\nsource_profile = base\n\
         [profile root]\naws_access_key_id = AKIAROOT\naws_secret_access_key = secret\n\
         [profile plain]\nrole_arn = {role}\nsource_profile = base\n\
         [profile id]\nrole_arn = {role}\nsource_profile = base\nexternal_id = e1\n\
         [profile mfa]\nrole_arn = {role}\nsource_profile = base\nmfa_serial = {}\n\
         [profile chain]\nrole_arn = {role}\nsource_profile = hub\n\
         [profile asroot]\nrole_arn = {role}\nsource_profile = root\n\
         [profile long]\nrole_arn = {hub}\nsource_profile = base\nduration_seconds = 43200\n\
         [profile web]\nrole_arn = {role}\nweb_identity_token_file = token\n",
        support::MFA
    );
    let home = Home::with(&config, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    home.write("token", "a.b.c");
    let (asks_id, other_id) = ("it asks for an external id", "the external id is another");
    let (asks_mfa, no_mfa) = (
        "it asks for MFA (`mfa_serial`",
        "MFA, which a role's session cannot show",
    );
    let (user, session) = (
        format!("as profile `base` (`{}`): AccessDenied", support::USER),
        "(role 2 of 2) as `arn:aws:sts::222222222222:assumed-role/hub/rolenv-ana`: AccessDenied".to_owned(),
    );
    let tag = "lacks sts:TagSession";
    for (arguments, who, fits, fits_not) in [
        (
            &["plain"][..],
            &user,
            &[asks_id, asks_mfa][..],
            &[other_id, no_mfa, tag][..],
        ),
        (&["id"], &user, &[other_id, asks_mfa], &[asks_id, no_mfa]),
        (
            &["mfa", "--mfa-code", "123456"],
            &user,
            &[asks_id],
            &[asks_mfa, no_mfa, other_id],
        ),
        (
            &["chain"],
            &session,
            &[asks_id, no_mfa, "trust the role before it"],
            &[asks_mfa],
        ),
        (
            &["plain", "--tag", "a=b"],
            &user,
            &[asks_id, tag],
            &["SetSourceIdentity"],
        ),
    ] {
        let run = assume(&home, arguments);
        assert_fails(&run, 1, who);
        let hint = run.stderr.split("hint: ").nth(1).unwrap_or_default();
        for cause in fits {
            assert!(hint.contains(cause), "{arguments:?} lacks {cause:?}: {run:?}");
        }
        for cause in fits_not {
            assert!(!hint.contains(cause), "{arguments:?} has {cause:?}: {run:?}");
        }
        let explain = arguments.iter().filter(|word| !["--mfa-code", "123456"].contains(word));
        let explain: Vec<&str> = explain
            .map(|word| if *word == "a=b" { "'a=b'" } else { word })
            .collect();
        assert!(
            hint.contains(&format!("`rolenv explain {}`", explain.join(" "))),
            "{run:?}"
        );
    }
    for (profile, message, hint) in [
        (
            "asroot",
            "as profile `root`: AccessDenied: Roles may not be assumed by root accounts.",
            "use the keys of an IAM user",
        ),
        (
            "long",
            "MaxSessionDuration",
            "ask for less with `--duration` than the 43200 seconds of `",
        ),
        (
            "web",
            "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
            "trust the token's provider and subject. `rolenv explain web` prints",
        ),
    ] {
        let run = assume(&home, &[profile]);
        assert_fails(&run, 1, message);
        assert!(run.stderr.contains(hint), "{run:?}");
    }
}

#[test]
fn what_sts_says_is_translated() {
    let sts = world().start();
    let home = Home::new(&sts);
    let skew = "Signature expired: 20200706T195306Z is now earlier than 20200707T071347Z (20200707T072847Z - 15 min.)";
    for (status, code, text, message, hint, requests) in [
        (
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
            "the credentials of profile `base` have expired",
            "renew them",
            1,
        ),
        (
            403,
            "InvalidClientTokenId",
            "x",
            "AWS does not know the access key `AKIA...MPLE`",
            "partition",
            1,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            "x",
            "the secret key of `AKIA...MPLE` is wrong",
            "aws_secret_access_key",
            1,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            skew,
            "this machine's clock is wrong: Signature expired",
            "set the clock",
            1,
        ),
        (
            400,
            "Throttling",
            "Rate exceeded",
            "STS is throttling: Rate exceeded",
            "wait a little",
            3,
        ),
        (
            403,
            "RegionDisabledException",
            "STS is not activated in this region",
            "STS is not activated",
            "another region",
            1,
        ),
        (
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "MaxSessionDuration",
            "--duration",
            1,
        ),
        (503, "ServiceUnavailable", "later", "ServiceUnavailable: later", "", 3),
        (418, "Teapot", "I'm a\r\nteapot", "Teapot: I'm a", "", 1),
    ] {
        sts.clear_requests();
        sts.always(Fault::Error {
            status,
            code: code.into(),
            message: text.into(),
        });
        let run = assume(&home, &["marketingadmin"]);
        assert_fails(&run, 1, message);
        assert!(run.stderr.contains(hint), "{run:?}");
        assert_eq!(sts.requests().len(), requests, "{code}");
    }
}

#[test]
fn expired_source_credentials_are_named() {
    let arn = "arn:aws:sts::111111111111:assumed-role/x/y";
    let sts = world()
        .session_user("ASIAOLD", "old", "token", arn, Duration::ZERO)
        .start();
    let credentials = "[base]\naws_access_key_id = ASIAOLD\naws_secret_access_key = old\naws_session_token = token\n";
    let home = Home::with(support::CONFIG, credentials).set("AWS_ENDPOINT_URL_STS", sts.url());
    assert_fails(
        &assume(&home, &["marketingadmin"]),
        1,
        "the credentials of profile `base` have expired",
    );
}

#[test]
fn servers_that_lie_or_talk_nonsense() {
    let sts = world().start();
    let home = Home::new(&sts);
    let body = |body: &str| Fault::Body {
        status: 200,
        content_type: "text/xml".into(),
        body: body.into(),
    };
    let credentials = |id: &str, secret: &str| Fault::Credentials {
        access_key_id: id.into(),
        secret: secret.into(),
        token: "t".into(),
    };
    for fault in [
        body("<html>hello</html>"),
        body(""),
        body("<AssumeRoleResponse><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>"),
        Fault::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Fault::Drop,
        Fault::Cut,
        Fault::Expiration("next tuesday".into()),
        Fault::Expiration("2001-01-01T00:00:00Z".into()),
        Fault::Expiration("-999999999-01-01T00:00:00Z".into()),
        credentials("", "x"),
        credentials("ASIA\nexport X=1", "x"),
        credentials("ASIA", "a\rb"),
    ] {
        let told = format!("{fault:?}");
        sts.always(fault);
        let run = assume(&home, &["marketingadmin"]);
        assert_fails(&run, 1, "`http://127.0.0.1:");
        assert!(!run.stderr.contains("export X"), "{told}: {run:?}");
    }
}

#[test]
fn servers_that_cannot_be_reached() {
    let home = |url: &str| Home::with(support::CONFIG, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", url);
    assert_fails(
        &assume(&home("http://127.0.0.1:1"), &["marketingadmin"]),
        1,
        "cannot reach `http://127.0.0.1:1`: connection refused",
    );
    let sts = world().start();
    let https = format!("https://127.0.0.1:{}", sts.port());
    assert_fails(&assume(&home(&https), &["marketingadmin"]), 1, "it does not speak TLS");
    for bad in [
        "127.0.0.1:1",
        "ftp://x",
        "http://",
        "http://[::1",
        "http://a b/",
        "http://x:99999",
        "http://u@x",
        "http://u:p@x:1",
        "http://x/?a=b",
        "x",
    ] {
        let run = assume(&home(bad), &["marketingadmin"]);
        assert_fails(&run, 1, "`AWS_ENDPOINT_URL_STS`: the endpoint is not valid");
    }
}

#[test]
fn a_certificate_that_nobody_signed_is_refused() {
    let sts = world().start_tls();
    let home = Home::new(&sts);
    let run = assume(&home, &["marketingadmin"]);
    assert_fails(&run, 1, "signed by an authority that this machine does not trust");
    assert!(sts.requests().is_empty());
    let authority = home.write("ca.pem", sts.ca_pem());
    let trusting = home.set("SSL_CERT_FILE", authority);
    assert_eq!(assume(&trusting, &["marketingadmin"]).status, Some(0));
}

#[test]
fn a_server_that_says_nothing_ends_in_time() {
    let sts = world().start();
    sts.always(Fault::Stall(Duration::from_mins(1)));
    let start = Instant::now();
    let run = assume(&Home::new(&sts), &["marketingadmin", "--quiet"]);
    assert_fails(&run, 1, "no answer in time");
    // Not a claim about speed: the wait has an end.
    assert!(start.elapsed() < Duration::from_secs(40));
}

#[test]
fn an_answer_without_end_does_not_fill_the_memory() {
    let sts = world().start();
    sts.always(Fault::Body {
        status: 200,
        content_type: "text/xml".to_owned(),
        body: vec![b'x'; 2 << 20],
    });
    let run = assume(&Home::new(&sts), &["marketingadmin"]);
    assert_fails(&run, 1, "cannot reach");
}

/// A code that went to the wrong place is not repeated on the screen.
#[test]
fn slips_with_a_code_do_not_show_it() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for arguments in [
        &["secured", "123456"][..],
        &["secured", "--mfa-code123456"],
        &["secured", "--mfa-code", "123", "456"],
        &["123456"],
    ] {
        let run = assume(&home, arguments);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(!run.stderr.contains("123") && !run.stderr.contains("456"), "{run:?}");
    }
}

#[test]
fn a_full_disk_is_not_a_success() {
    let sts = world().start();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else {
        return;
    };
    let home = Home::new(&sts);
    let mut command = home.command(support::rolenv());
    let status = command.args(["assume", "marketingadmin"]).stdout(full).status();
    assert_eq!(status.ok().and_then(|status| status.code()), Some(1));
}
