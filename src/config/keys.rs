//! Every key that is read from the AWS CLI's files or written to them, once. Other keys are ignored.

macro_rules! keys {
    ($($(#[$meta:meta])* $key:ident = $name:literal;)*) => {
        $($(#[$meta])* pub const $key: &str = $name;)*

        /// All of them.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

keys! {
    ROLE_ARN = "role_arn";
    SOURCE_PROFILE = "source_profile";
    CREDENTIAL_SOURCE = "credential_source";
    ROLE_SESSION_NAME = "role_session_name";
    EXTERNAL_ID = "external_id";
    DURATION_SECONDS = "duration_seconds";
    MFA_SERIAL = "mfa_serial";
    /// rolenv's own: a command that prints an MFA code.
    MFA_PROCESS = "mfa_process";
    /// rolenv's own: the duration of MFA sessions, or `off`.
    MFA_SESSION_DURATION = "mfa_session_duration";

    AWS_ACCESS_KEY_ID = "aws_access_key_id";
    AWS_SECRET_ACCESS_KEY = "aws_secret_access_key";
    AWS_SESSION_TOKEN = "aws_session_token";
    /// The old name of the token, which the AWS CLI reads first, even if it is empty.
    AWS_SECURITY_TOKEN = "aws_security_token";
    /// The account of the keys.
    AWS_ACCOUNT_ID = "aws_account_id";
    CREDENTIAL_PROCESS = "credential_process";
    WEB_IDENTITY_TOKEN_FILE = "web_identity_token_file";
    SSO_SESSION = "sso_session";
    SSO_START_URL = "sso_start_url";
    SSO_REGION = "sso_region";
    SSO_ACCOUNT_ID = "sso_account_id";
    SSO_ROLE_NAME = "sso_role_name";
    /// Of `aws login`; not supported.
    LOGIN_SESSION = "login_session";
    /// The expiration of stored keys. saml2aws and okta-aws-cli write it, and prompts such as starship read it; the AWS CLI
    /// and the SDKs ignore it.
    X_SECURITY_TOKEN_EXPIRES = "x_security_token_expires";
    /// Marks a section that rolenv wrote: the access key ID, then the region if one was written. With other keys the section
    /// is the user's.
    ROLENV_SESSION = "rolenv_session";

    REGION = "region";
    ENDPOINT_URL = "endpoint_url";
    SERVICES = "services";
    IGNORE_CONFIGURED_ENDPOINT_URLS = "ignore_configured_endpoint_urls";
    USE_FIPS_ENDPOINT = "use_fips_endpoint";
    USE_DUALSTACK_ENDPOINT = "use_dualstack_endpoint";
    CA_BUNDLE = "ca_bundle";
    RETRY_MODE = "retry_mode";
    MAX_ATTEMPTS = "max_attempts";
    EC2_METADATA_SERVICE_ENDPOINT = "ec2_metadata_service_endpoint";
    EC2_METADATA_SERVICE_ENDPOINT_MODE = "ec2_metadata_service_endpoint_mode";
    EC2_METADATA_V1_DISABLED = "ec2_metadata_v1_disabled";
    METADATA_SERVICE_TIMEOUT = "metadata_service_timeout";
    METADATA_SERVICE_NUM_ATTEMPTS = "metadata_service_num_attempts";
}

/// Keys that take precedence over access keys of the credentials file in the AWS CLI.
pub const OVERRIDING: [&str; 4] = [ROLE_ARN, WEB_IDENTITY_TOKEN_FILE, SSO_ROLE_NAME, SSO_ACCOUNT_ID];

/// All keys that define credentials in another way than access keys.
pub const IDENTITY: [&str; 9] = [
    ROLE_ARN,
    WEB_IDENTITY_TOKEN_FILE,
    SSO_ROLE_NAME,
    SSO_ACCOUNT_ID,
    SSO_SESSION,
    SSO_START_URL,
    SSO_REGION,
    CREDENTIAL_PROCESS,
    LOGIN_SESSION,
];

/// Whether a value on several lines is a mistake: usually an indented key, maybe a secret. (The line breaks of a command
/// separate its arguments. The others do not affect the session.)
pub fn is_one_line(key: &str) -> bool {
    let others = [
        CREDENTIAL_PROCESS,
        MFA_PROCESS,
        LOGIN_SESSION,
        X_SECURITY_TOKEN_EXPIRES,
        ROLENV_SESSION,
        AWS_ACCOUNT_ID,
    ];
    !others.contains(&key)
}
