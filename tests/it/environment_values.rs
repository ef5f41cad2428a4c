//! The variables of the AWS tools and our own with values that nobody meant: rolenv assumes the role or says why not, and never
//! breaks.

#![cfg(unix)]

use crate::support;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use support::{Home, Run, world};

const VARIABLES: [&str; 70] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCOUNT_ID",
    "AWS_APP_ID",
    "AWS_AUTH_SCHEME_PREFERENCE",
    "AWS_CA_BUNDLE",
    "AWS_CLI_AUTO_PROMPT",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_DATA_PATH",
    "AWS_DEFAULTS_MODE",
    "AWS_DEFAULT_OUTPUT",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_DISABLE_REQUEST_COMPRESSION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_EC2_METADATA_V1_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_STS",
    "AWS_EXECUTION_ENV",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_MAX_ATTEMPTS",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    "AWS_METADATA_SERVICE_TIMEOUT",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_RETRY_MODE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SDK_UA_APP_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_EXPIRATION",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_SIGV4A_SIGNING_REGION_SET",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "ALL_PROXY",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "ROLENV_MFA_CODE",
    "ROLENV_PROFILE",
    "ROLENV_RESTORE",
    "ROLENV_ROLE_ARN",
    "ROLENV_SHELL",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "USER",
    "_X_AMZN_TRACE_ID",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// What a run may end in: a whole script, or the failing statement and a message.
fn is_sound(run: &Run) -> bool {
    let failed = run.stdout == "false;\n" && run.stderr.starts_with("rolenv: ") && matches!(run.status, Some(1 | 2));
    let done = run.status == Some(0) && run.stdout.contains("export AWS_SECRET_ACCESS_KEY=");
    (failed || done) && !run.stderr.contains("internal error")
}

#[test]
fn no_value_of_a_variable_breaks_anything() {
    let sts = world().start();
    let values: [(&str, OsString); 6] = [
        ("nothing", "".into()),
        ("x", "x".into()),
        ("long", "a1-".repeat(40_000).into()),
        ("no UTF-8", OsString::from_vec(b"a\xff\xfe/b".to_vec())),
        ("a line break", "a\nb".into()),
        ("quotes", "'\"`$(exit 9)`;".into()),
    ];
    for name in VARIABLES {
        for (what, value) in &values {
            // Whatever a value switches off, nothing leaves this machine.
            let home = Home::new(&sts)
                .set("AWS_ENDPOINT_URL", sts.url())
                .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
                .set(name, value.clone());
            for target in ["marketingadmin", "123456789012:x"] {
                let run = home.rolenv(&["assume", target, "--shell", "sh"]);
                assert!(is_sound(&run), "{name} is {what}, target {target}: {run:?}");
            }
            let run = home.rolenv(&["clear", "--shell", "sh"]);
            assert!(
                run.status == Some(0) && run.stdout.ends_with(";\n"),
                "{name} is {what}: {run:?}"
            );
            let run = home.rolenv(&["explain", "marketingadmin"]);
            assert!(
                matches!(run.status, Some(0..=2)) && !run.stderr.contains("internal error"),
                "{name} is {what}: {run:?}"
            );
        }
    }
}
