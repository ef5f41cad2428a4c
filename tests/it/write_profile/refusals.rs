//! What is not overwritten, and what cannot be written.

use super::{
    CREDENTIALS, FILE, FakeSts, Home, KEY, Run, assert_fails, assert_stored, fs, golden, home_with, store, support,
    text, world,
};

/// Fails unless the run was refused before anything was asked, and the file is as it was.
fn assert_refused(home: &Home, sts: &FakeSts, run: &Run, before: &str) {
    let asked = sts.requests().len();
    assert_eq!(asked, 0, "{run:?}");
    assert_eq!(text(home), before);
    assert_fails(run, 1);
}

#[test]
fn keys_and_identities_are_not_overwritten_without_force() {
    for (below, after) in [
        ("[taken]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n", ""),
        ("[taken]\naws_secret_access_key = s\n", ""),
        (
            "[taken]\naws_access_key_id = AKIAX\naws_secret_access_key = s\naws_session_token = t\n",
            "",
        ),
        (
            "[taken]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_security_token = t\naws_account_id = 1\n",
            "aws_security_token aws_account_id",
        ),
        // Somebody put other keys where ours were.
        (
            "[taken]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nrolenv_session = ASIAY\n",
            "",
        ),
        ("[taken]\nrole_arn = x\nsource_profile = base\n", "role_arn"),
        ("[taken]\ncredential_process = a\n  # why\n  b\n", "credential_process"),
        (
            "[taken]\nsso_start_url = x\nsso_account_id = 1\nsso_role_name = r\n",
            "sso_",
        ),
        ("[taken]\nweb_identity_token_file = x\n", "web_identity"),
        ("[taken]\nlogin_session = x\n", "login_session"),
    ] {
        let sts = world().start();
        let home = home_with(&sts, "", &format!("{below}output = text # mine\n"));
        let before = text(&home);
        let run = store(&home, "taken", &[]);
        assert_refused(&home, &sts, &run, &before);
        golden::record(&run);

        let run = store(&home, "taken", &["--force"]);
        let forced = text(&home);
        assert_stored(&run, &forced, "taken");
        assert!(
            forced.starts_with(CREDENTIALS) && forced.contains("output = text # mine\n"),
            "{forced}"
        );
        assert_eq!(forced.contains("# why"), below.contains("# why"));
        for gone in after.split(' ').filter(|gone| !gone.is_empty()) {
            assert!(!forced.contains(gone), "{gone}: {forced}");
        }
        assert_eq!(store(&home, "taken", &[]).status, Some(0), "it is ours now");
    }
}

#[test]
fn what_the_config_file_says_of_the_profile_counts() {
    for (config, below, can_be_forced) in [
        (
            "[profile taken]\nregion = x-y-1\naws_access_key_id = AKIAX\naws_secret_access_key = s\n",
            "",
            true,
        ),
        ("[profile taken]\ncredential_process = x\n", "", true),
        ("[profile 'taken']\nrole_arn = x\n", "", false),
        ("[profile taken]\nsso_account_id = 1\n", "", false),
        ("[profile taken]\nweb_identity_token_file = x\n", "", false),
        // The other profiles live with such a thing; a new one could not.
        ("", "[DEFAULT]\naws_security_token = x\n", false),
        ("", "[DEFAULT]\nrole_arn = x\n", false),
        ("", "[DEFAULT]\nwhat\n[taken]\n", false),
    ] {
        let sts = world().start();
        let home = home_with(&sts, config, below);
        home.write(
            ".aws/config",
            format!(
                "{config}\n[profile marketingadmin]\nrole_arn = {}\ncredential_source = Environment\n",
                support::ROLE
            ),
        );
        let home = home.set("AWS_ACCESS_KEY_ID", KEY.0).set("AWS_SECRET_ACCESS_KEY", KEY.1);
        let before = text(&home);
        if !below.contains("role_arn") && !below.contains("what") {
            let run = store(&home, "taken", &[]);
            assert_refused(&home, &sts, &run, &before);
        }
        let run = home.rolenv(&[
            "assume",
            support::ROLE,
            "--shell",
            "sh",
            "--write-profile",
            "taken",
            "--force",
        ]);
        if can_be_forced {
            assert_eq!(run.status, Some(0), "{run:?}");
            assert_eq!(text(&home).matches("[taken]").count(), 1);
        } else {
            golden::record(&run);
            assert_eq!((run.status, run.stdout.as_str()), (Some(1), "false;\n"), "{run:?}");
            assert_eq!(text(&home), before);
            assert!(sts.requests().is_empty());
        }
    }
}

#[test]
fn a_damaged_section_is_not_guessed_at() {
    for below in [
        "[taken]\nregion = a\n[taken]\n",
        "[taken]\nnonsense\n",
        "[taken]\nregion = a\nregion = b\n",
        "[taken]\nregion = a\n  b\n",
    ] {
        let sts = world().start();
        let home = home_with(&sts, "", below);
        let before = text(&home);
        for more in [&[][..], &["--force"]] {
            let run = store(&home, "taken", &[&["--quiet"], more].concat());
            assert_refused(&home, &sts, &run, &before);
            golden::record(&run);
        }
    }
}

#[test]
fn names_that_the_file_cannot_hold_and_force_alone_are_usage_errors() {
    let sts = world().start();
    let home = Home::new(&sts);
    for name in ["", "DEFAULT", "a]b", "a\nb", " a", "a ", "\u{7}"] {
        let run = store(&home, name, &["--force"]);
        assert_fails(&run, 2);
    }
    let run = home.rolenv(&["assume", "marketingadmin", "--shell", "sh", "--force"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), "false;\n"), "{run:?}");
    golden::record(&run);
    assert!(sts.requests().is_empty());
    assert_eq!(text(&home), CREDENTIALS);
}

#[test]
fn what_the_session_is_made_from_is_not_overwritten() {
    let sts = world().start();
    let home = home_with(
        &sts,
        "",
        "[local]\nrole_arn = arn:aws:iam::222222222222:role/marketingadmin\nsource_profile = base\n",
    );
    let before = text(&home);
    let run = store(&home, "base", &["--force"]);
    assert_refused(&home, &sts, &run, &before);
    let by_default = [
        "assume",
        support::ROLE,
        "--format",
        "json",
        "--force",
        "--write-profile",
        "base",
    ];
    let run = Run::of(
        home.command(support::rolenv())
            .args(by_default)
            .env("AWS_PROFILE", "base"),
    );
    assert_refused(&home, &sts, &run, &before);
    let own = [
        "assume",
        "local",
        "--format",
        "json",
        "--force",
        "--write-profile",
        "local",
    ];
    assert_refused(&home, &sts, &home.rolenv(&own), &before);
    let beyond = [
        "assume",
        "222222222222:other",
        "--source-profile",
        "local",
        "--format",
        "json",
    ];
    let run = home.rolenv(&[&beyond[..], &["--force", "--write-profile", "local"]].concat());
    assert_refused(&home, &sts, &run, &before);
    let keys = ["assume", "base", "--format", "json", "--write-profile", "copy"];
    let run = home.rolenv(&keys);
    assert_refused(&home, &sts, &run, &before);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_fails_the_whole_command() {
    let sts = world().start();
    let home = Home::new(&sts);
    let run = store(&home, "role", &["--shell", "sh"]);
    assert_eq!(run.status, Some(2), "two forms of output: {run:?}");
    // A lock is a file. (Permissions would not stop a test that root runs.)
    let in_the_way = home.path(".aws/.rolenv-credentials.lock");
    fs::create_dir(&in_the_way).expect("a directory");
    let words = ["assume", "marketingadmin", "--shell", "sh", "--write-profile", "role"];
    let run = home.rolenv(&words);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), "false;\n"), "{run:?}");
    golden::record(&run);
    fs::remove_dir(in_the_way).expect("a directory less");
    let mode = |mode| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(home.path(FILE), fs::Permissions::from_mode(mode)).expect("permissions");
    };
    mode(0o400);
    let run = home.rolenv(&words);
    golden::record(&run);
    assert_eq!(run.stdout, "false;\n");
    mode(0o600);
    assert!(sts.requests().is_empty(), "it is told before AWS is asked");

    // Nothing can be made below a file.
    let blocked = home.write("blocked", "").join("credentials");
    let home = home
        .set("AWS_SHARED_CREDENTIALS_FILE", &blocked)
        .set("AWS_ACCESS_KEY_ID", KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", KEY.1);
    let words = ["assume", support::ROLE, "--shell", "sh", "--write-profile", "role"];
    let run = home.rolenv(&words);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), "false;\n"), "{run:?}");
    golden::record(&run);

    let home = home.set("AWS_SHARED_CREDENTIALS_FILE", "");
    let asked = sts.requests().len();
    let run = home.rolenv(&words);
    golden::record(&run);
    assert_eq!((run.stdout.as_str(), sts.requests().len()), ("false;\n", asked));
}
