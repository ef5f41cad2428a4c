//! Roles, trust, MFA, durations, chains: what is allowed, and the words of each refusal.

mod client;

use std::collections::HashSet;

use client::{ANA, IDENTITY, Keys, ROLE, Reply, SERIAL, assume, call, encode, plain, send, server};
use fake_sts::{FakeSts, Role};

const WRONG_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";

fn denied(reply: &Reply, message: &str) {
    assert_eq!(reply.error(), (403, "AccessDenied".to_owned(), message.to_owned()));
}

fn invalid(reply: &Reply, message: &str) {
    assert_eq!(reply.error(), (400, "ValidationError".to_owned(), message.to_owned()));
}

fn not_authorized(reply: &Reply, who: &str, role: &str) {
    let message = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}");
    denied(reply, &message);
}

fn assume_as(sts: &FakeSts, keys: &Keys, more: &[(&str, &str)]) -> Reply {
    call(sts, keys, &assume(more))
}

#[test]
fn an_assumed_role_is_somebody_else() {
    let sts = server().role(Role::new(ROLE).trusts(ANA)).start();
    let reply = assume_as(&sts, &Keys::ana(), &[("SourceIdentity", "ana"), ("Policy", "{}")]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let arn = "arn:aws:sts::222222222222:assumed-role/marketingadmin/ana";
    assert_eq!(reply.text("Arn"), arn);
    assert_eq!(reply.text("SourceIdentity"), "ana");
    assert_eq!(reply.text("PackedPolicySize"), "1");
    let id = reply.text("AssumedRoleId");
    assert!(id.starts_with("AROA") && id.ends_with(":ana"), "{id}");

    let identity = call(&sts, &reply.keys(), IDENTITY);
    assert_eq!(identity.text("Arn"), arn);
    assert_eq!(identity.text("UserId"), id);
    assert_eq!(identity.text("Account"), "222222222222");
    assert_eq!(sts.requests()[1].signer.as_ref().expect("a signer").arn, arn);
}

#[test]
fn no_two_sessions_are_alike() {
    let sts = server().role(Role::new(ROLE)).start();
    let keys: Vec<Keys> = (0..50).map(|_| assume_as(&sts, &Keys::ana(), &[]).keys()).collect();
    assert_eq!(keys.iter().map(|keys| &keys.id).collect::<HashSet<_>>().len(), 50);
    assert_eq!(keys.iter().map(|keys| &keys.secret).collect::<HashSet<_>>().len(), 50);
    assert_eq!(call(&sts, &keys[0], IDENTITY).status, 200);
}

#[test]
fn every_closed_door_looks_the_same() {
    let other = "arn:aws:iam::222222222222:role/other";
    let guarded = "arn:aws:iam::222222222222:role/guarded";
    let sts = server()
        .role(Role::new(ROLE).trusts(ANA).external_id("ext-42"))
        .role(Role::new(other).trusts("arn:aws:iam::111111111111:user/bob"))
        .role(Role::new(guarded).mfa(SERIAL))
        .start();
    let try_as_ana = |more: &[(&str, &str)]| assume_as(&sts, &Keys::ana(), more);
    not_authorized(&try_as_ana(&[]), ANA, ROLE);
    not_authorized(&try_as_ana(&[("ExternalId", "ext-43")]), ANA, ROLE);
    not_authorized(&try_as_ana(&[("RoleArn", other)]), ANA, other);
    not_authorized(&try_as_ana(&[("RoleArn", guarded)]), ANA, guarded);
    let missing = "arn:aws:iam::222222222222:role/missing";
    not_authorized(&try_as_ana(&[("RoleArn", missing)]), ANA, missing);
    assert_eq!(try_as_ana(&[("ExternalId", "ext-42")]).status, 200);
}

#[test]
fn a_code_is_accepted_once() {
    let sts = server()
        .role(Role::new(ROLE).mfa(SERIAL))
        .mfa_code(SERIAL, "123456")
        .mfa_code(SERIAL, "654321")
        .start();
    let with = |serial, code| assume_as(&sts, &Keys::ana(), &[("SerialNumber", serial), ("TokenCode", code)]);
    assert_eq!(with(SERIAL, "123456").status, 200);
    denied(&with(SERIAL, "123456"), WRONG_CODE);
    denied(&with(SERIAL, "000000"), WRONG_CODE);
    assert_eq!(with(SERIAL, "654321").status, 200);
    denied(
        &with("arn:aws:iam::111111111111:mfa/bob", "123456"),
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA \
         serial number is valid and associated with this user.",
    );
    denied(
        &assume_as(&sts, &Keys::ana(), &[("SerialNumber", SERIAL)]),
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass \
         code.",
    );
}

#[test]
fn an_mfa_session_opens_roles_without_another_code() {
    let sts = server()
        .role(Role::new(ROLE).mfa(SERIAL))
        .mfa_code(SERIAL, "123456")
        .start();
    let plain = call(&sts, &Keys::ana(), &[("Action", "GetSessionToken")]).keys();
    not_authorized(&assume_as(&sts, &plain, &[]), ANA, ROLE);
    let form = [
        ("Action", "GetSessionToken"),
        ("SerialNumber", SERIAL),
        ("TokenCode", "123456"),
        ("DurationSeconds", "129600"),
    ];
    let session = call(&sts, &Keys::ana(), &form).keys();
    assert_eq!(call(&sts, &session, IDENTITY).text("Arn"), ANA);
    assert_eq!(assume_as(&sts, &session, &[]).status, 200);
    denied(
        &call(&sts, &session, &[("Action", "GetSessionToken")]),
        "Cannot call GetSessionToken with session credentials",
    );
}

#[test]
fn a_chain_is_an_hour_long() {
    let hub = "arn:aws-us-gov:iam::333333333333:role/teams/hub";
    let sts = server()
        .role(
            Role::new(hub)
                .trusts("arn:aws:iam::111111111111:root")
                .max_duration(43200),
        )
        .role(Role::new(ROLE).trusts(hub).max_duration(43200))
        .start();
    let form = [("RoleArn", hub), ("DurationSeconds", "43200")];
    let reply = assume_as(&sts, &Keys::ana(), &form);
    let session = "arn:aws-us-gov:sts::333333333333:assumed-role/hub/ana";
    assert_eq!(reply.text("Arn"), session);
    let keys = reply.keys();
    invalid(
        &assume_as(&sts, &keys, &[("DurationSeconds", "3601")]),
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role \
         chaining.",
    );
    assert_eq!(assume_as(&sts, &keys, &[("DurationSeconds", "3600")]).status, 200);
    not_authorized(&assume_as(&sts, &keys, &[("RoleArn", hub)]), session, hub);
    not_authorized(&assume_as(&sts, &Keys::ana(), &[]), ANA, ROLE);
}

#[test]
fn durations_and_names_have_limits() {
    let sts = server().role(Role::new(ROLE).max_duration(7200)).start();
    let try_as_ana = |more: &[(&str, &str)]| assume_as(&sts, &Keys::ana(), more);
    assert_eq!(try_as_ana(&[("DurationSeconds", "7200")]).status, 200);
    invalid(
        &try_as_ana(&[("DurationSeconds", "7201")]),
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    invalid(
        &try_as_ana(&[("DurationSeconds", "899")]),
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy \
         constraint: Member must have value greater than or equal to 900",
    );
    invalid(
        &try_as_ana(&[("RoleSessionName", "x y")]),
        "1 validation error detected: Value 'x y' at 'roleSessionName' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    );
    invalid(
        &try_as_ana(&[("SerialNumber", SERIAL), ("TokenCode", "12345")]),
        "1 validation error detected: Value '12345' at 'tokenCode' failed to satisfy constraint: \
         Member must have length greater than or equal to 6",
    );
    let user = [("RoleArn", "arn:aws:iam::222222222222:user/x")];
    invalid(&try_as_ana(&user), "arn:aws:iam::222222222222:user/x is invalid");
    let (status, code, _) = call(&sts, &Keys::ana(), &[("Action", "Nonsense")]).error();
    assert_eq!((status, code.as_str()), (400, "InvalidAction"));
}

#[test]
fn root_assumes_nothing() {
    let root = "arn:aws:iam::111111111111:root";
    let sts = server().user("AKIAROOT", "secret", root).role(Role::new(ROLE)).start();
    let keys = Keys::new("AKIAROOT", "secret", None);
    denied(
        &assume_as(&sts, &keys, &[]),
        "Roles may not be assumed by root accounts.",
    );
    assert_eq!(call(&sts, &keys, IDENTITY).text("UserId"), "111111111111");
}

#[test]
fn a_web_identity_needs_no_signature() {
    let closed = "arn:aws:iam::222222222222:role/closed";
    let choosy = "arn:aws:iam::222222222222:role/choosy";
    let sts = server()
        .role(Role::new(ROLE))
        .role(Role::new(closed).trusts(ANA))
        .role(Role::new(choosy).web_identity_token("x.y.z"))
        .start();
    let ask = |role, token| {
        let body = encode(&[
            ("Action", "AssumeRoleWithWebIdentity"),
            ("RoleArn", role),
            ("RoleSessionName", "web"),
            ("WebIdentityToken", token),
        ]);
        send(&sts, &plain("POST", "/", &[("Host", "x")], &body))
    };
    let keys = ask(ROLE, "a.b.c").keys();
    let arn = "arn:aws:sts::222222222222:assumed-role/marketingadmin/web";
    assert_eq!(call(&sts, &keys, IDENTITY).text("Arn"), arn);
    let [request, _] = sts.requests().try_into().expect("two requests");
    assert_eq!(request.action, "AssumeRoleWithWebIdentity");
    assert_eq!((request.signer, request.region, request.verified), (None, None, false));
    denied(
        &ask(closed, "a.b.c"),
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
    assert_eq!(ask(choosy, "x.y.z").status, 200);
    let wrong = "Incorrect token audience".to_owned();
    assert_eq!(
        ask(choosy, "a.b.c").error(),
        (400, "InvalidIdentityToken".to_owned(), wrong)
    );
}
