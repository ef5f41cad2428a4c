//! A home with profiles of every kind that the AWS CLI keeps sessions for, and an AWS for it.

use fake_sts::{FakeProxy, FakeSts, Role};

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

/// What stands for AWS: an STS under its real names, and the proxy by which it is reached.
pub struct Aws {
    pub sts: FakeSts,
    proxy: FakeProxy,
}

impl Aws {
    pub fn start() -> Self {
        let role = |name: &str| Role::new(&format!("arn:aws:iam::222222222222:role/{name}"));
        let sts = FakeSts::builder()
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
            .start_tls();
        let proxy = FakeProxy::to(sts.port()).start();
        Self { sts, proxy }
    }

    /// A home that knows of no custom endpoint, and has no session on disk.
    pub fn home(&self) -> Home {
        let home = Home::with(CONFIG, CREDENTIALS).unset("AWS_ENDPOINT_URL_STS");
        home.write("token", TOKEN);
        let bundle = home.write("ca.pem", self.sts.ca_pem());
        home.set("HTTPS_PROXY", self.proxy.url())
            .set("AWS_CA_BUNDLE", bundle)
            .set("AWS_REGION", "us-east-1")
            .set("AWS_DEFAULT_REGION", "us-east-1")
            .set("AWS_MAX_ATTEMPTS", "1")
            // Version 2 shows its answer in `less` on a terminal.
            .set("AWS_PAGER", "")
    }
}
