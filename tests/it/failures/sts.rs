//! What STS refuses, and servers that fail, lie or are not there.

use super::{Fault, Home, KEY, assert_fails, assume, golden, support, world};

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
