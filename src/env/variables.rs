//! Every variable that is read, besides those that [`super::Var`] sets, and those that a path in `AWS_CONFIG_FILE` or
//! `AWS_SHARED_CREDENTIALS_FILE` names.

macro_rules! variables {
    ($($(#[$meta:meta])* $name:ident)*) => {
        $($(#[$meta])* pub const $name: &str = stringify!($name);)*

        /// All of them but the proxies.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

variables! {
    AWS_CONFIG_FILE
    AWS_SHARED_CREDENTIALS_FILE

    AWS_ROLE_ARN
    AWS_ROLE_SESSION_NAME
    AWS_WEB_IDENTITY_TOKEN_FILE
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
    AWS_CONTAINER_CREDENTIALS_FULL_URI
    AWS_CONTAINER_AUTHORIZATION_TOKEN
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
    AWS_EC2_METADATA_DISABLED
    AWS_EC2_METADATA_SERVICE_ENDPOINT
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE
    AWS_EC2_METADATA_V1_DISABLED
    AWS_METADATA_SERVICE_TIMEOUT
    AWS_METADATA_SERVICE_NUM_ATTEMPTS

    AWS_ENDPOINT_URL
    AWS_ENDPOINT_URL_STS
    AWS_ENDPOINT_URL_SSO
    AWS_ENDPOINT_URL_SSO_OIDC
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
    AWS_USE_FIPS_ENDPOINT
    AWS_USE_DUALSTACK_ENDPOINT
    AWS_CA_BUNDLE
    /// What Python's HTTP library goes by.
    REQUESTS_CA_BUNDLE
    AWS_RETRY_MODE
    AWS_MAX_ATTEMPTS

    /// The shell that reads the output, where no known shell is an ancestor of this process.
    ROLENV_SHELL
    ROLENV_MFA_CODE
    /// The duration of MFA sessions, or `off`.
    ROLENV_MFA_SESSION

    HOME
    /// The home on Windows.
    USERPROFILE
    SHELL
    PATH
    USER
    LOGNAME
    USERNAME
}

/// The proxies, by Python's rules: lower case first.
pub const HTTP_PROXY: [&str; 2] = ["http_proxy", "HTTP_PROXY"];
pub const HTTPS_PROXY: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
pub const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
