//! Profiles of every kind that the AWS CLI keeps sessions for, and homes with them.

#![allow(dead_code, unreachable_pub)]

use fake_sts::{FakeProxy, FakeSts, Role};

use crate::kept::ROLES;
use crate::support::{CREDENTIALS, Home, KEY, MFA, USER};

pub const CONFIG: &str = "\
[profile plain]
role_arn = arn:aws:iam::222222222222:role/plain
source_profile = base

[profile external]
role_arn = arn:aws:iam::222222222222:role/external
source_profile = base
external_id = ext/42=ok

[profile timed]
role_arn = arn:aws:iam::222222222222:role/timed
source_profile = base
duration_seconds = 7200

[profile named]
role_arn = arn:aws:iam::222222222222:role/named
source_profile = base
role_session_name = ana@example

[profile all]
role_arn = arn:aws:iam::222222222222:role/path/all
source_profile = base
external_id = ext
duration_seconds = 3600
role_session_name = ana

[profile secured]
role_arn = arn:aws:iam::222222222222:role/secured
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/ana

[profile chained]
role_arn = arn:aws:iam::222222222222:role/chained
source_profile = external
role_session_name = last

[profile web]
role_arn = arn:aws:iam::222222222222:role/web
web_identity_token_file = token

[profile base]
region = eu-central-1
";

pub const PROFILES: [&str; 8] = [
    "plain", "external", "timed", "named", "all", "secured", "chained", "web",
];

pub const TOKEN: &str = "eyJhbGciOiJub25lIn0.e30.";

pub fn sts() -> FakeSts {
    let role = |name: &str| Role::new(&format!("arn:aws:iam::222222222222:role/{name}"));
    FakeSts::builder()
        .user(KEY.0, KEY.1, USER)
        .role(role("plain"))
        .role(role("external").external_id("ext/42=ok"))
        .role(role("timed").max_duration(43_200))
        .role(role("named"))
        .role(role("path/all").external_id("ext"))
        .role(role("secured").mfa(MFA))
        .role(role("chained").trusts("arn:aws:iam::222222222222:role/external"))
        .role(role("web").web_identity_token(TOKEN))
        .mfa_code(MFA, "123456")
        .start()
}

pub fn home(sts: &FakeSts) -> Home {
    let home = Home::with(CONFIG, CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    home.write("token", TOKEN);
    home.set("AWS_MAX_ATTEMPTS", "1")
}

/// A home that knows of no server of its own: what is asked of AWS goes to a proxy that lets nothing through.
pub fn without_server(proxy: &FakeProxy) -> Home {
    let home = Home::with(CONFIG, CREDENTIALS).unset("AWS_ENDPOINT_URL_STS");
    home.write("token", TOKEN);
    std::fs::create_dir_all(home.path(ROLES)).expect("a directory");
    home.set("HTTPS_PROXY", proxy.url()).set("AWS_MAX_ATTEMPTS", "1")
}
