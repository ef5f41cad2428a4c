//! Every way to fail: what is said, with which status, and that the shell is made to fail.

use crate::support;
use crate::support::golden;

use std::time::{Duration, Instant};

use fake_sts::Fault;
use support::{Home, KEY, Run, world};

/// Fails unless `run` failed as every failure has to: the shell's failing statement, a message in our form, no
/// secret, no word of Rust.
fn assert_fails(run: &Run, status: i32) {
    assert_eq!(run.status, Some(status), "{run:?}");
    assert_eq!(run.stdout, "false;\n", "{run:?}");

    assert!(run.stderr.starts_with("rolenv: "), "{run:?}");
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
    golden::record(run);
}

fn assume(home: &Home, arguments: &[&str]) -> Run {
    home.rolenv(&[&["assume", "--shell", "sh"], arguments].concat())
}

#[test]
fn command_lines_that_do_not_parse() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for arguments in [
        &["assume", "x", "--bogus"][..],
        &["asume", "x"],
        &[],
        &["assume", "x", "y"],
        &["assume", "x", "--shell", "klingon"],
        &["assume", "x", "--shell", "sh", "--format", "json"],
        &["assume", "x", "-d", "0"],
        &["assume", "x", "-d", "14m"],
        &["assume", "x", "-d", "13h"],
        &["assume", "x", "-d", "12 parsecs"],
        &["clear", "now"],
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
            assert_fails(&run, 2);
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
        golden::record(&run);
    }
}

/// A command in a hint can be pasted into the shell that the output is for.
#[test]
fn commands_in_hints_are_quoted_for_the_shell() {
    let home = Home::with("[profile \"it's\"]\nregion = eu-west-1\n", "");
    for (shell, quoted) in [
        ("bash", r"'it'\''s'"),
        ("fish", r"'it\'s'"),
        ("powershell", "'it''s'"),
        ("cmd", "\"it's\""),
        ("xonsh", r"'it\'s'"),
    ] {
        let run = home.rolenv(&["assume", "it's", "--shell", shell]);
        assert_eq!(run.status, Some(1), "{run:?}");
        assert!(run.stderr.contains(&format!("--profile {quoted}`")), "{shell}: {run:?}");
        golden::record(&run);
    }
}

#[test]
fn targets_that_are_not_there() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for (target, status) in [
        ("marketingadmn", 1),
        ("MARKETINGADMIN", 1),
        ("marketing", 1),
        ("zzzzzz", 1),
        ("1234:x", 2),
        ("arn:aws:iam::222222222222:user/x", 2),
        ("arn:aws:iam::222222222222:role/a b", 2),
        ("", 2),
    ] {
        let run = assume(&home, &[target]);
        assert_fails(&run, status);
        golden::record(&run);
    }
    let run = assume(&home.set("AWS_PROFILE", "gone"), &[]);
    assert_fails(&run, 1);
    golden::record(&run);
}

#[test]
fn files_that_cannot_be_read() {
    let run = assume(&Home::empty(), &["x"]);
    assert_fails(&run, 1);
    golden::record(&run);

    let home = Home::with("", "").set("AWS_CONFIG_FILE", "/nonexistent/config");
    let run = assume(&home, &["x"]);
    golden::record(&run);

    let home = Home::with("", "");
    let directory = home.path(".aws");
    let run = assume(&home.set("AWS_CONFIG_FILE", directory.clone()), &["x"]);
    assert_fails(&run, 1);

    let run = assume(&Home::with("", "").set("AWS_CONFIG_FILE", "/dev/zero"), &["x"]);
    assert_fails(&run, 1);
}

#[test]
fn damage_in_the_profile_at_hand_names_path_and_line() {
    let config =
        "[profile a]\nrole_arn = arn:aws:iam::222222222222:role/x\nnonsense\n\n[profile b]\nregion = x\n[profile b]\n";
    let home = Home::with(config, "[a]\naws_access_key_id = AKIA\n");
    assert_fails(&assume(&home, &["a"]), 1);
    assert_fails(&assume(&home, &["b"]), 1);
}

#[test]
fn damage_elsewhere_is_a_warning() {
    let sts = world().start();
    let home = Home::new(&sts);
    home.write(
        ".aws/config",
        format!("{}\n[profile other]\nnonsense\n", support::CONFIG),
    );
    let run = home.rolenv(&["assume", "marketingadmin", "--format", "json"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let line = support::CONFIG.lines().count() + 3;
    assert!(
        run.stderr.contains(&format!("`~/.aws/config` line {line}: ")),
        "{run:?}"
    );
    golden::record(&run);
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
    let place = |line: usize| format!("`~/.aws/config` line {line}");
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
    for (profile, at) in [
        ("nosource", "role_arn"),
        ("both", ""),
        ("missing", "source_profile"),
        ("self", ""),
        ("l1", ""),
        ("empty", ""),
        ("fromempty", ""),
        ("half", "aws_access_key_id"),
        ("bogus", "credential_source"),
        ("badarn", "role_arn"),
        ("short", "duration_seconds"),
        ("badregion", "region"),
        ("badname", "role_session_name"),
        ("badurl", "endpoint_url"),
        ("badservices", "services"),
        ("fromenv", ""),
        ("sso", "sso_role_name"),
    ] {
        let run = assume(&home, &[profile]);
        assert_fails(&run, 1);
        if !at.is_empty() {
            assert!(run.stderr.contains(&line_of(profile, at)), "{profile}: {run:?}");
        }
    }
}

#[test]
fn the_other_file_s_way_of_writing_a_header_is_told() {
    let home = Home::with("[nearly]\nregion = x\n", "[profile almost]\naws_access_key_id = A\n");
    for profile in ["nearly", "almost"] {
        let run = assume(&home, &[profile]);
        assert_fails(&run, 1);
        golden::record(&run);
    }
}

#[test]
fn what_stands_in_the_wrong_place_is_not_repeated() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    let run = assume(&home, &["secured", "--mfa-serial", "123456"]);
    assert_fails(&run, 2);
    let home = home.set("AWS_ENDPOINT_URL_STS", "http://ana:hunter2@sts.example");
    let run = assume(&home, &["marketingadmin"]);
    assert_fails(&run, 1);
    assert!(!run.stderr.contains("hunter2"), "{run:?}");
}

#[test]
fn keys_that_are_none_are_not_exported() {
    for keys in [
        "aws_access_key_id =\naws_secret_access_key = abc",
        "aws_access_key_id = AKIA\naws_secret_access_key =",
        "aws_access_key_id = AK IA\naws_secret_access_key = abc",
        "aws_access_key_id = AKIA\naws_secret_access_key = abc\naws_session_token = \u{fc}",
    ] {
        let home = Home::with(support::CONFIG, &format!("[base]\n{keys}\n"));
        assert_fails(&assume(&home, &["base"]), 1);
        assert_fails(&assume(&home, &["marketingadmin"]), 1);
    }
    let home = Home::with("", "")
        .set("AWS_ACCESS_KEY_ID", "AKIA\r")
        .set("AWS_SECRET_ACCESS_KEY", "x");
    assert_fails(&assume(&home, &[support::ROLE]), 1);
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
        assert_fails(&run, 1);
        assert!(!run.stderr.contains("HUNTER2"), "{run:?}");
    }
}

#[test]
fn damage_in_default_touches_every_profile_and_a_broken_header_none_but_its_own() {
    let broken = [&b"[DEFAULT]\nnonsense\n"[..], support::CONFIG.as_bytes()].concat();
    let home = Home::with("", support::CREDENTIALS);
    home.write(".aws/config", broken);
    assert_fails(&assume(&home, &["marketingadmin"]), 1);

    let broken =
        b"[profile base]\nregion = eu-west-1\n[profile pr\xffod]\nrole_arn = arn:aws:iam::999999999999:role/ADMIN\n";
    home.write(".aws/config", broken);
    // The section before the broken header may have lost nothing, but the person has to look at it.
    let run = assume(&home, &["base"]);
    assert!(!run.stdout.contains("ADMIN"), "{run:?}");
    assert_fails(&run, 1);
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
    assert_fails(&run, 1);
    sts.always(Fault::Error {
        status: 403,
        code: "x y".repeat(1000),
        message: "m".into(),
    });
    assert_fails(&assume(&Home::new(&sts), &["marketingadmin"]), 1);
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
    assert_fails(&run, 1);
}

#[test]
fn options_that_do_not_fit() {
    let home = Home::with(support::CONFIG, support::CREDENTIALS);
    for arguments in [
        &["base", "--external-id", "ab"][..],
        &["base", "--duration", "1h"],
        &["marketingadmin", "--chain", "--source-profile", "base"],
        &["marketingadmin", "--session-name", "a b"],
        &["marketingadmin", "--external-id", "x"],
        &["marketingadmin", "--mfa-serial", "x"],
        &["marketingadmin", "--region", "eu.west"],
    ] {
        assert_fails(&assume(&home, arguments), 2);
    }
}

#[test]
fn mfa_codes_that_are_missing_or_wrong() {
    let sts = world().start();
    let home = Home::new(&sts);
    let run = assume(&home, &["secured"]);
    assert_fails(&run, 1);
    golden::record(&run);
    for junk in ["12345", "12345x", "1234567"] {
        let run = assume(&home, &["secured", "--mfa-code", junk]);
        assert_fails(&run, 1);
        assert!(!run.stderr.contains(junk), "{run:?}");
    }
    assert!(sts.requests().is_empty());

    let wrong = assume(&home, &["secured", "--mfa-code", "000000"]);
    assert_fails(&wrong, 1);
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
    assert_fails(&run, 1);
    assert!(run.stderr.contains(support::USER), "{run:?}");
    golden::record(&run);
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
    assert_fails(&run, 1);
    golden::record(&run);
    golden::record(&run);
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
    for arguments in [
        &["plain"][..],
        &["id"],
        &["mfa", "--mfa-code", "123456"],
        &["chain"],
        &["plain", "--tag", "a=b"],
    ] {
        let run = assume(&home, arguments);
        assert_fails(&run, 1);
        assert!(!run.stderr.contains("--mfa-code"), "{run:?}");
    }
    for profile in ["asroot", "long", "web"] {
        let run = assume(&home, &[profile]);
        assert_fails(&run, 1);
        golden::record(&run);
    }
}

#[test]
fn what_sts_says_is_translated() {
    let sts = world().start();
    let home = Home::new(&sts);
    let skew = "Signature expired: 20200706T195306Z is now earlier than 20200707T071347Z (20200707T072847Z - 15 min.)";
    for (status, code, text, requests) in [
        (
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
            1,
        ),
        (403, "InvalidClientTokenId", "x", 1),
        (403, "SignatureDoesNotMatch", "x", 1),
        (403, "SignatureDoesNotMatch", skew, 1),
        (400, "Throttling", "Rate exceeded", 3),
        (403, "RegionDisabledException", "STS is not activated in this region", 1),
        (
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            1,
        ),
        (503, "ServiceUnavailable", "later", 3),
        (418, "Teapot", "I'm a\r\nteapot", 1),
    ] {
        sts.clear_requests();
        sts.always(Fault::Error {
            status,
            code: code.into(),
            message: text.into(),
        });
        let run = assume(&home, &["marketingadmin"]);
        assert_fails(&run, 1);
        golden::record(&run);
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
    assert_fails(&assume(&home, &["marketingadmin"]), 1);
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
        assert_fails(&run, 1);
        assert!(!run.stderr.contains("export X"), "{told}: {run:?}");
    }
}

#[test]
fn servers_that_cannot_be_reached() {
    let home = |url: &str| Home::with(support::CONFIG, support::CREDENTIALS).set("AWS_ENDPOINT_URL_STS", url);
    assert_fails(&assume(&home("http://127.0.0.1:1"), &["marketingadmin"]), 1);
    let sts = world().start();
    let https = format!("https://127.0.0.1:{}", sts.port());
    assert_fails(&assume(&home(&https), &["marketingadmin"]), 1);
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
        assert_fails(&run, 1);
    }
}

#[test]
fn a_certificate_that_nobody_signed_is_refused() {
    let sts = world().start_tls();
    let home = Home::new(&sts);
    let run = assume(&home, &["marketingadmin"]);
    assert_fails(&run, 1);
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
    assert_fails(&run, 1);
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
    assert_fails(&run, 1);
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
