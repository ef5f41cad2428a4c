//! `--write-profile`: the session is stored in the credentials file, nothing else in that file changes, and nobody
//! else's keys are lost.

use crate::support;
use crate::support::golden;

use crate::support::kept;

use crate::support::outcome;

#[cfg(unix)]
use crate::support::plain_user;

use std::fs;
use std::time::Duration;

use fake_sts::{FakeSts, Fault};
use outcome::assert_fails;
use support::{CONFIG, CREDENTIALS, Home, KEY, Run, tool, world};

const FILE: &str = ".aws/credentials";

fn store(home: &Home, name: &str, more: &[&str]) -> Run {
    let words = ["assume", "marketingadmin", "--format", "json", "--write-profile", name];
    home.rolenv(&[&words, more].concat())
}

fn text(home: &Home) -> String {
    fs::read_to_string(home.path(FILE)).expect("a credentials file")
}

/// A home whose credentials file has this below the keys that everything starts from.
fn home_with(sts: &FakeSts, config: &str, below: &str) -> Home {
    let home = Home::new(sts);
    home.write(".aws/config", format!("{CONFIG}\n{config}"));
    home.write(FILE, format!("{CREDENTIALS}{below}"));
    home
}

/// The value of a key of the profile `name`, as the file has it.
fn value(text: &str, name: &str, key: &str) -> Option<String> {
    let section = text.split(&format!("[{name}]")).nth(1)?.split("\n[").next()?;
    let line = section.lines().find(|line| line.trim_start().starts_with(key))?;
    Some(line.split_once(['=', ':'])?.1.trim().to_owned())
}

fn assert_stored(run: &Run, text: &str, name: &str) {
    for (key, variable) in [
        ("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
        ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
        ("aws_session_token", "AWS_SESSION_TOKEN"),
        ("x_security_token_expires", "AWS_CREDENTIAL_EXPIRATION"),
        ("region", "AWS_REGION"),
    ] {
        assert_eq!(value(text, name, key), run.variable(variable), "{key} in {text}");
    }
}

/// Fails unless the run was refused before anything was asked, and the file is as it was.
fn assert_refused(home: &Home, sts: &FakeSts, run: &Run, before: &str) {
    let asked = sts.requests().len();
    assert_eq!(asked, 0, "{run:?}");
    assert_eq!(text(home), before);
    assert_fails(run, 1);
}

#[test]
fn a_session_is_stored_exported_and_renewed() {
    let sts = world().start();
    let home = Home::new(&sts);
    let run = store(&home, "role", &[]);
    let first = text(&home);
    assert_stored(&run, &first, "role");
    assert!(first.starts_with(&format!("{CREDENTIALS}\n[role]\n")), "{first}");
    golden::record(&run);
    // It is ours: the next one takes its place, without a word of force, and nothing is there twice.
    let run = store(&home, "role", &["--quiet", "--refresh"]);
    let second = text(&home);
    assert_stored(&run, &second, "role");
    assert_eq!(run.stderr, "");
    assert_eq!(second.lines().count(), first.lines().count());
    assert_ne!(second, first);
    // rolenv reads it, too.
    let own = home.rolenv(&["assume", "role", "--format", "json"]);
    assert_eq!(own.variable("AWS_ACCESS_KEY_ID"), run.variable("AWS_ACCESS_KEY_ID"));
    assert_eq!(own.variable("AWS_REGION").as_deref(), Some("us-west-2"));
}

#[test]
fn a_region_comes_and_goes_with_the_session_but_a_person_s_own_stays() {
    let sts = world().start();
    let home = Home::new(&sts);
    assert_eq!(store(&home, "role", &[]).status, Some(0));
    let switch = ["assume", "noregion", "--write-profile", "role", "--shell", "sh"];
    assert_eq!(home.rolenv(&switch).status, Some(0));
    assert_eq!(value(&text(&home), "role", "region"), None);
    home.write(
        FILE,
        text(&home).replace("[role]\n", "[role]\nregion = eu-north-1\noutput = text\n"),
    );
    assert_eq!(home.rolenv(&switch).status, Some(0));
    assert_eq!(value(&text(&home), "role", "region").as_deref(), Some("eu-north-1"));
    assert_eq!(value(&text(&home), "role", "output").as_deref(), Some("text"));
}

#[test]
fn every_other_byte_stays() {
    let sts = world().start();
    let around: [&[u8]; 2] = [
        b"# mine\r\n[twice]\r\nk = 1\r\n[twice]\r\nbroken\r\n\r\n[role] ; here\r\n# note\r\n   output: json\r\n   s3 =\r\n      a = 1\r\n",
        b"\r\n; end\r\n[other]\r\nname = \xff\r\n[last]\r\nk = v",
    ];
    let home = Home::new(&sts);
    let before = [CREDENTIALS.as_bytes(), &around.concat()].concat();
    home.write(FILE, &before);
    assert_eq!(store(&home, "role", &[]).status, Some(0));
    let after = fs::read(home.path(FILE)).expect("a file");
    assert!(after.starts_with(&[CREDENTIALS.as_bytes(), around[0]].concat()));
    assert!(after.ends_with(around[1]));
    let added = &after[before.len() - around[1].len()..after.len() - around[1].len()];
    let added = String::from_utf8_lossy(added);
    let keys: Vec<_> = added
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    let expected = [
        "   aws_access_key_id",
        "   aws_secret_access_key",
        "   aws_session_token",
        "   x_security_token_expires",
        "   region",
        "   rolenv_session",
    ];
    assert_eq!(keys, expected);
    assert_eq!(added.matches("\r\n").count(), expected.len());
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay_and_a_new_file_is_the_owner_s_alone() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let mode = |path: &std::path::Path| fs::symlink_metadata(path).expect("a file").permissions().mode() & 0o7777;
    let sts = world().start();
    let home = Home::new(&sts);
    let (link, dotfiles) = (home.path(FILE), home.path("dotfiles"));
    fs::create_dir(&dotfiles).expect("a directory");
    fs::rename(&link, dotfiles.join("credentials")).expect("a move");
    symlink("../dotfiles/credentials", &link).expect("a link");
    fs::set_permissions(&link, fs::Permissions::from_mode(0o640)).expect("permissions");
    let run = store(&home, "role", &[]);
    assert_stored(&run, &text(&home), "role");
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(mode(&dotfiles.join("credentials")), 0o640);

    // Keys from the environment, and no file yet, below directories that are not there either.
    let elsewhere = home.path("new/place/credentials");
    let home = home
        .set("AWS_SHARED_CREDENTIALS_FILE", &elsewhere)
        .set("AWS_ACCESS_KEY_ID", KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", KEY.1);
    let run = home.rolenv(&["assume", support::ROLE, "--shell", "sh", "--write-profile", "role"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let written = fs::read_to_string(&elsewhere).expect("a new file");
    assert!(written.starts_with("[role]\naws_access_key_id = ASIA"), "{written}");
    assert_eq!((mode(&elsewhere), mode(&home.path("new"))), (0o600, 0o700));
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
        let run = store(&home, "taken", &["--mfa-code", "123456"]);
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
        let run = store(&home, name, &["--force", "--mfa-code", "123456"]);
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

#[test]
fn many_writers_at_once_all_land() {
    let sts = world().start();
    let home = Home::new(&sts);
    let names: Vec<String> = (0..20).map(|number| format!("role-{number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let home = &home;
            scope.spawn(move || {
                let run = store(home, name, &[]);
                assert_stored(&run, &text(home), name);
            });
        }
    });
    let found = text(&home);
    assert!(found.starts_with(CREDENTIALS));
    for name in &names {
        assert_eq!(found.matches(&format!("[{name}]\n")).count(), 1, "{found}");
    }
    assert_eq!(found.matches("rolenv_session = ASIA").count(), names.len(), "{found}");
}

#[cfg(unix)]
#[test]
fn a_writer_waits_for_the_one_before() {
    let sts = world().start();
    let home = Home::new(&sts);
    let lock_file = home.path(".aws/.rolenv-credentials.lock");
    let lock = || {
        let lock = fs::File::create(&lock_file).expect("a lock file");
        lock.lock().expect("a lock");
        lock
    };
    std::thread::scope(|scope| {
        // It takes the lock twice: to see whether it can, before AWS is asked, and to write.
        sts.next(Fault::Slow(Duration::from_secs(2)));
        let writer = scope.spawn(|| store(&home, "role", &[]));
        kept::wait_until("a request", || !sts.requests().is_empty());
        let lock = lock();
        std::thread::sleep(Duration::from_millis(2300));
        assert_eq!(text(&home), CREDENTIALS);
        // What happens meanwhile counts: the rules are looked at again.
        home.write(FILE, format!("{CREDENTIALS}[role]\naws_access_key_id = AKIAX\n"));
        drop(lock);
        let run = writer.join().expect("a run");
        assert_fails(&run, 1);
    });
}

#[test]
fn the_aws_cli_uses_what_was_stored() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let sts = world().start();
    let role = "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana";
    let below = "[by-role]\nrole_arn = arn:aws:iam::222222222222:role/secured\nsource_profile = base\n\
                 [by-sso]\nsso_role_name = r\nsso_account_id = 1\nsso_region = us-east-1\nsso_start_url = https://x\n\
                 [by-token]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_security_token = t\n";
    let config = "[profile by-process]\ncredential_process = false\nregion = eu-west-3\n";
    let home = home_with(&sts, config, below);
    for name in [
        "new",
        "by-role",
        "by-sso",
        "by-token",
        "by-process",
        "it's \"\u{fc}\" [x",
    ] {
        let run = store(&home, name, &["--force"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        let ask = |words: &[&str]| {
            let mut command = home.command(&aws);
            let run = Run::of(command.args(words).args(["--profile", name]));
            assert_eq!(run.status, Some(0), "{name}: {run:?}");
            run.stdout.trim_end().to_owned()
        };
        assert_eq!(
            ask(&["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]),
            role
        );
        assert_eq!(ask(&["configure", "get", "region"]), "us-west-2");
        assert_eq!(
            Some(ask(&["configure", "get", "aws_session_token"])),
            run.variable("AWS_SESSION_TOKEN")
        );
    }
    assert!(sts.requests().iter().all(|request| request.verified));
}

/// What is refused even with force is what the AWS CLI would not use, and the rest it uses.
#[test]
fn the_aws_cli_prefers_what_we_say_it_prefers() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let sts = world().start();
    let stored = "[taken]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";
    for (lines, is_used) in [
        ("role_arn =\n", false),
        ("web_identity_token_file = x\n", false),
        ("sso_role_name = r\n", false),
        ("sso_account_id = 1\n", false),
        (
            "sso_session = s\nsso_start_url = https://x\nsso_region = us-east-1\n",
            true,
        ),
        ("credential_process = false\n", true),
        ("login_session = x\n", true),
        ("aws_access_key_id = AKIAX\naws_secret_access_key = s\n", true),
        ("source_profile = base\ncredential_source = Environment\n", true),
    ] {
        let home = home_with(&sts, &format!("[profile taken]\n{lines}"), stored);
        let run = Run::of(home.command(&aws).args(["configure", "list", "--profile", "taken"]));
        assert_eq!(
            run.stdout.contains("shared-credentials-file"),
            is_used,
            "{lines}: {run:?}"
        );
        let run = store(&home, "taken", &["--force"]);
        assert_eq!(run.status, Some(i32::from(!is_used)), "{lines}: {run:?}");
        golden::record(&run);
    }
}

#[test]
fn a_stored_session_is_handed_out_until_it_ends_and_asks_for_no_code() {
    let sts = world().start();
    let config = format!("[profile kept]\nmfa_serial = {}\n", support::MFA);
    let home = home_with(&sts, &config, "");
    let first = store(&home, "kept", &[]);
    sts.clear_requests();
    let again = home.rolenv(&["assume", "kept", "--format", "json"]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"] {
        assert_eq!(again.variable(name), first.variable(name), "{again:?}");
    }
    assert!(sts.requests().is_empty());
    let end = first.variable("AWS_CREDENTIAL_EXPIRATION").expect("an end");
    home.write(FILE, text(&home).replace(&end, "2020-01-01T00:00:00Z"));
    let over = home.rolenv(&["assume", "kept", "--format", "json"]);
    assert_fails(&over, 1);
}

/// The lock goes with the file, whoever's home it is written from.
#[test]
fn writers_with_other_homes_take_turns() {
    let sts = world().start();
    let homes: Vec<Home> = (0..4).map(|_| Home::new(&sts)).collect();
    let file = homes[0].path(FILE);
    let homes: Vec<Home> = homes
        .into_iter()
        .map(|home| home.set("AWS_SHARED_CREDENTIALS_FILE", &file))
        .collect();
    std::thread::scope(|scope| {
        for (number, home) in homes.iter().enumerate() {
            scope.spawn(move || {
                for turn in 0..5 {
                    assert_eq!(store(home, &format!("role-{number}-{turn}"), &[]).status, Some(0));
                }
            });
        }
    });
    assert_eq!(text(&homes[0]).matches("rolenv_session = ASIA").count(), 20);
}

/// Where root lets everybody write, as in `/tmp`, the system says who may; and root leaves a file to its owner.
#[cfg(unix)]
#[test]
fn a_file_in_a_directory_of_root_s_stays_its_owner_s() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let sts = world().start();
    let home = Home::new(&sts);
    if !plain_user::is_root() {
        eprintln!("SKIPPED: only root can give a home away");
        return;
    }
    plain_user::give(&home);
    let open = home.path("open");
    fs::create_dir(&open).expect("a directory of root's");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o1777)).expect("a mode");
    let file = open.join("credentials");
    fs::copy(home.path(FILE), &file).expect("a credentials file");
    chown(&file, Some(plain_user::NOBODY), Some(plain_user::NOBODY)).expect("an owner");
    let home = home.set("AWS_SHARED_CREDENTIALS_FILE", &file);
    let words = ["assume", "marketingadmin", "--format", "json", "--write-profile"];
    let run = plain_user::run(&home, &[&words[..], &["own"]].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    let run = home.rolenv(&[&words[..], &["of-root", "--no-cache"]].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    let found = fs::metadata(&file).expect("a file");
    assert_eq!((found.uid(), found.gid()), (plain_user::NOBODY, plain_user::NOBODY));
    let stored = fs::read_to_string(&file).expect("text");
    assert!(stored.contains("[own]\n") && stored.contains("[of-root]\n"), "{stored}");
    assert_eq!(
        fs::read_dir(&open).expect("a directory").count(),
        2,
        "nothing but the lock file is left beside it"
    );
}

/// Nobody reads the file afterwards who could not before.
#[cfg(target_os = "linux")]
#[test]
fn the_group_and_the_access_list_stay() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    const NAME: &str = "system.posix_acl_access";
    let sts = world().start();
    let home = Home::new(&sts);
    let path = home.path(FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a mode");
    if chown(&path, None, Some(4242)).is_err() {
        eprintln!("SKIPPED: only root gives a file to another group");
        return;
    }
    assert_eq!(store(&home, "role", &[]).status, Some(0));
    let found = fs::metadata(&path).expect("a file");
    assert_eq!((found.gid(), found.mode() & 0o7777), (4242, 0o640));

    // The owner reads and writes, another user reads, the group and all others may not.
    let entries: [(u16, u16, u32); 5] = [
        (1, 6, u32::MAX),
        (2, 4, 1001),
        (4, 0, u32::MAX),
        (16, 4, u32::MAX),
        (32, 0, u32::MAX),
    ];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        list.extend(tag.to_le_bytes());
        list.extend(permissions.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    let any = rustix::fs::XattrFlags::empty();
    let mut found = [0; 256];
    // What the directory lends to new files is not for this one.
    if let Err(error) = rustix::fs::setxattr(home.path(".aws"), "system.posix_acl_default", &list, any) {
        eprintln!("SKIPPED: this file system has no access lists: {error}");
        return;
    }
    assert_eq!(store(&home, "role", &["--refresh"]).status, Some(0));
    let lent = rustix::fs::getxattr(&path, NAME, &mut found);
    assert_eq!(lent, Err(rustix::io::Errno::NODATA));
    assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o7777, 0o640);

    rustix::fs::setxattr(&path, NAME, &list, any).expect("an access list");
    assert_eq!(store(&home, "role", &["--refresh"]).status, Some(0));
    let length = rustix::fs::getxattr(&path, NAME, &mut found).expect("an access list");
    assert_eq!(&found[..length], list);
}
